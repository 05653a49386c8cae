//! How long a forecast takes: `cargo bench --bench forecast`.
//!
//! A forecast runs inside the macro, which cargo builds without optimisation; `cargo bench --bench forecast --profile dev`
//! measures what a user waits for.

use criterion::{Criterion, criterion_group, criterion_main};
use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{parse, resolve};
use netdsl_lint::settings::Settings;
use proc_macro2::{Span, TokenStream};

const DENSE: &str = "[100] ~ Uniform(0.0, 1.0)";
const IMAGES: &str = "[3, 32, 32] ~ Normal(0.0, 1.0)";
const SEQUENCES: &str = "[200, 8] ~ Normal(0.0, 1.0)";

fn block(input: &str, layers: &str) -> TokenStream {
    let text = format!(
        "pub struct Net {{ input: {input}, {layers}, output: Dense(1), target ~ Uniform(0.0, 1.0), \
         loss: MeanSquaredError }}"
    );
    text.parse().expect("the blocks of this file are Rust tokens")
}

fn distinct(count: usize) -> String {
    let activations = ["Relu", "Tanh", "Gelu", "Sigmoid"];
    let layer = |index: usize| format!("Dense({}, activation = {})", 50 + index, activations[index % 4]);
    (0..count).map(layer).collect::<Vec<_>>().join(", ")
}

fn bench(criterion: &mut Criterion) {
    let convolution = "Conv2d(16, kernel = 3, padding = Same, activation = Relu, init = HeNormal)";
    let normalised = "Conv2d(16, kernel = 3, padding = Same, bias = false), BatchNorm, Relu";
    let encoder = "Residual(LayerNorm, SelfAttention(heads = 4)), \
                   Residual(LayerNorm, Dense(256, activation = Gelu), Dense(64))";
    let blocks = [
        ("ten rectified layers", DENSE, "[Dense(100, activation = Relu, init = HeNormal); 10]".to_string()),
        ("ten tanh layers", DENSE, "[Dense(100, activation = Tanh); 10]".to_string()),
        ("ten different layers", DENSE, distinct(10)),
        ("ten convolutions", IMAGES, format!("[{convolution}; 10], GlobalAvgPool")),
        (
            "nine layers in three blocks with normalisation",
            IMAGES,
            format!("[({normalised}); 3], GlobalAvgPool"),
        ),
        ("two encoder blocks", "[16, 64] ~ Normal(0.0, 1.0)", format!("[({encoder}); 2], MeanOverTime")),
        ("recurrence of 20 steps", "[20, 8] ~ Normal(0.0, 1.0)", "Lstm(64)".to_string()),
        ("simple recurrence of 200 steps", SEQUENCES, "SimpleRnn(64)".to_string()),
        ("gated recurrence of 200 steps", SEQUENCES, "Gru(64)".to_string()),
        ("long short-term memory of 200 steps", SEQUENCES, "Lstm(64)".to_string()),
        ("100 distinct layers", DENSE, distinct(100)),
        (
            "1000 equal rectified layers",
            DENSE,
            "[Dense(100, activation = Relu, init = HeNormal); 1000]".to_string(),
        ),
        ("1000 equal tanh layers", DENSE, "[Dense(100, activation = Tanh); 1000]".to_string()),
    ];
    let mut group = criterion.benchmark_group("forecast");
    group.sample_size(10);
    for (name, input, layers) in blocks {
        let block =
            parse(block(input, &layers), Span::call_site()).expect("the blocks of this file can be read");
        let network = resolve(&block).expect("the blocks of this file can be resolved");
        group.bench_function(name, |bencher| {
            bencher.iter(|| forecast(&network.declaration(), &Settings::default()))
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
