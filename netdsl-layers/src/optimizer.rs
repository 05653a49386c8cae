//! What every optimizer says of itself.

use std::fmt::Debug;

use crate::arguments::{Arguments, Call};
use crate::clip::Clip;
use crate::expression::Expression;
use crate::interval::Interval;
use crate::problem::Problem;

/// The settings that every optimizer has, whether the language can name it or not.
pub trait OptimizerSettings: Debug + Send + Sync {
    /// What a step is multiplied with.
    fn learning_rate(&self) -> f64;

    /// How gradients are clipped, where they are.
    fn clip(&self) -> Option<Clip>;

    /// The optimizer with its settings, as it is written in a declaration or a program.
    fn written(&self) -> String;
}

/// An optimizer that stands in a declaration.
pub trait Optimizer: Expression + OptimizerSettings {
    /// The name in the language.
    fn name(&self) -> &'static str;

    /// By how much the first step changes a value, for a gradient of the size `gradient > 0` and a parameter of the root
    /// mean square `parameter`, without clipping and decay.
    ///
    /// Sgd changes it in proportion to the gradient; others divide by the gradient's own size, and lose an update only
    /// where the gradient is small against their epsilon.
    fn first_step(&self, gradient: f64, parameter: f64) -> f64;
}

/// An optimizer that the language can name.
pub trait DeclaredOptimizer: Optimizer + Sized {
    /// The name in the language, which is the name of the type.
    const NAME: &'static str;

    /// Takes the settings from the call.
    fn resolve(arguments: &mut Arguments<'_>) -> Self;

    /// [`Optimizer::first_step`]
    fn first_step(&self, gradient: f64, parameter: f64) -> f64;
}

/// A kind of optimizer: its name and how it is made from a call.
#[derive(Clone, Copy, Debug)]
pub struct OptimizerKind {
    /// The name in the language.
    pub name: &'static str,
    /// [`DeclaredOptimizer::resolve`], boxed.
    pub resolve: fn(&mut Arguments<'_>) -> Box<dyn Optimizer>,
}

impl OptimizerKind {
    /// The kind that `O` is.
    pub const fn of<O: DeclaredOptimizer + 'static>() -> Self {
        Self { name: O::NAME, resolve: |arguments| Box::new(O::resolve(arguments)) }
    }
}

impl dyn Optimizer {
    /// Reads an optimizer from the call that names it.
    pub fn read(call: &Call) -> Result<Box<dyn Optimizer>, Vec<Problem>> {
        let Some(kind) = crate::OPTIMIZERS.iter().find(|kind| kind.name == call.name) else {
            let known = crate::OPTIMIZERS.iter().map(|kind| kind.name);
            return Err(vec![Problem::unknown(call.name_place, "optimizer", &call.name, known)]);
        };
        let mut arguments = Arguments::new(call);
        let optimizer = (kind.resolve)(&mut arguments);
        arguments.finish().map(|()| optimizer)
    }
}

impl Arguments<'_> {
    /// The setting `learning_rate`, which comes first.
    pub(crate) fn learning_rate(&mut self, default: f64) -> f64 {
        self.within("learning_rate", Some(0), default, Interval::POSITIVE)
    }

    /// A setting that says what share of a running average is kept.
    pub(crate) fn decay(&mut self, name: &'static str, default: f64) -> f64 {
        self.within(name, None, default, Interval::KEPT)
    }

    /// A setting that is at least zero.
    pub(crate) fn at_least_zero(&mut self, name: &'static str, default: f64) -> f64 {
        self.within(name, None, default, Interval::AT_LEAST_ZERO)
    }

    fn within(&mut self, name: &'static str, position: Option<usize>, default: f64, of: Interval) -> f64 {
        self.real(name, position, default, of.expected, |number| of.contains(number))
    }

    /// The setting `clip`.
    pub(crate) fn clip(&mut self) -> Option<Clip> {
        match Clip::read(self.call_named("clip", None, "a mode such as `Norm(1.0)`")?) {
            Ok(clip) => Some(clip),
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report(problem));
                None
            }
        }
    }
}

