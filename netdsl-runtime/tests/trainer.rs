//! What a trainer does beside steps: schedules, metrics, weights, averages, and when it ends.

mod networks;

use std::ops::ControlFlow;

use ndarray::Array2;
use netdsl_runtime::layers::transforms::{ClipNorm, LearningRate};
use netdsl_runtime::layers::{Adam, Composed, Sgd, SoftmaxCrossEntropy};
use netdsl_runtime::metrics::{Accuracy, MeanAbsoluteError, RSquared, RootMeanSquareError, TopK};
use netdsl_runtime::schedules::{
    Constant, Cosine, ExponentialDecay, OneCycle, ReduceOnPlateau, Schedule, StepDecay, WarmUp,
};
use netdsl_runtime::{
    Checkpoints, EarlyStopping, End, Error, History, Network, Padded, Progress, Trainer, TrainingStep,
};
use networks::{Classifier, Labels, Pixels, Places, Small, uniform};

type Rows<const N: usize> = Vec<[f32; N]>;

fn data() -> (Rows<3>, Rows<2>) {
    (uniform::<3>(20, 1), uniform::<2>(20, 2))
}

fn classes() -> (Rows<4>, Vec<usize>) {
    (uniform::<4>(30, 1), (0..30).map(|index| index * index % 3).collect())
}

fn trainer<'a>() -> Trainer<'a, f32, Small> {
    Trainer::new(Sgd { learning_rate: 0.1, ..Sgd::default() }).progress(Progress::Silent)
}

/// Trains a small network; its parameters and the history.
fn trained(trainer: Trainer<'_, f32, Small>) -> (Vec<f32>, History) {
    let (input, target) = data();
    let mut network = Small::new(1);
    let history = trainer.fit(&mut network, &input, &target).unwrap();
    (network.tensors().parameters().to_vec(), history)
}

/// The largest distance between two lists.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// The parameters after these steps of whole batches, in the order of the data, at these learning rates.
fn by_hand(batch: usize, rates: impl Fn(usize) -> f64) -> Vec<f32> {
    let (input, target) = data();
    let mut network = Small::new(1);
    let mut step = TrainingStep::new(&Sgd::default(), 0).unwrap();
    for (index, (input, target)) in input.chunks(batch).zip(target.chunks(batch)).enumerate() {
        step.set_learning_rate(rates(index)).unwrap();
        step.run(&mut network, input, target).unwrap();
    }
    network.tensors().parameters().to_vec()
}

#[test]
fn a_schedule_multiplies_the_learning_rate() {
    let stairs = StepDecay { every: 2, factor: 0.5 };
    let (parameters, _) = trained(trainer().shuffle(false).batch(4).schedule(stairs));
    assert_eq!(parameters, by_hand(4, |step| 0.1 * stairs.factor(step as u64)));
}

#[test]
fn a_schedule_of_zero_is_no_step() {
    let before = Small::new(1).tensors().parameters().to_vec();
    assert_eq!(trained(trainer().schedule(Constant { factor: 0.0 })).0, before);
}

