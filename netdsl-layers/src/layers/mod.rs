//! The layers, one file each.

use crate::layer::LayerKind;

/// Declares the modules, exports the types and lists the kinds: one line for each layer.
macro_rules! layers {
    ($($module:ident::$name:ident $(<$default:ty>)?,)*) => {
        $(mod $module; pub use $module::$name;)*

        /// The layers of the language, without the activations.
        pub const LAYERS: &[LayerKind] = &[$(LayerKind::of::<$name $(<$default>)?>(),)*];
    };
}

layers! {
    dense::Dense<Box<dyn crate::Activation>>,
}
