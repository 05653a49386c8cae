//! The entries of a network: the input, the layers, the settings.

use netdsl_layers::{ActivationKind, LAYERS, Problem, did_you_mean};
use proc_macro2::{Delimiter, Group, TokenTree};

use super::Parser;
use super::node::structure;
use crate::language::cursor::Cursor;
use crate::language::level::LevelAttribute;
use crate::language::places::Extent;
use crate::language::tree::{Entry, Input, NetworkTree, Node, Setting};

/// The entries that follow the layers.
const SETTINGS: [&str; 4] = ["target", "loss", "optimizer", "batch"];

impl Parser {
    pub(super) fn body(&mut self, body: &Group, network: &mut NetworkTree) {
        let mut cursor = Cursor::inside(body);
        let mut first_setting: Option<&'static str> = None;
        while !cursor.at_end() {
            let before = self.problems.len();
            let start = cursor.position();
            self.entry(&mut cursor, network, &mut first_setting);
            if self.problems.len() == before && !cursor.at_end() && !cursor.is_punct(0, ',') {
                self.expected(&cursor, "`,`");
            }
            let read = cursor.position();
            if read == start {
                cursor.next();
            }
            // Where a comma is missing, what follows is an entry all the same; what is none may have been meant for a layer.
            while !cursor.at_end() && !cursor.is_punct(0, ',') && !self.begins_entry(&cursor) {
                cursor.next();
            }
            if cursor.position() > read {
                network.unreadable.push("layer");
            }
            cursor.take_punct(',');
        }
    }

    fn begins_entry(&self, cursor: &Cursor) -> bool {
        match cursor.peek(0) {
            Some(TokenTree::Ident(ident)) => {
                let named = cursor.is_punct(1, ':') && !cursor.is_path_separator(1);
                named || (ident == "target" && cursor.is_punct(1, '~')) || self.is_layer(&ident.to_string())
            }
            Some(TokenTree::Punct(hash)) => hash.as_char() == '#',
            _ => false,
        }
    }

    /// Whether a layer stands there, or several in brackets. Who writes an activation for a loss means a loss.
    fn at_layer(&self, cursor: &Cursor, as_loss: bool) -> bool {
        let within = match cursor.peek(0) {
            Some(TokenTree::Group(group)) => group.stream().into_iter().next(),
            token => token.cloned(),
        };
        let Some(TokenTree::Ident(name)) = within else { return false };
        let name = name.to_string();
        self.is_layer(&name) && !(as_loss && ActivationKind::find(&name).is_some())
    }

    /// Whether that is the name of a layer or of a structure.
    fn is_layer(&self, name: &str) -> bool {
        let is_kind = LAYERS.iter().any(|kind| kind.name == name) || ActivationKind::find(name).is_some();
        (is_kind || structure(name).is_some()) && !self.is_constant(name)
    }

