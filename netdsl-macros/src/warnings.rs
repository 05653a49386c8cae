//! Findings as warnings of a stable compiler.
//!
//! A procedural macro can't warn on stable Rust. What can is a deprecated macro that is called through a path: the path
//! is printed as it is written and underlined from its first segment to its last, so that giving the first segment the
//! span of the layer's first token and the last segment that of its last underlines the layer.

use netdsl_lint::language::{Extent, Level, LevelAttribute, Places};
use netdsl_lint::lint::{Diagnostic, Report};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Every finding at its level, and every expectation that nothing met.
pub(crate) fn warnings(report: &Report, places: &Places) -> TokenStream {
    let found = report.diagnostics.iter().map(|diagnostic| warning(report, diagnostic, places));
    let unfulfilled = report.unfulfilled.iter().map(|attribute| {
        let (level, deprecated) = level(attribute.level, Some(attribute), places, Span::call_site());
        quote! {
            #[#level(#deprecated)]
            const _: () = ();
        }
    });
    found.chain(unfulfilled).collect()
}

fn warning(report: &Report, diagnostic: &Diagnostic, places: &Places) -> TokenStream {
    if diagnostic.level == Level::Allow {
        return TokenStream::new();
    }
    let lint = diagnostic.lint;
    let Extent { first, last } = places.extent(diagnostic.place);
    let definition = Ident::new(lint, Span::call_site());
    let module = Ident::new("gradient", first);
    let call = Ident::new(lint, last);
    let entry = diagnostic.entry.as_ref().map_or("the layer".into(), |entry| format!("`{entry}`"));
    // The sentence, the number and the help stand in the note: under `-D warnings` the reason is lost.
    let note = format!(
        "{}\nhelp: {}\nhelp: to silence it, write `#[allow({lint})]` on {entry}",
        diagnostic.finding.message,
        diagnostic.help(),
    );
    let table = report.forecast.to_string();
    let (level, deprecated) = level(diagnostic.level, diagnostic.set_by.as_ref(), places, first);
    quote! {
        #[#level(#deprecated, reason = #table)]
        const _: () = {
            mod gradient {
                #[deprecated(note = #note)]
                macro_rules! #definition {
                    () => {};
                }
                #[allow(deprecated)]
                pub(super) use #definition;
            }
            #module::#call! {}
        };
    }
}

/// The level and the lint `deprecated`, which stands where the user wrote the lint's name, so that "the lint level is
/// defined here" points into the block; where nothing is written it points at the layer, not at the whole block.
fn level(level: Level, set_by: Option<&LevelAttribute>, places: &Places, layer: Span) -> (Ident, Ident) {
    let span = set_by.map_or(layer, |attribute| places.extent(attribute.place).first);
    (Ident::new(level.name(), Span::call_site()), Ident::new("deprecated", span))
}
