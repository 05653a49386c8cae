//! A convolution whose window moves by one, without gathering the windows.
//!
//! A plane with its padding lies in memory row after row, so that what a tap of the window sees while it slides over the
//! plane is the plane itself from some place on: each tap is a row of a matrix that is there already. Positions at which
//! the window reaches over the end of a row are computed too and left out of the result.

use super::correlate::{BESIDE, Correlate};
use super::slide::{SLACK, Slide, Taps, pack, stride};
use super::{Geometry, Gradients};
use crate::element::Element;

/// About how many values of the input and the output the gradient of the weight takes at once, so that they stay in a cache.
const CHUNK: usize = 1 << 16;

/// A convolution that reads the input where it lies.
pub(crate) struct Sliding(Geometry);

impl Sliding {
    /// The convolution, where the window moves by one and most of what is computed belongs to the result.
    pub(crate) fn new(geometry: Geometry) -> Option<Self> {
        let [height, width] = geometry.axes;
        let sliding = Self(geometry);
        let dense = 2 * width.output >= width.output.next_multiple_of(BESIDE).max(sliding.row());
        (height.stride == 1 && width.stride == 1 && dense).then_some(sliding)
    }

    /// The number of values of a row with its padding.
    fn row(&self) -> usize {
        self.0.axes[1].output + self.0.axes[1].size - 1
    }

    /// The number of values of a plane with its padding.
    fn plane(&self) -> usize {
        self.row() * (self.0.axes[0].output + self.0.axes[0].size - 1)
    }

    /// The distance from the first value under the window to the last.
    fn reach(&self) -> usize {
        (self.0.axes[0].size - 1) * self.row() + self.0.axes[1].size - 1
    }

    /// The number of positions from the first value to the last of so many rows and columns.
    fn positions(&self, rows: usize, columns: usize) -> usize {
        (rows - 1) * self.row() + columns
    }

    /// The numbers of positions of the output and of the input, with those between their rows.
    fn both_positions(&self) -> [usize; 2] {
        let [height, width] = self.0.axes;
        [self.positions(height.output, width.output), self.positions(height.input, width.input)]
    }

    /// The lengths of the weights, of a padded example and of its outputs.
    fn forward_lengths(&self) -> [usize; 3] {
        let Geometry { channels, filters, .. } = self.0;
        let outputs = stride(self.both_positions()[0]);
        [filters * self.0.fan_in(), channels * self.plane() + SLACK, filters * outputs]
    }

    /// The lengths of the padded examples of a chunk, of the weights, of an example of the padded gradient and of the
    /// gradient of its input.
    fn backward_lengths(&self, batch: usize) -> [usize; 4] {
        let Geometry { channels, filters, .. } = self.0;
        [
            self.chunk(batch) * channels * self.plane(),
            filters * self.0.fan_in(),
            filters * (self.reach() + self.plane()) + SLACK,
            channels * stride(self.both_positions()[1]),
        ]
    }

    /// The number of examples of a chunk.
    pub(super) fn chunk(&self, batch: usize) -> usize {
        let example = self.0.channels * self.plane() + self.0.filters * self.0.outputs();
        (CHUNK / example).clamp(1, batch.max(1))
    }

    /// How much room the forward pass needs.
    pub(crate) fn forward_room(&self) -> usize {
        self.forward_lengths().iter().sum()
    }

    /// How much room the backward pass needs.
    pub(crate) fn backward_room(&self, batch: usize) -> usize {
        self.backward_lengths(batch).iter().sum()
    }

    /// Writes the planes of an example with their padding.
    fn pad<T: Element>(&self, example: &[T], to: &mut [T]) {
        let [height, width] = &self.0.axes;
        let planes = example.chunks_exact(self.0.inputs()).zip(to.chunks_exact_mut(self.plane()));
        for (from, to) in planes {
            if to.len() == from.len() {
                to.copy_from_slice(from);
                continue;
            }
            to.fill(T::zero());
            let to = &mut to[height.before * self.row()..];
            for (from, to) in from.chunks_exact(width.input).zip(to.chunks_mut(self.row())) {
                to[width.before..][..width.input].copy_from_slice(from);
            }
        }
    }

