//! The share that is nearly right.

use netdsl_layers::{Classes, Element, Shape};

use super::{Metric, count_hits};

/// The share of positions whose class is among the `k` largest outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK(
    /// How many outputs count.
    pub usize,
);

impl<T: Element> Metric<T, Classes> for TopK {
    fn name(&self) -> String {
        format!("top {} accuracy", self.0)
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, output: Shape, values: &[T], targets: &[usize], sums: &mut [f64]) {
        count_hits(self.0, output, values, targets, sums);
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
