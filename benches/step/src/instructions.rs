//! The instructions of a step, counted by valgrind, beside those that are stored.
//!
//! Valgrind's processor has AVX2 and no AVX-512, whatever the machine has: the counts are of that. A machine that has not
//! even AVX2 has other counts, and is left out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::workloads::WORKLOADS;

/// The workloads whose instructions are counted, and over how many steps.
const COUNTED: [(&str, u64); 3] = [("W1", 20), ("W4", 10), ("W7", 1000)];

/// By how much of what is stored a count may be larger: what the versions of the system's libraries make out.
const TOLERANCE: f64 = 0.02;

/// What the process that is counted ends with where the processor lacks the registers.
const NO_REGISTERS: i32 = 3;

/// Counts the instructions, and compares them with those that are stored or stores them.
pub(crate) fn run(store: bool) -> Result<(), Box<dyn std::error::Error>> {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: valgrind is not here to count instructions");
        return Ok(());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    let stored: BTreeMap<String, u64> = match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => BTreeMap::new(),
    };
    let (mut counts, mut grown) = (BTreeMap::new(), Vec::new());
    println!("{:<5} {:>12} {:>12} {:>8}", "", "instructions", "stored", "ratio");
    for (name, steps) in COUNTED {
        let Some(total) = count(name)? else {
            println!("skipped: the counts are of a processor with AVX2");
            return Ok(());
        };
        let each = total / steps;
        counts.insert(name.to_owned(), each);
        let Some(stored) = stored.get(name) else {
            println!("{name:<5} {each:>12}");
            continue;
        };
        let ratio = each as f64 / *stored as f64;
        println!("{name:<5} {each:>12} {stored:>12} {ratio:>8.3}");
        if ratio > 1.0 + TOLERANCE {
            grown.push(format!("{name} takes {ratio:.3} of the instructions that are stored"));
        } else if ratio < 1.0 - TOLERANCE {
            println!("{name} takes fewer than are stored: store them with `--instructions --store`");
        }
    }
    if store {
        std::fs::write(path, serde_json::to_string_pretty(&counts)? + "\n")?;
    } else if !grown.is_empty() {
        return Err(grown.join("; ").into());
    }
    Ok(())
}

/// The instructions of all counted steps of a workload; `None` where the processor lacks the registers.
fn count(name: &str) -> Result<Option<u64>, Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("netdsl-{}-{name}.callgrind", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no", "--toggle-collect=*counted_steps*"])
        .arg(format!("--callgrind-out-file={}", path.display()))
        .arg(std::env::current_exe()?)
        .args(["--count", name])
        .status()?;
    if status.code() == Some(NO_REGISTERS) {
        return Ok(None);
    }
    if !status.success() {
        return Err(format!("{name} under valgrind: {status}").into());
    }
    let text = std::fs::read_to_string(&path)?;
    std::fs::remove_file(&path)?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("callgrind has no totals")?;
    Ok(Some(total.trim().parse()?))
}

/// Runs the steps of a workload that are counted, in a process of its own.
pub(crate) fn be_counted(name: &str) -> std::process::ExitCode {
    #[cfg(target_arch = "x86_64")]
    let registers = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    let registers = false;
    let steps = COUNTED.iter().find(|(counted, _)| *counted == name).map(|(_, steps)| *steps);
    let workload = WORKLOADS.iter().find(|workload| workload.name == name);
    let (Some(steps), Some(workload), true) = (steps, workload, registers) else {
        return std::process::ExitCode::from(NO_REGISTERS as u8);
    };
    let mut step = (workload.step)();
    // The first sets up what the others find.
    step();
    step();
    counted_steps(&mut *step, steps);
    std::process::ExitCode::SUCCESS
}

/// What valgrind counts, by this name.
#[inline(never)]
fn counted_steps(step: &mut dyn FnMut() -> f64, steps: u64) {
    for _ in 0..steps {
        std::hint::black_box(step());
    }
}
