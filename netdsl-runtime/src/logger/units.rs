//! Units that do nothing.

use netdsl_layers::{Element, Layer, Layout, Shape};

/// The share of a layer's units that do nothing, over a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    /// Whose value is zero for every example and at every position: a rectifier that is below zero for all of them.
    pub dead: f64,
    /// The share of values at which the activation function is flat; none where it is not bounded.
    ///
    /// See [`Activation::flat_beyond`](netdsl_layers::Activation#method.flat_beyond).
    pub saturated: Option<f64>,
}

/// A layer with an activation function.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) name: String,
    shape: Shape,
    flat: Option<(f64, f64)>,
    /// How many values of each unit were not zero: a number that the compiler can add many of at once.
    alive: Vec<f32>,
}

fn one_unless_zero<T: Element>(value: T) -> f32 {
    if value == T::zero() { 0.0 } else { 1.0 }
}

impl Watched {
    /// The layers that have one, in their order.
    pub(crate) fn of(layers: &dyn Layer) -> Vec<Self> {
        let mut watched = Vec::new();
        layers.leaves("", &mut |path, layer| {
            let shape = layer.output();
            if let Some(activation) = layer.activation().filter(|activation| activation.name() != "Linear") {
                let (flat, alive) = (activation.flat_beyond(), vec![0.0; shape.width()]);
                watched.push(Self { name: path.into(), shape, flat, alive });
            }
        });
        watched
    }

    /// Looks at the outputs of a batch.
    pub(crate) fn measure<T: Element>(&mut self, values: &[T]) -> Units {
        self.alive.fill(0.0);
        let (width, positions) = (self.shape.width(), self.shape.positions());
        let mut saturated = 0;
        let (low, high) = self.flat.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let (low, high) = (T::from_f64(low), T::from_f64(high));
        for example in values.chunks_exact(self.shape.len()) {
            match self.shape.layout() {
                Layout::Channels => {
                    for (alive, channel) in self.alive.iter_mut().zip(example.chunks_exact(positions)) {
                        *alive += channel.iter().map(|value| one_unless_zero(*value)).sum::<f32>();
                    }
                }
                _ => {
                    for row in example.chunks_exact(width) {
                        for (alive, value) in self.alive.iter_mut().zip(row) {
                            *alive += one_unless_zero(*value);
                        }
                    }
                }
            }
            if self.flat.is_some() {
                let flat = |value: &T| u32::from(*value <= low) + u32::from(*value >= high);
                saturated += example.iter().map(flat).sum::<u32>() as usize;
            }
        }
        let dead = self.alive.iter().filter(|alive| **alive == 0.0).count() as f64 / width as f64;
        Units { dead, saturated: self.flat.map(|_| saturated as f64 / values.len() as f64) }
    }
}
