//! A product whose right side is planes that a window slides over.

use pulp::{Simd, WithSimd};

use crate::element::Element;
use crate::lanes::lanes;
use crate::registers::dispatch;
use crate::tile::{MOST_ROWS, Tile, VECTORS, height_of, most_rows};

/// How many values there have to be behind what a tile reads and writes: as many as the widest tile has.
pub(super) const SLACK: usize = 64;

/// The places that the sums of a window read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taps {
    pub(super) planes: usize,
    /// The distance between planes.
    pub(super) plane: usize,
    pub(super) rows: usize,
    /// The distance between rows.
    pub(super) row: usize,
    pub(super) columns: usize,
}

impl Taps {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.planes * self.rows * self.columns
    }

    /// The distance from the first to the last.
    fn reach(&self) -> usize {
        (self.planes - 1) * self.plane + (self.rows - 1) * self.row + self.columns - 1
    }
}

/// `to(r, p) = start(r) + Σ weight(r, j) from(tap(j) + p)`, where `j` goes over the planes, rows and columns of the window:
/// a chain of fused multiply-adds in this order.
pub(super) struct Slide<'a, T> {
    pub(super) taps: Taps,
    /// `taps × rows`, in the panels of [`pack`].
    pub(super) weight: &'a [T],
    /// What the sums start from, one for each row; zero where there is none.
    pub(super) start: &'a [T],
    pub(super) from: &'a [T],
    pub(super) rows: usize,
    /// The number of positions.
    pub(super) positions: usize,
    /// Rows that are [`stride`] values apart.
    pub(super) to: &'a mut [T],
}

/// The distance between the rows of a result, so that a tile may write over its end.
pub(super) fn stride(positions: usize) -> usize {
    positions + SLACK
}

/// The weights in the order in which the tiles read them: panels of a few rows, the values of a tap one after the other.
pub(super) fn pack<T: Element>(rows: usize, taps: usize, weight: impl Fn(usize, usize) -> T, to: &mut [T]) {
    let mut done = 0;
    while done < rows {
        let height = height_of(rows - done, MOST_ROWS);
        let panel = &mut to[done * taps..(done + height) * taps];
        for (tap, values) in panel.chunks_exact_mut(height).enumerate() {
            for (row, value) in values.iter_mut().enumerate() {
                *value = weight(done + row, tap);
            }
        }
        done += height;
    }
}

impl<T: Element> Slide<'_, T> {
    /// Computes it with the registers that there are.
    pub(super) fn run(self) {
        dispatch(self);
    }
}

impl<T: Element> WithSimd for Slide<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { taps, weight, start, from, rows, positions, to } = self;
        let lanes = lanes::<S, T>();
        let stride = stride(positions);
        let mut done = 0;
        while done < rows {
            let height = height_of(rows - done, MOST_ROWS);
            let panel = &weight[done * taps.count()..][..height * taps.count()];
            // A panel is as high as the widest registers like it; others take half of it at a time.
            let (most, mut part) = (most_rows::<S>(), 0);
            while part < height {
                let rows = height.min(most);
                for at in (0..positions).step_by(VECTORS * lanes) {
                    simd.vectorize(Part {
                        taps,
                        weight: &panel[part..],
                        height,
                        start: start.get(done + part..done + part + rows),
                        from: &from[at..],
                        to: &mut to[(done + part) * stride + at..],
                        stride,
                        rows,
                        positions: positions - at,
                    });
                }
                part += rows;
            }
            done += height;
        }
    }
}

/// A few rows and registers of positions.
struct Part<'a, T> {
    taps: Taps,
    weight: &'a [T],
    /// How many values of `weight` a tap has.
    height: usize,
    start: Option<&'a [T]>,
    from: &'a [T],
    to: &'a mut [T],
    stride: usize,
    rows: usize,
    positions: usize,
}

impl<T: Element> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (rows, registers) = (self.rows, self.positions.div_ceil(lanes::<S, T>()));
        self.of_size(simd, rows, registers);
    }
}

impl<T: Element> Tile for Part<'_, T> {
    // Loops and no closures: a closure has not the instructions of the function that it stands in.
    #[inline(always)]
    #[allow(unsafe_code, reason = "checks of bounds in the innermost loop cost as much as the products")]
    fn fixed<S: Simd, const ROWS: usize, const COUNT: usize>(self, simd: S) {
        let lanes = lanes::<S, T>();
        let Self { taps, height, .. } = self;
        let mut sums = [[T::splat(simd, T::zero()); COUNT]; ROWS];
        if let Some(start) = self.start {
            for (sums, start) in sums.iter_mut().zip(start) {
                *sums = [T::splat(simd, *start); COUNT];
            }
        }
        assert!(taps.reach() + COUNT * lanes <= self.from.len());
        assert!((taps.count() - 1) * height + ROWS <= self.weight.len());
        assert!((ROWS - 1) * self.stride + COUNT * lanes <= self.to.len());
        let mut weight = self.weight.as_ptr();
        for plane in 0..taps.planes {
            for row in 0..taps.rows {
                // SAFETY: the last tap is `reach` away from the first, and behind it are `COUNT` registers; the weights are
                // read up to the last tap's, as the assertions say. A register is as many values without padding, and
                // is read without alignment. The pointer to the weights may end up behind them by less than the height
                // of a panel, where it isn't read.
                unsafe {
                    let mut from = self.from.as_ptr().add(plane * taps.plane + row * taps.row);
                    for _ in 0..taps.columns {
                        let mut registers = [T::splat(simd, T::zero()); COUNT];
                        for (index, register) in registers.iter_mut().enumerate() {
                            *register = from.add(index * lanes).cast::<T::Register<S>>().read_unaligned();
                        }
                        for (index, sums) in sums.iter_mut().enumerate() {
                            let value = T::splat(simd, *weight.add(index));
                            for (sum, register) in sums.iter_mut().zip(registers) {
                                *sum = T::fused(simd, value, register, *sum);
                            }
                        }
                        from = from.wrapping_add(1);
                        weight = weight.wrapping_add(height);
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            for (register, sum) in sums.iter().enumerate() {
                // SAFETY: the last assertion.
                unsafe {
                    let place = self.to.as_mut_ptr().add(index * self.stride + register * lanes);
                    place.cast::<T::Register<S>>().write_unaligned(*sum);
                }
            }
        }
    }
}
