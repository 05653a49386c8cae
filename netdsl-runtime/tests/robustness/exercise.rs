//! What is done with a file that somebody else has written: a network is loaded from it and a training gone on with.

#[path = "../networks/mod.rs"]
mod networks;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use netdsl_runtime::layers::{Adam, Clip};
use netdsl_runtime::metrics::Accuracy;
use netdsl_runtime::schedules::ReduceOnPlateau;
use netdsl_runtime::{Batches, Checkpoints, EarlyStopping, Error, Monitor, Network, Progress, Trainer};
use networks::{Classifier, uniform};
use safetensors::SafeTensors;
use serde_json::Value;

/// What the bytes behind the first one are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// The whole file.
    File,
    /// Its header, without the length in front of it.
    Header,
    /// The notes of the training, which the header has as text; the checksum is made right.
    Notes,
    /// The same of a training on batches of iterators.
    Streamed,
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::File, Self::Header, Self::Notes, Self::Streamed];

    /// The file of a training that uses all there is, stopped in the middle.
    fn original(self) -> &'static [u8] {
        static FILES: [OnceLock<Vec<u8>>; 2] = [const { OnceLock::new() }; 2];
        FILES[usize::from(self == Self::Streamed)].get_or_init(|| {
            let place = Place::new("original");
            self.train(&place.0, 2).1.expect("a new training comes to its end");
            std::fs::read(&place.0).expect("the training has written it")
        })
    }

    /// Goes on from the file, if it is there, to the end of so many epochs, and shows what the network is then.
    fn train(self, path: &Path, epochs: usize) -> (Classifier, Result<(), Error>) {
        let (input, target) = (uniform::<4>(12, 1), [0usize, 1, 2, 0, 1, 2, 1, 1, 0, 2, 2, 0]);
        let mut network = Classifier::new(1);
        let mut monitor = Monitor::new().silent().every(1);
        let optimizer = Adam { clip: Some(Clip::Auto(20.0)), ..Adam::default() };
        let trainer = Trainer::new(optimizer)
            .epochs(epochs)
            .batch(4)
            .reduce_on_plateau(ReduceOnPlateau { patience: 0, ..ReduceOnPlateau::default() })
            .early_stopping(EarlyStopping { patience: 20, ..EarlyStopping::default() })
            .average(0.9)
            .metric(Accuracy)
            .progress(Progress::Silent)
            .observe(&mut monitor)
            .checkpoints(Checkpoints::to(path));
        let result = if self == Self::Streamed {
            let batches = Batches::of_epoch(|_| input.chunks(4).zip(target.chunks(4)));
            trainer.fit_batches(&mut network, batches)
        } else {
            trainer.fit(&mut network, &input, &target)
        };
        (network, result.map(|history| assert!(!history.to_string().is_empty())))
    }
}

/// A file that is gone in the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let thread = std::thread::current().id();
        let name = format!("netdsl-{}-{thread:?}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// The header of a file and its tensors.
fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = file.split_first_chunk::<8>().expect("a file begins with the length of its header");
    rest.split_at(u64::from_le_bytes(*length) as usize)
}

/// The file of a header and tensors.
fn join(header: &[u8], tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, tensors].concat()
}

/// What the header says beside the tensors.
fn notes_of(file: &[u8]) -> (Value, Value) {
    let header: Value = serde_json::from_slice(split(file).0).expect("the header is JSON");
    let text = header["__metadata__"]["netdsl"].as_str().expect("there are notes");
    let notes = serde_json::from_str(text).expect("the notes are JSON");
    (header, notes)
}

/// The file with these notes of the training, and a checksum that is right.
fn with_notes(file: &[u8], text: &str) -> Vec<u8> {
    let (mut header, mut notes) = notes_of(file);
    notes["training"] = text.into();
    notes["checksum"] = checksum(file, &notes).into();
    header["__metadata__"]["netdsl"] = notes.to_string().into();
    join(header.to_string().as_bytes(), split(file).1)
}

/// The checksum of a file with these notes: of the name of the network, the notes of the training, and each tensor by name.
fn checksum(file: &[u8], notes: &Value) -> u32 {
    let text = |name: &str| notes[name].as_str().unwrap_or_default().to_owned();
    let mut sum = crc32c::crc32c((text("network") + &text("training")).as_bytes());
    let mut tensors = SafeTensors::deserialize(file).expect("the file is right").tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, tensor) in tensors {
        let described = format!("{name}{:?}{:?}", tensor.dtype(), tensor.shape());
        sum = crc32c::crc32c_append(sum, described.as_bytes());
        sum = crc32c::crc32c_append(sum, tensor.data());
    }
    sum
}

/// What a fuzzer begins with: a part of a file that is right.
pub(crate) fn seed(part: Part) -> Vec<u8> {
    let original = part.original();
    let rest = match part {
        Part::File => original.to_vec(),
        Part::Header => split(original).0.to_vec(),
        Part::Notes | Part::Streamed => {
            let (_, notes) = notes_of(original);
            notes["training"].as_str().expect("a training has notes").into()
        }
    };
    [vec![part as u8], rest].concat()
}

/// Whether a file, of which the bytes are a part, is taken.
///
/// Whatever it is, loading it and going on with it ends in a network or in an error that leaves the network as it was.
pub(crate) fn checkpoint(bytes: &[u8]) -> bool {
    let Some((first, rest)) = bytes.split_first() else { return false };
    let part = Part::ALL[usize::from(*first) % Part::ALL.len()];
    let original = part.original();
    let file = match part {
        Part::File => rest.to_vec(),
        Part::Header => join(rest, split(original).1),
        Part::Notes | Part::Streamed => with_notes(original, &String::from_utf8_lossy(rest)),
    };
    let place = Place::new("file");
    std::fs::write(&place.0, &file).expect("there is room");
    let loaded = <Classifier as Network<f32>>::load(&place.0);
    let (network, trained) = part.train(&place.0, 3);
    match trained {
        Ok(()) => assert!(loaded.is_ok()),
        Err(problem @ (Error::Checkpoint { .. } | Error::Batches { .. })) => {
            assert_eq!(network.tensors(), Classifier::new(1).tensors(), "{problem}");
            return false;
        }
        // Numbers that a step can't be made of.
        Err(Error::NonFinite(_)) => {}
        Err(other) => panic!("{other}"),
    }
    true
}
