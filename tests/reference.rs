//! Outputs, losses and gradients of declared networks against PyTorch's.
//!
//! `tests/reference/make_networks.py` made the values in `tests/reference/networks.json`, in double precision; the file says
//! with which versions and which seed.

#[path = "reference/state_dicts.rs"]
mod state_dicts;

use std::collections::BTreeSet;

use ndarray::{Array, ArrayD, Dimension, IxDyn};
use netdsl::layers::{ACTIVATIONS, ActivationKind, Element, Expression, LAYERS, LOSSES, Layer, Loss};
use netdsl::prelude::*;
use netdsl::{Error, Gradients, Tensors};
use serde_json::Value;

network! {
    struct SigmoidStack {
        input: [6],
        hidden: [Dense(5, activation = Sigmoid); 3],
        output: Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct TanhClasses {
        input: [4],
        first: Dense(7, activation = Tanh),
        second: (Dense(7, bias = false), Tanh),
        output: Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct Rectifiers {
        input: [5],
        Dense(8, activation = Relu),
        Dense(8, activation = LeakyRelu(0.1)),
        Dense(8, activation = Elu(0.7)),
        Dense(8, activation = Selu),
        Dense(1),
        loss: Huber(0.5),
    }
}

network! {
    struct SmoothRectifiers {
        input: [5],
        Dense(6, activation = Gelu),
        (Dense(6), Silu),
        Dense(6, activation = Mish),
        (Dense(6), Softplus),
        Dense(2),
        loss: MeanAbsoluteError,
    }
}

network! {
    struct Bounded {
        input: [3],
        Dense(6, activation = Softsign),
        Dense(6, activation = HardSigmoid),
        Dense(2),
        loss: SigmoidCrossEntropy,
    }
}

network! {
    struct BatchNormBefore {
        input: [4],
        body: (Dense(6), BatchNorm, Relu),
        output: Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct BatchNormBehind {
        input: [4],
        body: (Dense(6, activation = Sigmoid), BatchNorm),
        output: Dense(1),
        loss: MeanSquaredError,
    }
}

network! {
    struct LayerNormResidual {
        input: [4],
        stem: Dense(6),
        first: Residual(LayerNorm, Dense(9, activation = Gelu), Dense(6), scale = 0.5),
        second: Residual(Dense(5, activation = Tanh), shortcut = Dense(5)),
        output: Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct RmsNormed {
        input: [5],
        body: (Dense(6), RmsNorm, Silu),
        output: Dense(2, activation = Sigmoid),
        loss: BinaryCrossEntropy,
    }
}

network! {
    struct OverTime {
        input: [4, 3],
        body: (Dense(5, activation = Tanh), BatchNorm),
        Flatten,
        output: Dense(3, activation = Softmax),
        loss: CategoricalCrossEntropy,
    }
}

network! {
    struct PerStep {
        input: [4, 3],
        body: (Dense(5), LayerNorm, Relu),
        output: Dense(4),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct LeNet {
        input: [1, 10, 9],
        Conv2d(3, kernel = 3, padding = Same, activation = Tanh),
        AvgPool2d(2),
        Conv2d(4, kernel = [2, 3], activation = Tanh),
        Flatten,
        Dense(5, activation = Tanh),
        Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct Signals {
        input: [3, 13],
        Conv1d(4, kernel = 4, stride = 2, padding = Same, activation = Gelu),
        MaxPool1d(3, stride = 2, padding = Same),
        Conv1d(5, kernel = 2, bias = false),
        AvgPool1d(3, stride = 2, padding = Same),
        GlobalAvgPool,
        Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct SmallResNet {
        input: [2, 5, 6],
        stem: (Conv2d(3, kernel = 3, padding = Same, bias = false), BatchNorm, Relu),
        body: Residual(
            Conv2d(4, kernel = 3, stride = 2, padding = Same), BatchNorm, Silu, Conv2d(4, kernel = 3, padding = Same),
            shortcut = Conv2d(4, kernel = 1, stride = 2)
        ),
        MaxPool2d(2, stride = 1),
        GlobalMaxPool,
        Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct ChannelsOfTime {
        input: [6, 3],
        Transpose,
        Conv1d(4, kernel = 3, activation = Tanh),
        BatchNorm,
        Transpose,
        Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct Inception {
        input: [2, 4, 5],
        Concat(
            Conv2d(3, kernel = 1, activation = Relu),
            (Conv2d(2, kernel = 1, activation = Tanh), Conv2d(4, kernel = 3, padding = Same)),
            MaxPool2d(3, stride = 1, padding = Same)
        ),
        BatchNorm,
        GlobalAvgPool,
        Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct DenselyConnected {
        input: [4],
        Concat(Identity, Dense(3, activation = Exponential, init = LecunNormal)),
        Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct StepsSideBySide {
        input: [3, 4],
        Concat(Dense(2), Dense(3, activation = Tanh)),
        Dense(2),
        loss: Huber(0.5),
    }
}

network! {
    struct Reshaped {
        input: [12],
        Reshape([2, 2, 3]),
        Conv2d(3, kernel = 2, activation = Relu),
        // Of PyTorch's noise nothing is known, so there is none.
        Dropout(0.0),
        Reshape([3, 2]),
        #[allow(linear_stack)]
        Conv1d(2, kernel = 1, activation = Linear),
        Flatten,
        Dense(2),
        loss: MeanAbsoluteError,
    }
}

network! {
    struct Recurrent {
        input: [5, 3],
        SimpleRnn(4, return_sequences = true),
        SimpleRnn(5, activation = Relu, bias = false),
        Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct LongShortTerm {
        input: [5, 3],
        Lstm(4, return_sequences = true),
        Lstm(3, bias = false),
        Dense(4),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct Gated {
        input: [5, 3],
        Gru(4, return_sequences = true),
        Gru(5, bias = false, return_sequences = true),
        LastStep,
        Dense(2),
        loss: SigmoidCrossEntropy,
    }
}

network! {
    struct Encoder {
        input: [6] ~ Tokens(7),
        Embedding(7, 8, init = Normal(0.0, 1.0)),
        Residual(LayerNorm, SelfAttention(heads = 2)),
        Residual(LayerNorm, Dense(12, activation = Gelu), Dense(8)),
        MeanOverTime,
        Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct NextToken {
        input: [5] ~ Tokens(6),
        Embedding(6, 4),
        SelfAttention(causal = true),
        Dense(6),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct PaddedStates {
        input: [5, 3],
        Gru(4, return_sequences = true),
        Lstm(3),
        Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    struct PaddedLabels {
        input: [5, 3],
        SimpleRnn(4, return_sequences = true),
        BatchNorm,
        Dense(5),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct PaddedValues {
        input: [5, 3],
        SelfAttention(causal = true),
        Concat(Dense(2), Dense(2, activation = Tanh)),
        loss: Huber(0.5),
    }
}

network! {
    struct PaddedEncoder {
        input: [5] ~ Tokens(7),
        Embedding(7, 8, init = Normal(0.0, 1.0)),
        Residual(LayerNorm, SelfAttention(heads = 2)),
        MeanOverTime,
        Dense(3),
        loss: SoftmaxCrossEntropy,
    }
}

network! {
    struct PaddedEnd {
        input: [5, 3],
        Dense(4, activation = Tanh),
        LastStep,
        Dense(1),
        loss: MeanAbsoluteError,
    }
}

/// The values of one network.
struct Reference(Value);

impl Reference {
    fn of(name: &str) -> Self {
        let document: Value =
            serde_json::from_str(include_str!("reference/networks.json")).expect("the script writes JSON");
        let networks = document["networks"].as_array().expect("the script writes a list").clone();
        Self(
            networks
                .into_iter()
                .find(|network| network["name"] == name)
                .expect("the script knows the network"),
        )
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        let list = self.0[key].as_array().expect("the script writes lists");
        list.iter().map(|number| number.as_f64().expect("the script writes numbers")).collect()
    }

    fn array<T: Element>(&self, key: &str, shape: &[usize]) -> ArrayD<T> {
        let numbers: Vec<T> = self.numbers(key).into_iter().map(T::from_f64).collect();
        let batch = numbers.len() / shape.iter().product::<usize>();
        let shape: Vec<usize> = std::iter::once(batch).chain(shape.iter().copied()).collect();
        ArrayD::from_shape_vec(IxDyn(&shape), numbers).expect("the script writes whole examples")
    }

    /// The lengths of the sequences, where some are padded.
    fn lengths(&self) -> Option<Vec<usize>> {
        serde_json::from_value(self.0["lengths"].clone()).expect("the script writes lengths")
    }

    /// The output of a network without what stands on padding.
    fn data<T: Element, N: Network<T>>(&self, output: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut output: Vec<T> = output.into_iter().collect();
        if let (Some(lengths), Ok(true)) = (self.lengths(), N::layers().keeps_steps()) {
            let shape = N::layers().output();
            for (steps, length) in output.chunks_mut(shape.len()).zip(lengths) {
                steps[length * shape.width()..].fill(T::zero());
            }
        }
        output
    }

    fn classes(&self, shape: &[usize]) -> ArrayD<usize> {
        self.array::<f64>("target", shape).mapv(|class| class as usize)
    }
}

/// The branches of a `Concat` are called by their positions, and so are the nodes of a sequence within.
#[test]
fn branches_have_their_positions_for_names() {
    let names: Vec<String> = <Inception as Network<f32>>::parameters().into_iter().map(|p| p.name).collect();
    let branches: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| name.contains("concat")).collect();
    let expected = [
        "concat_1.0.weight",
        "concat_1.0.bias",
        "concat_1.1.0.weight",
        "concat_1.1.0.bias",
        "concat_1.1.1.weight",
        "concat_1.1.1.bias",
    ];
    assert_eq!(branches, expected);
}

/// The largest difference, relative to the largest value.
fn difference<T: Element>(found: impl IntoIterator<Item = T>, expected: &[f64]) -> f64 {
    let found: Vec<f64> = found.into_iter().map(Element::to_f64).collect();
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    let apart = found.iter().zip(expected).fold(0.0f64, |apart, (one, other)| apart.max((one - other).abs()));
    apart / largest
}

/// What a network computes against what is stored.
fn check<T: Element, N: Network<T>, D: Dimension>(
    reference: &Reference,
    tolerance: f64,
    run: impl Fn(&N) -> Result<(Array<T, D>, Gradients<T>), Error>,
    predict: impl Fn(&N) -> Result<Array<T, D>, Error>,
) {
    let parameters: Vec<T> = reference.numbers("parameters").into_iter().map(T::from_f64).collect();
    let mut network = N::with_seed(0);
    let tensors: &mut Tensors<T> = network.tensors_mut();
    tensors.parameters_mut().copy_from_slice(&parameters);
    let shapes: Vec<Vec<usize>> = N::parameters().into_iter().map(|parameter| parameter.shape).collect();
    let expected: Vec<Vec<usize>> =
        serde_json::from_value(reference.0["shapes"].clone()).expect("the script writes shapes");
    assert_eq!(shapes, expected);
    let (output, gradients) = run(&network).expect("the numbers are finite");
    let apart = difference(reference.data::<T, N>(output), &reference.numbers("output"));
    assert!(apart < tolerance, "the output of {} is off by {apart:e}", N::NAME);
    let loss = reference.0["loss"].as_f64().expect("the script writes a loss");
    let apart = (gradients.loss() - loss).abs() / loss.abs();
    assert!(apart < tolerance, "the loss of {} is off by {apart:e}", N::NAME);
    let found: Vec<T> = N::parameters()
        .iter()
        .flat_map(|parameter| {
            gradients.get(&parameter.name).expect("it has the network's parameters").to_owned()
        })
        .collect();
    let apart = difference(found, &reference.numbers("gradient"));
    assert!(apart < tolerance, "the gradient of {} is off by {apart:e}", N::NAME);
    let statistics: Vec<T> = reference.numbers("statistics").into_iter().map(T::from_f64).collect();
    network.tensors_mut().statistics_mut().copy_from_slice(&statistics);
    let output = predict(&network).expect("the numbers are finite");
    let apart = difference(reference.data::<T, N>(output), &reference.numbers("inference"));
    assert!(apart < tolerance, "the output of {} in inference is off by {apart:e}", N::NAME);
}

macro_rules! references {
    ($($test:ident: $network:ident, $input:expr, $target:ident $shape:expr;)*) => {$(
        #[test]
        fn $test() {
            let reference = Reference::of(stringify!($network));
            // PyTorch computed in f64, this in the type that is named: sums of some dozens of rounded numbers.
            references!(@check reference, f32, 1e-5, $network, $input, $target $shape);
            references!(@check reference, f64, 1e-11, $network, $input, $target $shape);
        }
    )*
        /// A kind that the language has and no network here would not be held against PyTorch's, and one with tensors that no
        /// file goes through would be loaded there by no test.
        #[test]
        fn every_kind_is_in_a_network() {
            let mut kinds = BTreeSet::new();
            let mut losses = BTreeSet::new();
            let mut stored = BTreeSet::new();
            $({
                let layers = <$network as Network<f32>>::layers();
                layers.leaves("", &mut |_, leaf| {
                    kinds.insert(leaf.kind());
                    if !leaf.stored().is_empty() {
                        stored.insert(leaf.kind());
                    }
                });
                // Activations within layers are seen in how the layers are written.
                let written = layers.value_expression();
                let inside = |kind: &&ActivationKind| written.contains(&format!("::{} {{", kind.name));
                kinds.extend(ACTIVATIONS.iter().filter(inside).map(|kind| kind.name));
                losses.insert(<$network as Network<f32>>::declared_loss().name());
            })*
            let declared = LAYERS.iter().map(|kind| kind.name).chain(ACTIVATIONS.iter().map(|kind| kind.name));
            let missing: Vec<&str> = declared.filter(|name| !kinds.contains(name)).collect();
            assert!(missing.is_empty(), "in no network: {missing:?}");
            let missing: Vec<&str> =
                LOSSES.iter().map(|kind| kind.name).filter(|name| !losses.contains(name)).collect();
            assert!(missing.is_empty(), "at the end of no network: {missing:?}");
            let loaded = state_dicts::kinds();
            let missing: Vec<_> = stored.difference(&loaded).collect();
            assert!(missing.is_empty(), "in no file that PyTorch loads: {missing:?}");
        }
    };
    (@check $reference:ident, $element:ty, $tolerance:literal, $network:ident, $input:expr, $target:ident $shape:expr) => {
        let input = $reference.array::<$element>("input", &$input);
        let target = references!(@$target $reference, $element, $shape);
        match $reference.lengths() {
            None => references!(@run $reference, $element, $tolerance, $network, input, target),
            Some(lengths) => {
                let input = Padded { examples: &input, lengths: &lengths };
                references!(@run $reference, $element, $tolerance, $network, input, target)
            }
        }
    };
    (@run $reference:ident, $element:ty, $tolerance:literal, $network:ident, $input:ident, $target:ident) => {
        check::<$element, $network<$element>, _>(
            &$reference,
            $tolerance,
            |network| {
                let output = network.forward(&$input, Mode::Training { seed: 0 })?;
                Ok((output, network.gradients(&$input, &$target)?))
            },
            |network| network.predict(&$input),
        )
    };
    (@values $reference:ident, $element:ty, $shape:expr) => {
        $reference.array::<$element>("target", &$shape)
    };
    (@classes $reference:ident, $element:ty, $shape:expr) => {
        $reference.classes(&$shape)
    };
}

references! {
    sigmoid_stack: SigmoidStack, [6], values [2];
    tanh_classes: TanhClasses, [4], classes [];
    rectifiers: Rectifiers, [5], values [1];
    smooth_rectifiers: SmoothRectifiers, [5], values [2];
    bounded: Bounded, [3], values [2];
    batch_norm_before: BatchNormBefore, [4], classes [];
    batch_norm_behind: BatchNormBehind, [4], values [1];
    layer_norm_residual: LayerNormResidual, [4], values [2];
    rms_normed: RmsNormed, [5], values [2];
    over_time: OverTime, [4, 3], classes [];
    per_step: PerStep, [4, 3], classes [4];
    le_net: LeNet, [1, 10, 9], classes [];
    signals: Signals, [3, 13], values [2];
    small_res_net: SmallResNet, [2, 5, 6], classes [];
    channels_of_time: ChannelsOfTime, [6, 3], values [4, 2];
    inception: Inception, [2, 4, 5], classes [];
    densely_connected: DenselyConnected, [4], values [2];
    steps_side_by_side: StepsSideBySide, [3, 4], values [3, 2];
    reshaped: Reshaped, [12], values [2];
    recurrent: Recurrent, [5, 3], values [2];
    long_short_term: LongShortTerm, [5, 3], classes [];
    gated: Gated, [5, 3], values [2];
    encoder: Encoder, [6], classes [];
    next_token: NextToken, [5], classes [5];
    padded_states: PaddedStates, [5, 3], values [2];
    padded_labels: PaddedLabels, [5, 3], classes [5];
    padded_values: PaddedValues, [5, 3], values [5, 4];
    padded_encoder: PaddedEncoder, [5], classes [];
    padded_end: PaddedEnd, [5, 3], values [1];
}
