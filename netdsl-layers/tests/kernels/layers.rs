//! The layers that compute with registers against their equations, written out number by number, and the gradients of those
//! by the chain rule.

use netdsl_layers::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rand::SeedableRng;

use crate::numbers::{cases, near, number};
use crate::tape::{Number, Rounded, Tape, dot, sum};

/// How many roundings of the largest number on the way a result may be off: the sums have some hundred terms.
const ROUNDINGS: f64 = 256.0;

/// Numbers for what a step takes, ordinary or of all sorts.
#[derive(Clone, Debug)]
struct Values {
    /// How many are ordinary for each that may be special; none is where it is zero.
    rarity: usize,
    numbers: Vec<f32>,
    next: usize,
}

impl Values {
    /// So many of them, of single precision, so that both precisions have the same.
    fn take<T: Element>(&mut self, count: usize, finite: bool) -> Vec<T> {
        let mut take = || {
            self.next += 1;
            let number = self.numbers[self.next * 7919 % self.numbers.len()];
            let ordinary = ((self.next * 104_729) as f32 * 0.618_034).sin();
            // Of numbers that are all but too large a sum depends on the order.
            let takes = number.abs() < 1e4 || !number.is_finite() && !finite;
            let special = takes && self.rarity > 0 && self.next.is_multiple_of(self.rarity);
            T::from_f64(f64::from(if special { number } else { ordinary }))
        };
        (0..count).map(|_| take()).collect()
    }
}

fn values() -> impl Strategy<Value = Values> {
    let rarity = prop::sample::select(vec![0, 7, 50, 400]);
    (rarity, prop::collection::vec(number::<f32>(), 101)).prop_map(|(rarity, numbers)| Values {
        rarity,
        numbers,
        next: 0,
    })
}

/// What a training step of a layer makes of what it takes.
struct Step<T> {
    output: Vec<T>,
    at_parameters: Vec<T>,
    at_input: Vec<T>,
}

fn step<T: Element>(
    layer: &impl Kernel<T>,
    batch: usize,
    parameters: &[T],
    input: &[T],
    at_output: &[T],
) -> Step<T> {
    let sizes = layer.sizes();
    let numbers = |count| vec![T::nan(); count];
    let (mut output, mut saved) = (numbers(batch * sizes.output), numbers(layer.saved_len(batch)));
    let statistics = numbers(sizes.statistics);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    layer.forward(Forward {
        batch,
        lengths: None,
        random: Some(&mut random),
        parameters,
        statistics: &statistics,
        input,
        output: &mut output,
        saved: &mut saved,
    });
    let (mut at_input, mut at_parameters) = (numbers(input.len()), numbers(parameters.len()));
    layer.backward(&mut Backward {
        batch,
        lengths: None,
        parameters,
        input,
        output: &output,
        saved: &saved,
        gradient: &mut at_output.to_vec(),
        input_gradient: Some(&mut at_input),
        parameter_gradient: &mut at_parameters,
        tensor_exponents: &mut vec![0; sizes.tensors],
        exponent: 0,
        rescale: false,
        scratch: &mut numbers(layer.scratch_len(batch)),
    });
    Step { output, at_parameters, at_input }
}

/// The outputs of a batch as the equation of a layer has them, of its parameters and its input.
type Equation<'e> = &'e dyn for<'t> Fn(&'t Tape, usize, &[Number<'t>], &[Number<'t>]) -> Vec<Number<'t>>;

/// What is not finite may be no number or infinite, as the order of a sum has it.
#[track_caller]
fn compare<T: Element>(
    what: &str,
    ours: &[T],
    exact: impl Iterator<Item = Rounded>,
) -> Result<(), TestCaseError> {
    for (index, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        let Rounded { value, size } = exact;
        let same = match value.is_finite() {
            // Nothing times what is not finite is no number, but has no size.
            _ if size == 0.0 => *ours == T::zero() || ours.is_nan(),
            true if !size.is_finite() => true,
            // What is hardly there is lost on the way, and what follows from it.
            true => near(*ours, value, ROUNDINGS * size.max(1e-30)),
            false => !ours.is_finite(),
        };
        prop_assert!(same, "{what} {index} is {ours}, not {value} of {size:e}");
    }
    Ok(())
}

