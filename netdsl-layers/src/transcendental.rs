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
//! | [`logarithm`](Transcendental::logarithm) | 2.5 | 3.5 |
//! | [`gelu`](Transcendental::gelu) | 6 | 7 |
//! | [`gelu_slope`](Transcendental::gelu_slope) | 6.5 | 7.5 |
//!
//! They hold however small the result is: for `gelu` far below zero, and for `gelu_slope` beside its zero, at -0.7518.
//! `cargo test --release -p netdsl-layers --lib transcendental -- --include-ignored` measures them. The argument is reduced
//! by a multiple of ln 2 in two parts, as Cody & Waite do it; `tests/reference/make_transcendental.py` makes the quotients of
//! polynomials.

mod of_32_bits;
mod of_64_bits;
#[cfg(test)]
mod tests;

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

    /// `ln x`
    fn logarithm(self) -> Self;

    /// `x Φ(x)` with the distribution function `Φ` of the standard normal; zero where `x` is negative and infinite.
    fn gelu(self) -> Self;

    /// `Φ(x) + x φ(x)` with the density `φ`, the derivative of [`gelu`](Self::gelu).
    fn gelu_slope(self) -> Self;
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

            /// Multiplies by `2^exponent` in two steps: the power alone may leave the range where the result does not.
            #[inline(always)]
            fn times_power_of_two(value: $float, exponent: $signed) -> $float {
                let half = exponent >> 1;
                value * power_of_two(half) * power_of_two(exponent.wrapping_sub(half))
            }

            /// Added to a number of small magnitude, it leaves the nearest integer in the last bits.
            const ROUND: $float = 1.5 * (1 as $bits << ($float::MANTISSA_DIGITS - 1)) as $float;

            /// The integer `n` nearest to `x / ln 2`, and `exp(x - less - n ln 2) - 1`, where `less` is small.
            #[inline(always)]
            fn reduce(x: $float, less: $float) -> ($signed, $float) {
                let shifted = x * std::$float::consts::LOG2_E + ROUND;
                let integer = (shifted.to_bits() as $signed).wrapping_sub(ROUND.to_bits() as $signed);
                let whole = shifted - ROUND;
                let rest = (x - whole * LN_2[0]) - whole * LN_2[1] - less;
                let mut series = 0.0;
                for factor in POWERS {
                    series = series * rest + factor;
                }
                (integer, rest + rest * rest * series)
            }

            /// `ln((1 + ratio) / (1 - ratio))`, which is twice the inverse hyperbolic tangent: its first term, and the sum of
            /// the others, so that their rounding is small beside it.
            #[inline(always)]
            fn logarithm_by_ratio(ratio: $float, terms: i32) -> ($float, $float) {
                let square = ratio * ratio;
                let mut series = 0.0;
                for term in (1..terms).rev() {
                    series = series * square + 1.0 / (2 * term + 1) as $float;
                }
                let first = 2.0 * ratio;
                (first, first * (square * series))
            }

            /// The polynomial with these factors, the highest power first: by the even powers and the odd ones apart, which
            /// takes half as many roundings one upon the other.
            #[inline(always)]
            fn polynomial<const LEN: usize>(factors: [$float; LEN], x: $float) -> $float {
                let square = x * x;
                let mut sums = [0.0; 2];
                for (index, factor) in factors.into_iter().enumerate() {
                    let sum = &mut sums[(LEN - 1 - index) % 2];
                    *sum = *sum * square + factor;
                }
                sums[1] * x + sums[0]
            }

            /// `exp(-t² / 2) factor over / under`, the polynomials taken at `t`, which is not negative.
            #[inline(always)]
            fn bell<const OVER: usize, const UNDER: usize>(
                t: $float,
                factor: $float,
                (over, under): ([$float; OVER], [$float; UNDER]),
            ) -> $float {
                // The square in two parts, of which the first is exact: the rounding of a large one would spoil many
                // digits of the power.
                let high = <$float>::from_bits(t.to_bits() & !((1 << $float::MANTISSA_DIGITS.div_ceil(2)) - 1));
                let (integer, rest) = reduce(-0.5 * high * high, 0.5 * ((t - high) * (t + high)));
                let scale = factor * polynomial(over, t) / polynomial(under, t);
                // Last of all, so that what is subnormal is rounded once.
                times_power_of_two(scale + scale * rest, integer)
            }

            /// Beyond, the functions are flat.
            #[inline(always)]
            fn distance(x: $float) -> $float {
                if x.abs() > FAR { FAR } else { x.abs() }
            }

            impl Transcendental for $float {
                #[inline(always)]
                fn power_of_e(self) -> Self {
                    // Beyond, the result is infinite or zero. Comparisons with no number are false, so that it stays one.
                    let x = if self > HIGHEST { HIGHEST } else { self };
                    let x = if x < LOWEST { LOWEST } else { x };
                    let (integer, rest) = reduce(x, 0.0);
                    times_power_of_two(rest + 1.0, integer)
                }

                #[inline(always)]
                fn power_of_e_less_one(self) -> Self {
                    let x = if self > HIGHEST { HIGHEST } else { self };
                    let x = if x < -LEVEL { -LEVEL } else { x };
                    let (integer, rest) = reduce(x, 0.0);
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
                    let (first, others) = logarithm_by_ratio(ratio, LOGARITHM);
                    (if self < 0.0 { 0.0 } else { self }) + (first + others)
                }

                #[inline(always)]
                fn logarithm(self) -> Self {
                    const FRACTION: u32 = $float::MANTISSA_DIGITS - 1;
                    const BIAS: $float = ($float::MAX_EXP - 1) as $float;
                    let one = (1.0 as $float).to_bits();
                    let least = std::$float::consts::FRAC_1_SQRT_2.to_bits();
                    let subnormal = self < $float::MIN_POSITIVE;
                    let x = if subnormal { self * (1 as $bits << FRACTION) as $float } else { self };
                    // `x` is a power of two times a number between the square roots of a half and of two.
                    let shifted = x.to_bits().wrapping_add(one - least);
                    let near_one = <$float>::from_bits((shifted & ((1 << FRACTION) - 1)).wrapping_add(least));
                    let whole = <$float>::from_bits(ROUND.to_bits().wrapping_add(shifted >> FRACTION)) - (ROUND + BIAS);
                    let whole = if subnormal { whole - FRACTION as $float } else { whole };
                    let ratio = (near_one - 1.0) / (near_one + 1.0);
                    let (first, others) = logarithm_by_ratio(ratio, LOGARITHM_NEAR_ONE);
                    let result = whole * LN_2[0] + (first + (others + whole * LN_2[1]));
                    let result = if self < $float::INFINITY { result } else { self };
                    let result = if self == 0.0 { $float::NEG_INFINITY } else { result };
                    if self < 0.0 { $float::NAN } else { result }
                }

                #[inline(always)]
                fn gelu(self) -> Self {
                    let t = distance(self);
                    // `t Φ(-t)`, by which the result is off the rectifier on both sides.
                    let off = bell(t, t, TAIL);
                    if self < 0.0 { -off } else { self - off }
                }

                #[inline(always)]
                fn gelu_slope(self) -> Self {
                    let t = distance(self);
                    // As a product with the distance from its zero, it is exact there too.
                    let off = bell(t, (t - TURN[0]) - TURN[1], TAIL_SLOPE);
                    if self < 0.0 { -off } else { 1.0 + off }
                }
            }
        };
    };
}

transcendental!(f32, u32, i32, of_32_bits);
transcendental!(f64, u64, i64, of_64_bits);
