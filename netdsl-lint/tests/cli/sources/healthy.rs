mod nets {
    netdsl::network! {
        pub struct Rectified {
            input: [20],
            Dense(20, activation = Relu, init = HeNormal),
            output: Dense(3),
            loss: SoftmaxCrossEntropy,
            batch: 16,
        }
    }
}
