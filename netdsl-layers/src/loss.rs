//! What every loss says of itself.

use std::fmt::Debug;

use crate::arguments::{Arguments, Call};
use crate::expression::Expression;
use crate::problem::Problem;
use crate::shape::Shape;

/// What a loss compares the output with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// One number for each number of the output.
    Values,
    /// One class for each position of the output.
    Classes,
}

/// What a loss takes the output for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Numbers of any size.
    Numbers,
    /// The logarithms of odds: the loss applies the logistic function or softmax itself.
    Logits,
    /// Probabilities, each by itself.
    Probabilities,
    /// The probabilities of the classes, which sum to 1.
    Distribution,
}

/// The target of one position.
#[derive(Clone, Copy, Debug)]
pub enum PositionTarget<'a> {
    /// As many numbers as the output has features.
    Values(&'a [f64]),
    /// The index of a feature.
    Class(usize),
}

/// A loss, averaged over all that it is computed for: over every number of a batch, or over its positions.
pub trait Loss: Expression + Debug + Send + Sync {
    /// The name in the language.
    fn name(&self) -> &'static str;

    /// The loss as it is written in the language, with its arguments.
    fn written(&self) -> String;

    /// What the output is compared with.
    fn target(&self) -> TargetKind;

    /// What the output is taken for.
    fn takes(&self) -> OutputKind;

    /// How many terms the mean runs over for one example of an output of this shape.
    fn terms(&self, output: Shape) -> usize;

    /// How many numbers of an example the mean runs over, which makes every gradient smaller; 1 for classes.
    fn averaged(&self, output: Shape) -> f64 {
        match self.target() {
            TargetKind::Values => self.terms(output) as f64,
            TargetKind::Classes => 1.0,
        }
    }

    /// The sum of the terms at one position, and its derivative with respect to the output there.
    ///
    /// `output` and `gradient` have the length of the features. What the forecast draws its output gradients with:
    /// computed with `libm`, so that it is the same on every machine.
    fn at_position(&self, output: &[f64], target: PositionTarget<'_>, gradient: &mut [f64]) -> f64;
}

/// A loss that the language can name.
pub trait DeclaredLoss: Loss + Sized {
    /// The name in the language, which is the name of the type.
    const NAME: &'static str;

    /// Takes the settings from the call; a problem where the output does not fit.
    fn resolve(arguments: &mut Arguments<'_>, output: Shape) -> Self;
}

/// A kind of loss: its name and how it is made from a call.
#[derive(Clone, Copy, Debug)]
pub struct LossKind {
    /// The name in the language.
    pub name: &'static str,
    /// [`DeclaredLoss::resolve`], boxed.
    pub resolve: fn(&mut Arguments<'_>, Shape) -> Box<dyn Loss>,
}

impl LossKind {
    /// The kind that `L` is.
    pub const fn of<L: DeclaredLoss + 'static>() -> Self {
        Self { name: L::NAME, resolve: |arguments, output| Box::new(L::resolve(arguments, output)) }
    }
}

impl dyn Loss {
    /// Reads a loss from the call that names it.
    pub fn read(call: &Call, output: Shape) -> Result<Box<dyn Loss>, Vec<Problem>> {
        let Some(kind) = crate::LOSSES.iter().find(|kind| kind.name == call.name) else {
            let known = crate::LOSSES.iter().map(|kind| kind.name);
            return Err(vec![Problem::unknown(call.name_place, "loss", &call.name, known)]);
        };
        let mut arguments = Arguments::new(call);
        let loss = (kind.resolve)(&mut arguments, output);
        arguments.finish().map(|()| loss)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use std::fmt::Debug;

    use super::{Loss, TargetKind};
    use crate::element::Element;
    use crate::lanes::{Room, in_halves, vectorised};
    use crate::shape::{Layout, Shape};
    use crate::transcendental::Transcendental;

    /// What a loss compares with, as a type: [`Values`] or [`Classes`].
    pub trait Targets: Debug + Send + Sync + 'static {
        /// One target.
        type Item<T: Element>: Copy + Debug + PartialEq + Send + Sync + 'static;

        /// The same as a value.
        const KIND: TargetKind;

        /// How many targets an example with this output has.
        fn count(output: Shape) -> usize;

        /// What tells a target from all others, for checksums.
        fn bits<T: Element>(target: Self::Item<T>) -> u64;
    }

    /// One number for each number of the output.
    #[derive(Clone, Copy, Debug)]
    pub enum Values {}

