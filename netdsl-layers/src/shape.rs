//! The shape of one example, without the batch axis, and the role of each axis.

use std::fmt;

/// What the axes of a shape mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[features]`
    Features,
    /// `[time]`: whole numbers below a vocabulary.
    Tokens {
        /// The vocabulary.
        vocabulary: usize,
    },
    /// `[time, features]`
    Sequence,
    /// `[channels, length]` or `[channels, height, width]`
    Channels,
    /// A declared shape that no layer has settled yet: `[features]` or `[time]` of tokens; `[time, features]` or
    /// `[channels, length]`.
    Unsettled,
}

/// The shape of one example: up to three axes, of which each has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    sizes: [usize; 3],
    rank: usize,
    layout: Layout,
}

impl Shape {
    /// The largest size of an axis and the most values of an example: the product of two still fits a `u64`.
    pub const MAX_SIZE: usize = 1 << 31;
    /// The most axes that a shape can have.
    pub const MAX_RANK: usize = 3;

    /// `[features]`
    pub const fn features(features: usize) -> Self {
        Self { sizes: [features, 1, 1], rank: 1, layout: Layout::Features }
    }

    /// `[time, features]`
    pub const fn sequence(time: usize, features: usize) -> Self {
        Self { sizes: [time, features, 1], rank: 2, layout: Layout::Sequence }
    }

    /// `[time]`, of whole numbers below `vocabulary`
    pub const fn tokens(time: usize, vocabulary: usize) -> Self {
        Self { sizes: [time, 1, 1], rank: 1, layout: Layout::Tokens { vocabulary } }
    }

    /// `[channels, length]`
    pub const fn signal(channels: usize, length: usize) -> Self {
        Self { sizes: [channels, length, 1], rank: 2, layout: Layout::Channels }
    }

