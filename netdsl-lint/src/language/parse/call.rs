//! Calls, their arguments and the values of these.

use netdsl_layers::{Argument, Call, Place, Problem, Value};
use proc_macro2::{Delimiter, Group, TokenTree};

use super::Parser;
use super::number::{Number, looks_like_constant};
use crate::language::cursor::Cursor;
use crate::language::places::Extent;

impl Parser {
    pub(super) fn call(&mut self, cursor: &mut Cursor) -> Option<Call> {
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
    pub(super) fn outside<T>(&mut self, cursor: &mut Cursor, start: usize) -> Option<T> {
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
    pub(super) fn arguments(&mut self, group: &Group) -> (Vec<Argument>, bool) {
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
            let (start, written) = (inside.position(), inside.literal());
            match self.value(&mut inside) {
                Some((value, place)) => {
                    if name.is_none() && arguments.iter().any(|argument| argument.name.is_some()) {
                        self.problems.push(
                            Problem::new(place, "a positional argument stands behind a named one")
                                .help("positional arguments come first"),
                        );
                        whole = false;
                    }
                    // More than the literal is arithmetic, whose value says more.
                    let read = inside.position() - start;
                    let literal = written
                        .filter(|(_, tokens)| *tokens == read && matches!(value, Value::Real(_)))
                        .map(|(literal, _)| literal);
                    arguments.push(Argument { name, value, place, literal });
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

    pub(super) fn value(&mut self, cursor: &mut Cursor) -> Option<(Value, Place)> {
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

    pub(super) fn list(&mut self, group: &Group) -> Option<Vec<(Value, Place)>> {
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
}
