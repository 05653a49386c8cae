//! The values of examples at steps, which can be shared out by examples.

use ndarray::{ArrayView3, ArrayViewMut3, Axis};

/// Why a step of [`Rows`] or [`RowsMut`] is a slice.
const ORDER: &str = "the rows of a step lie one after the other";

/// Why the shape fits the values.
const LENGTH: &str = "as many values as the sizes of the recurrence say";

/// `time × batch × width` values, of all examples of a batch or of some.
#[derive(Clone, Copy, Debug)]
pub(in crate::layers) struct Rows<'a, T>(ArrayView3<'a, T>);

impl<'a, T> Rows<'a, T> {
    /// Of values that lie step after step.
    pub(super) fn by_steps(values: &'a [T], shape: [usize; 3]) -> Self {
        Self(ArrayView3::from_shape(shape, values).expect(LENGTH))
    }

    /// Of values that lie example after example.
    pub(super) fn by_examples(values: &'a [T], [time, batch, width]: [usize; 3]) -> Self {
        let rows = ArrayView3::from_shape([batch, time, width], values).expect(LENGTH);
        Self(rows.permuted_axes([1, 0, 2]))
    }

    /// The values of a step; they lie step after step.
    pub(in crate::layers) fn step(&self, step: usize) -> &'a [T] {
        self.0.index_axis_move(Axis(0), step).to_slice().expect(ORDER)
    }

    /// The values of the step before, if there is one.
    pub(in crate::layers) fn before(&self, step: usize) -> Option<&'a [T]> {
        step.checked_sub(1).map(|before| self.step(before))
    }

    pub(super) fn row(&self, step: usize, example: usize) -> &'a [T] {
        self.0.index_axis_move(Axis(0), step).index_axis_move(Axis(0), example).to_slice().expect(ORDER)
    }

    /// Those of the first so many examples, and those of the others.
    pub(super) fn halves(self, examples: usize) -> (Self, Self) {
        let (top, bottom) = self.0.split_at(Axis(1), examples);
        (Self(top), Self(bottom))
    }
}

/// The same to be written.
#[derive(Debug)]
pub(in crate::layers) struct RowsMut<'a, T>(ArrayViewMut3<'a, T>);

/// Of no values.
impl<T> Default for RowsMut<'_, T> {
    fn default() -> Self {
        Self::by_steps(&mut [], [0; 3])
    }
}

impl<'a, T> RowsMut<'a, T> {
    /// Of values that lie step after step.
    pub(super) fn by_steps(values: &'a mut [T], shape: [usize; 3]) -> Self {
        Self(ArrayViewMut3::from_shape(shape, values).expect(LENGTH))
    }

    /// Of values that lie example after example.
    pub(super) fn by_examples(values: &'a mut [T], [time, batch, width]: [usize; 3]) -> Self {
        let rows = ArrayViewMut3::from_shape([batch, time, width], values).expect(LENGTH);
        Self(rows.permuted_axes([1, 0, 2]))
    }

    /// The values of a step; they lie step after step.
    pub(in crate::layers) fn step(&mut self, step: usize) -> &mut [T] {
        self.0.index_axis_mut(Axis(0), step).into_slice().expect(ORDER)
    }

    /// The values of the step before, if there is one, and those of this step.
    pub(in crate::layers) fn before_and_now(&mut self, step: usize) -> (Option<&[T]>, &mut [T]) {
        let (past, now) = self.0.view_mut().split_at(Axis(0), step);
        let past = step
            .checked_sub(1)
            .map(|before| &*past.index_axis_move(Axis(0), before).into_slice().expect(ORDER));
        (past, now.index_axis_move(Axis(0), 0).into_slice().expect(ORDER))
    }

    pub(super) fn row(&mut self, step: usize, example: usize) -> &mut [T] {
        self.0.index_axis_mut(Axis(0), step).index_axis_move(Axis(0), example).into_slice().expect(ORDER)
    }

    /// Those of the first so many examples, and those of the others.
    pub(super) fn halves(self, examples: usize) -> (Self, Self) {
        let (top, bottom) = self.0.split_at(Axis(1), examples);
        (Self(top), Self(bottom))
    }
}
