//! Products with a random weight.

use super::combination::Combination;
use super::gradient::Gradient;
use super::propagated::ParameterMoments;
use super::signal::{BeforeProduct, NOTHING, Signal};
use crate::initializer::Initializer;
use crate::parameter::Parameter;

/// What the moments need to know of a weight `[units, fan_in]` and of a bias.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// The mean of an entry.
    mean: f64,
    /// The variance of an entry.
    variance: f64,
    /// Whether its rows or columns are orthonormal: such a product has no noise of its own.
    orthogonal: bool,
    fan_in: usize,
    units: usize,
    /// Mean and variance of the bias.
    bias: Option<(f64, f64)>,
    /// The share of the inputs of a unit that are there, weighted with their energy: a window reaches over the border.
    covered: f64,
    /// How many outputs of a unit use one input, weighted with their energy.
    uses: f64,
}

impl Weight {
    /// A weight that is drawn so, and a bias if there is one.
    pub(crate) fn new(fan_in: usize, units: usize, init: &Initializer, bias: Option<&Initializer>) -> Self {
        Self {
            mean: init.mean(),
            variance: init.variance(fan_in, units),
            orthogonal: matches!(init, Initializer::Orthogonal { .. }),
            fan_in,
            units,
            bias: bias.map(|bias| (bias.mean(), bias.variance(fan_in, units))),
            covered: 1.0,
            uses: 1.0,
        }
    }

    /// The first of these parameters, and the second as its bias.
    pub(crate) fn of(parameters: &[Parameter]) -> Self {
        let weight = &parameters[0];
        let bias = parameters.get(1).map(|bias| &bias.initializer);
        let variance = weight.variance();
        Self { variance, ..Self::new(weight.fan_in, weight.shape[0], &weight.initializer, bias) }
    }

    /// The variance of an entry times the number of inputs.
    pub(super) fn gain(&self) -> f64 {
        self.variance * self.fan_in as f64
    }

    /// The same weight where only that share of its inputs is there.
    pub(super) fn covering(self, covered: f64) -> Self {
        Self { covered, ..self }
    }

    /// The same weight where so many outputs of a unit use one input.
    pub(super) fn used(self, uses: f64) -> Self {
        Self { uses, ..self }
    }

