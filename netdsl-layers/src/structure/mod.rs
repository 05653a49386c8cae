//! The structures that layers are put together with. Each is a layer itself.

#[cfg(feature = "kernels")]
mod both;
mod concat;
mod named;
mod repeat;
mod residual;
mod skip;
mod then;

pub use concat::Concat;
pub use named::Named;
pub use repeat::Repeat;
pub use residual::Residual;
pub use skip::Skip;
pub use then::Then;
