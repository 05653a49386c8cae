//! The steps of a recurrence, and who takes them for which examples.

use std::ops::Range;

use super::rows::{Rows, RowsMut};
use crate::element::Element;
use crate::product::{Matrix, Packed, packed_len, product_with_packed};
use crate::threads::{self, Work};

/// How many multiplications the steps have at least that are taken in one go, to be worth a second thread. With fewer, waking
/// another took about as long as it saved.
const WORTH_A_THREAD: usize = 1 << 24;

/// How many examples a thread has at least: each reads all weights at every step.
const EXAMPLES_OF_THREAD: usize = 8;

/// How many rows the gradients of the weights are summed up over at once, steps times examples: those at the gates stay in
/// the second cache until then, and a product takes as many in one go.
const ROWS_AT_ONCE: usize = 512;

/// The sizes of a recurrence over a batch, or over some of its examples.
///
/// Within the layer the values lie step after step, `time × batch × width`, so that all steps are one matrix, and a step
/// of some examples is one slice.
#[derive(Clone, Copy, Debug)]
pub(in crate::layers) struct Steps<'a> {
    pub(in crate::layers) batch: usize,
    /// The number of steps of each example that are no padding, if there is any.
    pub(in crate::layers) lengths: Option<&'a [usize]>,
    pub(in crate::layers) time: usize,
    pub(in crate::layers) features: usize,
    pub(in crate::layers) units: usize,
    /// The number of rows of the weights.
    pub(in crate::layers) gates: usize,
    pub(in crate::layers) return_sequences: bool,
}

/// Adds the bias, if there is one, to the products of an example.
#[inline(always)]
pub(in crate::layers) fn add_bias<T: Element>(bias: &[T], products: &mut [T]) {
    for (product, bias) in products.iter_mut().zip(bias) {
        *product += *bias;
    }
}

impl<'l> Steps<'l> {
    /// The number of values of the input.
    pub(in crate::layers) fn inputs(&self) -> usize {
        self.batch * self.time * self.features
    }

    /// The number of values of a state.
    pub(in crate::layers) fn state(&self) -> usize {
        self.batch * self.units
    }

    /// The number of values of all states.
    pub(in crate::layers) fn states(&self) -> usize {
        self.time * self.state()
    }

    /// The shape of values of so many an example and step, of which there are so many.
    fn shape(&self, width: usize, len: usize) -> [usize; 3] {
        [len / (self.batch * width), self.batch, width]
    }

