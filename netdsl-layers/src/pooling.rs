//! What the poolings share: planes of space, one for each channel of each example, that a window slides over.
//!
//! A window is taken apart into its rows and its columns, so that a loop goes over many of them at once.

use pulp::{Simd, WithSimd};

use crate::element::Element;
use crate::lanes::{Room, vectorised};
use crate::registers::dispatch;
use crate::window::Axis;

/// The planes of space that a pooling slides its window over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planes([Axis; 2]);

/// Calls a function with the number of columns of a piece first, which the compiler knows where it is one that windows
/// mostly have.
macro_rules! of_pieces {
    ($work:ident($size:expr, $($argument:expr),*)) => {
        match $size {
            2 => $work(2, $($argument),*),
            3 => $work(3, $($argument),*),
            size => $work(size, $($argument),*),
        }
    };
}

/// Folds each piece of `size` values to one.
#[inline(always)]
fn fold_pieces<T: Element>(size: usize, from: &[T], to: &mut [T], start: T, fold: &impl Fn(T, T) -> T) {
    for (to, piece) in to.iter_mut().zip(from.chunks_exact(size)) {
        let mut folded = start;
        for value in piece {
            folded = fold(folded, *value);
        }
        *to = folded;
    }
}

/// Fills each piece of `size` values with one.
#[inline(always)]
fn fill_pieces<T: Element>(size: usize, from: &[T], to: &mut [T]) {
    for (piece, value) in to.chunks_exact_mut(size).zip(from) {
        for to in piece {
            *to = *value;
        }
    }
}

/// [`select`] for each piece of `size` values.
#[inline(always)]
fn select_in_pieces<T: Element>(size: usize, input: &[T], to: &mut [T], output: &[T], gradient: &mut [T]) {
    let pieces = input.chunks_exact(size).zip(to.chunks_exact_mut(size));
    for ((input, to), (output, gradient)) in pieces.zip(output.iter().zip(gradient)) {
        for (value, to) in input.iter().zip(to) {
            select(*value, *output, gradient, to);
        }
    }
}

/// Moves the gradient to a value that is the largest.
#[inline(always)]
fn select<T: Element>(value: T, largest: T, gradient: &mut T, to: &mut T) {
    let is = value == largest;
    *to += if is { *gradient } else { T::zero() };
    *gradient = if is { T::zero() } else { *gradient };
}

impl Planes {
    /// Planes of these axes.
    pub(crate) fn new(axes: [Axis; 2]) -> Self {
        Self(axes)
    }

    /// The number of values of a plane of the input.
    pub(crate) fn input(&self) -> usize {
        self.0[0].input * self.0[1].input
    }

    /// The number of values of a plane of the output.
    pub(crate) fn output(&self) -> usize {
        self.0[0].output * self.0[1].output
    }

    /// The rows of a plane of the input, each folded to a row for each row of the output.
    fn between(&self) -> usize {
        self.0[0].output * self.0[1].input
    }

    /// The number of columns of a window, where the windows cut each row of the input into pieces and leave nothing over.
    fn pieces(&self) -> Option<usize> {
        let Axis { input, output, size, stride, .. } = self.0[1];
        (stride == size && input == output * size).then_some(size)
    }

    /// Overwrites the output with the values under each window, folded from `start` on: each column first, then the
    /// columns.
    pub(crate) fn fold<T: Element>(&self, input: &[T], output: &mut [T], start: T, fold: impl Fn(T, T) -> T) {
        let mut room = Room::new(self.between());
        dispatch(Fold { planes: *self, input, output, between: room.values(), start, fold });
    }

    /// Overwrites the input with the sums of what the windows over each value have in the output.
    pub(crate) fn spread<T: Element>(&self, output: &[T], input: &mut [T]) {
        let mut room = Room::new(self.between());
        dispatch(Spread { planes: *self, input, output, between: room.values() });
    }

    /// Overwrites the gradient of the input: the first value under a window that equals the output gets its gradient,
    /// which is zero behind.
    pub(crate) fn select<T: Element>(
        &self,
        input: &[T],
        output: &[T],
        gradient: &mut [T],
        input_gradient: &mut [T],
    ) {
        dispatch(Select { planes: *self, input, output, gradient, input_gradient });
    }

