//! The language of netdsl, the forecast of a declared network, and the lints on it.
//!
//! [`language::parse`] reads the tokens of a block, [`language::resolve`] settles the shapes, [`lint::lint`] forecasts
//! the network and runs every lint.

pub mod fix;
pub mod forecast;
pub mod language;
pub mod lint;
mod lints;
mod weights;
