//! What a process that trains W1 takes until its first step is finished, and how much memory.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use netdsl_bench_step::workloads::WORKLOADS;

/// How many steps follow the first before the memory is read.
const STEPS: usize = 200;

/// How many processes are started.
const PROCESSES: usize = 30;

/// The process that is measured: says when its first step is finished, and after more steps how much memory it ever had.
pub(crate) fn be_measured() -> std::io::Result<()> {
    let mut step = (WORKLOADS[0].step)();
    step();
    let mut out = std::io::stdout();
    out.write_all(b"\n")?;
    out.flush()?;
    for _ in 0..STEPS {
        step();
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.map(|text| text.trim().trim_end_matches("kB").trim());
    writeln!(out, "{}", peak.unwrap_or("0"))
}

/// The milliseconds from the start of a process to the end of its first step, and the MiB of memory that it ever had.
fn measure() -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut process =
        Command::new(std::env::current_exe()?).arg("--first-step").stdout(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(process.stdout.take().ok_or("no output")?);
    let mut line = String::new();
    out.read_line(&mut line)?;
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    line.clear();
    out.read_line(&mut line)?;
    process.wait()?;
    Ok((milliseconds, line.trim().parse::<f64>()? / 1024.0))
}

/// Starts processes one after the other, and prints what they take.
pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut taken = (0..PROCESSES).map(|_| measure()).collect::<Result<Vec<_>, _>>()?;
    taken.sort_by(|one, other| one.0.total_cmp(&other.0));
    let memory = taken.iter().map(|(_, memory)| *memory).fold(0.0, f64::max);
    println!("W1, {PROCESSES} processes");
    let (least, median) = (taken[0].0, taken[PROCESSES / 2].0);
    println!("start to end of the first step: {least:.2} ms at least, {median:.2} ms in the median");
    println!("resident memory after {STEPS} steps more: {memory:.1} MiB at most");
    Ok(())
}
