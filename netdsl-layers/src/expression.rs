//! Writing a resolved layer as the Rust expression that the macro emits.
//!
//! The macro knows no layer by name: each type says itself how it is written as a type and as a constant.

/// A value that can be written as a constant of the expansion.
pub trait Expression {
    /// The type, as a path that is valid in every crate that depends on `netdsl`.
    fn type_expression(&self) -> String;
    /// The value, as a constant expression of that type.
    fn value_expression(&self) -> String;
}

/// Where the emitted paths start: the facade re-exports this crate under that name.
pub(crate) const ROOT: &str = "::netdsl::layers";

macro_rules! plain {
    ($($name:ident),*) => {$(
        impl Expression for $name {
            fn type_expression(&self) -> String {
                stringify!($name).into()
            }
            fn value_expression(&self) -> String {
                format!("{self:?}")
            }
        }
    )*};
}
plain!(bool, usize);

impl Expression for f64 {
    fn type_expression(&self) -> String {
        "f64".into()
    }
    fn value_expression(&self) -> String {
        // `{:?}` prints the shortest text that reads back to the same bits, for finite values, and only those are
        // ever accepted by `Arguments`.
        format!("{self:?}")
    }
}

impl<T: Expression + ?Sized> Expression for Box<T> {
    fn type_expression(&self) -> String {
        (**self).type_expression()
    }
    fn value_expression(&self) -> String {
        (**self).value_expression()
    }
}

/// Implements [`Expression`] for a struct of this crate from the list of its fields, so that the text follows the
/// definition; a field that is forgotten is a compile error here.
macro_rules! expression {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::Expression for $name {
            fn type_expression(&self) -> String {
                format!("{}::{}", $crate::expression::ROOT, stringify!($name))
            }
            $crate::expression::expression!(@value $name { $($field),* });
        }
    };
    // each type parameter is the type of a field, and those fields stand first
    ($name:ident<$($parameter:ident: $bound:path),+> { $($field:ident),* $(,)? }) => {
        impl<$($parameter: $bound),+> $crate::Expression for $name<$($parameter),+> {
            fn type_expression(&self) -> String {
                let $name { $($field),* } = self;
                let types = [$($crate::Expression::type_expression($field)),*];
                let generic = types[..[$(stringify!($parameter)),+].len()].join(", ");
                format!("{}::{}<{generic}>", $crate::expression::ROOT, stringify!($name))
            }
            $crate::expression::expression!(@value $name { $($field),* });
        }
    };
    (@value $name:ident { $($field:ident),* }) => {
        fn value_expression(&self) -> String {
            let $name { $($field),* } = self;
            #[allow(unused_mut)] // a type without fields
            let mut text = format!("{}::{} {{ ", $crate::expression::ROOT, stringify!($name));
            $(
                text.push_str(stringify!($field));
                text.push_str(": ");
                text.push_str(&$crate::Expression::value_expression($field));
                text.push_str(", ");
            )*
            text.push('}');
            text
        }
    };
}
pub(crate) use expression;
