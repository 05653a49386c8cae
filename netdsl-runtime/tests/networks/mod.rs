//! Networks as the macro expands them.

#![allow(dead_code, reason = "each test file uses some of them")]

use netdsl_runtime::layers::{
    BatchNorm, Conv1d, Conv2d, Dense, Dropout, Gru, Initializer, Linear, Lstm, MeanSquaredError, Named,
    Padding, Relu, Repeat, SelfAttention, Shape, Sigmoid, SimpleRnn, SoftmaxCrossEntropy, Tanh, Then, Window,
};
use netdsl_runtime::{Element, Features, Forecast, Image, Network, Sequence, Signal, Tensors};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

macro_rules! network {
    ($name:ident, $layers:ty = $value:expr, $loss:ident, $input:ty => $output:ty, $batch:literal) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $name<T: Element = f32> {
            tensors: Tensors<T>,
        }

        impl $name<f32> {
            pub(crate) fn new(seed: u64) -> Self {
                <Self as Network<f32>>::with_seed(seed)
            }
        }

        const _: () = {
            static LAYERS: $layers = $value;
            static LOSS: $loss = $loss {};
            static FORECAST: Forecast = Forecast::unknown();

            impl<T: Element> Network<T> for $name<T> {
                type Layers = $layers;
                type Input = $input;
                type Output = $output;
                type Loss = $loss;
                const NAME: &'static str = stringify!($name);
                const BATCH: usize = $batch;

                fn layers() -> &'static Self::Layers {
                    &LAYERS
                }
                fn declared_loss() -> &'static Self::Loss {
                    &LOSS
                }
                fn forecast() -> &'static Forecast {
                    &FORECAST
                }
                fn tensors(&self) -> &Tensors<T> {
                    &self.tensors
                }
                fn tensors_mut(&mut self) -> &mut Tensors<T> {
                    &mut self.tensors
                }
                fn from_tensors(tensors: Tensors<T>) -> Self {
                    Self { tensors }
                }
            }
        };
    };
}

const fn dense<A>(activation: A, input: usize, units: usize, init: Initializer) -> Dense<A> {
    let input = Shape::features(input);
    Dense { activation, input, units, bias: true, init, bias_init: Initializer::ZEROS }
}

type Stack<A> = Then<Named<Repeat<Dense<A>>>, Named<Dense<Linear>>>;

const fn stack<A>(hidden: Dense<A>, times: usize, output: Dense<Linear>) -> Stack<A> {
    Then {
        first: Named { layer: Repeat { layer: hidden, times, start: 0 }, name: "hidden" },
        second: Named { layer: output, name: "output" },
    }
}

const GLOROT: Initializer = Initializer::GLOROT_UNIFORM;

// The tutorial's first network.
network!(
    DeepSigmoid,
    Stack<Sigmoid> = stack(dense(Sigmoid {}, 100, 100, GLOROT), 10, dense(Linear {}, 100, 1, GLOROT)),
    MeanSquaredError, Features<100> => Features<1>, 32
);

// The tutorial's exploding network.
network!(
    Exploding,
    Stack<Relu> = stack(
        dense(Relu {}, 100, 100, Initializer::Uniform { low: 0.9, high: 1.1 }),
        10,
        dense(Linear {}, 100, 1, Initializer::Uniform { low: 0.9, high: 1.1 })
    ),
    MeanSquaredError, Features<100> => Features<1>, 32
);

// Wider layers.
network!(
    Wide,
    Stack<Relu> = stack(dense(Relu {}, 512, 512, GLOROT), 3, dense(Linear {}, 512, 1, GLOROT)),
    MeanSquaredError, Features<512> => Features<1>, 32
);

// One layer whose products are shared out among threads, with a batch of 128.
network!(
    Shared,
    Stack<Relu> = stack(dense(Relu {}, 512, 512, GLOROT), 1, dense(Linear {}, 512, 1, GLOROT)),
    MeanSquaredError, Features<512> => Features<1>, 128
);

// One whose parameters are most of what it keeps.
network!(
    Huge,
    Stack<Relu> = stack(dense(Relu {}, 2048, 2048, GLOROT), 4, dense(Linear {}, 2048, 1, GLOROT)),
    MeanSquaredError, Features<2048> => Features<1>, 128
);

// A small one, whose gradients are quickly checked by differences.
network!(
    Small,
    Stack<Tanh> = stack(dense(Tanh {}, 3, 3, GLOROT), 2, dense(Linear {}, 3, 2, GLOROT)),
    MeanSquaredError, Features<3> => Features<2>, 4
);

