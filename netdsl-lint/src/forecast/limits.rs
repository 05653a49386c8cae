//! What the verdict compares with.

use crate::settings::Threshold;

/// Where nothing else is declared, the gradient of a weight against the weight.
pub(crate) const LARGEST_RATIO: Threshold = Threshold {
    lint: "exploding_gradient",
    name: "largest_ratio",
    default: netdsl_layers::Limits::DEFAULT.largest_ratio,
    most: f64::INFINITY,
    meaning: "the gradient of a weight relative to the weight, where no optimizer is declared: at 10, gradient descent \
              at a rate of 0.01 moves the weight by a tenth of itself, where DeepDiagnosis (Wardat et al. 2022) and \
              TheDeepChecker (Ben Braiek & Khomh 2023) draw the line",
};

/// The gradient of the first weight against that of the last.
pub(crate) const LARGEST_GROWTH: Threshold = Threshold {
    lint: "exploding_gradient",
    name: "largest_growth",
    default: netdsl_layers::Limits::DEFAULT.largest_growth,
    most: f64::INFINITY,
    meaning: "the gradient of the first weight relative to that of the last; AutoTrainer (Zhang et al. 2021) takes 70 \
              while it trains",
};

/// A step against the weight.
pub(crate) const LARGEST_STEP: Threshold = Threshold {
    lint: "exploding_gradient",
    name: "largest_step",
    default: 0.1,
    most: f64::INFINITY,
    meaning: "the first step of a declared optimizer whose steps follow the size of the gradient, relative to the \
              weight, of any weight before the output layer; the line of DeepDiagnosis and TheDeepChecker",
};

/// The growth that an optimizer survives which divides by the gradient's own size.
pub(crate) const LARGEST_GROWTH_ADAPTIVE: Threshold = Threshold {
    lint: "exploding_gradient",
    name: "largest_growth_adaptive",
    default: 1000.0,
    most: f64::INFINITY,
    meaning: "the same as `largest_growth` for an optimizer that divides by the gradient's own size: between the growth of \
              networks that Adam trained and that of those it did not",
};

/// The scale of the output that steps of a bounded size survive.
pub(crate) const LARGEST_OUTPUT: Threshold = Threshold {
    lint: "exploding_gradient",
    name: "largest_output",
    default: 20.0,
    most: f64::INFINITY,
    meaning: "the root mean square of the output, where an optimizer is declared: between the scale of networks that \
              Adam trained and that of those it did not",
};

/// The gradient of the first weight against the weight and against the largest.
pub(crate) const SMALLEST_RATIO: Threshold = Threshold {
    lint: "vanishing_gradient",
    name: "smallest_ratio",
    default: netdsl_layers::Limits::DEFAULT.smallest_ratio,
    most: f64::INFINITY,
    meaning: "the gradient of the first weight relative to the weight, and to the largest gradient; AutoTrainer takes \
              the same for the latter",
};

/// The same where an optimizer divides by the gradient's own size.
pub(crate) const SMALLEST_RATIO_ADAPTIVE: Threshold = Threshold {
    lint: "vanishing_gradient",
    name: "smallest_ratio_adaptive",
    default: 3e-6,
    most: f64::INFINITY,
    meaning: "the gradient of the first weight relative to the largest, for an optimizer that divides by the gradient's \
              own size: near the resolution of 32-bit numbers, and between networks that Adam trained and those that it \
              did not",
};

/// The update that is lost even so.
pub(crate) const SMALLEST_STEP: Threshold = Threshold {
    lint: "vanishing_gradient",
    name: "smallest_step",
    default: 1e-5,
    most: f64::INFINITY,
    meaning: "the first step of such an optimizer relative to the first weight, which its epsilon makes small; the line \
              of DeepDiagnosis",
};

/// The gradient at the first step of a sequence.
pub(crate) const SMALLEST_TIME_RATIO: Threshold = Threshold {
    lint: "vanishing_gradient",
    name: "smallest_time_ratio",
    default: 1e-3,
    most: f64::INFINITY,
    meaning: "the gradient at the first step of a sequence relative to that at the last, in a recurrent layer without \
              gates",
};

/// The share of networks that are dead.
pub(crate) const DEAD_PROBABILITY: Threshold = Threshold {
    lint: "dying_relu",
    name: "verdict_probability",
    default: 0.5,
    most: 1.0,
    meaning: "the probability from which on the verdict on the network is that it is dead: it then is more often than \
              not",
};
