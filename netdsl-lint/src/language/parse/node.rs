//! Nodes: layers and the structures around them.

use netdsl_layers::{Place, did_you_mean};
use proc_macro2::{Delimiter, Group, TokenTree};

use super::Parser;
use crate::language::cursor::Cursor;
use crate::language::places::Extent;
use crate::language::tree::Node;

/// Reads what stands in the parentheses of a structure.
type Read = fn(&mut Parser, &Group, Place) -> Option<Node>;

/// What has layers in parentheses behind its name.
const STRUCTURES: [(&str, Read); 2] = [("Residual", Parser::residual), ("Concat", Parser::concat)];

/// How the structure of that name is read, where there is one.
pub(super) fn structure(name: &str) -> Option<Read> {
    STRUCTURES.iter().find(|(known, _)| *known == name).map(|(_, read)| *read)
}

impl Parser {
    /// A comma or the end; else a problem, and on to the next comma.
    pub(super) fn separator(&mut self, cursor: &mut Cursor, whole: &mut bool) {
        if !cursor.at_end() && !cursor.is_punct(0, ',') {
            if *whole {
                self.expected(cursor, "`,`");
            }
            *whole = false;
            cursor.skip_to(&[',']);
        }
        cursor.take_punct(',');
    }

    pub(super) fn node(&mut self, cursor: &mut Cursor) -> Option<Node> {
        let start = cursor.position();
        match cursor.peek(0) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                let group = group.clone();
                cursor.next();
                let place = self.places.add(cursor.extent_from(start));
                let nodes = self.deeper(&group, |parser| {
                    let mut inside = Cursor::inside(&group);
                    parser.nodes(&mut inside, "a sequence", &[])
                })?;
                Some(Node::Sequence { place, nodes })
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                let group = group.clone();
                cursor.next();
                let place = self.places.add(cursor.extent_from(start));
                self.deeper(&group, |parser| parser.repeat(&group, place))
            }
            Some(TokenTree::Ident(ident)) if !cursor.is_path_separator(1) => {
                let name = ident.to_string();
                let Some(read) = structure(&name) else { return self.call(cursor).map(Node::Layer) };
                match cursor.peek(1) {
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                        let group = group.clone();
                        cursor.next();
                        cursor.next();
                        let place = self.places.add(cursor.extent_from(start));
                        self.deeper(&group, |parser| read(parser, &group, place))
                    }
                    _ => {
                        self.report(
                            Extent::of(cursor.span()),
                            format!("`{name}` needs layers in parentheses"),
                        );
                        cursor.next();
                        None
                    }
                }
            }
            _ => {
                self.expected(cursor, "a layer");
                None
            }
        }
    }

    /// Nodes up to the end or one of `stops`, with stand-ins for those that could not be read.
    pub(super) fn nodes(&mut self, cursor: &mut Cursor, of: &str, stops: &[char]) -> Option<Vec<Node>> {
        let at_stop = |cursor: &Cursor| cursor.at_end() || stops.iter().any(|stop| cursor.is_punct(0, *stop));
        let ends: Vec<char> = stops.iter().copied().chain([',']).collect();
        let mut nodes = Vec::new();
        let start = cursor.span();
        while !at_stop(cursor) {
            let before = self.problems.len();
            nodes.push(self.readable(cursor, Self::node));
            if self.problems.len() == before && !at_stop(cursor) && !cursor.is_punct(0, ',') {
                self.expected(cursor, "`,`");
            }
            cursor.skip_to(&ends);
            cursor.take_punct(',');
        }
        if nodes.is_empty() {
            self.report(Extent::of(start), format!("{of} has no layer"));
            return None;
        }
        Some(nodes)
    }

    pub(super) fn repeat(&mut self, group: &Group, place: Place) -> Option<Node> {
        let mut inside = Cursor::inside(group);
        let nodes = self.nodes(&mut inside, "a repetition", &[';']);
        if !inside.take_punct(';') {
            if nodes.is_some() {
                let extent = Extent { first: group.span_open(), last: group.span_close() };
                self.report_help(extent, "a repetition needs a count", "write `[layers; 10]`");
            }
            return None;
        }
        let times = self.size(&mut inside, "the count of a repetition")?;
        if !inside.at_end() {
            self.expected(&inside, "`]`");
            return None;
        }
        Some(Node::Repeat { place, nodes: nodes?, times })
    }

    pub(super) fn concat(&mut self, group: &Group, place: Place) -> Option<Node> {
        let mut inside = Cursor::inside(group);
        let mut branches = Vec::new();
        let mut whole = true;
        while !inside.at_end() {
            let before = self.problems.len();
            match inside.peek(0) {
                Some(TokenTree::Ident(ident)) if inside.is_punct(1, '=') => {
                    let message = format!("`Concat` has no setting `{ident}`");
                    let help = "it joins its branches along the features, or along the channels";
                    self.report_help(Extent::of(ident.span()), message, help);
                }
                _ => branches.push(self.readable(&mut inside, Self::node)),
            }
            whole &= self.problems.len() == before;
            if !whole {
                inside.skip_to(&[',']);
            }
            self.separator(&mut inside, &mut whole);
        }
        if branches.len() < 2 {
            if whole {
                let (open, close) = (group.span_open(), group.span_close());
                let help = "add a branch, or write the layer alone";
                self.report_help(
                    Extent { first: open, last: close },
                    "`Concat` joins at least two branches",
                    help,
                );
            }
            return None;
        }
        Some(Node::Concat { place, branches })
    }

    pub(super) fn residual(&mut self, group: &Group, place: Place) -> Option<Node> {
        let mut inside = Cursor::inside(group);
        let mut branch = Vec::new();
        let mut shortcut = None;
        let mut scale = None;
        let mut whole = true;
        while !inside.at_end() {
            let before = self.problems.len();
            match inside.peek(0) {
                Some(TokenTree::Ident(ident)) if inside.is_punct(1, '=') => {
                    let name = ident.to_string();
                    let extent = Extent::of(ident.span());
                    inside.next();
                    inside.next();
                    match name.as_str() {
                        "shortcut" => {
                            if shortcut.is_some() {
                                self.report(extent, "`shortcut` is given twice");
                            }
                            shortcut = Some(self.readable(&mut inside, Self::node));
                        }
                        "scale" => {
                            if scale.is_some() {
                                self.report(extent, "`scale` is given twice");
                            }
                            scale = self.real(&mut inside, "`scale`");
                        }
                        _ => {
                            let hint = did_you_mean(&name, ["shortcut", "scale"]);
                            self.report_help(
                                extent,
                                format!("`Residual` has no setting `{name}`{hint}"),
                                "it has `shortcut`, `scale`",
                            );
                        }
                    }
                }
                _ => {
                    let extent = Extent::of(inside.span());
                    let node = self.readable(&mut inside, Self::node);
                    if shortcut.is_some() || scale.is_some() {
                        self.report(extent, "the layers of the branch stand before `shortcut` and `scale`");
                    }
                    branch.push(node);
                }
            }
            whole &= self.problems.len() == before;
            if !whole {
                inside.skip_to(&[',']);
            }
            self.separator(&mut inside, &mut whole);
        }
        if branch.is_empty() {
            if whole {
                self.report(Extent::of(group.span_open()), "`Residual` has no layer");
            }
            return None;
        }
        let shortcut = shortcut.map(Box::new);
        Some(Node::Residual { place, branch, shortcut, scale: scale.unwrap_or(1.0) })
    }
}
