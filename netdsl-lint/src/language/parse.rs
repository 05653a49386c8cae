//! From tokens to the syntax tree, with every error on the way.

use netdsl_layers::{Argument, Call, Place, Problem, Value, did_you_mean};
use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};

use super::cursor::Cursor;
use super::level::{Level, LevelAttribute};
use super::places::{Extent, Places};
use super::resolve::resolve;
use super::tree::{Block, Constant, Entry, Input, NetworkTree, Node, Setting};
use crate::lint::LINTS;

/// How deep brackets may nest: more than anyone writes, less than what overflows the stack of a small thread.
const MAX_DEPTH: usize = 64;

/// What stands in the header of a block, as far as it could be read: enough for a stub where the rest is wrong.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// The visibility.
    pub visibility: TokenStream,
    /// The name of the struct.
    pub name: Option<proc_macro2::Ident>,
}

/// What is wrong with a block, and what of it could be read.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The header.
    pub header: Header,
    /// Every problem found, at least one.
    pub problems: Vec<Problem>,
    /// The spans behind the problems.
    pub places: Places,
}

/// Reads a block. `call_site` is what to point at where the block is empty.
///
/// Where something can't be read the rest is still resolved, so that every error is found at once.
pub fn parse(tokens: TokenStream, call_site: Span) -> Result<Block, Failure> {
    let mut parser = Parser {
        places: Places::default(),
        problems: Vec::new(),
        constants: Vec::new(),
        depth: 0,
        header: Header::default(),
    };
    let mut cursor = Cursor::new(tokens, call_site);
    let network = parser.block(&mut cursor);
    let Parser { places, mut problems, constants, header, .. } = parser;
    let Some(network) = network else { return Err(Failure { header, problems, places }) };
    let constants = constants.into_iter().filter_map(Named::into_constant).collect();
    let block = Block { places, constants, network };
    if problems.is_empty() {
        return Ok(block);
    }
    problems.extend(resolve(&block).err().unwrap_or_default());
    // Places are numbered in the order in which they were read.
    problems.sort_by_key(|problem| problem.place);
    Err(Failure { header, problems, places: block.places })
}

/// A constant whose value could be read, or one that could not but must not be reported again where it is used.
struct Named {
    attributes: TokenStream,
    name: proc_macro2::Ident,
    value: Option<usize>,
}

impl Named {
    fn into_constant(self) -> Option<Constant> {
        Some(Constant { attributes: self.attributes, name: self.name, value: self.value? })
    }
}

struct Parser {
    places: Places,
    problems: Vec<Problem>,
    constants: Vec<Named>,
    depth: usize,
    header: Header,
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i128),
    Real(f64),
}

struct Attributes {
    levels: Vec<LevelAttribute>,
    passed_on: TokenStream,
}

impl Parser {
    fn report(&mut self, extent: Extent, message: impl Into<String>) {
        let place = self.places.add(extent);
        self.problems.push(Problem::new(place, message));
    }

    fn report_help(&mut self, extent: Extent, message: impl Into<String>, help: impl Into<String>) {
        let place = self.places.add(extent);
        self.problems.push(Problem::new(place, message).help(help));
    }

    fn expected(&mut self, cursor: &Cursor, what: &str) {
        let message = format!("expected {what}, found {}", cursor.describe());
        self.report(Extent::of(cursor.span()), message);
    }