    /// The index of a class for each position of the output.
    #[derive(Clone, Copy, Debug)]
    pub enum Classes {}

    impl Targets for Values {
        type Item<T: Element> = T;
        const KIND: TargetKind = TargetKind::Values;

        fn count(output: Shape) -> usize {
            output.len()
        }

        fn bits<T: Element>(target: T) -> u64 {
            target.to_f64().to_bits()
        }
    }

    impl Targets for Classes {
        type Item<T: Element> = usize;
        const KIND: TargetKind = TargetKind::Classes;

        fn count(output: Shape) -> usize {
            output.positions()
        }

        fn bits<T: Element>(target: usize) -> u64 {
            target as u64
        }
    }

    /// A target that a loss can't be computed for.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum TargetError {
        /// Too few or too many.
        #[error("the number of targets is {found}, expected {expected}")]
        Count {
            /// How many there are.
            found: usize,
            /// How many the output asks for.
            expected: usize,
        },
        /// A target outside what the loss is defined for.
        #[error("{} is {found}, expected {expected}", place(*example, *index))]
        Value {
            /// The index of the example, from 0.
            example: usize,
            /// The index in the example, row-major, from 0; none where an example has one target.
            index: Option<usize>,
            /// The target.
            found: String,
            /// What it can be.
            expected: String,
        },
    }

    /// A target in words.
    fn place(example: usize, index: Option<usize>) -> String {
        match index {
            None => format!("the target of example {example}"),
            Some(index) => format!("value {index} of example {example} of the target"),
        }
    }

    /// A loss that can run.
    pub trait LossKernel<T: Element>: Loss {
        /// What the output is compared with.
        type Targets: Targets;

        /// What a target has to be, where this one is something else.
        fn refuse(&self, output: Shape, target: <Self::Targets as Targets>::Item<T>) -> Option<String>;

        /// The mean loss of a batch, summed in double precision, and its gradient with respect to the output.
        ///
        /// `values` holds the outputs of as many examples as it is long for, `gradient` is overwritten. The targets
        /// have passed [`check`](Self::check).
        fn evaluate(
            &self,
            output: Shape,
            values: &[T],
            targets: &[<Self::Targets as Targets>::Item<T>],
            gradient: &mut [T],
        ) -> f64;

        /// Whether the loss is defined for these targets of a batch.
        fn check(
            &self,
            output: Shape,
            batch: usize,
            targets: &[<Self::Targets as Targets>::Item<T>],
        ) -> Result<(), TargetError> {
            let count = Self::Targets::count(output);
            let expected = batch * count;
            if targets.len() != expected {
                return Err(TargetError::Count { found: targets.len(), expected });
            }
            for (index, target) in targets.iter().enumerate() {
                if let Some(expected) = self.refuse(output, *target) {
                    let (example, index) = (index / count, (count > 1).then_some(index % count));
                    return Err(TargetError::Value {
                        example,
                        index,
                        found: format!("{target:?}"),
                        expected,
                    });
                }
            }
            Ok(())
        }
    }

    /// Refuses what is not finite.
    pub(crate) fn refuse_non_finite<T: Element>(target: T) -> Option<String> {
        (!target.is_finite()).then(|| "a finite number".into())
    }

    /// Refuses what is no probability.
    pub(crate) fn refuse_improbable<T: Element>(target: T) -> Option<String> {
        let probable = target >= T::zero() && target <= T::one();
        (!probable).then(|| "a number from 0 to 1".into())
    }

    /// Refuses a class that the output has no feature for.
    pub(crate) fn refuse_class(output: Shape, class: usize) -> Option<String> {
        (class >= output.width()).then(|| format!("a class from 0 to {}", output.width().saturating_sub(1)))
    }

    /// How many terms are computed side by side.
    const LANES: usize = 16;

