//! The fast convolution against loops that are written out, to the bit.

use proptest::prelude::*;

use super::correlate::BESIDE;
use super::{Geometry, Gradients, Sliding};
use crate::element::Element;
use crate::on_all_registers;
use crate::shape::Shape;
use crate::window::{Padding, Window};

/// Numbers that are not round, of both signs.
fn numbers<T: Element>(count: usize, seed: usize) -> Vec<T> {
    (0..count).map(|index| T::from_f64(((index * 7919 + seed * 104_729) as f64 * 0.618_034).sin())).collect()
}

#[track_caller]
fn compare<T: Element>(what: &str, geometry: Geometry, ours: &[T], expected: &[T]) {
    for (index, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        let same = ours == expected || ours.is_nan() && expected.is_nan();
        assert!(same, "{what} of {geometry:?} at {index}: {ours} {expected}");
    }
}

/// The value of a plane with its padding.
fn padded<T: Element>(plane: &[T], [rows, columns]: [usize; 2], [row, column]: [isize; 2]) -> T {
    let inside = |at: isize, len: usize| (0..len as isize).contains(&at);
    if inside(row, rows) && inside(column, columns) {
        plane[row as usize * columns + column as usize]
    } else {
        T::zero()
    }
}

/// The passes of the fast kernels, with all kinds of registers, and of loops: the same chains of fused multiply-adds. The
/// special number stands where `at` says, in the input, the gradient and the weight.
fn check<T: Element>(geometry: Geometry, batch: usize, special: Option<(T, [usize; 3])>) {
    let Geometry { channels, filters, axes: [height, width] } = geometry;
    let sliding = Sliding::new(geometry).expect("a window that slides");
    let (inputs, outputs) = ([height.input, width.input], [height.output, width.output]);
    let (inputs_len, outputs_len) = (channels * geometry.inputs(), filters * geometry.outputs());
    let (mut weight, bias) = (numbers::<T>(filters * geometry.fan_in(), 1), numbers(filters, 2));
    let (mut input, mut gradient) = (numbers(batch * inputs_len, 3), numbers(batch * outputs_len, 4));
    if let Some((special, at)) = special {
        for (values, at) in [&mut input, &mut gradient, &mut weight].into_iter().zip(at) {
            let len = values.len();
            values[at % len] = special;
        }
    }

    let results = on_all_registers(|| {
        let mut output = numbers(gradient.len(), 5);
        let mut room = numbers(sliding.forward_room(), 6);
        sliding.forward(&weight, &bias, &input, &mut output, &mut room);
        let (mut input_gradient, mut weight_gradient) = (numbers(input.len(), 7), numbers(weight.len(), 8));
        let mut room = numbers(sliding.backward_room(batch), 9);
        let pass = Gradients {
            weight: &weight,
            input: &input,
            gradient: &gradient,
            input_gradient: Some(&mut input_gradient),
            weight_gradient: &mut weight_gradient,
        };
        sliding.backward(pass, &mut room);
        [output, input_gradient, weight_gradient]
    });
    let compare = |index: usize, what: &str, expected: &[T]| {
        for (registers, results) in &results {
            compare(&format!("{what} on {registers}"), geometry, &results[index], expected);
        }
    };

    let at = |filter: usize, channel: usize, row: usize, column: usize| {
        ((filter * channels + channel) * height.size + row) * width.size + column
    };
    // Where the window lies over the input.
    let under = |output: [usize; 2], tap: [usize; 2]| {
        [
            (output[0] + tap[0]) as isize - height.before as isize,
            (output[1] + tap[1]) as isize - width.before as isize,
        ]
    };
    let plane = |of: &[T], index: usize, len: usize| of[index * len..][..len].to_vec();
    let taps = || {
        (0..channels).flat_map(move |channel| {
            (0..height.size).flat_map(move |row| (0..width.size).map(move |column| (channel, row, column)))
        })
    };

    let mut expected = Vec::new();
    for example in 0..batch {
        for filter in 0..filters {
            for position in 0..geometry.outputs() {
                let output = [position / width.output, position % width.output];
                expected.push(taps().fold(bias[filter], |sum, (channel, row, column)| {
                    let plane = plane(&input, example * channels + channel, geometry.inputs());
                    let value = padded(&plane, inputs, under(output, [row, column]));
                    num_traits::Float::mul_add(weight[at(filter, channel, row, column)], value, sum)
                }));
            }
        }
    }
    compare(0, "output", &expected);

    let mut expected = Vec::new();
    for example in 0..batch {
        for channel in 0..channels {
            for position in 0..geometry.inputs() {
                let mut sum = T::zero();
                for filter in 0..filters {
                    let plane = plane(&gradient, example * filters + filter, geometry.outputs());
                    for (row, column) in taps().take(geometry.taps()).map(|(_, row, column)| (row, column)) {
                        // Turned around: the last tap first.
                        let (row, column) = (height.size - 1 - row, width.size - 1 - column);
                        let from = [
                            (position / width.input + height.before) as isize - row as isize,
                            (position % width.input + width.before) as isize - column as isize,
                        ];
                        let value = padded(&plane, outputs, from);
                        let weight = weight[at(filter, channel, row, column)];
                        sum = num_traits::Float::mul_add(weight, value, sum);
                    }
                }
                expected.push(sum);
            }
        }
    }
    compare(1, "input gradient", &expected);

    let mut expected = vec![T::zero(); weight.len()];
    let examples: Vec<usize> = (0..batch).collect();
    for examples in examples.chunks(sliding.chunk(batch)) {
        for filter in 0..filters {
            for (channel, row, column) in taps() {
                let mut sums = [T::zero(); BESIDE];
                for example in examples {
                    let from = plane(&input, example * channels + channel, geometry.inputs());
                    for position in 0..geometry.outputs() {
                        let output = [position / width.output, position % width.output];
                        let value = padded(&from, inputs, under(output, [row, column]));
                        let gradient = gradient[(example * filters + filter) * geometry.outputs() + position];
                        let sum = &mut sums[output[1] % BESIDE];
                        *sum = num_traits::Float::mul_add(gradient, value, *sum);
                    }
                }
                expected[at(filter, channel, row, column)] += crate::lanes::in_halves(sums);
            }
        }
    }
    compare(2, "weight gradient", &expected);
}

