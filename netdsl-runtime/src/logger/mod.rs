//! Logging gradient norms while a network trains.

mod csv;
mod json_lines;
mod lines;
mod sink;
mod tensor_board;
mod terminal;
mod tracing;
mod units;

use netdsl_layers::{Element, Kernel, Layer, Loss};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use self::tracing::Tracing;
pub use csv::Csv;
pub use json_lines::JsonLines;
pub use sink::{Header, Sink};
pub use tensor_board::TensorBoard;
pub use terminal::Terminal;
pub use units::Units;
pub(crate) use units::{Watched, measure_units};

use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::TargetShape;
use crate::inputs::Inputs;
use crate::network::{INPUT, Network, TARGET, Target, TargetsOf, check_pairs};
use crate::norm::Norm;
use crate::trace::{GradientTrace, Logged, Record};
use crate::trainer::{Epoch, Moment, Observer};
use crate::workspace::{Batch, Workspace, check_input};

/// Logs the norm of the gradient of each parameter while a [`Trainer`](crate::Trainer) works.
///
/// On the batch the norms are those that the step computed anyway, before and after clipping. On a probe, a set of
/// examples that stays the same, they are computed after each step, as a callback of Keras would, and once before the
/// first.
///
/// Numbers that are not finite are logged like any other, and so is the step that a training ends with because its
/// gradients have left the range of the element type.
pub struct GradientLogger<T: Element, N: Network<T>> {
    probe: Option<Probe<T, N>>,
    every: u64,
    sinks: Vec<Box<dyn Sink>>,
    /// The layers whose units are counted, where they are.
    watched: Option<Vec<Watched>>,
    trace: GradientTrace,
}

/// A set of examples that gradients are computed on.
struct Probe<T: Element, N: Network<T>> {
    input: Vec<T>,
    lengths: Option<Vec<usize>>,
    target: Vec<Target<T, N>>,
    workspace: Workspace<T>,
}

impl<T: Element, N: Network<T>> std::fmt::Debug for GradientLogger<T, N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GradientLogger")
            .field("every", &self.every)
            .field("sinks", &self.sinks)
            .finish_non_exhaustive()
    }
}

impl<T: Element, N: Network<T>> GradientLogger<T, N> {
    fn new(probe: Option<Probe<T, N>>) -> Self {
        let terms = N::declared_loss().averaged(N::layers().output());
        let trace = GradientTrace {
            header: Header { network: N::NAME, parameters: Vec::new(), layers: Vec::new(), updates: false },
            records: Vec::new(),
            first_units: Vec::new(),
            terms,
            largest_log10: T::max_value().to_f64().log10(),
        };
        Self { probe, every: 1, sinks: Vec::new(), watched: None, trace }
    }

    /// Logs the gradients of the batches that the network trains on.
    pub fn on_batch() -> Self {
        Self::new(None)
    }

    /// Logs the gradients of these examples.
    ///
    /// # Errors
    /// Wrong shapes, no example, inputs that are not finite, targets that the loss is not defined for.
    pub fn on_probe<X, Y>(input: &X, target: &Y) -> Result<Self, Error>
    where
        X: Examples<T, N::Input> + ?Sized,
        Y: Examples<Target<T, N>, <TargetsOf<T, N> as TargetShape>::Shape<N::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        check_input::<T, N>(Inputs { values: &values, lengths: input.lengths() })?;
        check_pairs::<T, N>(&values, &target)?;
        Ok(Self::new(Some(Probe {
            input: values.into_owned(),
            lengths: input.lengths().map(<[usize]>::to_vec),
            target: target.into_owned(),
            workspace: Workspace::new()?,
        })))
    }

    /// Logs one step in so many, the first among them; 0 counts as 1.
    #[must_use]
    pub fn every(self, steps: u64) -> Self {
        Self { every: steps.max(1), ..self }
    }

    /// Measures by how much each parameter changes in a step, over its own norm.
    #[must_use]
    pub fn updates(mut self) -> Self {
        self.trace.header.updates = true;
        self
    }

    /// Counts the units of each layer with an activation function that are dead or saturated, on the batch of the step.
    #[must_use]
    pub fn units(mut self) -> Self {
        let watched = Watched::of(N::layers());
        self.trace.header.layers = watched.iter().map(|layer| layer.name.clone()).collect();
        Self { watched: Some(watched), ..self }
    }

    /// Writes each record to this place too.
    #[must_use]
    pub fn to(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push(Box::new(sink));
        self
    }

    /// What has been logged.
    pub fn trace(&self) -> &GradientTrace {
        &self.trace
    }

    fn record(&mut self, record: Record) -> Result<(), Error> {
        for sink in &mut self.sinks {
            sink.record(&self.trace.header, &record)?;
        }
        self.trace.records.push(record);
        Ok(())
    }

    /// The gradients of the probe; not a number where the network itself has left the range.
    fn measure(&mut self, network: &N, epoch: usize, step: u64) -> Result<Option<Record>, Error> {
        let Some(probe) = &mut self.probe else { return Ok(None) };
        let parameters = N::parameters();
        let mut norms = vec![Norm::ZERO; parameters.len()];
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let Probe { input, lengths, target, workspace } = probe;
        let inputs = Inputs { values: input, lengths: lengths.as_deref() };
        let batch = Batch { inputs, targets: target, weights: None };
        let loss = match workspace.backward(network, &parameters, batch, &mut random, &mut norms) {
            Ok(passed) => {
                let (layers, examples) = (N::layers(), input.len() / N::layers().sizes().input);
                let saved = workspace.saved(layers.saved_len(examples));
                let output = workspace.output(examples * layers.sizes().output);
                look_at_first(&mut self.trace, layers, |visit| {
                    layers.outputs("", examples, saved, output, visit);
                });
                passed.loss
            }
            Err(Error::NonFinite(_)) => {
                norms.fill(Norm::new(f64::NAN, 0));
                f64::NAN
            }
            Err(error) => return Err(error),
        };
        Ok(Some(Record { epoch, step, loss, norms, clipped: None, updates: None, units: None }))
    }
}

