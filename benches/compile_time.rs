//! How long a block takes to compile: `cargo bench --bench compile_time`.
//!
//! Writes a package with one network, builds it, and times cargo on the package alone after a change of its file.
//! What came of it stands in `docs/compile-time.md`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 3;

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

/// What a run of cargo takes, in seconds: the time of the processors in it, the compiler and the linker, and the time on
/// the wall. Only the first says something on a machine that does other work.
#[derive(Debug, Clone, Copy)]
struct Cost {
    processor: f64,
    wall: f64,
}

impl Cost {
    const NONE: Self = Self { processor: f64::INFINITY, wall: f64::INFINITY };

    fn least(self, other: Self) -> Self {
        Self { processor: self.processor.min(other.processor), wall: self.wall.min(other.wall) }
    }
}

fn cargo(package: &Path, arguments: &[&str]) -> Cost {
    let (begun, before) = (Instant::now(), processor_seconds_of_children());
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
    Cost { processor: processor_seconds_of_children() - before, wall: begun.elapsed().as_secs_f64() }
}

#[cfg(unix)]
fn processor_seconds_of_children() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("a process may ask for its own children");
    usage.user_time().num_microseconds() as f64 * 1e-6
}

/// Not measured here.
#[cfg(not(unix))]
fn processor_seconds_of_children() -> f64 {
    f64::NAN
}

/// What it takes to build the package after a change of its file.
fn cost(package: &Path, source: &str, arguments: &[&str]) -> Cost {
    std::fs::write(package.join("src/main.rs"), source).expect("the target folder can be written");
    cargo(package, arguments)
}

fn main() {
    let package = package();
    let mut networks = vec![("(empty `main`)".to_string(), "fn main() {}\n".to_string())];
    for (name, layers) in [("equal", repeated as fn(usize) -> String), ("distinct", distinct)] {
        networks
            .extend([10, 100, 1000].map(|count| (format!("{count} {name} layers"), source(&layers(count)))));
    }
    for (_, arguments) in MODES {
        cost(&package, &networks[0].1, arguments);
    }
    let mut costs = vec![[Cost::NONE; MODES.len()]; networks.len()];
    // In turns, so that what else the machine does meets all of them alike.
    for run in 0..RUNS {
        for ((name, source), costs) in networks.iter().zip(&mut costs) {
            for ((mode, arguments), least) in MODES.iter().zip(costs) {
                *least = least.least(cost(&package, &format!("{source}// {run}\n"), arguments));
                eprintln!("run {run}: {name}, {mode}: {least:.2?}");
            }
        }
    }
    println!("{} cores of {}", std::thread::available_parallelism().map_or(0, usize::from), processor());
    println!(
        "the least of {RUNS} runs without incremental compilation, in seconds over that of an empty `main`"
    );
    print("user time of the processors", &networks, &costs, |cost| cost.processor);
    print("wall-clock", &networks, &costs, |cost| cost.wall);
}

fn print(
    title: &str,
    networks: &[(String, String)],
    costs: &[[Cost; MODES.len()]],
    seconds: fn(Cost) -> f64,
) {
    print!("\n{title:30}");
    MODES.iter().for_each(|(mode, _)| print!("{mode:>10}"));
    let empty = costs[0];
    for (index, ((name, _), costs)) in networks.iter().zip(costs).enumerate() {
        print!("\n{name:30}");
        for (mode, cost) in costs.iter().enumerate() {
            let base = if index == 0 { 0.0 } else { seconds(empty[mode]) };
            print!("{:>10.2}", seconds(*cost) - base);
        }
    }
    println!();
}

fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("an unknown processor".into(), |model| model.trim_start_matches([' ', '\t', ':']).into())
}
