//! How long a block takes to compile: `cargo bench --bench compile_time`.
//!
//! Writes a package with one network, builds it, and times cargo on the package alone after a change of its file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 5;

/// The ways to build: what cargo is asked for.
const MODES: [(&str, &[&str]); 3] =
    [("check", &["check"]), ("debug", &["build"]), ("release", &["build", "--release"])];

fn repeated(count: usize) -> String {
    format!("[Dense(100, activation = Relu, init = HeNormal); {count}]")
}

fn distinct(count: usize) -> String {
    let layers = (0..count).map(|index| format!("Dense({}, activation = Relu, init = HeNormal)", 50 + index));
    layers.collect::<Vec<_>>().join(", ")
}

fn source(layers: &str) -> String {
    format!(
        "use netdsl::prelude::*;\n\nnetwork! {{\n    pub struct Net {{\n        input: [100] ~ Uniform(0.0, 1.0),\n        \
         {layers},\n        output: Dense(1),\n        loss: MeanSquaredError,\n        \
         optimizer: Sgd(learning_rate = 0.01),\n    }}\n}}\n\nfn main() {{\n    let mut network = Net::<f32>::new(1);\n    \
         let fitted = Trainer::new(Net::<f32>::optimizer()).fit(&mut network, &[[0.5; 100]], &[[0.5]]);\n    \
         println!(\"{{}}\", fitted.is_ok());\n}}\n"
    )
}

fn package() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
    std::fs::create_dir_all(package.join("src")).expect("the target folder can be written");
    let manifest = format!(
        "[package]\nname = \"compile_time\"\nedition = \"2024\"\n\n[dependencies]\nnetdsl = {{ path = {root:?} }}\n\n[workspace]\n"
    );
    std::fs::write(package.join("Cargo.toml"), manifest).expect("the target folder can be written");
    std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))
        .expect("the workspace has a lock file");
    package
}

fn cargo(package: &Path, arguments: &[&str]) -> f64 {
    let begun = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--quiet", "--target-dir"])
        .arg(package.join("target"))
        .current_dir(package)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .stderr(Stdio::inherit())
        .status()
        .expect("cargo runs this bench and can run again");
    assert!(status.success(), "the package of the bench builds");
    begun.elapsed().as_secs_f64()
}

/// The median of a few runs, each after a change of the file.
fn seconds(package: &Path, source: &str, arguments: &[&str]) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|run| {
            let text = format!("{source}// {run}\n");
            std::fs::write(package.join("src/main.rs"), text).expect("the target folder can be written");
            cargo(package, arguments)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn main() {
    let package = package();
    let empty = "fn main() {}\n";
    for (_, arguments) in MODES {
        seconds(&package, empty, arguments);
    }
    println!("seconds of wall-clock, without incremental compilation, over that of an empty `main`");
    println!("on {} cores of {}", std::thread::available_parallelism().map_or(0, usize::from), processor());
    println!("{:30}{:>10}{:>10}{:>10}", "network", "check", "debug", "release");
    let base = MODES.map(|(_, arguments)| seconds(&package, empty, arguments));
    println!("{:30}{:>10.2}{:>10.2}{:>10.2}", "(empty `main` itself)", base[0], base[1], base[2]);
    for (name, layers) in [("equal", repeated as fn(usize) -> String), ("distinct", distinct)] {
        for count in [10, 100, 1000] {
            let source = source(&layers(count));
            let times: [f64; MODES.len()] =
                std::array::from_fn(|index| seconds(&package, &source, MODES[index].1) - base[index]);
            println!(
                "{:30}{:>10.2}{:>10.2}{:>10.2}",
                format!("{count} {name} layers"),
                times[0],
                times[1],
                times[2]
            );
        }
    }
}

fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("an unknown processor".into(), |model| model.trim_start_matches([' ', '\t', ':']).into())
}