    /// Values that lie step after step, so many an example, for as many steps as there are values.
    pub(in crate::layers) fn rows<'a, T>(&self, values: &'a [T], width: usize) -> Rows<'a, T> {
        let shape = self.shape(width, values.len());
        Rows::by_steps(&values[..shape.iter().product()], shape)
    }

    /// The same to be written.
    pub(in crate::layers) fn rows_mut<'a, T>(&self, values: &'a mut [T], width: usize) -> RowsMut<'a, T> {
        let shape = self.shape(width, values.len());
        RowsMut::by_steps(&mut values[..shape.iter().product()], shape)
    }

    /// The input of the layer, which lies example after example.
    pub(in crate::layers) fn input<'a, T>(&self, values: &'a [T]) -> Rows<'a, T> {
        Rows::by_examples(values, self.shape(self.features, values.len()))
    }

    /// The output of the layer or its gradient: of all states example after example, or of the last.
    pub(in crate::layers) fn output<'a, T>(&self, values: &'a [T]) -> Rows<'a, T> {
        Rows::by_examples(values, self.shape(self.units, values.len()))
    }

    /// The same to be written.
    pub(in crate::layers) fn output_mut<'a, T>(&self, values: &'a mut [T]) -> RowsMut<'a, T> {
        let shape = self.shape(self.units, values.len());
        RowsMut::by_examples(values, shape)
    }

    /// Has `work` go over so many steps with what it reads and what it writes: for all examples, or on several threads where
    /// that is much, on each for some of them. No value of an example depends on the others.
    ///
    /// `work` must not share out anything itself.
    pub(in crate::layers) fn share<T: Element, const READ: usize, const WRITTEN: usize>(
        self,
        count: usize,
        read: [Rows<'_, T>; READ],
        written: [RowsMut<'_, T>; WRITTEN],
        work: &(impl Fn(Steps<'l>, [Rows<'_, T>; READ], [RowsMut<'_, T>; WRITTEN]) + Sync),
    ) {
        threads::work(Share { steps: self, count, read, written, work });
    }

    /// How much room the packed weights of the input and of the state need.
    pub(in crate::layers) fn packed(&self) -> usize {
        packed_len(self.features, self.gates) + packed_len(self.units, self.gates)
    }

    /// Brings the weights of the input and of the state into order, once for all steps.
    pub(in crate::layers) fn pack<'a, T: Element>(
        &self,
        weight: &[T],
        recurrent: &[T],
        room: &'a mut [T],
    ) -> [Packed<'a, T>; 2] {
        let (room, recurrent_room) = room.split_at_mut(packed_len(self.features, self.gates));
        let matrix = |values, width| Matrix::new(values, self.gates, width).transpose();
        [
            Packed::new(matrix(weight, self.features), room),
            Packed::new(matrix(recurrent, self.units), recurrent_room),
        ]
    }

    /// Copies the input of a step, and computes the products with it.
    pub(in crate::layers) fn input_products<T: Element>(
        &self,
        step: usize,
        input: Rows<'_, T>,
        inputs: &mut [T],
        weight: Packed<'_, T>,
        products: &mut [T],
    ) {
        for (example, values) in inputs.chunks_exact_mut(self.features).enumerate() {
            values.copy_from_slice(input.row(step, example));
        }
        product_with_packed(Matrix::new(inputs, self.batch, self.features), weight, T::zero(), products);
    }

    /// Adds the products with the state of the step before, which is zero for the first.
    pub(in crate::layers) fn add_state_products<T: Element>(
        &self,
        before: Option<&[T]>,
        recurrent: Packed<'_, T>,
        products: &mut [T],
    ) {
        if let Some(before) = before {
            let before = Matrix::new(before, self.batch, self.units);
            product_with_packed(before, recurrent, T::one(), products);
        }
    }

    /// How many steps of an example are no padding.
    pub(super) fn length(&self, example: usize) -> usize {
        self.lengths.map_or(self.time, |lengths| lengths[example])
    }

    /// Carries the state of the examples that have ended through this step.
    pub(in crate::layers) fn carry<T: Copy>(&self, step: usize, states: &mut RowsMut<'_, T>) {
        for (example, length) in self.lengths.into_iter().flatten().enumerate() {
            if step >= *length {
                let row = example * self.units..(example + 1) * self.units;
                if let (Some(before), now) = states.before_and_now(step) {
                    now[row.clone()].copy_from_slice(&before[row]);
                }
            }
        }
    }

    /// Writes what of the states of a step belongs to the output.
    pub(in crate::layers) fn emit<T: Copy>(&self, step: usize, states: &[T], output: &mut RowsMut<'_, T>) {
        let row = if self.return_sequences { Some(step) } else { (step + 1 == self.time).then_some(0) };
        if let Some(row) = row {
            for (example, state) in states.chunks_exact(self.units).enumerate() {
                output.row(row, example).copy_from_slice(state);
            }
        }
    }

    /// How much room the packed weight of the state needs on the way back.
    pub(in crate::layers) fn packed_back(&self) -> usize {
        packed_len(self.gates, self.units)
    }

    /// Brings the weight of the state into order for the way back.
    pub(in crate::layers) fn pack_back<'a, T: Element>(
        &self,
        recurrent: &[T],
        room: &'a mut [T],
    ) -> Packed<'a, T> {
        Packed::new(Matrix::new(recurrent, self.gates, self.units), room)
    }

    /// How many rows there is room for until the gradients of the weights are summed up over them: for a smaller batch never
    /// more.
    pub(in crate::layers) fn rows_at_once(&self) -> usize {
        ROWS_AT_ONCE.max(self.batch).min(self.time * self.batch)
    }

    /// The steps of the way back, as many at once as there is room for.
    pub(in crate::layers) fn back(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (time, at_once) = (self.time, self.rows_at_once() / self.batch);
        (0..time.div_ceil(at_once)).rev().map(move |index| index * at_once..time.min((index + 1) * at_once))
    }

    /// The number of [`WayBack::exponents`].
    pub(in crate::layers) fn exponents(&self) -> usize {
        self.time * self.batch
    }

    /// How much room [`Sums`] need.
    pub(in crate::layers) fn sums(&self) -> usize {
        (self.features + self.units) * self.gates + self.rows_at_once() * self.features
    }
}

