//! How weights and biases are drawn.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use crate::arguments::{Arguments, Call};
use crate::expression::{Expression, ROOT};
use crate::problem::Problem;

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
    /// Ones for the second of four gates, zeros for the others: a memory that forgets little to begin with (Jozefowicz,
    /// Zaremba & Sutskever 2015). The default of the bias of an LSTM, without a name in the language.
    ForgetGate,
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

    /// The names in the language.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name).chain(CALLED)
    }

    /// The mean of an entry.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::VarianceScaling { .. } | Self::Orthogonal { .. } => 0.0,
            Self::Uniform { low, high } => (low + high) / 2.0,
            Self::Normal { mean, .. } | Self::TruncatedNormal { mean, .. } => mean,
            Self::Constant(value) => value,
            Self::ForgetGate => 0.25,
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
            Self::ForgetGate => 0.25 * 0.75,
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
                    return Err(vec![Problem::unknown(call.name_place, "initializer", name, Self::names())]);
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
            Self::ForgetGate => "ForgetGate".into(),
        }
    }
}

impl Arguments<'_> {
    /// The initializer of a vector, or the default.
    pub fn bias_initializer(&mut self, name: &'static str, default: Initializer) -> Initializer {
        let initializer = self.initializer(name, default);
        if let Initializer::Orthogonal { .. } = initializer {
            let place = self.call().place;
            self.report(Problem::new(place, "a bias is no matrix and can't be orthogonal"));
        }
        initializer
    }

    /// The initializer of that name, or the default.
    pub fn initializer(&mut self, name: &'static str, default: Initializer) -> Initializer {
        match self.call_named(name, None, "an initializer such as `HeNormal`").map(Initializer::read) {
            None => default,
            Some(Ok(initializer)) => initializer,
            Some(Err(problems)) => {
                self.report_all(problems);
                default
            }
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

#[cfg(feature = "kernels")]
mod draw {
    use rand::Rng;
    use rand_chacha::ChaCha8Rng;

    use super::{Distribution, Initializer, TRUNCATED_STANDARD_DEVIATION};
    use crate::element::Element;
    use crate::parameter::Parameter;

    /// A number in [0, 1), a multiple of 2^-53.
    fn unit(random: &mut ChaCha8Rng) -> f64 {
        (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number, by the polar method of Marsaglia & Bray 1964.
    fn normal(random: &mut ChaCha8Rng) -> f64 {
        loop {
            let (x, y) = (2.0 * unit(random) - 1.0, 2.0 * unit(random) - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }

    fn truncated(random: &mut ChaCha8Rng) -> f64 {
        loop {
            let value = normal(random);
            if value.abs() <= 2.0 {
                return value;
            }
        }
    }

    impl Initializer {
        /// Draws the values of `parameter`; the same stream gives the same values on every machine.
        ///
        /// `values` has the length of the parameter.
        pub fn draw<T: Element>(&self, parameter: &Parameter, random: &mut ChaCha8Rng, values: &mut [T]) {
            if let Self::Orthogonal { gain } = *self {
                let rows = parameter.shape.first().copied().unwrap_or(1);
                return orthogonal(rows, values.len() / rows.max(1), gain, random, values);
            }
            if let Self::ForgetGate = self {
                let gate = values.len() / 4;
                values.fill(T::zero());
                return values[gate..2 * gate].fill(T::one());
            }
            let deviation = self.variance(parameter.fan_in, parameter.fan_out).sqrt();
            for value in values {
                *value = T::from_f64(self.number(deviation, random));
            }
        }

        /// One value, for a `VarianceScaling` of this standard deviation.
        fn number(&self, deviation: f64, random: &mut ChaCha8Rng) -> f64 {
            match *self {
                // A uniform distribution of half width w has the variance w² / 3.
                Self::VarianceScaling { distribution: Distribution::Uniform, .. } => {
                    deviation * 3f64.sqrt() * (2.0 * unit(random) - 1.0)
                }
                Self::VarianceScaling { distribution: Distribution::Normal, .. }
                | Self::Orthogonal { .. } => deviation * normal(random),
                Self::VarianceScaling { distribution: Distribution::TruncatedNormal, .. } => {
                    deviation / TRUNCATED_STANDARD_DEVIATION * truncated(random)
                }
                Self::Uniform { low, high } => low + (high - low) * unit(random),
                Self::Normal { mean, standard_deviation } => mean + standard_deviation * normal(random),
                Self::TruncatedNormal { mean, standard_deviation } => {
                    mean + standard_deviation * truncated(random)
                }
                Self::Constant(constant) => constant,
                Self::ForgetGate => 0.0,
            }
        }
    }

    /// A `rows × columns` matrix whose shorter side is orthonormal, times `gain`.
    ///
    /// The longer side's vectors of normal numbers are orthonormalised twice over (modified Gram-Schmidt), which is as
    /// uniform over all such matrices as a QR decomposition with positive diagonal (Mezzadri 2007).
    fn orthogonal<T: Element>(
        rows: usize,
        columns: usize,
        gain: f64,
        random: &mut ChaCha8Rng,
        values: &mut [T],
    ) {
        let (count, len) = (rows.min(columns), rows.max(columns));
        let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
        for _ in 0..count {
            let mut vector: Vec<f64> = (0..len).map(|_| normal(random)).collect();
            for _ in 0..2 {
                for other in &vectors {
                    let along: f64 = vector.iter().zip(other).map(|(one, other)| one * other).sum();
                    for (value, other) in vector.iter_mut().zip(other) {
                        *value -= along * other;
                    }
                }
                let norm = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
                vector.iter_mut().for_each(|value| *value /= norm);
            }
            vectors.push(vector);
        }
        for (index, value) in values.iter_mut().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let entry = if rows <= columns { vectors[row][column] } else { vectors[column][row] };
            *value = T::from_f64(gain * entry);
        }
    }

    #[cfg(test)]
    mod tests {
        use rand::SeedableRng;

        use super::*;
        use crate::initializer::FanMode;

        fn drawn(initializer: Initializer, shape: [usize; 2]) -> (Parameter, Vec<f64>) {
            let parameter = Parameter {
                name: "weight".into(),
                shape: shape.to_vec(),
                initializer,
                fan_in: shape[1],
                fan_out: shape[0],
            };
            let mut values = vec![f64::NAN; parameter.len()];
            initializer.draw(&parameter, &mut ChaCha8Rng::seed_from_u64(3), &mut values);
            (parameter, values)
        }

        #[test]
        fn moments_are_as_stated() {
            let scaling =
                |mode, distribution| Initializer::VarianceScaling { scale: 2.0, mode, distribution };
            for initializer in [
                Initializer::GLOROT_UNIFORM,
                scaling(FanMode::FanIn, Distribution::TruncatedNormal),
                scaling(FanMode::FanOut, Distribution::Normal),
                Initializer::Uniform { low: 0.9, high: 1.1 },
                Initializer::Normal { mean: -0.5, standard_deviation: 2.0 },
                Initializer::TruncatedNormal { mean: 0.25, standard_deviation: 0.5 },
                Initializer::Orthogonal { gain: 1.5 },
                Initializer::Constant(0.25),
            ] {
                let (parameter, values) = drawn(initializer, [300, 400]);
                let count = values.len() as f64;
                let mean = values.iter().sum::<f64>() / count;
                let variance =
                    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
                let stated = initializer.variance(parameter.fan_in, parameter.fan_out);
                // Five standard errors: of a mean sqrt(v / n), of a variance at most v sqrt(2 / n).
                assert!(
                    (mean - initializer.mean()).abs() <= 5.0 * (stated / count).sqrt() + 1e-12,
                    "{initializer:?}"
                );
                assert!(
                    (variance - stated).abs() <= 5.0 * stated * (2.0 / count).sqrt() + 1e-12,
                    "{initializer:?}"
                );
            }
        }

        #[test]
        fn truncated_numbers_stay_within_two_deviations() {
            let (_, values) =
                drawn(Initializer::TruncatedNormal { mean: 1.0, standard_deviation: 0.5 }, [100, 100]);
            assert!(values.iter().all(|value| (value - 1.0).abs() <= 1.0));
        }

        #[test]
        fn the_shorter_side_is_orthonormal() {
            for shape in [[7, 12], [12, 7], [9, 9], [1, 5]] {
                let (_, values) = drawn(Initializer::Orthogonal { gain: 2.0 }, shape);
                let [rows, columns] = shape;
                let entry = |short: usize, long: usize| {
                    if rows <= columns {
                        values[short * columns + long]
                    } else {
                        values[long * columns + short]
                    }
                };
                for one in 0..rows.min(columns) {
                    for other in 0..rows.min(columns) {
                        let product: f64 =
                            (0..rows.max(columns)).map(|long| entry(one, long) * entry(other, long)).sum();
                        let expected = if one == other { 4.0 } else { 0.0 };
                        // Rounding of sums of at most twelve products of numbers of order one.
                        assert!((product - expected).abs() < 1e-13, "{shape:?} {one} {other}: {product}");
                    }
                }
            }
        }
    }
}
