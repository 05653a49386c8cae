//! The gradients of one batch.

use ndarray::{ArrayD, IxDyn};
use netdsl_layers::{Buffer, Element, ParameterRange, scale_by_power};

use crate::norm::Norm;

/// The loss of a batch and its gradient with respect to each parameter.
#[derive(Clone, Debug)]
pub struct Gradients<T> {
    loss: f64,
    parameters: Vec<ParameterRange>,
    values: Buffer<T>,
    exponents: Vec<i32>,
    norms: Vec<Norm>,
}

impl<T: Element> Gradients<T> {
    pub(crate) fn new(
        loss: f64,
        parameters: Vec<ParameterRange>,
        values: Buffer<T>,
        exponents: Vec<i32>,
        norms: Vec<Norm>,
    ) -> Self {
        Self { loss, parameters, values, exponents, norms }
    }

    /// The mean loss.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The parameters, in the order of the declaration.
    pub fn parameters(&self) -> &[ParameterRange] {
        &self.parameters
    }

    /// The norm of the gradient of each parameter, exact also where the gradient does not fit `T`.
    pub fn norms(&self) -> &[Norm] {
        &self.norms
    }

    /// The norm of the gradient of the parameter of that name.
    pub fn norm(&self, name: &str) -> Option<Norm> {
        Some(self.norms[self.index(name)?])
    }

    /// The norm of all gradients together.
    pub fn total_norm(&self) -> Norm {
        Norm::total(self.norms.iter().copied())
    }

    /// The gradient of the parameter of that name; infinite where a value does not fit `T`.
    pub fn get(&self, name: &str) -> Option<ArrayD<T>> {
        let index = self.index(name)?;
        let parameter = &self.parameters[index];
        let mut values = self.values[parameter.range.clone()].to_vec();
        scale_by_power(&mut values, self.exponents[index]);
        ArrayD::from_shape_vec(IxDyn(&parameter.shape), values).ok()
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }
}
