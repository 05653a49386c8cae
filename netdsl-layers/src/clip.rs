//! How gradients are kept from growing too large.

use crate::arguments::{Arguments, Call};
use crate::expression::{Expression, ROOT};
use crate::interval::Interval;
use crate::problem::Problem;

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
    /// All gradients together are shortened to a percentile, above 0 and up to 100, of the norms that they had in the last
    /// 10,000 steps, this one among them. 10 is what the authors use.
    ///
    /// Seetharaman et al. 2020, "AutoClip: Adaptive Gradient Clipping for Source Separation Networks", where the history
    /// goes back to the first step.
    Auto(f64),
}

/// A mode: its name, how it is made from its bound, and what the bound can be.
struct Mode {
    name: &'static str,
    of: fn(f64) -> Clip,
    bound: Interval,
    example: &'static str,
}

const fn positive(name: &'static str, of: fn(f64) -> Clip) -> Mode {
    Mode { name, of, bound: Interval::POSITIVE, example: "1.0" }
}

const MODES: [Mode; 5] = [
    positive("Value", Clip::Value),
    positive("Norm", Clip::Norm),
    positive("GlobalNorm", Clip::GlobalNorm),
    positive("Adaptive", Clip::Adaptive),
    Mode { name: "Auto", of: Clip::Auto, bound: Interval::PERCENTILE, example: "10.0" },
];

impl Clip {
    /// The names of the modes in the language.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MODES.iter().map(|mode| mode.name)
    }

    /// The bound.
    pub fn bound(&self) -> f64 {
        match *self {
            Self::Value(bound)
            | Self::Norm(bound)
            | Self::GlobalNorm(bound)
            | Self::Adaptive(bound)
            | Self::Auto(bound) => bound,
        }
    }

    /// What the bound has to be, where it is something else.
    pub fn refuse(&self) -> Option<&'static str> {
        let mode = MODES.iter().find(|mode| (mode.of)(0.0).same_mode(self))?;
        (!mode.bound.contains(self.bound())).then_some(mode.bound.expected)
    }

    fn same_mode(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// By how many decades a gradient is shortened in the first step, as a number of at most 0, from the decimal logarithms of its norm, of the number of its
    /// values, of the norm of all gradients and of the norm of the parameter; values and units are taken to be alike.
    pub fn shortens_log10(&self, norm: f64, len: f64, total: f64, parameter: f64) -> f64 {
        let (size, bound) = match *self {
            Self::Value(bound) => (norm - 0.5 * len, libm::log10(bound)),
            Self::Norm(bound) => (norm, libm::log10(bound)),
            Self::GlobalNorm(bound) => (total, libm::log10(bound)),
            Self::Adaptive(bound) => (norm, libm::log10(bound) + parameter),
            // The first norm is the only one in its history.
            Self::Auto(_) => return 0.0,
        };
        (bound - size).min(0.0)
    }

    /// Reads a mode from the call that names it.
    pub fn read(call: &Call) -> Result<Self, Vec<Problem>> {
        let Some(mode) = MODES.iter().find(|mode| mode.name == call.name) else {
            return Err(vec![Problem::unknown(call.name_place, "clip mode", &call.name, Self::names())]);
        };
        let mut arguments = Arguments::new(call);
        let bound = arguments
            .required_real("bound", 0, mode.example, mode.bound.expected, |bound| mode.bound.contains(bound));
        arguments.finish().map(|()| (mode.of)(bound))
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
