//! The macro `network!`. Use it through the crate `netdsl`, whose documentation describes the language.

mod errors;
mod expand;
mod warnings;

use proc_macro::TokenStream;

/// Declares a network.
///
/// ```ignore
/// use netdsl::prelude::*;
///
/// network! {
///     const WIDTH: usize = 128;
///
///     /// A residual classifier of handwritten digits.
///     #[derive(Clone)]
///     pub struct Digits {
///         input: [64] ~ Uniform(0.0, 1.0),
///         stem: (Dense(WIDTH, init = HeNormal), Relu),
///         body: [Residual(BatchNorm, Relu, Dense(WIDTH, init = HeNormal)); 8],
///         head: Dense(10),
///         loss: SoftmaxCrossEntropy,
///         optimizer: Adam(learning_rate = 0.001),
///     }
/// }
/// ```
///
/// [The language](https://github.com/netdsl/netdsl/blob/main/docs/language.md) has the grammar, and every layer, activation,
/// loss and optimizer. When a block is compiled, [the lints](https://github.com/netdsl/netdsl/blob/main/docs/lints.md) look at
/// its forecast; a finding is a warning on the layer.
///
/// # What a block expands to
/// - `pub struct Digits<T: Element = f32>`, with the attributes and the visibility of the block;
/// - `Digits::new(seed)` and `Digits::load(path)`, for `f32`;
/// - `Digits::WIDTH`, for each constant of the block;
/// - `Digits::FORECAST` and `Digits::DECLARATION`: what is forecast, and the block as text;
/// - `Digits::optimizer()`, where one is declared;
/// - an implementation of the trait `netdsl::Network`, whose methods predict, train one step, save, and print a summary.
///
/// A block with errors gives all of them at once, and a struct of that name all the same, so that nothing else in the crate
/// turns red.
///
/// # The name of the crate
/// The expansion names everything by `::netdsl`, so that the crate has to be called that where the macro is used. A
/// dependency that is renamed, `nn = { package = "netdsl", version = "0.1" }`, gives the error ``cannot find `netdsl` in the
/// crate root``; where it has to be renamed, add `extern crate nn as netdsl;` to the root of the crate.
#[proc_macro]
pub fn network(tokens: TokenStream) -> TokenStream {
    expand::network(tokens.into()).into()
}
