//! Training, logging and what can go wrong on the way.

mod networks;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ndarray::Array2;
use netdsl_runtime::layers::{Float32, ParameterForecast};
use netdsl_runtime::prelude::*;
use netdsl_runtime::{Csv, Epoch, Error, JsonLines, Moment, Observer, Stage, Terminal};
use networks::{Classifier, DeepSigmoid, Exploding, Small, uniform};

/// The tutorial's data: 1000 inputs of 100 uniform numbers, 1000 uniform targets.
fn tutorial() -> (Vec<[f32; 100]>, Vec<[f32; 1]>) {
    (uniform(1000, 1), uniform(1000, 2))
}

fn silent<'a, N: Network<f32>>(optimizer: Sgd) -> Trainer<'a, f32, N> {
    Trainer::new(optimizer).epochs(5).progress(Progress::Silent)
}

/// Keras stalls at the variance of the targets, 1/12, on this network and data.
#[test]
fn ten_sigmoid_layers_stall_at_the_variance() {
    let (input, target) = tutorial();
    let mut network = DeepSigmoid::new(1);
    let history = silent(Sgd::default()).fit(&mut network, &input, &target).unwrap();
    assert_eq!(history.epochs.len(), 5);
    // The sample variance of 1000 targets is within 5 % of 1/12; steps add a little.
    assert!(history.epochs[1..].iter().all(|epoch| (0.078..0.092).contains(&epoch.loss)), "{history}");
}

#[test]
fn the_exploding_network_trains_when_clipped() {
    let (input, target) = tutorial();
    let mut network = Exploding::new(1);
    let mut logger = GradientLogger::on_batch();
    let optimizer = Sgd { clip: Some(Clip::Norm(1.0)), ..Sgd::default() };
    let history = Trainer::new(optimizer).epochs(5).progress(Progress::Silent).observe(&mut logger).fit(
        &mut network,
        &input,
        &target,
    );
    let history = history.unwrap();
    assert!(history.epochs.iter().all(|epoch| epoch.loss.is_finite()), "{history}");
    assert!(network.tensors().parameters().iter().all(|value| value.is_finite()));
    let records = logger.trace().records();
    assert_eq!(records.len(), 5 * 32);
    assert!(records[0].total().to_f64() > f64::from(f32::MAX));
    for record in records {
        assert!(record.norms.iter().all(|norm| norm.is_finite()));
        // Sums of 32-bit values: 1e-5 is well above their rounding.
        assert!(record.clipped.as_ref().unwrap().iter().all(|norm| norm.to_f64() < 1.0 + 1e-5));
    }
}

#[test]
fn the_exploding_network_ends_in_an_error_when_not() {
    let (input, target) = tutorial();
    let mut network = Exploding::new(1);
    let before = network.tensors().clone();
    let mut logger = GradientLogger::on_batch();
    let trainer = silent(Sgd::default()).observe(&mut logger);
    let Err(Error::NonFinite(error)) = trainer.fit(&mut network, &input, &target) else {
        panic!("it went on")
    };
    assert_eq!((error.step, error.stage), (Some(1), Stage::Gradient));
    assert_eq!(network.tensors(), &before);
    // The step that failed is logged, with norms that say why.
    let [record] = logger.trace().records() else { panic!("one step was tried") };
    assert_eq!(record.step, 1);
    assert!(record.total().to_f64() > f64::from(f32::MAX));
    assert!(!record.clipped_total().unwrap().is_finite());
}

/// With a huge learning rate the first steps are finite and a later one is not.
#[test]
fn the_last_good_step_is_kept() {
    /// Keeps the parameters after each step.
    #[derive(Default)]
    struct Keeper(Vec<f32>, u64);
    impl Observer<f32, Small> for Keeper {
        fn begin(&mut self, _network: &Small) -> Result<(), Error> {
            Ok(())
        }
        fn step(&mut self, network: &Small, moment: &Moment<'_, f32>) -> Result<(), Error> {
            self.0 = network.tensors().parameters().to_vec();
            self.1 = moment.report.step;
            Ok(())
        }
        fn epoch(&mut self, _network: &Small, _number: usize, _epoch: &Epoch) -> Result<(), Error> {
            Ok(())
        }
        fn failed(&mut self, network: &Small, _moment: &Moment<'_, f32>) -> Result<(), Error> {
            assert_eq!(network.tensors().parameters(), self.0);
            Ok(())
        }
    }
    let (input, target) = (uniform::<3>(64, 1), uniform::<2>(64, 2));
    let mut network = Small::new(1);
    let mut keeper = Keeper::default();
    let optimizer = Sgd { learning_rate: 1e9, ..Sgd::default() };
    let trainer = Trainer::new(optimizer).epochs(50).progress(Progress::Silent).observe(&mut keeper);
    let Err(Error::NonFinite(error)) = trainer.fit(&mut network, &input, &target) else {
        panic!("it went on")
    };
    assert!(keeper.1 > 0);
    assert_eq!(error.step, Some(keeper.1 + 1), "{error}");
    assert_eq!(network.tensors().parameters(), keeper.0);
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let (input, target) = (uniform::<4>(50, 1), (0..50).map(|index| index % 3).collect::<Vec<usize>>());
    let train = |seed| {
        let mut network = Classifier::new(0);
        let trainer = Trainer::new(Adam::default()).epochs(3).batch(8).seed(seed).progress(Progress::Silent);
        let history = trainer.fit(&mut network, &input, &target).unwrap();
        (history, network.tensors().clone())
    };
    assert_eq!(train(1), train(1));
    assert_ne!(train(1).1, train(2).1);
}

