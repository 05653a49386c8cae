//! Numbers: literals, constants of the block, arithmetic.

use std::ops::RangeInclusive;

use netdsl_layers::{Place, Problem, did_you_mean};
use proc_macro2::{Delimiter, Literal, Span, TokenTree};

use super::Parser;
use crate::language::cursor::Cursor;
use crate::language::places::Extent;

/// The magnitudes of numbers other than zero: all of `f32`, and such that the forecast can take fourth powers.
pub(crate) const MAGNITUDES: RangeInclusive<f64> = 1e-60..=1e60;

/// A number as it was written.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Integer(i128),
    Real(f64),
}

impl Parser {
    pub(super) fn is_constant(&self, name: &str) -> bool {
        self.constant_names.contains_key(name)
    }

    pub(super) fn unknown_constant<T>(&mut self, cursor: &mut Cursor) -> Option<T> {
        let name = cursor.take_ident()?.to_string();
        let names: Vec<String> = self.constants.iter().map(|constant| constant.name.to_string()).collect();
        let hint = did_you_mean(&name, names.iter().map(String::as_str));
        let extent = cursor.extent_from(cursor.position() - 1);
        let message = format!("no constant `{name}` in this block{hint}");
        if hint.is_empty() {
            let help = format!(
                "a macro can't see constants from elsewhere: declare it in the block, `const {name}: usize = ..;` \
                 before the struct, which the rest of the program can use as `Name::{name}`; a number that is not whole is \
                 written where it stands"
            );
            self.report_help(extent, message, help);
        } else {
            self.report(extent, message);
        }
        None
    }

    /// A whole number of at least 1, of at most what a size can be.
    pub(super) fn size(&mut self, cursor: &mut Cursor, what: &str) -> Option<(usize, Place)> {
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

    pub(super) fn integer(&mut self, cursor: &mut Cursor) -> Option<(usize, Place)> {
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

    pub(super) fn real(&mut self, cursor: &mut Cursor, what: &str) -> Option<f64> {
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
    pub(super) fn number(&mut self, cursor: &mut Cursor) -> Option<Number> {
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

    pub(super) fn term(&mut self, cursor: &mut Cursor) -> Option<Number> {
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

    pub(super) fn arithmetic(
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

    pub(super) fn factor(&mut self, cursor: &mut Cursor) -> Option<Number> {
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
                match self.constant_names.get(&name).map(|index| &self.constants[*index]) {
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
    pub(super) fn sign_operand(&mut self, cursor: &mut Cursor) -> Option<Number> {
        if cursor.is_punct(0, '-') {
            self.expected(cursor, "a number");
            return None;
        }
        self.factor(cursor)
    }

    pub(super) fn literal(&mut self, literal: &Literal) -> Option<Number> {
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
            Ok(real) if real == 0.0 || MAGNITUDES.contains(&real) => Some(Number::Real(real)),
            Ok(real) => {
                let (wrong, bound) = if real > 1.0 {
                    ("large", format!("at most {:e}", MAGNITUDES.end()))
                } else {
                    ("small", format!("0 or at least {:e}", MAGNITUDES.start()))
                };
                self.report_help(
                    extent,
                    format!("`{written}` is too {wrong} for a number"),
                    format!("a number is {bound}, which is more than 32-bit floating point holds"),
                );
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
pub(super) fn looks_like_constant(name: &str) -> bool {
    name.len() > 1
        && name.chars().all(|letter| letter.is_uppercase() || letter.is_ascii_digit() || letter == '_')
}
