//! The spans of what was parsed.

use netdsl_layers::Place;
use proc_macro2::Span;

/// From the first token of a place to its last.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// The first token, or the bracket that opens it.
    pub first: Span,
    /// The last token, or the bracket that closes it.
    pub last: Span,
}

impl Extent {
    /// A place of one token.
    pub fn of(span: Span) -> Self {
        Self { first: span, last: span }
    }
}

/// The table behind every [`Place`] of a block.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Extent>);

impl Places {
    /// Enters a place.
    pub fn add(&mut self, extent: Extent) -> Place {
        self.0.push(extent);
        Place(self.0.len() as u32 - 1)
    }

    /// What stands at a place.
    ///
    /// Every place of a block comes from the block's own table; one of another block is read as the call site.
    pub fn extent(&self, place: Place) -> Extent {
        self.0.get(place.0 as usize).copied().unwrap_or_else(|| Extent::of(Span::call_site()))
    }
}