#[test]
fn wrong_settings_are_named() {
    let (input, target) = data();
    let message = |trainer: Trainer<'_, f32, Small>| {
        trainer.fit(&mut Small::new(1), &input, &target).unwrap_err().to_string()
    };
    for factor in [f64::NAN, f64::INFINITY, -1.0] {
        let expected = format!("`factor` of the schedule is {factor}, expected a number of at least 0");
        assert_eq!(message(trainer().schedule(Constant { factor })), expected);
    }
    assert_eq!(message(trainer().epochs(0)), "the number of epochs is 0, expected at least 1");
    assert_eq!(message(trainer().batch(0)), "the batch is 0, expected at least 1");
    assert_eq!(message(trainer().accumulate(0)), "the number of batches in a step is 0, expected at least 1");
    let expected = "the decay of the average is 1, expected a share of at least 0 and below 1";
    assert_eq!(message(trainer().average(1.0)), expected);
    assert_eq!(message(trainer().sample_weights([1.0; 3])), "there are 3 sample weights, expected 20");
    assert_eq!(message(trainer().sample_weights([1.0])), "there is 1 sample weight, expected 20");
    let mut weights = [1.0; 20];
    weights[4] = -1.0;
    let expected = "the weight of example 4 is -1, expected a finite number of at least 0";
    assert_eq!(message(trainer().sample_weights(weights)), expected);
    let expected = "the largest sample weight is 0, expected a number above 0";
    assert_eq!(message(trainer().sample_weights([0.0; 20])), expected);
    let never = Checkpoints::to("never").every_steps(0);
    let expected = "the number of steps from checkpoint to checkpoint is 0, expected at least 1";
    assert_eq!(message(trainer().checkpoints(never)), expected);
    let text = message(trainer().freeze("hiden"));
    assert!(text.starts_with("there is no parameter `hiden` (there are `hidden`, `hidden.0`, "), "{text}");
    assert!(text.ends_with("): did you mean `hidden`?"), "{text}");
    let of_classes = |weights: &[f64]| {
        let trainer = Trainer::<f32, Classifier>::new(Sgd::default());
        trainer.class_weights(weights).unwrap_err().to_string()
    };
    assert_eq!(of_classes(&[1.0; 2]), "there are 2 class weights, expected 3");
    let expected = "the weight of class 1 is -1, expected a finite number of at least 0";
    assert_eq!(of_classes(&[1.0, -1.0, 1.0]), expected);
    assert_eq!(of_classes(&[0.0; 3]), "the largest class weight is 0, expected a number above 0");
    let top = |k| {
        let (input, target) = classes();
        let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).metric(TopK(k));
        trainer.fit(&mut Classifier::new(1), &input, &target).map(drop).map_err(|error| error.to_string())
    };
    for k in [0, 4] {
        let expected = format!("the `k` of `TopK` is {k}, expected 1 to 3, the number of classes");
        assert_eq!(top(k), Err(expected));
    }
    assert_eq!(top(3), Ok(()));
}

/// What a block refuses of an optimizer is refused before the first step, and so is a schedule that makes no sense.
#[test]
fn settings_of_steps_are_checked_before_them() {
    let (input, target) = data();
    let refused = |trainer: Trainer<'_, f32, Small>, expected: &str| {
        let mut network = Small::new(1);
        let before = network.tensors().clone();
        let error = trainer.progress(Progress::Silent).fit(&mut network, &input, &target).unwrap_err();
        assert!(matches!(error, Error::Setting { .. }));
        assert_eq!(error.to_string(), expected);
        assert_eq!(network.tensors(), &before);
    };
    let beta = "expected a share of at least 0 and below 1";
    let adam = Adam { beta_1: 2.0, ..Adam::default() };
    refused(Trainer::new(adam), &format!("`beta_1` of the optimizer is 2, {beta}"));
    let adam = Adam { beta_1: f64::NAN, ..Adam::default() };
    refused(Trainer::new(adam), &format!("`beta_1` of the optimizer is NaN, {beta}"));
    let adam = Adam { epsilon: -1.0, ..Adam::default() };
    refused(Trainer::new(adam), "`epsilon` of the optimizer is -1, expected a number of at least 0");
    let sgd = Sgd { momentum: 5.0, ..Sgd::default() };
    refused(Trainer::new(sgd), &format!("`momentum` of the optimizer is 5, {beta}"));
    let composed = Composed::new(0.1, || vec![Box::new(ClipNorm { bound: -1.0 }), Box::new(LearningRate)]);
    refused(Trainer::new(composed), "`bound` of the optimizer is -1, expected a number above 0");
    let expected = "the number of transforms of the optimizer is 0, expected at least 1";
    refused(Trainer::new(Composed::new(0.1, Vec::new)), expected);

    let plateau = ReduceOnPlateau { factor: -2.0, ..ReduceOnPlateau::default() };
    refused(trainer().reduce_on_plateau(plateau), &format!("`factor` of `reduce_on_plateau` is -2, {beta}"));
    let stopping = EarlyStopping { least: f64::NAN, ..EarlyStopping::default() };
    let expected = "`least` of early stopping is NaN, expected a number of at least 0";
    refused(trainer().early_stopping(stopping), expected);
    let of_schedule = |name: &str, rest: &str| format!("`{name}` of the schedule is {rest}");
    let at_least_one = |name: &str| of_schedule(name, "0, expected at least 1");
    refused(trainer().schedule(Cosine::new(0)), &at_least_one("steps"));
    refused(trainer().schedule(Cosine::new(9).restarts(0)), &at_least_one("growth"));
    refused(trainer().schedule(OneCycle::new(0)), &at_least_one("steps"));
    refused(trainer().schedule(StepDecay { every: 0, factor: 0.5 }), &at_least_one("every"));
    refused(trainer().schedule(ExponentialDecay { steps: 0, factor: 0.5 }), &at_least_one("steps"));
    let behind = WarmUp::new(0).then(0, Constant::default().times(Cosine::new(9).end(-1.0)));
    refused(trainer().schedule(behind), &of_schedule("end", "-1, expected a number of at least 0"));
    let rise = OneCycle::new(9).rise(1.5);
    refused(trainer().schedule(rise), &of_schedule("rise", "1.5, expected a number from 0 to 1"));
}

