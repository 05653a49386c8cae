//! The language of netdsl, the forecast of a declared network, and the lints on it.
//!
//! [`language::parse`] reads the tokens of a block, [`language::resolve`] settles the shapes, [`lint::lint`] forecasts
//! the network and runs every lint. Behind the feature `cli`, [`source`] finds the blocks of files, [`check`] says what
//! there is to say of them, [`render`] prints it, and [`cli`] is the command `cargo netdsl`.

#[cfg(feature = "cli")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod fix;
pub mod forecast;
pub mod language;
pub mod lint;
mod lints;
#[cfg(feature = "cli")]
pub mod render;
#[cfg(feature = "cli")]
pub mod source;
mod weights;
