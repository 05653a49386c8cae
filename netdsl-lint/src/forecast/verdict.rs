//! What a forecast comes to.

use netdsl_layers::{
    Declared, DeclaredLoss, Embedding, Float32, Forecast, Limits, Loss, MeanSquaredError, Optimizer, Verdict,
};

use super::declaration::Declaration;
use super::limits;
use crate::settings::Settings;
use crate::weights::{Weight, weights};

/// The root mean square of a signal beyond which single values leave the range of `f32`.
pub(crate) const LARGEST_SIGNAL_LOG10: f64 = 37.8;
/// The same for the elements of a gradient.
pub(crate) const LARGEST_GRADIENT_LOG10: f64 = 38.2;
/// The root mean square of a gradient below which every element is rounded to zero.
pub(crate) const SMALLEST_GRADIENT_LOG10: f64 = -45.0;
/// The largest part of a squared error that a step may aim at taking away.
///
/// A step of `η` against the gradient `g` aims at `η |g|²`. A quadratic of the curvature `λ` that is nowhere negative has
/// `|g|² <= 2 λ L`, and descent diverges where `η λ > 2`: for certain where `η |g|² > 4 L`.
pub(crate) const LARGEST_DESCENT: f64 = 4.0;
/// The logarithm of the smallest number that a step is computed of.
const ZERO_LOG10: f64 = -300.0;

/// What the forecast comes to: what leaves the range of `f32` first, then whether anything is alive, then the gradients of
/// the weights and what the declared optimizer makes of them.
pub(crate) fn verdict(forecast: &Forecast, declaration: &Declaration<'_>, settings: &Settings) -> Verdict {
    let too_large = |activation: &netdsl_layers::ActivationForecast| {
        activation.rms_log10.is_some_and(|rms| rms > LARGEST_SIGNAL_LOG10)
    };
    if forecast.activations.iter().any(too_large)
        || forecast.parameters.iter().any(|parameter| parameter.f32 == Float32::Overflow)
    {
        return Verdict::NonFinite;
    }
    if forecast.not_forecastable.is_some() {
        return Verdict::Healthy;
    }
    let dead = settings.limit(&limits::DEAD_PROBABILITY);
    let is_dead = |probability: Option<f64>| probability.is_some_and(|probability| probability >= dead);
    if forecast.activations.iter().any(|activation| is_dead(activation.dead_probability)) {
        return Verdict::Dead;
    }
    let limits = Limits {
        largest_ratio: settings.limit(&limits::LARGEST_RATIO),
        largest_growth: settings.limit(&limits::LARGEST_GROWTH),
        smallest_ratio: settings.limit(&limits::SMALLEST_RATIO),
    };
    match declaration.optimizer {
        None => Verdict::of_weights(logarithms(&counted(forecast, |_| 0.0)), declaration.averaged(), limits),
        Some(optimizer) => of_steps(forecast, declaration, optimizer, limits, settings),
    }
}