    /// `z = W h + b`.
    ///
    /// `E z² = fan_in (Var W) Q + Var b + M²` with the mean `M = fan_in (E W) E h + E b`, and the same for products of two
    /// examples (Poole et al. 2016; Schoenholz et al. 2017). A weight with a mean adds a part that all units share: the
    /// mean over the units, times `(fan_in E W)²`.
    pub(crate) fn forward<'a>(&self, signal: &Signal<'a>) -> Signal<'a> {
        let fan_in = self.fan_in as f64 * self.covered;
        let (bias_mean, bias_variance) = self.bias.unwrap_or((0.0, 0.0));
        let unit = if bias_mean == 0.0 && bias_variance == 0.0 {
            0.0
        } else {
            libm::exp((-signal.log_square).clamp(-600.0, 600.0))
        };
        let mean = self.mean * fan_in * signal.mean + bias_mean * unit.sqrt();
        let gain = self.variance * fan_in;
        let bias_variance = bias_variance * unit;
        let along = (self.mean * fan_in) * (self.mean * fan_in);
        let mean_of_signal = signal.mean * signal.mean;
        let shared_product = along * (signal.mean_product - mean_of_signal);
        let shared = if signal.positions > 1 && along > 0.0 {
            shared_product.max(0.0)
        } else {
            along * (signal.mean_square - mean_of_signal).max(0.0)
        };
        let total = gain + bias_variance + shared + mean * mean;
        let units = self.units as f64;
        let mut output = Signal { width: self.units, source: None, normalised: false, ..signal.clone() };
        if total <= 0.0 {
            output.log_square = NOTHING;
            (output.correlation, output.position_correlation, output.mean) = (0.0, 0.0, 0.0);
            (output.mean_square, output.mean_product) = (1.0 / units, 0.0);
            (output.shared, output.shared_product) = (0.0, 0.0);
            return output;
        }
        let covariance = |correlation: f64| gain * correlation + bias_variance + shared_product;
        let of_two = |correlation: f64| ((covariance(correlation) + mean * mean) / total).clamp(-1.0, 1.0);
        output.log_square = signal.log_square + libm::log(total);
        output.correlation = of_two(signal.correlation);
        output.position_correlation = of_two(signal.position_correlation);
        output.mean = mean / total.sqrt();
        output.shared = shared / total;
        output.shared_product = shared_product / total;
        let square = output.mean * output.mean;
        output.mean_square = square + output.shared + (gain + bias_variance) / total / units;
        output.mean_product =
            square + output.shared_product + (gain * signal.correlation + bias_variance) / total / units;
        let apart = (1.0 - signal.correlation).max(1e-6);
        output.before_product = BeforeProduct {
            noise: signal.noise,
            pair_noise: signal.pair_noise,
            scatter: signal.scatter / (apart * apart),
            taken: 0.0,
        };
        let kept = gain / total;
        // A window takes the mean over its positions.
        output.scatter = signal.scatter * kept * kept * signal.width as f64 / self.fan_in as f64;
        output.scatter_passed *= kept;
        let passed = 1.0 - self.bias_share(&output);
        output.noise *= passed * passed;
        output.pair_noise *= passed * passed;
        output.passed *= passed;
        if !self.orthogonal {
            let (noise, pair_noise) = output.product_noise();
            output.add_noise(noise / units, pair_noise / units);
            output.before_product.taken = noise / units / 2.0;
            output.scatter += output.scatter_of_units() / units;
        }
        output
    }

    /// How much of a change of the correlation of two examples is passed on.
    fn kept(&self, before: &Signal<'_>, behind: &Signal<'_>) -> f64 {
        let gain = self.variance * self.fan_in as f64 * self.covered;
        // Both logarithms have their noise in them, that of the product only one.
        let scale = before.log_square - behind.log_square - behind.before_product.taken;
        (gain * libm::exp(scale.min(600.0))).min(1.0)
    }

    /// The share of the bias in the energy behind the product.
    pub(super) fn bias_share(&self, behind: &Signal<'_>) -> f64 {
        let (mean, variance) = self.bias.unwrap_or((0.0, 0.0));
        if mean == 0.0 && variance == 0.0 {
            0.0
        } else {
            ((mean * mean + variance) / behind.square()).min(1.0)
        }
    }

    /// The norms of the gradients of weight and bias, for the gradient at `z` and the signal before the product:
    ///
    /// `|∂L/∂W|² = fan_in · units · B · P · Σ_{(a,p),(b,q)} E g g · E h h / (B P)`, and the same with 1 for the signal for
    /// the bias.
    pub(crate) fn parameters(
        &self,
        gradient: &Gradient,
        signal: &Signal<'_>,
        behind: &Signal<'_>,
    ) -> Vec<ParameterMoments> {
        let passed = 1.0 - self.bias_share(behind);
        let swings = gradient.swings_before(
            signal,
            behind,
            passed,
            0.0,
            self.parallel_share(gradient, signal, behind),
        );
        let before = Gradient { swings, ..gradient.clone() };
        let items = signal.items();
        let count = libm::log(self.units as f64 * items);
        let (total, apart) = gradient.pair_sum(signal.batch, signal.correlation, signal.position_correlation);
        // The product of two gradients is large where that of their inputs is. Of several positions it is known only of the
        // part that is parallel to `z = W h`, with the variance of `h(a) · h(b)` for Gaussian units.
        let together = if signal.positions == 1 {
            gradient.response * (signal.scatter * self.kept(signal, behind))
                + gradient.beside * (signal.scatter_passed * signal.scatter_at_start)
        } else {
            let units = 1.0 + signal.correlation * signal.correlation;
            Gradient::parallel(gradient.coherence).1 * (units / self.fan_in as f64)
        };
        let together = together * (items - 1.0);
        let (total, apart) = (total + together, apart + together);
        let mut parameters = vec![ParameterMoments {
            log_scale: gradient.log_scale
                + signal.log_square
                + libm::log(signal.width as f64 * self.uses)
                + count,
            total,
            apart,
            fluctuations: before.fluctuations(signal, 1.0),
        }];
        if self.bias.is_some() {
            let (total, apart) = gradient.pair_sum(signal.batch, 1.0, 1.0);
            parameters.push(ParameterMoments {
                log_scale: gradient.log_scale + count,
                total,
                apart,
                fluctuations: before.fluctuations(signal, 0.0),
            });
        }
        parameters
    }

    /// The amplitude of what is parallel to the signal before the weight.
    fn coherence(&self, gradient: &Gradient, before: &Signal<'_>, behind: &Signal<'_>) -> f64 {
        if behind.log_square < -400.0 || before.log_square < -400.0 {
            return 0.0;
        }
        let gain = self.variance * self.units as f64 * self.uses;
        // The noise of the product is in the scale behind it, which `h · g` is proportional to.
        let taken = behind.before_product.taken;
        gradient.coherence * gain * libm::exp(0.5 * (before.log_square - behind.log_square) - taken)
    }

    /// The share of the gradient before the weight that is parallel to the signal.
    fn parallel_share(&self, gradient: &Gradient, before: &Signal<'_>, behind: &Signal<'_>) -> f64 {
        let gain = self.variance * self.units as f64 * self.uses;
        let parallel = gradient.typical_share(Gradient::parallel(self.coherence(gradient, before, behind)).0);
        if gain > 0.0 { (parallel / gain).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// `∂L/∂h = Wᵀ ∂L/∂z`, for the signals before and behind the product.
    pub(crate) fn backward(&self, gradient: &Gradient, before: &Signal<'_>, behind: &Signal<'_>) -> Gradient {
        let (units, width, batch) = (self.units as f64 * self.uses, before.width as f64, before.batch as f64);
        let gain = self.variance * units;
        let along = (self.mean * units) * (self.mean * units);
        let mut square = gradient.square * gain + gradient.mean_square * along;
        let mut product = gradient.product * gain + gradient.mean_product * along;
        let mut position_sum = gradient.position_sum * gain;
        let mut pair_position_sum = gradient.pair_position_sum * gain;
        let from_entries = gradient.square * (gain / width);
        let pairs_from_entries = gradient.product * (gain / width);
        let mut mean_square = gradient.mean_square * along + from_entries;
        let mut mean_product = gradient.mean_product * along + pairs_from_entries;
        let coherence = self.coherence(gradient, before, behind);
        if coherence != 0.0 {
            // The product `h · g` with the signal is the same before the weight and behind it, `h · Wᵀ g = W h · g`; what
            // is left of the weight when `W h` is given has the direction of `h` missing.
            let (parallel, pairs) = Gradient::parallel(coherence);
            let pairs = pairs * before.correlation;
            let others = before.positions as f64 - 1.0;
            square += parallel - from_entries;
            product += pairs - pairs_from_entries * before.correlation;
            position_sum += parallel * (before.position_correlation * others);
            pair_position_sum += pairs * others;
            mean_square += (parallel - from_entries) * before.mean_square;
            mean_product += (pairs - pairs_from_entries * before.correlation) * before.mean_product;
        }
        let correlation = gradient.typical_correlation();
        let typical = |moment: Combination| moment.at(&gradient.typical);
        let share = |part: Combination, whole: Combination| {
            let whole = typical(whole);
            if whole > 0.0 { (typical(part) / whole).clamp(0.0, 1.0) } else { 0.0 }
        };
        let along_share = share(gradient.mean_square * along, square);
        let (mut noise, mut pair_noise) = (0.0, 0.0);
        if !self.orthogonal {
            let own = 2.0 / batch + (1.0 - 1.0 / batch) * 2.0 * correlation * correlation;
            noise += (1.0 - along_share) * own / width;
            pair_noise += (1.0 - along_share) * 2.0 / width;
        }
        let mut log_scale = gradient.log_scale;
        let mut random_mean = gradient.random_mean;
        if along > 0.0 {
            // The sum over the units of a weight of random signs is one Gaussian number for all examples: its square has
            // one degree of freedom, whose logarithm has the median -0.79 and about the variance 4.
            let random = along_share * random_mean;
            noise += 4.0 * random;
            pair_noise += 4.0 * random;
            log_scale += 1.21 * random;
            random_mean *= 1.0 - along_share;
        }
        let apart = if coherence == 0.0 { 1.0 } else { (1.0 - before.mean_square).max(0.0) };
        let fresh = share(from_entries * apart, mean_square);
        let parallel = self.parallel_share(gradient, before, behind);
        let swings = gradient.swings_before(before, behind, 1.0 - self.bias_share(behind), 0.0, parallel);
        let mut result = Gradient {
            log_scale,
            square,
            product,
            position_sum,
            pair_position_sum,
            mean_square,
            mean_product,
            batch_sum: None,
            derivative_sum: None,
            response: gradient.response * (gain * self.kept(before, behind))
                + Gradient::parallel(coherence).1,
            beside: gradient.beside * gain,
            swings,
            with_value: None,
            coherence,
            random_mean: random_mean * (1.0 - fresh) + fresh,
            ..gradient.clone()
        };
        result.add_noise(noise, pair_noise, before);
        result
    }
}
