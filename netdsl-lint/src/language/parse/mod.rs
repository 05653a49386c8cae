//! From tokens to the syntax tree, with every error on the way.

mod attributes;
mod call;
mod entry;
mod node;
mod number;

pub(crate) use number::MAGNITUDES;
use std::collections::HashMap;

use netdsl_layers::Problem;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use super::cursor::Cursor;
use super::level::LevelAttribute;
use super::places::{Extent, Places};
use super::resolve::resolve;
use super::tree::{Block, Constant, NetworkTree};
use attributes::nests_at_most;

/// How deep brackets may nest: more than anyone writes, less than what overflows the stack of a small thread.
const MAX_DEPTH: usize = 64;

/// The most problems that are reported of one block: nobody reads more, and each is printed with its place.
pub(super) const MAX_PROBLEMS: usize = 100;

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
        constant_names: HashMap::new(),
        depth: 0,
        header: Header::default(),
    };
    let mut cursor = Cursor::new(tokens, call_site);
    let network = parser.block(&mut cursor);
    let Parser { places, mut problems, constants, header, .. } = parser;
    let Some(network) = network else {
        problems.truncate(MAX_PROBLEMS);
        return Err(Failure { header, problems, places });
    };
    let constants = constants.into_iter().filter_map(Named::into_constant).collect();
    let block = Block { places, constants, network };
    if problems.is_empty() {
        return Ok(block);
    }
    problems.extend(resolve(&block).err().unwrap_or_default());
    // Places are numbered in the order in which they were read.
    problems.sort_by_key(|problem| problem.place);
    problems.truncate(MAX_PROBLEMS);
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
    /// The index of each constant by its name.
    constant_names: HashMap<String, usize>,
    depth: usize,
    header: Header,
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

    fn too_deep(&mut self, group: &Group) {
        let message = format!("brackets nest deeper than {MAX_DEPTH} levels");
        self.report(Extent::of(group.span_open()), message);
    }

    /// Runs `read` one level deeper, or reports that the brackets nest too deep.
    fn deeper<T>(&mut self, group: &Group, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == MAX_DEPTH {
            self.too_deep(group);
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
                    if !nests_at_most(&group, MAX_DEPTH) {
                        self.too_deep(&group);
                        return None;
                    }
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
        if self.is_constant(&name.to_string()) {
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
        self.constant_names.insert(name.to_string(), self.constants.len());
        self.constants.push(Named { attributes: attributes.passed_on, name, value });
    }
}
