//! The moments of a gradient.

use super::combination::{Combination, Realisation};
use super::profile::Profile;

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
    /// `E ḡ(a) (g(a) · h(a)) / (n sqrt Q)` with the signal `h` that the gradient belongs to.
    pub(crate) along_mean: Combination,
    /// `E ḡ(a) (g(b) · h(a)) / (n sqrt Q)`
    pub(crate) pair_along_mean: Combination,
    /// At the output: the gradient is already that at the pre-activations, and this is by how much the logarithm of its
    /// square would be larger behind the activation.
    pub(crate) before_activation: Option<f64>,
    /// Before a batch normalisation of an activation: what the derivative leaves of the sum over the batch, as
    /// `E (Σ φ' g)²` for each item.
    pub(crate) batch_sum: Option<Combination>,
    /// Behind an activation: what the next product with a weight needs to know of the gradient before its derivative.
    pub(crate) curvature: Option<Curvature>,
    /// Within a branch: the amplitudes, relative to the mean over the units of the gradient at the branch's output, of
    /// the part of the gradient that is parallel to the signal and of its own mean.
    pub(crate) of_branch: (f64, f64),
    /// The variance of `ln |g|²` from seed to seed, as sums over one example see it.
    pub(crate) noise: f64,
    /// The same as sums over pairs of examples see it.
    pub(crate) pair_noise: f64,
    /// The same moments with each gradient multiplied by the value it belongs to, where the signal is the direct output
    /// of a normalisation: square, product, position sum and pair position sum.
    pub(crate) with_value: Option<[Combination; 4]>,
    /// The amplitude of the part of the gradient that is parallel to the signal, as a mean over weights.
    pub(crate) coherence: f64,
    /// The number of outputs that this part comes from.
    pub(crate) outputs: f64,
    /// The amplitude of that part of the gradient at the pre-activations, where the loss fixes it directly.
    pub(crate) coherence_before: Option<f64>,
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

/// What a derivative does to a gradient on average.
///
/// A weight of mean zero is correlated with the pre-activation that it makes: by Stein's identity
/// `E W_ij φ'(z_i) = Var W · h_j · E φ''(z_i)`. So `Wᵀ φ'(z) g` has a mean, `Var W · E φ'' · h · Σ_i g_i`, along the signal
/// and in proportion to the sum of the gradient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curvature {
    /// The mean of `φ''`, and the logarithm of its unit.
    pub(crate) mean: f64,
    pub(crate) log_unit: f64,
    /// `E ḡ(a)²` before the derivative.
    pub(crate) mean_square: Combination,
    /// `E ḡ(a) ḡ(b)` before the derivative.
    pub(crate) mean_product: Combination,
}

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
            &mut self.along_mean,
            &mut self.pair_along_mean,
        ] {
            *moment = *moment * factor;
        }
        if let Some(sum) = &mut self.batch_sum {
            *sum = *sum * factor;
        }
        if let Some(curvature) = &mut self.curvature {
            curvature.mean_square = curvature.mean_square * factor;
            curvature.mean_product = curvature.mean_product * factor;
        }
        for moment in self.with_value.iter_mut().flatten() {
            *moment = *moment * factor;
        }
        self.coherence *= factor.sqrt();
        self.coherence_before = self.coherence_before.map(|amplitude| amplitude * factor.sqrt());
    }

    /// The same moments without what ties the gradient to the signal that it belongs to.
    pub(crate) fn unrelated(self) -> Self {
        Self {
            along_mean: Combination::ZERO,
            pair_along_mean: Combination::ZERO,
            batch_sum: None,
            curvature: None,
            of_branch: (0.0, 0.0),
            with_value: None,
            coherence: 0.0,
            coherence_before: None,
            at_maximum: None,
            ..self
        }
    }

    /// Of what ties a gradient to its signal only that a part of it is parallel: the outputs that follow from a state pull
    /// it all in one direction.
    pub(crate) fn parallel_alone(self) -> Self {
        let coherence = self.coherence;
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
        let mut coherence_before = None;
        let energy = parts.iter().map(|part| part.log_energy()).fold(f64::MIN, f64::max);
        let (mut noise, mut pair_noise, mut weights) = (0.0, 0.0, 0.0);
        for part in parts {
            let factor = libm::exp(part.log_scale - largest);
            for (sum, moment) in [
                (&mut total.square, part.square),
                (&mut total.product, part.product),
                (&mut total.position_sum, part.position_sum),
                (&mut total.pair_position_sum, part.pair_position_sum),
                (&mut total.mean_square, part.mean_square),
                (&mut total.mean_product, part.mean_product),
            ] {
                *sum += moment * factor;
            }
            total.coherence += part.coherence * factor.sqrt();
            if let Some(amplitude) = part.coherence_before {
                *coherence_before.get_or_insert(0.0) += amplitude * factor.sqrt();
            }
            let weight = libm::exp(part.log_energy() - energy);
            noise += weight * part.noise;
            pair_noise += weight * part.pair_noise;
            weights += weight;
        }
        total.coherence_before = coherence_before;
        (total.noise, total.pair_noise) = (noise / weights, pair_noise / weights);
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

    /// The square of the part that is parallel to the signal, as far as the realisations of the output leave it open.
    pub(crate) fn parallel(&self, amplitude: f64) -> f64 {
        amplitude * amplitude * (1.0 - 2.0 / self.outputs).max(0.0)
    }

    /// What a scale behind a normalisation sees of the part of the gradient that is parallel to the signal: with
    /// `g = A x` every item adds `A x²` with the same sign, so that each pair adds `A² E x² x'² = A² (1 + 2 c²)`. From unit
    /// to unit `A` varies like the sum of the squares of its weights to the outputs.
    pub(crate) fn along_signal(&self, items: f64, correlation: f64) -> Combination {
        let amplitude = self.coherence_before.unwrap_or(self.coherence);
        let pairs = 3.0 + (items - 1.0) * (1.0 + 2.0 * correlation * correlation);
        Combination::constant(amplitude * amplitude * (1.0 + 2.0 / self.outputs) * pairs)
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
        let apart = match self.batch_sum {
            Some(sum) => (sum - self.square) * correlation,
            None => {
                self.position_sum * position_correlation + (self.product + self.pair_position_sum) * others
            }
        };
        (self.square + apart, apart)
    }
}
