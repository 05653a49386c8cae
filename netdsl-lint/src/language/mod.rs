//! The language: tokens, syntax tree, resolved network.

mod cursor;
mod level;
mod parse;
mod places;
mod print;
mod resolve;
mod tree;

pub use level::{Level, LevelAttribute};
pub(crate) use parse::MAGNITUDES;
pub use parse::{Failure, Header, parse};
pub use places::{Extent, Places};
pub(crate) use print::Written;
pub use resolve::{Leaf, Network, resolve};
pub use tree::{Block, Constant, Entry, Input, NetworkTree, Node, Setting};
