//! The macro `network!`. Use it through the crate `netdsl`, whose documentation describes the language.

mod errors;
mod expand;
mod warnings;

use proc_macro::TokenStream;

/// Declares a network.
///
/// See the documentation of the crate `netdsl` for the language, for what a block expands to, and for the lints that
/// run when it is compiled.
#[proc_macro]
pub fn network(tokens: TokenStream) -> TokenStream {
    expand::network(tokens.into()).into()
}
