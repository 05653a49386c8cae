//! Several numbers in one register.

use std::cell::Cell;
use std::thread::LocalKey;

use pulp::{Simd, WithSimd};

use crate::buffer::{Buffer, LINE, lengthen};
use crate::element::Element;
use crate::registers::dispatch;

/// What a kernel asks of a number so that it can work on a register of them, whatever the processor has.
pub trait Lanes: bytemuck::Pod + Sized {
    /// A register of them.
    type Register<S: Simd>: bytemuck::Pod;

    /// The same number in all lanes.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;

    /// `a b + c`, rounded once.
    fn fused<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;

    /// Which lanes of a register are read.
    type Mask<S: Simd>: Copy;

    /// The first `count` lanes.
    fn first<S: Simd>(simd: S, count: usize) -> Self::Mask<S>;

    /// What lies at `from` in the lanes of the mask, and zero in the others.
    ///
    /// # Safety
    /// The values of the lanes of the mask can be read.
    #[allow(unsafe_code, reason = "a slice does not say that the other lanes are left alone")]
    unsafe fn load<S: Simd>(simd: S, mask: Self::Mask<S>, from: *const Self) -> Self::Register<S>;

    /// Writes the lanes of the mask to `to`, and leaves what lies behind the others.
    ///
    /// # Safety
    /// The values of the lanes of the mask can be written.
    #[allow(unsafe_code, reason = "a slice does not say that the other lanes are left alone")]
    unsafe fn store<S: Simd>(simd: S, mask: Self::Mask<S>, to: *mut Self, register: Self::Register<S>);

    /// What this thread keeps for the next [`Room`].
    fn spare() -> &'static LocalKey<Cell<Buffer<Self>>>;
}

/// Room for numbers, which goes back to this thread for the next: allocates only where more is asked for than ever before.
pub(crate) struct Room<T: Lanes> {
    values: Buffer<T>,
    len: usize,
}

impl<T: Lanes> Room<T> {
    pub(crate) fn new(len: usize) -> Self {
        let mut values = T::spare().replace(Buffer::new(LINE));
        lengthen(&mut values, len, T::zeroed());
        Self { values, len }
    }

    /// So many numbers, from the start of a cache line on.
    pub(crate) fn values(&mut self) -> &mut [T] {
        &mut self.values[..self.len]
    }
}

impl<T: Lanes> Drop for Room<T> {
    fn drop(&mut self) {
        T::spare().set(std::mem::replace(&mut self.values, Buffer::new(LINE)));
    }
}

macro_rules! lanes {
    ($element:ty, $register:ident, $splat:ident, $mul_add:ident, $mask:ident, $between:ident, $load:ident, $store:ident) => {
        impl Lanes for $element {
            type Register<S: Simd> = S::$register;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$register {
                simd.$splat(value)
            }

            #[inline(always)]
            fn fused<S: Simd>(simd: S, a: S::$register, b: S::$register, c: S::$register) -> S::$register {
                simd.$mul_add(a, b, c)
            }

            type Mask<S: Simd> = S::$mask;

            #[inline(always)]
            fn first<S: Simd>(simd: S, count: usize) -> S::$mask {
                simd.$between(0, count as _).mask()
            }

            #[inline(always)]
            #[allow(unsafe_code, reason = "the caller's")]
            unsafe fn load<S: Simd>(simd: S, mask: S::$mask, from: *const $element) -> S::$register {
                // SAFETY: the caller's.
                unsafe { simd.$load(mask.into(), from) }
            }

            #[inline(always)]
            #[allow(unsafe_code, reason = "the caller's")]
            unsafe fn store<S: Simd>(simd: S, mask: S::$mask, to: *mut $element, register: S::$register) {
                // SAFETY: the caller's.
                unsafe { simd.$store(mask.into(), to, register) }
            }

            fn spare() -> &'static LocalKey<Cell<Buffer<Self>>> {
                thread_local! {
                    static SPARE: Cell<Buffer<$element>> = Cell::new(Buffer::new(LINE));
                }
                &SPARE
            }
        }
    };
}

lanes!(f32, f32s, splat_f32s, mul_add_f32s, m32s, mask_between_m32s, mask_load_ptr_f32s, mask_store_ptr_f32s);
lanes!(f64, f64s, splat_f64s, mul_add_f64s, m64s, mask_between_m64s, mask_load_ptr_f64s, mask_store_ptr_f64s);

/// How many values a register has.
#[inline(always)]
pub(crate) fn lanes<S: Simd, T: Lanes>() -> usize {
    size_of::<T::Register<S>>() / size_of::<T>()
}

/// The caches that [`prefetch`] names: what is needed soon, and what is needed later, for which the second has more room.
pub(crate) const FIRST_CACHE: i32 = 3;
pub(crate) const SECOND_CACHE: i32 = 2;

/// Has the processor bring the cache line of this place into a cache, if it can.
#[inline(always)]
#[allow(unsafe_code, reason = "an instruction that reads nothing")]
pub(crate) fn prefetch<const CACHE: i32, T>(place: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: the instruction is a hint, and does nothing where the place can't be read.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<CACHE>(place.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = place;
}

