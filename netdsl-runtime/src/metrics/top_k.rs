//! The share that is nearly right.

use netdsl_layers::{Element, Shape};

use super::{Metric, OfClasses, count_hits};
use crate::error::Error;

/// The share of positions whose class is among the `k` largest outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK(
    /// How many outputs count, from 1 to the number of classes.
    pub usize,
);

impl<T: Element, Y: OfClasses> Metric<T, Y> for TopK {
    fn name(&self) -> String {
        format!("top {} accuracy", self.0)
    }

    fn check(&self, output: Shape) -> Result<(), Error> {
        let classes = output.width();
        if (1..=classes).contains(&self.0) {
            return Ok(());
        }
        Err(Error::setting(
            "the `k` of `TopK`",
            self.0 as f64,
            format!("1 to {classes}, the number of classes"),
        ))
    }

    fn sums(&self) -> usize {
        2
    }

    fn add(&self, output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]) {
        count_hits(self.0, output, values, Y::classes::<T>(targets), sums);
    }

    fn value(&self, sums: &[f64]) -> f64 {
        sums[0] / sums[1]
    }
}