/// An epoch without shuffling is the same as its steps by hand, the smaller last batch included.
#[test]
fn an_epoch_is_its_steps() {
    let (input, target) = (uniform::<3>(10, 1), uniform::<2>(10, 2));
    let mut network = Small::new(1);
    let trainer = Trainer::new(Adam::default()).shuffle(false).batch(4).progress(Progress::Silent);
    let history = trainer.fit(&mut network, &input, &target).unwrap();
    let mut twin = Small::new(1);
    let mut step = netdsl_runtime::TrainingStep::new(&Adam::default(), 0).unwrap();
    let mut sum = 0.0;
    for (input, target) in input.chunks(4).zip(target.chunks(4)) {
        sum += step.run(&mut twin, input, target).unwrap().loss * input.len() as f64;
    }
    assert_eq!(network.tensors(), twin.tensors());
    assert_eq!(history.epochs[0].loss, sum / 10.0);
}

#[test]
fn validation_is_the_loss_after_the_epoch() {
    let (input, target) = (uniform::<3>(10, 1), uniform::<2>(10, 2));
    let mut network = Small::new(1);
    let trainer = Trainer::new(Sgd::default()).epochs(2).progress(Progress::Lines);
    let history = trainer.validation(&input, &target).unwrap().fit(&mut network, &input, &target).unwrap();
    // The same sum in batches of 4 and at once: only the rounding of f64 differs.
    let loss = network.loss(&input, &target).unwrap();
    assert!((history.epochs[1].validation_loss.unwrap() - loss).abs() < 1e-7);
}

#[test]
fn wrong_data_changes_nothing() {
    let mut network = Small::new(1);
    let before = network.tensors().clone();
    let (input, target) = (uniform::<3>(10, 1), uniform::<2>(10, 2));
    let trainer = || Trainer::new(Sgd::default()).progress(Progress::Silent);
    let mut fail = |trainer: Trainer<'_, f32, Small>, input: &Array2<f32>, target: &Array2<f32>| {
        trainer.fit(&mut network, input, target).unwrap_err().to_string()
    };
    let array = |rows: &[[f32; 3]]| Array2::from(rows.to_vec());
    let (good, goal) = (array(&input), Array2::from(target.clone()));
    assert_eq!(fail(trainer().batch(0), &good, &goal), "the batch is 0, expected at least 1");
    let nan = Sgd { learning_rate: f64::NAN, ..Sgd::default() };
    assert_eq!(
        fail(Trainer::new(nan), &good, &goal),
        "the learning rate is NaN, expected a finite number above 0"
    );
    let wide = Array2::zeros((10, 4));
    assert_eq!(fail(trainer(), &wide, &goal), "the input has the shape [10, 4], expected [batch, 3]");
    assert_eq!(fail(trainer(), &good, &good), "the target has the shape [10, 3], expected [batch, 2]");
    assert_eq!(
        fail(trainer(), &array(&input[..9]), &goal),
        "the input has 9 examples, but the target has 10"
    );
    assert_eq!(
        fail(trainer(), &Array2::zeros((0, 3)), &Array2::zeros((0, 2))),
        "the input has no examples, expected at least one"
    );
    let mut infinite = good.clone();
    infinite[[9, 2]] = f32::INFINITY;
    let expected = "value 2 of example 9 of the input is inf, expected a finite number";
    assert_eq!(fail(trainer(), &infinite, &goal), expected);
    let mut wrong = goal.clone();
    wrong[[9, 1]] = f32::NAN;
    assert_eq!(
        fail(trainer(), &good, &wrong),
        "value 1 of example 9 of the target is NaN, expected a finite number"
    );
    assert_eq!(network.tensors(), &before);
}

/// What a user would write to see whether gradients stay what they are.
#[test]
fn a_trace_is_a_snapshot() {
    let (input, target) = tutorial();
    let mut network = DeepSigmoid::new(1);
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap().every(16);
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).observe(&mut logger);
    trainer.fit(&mut network, &input, &target).unwrap();
    insta::assert_snapshot!(logger.trace());
}

/// A file that can be read while it is written.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

