//! What a training is judged by beside its loss, one measure in a file.

mod accuracy;
mod mean_absolute_error;
mod r_squared;
mod root_mean_square_error;
mod top_k;

use std::fmt::Debug;

use netdsl_layers::{Classes, Element, Shape, Targets, Values};

pub use accuracy::Accuracy;
pub use mean_absolute_error::MeanAbsoluteError;
pub use r_squared::RSquared;
pub use root_mean_square_error::RootMeanSquareError;
pub use top_k::TopK;

use crate::error::Error;

/// A measure of outputs against targets, which a [`Trainer`](crate::Trainer) takes over the epoch and over the validation.
///
/// It is made of sums over the examples, so that it can be taken batch by batch and kept in a checkpoint.
pub trait Metric<T: Element, Y: Targets>: Debug + Send + Sync {
    /// What it is called in the history.
    fn name(&self) -> String;

    /// Whether it can be taken of outputs of this shape, which a trainer asks before it begins.
    ///
    /// # Errors
    /// Where it can't, with what it takes.
    fn check(&self, _output: Shape) -> Result<(), Error> {
        Ok(())
    }

    /// How many sums it needs.
    fn sums(&self) -> usize;

    /// Adds a batch to the sums: the outputs of as many examples as there are targets for, each of the shape `output`.
    fn add(&self, output: Shape, values: &[T], targets: &[Y::Item<T>], sums: &mut [f64]);

    /// The measure; not a number where there was no example.
    fn value(&self, sums: &[f64]) -> f64;
}

/// Targets that a measure of classes can be taken of.
#[diagnostic::on_unimplemented(
    message = "a metric of classes can't be taken of `{Self}`",
    label = "the targets of the loss are `{Self}`, no classes",
    note = "`MeanAbsoluteError`, `RootMeanSquareError` and `RSquared` are metrics of values",
    note = "a network whose loss is `SoftmaxCrossEntropy` has classes for targets"
)]
pub trait OfClasses: Targets {
    /// The same as classes.
    fn classes<T: Element>(targets: &[Self::Item<T>]) -> &[usize];
}

impl OfClasses for Classes {
    fn classes<T: Element>(targets: &[usize]) -> &[usize] {
        targets
    }
}

/// Targets that a measure of values can be taken of.
#[diagnostic::on_unimplemented(
    message = "a metric of values can't be taken of `{Self}`",
    label = "the targets of the loss are `{Self}`, no values",
    note = "`Accuracy` and `TopK` are metrics of classes"
)]
pub trait OfValues: Targets {
    /// The same as values.
    fn values<T: Element>(targets: &[Self::Item<T>]) -> &[T];
}

impl OfValues for Values {
    fn values<T: Element>(targets: &[T]) -> &[T] {
        targets
    }
}

/// The share of positions whose class is among the `k` largest outputs, as two sums. Of equal outputs the first counts as
/// larger.
fn count_hits<T: Element>(k: usize, output: Shape, values: &[T], classes: &[usize], sums: &mut [f64]) {
    let [hits, all] = sums else { return };
    for (position, class) in classes.iter().enumerate() {
        let Some(of_class) = output.features_at(position).nth(*class).map(|index| values[index]) else {
            continue;
        };
        let larger = output.features_at(position).enumerate().filter(|(feature, index)| {
            values[*index] > of_class || (values[*index] == of_class && feature < class)
        });
        *hits += f64::from(u8::from(larger.count() < k));
        *all += 1.0;
    }
}