    /// Runs `read` one level deeper, or reports that the brackets nest too deep.
    fn deeper<T>(&mut self, group: &Group, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == MAX_DEPTH {
            self.report(
                Extent::of(group.span_open()),
                format!("brackets nest deeper than {MAX_DEPTH} levels"),
            );
            return None;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn block(&mut self, cursor: &mut Cursor) -> Option<NetworkTree> {
        let shape_of_a_block = "write `pub struct Name { input: [..], .., loss: .. }`";
        if cursor.at_end() {
            self.report_help(Extent::of(cursor.span()), "the block declares no network", shape_of_a_block);
            return None;
        }
        loop {
            let attributes = self.attributes(cursor, true);
            if cursor.is_ident(0, "const") {
                self.constant(cursor, attributes);
                continue;
            }
            let visibility_start = cursor.position();
            let mut visibility = TokenStream::new();
            if cursor.is_ident(0, "pub") {
                visibility.extend(cursor.next());
                if let Some(group) = cursor.take_group(Delimiter::Parenthesis) {
                    visibility.extend([TokenTree::Group(group)]);
                }
            }
            if !cursor.is_ident(0, "struct") {
                let extent = if cursor.at_end() {
                    cursor.extent_from(visibility_start)
                } else {
                    Extent::of(cursor.span())
                };
                let message = format!("expected `const` or `struct`, found {}", cursor.describe());
                self.report_help(extent, message, shape_of_a_block);
                return None;
            }
            cursor.next();
            let Some(name) = cursor.take_ident() else {
                self.expected(cursor, "the name of the network");
                return None;
            };
            self.header = Header { visibility: visibility.clone(), name: Some(name.clone()) };
            if cursor.is_punct(0, '<') {
                self.report_help(
                    Extent::of(cursor.span()),
                    "a network takes no generic parameters",
                    "the expansion is generic over `f32` and `f64` by itself",
                );
                return None;
            }
            let Some(body) = cursor.take_group(Delimiter::Brace) else {
                self.expected(cursor, "`{`");
                return None;
            };
            let name_place = self.places.add(Extent::of(name.span()));
            let mut network = NetworkTree {
                attributes: attributes.passed_on,
                levels: attributes.levels,
                visibility,
                name,
                name_place,
                unreadable: Vec::new(),
                input: None,
                entries: Vec::new(),
                target: None,
                loss: None,
                batch: None,
                optimizer: None,
            };
            self.body(&body, &mut network);
            if !cursor.at_end() {
                self.report_help(
                    Extent::of(cursor.span()),
                    "a block declares one network",
                    "put what follows into a `network!` block of its own",
                );
            }
            return Some(network);
        }
    }

    fn constant(&mut self, cursor: &mut Cursor, attributes: Attributes) {
        cursor.next();
        let Some(name) = cursor.take_ident() else {
            self.expected(cursor, "the name of a constant");
            cursor.skip_to(&[';']);
            cursor.next();
            return;
        };
        if self.constants.iter().any(|known| known.name == name) {
            self.report(Extent::of(name.span()), format!("the constant `{name}` is defined twice"));
        }
        let typed = cursor.take_punct(':') && cursor.is_ident(0, "usize");
        if !typed {
            self.report_help(
                Extent::of(cursor.span()),
                format!("the constant `{name}` must be a `usize`"),
                format!("write `const {name}: usize = ..;`"),
            );
            cursor.skip_to(&[';', '=']);
        } else {
            cursor.next();
        }
        let mut value = None;
        if cursor.take_punct('=') {
            value = self.integer(cursor).map(|(value, _)| value);
        } else if typed {
            self.expected(cursor, "`=`");
        }
        if value.is_some() && !cursor.is_punct(0, ';') {
            self.expected(cursor, "`;`");
        }
        cursor.skip_to(&[';']);
        cursor.next();
        self.constants.push(Named { attributes: attributes.passed_on, name, value });
    }

    /// Attributes before an item or an entry. On the network those of others are passed on, on an entry only
    /// documentation is.
    fn attributes(&mut self, cursor: &mut Cursor, on_item: bool) -> Attributes {
        let mut attributes = Attributes { levels: Vec::new(), passed_on: TokenStream::new() };
        while cursor.is_punct(0, '#') {
            let Some(hash) = cursor.next() else { break };
            let Some(group) = cursor.take_group(Delimiter::Bracket) else {
                self.expected(cursor, "`[`");
                break;
            };
            let mut inside = Cursor::inside(&group);
            let Some(name) = inside.take_ident() else {
                self.expected(&inside, "an attribute");
                continue;
            };
            let lints = Level::named(&name.to_string())
                .and_then(|level| Some((level, inside.take_group(Delimiter::Parenthesis)?)));
            if let Some((level, lints)) = lints {
                let rest = self.lint_levels(level, &lints, on_item, &mut attributes.levels);
                if !rest.is_empty() {
                    let list = Group::new(Delimiter::Parenthesis, rest);
                    let inner = [TokenTree::Ident(name), TokenTree::Group(list)].into_iter().collect();
                    attributes
                        .passed_on
                        .extend([hash, TokenTree::Group(Group::new(Delimiter::Bracket, inner))]);
                }
            } else if on_item || name == "doc" {
                attributes.passed_on.extend([hash, TokenTree::Group(group)]);
            } else {
                self.report_help(
                    Extent { first: group.span_open(), last: group.span_close() },
                    format!("an entry takes no attribute `{name}`"),
                    "lint levels can stand here: `allow`, `warn`, `deny`, `expect`",
                );
            }
        }
        attributes
    }

    /// Reads the names in `allow(..)`, and returns those that are rustc's.
    fn lint_levels(
        &mut self,
        level: Level,
        list: &Group,
        on_item: bool,
        levels: &mut Vec<LevelAttribute>,
    ) -> TokenStream {
        let mut rest = TokenStream::new();
        let mut cursor = Cursor::inside(list);
        while !cursor.at_end() {
            let start = cursor.position();
            let name = match cursor.peek(0) {
                Some(TokenTree::Ident(ident)) => ident.to_string(),
                _ => String::new(),
            };
            cursor.skip_to(&[',']);
            let extent = cursor.extent_from(start);
            let simple = cursor.position() == start + 1;
            if let Some(lint) = LINTS.iter().find(|lint| simple && lint.name() == name) {
                let place = self.places.add(extent);
                levels.push(LevelAttribute { level, lint: lint.name(), place });
            } else if name == "reason" {
                // `reason = ".."` documents the attribute for its readers.
            } else {
                let hint = did_you_mean(&name, LINTS.iter().map(|lint| lint.name()));
                if !on_item || !hint.is_empty() {
                    self.report(extent, format!("unknown lint `{name}`{hint}"));
                } else {
                    let mut again = Cursor::inside(list);
                    while again.position() < start {
                        again.next();
                    }
                    while again.position() < cursor.position() {
                        rest.extend(again.next());
                    }
                    rest.extend([TokenTree::Punct(proc_macro2::Punct::new(
                        ',',
                        proc_macro2::Spacing::Alone,
                    ))]);
                }
            }
            cursor.take_punct(',');
        }
        rest
    }

    fn body(&mut self, body: &Group, network: &mut NetworkTree) {
        let mut cursor = Cursor::inside(body);
        let mut first_setting: Option<&'static str> = None;
        while !cursor.at_end() {
            let before = self.problems.len();
            let start = cursor.position();
            self.entry(&mut cursor, network, &mut first_setting);
            if self.problems.len() == before && !cursor.at_end() && !cursor.is_punct(0, ',') {
                self.expected(&cursor, "`,`");
            }
            if cursor.position() == start {
                cursor.next();
            }
            cursor.skip_to(&[',']);
            cursor.take_punct(',');
        }
    }

    fn entry(
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
            _ => {
                let place = self.places.add(extent);
                let node = self.readable(cursor, Self::node);
                self.layer(network, Entry { levels, name: Some((text, place)), node }, *first_setting);
            }
        }
    }

    /// A node, or a stand-in for one that could not be read.
    fn readable(
        &mut self,
        cursor: &mut Cursor,
        read: impl FnOnce(&mut Self, &mut Cursor) -> Option<Node>,
    ) -> Node {
        let extent = Extent::of(cursor.span());
        read(self, cursor).unwrap_or_else(|| Node::Unreadable { place: self.places.add(extent) })
    }

    fn layer(&mut self, network: &mut NetworkTree, entry: Entry, first_setting: Option<&'static str>) {
        let place = entry.name.as_ref().map_or(entry.node.place(), |(_, place)| *place);
        if let Some(setting) = first_setting {
            let help = format!("move it before `{setting}`");
            self.problems.push(Problem::new(place, format!("layers come before `{setting}`")).help(help));
        }
        network.entries.push(entry);
    }

    fn input(&mut self, cursor: &mut Cursor, levels: Vec<LevelAttribute>) -> Option<Input> {
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

    /// A comma or the end; else a problem, and on to the next comma.
    fn separator(&mut self, cursor: &mut Cursor, whole: &mut bool) {
        if !cursor.at_end() && !cursor.is_punct(0, ',') {
            if *whole {
                self.expected(cursor, "`,`");
            }
            *whole = false;
            cursor.skip_to(&[',']);
        }
        cursor.take_punct(',');
    }

    fn node(&mut self, cursor: &mut Cursor) -> Option<Node> {
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
                let structure = ident.to_string();
                match (structure.as_str(), cursor.peek(1)) {
                    ("Residual", Some(TokenTree::Group(group)))
                        if group.delimiter() == Delimiter::Parenthesis =>
                    {
                        let group = group.clone();
                        cursor.next();
                        cursor.next();
                        let place = self.places.add(cursor.extent_from(start));
                        self.deeper(&group, |parser| parser.residual(&group, place))
                    }
                    ("Concat", Some(TokenTree::Group(group)))
                        if group.delimiter() == Delimiter::Parenthesis =>
                    {
                        let group = group.clone();
                        cursor.next();
                        cursor.next();
                        let place = self.places.add(cursor.extent_from(start));
                        let branches = self.deeper(&group, |parser| {
                            parser.nodes(&mut Cursor::inside(&group), "`Concat`", &[])
                        })?;
                        if branches.len() < 2 {
                            self.report(
                                Extent::of(group.span_open()),
                                "`Concat` joins at least two branches",
                            );
                            return None;
                        }
                        Some(Node::Concat { place, branches })
                    }
                    ("Residual" | "Concat", _) => {
                        let message = format!("`{structure}` needs layers in parentheses");
                        self.report(Extent::of(cursor.span()), message);
                        cursor.next();
                        None
                    }
                    _ => self.call(cursor).map(Node::Layer),
                }
            }
            _ => {
                self.expected(cursor, "a layer");
                None
            }
        }
    }

