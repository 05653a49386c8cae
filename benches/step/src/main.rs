//! The training step of netdsl beside the matrix products that it consists of.
//!
//! The step and its limit take turns in one process, so that their ratio means something on a machine that others use
//! too. The limit is the better of the crates `gemm` and `matrixmultiply` on the products of the step alone.

mod latency;
mod limit;
mod measure;
mod process;
mod scaling;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Parser;
use limit::{Library, Products};
use measure::{Times, measure};
use netdsl_bench_step::workloads::{Product, WORKLOADS, Workload};
use serde::{Deserialize, Serialize};

/// Times training steps, and the matrix products that they consist of.
#[derive(Debug, Parser)]
struct Options {
    /// The workloads, separated by commas; all where none is named.
    #[arg(long, value_delimiter = ',', ignore_case = true)]
    workloads: Vec<String>,

    /// The numbers of threads, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    threads: Vec<usize>,

    /// How many turns each side gets; the minimum and the median are over these.
    #[arg(long, default_value_t = 25)]
    turns: usize,

    /// Writes the results to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Measures the time from the start of a process to the end of its first step instead, and its memory.
    #[arg(long, visible_alias = "memory", group = "instead")]
    cold_start: bool,

    /// Measures the inference for one example instead.
    #[arg(long, group = "instead")]
    latency: bool,

    /// Measures the step against the width, the depth and the batch instead, and writes a picture to this file.
    #[arg(long, value_name = "FILE", group = "instead")]
    scaling: Option<PathBuf>,

    /// Times each matrix product of the workloads alone, with the kernels of the step and with both libraries.
    #[arg(long, group = "instead")]
    products: bool,

    /// Measures in this process with so many threads, and prints JSON.
    #[arg(long, hide = true)]
    measure: Option<usize>,

    /// Is the process whose first step is measured.
    #[arg(long, hide = true)]
    first_step: bool,
}

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
    for name in &options.workloads {
        if !WORKLOADS.iter().any(|workload| workload.name.eq_ignore_ascii_case(name)) {
            return Err(format!("no workload `{name}`: they are W1 to W{}", WORKLOADS.len()).into());
        }
    }
    let chosen = WORKLOADS.iter().filter(|workload| {
        let named = |name: &String| workload.name.eq_ignore_ascii_case(name);
        options.workloads.is_empty() || options.workloads.iter().any(named)
    });
    if options.products && options.measure.is_some() {
        return products(chosen, options.turns);
    }
    if options.products {
        let status = alone(1)?
            .arg("--products")
            .args(["--turns", &options.turns.to_string()])
            .args(options.workloads.iter().flat_map(|name| ["--workloads", name]))
            .status()?;
        return if status.success() { Ok(()) } else { Err(status.to_string().into()) };
    }
    if let Some(threads) = options.measure {
        for workload in chosen {
            println!("{}", serde_json::to_string(&row(workload, threads, options.turns))?);
        }
        return Ok(());
    }
    print_machine()?;
    let workloads: Vec<&Workload> = chosen.collect();
    println!(
        "{:<5} {:>7} {:>11} {:>11} {:>11} {:>7}",
        "", "threads", "min us", "median us", "limit us", "ratio"
    );
    let mut rows: Vec<Row> = Vec::new();
    for workload in workloads {
        for threads in &options.threads {
            let output = alone(*threads)?
                .args(["--workloads", workload.name, "--turns", &options.turns.to_string()])
                .output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
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
        std::fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")?;
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

fn row(workload: &Workload, threads: usize, turns: usize) -> Row {
    let mut step = (workload.step)();
    let [mut gemm, mut other] = [(); 2].map(|()| Products::new((workload.products)()));
    let times = measure(
        &mut [
            &mut || {
                std::hint::black_box(step());
            },
            &mut || gemm.run(Library::Gemm, threads),
            &mut || other.run(Library::MatrixMultiply, threads),
        ],
        turns,
    );
    let [ours, gemm, other]: [Times; 3] = times.try_into().expect("three are measured");
    let (library, limit_us) =
        if gemm.min < other.min { ("gemm", gemm.min) } else { ("matrixmultiply", other.min) };
    Row {
        workload: workload.name.into(),
        peer: "netdsl".into(),
        threads,
        min_us: ours.min,
        median_us: ours.median,
        limit_us,
        limit: Some(library.into()),
    }
}

/// Prints the times of each product on its own, one thread each.
fn products<'a>(
    workloads: impl Iterator<Item = &'a Workload>,
    turns: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    print_machine()?;
    println!(
        "{:>5} {:>5} {:>6}  {:<8} {:>10} {:>10} {:>14} {:>6}",
        "rows", "inner", "colum.", "", "netdsl us", "gemm us", "matrixmult. us", "ratio"
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
            "{rows:>5} {inner:>5} {columns:>6}  {form:<8} {ours:>10.1} {gemm:>10.1} {other:>14.1} {ratio:>6.2}"
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
