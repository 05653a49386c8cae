//! The root of the mean square of the distance.

use netdsl_layers::{Element, Shape};

use super::{Metric, OfValues};

/// `sqrt(mean (y - t)²)` over every number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootMeanSquareError;

impl<T: Element, Y: OfValues> Metric<T, Y> for RootMeanSquareError {
    fn name(&self) -> String {
        "root mean square error".into()
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, _output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]) {
        for (value, target) in values.iter().zip(Y::values::<T>(targets)) {
            sums[0] += ((*value).to_f64() - (*target).to_f64()).powi(2);
            sums[1] += 1.0;
        }
    }

    fn value(&self, sums: &[f64]) -> f64 {
        (sums[0] / sums[1]).sqrt()
    }
}
