//! The exponential function and its relatives for kernels: without branches and tables, so that a loop over many numbers
//! works on as many of them at once as a register holds.
//!
//! Additions and multiplications are rounded one by one, so that the bits are the same on every processor and in every
//! build. The errors, in units in the last place of the exact result, over all numbers of 32 bits and over a grid of those of 64
//! bits, are at most:
//!
//! | function | `f32` | `f64` |
//! |---|---|---|
//! | [`power_of_e`](Transcendental::power_of_e) | 1.5 | 2.5 |
//! | [`power_of_e_less_one`](Transcendental::power_of_e_less_one) | 2.5 | 3.5 |
//! | [`logistic`](Transcendental::logistic) | 3 | 4 |
//! | [`hyperbolic_tangent`](Transcendental::hyperbolic_tangent) | 4 | 5 |
//! | [`softplus`](Transcendental::softplus) | 3 | 4 |
//!
//! `cargo test --release -p netdsl-layers --lib transcendental -- --include-ignored` measures them. The argument is reduced
//! by a multiple of ln 2 in two parts, as Cody & Waite do it.

/// The functions, for the two types of numbers.
pub trait Transcendental: Copy {
    /// `exp(x)`
    fn power_of_e(self) -> Self;

    /// `exp(x) - 1`, without cancellation.
    fn power_of_e_less_one(self) -> Self;

    /// `1 / (1 + exp(-x))`
    fn logistic(self) -> Self;

    /// `tanh(x)`
    fn hyperbolic_tangent(self) -> Self;

    /// `ln(1 + exp(x))`
    fn softplus(self) -> Self;
}

macro_rules! transcendental {
    ($float:ident, $bits:ty, $signed:ty, $numbers:ident) => {
        const _: () = {
            use $numbers::*;

            /// `2^exponent`, for an exponent of normal numbers.
            #[inline(always)]
            fn power_of_two(exponent: $signed) -> $float {
                const BIAS: $signed = $float::MAX_EXP as $signed - 1;
                <$float>::from_bits((exponent.wrapping_add(BIAS) << ($float::MANTISSA_DIGITS - 1)) as $bits)
            }

            /// The integer `n` nearest to `x / ln 2`, and `exp(x - n ln 2) - 1`.
            #[inline(always)]
            fn reduce(x: $float) -> ($signed, $float) {
                /// Added to a number of small magnitude, it leaves the nearest integer in the last bits.
                const ROUND: $float = 1.5 * (1 as $bits << ($float::MANTISSA_DIGITS - 1)) as $float;
                let shifted = x * std::$float::consts::LOG2_E + ROUND;
                let integer = (shifted.to_bits() as $signed).wrapping_sub(ROUND.to_bits() as $signed);
                let whole = shifted - ROUND;
                let rest = (x - whole * LN_2[0]) - whole * LN_2[1];
                let mut series = 0.0;
                for factor in POWERS {
                    series = series * rest + factor;
                }
                (integer, rest + rest * rest * series)
            }

            impl Transcendental for $float {
                #[inline(always)]
                fn power_of_e(self) -> Self {
                    // Beyond, the result is infinite or zero. Comparisons with no number are false, so that it stays one.
                    let x = if self > HIGHEST { HIGHEST } else { self };
                    let x = if x < LOWEST { LOWEST } else { x };
                    let (integer, rest) = reduce(x);
                    // In two steps: the power alone may leave the range where the result does not.
                    let half = integer >> 1;
                    (rest + 1.0) * power_of_two(half) * power_of_two(integer.wrapping_sub(half))
                }

                #[inline(always)]
                fn power_of_e_less_one(self) -> Self {
                    let x = if self > HIGHEST { HIGHEST } else { self };
                    let x = if x < -LEVEL { -LEVEL } else { x };
                    let (integer, rest) = reduce(x);
                    // Half of the power, which stays in range.
                    let power = power_of_two(integer.wrapping_sub(1));
                    let result = 2.0 * (power * rest + (power - 0.5));
                    // Zero keeps its sign, and the smallest numbers the bit that half of them has not.
                    if self.abs() < $float::MIN_POSITIVE { self } else { result }
                }

                #[inline(always)]
                fn logistic(self) -> Self {
                    let small = (-self.abs()).power_of_e();
                    (if self >= 0.0 { 1.0 } else { small }) / (1.0 + small)
                }

                #[inline(always)]
                fn hyperbolic_tangent(self) -> Self {
                    let twice = 2.0 * self.abs();
                    // Beyond, the result is one.
                    let twice = if twice > LEVEL { LEVEL } else { twice };
                    let power = twice.power_of_e_less_one();
                    (power / (power + 2.0)).copysign(self)
                }

                #[inline(always)]
                fn softplus(self) -> Self {
                    let small = (-self.abs()).power_of_e();
                    // ln(1 + u) = 2 artanh(u / (2 + u)), whose argument is at most 1/3.
                    let ratio = small / (2.0 + small);
                    let square = ratio * ratio;
                    let mut series = 0.0;
                    for term in (1..LOGARITHM).rev() {
                        series = series * square + 1.0 / (2 * term + 1) as $float;
                    }
                    // The first term apart, so that the rounding of the others is small beside it.
                    let first = 2.0 * ratio;
                    (if self < 0.0 { 0.0 } else { self }) + (first + first * (square * series))
                }
            }
        };
    };
}

