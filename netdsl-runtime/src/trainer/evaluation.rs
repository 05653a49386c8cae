//! Loss and metrics of a set of examples.

use netdsl_layers::{Element, Layer, Shape, Targets};

use super::arrays::Data;
use crate::error::Error;
use crate::metrics::Metric;
use crate::network::{Network, Target, TargetsOf};
use crate::workspace::{Batch, Workspace, padded};

/// Metrics with their sums.
pub(super) struct Measured<'m, T: Element, N: Network<T>> {
    metrics: &'m [Box<dyn Metric<T, TargetsOf<T, N>>>],
    pub(super) sums: Vec<Vec<f64>>,
}

impl<'m, T: Element, N: Network<T>> Measured<'m, T, N> {
    pub(super) fn new(metrics: &'m [Box<dyn Metric<T, TargetsOf<T, N>>>]) -> Self {
        let sums = metrics.iter().map(|metric| vec![0.0; metric.sums()]).collect();
        Self { metrics, sums }
    }

    /// Takes a batch in, without its padding.
    pub(super) fn add(&mut self, values: &[T], batch: Batch<'_, T, Target<T, N>>) {
        if self.metrics.is_empty() {
            return;
        }
        let shape = N::layers().output();
        let Some(lengths) = padded::<T, N>(batch.inputs.lengths) else {
            return self.add_examples(shape, values, batch.targets);
        };
        let examples = values.chunks_exact(shape.len());
        let targets = batch.targets.chunks_exact(TargetsOf::<T, N>::count(shape));
        for ((values, targets), length) in examples.zip(targets).zip(lengths) {
            let of_data = Shape::sequence(*length, shape.width());
            let targets = &targets[..TargetsOf::<T, N>::count(of_data)];
            self.add_examples(of_data, &values[..of_data.len()], targets);
        }
    }

    fn add_examples(&mut self, shape: Shape, values: &[T], targets: &[Target<T, N>]) {
        for (metric, sums) in self.metrics.iter().zip(&mut self.sums) {
            metric.add(shape, values, targets, sums);
        }
    }

    /// The metrics by name; the sums start anew.
    pub(super) fn take(&mut self) -> Vec<(String, f64)> {
        let values = self.metrics.iter().zip(&mut self.sums).map(|(metric, sums)| {
            let value = metric.value(sums);
            sums.fill(0.0);
            (metric.name(), value)
        });
        values.collect()
    }
}

/// The mean loss of many examples, in batches and in inference; `measured` takes them in.
pub(super) fn evaluate<T: Element, N: Network<T>>(
    network: &N,
    workspace: &mut Workspace<T>,
    data: &Data<'_, T, N>,
    batch: usize,
    measured: &mut Measured<'_, T, N>,
) -> Result<f64, Error> {
    let (input_width, target_width) =
        (N::layers().sizes().input, TargetsOf::<T, N>::count(N::layers().output()));
    let examples = data.examples();
    let batch = batch.min(examples);
    let mut sum = 0.0;
    for start in (0..examples).step_by(batch) {
        let end = (start + batch).min(examples);
        let inputs = data.inputs().part(start..end, input_width);
        let targets = &data.target[start * target_width..end * target_width];
        let batch = Batch { inputs, targets, weights: None };
        measured.add(workspace.forward(network, inputs, None)?, batch);
        sum += workspace.loss::<N>(batch)? * (end - start) as f64;
    }
    Ok(sum / examples as f64)
}