    /// Divides the values of the output by the numbers of values of the input under their windows.
    pub(crate) fn divide_by_counts<T: Element>(&self, output: &mut [T]) {
        let [height, width] = &self.0;
        let covered = |axis: &Axis| (0..axis.output).map(|at| axis.positions(at).len()).min();
        let area = height.size * width.size;
        if covered(height) == Some(height.size) && covered(width) == Some(width.size) {
            let count = T::from_f64(area as f64);
            vectorised(
                #[inline(always)]
                || output.iter_mut().for_each(|value| *value /= count),
            );
            return;
        }
        for plane in output.chunks_exact_mut(self.output()) {
            for (row, output) in plane.chunks_exact_mut(width.output).enumerate() {
                let rows = height.positions(row).len();
                for (column, value) in output.iter_mut().enumerate() {
                    *value /= T::from_f64((rows * width.positions(column).len()) as f64);
                }
            }
        }
    }
}

/// [`Planes::fold`], with room for what lies between.
struct Fold<'a, T, F> {
    planes: Planes,
    input: &'a [T],
    output: &'a mut [T],
    between: &'a mut [T],
    start: T,
    fold: F,
}

impl<T: Element, F: Fn(T, T) -> T> WithSimd for Fold<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { planes: of, input, output, between, start, fold } = self;
        let [height, width] = &of.0;
        let planes = input.chunks_exact(of.input()).zip(output.chunks_exact_mut(of.output()));
        for (input, output) in planes {
            for (row, between) in between.chunks_exact_mut(width.input).enumerate() {
                between.fill(start);
                for from in height.positions(row) {
                    let from = &input[from * width.input..][..width.input];
                    for (to, value) in between.iter_mut().zip(from) {
                        *to = fold(*to, *value);
                    }
                }
            }
            if let Some(size) = of.pieces() {
                of_pieces!(fold_pieces(size, between, output, start, &fold));
                continue;
            }
            output.fill(start);
            let rows = between.chunks_exact(width.input).zip(output.chunks_exact_mut(width.output));
            for (between, output) in rows {
                for tap in 0..width.size {
                    let (inside, first) = width.outputs(tap);
                    let from = between.iter().skip(first).step_by(width.stride);
                    for (to, value) in output[inside].iter_mut().zip(from) {
                        *to = fold(*to, *value);
                    }
                }
            }
        }
    }
}

/// [`Planes::spread`], with room for what lies between.
struct Spread<'a, T> {
    planes: Planes,
    input: &'a mut [T],
    output: &'a [T],
    between: &'a mut [T],
}

impl<T: Element> WithSimd for Spread<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { planes: of, input, output, between } = self;
        let [height, width] = &of.0;
        let planes = output.chunks_exact(of.output()).zip(input.chunks_exact_mut(of.input()));
        for (output, input) in planes {
            if let Some(size) = of.pieces() {
                of_pieces!(fill_pieces(size, output, between));
            } else {
                between.fill(T::zero());
                let rows = between.chunks_exact_mut(width.input).zip(output.chunks_exact(width.output));
                for (between, output) in rows {
                    for tap in 0..width.size {
                        let (inside, first) = width.outputs(tap);
                        let to = between.iter_mut().skip(first).step_by(width.stride);
                        to.zip(&output[inside]).for_each(|(to, value)| *to += *value);
                    }
                }
            }
            input.fill(T::zero());
            for (row, between) in between.chunks_exact(width.input).enumerate() {
                for to in height.positions(row) {
                    let to = &mut input[to * width.input..][..width.input];
                    to.iter_mut().zip(between).for_each(|(to, value)| *to += *value);
                }
            }
        }
    }
}

/// [`Planes::select`].
struct Select<'a, T> {
    planes: Planes,
    input: &'a [T],
    output: &'a [T],
    gradient: &'a mut [T],
    input_gradient: &'a mut [T],
}

