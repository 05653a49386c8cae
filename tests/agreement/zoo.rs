//! The networks whose gradients were measured in PyTorch to hold the forecast against, each once.

use netdsl::prelude::*;

network! {
    pub struct TutSigmoid10 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Sigmoid); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutTanh10 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Tanh); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10He {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = HeUniform); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10Henormal {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = HeNormal); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutLeaky10 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = LeakyRelu(0.01)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutLeaky10A03 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = LeakyRelu(0.3)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutLinear10 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSigmoidHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Sigmoid, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSigmoidLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Sigmoid, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DTanhLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Tanh, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Relu, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DReluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Relu, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DLeakyReluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = LeakyRelu(0.1), init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DLeakyReluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = LeakyRelu(0.2), init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DEluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Elu(1.0), init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DEluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Elu(1.0), init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSeluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Selu, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSeluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Selu, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DGeluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Gelu, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DGeluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Gelu, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSiluHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Silu, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSiluLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Silu, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSoftplusHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Softplus, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSoftplusLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Softplus, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DHardSigmoidHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = HardSigmoid, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DHardSigmoidLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = HardSigmoid, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSoftsignHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Softsign, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSoftsignLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Softsign, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DMishHe12x128 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Mish, init = HeNormal); 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DMishLecun6x64 {
        input: [32] ~ Normal(0.0, 1.0),
        [Dense(64, activation = Mish, init = LecunNormal); 6],
        Dense(4),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluHe2x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = HeNormal); 2],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGlorot2x128 {
        input: [20] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh); 2],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DReluHe5x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = HeNormal); 5],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGlorot5x128 {
        input: [20] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh); 5],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DReluHe20x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = HeNormal); 20],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGlorot20x128 {
        input: [20] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh); 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DReluHe50x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = HeNormal); 50],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGlorot50x128 {
        input: [20] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh); 50],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DReluHe100x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = HeNormal); 100],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGlorot100x128 {
        input: [20] ~ Normal(0.0, 1.0),
        [Dense(128, activation = Tanh); 100],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DSigmoid3x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Sigmoid); 3],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSigmoid6x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Sigmoid); 6],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSigmoid20x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Sigmoid); 20],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSigmoid40x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Sigmoid); 40],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluGlorot8x8 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(8, activation = Relu); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluGlorot8x16 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(16, activation = Relu); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluGlorot8x32 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(32, activation = Relu); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluGlorot8x512 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(512, activation = Relu); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluGlorot8x1024 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(1024, activation = Relu); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGain220x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Tanh, init = Normal(0.0, 0.2)); 20],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTanhGain330x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Tanh, init = Normal(0.0, 0.3)); 30],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluStd110x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Normal(0.0, 1.0)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluStd0110x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Normal(0.0, 0.01)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluStd00550x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Normal(0.0, 0.05)); 50],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DReluStd140x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Normal(0.0, 1.0)); 40],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DSeluLecun30x100 {
        input: [100] ~ Normal(0.0, 1.0),
        [Dense(100, activation = Selu, init = LecunNormal); 30],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DTorchdefaultRelu6x64 {
        input: [32] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = TorchDefault, bias_init = TorchDefault); 6],
        Dense(1, init = TorchDefault, bias_init = TorchDefault),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DTorchdefaultTanh15x64 {
        input: [32] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Tanh, init = TorchDefault, bias_init = TorchDefault); 15],
        Dense(1, init = TorchDefault, bias_init = TorchDefault),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DOrthTanh50x100 {
        input: [100] ~ Normal(0.0, 1.0),
        [Dense(100, activation = Tanh, init = Orthogonal(1.0)); 50],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DOrthLinear50x64 {
        input: [64] ~ Normal(0.0, 1.0),
        [Dense(64, init = Orthogonal(1.0)); 50],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DOrthRelu20x64 {
        input: [64] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = Orthogonal(1.4142135)); 20],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DBottleneckRelu {
        input: [128] ~ Uniform(0.0, 1.0),
        Dense(256, activation = Relu),
        Dense(8, activation = Relu),
        Dense(256, activation = Relu),
        Dense(8, activation = Relu),
        Dense(256, activation = Relu),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DAutoencoder {
        input: [784] ~ Uniform(0.0, 1.0),
        Dense(128, activation = Relu),
        Dense(64, activation = Relu),
        Dense(32, activation = Relu),
        Dense(64, activation = Relu),
        Dense(128, activation = Relu),
        Dense(784, activation = Sigmoid),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DAutoencoderDeepSigmoid {
        input: [784] ~ Uniform(0.0, 1.0),
        Dense(400, activation = Sigmoid),
        Dense(200, activation = Sigmoid),
        Dense(100, activation = Sigmoid),
        Dense(50, activation = Sigmoid),
        Dense(25, activation = Sigmoid),
        Dense(6, activation = Sigmoid),
        Dense(25, activation = Sigmoid),
        Dense(50, activation = Sigmoid),
        Dense(100, activation = Sigmoid),
        Dense(200, activation = Sigmoid),
        Dense(400, activation = Sigmoid),
        Dense(784, activation = Sigmoid),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DMlpMnist {
        input: [784] ~ Uniform(0.0, 1.0),
        Dense(512, activation = Relu),
        Dropout(0.2),
        Dense(512, activation = Relu),
        Dropout(0.2),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct DDropoutDeep {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = HeNormal), Dropout(0.5); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DZerosRelu {
        input: [20] ~ Uniform(0.0, 1.0),
        [Dense(32, activation = Relu, init = Zeros); 3],
        Dense(1, init = Zeros),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DZeroheadRelu {
        input: [20] ~ Uniform(0.0, 1.0),
        [Dense(32, activation = Relu); 3],
        Dense(1, init = Zeros),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DBiascRelu {
        input: [20] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, bias_init = Constant(0.1)); 5],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DBiasnTanh {
        input: [20] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Tanh, bias_init = Normal(0.0, 0.3)); 8],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10Ru0911 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
        Dense(1, init = Uniform(0.9, 1.1)),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10Ru0911Headglorot {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutSigmoid10Ru0911 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Sigmoid, init = Uniform(0.9, 1.1)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutTanh10Ru0911 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Tanh, init = Uniform(0.9, 1.1)); 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DConstRelu {
        input: [20] ~ Uniform(0.0, 1.0),
        [Dense(32, activation = Relu, init = Constant(0.05)); 4],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DOnesRelu4 {
        input: [16] ~ Uniform(0.0, 1.0),
        [Dense(16, activation = Relu, init = Ones); 4],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DRu01Relu5x50 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(50, activation = Relu, init = Uniform(0.0, 0.1)); 5],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DRuTanhSmall {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(50, activation = Tanh, init = Uniform(-0.05, 0.09)); 6],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DRnmRelu {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Relu, init = Normal(0.01, 0.1)); 6],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DRnnegRelu {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(64, activation = Elu(1.0), init = Normal(-0.02, 0.1)); 3],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct DRu0911Relu25x100 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)); 25],
        Dense(1, init = Uniform(0.9, 1.1)),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutSigmoid10Bn {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Sigmoid), BatchNorm; 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10Bn {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu), BatchNorm; 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10Bnpre {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100), BatchNorm, Relu; 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutSigmoid10Bnpre {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100), BatchNorm, Sigmoid; 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct TutRelu10BnRu0911 {
        input: [100] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu, init = Uniform(0.9, 1.1)), BatchNorm; 10],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct NBnpreTanh5x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), BatchNorm, Tanh; 5],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NBnpreRelu20x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), BatchNorm, Relu; 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NBnpreRelu40x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), BatchNorm, Relu; 40],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NBnpreLinear20x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), BatchNorm, Identity; 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NBnpreGelu15x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), BatchNorm, Gelu; 15],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpreRelu10x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), LayerNorm, Relu; 10],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpreRelu40x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), LayerNorm, Relu; 40],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpreSigmoid20x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), LayerNorm, Sigmoid; 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpreTanh20x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), LayerNorm, Tanh; 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpreGelu12x100 {
        input: [50] ~ Normal(0.0, 1.0),
        [Dense(100), LayerNorm, Gelu; 12],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct NLnpostRelu15x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Relu), LayerNorm; 15],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct NLnpostSigmoid15x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Sigmoid), LayerNorm; 15],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct NRmspreRelu15x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(100), RmsNorm, Relu; 15],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct NRmspostSigmoid15x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        [Dense(100, activation = Sigmoid), RmsNorm; 15],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RRelu5x64 {
        input: [32] ~ Uniform(0.0, 1.0),
        Dense(64),
        [Residual(Dense(64, activation = Relu, init = HeNormal), Dense(64, init = HeNormal)); 5],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RPrenormLn5x64 {
        input: [32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(LayerNorm, Dense(256, activation = Gelu), Dense(64)); 5],
        LayerNorm,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct RRelu20x64 {
        input: [32] ~ Uniform(0.0, 1.0),
        Dense(64),
        [Residual(Dense(64, activation = Relu, init = HeNormal), Dense(64, init = HeNormal)); 20],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RPrenormLn20x64 {
        input: [32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(LayerNorm, Dense(256, activation = Gelu), Dense(64)); 20],
        LayerNorm,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct RRelu60x64 {
        input: [32] ~ Uniform(0.0, 1.0),
        Dense(64),
        [Residual(Dense(64, activation = Relu, init = HeNormal), Dense(64, init = HeNormal)); 60],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RPrenormLn60x64 {
        input: [32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(LayerNorm, Dense(256, activation = Gelu), Dense(64)); 60],
        LayerNorm,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct RPostnormLn20x64 {
        input: [32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(Dense(256, activation = Relu), Dense(64)), LayerNorm; 20],
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct RPrebnRelu20x64 {
        input: [32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(BatchNorm, Relu, Dense(64, init = HeNormal)); 20],
        BatchNorm,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct RTanh30x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        Dense(100),
        [Residual(Dense(100, activation = Tanh)); 30],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RRelupost30x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        Dense(100),
        [Residual(Dense(100, activation = Relu)); 30],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RScaled40x100 {
        input: [50] ~ Uniform(0.0, 1.0),
        Dense(100),
        [Residual(Dense(100, activation = Relu, init = HeNormal), Dense(100, init = HeNormal), scale = 0.158); 40],
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct RRmsSwish24x64 {
        input: [64] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(RmsNorm, Dense(128, activation = Silu), Dense(64)); 24],
        RmsNorm,
        Dense(8),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhT10 {
        input: [10, 8] ~ Normal(0.0, 1.0),
        SimpleRnn(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SLstmT10 {
        input: [10, 8] ~ Uniform(0.0, 1.0),
        Lstm(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SGruT10 {
        input: [10, 8] ~ Uniform(0.0, 1.0),
        Gru(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhT50 {
        input: [50, 8] ~ Normal(0.0, 1.0),
        SimpleRnn(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SLstmT50 {
        input: [50, 8] ~ Uniform(0.0, 1.0),
        Lstm(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SGruT50 {
        input: [50, 8] ~ Uniform(0.0, 1.0),
        Gru(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhT200 {
        input: [200, 8] ~ Normal(0.0, 1.0),
        SimpleRnn(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SLstmT200 {
        input: [200, 8] ~ Uniform(0.0, 1.0),
        Lstm(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SGruT200 {
        input: [200, 8] ~ Uniform(0.0, 1.0),
        Gru(64),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhU01T30 {
        input: [30, 4] ~ Uniform(0.0, 1.0),
        SimpleRnn(32),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnReluT30 {
        input: [30, 4] ~ Normal(0.0, 1.0),
        SimpleRnn(64, activation = Relu),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnReluGlorotrecT50 {
        input: [50, 4] ~ Normal(0.0, 1.0),
        SimpleRnn(64, activation = Relu, recurrent_init = GlorotUniform),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhRec15T50 {
        input: [50, 4] ~ Normal(0.0, 1.0),
        SimpleRnn(64, recurrent_init = Normal(0.0, 0.25)),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnTanhRec05T50 {
        input: [50, 4] ~ Normal(0.0, 1.0),
        SimpleRnn(64, recurrent_init = Normal(0.0, 0.0625)),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SRnnSeqT20 {
        input: [20, 8] ~ Normal(0.0, 1.0),
        SimpleRnn(32, return_sequences = true),
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct SLstm2T20 {
        input: [20, 8] ~ Normal(0.0, 1.0),
        Lstm(32, return_sequences = true),
        Lstm(32),
        Dense(3),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct SGru2T20 {
        input: [20, 8] ~ Normal(0.0, 1.0),
        Gru(48, return_sequences = true),
        Gru(48),
        Dense(3),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct SEmbLstm {
        input: [30] ~ Tokens(200),
        Embedding(200, 32),
        Lstm(64),
        Dense(2),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct SEmbMean {
        input: [30] ~ Tokens(200),
        Embedding(200, 32),
        MeanOverTime,
        Dense(16, activation = Relu),
        Dense(2),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct TPre4x64 {
        input: [16, 32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(LayerNorm, SelfAttention(heads = 4)), Residual(LayerNorm, Dense(256, activation = Gelu), Dense(64)); 4],
        LayerNorm,
        MeanOverTime,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct TPost4x64 {
        input: [16, 32] ~ Normal(0.0, 1.0),
        Dense(64),
        [Residual(SelfAttention(heads = 4)), LayerNorm, Residual(Dense(256, activation = Relu), Dense(64)), LayerNorm; 4],
        MeanOverTime,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct TPre12x48 {
        input: [12] ~ Tokens(64),
        Embedding(64, 48),
        [Residual(LayerNorm, SelfAttention(heads = 4)), Residual(LayerNorm, Dense(192, activation = Gelu), Dense(48)); 12],
        LayerNorm,
        Dense(64),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct TAttnOnly6 {
        input: [16, 32] ~ Normal(0.0, 1.0),
        Dense(64),
        [SelfAttention(heads = 4); 6],
        MeanOverTime,
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct CLenet5Sigmoid {
        input: [1, 28, 28] ~ Uniform(0.0, 1.0),
        Conv2d(6, kernel = 5, padding = Same, activation = Sigmoid),
        AvgPool2d(2),
        Conv2d(16, kernel = 5, activation = Sigmoid),
        AvgPool2d(2),
        Flatten,
        Dense(120, activation = Sigmoid),
        Dense(84, activation = Sigmoid),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CLenet5Tanh {
        input: [1, 32, 32] ~ Normal(0.0, 1.0),
        Conv2d(6, kernel = 5, activation = Tanh),
        AvgPool2d(2),
        Conv2d(16, kernel = 5, activation = Tanh),
        AvgPool2d(2),
        Flatten,
        Dense(120, activation = Tanh),
        Dense(84, activation = Tanh),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CLenet5ReluMax {
        input: [1, 28, 28] ~ Uniform(0.0, 1.0),
        Conv2d(6, kernel = 5, padding = Same, activation = Relu),
        MaxPool2d(2),
        Conv2d(16, kernel = 5, activation = Relu),
        MaxPool2d(2),
        Flatten,
        Dense(120, activation = Relu),
        Dense(84, activation = Relu),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CKerasMnist {
        input: [1, 28, 28] ~ Uniform(0.0, 1.0),
        Conv2d(32, kernel = 3, activation = Relu),
        MaxPool2d(2),
        Conv2d(64, kernel = 3, activation = Relu),
        MaxPool2d(2),
        Flatten,
        Dropout(0.5),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CVggGlorot {
        input: [3, 32, 32] ~ Uniform(0.0, 1.0),
        Conv2d(16, kernel = 3, padding = Same, activation = Relu),
        Conv2d(16, kernel = 3, padding = Same, activation = Relu),
        MaxPool2d(2),
        Conv2d(32, kernel = 3, padding = Same, activation = Relu),
        Conv2d(32, kernel = 3, padding = Same, activation = Relu),
        MaxPool2d(2),
        Conv2d(64, kernel = 3, padding = Same, activation = Relu),
        Conv2d(64, kernel = 3, padding = Same, activation = Relu),
        MaxPool2d(2),
        Flatten,
        Dense(128, activation = Relu),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CVggHe {
        input: [3, 32, 32] ~ Normal(0.0, 1.0),
        Conv2d(16, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        Conv2d(16, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        MaxPool2d(2),
        Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        MaxPool2d(2),
        Conv2d(64, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        Conv2d(64, kernel = 3, padding = Same, activation = Relu, init = HeNormal),
        MaxPool2d(2),
        Flatten,
        Dense(128, activation = Relu, init = HeNormal),
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CResnet20 {
        input: [3, 32, 32] ~ Uniform(0.0, 1.0),
        Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false),
        BatchNorm,
        Relu,
        Residual(Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(16, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(32, kernel = 3, stride = 2, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(32, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, shortcut = (Conv2d(32, kernel = 1, stride = 2, padding = Same, init = HeNormal, bias = false), BatchNorm)),
        Relu,
        Residual(Conv2d(32, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(32, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(32, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(32, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(64, kernel = 3, stride = 2, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(64, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, shortcut = (Conv2d(64, kernel = 1, stride = 2, padding = Same, init = HeNormal, bias = false), BatchNorm)),
        Relu,
        Residual(Conv2d(64, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(64, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        Residual(Conv2d(64, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm, Relu, Conv2d(64, kernel = 3, padding = Same, init = HeNormal, bias = false), BatchNorm),
        Relu,
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CPlainReluGlorotUniform4 {
        input: [3, 16, 16] ~ Normal(0.0, 1.0),
        [Conv2d(32, kernel = 3, padding = Same, activation = Relu); 4],
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CPlainReluHeNormal10 {
        input: [3, 16, 16] ~ Normal(0.0, 1.0),
        [Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal); 10],
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CPlainReluHeNormal20 {
        input: [3, 16, 16] ~ Normal(0.0, 1.0),
        [Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal); 20],
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CPlainTanh12 {
        input: [3, 16, 16] ~ Normal(0.0, 1.0),
        [Conv2d(24, kernel = 3, padding = Same, activation = Tanh); 12],
        Flatten,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CPlainSigmoid8 {
        input: [3, 16, 16] ~ Uniform(0.0, 1.0),
        [Conv2d(24, kernel = 3, padding = Same, activation = Sigmoid); 8],
        GlobalAvgPool,
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct CBnRelu8 {
        input: [3, 16, 16] ~ Normal(0.0, 1.0),
        [Conv2d(24, kernel = 3, padding = Same, bias = false), BatchNorm, Relu; 8],
        GlobalAvgPool,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct CStrideRelu {
        input: [3, 32, 32] ~ Uniform(0.0, 1.0),
        Conv2d(16, kernel = 3, stride = 2, padding = Same, activation = Relu, init = HeNormal),
        Conv2d(32, kernel = 3, stride = 2, padding = Same, activation = Relu, init = HeNormal),
        Conv2d(64, kernel = 3, stride = 2, padding = Same, activation = Relu, init = HeNormal),
        Flatten,
        Dense(10),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct C1dRelu {
        input: [4, 64] ~ Normal(0.0, 1.0),
        Conv1d(32, kernel = 5, padding = Same, activation = Relu),
        MaxPool1d(2),
        Conv1d(64, kernel = 5, padding = Same, activation = Relu),
        GlobalAvgPool,
        Dense(3),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

network! {
    pub struct C1dDeepTanh {
        input: [8, 50] ~ Normal(0.0, 1.0),
        [Conv1d(32, kernel = 3, padding = Same, activation = Tanh); 10],
        Flatten,
        Dense(1),
        target ~ Uniform(0.0, 1.0),
        loss: MeanSquaredError,
        batch: 32,
    }
}

network! {
    pub struct CTinyMap {
        input: [3, 8, 8] ~ Normal(0.0, 1.0),
        [Conv2d(32, kernel = 3, padding = Same, activation = Relu, init = HeNormal), MaxPool2d(2); 3],
        Flatten,
        Dense(5),
        loss: SoftmaxCrossEntropy,
        batch: 32,
    }
}

fn main() {}
