//! Recurrences over so many steps that their gradients are summed up in parts.

use netdsl_layers::{Backward, Forward, Gru, Initializer, Kernel, Linear, Lstm, Shape, SimpleRnn, Tanh};

const TIME: usize = 150;
const FEATURES: usize = 2;
const UNITS: usize = 3;
const BATCH: usize = 5;
/// All steps of one example are one part, those of the batch are two.
const LENGTHS: [usize; BATCH] = [TIME, 1, 102, 103, 60];

/// Numbers that are not round, of both signs.
fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|index| ((index * 7919 + seed * 104_729) as f64 * 0.618_034).sin()).collect()
}

/// The gradients of the input and of the parameters, as they truly are.
fn gradients<L: Kernel<f64>>(
    layer: &L,
    lengths: Option<&[usize]>,
    rescale: bool,
    [input, at_output]: [&[f64]; 2],
) -> [Vec<f64>; 2] {
    let sizes = layer.sizes();
    let batch = input.len() / sizes.input;
    let parameters = numbers(sizes.parameters, 1);
    let mut output = vec![f64::NAN; batch * sizes.output];
    let mut saved = vec![f64::NAN; layer.saved_len(batch)];
    layer.forward(Forward {
        batch,
        random: None,
        lengths,
        parameters: &parameters,
        statistics: &[],
        input,
        output: &mut output,
        saved: &mut saved,
    });
    let mut input_gradient = vec![f64::NAN; input.len()];
    let mut parameter_gradient = vec![f64::NAN; sizes.parameters];
    let mut pass = Backward {
        batch,
        lengths,
        parameters: &parameters,
        input,
        output: &output,
        saved: &saved,
        gradient: &mut at_output.to_vec(),
        input_gradient: Some(&mut input_gradient),
        parameter_gradient: &mut parameter_gradient,
        tensor_exponents: &mut vec![0; sizes.tensors],
        exponent: 0,
        rescale,
        scratch: &mut vec![f64::NAN; layer.scratch_len(batch)],
    };
    layer.backward(&mut pass);
    let factor = 2f64.powi(pass.exponent);
    [input_gradient, parameter_gradient].map(|values| values.iter().map(|value| value * factor).collect())
}

#[track_caller]
fn agree(ours: &[f64], expected: &[f64], what: &str) {
    let largest = expected.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    assert!(ours.len() == expected.len() && largest > 0.0);
    for (index, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        assert!((ours - expected).abs() <= 1e-12 * largest, "{what} {index}: {ours}, expected {expected}");
    }
}

/// The gradients of a batch are those of its examples, one after the other and added up.
fn examples_add_up<L: Kernel<f64>>(layer: &L) {
    let sizes = layer.sizes();
    let (input, at_output) = (numbers(BATCH * sizes.input, 2), numbers(BATCH * sizes.output, 3));
    for (lengths, rescale) in
        [(None, false), (None, true), (Some(&LENGTHS[..]), false), (Some(&LENGTHS), true)]
    {
        let [ours_input, ours] = gradients(layer, lengths, rescale, [&input, &at_output]);
        let (mut of_input, mut of_parameters) = (Vec::new(), vec![0.0; sizes.parameters]);
        for (example, at) in at_output.chunks_exact(sizes.output).enumerate() {
            let input = &input[example * sizes.input..][..sizes.input];
            let length = lengths.map(|lengths| &lengths[example..=example]);
            let [input, parameters] = gradients(layer, length, false, [input, at]);
            of_input.extend(input);
            of_parameters.iter_mut().zip(parameters).for_each(|(sum, value)| *sum += value);
        }
        agree(&ours_input, &of_input, "input");
        agree(&ours, &of_parameters, "parameter");
    }
}

macro_rules! recurrences {
    ($($name:ident: $layer:ident of $activation:ident;)*) => {$(
        #[test]
        fn $name() {
            for return_sequences in [false, true] {
                examples_add_up(&$layer {
                    activation: $activation {},
                    input: Shape::sequence(TIME, FEATURES),
                    units: UNITS,
                    bias: true,
                    return_sequences,
                    init: Initializer::ZEROS,
                    recurrent_init: Initializer::ZEROS,
                    bias_init: Initializer::ZEROS,
                });
            }
        }
    )*};
}

recurrences! {
    lstm: Lstm of Tanh;
    gru: Gru of Tanh;
    simple_rnn: SimpleRnn of Tanh;
    // Its gradients grow on the way back, so that what has been summed up is scaled down.
    linear: SimpleRnn of Linear;
}
