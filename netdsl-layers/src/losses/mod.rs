//! The losses, one file each.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use crate::loss::LossKind;

/// Declares the modules, exports the types and lists the kinds: one line for each loss.
macro_rules! losses {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module; pub use $module::$name;)*

        /// The losses of the language.
        pub const LOSSES: &[LossKind] = &[$(LossKind::of::<$name>(),)*];
    };
}

losses! {
    binary_cross_entropy::BinaryCrossEntropy,
    categorical_cross_entropy::CategoricalCrossEntropy,
    huber::Huber,
    mean_absolute_error::MeanAbsoluteError,
    mean_squared_error::MeanSquaredError,
    sigmoid_cross_entropy::SigmoidCrossEntropy,
    softmax_cross_entropy::SoftmaxCrossEntropy,
}