    /// `[channels, height, width]`
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Self { sizes: [channels, height, width], rank: 3, layout: Layout::Channels }
    }

    /// `[size]` of an input whose values are not declared: features, or tokens where a layer looks them up.
    pub const fn unsettled(size: usize) -> Self {
        Self { sizes: [size, 1, 1], rank: 1, layout: Layout::Unsettled }
    }

    /// The shape of a declared input, or `None` where it has no axis, more than three, or more than
    /// [`MAX_SIZE`](Self::MAX_SIZE) values.
    pub fn declared(sizes: &[usize]) -> Option<Self> {
        let layout = match sizes.len() {
            1 => Layout::Features,
            2 => Layout::Unsettled,
            3 => Layout::Channels,
            _ => return None,
        };
        let values = sizes.iter().try_fold(1usize, |product, size| product.checked_mul(*size))?;
        if values > Self::MAX_SIZE {
            return None;
        }
        let mut padded = [1; 3];
        padded[..sizes.len()].copy_from_slice(sizes);
        Some(Self { sizes: padded, rank: sizes.len(), layout })
    }

    /// The size of each axis.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes[..self.rank]
    }

    /// What the axes mean.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The number of values of one example.
    pub const fn len(&self) -> usize {
        self.sizes[0] * self.sizes[1] * self.sizes[2]
    }

    /// Whether an example has no value.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of features, or of channels: what a layer's width is counted in.
    ///
    /// A shape that is not settled counts as `[features]` or `[time, features]`.
    pub const fn width(&self) -> usize {
        match self.layout {
            Layout::Features | Layout::Channels => self.sizes[0],
            Layout::Sequence | Layout::Unsettled => self.sizes[self.rank - 1],
            Layout::Tokens { .. } => 1,
        }
    }

    /// The number of positions that share their weights: time steps or pixels, 1 for plain features.
    pub const fn positions(&self) -> usize {
        match self.layout {
            Layout::Features => 1,
            Layout::Channels => self.sizes[1] * self.sizes[2],
            Layout::Unsettled if self.rank == 1 => 1,
            Layout::Sequence | Layout::Unsettled | Layout::Tokens { .. } => self.sizes[0],
        }
    }

    /// Where the features of a position lie in a batch, whose positions are counted from example to example.
    pub fn features_at(&self, position: usize) -> std::iter::StepBy<std::ops::Range<usize>> {
        let (width, positions) = (self.width(), self.positions());
        match self.layout {
            Layout::Channels => {
                let (example, position) = (position / positions, position % positions);
                let start = example * width * positions;
                (start + position..start + width * positions).step_by(positions)
            }
            _ => (position * width..(position + 1) * width).step_by(1),
        }
    }

    /// This shape as `[features]` or `[time, features]`, or `None` where it has channels or tokens.
    pub const fn settle_features(self) -> Option<Self> {
        match self.layout {
            Layout::Features | Layout::Sequence => Some(self),
            Layout::Unsettled if self.rank == 1 => Some(Self { layout: Layout::Features, ..self }),
            Layout::Unsettled => Some(Self { layout: Layout::Sequence, ..self }),
            Layout::Channels | Layout::Tokens { .. } => None,
        }
    }

    /// This shape as `[channels, ...space]`, or `None` where it has features.
    pub const fn settle_channels(self) -> Option<Self> {
        match self.layout {
            Layout::Channels => Some(self),
            Layout::Unsettled if self.rank == 2 => Some(Self { layout: Layout::Channels, ..self }),
            Layout::Features | Layout::Sequence | Layout::Unsettled | Layout::Tokens { .. } => None,
        }
    }

    /// This shape with its two axes swapped, or `None` where it has no two. The axes keep their roles.
    pub const fn transposed(self) -> Option<Self> {
        if self.rank != 2 {
            return None;
        }
        let [first, second, _] = self.sizes;
        let layout = match self.layout {
            Layout::Sequence => Layout::Channels,
            Layout::Channels => Layout::Sequence,
            layout => layout,
        };
        Some(Self { sizes: [second, first, 1], layout, ..self })
    }

    /// This shape with the features, or the channels, of the other behind its own; `None` where their positions differ, or
    /// where one has tokens.
    pub fn beside(self, other: Self) -> Option<Self> {
        let (one, other) = match (self.layout, other.layout) {
            (Layout::Channels, _) | (_, Layout::Channels) => {
                (self.settle_channels()?, other.settle_channels()?)
            }
            _ => (self.settle_features()?, other.settle_features()?),
        };
        let axis = if one.layout == Layout::Channels { 0 } else { one.rank - 1 };
        let mut sizes = one.sizes;
        sizes[axis] = other.sizes[axis];
        if (sizes, one.rank) != (other.sizes, other.rank) {
            return None;
        }
        sizes[axis] += one.sizes[axis];
        Some(Self { sizes, ..one })
    }

    /// This shape with another number of features, or `None` where it has channels or tokens.
    pub const fn with_features(self, features: usize) -> Option<Self> {
        match self.settle_features() {
            Some(mut shape) => {
                shape.sizes[shape.rank - 1] = features;
                Some(shape)
            }
            None => None,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.sizes(), formatter)
    }
}

impl crate::Expression for Shape {
    fn type_expression(&self) -> String {
        format!("{}::Shape", crate::expression::ROOT)
    }

    fn value_expression(&self) -> String {
        let root = crate::expression::ROOT;
        let [first, second, third] = self.sizes;
        match (self.layout, self.rank) {
            (Layout::Features, _) | (Layout::Unsettled, 1) => format!("{root}::Shape::features({first})"),
            (Layout::Tokens { vocabulary }, _) => format!("{root}::Shape::tokens({first}, {vocabulary})"),
            (Layout::Sequence | Layout::Unsettled, _) => {
                format!("{root}::Shape::sequence({first}, {second})")
            }
            (Layout::Channels, 2) => format!("{root}::Shape::signal({first}, {second})"),
            (Layout::Channels, _) => format!("{root}::Shape::image({first}, {second}, {third})"),
        }
    }
}
