//! The optimizers, one file each.

use crate::optimizer::OptimizerKind;

/// Declares the modules, exports the types and lists the kinds: one line for each optimizer.
macro_rules! optimizers {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module; pub use $module::$name;)*

        /// The optimizers of the language.
        pub const OPTIMIZERS: &[OptimizerKind] = &[$(OptimizerKind::of::<$name>(),)*];
    };
}

optimizers! {
    adadelta::Adadelta,
    adagrad::Adagrad,
    adam::Adam,
    adam_w::AdamW,
    adamax::Adamax,
    lamb::Lamb,
    lion::Lion,
    muon::Muon,
    nadam::Nadam,
    rms_prop::RmsProp,
    sgd::Sgd,
}
