//! A training that is killed at random moments and resumed each time ends in the same bits as one that is not.
//!
//! Five times here; `NETDSL_KILLS=100 cargo test --release -p netdsl-runtime --test killed` does it a hundred times.

mod networks;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use netdsl_runtime::layers::Adam;
use netdsl_runtime::metrics::Accuracy;
use netdsl_runtime::{Checkpoints, Network, Progress, Trainer};
use networks::{Classifier, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The folder in which the process that is to be killed trains; set by the one that kills.
const FOLDER: &str = "NETDSL_KILLED_IN";
const CHECKPOINT: &str = "checkpoint.safetensors";
const RESULT: &str = "result.safetensors";

/// Trains as long as it may, and writes the network in the end. Does nothing where it is not asked to.
#[test]
fn train_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let input = uniform::<4>(64, 1);
    let target: Vec<usize> = (0..64).map(|index| index * index % 3).collect();
    let mut network = Classifier::new(1);
    let epochs = std::fs::read_to_string(folder.join("epochs")).unwrap().parse().unwrap();
    Trainer::new(Adam::default())
        .epochs(epochs)
        .batch(8)
        .average(0.99)
        .metric(Accuracy)
        .progress(Progress::Silent)
        .checkpoints(Checkpoints::to(folder.join(CHECKPOINT)).every_steps(3))
        .fit(&mut network, &input, &target)
        .unwrap();
    network.save(folder.join(RESULT)).unwrap();
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "train_until_killed"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The bytes of the result of a training that is killed so often, each time after a moment of at most `longest`, and how often
/// a kill found it at work.
fn train(epochs: usize, kills: usize, longest: Duration) -> (Vec<u8>, usize) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("epochs"), epochs.to_string()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut hits = 0;
    for _ in 0..kills {
        let mut child = start(folder.path());
        // From before the first line of the process on.
        std::thread::sleep(longest.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX)));
        hits += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.path().join(RESULT).exists() {
            break;
        }
    }
    assert!(start(folder.path()).wait().unwrap().success());
    (std::fs::read(folder.path().join(RESULT)).unwrap(), hits)
}

#[test]
fn killed_and_resumed_is_the_same_as_undisturbed() {
    let kills = std::env::var("NETDSL_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let epochs = 16 * kills;
    let start = Instant::now();
    let (undisturbed, _) = train(epochs, 0, Duration::ZERO);
    // Half of the training is over when the last kill finds it at work.
    let (resumed, hits) = train(epochs, kills, start.elapsed() / kills as u32);
    assert!(undisturbed == resumed, "the bits differ after {hits} kills");
    println!("{hits} of {kills} kills found the training at work");
    assert!(hits > kills / 2, "{hits} of {kills} kills found the training at work");
}
