//! The window that a convolution or a pooling slides over the space.

use std::ops::Range;

use crate::arguments::{A_SIZE, Arguments, SIZES, Value};
use crate::expression::{Expression, ROOT};
use crate::problem::{Place, Problem};
use crate::shape::Shape;

/// What lies around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Nothing: `output = (input - size) / stride + 1`, rounded down.
    Valid,
    /// As much as makes `output = input / stride`, rounded up: half of it before the input and half behind, and one more
    /// behind where it is odd, as in Keras.
    Same,
}

impl Expression for Padding {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Padding")
    }
    fn value_expression(&self) -> String {
        format!("{ROOT}::Padding::{self:?}")
    }
}

/// The size, stride and padding of a window over `AXES` axes of space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<const AXES: usize> {
    /// The number of values along each axis.
    pub size: [usize; AXES],
    /// How far the window moves from one output to the next.
    pub stride: [usize; AXES],
    /// What lies around the input.
    pub padding: Padding,
}

impl<const AXES: usize> Expression for Window<AXES> {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Window<{AXES}>")
    }
    fn value_expression(&self) -> String {
        let Self { size, stride, padding } = self;
        format!(
            "{ROOT}::Window {{ size: {size:?}, stride: {stride:?}, padding: {} }}",
            padding.value_expression()
        )
    }
}

/// A window along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    /// The number of positions of the input.
    pub(crate) input: usize,
    /// The number of positions of the output.
    pub(crate) output: usize,
    /// The number of values in the window.
    pub(crate) size: usize,
    /// How far the window moves.
    pub(crate) stride: usize,
    /// The padding before the input.
    pub(crate) before: usize,
}

impl Axis {
    /// The axis that a space lacks: one position, which the window covers.
    const NONE: Self = Self { input: 1, output: 1, size: 1, stride: 1, before: 0 };

    /// A window over all of the input.
    pub(crate) const fn whole(input: usize) -> Self {
        Self { input, output: 1, size: input, stride: 1, before: 0 }
    }

    fn new(input: usize, size: usize, stride: usize, padding: Padding) -> Self {
        let (output, before) = match padding {
            Padding::Valid => (input.saturating_sub(size) / stride + 1, 0),
            Padding::Same => {
                let output = input.div_ceil(stride);
                let covered = ((output - 1) * stride).saturating_add(size);
                (output, covered.saturating_sub(input) / 2)
            }
        };
        Self { input, output, size, stride, before }
    }

    /// The outputs whose value of the window at `tap` lies on the input, and its position for the first of them.
    #[cfg(feature = "kernels")]
    pub(crate) fn outputs(&self, tap: usize) -> (Range<usize>, usize) {
        let first = self.before.saturating_sub(tap).div_ceil(self.stride).min(self.output);
        let last = (self.input + self.before).saturating_sub(tap).div_ceil(self.stride).min(self.output);
        (first..last.max(first), (first * self.stride + tap).saturating_sub(self.before))
    }

    /// The values of the window that lie on the input for this output, and the position of the input under the first.
    pub(crate) fn covered(&self, output: usize) -> (Range<usize>, usize) {
        let start = output * self.stride;
        let first = self.before.saturating_sub(start);
        let last = (self.input + self.before).saturating_sub(start).min(self.size);
        (first..last.max(first), (start + first).saturating_sub(self.before))
    }

    /// The same as positions of the input.
    pub(crate) fn positions(&self, output: usize) -> Range<usize> {
        let (taps, start) = self.covered(output);
        start..start + taps.len()
    }
}

impl<const AXES: usize> Window<AXES> {
    /// The window along the axes of space of `input`: height and width, of which a signal has only the second.
    pub(crate) fn axes(&self, input: Shape) -> [Axis; 2] {
        let mut axes = [Axis::NONE; 2];
        let space = input.sizes().iter().skip(1);
        for (index, (axis, size)) in axes.iter_mut().skip(2 - AXES).zip(space).enumerate() {
            *axis = Axis::new(*size, self.size[index], self.stride[index], self.padding);
        }
        axes
    }

    /// The number of values of the window.
    pub(crate) fn area(&self) -> usize {
        self.size.iter().fold(1, |area, size| area.saturating_mul(*size))
    }

    /// The shape behind the window, of that many channels.
    pub(crate) fn output(&self, input: Shape, channels: usize) -> Shape {
        let [height, width] = self.axes(input);
        if AXES == 1 {
            Shape::signal(channels, width.output)
        } else {
            Shape::image(channels, height.output, width.output)
        }
    }
}

