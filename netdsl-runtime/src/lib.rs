//! The runtime of netdsl: a declared network predicts, trains, clips, logs its gradients and reports.
//!
//! Use it through the crate `netdsl`, whose macro `network!` implements [`Network`] for a declaration.

mod bits;
mod checkpoint;
mod clipping;
mod counted;
mod course;
pub mod data;
mod decimal;
mod descent;
mod error;
mod examples;
mod feature_shape;
mod file;
mod gradients;
mod inputs;
mod known;
mod live;
mod logger;
pub mod metrics;
mod monitor;
mod network;
mod norm;
mod report;
pub mod schedules;
mod squares;
mod step;
mod summary;
mod tensors;
mod trace;
mod trainer;
mod workspace;

pub use checkpoint::{CheckpointError, Checkpoints};
pub use error::{Error, NonFinite, Stage};
pub use examples::{Example, Examples, Rank};
pub use feature_shape::{FeatureShape, Features, Image, Scalar, Sequence, Signal, TargetShape};
pub use gradients::Gradients;
pub use inputs::Padded;
pub use live::Live;
pub use logger::{Csv, GradientLogger, Header, JsonLines, Sink, TensorBoard, Terminal, Tracing, Units};
pub use monitor::{Finding, Monitor, Symptom};
pub use netdsl_layers as layers;
pub use netdsl_layers::{Clip, Element, Forecast, ParameterRange};
pub use network::{Mode, Network, Output, Target, TargetsOf};
pub use norm::Norm;
pub use report::{Report, Run, Section};
pub use step::{ParameterNorms, StepReport, TrainingStep};
pub use summary::Summary;
pub use tensors::Tensors;
pub use trace::{Comparison, GradientTrace, Logged, Record};
pub use trainer::{
    Batches, EarlyStopping, End, Epoch, History, Labelled, Moment, Observer, Parts, Progress, Resumed,
    Trainer,
};

/// Everything that a network and its training need.
pub mod prelude {
    pub use netdsl_layers::{
        Adadelta, Adagrad, Adam, AdamW, Adamax, Clip, Composed, Element, Forecast, Lamb, Lion, Muon, Nadam,
        RmsProp, Sgd,
    };

    pub use crate::schedules::Schedule;
    pub use crate::{
        Batches, Checkpoints, EarlyStopping, GradientLogger, GradientTrace, Live, Mode, Monitor, Network,
        Padded, Progress, Report, Run, Trainer,
    };
}
