//! The share that is right.

use netdsl_layers::{Element, Shape};

use super::{Metric, OfClasses, count_hits};

/// The share of positions whose class has the largest output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy;

impl<T: Element, Y: OfClasses> Metric<T, Y> for Accuracy {
    fn name(&self) -> String {
        "accuracy".into()
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]) {
        count_hits(1, output, values, Y::classes::<T>(targets), sums);
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
