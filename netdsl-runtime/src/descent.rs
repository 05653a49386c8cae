//! The end of an update: each value less its step.

use netdsl_layers::{Element, in_halves, vectorised};

/// How many sums take turns, so that the loop can be vectorised; the result does not depend on the machine.
const LANES: usize = 32;

/// How many values are summed up in their own type before the sum goes on in double precision.
const BLOCK: usize = 32 * LANES;

/// What moving a tensor has come to, part by part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descent {
    /// The sums of the squares of the steps and of the values.
    sums: [[f64; LANES]; 2],
    finite: bool,
}

impl Descent {
    /// Nothing has been moved.
    pub(crate) const START: Self = Self { sums: [[0.0; LANES]; 2], finite: true };

    /// Replaces each step by the value less the step.
    pub(crate) fn take<T: Element>(&mut self, values: &[T], steps: &mut [T]) {
        vectorised(
            #[inline(always)]
            || {
                for (values, steps) in values.chunks(BLOCK).zip(steps.chunks_mut(BLOCK)) {
                    self.block(values, steps);
                }
            },
        );
    }

    #[inline(always)]
    fn block<T: Element>(&mut self, values: &[T], steps: &mut [T]) {
        let mut sums = [[T::zero(); LANES]; 2];
        let mut finite = [true; LANES];
        let mut lane = |lane: usize, value: T, step: &mut T| {
            sums[0][lane] += *step * *step;
            sums[1][lane] += value * value;
            *step = value - *step;
            finite[lane] &= step.is_finite();
        };
        let (values, last_values) = values.as_chunks::<LANES>();
        let (steps, last_steps) = steps.as_chunks_mut::<LANES>();
        for (values, steps) in values.iter().zip(steps) {
            for (index, (value, step)) in values.iter().zip(steps).enumerate() {
                lane(index, *value, step);
            }
        }
        for (index, (value, step)) in last_values.iter().zip(last_steps).enumerate() {
            lane(index, *value, step);
        }
        for (total, block) in self.sums.iter_mut().flatten().zip(sums.iter().flatten()) {
            *total += (*block).to_f64();
        }
        self.finite &= finite.iter().all(|finite| *finite);
    }

    /// Whether all new values are finite.
    pub(crate) fn finite(&self) -> bool {
        self.finite
    }

    /// The norm of the steps over that of the values, and no number where the values are zero.
    pub(crate) fn relative(&self) -> f64 {
        let [change, size] = self.sums.map(in_halves);
        if size > 0.0 { (change / size).sqrt() } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Descent, LANES};

    /// In parts of any length, also of no whole number of lanes; 1e-6 is what the sums in single precision leave room for.
    #[test]
    fn agrees_with_a_plain_loop() {
        for len in [1, LANES - 1, LANES, BLOCK, BLOCK + LANES + 5, 3 * BLOCK] {
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
            assert!(descent.finite());
        }
    }

    #[test]
    fn tells_what_is_not_finite_wherever_it_is() {
        for index in 0..2 * LANES + 3 {
            for bad in [f64::NAN, f64::INFINITY, f64::MIN] {
                let (values, mut steps) = ([f64::MAX; 2 * LANES + 3], [0.0; 2 * LANES + 3]);
                steps[index] = bad;
                let mut descent = Descent::START;
                descent.take(&values, &mut steps);
                assert!(!descent.finite(), "{bad} at {index}");
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