impl<T: Element> WithSimd for Select<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { planes: of, input, output, gradient, input_gradient } = self;
        let [height, width] = &of.0;
        let outputs = output.chunks_exact(of.output()).zip(gradient.chunks_exact_mut(of.output()));
        let inputs = input.chunks_exact(of.input()).zip(input_gradient.chunks_exact_mut(of.input()));
        for ((input, to), (output, gradient)) in inputs.zip(outputs) {
            to.fill(T::zero());
            let rows = output.chunks_exact(width.output).zip(gradient.chunks_exact_mut(width.output));
            for (row, (output, gradient)) in rows.enumerate() {
                for at in height.positions(row) {
                    let input = &input[at * width.input..][..width.input];
                    let to = &mut to[at * width.input..][..width.input];
                    if let Some(size) = of.pieces() {
                        of_pieces!(select_in_pieces(size, input, to, output, gradient));
                        continue;
                    }
                    for tap in 0..width.size {
                        let (inside, first) = width.outputs(tap);
                        let places = input.iter().zip(to.iter_mut()).skip(first).step_by(width.stride);
                        let outputs = output[inside.clone()].iter().zip(&mut gradient[inside]);
                        for ((value, to), (output, gradient)) in places.zip(outputs) {
                            select(*value, *output, gradient, to);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Planes;
    use crate::kernel::larger;
    use crate::on_all_registers;
    use crate::shape::Shape;
    use crate::window::{Padding, Window};

    /// Windows with and without padding, that overlap, touch or leave gaps, over rows that no register fits.
    fn planes() -> impl Iterator<Item = Planes> {
        let mut planes = Vec::new();
        // Miri computes a hundred thousand times slower.
        let sizes = if cfg!(miri) { &[(5, 9)][..] } else { &[(6, 6), (5, 9), (1, 37), (12, 34)] };
        for (height, width) in sizes.iter().copied() {
            let windows = [(2, 2), (3, 2), (5, 5), (2, 3), (3, 3), (1, 1), (3, 1)];
            for (size, stride) in windows.into_iter().take(if cfg!(miri) { 4 } else { 7 }) {
                for padding in [Padding::Same, Padding::Valid] {
                    let size = [size.min(height), size.min(width)];
                    let window = Window { size, stride: [stride; 2], padding };
                    planes.push(Planes::new(window.axes(Shape::image(1, height, width))));
                }
            }
        }
        planes.into_iter()
    }

    /// Small multiples of the unit with many ties, and values that are not finite: sums of them have no rounding.
    fn values(count: usize, seed: usize, unit: f32) -> Vec<f32> {
        let multiple = |index: usize| unit * (((index * 7 + seed * 3) % 5) as f32 - 2.0);
        let mut values: Vec<f32> = (0..count).map(multiple).collect();
        for (index, special) in [f32::NAN, f32::INFINITY, -0.0].into_iter().enumerate() {
            values[(index + 1) * count / 5] = special;
        }
        values
    }

    /// The places of the input under each window, row for row.
    fn windows(planes: Planes) -> Vec<Vec<usize>> {
        let [height, width] = &planes.0;
        let outputs = (0..height.output).flat_map(|row| (0..width.output).map(move |column| (row, column)));
        outputs
            .map(|(row, column)| {
                let columns = width.positions(column);
                let rows = height.positions(row);
                rows.flat_map(|row| columns.clone().map(move |column| row * width.input + column)).collect()
            })
            .collect()
    }

    #[track_caller]
    fn compare(planes: Planes, ours: &[f32], expected: &[f32]) {
        let same = |(ours, expected): (&f32, &f32)| ours == expected || ours.is_nan() && expected.is_nan();
        assert!(ours.iter().zip(expected).all(same), "{planes:?}: {ours:?} {expected:?}");
    }

    #[test]
    fn folds_and_spreads_as_the_plain_loops_do() {
        // The smallest number is as good a unit as any.
        for (planes, unit) in planes().flat_map(|planes| [(planes, 1.0), (planes, f32::from_bits(1))]) {
            let windows = windows(planes);
            let (examples, channels) = (2, 2);
            let input = values(examples * channels * planes.input(), 1, unit);
            let gradient = values(examples * channels * planes.output(), 2, unit);
            let results = on_all_registers(|| {
                let (mut sums, mut largest) = (vec![9.0; gradient.len()], vec![9.0; gradient.len()]);
                planes.fold(&input, &mut sums, 0.0, |sum, value| sum + value);
                planes.fold(&input, &mut largest, f32::NEG_INFINITY, larger);
                let mut means = sums.clone();
                planes.divide_by_counts(&mut means);
                let (mut spread, mut selected) = (vec![9.0; input.len()], vec![9.0; input.len()]);
                planes.spread(&gradient, &mut spread);
                planes.select(&input, &largest, &mut gradient.clone(), &mut selected);
                [sums, means, largest, spread, selected]
            });

            let mut expected = [(); 3].map(|()| Vec::new());
            let mut input_gradients = [(); 2].map(|()| vec![0.0; input.len()]);
            for (index, gradient) in gradient.iter().enumerate() {
                let start = index / planes.output() * planes.input();
                let window: Vec<usize> =
                    windows[index % planes.output()].iter().map(|at| start + at).collect();
                let sum = window.iter().map(|at| input[*at]).sum::<f32>();
                let largest = crate::kernel::largest(window.iter().map(|at| input[*at]));
                for (expected, value) in expected.iter_mut().zip([sum, sum / window.len() as f32, largest]) {
                    expected.push(value);
                }
                window.iter().for_each(|at| input_gradients[0][*at] += gradient);
                if let Some(at) = window.iter().find(|at| input[**at] == largest) {
                    input_gradients[1][*at] += gradient;
                }
            }
            for (_, results) in &results {
                for (ours, expected) in results.iter().zip(expected.iter().chain(&input_gradients)) {
                    compare(planes, ours, expected);
                }
            }
        }
    }
}
