//! The training step of netdsl beside the matrix products that it consists of.
//!
//! The step and its limit take turns in one process, so that their ratio means something on a machine that others use
//! too. The limit is the better of the crates `gemm` and `matrixmultiply` on the products of the step alone.

mod latency;
mod limit;
mod measure;
mod options;
mod output;
mod process;
mod scaling;

use std::process::{Command, ExitCode, ExitStatus, Stdio};

use clap::Parser;
use limit::{Library, Products, step_and_limit};
use measure::measure;
use netdsl_bench_step::workloads::{Product, WORKLOADS, Workload};
use options::Options;
use serde::{Deserialize, Serialize};

/// A line of the table, and an object of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    workload: String,
    peer: String,
    threads: usize,
    min_us: f64,
    median_us: f64,
    limit_us: f64,
    /// Which library the limit is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    if options.first_step {
        return Ok(process::be_measured()?);
    }
    if options.cold_start {
        return process::run();
    }
    if options.latency {
        latency::run(options.turns);
        return Ok(());
    }
    if let Some(path) = &options.scaling {
        return scaling::run(options.turns, path);
    }
    if options.products && options.measure.is_some() {
        return products(options.workloads(), options.turns);
    }
    if options.products {
        let status = alone(1)?
            .arg("--products")
            .args(["--turns", &options.turns.to_string()])
            .args(options.workloads().flat_map(|workload| ["--workloads", workload.name]))
            .status()?;
        return if status.success() { Ok(()) } else { Err(failed("the products", status)) };
    }
    if let Some(threads) = options.measure {
        for workload in options.workloads() {
            println!("{}", serde_json::to_string(&row(workload, threads, options.turns))?);
        }
        return Ok(());
    }
    if let Some(path) = &options.json {
        output::check(path)?;
    }
    print_machine()?;
    println!(
        "{:<5} {:>7} {:>11} {:>11} {:>11} {:>7}",
        "", "threads", "min us", "median us", "limit us", "ratio"
    );
    let mut rows: Vec<Row> = Vec::new();
    for workload in options.workloads() {
        for threads in &options.threads {
            let output = alone(*threads)?
                .args(["--workloads", workload.name, "--turns", &options.turns.to_string()])
                .stderr(Stdio::inherit())
                .output()?;
            if !output.status.success() {
                return Err(failed(workload.name, output.status));
            }
            let row: Row = serde_json::from_slice(&output.stdout)?;
            println!(
                "{:<5} {:>7} {:>11.1} {:>11.1} {:>11.1} {:>7.3}  ({})",
                row.workload,
                row.threads,
                row.min_us,
                row.median_us,
                row.limit_us,
                row.min_us / row.limit_us,
                row.limit.as_deref().unwrap_or_default(),
            );
            rows.push(Row { limit: None, ..row });
        }
    }
    for workload in &WORKLOADS {
        if rows.iter().any(|row| row.workload == workload.name) {
            println!("{}: {}", workload.name, workload.describe);
        }
    }
    if let Some(path) = &options.json {
        output::write(path, &(serde_json::to_string_pretty(&rows)? + "\n"))?;
    }
    Ok(())
}

/// This program in a process of its own, to measure with so many threads: libraries read their number once.
fn alone(threads: usize) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--measure", &threads.to_string()]);
    for variable in ["NETDSL_NUM_THREADS", "MATMUL_NUM_THREADS", "RAYON_NUM_THREADS"] {
        command.env(variable, threads.to_string());
    }
    Ok(command)
}

/// What such a process could not do has been said by itself.
fn failed(what: &str, status: ExitStatus) -> Box<dyn std::error::Error> {
    format!("the process that measures {what} ended with {status}").into()
}

fn row(workload: &Workload, threads: usize, turns: usize) -> Row {
    let (step, limit) = step_and_limit((workload.step)(), (workload.products)(), threads, turns);
    Row {
        workload: workload.name.into(),
        peer: "netdsl".into(),
        threads,
        min_us: step.min,
        median_us: step.median,
        limit_us: limit.microseconds,
        limit: Some(limit.library.into()),
    }
}

/// Prints the times of each product on its own, one thread each.
fn products<'a>(
    workloads: impl Iterator<Item = &'a Workload>,
    turns: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    print_machine()?;
    println!(
        "{:>5} {:>5} {:>7}  {:<8} {:>10} {:>10} {:>17} {:>6}",
        "rows", "inner", "columns", "", "netdsl us", "gemm us", "matrixmultiply us", "ratio"
    );
    let mut seen = Vec::new();
    for product in workloads.flat_map(|workload| (workload.products)()) {
        let product = Product { times: 1, ..product };
        if seen.contains(&product) {
            continue;
        }
        seen.push(product);
        let libraries = [Library::Netdsl, Library::Gemm, Library::MatrixMultiply];
        let mut operands = libraries.map(|_| Products::new(vec![product]));
        let [ours, gemm, other] = &mut operands;
        let times = measure(
            &mut [&mut || ours.run(Library::Netdsl, 1), &mut || gemm.run(Library::Gemm, 1), &mut || {
                other.run(Library::MatrixMultiply, 1)
            }],
            turns,
        );
        let Product { rows, inner, columns, transposed, .. } = product;
        let form = match transposed {
            [false, false] => "a b",
            [false, true] => "a bT",
            [true, false] => "aT b",
            [true, true] => "aT bT",
        };
        let [ours, gemm, other] = [0, 1, 2].map(|index| times[index].min);
        let ratio = ours / gemm.min(other);
        println!(
            "{rows:>5} {inner:>5} {columns:>7}  {form:<8} {ours:>10.1} {gemm:>10.1} {other:>17.1} {ratio:>6.2}"
        );
    }
    Ok(())
}

/// The processor and the versions.
fn print_machine() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let cores = std::thread::available_parallelism()?;
    println!(
        "{}, {cores} cores, {}",
        model.as_deref().unwrap_or("unknown processor"),
        std::env::consts::ARCH
    );
    let lock = include_str!("../Cargo.lock");
    for package in ["netdsl", "gemm", "matrixmultiply"] {
        let header = format!("name = \"{package}\"\nversion = \"");
        if let Some((_, rest)) = lock.split_once(&header) {
            print!("{package} {}  ", rest.split('"').next().unwrap_or_default());
        }
    }
    println!();
    Ok(())
}
