//! Recurrences with gates.
//!
//! A unit meets the same weights at every step, so that its gates have a part that is the same at all steps, and for
//! zero-centred weights Gaussian from unit to unit: the unit's type. Given the type, what is left of a step is taken to be
//! independent of the other steps. On the way back the sums over two steps are kept as well: the memory makes the gradients
//! of neighbouring steps much alike, and the same weight at every step lets them add up (the dynamical mean-field theory of
//! Sompolinsky, Crisanti & Sommers 1988, for the way back).

use super::combination::Combination;
use super::gradient::Gradient;
use super::limits;
use super::profile::Profile;
use super::propagated::{Backpropagated, NotForecastable, ParameterMoments, Propagated};
use super::recurrent::{check_centred, profile_of};
use super::signal::{BeforeProduct, Signal, log_or_nothing};
use crate::initializer::Initializer;

/// A mean and a mean square.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    pub(super) mean: f64,
    pub(super) square: f64,
}

impl Moments {
    /// Of what is always one.
    pub(super) const ONE: Self = Self { mean: 1.0, square: 1.0 };
}

impl std::ops::Mul for Moments {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { mean: self.mean * other.mean, square: self.square * other.square }
    }
}

/// What a gradient is multiplied with on its way to the pre-activation of a gate: as the product with the input sees it, and
/// as that with the state does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gate {
    pub(super) input: Moments,
    pub(super) state: Moments,
}

impl Gate {
    /// The same for input and state.
    pub(super) fn both(factor: Moments) -> Self {
        Self { input: factor, state: factor }
    }
}

/// One type of units at one step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unit {
    /// What the memory of the step before is multiplied with.
    pub(super) keep: Moments,
    /// What the gradient of the state is multiplied with on its way to the memory.
    pub(super) own: Moments,
    /// The gates that the gradient of the memory reaches.
    pub(super) gates: [Gate; 3],
    /// The gate that the gradient of the state reaches directly.
    pub(super) direct: Gate,
    /// The state.
    pub(super) state: Moments,
    /// The memory.
    pub(super) memory: Moments,
    /// The mean derivative of the state with respect to the memory.
    pub(super) slope: f64,
}

/// What drives a step: the variances of the products with the input and with the state, and the parts of them that are the
/// same in what is compared, be it two steps or two examples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drive {
    pub(super) input: f64,
    pub(super) input_shared: f64,
    pub(super) state: f64,
    pub(super) state_shared: f64,
}

impl Drive {
    /// The variance of a pre-activation, and the part of it that is the same.
    pub(super) fn total(&self) -> (f64, f64) {
        let total = self.input + self.state;
        (total, (self.input_shared + self.state_shared).clamp(0.0, total))
    }
}

/// A kind of recurrence with gates.
pub(crate) trait Cell {
    /// The number of gates, with the candidate.
    const GATES: usize;

    /// Of the four standard normal numbers that make a type, the one that decides how much is kept.
    const KEEPS: usize;

    /// One type of units at a step, from the same type at the step before.
    fn step(&self, drive: &Drive, of_type: &[f64; 4], before: &Unit) -> Unit;
}

/// Nodes and weights of the Gauss-Hermite rules of three and five points for a standard normal.
const THREE: [(f64, f64); 3] =
    [(-1.732_050_807_568_877_2, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.732_050_807_568_877_2, 1.0 / 6.0)];
