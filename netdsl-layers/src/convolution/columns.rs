//! A convolution as a product of matrices.

use std::ops::Range;

use super::{Geometry, Gradients};
use crate::element::Element;
use crate::product::{Matrix, product};

/// About how many values the columns of a chunk have: little enough for a cache, enough for a matrix product.
const CHUNK: usize = 1 << 17;

/// The windows of a few examples as the columns of a matrix: a row for each channel and tap, a column for each example
/// and output.
pub(crate) struct Columns(pub(crate) Geometry);

impl Columns {
    /// Calls `visit` with the index of the plane of the input, its taps, and the range of the row's part, for each row
    /// and each example.
    fn each(&self, examples: usize, mut visit: impl FnMut(usize, [usize; 2], Range<usize>)) {
        let Geometry { channels, axes: [height, width], .. } = self.0;
        let mut start = 0;
        for channel in 0..channels {
            for row in 0..height.size {
                for column in 0..width.size {
                    for example in 0..examples {
                        let end = start + self.0.outputs();
                        visit(example * channels + channel, [row, column], start..end);
                        start = end;
                    }
                }
            }
        }
    }

    /// Writes the windows of the examples `input`; where they reach over the border are zeros.
    fn gather<T: Element>(&self, input: &[T], columns: &mut [T]) {
        let plane = self.0.inputs();
        let [height, width] = &self.0.axes;
        self.each(input.len() / (self.0.channels * plane), |index, [row, column], range| {
            let from = &input[index * plane..][..plane];
            let (rows, first_row) = height.outputs(row);
            let (inside, first) = width.outputs(column);
            for (output, to) in columns[range].chunks_exact_mut(width.output).enumerate() {
                if inside.is_empty() || !rows.contains(&output) {
                    to.fill(T::zero());
                    continue;
                }
                let start = (first_row + (output - rows.start) * height.stride) * width.input;
                let from = &from[start..start + width.input];
                to[..inside.start].fill(T::zero());
                to[inside.end..].fill(T::zero());
                let to = &mut to[inside.clone()];
                if width.stride == 1 {
                    to.copy_from_slice(&from[first..first + to.len()]);
                } else {
                    to.iter_mut()
                        .zip(from[first..].iter().step_by(width.stride))
                        .for_each(|(to, from)| *to = *from);
                }
            }
        });
    }

    /// Overwrites `input` with the sum of the columns' values over all windows that have it.
    fn scatter<T: Element>(&self, columns: &[T], input: &mut [T]) {
        input.fill(T::zero());
        let plane = self.0.inputs();
        let [height, width] = &self.0.axes;
        self.each(input.len() / (self.0.channels * plane), |index, [row, column], range| {
            let to = &mut input[index * plane..][..plane];
            let (rows, first_row) = height.outputs(row);
            let (inside, first) = width.outputs(column);
            if inside.is_empty() {
                return;
            }
            let from = columns[range].chunks_exact(width.output).skip(rows.start).take(rows.len());
            for (output, from) in from.enumerate() {
                let start = (first_row + output * height.stride) * width.input;
                let to = &mut to[start + first..start + width.input];
                let from = &from[inside.clone()];
                if width.stride == 1 {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
                } else {
                    to.iter_mut().step_by(width.stride).zip(from).for_each(|(to, from)| *to += *from);
                }
            }
        });
    }

    /// The number of examples that are convolved at once.
    fn chunk(&self, batch: usize) -> usize {
        let columns = self.0.fan_in() * self.0.outputs();
        (CHUNK / columns.max(1)).clamp(1, batch.max(1))
    }

    /// The length of the columns of a chunk.
    fn columns_len(&self, batch: usize) -> usize {
        self.0.fan_in() * self.chunk(batch) * self.0.outputs()
    }

    /// How much room a pass needs: the columns of a chunk, and its outputs with the channels outermost.
    pub(crate) fn room(&self, batch: usize) -> usize {
        self.columns_len(batch) + self.0.filters * self.chunk(batch) * self.0.outputs()
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
        let Geometry { channels, filters, .. } = self.0;
        let (inputs, outputs) = (channels * self.0.inputs(), filters * self.0.outputs());
        let (batch, fan_in) = (input.len() / inputs, self.0.fan_in());
        let (columns, results) = room.split_at_mut(self.columns_len(batch));
        let chunk = self.chunk(batch);
        for (input, output) in input.chunks(chunk * inputs).zip(output.chunks_mut(chunk * outputs)) {
            let examples = output.len() / outputs;
            let positions = examples * self.0.outputs();
            let (columns, results) =
                (&mut columns[..fan_in * positions], &mut results[..filters * positions]);
            self.gather(input, columns);
            let weight = Matrix::new(weight, filters, fan_in);
            product(weight, Matrix::new(columns, fan_in, positions), T::zero(), results);
            for (example, output) in output.chunks_exact_mut(outputs).enumerate() {
                for (filter, output) in output.chunks_exact_mut(self.0.outputs()).enumerate() {
                    let from = &results[(filter * examples + example) * self.0.outputs()..];
                    match bias.get(filter) {
                        Some(bias) => {
                            output.iter_mut().zip(from).for_each(|(output, value)| *output = *value + *bias)
                        }
                        None => output.copy_from_slice(&from[..output.len()]),
                    }
                }
            }
        }
    }

    /// The gradients of the weight and of the input.
    pub(crate) fn backward<T: Element>(&self, pass: Gradients<'_, T>, room: &mut [T]) {
        let Geometry { channels, filters, .. } = self.0;
        let (inputs, outputs) = (channels * self.0.inputs(), filters * self.0.outputs());
        let (batch, fan_in) = (pass.input.len() / inputs, self.0.fan_in());
        let (columns, gradients) = room.split_at_mut(self.columns_len(batch));
        let weight = Matrix::new(pass.weight, filters, fan_in);
        let mut input_gradient = pass.input_gradient;
        pass.weight_gradient.fill(T::zero());
        let chunk = self.chunk(batch);
        for (index, gradient) in pass.gradient.chunks(chunk * outputs).enumerate() {
            let examples = gradient.len() / outputs;
            let positions = examples * self.0.outputs();
            let range = index * chunk * inputs..(index * chunk + examples) * inputs;
            let (columns, gradients) =
                (&mut columns[..fan_in * positions], &mut gradients[..filters * positions]);
            for (example, gradient) in gradient.chunks_exact(outputs).enumerate() {
                for (filter, gradient) in gradient.chunks_exact(self.0.outputs()).enumerate() {
                    let start = (filter * examples + example) * self.0.outputs();
                    gradients[start..start + gradient.len()].copy_from_slice(gradient);
                }
            }
            self.gather(&pass.input[range.clone()], columns);
            let gradients = Matrix::new(gradients, filters, positions);
            let windows = Matrix::new(columns, fan_in, positions);
            product(gradients, windows.transpose(), T::one(), pass.weight_gradient);
            if let Some(input_gradient) = input_gradient.as_deref_mut() {
                product(weight.transpose(), gradients, T::zero(), columns);
                self.scatter(columns, &mut input_gradient[range]);
            }
        }
    }
}
