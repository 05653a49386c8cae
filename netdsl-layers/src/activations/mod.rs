//! The activation functions, one file each.

use crate::activation::ActivationKind;

/// Declares the modules, exports the types and lists the kinds: one line for each activation.
macro_rules! activations {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module; pub use $module::$name;)*

        /// The activations of the language.
        pub const ACTIVATIONS: &[ActivationKind] = &[$(ActivationKind::of::<$name>(),)*];
    };
}

activations! {
    linear::Linear,
    leaky_relu::LeakyRelu,
    relu::Relu,
    sigmoid::Sigmoid,
    tanh::Tanh,
}
