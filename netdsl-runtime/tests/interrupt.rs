//! Ctrl-C ends a training after the step, with a checkpoint, and pressed twice the process; the training can be taken up again.

#![cfg(unix)]

mod networks;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use netdsl_runtime::layers::Adam;
use netdsl_runtime::{Checkpoints, End, History, Network, Progress, Trainer};
use networks::{Classifier, uniform};

/// The folder in which a child trains; set by the one that interrupts it.
const FOLDER: &str = "NETDSL_INTERRUPTED_IN";
/// The milliseconds that it takes in each epoch.
const DELAY: &str = "NETDSL_INTERRUPTED_DELAY";

fn train(folder: &Path, network: &mut Classifier, epochs: usize, delay: Option<Duration>) -> History {
    let input = uniform::<4>(64, 1);
    let target: Vec<usize> = (0..64).map(|index| index % 3).collect();
    Trainer::new(Adam::default())
        .epochs(epochs)
        .batch(8)
        .progress(Progress::Silent)
        .checkpoints(Checkpoints::to(folder.join("checkpoint")).every_steps(1))
        .stop_on_interrupt()
        .on_epoch(|_, _, _| {
            if let Some(delay) = delay {
                std::fs::write(folder.join("started"), "").unwrap();
                std::thread::sleep(delay);
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
    let delay = std::env::var(DELAY).unwrap().parse().unwrap();
    let history = train(folder, &mut Classifier::new(1), 1_000_000, Some(Duration::from_millis(delay)));
    assert_eq!(history.end, End::Interrupted);
    std::fs::write(folder.join("epochs"), history.epochs.len().to_string()).unwrap();
}

/// A child that trains in `folder`, and has made an epoch.
fn child(folder: &Path, delay: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_child_trains_until_it_is_interrupted"])
        .env(FOLDER, folder)
        .env(DELAY, delay)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !folder.join("started").exists() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn press(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// Goes on to the end of so many epochs, and compares with a training that was not interrupted.
fn goes_on(folder: &Path, epochs: usize) {
    let mut resumed = Classifier::new(9);
    let history = train(folder, &mut resumed, epochs, None);
    assert_eq!((history.epochs.len(), history.end), (epochs, End::Finished));
    assert!(history.resumed.is_some());
    let other = tempfile::tempdir().unwrap();
    let mut undisturbed = Classifier::new(1);
    assert_eq!(train(other.path(), &mut undisturbed, epochs, None).epochs, history.epochs);
    assert_eq!(undisturbed.tensors(), resumed.tensors());
}

#[test]
fn ctrl_c_ends_a_training_with_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child(folder.path(), "5");
    press(&child);
    assert!(child.wait().unwrap().success());
    let epochs: usize = std::fs::read_to_string(folder.path().join("epochs")).unwrap().parse().unwrap();
    goes_on(folder.path(), epochs + 2);
}

/// In the middle of an epoch that takes a minute: the process ends at once, and what it had written last is whole.
#[test]
fn ctrl_c_twice_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child(folder.path(), "60000");
    // Two that come at once are one for the system.
    let status = loop {
        press(&child);
        std::thread::sleep(Duration::from_millis(20));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
    assert!(!folder.path().join("epochs").exists());
    goes_on(folder.path(), 3);
}
