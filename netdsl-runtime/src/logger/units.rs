//! Units that do nothing.

use netdsl_layers::{Element, Layer, Layout, Shape, vectorised};

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
    /// Whether a value of each unit was not zero, as 1: a number of the width of a value, so that a register has many of both.
    alive: Vec<u32>,
}

#[inline(always)]
fn not_zero<T: Element>(value: &T) -> u32 {
    u32::from(*value != T::zero())
}

/// Marks the units that are not zero for an example or position.
#[inline(always)]
fn mark<T: Element>(alive: &mut [u32], values: &[T], shape: &Shape) {
    match shape.layout() {
        Layout::Channels => {
            for example in values.chunks_exact(shape.len()) {
                for (alive, channel) in alive.iter_mut().zip(example.chunks_exact(shape.positions())) {
                    *alive |= channel.iter().map(not_zero).fold(0, |some, value| some | value);
                }
            }
        }
        _ => {
            for row in values.chunks_exact(alive.len()) {
                for (alive, value) in alive.iter_mut().zip(row) {
                    *alive |= not_zero(value);
                }
            }
        }
    }
}

/// How many values are not between these.
#[inline(always)]
fn beyond<T: Element>(values: &[T], (low, high): (f64, f64)) -> usize {
    /// A part whose count the compiler can keep in registers of 32 bits.
    const PART: usize = 1 << 16;
    let (low, high) = (T::from_f64(low), T::from_f64(high));
    let count =
        |part: &[T]| part.iter().map(|value| u32::from((*value <= low) | (*value >= high))).sum::<u32>();
    values.chunks(PART).map(|part| count(part) as usize).sum()
}

impl Watched {
    /// The layers that have one, in their order.
    pub(crate) fn of(layers: &dyn Layer) -> Vec<Self> {
        let mut watched = Vec::new();
        layers.leaves("", &mut |path, layer| {
            let shape = layer.output();
            if let Some(activation) = layer.activation().filter(|activation| activation.name() != "Linear") {
                let (flat, alive) = (activation.flat_beyond(), vec![0; shape.width()]);
                watched.push(Self { name: path.into(), shape, flat, alive });
            }
        });
        watched
    }

    /// Looks at the outputs of a batch.
    pub(crate) fn measure<T: Element>(&mut self, values: &[T]) -> Units {
        let Self { shape, flat, alive, .. } = self;
        alive.fill(0);
        let saturated = vectorised(
            #[inline(always)]
            || {
                mark(alive, values, shape);
                flat.map(|flat| beyond(values, flat) as f64 / values.len() as f64)
            },
        );
        let dead = alive.iter().filter(|alive| **alive == 0).count() as f64 / alive.len() as f64;
        Units { dead, saturated }
    }
}

/// The units of these layers, at the outputs that are shown one after the other.
pub(crate) fn measure_units<T: Element>(
    watched: &mut [Watched],
    outputs: impl FnOnce(&mut dyn FnMut(&str, &[T])),
) -> Vec<Units> {
    let mut units = Vec::with_capacity(watched.len());
    let mut rest = watched.iter_mut().peekable();
    outputs(&mut |path, values| {
        if let Some(layer) = rest.next_if(|layer| layer.name == path) {
            units.push(layer.measure(values));
        }
    });
    units
}

#[cfg(test)]
mod tests {
    use netdsl_layers::{Activate, Relu, Shape, Tanh, on_all_registers};

    use super::Watched;

    /// Zeros of both signs, what is hardly there, beyond all bounds or no number, one beside the other, for units of any
    /// number.
    #[test]
    fn are_counted_as_plain_loops_do() {
        let some =
            [0.0, -0.0, f32::from_bits(3), 0.999_95, -1.0, 0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        for width in [1, 3, 4, 5, 15, 16, 17, 33, 100] {
            for shape in [Shape::features(width), Shape::sequence(3, width), Shape::signal(width, 3)] {
                let examples = 5;
                // Every third unit is dead.
                let unit = |index: usize| match shape == Shape::signal(width, 3) {
                    true => index / 3 % width,
                    false => index % width,
                };
                let value = |index| match unit(index) % 3 {
                    2 => [0.0, -0.0][index % 2],
                    _ => some[(index * 7 + index / width) % some.len()],
                };
                let values: Vec<f32> = (0..examples * shape.len()).map(value).collect();

                let alive = |of: usize| {
                    values.iter().enumerate().any(|(index, value)| unit(index) == of && *value != 0.0)
                };
                let dead = (0..width).filter(|unit| !alive(*unit)).count() as f64 / width as f64;
                let flat = 5f64.tanh() as f32;
                let beyond = values.iter().filter(|value| **value <= -flat || **value >= flat).count();
                let saturated = beyond as f64 / values.len() as f64;

                let bounded = &mut Watched::of(&Activate { activation: Tanh, input: shape })[0];
                let unbounded = &mut Watched::of(&Activate { activation: Relu, input: shape })[0];
                for (registers, units) in on_all_registers(|| bounded.measure(&values)) {
                    assert_eq!(
                        (units.dead, units.saturated),
                        (dead, Some(saturated)),
                        "{shape:?} on {registers}"
                    );
                }
                for (registers, units) in on_all_registers(|| unbounded.measure(&values)) {
                    assert_eq!((units.dead, units.saturated), (dead, None), "{shape:?} on {registers}");
                }
            }
        }
    }
}
