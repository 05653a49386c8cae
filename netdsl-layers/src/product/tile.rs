//! The tiles that a product is made of.

use pulp::{Simd, WithSimd};

use super::Strided;
use crate::element::Element;
use crate::lanes::lanes;
use crate::tile::Tile;

/// A tile of `c = a b + beta c`.
pub(super) struct Part<'a, 'c, T> {
    pub(super) inner: usize,
    /// The rows of the tile, and maybe more.
    pub(super) a: Strided<'a, T>,
    /// The columns of the tile, in rows of which each has full registers.
    pub(super) b: Strided<'a, T>,
    pub(super) beta: T,
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
    // Loops and no closures: a closure has not the instructions of the function that it stands in.
    #[inline(always)]
    #[allow(unsafe_code, reason = "checks of bounds in the innermost loop cost as much as the products")]
    fn fixed<S: Simd, const ROWS: usize, const COUNT: usize>(self, simd: S) {
        let lanes = lanes::<S, T>();
        let Self { inner, a, b, beta, c, columns, stride, .. } = self;
        let mut sums = [[T::splat(simd, T::zero()); COUNT]; ROWS];
        if inner > 0 {
            let last = inner - 1;
            assert!((ROWS - 1) * a.row + last * a.column < a.values.len());
            assert!(last * b.row + COUNT * lanes <= b.values.len());
            let (left, right) = (a.values.as_ptr(), b.values.as_ptr());
            for step in 0..inner {
                // SAFETY: `step` is at most `last`, for which the assertions hold; a register is as many values without
                // padding, and is read without alignment.
                unsafe {
                    let (left, right) = (left.add(step * a.column), right.add(step * b.row));
                    let mut row = [T::splat(simd, T::zero()); COUNT];
                    for (index, register) in row.iter_mut().enumerate() {
                        *register = right.add(index * lanes).cast::<T::Register<S>>().read_unaligned();
                    }
                    for (index, sums) in sums.iter_mut().enumerate() {
                        let value = T::splat(simd, *left.add(index * a.row));
                        for (sum, register) in sums.iter_mut().zip(row) {
                            *sum = T::fused(simd, value, register, *sum);
                        }
                    }
                }
            }
        }
        let factor = T::splat(simd, beta);
        for (index, sums) in sums.iter().enumerate() {
            let row = &mut c[index * stride..][..columns];
            for (sum, values) in sums.iter().zip(row.chunks_mut(lanes)) {
                if values.len() == lanes {
                    let place = values.as_mut_ptr().cast::<T::Register<S>>();
                    // SAFETY: the slice is as long as a register, which is read and written without alignment.
                    unsafe {
                        let mut sum = *sum;
                        if beta != T::zero() {
                            sum = T::fused(simd, factor, place.read_unaligned(), sum);
                        }
                        place.write_unaligned(sum);
                    }
                } else {
                    let mut register = [T::splat(simd, T::zero())];
                    bytemuck::cast_slice_mut(&mut register)[..values.len()].copy_from_slice(values);
                    let mut sum = *sum;
                    if beta != T::zero() {
                        sum = T::fused(simd, factor, register[0], sum);
                    }
                    register[0] = sum;
                    values.copy_from_slice(&bytemuck::cast_slice(&register)[..values.len()]);
                }
            }
        }
    }
}
