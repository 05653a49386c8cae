//! Every loss against Keras, against differences, and on what it refuses.

use netdsl_layers::{
    BinaryCrossEntropy, CategoricalCrossEntropy, Huber, LOSSES, LossKernel, MeanAbsoluteError,
    MeanSquaredError, PositionTarget, Shape, SigmoidCrossEntropy, SoftmaxCrossEntropy, Targets,
};
use serde_json::Value;

/// Makes a target of a number of the reference file.
trait FromNumber {
    fn from_number(number: f64) -> Self;
    fn of_position(targets: &[Self]) -> PositionTarget<'_>
    where
        Self: Sized;
}

impl FromNumber for f64 {
    fn from_number(number: f64) -> Self {
        number
    }
    fn of_position(targets: &[Self]) -> PositionTarget<'_> {
        PositionTarget::Values(targets)
    }
}

impl FromNumber for usize {
    fn from_number(number: f64) -> Self {
        number as Self
    }
    fn of_position(targets: &[Self]) -> PositionTarget<'_> {
        PositionTarget::Class(targets[0])
    }
}

type Item<L> = <<L as LossKernel<f64>>::Targets as Targets>::Item<f64>;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The examples of the reference file have four features.
const WIDTH: usize = 4;

/// Relative where the numbers are large.
#[track_caller]
fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{a} {b}");
}

fn suite<L: LossKernel<f64> + LossKernel<f32>>(loss: L)
where
    Item<L>: FromNumber,
{
    let document: Value = serde_json::from_str(include_str!("reference/losses.json")).unwrap();
    let case = document["cases"].as_array().unwrap().iter().find(|case| case["name"] == loss.name()).unwrap();
    let output = numbers(&case["output"]);
    let targets: Vec<Item<L>> = numbers(&case["target"]).into_iter().map(Item::<L>::from_number).collect();
    let shape = Shape::features(WIDTH);
    LossKernel::<f64>::check(&loss, shape, output.len() / WIDTH, &targets).unwrap();
    let evaluate = |output: &[f64]| {
        let mut gradient = vec![f64::NAN; output.len()];
        let value = loss.evaluate(shape, output, &targets, &mut gradient);
        (value, gradient)
    };

    // Keras takes the mean in single precision, whatever the precision of the terms.
    let (value, gradient) = evaluate(&output);
    close(value, case["loss"].as_f64().unwrap(), 3e-7);
    for (ours, theirs) in gradient.iter().zip(numbers(&case["gradient"])) {
        close(*ours, theirs, 3e-7);
    }

    // What the forecast draws from says the same.
    let per_example = <L as LossKernel<f64>>::Targets::count(shape);
    let terms = (output.len() / WIDTH * loss.terms(shape)) as f64;
    let mut sum = 0.0;
    for (example, target) in targets.chunks(per_example).enumerate() {
        let mut at_position = [f64::NAN; WIDTH];
        let range = example * WIDTH..(example + 1) * WIDTH;
        sum += loss.at_position(&output[range.clone()], Item::<L>::of_position(target), &mut at_position);
        for (ours, theirs) in at_position.iter().zip(&gradient[range]) {
            close(ours / terms, *theirs, 1e-14);
        }
    }
    close(sum / terms, value, 1e-14);

    // Central differences with a step of 1e-6 are exact to about 1e-9 away from kinks and cuts; the gradient at the cuts
    // is one-sided.
    for index in 0..output.len() {
        let mut moved = output.clone();
        moved[index] += 1e-6;
        let above = evaluate(&moved).0;
        moved[index] -= 2e-6;
        let difference = (above - evaluate(&moved).0) / 2e-6;
        let cut = (output[index] == 0.0 || output[index] == 1.0) && loss.name() != "CategoricalCrossEntropy";
        if !cut && output[index] != 0.0 {
            close(gradient[index], difference, 1e-7);
        }
    }

    positions(&loss, &output, &targets);

    let few = LossKernel::<f64>::check(&loss, shape, 99, &targets).unwrap_err();
    assert_eq!(
        few.to_string(),
        format!("the number of targets is {}, expected {}", targets.len(), 99 * per_example)
    );
}

/// The same examples as the steps of one sequence, and as the positions of a signal, whose features lie apart.
fn positions<L: LossKernel<f64>>(loss: &L, output: &[f64], targets: &[Item<L>]) {
    let steps = output.len() / WIDTH;
    let evaluate = |shape, output: &[f64], targets: &[Item<L>]| {
        assert_eq!(loss.check(shape, 1, targets), Ok(()));
        let mut gradient = vec![f64::NAN; output.len()];
        let value = loss.evaluate(shape, output, targets, &mut gradient);
        (value, gradient)
    };
    let (value, gradient) = {
        let mut gradient = vec![f64::NAN; output.len()];
        (loss.evaluate(Shape::features(WIDTH), output, targets, &mut gradient), gradient)
    };
    assert_eq!(evaluate(Shape::sequence(steps, WIDTH), output, targets), (value, gradient.clone()));
    let columns = if targets.len() == output.len() { apart(targets) } else { targets.to_vec() };
    let (by_columns, at_columns) = evaluate(Shape::signal(WIDTH, steps), &apart(output), &columns);
    close(by_columns, value, 1e-14);
    for (column, row) in at_columns.into_iter().zip(apart(&gradient)) {
        close(column, row, 1e-14);
    }
}