/// A schedule of one's own that says nothing of its settings is asked at every step.
#[test]
fn a_factor_that_is_none_ends_a_training() {
    #[derive(Debug)]
    struct Falls;
    impl Schedule for Falls {
        fn factor(&self, step: u64) -> f64 {
            1.0 - step as f64
        }
    }
    let (input, target) = data();
    let error = trainer().batch(5).schedule(Falls).fit(&mut Small::new(1), &input, &target).unwrap_err();
    let expected = "the factor of the schedule is -1, expected a finite number of at least 0";
    assert_eq!(error.to_string(), expected);
}

/// Five batches of 4 in one step are the step of one batch of 20, but for the order of the sums.
#[test]
fn accumulated_batches_are_one_large_batch() {
    let (together, history) = trained(trainer().shuffle(false).batch(4).accumulate(5));
    assert!(distance(&together, &by_hand(20, |_| 0.1)) < 1e-6);
    let (whole, other) = trained(trainer().shuffle(false).batch(20));
    assert!(distance(&together, &whole) < 1e-6);
    assert!((history.epochs[0].loss - other.epochs[0].loss).abs() < 1e-6);
    // Unequal parts: batches of 6, 6, 6 and 2 examples.
    let (together, _) = trained(trainer().shuffle(false).batch(6).accumulate(4));
    assert!(distance(&together, &whole) < 1e-6);
}

#[test]
fn frozen_parameters_stay_as_they_are() {
    let decaying = netdsl_runtime::layers::AdamW { weight_decay: 0.5, ..Default::default() };
    let trainer = Trainer::new(decaying).progress(Progress::Silent).freeze("hidden.1").freeze("output.bias");
    let (parameters, _) = trained(trainer);
    let before = Small::new(1);
    for parameter in Small::<f32>::parameters() {
        let frozen = parameter.name.starts_with("hidden.1.") || parameter.name == "output.bias";
        let same = parameters[parameter.range.clone()] == before.tensors().parameters()[parameter.range];
        assert_eq!(same, frozen, "{}", parameter.name);
    }
}

/// Nothing could change; in a network with running statistics these still do.
#[test]
fn something_is_left_to_train() {
    let (input, target) = data();
    let error = trainer().freeze("hidden").freeze("output").fit(&mut Small::new(1), &input, &target);
    let expected = "the number of parameters that are not frozen is 0, expected at least 1";
    assert_eq!(error.unwrap_err().to_string(), expected);
    let (input, target) = classes();
    let mut network = Classifier::new(1);
    let before = network.tensors().clone();
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent);
    trainer.freeze("stem").freeze("norm").freeze("head").fit(&mut network, &input, &target).unwrap();
    assert_eq!(network.tensors().parameters(), before.parameters());
    assert_ne!(network.tensors().statistics(), before.statistics());
}

