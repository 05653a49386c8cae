//! The mean distance.

use netdsl_layers::{Element, Shape, Values};

use super::Metric;

/// `mean |y - t|` over every number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl<T: Element> Metric<T, Values> for MeanAbsoluteError {
    fn name(&self) -> String {
        "mean absolute error".into()
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, _output: Shape, values: &[T], targets: &[T], sums: &mut [f64]) {
        for (value, target) in values.iter().zip(targets) {
            sums[0] += ((*value).to_f64() - (*target).to_f64()).abs();
            sums[1] += 1.0;
        }
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
