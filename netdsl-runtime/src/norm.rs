//! The norm of a gradient, whatever its size.

use std::fmt;

use netdsl_layers::{Element, in_halves, vectorised};

/// `mantissa · 2^exponent`: a norm that neither overflows nor underflows, also where `f64` would.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    mantissa: f64,
    exponent: i64,
}

/// How many sums take turns, so that the loop can be vectorised; the result does not depend on the machine.
const LANES: usize = 16;

fn sum_of_squares<T: Element>(values: &[T]) -> f64 {
    let mut sums = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    vectorised(
        #[inline(always)]
        || {
            for chunk in chunks {
                for (sum, value) in sums.iter_mut().zip(chunk) {
                    *sum += (*value).to_f64() * (*value).to_f64();
                }
            }
        },
    );
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += (*value).to_f64() * (*value).to_f64();
    }
    in_halves(sums)
}

/// `2^exponent · value`.
fn times_power(value: f64, exponent: i64) -> f64 {
    // Beyond these every number is infinite or zero.
    libm::scalbn(value, exponent.clamp(-4000, 4000) as i32)
}

impl Norm {
    /// The norm of nothing.
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };

    /// The norm of `values · 2^exponent`. Not a number where a value is not finite.
    pub fn of<T: Element>(values: &[T], exponent: i32) -> Self {
        let sum = sum_of_squares(values);
        if sum.is_normal() {
            return Self::new(sum.sqrt(), exponent.into());
        }
        let mut largest = 0f64;
        for value in values {
            if !value.is_finite() {
                return Self { mantissa: f64::NAN, exponent: 0 };
            }
            largest = largest.max((*value).to_f64().abs());
        }
        if largest == 0.0 {
            return Self::ZERO;
        }
        let power = i64::from(libm::frexp(largest).1);
        let scaled: f64 = values
            .iter()
            .map(|value| times_power((*value).to_f64(), -power))
            .map(|value| value * value)
            .sum();
        Self::new(scaled.sqrt(), power + i64::from(exponent))
    }

    /// `mantissa · 2^exponent`, brought to a mantissa in [1, 2).
    pub fn new(mantissa: f64, exponent: i64) -> Self {
        if mantissa == 0.0 || !mantissa.is_finite() {
            return Self { mantissa, exponent: 0 };
        }
        let (half, power) = libm::frexp(mantissa);
        Self { mantissa: 2.0 * half, exponent: exponent + i64::from(power) - 1 }
    }

    /// The norm of all that these are the norms of.
    pub fn total(norms: impl Iterator<Item = Self> + Clone) -> Self {
        let Some(exponent) =
            norms.clone().filter(|norm| norm.mantissa != 0.0).map(|norm| norm.exponent).max()
        else {
            return Self::ZERO;
        };
        let squares = norms.map(|norm| times_power(norm.mantissa, norm.exponent - exponent).powi(2));
        Self::new(squares.sum::<f64>().sqrt(), exponent)
    }

    /// The norm as a number, infinite where it is too large for one.
    pub fn to_f64(self) -> f64 {
        times_power(self.mantissa, self.exponent)
    }

    /// The decimal logarithm; `-inf` for zero.
    pub fn log10(self) -> f64 {
        self.mantissa.log10() + self.exponent as f64 * std::f64::consts::LOG10_2
    }

    /// Whether it is a number; one that is too large for `f64` is.
    pub fn is_finite(self) -> bool {
        self.mantissa.is_finite()
    }

    /// All digits; three where the norm is beyond the range of `f64`.
    pub(crate) fn exact(self) -> String {
        let value = self.to_f64();
        if value.is_normal() || self.mantissa == 0.0 || !self.is_finite() {
            value.to_string()
        } else {
            self.to_string()
        }
    }

    /// Mantissa in [1, 2), or zero, and exponent.
    pub(crate) fn parts(self) -> (f64, i64) {
        (self.mantissa, self.exponent)
    }
}

/// Three significant digits, or as many behind the point as the precision says: `1.23e-4`, also beyond the range of `f64`.
impl fmt::Display for Norm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = formatter.precision().unwrap_or(2);
        let value = self.to_f64();
        let text = if !self.is_finite() || self.mantissa == 0.0 || value.is_normal() {
            format!("{value:.precision$e}")
        } else {
            let logarithm = self.log10();
            let mut power = logarithm.floor();
            let mut digits = format!("{:.precision$}", 10f64.powf(logarithm - power));
            if digits.starts_with("10") {
                power += 1.0;
                digits = format!("{:.precision$}", 1.0);
            }
            format!("{digits}e{power}")
        };
        formatter.pad_integral(true, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::Norm;

    /// The oracle sums in the order of the values; 1e-12 leaves room for the other order.
    #[test]
    fn agrees_with_a_plain_sum() {
        let values: Vec<f64> = (0..1003).map(|index| f64::from(index * 7 % 31) - 14.5).collect();
        let plain = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!((Norm::of(&values, 0).to_f64() / plain - 1.0).abs() < 1e-12);
        assert!((Norm::of(&values, 7).to_f64() / plain / 128.0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn neither_overflows_nor_underflows() {
        assert!((Norm::of(&[3e200, 4e200], 0).log10() - 5e200f64.log10()).abs() < 1e-12);
        assert!((Norm::of(&[3e-200, 4e-200], 0).log10() - 5e-200f64.log10()).abs() < 1e-12);
        let tiny = Norm::of(&[f64::from_bits(1)], 0);
        assert!((tiny.log10() + 1074.0 * std::f64::consts::LOG10_2).abs() < 1e-9);
        let huge = Norm::of(&[1.0f32], 5000);
        assert_eq!(huge.to_string(), "1.41e1505");
        assert!(huge.is_finite() && huge.to_f64().is_infinite());
        let total = Norm::total([huge, huge, Norm::ZERO].into_iter());
        assert!((total.log10() - huge.log10() - 0.5 * 2f64.log10()).abs() < 1e-12);
    }

    #[test]
    fn keeps_what_is_no_number() {
        assert!(!Norm::of(&[1.0, f32::NAN], 0).is_finite());
        assert!(!Norm::of(&[1.0, f32::INFINITY], 0).is_finite());
        assert!(!Norm::total([Norm::ZERO, Norm::of(&[f32::NAN], 0)].into_iter()).is_finite());
        assert_eq!(Norm::of(&[0.0f32; 3], 9), Norm::ZERO);
        assert_eq!(Norm::of::<f32>(&[], 0), Norm::ZERO);
    }

    #[test]
    fn prints_three_digits() {
        assert_eq!(Norm::of(&[0.012_345f64], 0).to_string(), "1.23e-2");
        assert_eq!(format!("{:>10}", Norm::of(&[2.0f64], 0)), "    2.00e0");
        assert_eq!(Norm::ZERO.to_string(), "0.00e0");
        assert_eq!(Norm::of(&[f32::NAN], 0).to_string(), "NaN");
    }
}
