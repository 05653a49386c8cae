//! The tiles that a product is made of.

use pulp::{Simd, WithSimd};

use super::{Onto, Strided};
use crate::buffer::line;
use crate::element::Element;
use crate::lanes::{FIRST_CACHE, SECOND_CACHE, lanes, prefetch};
use crate::tile::{Tile, most_rows};

/// How many rows ahead of the products a right side that is packed, now or before, is fetched into the first cache.
const AHEAD: usize = 8;

/// How many rows ahead of the products a right side that is packed on the way is fetched into the second cache.
const FAR: usize = 64;

/// How many products there are at least between rows of the result that are fetched: with fewer, what is not fetched is near.
const BETWEEN: usize = 32;

/// The right side of a tile is read where it is.
const LOOSE: u8 = 0;

/// It is packed, and what comes next of it is fetched meanwhile.
const PACKED: u8 = 1;

/// It is packed on the way.
const PACKS: u8 = 2;

/// A tile of a product.
pub(super) struct Part<'a, 'c, T> {
    pub(super) inner: usize,
    /// The rows of the tile, and maybe more.
    pub(super) a: Strided<'a, T>,
    /// The columns of the tile, in rows that are filled up to full registers where they are packed.
    pub(super) b: Strided<'a, T>,
    /// Where the columns are packed on the way, if they are: in rows as wide as the tile, filled up with zeros.
    pub(super) packs: Option<&'c mut [T]>,
    /// What the tile is added to; a row starts with its columns.
    pub(super) onto: Onto<'a, T>,
    /// What starts with the tile.
    pub(super) c: &'c mut [T],
    /// The number of rows: 8, 4, 2 or 1, and at most [`most_rows`](crate::tile::most_rows).
    pub(super) rows: usize,
    /// The number of columns, at most [`VECTORS`](crate::tile::VECTORS) registers.
    pub(super) columns: usize,
    /// The distance between rows of the result.
    pub(super) stride: usize,
}

impl<T: Element> WithSimd for Part<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (rows, registers) = (self.rows, self.columns.div_ceil(lanes::<S, T>()));
        self.of_size(simd, rows, registers);
    }
}

impl<T: Element> Tile for Part<'_, '_, T> {
    #[inline(always)]
    fn fixed<S: Simd, const ROWS: usize, const COUNT: usize>(self, simd: S) {
        if ROWS == most_rows::<S>() && self.packs.is_some() {
            self.compute::<S, ROWS, COUNT, PACKS>(simd);
        } else if ROWS >= 4 && self.b.row == COUNT * lanes::<S, T>() {
            self.compute::<S, ROWS, COUNT, PACKED>(simd);
        } else {
            self.compute::<S, ROWS, COUNT, LOOSE>(simd);
        }
    }
}