fn check<T: Element>(
    layer: &impl Kernel<T>,
    batch: usize,
    mut values: Values,
    finite: bool,
    equation: Equation<'_>,
) -> Result<(), TestCaseError> {
    let sizes = layer.sizes();
    // A training ends where a parameter is not finite.
    let parameters: Vec<T> = values.take(sizes.parameters, true);
    let input: Vec<T> = values.take(batch * sizes.input, finite);
    let at_output: Vec<T> = values.take(batch * sizes.output, finite);
    let ours = step(layer, batch, &parameters, &input, &at_output);

    let tape = Tape::default();
    let numbers = |values: &[T]| -> Vec<_> {
        values.iter().map(|value| tape.number(Element::to_f64(*value))).collect()
    };
    let (parameters, input) = (numbers(&parameters), numbers(&input));
    let outputs = equation(&tape, batch, &parameters, &input);
    prop_assert_eq!(outputs.len(), ours.output.len());
    compare("output", &ours.output, outputs.iter().map(|output| output.number))?;
    let weights: Vec<f64> = at_output.iter().map(|value| Element::to_f64(*value)).collect();
    let derivatives = tape.derivatives(&outputs, &weights);
    let of = |number: &Number<'_>| derivatives[number.index()];
    compare("the gradient of parameter", &ours.at_parameters, parameters.iter().map(of))?;
    compare("the gradient of input", &ours.at_input, input.iter().map(of))
}

/// Checks layers of random sizes in both precisions, for numbers of all sorts or for those that are finite.
fn hold<S: Strategy<Value: Copy>, L: Kernel<f32> + Kernel<f64>>(
    finite: bool,
    sizes: S,
    make: impl Fn(S::Value) -> L,
    equation: impl for<'t> Fn(&L, &'t Tape, usize, &[Number<'t>], &[Number<'t>]) -> Vec<Number<'t>>,
) {
    TestRunner::new(cases(32))
        .run(&(sizes, 1..=5usize, values()), |(sizes, batch, values)| {
            let layer = make(sizes);
            let equation: Equation<'_> =
                &|tape, batch, parameters, input| equation(&layer, tape, batch, parameters, input);
            check::<f32>(&layer, batch, values.clone(), finite, equation)?;
            check::<f64>(&layer, batch, values, finite, equation)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Numbers of features that fill registers or do not.
fn width() -> impl Strategy<Value = usize> + Clone {
    prop::sample::select(vec![1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33])
}

/// The rows of a matrix times a row.
fn rows<'t>(matrix: &[Number<'t>], row: &[Number<'t>]) -> Vec<Number<'t>> {
    matrix.chunks(row.len()).map(|weights| dot(weights, row)).collect()
}

fn plus<'t>(a: &[Number<'t>], b: &[Number<'t>]) -> Vec<Number<'t>> {
    a.iter().zip(b).map(|(a, b)| *a + *b).collect()
}

fn times<'t>(a: &[Number<'t>], b: &[Number<'t>]) -> Vec<Number<'t>> {
    a.iter().zip(b).map(|(a, b)| *a * *b).collect()
}

fn applied<'t>(function: &dyn Elementwise, numbers: Vec<Number<'t>>) -> Vec<Number<'t>> {
    numbers.into_iter().map(|number| number.apply(function)).collect()
}

#[test]
fn dense() {
    hold(
        false,
        (1..=3usize, width(), width()),
        |(steps, features, units)| Dense {
            activation: Tanh,
            input: Shape::sequence(steps, features),
            units,
            bias: true,
            init: Initializer::ZEROS,
            bias_init: Initializer::ZEROS,
        },
        |layer, _, _, parameters, input| {
            let features = layer.input.width();
            let (weight, bias) = parameters.split_at(features * layer.units);
            applied(&Tanh, input.chunks(features).flat_map(|x| plus(&rows(weight, x), bias)).collect())
        },
    );
}

/// The outputs of a recurrence, whose `advance` makes a state of an input and of the state before, and what is carried beside it.
fn recurrence<'t>(
    (shape, return_sequences): (Shape, bool),
    input: &[Number<'t>],
    mut advance: impl FnMut(&[Number<'t>], Option<&[Number<'t>]>, &mut Vec<Number<'t>>) -> Vec<Number<'t>>,
) -> Vec<Number<'t>> {
    let mut outputs = Vec::new();
    for example in input.chunks(shape.len()) {
        let (mut states, mut carried) = (Vec::<Vec<Number<'_>>>::new(), Vec::new());
        for x in example.chunks(shape.width()) {
            let state = advance(x, states.last().map(Vec::as_slice), &mut carried);
            states.push(state);
        }
        let returned = if return_sequences { 0 } else { states.len() - 1 };
        outputs.extend(states[returned..].concat());
    }
    outputs
}

/// Weights of the input, of the state, and the rest.
fn weights<'a, 't>(
    parameters: &'a [Number<'t>],
    gates: usize,
    features: usize,
    units: usize,
) -> [&'a [Number<'t>]; 3] {
    let (weight, rest) = parameters.split_at(gates * units * features);
    let (recurrent, rest) = rest.split_at(gates * units * units);
    [weight, recurrent, rest]
}

