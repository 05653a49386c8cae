//! Files of networks in PyTorch, strictly, and the reverse.
//!
//! Where there is no `python3` with `torch` and `safetensors`, the test says so and passes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use netdsl::FeatureShape;
use netdsl::layers::Layer;
use netdsl::prelude::*;

network! {
    /// A convolutional network.
    pub struct Images {
        input: [2, 8, 8],
        stem: Conv2d(3, kernel = 3),
        norm: BatchNorm,
        Relu,
        Flatten,
        hidden: [Dense(10, activation = Tanh); 2],
        output: Dense(3),
        loss: MeanSquaredError,
    }
}

network! {
    /// Every layer that PyTorch packs in another way.
    pub struct Sequences {
        input: [7, 4],
        memory: Lstm(5, return_sequences = true),
        gated: Gru(6, return_sequences = true),
        plain: SimpleRnn(8, return_sequences = true),
        attention: SelfAttention(heads = 2),
        norm: LayerNorm,
        LastStep,
        output: Dense(2),
        loss: MeanSquaredError,
    }
}

network! {
    /// A convolution along one axis, and a norm without a mean.
    pub struct Signals {
        input: [2, 12],
        stem: Conv1d(3, kernel = 3),
        norm: BatchNorm,
        Relu,
        Flatten,
        scale: RmsNorm,
        output: Dense(3),
        loss: MeanSquaredError,
    }
}

network! {
    /// An embedding.
    pub struct Words {
        input: [5] ~ Tokens(11),
        table: Embedding(11, 4),
        MeanOverTime,
        output: Dense(3),
        loss: MeanSquaredError,
    }
}

/// The kinds of layers in the networks above.
pub(crate) fn kinds() -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::new();
    let networks: [&dyn Layer; 4] = [
        <Images as Network<f32>>::layers(),
        <Sequences as Network<f32>>::layers(),
        <Signals as Network<f32>>::layers(),
        <Words as Network<f32>>::layers(),
    ];
    for layers in networks {
        layers.leaves("", &mut |_, leaf| {
            kinds.insert(leaf.kind());
        });
    }
    kinds
}

/// The outputs of a file for the inputs of the script, one after the other.
fn outputs<N: Network<f32>>(path: &Path) -> Vec<f32> {
    let network = N::load(path).unwrap();
    let sizes: Vec<usize> = std::iter::once(2).chain(N::Input::SIZES.iter().copied()).collect();
    let count = sizes.iter().product();
    let values: Vec<f32> = match N::NAME {
        "Words" => (0..count).map(|index: usize| (index % 11) as f32).collect(),
        _ => (0..count).map(|index: usize| (index * 37 % 101) as f32 / 101.0).collect(),
    };
    let input = ndarray::ArrayD::from_shape_vec(sizes, values).unwrap();
    network.predict(&input).unwrap().into_iter().collect()
}

/// Sums of 32-bit numbers in another order, and PyTorch's own exponentials: 1e-5 is a hundred roundings.
fn compare<N: Network<f32>>(folder: &Path, suffix: &str, theirs: &serde_json::Value) {
    let ours = outputs::<N>(&folder.join(format!("{}{suffix}.safetensors", N::NAME)));
    let theirs: Vec<f64> = theirs.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((f64::from(*ours) - theirs).abs() < 1e-5, "{}{suffix}: {ours} {theirs}", N::NAME);
    }
}

fn check<N: Network<f32>>(folder: &Path, outputs: &serde_json::Value) {
    compare::<N>(folder, "", &outputs[N::NAME]["loaded"]);
    compare::<N>(folder, ".changed", &outputs[N::NAME]["changed"]);
}

#[test]
fn files_are_loaded_strictly_on_both_sides() {
    let found = Command::new("python3").args(["-c", "import torch, safetensors.torch"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3 with torch and safetensors");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(format!("{name}.safetensors"));
    let mut images = Images::new(1);
    images.tensors_mut().statistics_mut().iter_mut().zip(1..).for_each(|(value, k)| *value += 0.1 * k as f32);
    images.save(path("Images")).unwrap();
    Sequences::new(2).save(path("Sequences")).unwrap();
    Signals::new(4).save(path("Signals")).unwrap();
    Words::new(3).save(path("Words")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/state_dicts.py");
    let output = Command::new("python3").arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outputs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    check::<Images>(folder.path(), &outputs);
    check::<Sequences>(folder.path(), &outputs);
    check::<Signals>(folder.path(), &outputs);
    check::<Words>(folder.path(), &outputs);
    // Without an annotation, as `new` is.
    assert_eq!(Words::load(path("Words")).unwrap().tensors(), Words::new(3).tensors());
}
