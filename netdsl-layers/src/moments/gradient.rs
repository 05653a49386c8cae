//! The moments of a gradient.

use super::combination::{Combination, Realisation};
use super::profile::Profile;
use super::propagated::Fluctuation;
use super::signal::Signal;
use super::swing::Swing;

/// The second moments of the gradient of the batch-mean loss with respect to the values behind a layer, averaged over its
/// units, each as a linear combination of those at the output; the scale is a logarithm.
///
/// Sums over positions instead of products at a distance are exact for what is asked of them, since products with a
/// weight conserve the sum over all pairs.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// The logarithm of the scale of all moments.
    pub(crate) log_scale: f64,
    /// `E g(a, p)²`
    pub(crate) square: Combination,
    /// `E g(a, p) g(b, p)`
    pub(crate) product: Combination,
    /// `Σ_{q ≠ p} E g(a, p) g(a, q)`
    pub(crate) position_sum: Combination,
    /// `Σ_{q ≠ p} E g(a, p) g(b, q)`
    pub(crate) pair_position_sum: Combination,
    /// `E ḡ(a)²` with the mean `ḡ` over the units.
    pub(crate) mean_square: Combination,
    /// `E ḡ(a) ḡ(b)`
    pub(crate) mean_product: Combination,
    /// At the output: the gradient is already that at the pre-activations, and this is by how much the logarithm of its
    /// square would be larger behind the activation.
    pub(crate) before_activation: Option<f64>,
    /// Before a batch normalisation of an activation: what the derivative leaves of the sum over the batch, as
    /// `E (Σ φ' g)²` for each item.
    pub(crate) batch_sum: Option<Combination>,
    /// The same before that activation.
    pub(crate) derivative_sum: Option<Combination>,
    /// By how much `E g(a, p) g(b, p)` of a pair grows with the correlation of its signals.
    pub(crate) response: Combination,
    /// Within a branch: by how much it grows with the correlation of the signals at the start of the branch, by what goes
    /// there beside the branch.
    pub(crate) beside: Combination,
    /// The variance of `ln |g|²` from seed to seed, as sums over one example see it.
    pub(crate) noise: f64,
    /// The same as sums over pairs of examples see it.
    pub(crate) pair_noise: f64,
    /// What the mean of the logarithm of a sum over pairs differs by from that of the moments that stand for it.
    pub(crate) pair_shift: f64,
    /// What the scales of the signal do to it, as sums over one example see them and as sums over pairs do.
    pub(crate) swings: [Swing; 2],
    /// The same moments with each gradient multiplied by the value it belongs to, where the signal is the direct output
    /// of a normalisation: square, product, position sum and pair position sum.
    pub(crate) with_value: Option<[Combination; 4]>,
    /// The amplitude of the part of the gradient that is parallel to the signal, relative to that at the output.
    pub(crate) coherence: f64,
    /// The number of outputs that this part comes from.
    pub(crate) outputs: f64,
    /// The share of [`mean_square`](Self::mean_square) that comes from the random signs of a weight, not from its mean.
    pub(crate) random_mean: f64,
    /// The realisation of the output with the median correlation between examples: what noise is judged by.
    pub(crate) typical: Realisation,
    /// The least correlation between examples that a few outputs can resolve.
    pub(crate) least_correlation: f64,
    /// How its energy is spread over the positions.
    pub(crate) profile: Profile,
    /// Before a maximum of activations: `E φ'²` and `E φ'(z) φ'(z')` where the maximum is, relative to everywhere.
    pub(crate) at_maximum: Option<(f64, f64)>,
    /// The decimal logarithm of the ratio of the root mean square at the first step to that at the last, at the input of
    /// the recurrent layer that is nearest on the way to the input of the network.
    pub time_decay: Option<f64>,
}

/// The index of the terms of the part of the gradient that is parallel to the signal.
pub(crate) const PARALLEL: usize = 6;

impl Gradient {
    /// Rescales so that the typical square is 1.
    pub(crate) fn normalised(mut self) -> Self {
        let scale = self.square.at(&self.typical).abs();
        if scale <= 0.0 || !scale.is_finite() {
            return self;
        }
        self.log_scale += libm::log(scale);
        let factor = 1.0 / scale;
        self.scale_moments(factor);
        self
    }

    /// Multiplies every moment, and the amplitudes by the root of it.
    pub(crate) fn scale_moments(&mut self, factor: f64) {
        for moment in [
            &mut self.square,
            &mut self.product,
            &mut self.position_sum,
            &mut self.pair_position_sum,
            &mut self.mean_square,
            &mut self.mean_product,
            &mut self.response,
            &mut self.beside,
        ] {
            *moment = *moment * factor;
        }
        for sum in [&mut self.batch_sum, &mut self.derivative_sum].into_iter().flatten() {
            *sum = *sum * factor;
        }
        for moment in self.with_value.iter_mut().flatten() {
            *moment = *moment * factor;
        }
        self.coherence *= factor.sqrt();
    }

