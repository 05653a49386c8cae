//! Attributes: lint levels, documentation, and what is passed on.

use netdsl_layers::Problem;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{Attributes, MAX_DEPTH, Parser};
use crate::language::cursor::Cursor;
use crate::language::level::{Level, LevelAttribute};
use crate::language::places::Extent;
use crate::lint::LINTS;

/// Whether the brackets in a group nest at most so deep: what is passed on is printed and dropped by calls that nest with
/// it.
pub(super) fn nests_at_most(group: &Group, levels: usize) -> bool {
    group.stream().into_iter().all(|token| match token {
        TokenTree::Group(inner) => levels > 0 && nests_at_most(&inner, levels - 1),
        _ => true,
    })
}

impl Parser {
    /// Attributes before an item or an entry. On the network those of others are passed on, on an entry only
    /// documentation is.
    pub(super) fn attributes(&mut self, cursor: &mut Cursor, on_item: bool) -> Attributes {
        let mut attributes = Attributes { levels: Vec::new(), passed_on: TokenStream::new() };
        while cursor.is_punct(0, '#') {
            let Some(hash) = cursor.next() else { break };
            let Some(group) = cursor.take_group(Delimiter::Bracket) else {
                self.expected(cursor, "`[`");
                break;
            };
            if !nests_at_most(&group, MAX_DEPTH) {
                self.too_deep(&group);
                continue;
            }
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
    pub(super) fn lint_levels(
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
                let place = self.places.add(extent);
                let unknown = Problem::unknown(place, "lint", &name, LINTS.iter().map(|lint| lint.name()));
                // On the item it may be a lint of the compiler.
                if !on_item || unknown.help.is_none() {
                    self.problems.push(unknown);
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
}
