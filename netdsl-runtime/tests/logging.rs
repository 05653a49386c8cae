//! What is logged beside norms, and where it goes.

mod networks;

use std::cell::RefCell;
use std::io::{self, Write};
use std::process::Command;
use std::rc::Rc;

use netdsl_runtime::layers::{Sgd, Verdict};
use netdsl_runtime::{
    Csv, GradientLogger, JsonLines, Network, Observer, Progress, Report, Run, TensorBoard, Terminal, Tracing,
    Trainer, TrainingStep,
};
use networks::{Classifier, DeepSigmoid, Exploding, Small, uniform};

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

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn updates_are_measured_against_weights() {
    let (input, target) = (uniform::<3>(4, 1), uniform::<2>(4, 2));
    let mut network = Small::new(1);
    let mut logger = GradientLogger::on_batch().updates();
    let trainer = || Trainer::new(Sgd { learning_rate: 0.1, ..Sgd::default() }).progress(Progress::Silent);
    trainer().observe(&mut logger).fit(&mut network, &input, &target).unwrap();
    let before = Small::new(1);
    let updates = logger.trace().records()[0].updates.clone().unwrap();
    for (parameter, update) in Small::<f32>::parameters().into_iter().zip(updates) {
        let old = &before.tensors().parameters()[parameter.range.clone()];
        let new = &network.tensors().parameters()[parameter.range];
        let (change, size) =
            (norm(old.iter().zip(new).map(|(old, new)| new - old)), norm(old.iter().copied()));
        // A difference of 32-bit numbers is rounded once here and not at all there. Biases start at zero.
        if size == 0.0 {
            assert!(update.is_nan(), "{}", parameter.name);
        } else {
            assert!((update * size / change - 1.0).abs() < 1e-5, "{}", parameter.name);
        }
    }
}

/// Rectifiers that are switched off by their biases, and sigmoids that are driven to their ends.
#[test]
fn dead_and_saturated_units_are_counted() {
    let input = uniform::<4>(16, 1);
    let target = [0usize; 16];
    let mut network = Classifier::new(1);
    let mut bias = network.parameter_mut("stem.bias").unwrap();
    bias.iter_mut().for_each(|value| *value = 5.0);
    bias.iter_mut().take(4).for_each(|value| *value = -100.0);
    let mut logger = GradientLogger::on_batch().units();
    let trainer = Trainer::new(Sgd::default()).batch(16).progress(Progress::Silent);
    trainer.observe(&mut logger).fit(&mut network, &input, &target[..]).unwrap();
    assert_eq!(logger.trace().header().layers, ["stem"]);
    let units = logger.trace().records()[0].units.clone().unwrap();
    assert_eq!((units[0].dead, units[0].saturated), (4.0 / 16.0, None));

    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let mut network = DeepSigmoid::new(1);
    network.parameter_mut("hidden.3.bias").unwrap().iter_mut().take(25).for_each(|value| *value = 1000.0);
    let mut logger = GradientLogger::on_batch().units();
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent);
    trainer.observe(&mut logger).fit(&mut network, &input, &target).unwrap();
    let units = logger.trace().records()[0].units.clone().unwrap();
    assert_eq!(units.len(), 10);
    assert_eq!((units[3].dead, units[3].saturated), (0.0, Some(0.25)));
    assert_eq!(units[5].saturated, Some(0.0));
}

#[test]
fn sinks_have_columns_for_what_is_measured() {
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let (csv, json) = (Shared::default(), Shared::default());
    let mut logger = GradientLogger::on_batch()
        .updates()
        .units()
        .every(2)
        .to(Csv::to(csv.clone()))
        .to(JsonLines::to(json.clone()));
    let trainer = Trainer::new(Sgd::default()).epochs(2).progress(Progress::Silent);
    trainer.observe(&mut logger).fit(&mut Small::new(1), &input, &target).unwrap();
    let csv = csv.text();
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header.len(), first.len());
    let cell = |name: &str| first[header.iter().position(|column| *column == name).unwrap()];
    assert!(cell("update:output.weight").parse::<f64>().unwrap() > 0.0);
    assert_eq!((cell("dead:hidden.0"), cell("saturated:hidden.1")), ("0", "0"));
    // Four steps, of which every second is logged.
    assert_eq!(lines.count(), 1);
    let line: serde_json::Value = serde_json::from_str(json.text().lines().next().unwrap()).unwrap();
    assert!(line["updates"]["output.weight"].as_f64().unwrap() > 0.0);
    assert_eq!((&line["dead"]["hidden.0"], &line["saturated"]["hidden.1"]), (&0.0.into(), &0.0.into()));
}

