//! What the macro implements for a declaration, and what follows from it.

use std::path::Path;

use ndarray::{Array, ArrayViewD, ArrayViewMutD, IxDyn};
use netdsl_layers::{Element, Forecast, Kernel, Layer, LossKernel, ParameterRange, Targets};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::checkpoint::{Container, NETWORK, read_network, write_network};
use crate::error::Error;
use crate::examples::Examples;
use crate::feature_shape::{FeatureShape, TargetShape};
use crate::gradients::Gradients;
use crate::inputs::Inputs;
use crate::known::what_there_is;
use crate::norm::Norm;
use crate::summary::Summary;
use crate::tensors::Tensors;
use crate::workspace::{Batch, Workspace};

/// What the loss of a network compares the output with.
pub type TargetsOf<T, N> = <<N as Network<T>>::Loss as LossKernel<T>>::Targets;

/// One target of a network: a number or a class.
pub type Target<T, N> = <TargetsOf<T, N> as Targets>::Item<T>;

/// The output of a batch.
pub type Output<T, N> = Array<T, <<N as Network<T>>::Output as FeatureShape>::Dim>;

/// How a network runs, where training and inference differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With running statistics and without dropout.
    Inference,
    /// With the statistics of the batch and with dropout, which is drawn from the seed. Changes nothing in the network.
    Training {
        /// The seed of what is drawn.
        seed: u64,
    },
}

impl Mode {
    pub(crate) fn random(self) -> Option<ChaCha8Rng> {
        match self {
            Self::Inference => None,
            Self::Training { seed } => Some(ChaCha8Rng::seed_from_u64(seed)),
        }
    }
}

/// A network that computes in `T`.
///
/// `network!` implements it. Inputs and targets are anything that [`Examples`] is implemented for.
pub trait Network<T: Element>: Sized {
    /// The stack of layers.
    type Layers: Kernel<T> + 'static;
    /// The shape of one example of the input.
    type Input: FeatureShape;
    /// The shape of one example of the output.
    type Output: FeatureShape;
    /// The loss.
    type Loss: LossKernel<T, Targets: TargetShape> + 'static;
    /// The name of the declaration.
    const NAME: &'static str;
    /// The declared batch size.
    const BATCH: usize;

    /// The stack of layers.
    fn layers() -> &'static Self::Layers;

    /// The loss.
    fn declared_loss() -> &'static Self::Loss;

    /// What the compiler forecast.
    fn forecast() -> &'static Forecast;

    /// The parameters and statistics.
    fn tensors(&self) -> &Tensors<T>;

    /// The parameters and statistics, to be changed.
    fn tensors_mut(&mut self) -> &mut Tensors<T>;

    /// The network with these parameters and statistics.
    fn from_tensors(tensors: Tensors<T>) -> Self;

    /// The network with parameters drawn from this seed as the layers declare it.
    fn with_seed(seed: u64) -> Self {
        Self::from_tensors(Tensors::draw(Self::layers(), seed))
    }

    /// The output for a batch of inputs, in inference.
    ///
    /// # Errors
    /// A wrong shape, no example, an input or parameter that is not finite, an output that leaves the range of `T`;
    /// [`Error::Threads`] where the environment variable `NETDSL_NUM_THREADS` says no number of threads.
    fn predict<X: Examples<T, Self::Input> + ?Sized>(&self, input: &X) -> Result<Output<T, Self>, Error> {
        self.forward(input, Mode::Inference)
    }

