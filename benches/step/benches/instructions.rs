//! The instructions of a step, counted by valgrind and held against those that are stored here:
//! `cargo bench --features instructions --bench instructions`.
//!
//! Valgrind's processor has AVX2 and no AVX-512, whatever the machine has: the counts are of that.

#![allow(missing_docs, reason = "what the macros make has none")]

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use netdsl_bench_step::workloads::{Step, WORKLOADS};

/// The percentage of what is stored by which a count may be larger: what the versions of the system's libraries make out,
/// and what the compiler makes of the same code when something beside it changes.
const TOLERANCE: u64 = 2;

/// Fails where a step takes more instructions than stored.
fn stored(instructions: u64) -> LibraryBenchmarkConfig {
    let limit = instructions + instructions * TOLERANCE / 100;
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.hard_limits([(EventKind::Ir, limit)]);
    let mut config = LibraryBenchmarkConfig::default();
    // The machines differ in how many processors they have.
    config.tool(callgrind).env("NETDSL_NUM_THREADS", "1");
    config
}

/// The step of a workload, after the first ones have set up what the others find.
fn settled(name: &str) -> Step {
    let workload = WORKLOADS.iter().find(|workload| workload.name == name).expect("it is one of them");
    let mut step = (workload.step)();
    step();
    step();
    step
}

// The step is given back, so that it is not dropped while instructions are counted.
#[library_benchmark(setup = settled)]
#[bench::w1(args = ("W1"), config = stored(3_873_704))]
#[bench::w4(args = ("W4"), config = stored(9_298_962))]
#[bench::w7(args = ("W7"), config = stored(39_370))]
fn step(mut step: Step) -> (Step, f64) {
    let loss = step();
    (step, loss)
}

library_benchmark_group!(name = instructions, benchmarks = step);
main!(library_benchmark_groups = instructions);
