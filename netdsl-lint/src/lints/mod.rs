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
}
