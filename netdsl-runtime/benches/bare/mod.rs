//! A training step that takes no norm at all, written out of the parts of the layers.

use netdsl_runtime::layers::{
    Backward, Chain, Forward, Kernel, Layer, LossKernel, OptimizerKernel, ParameterRange, Sgd, finite,
    vectorised,
};
use netdsl_runtime::{Network, TargetsOf};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Goes through the data in their order, so many times.
pub(crate) fn train<N>(
    network: &mut N,
    inputs: &[f32],
    targets: &[f32],
    batch: usize,
    epochs: usize,
    optimizer: Sgd,
) where
    N: Network<f32>,
    TargetsOf<f32, N>: netdsl_runtime::layers::Targets<Item<f32> = f32>,
{
    let (layers, loss) = (N::layers(), N::declared_loss());
    let sizes = layers.sizes();
    let mut chain = Chain::new(optimizer.transforms(), ParameterRange::of(layers.parameters()));
    let mut outcomes = vec![true; sizes.tensors];
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let room = |len: usize| vec![0f32; len];
    let (mut output, mut output_gradient) = (room(batch * sizes.output), room(batch * sizes.output));
    let (mut saved, mut scratch) =
        (room(Kernel::<f32>::saved_len(layers, batch)), room(Kernel::<f32>::scratch_len(layers, batch)));
    let mut gradient = room(sizes.parameters);
    let mut exponents = vec![0; sizes.tensors];
    assert!(finite(network.tensors().parameters()));
    let batches = inputs.chunks_exact(batch * sizes.input).zip(targets.chunks_exact(batch * sizes.output));
    for (input, target) in (0..epochs).flat_map(|_| batches.clone()) {
        let (input, target) = (input.to_vec(), target.to_vec());
        let parameters = network.tensors().parameters();
        // What a step has found to be finite the next does not check again, here as there.
        assert!(finite(&input));
        layers.forward(Forward {
            batch,
            lengths: None,
            random: Some(&mut random),
            parameters,
            statistics: network.tensors().statistics(),
            input: &input,
            output: &mut output,
            saved: &mut saved,
        });
        assert!(finite(&output));
        assert!(loss.evaluate(layers.output(), &output, &target, &mut output_gradient).is_finite());
        exponents.fill(0);
        layers.backward(&mut Backward {
            batch,
            lengths: None,
            parameters,
            input: &input,
            output: &output,
            saved: &saved,
            gradient: &mut output_gradient,
            input_gradient: None,
            parameter_gradient: &mut gradient,
            tensor_exponents: &mut exponents,
            exponent: 0,
            rescale: false,
            scratch: &mut scratch,
        });
        assert!(finite(&gradient));
        let rate = optimizer.learning_rate;
        outcomes.fill(true);
        let all_finite =
            chain.update(rate, parameters, &mut gradient, &mut outcomes, |all, values, steps| {
                vectorised(
                    #[inline(always)]
                    || values.iter().zip(steps.iter_mut()).for_each(|(value, step)| *step = value - *step),
                );
                *all &= finite(steps);
            });
        assert!(all_finite && outcomes.iter().all(|finite| *finite));
        network.tensors_mut().parameters_mut().swap_with_slice(&mut gradient);
    }
}