/// The steps, features, units and whether all states are returned.
fn recurrent_sizes() -> impl Strategy<Value = (usize, usize, usize, bool)> {
    (1..=3usize, prop::sample::select(vec![1, 3, 8, 17]), width(), any::<bool>())
}

#[test]
fn simple_rnn() {
    hold(
        false,
        recurrent_sizes(),
        |(steps, features, units, return_sequences)| SimpleRnn {
            activation: Tanh,
            input: Shape::sequence(steps, features),
            units,
            bias: true,
            return_sequences,
            init: Initializer::ZEROS,
            recurrent_init: Initializer::ZEROS,
            bias_init: Initializer::ZEROS,
        },
        |layer, _, _, parameters, input| {
            let [weight, recurrent, bias] = weights(parameters, 1, layer.input.width(), layer.units);
            recurrence((layer.input, layer.return_sequences), input, |x, before, _| {
                let products = plus(&rows(weight, x), bias);
                let with_state = before.map(|before| plus(&products, &rows(recurrent, before)));
                applied(&Tanh, with_state.unwrap_or(products))
            })
        },
    );
}

#[test]
fn lstm() {
    hold(
        false,
        recurrent_sizes(),
        |(steps, features, units, return_sequences)| Lstm {
            activation: Tanh,
            input: Shape::sequence(steps, features),
            units,
            bias: true,
            return_sequences,
            init: Initializer::ZEROS,
            recurrent_init: Initializer::ZEROS,
            bias_init: Initializer::ZEROS,
        },
        |layer, _, _, parameters, input| {
            let units = layer.units;
            let [weight, recurrent, bias] = weights(parameters, 4, layer.input.width(), units);
            recurrence((layer.input, layer.return_sequences), input, |x, before, cells| {
                let products = plus(&rows(weight, x), bias);
                let with_state = before.map(|before| plus(&products, &rows(recurrent, before)));
                let products = with_state.unwrap_or(products);
                let gate = |gate: usize| products[gate * units..][..units].to_vec();
                let [i, f, o] = [0, 1, 3].map(|index| applied(&Sigmoid, gate(index)));
                let new = times(&i, &applied(&Tanh, gate(2)));
                // The cells before the first step are zero, and nothing is to be forgotten.
                let forgotten: Vec<_> = match cells.is_empty() {
                    true => gate(1).into_iter().map(Number::nothing).collect(),
                    false => times(&f, cells),
                };
                *cells = plus(&forgotten, &new);
                times(&o, &applied(&Tanh, cells.clone()))
            })
        },
    );
}

#[test]
fn gru() {
    hold(
        false,
        recurrent_sizes(),
        |(steps, features, units, return_sequences)| Gru {
            activation: Tanh,
            input: Shape::sequence(steps, features),
            units,
            bias: true,
            return_sequences,
            init: Initializer::ZEROS,
            recurrent_init: Initializer::ZEROS,
            bias_init: Initializer::ZEROS,
        },
        |layer, tape, _, parameters, input| {
            let units = layer.units;
            let [weight, recurrent, biases] = weights(parameters, 3, layer.input.width(), units);
            let (bias, state_bias) = biases.split_at(3 * units);
            recurrence((layer.input, layer.return_sequences), input, |x, before, _| {
                let of_input = plus(&rows(weight, x), bias);
                let of_state = match before {
                    Some(before) => plus(&rows(recurrent, before), state_bias),
                    None => state_bias.to_vec(),
                };
                let part = |gate: usize| gate * units..(gate + 1) * units;
                let [r, z] =
                    [0, 1].map(|gate| applied(&Sigmoid, plus(&of_input[part(gate)], &of_state[part(gate)])));
                let n = applied(&Tanh, plus(&of_input[part(2)], &times(&r, &of_state[part(2)])));
                let kept: Vec<_> = z.iter().map(|z| tape.number(1.0) - *z).collect();
                let new = times(&kept, &n);
                before.map_or(new.clone(), |before| plus(&new, &times(&z, before)))
            })
        },
    );
}

/// The window over an axis: the number of outputs, and where the first starts, as Keras has it.
fn axis(input: usize, size: usize, stride: usize, padding: Padding) -> (usize, isize) {
    match padding {
        Padding::Valid => ((input - size) / stride + 1, 0),
        Padding::Same => {
            let output = input.div_ceil(stride);
            let padding = ((output - 1) * stride + size).saturating_sub(input);
            (output, -((padding / 2) as isize))
        }
    }
}