impl<T: Element> Part<'_, '_, T> {
    /// The tile of `ROWS` rows and `COUNT` registers; where the right side is packed for it, what comes next is fetched
    /// meanwhile.
    // Loops and no closures: a closure has not the instructions of the function that it stands in.
    #[inline(always)]
    #[allow(unsafe_code, reason = "checks of bounds in the innermost loop cost as much as the products")]
    fn compute<S: Simd, const ROWS: usize, const COUNT: usize, const RIGHT: u8>(self, simd: S) {
        let lanes = lanes::<S, T>();
        let Self { inner, a, b, packs, onto, c, columns, stride, .. } = self;
        let width = if RIGHT == PACKED { COUNT * lanes } else { b.row };
        assert!((ROWS - 1) * stride + columns <= c.len() && columns.div_ceil(lanes) == COUNT);
        let mask = T::first(simd, columns - (COUNT - 1) * lanes);
        let room = packs.unwrap_or_default();
        let mut sums = [[T::splat(simd, T::zero()); COUNT]; ROWS];
        if inner > 0 {
            let last = inner - 1;
            assert!((ROWS - 1) * a.row + last * a.column < a.values.len());
            let reach = if RIGHT == PACKED { COUNT * lanes } else { columns };
            assert!(last * width + reach <= b.values.len());
            assert!(RIGHT != PACKS || inner * COUNT * lanes <= room.len());
            let (left, right, room) = (a.values.as_ptr(), b.values.as_ptr(), room.as_mut_ptr());
            // The rows of the result are fetched one by one between the products: a processor has few lines on their way from far
            // at once, and the right side, which is near, would wait behind all of them.
            let between = if RIGHT == PACKED { inner.div_ceil(ROWS).max(BETWEEN) } else { inner };
            let (mut start, mut goal) = (0, c.as_ptr());
            while start < inner {
                if RIGHT == PACKED {
                    fetch_row::<FIRST_CACHE, T>(goal, COUNT * lanes);
                    goal = goal.wrapping_add(stride);
                }
                let end = inner.min(start + between);
                for step in start..end {
                    // SAFETY: `step` is at most `last`, for which the assertions hold; a register is as many values without
                    // padding, and is read without alignment.
                    unsafe {
                        let (left, right) = (left.add(step * a.column), right.add(step * width));
                        if RIGHT != LOOSE {
                            fetch_row::<FIRST_CACHE, T>(right.wrapping_add(AHEAD * width), COUNT * lanes);
                            if RIGHT == PACKS {
                                fetch_row::<SECOND_CACHE, T>(right.wrapping_add(FAR * width), COUNT * lanes);
                            }
                        }
                        let mut row = [T::splat(simd, T::zero()); COUNT];
                        for (index, register) in row.iter_mut().enumerate() {
                            let place = right.add(index * lanes);
                            *register = if RIGHT != PACKED && index + 1 == COUNT {
                                T::load(simd, mask, place)
                            } else {
                                place.cast::<T::Register<S>>().read_unaligned()
                            };
                            if RIGHT == PACKS {
                                let place = room.add((step * COUNT + index) * lanes);
                                place.cast::<T::Register<S>>().write_unaligned(*register);
                            }
                        }
                        for (index, sums) in sums.iter_mut().enumerate() {
                            let value = T::splat(simd, *left.add(index * a.row));
                            for (sum, register) in sums.iter_mut().zip(row) {
                                *sum = T::fused(simd, value, register, *sum);
                            }
                        }
                    }
                }
                start = end;
            }
        }
        let place = c.as_mut_ptr();
        let (factor, before, distance) = match onto {
            Onto::Times(factor) => (factor, place.cast_const(), stride),
            Onto::Row(row) => (T::one(), row[..columns].as_ptr(), 0),
        };
        // SAFETY: the rows of the tile lie in the slice, as asserted, and so do those that they are added to; of the last
        // register of a row only what the mask lets through is read or written, and registers are read and written without
        // alignment.
        unsafe {
            if factor != T::zero() {
                let factor = T::splat(simd, factor);
                for (index, sums) in sums.iter_mut().enumerate() {
                    let row = before.add(index * distance);
                    for (register, sum) in sums.iter_mut().enumerate() {
                        let place = row.add(register * lanes);
                        let before = if register + 1 < COUNT {
                            place.cast::<T::Register<S>>().read_unaligned()
                        } else {
                            T::load(simd, mask, place)
                        };
                        *sum = T::fused(simd, factor, before, *sum);
                    }
                }
            }
            for (index, sums) in sums.iter().enumerate() {
                let row = place.add(index * stride);
                for (register, sum) in sums.iter().enumerate() {
                    let place = row.add(register * lanes);
                    if register + 1 < COUNT {
                        place.cast::<T::Register<S>>().write_unaligned(*sum);
                    } else {
                        T::store(simd, mask, place, *sum);
                    }
                }
            }
        }
    }
}

/// Fetches so many values of a row into a cache, line by line.
#[inline(always)]
fn fetch_row<const CACHE: i32, T>(row: *const T, count: usize) {
    let mut at = 0;
    while at < count {
        prefetch::<CACHE, T>(row.wrapping_add(at));
        at += line::<T>();
    }
}
