//! How long a forecast takes: `cargo bench --bench forecast`.
//!
//! A forecast runs inside the macro, which cargo builds without optimisation; `cargo bench --bench forecast --profile dev`
//! measures what a user waits for.

use criterion::{Criterion, criterion_group, criterion_main};
use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{parse, resolve};
use netdsl_lint::settings::Settings;
use proc_macro2::{Span, TokenStream};

fn block(layers: &str) -> TokenStream {
    let text = format!(
        "pub struct Net {{ input: [100] ~ Uniform(0.0, 1.0), {layers}, output: Dense(1), \
         target ~ Uniform(0.0, 1.0), loss: MeanSquaredError }}"
    );
    text.parse().expect("the blocks of this file are Rust tokens")
}

fn distinct(count: usize) -> String {
    let activations = ["Relu", "Tanh", "Gelu", "Sigmoid"];
    let layer = |index: usize| format!("Dense({}, activation = {})", 50 + index, activations[index % 4]);
    (0..count).map(layer).collect::<Vec<_>>().join(", ")
}

fn bench(criterion: &mut Criterion) {
    let blocks = [
        ("ten rectified layers", "[Dense(100, activation = Relu, init = HeNormal); 10]".to_string()),
        ("ten tanh layers", "[Dense(100, activation = Tanh); 10]".to_string()),
        ("100 distinct layers", distinct(100)),
        ("1000 equal rectified layers", "[Dense(100, activation = Relu, init = HeNormal); 1000]".to_string()),
        ("1000 equal tanh layers", "[Dense(100, activation = Tanh); 1000]".to_string()),
    ];
    let mut group = criterion.benchmark_group("forecast");
    group.sample_size(10);
    for (name, layers) in blocks {
        let block = parse(block(&layers), Span::call_site()).expect("the blocks of this file can be read");
        let network = resolve(&block).expect("the blocks of this file can be resolved");
        group.bench_function(name, |bencher| {
            bencher.iter(|| forecast(&network.declaration(), &Settings::default()))
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
