//! The variance that an activation wants of its weights.

use super::gaussian::{Function, OfGaussian};
use crate::activation::Activation;

/// `1 / E φ(z)²` over a standard normal `z`: with `fan_in · Var W` of that size the scale of a signal is kept from layer to
/// layer, where the scale is 1.
///
/// 2 for the rectifier (He, Zhang, Ren & Sun 2015, "Delving Deep into Rectifiers", section 2.2), 1 for `Selu` (Klambauer et
/// al. 2017, "Self-Normalizing Neural Networks"). `None` for functions that are bounded, of which no weight keeps the scale,
/// and for those that couple features.
pub fn gain(activation: &dyn Activation) -> Option<f64> {
    let elementwise = activation.elementwise()?;
    if elementwise.slopes_far_out().is_none() && !elementwise.grows_exponentially() {
        return None;
    }
    let function = Function::at_scale(elementwise, 0.0);
    let square = OfGaussian { function, mean: 0.0, variance: 1.0 }.single().square;
    Some(1.0 / square)
}

#[cfg(test)]
mod tests {
    use super::gain;
    use crate::{Activation, Relu, Selu, Tanh};

    #[test]
    fn gains_are_those_of_the_papers() {
        // The quadrature is good to about 1e-9.
        let gain_of = |activation: &dyn Activation| gain(activation).expect("the function is unbounded");
        assert!((gain_of(&Relu) - 2.0).abs() < 1e-8, "{}", gain_of(&Relu));
        assert!((gain_of(&Selu) - 1.0).abs() < 1e-8, "{}", gain_of(&Selu));
        assert_eq!(gain(&Tanh), None);
    }
}
