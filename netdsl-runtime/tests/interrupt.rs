//! Ctrl-C ends a training after the step, with a checkpoint; the training can be taken up again.

#![cfg(unix)]

mod networks;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use netdsl_runtime::layers::Adam;
use netdsl_runtime::{Checkpoints, End, History, Network, Progress, Trainer};
use networks::{Classifier, uniform};

/// The folder in which a child trains; set by the one that interrupts it.
const FOLDER: &str = "NETDSL_INTERRUPTED_IN";

fn train(folder: &Path, network: &mut Classifier, epochs: usize, delay: bool) -> History {
    let input = uniform::<4>(64, 1);
    let target: Vec<usize> = (0..64).map(|index| index % 3).collect();
    Trainer::new(Adam::default())
        .epochs(epochs)
        .batch(8)
        .progress(Progress::Silent)
        .checkpoints(Checkpoints::to(folder.join("checkpoint")))
        .stop_on_interrupt()
        .on_epoch(|_, _, _| {
            if delay {
                std::fs::write(folder.join("started"), "").unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
            std::ops::ControlFlow::Continue(())
        })
        .fit(network, &input, &target)
        .unwrap()
}

#[test]
fn a_child_trains_until_it_is_interrupted() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let history = train(folder, &mut Classifier::new(1), 1_000_000, true);
    assert_eq!(history.end, End::Interrupted);
    std::fs::write(folder.join("epochs"), history.epochs.len().to_string()).unwrap();
}

#[test]
fn ctrl_c_ends_a_training_with_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_child_trains_until_it_is_interrupted"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !folder.path().join("started").exists() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let epochs: usize = std::fs::read_to_string(folder.path().join("epochs")).unwrap().parse().unwrap();
    // Taken up again it goes on, and ends as one that was not interrupted.
    let mut resumed = Classifier::new(9);
    let history = train(folder.path(), &mut resumed, epochs + 2, false);
    assert_eq!((history.epochs.len(), history.end), (epochs + 2, End::Finished));
    let other = tempfile::tempdir().unwrap();
    let mut undisturbed = Classifier::new(1);
    assert_eq!(train(other.path(), &mut undisturbed, epochs + 2, false).epochs, history.epochs);
    assert_eq!(undisturbed.tensors(), resumed.tensors());
}
