//! The activation functions, one file each.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use crate::activation::ActivationKind;

/// Declares the modules, exports the types and lists the kinds: one line for each activation.
macro_rules! activations {
    (
        elementwise { $($module:ident::$name:ident,)* }
        coupled { $($coupled_module:ident::$coupled:ident,)* }
    ) => {
        $(mod $module; pub use $module::$name;)*
        $(mod $coupled_module; pub use $coupled_module::$coupled;)*
        $(#[cfg(feature = "kernels")] crate::activation::activation_kernel!($name);)*

        /// The activations of the language.
        pub const ACTIVATIONS: &[ActivationKind] =
            &[$(ActivationKind::of::<$name>(),)* $(ActivationKind::of::<$coupled>(),)*];
    };
}

activations! {
    elementwise {
        elu::Elu,
        exponential::Exponential,
        gelu::Gelu,
        hard_sigmoid::HardSigmoid,
        leaky_relu::LeakyRelu,
        linear::Linear,
        mish::Mish,
        relu::Relu,
        selu::Selu,
        sigmoid::Sigmoid,
        silu::Silu,
        softplus::Softplus,
        softsign::Softsign,
        tanh::Tanh,
    }
    coupled {
        softmax::Softmax,
    }
}
