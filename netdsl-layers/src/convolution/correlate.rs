//! The gradient of the weight of a convolution, by the planes of the input that the window slides over.

use pulp::{Simd, WithSimd};

use crate::element::Element;
use crate::lanes::lanes;
use crate::registers::dispatch;

/// How many sums run beside each other over the positions of a row: those of the widest register of 32-bit numbers,
/// whatever the registers are, so that the bits are the same.
pub(super) const BESIDE: usize = 16;

/// How many filters and how many taps a tile has.
const FILTERS: usize = 4;
const TAPS: usize = 4;

/// `to(f, c, t) += Σ gradient(e, f, y, x) from(e, c, y + t, x + t')`, over the examples `e` and the positions.
///
/// A sum is [`BESIDE`] chains of fused multiply-adds, each over the positions whose `x` has the same remainder, which are
/// added up in halves.
pub(super) struct Correlate<'a, T> {
    pub(super) filters: usize,
    pub(super) channels: usize,
    pub(super) examples: usize,
    /// The numbers of rows and columns of the window.
    pub(super) size: [usize; 2],
    /// The numbers of rows and columns of the output.
    pub(super) output: [usize; 2],
    /// `examples × filters × output`
    pub(super) gradient: &'a [T],
    /// `examples × channels × planes`, which are the output and the window less one in height and width.
    pub(super) from: &'a [T],
    /// `filters × channels × window`
    pub(super) to: &'a mut [T],
}

impl<T: Element> Correlate<'_, T> {
    /// Computes it with the registers that there are.
    pub(super) fn run(self) {
        dispatch(self);
    }

    /// The number of values of a row of a plane, and of a plane.
    fn plane(&self) -> (usize, usize) {
        let row = self.output[1] + self.size[1] - 1;
        (row, row * (self.output[0] + self.size[0] - 1))
    }

    /// The number of taps of a filter.
    fn taps(&self) -> usize {
        self.channels * self.size[0] * self.size[1]
    }

    /// Where the first value under the tap lies in an example.
    fn place(&self, tap: usize) -> usize {
        let (row, plane) = self.plane();
        let area = self.size[0] * self.size[1];
        tap / area * plane + tap % area / self.size[1] * row + tap % self.size[1]
    }
}

impl<T: Element> WithSimd for Correlate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut filter = 0;
        while filter < self.filters {
            let filters = (self.filters - filter).min(FILTERS);
            // With fewer registers tiles of half the taps.
            match (filters, S::REGISTER_COUNT >= 32) {
                (4, true) => self.rows::<S, 4, TAPS>(simd, filter),
                (4, false) => self.rows::<S, 4, { TAPS / 2 }>(simd, filter),
                (2 | 3, true) => self.rows::<S, 2, TAPS>(simd, filter),
                (2 | 3, false) => self.rows::<S, 2, { TAPS / 2 }>(simd, filter),
                (_, true) => self.rows::<S, 1, TAPS>(simd, filter),
                (_, false) => self.rows::<S, 1, { TAPS / 2 }>(simd, filter),
            }
            filter += 1 << filters.ilog2();
        }
    }
}

impl<T: Element> Correlate<'_, T> {
    /// All taps of `FILTERS` filters.
    #[inline(always)]
    fn rows<S: Simd, const FILTERS: usize, const TAPS: usize>(&mut self, simd: S, filter: usize) {
        let taps = self.taps();
        for tap in (0..taps).step_by(TAPS) {
            // The last tile has its last tap several times.
            let places = std::array::from_fn(|index| self.place((tap + index).min(taps - 1)));
            let mut sums = [[[T::zero(); BESIDE]; TAPS]; FILTERS];
            for first in (0..BESIDE).step_by(lanes::<S, T>()) {
                simd.vectorize(Tile { of: self, filter, places, first, sums: &mut sums });
            }
            for (index, sums) in sums.iter().enumerate() {
                let to = &mut self.to[(filter + index) * taps..][tap..taps.min(tap + TAPS)];
                for (to, sums) in to.iter_mut().zip(sums) {
                    *to += crate::lanes::in_halves(*sums);
                }
            }
        }
    }
}

/// As many of the sums that run beside each other as a register has, from the `first` on.
struct Tile<'a, 'b, T, const FILTERS: usize, const TAPS: usize> {
    of: &'a Correlate<'b, T>,
    filter: usize,
    places: [usize; TAPS],
    first: usize,
    sums: &'a mut [[[T; BESIDE]; TAPS]; FILTERS],
}

impl<T: Element, const FILTERS: usize, const TAPS: usize> WithSimd for Tile<'_, '_, T, FILTERS, TAPS> {
    type Output = ();

    #[inline(always)]
    #[allow(unsafe_code, reason = "checks of bounds in the innermost loop cost as much as the products")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { of, filter, places, first, sums } = self;
        let lanes = lanes::<S, T>();
        let (row, plane) = of.plane();
        let [height, width] = of.output;
        let outputs = height * width;
        let whole = width / BESIDE;
        let rest = (width % BESIDE).saturating_sub(first).min(lanes);
        let mask = T::first(simd, rest);
        assert!(first + lanes <= BESIDE);
        assert!(of.gradient.len() == of.examples * of.filters * outputs && filter + FILTERS <= of.filters);
        assert!(of.from.len() >= of.examples * of.channels * plane);
        assert!(places.iter().all(|place| place + (height - 1) * row + width <= of.channels * plane));
        let mut registers = [[T::splat(simd, T::zero()); TAPS]; FILTERS];
        for example in 0..of.examples {
            for y in 0..height {
                // SAFETY: for every filter and tap, `width` values behind the pointers are within the slices, as the
                // assertions say; read are no more than these. A register is as many values without padding, and
                // is read without alignment.
                unsafe {
                    let gradient =
                        of.gradient.as_ptr().add((example * of.filters + filter) * outputs + y * width);
                    let from = of.from.as_ptr().add(example * of.channels * plane + y * row);
                    for step in 0..whole {
                        let at = step * BESIDE + first;
                        let mut right = [T::splat(simd, T::zero()); TAPS];
                        for (register, place) in right.iter_mut().zip(places) {
                            *register = from.add(place + at).cast::<T::Register<S>>().read_unaligned();
                        }
                        for (index, registers) in registers.iter_mut().enumerate() {
                            let left = gradient.add(index * outputs + at);
                            let left = left.cast::<T::Register<S>>().read_unaligned();
                            for (sum, right) in registers.iter_mut().zip(right) {
                                *sum = T::fused(simd, left, right, *sum);
                            }
                        }
                    }
                    if rest > 0 {
                        let at = whole * BESIDE + first;
                        let mut right = [T::splat(simd, T::zero()); TAPS];
                        for (register, place) in right.iter_mut().zip(places) {
                            *register = T::load(simd, mask, from.add(place + at));
                        }
                        for (index, registers) in registers.iter_mut().enumerate() {
                            let left = T::load(simd, mask, gradient.add(index * outputs + at));
                            for (sum, right) in registers.iter_mut().zip(right) {
                                *sum = T::fused(simd, left, right, *sum);
                            }
                        }
                    }
                }
            }
        }
        for (sums, registers) in sums.iter_mut().zip(registers) {
            for (sums, register) in sums.iter_mut().zip(registers) {
                sums[first..first + lanes].copy_from_slice(bytemuck::cast_slice(&[register]));
            }
        }
    }
}