const FIVE: [(f64, f64); 5] = [
    (-2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_64),
    (0.0, 8.0 / 15.0),
    (1.355_626_179_974_266, 0.222_075_922_005_612_64),
    (2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
];

/// The types and their shares.
fn types(keeps: usize) -> Vec<([f64; 4], f64)> {
    let mut types = vec![([0.0; 4], 1.0)];
    for axis in 0..4 {
        let nodes: &[(f64, f64)] = if axis == keeps { &FIVE } else { &THREE };
        types = types
            .iter()
            .flat_map(|(at, share)| {
                nodes.iter().map(move |(node, weight)| {
                    let mut at = *at;
                    at[axis] = *node;
                    (at, share * weight)
                })
            })
            .collect();
    }
    types
}

/// The number of steps beyond which a recurrence is taken to go on as it does.
const HORIZON: usize = 128;

/// How little the memory may change in a step for the recurrence to be at its fixed point.
const SETTLED: f64 = 1e-9;

/// All types at all steps, for what is the same in one kind of comparison.
struct Course {
    types: Vec<([f64; 4], f64)>,
    steps: Vec<Vec<Unit>>,
}

impl Course {
    fn average(&self, step: usize, of: impl Fn(&Unit) -> f64) -> f64 {
        self.types.iter().zip(&self.steps[step]).map(|((_, share), unit)| share * of(unit)).sum()
    }

    /// `E h(t) h(s)` for all pairs of steps, row after row; where they are not `within` an example, nothing is left of
    /// what a step adds by chance.
    fn covariances(&self, within: bool) -> Vec<f64> {
        let time = self.steps.len();
        let mut covariances = vec![0.0; time * time];
        for (index, (_, share)) in self.types.iter().enumerate() {
            for early in 0..time {
                let one = &self.steps[early][index];
                let own = if within { one.state.square } else { one.state.mean * one.state.mean };
                covariances[early * time + early] += share * own;
                let mut left = one.slope * (one.memory.square - one.memory.mean * one.memory.mean);
                for late in early + 1..time {
                    let other = &self.steps[late][index];
                    left *= other.keep.mean;
                    let remembered = if within { left * other.slope } else { 0.0 };
                    let product = share * (one.state.mean * other.state.mean + remembered);
                    covariances[early * time + late] += product;
                    covariances[late * time + early] += product;
                }
            }
        }
        covariances
    }

    /// The way back of a gradient whose covariance over pairs of steps arrives as `arriving`; `gain` is what a product with
    /// the state gives back, `states` are the covariances of the states.
    fn back(
        &self,
        within: bool,
        gain: f64,
        states: &[f64],
        arriving: impl Fn(usize, usize) -> f64,
    ) -> Response {
        let time = self.steps.len();
        let mut response = Response { squares: vec![0.0; time], ..Response::default() };
        let mut energies = vec![vec![0.0; time]; self.types.len()];
        let mut own_energies = vec![0.0; self.types.len()];
        let mut behind = vec![0.0; time + 1];
        let mut field = vec![0.0; time];
        let (mut into_input, mut into_state) = (vec![0.0; time], vec![0.0; time]);
        for step in (0..time).rev() {
            for later in step..time {
                field[later] = arriving(step, later) + gain * behind[later + 1];
            }
            into_input[step..].fill(0.0);
            into_state[step..].fill(0.0);
            for (index, (_, share)) in self.types.iter().enumerate() {
                let now = &self.steps[step][index];
                let kept =
                    if step + 1 < time { self.steps[step + 1][index].keep } else { Moments::default() };
                let row = &mut energies[index];
                let (mut mixed, mut keep) = (0.0, 0.0);
                for later in (step + 1..time).rev() {
                    let there = &self.steps[later][index];
                    mixed = there.own.mean * field[later] + keep * mixed;
                    keep = there.keep.mean;
                    let energy = now.own.mean * mixed + kept.mean * row[later];
                    row[later] = energy;
                    let direct = field[later];
                    let mut input = direct * now.direct.input.mean * there.direct.input.mean;
                    let mut state = direct * now.direct.state.mean * there.direct.state.mean;
                    for (one, other) in now.gates.iter().zip(&there.gates) {
                        input += energy * one.input.mean * other.input.mean;
                        state += energy * one.state.mean * other.state.mean;
                    }
                    into_input[later] += share * input;
                    into_state[later] += share * state;
                }
                let square = |moments: &Moments| {
                    if within { moments.square } else { moments.mean * moments.mean }
                };
                let energy = square(&now.own) * field[step]
                    + square(&kept) * own_energies[index]
                    + 2.0 * now.own.mean * kept.mean * mixed;
                own_energies[index] = energy;
                row[step] = energy;
                let mut input = field[step] * square(&now.direct.input);
                let mut state = field[step] * square(&now.direct.state);
                for gate in &now.gates {
                    input += energy * square(&gate.input);
                    state += energy * square(&gate.state);
                }
                into_input[step] += share * input;
                into_state[step] += share * state;
            }
            response.squares[step] = into_input[step];
            response.own += into_input[step];
            response.state_own += into_state[step];
            for later in step..time {
                behind[later] = into_state[later];
                let pairs = if later == step { 1.0 } else { 2.0 };
                if later > step {
                    response.apart += 2.0 * into_input[later];
                    response.state_apart += 2.0 * into_state[later];
                }
                if step > 0 {
                    let covariance = states[(step - 1) * time + later - 1];
                    let product = pairs * into_state[later] * covariance;
                    if later == step {
                        response.with_state_own += product;
                    } else {
                        response.with_state_apart += product;
                    }
                }
            }
        }
        response
    }
}

/// What comes of a gradient of one kind, as sums over steps and pairs of different steps, per unit of all gates together.
#[derive(Default)]
struct Response {
    /// The square at the products with the input, at each step.
    squares: Vec<f64>,
    own: f64,
    apart: f64,
    state_own: f64,
    state_apart: f64,
    with_state_own: f64,
    with_state_apart: f64,
}

/// How a recurrence with gates is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GatedWeights<'a> {
    pub(crate) units: usize,
    pub(crate) init: &'a Initializer,
    pub(crate) recurrent_init: &'a Initializer,
    /// The number of biases, and the variance of their sum.
    pub(crate) biases: usize,
    pub(crate) bias_variance: f64,
}