    /// The same moments without what ties the gradient to the signal that it belongs to.
    pub(crate) fn unrelated(self) -> Self {
        Self {
            batch_sum: None,
            derivative_sum: None,
            with_value: None,
            response: Combination::ZERO,
            beside: Combination::ZERO,
            coherence: 0.0,
            at_maximum: None,
            ..self
        }
    }

    /// Of what ties a gradient to its signal only that a part of it is parallel: the outputs that follow from a state pull
    /// it all in one direction.
    pub(crate) fn parallel_alone(self) -> Self {
        let (coherence, response, beside) = (self.coherence, self.response, self.beside);
        Self { coherence, response, beside, ..self.unrelated() }
    }

    /// The gradient at this signal with that variance of the logarithm of its square added for one example and for pairs.
    ///
    /// Its square stands for the mean of a logarithm, which is lower than the logarithm of the mean by half of the
    /// variance. What is parallel to the signal has no fluctuation but that of the signal's scale.
    pub(crate) fn add_noise(&mut self, noise: f64, pair_noise: f64, signal: &Signal<'_>) {
        let kept = 1.0 - self.parallel_share();
        let (noise, pair_noise) = (noise * kept, pair_noise * kept);
        self.noise += noise;
        self.pair_noise += pair_noise;
        let one = libm::exp(-noise / 2.0);
        // Sums over pairs that are exactly zero have to stay so: where nothing is parallel to the signal, all moments have one
        // factor, and what pairs differ in is put in at the end.
        let pairs = if self.coherence == 0.0 {
            self.pair_shift -= (pair_noise - noise) / 2.0;
            one
        } else {
            libm::exp(-pair_noise / 2.0)
        };
        let (parallel, pair_parallel) = Self::parallel(self.coherence);
        let others = signal.positions as f64 - 1.0;
        let fade = |moment: &mut Combination, parallel: Combination, factor: f64| {
            *moment = *moment * factor + parallel * (1.0 - factor);
        };
        fade(&mut self.square, parallel, one);
        fade(&mut self.mean_square, parallel * signal.mean_square, one);
        fade(&mut self.product, pair_parallel * signal.correlation, pairs);
        fade(&mut self.mean_product, pair_parallel * signal.mean_product, pairs);
        fade(&mut self.position_sum, parallel * (signal.position_correlation * others), pairs);
        fade(&mut self.pair_position_sum, pair_parallel * (signal.correlation * others), pairs);
        self.response = self.response * pairs;
        self.beside = self.beside * pairs;
        let sums = [&mut self.batch_sum, &mut self.derivative_sum].into_iter().flatten();
        for moment in sums.chain(self.with_value.iter_mut().flatten()) {
            *moment = *moment * pairs;
        }
    }

    /// What ties the gradient to a signal over more or fewer positions, with as many `h · g` of a scale that differs by this
    /// factor: their sum is kept.
    pub(crate) fn regridded(self, scale: f64, fewer: f64) -> Self {
        let coherence = self.coherence * scale * fewer;
        Self { coherence, ..self.unrelated() }
    }

    /// The logarithm of the typical square.
    pub(crate) fn log_energy(&self) -> f64 {
        self.log_scale + libm::log(self.square.at(&self.typical).max(1e-300))
    }

    /// A sum of uncorrelated gradients.
    pub(crate) fn sum(parts: &[&Self]) -> Self {
        let largest = parts.iter().map(|part| part.log_scale).fold(f64::MIN, f64::max);
        let mut total = parts[0].clone().unrelated();
        total.log_scale = largest;
        total.scale_moments(0.0);
        let energy = parts.iter().map(|part| part.log_energy()).fold(f64::MIN, f64::max);
        let (mut noise, mut pair_noise, mut pair_shift, mut weights) = (0.0, 0.0, 0.0, 0.0);
        for part in parts {
            let factor = libm::exp(part.log_scale - largest);
            for (sum, moment) in [
                (&mut total.square, part.square),
                (&mut total.product, part.product),
                (&mut total.position_sum, part.position_sum),
                (&mut total.pair_position_sum, part.pair_position_sum),
                (&mut total.mean_square, part.mean_square),
                (&mut total.mean_product, part.mean_product),
                (&mut total.response, part.response),
                (&mut total.beside, part.beside),
            ] {
                *sum += moment * factor;
            }
            total.coherence += part.coherence * factor.sqrt();
            let weight = libm::exp(part.log_energy() - energy);
            noise += weight * part.noise;
            pair_noise += weight * part.pair_noise;
            pair_shift += weight * part.pair_shift;
            weights += weight;
        }
        total.swings = std::array::from_fn(|kind| {
            Swing::mean(parts.iter().map(|part| (libm::exp(part.log_energy() - energy), part.swings[kind])))
        });
        (total.noise, total.pair_noise) = (noise / weights, pair_noise / weights);
        total.pair_shift = pair_shift / weights;
        total
    }

