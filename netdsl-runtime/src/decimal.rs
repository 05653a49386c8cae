//! The digits of a number.

use std::fmt;

const ZEROS: &str = "0000000000000000";

/// A number with as short a text as its own `Display` has and without an exponent, from which the same number is read, by a
/// faster way: a log writes a hundred of them in every step. Where two such texts are equally near, it may be the other one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal(pub(crate) f64);

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format(self.0);
        let Some((digits, exponent)) = text.split_once('e') else {
            return match self.0.is_finite() {
                true => formatter.write_str(text.strip_suffix(".0").unwrap_or(text)),
                false => fmt::Display::fmt(&self.0, formatter),
            };
        };
        let Some(zeros) = exponent.strip_prefix('-').and_then(|exponent| exponent.parse::<usize>().ok())
        else {
            return fmt::Display::fmt(&self.0, formatter);
        };
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
        let (first, rest) = digits.split_once('.').unwrap_or((digits, ""));
        // Piece by piece: to fill up by a format takes several times the instructions.
        formatter.write_str(sign)?;
        formatter.write_str("0.")?;
        let mut missing = zeros - 1;
        while missing > 0 {
            let some = missing.min(ZEROS.len());
            formatter.write_str(&ZEROS[..some])?;
            missing -= some;
        }
        formatter.write_str(first)?;
        formatter.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Decimal;

    #[track_caller]
    fn compare(value: f64) {
        let (text, expected) = (Decimal(value).to_string(), value.to_string());
        assert_eq!(text.len(), expected.len(), "{text} {expected}");
        assert!(!text.contains('e'), "{text}");
        let read: f64 = text.parse().unwrap();
        assert!(read.to_bits() == value.to_bits() || read.is_nan() && value.is_nan(), "{text} {expected}");
    }

    #[test]
    fn what_is_special_is_as_short_as_by_display() {
        for value in [
            0.0,
            1.0,
            100.0,
            1e15,
            1e16,
            1e300,
            1e-4,
            1e-5,
            1.5e-5,
            1e-7,
            3e-9,
            f64::MAX,
            5e-324,
            1_369_423_024_639_512.3,
        ] {
            compare(value);
            compare(-value);
        }
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].into_iter().for_each(compare);
    }

    proptest! {
        #[test]
        fn every_number_is_as_short_as_by_display(bits: u64, size in -20.0..20.0) {
            compare(f64::from_bits(bits));
            compare(10f64.powf(size));
        }
    }
}
