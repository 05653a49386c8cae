//! The lints, one file each.

use crate::lint::Lint;

/// Declares the modules and lists the lints: one line for each.
macro_rules! lints {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module;)*

        /// All lints, in the order in which they are reported.
        pub const LINTS: &[&dyn Lint] = &[$(&$module::$name,)*];
    };
}

lints! {
    non_finite::NonFinite,
    exploding_gradient::ExplodingGradient,
    vanishing_gradient::VanishingGradient,
    dying_relu::DyingRelu,
    lost_signal::LostSignal,
    saturated_activation::SaturatedActivation,
    symmetric_init::SymmetricInit,
    softmax_of_one::SoftmaxOfOne,
    loss_output_mismatch::LossOutputMismatch,
    linear_stack::LinearStack,
    unclipped_recurrence::UnclippedRecurrence,
    step_too_large::StepTooLarge,
    step_too_small::StepTooSmall,
    init_mismatch::InitMismatch,
    redundant_bias::RedundantBias,
}