/// The recurrence of a cell.
pub(crate) fn gated<'a, C: Cell>(
    cell: &C,
    weights: GatedWeights<'_>,
    return_sequences: bool,
    signal: &Signal<'a>,
) -> Result<Propagated<'a>, NotForecastable> {
    check_centred("state", weights.recurrent_init)?;
    check_centred("input", weights.init)?;
    let GatedWeights { units, biases, .. } = weights;
    let (width, all) = (signal.width, C::GATES * units);
    let input_variance = weights.init.variance(width, all);
    let state_variance = weights.recurrent_init.variance(units, all);
    let input = input_variance * width as f64 * signal.square();
    let time = signal.positions;
    limits::list(time, "steps")?;
    let steps = time.min(HORIZON);
    let (same, other) = (signal.position_correlation.max(0.0), signal.correlation.max(0.0));
    let shared = [input * same + weights.bias_variance, input * other + weights.bias_variance];
    let mut courses = shared.map(|shared| Course {
        // Where nothing is the same at different steps all units are of one type.
        types: if shared > 0.0 { types(C::KEEPS) } else { vec![([0.0; 4], 1.0)] },
        steps: Vec::with_capacity(steps),
    });
    let mut settled = false;
    for step in 0..steps {
        if settled {
            for course in &mut courses {
                let last = course.steps[step - 1].clone();
                course.steps.push(last);
            }
            continue;
        }
        let [within, between] = &courses;
        let before = |course: &Course, of: &dyn Fn(&Unit) -> f64| {
            if step == 0 { 0.0 } else { course.average(step - 1, of) }
        };
        let states = state_variance * units as f64;
        let state = states * before(within, &|unit| unit.state.square);
        let of_mean = |unit: &Unit| unit.state.mean * unit.state.mean;
        let state_shared = [states * before(within, &of_mean), states * before(between, &of_mean)];
        let mut change: f64 = 0.0;
        for ((course, shared), state_shared) in courses.iter_mut().zip(shared).zip(state_shared) {
            let drive = Drive {
                input: input + weights.bias_variance,
                input_shared: shared,
                state,
                state_shared: state_shared.min(state),
            };
            let mut now = Vec::with_capacity(course.types.len());
            for (index, (of_type, _)) in course.types.iter().enumerate() {
                let before = if step == 0 { Unit::default() } else { course.steps[step - 1][index] };
                let unit = cell.step(&drive, of_type, &before);
                change = change
                    .max((unit.memory.square - before.memory.square).abs() / unit.memory.square.max(1e-300));
                now.push(unit);
            }
            course.steps.push(now);
        }
        settled = change < SETTLED;
    }
    let [within, between] = &courses;
    let covariances = [within.covariances(true), between.covariances(false)];
    let last = steps - 1;
    let counted = if return_sequences { 0..steps } else { last..steps };
    let count = counted.len() as f64;
    let mean = |of: &dyn Fn(usize) -> f64| counted.clone().map(of).sum::<f64>() / count;
    let energy = mean(&|step| covariances[0][step * steps + step]);
    let square = energy.max(1e-300);
    let between_examples = mean(&|step| covariances[1][step * steps + step]);
    let of_mean = mean(&|step| within.average(step, |unit| unit.state.mean));
    let mut output = signal.clone();
    (output.width, output.positions) = (units, if return_sequences { time } else { 1 });
    output.log_square = log_or_nothing(energy);
    output.correlation = (between_examples / square).clamp(-1.0, 1.0);
    output.position_correlation = output.correlation;
    if return_sequences && steps > 1 {
        let all: f64 = covariances[0].iter().sum();
        let own: f64 = (0..steps).map(|step| covariances[0][step * steps + step]).sum();
        let pairs = (steps * (steps - 1)) as f64;
        output.position_correlation = ((all - own) / pairs / square).clamp(-1.0, 1.0);
    }
    output.mean = of_mean / square.sqrt();
    let of_mean = output.mean * output.mean;
    output.mean_square = of_mean + (1.0 - of_mean) / units as f64;
    output.mean_product = of_mean + (output.correlation - of_mean) / units as f64;
    (output.shared, output.shared_product) = (0.0, 0.0);
    (output.source, output.normalised) = (None, false);
    output.profile = Profile::default();
    // Of what a finite width adds only the part of one product is known.
    let fluctuation = 2.0 / units as f64;
    (output.noise, output.pair_noise) = (fluctuation, fluctuation);
    output.before_product = BeforeProduct::default();
    output.passed = 0.0;
    output.scatter = 0.0;
    let behind = output.clone();

    let before = signal.clone();
    Ok(Propagated::leaf(output, move |gradient| {
        let profile = gradient.profile.along(0, time);
        let energy = |step: usize| if return_sequences { profile[time - steps + step] } else { 1.0 };
        let own = |one: usize, other: usize| {
            if one == other && (return_sequences || one == last) { energy(one) } else { 0.0 }
        };
        let apart = |one: usize, other: usize| {
            if one == other { 0.0 } else { (energy(one) * energy(other)).sqrt() / (time as f64 - 1.0) }
        };
        let gain = state_variance * units as f64;
        let [within, between] = &courses;
        let [states, between_states] = &covariances;
        // What each of the four moments of the gradient comes to.
        let mut parts = vec![
            (gradient.square, true, within.back(true, gain, states, own)),
            (gradient.product, false, between.back(false, gain, between_states, own)),
        ];
        if return_sequences && time > 1 {
            parts.push((gradient.position_sum, true, within.back(true, gain, states, apart)));
            parts.push((gradient.pair_position_sum, false, between.back(false, gain, between_states, apart)));
        }
        let (batch, units) = (before.batch as f64, units as f64);
        let gradient = Gradient { log_scale: gradient.log_scale - fluctuation / 2.0, ..gradient };
        let noise = (gradient.noise + fluctuation, gradient.pair_noise + fluctuation);
        let nothing = Signal { noise: 0.0, pair_noise: 0.0, ..before.clone() };
        let through = Gradient {
            noise: noise.0,
            pair_noise: noise.1,
            swings: gradient.swings_before(&before, &behind, 0.0, 0.0, 0.0),
            ..gradient.clone()
        };
        let longer = if return_sequences { time as f64 / steps as f64 } else { 1.0 };
        // The share of an item with itself and that of pairs, each with the covariance of what the weight is applied to.
        let parameter = |log_scale: f64, of: &dyn Fn(&Response, bool) -> (f64, f64)| {
            let (mut total, mut pairs) = (Combination::ZERO, Combination::ZERO);
            for (moment, within, response) in &parts {
                let (own, apart) = of(response, *within);
                let others = if *within { 1.0 } else { batch - 1.0 };
                total += *moment * (others * (own + apart));
                pairs += *moment * (others * if *within { apart } else { own + apart });
            }
            ParameterMoments {
                log_scale: gradient.log_scale + libm::log(units * batch * longer) + log_scale,
                total,
                apart: pairs,
                fluctuations: through.fluctuations(&nothing, 0.0),
            }
        };
        let scale = |mut parameter: ParameterMoments| {
            parameter.fluctuations = through.fluctuations(&before, 1.0);
            parameter
        };
        let mut parameters = vec![
            scale(parameter(before.log_square + libm::log(before.width as f64), &|response, within| {
                let (own, apart) = if within { (1.0, same) } else { (other, other) };
                (response.own * own, response.apart * apart)
            })),
            parameter(libm::log(units), &|response, _| (response.with_state_own, response.with_state_apart)),
        ];
        if biases > 0 {
            parameters.push(parameter(0.0, &|response, _| (response.own, response.apart)));
        }
        if biases > 1 {
            parameters.push(parameter(0.0, &|response, _| (response.state_own, response.state_apart)));
        }
        let back = input_variance * units;
        let [mut square, mut product, mut position_sum, mut pair_position_sum] = [Combination::ZERO; 4];
        let per_step = back * longer / time as f64;
        for (moment, within, response) in &parts {
            let (own, apart) = (*moment * (response.own * per_step), *moment * (response.apart * per_step));
            if *within {
                (square, position_sum) = (square + own, position_sum + apart);
            } else {
                (product, pair_position_sum) = (product + own, pair_position_sum + apart);
            }
        }
        let mut energies = vec![0.0; steps];
        for (moment, within, response) in &parts {
            if *within {
                let typical = moment.at(&gradient.typical);
                energies.iter_mut().zip(&response.squares).for_each(|(sum, square)| *sum += typical * square);
            }
        }
        let logarithms: Vec<f64> = energies.iter().map(|energy| libm::log(energy.max(1e-300))).collect();
        let (profile, decay) = profile_of(&logarithms);
        // Beyond the horizon the decay goes on as over its first half.
        let rate = (logarithms[steps / 2] - logarithms[0]) / (steps / 2).max(1) as f64;
        let further = 0.5 * rate * (time - steps) as f64 / std::f64::consts::LN_10;
        let profile = if steps == time { profile } else { Profile::default() };
        let width = before.width as f64;
        let gradient = Gradient {
            square,
            product,
            position_sum,
            pair_position_sum,
            mean_square: square * (1.0 / width),
            mean_product: product * (1.0 / width),
            noise: noise.0,
            pair_noise: noise.1,
            swings: through.swings,
            profile,
            time_decay: Some(decay - further),
            ..gradient.unrelated()
        };
        Backpropagated { gradient, parameters, leaves: Vec::new() }
    }))
}
