//! A training on batches of iterators is that on arrays, goes on with the same bits or not at all, and names what is wrong.

mod networks;
mod rich;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use ndarray::Array2;
use netdsl_runtime::data::DataError;
use netdsl_runtime::layers::{Adam, Clip, Sgd};
use netdsl_runtime::metrics::Accuracy;
use netdsl_runtime::{
    Batches, Checkpoints, End, Error, GradientLogger, Network, Padded, Progress, Resumed, Trainer,
};
use networks::{Classifier, Labels, Small, uniform};

type Rows = Vec<[f32; 4]>;
type Labelled = (Rows, Vec<usize>);

const EXAMPLES: usize = 50;
/// Fifty examples in batches of seven, of which two make a step.
const BATCH: usize = 7;
const EPOCHS: usize = 4;

fn data() -> Labelled {
    (uniform::<4>(EXAMPLES, 1), (0..EXAMPLES).map(|index| index * index % 3).collect())
}

fn batches() -> Vec<Labelled> {
    let (input, target) = data();
    input.chunks(BATCH).zip(target.chunks(BATCH)).map(|(x, y)| (x.to_vec(), y.to_vec())).collect()
}

/// A training that uses all there is but an order of its own.
fn rich<'a>() -> Trainer<'a, f32, Classifier> {
    let optimizer = Adam { clip: Some(Clip::Auto(20.0)), learning_rate: 0.05, ..Adam::default() };
    rich::rich(optimizer).epochs(EPOCHS).batch(BATCH).shuffle(false)
}

fn saving<'a>(path: &Path) -> Trainer<'a, f32, Classifier> {
    rich().checkpoints(Checkpoints::to(path).every_steps(1))
}

/// The two ways to give the same batches.
#[derive(Clone, Copy, Debug)]
enum Way {
    OfEpoch,
    Endless,
}

const WAYS: [Way; 2] = [Way::OfEpoch, Way::Endless];

impl Way {
    /// These batches in each epoch, until so many have been given; then reading fails.
    fn failing<'a>(self, batches: Vec<Labelled>, given: usize) -> Batches<'a, Result<Labelled, DataError>> {
        let left = Rc::new(Cell::new(given));
        let read = move |batch: Labelled| {
            let cause = || DataError::File { path: "stream".into(), reason: "the line is dead".into() };
            left.set(left.get().checked_sub(1).ok_or_else(cause)?);
            Ok(batch)
        };
        match self {
            Self::Endless => Batches::endless(batches.len(), batches.into_iter().cycle().map(read)),
            Self::OfEpoch => Batches::of_epoch(move |_| batches.clone().into_iter().map(read.clone())),
        }
    }

    fn batches<'a>(self) -> Batches<'a, Result<Labelled, DataError>> {
        self.failing(batches(), usize::MAX)
    }
}

#[test]
fn batches_of_an_iterator_train_as_arrays_do() {
    let (input, target) = data();
    let mut whole = Classifier::new(1);
    let mut expected = GradientLogger::on_batch();
    let history = rich().observe(&mut expected).fit(&mut whole, &input, &target).unwrap();
    for way in WAYS {
        let mut network = Classifier::new(1);
        let mut logger = GradientLogger::on_batch();
        let other = rich().observe(&mut logger).fit_batches(&mut network, way.batches()).unwrap();
        assert_eq!(other, history);
        assert_eq!(network.tensors(), whole.tensors());
        assert_eq!(format!("{:?}", logger.trace()), format!("{:?}", expected.trace()));
    }
}