type Normalised = Then<Named<Dense<Relu>>, Named<BatchNorm>>;

// Classes, running statistics and dropout.
network!(
    Classifier,
    Then<Normalised, Then<Named<Dropout>, Named<Dense<Linear>>>> = Then {
        first: Then {
            first: Named { layer: dense(Relu {}, 4, 16, GLOROT), name: "stem" },
            second: Named {
                layer: BatchNorm { input: Shape::features(16), epsilon: 1e-3, momentum: 0.9 },
                name: "norm"
            },
        },
        second: Then {
            first: Named { layer: Dropout { rate: 0.1, input: Shape::features(16) }, name: "dropout" },
            second: Named { layer: dense(Linear {}, 16, 3, GLOROT), name: "head" },
        },
    },
    SoftmaxCrossEntropy, Features<4> => Features<3>, 8
);

macro_rules! recurrent {
    ($layer:ident, $time:literal, $features:literal => $units:literal, $return_sequences:literal) => {
        $layer {
            activation: Tanh {},
            input: Shape::sequence($time, $features),
            units: $units,
            bias: true,
            return_sequences: $return_sequences,
            init: GLOROT,
            recurrent_init: Initializer::ORTHOGONAL,
            bias_init: Initializer::ZEROS,
        }
    };
}

type Recurrences = Then<Named<Lstm<Tanh>>, Then<Named<Gru<Tanh>>, Named<SimpleRnn<Tanh>>>>;

// Recurrences that are shared out among threads, with a batch of 33.
network!(
    Memories,
    Recurrences = Then {
        first: Named { layer: recurrent!(Lstm, 24, 5 => 96, true), name: "memory" },
        second: Then {
            first: Named { layer: recurrent!(Gru, 24, 96 => 96, true), name: "gated" },
            second: Named { layer: recurrent!(SimpleRnn, 24, 96 => 176, false), name: "last" },
        },
    },
    MeanSquaredError, Sequence<24, 5> => Features<176>, 33
);

type Mixed = Then<Named<SelfAttention>, Named<Dense<Linear>>>;

// A label for each step of sequences of any length.
network!(
    Labels,
    Then<Named<Lstm<Tanh>>, Mixed> = Then {
        first: Named {
            layer: Lstm {
                activation: Tanh {},
                input: Shape::sequence(6, 2),
                units: 4,
                bias: true,
                return_sequences: true,
                init: GLOROT,
                recurrent_init: Initializer::ORTHOGONAL,
                bias_init: Initializer::ForgetGate,
            },
            name: "memory"
        },
        second: Then {
            first: Named {
                layer: SelfAttention { input: Shape::sequence(6, 4), heads: 1, causal: false, init: GLOROT },
                name: "mixed"
            },
            second: Named {
                layer: Dense { input: Shape::sequence(6, 4), ..dense(Linear {}, 4, 3, GLOROT) },
                name: "label"
            },
        },
    },
    SoftmaxCrossEntropy, Sequence<6, 2> => Sequence<6, 3>, 4
);

// A class for each place of a signal.
network!(
    Places,
    Named<Conv1d<Linear>> = Named {
        layer: Conv1d {
            activation: Linear {},
            input: Shape::signal(2, 5),
            filters: 4,
            window: Window { size: [1], stride: [1], padding: Padding::Valid },
            bias: true,
            init: GLOROT,
            bias_init: Initializer::ZEROS,
        },
        name: "class"
    },
    SoftmaxCrossEntropy, Signal<2, 5> => Signal<4, 5>, 3
);

// A class for each pixel of an image.
network!(
    Pixels,
    Named<Conv2d<Linear>> = Named {
        layer: Conv2d {
            activation: Linear {},
            input: Shape::image(2, 3, 2),
            filters: 4,
            window: Window { size: [1, 1], stride: [1, 1], padding: Padding::Valid },
            bias: true,
            init: GLOROT,
            bias_init: Initializer::ZEROS,
        },
        name: "class"
    },
    SoftmaxCrossEntropy, Image<2, 3, 2> => Image<4, 3, 2>, 3
);

/// Uniform numbers in [0, 1).
pub(crate) fn uniform<const N: usize>(examples: usize, seed: u64) -> Vec<[f32; N]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
    (0..examples).map(|_| std::array::from_fn(|_| draw())).collect()
}
