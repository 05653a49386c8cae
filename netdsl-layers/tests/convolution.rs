//! Convolutions against sums that are written out, over batches that take several chunks.

use netdsl_layers::*;

/// Numbers of no pattern, of order one.
fn numbers(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// The padding before an axis and the number of outputs, as Keras has them.
fn geometry(input: usize, size: usize, stride: usize, padding: Padding) -> (usize, usize) {
    match padding {
        Padding::Valid => (0, (input - size) / stride + 1),
        Padding::Same => {
            let output = input.div_ceil(stride);
            (((output - 1) * stride + size).saturating_sub(input) / 2, output)
        }
    }
}

fn check(batch: usize, [channels, height, width]: [usize; 3], filters: usize, window: Window<2>) {
    let layer = Conv {
        activation: Linear,
        input: Shape::image(channels, height, width),
        filters,
        window,
        bias: true,
        init: Initializer::GLOROT_UNIFORM,
        bias_init: Initializer::ZEROS,
    };
    let sizes = layer.sizes();
    let parameters = numbers(sizes.parameters, 1);
    let input = numbers(batch * sizes.input, 2);
    let at_output = numbers(batch * sizes.output, 3);
    let mut output = vec![f64::NAN; batch * sizes.output];
    let mut saved = vec![f64::NAN; Kernel::<f64>::saved_len(&layer, batch)];
    layer.forward(Forward {
        batch,
        lengths: None,
        random: None,
        parameters: &parameters,
        statistics: &[],
        input: &input,
        output: &mut output,
        saved: &mut saved,
    });
    let mut input_gradient = vec![f64::NAN; input.len()];
    let mut parameter_gradient = vec![f64::NAN; parameters.len()];
    layer.backward(&mut Backward {
        batch,
        lengths: None,
        parameters: &parameters,
        input: &input,
        output: &output,
        saved: &saved,
        gradient: &mut at_output.clone(),
        input_gradient: Some(&mut input_gradient),
        parameter_gradient: &mut parameter_gradient,
        tensor_exponents: &mut [0, 0],
        exponent: 0,
        rescale: false,
        scratch: &mut vec![f64::NAN; Kernel::<f64>::scratch_len(&layer, batch)],
    });

    let (above, rows) = geometry(height, window.size[0], window.stride[0], window.padding);
    let (left, columns) = geometry(width, window.size[1], window.stride[1], window.padding);
    assert_eq!(layer.output().sizes(), [filters, rows, columns]);
    let bias = filters * channels * window.size[0] * window.size[1];
    let mut expected = vec![0.0; output.len()];
    let mut expected_input = vec![0.0; input.len()];
    let mut expected_parameters = vec![0.0; parameters.len()];
    for (at, value) in expected.iter_mut().enumerate() {
        let (column, row) = (at % columns, at / columns % rows);
        let (filter, example) = (at / columns / rows % filters, at / columns / rows / filters);
        *value = parameters[bias + filter];
        expected_parameters[bias + filter] += at_output[at];
        for channel in 0..channels {
            for down in 0..window.size[0] {
                for right in 0..window.size[1] {
                    let y = (row * window.stride[0] + down).wrapping_sub(above);
                    let x = (column * window.stride[1] + right).wrapping_sub(left);
                    if y >= height || x >= width {
                        continue;
                    }
                    let from = ((example * channels + channel) * height + y) * width + x;
                    let weight =
                        ((filter * channels + channel) * window.size[0] + down) * window.size[1] + right;
                    *value += parameters[weight] * input[from];
                    expected_input[from] += parameters[weight] * at_output[at];
                    expected_parameters[weight] += input[from] * at_output[at];
                }
            }
        }
    }
    // Sums of up to some ten thousand products of order one, in another order.
    let same = |found: &[f64], expected: &[f64]| {
        found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-10)
    };
    assert!(same(&output, &expected), "output of {window:?}");
    assert!(same(&input_gradient, &expected_input), "gradient of the input of {window:?}");
    assert!(same(&parameter_gradient, &expected_parameters), "gradient of the parameters of {window:?}");
}

#[test]
fn sums_written_out() {
    for (size, stride, padding) in [
        ([3, 3], [1, 1], Padding::Same),
        ([4, 2], [1, 1], Padding::Same),
        ([3, 5], [2, 3], Padding::Same),
        ([1, 1], [2, 2], Padding::Valid),
        ([2, 3], [3, 1], Padding::Valid),
        ([1, 2], [4, 5], Padding::Same),
        ([9, 20], [1, 1], Padding::Same),
    ] {
        check(3, [2, 7, 8], 3, Window { size, stride, padding });
    }
}

/// The last chunk has fewer examples than the others.
#[test]
fn several_chunks() {
    let window = Window { size: [5, 5], stride: [1, 1], padding: Padding::Same };
    check(8, [4, 20, 20], 2, window);
    let window = Window { size: [5, 5], stride: [1, 1], padding: Padding::Valid };
    check(2, [8, 32, 32], 1, window);
}