/// The iterator fails after three batches, after six, and so on.
#[test]
fn it_goes_on_with_the_same_bits() {
    let (input, target) = data();
    let mut undisturbed = Classifier::new(1);
    let history = rich().fit(&mut undisturbed, &input, &target).unwrap();
    for way in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let mut failures = 0;
        let (resumed, mut network) = loop {
            let mut network = Classifier::new(1);
            let source = way.failing(batches(), 3 * (failures + 1));
            match saving(&path).fit_batches(&mut network, source) {
                Ok(history) => break (history, network),
                Err(Error::Batch { .. }) => failures += 1,
                Err(other) => panic!("{other}"),
            }
        };
        assert!(failures >= 3, "{way:?} {failures}");
        assert_eq!((&resumed.epochs, resumed.end), (&history.epochs, End::Finished), "{way:?}");
        assert_eq!(network.tensors(), undisturbed.tensors(), "{way:?}");
        // Nothing is left, and nothing is taken from the iterator to find that out.
        let again = saving(&path).fit_batches(&mut network, way.failing(batches(), 0)).unwrap();
        assert_eq!(again.resumed, Some(Resumed { step: 16, epoch: 4, left: Some(0), early: false }));
        let more = saving(&path).epochs(5).fit_batches(&mut network, way.batches()).unwrap();
        let left = matches!(way, Way::Endless).then_some(4);
        assert_eq!(more.resumed, Some(Resumed { step: 16, epoch: 5, left, early: false }));
        assert_eq!(more.epochs.len(), 5);
    }
}

#[test]
fn other_batches_are_refused() {
    for way in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let refusal = |trainer: Trainer<'_, f32, Classifier>, source: Batches<'_, _>| {
            let mut network = Classifier::new(1);
            let before = network.tensors().clone();
            let error = trainer.fit_batches::<Result<Labelled, DataError>>(&mut network, source).unwrap_err();
            assert_eq!(network.tensors(), &before);
            error.to_string()
        };
        // Five batches make two steps; the checkpoint is behind the second.
        saving(&path).fit_batches(&mut Classifier::new(1), way.failing(batches(), 5)).unwrap_err();
        let mut other = batches();
        other[3].0[2][1] += 1e-6;
        let text = refusal(saving(&path), way.failing(other, usize::MAX));
        assert!(
            text.contains("it is of a training on other batches or weights: those that it had seen"),
            "{text}"
        );
        let mut other = batches();
        other[1].1[0] = (other[1].1[0] + 1) % 3;
        assert!(refusal(saving(&path), way.failing(other, usize::MAX)).contains("have the checksum"));
        // The same examples, cut in other places.
        let mut other = batches();
        let moved = (other[0].0.pop().unwrap(), other[0].1.pop().unwrap());
        other[1].0.insert(0, moved.0);
        other[1].1.insert(0, moved.1);
        assert!(refusal(saving(&path), way.failing(other, usize::MAX)).contains("have the checksum"));
        let text = refusal(saving(&path), way.failing(batches(), 3));
        assert!(text.starts_with("batch 4 of epoch 1: "), "{text}");
        let text = refusal(saving(&path), Batches::of_epoch(|_| batches().into_iter().take(3).map(Ok)));
        let expected = match way {
            Way::OfEpoch => "the iterator has 3 batches in epoch 1, expected at least 4",
            Way::Endless => {
                "whose source of batches is an iterator, 8 batches in an epoch, expected an iterator for each epoch"
            }
        };
        assert!(text.contains(expected), "{text}");
        let (input, target) = data();
        let error = saving(&path).fit(&mut Classifier::new(1), &input, &target).unwrap_err().to_string();
        assert!(error.contains("whose source of batches is an iterator"), "{error}");
    }
}

