//! A layer with a name of its own.

use crate::activation::Activation;
use crate::expression::{Expression, ROOT};
use crate::layer::{Layer, MixesSteps, below};
use crate::moments::{NotForecastable, Propagated, Signal};
use crate::parameter::{Parameter, Sizes};
use crate::shape::Shape;
use crate::stored::Stored;

/// A layer below a name: it puts the name before the paths of its parameters and is transparent otherwise.
///
/// `N` is a `String` where a declaration is resolved and a `&'static str` where it is expanded.
#[derive(Clone, Copy, Debug)]
pub struct Named<L, N = &'static str> {
    /// The layer.
    pub layer: L,
    /// The name.
    pub name: N,
}

impl<L: Layer, N: AsRef<str>> Expression for Named<L, N> {
    fn type_expression(&self) -> String {
        format!("{ROOT}::Named<{}>", self.layer.type_expression())
    }

    fn value_expression(&self) -> String {
        format!(
            "{ROOT}::Named {{ layer: {}, name: {:?} }}",
            self.layer.value_expression(),
            self.name.as_ref()
        )
    }
}

impl<L: Layer, N: AsRef<str> + std::fmt::Debug + Send + Sync> Layer for Named<L, N> {
    fn kind(&self) -> &'static str {
        self.layer.kind()
    }

    fn output(&self) -> Shape {
        self.layer.output()
    }

    #[inline]
    fn sizes(&self) -> Sizes {
        self.layer.sizes()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.layer.parameters().into_iter().map(|parameter| parameter.below(self.name.as_ref())).collect()
    }

    fn statistics(&self) -> Vec<Parameter> {
        self.layer.statistics().into_iter().map(|statistic| statistic.below(self.name.as_ref())).collect()
    }

    fn keeps_steps(&self) -> Result<bool, MixesSteps> {
        self.layer.keeps_steps().map_err(|error| error.below(self.name.as_ref()))
    }

    fn leaves(&self, path: &str, visit: &mut dyn FnMut(&str, &dyn Layer)) {
        self.layer.leaves(&below(path, self.name.as_ref()), visit);
    }

    fn activation(&self) -> Option<&dyn Activation> {
        None
    }

    fn stored(&self) -> Vec<Stored> {
        Stored::own(self)
    }

    fn propagate<'a>(&'a self, signal: &Signal<'a>) -> Result<Propagated<'a>, NotForecastable> {
        self.layer.propagate(signal)
    }
}

#[cfg(feature = "kernels")]
mod kernels {
    use super::Named;
    use crate::element::Element;
    use crate::kernel::{Backward, Forward, Kernel};
    use crate::layer::Layer;

    impl<T: Element, L: Kernel<T>, N: AsRef<str>> Kernel<T> for Named<L, N>
    where
        Self: Layer,
    {
        fn saved_len(&self, batch: usize) -> usize {
            self.layer.saved_len(batch)
        }

        fn scratch_len(&self, batch: usize) -> usize {
            self.layer.scratch_len(batch)
        }

        fn refuse(&self, value: T) -> Option<String> {
            self.layer.refuse(value)
        }

        fn forward(&self, pass: Forward<'_, T>) {
            self.layer.forward(pass);
        }

        fn backward(&self, pass: &mut Backward<'_, T>) {
            self.layer.backward(pass);
        }

        fn outputs(
            &self,
            path: &str,
            batch: usize,
            saved: &[T],
            output: &[T],
            visit: &mut dyn FnMut(&str, &[T]),
        ) {
            let path = crate::layer::below(path, self.name.as_ref());
            self.layer.outputs(&path, batch, saved, output, visit);
        }

        fn update_statistics(&self, batch: usize, saved: &[T], statistics: &mut [T]) {
            self.layer.update_statistics(batch, saved, statistics);
        }
    }
}
