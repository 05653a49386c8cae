//! The share that is right.

use netdsl_layers::{Classes, Element, Shape};

use super::{Metric, count_hits};

/// The share of positions whose class has the largest output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy;

impl<T: Element> Metric<T, Classes> for Accuracy {
    fn name(&self) -> String {
        "accuracy".into()
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, output: Shape, values: &[T], targets: &[usize], sums: &mut [f64]) {
        count_hits(1, output, values, targets, sums);
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