/// Trains with this logger, and once more with a network that is no number.
fn log(mut logger: GradientLogger<f32, Small>) {
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let trainer = Trainer::new(Sgd::default()).epochs(3).progress(Progress::Silent);
    trainer.observe(&mut logger).fit(&mut Small::new(1), &input, &target).unwrap();
}

#[test]
fn tensor_board_reads_its_events() {
    let found = Command::new("python3").args(["-c", "import tensorboard.backend.event_processing"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3 with tensorboard");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    log(GradientLogger::on_probe(&input, &target)
        .unwrap()
        .updates()
        .units()
        .to(TensorBoard::create(folder.path().join("run")).unwrap()));
    let script = "
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
number = lambda value: value if value == value else None
scalars = {tag: [[e.step, number(e.value)] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}
print(json.dumps(scalars))";
    let output =
        Command::new("python3").args(["-c", script]).arg(folder.path().join("run")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let scalars: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut twin = GradientLogger::on_probe(&input, &target).unwrap();
    Observer::<f32, Small>::begin(&mut twin, &Small::new(1)).unwrap();
    let first = &twin.trace().records()[0];
    let read = |tag: &str, index: usize| {
        let [step, value] = scalars[tag][index].as_array().unwrap().as_slice() else { panic!("{tag}") };
        (step.as_u64().unwrap(), value.as_f64().unwrap() as f32)
    };
    assert_eq!(read("loss", 0), (0, first.loss as f32));
    assert_eq!(read("gradient_norm", 0), (0, first.total().to_f64() as f32));
    assert_eq!(read("gradient_norm/hidden.0.weight", 0), (0, first.norms[0].to_f64() as f32));
    // The probe before the first step, and six steps.
    assert_eq!(scalars["gradient_norm/output.bias"].as_array().unwrap().len(), 7);
    assert_eq!(scalars["update/output.weight"].as_array().unwrap().len(), 6);
    assert_eq!(scalars["saturated/hidden.1"].as_array().unwrap().len(), 6);
}

#[test]
fn every_sink_survives_what_is_not_finite() {
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let events = Shared::default();
    let mut logger =
        GradientLogger::on_probe(&input, &target).unwrap().to(TensorBoard::to(events.clone())).to(Tracing);
    let mut network = Small::new(1);
    network.parameter_mut("output.weight").unwrap().fill(f32::NAN);
    Observer::begin(&mut logger, &network).unwrap();
    assert!(events.0.borrow().len() > 100);
}

#[test]
fn tracing_gets_an_event_for_each_record() {
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    #[derive(Clone, Default)]
    struct Seen(std::sync::Arc<std::sync::Mutex<Vec<String>>>);
    impl Subscriber for Seen {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "netdsl::gradients"
        }
        fn new_span(&self, _span: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _span: &Id, _values: &Record<'_>) {}
        fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
        fn event(&self, event: &Event<'_>) {
            struct Text(String);
            impl Visit for Text {
                fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                    self.0 += &format!("{}={value:?} ", field.name());
                }
            }
            let mut text = Text(format!("{} ", event.metadata().level()));
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
        fn enter(&self, _span: &Id) {}
        fn exit(&self, _span: &Id) {}
    }
    let seen = Seen::default();
    tracing::subscriber::with_default(seen.clone(), || log(GradientLogger::on_batch().to(Tracing)));
    let seen = seen.0.lock().unwrap();
    // Six steps of a network with six parameters.
    assert_eq!(seen.len(), 6 * 7);
    assert!(seen[0].starts_with("INFO network=\"Small\" epoch=1 step=1 loss="), "{}", seen[0]);
    assert!(seen[1].starts_with("DEBUG step=1 parameter=\"hidden.0.weight\" norm="), "{}", seen[1]);
}

/// A report of a step has what the logger reads.
#[test]
fn a_report_knows_the_step() {
    let (input, target) = (uniform::<3>(4, 1), uniform::<2>(4, 2));
    let mut network = Small::new(1);
    let output: Vec<f32> = network.predict(&input).unwrap().into_iter().collect();
    let mut step = TrainingStep::new(&Sgd::default(), 0).unwrap();
    let report = step.run(&mut network, &input, &target).unwrap();
    assert_eq!(report.changes.len(), Small::<f32>::parameters().len());
    let mut seen = Vec::new();
    report.outputs(&mut |path, values| seen.push((path.to_string(), values.to_vec())));
    let names: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["hidden.0", "hidden.1", "output"]);
    assert_eq!(seen[2].1, output);
}

#[test]
fn a_log_goes_on_where_it_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, json) = (folder.path().join("log.csv"), folder.path().join("log.jsonl"));
    for _ in 0..2 {
        log(GradientLogger::on_batch().to(Csv::append(&csv).unwrap()).to(JsonLines::append(&json).unwrap()));
    }
    let lines = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(String::from).collect::<Vec<_>>()
    };
    // One header, and twice six steps.
    assert_eq!((lines(&csv).len(), lines(&json).len()), (13, 12));
    assert_eq!(lines(&csv)[1], lines(&csv)[7]);
    assert_eq!(lines(&csv).iter().filter(|line| line.starts_with("epoch,")).count(), 1);
    // The log of other measures is not gone on with.
    let error = Observer::<f32, Small>::begin(
        &mut GradientLogger::on_batch().updates().to(Csv::append(&csv).unwrap()),
        &Small::new(1),
    );
    let expected =
        "log.csv is not there, expected `update:hidden.0.weight`: a log goes on with what it began with";
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("column 18 of ") && error.ends_with(expected), "{error}");
    log(GradientLogger::on_batch().to(Csv::create(&csv).unwrap()));
    assert_eq!(lines(&csv).len(), 7);
}