/// `[steps, features]` as `[features, steps]`.
fn apart<E: Copy>(rows: &[E]) -> Vec<E> {
    (0..WIDTH).flat_map(|feature| rows.iter().skip(feature).step_by(WIDTH).copied()).collect()
}

/// The suite for each loss of the list, and a check that the list is whole.
macro_rules! losses {
    ($($name:ident),*) => {
        #[test]
        fn every_loss() {
            $(suite($name::default());)*
            let tested = [$(stringify!($name)),*];
            assert!(LOSSES.iter().all(|kind| tested.contains(&kind.name)), "a loss is missing in the table");
        }
    };
}

losses!(
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy
);

#[test]
fn losses_beyond_single_precision_are_finite() {
    let mut gradient = [0f32; 2];
    let loss = MeanSquaredError.evaluate(Shape::features(2), &[1e30, 3e38], &[0.0, 0.0], &mut gradient);
    close(loss / 4.5e76, 1.0, 1e-6); // (3e38)² / 2, with the rounding of single precision
    assert!(gradient.iter().all(|value| value.is_finite()));
    let loss = SoftmaxCrossEntropy.evaluate(Shape::features(2), &[1e4, -1e4], &[1], &mut gradient);
    assert_eq!((loss, gradient), (2e4, [1.0, -1.0]));
    let loss = SigmoidCrossEntropy.evaluate(Shape::features(2), &[1e4, -1e4], &[0.0, 1.0], &mut gradient);
    assert_eq!((loss, gradient), (1e4, [0.5, -0.5]));
}

/// A class that is all but certain leaves a loss and a gradient far below the last digit of one.
#[test]
fn what_is_almost_right_keeps_its_digits_in_single_precision() {
    let exact = f64::exp(-20.0);
    let mut gradient = [0f32; 3];
    let loss = SoftmaxCrossEntropy.evaluate(Shape::features(3), &[20.0, 0.0, 0.0], &[0], &mut gradient);
    // In double precision the sum of the powers has about seven digits of the loss.
    assert!((loss / (2.0 * exact) - 1.0).abs() < 1e-6, "{loss}");
    for (ours, exact) in gradient.iter().zip([-2.0 * exact, exact, exact]) {
        assert!((f64::from(*ours) / exact - 1.0).abs() < 1e-6, "{ours} {exact}");
    }
    let loss =
        SigmoidCrossEntropy.evaluate(Shape::features(2), &[20.0, -20.0], &[1.0, 0.0], &mut gradient[..2]);
    assert!((loss / exact - 1.0).abs() < 1e-6, "{loss}");
    for (ours, exact) in gradient.iter().zip([-0.5 * exact, 0.5 * exact]) {
        assert!((f64::from(*ours) / exact - 1.0).abs() < 1e-6, "{ours} {exact}");
    }
    let loss =
        BinaryCrossEntropy.evaluate(Shape::features(2), &[1e-5, 0.25], &[0.0, 1.0], &mut gradient[..2]);
    let exact = -0.5 * (f64::from(-1e-5f32).ln_1p() + 0.25f64.ln());
    assert!((loss / exact - 1.0).abs() < 1e-12, "{loss} {exact}");
}

#[test]
fn targets_are_refused_by_name() {
    let shape = Shape::features(2);
    let message = |result: Result<(), netdsl_layers::TargetError>| result.unwrap_err().to_string();
    assert_eq!(
        message(MeanSquaredError.check(shape, 1, &[0.0f32, f32::NAN])),
        "value 1 of example 0 of the target is NaN, expected a finite number"
    );
    assert_eq!(
        message(SigmoidCrossEntropy.check(shape, 1, &[1.5f64, 0.0])),
        "value 0 of example 0 of the target is 1.5, expected a number from 0 to 1"
    );
    assert_eq!(
        message(BinaryCrossEntropy.check(shape, 1, &[1.0, f64::NAN])),
        "value 1 of example 0 of the target is NaN, expected a number from 0 to 1"
    );
    assert_eq!(
        message(LossKernel::<f32>::check(&SoftmaxCrossEntropy, shape, 2, &[1, 2])),
        "the target of example 1 is 2, expected a class from 0 to 1"
    );
    assert_eq!(
        message(LossKernel::<f32>::check(
            &SoftmaxCrossEntropy,
            Shape::sequence(5, 7),
            2,
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        )),
        "value 2 of example 1 of the target is 7, expected a class from 0 to 6"
    );
}
