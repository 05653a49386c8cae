//! The time of a step against the width, the depth and the batch, beside the limit, as a picture.

use std::path::Path;

use netdsl::prelude::*;
use netdsl_bench_step::workloads::{Step, chain, step, values};
use netdsl_plot::{Plot, Series, picture};

use crate::limit::step_and_limit;
use crate::output;

/// How many examples a batch has where it is not what varies.
const BATCH: usize = 32;

/// A network of so many layers of so many units, and the steps of a batch.
type Network = (usize, usize, fn(usize) -> Step);

/// Networks of relu layers, of these widths and depths.
macro_rules! networks {
    ($($name:ident $width:literal x $depth:literal),+ $(,)?) => {
        $(network! {
            struct $name {
                input: [$width] ~ Uniform(0.0, 1.0),
                #[allow(vanishing_gradient)]
                hidden: [Dense($width, activation = Relu, init = HeNormal); $depth],
                output: Dense(1),
                loss: MeanSquaredError,
                batch: 32,
                #[allow(step_too_small)]
                optimizer: Sgd(learning_rate = 0.000001),
            }
        })+

        const NETWORKS: &[Network] = &[
            $(($width, $depth, |batch| step::<$name, _>(batch, &$name::optimizer(), values(batch)))),+
        ];
    };
}

networks! {
    Width16 16 x 3, Width32 32 x 3, Width64 64 x 3, Width128 128 x 3, Width256 256 x 3, Width512 512 x 3,
    Width1024 1024 x 3, Width2048 2048 x 3, Width4096 4096 x 3,
    Depth1 64 x 1, Depth2 64 x 2, Depth5 64 x 5, Depth10 64 x 10, Depth30 64 x 30, Depth100 64 x 100,
    Depth300 64 x 300, Depth1000 64 x 1000,
}

/// The batches, and the width and depth of the network that they are put through.
const BATCHES: [usize; 9] = [1, 4, 16, 64, 128, 256, 512, 1024, 4096];
const BATCHED: (usize, usize) = (128, 3);

/// The width of the networks whose depth varies, and the depth of those whose width does.
const WIDTH: usize = 64;
const DEPTH: usize = 3;

/// A point of a plot: what varies, and the microseconds of the step and of its limit.
struct Point {
    at: usize,
    step: f64,
    limit: f64,
}

/// Measures one step and its limit, in turns.
fn point(at: usize, (width, depth, new): Network, batch: usize, turns: usize) -> Point {
    let mut widths = vec![width; depth + 1];
    widths.push(1);
    let (step, limit) = step_and_limit(new(batch), chain(batch, &widths), 1, turns);
    let point = Point { at, step: step.min, limit: limit.microseconds };
    println!("{:>6} {:>12.2} {:>12.2} {:>7.2}", at, point.step, point.limit, point.step / point.limit);
    point
}

/// The plot of some points, both axes logarithmic.
#[allow(clippy::disallowed_methods, reason = "a picture may differ between machines in the last bit")]
fn plot(title: &'static str, x: &'static str, points: &[Point]) -> Plot {
    let series = |label: &str, value: fn(&Point) -> f64| Series {
        label: label.into(),
        points: points.iter().map(|point| ((point.at as f64).log2(), value(point).log10())).collect(),
        ..Series::default()
    };
    Plot {
        title,
        x,
        y: "microseconds a step",
        logarithmic: true,
        series: vec![series("step", |point| point.step), series("limit", |point| point.limit)],
    }
}

/// Measures all, prints the tables and writes the picture.
pub(crate) fn run(turns: usize, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    output::check(path)?;
    let table = |what: &str| println!("{what:>6} {:>12} {:>12} {:>7}", "step us", "limit us", "ratio");
    table("width");
    let widths: Vec<Point> = NETWORKS
        .iter()
        .filter(|(_, depth, _)| *depth == DEPTH)
        .map(|network| point(network.0, *network, BATCH, turns))
        .collect();
    table("depth");
    let depths: Vec<Point> = NETWORKS
        .iter()
        .filter(|(width, depth, _)| *width == WIDTH && *depth != DEPTH)
        .map(|network| point(network.1, *network, BATCH, turns))
        .collect();
    table("batch");
    let network = NETWORKS.iter().find(|(width, depth, _)| (*width, *depth) == BATCHED);
    let network = network.ok_or("no network for the batches")?;
    let batches: Vec<Point> = BATCHES.iter().map(|batch| point(*batch, *network, *batch, turns)).collect();
    let plots = [
        plot("width, of 3 layers and 32 examples", "binary logarithm of the units", &widths),
        plot("depth, of 64 units and 32 examples", "binary logarithm of the layers", &depths),
        plot("batch, of 3 layers of 128 units", "binary logarithm of the examples", &batches),
    ];
    let notes = [
        "One thread. The limit is the matrix products of the step alone, by the better of the crates gemm and \
                  matrixmultiply, in turns with the step.",
    ];
    Ok(output::write(path, &picture("The time of a training step", &plots, &notes.map(String::from))?)?)
}
