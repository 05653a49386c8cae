//! The shape of one example as a type.

use std::fmt::Debug;

use ndarray::{Dimension, Ix1, Ix2, Ix3, Ix4};
use netdsl_layers::{Classes, Targets, Values};

/// The shape of one example of an input, an output or a target.
pub trait FeatureShape: Copy + Debug + Send + Sync + 'static {
    /// The dimension of a batch as an [`ndarray::Array`]: the batch comes first.
    type Dim: Dimension;

    /// The shape without its features: one class for each position.
    type Positions: FeatureShape;

    /// The sizes of the axes.
    const SIZES: &'static [usize];

    /// The dimension of a batch of so many examples.
    fn batch(examples: usize) -> Self::Dim;
}

macro_rules! feature_shape {
    ($(#[$doc:meta])* $name:ident<$($size:ident),*>, $dim:ident, $positions:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name<$(const $size: usize),*> {}

        impl<$(const $size: usize),*> FeatureShape for $name<$($size),*> {
            type Dim = $dim;
            type Positions = $positions;
            const SIZES: &'static [usize] = &[$($size),*];

            fn batch(examples: usize) -> $dim {
                $dim(examples, $($size),*)
            }
        }
    };
}

feature_shape!(
    /// One value.
    Scalar<>, Ix1, Scalar
);
feature_shape!(
    /// `[features]`
    Features<N>, Ix2, Scalar
);
feature_shape!(
    /// `[time, features]`
    Sequence<T, N>, Ix3, Features<T>
);
feature_shape!(
    /// `[channels, length]`
    Signal<C, L>, Ix3, Features<L>
);
feature_shape!(
    /// `[channels, height, width]`
    Image<C, H, W>, Ix4, Sequence<H, W>
);

/// The shape of the targets of an output.
pub trait TargetShape: Targets {
    /// The shape of the target of one example, where its output has the shape `S`.
    type Shape<S: FeatureShape>: FeatureShape;
}

impl TargetShape for Values {
    type Shape<S: FeatureShape> = S;
}

impl TargetShape for Classes {
    type Shape<S: FeatureShape> = S::Positions;
}