    /// The products of all examples.
    pub(crate) fn forward<T: Element>(
        &self,
        weight: &[T],
        bias: &[T],
        input: &[T],
        output: &mut [T],
        room: &mut [T],
    ) {
        let Geometry { channels, filters, axes: [height, width] } = self.0;
        let [weights, padded, _] = self.forward_lengths();
        let (weights, room) = room.split_at_mut(weights);
        let (padded, outputs) = room.split_at_mut(padded);
        let fan_in = self.0.fan_in();
        pack(filters, fan_in, |filter, tap| weight[filter * fan_in + tap], weights);
        // What is behind the last plane is read and left out of the result.
        padded[channels * self.plane()..].fill(T::zero());
        let positions = self.both_positions()[0];
        let taps = Taps {
            planes: channels,
            plane: self.plane(),
            rows: height.size,
            row: self.row(),
            columns: width.size,
        };
        let examples = input.chunks_exact(channels * self.0.inputs());
        for (input, output) in examples.zip(output.chunks_exact_mut(filters * self.0.outputs())) {
            self.pad(input, padded);
            Slide { taps, weight: weights, start: bias, from: padded, rows: filters, positions, to: outputs }
                .run();
            let planes = output.chunks_exact_mut(self.0.outputs());
            for (to, from) in planes.zip(outputs.chunks_exact(stride(positions))) {
                for (to, from) in to.chunks_exact_mut(width.output).zip(from.chunks(self.row())) {
                    to.copy_from_slice(&from[..width.output]);
                }
            }
        }
    }

    /// The gradients of the weight and of the input.
    pub(crate) fn backward<T: Element>(&self, pass: Gradients<'_, T>, room: &mut [T]) {
        let Geometry { channels, filters, axes: [height, width] } = self.0;
        let (inputs, outputs) = (channels * self.0.inputs(), filters * self.0.outputs());
        let batch = pass.input.len() / inputs;
        let [padded, ..] = self.backward_lengths(batch);
        let (padded, room) = room.split_at_mut(padded);
        pass.weight_gradient.fill(T::zero());
        let chunk = self.chunk(batch);
        let example = channels * self.plane();
        for (input, gradient) in pass.input.chunks(chunk * inputs).zip(pass.gradient.chunks(chunk * outputs))
        {
            for (input, padded) in input.chunks_exact(inputs).zip(padded.chunks_exact_mut(example)) {
                self.pad(input, padded);
            }
            Correlate {
                filters,
                channels,
                examples: input.len() / inputs,
                size: [height.size, width.size],
                output: [height.output, width.output],
                gradient,
                from: padded,
                to: pass.weight_gradient,
            }
            .run();
        }
        if let Some(input_gradient) = pass.input_gradient {
            self.input_gradient(batch, pass.weight, pass.gradient, input_gradient, room);
        }
    }

    /// The gradient of the input: the window slides over the gradient of the output and the zeros around it, turned
    /// around.
    fn input_gradient<T: Element>(
        &self,
        batch: usize,
        weight: &[T],
        gradient: &[T],
        input_gradient: &mut [T],
        room: &mut [T],
    ) {
        let Geometry { channels, filters, axes: [height, width] } = self.0;
        let [_, weights, padded, _] = self.backward_lengths(batch);
        let (weights, room) = room.split_at_mut(weights);
        let (padded, results) = room.split_at_mut(padded);
        let area = self.0.taps();
        let turned = |channel, tap| {
            let (filter, tap) = (tap / area, area - 1 - tap % area);
            weight[(filter * channels + channel) * area + tap]
        };
        pack(channels, filters * area, turned, weights);
        padded.fill(T::zero());
        let positions = self.both_positions()[1];
        let plane = self.reach() + self.plane();
        let taps = Taps { planes: filters, plane, rows: height.size, row: self.row(), columns: width.size };
        // The first position that is no padding.
        let first = height.before * self.row() + width.before;
        let examples = gradient.chunks_exact(filters * self.0.outputs());
        for (gradient, input_gradient) in
            examples.zip(input_gradient.chunks_exact_mut(channels * self.0.inputs()))
        {
            let planes = gradient.chunks_exact(self.0.outputs());
            for (from, to) in planes.zip(padded.chunks_exact_mut(plane)) {
                let rows = to[self.reach()..].chunks_mut(self.row());
                for (from, to) in from.chunks_exact(width.output).zip(rows) {
                    to[..width.output].copy_from_slice(from);
                }
            }
            Slide {
                taps,
                weight: weights,
                start: &[],
                from: &padded[first..],
                rows: channels,
                positions,
                to: results,
            }
            .run();
            let planes = input_gradient.chunks_exact_mut(self.0.inputs());
            for (to, from) in planes.zip(results.chunks_exact(stride(positions))) {
                for (to, from) in to.chunks_exact_mut(width.input).zip(from.chunks(self.row())) {
                    to.copy_from_slice(&from[..width.input]);
                }
            }
        }
    }
}
