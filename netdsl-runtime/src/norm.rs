//! The norm of a gradient, whatever its size.

use std::fmt;

use netdsl_layers::Element;

use crate::decimal::Decimal;
use crate::squares::{BLOCK, Squares};

/// `mantissa · 2^exponent`: a norm that neither overflows nor underflows, also where `f64` would.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    mantissa: f64,
    exponent: i64,
}

/// The sum of the squares in double precision, where none of `f32` overflows or underflows.
fn in_double_precision<T: Element>(values: &[T]) -> f64 {
    let mut wide = [0.0; BLOCK];
    let block = |block: &[T]| {
        wide.iter_mut().zip(block).for_each(|(wide, value)| *wide = Element::to_f64(*value));
        Squares::of(&wide[..block.len()]).total()
    };
    values.chunks(BLOCK).map(block).sum()
}

/// `2^exponent · value`.
fn times_power(value: f64, exponent: i64) -> f64 {
    // Beyond these every number is infinite or zero.
    libm::scalbn(value, exponent.clamp(-4000, 4000) as i32)
}

impl Norm {
    /// The norm of nothing.
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };

    /// The norm of `values · 2^exponent`, whatever their size; not a number where a value is not finite.
    ///
    /// Values of `f32` are summed up by 32 in single precision, and these sums in double: the relative error is below 1.1e-6.
    pub fn of<T: Element>(values: &[T], exponent: i32) -> Self {
        // What underflows adds as little to the sum as rounding does where the sum is this much larger.
        let exact = |sum: f64, smallest: f64| sum.is_finite() && sum >= smallest * values.len() as f64;
        let mut sum = Squares::of(values).total();
        if !exact(sum, Element::to_f64(T::min_positive_value())) {
            sum = in_double_precision(values);
        }
        if exact(sum, f64::MIN_POSITIVE) {
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
    pub(crate) fn exact(self) -> impl fmt::Display {
        fmt::from_fn(move |formatter| {
            let value = self.to_f64();
            if value.is_normal() || self.mantissa == 0.0 || !self.is_finite() {
                fmt::Display::fmt(&Decimal(value), formatter)
            } else {
                fmt::Display::fmt(&self, formatter)
            }
        })
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

    /// `f32` of any size, also where the squares are no normal numbers or some of them are too small to be seen; the oracle
    /// sums in double precision, where none of them is.
    #[test]
    fn single_precision_is_within_its_error() {
        for size in [1.0, 1e-12, 3e-19, 1e-19, 1e-20, 1e-22, 1e-30, 1e-38, 1e-44, 1e18, 1e19, 1e20, 3e37] {
            for (len, spread) in [(1, 0), (100, 0), (1000, 3), (40_007, 9), (40_007, 30)] {
                let value =
                    |index: i32| size * (f64::from(index) * 0.37).sin() * 10f64.powi(-(index % (spread + 1)));
                let values: Vec<f32> = (1..=len).map(|index| value(index) as f32).collect();
                let plain = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
                let norm = Norm::of(&values, 0).to_f64();
                assert!((norm - plain).abs() <= 1.1e-6 * plain, "{size} {len} {spread}: {norm} {plain}");
            }
        }
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
