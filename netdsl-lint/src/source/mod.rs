//! Source files, and the blocks in them, found without building.

mod blocks;
mod error;
mod files;
mod text;

pub use blocks::{SourceBlock, blocks, made_of_tokens};
pub use error::SourceError;
pub use files::{Files, STANDARD_INPUT};
pub use text::{MAX_BYTES, Position, SourceText};