/// Implements [`Expression`](crate::Expression), the name and the settings that every optimizer has. `written` follows
/// the list of fields, the way that `expression!` does.
macro_rules! optimizer {
    ($name:ident { $($field:ident),* $(,)? }) => {
        $crate::expression::expression!($name { learning_rate, $($field,)* clip });

        impl $crate::OptimizerSettings for $name {
            fn learning_rate(&self) -> f64 {
                self.learning_rate
            }
            fn clip(&self) -> Option<$crate::Clip> {
                self.clip
            }
            fn written(&self) -> String {
                let mut settings = vec![format!("learning_rate = {:?}", self.learning_rate)];
                let default = Self::default();
                $(
                    if self.$field != default.$field {
                        settings.push(format!("{} = {:?}", stringify!($field), self.$field));
                    }
                )*
                if let Some(clip) = self.clip {
                    settings.push(format!("clip = {}", clip.written()));
                }
                format!("{}({})", stringify!($name), settings.join(", "))
            }
        }

        impl $crate::Optimizer for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
            fn first_step(&self, gradient: f64, parameter: f64) -> f64 {
                $crate::DeclaredOptimizer::first_step(self, gradient, parameter)
            }
        }
    };
}
pub(crate) use optimizer;

#[cfg(feature = "kernels")]
mod kernels {
    use std::fmt::Debug;
    use std::ops::Range;

    use thread_tree::ThreadTreeCtx;

    use super::OptimizerSettings;
    use crate::buffer::{Buffer, buffer};
    use crate::element::Element;
    use crate::interval::SettingError;
    use crate::parameter::ParameterRange;
    use crate::threads::{VALUES_OF_THREAD, nearest};

    /// How many values go through a whole chain before the next: few enough that they stay in the first cache.
    const BLOCK: usize = 2048;

    /// What every transform is told of the step.
    #[derive(Clone, Copy, Debug)]
    pub struct Now {
        /// The number of the step, from 1.
        pub step: i32,
        /// The learning rate of the step.
        pub learning_rate: f64,
    }

