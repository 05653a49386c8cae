//! Pictures in pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::plot::DrawingError;

/// How many pixels a unit of the picture has.
const SCALE: f32 = 2.0;

/// An SVG picture as the bytes of a PNG file, on light paper, with the fonts of the system.
///
/// # Errors
/// [`DrawingError`] where the text is no SVG.
pub fn png(svg: &str) -> Result<Vec<u8>, DrawingError> {
    let mut options = Options::default();
    options.fontdb_mut().load_system_fonts();
    let tree = Tree::from_str(svg, &options).map_err(DrawingError::of)?;
    let size = tree.size();
    let (width, height) = ((size.width() * SCALE).ceil() as u32, (size.height() * SCALE).ceil() as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| DrawingError::of("the picture has no size"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(DrawingError::of)
}

#[cfg(test)]
mod tests {
    use crate::{Plot, Series, picture, png};

    #[test]
    fn a_picture_becomes_pixels() {
        let series = Series { label: "a".into(), points: vec![(0.0, 1.0), (1.0, 2.0)], ..Series::default() };
        let plot = Plot { title: "P", x: "x", y: "y", logarithmic: false, series: vec![series] };
        let bytes = png(&picture("Title", &[plot], &[]).unwrap()).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        assert!(png("no picture").is_err());
    }
}
