//! Several numbers in one register.

use std::cell::RefCell;

use pulp::{Arch, Simd, WithSimd};

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

    /// Calls `work` with room for that many numbers, which belongs to this thread and starts on a cache line. Allocates only
    /// where a call asks for more than all before.
    fn with_room<R>(len: usize, work: impl FnOnce(&mut [Self]) -> R) -> R;
}

/// The length of a cache line in bytes.
const LINE: usize = 64;

macro_rules! lanes {
    ($element:ty, $register:ident, $splat:ident, $mul_add:ident) => {
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

            fn with_room<R>(len: usize, work: impl FnOnce(&mut [Self]) -> R) -> R {
                thread_local! {
                    static ROOM: RefCell<Vec<$element>> = const { RefCell::new(Vec::new()) };
                }
                ROOM.with_borrow_mut(|room| {
                    let needed = len + LINE / size_of::<Self>();
                    if room.len() < needed {
                        room.resize(needed, 0.0);
                    }
                    // Where the platform can't tell, any place will do.
                    let start = room.as_ptr().align_offset(LINE).min(needed - len);
                    work(&mut room[start..start + len])
                })
            }
        }
    };
}

lanes!(f32, f32s, splat_f32s, mul_add_f32s);
lanes!(f64, f64s, splat_f64s, mul_add_f64s);

/// Calls `work`, compiled for the registers that the processor has: a loop over numbers in it works on as many at once as
/// one holds. What it computes stays the same.
///
/// A closure that the compiler does not inline has not the instructions of the function that it stands in: write
/// `vectorised(#[inline(always)] || …)`, and the same for the closures in it.
#[inline]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(Work(work))
}

struct Work<F>(F);

impl<R, F: FnOnce() -> R> WithSimd for Work<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> R {
        self.0()
    }
}
