//! What every activation function says of itself.

use std::fmt::Debug;

use crate::arguments::{Argument, Arguments, Call};
use crate::expression::Expression;
use crate::problem::{Place, Problem};

/// An activation function.
pub trait Activation: Expression + Debug + Send + Sync {
    /// The name in the language.
    fn name(&self) -> &'static str;

    /// The function as it is written in the language, with its arguments.
    fn written(&self) -> String;

    /// The function as one of each value by itself, or `None` where it couples the features of an example (softmax).
    fn elementwise(&self) -> Option<&dyn Elementwise>;

    /// The function as one of all features of a position together, or `None` where it is one of each by itself.
    fn coupled(&self) -> Option<&dyn Coupled>;
}

/// What the forecast needs to know of a function that couples the features of a position. Computed with `libm`.
pub trait Coupled {
    /// Replaces the pre-activations of a position by its activations.
    fn apply(&self, row: &mut [f64]);

    /// Replaces the gradient at the activations by that at the pre-activations, for these activations.
    fn pull_back(&self, output: &[f64], gradient: &mut [f64]);
}

/// What the forecast needs to know of a function of one number. Computed with `libm`, so that it is the same on every
/// machine.
pub trait Elementwise {
    /// `f(x)`
    fn value(&self, x: f64) -> f64;

    /// `f'(x)`, with any of the one-sided slopes where there is a kink.
    fn derivative(&self, x: f64) -> f64;

    /// `f(x)` and `f'(x)` together, for functions that share what is expensive.
    fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        (self.value(x), self.derivative(x))
    }

    /// Where the function turns: the quadrature puts the borders of its panels there.
    fn turning_points(&self) -> &'static [f64];

    /// Whether all derivatives exist everywhere: quadrature can then do without borders.
    fn analytic(&self) -> bool;

    /// The slopes below and above zero of the piecewise linear function that this one approaches as its argument
    /// shrinks to nothing; `None` where there is no such function (sigmoid tends to 1/2).
    fn slopes_near_zero(&self) -> Option<(f64, f64)>;

    /// The same as the argument grows without bound; `None` where the function is bounded or grows faster.
    fn slopes_far_out(&self) -> Option<(f64, f64)>;

    /// Whether the function grows faster than every power.
    fn grows_exponentially(&self) -> bool;
}

/// How far from zero the argument of a bounded function is where its slope counts as lost: what DeepDiagnosis takes.
const FLAT: f64 = 5.0;

impl dyn Activation + '_ {
    /// The values at or beyond which the function is flat, below and above: those at arguments of -5 and 5, as in
    /// Wardat et al. 2022, "DeepDiagnosis: Automatically Diagnosing Faults and Recommending Actionable Fixes in Deep
    /// Learning Programs"; `None` where it has no bounds on both sides.
    pub fn flat_beyond(&self) -> Option<(f64, f64)> {
        let function = self.elementwise()?;
        let bounded = function.slopes_far_out().is_none() && !function.grows_exponentially();
        bounded.then(|| (function.value(-FLAT), function.value(FLAT)))
    }
}

/// An activation that the language can name.
pub trait DeclaredActivation: Activation + Sized {
    /// The name in the language, which is the name of the type.
    const NAME: &'static str;

    /// Takes the settings from the call.
    fn resolve(arguments: &mut Arguments<'_>) -> Self;
}

/// A kind of activation: its name and how it is made from a call.
#[derive(Clone, Copy, Debug)]
pub struct ActivationKind {
    /// The name in the language.
    pub name: &'static str,
    /// [`DeclaredActivation::resolve`], boxed.
    pub resolve: fn(&mut Arguments<'_>) -> Box<dyn Activation>,
}

impl ActivationKind {
    /// The kind that `A` is.
    pub const fn of<A: DeclaredActivation + 'static>() -> Self {
        Self { name: A::NAME, resolve: |arguments| Box::new(A::resolve(arguments)) }
    }

    /// The kind of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        crate::ACTIVATIONS.iter().find(|kind| kind.name == name)
    }
}

impl dyn Activation {
    /// Reads an activation from the call that names it.
    pub fn read(call: &Call) -> Result<Box<dyn Activation>, Vec<Problem>> {
        let Some(kind) = ActivationKind::find(&call.name) else {
            let known = crate::ACTIVATIONS.iter().map(|kind| kind.name);
            return Err(vec![Problem::unknown(call.name_place, "activation", &call.name, known)]);
        };
        let mut arguments = Arguments::new(call);
        let activation = (kind.resolve)(&mut arguments);
        arguments.finish().map(|()| activation)
    }
}

