//! The language of netdsl, the forecast of a declared network, and the lints on it.
//!
//! [`language::parse`] reads the tokens of a block, [`language::resolve`] settles the shapes, [`lint::lint`] forecasts
//! the network and runs every lint. Behind the feature `cli`, [`source`] finds the blocks of files, [`check`] says what
//! there is to say of them, [`render`] prints it, and [`cli`] is the command `cargo netdsl`.

mod activated;
#[cfg(feature = "cli")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
mod edit;
pub mod fix;
pub mod forecast;
mod judge;
pub mod language;
pub mod lint;
mod lints;
mod remedies;
#[cfg(feature = "cli")]
pub mod render;
pub mod settings;
#[cfg(feature = "cli")]
pub mod source;
mod structure;
mod weights;