    pub(super) fn entry(
        &mut self,
        cursor: &mut Cursor,
        network: &mut NetworkTree,
        first_setting: &mut Option<&'static str>,
    ) {
        let levels = self.attributes(cursor, false).levels;
        let named = cursor.is_punct(1, ':') && !cursor.is_path_separator(1);
        let target = cursor.is_ident(0, "target") && cursor.is_punct(1, '~');
        let name = match cursor.peek(0) {
            Some(TokenTree::Ident(ident)) if named || target => ident.clone(),
            _ => {
                let node = self.readable(cursor, Self::node);
                self.layer(network, Entry { levels, name: None, node }, *first_setting);
                return;
            }
        };
        cursor.next();
        cursor.next();
        let text = name.to_string();
        let extent = Extent::of(name.span());
        let is_reserved = text == "input" || SETTINGS.contains(&&*text);
        if is_reserved && !target && self.at_layer(cursor, text == "loss") {
            let message = format!("`{text}` is an entry of its own: a layer can't be called that");
            self.report_help(extent, message, "give the layer another name");
            let place = self.places.add(extent);
            let node = self.readable(cursor, Self::node);
            self.layer(network, Entry { levels, name: Some((text, place)), node }, *first_setting);
            return;
        }
        let taken = match text.as_str() {
            "input" => network.input.is_some(),
            "target" => network.target.is_some(),
            "loss" => network.loss.is_some(),
            "batch" => network.batch.is_some(),
            "optimizer" => network.optimizer.is_some(),
            _ => false,
        };
        if taken && text == "input" {
            self.report_help(
                extent,
                "a network has one input",
                "several inputs are out of scope: join them into one array before the network",
            );
        } else if taken {
            self.report(extent, format!("`{text}` is given twice"));
        }
        match text.as_str() {
            "input" => {
                if !network.entries.is_empty() || first_setting.is_some() {
                    self.report(extent, "`input` comes first");
                }
                match self.input(cursor, levels) {
                    Some(input) => {
                        network.input.get_or_insert(input);
                    }
                    None => network.unreadable.push("input"),
                }
            }
            "target" => {
                first_setting.get_or_insert("target");
                if !target {
                    self.report_help(
                        extent,
                        "`target` names a distribution",
                        "write `target ~ Uniform(0.0, 1.0)`",
                    );
                }
                match self.call(cursor) {
                    Some(value) => {
                        network.target.get_or_insert(Setting { levels, value });
                    }
                    None => network.unreadable.push("target"),
                }
            }
            "loss" => {
                first_setting.get_or_insert("loss");
                match self.call(cursor) {
                    Some(value) => {
                        network.loss.get_or_insert(Setting { levels, value });
                    }
                    None => network.unreadable.push("loss"),
                }
            }
            "optimizer" => {
                first_setting.get_or_insert("optimizer");
                match self.call(cursor) {
                    Some(value) => {
                        network.optimizer.get_or_insert(Setting { levels, value });
                    }
                    None => network.unreadable.push("optimizer"),
                }
            }
            "batch" => {
                first_setting.get_or_insert("batch");
                match self.size(cursor, "`batch`") {
                    Some(value) => {
                        network.batch.get_or_insert(Setting { levels, value });
                    }
                    None => network.unreadable.push("batch"),
                }
            }
            "clip" if !self.at_layer(cursor, false) => {
                self.report_help(
                    extent,
                    "`clip` is a setting of the optimizer",
                    "write it there: `optimizer: Sgd(learning_rate = 0.01, clip = GlobalNorm(1.0))`",
                );
                self.readable(cursor, Self::node);
            }
            _ if first_setting.is_some()
                && let Some(meant) =
                    SETTINGS.into_iter().find(|name| !did_you_mean(&text, [*name]).is_empty()) =>
            {
                self.report(extent, format!("unknown entry `{text}`: did you mean `{meant}`?"));
                network.unreadable.push(meant);
            }
            _ => {
                let place = self.places.add(extent);
                let node = self.readable(cursor, Self::node);
                self.layer(network, Entry { levels, name: Some((text, place)), node }, *first_setting);
            }
        }
    }

    /// A node, or a stand-in for one that could not be read.
    pub(super) fn readable(
        &mut self,
        cursor: &mut Cursor,
        read: impl FnOnce(&mut Self, &mut Cursor) -> Option<Node>,
    ) -> Node {
        let extent = Extent::of(cursor.span());
        read(self, cursor).unwrap_or_else(|| Node::Unreadable { place: self.places.add(extent) })
    }

    pub(super) fn layer(
        &mut self,
        network: &mut NetworkTree,
        entry: Entry,
        first_setting: Option<&'static str>,
    ) {
        let place = entry.name.as_ref().map_or(entry.node.place(), |(_, place)| *place);
        if let Some(setting) = first_setting {
            let help = format!(
                "move it before `{setting}`; the other entries are {}",
                SETTINGS.map(|name| format!("`{name}`")).join(", ")
            );
            self.problems.push(Problem::new(place, format!("layers come before `{setting}`")).help(help));
        }
        network.entries.push(entry);
    }

    pub(super) fn input(&mut self, cursor: &mut Cursor, levels: Vec<LevelAttribute>) -> Option<Input> {
        let Some(group) = cursor.take_group(Delimiter::Bracket) else {
            self.expected(cursor, "a shape such as `[100]`");
            return None;
        };
        let extent = Extent { first: group.span_open(), last: group.span_close() };
        let place = self.places.add(extent);
        let mut inside = Cursor::inside(&group);
        let mut sizes = Vec::new();
        let mut whole = true;
        while !inside.at_end() {
            match self.size(&mut inside, "a size of the input") {
                Some(size) => sizes.push(size),
                None => whole = false,
            }
            self.separator(&mut inside, &mut whole);
        }
        let distribution = if cursor.take_punct('~') { Some(self.call(cursor)?) } else { None };
        if whole && sizes.is_empty() {
            self.report_help(
                extent,
                "the input has no axis",
                "write the shape of one example, such as `[100]`",
            );
            return None;
        }
        whole.then_some(Input { levels, sizes, place, distribution })
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::SETTINGS;
    use crate::language::parse;

    /// Each is taken for an entry of its own, once.
    #[test]
    fn the_parser_knows_the_entries_that_messages_name() {
        for name in SETTINGS {
            let value = if name == "batch" { "1" } else { "Any" };
            let twice = format!("{name}: {value}, {name}: {value}");
            let block = format!("pub struct Net {{ input: [4], Dense(1), {twice} }}");
            let tokens = block.parse().expect("the block is made of tokens");
            let failure = parse(tokens, Span::call_site()).expect_err("an entry stands there twice");
            let message = format!("`{name}` is given twice");
            assert!(failure.problems.iter().any(|problem| problem.message == message), "{name}");
        }
    }
}
