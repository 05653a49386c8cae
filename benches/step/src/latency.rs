//! The time of the inference for one example.

use ndarray::ArrayD;
use netdsl::prelude::*;
use netdsl::{Examples, FeatureShape};
use netdsl_bench_step::workloads::{W1, W7, numbers};

use crate::measure::measure;

/// Measures and prints it.
pub(crate) fn run(turns: usize) {
    let (mut first, mut last) = (predict::<W1>(), predict::<W7>());
    let times = measure(&mut [&mut first, &mut last], turns);
    for (name, times) in ["W1", "W7"].into_iter().zip(times) {
        println!("{name}: {:.2} us at least, {:.2} us in the median", times.min, times.median);
    }
}

/// The inference of a new network for one example.
fn predict<N: Network<f32>>() -> impl FnMut()
where
    ArrayD<f32>: Examples<f32, N::Input>,
{
    let shape: Vec<usize> = std::iter::once(1).chain(N::Input::SIZES.iter().copied()).collect();
    let values = numbers(shape.iter().product());
    let input = ArrayD::from_shape_vec(shape, values).expect("as many numbers as the shape asks for");
    let network = N::with_seed(0);
    move || {
        std::hint::black_box(network.predict(&input).expect("finite numbers"));
    }
}
