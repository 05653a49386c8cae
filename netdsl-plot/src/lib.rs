//! Line plots as SVG, and the page or the picture around them: what the forecast of the command line and the report of a
//! training share.
//!
//! Everything is legible on light and on dark paper, at the width of a phone, and for the colour-blind; nothing is
//! fetched, and there is no script.

mod page;
mod picture;
mod plot;
#[cfg(feature = "png")]
mod png;

pub use page::{escape, page, sentence};
pub use picture::picture;
pub use plot::{DrawingError, Plot, Series};
#[cfg(feature = "png")]
pub use png::png;
