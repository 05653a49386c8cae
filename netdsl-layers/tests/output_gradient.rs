//! The forecast of the gradient at the output, for every loss and for what a last layer can end in, against what the
//! kernels measure over many seeds.

use netdsl_layers::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const EXAMPLES: usize = 32;
const FEATURES: usize = 30;
const SEEDS: u64 = 400;

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / 2f64.powi(32)
}

/// The median over seeds of the norm of each parameter's gradient, as decimal logarithms: forecast and measured.
fn norms<L: Kernel<f64>>(layer: &L, loss: &dyn Loss, target: TargetDistribution) -> Vec<(f64, f64)> {
    let signal = Signal::input(FEATURES, 1, EXAMPLES, 0.5, 12f64.sqrt().recip());
    let propagated = layer.propagate(&signal).expect("a dense layer can be forecast");
    let terms = loss.terms(layer.output());
    let start = start(&propagated.output, loss, target, terms, layer.sizes().tensors)
        .expect("the output is not wide");
    let back = propagated.back(start.gradient.clone());
    let forecast = back.parameters.iter().map(|parameter| {
        start.gradient_norm(parameter).expect("no gradient is exactly zero here").median_log10
    });
    let sizes = layer.sizes();
    let width = sizes.output;
    let mut measured = vec![Vec::new(); sizes.tensors];
    for seed in 0..SEEDS {
        let random = &mut ChaCha8Rng::seed_from_u64(seed);
        let mut parameters = vec![0.0; sizes.parameters];
        let mut rest = parameters.as_mut_slice();
        for parameter in layer.parameters() {
            let (own, tail) = rest.split_at_mut(parameter.len());
            parameter.initializer.draw(&parameter, random, own);
            rest = tail;
        }
        let input: Vec<f64> = (0..EXAMPLES * FEATURES).map(|_| uniform(random)).collect();
        let mut output = vec![0.0; EXAMPLES * width];
        let mut saved = vec![0.0; layer.saved_len(EXAMPLES)];
        layer.forward(Forward {
            batch: EXAMPLES,
            lengths: None,
            random: None,
            parameters: &parameters,
            statistics: &[],
            input: &input,
            output: &mut output,
            saved: &mut saved,
        });
        let mut gradient = vec![0.0; output.len()];
        for (output, gradient) in output.chunks_exact(width).zip(gradient.chunks_exact_mut(width)) {
            let values: Vec<f64> = (0..width)
                .map(|_| match target {
                    TargetDistribution::Uniform { low, high } => low + (high - low) * uniform(random),
                    TargetDistribution::Normal { .. } => unreachable!("the tests draw uniform targets"),
                })
                .collect();
            let target = match loss.target() {
                TargetKind::Values => PositionTarget::Values(&values),
                TargetKind::Classes => PositionTarget::Class((uniform(random) * width as f64) as usize),
            };
            loss.at_position(output, target, gradient);
            gradient.iter_mut().for_each(|value| *value /= (EXAMPLES * terms) as f64);
        }
        let mut parameter_gradient = vec![0.0; sizes.parameters];
        let mut scratch = vec![0.0; layer.scratch_len(EXAMPLES)];
        layer.backward(&mut Backward {
            batch: EXAMPLES,
            lengths: None,
            parameters: &parameters,
            input: &input,
            output: &output,
            saved: &saved,
            gradient: &mut gradient,
            input_gradient: None,
            parameter_gradient: &mut parameter_gradient,
            tensor_exponents: &mut vec![0; sizes.tensors],
            exponent: 0,
            rescale: false,
            scratch: &mut scratch,
        });
        let mut rest = parameter_gradient.as_slice();
        for (parameter, norms) in layer.parameters().iter().zip(&mut measured) {
            let (own, tail) = rest.split_at(parameter.len());
            norms.push(own.iter().map(|value| value * value).sum::<f64>().sqrt().log10());
            rest = tail;
        }
    }
    let medians = measured.into_iter().map(|mut norms| {
        norms.sort_by(f64::total_cmp);
        norms[norms.len() / 2]
    });
    forecast.zip(medians).collect()
}

fn network<A: Activation>(units: usize, activation: A) -> Then<Named<Dense<Tanh>>, Named<Dense<A>>> {
    let dense = |input, units| Dense {
        activation: Tanh,
        input: Shape::features(input),
        units,
        bias: true,
        init: Initializer::GLOROT_UNIFORM,
        bias_init: Initializer::ZEROS,
    };
    let first = dense(FEATURES, 40);
    let Dense { input, units, bias, init, bias_init, .. } = dense(40, units);
    let second = Dense { activation, input, units, bias, init, bias_init };
    Then { first: Named { layer: first, name: "hidden" }, second: Named { layer: second, name: "output" } }
}

fn check<L: Kernel<f64>>(layer: &L, loss: &dyn Loss) {
    let target = TargetDistribution::Uniform { low: 0.0, high: 1.0 };
    for (index, (forecast, measured)) in norms(layer, loss, target).into_iter().enumerate() {
        // Norms spread by up to a third of a decade here, so that the median of 400 of them is known to 0.02; the rest is the theory.
        let apart = forecast - measured;
        assert!(
            apart.abs() < 0.1,
            "parameter {index}: forecast {forecast:.3}, measured {measured:.3}, {apart:+.3}"
        );
    }
}

macro_rules! outputs {
    ($($name:ident: $loss:expr, $activation:expr, $units:expr;)*) => {
        $(#[test]
        fn $name() {
            for units in $units {
                check(&network(units, $activation), &$loss);
            }
        })*

        /// A loss that the language has and the table lacks would go untested.
        #[test]
        fn the_table_has_every_loss() {
            let tested = [$(Loss::name(&$loss)),*];
            let missing: Vec<&str> =
                LOSSES.iter().map(|kind| kind.name).filter(|name| !tested.contains(name)).collect();
            assert!(missing.is_empty(), "not in the table: {missing:?}");
        }
    };
}

outputs! {
    mean_squared_error: MeanSquaredError, Linear, [1, 6];
    mean_squared_error_of_a_sigmoid: MeanSquaredError, Sigmoid, [1, 6];
    mean_squared_error_of_a_tanh: MeanSquaredError, Tanh, [1, 6];
    mean_squared_error_of_a_softmax: MeanSquaredError, Softmax, [2, 6];
    mean_absolute_error: MeanAbsoluteError, Linear, [1, 6];
    huber: Huber { delta: 0.3 }, Linear, [1, 6];
    softmax_cross_entropy: SoftmaxCrossEntropy, Linear, [2, 6];
    sigmoid_cross_entropy: SigmoidCrossEntropy, Linear, [1, 6];
    categorical_cross_entropy: CategoricalCrossEntropy, Softmax, [2, 6];
    binary_cross_entropy: BinaryCrossEntropy, Sigmoid, [1, 6];
}
