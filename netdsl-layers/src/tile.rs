//! The sizes of the tiles of a result that products and convolutions keep in registers.

use pulp::Simd;

/// The number of registers that a row of a tile has at most.
pub(crate) const VECTORS: usize = 3;

/// How many rows a tile has at most, so that the tile, a row of the right side and a value of the left fit the registers.
#[inline(always)]
pub(crate) fn most_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { MOST_ROWS } else { MOST_ROWS / 2 }
}

/// The same for the most registers that there are.
pub(crate) const MOST_ROWS: usize = 8;

/// How many of the rows the next tile takes: as many as it can, or a power of two.
pub(crate) fn height_of(rows: usize, most: usize) -> usize {
    if rows >= most { most } else { 1 << rows.ilog2() }
}

/// A kernel for a tile, compiled for each of its sizes.
pub(crate) trait Tile: Sized {
    /// The tile of `ROWS` rows and `COUNT` registers.
    fn fixed<S: Simd, const ROWS: usize, const COUNT: usize>(self, simd: S);

    /// The tile of so many rows, which are 8, 4, 2 or 1, and registers, of which there are [`VECTORS`] where more are asked for.
    #[inline(always)]
    fn of_size<S: Simd>(self, simd: S, rows: usize, registers: usize) {
        match (rows, registers) {
            (8, 1) => self.fixed::<S, 8, 1>(simd),
            (8, 2) => self.fixed::<S, 8, 2>(simd),
            (8, _) => self.fixed::<S, 8, VECTORS>(simd),
            (4, 1) => self.fixed::<S, 4, 1>(simd),
            (4, 2) => self.fixed::<S, 4, 2>(simd),
            (4, _) => self.fixed::<S, 4, VECTORS>(simd),
            (2, 1) => self.fixed::<S, 2, 1>(simd),
            (2, 2) => self.fixed::<S, 2, 2>(simd),
            (2, _) => self.fixed::<S, 2, VECTORS>(simd),
            (_, 1) => self.fixed::<S, 1, 1>(simd),
            (_, 2) => self.fixed::<S, 1, 2>(simd),
            (_, _) => self.fixed::<S, 1, VECTORS>(simd),
        }
    }
}
