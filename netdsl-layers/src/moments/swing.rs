//! What the fluctuation of the signal's scale does to a gradient.

/// How a gradient depends on the scales of the signal, with `x = ln Q` for the scale of the signal at the same place.
///
/// The scale of a signal fluctuates from seed to seed, a little more with every layer of finite width (Hanin & Nica 2018),
/// and what a layer adds is carried on by all that follow: so it reaches a gradient by the derivatives of all later
/// activations, by later normalisations and through the output, and a weight also by its input. All of these move together,
/// so that their parts are added before they are squared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swing {
    /// `d ln |g|² / dx`, but for what comes through the output.
    sensitivity: f64,
    /// `d x(output) / dx`
    transfer: f64,
    /// The variance of `ln |g|²` that comes from what later layers add to the scale.
    variance: f64,
    /// The covariance of the same with the scale of the output.
    covariance: f64,
}

impl Swing {
    /// At the output, whose own scale is realised.
    pub(crate) const OUTPUT: Self = Self { sensitivity: 0.0, transfer: 1.0, variance: 0.0, covariance: 0.0 };

    /// Before a layer that adds `fresh` to the variance of the scale, passes `passed` of a change of it on, and multiplies
    /// the gradient's square by a factor whose logarithm changes by `slope` times as much.
    ///
    /// The `parallel` share of the gradient grows as the signal does, since their product is kept.
    pub(crate) fn before(self, fresh: f64, passed: f64, slope: f64, parallel: f64) -> Self {
        let Self { sensitivity, transfer, variance, covariance } = self;
        let moved = sensitivity + parallel;
        Self {
            sensitivity: sensitivity * passed + slope,
            transfer: transfer * passed,
            variance: variance + moved * moved * fresh,
            covariance: covariance + moved * transfer * fresh,
        }
    }

    /// The variance of the logarithm of `|g|² Q^power`, and its covariance with the scale of the output, where the scale of
    /// the signal has this variance.
    pub(crate) fn fluctuation(&self, power: f64, noise: f64) -> (f64, f64) {
        let sensitivity = power + self.sensitivity;
        (
            self.variance + sensitivity * sensitivity * noise,
            self.covariance + sensitivity * self.transfer * noise,
        )
    }

    /// Before a branch and a shortcut, each with its share of the gradient's energy, what it passes on of a change of the
    /// scale, and the swing before it; all together they pass `passed` and add `fresh`. `self` is behind both.
    pub(crate) fn joined(self, fresh: f64, passed: f64, parallel: f64, parts: [(f64, f64, Self); 2]) -> Self {
        let slope =
            |(share, passed, part): (f64, f64, Self)| share * (part.sensitivity - self.sensitivity * passed);
        self.before(fresh, passed, parts.map(slope).iter().sum(), parallel)
    }

    /// The mean of several, with weights.
    pub(crate) fn mean(parts: impl Iterator<Item = (f64, Self)>) -> Self {
        let mut mean = Self { sensitivity: 0.0, transfer: 0.0, variance: 0.0, covariance: 0.0 };
        let mut weights = 0.0;
        for (weight, part) in parts {
            weights += weight;
            mean.sensitivity += weight * part.sensitivity;
            mean.transfer += weight * part.transfer;
            mean.variance += weight * part.variance;
            mean.covariance += weight * part.covariance;
        }
        let scale = if weights > 0.0 { 1.0 / weights } else { 0.0 };
        Self {
            sensitivity: mean.sensitivity * scale,
            transfer: mean.transfer * scale,
            variance: mean.variance * scale,
            covariance: mean.covariance * scale,
        }
    }
}
