//! The same seed gives the same bits, whatever the number of threads, the registers and the profile.
//!
//! `cargo test` compares 1, 2 and 8 threads. With the name of a file in `NETDSL_BITS` the bits are also compared with those
//! in it, or written where it is not there, so that this compares a debug with a release build:
//!
//! ```sh
//! export NETDSL_BITS=$(mktemp -u)
//! cargo test -p netdsl-runtime --test determinism && cargo test --release -p netdsl-runtime --test determinism
//! ```

mod networks;

use std::path::Path;
use std::process::Command;

use netdsl_runtime::layers::{Adam, Clip, Muon, OptimizerKernel, Sgd, on_all_registers};
use netdsl_runtime::metrics::Accuracy;
use netdsl_runtime::schedules::OneCycle;
use netdsl_runtime::{Network, Padded, Progress, Trainer, TrainingStep};
use networks::{Classifier, DeepSigmoid, Memories, Shared, Small, uniform};

/// The file that a child writes its bits to.
const INTO: &str = "NETDSL_BITS_INTO";

const NO_NUMBER: &str = "four";

fn bits<N: Network<f32>>(network: &N, into: &mut Vec<u8>) {
    let tensors = network.tensors();
    let values = tensors.parameters().iter().chain(tensors.statistics());
    into.extend(values.flat_map(|value| value.to_bits().to_le_bytes()));
}

fn trainer<'a, N: Network<f32>>(optimizer: impl OptimizerKernel<f32> + 'static) -> Trainer<'a, f32, N> {
    Trainer::new(optimizer).epochs(3).seed(7).schedule(OneCycle::new(60)).progress(Progress::Silent)
}

/// The bits of five trainings, with dropout, batch normalisation, clipping, metrics and averages.
fn trained() -> Vec<u8> {
    let mut all = Vec::new();
    let (input, target) = (uniform::<4>(100, 1), (0..100).map(|index| index % 3).collect::<Vec<usize>>());
    let mut network = Classifier::new(3);
    let adam = Adam { clip: Some(Clip::Auto(20.0)), ..Adam::default() };
    trainer(adam).average(0.9).metric(Accuracy).fit(&mut network, &input, &target).unwrap();
    bits(&network, &mut all);
    let (input, target) = (uniform::<3>(64, 1), uniform::<2>(64, 2));
    let mut network = Small::new(4);
    let muon = Muon { clip: Some(Clip::GlobalNorm(1.0)), ..Muon::default() };
    trainer(muon).accumulate(2).fit(&mut network, &input, &target).unwrap();
    bits(&network, &mut all);
    let (input, target) = (uniform::<100>(64, 1), uniform::<1>(64, 2));
    let mut network = DeepSigmoid::new(4);
    trainer(Sgd::default()).epochs(1).fit(&mut network, &input, &target).unwrap();
    bits(&network, &mut all);
    // Products that are large enough for threads.
    let (input, target) = (uniform::<512>(128, 1), uniform::<1>(128, 2));
    let mut network = Shared::new(4);
    trainer(Sgd::default()).epochs(1).fit(&mut network, &input, &target).unwrap();
    bits(&network, &mut all);
    // Recurrences that are.
    let input: Vec<[[f32; 5]; 24]> = (0..33).map(|seed| uniform(24, seed).try_into().unwrap()).collect();
    let lengths: Vec<usize> = (0..33).map(|index| 24 - index % 5).collect();
    let (target, input) = (uniform::<176>(33, 2), Padded { examples: &input[..], lengths: &lengths[..] });
    let mut network = Memories::new(4);
    trainer(Sgd::default()).epochs(1).fit(&mut network, &input, &target).unwrap();
    bits(&network, &mut all);
    all
}

#[test]
fn a_child_writes_its_bits() {
    if let Some(path) = std::env::var_os(INTO) {
        std::fs::write(path, trained()).unwrap();
    }
}

#[test]
fn a_child_is_told_what_its_threads_are() {
    if std::env::var("NETDSL_NUM_THREADS").as_deref() == Ok(NO_NUMBER) {
        let error = TrainingStep::<f32, Small>::new(&Sgd::default(), 0).unwrap_err();
        println!("{error}");
        let error = Small::new(1).predict(&[[0.0; 3]]).unwrap_err();
        println!("{error}");
    }
}

#[test]
fn a_number_of_threads_that_is_none_is_refused() {
    let child = child("a_child_is_told_what_its_threads_are", NO_NUMBER).arg("--nocapture").output().unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let expected =
        "the environment variable NETDSL_NUM_THREADS is \"four\", expected a whole number of at least 1";
    assert!(child.status.success() && said.matches(expected).count() == 2, "{said}");
}

/// This program with one of its tests and so many threads.
fn child(test: &str, threads: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env("NETDSL_NUM_THREADS", threads);
    child
}

/// From single numbers to the widest that there are, on this thread.
#[test]
fn the_bits_do_not_depend_on_registers() {
    let trainings = on_all_registers(trained);
    for (registers, bits) in &trainings[1..] {
        assert!(*bits == trainings[0].1, "{registers}");
    }
}

#[test]
fn the_bits_do_not_depend_on_threads() {
    let here = trained();
    let folder = tempfile::tempdir().unwrap();
    for threads in ["1", "2", "8"] {
        let path = folder.path().join(threads);
        let child = child("a_child_writes_its_bits", threads).env(INTO, &path).output().unwrap();
        assert!(child.status.success());
        assert!(std::fs::read(path).unwrap() == here, "{threads} threads");
    }
    if let Some(path) = std::env::var_os("NETDSL_BITS") {
        let path = Path::new(&path);
        if path.exists() {
            assert!(std::fs::read(path).unwrap() == here, "another profile has other bits");
        } else {
            std::fs::write(path, here).unwrap();
        }
    }
}
