//! A training that uses all there is.

use netdsl_runtime::layers::OptimizerKernel;
use netdsl_runtime::metrics::{Accuracy, TopK};
use netdsl_runtime::schedules::{OneCycle, ReduceOnPlateau};
use netdsl_runtime::{EarlyStopping, Progress, Trainer};

use crate::networks::{Classifier, uniform};

/// With this optimizer, in batches of seven, of which two make a step.
pub(crate) fn rich<'a>(optimizer: impl OptimizerKernel<f32> + 'static) -> Trainer<'a, f32, Classifier> {
    let (input, target) = (uniform::<4>(9, 5), [0usize, 1, 2, 0, 1, 2, 1, 1, 0]);
    Trainer::new(optimizer)
        .batch(7)
        .accumulate(2)
        .seed(3)
        .schedule(OneCycle::new(24))
        .reduce_on_plateau(ReduceOnPlateau { patience: 0, ..ReduceOnPlateau::default() })
        .early_stopping(EarlyStopping { patience: 20, ..EarlyStopping::default() })
        .average(0.9)
        .metric(Accuracy)
        .metric(TopK(2))
        .class_weights([1.0, 0.5, 2.0])
        .unwrap()
        .validation(&input, &target)
        .unwrap()
        .progress(Progress::Silent)
}
