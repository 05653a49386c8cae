//! The kernels of every loss, for numbers of all sorts, against the loss of each position by itself, as the forecast has it.

use netdsl_layers::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::numbers::{bits, cases, near, number};

/// A target, made of any number from 0 to 1, and as the forecast takes it.
trait Target: Copy {
    fn of(number: f64, width: usize) -> Self;
    fn of_position<'a>(targets: &[Self], values: &'a mut Vec<f64>) -> PositionTarget<'a>;
}

macro_rules! value {
    ($($number:ty),*) => {
        $(impl Target for $number {
            fn of(number: f64, _width: usize) -> Self {
                number as Self
            }
            fn of_position<'a>(targets: &[Self], values: &'a mut Vec<f64>) -> PositionTarget<'a> {
                *values = targets.iter().map(|target| f64::from(*target)).collect();
                PositionTarget::Values(values)
            }
        })*
    };
}
value!(f32, f64);

impl Target for usize {
    fn of(number: f64, width: usize) -> Self {
        (number * (width - 1) as f64).round() as Self
    }
    fn of_position<'a>(targets: &[Self], _values: &'a mut Vec<f64>) -> PositionTarget<'a> {
        PositionTarget::Class(targets[0])
    }
}

type Item<T, L> = <<L as LossKernel<T>>::Targets as Targets>::Item<T>;

/// Rows of outputs, for each a number that a target is made of.
fn rows<T: Element>() -> impl Strategy<Value = (usize, Vec<(T, f64)>)> {
    (1..=5usize, prop_oneof![1..=9usize, 14..=19usize]).prop_flat_map(|(examples, width)| {
        let target = prop_oneof![Just(0.0), Just(1.0), Just(1e-40), 0.0..1.0f64];
        let pairs = prop::collection::vec((number(), target), examples * width);
        pairs.prop_map(move |pairs| (width, pairs))
    })
}

fn evaluate<T: Element, L: LossKernel<T>>(
    loss: &L,
    width: usize,
    pairs: Vec<(T, f64)>,
) -> Result<(), TestCaseError>
where
    Item<T, L>: Target,
{
    let (output, numbers): (Vec<T>, Vec<f64>) = pairs.into_iter().unzip();
    let shape = Shape::features(width);
    let (examples, count) = (output.len() / width, L::Targets::count(shape));
    let targets: Vec<Item<T, L>> =
        numbers[..examples * count].iter().map(|number| Target::of(*number, width)).collect();
    prop_assert_eq!(loss.check(shape, examples, &targets), Ok(()));
    let mut results = on_all_registers(|| {
        let mut gradient = vec![T::nan(); output.len()];
        (loss.evaluate(shape, &output, &targets, &mut gradient), gradient)
    });
    let (_, (ours, gradient)) = results.remove(0);
    for (registers, (other, at_other)) in &results {
        prop_assert_eq!(bits(*other), bits(ours), "on {}", registers);
        let apart = at_other.iter().zip(&gradient).position(|(one, other)| bits(*one) != bits(*other));
        prop_assert_eq!(apart, None, "the gradient on {}", registers);
    }

    let terms = (examples * loss.terms(shape)) as f64;
    let (mut sum, mut size, mut values) = (0.0, 0.0, Vec::new());
    for (example, targets) in targets.chunks(count).enumerate() {
        let range = example * width..(example + 1) * width;
        let row: Vec<f64> = output[range.clone()].iter().map(|value| Element::to_f64(*value)).collect();
        let mut exact = vec![f64::NAN; width];
        let term = loss.at_position(&row, Target::of_position(targets, &mut values), &mut exact);
        sum += term;
        size += term.abs();
        for ((ours, exact), output) in gradient[range].iter().zip(&exact).zip(&row) {
            // The kernel divides before it leaves the range. Where the sum of probabilities is zero there is no gradient, and
            // otherwise they are exact to some units of one.
            let beyond = exact.is_infinite() && output.is_finite();
            let none = exact.is_nan() && !ours.is_finite();
            prop_assert!(
                beyond || none || near(*ours, exact / terms, 16.0 * exact.abs().max(1.0) / terms),
                "{exact} over {terms}, not {ours}, at {output}"
            );
        }
    }
    // A large number of which another is taken may be the largest on the way.
    let largest = output.iter().map(|value| Element::to_f64(value.abs())).fold(1.0, f64::max);
    let size = if largest.is_finite() { largest.max(size / terms) } else { f64::MAX };
    let epsilon = Element::to_f64(T::epsilon());
    prop_assert!(
        near(ours, sum / terms, 64.0 * epsilon / f64::EPSILON * size),
        "{}, not {ours}",
        sum / terms
    );
    Ok(())
}

fn check<T: Element, L: LossKernel<T>>(loss: &L)
where
    Item<T, L>: Target,
{
    TestRunner::new(cases(128))
        .run(&rows::<T>(), |(width, pairs)| evaluate(loss, width, pairs))
        .unwrap_or_else(|error| panic!("{}: {error}", loss.written()));
}

/// The suite for each loss, and a check that the list is whole.
macro_rules! losses {
    ($($name:ident),*) => {
        #[test]
        fn every_kernel_is_the_loss_of_each_position() {
            $(
                check::<f32, _>(&$name::default());
                check::<f64, _>(&$name::default());
            )*
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
