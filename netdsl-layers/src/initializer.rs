//! How weights and biases are drawn.

use crate::arguments::{Arguments, Call};
use crate::expression::{Expression, ROOT};
use crate::problem::{Problem, did_you_mean};

/// Which count of connections a variance is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FanMode {
    /// The inputs of a unit.
    FanIn,
    /// The units that an input reaches.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// The shape of a distribution whose variance is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Uniform around zero.
    Uniform,
    /// Normal, not truncated.
    Normal,
    /// Normal, truncated at two standard deviations and widened so that the variance after truncation is the stated
    /// one, as in Keras.
    TruncatedNormal,
}

/// How a parameter is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// Variance `scale / fan`, mean zero: Glorot, He and LeCun are all of this kind.
    VarianceScaling {
        /// The numerator of the variance.
        scale: f64,
        /// The denominator.
        mode: FanMode,
        /// The shape of the distribution.
        distribution: Distribution,
    },
    /// Uniform between two bounds.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        standard_deviation: f64,
    },
    /// Normal, drawn again where it falls further than two standard deviations from its mean.
    TruncatedNormal {
        /// The mean before truncation.
        mean: f64,
        /// The standard deviation before truncation.
        standard_deviation: f64,
    },
    /// A random matrix with orthonormal rows or columns, times a gain.
    Orthogonal {
        /// The gain.
        gain: f64,
    },
    /// Every value the same.
    Constant(f64),
}

/// The standard deviation of a standard normal that is truncated at two standard deviations:
/// `sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1))`.
pub const TRUNCATED_STANDARD_DEVIATION: f64 = 0.879_625_661_034_239_8;

const fn scaling(scale: f64, mode: FanMode, distribution: Distribution) -> Initializer {
    Initializer::VarianceScaling { scale, mode, distribution }
}

/// The initializers without arguments: name and meaning.
const NAMED: [(&str, Initializer); 9] = [
    ("GlorotUniform", Initializer::GLOROT_UNIFORM),
    ("GlorotNormal", scaling(1.0, FanMode::FanAvg, Distribution::TruncatedNormal)),
    ("HeUniform", scaling(2.0, FanMode::FanIn, Distribution::Uniform)),
    ("HeNormal", scaling(2.0, FanMode::FanIn, Distribution::TruncatedNormal)),
    ("LecunUniform", scaling(1.0, FanMode::FanIn, Distribution::Uniform)),
    ("LecunNormal", scaling(1.0, FanMode::FanIn, Distribution::TruncatedNormal)),
    ("TorchDefault", scaling(1.0 / 3.0, FanMode::FanIn, Distribution::Uniform)),
    ("Zeros", Initializer::ZEROS),
    ("Ones", Initializer::Constant(1.0)),
];

/// The initializers with arguments.
const CALLED: [&str; 6] =
    ["Uniform", "Normal", "TruncatedNormal", "VarianceScaling", "Orthogonal", "Constant"];

impl Initializer {
    /// The default of weights, as in Keras.
    pub const GLOROT_UNIFORM: Self = scaling(1.0, FanMode::FanAvg, Distribution::Uniform);
    /// The default of biases.
    pub const ZEROS: Self = Self::Constant(0.0);
    /// The default of recurrent weights, as in Keras.
    pub const ORTHOGONAL: Self = Self::Orthogonal { gain: 1.0 };

