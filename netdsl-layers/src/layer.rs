//! What every layer says of itself, with or without its kernels.

use std::fmt::Debug;

use crate::activation::Activation;
use crate::arguments::Arguments;
use crate::expression::Expression;
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::{Layout, Shape};
use crate::stored::Stored;

/// A layer whose settings and shapes are settled.
///
/// No method has a default: a layer that lacks a facet does not compile.
pub trait Layer: Expression + Debug + Send + Sync {
    /// The name in the language.
    fn kind(&self) -> &'static str;

    /// The shape of one example of the output.
    fn output(&self) -> Shape;

    /// The lengths of parameters, statistics and output; agrees with the lists below.
    fn sizes(&self) -> Sizes;

    /// The trainable tensors in the order of the flat buffer, which is the order of the declaration.
    fn parameters(&self) -> Vec<Parameter>;

    /// The running statistics that inference uses, in the order of their buffer.
    fn statistics(&self) -> Vec<Parameter>;

    /// Whether the output still has the steps of the input, where the steps behind the end of a sequence are padding.
    ///
    /// # Errors
    /// Where the layer can't tell padding from data.
    fn keeps_steps(&self) -> Result<bool, MixesSteps>;

    /// Calls `visit` with the dotted path below this layer and the layer, for each layer that is no structure, in the
    /// order of the declaration.
    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer));

    /// The activation function whose values the output is made of, where there is one.
    fn activation(&self) -> Option<&dyn Activation>;

    /// The tensors of a layer that is no structure as PyTorch's module has them in its `state_dict`; [`Stored::own`] where
    /// they are those of the layer under their own names.
    fn stored(&self) -> Vec<Stored>;

    /// Propagates the moments of a signal forward and prepares the way back.
    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable>;
}

/// A layer that can't tell padding from data, so that all sequences of a batch need the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixesSteps {
    /// The dotted path of the layer.
    pub path: String,
    /// Its kind.
    pub kind: &'static str,
}

impl MixesSteps {
    /// A layer of this kind.
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { path: String::new(), kind }
    }

    /// The same below a structure that gives its member this name.
    pub(crate) fn below(self, name: impl std::fmt::Display) -> Self {
        let path = if self.path.is_empty() { name.to_string() } else { format!("{name}.{}", self.path) };
        Self { path, ..self }
    }
}

/// [`Layer::keeps_steps`] of a layer that works at each step by itself: it does where its input has steps.
pub(crate) fn step_by_step(kind: &'static str, input: Shape) -> Result<bool, MixesSteps> {
    match input.layout() {
        Layout::Unsettled if input.sizes().len() == 1 => Err(MixesSteps::new(kind)),
        Layout::Sequence | Layout::Unsettled | Layout::Tokens { .. } => Ok(true),
        Layout::Features | Layout::Channels => Err(MixesSteps::new(kind)),
    }
}

/// [`Layer::keeps_steps`] of two members that work on the same input: what they make of it has to fit together.
pub(crate) fn both_keep_steps(kind: &'static str, one: bool, other: bool) -> Result<bool, MixesSteps> {
    if one == other { Ok(one) } else { Err(MixesSteps::new(kind)) }
}

/// A layer that the language can name.
pub trait Declared: Layer + Sized {
    /// The name in the language, which is the name of the type.
    const NAME: &'static str;

    /// Takes the settings from the call and the shape from what stands before.
    ///
    /// Every problem goes to `arguments`; what is returned is used only where there was none.
    fn resolve(arguments: &mut Arguments<'_>, input: Shape) -> Self;
}

/// A kind of layer: its name and how it is made from a call.
#[derive(Clone, Copy, Debug)]
pub struct LayerKind {
    /// The name in the language.
    pub name: &'static str,
    /// [`Declared::resolve`], boxed.
    pub resolve: fn(&mut Arguments<'_>, Shape) -> Box<dyn Layer>,
}

impl LayerKind {
    /// The kind that `L` is.
    pub const fn of<L: Declared + 'static>() -> Self {
        Self { name: L::NAME, resolve: |arguments, input| Box::new(L::resolve(arguments, input)) }
    }
}

impl Layer for Box<dyn Layer> {
    fn kind(&self) -> &'static str {
        (**self).kind()
    }
    fn output(&self) -> Shape {
        (**self).output()
    }
    fn sizes(&self) -> Sizes {
        (**self).sizes()
    }
    fn parameters(&self) -> Vec<Parameter> {
        (**self).parameters()
    }
    fn statistics(&self) -> Vec<Parameter> {
        (**self).statistics()
    }
    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        (**self).keeps_steps()
    }
    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        (**self).leaves(path, visit);
    }
    fn activation(&self) -> Option<&dyn Activation> {
        (**self).activation()
    }
    fn stored(&self) -> Vec<Stored> {
        (**self).stored()
    }
    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        (**self).propagate(signal)
    }
}

/// The path of a member below the path of its structure.
pub(crate) fn below(path: &str, name: impl std::fmt::Display) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}