    /// The mean of terms that each depend on one number of the output. `term` returns the term and its derivative over
    /// `factor`, which is applied together with the division so that neither leaves the range.
    ///
    /// As many sums take turns, so that the loop needs no value of the step before. `term` and what it calls have to be
    /// `inline(always)`, so that the loop is vectorised.
    pub(crate) fn mean_over_values<T: Element>(
        values: &[T],
        targets: &[T],
        gradient: &mut [T],
        factor: f64,
        term: impl Fn(T, T) -> (f64, T),
    ) -> f64 {
        let count = values.len() as f64;
        let share = T::from_f64(factor / count);
        let (values, last_values) = values.as_chunks::<LANES>();
        let (targets, last_targets) = targets.as_chunks::<LANES>();
        let (gradient, last_gradient) = gradient.as_chunks_mut::<LANES>();
        let sums = vectorised(
            #[inline(always)]
            || {
                let mut sums = [0.0; LANES];
                for ((values, targets), gradient) in values.iter().zip(targets).zip(gradient) {
                    let losses = terms(values, targets, gradient, share, &term);
                    sums.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
                }
                let rest = last_values.len();
                if rest > 0 {
                    let [mut values, mut targets, mut gradient] = [[T::zero(); LANES]; 3];
                    values[..rest].copy_from_slice(last_values);
                    targets[..rest].copy_from_slice(last_targets);
                    let losses = terms(&values, &targets, &mut gradient, share, &term);
                    last_gradient.copy_from_slice(&gradient[..rest]);
                    sums.iter_mut().zip(&losses[..rest]).for_each(|(sum, loss)| *sum += loss);
                }
                sums
            },
        );
        in_halves(sums) / count
    }

    /// The terms of [`mean_over_values`] for some values, and the gradient there.
    #[inline(always)]
    fn terms<T: Element>(
        values: &[T; LANES],
        targets: &[T; LANES],
        gradient: &mut [T; LANES],
        share: T,
        term: &impl Fn(T, T) -> (f64, T),
    ) -> [f64; LANES] {
        let mut losses = [0.0; LANES];
        for lane in 0..LANES {
            let (loss, derivative) = term(values[lane], targets[lane]);
            losses[lane] = loss;
            gradient[lane] = derivative * share;
        }
        losses
    }

    /// The mean of terms that each depend on the features of one position and its class. `rows` takes how many features a
    /// position has, those of one position after the other, the classes, and the share that a term has in the mean; it writes
    /// the gradient of the mean and returns the sum of the terms.
    ///
    /// It has to be `inline(always)`, so that it is compiled for the registers of the machine.
    pub(crate) fn mean_over_positions<T: Element>(
        output: Shape,
        values: &[T],
        targets: &[usize],
        gradient: &mut [T],
        rows: impl Fn(usize, &[T], &[usize], f64, &mut [T]) -> f64,
    ) -> f64 {
        let (count, width) = (targets.len() as f64, output.width());
        let rows = |values: &[T], targets: &[usize], gradient: &mut [T]| {
            vectorised(
                #[inline(always)]
                || rows(width, values, targets, 1.0 / count, gradient),
            )
        };
        if output.layout() != Layout::Channels {
            return rows(values, targets, gradient) / count;
        }
        // The features of a position lie apart: they are brought together for an example at a time.
        let len = output.len();
        let mut room = Room::new(2 * len);
        let (together, slopes) = room.values().split_at_mut(len);
        let examples = values.chunks_exact(len).zip(gradient.chunks_exact_mut(len));
        let mut sum = 0.0;
        for ((values, gradient), targets) in examples.zip(targets.chunks_exact(output.positions())) {
            for (position, row) in together.chunks_exact_mut(width).enumerate() {
                row.iter_mut().zip(output.features_at(position)).for_each(|(value, at)| *value = values[at]);
            }
            sum += rows(together, targets, slopes);
            for (position, row) in slopes.chunks_exact(width).enumerate() {
                row.iter().zip(output.features_at(position)).for_each(|(slope, at)| gradient[at] = *slope);
            }
        }
        sum / count
    }

    /// A sum of natural logarithms, which are taken side by side.
    pub(crate) struct Logarithms {
        waiting: [f64; LANES],
        count: usize,
        sum: f64,
    }

    impl Logarithms {
        #[inline(always)]
        pub(crate) fn new() -> Self {
            Self { waiting: [1.0; LANES], count: 0, sum: 0.0 }
        }

        /// Adds the logarithm of a number.
        #[inline(always)]
        pub(crate) fn add(&mut self, number: f64) {
            self.waiting[self.count] = number;
            self.count += 1;
            if self.count == LANES {
                *self = Self { sum: self.sum(), ..Self::new() };
            }
        }

        /// The sum so far.
        #[inline(always)]
        pub(crate) fn sum(&self) -> f64 {
            let mut logarithms = self.waiting;
            for number in &mut logarithms {
                *number = number.logarithm();
            }
            self.sum + in_halves(logarithms)
        }
    }
}
#[cfg(feature = "kernels")]
pub use kernels::{Classes, LossKernel, TargetError, Targets, Values};
#[cfg(feature = "kernels")]
pub(crate) use kernels::{
    Logarithms, mean_over_positions, mean_over_values, refuse_class, refuse_improbable, refuse_non_finite,
};