/// The names stand in every line, so that one line says all.
#[test]
fn the_terminal_names_the_parameters() {
    let text = Shared::default();
    log(GradientLogger::on_batch().to(Terminal::to(text.clone())));
    let text = text.text();
    assert_eq!(text.lines().count(), 6);
    let line = text.lines().next().unwrap();
    assert!(line.starts_with("step 1: loss "), "{line}");
    assert!(line.contains(": hidden.0.weight ") && line.contains(", output.bias "), "{line}");
}

/// What is known of the units decides and explains the verdict: a gradient of zero is that of a dead layer, or of one at the ends of
/// its activation.
#[test]
fn units_are_part_of_the_verdict() {
    fn heading<N: Network<f32>>(logger: &GradientLogger<f32, N>) -> String {
        logger.trace().compare(N::forecast()).to_string().lines().next().unwrap_or_default().into()
    }
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let untrained = GradientLogger::<f32, Exploding>::on_batch();
    assert!(heading(&untrained).ends_with(" forecast, nothing measured"), "{}", heading(&untrained));

    let mut dead = Exploding::new(1);
    dead.parameter_mut("hidden.3.bias").unwrap().fill(-1e30);
    let on_probe = || GradientLogger::on_probe(&input, &target).unwrap();
    for mut logger in [GradientLogger::on_batch(), on_probe()] {
        let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent);
        trainer
            .observe(&mut logger)
            .fit(&mut Exploding::from_tensors(dead.tensors().clone()), &input, &target)
            .unwrap();
        assert_eq!(logger.trace().verdict(), Some(Verdict::Dead));
        assert!(heading(&logger).ends_with(" forecast, dead measured"), "{}", heading(&logger));
    }

    let (input, target) = (uniform::<3>(32, 1), uniform::<2>(32, 2));
    let mut saturated = Small::new(1);
    saturated.parameter_mut("hidden.1.bias").unwrap().fill(50.0);
    let mut logger = GradientLogger::on_batch();
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).observe(&mut logger);
    let history = trainer.fit(&mut saturated, &input, &target).unwrap();
    let saturated = "100 % of the values of `hidden.1` are at an end of its activation";
    let expected = format!(" forecast, vanishing measured ({saturated})");
    assert!(heading(&logger).ends_with(&expected), "{}", heading(&logger));
    let mut report = Report::new("Small");
    let forecast = Small::<f32>::forecast();
    report.add(&Run { title: "a", forecast, trace: logger.trace(), outcome: Ok(&history) }).unwrap();
    let expected = "Measured: <b>vanishing</b>: 100 % of the values of <code>hidden.1</code> are at an end of its activation.";
    assert!(report.html().contains(expected));
}

/// A file in the place of a folder, and what is no file at all.
#[test]
fn what_can_not_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let below = in_the_way.join("deeper").join("log");
    let expected = format!(": {}: it is no folder", in_the_way.display());
    let errors = [
        Csv::create(&below).map(drop),
        Csv::append(&below).map(drop),
        JsonLines::create(&below).map(drop),
        TensorBoard::create(&below).map(drop),
        Report::new("empty").write(&below),
    ];
    for error in errors {
        let message = error.unwrap_err().to_string();
        assert!(message.starts_with("could not write ") && message.ends_with(&expected), "{message}");
    }
    assert!(Csv::create("").unwrap_err().to_string().starts_with("could not write \"\": "));
    #[cfg(target_os = "linux")]
    {
        let expected = "could not write /dev/full: it is a device, a pipe or a socket, expected a file";
        assert_eq!(Csv::append("/dev/full").unwrap_err().to_string(), expected);
        assert_eq!(JsonLines::append("/dev/full").unwrap_err().to_string(), expected);
    }
}