    /// The output for a batch of inputs.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    fn forward<X: Examples<T, Self::Input> + ?Sized>(
        &self,
        input: &X,
        mode: Mode,
    ) -> Result<Output<T, Self>, Error> {
        let values = input.values(INPUT)?;
        let inputs = Inputs { values: &values, lengths: input.lengths() };
        let mut workspace = Workspace::new()?;
        let output = workspace.forward(self, inputs, mode.random().as_mut())?.to_vec();
        let examples = values.len() / Self::layers().sizes().input;
        let shape = Self::Output::batch(examples);
        let found = vec![output.len()];
        Array::from_shape_vec(shape, output).map_err(|_| Error::Shape {
            name: "output",
            found,
            expected: Self::Output::SIZES,
        })
    }

    /// The mean loss of a batch, in inference.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and where the targets are not such as the loss is defined for.
    fn loss<X, Y>(&self, input: &X, target: &Y) -> Result<f64, Error>
    where
        X: Examples<T, Self::Input> + ?Sized,
        Y: Examples<Target<T, Self>, <TargetsOf<T, Self> as TargetShape>::Shape<Self::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        let inputs = Inputs { values: &values, lengths: input.lengths() };
        check_pairs::<T, Self>(&values, &target)?;
        let mut workspace = Workspace::new()?;
        workspace.forward(self, inputs, None)?;
        workspace.loss::<Self>(Batch { inputs, targets: &target, weights: None })
    }

    /// The mean loss of a batch and its gradients, in training mode with seed 0; changes nothing.
    ///
    /// Gradients that do not fit `T` are no error here: their [norms](Gradients::norm) are exact all the same.
    ///
    /// # Errors
    /// As [`loss`](Self::loss).
    fn gradients<X, Y>(&self, input: &X, target: &Y) -> Result<Gradients<T>, Error>
    where
        X: Examples<T, Self::Input> + ?Sized,
        Y: Examples<Target<T, Self>, <TargetsOf<T, Self> as TargetShape>::Shape<Self::Output>> + ?Sized,
    {
        let (values, target) = (input.values(INPUT)?, target.values(TARGET)?);
        let inputs = Inputs { values: &values, lengths: input.lengths() };
        check_pairs::<T, Self>(&values, &target)?;
        let parameters = Self::parameters();
        let mut norms = vec![Norm::ZERO; parameters.len()];
        let mut workspace = Workspace::new()?;
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let batch = Batch { inputs, targets: &target, weights: None };
        let passed = workspace.backward(self, &parameters, batch, &mut random, &mut norms)?;
        Ok(Gradients::new(passed.loss, parameters, workspace.gradient, workspace.exponents, norms))
    }

    /// Name, shape and place of each parameter, in the order of the declaration.
    fn parameters() -> Vec<ParameterRange> {
        ParameterRange::of(Self::layers().parameters())
    }

    /// The parameter of that name.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`]
    fn parameter(&self, name: &str) -> Result<ArrayViewD<'_, T>, Error> {
        self.tensors().check(Self::layers())?;
        let parameter = find(Self::parameters(), name)?;
        let values = &self.tensors().parameters()[parameter.range];
        Ok(ArrayViewD::from_shape(IxDyn(&parameter.shape), values)
            .expect("the range is as long as the shape says"))
    }

    /// The parameter of that name, to be changed.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`]
    fn parameter_mut(&mut self, name: &str) -> Result<ArrayViewMutD<'_, T>, Error> {
        self.tensors().check(Self::layers())?;
        let parameter = find(Self::parameters(), name)?;
        let values = &mut self.tensors_mut().parameters_mut()[parameter.range];
        Ok(ArrayViewMutD::from_shape(IxDyn(&parameter.shape), values)
            .expect("the range is as long as the shape says"))
    }

    /// Writes the parameters and statistics to a file of safetensors, with PyTorch's names and layouts:
    /// `load_state_dict(strict=True)` of the equal PyTorch module takes it.
    ///
    /// The file is replaced as a whole, or stays what it was; its folder is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Checkpoint`], also where there is something at `path` that is no file.
    fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        self.tensors().check(Self::layers())?;
        let mut file = Container::new(Self::NAME);
        write_network::<T, Self>(self.tensors(), "", &mut file);
        file.write(path).map_err(Error::checkpoint(path))
    }

    /// The network with the parameters and statistics of a file: of [`save`](Self::save), of a checkpoint, or of a
    /// `state_dict` of the equal PyTorch module that `safetensors.torch.save_file` has written.
    ///
    /// # Errors
    /// [`Error::Checkpoint`], where the file can't be read, is no file but a device or the like, is damaged, or is not of this network.
    fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = Container::read(path).map_err(Error::checkpoint(path))?;
        let prefix = if file.training.is_some() { NETWORK } else { "" };
        let tensors = read_network::<T, Self>(&file, prefix).map_err(Error::checkpoint(path))?;
        Ok(Self::from_tensors(tensors))
    }

    /// The layers with their shapes and parameter counts, and what the compiler forecast of them.
    fn summary(&self) -> Summary {
        Summary::new(Self::NAME, Self::Input::SIZES, Self::layers(), Self::forecast())
    }
}

/// What messages call the two.
pub(crate) const INPUT: &str = "input";
pub(crate) const TARGET: &str = "target";

/// The number of examples, where there are as many inputs as targets, and all of them can be used.
pub(crate) fn check_pairs<T: Element, N: Network<T>>(
    input: &[T],
    target: &[Target<T, N>],
) -> Result<usize, Error> {
    let output = N::layers().output();
    let inputs = input.len() / N::layers().sizes().input;
    let targets = target.len() / TargetsOf::<T, N>::count(output);
    if inputs != targets {
        return Err(Error::Count { inputs, targets });
    }
    N::declared_loss().check(output, inputs, target)?;
    Ok(inputs)
}

fn find(parameters: Vec<ParameterRange>, name: &str) -> Result<ParameterRange, Error> {
    if let Some(found) = parameters.iter().find(|parameter| parameter.name == name) {
        return Ok(found.clone());
    }
    let known = parameters.iter().map(|parameter| parameter.name.as_str());
    Err(Error::UnknownParameter { name: name.into(), hint: what_there_is(name, known) })
}
