//! What looking on costs: a training with norms and those who look on, against one that takes no norm at all.
//!
//! `cargo bench -p netdsl-runtime --bench observers` prints two figures for each row. The first is of instructions, counted
//! by valgrind's callgrind where it is there: other load does not disturb them. The second is of time: many pairs of
//! trainings, one with and one without, in turn, so that a machine that is slower for a while is so for both, and so short that
//! many are not interrupted; it is the ratio of the times that a tenth of them stays below.

mod bare;
#[path = "../tests/networks/mod.rs"]
mod networks;

use std::io::sink;
use std::process::{Command, Stdio};
use std::time::Instant;

use netdsl_runtime::layers::{MeanSquaredError, Sgd};
use netdsl_runtime::{
    Csv, Features, GradientLogger, JsonLines, Monitor, Network, Observer, Progress, TensorBoard, Terminal,
    Tracing, Trainer,
};
use networks::{DeepSigmoid, Small, Wide, uniform};

const PAIRS: usize = 300;

/// How many epochs each of them has: in one, of twenty steps, what a training does once would be a percent of it.
const EPOCHS_OF_PAIR: usize = 5;

const BATCH: usize = 32;

/// A row of the table: its name, and the one who looks on; none where nobody does.
type Row<N> = (&'static str, fn() -> Option<Box<dyn Observer<f32, N>>>);

/// Inputs and targets.
type Data<const IN: usize, const OUT: usize> = (Vec<[f32; IN]>, Vec<[f32; OUT]>);

/// The row of a step without norms, for valgrind.
const WITHOUT: &str = "nothing";

/// What tells a process that valgrind counts how many epochs to make, and of which row.
const EPOCHS: &str = "NETDSL_EPOCHS";
const ROW: &str = "NETDSL_ROW";

/// A logger of all that there is to measure.
fn all<N: Network<f32>>() -> GradientLogger<f32, N> {
    GradientLogger::on_batch().updates().units()
}

fn rows<N: Network<f32> + 'static>() -> [Row<N>; 9] {
    [
        ("norms, nobody looks on", || None),
        ("norms, updates and units, logged", || Some(Box::new(all()))),
        ("the same to CSV", || Some(Box::new(all().to(Csv::to(sink()))))),
        ("the same to JSON Lines", || Some(Box::new(all().to(JsonLines::to(sink()))))),
        ("the same to TensorBoard", || Some(Box::new(all().to(TensorBoard::to(sink()))))),
        ("the same to a terminal", || Some(Box::new(all().to(Terminal::to(sink()))))),
        ("the same to tracing", || Some(Box::new(all().to(Tracing)))),
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
    bare::train(&mut network, data.0.as_flattened(), data.1.as_flattened(), BATCH, epochs, optimizer());
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

/// The instructions of so many epochs of a row in a process of its own; none where valgrind is not there.
fn count(row: &str, epochs: u64) -> Option<u64> {
    let path = std::env::temp_dir().join(format!("netdsl-{}.callgrind", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", path.display()))
        .arg(std::env::current_exe().unwrap())
        .env(EPOCHS, epochs.to_string())
        .env(ROW, row)
        .stdout(Stdio::null())
        .status();
    assert!(status.ok()?.success(), "{row}");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    text.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

/// The instructions of a step: what two more epochs take.
fn instructions(name: &str, what: &str, steps: u64) -> Option<u64> {
    let row = format!("{name}: {what}");
    Some((count(&row, 4)? - count(&row, 2)?) / (2 * steps))
}

fn compare<const IN: usize, const OUT: usize, N>(name: &str, examples: usize)
where
    N: Network<f32, Input = Features<IN>, Output = Features<OUT>, Loss = MeanSquaredError> + 'static,
{
    let data = (uniform::<IN>(examples, 1), uniform::<OUT>(examples, 2));
    if let Ok(epochs) = std::env::var(EPOCHS) {
        let (epochs, row) = (epochs.parse().unwrap(), std::env::var(ROW).unwrap());
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
    let count = |what| instructions(name, what, (examples / BATCH) as u64);
    let without_norms = count(WITHOUT);
    println!(
        "{name}: {} instructions without a norm",
        without_norms.map_or("?".into(), |count| count.to_string())
    );
    for (what, make) in rows::<N>() {
        let instructions = count(what).zip(without_norms).map_or("?".into(), |(with, without)| {
            format!("{:+6.2} %", 100.0 * (with as f64 / without as f64 - 1.0))
        });
        let (mut with_norms, mut without_norms): (Vec<f64>, Vec<f64>) = (0..PAIRS)
            .map(|_| {
                (
                    with::<IN, OUT, N>(&data, EPOCHS_OF_PAIR, make()),
                    without::<IN, OUT, N>(&data, EPOCHS_OF_PAIR),
                )
            })
            .unzip();
        let undisturbed = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[PAIRS / 10]
        };
        let cost = undisturbed(&mut with_norms) / undisturbed(&mut without_norms) - 1.0;
        println!("  {what:34} {instructions:>9} of instructions {:+6.2} % of time", 100.0 * cost);
    }
}

fn main() {
    compare::<100, 1, DeepSigmoid>("10 layers of 100", 640);
    compare::<512, 1, Wide>("3 layers of 512", 320);
    compare::<3, 2, Small>("2 layers of 3", 32_000);
}
