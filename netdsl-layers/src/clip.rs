//! How gradients are kept from growing too large.

use crate::arguments::{Arguments, Call};
use crate::expression::{Expression, ROOT};
use crate::problem::{Problem, did_you_mean};

/// How the gradients of a step are clipped before the optimizer sees them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clip {
    /// Each number by itself is cut to `[-c, c]`.
    Value(f64),
    /// Each parameter's gradient `g` is shortened to the norm `c`: `g · min(1, c / ‖g‖)`, as `clipnorm` in Keras.
    ///
    /// Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
    Norm(f64),
    /// All gradients together are shortened to the norm `c`, which keeps their direction.
    GlobalNorm(f64),
    /// Each unit's gradient is shortened to `c` times the norm of the unit's weights, which count as at least 1e-3:
    /// `g · min(1, c max(‖w‖, 1e-3) / ‖g‖)`. A unit is a row of a weight, or a whole bias.
    ///
    /// Brock et al. 2021, "High-Performance Large-Scale Image Recognition Without Normalization".
    Adaptive(f64),
}

/// A name and the mode with a bound.
type Mode = (&'static str, fn(f64) -> Clip);

const MODES: [Mode; 4] = [
    ("Value", Clip::Value),
    ("Norm", Clip::Norm),
    ("GlobalNorm", Clip::GlobalNorm),
    ("Adaptive", Clip::Adaptive),
];

impl Clip {
    /// The bound.
    pub fn bound(&self) -> f64 {
        match *self {
            Self::Value(bound) | Self::Norm(bound) | Self::GlobalNorm(bound) | Self::Adaptive(bound) => bound,
        }
    }

    /// Reads a mode from the call that names it.
    pub fn read(call: &Call) -> Result<Self, Vec<Problem>> {
        let Some((_, mode)) = MODES.iter().find(|(name, _)| *name == call.name) else {
            let hint = did_you_mean(&call.name, MODES.iter().map(|(name, _)| *name));
            let message = format!("unknown clip mode `{}`{hint}", call.name);
            let names: Vec<String> = MODES.iter().map(|(name, _)| format!("`{name}(1.0)`")).collect();
            return Err(vec![
                Problem::new(call.name_place, message).help(format!("it is one of {}", names.join(", "))),
            ]);
        };
        let mut arguments = Arguments::new(call);
        let bound = arguments.required_real("bound", 0, "1.0", "a number above 0", |bound| bound > 0.0);
        arguments.finish().map(|()| mode(bound))
    }

    /// The mode as it is written in the language.
    pub fn written(&self) -> String {
        format!("{self:?}")
    }
}

impl Expression for Option<Clip> {
    fn type_expression(&self) -> String {
        format!("::core::option::Option<{ROOT}::Clip>")
    }

    fn value_expression(&self) -> String {
        match self {
            None => "::core::option::Option::None".into(),
            Some(clip) => format!("::core::option::Option::Some({ROOT}::Clip::{clip:?})"),
        }
    }
}
