//! Files of networks and trainings: what is written is read back, what is damaged is refused, and a training that was cut off
//! goes on as if it had not been.

mod networks;
mod rich;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use netdsl_runtime::layers::{Adam, Clip, Composed, Muon, Nadam, OptimizerKernel, Sgd};
use netdsl_runtime::metrics::Accuracy;
use netdsl_runtime::schedules::{Cosine, Schedule, StepDecay, WarmUp};
use netdsl_runtime::{
    CheckpointError, Checkpoints, EarlyStopping, Element, End, Error, History, Monitor, Network, Progress,
    Resumed, Symptom, Tensors, Trainer,
};
use networks::{Classifier, Small, uniform};
use proptest::prelude::*;

type Batch = (Vec<[f32; 4]>, Vec<usize>);

fn data() -> Batch {
    (uniform::<4>(50, 1), (0..50).map(|index| index * index % 3).collect())
}

fn trained<T: Element>(seed: u64) -> Classifier<T> {
    let mut network = Classifier::<T>::with_seed(seed);
    for (index, value) in network.tensors_mut().statistics_mut().iter_mut().enumerate() {
        *value = T::from_f64(0.5 + index as f64);
    }
    network
}

fn round_trip<T: Element>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.safetensors");
    let network = trained::<T>(1);
    network.save(&path).unwrap();
    let read = <Classifier<T> as Network<T>>::load(&path).unwrap();
    assert_eq!(network.tensors(), read.tensors());
    // Written again, over itself.
    read.save(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_saved_is_loaded() {
    round_trip::<f32>();
    round_trip::<f64>();
}

#[test]
fn the_same_network_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str| {
        let path = folder.path().join(name);
        trained::<f32>(1).save(&path).unwrap();
        std::fs::read(path).unwrap()
    };
    assert_eq!(bytes("one"), bytes("two"));
}

/// Precision may differ: single goes into double as it is, double is rounded to single.
#[test]
fn precisions_are_converted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network");
    trained::<f64>(1).save(&path).unwrap();
    let single = <Classifier<f32> as Network<f32>>::load(&path).unwrap();
    let double = trained::<f64>(1);
    for (single, double) in single.tensors().parameters().iter().zip(double.tensors().parameters()) {
        assert_eq!(*single, *double as f32);
    }
}

/// The message of the error that loading this file as a classifier ends in.
fn message(path: &Path) -> String {
    let error = <Classifier<f32> as Network<f32>>::load(path).unwrap_err();
    let Error::Checkpoint { path: name, problem } = error else { panic!("{error}") };
    assert_eq!(name, path.display().to_string());
    problem.to_string()
}

#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert!(message(&path).starts_with("it can't be read: "));
    assert!(message(folder.path()).starts_with("it can't be read: "));
    for bytes in [&b""[..], b"{}", b"\x09\0\0\0\0\0\0\0{"] {
        std::fs::write(&path, bytes).unwrap();
        assert!(message(&path).starts_with("it is no complete file of safetensors: "), "{}", message(&path));
    }
    for text in [&b"a text of some lines\n"[..], &[255; 100], b"PK\x03\x04 something else"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(message(&path), "it is no file of safetensors: header too large");
    }
    Small::new(1).save(&path).unwrap();
    assert!(message(&path).starts_with("it has no tensor `stem.weight`"), "{}", message(&path));
    let error = <Small as Network<f32>>::load({
        let other = folder.path().join("other");
        trained::<f32>(1).save(&other).unwrap();
        other
    });
    assert!(error.unwrap_err().to_string().contains("it has no tensor `hidden.0.weight`"));
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    trained::<f32>(1).save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for len in (0..bytes.len()).step_by(7) {
        std::fs::write(&path, &bytes[..len]).unwrap();
        assert!(message(&path).starts_with("it is no complete file of safetensors: "));
    }
}

/// A checkpoint in the middle of an epoch, of a training that uses all there is.
fn checkpoint() -> Vec<u8> {
    static CHECKPOINT: OnceLock<Vec<u8>> = OnceLock::new();
    CHECKPOINT.get_or_init(make_checkpoint).clone()
}