/// The places of a plane under the window at each output, row by row, and none where padding is.
fn windows([height, width]: [usize; 2], window: Window<2>) -> Vec<Vec<Option<usize>>> {
    let Window { size, stride, padding } = window;
    let (rows, top) = axis(height, size[0], stride[0], padding);
    let (columns, left) = axis(width, size[1], stride[1], padding);
    let place = |row: usize, column: usize, tap: usize| {
        let row = top + (row * stride[0] + tap / size[1]) as isize;
        let column = left + (column * stride[1] + tap % size[1]) as isize;
        let inside = (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
        inside.then(|| row as usize * width + column as usize)
    };
    let outputs = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    outputs.map(|(row, column)| (0..size[0] * size[1]).map(|tap| place(row, column, tap)).collect()).collect()
}

/// The channels, an image that may be a row, and a window over it that may be larger where there is padding.
fn images() -> impl Strategy<Value = (usize, [usize; 2], Window<2>)> {
    let axis = (1..=3usize, 1..=3usize);
    (1..=3usize, 1..=4usize, width(), axis.clone(), axis, any::<bool>()).prop_map(
        |(channels, height, width, rows, columns, same)| {
            let padding = if same { Padding::Same } else { Padding::Valid };
            let size = |size: usize, space: usize| if same { size } else { size.min(space) };
            let size = [size(rows.0, height), size(columns.0, width)];
            (channels, [height, width], Window { size, stride: [rows.1, columns.1], padding })
        },
    )
}

#[test]
fn convolution() {
    hold(
        false,
        (images(), 1..=6usize),
        |((channels, [height, width], window), filters)| Conv {
            activation: Tanh,
            input: Shape::image(channels, height, width),
            filters,
            window,
            bias: true,
            init: Initializer::ZEROS,
            bias_init: Initializer::ZEROS,
        },
        |layer, tape, _, parameters, input| {
            let sizes = layer.input.sizes();
            let (channels, plane) = (sizes[0], [sizes[1], sizes[2]]);
            let taps = layer.window.size[0] * layer.window.size[1];
            let (weight, bias) = parameters.split_at(layer.filters * channels * taps);
            let mut outputs = Vec::new();
            for example in input.chunks(channels * plane[0] * plane[1]) {
                for (weight, bias) in weight.chunks(channels * taps).zip(bias) {
                    for window in windows(plane, layer.window) {
                        // Padding is zeros like any other.
                        let seen = example.chunks(plane[0] * plane[1]).flat_map(|plane| {
                            window.iter().map(|place| place.map_or(tape.number(0.0), |place| plane[place]))
                        });
                        outputs.push(dot(weight, &seen.collect::<Vec<_>>()) + *bias);
                    }
                }
            }
            applied(&Tanh, outputs)
        },
    );
}

/// What each window over each plane sees of the input, without padding.
fn seen<'t>(shape: Shape, window: Window<2>, input: &[Number<'t>]) -> Vec<Vec<Number<'t>>> {
    let plane = [shape.sizes()[1], shape.sizes()[2]];
    let windows = windows(plane, window);
    let of_plane = |plane: &[Number<'t>]| -> Vec<Vec<Number<'t>>> {
        windows.iter().map(|window| window.iter().flatten().map(|place| plane[*place]).collect()).collect()
    };
    input.chunks(plane[0] * plane[1]).flat_map(of_plane).collect()
}

#[test]
fn avg_pool() {
    hold(
        false,
        images(),
        |(channels, [height, width], window)| AvgPool {
            input: Shape::image(channels, height, width),
            window,
        },
        |layer, _, _, _, input| {
            let means = seen(layer.input, layer.window, input).into_iter();
            means.map(|seen| sum(seen.iter().copied()).scaled(1.0 / seen.len() as f64)).collect()
        },
    );
}

#[test]
fn max_pool() {
    hold(
        false,
        images(),
        |(channels, [height, width], window)| MaxPool {
            input: Shape::image(channels, height, width),
            window,
        },
        |layer, tape, _, _, input| {
            let mut outputs = Vec::new();
            for seen in seen(layer.input, layer.window, input) {
                let values = || seen.iter().map(|number| number.number.value);
                let largest = values().fold(f64::NEG_INFINITY, f64::max);
                outputs.push(match values().position(|value| value == largest) {
                    Some(first) if !values().any(f64::is_nan) => seen[first],
                    // No number is at no place, which the gradient could go to.
                    _ => tape.number(f64::NAN),
                });
            }
            outputs
        },
    );
}

