//! What looking on costs: the time of a training with norms and those who look on, against one that takes no norm at all.
//!
//! `cargo bench -p netdsl-runtime --bench observers` makes many pairs of trainings, one with and one without, in turn, so
//! that a machine that is slower for a while is so for both, and so short that many are not interrupted. It prints the ratio
//! of the times that a tenth of them stays below.
//!
//! Other load does not disturb the number of instructions. With `NETDSL_EPOCHS=n` and the name of a row in `NETDSL_ROW` the
//! bench makes nothing but so many epochs of it, to be counted by `valgrind --tool=callgrind`; the difference of two such
//! counts is that of the epochs between them.

mod bare;
#[path = "../tests/networks/mod.rs"]
mod networks;

use std::time::Instant;

use netdsl_runtime::layers::{MeanSquaredError, Sgd};
use netdsl_runtime::{Csv, Features, GradientLogger, Monitor, Network, Observer, Progress, Trainer};
use networks::{DeepSigmoid, Wide, uniform};

const PAIRS: usize = 300;
const BATCH: usize = 32;

/// A row of the table: its name, and the one who looks on; none where nobody does.
type Row<N> = (&'static str, fn() -> Option<Box<dyn Observer<f32, N>>>);

/// Inputs and targets.
type Data<const IN: usize, const OUT: usize> = (Vec<[f32; IN]>, Vec<[f32; OUT]>);

const WITHOUT: &str = "nothing";

fn rows<N: Network<f32> + 'static>() -> [Row<N>; 6] {
    [
        ("norms", || None),
        ("norms in every step, logged", || Some(Box::new(GradientLogger::on_batch()))),
        ("norms and updates in every step, logged to CSV", || {
            Some(Box::new(GradientLogger::on_batch().updates().to(Csv::to(std::io::sink()))))
        }),
        ("norms, updates and units in every step, logged", || {
            Some(Box::new(GradientLogger::on_batch().updates().units()))
        }),
        ("monitor, every tenth step", || Some(Box::new(Monitor::new().silent()))),
        ("monitor, every step", || Some(Box::new(Monitor::new().silent().every(1)))),
    ]
}

fn optimizer() -> Sgd {
    Sgd { learning_rate: 1e-6, ..Sgd::default() }
}

/// The seconds of a training in which no norm is taken.
fn without<const IN: usize, const OUT: usize, N>(data: &Data<IN, OUT>, epochs: usize) -> f64
where
    N: Network<f32, Input = Features<IN>, Output = Features<OUT>, Loss = MeanSquaredError>,
{
    let mut network = N::with_seed(1);
    let start = Instant::now();
    for _ in 0..epochs {
        bare::epoch(&mut network, data.0.as_flattened(), data.1.as_flattened(), BATCH, optimizer());
    }
    start.elapsed().as_secs_f64()
}

/// The seconds of one in which they are.
fn with<const IN: usize, const OUT: usize, N>(
    data: &Data<IN, OUT>,
    epochs: usize,
    mut observer: Option<Box<dyn Observer<f32, N>>>,
) -> f64
where
    N: Network<f32, Input = Features<IN>, Output = Features<OUT>, Loss = MeanSquaredError>,
{
    let mut network = N::with_seed(1);
    let trainer = Trainer::new(optimizer()).epochs(epochs).batch(BATCH).shuffle(false);
    let trainer = match &mut observer {
        None => trainer,
        Some(observer) => trainer.observe(&mut **observer),
    };
    let start = Instant::now();
    trainer.progress(Progress::Silent).fit(&mut network, &data.0, &data.1).unwrap();
    start.elapsed().as_secs_f64()
}

fn compare<const IN: usize, const OUT: usize, N>(name: &str, examples: usize)
where
    N: Network<f32, Input = Features<IN>, Output = Features<OUT>, Loss = MeanSquaredError> + 'static,
{
    let data = (uniform::<IN>(examples, 1), uniform::<OUT>(examples, 2));
    if let Ok(epochs) = std::env::var("NETDSL_EPOCHS") {
        let (epochs, row) = (epochs.parse().unwrap(), std::env::var("NETDSL_ROW").unwrap());
        match rows::<N>().into_iter().find(|(other, _)| row == format!("{name}: {other}")) {
            Some((_, make)) => {
                with::<IN, OUT, N>(&data, epochs, make());
            }
            None if row == format!("{name}: {WITHOUT}") => {
                without::<IN, OUT, N>(&data, epochs);
            }
            None => {}
        }
        return;
    }
    for (what, make) in rows::<N>() {
        let (mut with_norms, mut without_norms): (Vec<f64>, Vec<f64>) = (0..PAIRS)
            .map(|_| (with::<IN, OUT, N>(&data, 1, make()), without::<IN, OUT, N>(&data, 1)))
            .unzip();
        let undisturbed = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[PAIRS / 10]
        };
        let cost = undisturbed(&mut with_norms) / undisturbed(&mut without_norms) - 1.0;
        println!("{name:18} {what:48} {:+6.2} %", 100.0 * cost);
    }
}

fn main() {
    compare::<100, 1, DeepSigmoid>("10 layers of 100", 640);
    compare::<512, 1, Wide>("3 layers of 512", 320);
}
