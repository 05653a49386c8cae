//! What looking on costs: the time of a training step with and without those who look on.
//!
//! `cargo bench -p netdsl-runtime --bench observers` prints the median of the ratio over many pairs of short trainings, one
//! with and one without, in turn, so that a machine that is slower for a while is so for both.

#[path = "../tests/networks/mod.rs"]
mod networks;

use std::time::Instant;

use netdsl_runtime::layers::Sgd;
use netdsl_runtime::{GradientLogger, Monitor, Network, Observer, Progress, Trainer};
use networks::{DeepSigmoid, Wide, uniform};

const PAIRS: usize = 61;

/// The seconds of a training.
fn time<const IN: usize, const OUT: usize, N>(
    data: &(Vec<[f32; IN]>, Vec<[f32; OUT]>),
    observer: Option<&mut dyn Observer<f32, N>>,
) -> f64
where
    N: Network<
            f32,
            Input = netdsl_runtime::Features<IN>,
            Output = netdsl_runtime::Features<OUT>,
            Loss = netdsl_runtime::layers::MeanSquaredError,
        >,
{
    let mut network = N::with_seed(1);
    let trainer =
        Trainer::new(Sgd { learning_rate: 1e-6, ..Sgd::default() }).batch(32).progress(Progress::Silent);
    let trainer = match observer {
        None => trainer,
        Some(observer) => trainer.observe(observer),
    };
    let start = Instant::now();
    trainer.fit(&mut network, &data.0, &data.1).unwrap();
    start.elapsed().as_secs_f64()
}

fn compare<const IN: usize, const OUT: usize, N>(name: &str, examples: usize)
where
    N: Network<
            f32,
            Input = netdsl_runtime::Features<IN>,
            Output = netdsl_runtime::Features<OUT>,
            Loss = netdsl_runtime::layers::MeanSquaredError,
        >,
{
    let data = (uniform::<IN>(examples, 1), uniform::<OUT>(examples, 2));
    let cost = |what: &str, make: &dyn Fn() -> Box<dyn Observer<f32, N>>| {
        let mut ratios: Vec<f64> = (0..PAIRS)
            .map(|_| {
                let without = time::<IN, OUT, N>(&data, None);
                let with = time::<IN, OUT, N>(&data, Some(&mut *make()));
                with / without
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        println!("{name:24} {what:44} {:+6.2} %", 100.0 * (ratios[PAIRS / 2] - 1.0));
    };
    cost("norms in every step", &|| Box::new(GradientLogger::<f32, N>::on_batch()));
    cost("norms, updates, units in every step", &|| {
        Box::new(GradientLogger::<f32, N>::on_batch().updates().units())
    });
    cost("monitor, every tenth step", &|| Box::new(Monitor::new().silent()));
    cost("monitor, every step", &|| Box::new(Monitor::new().silent().every(1)));
}

fn main() {
    compare::<100, 1, DeepSigmoid>("10 layers of 100", 3200);
    compare::<512, 1, Wide>("3 layers of 512", 1600);
}