/// A weight of two is the same as the example twice, one of zero the same as without it, but for the number of examples
/// that the loss is divided by.
#[test]
fn weights_count_examples() {
    let (input, target) = data();
    let weights: Vec<f64> = (0..20).map(|index| f64::from(index % 3)).collect();
    let mut weighted = Small::new(1);
    let one = || Trainer::new(Sgd { learning_rate: 0.1, ..Sgd::default() }).progress(Progress::Silent);
    let history =
        one().batch(20).sample_weights(weights.clone()).fit(&mut weighted, &input, &target).unwrap();
    let repeat = |index: usize| std::iter::repeat_n(index, weights[index] as usize);
    let indices: Vec<usize> = (0..20).flat_map(repeat).collect();
    let input: Rows<3> = indices.iter().map(|index| input[*index]).collect();
    let target: Rows<2> = indices.iter().map(|index| target[*index]).collect();
    let share = indices.len() as f64 / 20.0;
    let mut repeated = Small::new(1);
    let mut step = TrainingStep::new(&Sgd { learning_rate: 0.1 * share, ..Sgd::default() }, 0).unwrap();
    let loss = step.run(&mut repeated, &input, &target).unwrap().loss;
    // Sums of 32-bit numbers in another order.
    assert!(distance(weighted.tensors().parameters(), repeated.tensors().parameters()) < 1e-6);
    assert!((history.epochs[0].loss - loss * share).abs() < 1e-7);
}

#[test]
fn classes_have_weights() {
    let (input, target) = classes();
    let fit = |trainer: Trainer<'_, f32, Classifier>| {
        let mut network = Classifier::new(1);
        trainer.progress(Progress::Silent).fit(&mut network, &input, &target).unwrap();
        network.tensors().parameters().to_vec()
    };
    let of_class = [0.5, 2.0, 1.0];
    let weights: Vec<f64> = target.iter().map(|class| of_class[*class]).collect();
    let by_class = fit(Trainer::new(Sgd::default()).class_weights(of_class).unwrap());
    assert_eq!(by_class, fit(Trainer::new(Sgd::default()).sample_weights(weights)));
    assert_ne!(by_class, fit(Trainer::new(Sgd::default())));
}

/// The formula of the weighted cross-entropy and of its gradient at the bias of the last layer, written out, with padding and
/// without.
#[test]
fn classes_of_steps_have_weights() {
    let input: Vec<[[f32; 2]; 6]> =
        uniform::<12>(4, 1).iter().map(|row| std::array::from_fn(|t| [row[2 * t], row[2 * t + 1]])).collect();
    let target: Vec<[usize; 6]> = (0..4).map(|e| std::array::from_fn(|t| (e * e + t * t) % 3)).collect();
    let (of_class, of_example) = ([0.5, 2.0, 0.0], [1.0, 3.0, 0.25, 2.0]);
    for lengths in [[6; 4], [6, 2, 5, 1]] {
        let mut network = Labels::new(1);
        let logits = network.predict(&Padded { examples: &input, lengths: &lengths }).unwrap();
        let steps: usize = lengths.iter().sum();
        let (mut loss, mut gradient) = (0.0, [0.0; 3]);
        for example in 0..4 {
            for (step, class) in target[example].iter().copied().enumerate().take(lengths[example]) {
                let row = logits.slice(ndarray::s![example, step, ..]);
                let exponentials: Vec<f64> = row.iter().map(|value| f64::from(*value).exp()).collect();
                let sum: f64 = exponentials.iter().sum();
                let share = of_class[class] * of_example[example] / steps as f64;
                loss -= share * (exponentials[class] / sum).ln();
                for (index, gradient) in gradient.iter_mut().enumerate() {
                    *gradient += share * (exponentials[index] / sum - f64::from(u8::from(index == class)));
                }
            }
        }
        let before = network.parameter("label.bias").unwrap().to_owned();
        let history = Trainer::new(Sgd { learning_rate: 1.0, ..Sgd::default() })
            .batch(4)
            .class_weights(of_class)
            .unwrap()
            .sample_weights(of_example)
            .progress(Progress::Silent)
            .fit(&mut network, &Padded { examples: &input, lengths: &lengths }, &target)
            .unwrap();
        // Numbers of 32 bits.
        assert!((history.epochs[0].loss - loss).abs() < 1e-6, "{} {loss}", history.epochs[0].loss);
        let after = network.parameter("label.bias").unwrap();
        for ((before, after), gradient) in before.iter().zip(&after).zip(gradient) {
            assert!((f64::from(before - after) - gradient).abs() < 1e-6, "{before} {after} {gradient}");
        }
    }
}

