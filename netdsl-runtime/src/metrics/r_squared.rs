//! The share of the variance that is explained.

use netdsl_layers::{Element, Shape};

use super::{Metric, OfValues};

/// `1 - Σ (y - t)² / Σ (t - mean t)²` over every number: 1 where all is right, 0 for the mean of the targets, below that
/// for worse. Minus infinity where the targets are all the same and are missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RSquared;

impl<T: Element, Y: OfValues> Metric<T, Y> for RSquared {
    fn name(&self) -> String {
        "R squared".into()
    }

    /// Of the squares of errors, of one, of the distances from the first target, of the squares of those, and that target:
    /// far from zero, squares of the targets themselves would lose the digits that matter.
    fn sums(&self) -> usize {
        5
    }

    fn add(&self, _output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]) {
        for (value, target) in values.iter().zip(Y::values::<T>(targets)) {
            let (value, target) = ((*value).to_f64(), (*target).to_f64());
            if sums[1] == 0.0 {
                sums[4] = target;
            }
            let distance = target - sums[4];
            sums[0] += (value - target).powi(2);
            sums[1] += 1.0;
            sums[2] += distance;
            sums[3] += distance * distance;
        }
    }

    fn value(&self, sums: &[f64]) -> f64 {
        let variance = sums[3] - sums[2] * sums[2] / sums[1];
        if sums[0] == 0.0 && sums[1] > 0.0 { 1.0 } else { 1.0 - sums[0] / variance.max(0.0) }
    }
}