    /// The parameters that a transform is called for: a piece of a tensor, or all of it.
    #[derive(Clone, Copy, Debug)]
    pub struct Part<'a, T> {
        /// The step.
        pub now: Now,
        /// The tensor.
        pub tensor: &'a ParameterRange,
        /// The values before the step.
        pub parameters: &'a [T],
    }

    /// What a transform remembers from step to step: a number for each value of a tensor.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Memory {
        /// What it is called in a checkpoint.
        pub name: &'static str,
        /// What the numbers are before the first step.
        pub start: f64,
    }

    /// What a transform remembers of a [`Part`].
    #[derive(Debug)]
    pub struct State<'a, T> {
        buffers: &'a mut [NamedBuffer<T>],
        range: Range<usize>,
    }

    impl<T> State<'_, T> {
        /// The numbers, in the order of [`Transform::memory`]; empty where it names fewer.
        pub fn slices<const N: usize>(&mut self) -> [&mut [T]; N] {
            let mut buffers = self.buffers.iter_mut();
            std::array::from_fn(|_| match buffers.next() {
                Some(buffer) => &mut buffer.values[self.range.clone()],
                None => &mut [],
            })
        }
    }

    /// One part of an optimizer: it turns a gradient, or what the part before made of it, into another direction.
    ///
    /// The chain keeps what a transform remembers, so that it can be saved and restored for all of them alike.
    pub trait Transform<T: Element>: Debug + Send + Sync {
        /// What is remembered of a tensor.
        fn memory(&self, tensor: &ParameterRange) -> Vec<Memory>;

        /// Whether a [`Part`] has to be a whole tensor. Where no transform of a chain asks for that, a part is a piece
        /// that fits the cache.
        fn whole_tensors(&self) -> bool;

        /// Whether the settings are such as can be computed with; one without settings has nothing to refuse.
        ///
        /// # Errors
        /// The first that is not.
        fn check(&self) -> Result<(), SettingError> {
            Ok(())
        }

        /// Begins a step; most have nothing to do that all parts share.
        fn begin(&mut self, _now: Now) {}

        /// What an update is multiplied with in this step, where that is all that [`apply`](Self::apply) does: the chain
        /// multiplies with the factors of transforms behind each other at once.
        fn factor(&self, _now: Now) -> Option<f64> {
            None
        }

        /// Replaces `update`, which belongs to the parameters of `part`. The tensors of a large network are shared out among
        /// threads.
        fn apply(&self, part: &Part<'_, T>, state: State<'_, T>, update: &mut [T]);
    }

    /// Multiplies an update with a factor.
    pub(crate) fn multiply<T: Element>(update: &mut [T], factor: f64) {
        if factor != 1.0 {
            let factor = T::from_f64(factor);
            crate::vectorised(
                #[inline(always)]
                || update.iter_mut().for_each(|update| *update *= factor),
            );
        }
    }

    /// A named buffer of what a transform remembers of a tensor.
    #[derive(Debug)]
    struct NamedBuffer<T> {
        name: String,
        values: Buffer<T>,
    }

    /// A tensor and what each transform remembers of it.
    #[derive(Debug)]
    struct Remembered<T> {
        tensor: ParameterRange,
        state: Vec<Vec<NamedBuffer<T>>>,
    }

    /// An optimizer at work: its transforms one after another, over the flat buffer.
    #[derive(Debug)]
    pub struct Chain<T> {
        transforms: Vec<Box<dyn Transform<T>>>,
        /// What each transform multiplies with in this step, where it does nothing else.
        factors: Vec<Option<f64>>,
        tensors: Vec<Remembered<T>>,
        /// Whether a part has to be a whole tensor.
        whole: bool,
        step: i32,
    }

    /// After how many steps what is remembered is [settled](settle) again.
    const SETTLED: i32 = 32;

    /// Makes zeros of subnormal numbers: processors compute with them a hundred times slower, and what is remembered of a
    /// unit that has died decays to them and stays there.
    fn settle<T: Element>(values: &mut [T]) {
        crate::vectorised(
            #[inline(always)]
            || {
                for value in values {
                    *value = if value.abs() < T::min_positive_value() { T::zero() } else { *value };
                }
            },
        );
    }

    impl<T: Element> Chain<T> {
        /// The transforms in their order, for these tensors, before the first step.
        pub fn new(transforms: Vec<Box<dyn Transform<T>>>, tensors: Vec<ParameterRange>) -> Self {
            let whole = transforms.iter().any(|transform| transform.whole_tensors());
            let tensors = tensors.into_iter().map(|tensor| {
                let state = transforms.iter().enumerate().map(|(index, transform)| {
                    let named = |memory: Memory| NamedBuffer {
                        name: format!("{index}.{}", memory.name),
                        values: buffer(tensor.range.len(), T::from_f64(memory.start)),
                    };
                    transform.memory(&tensor).into_iter().map(named).collect()
                });
                Remembered { state: state.collect(), tensor }
            });
            let tensors = tensors.collect();
            Self { factors: vec![None; transforms.len()], transforms, tensors, whole, step: 0 }
        }

        /// Turns the gradient into what the parameters are to be lowered by; whether all of the state is still finite. What is
        /// remembered is not subnormal for long.
        ///
        /// Calls `then` with the outcome of each tensor, and a part of its parameters and of their update, as soon as that is
        /// known: what is done with it then still finds it in the cache. The parts of a tensor follow each other on one
        /// thread.
        ///
        /// Allocates nothing after the first call. `gradient` has the length of `parameters`.
        ///
        /// # Panics
        /// Where the tensors that the chain was made for reach beyond either or do not follow one another, or there are not as
        /// many outcomes.
        pub fn update<O: Send>(
            &mut self,
            learning_rate: f64,
            parameters: &[T],
            gradient: &mut [T],
            outcomes: &mut [O],
            then: impl Fn(&mut O, &[T], &mut [T]) + Sync,
        ) -> bool {
            assert_eq!(outcomes.len(), self.tensors.len(), "an outcome for each tensor");
            self.step = self.step.saturating_add(1);
            let now = Now { step: self.step, learning_rate };
            for (transform, factor) in self.transforms.iter_mut().zip(&mut self.factors) {
                transform.begin(now);
                *factor = transform.factor(now);
            }
            let share =
                Share { start: 0, tensors: &mut self.tensors, parameters, updates: gradient, outcomes };
            let pass =
                Pass { now, transforms: &self.transforms, factors: &self.factors, whole: self.whole, then };
            if share.worth_splitting() && !self.whole {
                pass.share_out(share, crate::threads::threads())
            } else {
                pass.run(share)
            }
        }

        /// How many steps have been made.
        pub fn step(&self) -> i32 {
            self.step
        }

        /// What is remembered: for each buffer its name in the chain, the tensor that it belongs to, and its numbers.
        pub fn state(&self) -> impl Iterator<Item = (&str, &ParameterRange, &[T])> {
            self.tensors.iter().flat_map(|Remembered { tensor, state }| {
                let buffers = state.iter().flatten();
                buffers.map(move |buffer| (buffer.name.as_str(), tensor, buffer.values.as_slice()))
            })
        }

        /// The same, to be restored after so many steps.
        pub fn restore(&mut self, step: i32) -> impl Iterator<Item = (&str, &ParameterRange, &mut [T])> {
            self.step = step;
            self.tensors.iter_mut().flat_map(|Remembered { tensor, state }| {
                let (tensor, buffers) = (&*tensor, state.iter_mut().flatten());
                buffers.map(move |buffer| (buffer.name.as_str(), tensor, buffer.values.as_mut_slice()))
            })
        }
    }

    /// Tensors that follow one another, with what belongs to them.
    struct Share<'a, T, O> {
        /// Where the values of the first start in the buffer of all.
        start: usize,
        tensors: &'a mut [Remembered<T>],
        parameters: &'a [T],
        updates: &'a mut [T],
        outcomes: &'a mut [O],
    }

    impl<T, O> Share<'_, T, O> {
        fn worth_splitting(&self) -> bool {
            self.tensors.len() > 1 && self.updates.len() >= 2 * VALUES_OF_THREAD
        }

        /// Two shares that are as equal as whole tensors allow.
        fn halves(self) -> (Self, Self) {
            let middle = self.start + self.updates.len() / 2;
            let at = nearest(0..self.tensors.len(), &|at| self.tensors[at].tensor.range.start, middle);
            let start = self.tensors[at].tensor.range.start;
            let (tensors, last_tensors) = self.tensors.split_at_mut(at);
            let (parameters, last_parameters) = self.parameters.split_at(start - self.start);
            let (updates, last_updates) = self.updates.split_at_mut(start - self.start);
            let (outcomes, last_outcomes) = self.outcomes.split_at_mut(at);
            (
                Share { start: self.start, tensors, parameters, updates, outcomes },
                Share {
                    start,
                    tensors: last_tensors,
                    parameters: last_parameters,
                    updates: last_updates,
                    outcomes: last_outcomes,
                },
            )
        }
    }

    /// One pass of a chain over tensors.
    struct Pass<'a, T, F> {
        now: Now,
        transforms: &'a [Box<dyn Transform<T>>],
        factors: &'a [Option<f64>],
        whole: bool,
        then: F,
    }

    impl<T: Element, F> Pass<'_, T, F> {
        /// Gives half of the share to another thread, and again half of those, as long as there are threads and it is worth it.
        fn share_out<O: Send>(&self, share: Share<'_, T, O>, threads: ThreadTreeCtx<'_>) -> bool
        where
            F: Fn(&mut O, &[T], &mut [T]) + Sync,
        {
            if !threads.is_parallel() || !share.worth_splitting() {
                return self.run(share);
            }
            let (first, last) = share.halves();
            let (first, last) = threads
                .join(|threads| self.share_out(first, threads), |threads| self.share_out(last, threads));
            first && last
        }

        fn run<O>(&self, share: Share<'_, T, O>) -> bool
        where
            F: Fn(&mut O, &[T], &mut [T]),
        {
            let Share { start, tensors, parameters, updates, outcomes } = share;
            let mut all_finite = true;
            // From the last on: what was looked at first when the norms were taken has left the cache for longest.
            for (Remembered { tensor, state }, outcome) in tensors.iter_mut().zip(outcomes).rev() {
                let range = tensor.range.start - start..tensor.range.end - start;
                let length = if self.whole { usize::MAX } else { BLOCK };
                let parameters = parameters[range.clone()].chunks(length);
                let updates = updates[range].chunks_mut(length);
                let mut end = 0;
                for (parameters, update) in parameters.zip(updates) {
                    let range = end..end + update.len();
                    end = range.end;
                    let part = Part { now: self.now, tensor, parameters };
                    let mut product = 1.0;
                    for ((transform, factor), buffers) in
                        self.transforms.iter().zip(self.factors).zip(&mut *state)
                    {
                        if let Some(factor) = factor {
                            product *= factor;
                            continue;
                        }
                        multiply(update, std::mem::replace(&mut product, 1.0));
                        let state = State { buffers: &mut *buffers, range: range.clone() };
                        transform.apply(&part, state, update);
                        for buffer in buffers {
                            let values = &mut buffer.values[range.clone()];
                            all_finite &= crate::finite(values);
                            if self.now.step % SETTLED == 0 {
                                settle(values);
                            }
                        }
                    }
                    multiply(update, product);
                    (self.then)(outcome, parameters, update);
                }
            }
            all_finite
        }
    }

    /// An optimizer that can run: a declared one, or [`Composed`](crate::Composed).
    pub trait OptimizerKernel<T: Element>: OptimizerSettings {
        /// The transforms that it is made of, the learning rate included.
        fn transforms(&self) -> Vec<Box<dyn Transform<T>>>;
    }
}
#[cfg(feature = "kernels")]
pub(crate) use kernels::multiply;
#[cfg(feature = "kernels")]
pub use kernels::{Chain, Memory, Now, OptimizerKernel, Part, State, Transform};
