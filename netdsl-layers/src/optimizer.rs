//! What every optimizer says of itself.

use std::fmt::Debug;

use crate::arguments::{Arguments, Call};
use crate::clip::Clip;
use crate::expression::Expression;
use crate::problem::{Problem, did_you_mean};

/// The settings of an optimizer.
pub trait Optimizer: Expression + Debug + Send + Sync {
    /// The name in the language.
    fn name(&self) -> &'static str;

    /// What a step is multiplied with.
    fn learning_rate(&self) -> f64;

    /// How gradients are clipped, where they are.
    fn clip(&self) -> Option<Clip>;

    /// By how much the first step changes a value, for a gradient of the size `gradient > 0` and a parameter of the root
    /// mean square `parameter`, without clipping and decay.
    ///
    /// Sgd changes it in proportion to the gradient; others divide by the gradient's own size, and lose an update only
    /// where the gradient is small against their epsilon.
    fn first_step(&self, gradient: f64, parameter: f64) -> f64;

    /// The optimizer as it is written in the language, with its arguments.
    fn written(&self) -> String;
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
            let hint = did_you_mean(&call.name, crate::OPTIMIZERS.iter().map(|kind| kind.name));
            let message = format!("unknown optimizer `{}`{hint}", call.name);
            return Err(vec![Problem::new(call.name_place, message)]);
        };
        let mut arguments = Arguments::new(call);
        let optimizer = (kind.resolve)(&mut arguments);
        arguments.finish().map(|()| optimizer)
    }
}

impl Arguments<'_> {
    /// The setting `learning_rate`, which comes first.
    pub(crate) fn learning_rate(&mut self, default: f64) -> f64 {
        self.real("learning_rate", Some(0), default, "a number above 0", |rate| rate > 0.0)
    }

    /// A setting that says what share of a running average is kept.
    pub(crate) fn decay(&mut self, name: &'static str, default: f64) -> f64 {
        self.real(name, None, default, "a share of at least 0 and below 1", |share| {
            (0.0..1.0).contains(&share)
        })
    }

    /// A setting that is at least zero.
    pub(crate) fn at_least_zero(&mut self, name: &'static str, default: f64) -> f64 {
        self.real(name, None, default, "a number of at least 0", |number| number >= 0.0)
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

        impl $crate::Optimizer for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
            fn learning_rate(&self) -> f64 {
                self.learning_rate
            }
            fn clip(&self) -> Option<$crate::Clip> {
                self.clip
            }
            fn first_step(&self, gradient: f64, parameter: f64) -> f64 {
                $crate::DeclaredOptimizer::first_step(self, gradient, parameter)
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
    };
}
pub(crate) use optimizer;

#[cfg(feature = "kernels")]
mod kernels {
    use std::fmt::Debug;

    use super::Optimizer;
    use crate::element::Element;

    /// How many values go through a whole chain before the next: few enough that they stay in the first cache.
    const BLOCK: usize = 1024;

    /// What every transform is told of the step.
    #[derive(Clone, Copy, Debug)]
    pub struct Now {
        /// The number of the step, from 1.
        pub step: i32,
        /// The learning rate of the step.
        pub learning_rate: f64,
    }

    /// One part of an optimizer: it turns a gradient, or what the part before made of it, into another direction.
    pub trait Transform<T: Element>: Debug + Send + Sync {
        /// Makes room for the state of so many parameters, all of it as at the first step.
        fn reset(&mut self, parameters: usize);

        /// Replaces `update`, which belongs to the parameters from `offset` on; whether the state is still finite.
        fn apply(&mut self, now: Now, offset: usize, parameters: &[T], update: &mut [T]) -> bool;
    }

    /// An optimizer at work: its transforms one after another, over the flat buffer.
    #[derive(Debug)]
    pub struct Chain<T> {
        transforms: Vec<Box<dyn Transform<T>>>,
        step: i32,
    }

    impl<T: Element> Chain<T> {
        /// The transforms in their order, for so many parameters.
        pub fn new(mut transforms: Vec<Box<dyn Transform<T>>>, parameters: usize) -> Self {
            transforms.iter_mut().for_each(|transform| transform.reset(parameters));
            Self { transforms, step: 0 }
        }

        /// Turns the gradient into what the parameters are to be lowered by; whether all of the state is still finite.
        ///
        /// Allocates nothing. `gradient` has the length of `parameters`.
        ///
        /// # Panics
        /// Where there are more parameters than the chain was made for.
        pub fn update(&mut self, learning_rate: f64, parameters: &[T], gradient: &mut [T]) -> bool {
            self.step = self.step.saturating_add(1);
            let now = Now { step: self.step, learning_rate };
            let mut finite = true;
            let blocks = parameters.chunks(BLOCK).zip(gradient.chunks_mut(BLOCK));
            for (index, (parameters, update)) in blocks.enumerate() {
                for transform in &mut self.transforms {
                    finite &= transform.apply(now, index * BLOCK, parameters, update);
                }
            }
            finite
        }
    }

    /// An optimizer that can run.
    pub trait OptimizerKernel<T: Element>: Optimizer {
        /// The transforms that it is made of, the learning rate included.
        fn transforms(&self) -> Vec<Box<dyn Transform<T>>>;
    }
}
#[cfg(feature = "kernels")]
pub use kernels::{Chain, Now, OptimizerKernel, Transform};
