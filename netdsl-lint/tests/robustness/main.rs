//! Whatever is written, nothing panics, hangs or contradicts itself.

mod corpus;
mod exercise;
mod generate;
mod properties;
mod vocabulary;