/// Some of the examples of [`Steps::share`].
struct Share<'l, 'r, 'w, 'f, T, F, const READ: usize, const WRITTEN: usize> {
    steps: Steps<'l>,
    count: usize,
    read: [Rows<'r, T>; READ],
    written: [RowsMut<'w, T>; WRITTEN],
    work: &'f F,
}

impl<'l, T, F, const READ: usize, const WRITTEN: usize> Work for Share<'l, '_, '_, '_, T, F, READ, WRITTEN>
where
    T: Element,
    F: Fn(Steps<'l>, [Rows<'_, T>; READ], [RowsMut<'_, T>; WRITTEN]) + Sync,
{
    fn worth_dividing(&self) -> bool {
        let Steps { batch, features, units, gates, .. } = self.steps;
        let multiplications = batch * self.count * (features + units) * gates;
        batch >= 2 * EXAMPLES_OF_THREAD && multiplications >= WORTH_A_THREAD
    }

    fn halves(self) -> [Self; 2] {
        let Self { steps, count, mut read, mut written, work } = self;
        let half = steps.batch / 2;
        let lengths = steps.lengths.map(|lengths| lengths.split_at(half)).unzip();
        let top = Steps { batch: half, lengths: lengths.0, ..steps };
        let bottom = Steps { batch: steps.batch - half, lengths: lengths.1, ..steps };
        let (mut read_below, mut written_below) = (read, [(); WRITTEN].map(|()| RowsMut::default()));
        for (rows, below) in read.iter_mut().zip(&mut read_below) {
            (*rows, *below) = rows.halves(half);
        }
        for (rows, below) in written.iter_mut().zip(&mut written_below) {
            (*rows, *below) = std::mem::take(rows).halves(half);
        }
        [
            Self { steps: top, count, read, written, work },
            Self { steps: bottom, count, read: read_below, written: written_below, work },
        ]
    }

    fn run(self) {
        (self.work)(self.steps, self.read, self.written);
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, RowsMut, Share, Steps};
    use crate::threads::in_parts;

    /// Cut among 1, 2 and 8 threads, down to single examples: each has its own rows and its own length.
    #[test]
    fn every_example_is_worked_on_once() {
        let (batch, time, units) = (7, 3, 2);
        let lengths = [3, 1, 2, 3, 1, 2, 2];
        let steps = Steps {
            batch,
            lengths: Some(&lengths),
            time,
            features: 1,
            units,
            gates: units,
            return_sequences: true,
        };
        // Both name their place: the first lies example after example.
        let from: Vec<f32> = (0..batch * time).map(|index| index as f32).collect();
        for level in [0, 1, 3] {
            let mut into = vec![0.0; time * batch * units];
            let share = Share {
                steps,
                count: time,
                read: [steps.input(&from)],
                written: [steps.rows_mut(&mut into, units)],
                work: &|steps: Steps<'_>, [from]: [Rows<'_, f32>; 1], [mut into]: [RowsMut<'_, f32>; 1]| {
                    for step in 0..steps.time {
                        let rows = into.step(step).chunks_exact_mut(steps.units);
                        for ((example, row), length) in rows.enumerate().zip(steps.lengths.unwrap()) {
                            row[0] += 1.0 + from.row(step, example)[0];
                            row[1] += *length as f32;
                        }
                    }
                },
            };
            in_parts(share, level);
            for (index, row) in into.chunks_exact(units).enumerate() {
                let (step, example) = (index / batch, index % batch);
                let expected = [1.0 + (example * time + step) as f32, lengths[example] as f32];
                assert_eq!(row, expected, "example {example} at step {step} on {} threads", 1 << level);
            }
        }
    }
}