/// Counts the units for the first record, whose verdict depends on them.
fn look_at_first<T: Element>(
    trace: &mut GradientTrace,
    layers: &dyn Layer,
    outputs: impl FnOnce(&mut dyn FnMut(&str, &[T])),
) {
    if trace.records.is_empty() {
        let mut watched = Watched::of(layers);
        let units = measure_units(&mut watched, outputs);
        trace.first_units = watched.into_iter().map(|layer| layer.name).zip(units).collect();
    }
}

impl<T: Element, N: Network<T>> Observer<T, N> for GradientLogger<T, N> {
    fn begin(&mut self, network: &N) -> Result<(), Error> {
        let values = network.tensors().parameters();
        self.trace.records.clear();
        self.trace.first_units.clear();
        let forecast = &N::forecast().parameters;
        self.trace.header.parameters = N::parameters()
            .into_iter()
            .map(|parameter| Logged {
                forecast_log10: forecast
                    .iter()
                    .find(|forecast| forecast.name == parameter.name)
                    .map(|forecast| forecast.gradient_norm_log10.unwrap_or(f64::NEG_INFINITY)),
                name: parameter.name,
                shape: parameter.shape,
                norm: Norm::of(values.get(parameter.range).unwrap_or_default(), 0),
            })
            .collect();
        for sink in &mut self.sinks {
            sink.begin(&self.trace.header)?;
        }
        match self.measure(network, 0, 0)? {
            Some(record) => self.record(record),
            None => Ok(()),
        }
    }

    fn step(&mut self, network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        let report = &moment.report;
        if !(report.step - 1).is_multiple_of(self.every) {
            return Ok(());
        }
        let mut record = match self.measure(network, moment.epoch, report.step)? {
            Some(record) => record,
            None => {
                look_at_first(&mut self.trace, N::layers(), |visit| report.outputs(visit));
                of_batch(moment)
            }
        };
        if self.trace.header.updates {
            record.updates = Some(report.changes.to_vec());
        }
        if let Some(watched) = &mut self.watched {
            record.units = Some(measure_units(watched, |visit| report.outputs(visit)));
        }
        self.record(record)
    }

    fn epoch(&mut self, _network: &N, _number: usize, _epoch: &Epoch) -> Result<(), Error> {
        Ok(())
    }

    fn failed(&mut self, _network: &N, moment: &Moment<'_, T>) -> Result<(), Error> {
        // The network is what it was when the probe was measured last.
        if self.probe.is_some() { Ok(()) } else { self.record(of_batch(moment)) }
    }
}

/// The record of a step's own gradients.
fn of_batch<T>(moment: &Moment<'_, T>) -> Record {
    let report = &moment.report;
    Record {
        epoch: moment.epoch,
        step: report.step,
        loss: report.loss,
        norms: report.norms.iter().map(|norms| norms.before).collect(),
        clipped: Some(report.norms.iter().map(|norms| norms.after).collect()),
        updates: None,
        units: None,
    }
}