/// The numbers that PyTorch gives for a network that is one convolution of size 1, in the reference file.
fn places_as_in_pytorch<N: Network<f64, Loss = SoftmaxCrossEntropy>>(
    case: &str,
    input: &[usize],
    target: &[usize],
) {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("reference/class_weights.json")).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> { serde_json::from_value(value.clone()).unwrap() };
    let of = |name: &str| numbers(&document[case][name]);
    let input = ndarray::ArrayD::from_shape_vec(input, of("input")).unwrap();
    let classes = of("target").iter().map(|class| *class as usize).collect();
    let target = ndarray::ArrayD::from_shape_vec(target, classes).unwrap();
    let mut network = N::with_seed(1);
    let before = [of("weight"), of("bias")].concat();
    network.tensors_mut().parameters_mut().copy_from_slice(&before);
    let history = Trainer::new(Sgd { learning_rate: 1.0, ..Sgd::default() })
        .batch(3)
        .class_weights(numbers(&document["class_weights"]))
        .unwrap()
        .progress(Progress::Silent)
        .fit(&mut network, &input, &target)
        .unwrap();
    // Sums of 64-bit numbers in another order.
    let loss = history.epochs[0].loss;
    assert!((loss - of_number(&document[case]["loss"])).abs() < 1e-14, "{case}: {loss}");
    let gradients = [of("weight_gradient"), of("bias_gradient")].concat();
    for ((before, after), gradient) in before.iter().zip(network.tensors().parameters()).zip(gradients) {
        assert!((before - after - gradient).abs() < 1e-14, "{case}: {before} {after} {gradient}");
    }
    // PyTorch's mean is over the weights.
    let of_class = numbers(&document["class_weights"]);
    let weights: f64 = target.iter().map(|class| of_class[*class]).sum();
    let mean = loss * target.len() as f64 / weights;
    assert!((mean - of_number(&document[case]["mean"])).abs() < 1e-14, "{case}: {mean}");
}

fn of_number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn classes_of_places_have_weights() {
    places_as_in_pytorch::<Places<f64>>("signal", &[3, 2, 5], &[3, 5]);
    places_as_in_pytorch::<Pixels<f64>>("image", &[3, 2, 3, 2], &[3, 3, 2]);
}

/// The recurrence of the average, written out.
#[test]
fn the_average_is_that_of_the_steps() {
    let (input, target) = data();
    let (averaged, history) =
        trained(trainer().shuffle(false).batch(4).average(0.9).validation(&input, &target).unwrap());
    let mut network = Small::new(1);
    let mut average = network.tensors().parameters().to_vec();
    let mut step = TrainingStep::new(&Sgd { learning_rate: 0.1, ..Sgd::default() }, 0).unwrap();
    for (input, target) in input.chunks(4).zip(target.chunks(4)) {
        step.run(&mut network, input, target).unwrap();
        for (average, value) in average.iter_mut().zip(network.tensors().parameters()) {
            *average = 0.9f64 as f32 * *average + (1.0 - 0.9f64) as f32 * value;
        }
    }
    assert_eq!(averaged, average);
    // The validation sees the average.
    network.tensors_mut().parameters_mut().copy_from_slice(&average);
    let loss = network.loss(&input, &target).unwrap();
    assert!((history.epochs[0].validation_loss.unwrap() - loss).abs() < 1e-7);
}

#[test]
fn metrics_are_those_of_their_formulas() {
    let (input, target) = data();
    let mut network = Small::new(1);
    let history = trainer()
        .metric(MeanAbsoluteError)
        .metric(RootMeanSquareError)
        .metric(RSquared)
        .batch(6)
        .schedule(Constant { factor: 0.0 })
        .validation(&input, &target)
        .unwrap()
        .fit(&mut network, &input, &target)
        .unwrap();
    let output = network.predict(&input).unwrap();
    let target = Array2::from(target);
    let all = |values: &Array2<f32>| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let (output, target) = (all(&output), all(&target));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let errors: Vec<f64> = output.iter().zip(&target).map(|(y, t)| y - t).collect();
    let squares = mean(&errors.iter().map(|error| error * error).collect::<Vec<_>>());
    let centre = mean(&target);
    let variance = mean(&target.iter().map(|t| (t - centre).powi(2)).collect::<Vec<_>>());
    let expected = [
        ("mean absolute error", mean(&errors.iter().map(|error| error.abs()).collect::<Vec<_>>())),
        ("root mean square error", squares.sqrt()),
        ("R squared", 1.0 - squares / variance),
    ];
    let epoch = &history.epochs[0];
    for (found, (name, value)) in
        epoch.metrics.iter().chain(&epoch.validation_metrics).zip(expected.iter().cycle())
    {
        assert_eq!(found.0, *name);
        // The same numbers, summed in another order in double precision.
        assert!((found.1 - value).abs() < 1e-6, "{name}: {} {value}", found.1);
    }
    assert!(epoch.to_string().contains(", validation R squared "), "{epoch}");
}