/// The values less their mean, over their standard deviation.
fn normalised<'t>(values: &[Number<'t>], epsilon: f64) -> Vec<Number<'t>> {
    let share = 1.0 / values.len() as f64;
    let mean = sum(values.iter().copied()).scaled(share);
    let apart: Vec<_> = values.iter().map(|value| *value - mean).collect();
    let deviation = dot(&apart, &apart).scaled(share).shifted(epsilon).sqrt();
    apart.iter().map(|apart| *apart / deviation).collect()
}

#[test]
fn batch_norm() {
    hold(
        false,
        (width(), 1..=3usize, any::<bool>()),
        |(width, positions, channels)| {
            let input =
                if channels { Shape::signal(positions, width) } else { Shape::sequence(positions, width) };
            BatchNorm { input, epsilon: 1e-3, momentum: 0.9 }
        },
        |layer, _, batch, parameters, input| {
            let (gamma, beta) = parameters.split_at(layer.input.width());
            let mut outputs = input.to_vec();
            for feature in 0..layer.input.width() {
                let places = (0..batch * layer.input.positions()).map(|position| {
                    let (example, position) =
                        (position / layer.input.positions(), position % layer.input.positions());
                    let place = layer.input.features_at(position).nth(feature).expect("a feature");
                    example * layer.input.len() + place
                });
                let places: Vec<usize> = places.collect();
                let values: Vec<_> = places.iter().map(|place| input[*place]).collect();
                for (place, value) in places.into_iter().zip(normalised(&values, layer.epsilon)) {
                    outputs[place] = gamma[feature] * value + beta[feature];
                }
            }
            outputs
        },
    );
}

#[test]
fn layer_norm() {
    hold(
        false,
        (width(), 1..=3usize),
        |(width, steps)| LayerNorm { input: Shape::sequence(steps, width), epsilon: 1e-3 },
        |layer, _, _, parameters, input| {
            let width = layer.input.width();
            let (gamma, beta) = parameters.split_at(width);
            let rows = input.chunks(width).map(|row| normalised(row, layer.epsilon));
            rows.flat_map(|row| plus(&times(gamma, &row), beta)).collect()
        },
    );
}

#[test]
fn rms_norm() {
    hold(
        false,
        (width(), 1..=3usize),
        |(width, steps)| RmsNorm { input: Shape::sequence(steps, width), epsilon: 1e-6 },
        |layer, _, _, gamma, input| {
            let width = layer.input.width();
            let mut outputs = Vec::new();
            for row in input.chunks(width) {
                let root = dot(row, row).scaled(1.0 / width as f64).shifted(layer.epsilon).sqrt();
                outputs.extend(row.iter().zip(gamma).map(|(x, gamma)| *gamma * *x / root));
            }
            outputs
        },
    );
}

#[test]
fn self_attention() {
    hold(
        // What a step does not see it sees with a weight of zero, which makes no number of what is none.
        true,
        (1..=4usize, prop::sample::select(vec![1, 3, 8, 9]), 1..=2usize, any::<bool>()),
        |(steps, width, heads, causal)| SelfAttention {
            input: Shape::sequence(steps, heads * width),
            heads,
            causal,
            init: Initializer::ZEROS,
        },
        |layer, _, _, parameters, input| {
            let width = layer.input.width();
            let of_head = width / layer.heads;
            let matrices: Vec<_> = parameters.chunks(width * width).collect();
            let mut outputs = Vec::new();
            for example in input.chunks(layer.input.len()) {
                let steps: Vec<&[Number<'_>]> = example.chunks(width).collect();
                let [queries, keys, values] =
                    [0, 1, 2].map(|index| steps.iter().map(|x| rows(matrices[index], x)).collect::<Vec<_>>());
                for (step, query) in queries.iter().enumerate() {
                    let last = if layer.causal { step + 1 } else { steps.len() };
                    let mut mixed = Vec::new();
                    for head in 0..layer.heads {
                        let part = head * of_head..(head + 1) * of_head;
                        let scale = 1.0 / (of_head as f64).sqrt();
                        let logits: Vec<_> = keys[..last]
                            .iter()
                            .map(|key| dot(&query[part.clone()], &key[part.clone()]).scaled(scale))
                            .collect();
                        let largest = logits.iter().map(|logit| logit.number.value).fold(f64::MIN, f64::max);
                        let powers: Vec<_> = logits.iter().map(|logit| logit.exp_less(largest)).collect();
                        let total = sum(powers.iter().copied());
                        for feature in part {
                            let terms = powers.iter().zip(&values[..last]);
                            mixed.push(sum(terms.map(|(power, value)| *power / total * value[feature])));
                        }
                    }
                    outputs.extend(rows(matrices[3], &mixed));
                }
            }
            outputs
        },
    );
}
