//! The mean distance.

use netdsl_layers::{Element, Shape};

use super::{Metric, OfValues};

/// `mean |y - t|` over every number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl<T: Element, Y: OfValues> Metric<T, Y> for MeanAbsoluteError {
    fn name(&self) -> String {
        "mean absolute error".into()
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, _output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]) {
        for (value, target) in values.iter().zip(Y::values::<T>(targets)) {
            sums[0] += ((*value).to_f64() - (*target).to_f64()).abs();
            sums[1] += 1.0;
        }
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
