//! Ctrl-C ends a training after the step, with a checkpoint, and pressed twice the process; the training can be taken up again.
//! Where no training is at work it ends the process, as if none had ever been.

#![cfg(unix)]

mod networks;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use netdsl_runtime::layers::Adam;
use netdsl_runtime::{Batches, Checkpoints, End, History, Network, Progress, Resumed, Trainer};
use networks::{Classifier, uniform};

/// The folder in which a child trains; set by the one that interrupts it.
const FOLDER: &str = "NETDSL_INTERRUPTED_IN";
/// How many epochs it trains, and the milliseconds that it takes in each.
const EPOCHS: &str = "NETDSL_INTERRUPTED_EPOCHS";
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

/// The child trains, leaves how many epochs it has made, and does something else for a minute where the file `stay` asks for it.
#[test]
fn a_child_trains_until_it_is_interrupted() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let number = |name| std::env::var(name).unwrap().parse::<usize>().unwrap();
    let delay = Duration::from_millis(number(DELAY) as u64);
    let history = train(folder, &mut Classifier::new(1), number(EPOCHS), Some(delay));
    let finished = history.epochs.len() == number(EPOCHS);
    assert_eq!(history.end, if finished { End::Finished } else { End::Interrupted });
    std::fs::write(folder.join("epochs"), history.epochs.len().to_string()).unwrap();
    if folder.join("stay").exists() {
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// This program as a child that runs a test in `folder`, once it has come so far that there is a file of that name.
fn child(test: &str, folder: &Path, epochs: usize, delay: u64, file: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(FOLDER, folder)
        .env(EPOCHS, epochs.to_string())
        .env(DELAY, delay.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&mut child, &folder.join(file));
    child
}

/// A child that trains in `folder`, and has made an epoch.
fn training(folder: &Path, delay: u64) -> Child {
    child("a_child_trains_until_it_is_interrupted", folder, 1_000_000, delay, "started")
}

fn wait_for(child: &mut Child, file: &Path) {
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn press(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// What a child ends with that is pressed until it does: two that come at once are one for the system.
fn press_until_it_ends(child: &mut Child) -> ExitStatus {
    loop {
        press(child);
        std::thread::sleep(Duration::from_millis(20));
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
    }
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
    let mut child = training(folder.path(), 5);
    press(&child);
    assert!(child.wait().unwrap().success());
    let epochs: usize = std::fs::read_to_string(folder.path().join("epochs")).unwrap().parse().unwrap();
    goes_on(folder.path(), epochs + 2);
}

/// In the middle of an epoch that takes a minute: the process ends at once, and what it had written last is whole.
#[test]
fn ctrl_c_twice_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = training(folder.path(), 60_000);
    let status = press_until_it_ends(&mut child);
    assert_eq!(status.code(), Some(130));
    assert!(!folder.path().join("epochs").exists());
    goes_on(folder.path(), 3);
}

/// A training that has ended, by itself or from the keyboard, leaves ctrl-C as it was before: one press, and the signal ends the
/// process, which a shell calls 130 too.
#[test]
fn ctrl_c_behind_a_training_ends_the_process() {
    for interrupted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stay"), "").unwrap();
        let mut child = if interrupted {
            let child = training(folder.path(), 5);
            press(&child);
            child
        } else {
            child("a_child_trains_until_it_is_interrupted", folder.path(), 2, 0, "started")
        };
        wait_for(&mut child, &folder.path().join("epochs"));
        press(&child);
        assert_eq!(child.wait().unwrap().signal(), Some(signal_hook::consts::SIGINT), "{interrupted}");
    }
}

/// Of two trainings on two threads the end of one does not take ctrl-C from the other.
#[test]
fn a_child_trains_twice_at_once() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let other = folder.join("other");
    std::thread::scope(|scope| {
        let long = scope.spawn(|| {
            let delay = Some(Duration::from_millis(5));
            train(folder, &mut Classifier::new(1), 1_000_000, delay).end
        });
        let short = scope.spawn(|| {
            while !folder.join("started").exists() {
                std::thread::yield_now();
            }
            train(&other, &mut Classifier::new(1), 2, None).end
        });
        assert_eq!(short.join().unwrap(), End::Finished);
        std::fs::write(folder.join("one left"), "").unwrap();
        assert_eq!(long.join().unwrap(), End::Interrupted);
    });
}

#[test]
fn ctrl_c_ends_the_training_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child("a_child_trains_twice_at_once", folder.path(), 0, 0, "one left");
    press(&child);
    assert!(child.wait().unwrap().success());
}

/// How many batches the training on a stream has seen that the child goes on with.
const SEEN: usize = 200;

/// Trains on a stream, with so much time to give a batch; how many it has given is left in a file.
fn stream(folder: &Path, network: &mut Classifier, epochs: usize, delay: Duration) -> History {
    let batch = |index: usize| {
        std::thread::sleep(delay);
        std::fs::write(folder.join("given"), index.to_string()).unwrap();
        (uniform::<4>(8, index as u64), (0..8).map(|example| example % 3).collect::<Vec<usize>>())
    };
    Trainer::new(Adam::default())
        .epochs(epochs)
        .progress(Progress::Silent)
        .checkpoints(Checkpoints::to(folder.join("checkpoint")))
        .stop_on_interrupt()
        .fit_batches(network, Batches::endless(SEEN, (1..).map(batch)))
        .unwrap()
}

#[test]
fn a_child_passes_over_what_was_seen() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let mut network = Classifier::new(9);
    let history = stream(folder, &mut network, 2, Duration::from_millis(20));
    assert_eq!((history.end, history.epochs.len()), (End::Interrupted, 1));
    let resumed = Resumed { step: SEEN as u64, epoch: 2, left: Some(SEEN), early: false };
    assert_eq!(history.resumed, Some(resumed));
    network.save(folder.join("network")).unwrap();
}

/// A training that goes on has a long way to where it was: ctrl-C ends it there too, with what it is a training of as it was.
#[test]
fn ctrl_c_on_the_way_to_a_checkpoint_leaves_it_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    let mut network = Classifier::new(1);
    stream(folder.path(), &mut network, 1, Duration::ZERO);
    let before = std::fs::read(path("checkpoint")).unwrap();
    std::fs::remove_file(path("given")).unwrap();
    let mut child = child("a_child_passes_over_what_was_seen", folder.path(), 0, 0, "given");
    press(&child);
    assert!(child.wait().unwrap().success());
    let given: usize = std::fs::read_to_string(path("given")).unwrap().parse().unwrap();
    assert!(given < SEEN, "{given}");
    assert_eq!(std::fs::read(path("checkpoint")).unwrap(), before);
    assert_eq!(<Classifier as Network<f32>>::load(path("network")).unwrap().tensors(), network.tensors());
    // Started again it goes on to its end.
    let history = stream(folder.path(), &mut network, 2, Duration::ZERO);
    assert_eq!((history.end, history.epochs.len()), (End::Finished, 2));
}