/// Shapes whose sizes are no multiples of those of registers and tiles, over several chunks.
fn geometries() -> impl Iterator<Item = (Geometry, usize)> {
    [
        ([2, 3, 11], 5, [2, 3], Padding::Valid, 2),
        ([1, 9, 28], 6, [5, 5], Padding::Same, 3),
        ([3, 7, 20], 9, [3, 4], Padding::Valid, 2),
        ([2, 12, 12], 15, [3, 3], Padding::Same, 1),
        ([6, 14, 14], 3, [5, 5], Padding::Valid, 2),
        ([2, 1, 37], 4, [1, 1], Padding::Valid, 2),
        ([1, 5, 67], 1, [2, 7], Padding::Same, 1),
        ([4, 33, 50], 2, [2, 2], Padding::Valid, 12),
    ]
    .map(|([channels, height, width], filters, size, padding, batch)| {
        let window = Window { size, stride: [1, 1], padding };
        let axes = window.axes(Shape::image(channels, height, width));
        (Geometry { channels, filters, axes }, batch)
    })
    .into_iter()
    // Miri computes a hundred thousand times slower.
    .take(if cfg!(miri) { 1 } else { usize::MAX })
}

#[test]
fn has_the_bits_of_the_plain_loops() {
    for (geometry, batch) in geometries() {
        check::<f32>(geometry, batch, None);
        check::<f64>(geometry, batch, None);
    }
}

/// Also where numbers are not finite or hardly there: they meet those of their windows only, and zeros of the padding.
#[test]
fn keeps_what_is_not_finite_in_its_windows() {
    for special in [f32::NAN, f32::INFINITY, f32::MAX, f32::from_bits(1)] {
        for (geometry, _) in geometries().take(6) {
            let inputs = geometry.channels * geometry.inputs();
            check(geometry, 1, Some((special, [inputs / 2, geometry.filters * geometry.outputs() - 1, 0])));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 24 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Of any sizes, with a special number anywhere.
    #[test]
    fn has_the_bits_of_the_plain_loops_everywhere(
        (channels, filters, batch) in (1..=3usize, 1..=10usize, 1..=3usize),
        (height, width) in (1..=9usize, if cfg!(miri) { 8..=10usize } else { 8..=70 }),
        size in [1..=4usize, 1..=5usize],
        same in any::<bool>(),
        special in prop::sample::select(vec![
            f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MAX, f32::MIN_POSITIVE, f32::from_bits(77),
        ]),
        at in any::<[prop::sample::Index; 3]>(),
    ) {
        let padding = if same { Padding::Same } else { Padding::Valid };
        let window = Window { size: [size[0].min(height), size[1]], stride: [1, 1], padding };
        let axes = window.axes(Shape::image(channels, height, width));
        let geometry = Geometry { channels, filters, axes };
        prop_assume!(Sliding::new(geometry).is_some());
        check(geometry, batch, Some((special, at.map(|at| at.index(1 << 20)))));
    }
}

/// What has other strides, or rows so short that most of what slides would be left out, is gathered.
#[test]
fn slides_only_where_it_pays() {
    let slides = |input, window: Window<2>| {
        let axes = window.axes(input);
        Sliding::new(Geometry { channels: 1, filters: 1, axes }).is_some()
    };
    let window = |size, stride| Window { size: [size; 2], stride: [stride; 2], padding: Padding::Same };
    assert!(slides(Shape::image(1, 8, 8), window(3, 1)));
    assert!(!slides(Shape::image(1, 7, 7), window(3, 1)));
    assert!(!slides(Shape::image(1, 28, 28), window(3, 2)));
    assert!(!slides(Shape::image(1, 28, 28), window(30, 1)));
}
