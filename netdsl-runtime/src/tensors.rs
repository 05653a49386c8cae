//! The numbers of a network.

use netdsl_layers::{Buffer, Element, Layer, Parameter, buffer, copied};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::error::Error;

/// All parameters of a network in one buffer, in the order of the declaration, and all running statistics in another.
#[derive(Debug)]
pub struct Tensors<T> {
    parameters: Buffer<T>,
    statistics: Buffer<T>,
    /// Whether the parameters are known to be finite: nobody has had them to change since a step found it.
    finite: bool,
}

/// The numbers are the same.
impl<T: PartialEq> PartialEq for Tensors<T> {
    fn eq(&self, other: &Self) -> bool {
        self.parameters == other.parameters && self.statistics == other.statistics
    }
}

/// The memory of the copy is that of other buffers, which a derived one would not ask for.
impl<T: Element> Clone for Tensors<T> {
    fn clone(&self) -> Self {
        Self { finite: self.finite, ..Self::new(&self.parameters, &self.statistics) }
    }
}

impl<T: Element> Tensors<T> {
    /// The tensors of these layers, drawn as they declare it. The same seed gives the same numbers on every machine.
    pub fn draw(layers: &dyn Layer, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut tensors = Self::zeros(layers);
        let mut draw = |list: Vec<Parameter>, mut values: &mut [T]| {
            for parameter in &list {
                let (own, behind) = values.split_at_mut(parameter.len());
                parameter.initializer.draw(parameter, &mut random, own);
                values = behind;
            }
        };
        draw(layers.parameters(), &mut tensors.parameters);
        draw(layers.statistics(), &mut tensors.statistics);
        tensors
    }

    /// As many zeros as these layers have numbers.
    pub(crate) fn zeros(layers: &dyn Layer) -> Self {
        let sizes = layers.sizes();
        let [parameters, statistics] = [sizes.parameters, sizes.statistics].map(|len| buffer(len, T::zero()));
        Self { parameters, statistics, finite: false }
    }

    /// Tensors of these numbers.
    pub fn new(parameters: &[T], statistics: &[T]) -> Self {
        Self { parameters: copied(parameters), statistics: copied(statistics), finite: false }
    }

    /// The parameters.
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// The parameters, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        self.finite = false;
        &mut self.parameters
    }

    /// Whether the parameters are known to be finite, without a look at them.
    pub(crate) fn known_finite(&self) -> bool {
        self.finite
    }

    /// Exchanges the parameters with as many others, which are finite.
    pub(crate) fn swap_parameters(&mut self, others: &mut Buffer<T>) {
        debug_assert_eq!(self.parameters.len(), others.len());
        std::mem::swap(&mut self.parameters, others);
        self.finite = true;
    }

    /// The running statistics.
    pub fn statistics(&self) -> &[T] {
        &self.statistics
    }

    /// The running statistics, to be changed.
    pub fn statistics_mut(&mut self) -> &mut [T] {
        &mut self.statistics
    }

    /// Whether the lengths are those that the layers ask for.
    pub(crate) fn check(&self, layers: &dyn Layer) -> Result<(), Error> {
        let sizes = layers.sizes();
        let lengths = [
            ("parameters", self.parameters.len(), sizes.parameters),
            ("statistics", self.statistics.len(), sizes.statistics),
        ];
        match lengths.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((kind, found, expected)) => Err(Error::Tensors { kind, found, expected }),
        }
    }
}