impl Arguments<'_> {
    /// The input as `[channels, length]` or `[channels, height, width]`, whichever has `AXES` axes of space; a problem
    /// where it has others.
    pub(crate) fn settle_space<const AXES: usize>(&mut self, input: Shape) -> Shape {
        match input.settle_channels() {
            Some(settled) if settled.sizes().len() == AXES + 1 => settled,
            _ => {
                let call = self.call();
                let expected = if AXES == 1 { "[channels, length]" } else { "[channels, height, width]" };
                let message = format!("`{}` takes `{expected}`, but gets {input}", call.name);
                let problem = Problem::new(call.place, message).of_shape();
                self.report(match (AXES, input.settle_features(), input.sizes()) {
                    (1, Some(sequence), _) if sequence.sizes().len() == 2 => {
                        problem.help("put `Transpose` before it, which makes channels of the features")
                    }
                    (2, _, [height, width]) => {
                        problem.help(format!("put `Reshape([1, {height}, {width}])` before it"))
                    }
                    _ => problem.help("put `Reshape` before it"),
                });
                // A stand-in so large that no window is said to be larger.
                let large = Shape::MAX_SIZE;
                if AXES == 1 { Shape::signal(1, large) } else { Shape::image(1, large, large) }
            }
        }
    }

    /// The input as `[channels, ..space]`; a problem where it has features.
    pub(crate) fn settle_any_space(&mut self, input: Shape) -> Shape {
        input.settle_channels().unwrap_or_else(|| {
            let call = self.call();
            let message = format!(
                "`{}` takes `[channels, length]` or `[channels, height, width]`, but gets {input}",
                call.name
            );
            let problem = Problem::new(call.place, message).of_shape();
            self.report(match input.sizes().len() {
                2 => problem.help("write `MeanOverTime`, or put `Transpose` before it"),
                _ => problem,
            });
            Shape::signal(input.width(), input.positions())
        })
    }

    /// A size for each axis of space and where it stands: one number for all, or one for each in brackets. `None` where
    /// it is absent.
    fn per_axis<const AXES: usize>(
        &mut self,
        name: &'static str,
        position: Option<usize>,
    ) -> Option<[(usize, Place); AXES]> {
        let argument = self.take(name, position)?;
        let values = match &argument.value {
            Value::List(list) if list.len() == AXES => {
                std::array::from_fn(|axis| (&list[axis].0, list[axis].1))
            }
            Value::List(list) => {
                let message =
                    format!("`{name}` has {} sizes, but there are {AXES} axes of space", list.len());
                self.report(Problem::new(argument.place, message));
                return Some([(1, argument.place); AXES]);
            }
            value => [(value, argument.place); AXES],
        };
        let mut reported = None;
        Some(values.map(|(value, place)| match value {
            Value::Integer(size) if SIZES.contains(size) => (*size, place),
            _ => {
                if reported.replace(place) != Some(place) {
                    let message = format!("`{name}` is {A_SIZE}, not {}", value.describe());
                    self.report(Problem::new(place, message));
                }
                (1, place)
            }
        }))
    }

    /// The window of a convolution or a pooling over `input`: the size under its name, `stride` and `padding`. Without a
    /// stride it is `default_stride`, or the size of the window where that is `None`. `example` shows the call.
    pub(crate) fn window<const AXES: usize>(
        &mut self,
        name: &'static str,
        position: Option<usize>,
        default_stride: Option<usize>,
        example: &str,
        input: Shape,
    ) -> Window<AXES> {
        let placed = self.per_axis(name, position);
        if placed.is_none() {
            self.missing(name, example);
        }
        let size = placed.map_or([1; AXES], |sizes| sizes.map(|(size, _)| size));
        let stride = match self.per_axis("stride", None) {
            Some(stride) => stride.map(|(stride, _)| stride),
            None => default_stride.map_or(size, |stride| [stride; AXES]),
        };
        let padding =
            self.choice("padding", &[("Valid", Padding::Valid), ("Same", Padding::Same)], Padding::Valid);
        let mut space = input.sizes().iter().skip(1);
        let larger =
            placed.into_iter().flatten().find(|(size, _)| space.next().is_some_and(|input| size > input));
        if let (Padding::Valid, Some((size, place))) = (padding, larger) {
            let message = format!("`{name}` is {size}, which is larger than the space of {input}");
            let help = "make it smaller, or write `padding = Same`";
            self.report(Problem::new(place, message).help(help).of_shape());
        }
        Window { size, stride, padding }
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Padding};

    /// The outputs and paddings that Keras documents for its convolutions.
    #[test]
    fn outputs_and_paddings() {
        for (input, size, stride, padding, output, before) in [
            (28, 5, 1, Padding::Valid, 24, 0),
            (28, 5, 1, Padding::Same, 28, 2),
            (32, 3, 2, Padding::Same, 16, 0),
            (5, 3, 2, Padding::Same, 3, 1),
            (7, 4, 1, Padding::Same, 7, 1),
            (3, 3, 3, Padding::Valid, 1, 0),
            (10, 2, 3, Padding::Valid, 3, 0),
            (10, 1, 3, Padding::Same, 4, 0),
            (2, 9, 1, Padding::Same, 2, 4),
        ] {
            let axis = Axis::new(input, size, stride, padding);
            assert_eq!((axis.output, axis.before), (output, before), "{axis:?}");
            for output in 0..axis.output {
                let expected: Vec<usize> = (0..size)
                    .map(|tap| (output * stride + tap).wrapping_sub(axis.before))
                    .filter(|position| *position < input)
                    .collect();
                assert_eq!(axis.positions(output).collect::<Vec<_>>(), expected, "{axis:?} at {output}");
                assert!(!expected.is_empty());
            }
        }
    }
}