    /// Nodes up to the end or one of `stops`, with stand-ins for those that could not be read.
    fn nodes(&mut self, cursor: &mut Cursor, of: &str, stops: &[char]) -> Option<Vec<Node>> {
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

    fn repeat(&mut self, group: &Group, place: Place) -> Option<Node> {
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

    fn residual(&mut self, group: &Group, place: Place) -> Option<Node> {
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

    fn call(&mut self, cursor: &mut Cursor) -> Option<Call> {
        let start = cursor.position();
        let Some(name) = cursor.take_ident() else {
            self.expected(cursor, "a name");
            return None;
        };
        if cursor.is_path_separator(0) {
            return self.outside(cursor, start);
        }
        let name_place = self.places.add(Extent::of(name.span()));
        let (mut arguments, mut whole) = (Vec::new(), true);
        if let Some(group) = cursor.take_group(Delimiter::Parenthesis) {
            (arguments, whole) = self.deeper(&group, |parser| Some(parser.arguments(&group)))?;
        }
        let place = self.places.add(cursor.extent_from(start));
        Some(Call { name: name.to_string(), name_place, place, arguments, incomplete: !whole })
    }

    /// A path: the macro can't look through it.
    fn outside<T>(&mut self, cursor: &mut Cursor, start: usize) -> Option<T> {
        while cursor.is_path_separator(0) {
            cursor.next();
            cursor.next();
            cursor.take_ident();
        }
        self.report_help(
            cursor.extent_from(start),
            "a path leads out of the block, where the macro can't see",
            "write the value itself, or declare it in the block: `const WIDTH: usize = 128;` before the struct, \
             which the rest of the program can then use as `Name::WIDTH`",
        );
        None
    }

    /// The arguments that could be read, and whether those are all.
    fn arguments(&mut self, group: &Group) -> (Vec<Argument>, bool) {
        let mut inside = Cursor::inside(group);
        let mut arguments: Vec<Argument> = Vec::new();
        let mut whole = true;
        while !inside.at_end() {
            let name = match inside.peek(0) {
                Some(TokenTree::Ident(ident)) if inside.is_punct(1, '=') => {
                    let name = (ident.to_string(), Extent::of(ident.span()));
                    inside.next();
                    inside.next();
                    Some((name.0, self.places.add(name.1)))
                }
                _ => None,
            };
            match self.value(&mut inside) {
                Some((value, place)) => {
                    if name.is_none() && arguments.iter().any(|argument| argument.name.is_some()) {
                        self.problems.push(
                            Problem::new(place, "a positional argument stands behind a named one")
                                .help("positional arguments come first"),
                        );
                        whole = false;
                    }
                    arguments.push(Argument { name, value, place });
                }
                None => {
                    whole = false;
                    inside.skip_to(&[',']);
                }
            }
            self.separator(&mut inside, &mut whole);
        }
        (arguments, whole)
    }

    fn value(&mut self, cursor: &mut Cursor) -> Option<(Value, Place)> {
        let start = cursor.position();
        match cursor.peek(0) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                let group = group.clone();
                cursor.next();
                let place = self.places.add(cursor.extent_from(start));
                let list = self.deeper(&group, |parser| parser.list(&group))?;
                Some((Value::List(list), place))
            }
            Some(TokenTree::Ident(ident)) if *ident == "true" || *ident == "false" => {
                let truth = *ident == "true";
                cursor.next();
                Some((Value::Boolean(truth), self.places.add(cursor.extent_from(start))))
            }
            Some(TokenTree::Ident(ident)) if !self.is_constant(&ident.to_string()) => {
                let arithmetic = ['+', '-', '*', '/'].iter().any(|operator| cursor.is_punct(1, *operator));
                if arithmetic || looks_like_constant(&ident.to_string()) && !cursor.is_path_separator(1) {
                    return self.unknown_constant(cursor);
                }
                let call = self.call(cursor)?;
                let place = call.place;
                Some((Value::Call(call), place))
            }
            _ => {
                let number = self.number(cursor)?;
                let place = self.places.add(cursor.extent_from(start));
                let value = match number {
                    Number::Integer(integer) => match usize::try_from(integer) {
                        Ok(integer) => Value::Integer(integer),
                        Err(_) => Value::Real(integer as f64),
                    },
                    Number::Real(real) => Value::Real(real),
                };
                Some((value, place))
            }
        }
    }

    fn list(&mut self, group: &Group) -> Option<Vec<(Value, Place)>> {
        let mut inside = Cursor::inside(group);
        let mut values = Vec::new();
        let mut whole = true;
        while !inside.at_end() {
            match self.value(&mut inside) {
                Some(value) => values.push(value),
                None => {
                    whole = false;
                    inside.skip_to(&[',']);
                }
            }
            self.separator(&mut inside, &mut whole);
        }
        whole.then_some(values)
    }

    fn is_constant(&self, name: &str) -> bool {
        self.constants.iter().any(|constant| constant.name == name)
    }

    fn unknown_constant<T>(&mut self, cursor: &mut Cursor) -> Option<T> {
        let name = cursor.take_ident()?.to_string();
        let names: Vec<String> = self.constants.iter().map(|constant| constant.name.to_string()).collect();
        let hint = did_you_mean(&name, names.iter().map(String::as_str));
        let extent = cursor.extent_from(cursor.position() - 1);
        let message = format!("no constant `{name}` in this block{hint}");
        if hint.is_empty() {
            let help = format!(
                "a macro can't see constants from elsewhere: declare it in the block, `const {name}: usize = ..;` \
                 before the struct; the rest of the program can then use it as `Name::{name}`"
            );
            self.report_help(extent, message, help);
        } else {
            self.report(extent, message);
        }
        None
    }

    /// A whole number of at least 1, of at most what a size can be.
    fn size(&mut self, cursor: &mut Cursor, what: &str) -> Option<(usize, Place)> {
        let (size, place) = self.integer(cursor)?;
        if size == 0 {
            self.problems.push(Problem::new(place, format!("{what} is at least 1, not 0")));
            return None;
        }
        if size > netdsl_layers::Shape::MAX_SIZE {
            let most = netdsl_layers::Shape::MAX_SIZE;
            self.problems.push(Problem::new(place, format!("{what} is at most {most}, not {size}")));
            return None;
        }
        Some((size, place))
    }

    fn integer(&mut self, cursor: &mut Cursor) -> Option<(usize, Place)> {
        let start = cursor.position();
        let number = self.number(cursor)?;
        let extent = cursor.extent_from(start);
        match number {
            Number::Integer(integer) => match usize::try_from(integer) {
                Ok(integer) => Some((integer, self.places.add(extent))),
                Err(_) => {
                    self.report(extent, format!("expected a whole number of at least 0, found `{integer}`"));
                    None
                }
            },
            Number::Real(real) => {
                self.report(extent, format!("expected a whole number, found `{real:?}`"));
                None
            }
        }
    }

    fn real(&mut self, cursor: &mut Cursor, what: &str) -> Option<f64> {
        if matches!(cursor.peek(0), Some(TokenTree::Ident(_)))
            && !self.is_constant(&cursor.peek(0)?.to_string())
        {
            let message = format!("{what} is a number, not {}", cursor.describe());
            self.report(Extent::of(cursor.span()), message);
            return None;
        }
        Some(match self.number(cursor)? {
            Number::Integer(integer) => integer as f64,
            Number::Real(real) => real,
        })
    }

    /// Sums of products of literals, constants and parentheses.
    fn number(&mut self, cursor: &mut Cursor) -> Option<Number> {
        let mut sum = self.term(cursor)?;
        while cursor.is_punct(0, '+') || cursor.is_punct(0, '-') {
            let plus = cursor.is_punct(0, '+');
            let operator = cursor.span();
            cursor.next();
            let right = self.term(cursor)?;
            sum = self.arithmetic(operator, sum, right, |left, right| {
                if plus { left.checked_add(right) } else { left.checked_sub(right) }
            })?;
        }
        Some(sum)
    }

    fn term(&mut self, cursor: &mut Cursor) -> Option<Number> {
        let mut product = self.factor(cursor)?;
        while cursor.is_punct(0, '*') || cursor.is_punct(0, '/') {
            let times = cursor.is_punct(0, '*');
            let operator = cursor.span();
            cursor.next();
            let right = self.factor(cursor)?;
            if let (false, Number::Integer(0)) = (times, right) {
                self.report(Extent::of(operator), "division by zero");
                return None;
            }
            product = self.arithmetic(operator, product, right, |left, right| {
                if times { left.checked_mul(right) } else { left.checked_div(right) }
            })?;
        }
        Some(product)
    }

    fn arithmetic(
        &mut self,
        operator: Span,
        left: Number,
        right: Number,
        compute: impl FnOnce(i128, i128) -> Option<i128>,
    ) -> Option<Number> {
        let (Number::Integer(left), Number::Integer(right)) = (left, right) else {
            self.report(Extent::of(operator), "arithmetic is for whole numbers");
            return None;
        };
        // Within `u64`, so that a chain of operations can't leave `i128` unnoticed.
        let result = compute(left, right).filter(|result| i64::try_from(*result).is_ok());
        if result.is_none() {
            self.report(Extent::of(operator), "the result is too large for a size");
        }
        result.map(Number::Integer)
    }

    fn factor(&mut self, cursor: &mut Cursor) -> Option<Number> {
        match cursor.peek(0) {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '-' => {
                cursor.next();
                Some(match self.sign_operand(cursor)? {
                    Number::Integer(integer) => Number::Integer(-integer),
                    Number::Real(real) => Number::Real(-real),
                })
            }
            Some(TokenTree::Literal(literal)) => {
                let literal = literal.clone();
                cursor.next();
                self.literal(&literal)
            }
            Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Brace => {
                let group = group.clone();
                cursor.next();
                self.deeper(&group, |parser| {
                    let mut inside = Cursor::inside(&group);
                    let number = parser.number(&mut inside)?;
                    if !inside.at_end() {
                        parser.expected(&inside, "`)`");
                        return None;
                    }
                    Some(number)
                })
            }
            Some(TokenTree::Ident(ident)) => {
                let name = ident.to_string();
                if cursor.is_path_separator(1) {
                    let start = cursor.position();
                    cursor.next();
                    return self.outside(cursor, start);
                }
                match self.constants.iter().find(|constant| constant.name == name) {
                    // A constant that could not be read has had its problem already.
                    Some(constant) => {
                        let value = constant.value;
                        cursor.next();
                        value.map(|value| Number::Integer(value as i128))
                    }
                    None => self.unknown_constant(cursor),
                }
            }
            _ => {
                self.expected(cursor, "a number");
                None
            }
        }
    }

    /// What stands behind a minus: one more minus would be arithmetic that nobody writes.
    fn sign_operand(&mut self, cursor: &mut Cursor) -> Option<Number> {
        if cursor.is_punct(0, '-') {
            self.expected(cursor, "a number");
            return None;
        }
        self.factor(cursor)
    }

    fn literal(&mut self, literal: &Literal) -> Option<Number> {
        let written = literal.to_string();
        let extent = Extent::of(literal.span());
        let text = written.replace('_', "");
        let radix =
            [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find(|(prefix, _)| text.starts_with(prefix));
        if let Some((prefix, radix)) = radix {
            let digits = text[prefix.len()..].trim_end_matches("usize");
            if let Ok(integer) = i64::from_str_radix(digits, radix) {
                return Some(Number::Integer(i128::from(integer)));
            }
        }
        let digits = text.trim_end_matches("usize");
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return match digits.parse::<i64>() {
                Ok(integer) => Some(Number::Integer(i128::from(integer))),
                Err(_) => {
                    self.report(extent, format!("`{written}` is too large for a size"));
                    None
                }
            };
        }
        let real = text.trim_end_matches("f32").trim_end_matches("f64");
        match real.parse::<f64>() {
            Ok(real) if real.is_finite() => Some(Number::Real(real)),
            Ok(_) => {
                self.report(extent, format!("`{written}` is too large for a number"));
                None
            }
            Err(_) => {
                self.report(extent, format!("expected a number, found `{written}`"));
                None
            }
        }
    }
}

/// Whether a name is written like a constant, and so is meant to be one where a value is expected.
fn looks_like_constant(name: &str) -> bool {
    name.len() > 1
        && name.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit() || letter == '_')
}