fn make_checkpoint() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let (input, target) = data();
    let stop = |_: &Classifier, number, _: &_| {
        if number == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    rich(&path).on_epoch(stop).fit(&mut Classifier::new(1), &input, &target).unwrap();
    std::fs::read(&path).unwrap()
}

fn rich<'a>(path: &Path) -> Trainer<'a, f32, Classifier> {
    let optimizer = Nadam { clip: Some(Clip::Auto(20.0)), learning_rate: 0.05, ..Nadam::default() };
    rich::rich(optimizer).epochs(6).checkpoints(Checkpoints::to(path).every_steps(1))
}

/// Whatever has happened to the bytes: loading and resuming end in an error that names the file, or in a network, but never
/// in a panic. A file whose tensors or notes have changed is never taken for good.
fn refuse_or_accept(bytes: &[u8], original: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    let loaded = <Classifier<f32> as Network<f32>>::load(&path);
    let (input, target) = data();
    let mut network = Classifier::new(1);
    let before = network.tensors().clone();
    match rich(&path).epochs(1).fit(&mut network, &input, &target) {
        Ok(_) => {
            // Only the order or the spaces of the header can be another.
            std::fs::write(&path, original).unwrap();
            let expected = <Classifier<f32> as Network<f32>>::load(&path).unwrap();
            assert_eq!(loaded.unwrap().tensors(), expected.tensors());
        }
        Err(Error::Checkpoint { .. }) => assert_eq!(network.tensors(), &before),
        Err(other) => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_told(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_header in any::<bool>(),
    ) {
        let original = checkpoint();
        let header = 8 + u64::from_le_bytes(original[..8].try_into().unwrap()) as usize;
        let mut bytes = original.clone();
        for (place, byte) in changes {
            let range = if in_header { header } else { bytes.len() };
            let place = place.index(range);
            bytes[place] = byte;
        }
        refuse_or_accept(&bytes, &original);
    }

    #[test]
    fn lost_and_added_bytes_are_told(
        place in any::<prop::sample::Index>(),
        lost in 0usize..40,
        added in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let original = checkpoint();
        let start = place.index(original.len());
        let end = (start + lost).min(original.len());
        let bytes: Vec<u8> =
            original[..start].iter().chain(&added).chain(&original[end..]).copied().collect();
        refuse_or_accept(&bytes, &original);
    }
}

#[test]
fn every_flipped_bit_of_a_tensor_is_told() {
    let original = checkpoint();
    let header = 8 + u64::from_le_bytes(original[..8].try_into().unwrap()) as usize;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for place in (header..original.len()).step_by(101) {
        let mut bytes = original.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&path, bytes).unwrap();
        assert!(message(&path).contains("the file is damaged"), "{}", message(&path));
    }
}