/// The message of the error that a training of two epochs ends in.
fn message(source: Batches<'_, Labelled>) -> String {
    let mut network = Classifier::new(1);
    let trainer = Trainer::new(Sgd::default()).epochs(2).progress(Progress::Silent);
    trainer.fit_batches(&mut network, source).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_named() {
    let changed = |index: usize, change: fn(&mut Labelled)| {
        Batches::of_epoch(move |epoch| {
            let mut batches = batches();
            if epoch == 2 {
                change(&mut batches[index]);
            }
            batches
        })
    };
    let expected = "batch 3 of epoch 2: value 1 of example 4 of the input is NaN, expected a finite number";
    assert_eq!(message(changed(2, |batch| batch.0[4][1] = f32::NAN)), expected);
    let expected = "batch 8 of epoch 2: the target has no examples, expected at least one";
    assert_eq!(message(changed(7, |batch| batch.1.clear())), expected);
    let expected = "batch 2 of epoch 2: the input has 7 examples, but the target has 6";
    assert_eq!(message(changed(1, |batch| batch.1.truncate(6))), expected);
    let expected = "batch 1 of epoch 2: the input has no examples, expected at least one";
    assert_eq!(message(changed(0, |batch| *batch = Labelled::default())), expected);
    let text = message(changed(4, |batch| batch.1[6] = 3));
    assert!(text.starts_with("batch 5 of epoch 2: the target of example 6 is 3, expected "), "{text}");

    assert_eq!(
        message(Batches::endless(20, batches())),
        "the iterator has 8 batches in epoch 1, expected 20"
    );
    assert_eq!(message(Batches::endless(5, batches())), "the iterator has 3 batches in epoch 2, expected 5");
    let empty = Batches::of_epoch(|epoch| if epoch == 1 { batches() } else { Vec::new() });
    let one = Batches::endless(5, batches().into_iter().take(1));
    assert_eq!(message(one), "the iterator has 1 batch in epoch 1, expected 5");
    assert_eq!(message(empty), "the iterator has 0 batches in epoch 2, expected at least 1");
    let expected = "the number of batches in an epoch is 0, expected at least 1";
    assert_eq!(message(Batches::endless(0, batches())), expected);

    // Arrays have their sizes at run time.
    let wide = Batches::of_epoch(|_| [(Array2::<f32>::zeros((3, 5)), vec![0usize; 3])]);
    let trainer = || Trainer::new(Sgd::default()).progress(Progress::Silent);
    let error = trainer().fit_batches(&mut Classifier::new(1), wide).unwrap_err();
    let expected = "batch 1 of epoch 1: the input has the shape [3, 5], expected [batch, 4]";
    assert_eq!(error.to_string(), expected);
    let weighted = |weights: Vec<f64>| {
        let source = Batches::of_epoch(move |_| [(vec![[0.5f32; 4]; 2], vec![0usize; 2], weights.clone())]);
        trainer().fit_batches(&mut Classifier::new(1), source).unwrap_err().to_string()
    };
    assert_eq!(weighted(vec![1.0; 3]), "batch 1 of epoch 1: there are 3 sample weights, expected 2");
    let expected =
        "batch 1 of epoch 1: the weight of example 1 is -1, expected a finite number of at least 0";
    assert_eq!(weighted(vec![1.0, -1.0]), expected);
    let error =
        trainer().sample_weights([1.0; 50]).fit_batches(&mut Classifier::new(1), Way::Endless.batches());
    let expected = "the number of sample weights is 50, expected 0: those of a batch come with it, as `(input, target, weights)`";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

/// An error of somebody else, with a cause of its own.
#[derive(Debug)]
struct Lost(std::io::Error);

impl std::fmt::Display for Lost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "shard 7 is lost")
    }
}

