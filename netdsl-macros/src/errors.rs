//! What is wrong with a block, as errors of the compiler.

use netdsl_layers::Problem;
use netdsl_lint::language::{Extent, Places};
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::quote;

/// Every problem as a `compile_error!` that underlines its place.
pub(crate) fn errors(problems: &[Problem], places: &Places) -> TokenStream {
    problems.iter().map(|problem| error(problem, places.extent(problem.place))).collect()
}

/// The compiler underlines from the first token of the call to its last, so the path gets the one span and the braces
/// the other.
fn error(problem: &Problem, Extent { first, last }: Extent) -> TokenStream {
    let message = match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    };
    let mut braces = Group::new(Delimiter::Brace, quote!(#message));
    braces.set_span(last);
    let colons = || {
        let mut joint = Punct::new(':', Spacing::Joint);
        let mut alone = Punct::new(':', Spacing::Alone);
        joint.set_span(first);
        alone.set_span(first);
        [TokenTree::Punct(joint), TokenTree::Punct(alone)]
    };
    let mut bang = Punct::new('!', Spacing::Alone);
    bang.set_span(first);
    let mut tokens = TokenStream::new();
    tokens.extend(colons());
    tokens.extend([TokenTree::Ident(Ident::new("core", first))]);
    tokens.extend(colons());
    tokens.extend([TokenTree::Ident(Ident::new("compile_error", first)), bang.into(), braces.into()]);
    tokens
}
