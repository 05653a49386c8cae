//! Products with a random weight that slides over space.

use super::gradient::Gradient;
use super::limits;
use super::linear::Weight;
use super::profile::Profile;
use super::propagated::{NotForecastable, ParameterMoments};
use super::signal::Signal;
use crate::window::Axis;

/// What the moments need to know of a convolution.
///
/// The taps of a window are independent, so that products at a distance are preserved: a convolution acts on the moments
/// as a product with `fan_in = channels · size` inputs does (Xiao et al. 2018). Windows that reach over the border see less,
/// and inputs at the border are used less: both are followed along each axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Convolution {
    weight: Weight,
    axes: [Axis; 2],
}

impl Convolution {
    /// A convolution with this weight, over these axes.
    pub(crate) fn new(weight: Weight, axes: [Axis; 2]) -> Result<Self, NotForecastable> {
        limits::windows(&axes)?;
        Ok(Self { weight, axes })
    }

    /// The sum over the window at each output, for each axis.
    fn gathered(&self, profile: &Profile) -> [Vec<f64>; 2] {
        std::array::from_fn(|index| {
            let axis = &self.axes[index];
            let energies = profile.along(index, axis.input);
            (0..axis.output).map(|output| energies[axis.positions(output)].iter().sum()).collect()
        })
    }

    /// The sum over the outputs whose window has an input, for each axis.
    fn scattered(&self, profile: &Profile) -> [Vec<f64>; 2] {
        std::array::from_fn(|index| {
            let axis = &self.axes[index];
            let mut sums = vec![0.0; axis.input];
            for (output, energy) in profile.along(index, axis.output).into_iter().enumerate() {
                sums[axis.positions(output)].iter_mut().for_each(|sum| *sum += energy);
            }
            sums
        })
    }

    /// `z(o) = Σ_t W(t) h(o · stride + t) + b`
    pub(crate) fn forward<'a>(&self, signal: &Signal<'a>) -> Signal<'a> {
        let (profile, sum) = Profile::normalised(self.gathered(&signal.profile));
        let size = self.axes.iter().map(|axis| axis.size as f64).product::<f64>();
        let mut output = self.weight.covering(sum / size).forward(signal);
        output.positions = self.axes.iter().map(|axis| axis.output).product();
        let bias = self.weight.bias_share(&output);
        output.profile = profile.mixed(1.0 - bias, &Profile::default(), bias);
        output
    }

    /// The norms of the gradients of weight and bias, for the gradient at `z` and the signal before.
    pub(crate) fn parameters(
        &self,
        gradient: &Gradient,
        signal: &Signal<'_>,
        behind: &Signal<'_>,
    ) -> Vec<ParameterMoments> {
        let gathered = self.gathered(&signal.profile);
        let pairs = (0..2).map(|axis| {
            let energies = gradient.profile.along(axis, self.axes[axis].output);
            energies.iter().zip(&gathered[axis]).map(|(gradient, sum)| gradient * sum).sum::<f64>()
        });
        let inputs = signal.positions as f64;
        let mut parameters =
            self.weight.used(pairs.product::<f64>() / inputs).parameters(gradient, signal, behind);
        let outputs = self.axes.iter().map(|axis| axis.output as f64).product::<f64>();
        for bias in &mut parameters[1..] {
            bias.log_scale += libm::log(outputs / inputs);
        }
        parameters
    }

    /// The gradient at `h`, for the signals before and behind.
    pub(crate) fn backward(&self, gradient: &Gradient, before: &Signal<'_>, behind: &Signal<'_>) -> Gradient {
        let (profile, uses) = Profile::normalised(self.scattered(&gradient.profile));
        let gradient = self.weight.used(uses).backward(gradient, before, behind);
        Gradient { profile, ..gradient }
    }
}