transcendental!(f32, u32, i32, of_32_bits);
transcendental!(f64, u64, i64, of_64_bits);

mod of_32_bits {
    /// Where the exponential function is zero and infinite.
    pub(super) const LOWEST: f32 = -105.0;
    pub(super) const HIGHEST: f32 = 89.0;
    /// Where it is nothing beside one.
    pub(super) const LEVEL: f32 = 20.0;
    /// ln 2 in two parts, of which multiples of the first are exact.
    pub(super) const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
    /// The reciprocals of the factorials from 8! to 2!.
    pub(super) const POWERS: [f32; 6] =
        [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0];
    /// How many terms the logarithm has.
    pub(super) const LOGARITHM: i32 = 8;
}

mod of_64_bits {
    /// Where the exponential function is zero and infinite.
    pub(super) const LOWEST: f64 = -746.0;
    pub(super) const HIGHEST: f64 = 710.0;
    /// Where it is nothing beside one.
    pub(super) const LEVEL: f64 = 40.0;
    /// ln 2 in two parts, of which multiples of the first are exact.
    pub(super) const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    /// The reciprocals of the factorials from 13! to 2!.
    pub(super) const POWERS: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
    ];
    /// How many terms the logarithm has.
    pub(super) const LOGARITHM: i32 = 17;
}

#[cfg(test)]
mod tests {
    use super::Transcendental;

    /// The functions in double precision by libm, and how many units in the last place ours may be off.
    type Function = (&'static str, fn(f32) -> f32, fn(f64) -> f64, fn(f64) -> f64, f64);

    fn logistic(x: f64) -> f64 {
        crate::Elementwise::value(&crate::Sigmoid, x)
    }

    fn softplus(x: f64) -> f64 {
        libm::fmax(x, 0.0) + libm::log1p(libm::exp(-libm::fabs(x)))
    }

    const FUNCTIONS: [Function; 5] = [
        ("exp", f32::power_of_e, f64::power_of_e, libm::exp, 1.5),
        ("expm1", f32::power_of_e_less_one, f64::power_of_e_less_one, libm::expm1, 2.5),
        ("logistic", f32::logistic, f64::logistic, logistic, 3.0),
        ("tanh", f32::hyperbolic_tangent, f64::hyperbolic_tangent, libm::tanh, 4.0),
        ("softplus", f32::softplus, f64::softplus, softplus, 3.0),
    ];

    /// The distance in units in the last place of a number of 32 bits of the size of `exact`.
    fn units(ours: f32, exact: f64) -> f64 {
        let nearest = exact as f32;
        if ours == nearest || ours.is_nan() && exact.is_nan() {
            return 0.0;
        }
        let unit = f64::from(nearest.abs().next_up()) - f64::from(nearest.abs());
        ((f64::from(ours) - exact) / unit).abs()
    }

    fn largest_error(numbers: impl Iterator<Item = f32> + Clone) {
        for (name, ours, _, exact, allowed) in FUNCTIONS {
            let (mut largest, mut at) = (0.0, 0.0);
            for x in numbers.clone() {
                let error = units(ours(x), exact(x.into()));
                if error > largest || error.is_nan() {
                    (largest, at) = (error, x);
                }
            }
            println!("{name}: {largest:.2} units in the last place, at {at:?}");
            assert!(largest <= allowed, "{name}: {largest} at {at:?}");
        }
    }

    /// A sample of all bits, with the borders among them.
    #[test]
    fn of_32_bits_are_as_exact_as_said() {
        let borders = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::from_bits(1)];
        let small = [1e-40, -1e-40, -87.5, -103.9, -104.5, 88.72, 88.73, 0.3465, -0.3466, 9.01];
        let sample = (0..1 << 16).map(|index: u32| f32::from_bits(index.wrapping_mul(65_537)));
        largest_error(borders.into_iter().chain(small).chain(sample));
    }

    #[test]
    #[ignore = "minutes: all numbers of 32 bits, by the command in the documentation of the module"]
    fn of_32_bits_are_as_exact_as_said_everywhere() {
        largest_error((0..=u32::MAX).map(f32::from_bits));
    }

    /// The libm of the comparison is itself off by about one unit.
    #[test]
    fn of_64_bits_are_as_exact_as_said() {
        for (name, _, ours, exact, allowed) in FUNCTIONS {
            let mut largest = 0.0;
            let grid = (-200_000..200_000).map(|index| f64::from(index) * 0.003_7 + f64::from(index) * 1e-9);
            let borders = [f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, -5e-324, f64::MAX, f64::MIN];
            for x in grid.chain(borders) {
                let (ours, exact) = (ours(x), exact(x));
                if ours != exact {
                    let unit = exact.abs().next_up() - exact.abs();
                    largest = f64::max(largest, ((ours - exact) / unit).abs());
                    assert!(!ours.is_nan(), "{name} of {x}");
                }
            }
            println!("{name}: {largest:.2} units in the last place");
            assert!(largest <= allowed + 1.0, "{name}: {largest}");
            assert!(ours(f64::NAN).is_nan(), "{name}");
        }
    }
}
