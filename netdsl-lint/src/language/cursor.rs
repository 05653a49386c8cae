//! A walk over the tokens of one group.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::places::Extent;

/// The tokens of a group, and where the walk has come to.
#[derive(Debug)]
pub(super) struct Cursor {
    tokens: Vec<TokenTree>,
    position: usize,
    /// What to point at when the tokens run out.
    end: Span,
}

impl Cursor {
    pub(super) fn new(tokens: TokenStream, end: Span) -> Self {
        Self { tokens: tokens.into_iter().collect(), position: 0, end }
    }

    pub(super) fn inside(group: &Group) -> Self {
        Self::new(group.stream(), group.span_close())
    }

    pub(super) fn at_end(&self) -> bool {
        self.position == self.tokens.len()
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.position + ahead)
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.position).cloned();
        self.position += usize::from(token.is_some());
        token
    }

    /// The span of the next token, or of what closes the group.
    pub(super) fn span(&self) -> Span {
        self.peek(0).map_or(self.end, first)
    }

    /// From the token at `start` to the one before the walk's place.
    pub(super) fn extent_from(&self, start: usize) -> Extent {
        match (self.tokens.get(start), self.tokens.get(self.position.saturating_sub(1))) {
            (Some(begin), Some(end)) if start < self.position => {
                Extent { first: first(begin), last: last(end) }
            }
            _ => Extent::of(self.span()),
        }
    }

    pub(super) fn is_punct(&self, ahead: usize, wanted: char) -> bool {
        matches!(self.peek(ahead), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
    }

    pub(super) fn take_punct(&mut self, wanted: char) -> bool {
        let found = self.is_punct(0, wanted);
        self.position += usize::from(found);
        found
    }

    pub(super) fn is_ident(&self, ahead: usize, wanted: &str) -> bool {
        matches!(self.peek(ahead), Some(TokenTree::Ident(ident)) if ident == wanted)
    }

    pub(super) fn take_ident(&mut self) -> Option<Ident> {
        match self.peek(0) {
            Some(TokenTree::Ident(ident)) => {
                let ident = ident.clone();
                self.position += 1;
                Some(ident)
            }
            _ => None,
        }
    }

    pub(super) fn take_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek(0) {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                let group = group.clone();
                self.position += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// A `::` at this place.
    pub(super) fn is_path_separator(&self, ahead: usize) -> bool {
        self.is_punct(ahead, ':') && self.is_punct(ahead + 1, ':')
    }

    /// Goes to the next of `stops` or to the end, so that what follows can still be read.
    pub(super) fn skip_to(&mut self, stops: &[char]) {
        while !self.at_end() && !stops.iter().any(|stop| self.is_punct(0, *stop)) {
            self.position += 1;
        }
    }

    /// The literal that comes next, with a sign before it, and how many tokens that is.
    pub(super) fn literal(&self) -> Option<(String, usize)> {
        let sign = usize::from(self.is_punct(0, '-'));
        match self.peek(sign)? {
            TokenTree::Literal(literal) => Some((format!("{}{literal}", &"-"[..sign]), sign + 1)),
            _ => None,
        }
    }

    /// What the next token is, for a message.
    pub(super) fn describe(&self) -> String {
        match self.peek(0) {
            None => "the end".into(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "`(`".into(),
                Delimiter::Brace => "`{`".into(),
                Delimiter::Bracket => "`[`".into(),
                Delimiter::None => format!("`{group}`"),
            },
            Some(token) => format!("`{token}`"),
        }
    }
}

fn first(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::None => group.span_open(),
        token => token.span(),
    }
}

fn last(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::None => group.span_close(),
        token => token.span(),
    }
}
