//! The probability held against networks that are drawn and run.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Dense, Distribution, FanMode, Forward, Initializer, Kernel, Layer, Relu, Shape, Signal, Then};

const BATCH: usize = 32;

fn stack(input: usize, width: usize, depth: usize, bias: f64) -> Vec<Dense<Relu>> {
    let layer = |index: usize| Dense {
        activation: Relu,
        input: Shape::features(if index == 0 { input } else { width }),
        units: width,
        bias: true,
        init: Initializer::VarianceScaling {
            scale: 2.0,
            mode: FanMode::FanIn,
            distribution: Distribution::Uniform,
        },
        bias_init: Initializer::Constant(bias),
    };
    (0..depth).map(layer).collect()
}

/// The share of networks that are zero behind their last layer for all inputs of a batch.
fn simulated(layers: &[Dense<Relu>], mean: f64, networks: usize) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut draw = |len: usize, initializer: Initializer, parameter: &crate::Parameter| {
        let mut values = vec![0f32; len];
        initializer.draw(parameter, &mut random, &mut values);
        values
    };
    let mut dead = 0;
    for _ in 0..networks {
        let input = layers[0].input.width();
        let inputs = crate::Parameter {
            name: "input".into(),
            shape: vec![BATCH, input],
            initializer: Initializer::ZEROS,
            fan_in: input,
            fan_out: input,
        };
        let normal = Initializer::Normal { mean, standard_deviation: 1.0 };
        let mut values = draw(BATCH * input, normal, &inputs);
        for layer in layers {
            let parameters: Vec<f32> = layer
                .parameters()
                .iter()
                .flat_map(|parameter| draw(parameter.len(), parameter.initializer, parameter))
                .collect();
            let mut output = vec![0.0; BATCH * layer.units];
            layer.forward(Forward {
                batch: BATCH,
                lengths: None,
                random: None,
                parameters: &parameters,
                statistics: &[],
                input: &values,
                output: &mut output,
                saved: &mut [],
            });
            values = output;
        }
        dead += usize::from(values.iter().all(|value| *value == 0.0));
    }
    dead as f64 / networks as f64
}

fn forecast(layers: &[Dense<Relu>], mean: f64) -> f64 {
    let boxed: Vec<Box<dyn Layer>> = layers.iter().map(|layer| Box::new(*layer) as Box<dyn Layer>).collect();
    let stack = Then::sequence(boxed).expect("there are layers");
    let signal = Signal::input(layers[0].input.width(), 1, BATCH, mean, 1.0);
    let propagated = stack.propagate(&signal).expect("rectifiers are forecast");
    propagated.leaves.last().and_then(|leaf| leaf.regime.dead).expect("a rectifier can die")
}

/// 1,000 networks leave a standard error of at most 0.016; the fit is good to about a fifth of the probability.
#[test]
fn as_many_networks_are_dead_as_forecast() {
    for (input, width, depth, mean) in [
        (2, 5, 15, 0.0),
        (2, 5, 9, 0.0),
        (10, 3, 10, 0.0),
        (10, 8, 30, 0.0),
        (10, 2, 4, 1.0),
        (10, 5, 10, 3.0),
        (30, 12, 20, 0.0),
    ] {
        let layers = stack(input, width, depth, 0.0);
        let (seen, said) = (simulated(&layers, mean, 1000), forecast(&layers, mean));
        let allowed = 3.0 * (seen * (1.0 - seen) / 1000.0).sqrt() + 0.2 * seen + 0.005;
        assert!(
            (seen - said).abs() < allowed,
            "{input} {width}x{depth} {mean}: {seen} seen, {said} forecast"
        );
    }
}

/// No collapse is needed where the bias is far below zero; where it is not, none is alleged.
#[test]
fn a_bias_below_zero_kills() {
    for (width, depth, bias, least, most) in
        [(30, 4, -2.5, 0.99, 1.0), (3, 4, -2.0, 0.99, 1.0), (30, 2, -0.5, 0.0, 0.01)]
    {
        let layers = stack(10, width, depth, bias);
        let (seen, said) = (simulated(&layers, 0.0, 300), forecast(&layers, 0.0));
        assert!((least..=most).contains(&seen), "{width}x{depth} {bias}: {seen} seen");
        assert!((least..=most).contains(&said), "{width}x{depth} {bias}: {said} forecast");
    }
}

#[test]
fn wide_networks_do_not_die() {
    assert!(forecast(&stack(100, 64, 100, 0.0), 0.0) < 1e-15);
}
