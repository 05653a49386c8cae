//! How a layer's tensors lie in a file that PyTorch reads.

use crate::layer::Layer;
use crate::parameter::Parameter;

/// A tensor of PyTorch's module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name in the module.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is made of.
    pub content: Content,
}

/// What a tensor of PyTorch's module is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Tensors of the layer, one after the other along the first axis.
    Tensors(Vec<String>),
    /// Zeros, which reading adds to this tensor of the layer: PyTorch has two biases whose sum alone matters.
    AddedTo(&'static str),
    /// A whole number that PyTorch counts and nothing here depends on.
    Counter,
}

impl Stored {
    /// The tensors of a layer as they are.
    pub fn own(layer: &(impl Layer + ?Sized)) -> Vec<Self> {
        layer.parameters().into_iter().chain(layer.statistics()).map(Self::same).collect()
    }

    /// A tensor of the layer as it is.
    pub fn same(parameter: Parameter) -> Self {
        Self {
            content: Content::Tensors(vec![parameter.name.clone()]),
            name: parameter.name,
            shape: parameter.shape,
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.into(), ..self }
    }
}

/// The tensors of a recurrent layer as PyTorch's layer of one direction has them: `weight_ih_l0` and the like, and two
/// biases, of which the second is added to the first where the layer has one alone.
pub(crate) fn recurrent_tensors(parameters: Vec<Parameter>) -> Vec<Stored> {
    let mut stored = Vec::new();
    for parameter in parameters {
        match parameter.name.as_str() {
            "bias" => {
                let content = Content::AddedTo("bias");
                let second = Stored { name: "bias_hh_l0".into(), shape: parameter.shape.clone(), content };
                stored.extend([Stored::same(parameter).named("bias_ih_l0"), second]);
            }
            name => {
                let name = format!("{name}_l0");
                stored.push(Stored::same(parameter).named(&name));
            }
        }
    }
    stored
}
