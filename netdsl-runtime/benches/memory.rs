//! The peak of the resident memory of a training, against what it has to keep and against PyTorch.
//!
//! `cargo bench -p netdsl-runtime --bench memory`. PyTorch is measured where there is a `python3` with `torch`. Linux alone
//! says how much memory was resident.

#[path = "../tests/networks/mod.rs"]
mod networks;

use std::process::Command;

use netdsl_runtime::layers::{Adam, Kernel, Layer, OptimizerKernel, Sgd};
use netdsl_runtime::{Network, Progress, Trainer};
use networks::{Huge, uniform};

const EXAMPLES: usize = 512;
const BATCH: usize = 128;
const MEGABYTE: f64 = 1e6;

/// The same in PyTorch: four linear layers of 2048 and one of 1, rectifiers between, three epochs of four batches.
const SCRIPT: &str = "
import sys, torch
def peak():
    lines = open('/proc/self/status').read().splitlines()
    return int([l for l in lines if l.startswith('VmHWM')][0].split()[1]) * 1024
before = peak()
torch.set_num_threads(1)
layers = [m for _ in range(4) for m in (torch.nn.Linear(2048, 2048), torch.nn.ReLU())]
model = torch.nn.Sequential(*layers, torch.nn.Linear(2048, 1))
optimizer = {'Sgd': torch.optim.SGD, 'Adam': torch.optim.Adam}[sys.argv[1]](model.parameters(), lr=1e-5)
x, t = torch.rand(512, 2048), torch.rand(512, 1)
for _ in range(3):
    for k in range(0, 512, 128):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x[k:k + 128]), t[k:k + 128]).backward()
        optimizer.step()
print(before, peak())
";

/// The peak of the resident memory so far, in bytes.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: f64 =
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN);
    kilobytes * 1024.0
}

fn train(optimizer: impl OptimizerKernel<f32> + 'static) {
    let (input, target) = (uniform::<2048>(EXAMPLES, 1), uniform::<1>(EXAMPLES, 2));
    let mut network = Huge::new(1);
    let trainer = Trainer::new(optimizer).epochs(3).batch(BATCH).progress(Progress::Silent);
    trainer.fit(&mut network, &input, &target).unwrap();
}

fn main() {
    if let Ok(optimizer) = std::env::var("NETDSL_MEMORY_OF") {
        let before = peak();
        match optimizer.as_str() {
            "Sgd" => train(Sgd { learning_rate: 1e-5, ..Sgd::default() }),
            _ => train(Adam { learning_rate: 1e-5, ..Adam::default() }),
        }
        println!("{before} {}", peak());
        return;
    }
    let layers = <Huge as Network<f32>>::layers();
    let parameters = 4.0 * layers.sizes().parameters as f64;
    let examples = 4.0 * (EXAMPLES * (2048 + 1)) as f64;
    // What the forward pass saves, the output, and the gradients on the way back.
    let saved = Kernel::<f32>::saved_len(layers, BATCH) + Kernel::<f32>::scratch_len(layers, BATCH);
    let activations = 4.0 * (saved + 2 * BATCH + BATCH * 2048) as f64;
    println!(
        "{:8} {:>10} {:>12} {:>12} {:>8} {:>12}",
        "", "kept", "netdsl peak", "of process", "share", "PyTorch peak"
    );
    for (optimizer, state) in [("Sgd", 0.0), ("Adam", 2.0)] {
        let run = |command: &mut Command| -> Option<[f64; 2]> {
            let output = command.output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            let mut numbers = text.split_whitespace().map(|number| number.parse().ok());
            Some([numbers.next()??, numbers.next()??])
        };
        let kept = parameters * (2.0 + state) + activations + examples;
        let ours = run(Command::new(std::env::current_exe().unwrap()).env("NETDSL_MEMORY_OF", optimizer));
        let theirs = run(Command::new("python3").args(["-c", SCRIPT, optimizer]));
        let [before, after] = ours.unwrap_or([f64::NAN; 2]);
        let theirs = theirs.map_or("not there".into(), |[before, after]| {
            format!("{:.0} MB ({:.0} MB of process)", (after - before) / MEGABYTE, after / MEGABYTE)
        });
        println!(
            "{optimizer:8} {:>7.0} MB {:>9.0} MB {:>9.0} MB {:>7.2} {theirs:>12}",
            kept / MEGABYTE,
            (after - before) / MEGABYTE,
            after / MEGABYTE,
            (after - before) / kept,
        );
    }
}
