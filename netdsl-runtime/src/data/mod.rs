//! From files and arrays to examples: tables, NumPy's files, splits, normalisation, one-hot vectors.

mod error;
mod normaliser;
#[cfg(feature = "npy")]
mod npy;
mod one_hot;
mod split;
mod table;

pub use error::DataError;
pub use normaliser::Normaliser;
#[cfg(feature = "npy")]
pub use npy::{read_npy, read_npz};
pub use one_hot::one_hot;
pub use split::Split;
pub use table::Table;