/// The sum of numbers of which those side by side are added up first.
pub(crate) fn sum<T: Element>(values: &[T]) -> T {
    /// How many sums run beside each other, whatever the registers are, so that the bits are the same.
    const BESIDE: usize = 16;
    vectorised(
        #[inline(always)]
        || {
            let mut sums = [T::zero(); BESIDE];
            let whole = values.chunks_exact(BESIDE);
            let rest = whole.remainder();
            for values in whole {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += *value;
                }
            }
            for (sum, value) in sums.iter_mut().zip(rest) {
                *sum += *value;
            }
            in_halves(sums)
        },
    )
}

/// Folds numbers in runs beside each other, which `join` puts together; few numbers one by one, without the runs.
///
/// The start changes nothing where it is joined.
#[inline(always)]
pub(crate) fn fold<T: Copy, R: Copy>(
    values: &[T],
    start: R,
    step: impl Fn(R, T) -> R,
    join: impl Fn(R, R) -> R,
) -> R {
    /// How many runs there are, whatever the registers are, so that the bits are the same.
    const BESIDE: usize = 16;
    let (whole, rest) = values.as_chunks::<BESIDE>();
    let rest = rest.iter().fold(start, |folded, value| step(folded, *value));
    if whole.is_empty() {
        return rest;
    }
    let mut runs = [start; BESIDE];
    for values in whole {
        for (run, value) in runs.iter_mut().zip(values) {
            *run = step(*run, *value);
        }
    }
    runs.into_iter().fold(rest, join)
}

/// The largest of numbers; what is no number is passed over.
#[inline(always)]
pub(crate) fn largest<T: Element>(values: &[T]) -> T {
    let larger = |largest: T, value: T| if value > largest { value } else { largest };
    fold(values, T::neg_infinity(), larger, larger)
}

/// The sum of as many numbers as a power of two, the halves of which are added to each other.
#[inline(always)]
pub fn in_halves<T: Element, const COUNT: usize>(mut sums: [T; COUNT]) -> T {
    let mut half = COUNT / 2;
    while half > 0 {
        for index in 0..half {
            sums[index] += sums[index + half];
        }
        half /= 2;
    }
    sums[0]
}

/// Whether all numbers are finite. Without an early exit, so that the loop can be vectorised.
#[expect(clippy::eq_op, reason = "a number that is not finite is no zero when it is taken from itself")]
pub fn finite<T: Element>(values: &[T]) -> bool {
    /// How many sums run beside each other.
    const BESIDE: usize = 32;
    let (whole, rest) = values.as_chunks::<BESIDE>();
    // To compare each takes twice the instructions.
    let sums = vectorised(
        #[inline(always)]
        || {
            let mut sums = [T::zero(); BESIDE];
            for values in whole {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += *value - *value;
                }
            }
            sums
        },
    );
    rest.iter().fold(in_halves(sums), |sum, value| sum + (*value - *value)) == T::zero()
}

/// Calls `work`, compiled for the registers that the processor has: a loop over numbers in it works on as many at once as
/// one holds. What it computes stays the same.
///
/// For work that the compiler puts into the place of its call: what is long implements [`WithSimd`] instead, since a function
/// that is not inlined is compiled for the least that a processor has.
///
/// A closure that the compiler does not inline has not the instructions of the function that it stands in: write
/// `vectorised(#[inline(always)] || …)`, and the same for the closures in it.
#[inline]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    dispatch(Work(work))
}

struct Work<F>(F);

impl<R, F: FnOnce() -> R> WithSimd for Work<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> R {
        self.0()
    }
}

#[cfg(test)]
mod tests {
    use super::{finite, in_halves, sum};
    use crate::on_all_registers;

    /// Sixteen sums beside each other, of every sixteenth number, whatever the registers are.
    #[test]
    fn sums_have_the_bits_of_the_plain_loop() {
        let lens =
            if cfg!(miri) { &[0, 5, 17][..] } else { &[0, 1, 3, 4, 5, 8, 15, 16, 17, 47, 48, 49, 100] };
        for len in lens.iter().copied() {
            let numbers = (0..len).map(|index| (index as f32 * 0.618_034).sin());
            for special in [0.5, -0.0, f32::from_bits(7), f32::MAX, f32::INFINITY, f32::NAN] {
                let mut values: Vec<f32> = numbers.clone().collect();
                values.iter_mut().skip(len / 3).step_by(37).for_each(|value| *value = special);
                let mut sums = [0.0; 16];
                values.iter().enumerate().for_each(|(index, value)| sums[index % 16] += value);
                let expected: f32 = in_halves(sums);
                for (registers, ours) in on_all_registers(|| sum(&values)) {
                    let same = ours.to_bits() == expected.to_bits() || ours.is_nan() && expected.is_nan();
                    assert!(same, "{ours} on {registers}, {expected} by the loop, of {len} with {special}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_seen_wherever_it_is() {
        // Miri computes a hundred thousand times slower.
        let lens = if cfg!(miri) { &[0, 1, 33][..] } else { &[0, 1, 31, 32, 33, 100] };
        for len in lens.iter().copied() {
            let mut values: Vec<f32> =
                (0..len).map(|index| if index % 2 == 0 { f32::MAX } else { f32::MIN }).collect();
            assert_eq!(on_all_registers(|| finite(&values)).iter().find(|(_, finite)| !finite), None);
            for index in 0..len {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let value = std::mem::replace(&mut values[index], bad);
                    let missed = on_all_registers(|| finite(&values)).into_iter().find(|(_, finite)| *finite);
                    assert_eq!(missed, None, "{bad} at {index} of {len}");
                    values[index] = value;
                }
            }
        }
    }
}
