//! Recurrences.

use std::rc::Rc;

use super::activation::{Activated, activate};
use super::combination::Combination;
use super::gradient::Gradient;
use super::limits;
use super::linear::Weight;
use super::profile::Profile;
use super::propagated::{Backpropagated, Fluctuation, NotForecastable, ParameterMoments, Propagated, Regime};
use super::signal::{NOTHING, Signal, is_nothing};
use crate::activation::{Activation, Elementwise};
use crate::initializer::Initializer;

/// How little the moments of a step may differ from those of the step before for the recurrence to be at its fixed point.
const SETTLED: f64 = 1e-10;

/// One step of a recurrence `h(t) = φ(x(t) Wᵀ + h(t - 1) Uᵀ + b)`.
struct Step<'a> {
    /// The state before the step; `None` before the first.
    before: Option<Signal<'a>>,
    /// The sum.
    sum: Signal<'a>,
    /// The state behind the step, and what the way back needs.
    activated: Rc<Activated<'a>>,
}

/// A recurrence with one product at each step, behind that of the input.
///
/// The moments of the sum are those of two independent parts. Products with a weight of mean zero make the gradients of
/// different steps uncorrelated as far as they come from one output, so that a step is a layer that shares its weights
/// with the others, and the squares of the norms add up.
pub(crate) fn simple<'a>(
    activation: &'a dyn Activation,
    weight: Weight,
    recurrent_init: &Initializer,
    return_sequences: bool,
    signal: &Signal<'a>,
) -> Result<Propagated<'a>, NotForecastable> {
    elementwise(activation)?;
    check_centred("state", recurrent_init)?;
    let time = signal.positions;
    limits::steps(time)?;
    let input = weight.forward(signal);
    let units = input.width;
    let recurrent = Weight::new(units, units, recurrent_init, None);
    let mut steps: Vec<Step<'a>> = Vec::with_capacity(time);
    let mut before: Option<Signal<'a>> = None;
    for _ in 0..time {
        let sum = match &before {
            None => Signal { positions: if return_sequences { time } else { 1 }, ..input.clone() },
            Some(state) => added(&input, &recurrent.forward(state)),
        };
        let activated = match steps.last() {
            Some(last) if settled(&last.sum, &sum) => Rc::clone(&last.activated),
            _ => Rc::new(activate(activation, &sum)?),
        };
        let state = activated.output.clone();
        steps.push(Step { before: before.replace(state), sum, activated });
    }
    let states: Vec<&Signal<'a>> = steps.iter().map(|step| &step.activated.output).collect();
    let mut output = if return_sequences { over_time(&states) } else { states[time - 1].clone() };
    (output.source, output.normalised) = (None, false);
    output.profile = Profile::default();
    // The steps share their weights: that a unit is dead in one says that it is in all.
    (output.dead, output.collapse) = (signal.dead, signal.collapse);
    let regime = Regime {
        flat: steps.iter().all(|step| step.activated.regime.flat),
        saturated: steps.last().and_then(|step| step.activated.regime.saturated),
        dead: None,
    };
    let before = signal.clone();
    let propagated = Propagated::leaf(output, move |gradient| {
        let gradient = gradient.parallel_alone();
        let arriving = if return_sequences { spread(&gradient, time) } else { Vec::new() };
        let mut carried: Option<Gradient> = None;
        let mut deltas: Vec<Gradient> = Vec::with_capacity(time);
        let mut recurrent_parameters: Vec<ParameterMoments> = Vec::with_capacity(time);
        for (index, step) in steps.iter().enumerate().rev() {
            let from_output = if return_sequences {
                Some(arriving[index].clone())
            } else {
                (index + 1 == time).then(|| Gradient {
                    position_sum: Combination::ZERO,
                    pair_position_sum: Combination::ZERO,
                    ..gradient.clone()
                })
            };
            let at_state = match (carried.take(), from_output) {
                (Some(carried), Some(from_output)) => Gradient::sum(&[&carried, &from_output]),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => continue,
            };
            let delta = step.activated.backward(&at_state.normalised());
            if let Some(state) = &step.before {
                recurrent_parameters.extend(recurrent.parameters(&delta, state, &step.sum));
                carried = Some(recurrent.backward(&delta, state, &step.sum).parallel_alone());
            }
            deltas.push(delta);
        }
        deltas.reverse();
        let at_sums = mean(&deltas);
        let mut parameters = weight.parameters(&at_sums, &before, &input);
        parameters.insert(1, together(recurrent_parameters, &at_sums, time, return_sequences));
        let gradient = weight.backward(&at_sums, &before, &input);
        let (profile, decay) = along_time(&deltas);
        let gradient = Gradient { profile, time_decay: Some(decay), ..gradient.unrelated() };
        Backpropagated { gradient, parameters, leaves: Vec::new() }
    });
    Ok(propagated.working(regime))
}

/// The function of one number that an activation is.
pub(crate) fn elementwise(activation: &dyn Activation) -> Result<&dyn Elementwise, NotForecastable> {
    activation.elementwise().ok_or_else(|| {
        NotForecastable::new(format!(
            "`{}` couples the features of a state, which is forecast only at the output",
            activation.name()
        ))
    })
}

/// Whether a weight is drawn around zero.
pub(super) fn check_centred(what: &str, init: &Initializer) -> Result<(), NotForecastable> {
    if init.mean() == 0.0 {
        return Ok(());
    }
    Err(NotForecastable::new(format!("the weight of the {what} has a mean that is not zero")))
}