/// The weights whose gradients are compared: those that are not zero. `clipped` is what clipping changes.
///
/// The rows of a table are drawn at whatever scale, and a batch looks up only some of them: a table at the beginning
/// counts only where its gradient is larger beside its weight than that of what is behind it.
pub(crate) fn counted(forecast: &Forecast, clipped: impl Fn(&Weight<'_>) -> f64) -> Vec<Weight<'_>> {
    let drawn = weights(forecast).filter(|weight| weight.norm_log10.is_finite());
    let mut counted: Vec<Weight<'_>> = drawn
        .map(|weight| {
            let gradient = weight.gradient_log10.map(|gradient| gradient + clipped(&weight));
            Weight { gradient_log10: gradient, ..weight }
        })
        .collect();
    let begins_with_table = forecast.activations.first().is_some_and(|first| first.kind == Embedding::NAME);
    let ratio = |weight: &Weight<'_>| weight.gradient_log10.unwrap_or(f64::NEG_INFINITY) - weight.norm_log10;
    if begins_with_table && matches!(&*counted, [table, next, ..] if ratio(table) < ratio(next)) {
        counted.remove(0);
    }
    counted
}

/// The decimal logarithms of the gradients and of the weights.
fn logarithms(counted: &[Weight<'_>]) -> impl Iterator<Item = (f64, f64)> {
    counted.iter().map(|weight| (weight.gradient_log10.unwrap_or(f64::NEG_INFINITY), weight.norm_log10))
}

/// The verdict by what the first step does to the weights.
fn of_steps(
    forecast: &Forecast,
    declaration: &Declaration<'_>,
    optimizer: &dyn Optimizer,
    limits: Limits,
    settings: &Settings,
) -> Verdict {
    let steps = Steps::new(forecast, optimizer);
    let clipped = |weight: &Weight<'_>| steps.clipped(weight);
    if is_output_too_large(forecast, settings) {
        return Verdict::Exploding;
    }
    if steps.follow_the_gradient() {
        let largest_step = libm::log10(settings.limit(&limits::LARGEST_STEP));
        let overshoots = steps
            .descent_log10(declaration.loss)
            .is_some_and(|descent| descent > libm::log10(LARGEST_DESCENT));
        if overshoots || steps.before_the_output().any(|(_, step)| step > largest_step) {
            return Verdict::Exploding;
        }
        let limits = Limits { largest_ratio: f64::INFINITY, ..limits };
        return Verdict::of_weights(logarithms(&counted(forecast, clipped)), declaration.averaged(), limits);
    }
    let growth = settings.limit(&limits::LARGEST_GROWTH_ADAPTIVE);
    let limits = Limits {
        largest_ratio: f64::INFINITY,
        largest_growth: growth,
        smallest_ratio: settings.limit(&limits::SMALLEST_RATIO_ADAPTIVE),
    };
    // Against the weight itself the step counts, not the gradient: with the norm of the weight in its place only the
    // comparison with the largest gradient is left.
    let counted = counted(forecast, clipped);
    let ratios = logarithms(&counted).map(|(gradient, _)| (gradient, gradient));
    let verdict = Verdict::of_weights(ratios, 1.0, limits);
    let smallest_step = libm::log10(settings.limit(&limits::SMALLEST_STEP));
    let lost = steps.relative_log10().next().is_some_and(|first| first < smallest_step);
    if verdict == Verdict::Healthy && lost { Verdict::Vanishing } else { verdict }
}

/// Steps of a bounded size never bring an output back that is far too large.
fn is_output_too_large(forecast: &Forecast, settings: &Settings) -> bool {
    let output = forecast.activations.last().and_then(|activation| activation.rms_log10);
    output.is_some_and(|output| output > libm::log10(settings.limit(&limits::LARGEST_OUTPUT)))
}

/// The first steps of an optimizer.
pub(crate) struct Steps<'a> {
    forecast: &'a Forecast,
    optimizer: &'a dyn Optimizer,
    /// The norm of all gradients together.
    total_log10: f64,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(forecast: &'a Forecast, optimizer: &'a dyn Optimizer) -> Self {
        let norms = || forecast.parameters.iter().filter_map(|parameter| parameter.gradient_norm_log10);
        let largest = norms().fold(ZERO_LOG10, f64::max);
        let sum: f64 = norms().map(|norm| libm::exp10(2.0 * (norm - largest))).sum();
        Self { forecast, optimizer, total_log10: largest + 0.5 * libm::log10(sum.max(1e-300)) }
    }

    /// By how many decades clipping shortens a gradient: at most 0.
    fn clipped(&self, weight: &Weight<'_>) -> f64 {
        let (Some(clip), Some(norm)) = (self.optimizer.clip(), weight.gradient_log10) else { return 0.0 };
        clip.shortens_log10(norm, weight.len_log10, self.total_log10, weight.norm_log10)
    }

    /// The root mean square of the gradient behind the clipping, within what a number can be.
    fn gradient(&self, weight: &Weight<'_>) -> f64 {
        let norm = weight.gradient_log10.map_or(ZERO_LOG10, |norm| norm + self.clipped(weight));
        libm::exp10((norm - 0.5 * weight.len_log10).clamp(ZERO_LOG10, -ZERO_LOG10))
    }

    /// The decimal logarithm of the first step relative to the weight, for each weight that is not zero.
    pub(crate) fn relative_log10(&self) -> impl Iterator<Item = f64> {
        self.relative().map(|(_, step)| step)
    }

    /// The same, each with its weight; those whose gradient is exactly zero are left out.
    pub(crate) fn relative(&self) -> impl Iterator<Item = (Weight<'a>, f64)> {
        let moves = |weight: &Weight<'_>| weight.norm_log10.is_finite() && weight.gradient_log10.is_some();
        weights(self.forecast).filter(moves).map(|weight| {
            let size = weight.norm_log10 - 0.5 * weight.len_log10;
            let step = self.optimizer.first_step(self.gradient(&weight), libm::exp10(size));
            (weight, libm::log10(step.max(1e-300)) - size)
        })
    }

    /// The same before the output layer: in the weights of that alone every loss is convex, so that it finds its scale from
    /// any start.
    pub(crate) fn before_the_output(&self) -> impl Iterator<Item = (Weight<'a>, f64)> {
        let output = weights(self.forecast).last().map(|weight| weight.index);
        self.relative().filter(move |(weight, _)| Some(weight.index) != output)
    }

    /// The step that is too large where the gradients by themselves are not, so that the learning rate alone is to blame:
    /// that of the weight before the output layer which moves most.
    pub(crate) fn too_large_alone(
        &self,
        declaration: &Declaration<'_>,
        settings: &Settings,
    ) -> Option<(Weight<'a>, f64)> {
        let largest_step = libm::log10(settings.limit(&limits::LARGEST_STEP));
        let most = self.before_the_output().max_by(|(_, one), (_, other)| one.total_cmp(other));
        let most = most.filter(|(_, step)| *step > largest_step && self.follow_the_gradient())?;
        let gradients = Declaration { optimizer: None, ..*declaration };
        let explodes = verdict(self.forecast, &gradients, settings) == Verdict::Exploding;
        (!explodes && !is_output_too_large(self.forecast, settings)).then_some(most)
    }

    /// The decimal logarithm of what the first step aims at taking from a squared error, relative to the error, where the
    /// output layer is all that the network has: further layers can make up for what it does.
    pub(crate) fn descent_log10(&self, loss: &dyn Loss) -> Option<f64> {
        if loss.name() != MeanSquaredError::NAME || weights(self.forecast).count() != 1 {
            return None;
        }
        let (weight, step) = self.relative().next()?;
        let output = self.forecast.activations.last()?;
        let count =
            output.shape.iter().map(|size| *size as f64).product::<f64>() * self.forecast.batch as f64;
        // The gradient of a mean of squares is twice the difference over the count.
        let error = 2.0 * (output.gradient_rms_log10? + libm::log10(count / 2.0));
        Some(step + weight.norm_log10 + weight.gradient_log10? - error)
    }

    /// Whether a larger gradient makes a larger step, at the size of the largest gradient.
    pub(crate) fn follow_the_gradient(&self) -> bool {
        let largest = weights(self.forecast).map(|weight| self.gradient(&weight)).fold(1e-290, f64::max);
        let step = |gradient: f64| self.optimizer.first_step(gradient, 1.0);
        step(largest) > 3.0 * step(largest / 10.0)
    }
}
