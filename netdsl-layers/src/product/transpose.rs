//! Matrices whose rows become columns.

use pulp::Simd;

use crate::element::Element;

/// How many rows and columns are transposed together: what the compiler makes shuffles of on every processor.
const SIDE: usize = 4;

/// Writes `count` rows, which start `stride` values apart, as the first columns of rows of `width` values, the others of
/// which become zero.
#[inline(always)]
pub(super) fn transpose<S: Simd, T: Element>(
    from: &[T],
    stride: usize,
    count: usize,
    width: usize,
    to: &mut [T],
) {
    let inner = to.len() / width;
    if inner == 0 {
        return;
    }
    // In eights, where there are registers of eight numbers and shuffles for them.
    let eights = cfg!(target_arch = "x86_64")
        && size_of::<T>() == size_of::<f32>()
        && size_of::<S::f32s>() >= size_of::<[f32; 8]>();
    let done = if eights { count / 8 * 8 } else { 0 };
    #[cfg(target_arch = "x86_64")]
    {
        let steps = inner / 8 * 8;
        for start in (0..done).step_by(8) {
            assert!((start + 7) * stride + inner <= from.len() && count <= width);
            for step in (0..steps).step_by(8) {
                // SAFETY: a register of eight numbers means AVX; the eight rows lie in `from` as asserted, and the columns
                // in `to`, whose rows are `width` long. Numbers of 32 bits are moved, whatever they are.
                #[allow(unsafe_code, reason = "shuffles that the compiler does not find by itself")]
                unsafe {
                    let from = from.as_ptr().add(start * stride + step).cast();
                    square_of_eight(from, stride, to.as_mut_ptr().add(step * width + start).cast(), width);
                }
            }
            for step in steps..inner {
                for index in start..start + 8 {
                    to[step * width + index] = from[index * stride + step];
                }
            }
        }
    }
    let full = done + (count - done) / SIDE * SIDE;
    for start in (done..full).step_by(SIDE) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|index| &from[(start + index) * stride..][..inner]);
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<SIDE>(), b.as_chunks::<SIDE>());
        let ((c, c_rest), (d, d_rest)) = (c.as_chunks::<SIDE>(), d.as_chunks::<SIDE>());
        let (squares, rest) = to.split_at_mut(a.len() * SIDE * width);
        let rows = a.iter().zip(b).zip(c).zip(d);
        for (to, (((a, b), c), d)) in squares.chunks_exact_mut(SIDE * width).zip(rows) {
            for (index, to) in to.chunks_exact_mut(width).enumerate() {
                to[start..start + SIDE].copy_from_slice(&[a[index], b[index], c[index], d[index]]);
            }
        }
        let rows = a_rest.iter().zip(b_rest).zip(c_rest).zip(d_rest);
        for (to, (((a, b), c), d)) in rest.chunks_exact_mut(width).zip(rows) {
            to[start..start + SIDE].copy_from_slice(&[*a, *b, *c, *d]);
        }
    }
    for index in full..count {
        let row = &from[index * stride..][..inner];
        for (to, value) in to.chunks_exact_mut(width).zip(row) {
            to[index] = *value;
        }
    }
    if count < width {
        to.chunks_exact_mut(width).for_each(|to| to[count..].fill(T::zero()));
    }
}

/// Transposes eight rows of eight numbers, which start `stride` apart, to rows that start `width` apart.
///
/// # Safety
/// The processor has AVX, and the numbers can be read and written.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
#[inline]
#[allow(unsafe_code, reason = "shuffles that the compiler does not find by itself")]
unsafe fn square_of_eight(from: *const f32, stride: usize, to: *mut f32, width: usize) {
    use core::arch::x86_64::{
        _mm_loadu_ps, _mm256_castps128_ps256, _mm256_insertf128_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
        _mm256_unpackhi_ps, _mm256_unpacklo_ps,
    };
    for half in [0, 4] {
        // SAFETY: the caller's.
        unsafe {
            // Four values of row `i`, and behind them four of row `i + 4`.
            let [a, b, c, d] = [0, 1, 2, 3].map(|row| {
                let low = _mm_loadu_ps(from.add(row * stride + half));
                let high = _mm_loadu_ps(from.add((row + 4) * stride + half));
                _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
            });
            let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
            let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
            let to = to.add(half * width);
            _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(ab, cd));
            _mm256_storeu_ps(to.add(width), _mm256_shuffle_ps::<0xee>(ab, cd));
            _mm256_storeu_ps(to.add(2 * width), _mm256_shuffle_ps::<0x44>(ab_high, cd_high));
            _mm256_storeu_ps(to.add(3 * width), _mm256_shuffle_ps::<0xee>(ab_high, cd_high));
        }
    }
}
