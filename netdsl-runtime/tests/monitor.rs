//! The verdicts of the monitor on trainings that go wrong in a known way, and its silence on one that does not.

mod networks;

use netdsl_runtime::layers::{Adam, Clip, OptimizerKernel, Sgd};
use netdsl_runtime::{Finding, Live, Monitor, Network, Progress, Symptom, Trainer};
use networks::{Classifier, DeepSigmoid, Exploding, Small, uniform};

fn watched<N: Network<f32>>(
    optimizer: impl OptimizerKernel<f32> + 'static,
    epochs: usize,
    fit: impl FnOnce(Trainer<'_, f32, N>) -> bool,
) -> Vec<Finding> {
    let mut monitor = Monitor::new().silent();
    let trainer = Trainer::new(optimizer).epochs(epochs).progress(Progress::Silent).observe(&mut monitor);
    let _ = fit(trainer);
    monitor.findings().to_vec()
}

fn symptoms(findings: &[Finding]) -> Vec<Symptom> {
    findings.iter().map(|finding| finding.symptom).collect()
}

#[test]
fn a_vanishing_gradient_is_told() {
    let (input, target) = (uniform::<100>(320, 1), uniform::<1>(320, 2));
    let findings = watched(Sgd::default(), 1, |trainer: Trainer<'_, f32, DeepSigmoid>| {
        trainer.fit(&mut DeepSigmoid::new(1), &input, &target).is_ok()
    });
    assert_eq!(findings[0].symptom, Symptom::Vanishing);
    let text = findings[0].to_string();
    assert!(text.starts_with("step 1: vanishing: the gradient of `hidden.0.weight` is "), "{text}");
    assert!(text.contains(" of that of the last weight (limit 1e-3); use `Relu`"), "{text}");
}

#[test]
fn an_exploding_gradient_is_told_though_it_is_clipped_or_ends_the_training() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    for clip in [Some(Clip::Norm(1.0)), None] {
        let findings = watched(Sgd { clip, ..Sgd::default() }, 1, |trainer: Trainer<'_, f32, Exploding>| {
            trainer.fit(&mut Exploding::new(1), &input, &target).is_ok()
        });
        assert!(symptoms(&findings).contains(&Symptom::Huge), "{findings:?}");
        assert!(findings[0].to_string().contains("; clip the gradients, as with `clip = GlobalNorm(1.0)`"));
    }
}

#[test]
fn dead_units_are_told() {
    let (input, target) = (uniform::<4>(32, 1), [0usize; 32]);
    let findings = watched(Sgd::default(), 1, |trainer: Trainer<'_, f32, Classifier>| {
        let mut network = Classifier::new(1);
        network.parameter_mut("stem.bias").unwrap().iter_mut().take(12).for_each(|value| *value = -100.0);
        trainer.fit(&mut network, &input, &target[..]).is_ok()
    });
    let dead: Vec<_> = findings.iter().filter(|finding| finding.symptom == Symptom::Dead).collect();
    assert_eq!((dead.len(), dead[0].place.as_str()), (1, "stem"));
    let expected = "step 1: dead: 75 % of the units of `stem` are zero for the whole batch (limit 70 %); use `LeakyRelu(0.01)`";
    assert!(dead[0].to_string().starts_with(expected), "{}", dead[0]);
}

#[test]
fn saturated_units_and_small_and_large_updates_are_told() {
    let (input, target) = (uniform::<3>(16, 1), uniform::<2>(16, 2));
    let fit = |rate: f64, bias: f32| {
        watched(Sgd { learning_rate: rate, ..Sgd::default() }, 40, |trainer: Trainer<'_, f32, Small>| {
            let mut network = Small::new(1);
            network.parameter_mut("hidden.0.bias").unwrap().fill(bias);
            trainer.fit(&mut network, &input, &target).is_ok()
        })
    };
    let saturated = fit(1e-6, 50.0);
    assert!(symptoms(&saturated).contains(&Symptom::Saturated), "{saturated:?}");
    assert!(symptoms(&saturated).contains(&Symptom::SmallUpdates), "{saturated:?}");
    // The first ten steps, of one in each value.
    let mut monitor = Monitor::new().silent().every(1);
    let trainer =
        Trainer::new(Adam { learning_rate: 1.0, ..Adam::default() }).epochs(3).progress(Progress::Silent);
    trainer.observe(&mut monitor).fit(&mut Small::new(1), &input, &target).unwrap();
    let adam = monitor.findings();
    assert!(symptoms(adam).contains(&Symptom::LargeUpdates), "{adam:?}");
}

#[test]
fn a_loss_that_stays_is_a_plateau() {
    let (input, target) = (uniform::<3>(16, 1), uniform::<2>(16, 2));
    let findings =
        watched(Sgd { learning_rate: 1e-9, ..Sgd::default() }, 100, |trainer: Trainer<'_, f32, Small>| {
            trainer.shuffle(false).fit(&mut Small::new(1), &input, &target).is_ok()
        });
    let plateau = findings.iter().find(|finding| finding.symptom == Symptom::Plateau).unwrap();
    assert_eq!(plateau.step, 400);
    assert!(plateau.to_string().contains("in 400 steps the loss has fallen by "), "{plateau}");
}

/// A learning rate that is far too large.
#[test]
fn a_loss_that_swings_is_told() {
    let input = uniform::<3>(512, 1);
    let target: Vec<[f32; 2]> =
        input.iter().map(|[a, b, c]| [(3.0 * a).sin() * b, (4.0 * c).cos() + a]).collect();
    for seed in 1..=3 {
        let findings = watched(
            Adam { learning_rate: 1.0, ..Adam::default() },
            100,
            |trainer: Trainer<'_, f32, Small>| {
                trainer.batch(16).fit(&mut Small::new(seed), &input, &target).is_ok()
            },
        );
        let found = findings.iter().find(|finding| finding.symptom == Symptom::Oscillating);
        let text = found.map(ToString::to_string).unwrap_or_default();
        assert!(
            text.contains(": oscillating: in 400 steps the mean loss of 20 goes up and down by "),
            "{findings:?}"
        );
        assert!(text.ends_with(" (limit 10 %); lower the learning rate, or use larger batches"), "{text}");
    }
}

/// A classifier that learns: nothing to say.
#[test]
fn a_healthy_training_is_let_alone() {
    let input = uniform::<4>(256, 1);
    let target: Vec<usize> = input.iter().map(|row| (row[0] + row[1] > 1.0) as usize).collect();
    let findings = watched(
        Adam { learning_rate: 0.003, ..Adam::default() },
        13,
        |trainer: Trainer<'_, f32, Classifier>| trainer.fit(&mut Classifier::new(1), &input, &target).is_ok(),
    );
    assert_eq!(findings, []);
}

#[test]
fn the_live_view_looks_on_without_a_terminal() {
    let (input, target) = (uniform::<3>(16, 1), uniform::<2>(16, 2));
    let mut live = Live::new();
    let trainer = Trainer::new(Sgd::default()).epochs(2).progress(Progress::Silent).observe(&mut live);
    trainer.fit(&mut Small::new(1), &input, &target).unwrap();
}