#[test]
fn sinks_survive_what_is_not_finite() {
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let (csv, json, terminal) = (Shared::default(), Shared::default(), Shared::default());
    let mut logger = GradientLogger::on_probe(&input, &target)
        .unwrap()
        .to(Csv::to(csv.clone()))
        .to(JsonLines::to(json.clone()))
        .to(Terminal::to(terminal.clone()));
    let mut network = Small::new(1);
    network.parameter_mut("output.weight").unwrap().fill(f32::NAN);
    Observer::begin(&mut logger, &network).unwrap();
    let csv = csv.text();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("epoch,step,loss,total,clipped_total,hidden.0.weight,clipped:hidden.0.weight,")
    );
    assert!(lines[1].starts_with("0,0,NaN,NaN,,NaN,,NaN,,"), "{}", lines[1]);
    let object: serde_json::Value = serde_json::from_str(json.text().trim_end()).unwrap();
    assert_eq!(object["loss"], "NaN");
    assert_eq!(object["norms"]["output.bias"], "NaN");
    assert!(object.get("clipped").is_none());
    let line = "step 0: loss NaN, gradient norm NaN: hidden.0.weight NaN, ";
    assert!(terminal.text().starts_with(line));
}

#[test]
fn sinks_tell_before_from_after() {
    let (input, target) = tutorial();
    let (csv, json) = (Shared::default(), Shared::default());
    let mut logger = GradientLogger::on_batch().to(Csv::to(csv.clone())).to(JsonLines::to(json.clone()));
    let mut network = Exploding::new(1);
    let optimizer = Sgd { clip: Some(Clip::GlobalNorm(1.0)), ..Sgd::default() };
    let trainer = Trainer::new(optimizer).progress(Progress::Silent).observe(&mut logger);
    trainer.fit(&mut network, &input, &target).unwrap();
    assert_eq!(csv.text().lines().count(), 33);
    let mut reader = csv::Reader::from_reader(csv.text().leak().as_bytes());
    for row in reader.records() {
        let row = row.unwrap();
        // Sums of 32-bit values: 1e-5 is well above their rounding.
        assert!(row[4].parse::<f64>().unwrap() <= 1.0 + 1e-5);
    }
    let first: serde_json::Value = serde_json::from_str(json.text().lines().next().unwrap()).unwrap();
    assert!(first["total"].as_f64().unwrap() > f64::from(f32::MAX));
    assert!((first["clipped_total"].as_f64().unwrap() - 1.0).abs() < 1e-5);
}

#[test]
fn a_full_disk_is_an_error() {
    #[derive(Clone)]
    struct Full;
    impl Write for Full {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let loggers = [
        GradientLogger::on_batch().to(Csv::to(Full)),
        GradientLogger::on_batch().to(JsonLines::to(Full)),
        GradientLogger::on_batch().to(Terminal::to(Full)),
    ];
    for mut logger in loggers {
        let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).observe(&mut logger);
        let error = trainer.fit(&mut Small::new(1), &input, &target).unwrap_err();
        assert_eq!(error.to_string(), "could not write the gradient log: no storage space");
    }
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let path = in_the_way.join("log.csv");
    for error in [Csv::create(&path).unwrap_err(), Csv::append(&path).unwrap_err()] {
        let expected = format!("could not write {}: ", path.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

/// The verdict on measured gradients, where the forecast's is known from the tutorial.
#[test]
fn measured_gradients_have_a_verdict() {
    let (input, target) = tutorial();
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    assert_eq!(logger.trace().verdict(), None);
    Observer::begin(&mut logger, &DeepSigmoid::new(1)).unwrap();
    assert_eq!(logger.trace().verdict().unwrap().name(), "vanishing");
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    Observer::begin(&mut logger, &Exploding::new(1)).unwrap();
    assert_eq!(logger.trace().verdict().unwrap().name(), "non_finite");
}

#[test]
fn forecast_and_measurement_stand_side_by_side() {
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    let network = Small::new(1);
    logger.begin(&network).unwrap();
    let norm = network.gradients(&input, &target).unwrap().norm("output.bias").unwrap();
    let parameter = |name: &'static str, norm| ParameterForecast {
        name: name.into(),
        shape: vec![2].into(),
        rms: 0.0,
        gradient_norm_log10: norm,
        gradient_norm_log10_std: None,
        f32: Float32::Finite,
    };
    let parameters =
        vec![parameter("output.bias", Some(norm.log10() - 1.0)), parameter("output.weight", None)];
    let forecast = Forecast { parameters: parameters.into(), ..Forecast::unknown() };
    let text = logger.trace().compare(&forecast).to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "gradient norms of `Small`: healthy forecast, healthy measured");
    assert!(lines[2].starts_with("output.bias") && lines[2].ends_with(&format!("{norm}    +1.00")), "{text}");
    assert!(lines[3].starts_with("output.weight          0") && lines[3].ends_with('-'), "{text}");
}