/// The sum of a part from the input and one from the state, which has no mean.
fn added<'a>(input: &Signal<'a>, state: &Signal<'a>) -> Signal<'a> {
    let largest = input.log_square.max(state.log_square);
    let mut output = Signal { positions: state.positions, source: None, normalised: false, ..input.clone() };
    if is_nothing(largest) {
        return output;
    }
    let (of_input, of_state) = (libm::exp(input.log_square - largest), libm::exp(state.log_square - largest));
    let total = of_input + of_state;
    let (of_input, of_state) = (of_input / total, of_state / total);
    let both = |input: f64, state: f64| of_input * input + of_state * state;
    output.log_square = largest + libm::log(total);
    output.correlation = both(input.correlation, state.correlation);
    output.position_correlation = both(input.position_correlation, state.position_correlation);
    output.mean = of_input.sqrt() * input.mean;
    output.mean_square = both(input.mean_square, state.mean_square);
    output.mean_product = both(input.mean_product, state.mean_product);
    output.shared = both(input.shared, state.shared);
    output.shared_product = both(input.shared_product, state.shared_product);
    let squares = |input: f64, state: f64| of_input * of_input * input + of_state * of_state * state;
    output.noise = squares(input.noise, state.noise);
    output.pair_noise = squares(input.pair_noise, state.pair_noise);
    output.passed = both(input.passed, state.passed);
    output.scatter = squares(input.scatter, state.scatter);
    output
}

fn settled(one: &Signal<'_>, other: &Signal<'_>) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() < SETTLED;
    one.positions == other.positions
        && near(one.log_square, other.log_square)
        && near(one.correlation, other.correlation)
        && near(one.position_correlation, other.position_correlation)
        && near(one.mean, other.mean)
        && near(one.noise, other.noise)
        && near(one.pair_noise, other.pair_noise)
}

/// The states of all steps as one signal.
fn over_time<'a>(states: &[&Signal<'a>]) -> Signal<'a> {
    let last = states[states.len() - 1];
    let largest = states.iter().map(|state| state.log_square).fold(f64::MIN, f64::max);
    let shares: Vec<f64> = states.iter().map(|state| libm::exp(state.log_square - largest)).collect();
    let total: f64 = shares.iter().sum();
    let average = |of: &dyn Fn(&Signal<'a>) -> f64| {
        states.iter().zip(&shares).map(|(state, share)| share * of(state)).sum::<f64>() / total
    };
    let mut output = last.clone();
    output.log_square = largest + libm::log(total / states.len() as f64);
    output.correlation = average(&|state| state.correlation);
    output.position_correlation = average(&|state| state.position_correlation);
    output.mean = average(&|state| state.mean);
    output.mean_square = average(&|state| state.mean_square);
    output.mean_product = average(&|state| state.mean_product);
    output.noise = average(&|state| state.noise);
    output.pair_noise = average(&|state| state.pair_noise);
    output
}

/// The gradient that arrives at each step: its energy is spread as its profile says.
pub(super) fn spread(gradient: &Gradient, time: usize) -> Vec<Gradient> {
    let energies = gradient.profile.along(0, time);
    energies
        .into_iter()
        .map(|energy| {
            let mut gradient = Gradient { profile: Profile::default(), ..gradient.clone() };
            gradient.scale_moments(energy);
            gradient
        })
        .collect()
}

/// The mean over the steps.
fn mean(deltas: &[Gradient]) -> Gradient {
    let parts: Vec<&Gradient> = deltas.iter().collect();
    let mut total = Gradient::sum(&parts);
    let share = 1.0 / deltas.len() as f64;
    total.scale_moments(share);
    // Amplitudes have one sign: they average as they are, not as squares.
    total.coherence *= share.sqrt();
    total
}

/// The sum of what all steps do to one parameter, of which each counts the positions of its signals.
fn together(
    parts: Vec<ParameterMoments>,
    gradient: &Gradient,
    time: usize,
    return_sequences: bool,
) -> ParameterMoments {
    let largest = parts.iter().map(|part| part.log_scale).fold(NOTHING, f64::max);
    let mut total = ParameterMoments {
        log_scale: largest - if return_sequences { libm::log(time as f64) } else { 0.0 },
        total: Combination::ZERO,
        apart: Combination::ZERO,
        fluctuations: [Fluctuation::default(); 2],
    };
    let factor = |part: &ParameterMoments| libm::exp(part.log_scale - largest);
    for part in &parts {
        total.total += part.total * factor(part);
        total.apart += part.apart * factor(part);
    }
    let weight = |part: &ParameterMoments| factor(part) * part.total.at(&gradient.typical).max(0.0);
    total.fluctuations = std::array::from_fn(|kind| {
        Fluctuation::mean(parts.iter().map(|part| (weight(part), part.fluctuations[kind])))
    });
    total
}

/// How the energy of the gradient is spread over the steps, and the decimal logarithm of the ratio of its root mean
/// square at the first step to that at the last.
fn along_time(deltas: &[Gradient]) -> (Profile, f64) {
    profile_of(&deltas.iter().map(Gradient::log_energy).collect::<Vec<f64>>())
}

/// The same from the logarithms of the energies.
pub(super) fn profile_of(logarithms: &[f64]) -> (Profile, f64) {
    let largest = logarithms.iter().copied().fold(f64::MIN, f64::max);
    let energies: Vec<f64> = logarithms.iter().map(|energy| libm::exp(energy - largest)).collect();
    let average = energies.iter().sum::<f64>() / energies.len() as f64;
    let profile = Profile([energies.iter().map(|energy| energy / average).collect(), Vec::new()]);
    let decay = 0.5 * (logarithms[0] - logarithms[logarithms.len() - 1]) / std::f64::consts::LN_10;
    (profile, decay)
}
