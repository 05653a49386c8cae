//! The workloads: what is trained, on how many examples, and the matrix products of a step.

use ndarray::ArrayD;
use netdsl::layers::OptimizerKernel;
use netdsl::prelude::*;
use netdsl::{Examples, FeatureShape, Target, TargetShape, TargetsOf, TrainingStep};

/// `c = a b`, where `a` is `rows × inner` and `b` is `inner × columns`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Product {
    /// The rows of `a` and of `c`.
    pub rows: usize,
    /// The columns of `a`, and the rows of `b`.
    pub inner: usize,
    /// The columns of `b` and of `c`.
    pub columns: usize,
    /// Whether `a` and `b` are stored as their transposes.
    pub transposed: [bool; 2],
    /// How often the step has it.
    pub times: usize,
}

/// A step that can be repeated, and returns its loss.
pub type Step = Box<dyn FnMut() -> f64>;

/// A network, its optimizer and its batch.
pub struct Workload {
    /// What it is called.
    pub name: &'static str,
    /// What it trains.
    pub describe: &'static str,
    /// Sets the step up.
    pub step: fn() -> Step,
    /// The products of a step, forward first.
    pub products: fn() -> Vec<Product>,
}

network! {
    /// The network of the tutorial.
    pub struct W1 {
        input: [100] ~ Uniform(0.0, 1.0),
        #[allow(vanishing_gradient)]
        hidden: [Dense(100, activation = Sigmoid); 10],
        output: Dense(1),
        loss: MeanSquaredError,
        batch: 32,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

network! {
    struct W2 {
        input: [784] ~ Uniform(0.0, 1.0),
        first: Dense(512, activation = Relu),
        second: Dense(512, activation = Relu),
        output: Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 128,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    struct W3 {
        input: [1024] ~ Uniform(0.0, 1.0),
        #[allow(vanishing_gradient)]
        hidden: [Dense(1024, activation = Relu); 8],
        output: Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 256,
        optimizer: Sgd(learning_rate = 0.001, momentum = 0.9),
    }
}

network! {
    struct W4 {
        input: [64] ~ Uniform(0.0, 1.0),
        first: (Dense(128), BatchNorm, Relu),
        hidden: [Dense(128), BatchNorm, Relu; 7],
        output: Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 64,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    struct W5 {
        input: [1, 28, 28] ~ Uniform(0.0, 1.0),
        Conv2d(6, kernel = 5, padding = Same, activation = Tanh),
        AvgPool2d(2),
        Conv2d(16, kernel = 5, activation = Tanh),
        AvgPool2d(2),
        Flatten,
        Dense(120, activation = Tanh),
        Dense(84, activation = Tanh),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 64,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    struct W6 {
        input: [100, 32],
        memory: Lstm(128),
        output: Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
        optimizer: Adam(learning_rate = 0.001),
    }
}

network! {
    /// A tiny one.
    pub struct W7 {
        input: [2] ~ Uniform(0.0, 1.0),
        first: Dense(16, activation = Tanh),
        second: Dense(16, activation = Tanh),
        output: Dense(1),
        loss: MeanSquaredError,
        batch: 16,
        optimizer: Sgd(learning_rate = 0.01),
    }
}

/// All of them.
pub const WORKLOADS: [Workload; 7] = [
    Workload {
        name: "W1",
        describe: "the tutorial's: 100 -> 10 x (100, sigmoid) -> 1, squared error, SGD, batch 32",
        step: || step::<W1, _>(32, &W1::optimizer(), values(32)),
        products: || chain(32, &[100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 1]),
    },
    Workload {
        name: "W2",
        describe: "784-512-512-10 relu, cross entropy, Adam, batch 128",
        step: || step::<W2, _>(128, &W2::optimizer(), classes(128)),
        products: || chain(128, &[784, 512, 512, 10]),
    },
    Workload {
        name: "W3",
        describe: "8 x 1024 relu -> 10, cross entropy, SGD with momentum, batch 256",
        step: || step::<W3, _>(256, &W3::optimizer(), classes(256)),
        products: || chain(256, &[1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 10]),
    },
    Workload {
        name: "W4",
        describe: "64 -> 8 x (128, BatchNorm, relu) -> 10, cross entropy, Adam, batch 64",
        step: || step::<W4, _>(64, &W4::optimizer(), classes(64)),
        products: || chain(64, &[64, 128, 128, 128, 128, 128, 128, 128, 128, 10]),
    },
    Workload {
        name: "W5",
        describe: "LeNet-5 on 28 x 28, cross entropy, Adam, batch 64",
        step: || step::<W5, _>(64, &W5::optimizer(), classes(64)),
        products: || {
            let mut products = Vec::new();
            dense(&mut products, 64 * 28 * 28, 25, 6, false);
            dense(&mut products, 64 * 10 * 10, 150, 16, true);
            products.extend(chain(64, &[400, 120, 84, 10]));
            // The input of the first fully connected layer needs a gradient too.
            products.push(Product {
                rows: 64,
                inner: 120,
                columns: 400,
                transposed: [false, true],
                times: 1,
            });
            products
        },
    },
    Workload {
        name: "W6",
        describe: "LSTM 128 over 100 steps of 32, cross entropy, Adam, batch 32",
        step: || step::<W6, _>(32, &W6::optimizer(), classes(32)),
        products: || {
            let product =
                |rows, inner, columns, transposed, times| Product { rows, inner, columns, transposed, times };
            let mut products =
                vec![product(3200, 32, 512, [false, false], 1), product(32, 128, 512, [false, false], 100)];
            dense(&mut products, 32, 128, 10, true);
            products.extend([
                product(32, 512, 128, [false, true], 100),
                product(128, 3200, 512, [true, false], 1),
                product(32, 3200, 512, [true, false], 1),
            ]);
            products
        },
    },
    Workload {
        name: "W7",
        describe: "2-16-16-1 tanh, squared error, SGD, batch 16",
        step: || step::<W7, _>(16, &W7::optimizer(), values(16)),
        products: || chain(16, &[2, 16, 16, 1]),
    },
];

/// Training steps of a new network on inputs that stay the same.
pub fn step<N, Y>(batch: usize, optimizer: &dyn OptimizerKernel<f32>, targets: Y) -> Step
where
    N: Network<f32> + 'static,
    ArrayD<f32>: Examples<f32, N::Input>,
    Y: Examples<Target<f32, N>, <TargetsOf<f32, N> as TargetShape>::Shape<N::Output>> + 'static,
{
    let shape: Vec<usize> = std::iter::once(batch).chain(N::Input::SIZES.iter().copied()).collect();
    let values = numbers(shape.iter().product());
    let input = ArrayD::from_shape_vec(shape, values).expect("as many numbers as the shape asks for");
    let mut network = N::with_seed(0);
    let mut training = TrainingStep::new(optimizer, 0).expect("the settings of the workloads are right");
    Box::new(move || training.run(&mut network, &input, &targets).expect("the workloads train").loss)
}

/// The products of a fully connected layer, or of a convolution as one.
fn dense(products: &mut Vec<Product>, batch: usize, inputs: usize, outputs: usize, input_gradient: bool) {
    let product = |rows, inner, columns, transposed| Product { rows, inner, columns, transposed, times: 1 };
    products.push(product(batch, inputs, outputs, [false, false]));
    products.push(product(inputs, batch, outputs, [true, false]));
    if input_gradient {
        products.push(product(batch, outputs, inputs, [false, true]));
    }
}

/// The products of fully connected layers of these widths.
pub fn chain(batch: usize, widths: &[usize]) -> Vec<Product> {
    let mut products = Vec::new();
    for (index, pair) in widths.windows(2).enumerate() {
        dense(&mut products, batch, pair[0], pair[1], index > 0);
    }
    products
}

/// Numbers from 0 to 1 that are the same in every run (Marsaglia 2003, "Xorshift RNGs").
pub fn numbers(count: usize) -> Vec<f32> {
    let mut state = 88_172_645_463_325_252u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    (0..count).map(|_| next()).collect()
}

/// One target for each example.
pub fn values(batch: usize) -> ArrayD<f32> {
    ArrayD::from_shape_vec(vec![batch, 1], numbers(batch)).expect("one number for each example")
}

/// Ten classes.
fn classes(count: usize) -> Vec<usize> {
    numbers(count).into_iter().map(|number| (number * 10.0) as usize).collect()
}
