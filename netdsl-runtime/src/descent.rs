//! The end of an update: each value less its step.

use netdsl_layers::{Element, vectorised};

use crate::squares::{BESIDE, BLOCK, Squares, padded};

/// What moving a tensor has come to, part by part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descent {
    steps: Squares,
    values: Squares,
}

impl Descent {
    /// Nothing has been moved.
    pub(crate) const START: Self = Self { steps: Squares::ZERO, values: Squares::ZERO };

    /// Replaces each step by the value less the step.
    pub(crate) fn take<T: Element>(&mut self, values: &[T], steps: &mut [T]) {
        for (values, steps) in values.chunks(BLOCK).zip(steps.chunks_mut(BLOCK)) {
            let (of_steps, of_values) = vectorised(
                #[inline(always)]
                || block(values, steps),
            );
            self.steps.add(of_steps);
            self.values.add(of_values);
        }
    }

    /// Whether it is certain that all new values are finite. Where their squares are too large to be added up, it is not.
    pub(crate) fn surely_finite(&self) -> bool {
        self.steps.total().is_finite() && self.values.total().is_finite()
    }

    /// The norm of the steps over that of the values, and no number where the values are zero.
    pub(crate) fn relative(&self) -> f64 {
        let [change, size] = [self.steps, self.values].map(|squares| squares.total());
        if size > 0.0 { (change / size).sqrt() } else { f64::NAN }
    }
}

/// Replaces the steps of a block and gives the sums of the squares of the steps and of the values.
#[inline(always)]
fn block<T: Element>(values: &[T], steps: &mut [T]) -> ([T; BESIDE], [T; BESIDE]) {
    let (mut of_steps, mut of_values) = ([T::zero(); BESIDE], [T::zero(); BESIDE]);
    let mut row = |values: &[T; BESIDE], steps: &mut [T; BESIDE]| {
        for lane in 0..BESIDE {
            of_steps[lane] += steps[lane] * steps[lane];
            of_values[lane] += values[lane] * values[lane];
            steps[lane] = values[lane] - steps[lane];
        }
    };
    let (values, last_values) = values.as_chunks::<BESIDE>();
    let (steps, last_steps) = steps.as_chunks_mut::<BESIDE>();
    values.iter().zip(steps).for_each(|(values, steps)| row(values, steps));
    if !last_values.is_empty() {
        let mut moved = padded(last_steps);
        row(&padded(last_values), &mut moved);
        last_steps.copy_from_slice(&moved[..last_steps.len()]);
    }
    (of_steps, of_values)
}

#[cfg(test)]
mod tests {
    use netdsl_layers::on_all_registers;

    use super::{BESIDE, BLOCK, Descent};
    use crate::squares::Squares;

    /// In parts of any length, also of no whole number of lanes; 1e-6 is what the sums in single precision leave room for.
    #[test]
    fn agrees_with_a_plain_loop() {
        for len in [1, BESIDE - 1, BESIDE, BLOCK, BLOCK + BESIDE + 5, 3 * BLOCK] {
            let values: Vec<f32> = (0..len).map(|index| (index as f32 * 0.37).sin()).collect();
            let steps: Vec<f32> = (0..len).map(|index| (index as f32 * 0.73).cos() * 0.01).collect();
            let mut moved = steps.clone();
            let mut descent = Descent::START;
            for (values, moved) in values.chunks(BLOCK).zip(moved.chunks_mut(BLOCK)) {
                descent.take(values, moved);
            }
            for ((value, step), moved) in values.iter().zip(&steps).zip(&moved) {
                assert_eq!(*moved, value - step);
            }
            let norm =
                |values: &[f32]| values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
            let plain = norm(&steps) / norm(&values);
            assert!(
                len == 1 && plain.is_infinite() || (descent.relative() / plain - 1.0).abs() < 1e-6,
                "{len}"
            );
            assert!(descent.surely_finite());
        }
    }

    /// Also where numbers are hardly there, too large or none, each for itself.
    #[test]
    fn has_the_bits_of_a_plain_loop() {
        let bits = |value: f32| if value.is_nan() { u32::MAX } else { value.to_bits() };
        let specials = [-0.0, f32::from_bits(9), -f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NAN];
        for len in [0, 1, BESIDE - 1, BESIDE, BESIDE + 1, BLOCK + BESIDE + 5] {
            let mut values: Vec<f32> = (0..len).map(|index| (index as f32 * 0.37).sin()).collect();
            let mut steps: Vec<f32> = (0..len).map(|index| (index as f32 * 0.73).cos() * 0.01).collect();
            for numbers in [&mut values, &mut steps] {
                let some = numbers.iter_mut().skip(len / 5).step_by(13).enumerate();
                some.for_each(|(index, number)| *number = specials[index % specials.len()]);
                // So that not all sums are infinite.
                numbers.iter_mut().skip(BLOCK).for_each(|number| *number = number.clamp(-1.0, 1.0));
            }
            for (registers, (moved, descent)) in on_all_registers(|| {
                let (mut moved, mut descent) = (steps.clone(), Descent::START);
                descent.take(&values, &mut moved);
                (moved, descent)
            }) {
                for (index, moved) in moved.iter().enumerate() {
                    let expected = values[index] - steps[index];
                    assert_eq!(bits(*moved), bits(expected), "{index} of {len} on {registers}");
                }
                for (ours, of) in [(descent.steps, &steps), (descent.values, &values)] {
                    let (ours, expected) = (ours.total(), Squares::of(of).total());
                    let same = ours.to_bits() == expected.to_bits() || ours.is_nan() && expected.is_nan();
                    assert!(same, "{ours} for {expected} on {registers}");
                }
            }
        }
    }

    #[test]
    fn tells_what_is_not_finite_wherever_it_is() {
        for index in 0..2 * BESIDE + 3 {
            for bad in [f64::NAN, f64::INFINITY, f64::MIN] {
                let (values, mut steps) = ([f64::MAX; 2 * BESIDE + 3], [0.0; 2 * BESIDE + 3]);
                steps[index] = bad;
                let mut descent = Descent::START;
                descent.take(&values, &mut steps);
                assert!(!descent.surely_finite(), "{bad} at {index}");
            }
        }
    }

    #[test]
    fn values_of_zero_have_no_relative_change() {
        let mut descent = Descent::START;
        descent.take(&[0.0; 3], &mut [1.0; 3]);
        assert!(descent.relative().is_nan());
    }
}
