//! What the kernels measure over many seeds, beside what is forecast.

use netdsl_layers::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const EXAMPLES: usize = 32;
const SEEDS: u64 = 400;

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / 2f64.powi(32)
}

/// The norm of each parameter's gradient over seeds, forecast and measured, for inputs that are uniform between this and 1,
/// and targets that are between 0 and 1.
pub(crate) fn norms<L: Kernel<f64>>(
    layer: &L,
    loss: &dyn Loss,
    low: f64,
) -> Vec<(GradientNorm, GradientNorm)> {
    let features = layer.sizes().input;
    let signal = Signal::input(features, 1, EXAMPLES, (1.0 + low) / 2.0, (1.0 - low) / 12f64.sqrt());
    let target = TargetDistribution::Uniform { low: 0.0, high: 1.0 };
    let propagated = layer.propagate(&signal).expect("a dense layer can be forecast");
    let terms = loss.terms(layer.output());
    let start = start(&propagated.output, loss, target, terms, layer.sizes().tensors)
        .expect("the output is not wide");
    let back = propagated.back(start.gradient.clone());
    let forecast = back
        .parameters
        .iter()
        .map(|parameter| start.gradient_norm(parameter).expect("no gradient is exactly zero here"));
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
        let input: Vec<f64> = (0..EXAMPLES * features).map(|_| low + (1.0 - low) * uniform(random)).collect();
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
            let values: Vec<f64> = (0..width).map(|_| uniform(random)).collect();
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
    let deciles = measured.into_iter().map(|mut norms| {
        norms.sort_by(f64::total_cmp);
        let decile = |tenths: usize| norms[norms.len() * tenths / 10];
        GradientNorm { median_log10: decile(5), deviation_log10: (decile(9) - decile(1)) / 2.563 }
    });
    forecast.zip(deciles).collect()
}