    /// The correlation between examples in the typical realisation.
    pub(crate) fn typical_correlation(&self) -> f64 {
        self.typical_share(self.product).clamp(0.0, 1.0).max(self.least_correlation)
    }

    /// A moment relative to the square, in the typical realisation.
    pub(crate) fn typical_share(&self, moment: Combination) -> f64 {
        let square = self.square.at(&self.typical);
        if square > 0.0 { moment.at(&self.typical) / square } else { moment.at(&self.typical) }
    }

    /// The swings before a layer with these signals before and behind it, that passes `passed` of a change of the signal's
    /// scale on and multiplies the gradient's square by a factor whose logarithm changes by `slope` times as much; a share of
    /// it is `parallel` to the signal.
    pub(crate) fn swings_before(
        &self,
        before: &Signal<'_>,
        behind: &Signal<'_>,
        passed: f64,
        slope: f64,
        parallel: f64,
    ) -> [Swing; 2] {
        let fresh = |before: f64, behind: f64| (behind - passed * passed * before).max(0.0);
        let [one, pairs] = self.swings;
        [
            one.before(fresh(before.noise, behind.noise), passed, slope, parallel),
            pairs.before(fresh(before.pair_noise, behind.pair_noise), passed, slope, parallel),
        ]
    }

    /// How the square of the norm of the gradient of a parameter fluctuates that is this gradient times the signal at the
    /// same place to the `power`-th, which is 1 for a weight and 0 for a bias.
    pub(crate) fn fluctuations(&self, signal: &Signal<'_>, power: f64) -> [Fluctuation; 2] {
        let of = |swing: &Swing, noise: f64, of_gradient: f64| {
            let (variance, with_output) = swing.fluctuation(power, noise);
            Fluctuation { shift: 0.0, variance: variance + of_gradient, with_output }
        };
        let one = of(&self.swings[0], signal.noise, self.noise);
        let pairs = of(&self.swings[1], signal.pair_noise, self.pair_noise);
        let shift = self.pair_shift - power * (signal.pair_noise - signal.noise) / 2.0;
        [one, Fluctuation { shift, ..pairs }]
    }

    /// The square of the part that is parallel to the signal, of that amplitude relative to the output, and its product in
    /// two examples but for the correlation of their signals.
    pub(crate) fn parallel(amplitude: f64) -> (Combination, Combination) {
        let square = amplitude * amplitude;
        (Combination::term(PARALLEL) * square, Combination::term(PARALLEL + 1) * square)
    }

    /// The share of the part that is parallel to the signal, in the typical realisation.
    pub(crate) fn parallel_share(&self) -> f64 {
        self.typical_share(Self::parallel(self.coherence).0).clamp(0.0, 1.0)
    }

    /// What a scale behind a normalisation sees of the part of the gradient that is parallel to the signal: with
    /// `g = A x` every item adds `A x²` with the same sign, so that each pair adds `A² E x² x'² = A² (1 + 2 c²)`. From unit
    /// to unit `A` varies like the sum of the squares of its weights to the outputs.
    pub(crate) fn along_signal(&self, items: f64, correlation: f64) -> Combination {
        let (square, product) = Self::parallel(self.coherence);
        let pairs = product * ((items - 1.0) * (1.0 + 2.0 * correlation * correlation));
        square * 3.0 + pairs * (1.0 + 2.0 / self.outputs)
    }

    /// `Σ E g(a, p) g(b, q) K` over all pairs of a batch, divided by its items, for a signal with these correlations of two
    /// examples and of two positions: the whole, and what does not come from an item with itself.
    pub(crate) fn pair_sum(
        &self,
        batch: usize,
        correlation: f64,
        position_correlation: f64,
    ) -> (Combination, Combination) {
        let others = (batch as f64 - 1.0) * correlation;
        let apart = match self.derivative_sum {
            Some(sum) => (sum - self.square) * correlation,
            None => {
                self.position_sum * position_correlation + (self.product + self.pair_position_sum) * others
            }
        };
        (self.square + apart, apart)
    }
}