    /// The mean of an entry.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::VarianceScaling { .. } | Self::Orthogonal { .. } => 0.0,
            Self::Uniform { low, high } => (low + high) / 2.0,
            Self::Normal { mean, .. } | Self::TruncatedNormal { mean, .. } => mean,
            Self::Constant(value) => value,
        }
    }

    /// The variance of an entry of a tensor with these fans.
    ///
    /// An orthogonal matrix of `fan_out` rows and `fan_in` columns has entries of variance `gain² / max(rows, columns)`.
    pub fn variance(&self, fan_in: usize, fan_out: usize) -> f64 {
        match *self {
            Self::VarianceScaling { scale, mode, .. } => scale / mode.fan(fan_in, fan_out),
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Normal { standard_deviation, .. } => standard_deviation * standard_deviation,
            Self::TruncatedNormal { standard_deviation, .. } => {
                let kept = standard_deviation * TRUNCATED_STANDARD_DEVIATION;
                kept * kept
            }
            Self::Orthogonal { gain } => gain * gain / fan_in.max(fan_out) as f64,
            Self::Constant(_) => 0.0,
        }
    }

    /// Reads an initializer from the call that names it.
    pub fn read(call: &Call) -> Result<Self, Vec<Problem>> {
        let mut arguments = Arguments::new(call);
        let finite = |_: f64| true;
        let initializer = match call.name.as_str() {
            "Uniform" => {
                let low = arguments.required_real("low", 0, "-0.05, 0.05", "a number", finite);
                let high = arguments.required_real("high", 1, "-0.05, 0.05", "a number", finite);
                if high < low {
                    let message = format!("the upper bound `{high:?}` is below the lower bound `{low:?}`");
                    arguments.report(Problem::new(call.place, message).help("swap the two"));
                }
                Self::Uniform { low, high }
            }
            "Normal" | "TruncatedNormal" => {
                let mean = arguments.required_real("mean", 0, "0.0, 0.05", "a number", finite);
                let expected = "a standard deviation of at least 0";
                let standard_deviation =
                    arguments.required_real("std", 1, "0.0, 0.05", expected, |std| std >= 0.0);
                if call.name == "Normal" {
                    Self::Normal { mean, standard_deviation }
                } else {
                    Self::TruncatedNormal { mean, standard_deviation }
                }
            }
            "VarianceScaling" => {
                let scale = arguments.real("scale", None, 1.0, "a number above 0", |scale| scale > 0.0);
                let modes =
                    [FanMode::FanIn, FanMode::FanOut, FanMode::FanAvg].map(|mode| (mode.name(), mode));
                let mode = arguments.choice("mode", &modes, FanMode::FanIn);
                let shapes = [Distribution::Uniform, Distribution::Normal, Distribution::TruncatedNormal];
                let shapes = shapes.map(|shape| (shape.name(), shape));
                let distribution = arguments.choice("distribution", &shapes, Distribution::TruncatedNormal);
                Self::VarianceScaling { scale, mode, distribution }
            }
            "Orthogonal" => {
                Self::Orthogonal { gain: arguments.real("gain", Some(0), 1.0, "a number", finite) }
            }
            "Constant" => Self::Constant(arguments.required_real("value", 0, "0.0", "a number", finite)),
            name => match NAMED.iter().find(|(known, _)| *known == name) {
                Some((_, initializer)) => *initializer,
                None => {
                    let known = NAMED.iter().map(|(name, _)| *name).chain(CALLED);
                    let message = format!("unknown initializer `{name}`{}", did_you_mean(name, known));
                    return Err(vec![Problem::new(call.name_place, message)]);
                }
            },
        };
        arguments.finish().map(|()| initializer)
    }

    /// This initializer as it is written in the language.
    pub fn written(&self) -> String {
        if let Some((name, _)) = NAMED.iter().find(|(_, known)| known == self) {
            return (*name).into();
        }
        match *self {
            Self::VarianceScaling { scale, mode, distribution } => format!(
                "VarianceScaling(scale = {scale:?}, mode = {}, distribution = {})",
                mode.name(),
                distribution.name()
            ),
            Self::Uniform { low, high } => format!("Uniform({low:?}, {high:?})"),
            Self::Normal { mean, standard_deviation } => format!("Normal({mean:?}, {standard_deviation:?})"),
            Self::TruncatedNormal { mean, standard_deviation } => {
                format!("TruncatedNormal({mean:?}, {standard_deviation:?})")
            }
            Self::Orthogonal { gain } => format!("Orthogonal({gain:?})"),
            Self::Constant(value) => format!("Constant({value:?})"),
        }
    }
}

impl FanMode {
    fn fan(self, fan_in: usize, fan_out: usize) -> f64 {
        match self {
            Self::FanIn => fan_in as f64,
            Self::FanOut => fan_out as f64,
            Self::FanAvg => (fan_in as f64 + fan_out as f64) / 2.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::FanIn => "FanIn",
            Self::FanOut => "FanOut",
            Self::FanAvg => "FanAvg",
        }
    }
}

impl Distribution {
    fn name(self) -> &'static str {
        match self {
            Self::Uniform => "Uniform",
            Self::Normal => "Normal",
            Self::TruncatedNormal => "TruncatedNormal",
        }
    }
}

impl Expression for Initializer {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Initializer")
    }

    fn value_expression(&self) -> String {
        let variant = match *self {
            Self::VarianceScaling { scale, mode, distribution } => format!(
                "VarianceScaling {{ scale: {scale:?}, mode: {ROOT}::FanMode::{mode:?}, \
                 distribution: {ROOT}::Distribution::{distribution:?} }}"
            ),
            other => format!("{other:?}"),
        };
        format!("{ROOT}::Initializer::{variant}")
    }
}