impl Arguments<'_> {
    /// The activation of that name, or none.
    pub fn activation(&mut self, name: &'static str) -> Box<dyn Activation> {
        self.activation_or(name, Box::new(crate::Linear))
    }

    /// The activation of that name, or its default.
    pub fn activation_or(&mut self, name: &'static str, default: Box<dyn Activation>) -> Box<dyn Activation> {
        match self.call_named(name, None, "an activation such as `Relu`").map(<dyn Activation>::read) {
            None => default,
            Some(Ok(activation)) => activation,
            Some(Err(problems)) => {
                self.report_all(problems);
                default
            }
        }
    }

    /// The activation of that name, behind channels.
    pub(crate) fn activation_of_channels(&mut self, name: &'static str) -> Box<dyn Activation> {
        let activation = self.activation(name);
        let call = self.call();
        let named = |argument: &&Argument| argument.name.as_ref().is_some_and(|(given, _)| given == name);
        let place = call.arguments.iter().find(named).map_or(call.place, |argument| argument.place);
        self.check_of_channels(&*activation, place);
        activation
    }

    /// Records a problem where a function of all features of a position would stand behind channels, whose values at a
    /// position lie apart.
    pub(crate) fn check_of_channels(&mut self, activation: &dyn Activation, place: Place) {
        if activation.coupled().is_some() {
            let message = format!("`{}` takes features, not channels", activation.name());
            self.report(
                Problem::new(place, message)
                    .help("put it behind `Flatten`, or behind what pools all space away"),
            );
        }
    }
}

impl Activation for Box<dyn Activation> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn written(&self) -> String {
        (**self).written()
    }
    fn elementwise(&self) -> Option<&dyn Elementwise> {
        (**self).elementwise()
    }
    fn coupled(&self) -> Option<&dyn Coupled> {
        (**self).coupled()
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Activation;
    use crate::element::Element;

    /// An activation that can run.
    pub trait ActivationKernel<T: Element>: Activation {
        /// Whether the derivative is computed from the pre-activation; else it is computed from the output.
        const FROM_INPUT: bool;

        /// Whether the function is the identity, so that nothing has to be done.
        const IDENTITY: bool;

        /// Replaces pre-activations by activations; `width` is the number of features of an example.
        fn activate(&self, width: usize, values: &mut [T]);

        /// Multiplies the gradient of the activation by the derivative; `source` holds the pre-activations where
        /// [`FROM_INPUT`](Self::FROM_INPUT), else the outputs.
        fn differentiate(&self, width: usize, source: &[T], gradient: &mut [T]);
    }

    /// A function of one number that can run.
    pub trait ElementwiseKernel<T: Element>: Activation {
        /// Whether [`slope`](Self::slope) takes the pre-activation; else it takes the output.
        const FROM_INPUT: bool;

        /// Whether the function is the identity.
        const IDENTITY: bool = false;

        /// `f(x)`
        fn apply(&self, x: T) -> T;

        /// `f'(x)`, from `x` or from `f(x)`.
        fn slope(&self, source: T) -> T;
    }

    /// Makes an [`ActivationKernel`] of an [`ElementwiseKernel`]. A blanket implementation would forbid those of the
    /// activations that couple the features of an example.
    macro_rules! activation_kernel {
        ($name:ty) => {
            impl<T: $crate::Element> $crate::ActivationKernel<T> for $name {
                const FROM_INPUT: bool = <Self as $crate::ElementwiseKernel<T>>::FROM_INPUT;
                const IDENTITY: bool = <Self as $crate::ElementwiseKernel<T>>::IDENTITY;

                fn activate(&self, _width: usize, values: &mut [T]) {
                    $crate::vectorised(
                        #[inline(always)]
                        || {
                            for value in values {
                                *value = $crate::ElementwiseKernel::apply(self, *value);
                            }
                        },
                    );
                }

                fn differentiate(&self, _width: usize, source: &[T], gradient: &mut [T]) {
                    $crate::vectorised(
                        #[inline(always)]
                        || {
                            for (gradient, source) in gradient.iter_mut().zip(source) {
                                *gradient *= $crate::ElementwiseKernel::slope(self, *source);
                            }
                        },
                    );
                }
            }
        };
    }
    pub(crate) use activation_kernel;
}
#[cfg(feature = "kernels")]
pub(crate) use kernels::activation_kernel;
#[cfg(feature = "kernels")]
pub use kernels::{ActivationKernel, ElementwiseKernel};