#[test]
fn classes_are_counted() {
    let (input, target) = classes();
    let mut network = Classifier::new(1);
    let trainer = Trainer::new(Adam::default())
        .progress(Progress::Silent)
        .metric(Accuracy)
        .metric(TopK(2))
        .metric(TopK(3));
    let history = trainer.validation(&input, &target).unwrap().fit(&mut network, &input, &target).unwrap();
    let output = network.predict(&input).unwrap();
    let rank = |(row, class): (ndarray::ArrayView1<'_, f32>, &usize)| {
        row.iter().filter(|value| **value > row[*class]).count()
    };
    let ranks: Vec<usize> = output.outer_iter().zip(&target).map(rank).collect();
    let share = |k: usize| ranks.iter().filter(|rank| **rank < k).count() as f64 / 30.0;
    let found = &history.epochs[0].validation_metrics;
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["accuracy", "top 2 accuracy", "top 3 accuracy"]);
    let values: Vec<f64> = found.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, [share(1), share(2), 1.0]);
}

/// A loss that rises from the second epoch on, since the learning rate is far too high then.
#[test]
fn a_training_ends_early_with_its_best_epoch() {
    let (input, target) = data();
    let rising = Constant { factor: 1e-3 }.then(5, Constant { factor: 3.0 });
    let stopping = EarlyStopping { patience: 2, ..EarlyStopping::default() };
    let (parameters, history) = trained(
        trainer()
            .epochs(50)
            .batch(4)
            .schedule(rising)
            .early_stopping(stopping)
            .validation(&input, &target)
            .unwrap(),
    );
    let losses: Vec<f64> = history.epochs.iter().map(|epoch| epoch.validation_loss.unwrap()).collect();
    let best = (0..losses.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b])).unwrap();
    assert_eq!(history.end, End::Early { best: best + 1 }, "{losses:?}");
    assert_eq!(losses.len(), best + 3);
    let mut network = Small::new(1);
    network.tensors_mut().parameters_mut().copy_from_slice(&parameters);
    assert!((network.loss(&input, &target).unwrap() - losses[best]).abs() < 1e-7);
    assert!(history.to_string().ends_with(&format!("stopped early: epoch {} was the best", best + 1)));
}

#[test]
fn a_callback_ends_a_training() {
    let mut seen = Vec::new();
    let trainer = trainer().epochs(9).on_epoch(|_network, number, epoch| {
        seen.push((number, epoch.loss));
        if number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let (_, history) = trained(trainer);
    assert_eq!((history.end, history.epochs.len()), (End::Stopped, 3));
    let expected: Vec<_> = (1..).zip(history.epochs.iter().map(|epoch| epoch.loss)).collect();
    assert_eq!(seen, expected);
}

/// With a learning rate of zero the loss stays, and the rate falls; it can't be seen but by what follows.
#[test]
fn the_rate_falls_on_a_plateau() {
    let plateau = ReduceOnPlateau { patience: 0, factor: 0.0, threshold: 0.9, ..ReduceOnPlateau::default() };
    // After the second epoch, which is not better by 90 %, nothing moves any more.
    let (two, _) = trained(trainer().epochs(2).shuffle(false).reduce_on_plateau(plateau));
    let (nine, history) = trained(trainer().epochs(9).shuffle(false).reduce_on_plateau(plateau));
    assert_eq!(two, nine);
    assert_eq!(history.epochs.len(), 9);
}

/// The way of the other errors: nothing has changed.
#[test]
fn wrong_weights_change_nothing() {
    let (input, target) = data();
    let mut network = Small::new(1);
    let before = network.tensors().clone();
    let error = trainer().sample_weights([f64::NAN; 20]).fit(&mut network, &input, &target).unwrap_err();
    assert!(matches!(error, Error::Setting { .. }));
    assert_eq!(network.tensors(), &before);
}