/// Trains in pieces that each end after some steps, in the way that a process would that is killed then.
fn in_pieces(trainer: &dyn Fn(&Path) -> Trainer<'_, f32, Classifier>, steps: u64) -> (History, Tensors<f32>) {
    /// Ends a training by an error, which writes no checkpoint.
    struct Fuse(u64);
    impl netdsl_runtime::Observer<f32, Classifier> for Fuse {
        fn begin(&mut self, _network: &Classifier) -> Result<(), Error> {
            Ok(())
        }
        fn step(
            &mut self,
            _network: &Classifier,
            _moment: &netdsl_runtime::Moment<'_, f32>,
        ) -> Result<(), Error> {
            self.0 -= 1;
            if self.0 == 0 { Err(Error::Empty { name: "fuse" }) } else { Ok(()) }
        }
        fn epoch(&mut self, _: &Classifier, _: usize, _: &netdsl_runtime::Epoch) -> Result<(), Error> {
            Ok(())
        }
        fn failed(&mut self, _: &Classifier, _: &netdsl_runtime::Moment<'_, f32>) -> Result<(), Error> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let (input, target) = data();
    for _ in 0..1000 {
        let mut fuse = Fuse(steps);
        // Another seed: what counts is in the file.
        let mut network = Classifier::new(if path.exists() { 99 } else { 1 });
        let trainer: Trainer<'_, f32, Classifier> = trainer(&path);
        match trainer.observe(&mut fuse).fit(&mut network, &input, &target) {
            Ok(history) => return (history, network.tensors().clone()),
            Err(Error::Empty { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("it comes to no end")
}

/// Every optimizer's memory, dropout, batch normalisation, clipping, averages, early stopping and metrics.
#[test]
fn a_training_goes_on_with_the_same_bits() {
    fn with(path: &Path, optimizer: impl OptimizerKernel<f32> + 'static) -> Trainer<'_, f32, Classifier> {
        let trainer = Trainer::new(optimizer).epochs(3).batch(8).seed(5).progress(Progress::Silent);
        trainer.metric(Accuracy).checkpoints(Checkpoints::to(path).every_steps(2))
    }
    let composed = || Composed::new(0.1, || vec![Box::new(netdsl_runtime::layers::transforms::LearningRate)]);
    type Make<'m> = &'m dyn Fn(&Path) -> Trainer<'_, f32, Classifier>;
    let trainers: [Make<'_>; 5] = [
        &|path| rich(path),
        &|path| with(path, Adam::default()),
        &|path| with(path, Sgd { momentum: 0.9, ..Sgd::default() }),
        &|path| with(path, Muon::default()),
        &|path| with(path, composed()),
    ];
    for trainer in trainers {
        let (whole, undisturbed) = in_pieces(trainer, u64::MAX);
        for steps in [3, 5] {
            let (history, tensors) = in_pieces(trainer, steps);
            assert_eq!((&whole.epochs, whole.end), (&history.epochs, history.end));
            assert_eq!(undisturbed, tensors);
        }
    }
}

#[test]
fn a_finished_training_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let (input, target) = data();
    let mut network = Classifier::new(1);
    let history = rich(&path).fit(&mut network, &input, &target).unwrap();
    assert_eq!(history.resumed, None);
    let mut other = Classifier::new(2);
    let again = rich(&path).fit(&mut other, &input, &target).unwrap();
    assert_eq!((&again.epochs, again.end), (&history.epochs, history.end));
    assert_eq!(network.tensors(), other.tensors());
    // Fifty examples in batches of seven, of which two make a step.
    assert_eq!(again.resumed, Some(Resumed { step: 24, epoch: 6, left: Some(0), early: false }));
    let text = again.to_string();
    assert!(
        text.ends_with(
            "\nnothing was left to train: the checkpoint is of the end of a training, after step 24"
        ),
        "{text}"
    );
    let advice = again.resumed.unwrap().advice();
    assert_eq!(advice, Some("raise the epochs, or start anew with `Checkpoints::fresh`"));
    // With more epochs it goes on.
    let more = rich(&path).epochs(7).fit(&mut other, &input, &target).unwrap();
    assert_eq!(more.epochs.len(), 7);
    assert_eq!(more.resumed, Some(Resumed { step: 24, epoch: 7, left: Some(4), early: false }));
    assert!(more.to_string().ends_with("\nresumed after step 24, in epoch 7: 4 steps were left"), "{more}");
    // And anew where that is asked for.
    let fresh = rich(&path).checkpoints(Checkpoints::to(&path).fresh());
    let mut third = Classifier::new(1);
    assert_eq!(fresh.fit(&mut third, &input, &target).unwrap(), history);
    assert_eq!(network.tensors(), third.tensors());
}

/// More epochs do not help where a training has stopped early; more patience does.
#[test]
fn a_training_that_stopped_early_goes_on_with_more_patience() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let (input, target) = data();
    let fit = |epochs, patience| {
        // No loss falls by that much, so that no epoch behind the first is better.
        let stopping = EarlyStopping { patience, least: 1e9, ..EarlyStopping::default() };
        let trainer = Trainer::new(Sgd::default()).epochs(epochs).early_stopping(stopping);
        let trainer = trainer.checkpoints(Checkpoints::to(&path)).progress(Progress::Silent);
        trainer.fit(&mut Classifier::new(1), &input, &target).unwrap()
    };
    let first = fit(40, 3);
    assert_eq!((first.epochs.len(), first.end), (4, End::Early { best: 1 }));
    let again = fit(80, 3);
    let resumed = again.resumed.unwrap();
    assert_eq!((resumed.epoch, resumed.left, resumed.early), (4, Some(0), true));
    let expected =
        format!("nothing was left to train: it had stopped early in epoch 4, after step {}", resumed.step);
    assert_eq!(resumed.to_string(), expected);
    let advice = "raise the patience of early stopping, or start anew with `Checkpoints::fresh`";
    assert_eq!(resumed.advice(), Some(advice));
    assert_eq!(fit(40, 5).epochs.len(), 6);
}

/// A network that is trained in double precision can't have the bits of one in single precision.
#[test]
fn a_checkpoint_of_other_numbers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (single, double) = (folder.path().join("single"), folder.path().join("double"));
    let (input, target) = data();
    let wide: Vec<[f64; 4]> = input.iter().map(|row| row.map(f64::from)).collect();
    let of_single = |path: &Path| {
        let trainer = Trainer::new(Adam::default()).epochs(2).progress(Progress::Silent);
        trainer.checkpoints(Checkpoints::to(path).with_changes()).fit(
            &mut Classifier::<f32>::new(1),
            &input,
            &target,
        )
    };
    let of_double = |path: &Path| {
        let trainer = Trainer::new(Adam::default()).epochs(2).progress(Progress::Silent);
        let mut network = <Classifier<f64> as Network<f64>>::with_seed(1);
        trainer.checkpoints(Checkpoints::to(path).with_changes()).fit(&mut network, &wide, &target)
    };
    of_single(&single).unwrap();
    of_double(&double).unwrap();
    let message = |path: &Path, found: &str, expected: &str| {
        format!(
            "the file {}: it is of a training whose type of numbers is {found}, expected {expected}: set it back, or \
             start anew with `Checkpoints::fresh`",
            path.display()
        )
    };
    assert_eq!(of_double(&single).unwrap_err().to_string(), message(&single, "f32", "f64"));
    assert_eq!(of_single(&double).unwrap_err().to_string(), message(&double, "f64", "f32"));
    // The network by itself is read in either.
    assert!(<Classifier<f64> as Network<f64>>::load(&single).is_ok());
}

/// The message of the error that a training of so many examples ends in, which leaves the network as it was.
fn refusal(trainer: Trainer<'_, f32, Classifier>, examples: usize) -> String {
    let (input, target) = data();
    let mut network = Classifier::new(1);
    let before = network.tensors().clone();
    let error = trainer.fit(&mut network, &input[..examples], &target[..examples]).unwrap_err();
    assert_eq!(network.tensors(), &before);
    let Error::Checkpoint { problem, .. } = error else { panic!("{error}") };
    problem.to_string()
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    std::fs::write(&path, checkpoint()).unwrap();
    let refused = |trainer, examples, setting: &str| {
        let help = "set it back, or start anew with `Checkpoints::fresh`";
        assert_eq!(refusal(trainer, examples), format!("it is of a training whose {setting}: {help}"));
    };
    refused(rich(&path), 49, "number of examples is 50, expected 49");
    refused(rich(&path).batch(8), 50, "batch is 7, expected 8");
    refused(rich(&path).seed(4), 50, "seed is 3, expected 4");
    trained::<f32>(1).save(&path).unwrap();
    assert_eq!(refusal(rich(&path), 50), "it holds a network, but no training to go on with");
    assert!(matches!(
        <Small as Network<f32>>::load(&path).unwrap_err(),
        Error::Checkpoint { problem: CheckpointError::Missing { .. }, .. }
    ));
}

/// What the steps depend on is refused too, and taken where that is asked for.
#[test]
fn other_steps_are_refused_unless_they_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let with = |optimizer: Adam| Trainer::new(optimizer).progress(Progress::Silent);
    let adam = Adam { learning_rate: 0.01, ..Adam::default() };
    let (input, target) = data();
    let mut whole = Classifier::new(1);
    with(adam).checkpoints(Checkpoints::to(&path)).fit(&mut whole, &input, &target).unwrap();

    let resumed = || Checkpoints::to(&path);
    let refused = |trainer: Trainer<'_, f32, Classifier>, setting: &str| {
        let message = refusal(trainer.epochs(2).checkpoints(resumed()), 50);
        let help = "set it back, or go on with the new one by `Checkpoints::with_changes`";
        assert_eq!(message, format!("it is of a training whose {setting}: {help}"));
    };
    let slower = Adam { learning_rate: 0.001, ..adam };
    refused(with(slower), "learning rate is 0.01, expected 0.001");
    refused(with(Adam { clip: Some(Clip::Norm(1.0)), ..adam }), "clipping is none, expected Norm(1.0)");
    refused(with(adam).freeze("stem"), "list of frozen parameters is [], expected [\"stem\"]");
    let schedule = with(adam).schedule(StepDecay { every: 2, factor: 0.5 });
    let expected = "none, expected StepDecay { every: 2, factor: 0.5 }";
    refused(schedule, &format!("schedule is {expected}"));
    let schedule = with(adam).schedule(WarmUp::new(20).then(20, Cosine::new(220).end(0.01)));
    let expected = "WarmUp::new(20).then(20, Cosine::new(220).end(0.01))";
    refused(schedule, &format!("schedule is none, expected {expected}"));
    let expected = "Adam(learning_rate = 0.01), expected Adam(learning_rate = 0.01, beta_1 = 0.8)";
    refused(with(Adam { beta_1: 0.8, ..adam }), &format!("optimizer is {expected}"));
    let message = refusal(with(adam).average(0.9).epochs(2).checkpoints(resumed()), 50);
    assert!(message.contains("averaging of weights is off, expected on"), "{message}");

    let changed = |optimizer: Adam| {
        let mut network = Classifier::new(1);
        let trainer = with(optimizer).epochs(2).checkpoints(resumed().with_changes());
        let bytes = std::fs::read(&path).unwrap();
        let history = trainer.fit(&mut network, &input, &target).unwrap();
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(history.epochs.len(), 2);
        network.tensors().clone()
    };
    assert_ne!(changed(slower), changed(adam));
    // Another optimizer has not the same to remember.
    let other = Trainer::new(Sgd { momentum: 0.9, ..Sgd::default() }).epochs(2).progress(Progress::Silent);
    let message = refusal(other.checkpoints(resumed().with_changes()), 50);
    assert!(
        message.starts_with("it has no tensor `optimizer.0.velocity.stem.weight` (there are "),
        "{message}"
    );
}

/// A file that can't be written is told before the first step, and not after the first epoch.
#[test]
fn a_checkpoint_that_can_not_be_written_ends_a_training_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let trainer = rich(&in_the_way.join("checkpoint"));
    let message = refusal(trainer, 50);
    assert_eq!(message, format!("it can't be written: {}: it is no folder", in_the_way.display()));
    let empty = rich(Path::new("")).fit(&mut Classifier::new(1), &data().0, &data().1);
    assert_eq!(empty.unwrap_err().to_string(), "the file \"\": it can't be written: it is no path of a file");
    // What no file can be called, and what a folder is.
    for (path, cause) in [
        (Path::new("").into(), "it is no path of a file"),
        (folder.path().join(".."), "it is no path of a file"),
        (folder.path().join("new/"), "it is no path of a file"),
        (folder.path().to_path_buf(), "it is a folder"),
    ] {
        assert_eq!(refusal(rich(&path), 50), format!("it can't be written: {cause}"));
    }
    // One in the place of the file that is renamed in the end.
    let partial = folder.path().join("checkpoint.partial");
    std::fs::create_dir(&partial).unwrap();
    let message = refusal(rich(&folder.path().join("checkpoint")), 50);
    assert!(message.starts_with(&format!("it can't be written: {}: ", partial.display())), "{message}");
    // A folder that is not there is made.
    let path = folder.path().join("new").join("folder").join("checkpoint");
    let (input, target) = data();
    rich(&path).fit(&mut Classifier::new(1), &input, &target).unwrap();
    assert!(path.is_file());
}

/// A disk that is full, here for files of more than a few KiB: the last checkpoint stays, and nothing beside it.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_does_not_fit_leaves_the_last_one() {
    const FOLDER: &str = "NETDSL_FULL_IN";
    let (input, target) = data();
    if let Some(folder) = std::env::var_os(FOLDER) {
        let path = Path::new(&folder).join("checkpoint");
        let error = rich(&path).fit(&mut Classifier::new(1), &input, &target).unwrap_err();
        println!("{error}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    rich(&path).epochs(1).fit(&mut Classifier::new(1), &input, &target).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(before.len() > 4096);
    // The signal that comes with this limit is ignored, so that writing fails as it does on a full disk.
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" --exact a_file_that_does_not_fit_leaves_the_last_one --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let expected = format!("the file {}: it can't be written: ", path.display());
    assert!(child.status.success() && said.contains(&expected), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A loss that stays is a plateau after hundreds of steps, whether or not the training was interrupted on the way.
#[test]
fn verdicts_go_on_too() {
    let (input, target) = data();
    let findings = |pieces: &[usize]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let mut findings = Vec::new();
        for epochs in pieces {
            let mut monitor = Monitor::new().silent();
            Trainer::new(Sgd { learning_rate: 1e-9, ..Sgd::default() })
                .epochs(*epochs)
                .batch(10)
                .progress(Progress::Silent)
                .observe(&mut monitor)
                .checkpoints(Checkpoints::to(&path))
                .fit(&mut Classifier::new(1), &input, &target)
                .unwrap();
            findings = monitor.findings().to_vec();
        }
        findings
    };
    let whole = findings(&[300]);
    assert!(whole.iter().any(|finding| finding.symptom == Symptom::Plateau), "{whole:?}");
    assert!(whole.iter().any(|finding| finding.symptom == Symptom::SmallUpdates), "{whole:?}");
    assert_eq!(findings(&[1, 13, 300]), whole);
}

#[test]
fn a_network_is_read_out_of_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let (input, target) = data();
    let mut network = Classifier::new(1);
    let trainer = Trainer::new(Adam::default()).progress(Progress::Silent);
    trainer.checkpoints(Checkpoints::to(&path)).fit(&mut network, &input, &target).unwrap();
    assert_eq!(<Classifier as Network<f32>>::load(&path).unwrap().tensors(), network.tensors());
}

#[test]
fn a_network_is_saved_to_a_folder_that_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("folder").join("network");
    let network = Small::new(1);
    network.save(&path).unwrap();
    assert_eq!(<Small as Network<f32>>::load(&path).unwrap().tensors(), network.tensors());
    let error = network.save(path.join("network")).unwrap_err().to_string();
    let expected =
        format!("the file {}: it can't be written: {}: ", path.join("network").display(), path.display());
    assert!(error.starts_with(&expected), "{error}");
}

/// A device can be read for ever, and whoever may write to its folder may put a file in its place.
#[test]
#[cfg(unix)]
fn what_is_no_file_is_neither_read_nor_replaced() {
    use std::os::unix::fs::FileTypeExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let cause = "it is a device, a pipe or a socket, expected a file";
    for path in [Path::new("/dev/null"), &path] {
        let error = <Small as Network<f32>>::load(path).unwrap_err().to_string();
        assert_eq!(error, format!("the file {}: it can't be read: {cause}", path.display()));
    }
    assert_eq!(refusal(rich(&path), 50), format!("it can't be written: {cause}"));
    let error = Small::new(1).save(&path).unwrap_err().to_string();
    assert!(error.ends_with(&format!("it can't be written: {cause}")), "{error}");
    assert!(std::fs::symlink_metadata(&path).unwrap().file_type().is_socket());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
