//! What the thresholds of the verdicts on a loss let through and what they miss, on trainings whose trouble is known.
//!
//! `cargo bench -p netdsl-runtime --bench verdicts` trains each of them with 25 seeds and prints in how many of them a plateau
//! and an oscillation is seen at least once, for the thresholds of `Monitor` and for others: of the falls and swings in the
//! order of the constants.

#[path = "../src/course.rs"]
mod course;
#[path = "../tests/networks/mod.rs"]
mod networks;

use course::Course;
use netdsl_runtime::layers::{Adam, OptimizerKernel, Sgd};
use netdsl_runtime::{Epoch, Error, Moment, Network, Observer, Progress, Trainer};
use networks::{Classifier, DeepSigmoid, Small, uniform};

const SEEDS: u64 = 25;
const STEPS: usize = 1200;

/// The lengths of a course, the shares of the loss that it has to fall by, and the shares by which it may swing where it falls by less
/// than `FALLING`.
const COURSES: [usize; 2] = [200, 400];
const FALLS: [f64; 4] = [1e-4, 1e-3, 3e-3, 1e-2];
const SWINGS: [f64; 4] = [0.05, 0.1, 0.15, 0.2];
const FALLING: f64 = 0.05;

#[derive(Default)]
struct Losses(Vec<f64>);

impl<N: Network<f32>> Observer<f32, N> for Losses {
    fn begin(&mut self, _network: &N) -> Result<(), Error> {
        Ok(())
    }
    fn step(&mut self, _network: &N, moment: &Moment<'_, f32>) -> Result<(), Error> {
        self.0.push(moment.report.loss);
        Ok(())
    }
    fn epoch(&mut self, _network: &N, _number: usize, _epoch: &Epoch) -> Result<(), Error> {
        Ok(())
    }
    fn failed(&mut self, _network: &N, _moment: &Moment<'_, f32>) -> Result<(), Error> {
        Ok(())
    }
}

fn trainer<'a, N: Network<f32>>(
    optimizer: impl OptimizerKernel<f32> + 'static,
    losses: &'a mut Losses,
    examples: usize,
    batch: usize,
) -> Trainer<'a, f32, N> {
    let epochs = STEPS.div_ceil(examples / batch);
    Trainer::new(optimizer).epochs(epochs).batch(batch).progress(Progress::Silent).observe(losses)
}

/// Classes from a rule, a tenth of them wrong.
fn classes(optimizer: impl OptimizerKernel<f32> + 'static, batch: usize, seed: u64) -> Vec<f64> {
    const EXAMPLES: usize = 1024;
    let (input, chance) = (uniform::<4>(EXAMPLES, seed), uniform::<2>(EXAMPLES, seed + 1000));
    let right = |row: &[f32; 4]| usize::from(row[0] * row[1] > 0.25) + usize::from(row[2] > row[3]);
    let pairs = input.iter().zip(&chance);
    let target: Vec<usize> = pairs
        .map(|(row, chance)| if chance[0] < 0.1 { (chance[1] * 3.0) as usize } else { right(row) })
        .collect();
    let mut losses = Losses::default();
    let trainer = trainer(optimizer, &mut losses, EXAMPLES, batch);
    let _ = trainer.fit(&mut Classifier::new(seed), &input, &target);
    losses.0
}

/// A smooth function with noise.
fn values(optimizer: impl OptimizerKernel<f32> + 'static, batch: usize, seed: u64) -> Vec<f64> {
    const EXAMPLES: usize = 512;
    let (input, noise) = (uniform::<3>(EXAMPLES, seed), uniform::<2>(EXAMPLES, seed + 1000));
    let value = |(row, noise): (&[f32; 3], &[f32; 2])| {
        [(3.0 * row[0]).sin() * row[1] + 0.2 * noise[0], (4.0 * row[2]).cos() + row[0] + 0.2 * noise[1]]
    };
    let target: Vec<[f32; 2]> = input.iter().zip(&noise).map(value).collect();
    let mut losses = Losses::default();
    let trainer = trainer(optimizer, &mut losses, EXAMPLES, batch);
    let _ = trainer.fit(&mut Small::new(seed), &input, &target);
    losses.0
}

/// A network whose gradient vanishes, and targets that there is nothing to be learnt of.
fn vanishing(seed: u64) -> Vec<f64> {
    const EXAMPLES: usize = 640;
    let (input, target) = (uniform::<100>(EXAMPLES, seed), uniform::<1>(EXAMPLES, seed + 1000));
    let mut losses = Losses::default();
    let trainer = trainer(Sgd::default(), &mut losses, EXAMPLES, 32);
    let _ = trainer.fit(&mut DeepSigmoid::new(seed), &input, &target);
    losses.0
}

fn sgd(learning_rate: f64) -> Sgd {
    Sgd { learning_rate, ..Sgd::default() }
}

fn adam(learning_rate: f64) -> Adam {
    Adam { learning_rate, ..Adam::default() }
}

/// The losses of a training with a seed.
type Training = (&'static str, Box<dyn Fn(u64) -> Vec<f64>>);

fn main() {
    let trainings: Vec<Training> = vec![
        ("healthy: classes, Adam 1e-3, 32", Box::new(|seed| classes(adam(1e-3), 32, seed))),
        ("healthy: classes, Adam 1e-3, 8", Box::new(|seed| classes(adam(1e-3), 8, seed))),
        ("healthy: classes, SGD 0.01, 32", Box::new(|seed| classes(sgd(0.01), 32, seed))),
        ("healthy: values, Adam 1e-3, 16", Box::new(|seed| values(adam(1e-3), 16, seed))),
        ("healthy: values, SGD 0.01, 16", Box::new(|seed| values(sgd(0.01), 16, seed))),
        ("healthy: values, SGD 0.01, 4", Box::new(|seed| values(sgd(0.01), 4, seed))),
        ("stays: classes, SGD 1e-7, 32", Box::new(|seed| classes(sgd(1e-7), 32, seed))),
        ("stays: values, SGD 1e-7, 16", Box::new(|seed| values(sgd(1e-7), 16, seed))),
        ("stays: vanishing gradient", Box::new(vanishing)),
        ("swings: classes, Adam 1, 32", Box::new(|seed| classes(adam(1.0), 32, seed))),
        ("swings: values, SGD 0.5, 16", Box::new(|seed| values(sgd(0.5), 16, seed))),
        ("swings: values, Adam 0.3, 16", Box::new(|seed| values(adam(0.3), 16, seed))),
        ("swings: values, Adam 1, 16", Box::new(|seed| values(adam(1.0), 16, seed))),
    ];
    for (name, losses) in trainings {
        let runs: Vec<Vec<f64>> = (1..=SEEDS).map(losses).collect();
        println!("{name}");
        for length in COURSES {
            let share = |seen: &dyn Fn(Course) -> bool| {
                let in_one = |run: &Vec<f64>| run.chunks_exact(length).map(Course::of).any(seen);
                100 * runs.iter().filter(|run| in_one(run)).count() / runs.len()
            };
            print!("  {length} steps: plateau");
            for fall in FALLS {
                print!(" {:>4}", share(&|course| course.fall < fall));
            }
            print!(" %, oscillating");
            for swing in SWINGS {
                print!(" {:>4}", share(&|course| course.swing > swing && course.fall < FALLING));
            }
            println!(" %");
        }
    }
}