impl std::error::Error for Lost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Whatever an iterator returns comes out of the training as it went in, with the batch that it was in place of.
#[test]
fn an_error_of_the_iterator_is_kept() {
    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    fn ended<E: Into<Boxed>>(error: impl Fn() -> E) -> (String, Boxed) {
        let source = |epoch| batches().into_iter().map(Ok).take(2).chain((epoch == 2).then(|| Err(error())));
        let trainer = Trainer::new(Sgd::default()).epochs(2).progress(Progress::Silent);
        let ended = trainer.fit_batches(&mut Classifier::new(1), Batches::of_epoch(source)).unwrap_err();
        let message = ended.to_string();
        let Error::Batch { batch: 3, epoch: 2, problem } = ended else { panic!("{message}") };
        let Error::Iterator { cause } = *problem else { panic!("{message}") };
        (message, cause)
    }
    let expected =
        |cause: &str| format!("batch 3 of epoch 2: the error of the iterator ended the training: {cause}");
    let dead = || std::io::Error::new(std::io::ErrorKind::BrokenPipe, "the line is dead");
    let (message, cause) = ended(dead);
    assert_eq!(message, expected("the line is dead"));
    assert_eq!(cause.downcast::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::BrokenPipe);
    let (message, cause) = ended(|| -> Boxed { Lost(dead()).into() });
    assert_eq!(message, expected("shard 7 is lost: the line is dead"));
    assert!(cause.is::<Lost>());
    let (message, cause) = ended(|| Error::Empty { name: "shard" });
    assert_eq!(message, expected("the shard has no examples, expected at least one"));
    assert!(matches!(*cause.downcast::<Error>().unwrap(), Error::Empty { name: "shard" }));
    let (message, _) = ended(|| "no more shards");
    assert_eq!(message, expected("no more shards"));
}

/// The steps before the batch that can't be used have been made.
#[test]
fn the_network_is_as_the_last_step_left_it() {
    let fit = |source: Batches<'_, _>| {
        let mut network = Small::new(1);
        let ended = Trainer::new(Sgd::default()).progress(Progress::Silent).fit_batches(&mut network, source);
        (ended.is_ok(), network.tensors().parameters().to_vec())
    };
    let batch = |k: usize| (uniform::<3>(4, k as u64), uniform::<2>(4, 9 + k as u64));
    let (ended, stopped) =
        fit(Batches::of_epoch(|_| (0..4).map(batch).chain([(vec![[f32::INFINITY; 3]], vec![[0.0; 2]])])));
    assert!(!ended);
    assert_eq!((true, stopped), fit(Batches::of_epoch(|_| (0..4).map(batch))));
}

#[test]
fn weights_come_with_their_batch() {
    let (input, target) = data();
    let weights: Vec<f64> = (0..EXAMPLES).map(|index| (index % 4) as f64 / 2.0).collect();
    let mut whole = Classifier::new(1);
    let history = rich().sample_weights(weights.clone()).fit(&mut whole, &input, &target).unwrap();
    let weighted = |_| {
        let batches = batches().into_iter().zip(weights.chunks(BATCH));
        batches.map(|((input, target), weights)| (input, target, weights))
    };
    let mut network = Classifier::new(1);
    assert_eq!(rich().fit_batches(&mut network, Batches::of_epoch(weighted)).unwrap(), history);
    assert_eq!(network.tensors(), whole.tensors());
}

/// Batches that are references, and sequences of unequal lengths that own what they have.
#[test]
fn sequences_come_with_their_lengths() {
    let input: Vec<[[f32; 2]; 6]> =
        uniform::<12>(8, 1).iter().map(|row| *row.as_chunks().0.as_array().unwrap()).collect();
    let target: Vec<[usize; 6]> = (0..8).map(|e| std::array::from_fn(|t| (e * e + t * t) % 3)).collect();
    let lengths = [6, 1, 3, 5, 2, 4, 6, 1];
    let trainer =
        || Trainer::new(Adam::default()).epochs(3).batch(4).shuffle(false).progress(Progress::Silent);
    let mut whole = Labels::new(1);
    let padded = Padded { examples: &input, lengths: &lengths };
    let history = trainer().metric(Accuracy).fit(&mut whole, &padded, &target).unwrap();
    let mut network = Labels::new(1);
    let source = Batches::of_epoch(|_| {
        let parts = input.chunks(4).zip(lengths.chunks(4)).zip(target.chunks(4));
        parts.map(|((input, lengths), target)| {
            (Padded { examples: input.to_vec(), lengths: lengths.to_vec() }, target)
        })
    });
    assert_eq!(trainer().metric(Accuracy).fit_batches(&mut network, source).unwrap(), history);
    assert_eq!(network.tensors(), whole.tensors());
}
