//! Vanishing and exploding gradients, and what helps: forecast, measured and trained.
//!
//! `cargo run --release --example tutorial` builds the networks below, which shows what the compiler says of those that
//! do not train, then trains each on 1000 examples of 100 uniform numbers with uniform targets, prints the loss of each
//! epoch and the gradient norms beside the forecast, and writes a report with plots.

use std::error::Error;
use std::path::Path;

use ndarray::Array2;
use netdsl::layers::{MeanSquaredError, OptimizerKernel, Verdict, power_of_ten};
use netdsl::prelude::*;
use netdsl::{Report, Run};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

network! {
    /// Ten sigmoid layers: the gradient vanishes.
    pub struct DeepSigmoid {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// Ten rectified layers with weights around one: the gradient leaves the range of `f32`.
    pub struct LargeWeights {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// Rectifiers instead of sigmoids.
    pub struct DeepRelu {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// Hyperbolic tangents with the initialisation of Glorot & Bengio, also called Xavier's.
    pub struct Xavier {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Tanh, init = GlorotUniform); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// Rectifiers with the initialisation of He et al.
    pub struct He {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu, init = HeNormal); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// Leaky rectifiers: no unit can die.
    pub struct Leaky {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = LeakyRelu(0.01), init = HeNormal); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// The sigmoid layers again, with a batch normalisation behind each.
    pub struct Normalised {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Sigmoid), BatchNorm; 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    /// The weights around one again, with gradients clipped to a norm of one.
    pub struct Clipped {
        input: [100] ~ Uniform(0.0, 1.0),
        hidden: [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
        output: Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        optimizer: Sgd(learning_rate = 0.01, clip = Norm(1.0)),
    }
}

const EPOCHS: usize = 5;
const SEED: u64 = 1;

/// The inputs and targets of the tutorial.
struct Data {
    input: Array2<f32>,
    target: Array2<f32>,
}

impl Data {
    fn uniform() -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        // The upper 24 bits, which `f32` holds exactly.
        let mut uniform = move || (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
        Self {
            input: Array2::from_shape_simple_fn((1000, 100), &mut uniform),
            target: Array2::from_shape_simple_fn((1000, 1), &mut uniform),
        }
    }
}

/// Trains a network, prints what came of it beside the forecast, and adds it to the report.
fn demonstrate<N>(
    (title, declaration): (&str, &str),
    optimizer: impl OptimizerKernel<f32> + 'static,
    data: &Data,
    report: &mut Report,
) -> Result<(), Box<dyn Error>>
where
    N: Network<f32, Input = netdsl::Features<100>, Output = netdsl::Features<1>, Loss = MeanSquaredError>,
{
    println!("\n== {title}\n");
    let mut network = N::with_seed(SEED);
    let mut logger = GradientLogger::on_batch().updates().units();
    let mut monitor = Monitor::new().silent();
    let trained = Trainer::new(optimizer)
        .epochs(EPOCHS)
        .seed(SEED)
        .progress(Progress::Silent)
        .observe(&mut logger)
        .observe(&mut monitor)
        .fit(&mut network, &data.input, &data.target);
    let trace = logger.trace();
    match &trained {
        Ok(history) => println!("{history}"),
        Err(error) => println!("training stopped: {error}"),
    }
    println!("\n{:16} {:>12} {:>8} {:>12}", "weight", "forecast", "decades", "measured");
    let measured = trace.records().first();
    for (index, parameter) in N::forecast().parameters.iter().enumerate() {
        if parameter.shape.len() < 2 {
            continue;
        }
        let forecast = parameter.gradient_norm_log10.map_or("0".into(), power_of_ten);
        let spread = parameter.gradient_norm_log10_std.map_or(String::new(), |std| format!("±{std:.2}"));
        let measured = measured.map_or("none".into(), |record| record.norms[index].to_string());
        println!("{:16} {forecast:>12} {spread:>8} {measured:>12}", parameter.name);
    }
    println!(
        "verdict: forecast {}, measured {}",
        N::forecast().verdict.name(),
        trace.verdict().map_or("none", Verdict::name)
    );
    for finding in monitor.findings() {
        println!("{finding}");
    }
    let run = Run { title, forecast: N::forecast(), trace, outcome: trained.as_ref() };
    report.add(&run)?.findings(monitor.findings()).declaration(declaration);
    Ok(())
}

/// The gradient logger of the tutorial: after each batch, on all examples.
fn log_gradients(data: &Data) -> Result<(), Box<dyn Error>> {
    println!("\n== The gradient logger\n");
    let mut network = DeepSigmoid::new(SEED);
    let mut logger = GradientLogger::on_probe(&data.input, &data.target)?;
    Trainer::new(DeepSigmoid::optimizer()).seed(SEED).progress(Progress::Silent).observe(&mut logger).fit(
        &mut network,
        &data.input,
        &data.target,
    )?;
    println!("{}", logger.trace());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let data = Data::uniform();
    let mut report = Report::new("Vanishing and exploding gradients");
    demonstrate::<DeepSigmoid>(
        ("Ten sigmoid layers", DeepSigmoid::DECLARATION),
        DeepSigmoid::optimizer(),
        &data,
        &mut report,
    )?;
    demonstrate::<LargeWeights>(
        ("Large uniform weights", LargeWeights::DECLARATION),
        LargeWeights::optimizer(),
        &data,
        &mut report,
    )?;
    log_gradients(&data)?;
    demonstrate::<DeepRelu>(("ReLU", DeepRelu::DECLARATION), DeepRelu::optimizer(), &data, &mut report)?;
    demonstrate::<Xavier>(
        ("Xavier initialisation", Xavier::DECLARATION),
        Xavier::optimizer(),
        &data,
        &mut report,
    )?;
    demonstrate::<He>(("He initialisation", He::DECLARATION), He::optimizer(), &data, &mut report)?;
    demonstrate::<Leaky>(("Leaky ReLU", Leaky::DECLARATION), Leaky::optimizer(), &data, &mut report)?;
    demonstrate::<Normalised>(
        ("Batch normalisation", Normalised::DECLARATION),
        Normalised::optimizer(),
        &data,
        &mut report,
    )?;
    demonstrate::<Clipped>(
        ("Gradient clipping", Clipped::DECLARATION),
        Clipped::optimizer(),
        &data,
        &mut report,
    )?;
    let path = Path::new("target/tutorial.html");
    std::fs::create_dir_all("target")
        .map_err(|cause| netdsl::Error::Write { what: "target".into(), cause })?;
    report.write(path)?;
    println!("\nreport written to {}", path.display());
    Ok(())
}
