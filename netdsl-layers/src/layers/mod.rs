//! The layers, one file each.

use crate::activation::{Activation, ActivationKind};
use crate::activations::ACTIVATIONS;
use crate::arguments::{Arguments, Call};
use crate::layer::{Layer, LayerKind};
use crate::problem::Problem;
use crate::shape::{Layout, Shape};

/// Declares the modules, exports the types and lists the kinds: one line for each layer.
macro_rules! layers {
    ($($module:ident::$name:ident $(<$default:ty>)?,)*) => {
        $(mod $module; pub use $module::$name;)*

        /// The layers of the language, without the activations.
        pub const LAYERS: &[LayerKind] = &[$(LayerKind::of::<$name $(<$default>)?>(),)*];
    };
}

layers! {
    avg_pool1d::AvgPool1d,
    avg_pool2d::AvgPool2d,
    batch_norm::BatchNorm,
    conv1d::Conv1d<Box<dyn Activation>>,
    conv2d::Conv2d<Box<dyn Activation>>,
    dense::Dense<Box<dyn Activation>>,
    dropout::Dropout,
    embedding::Embedding,
    flatten::Flatten,
    global_avg_pool::GlobalAvgPool,
    global_max_pool::GlobalMaxPool,
    gru::Gru<Box<dyn Activation>>,
    identity::Identity,
    last_step::LastStep,
    layer_norm::LayerNorm,
    lstm::Lstm<Box<dyn Activation>>,
    max_pool1d::MaxPool1d,
    max_pool2d::MaxPool2d,
    mean_over_time::MeanOverTime,
    reshape::Reshape,
    rms_norm::RmsNorm,
    self_attention::SelfAttention,
    simple_rnn::SimpleRnn<Box<dyn Activation>>,
    transpose::Transpose,
}

mod activate;
mod avg_pool;
mod conv;
mod max_pool;
mod recurrence;
pub use activate::Activate;
pub use avg_pool::AvgPool;
pub use conv::Conv;
pub use max_pool::MaxPool;

/// Makes a layer from the call that names it, or says all that is wrong with the call.
///
/// An activation is a layer too: its call makes an [`Activate`].
pub fn resolve_layer(call: &Call, input: Shape) -> Result<Box<dyn Layer>, Vec<Problem>> {
    let mut arguments = Arguments::new(call);
    let layer = if let Some(kind) = LAYERS.iter().find(|kind| kind.name == call.name) {
        (kind.resolve)(&mut arguments, input)
    } else if let Some(kind) = ActivationKind::find(&call.name) {
        let activation = (kind.resolve)(&mut arguments);
        if input.layout() == Layout::Channels {
            arguments.check_of_channels(&*activation, call.place);
        }
        Box::new(Activate { activation, input })
    } else {
        let known = LAYERS.iter().map(|kind| kind.name).chain(ACTIVATIONS.iter().map(|kind| kind.name));
        let problem = Problem::unknown(call.name_place, "layer", &call.name, known);
        let is_optimizer = crate::OPTIMIZERS.iter().any(|kind| kind.name == call.name);
        let is_loss = crate::LOSSES.iter().any(|kind| kind.name == call.name);
        return Err(vec![match (is_optimizer, is_loss) {
            (true, _) => problem.help(format!("behind the layers, write `optimizer: {}`", call.name)),
            (_, true) => problem.help(format!("behind the layers, write `loss: {}`", call.name)),
            _ => problem,
        }]);
    };
    arguments.finish().map(|()| layer)
}
