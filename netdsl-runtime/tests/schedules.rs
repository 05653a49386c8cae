//! Every schedule against PyTorch's.

use netdsl_runtime::schedules::{Constant, Cosine, ExponentialDecay, OneCycle, Schedule, StepDecay, WarmUp};

/// The schedules with their names in the reference file.
fn table() -> Vec<(&'static str, Box<dyn Schedule>)> {
    let (stairs, decay) = (StepDecay { every: 7, factor: 0.5 }, ExponentialDecay { steps: 1, factor: 0.9 });
    vec![
        ("step", Box::new(stairs)),
        ("exponential", Box::new(decay)),
        ("cosine", Box::new(Cosine::new(40).end(0.1))),
        ("restarts", Box::new(Cosine::new(10).end(0.1).restarts(1))),
        ("growing restarts", Box::new(Cosine::new(7).restarts(2))),
        ("warm-up", Box::new(WarmUp::new(8))),
        ("one cycle", Box::new(OneCycle::new(61))),
        ("sequence", Box::new(WarmUp::new(8).then(8, decay))),
        ("product", Box::new(stairs.times(decay))),
    ]
}

/// PyTorch goes from step to step, here each step stands alone: 1e-12 is above the roundings of sixty steps.
#[test]
fn agree_with_pytorch() {
    let document: serde_json::Value = serde_json::from_str(include_str!("reference/schedules.json")).unwrap();
    for (name, schedule) in table() {
        let factors = document["factors"][name].as_array().unwrap();
        assert_eq!(factors.len(), 60);
        for (step, factor) in (0..).zip(factors) {
            let (ours, theirs) = (schedule.factor(step), factor.as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-12, "{name} in step {step}: {ours} {theirs}");
        }
    }
}

/// Whatever the settings and the step, a factor is a number.
#[test]
fn the_ends_of_the_range() {
    let schedules: [Box<dyn Schedule>; 10] = [
        Box::new(Constant::default()),
        Box::new(StepDecay { every: 0, factor: 0.5 }),
        Box::new(ExponentialDecay { steps: 0, factor: 0.5 }),
        Box::new(Cosine::new(0)),
        Box::new(Cosine::new(0).restarts(0)),
        Box::new(Cosine::new(1).restarts(3)),
        Box::new(WarmUp::new(0)),
        Box::new(OneCycle::new(0)),
        Box::new(OneCycle::new(10).rise(0.0)),
        Box::new(OneCycle::new(10).rise(1.0)),
    ];
    for schedule in &schedules {
        for step in [0, 1, 9, 10, 1000, u64::MAX - 1, u64::MAX] {
            let factor = schedule.factor(step);
            assert!((0.0..=1.0).contains(&factor), "{schedule:?} in step {step}: {factor}");
        }
    }
}
