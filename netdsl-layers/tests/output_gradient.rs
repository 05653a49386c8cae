//! The forecast of the gradient at the output, for every loss and for what a last layer can end in, against what the
//! kernels measure over many seeds.

mod simulated;

use netdsl_layers::*;
use simulated::norms;

const FEATURES: usize = 30;

fn network<A: Activation>(units: usize, activation: A) -> Then<Named<Dense<Tanh>>, Named<Dense<A>>> {
    let dense = |input, units| Dense {
        activation: Tanh,
        input: Shape::features(input),
        units,
        bias: true,
        init: Initializer::GLOROT_UNIFORM,
        bias_init: Initializer::ZEROS,
    };
    let first = dense(FEATURES, 40);
    let Dense { input, units, bias, init, bias_init, .. } = dense(40, units);
    let second = Dense { activation, input, units, bias, init, bias_init };
    Then { first: Named { layer: first, name: "hidden" }, second: Named { layer: second, name: "output" } }
}

fn check<L: Kernel<f64>>(layer: &L, loss: &dyn Loss) {
    for (index, (forecast, measured)) in norms(layer, loss, 0.0).into_iter().enumerate() {
        let (forecast, measured) = (forecast.median_log10, measured.median_log10);
        // Norms spread by up to a third of a decade here, so that the median of 400 of them is known to 0.02; the rest is the theory.
        let apart = forecast - measured;
        assert!(
            apart.abs() < 0.1,
            "parameter {index}: forecast {forecast:.3}, measured {measured:.3}, {apart:+.3}"
        );
    }
}

macro_rules! outputs {
    ($($name:ident: $loss:expr, $activation:expr, $units:expr;)*) => {
        $(#[test]
        fn $name() {
            for units in $units {
                check(&network(units, $activation), &$loss);
            }
        })*

        /// A loss that the language has and the table lacks would go untested.
        #[test]
        fn the_table_has_every_loss() {
            let tested = [$(Loss::name(&$loss)),*];
            let missing: Vec<&str> =
                LOSSES.iter().map(|kind| kind.name).filter(|name| !tested.contains(name)).collect();
            assert!(missing.is_empty(), "not in the table: {missing:?}");
        }
    };
}

outputs! {
    mean_squared_error: MeanSquaredError, Linear, [1, 6];
    mean_squared_error_of_a_sigmoid: MeanSquaredError, Sigmoid, [1, 6];
    mean_squared_error_of_a_tanh: MeanSquaredError, Tanh, [1, 6];
    mean_squared_error_of_a_softmax: MeanSquaredError, Softmax, [2, 6];
    mean_absolute_error: MeanAbsoluteError, Linear, [1, 6];
    huber: Huber { delta: 0.3 }, Linear, [1, 6];
    softmax_cross_entropy: SoftmaxCrossEntropy, Linear, [2, 6];
    sigmoid_cross_entropy: SigmoidCrossEntropy, Linear, [1, 6];
    categorical_cross_entropy: CategoricalCrossEntropy, Softmax, [2, 6];
    binary_cross_entropy: BinaryCrossEntropy, Sigmoid, [1, 6];
}
