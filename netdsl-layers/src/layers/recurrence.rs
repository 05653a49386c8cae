//! What the recurrent layers share.

use crate::shape::Shape;

/// The shape of the states of `units` values behind an input `[time, features]`.
pub(super) fn output(input: Shape, units: usize, return_sequences: bool) -> Shape {
    if return_sequences { Shape::sequence(input.positions(), units) } else { Shape::features(units) }
}

#[cfg(feature = "kernels")]
pub(super) use kernels::Steps;

#[cfg(feature = "kernels")]
mod kernels {
    use crate::element::Element;
    use crate::kernel::{normalise, scale_by_power};
    use crate::lanes::vectorised;
    use crate::product::{Matrix, Packed, packed_len, product, product_with_packed};

    /// The sizes of a recurrence over a batch.
    ///
    /// Within the layer the values lie step after step, `time × batch × width`, so that a step is one slice and all steps
    /// are one matrix.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::layers) struct Steps<'a> {
        pub(in crate::layers) batch: usize,
        /// The number of steps of each example that are no padding, if there is any.
        pub(in crate::layers) lengths: Option<&'a [usize]>,
        pub(in crate::layers) time: usize,
        pub(in crate::layers) features: usize,
        pub(in crate::layers) units: usize,
        /// The number of rows of the weights.
        pub(in crate::layers) gates: usize,
        pub(in crate::layers) return_sequences: bool,
    }

    /// Exchanges the first two axes of `rows × columns × width`.
    fn exchange<T: Copy>(from: &[T], rows: usize, columns: usize, width: usize, into: &mut [T]) {
        for row in 0..rows {
            for column in 0..columns {
                let from = &from[(row * columns + column) * width..][..width];
                into[(column * rows + row) * width..][..width].copy_from_slice(from);
            }
        }
    }

    impl<'l> Steps<'l> {
        /// The number of values of the input.
        pub(in crate::layers) fn inputs(&self) -> usize {
            self.batch * self.time * self.features
        }

        /// The number of values of a state.
        pub(in crate::layers) fn state(&self) -> usize {
            self.batch * self.units
        }

        /// The number of values of all states.
        pub(in crate::layers) fn states(&self) -> usize {
            self.time * self.state()
        }

        /// What [`way_back_from`](Self::way_back_from) needs: the exponent of each step, and the gradient of the input.
        pub(in crate::layers) fn way_back(&self) -> usize {
            self.time + self.inputs()
        }

        /// How much room the packed weights of the input and of the state need.
        pub(in crate::layers) fn packed(&self) -> usize {
            packed_len(self.features, self.gates) + packed_len(self.units, self.gates)
        }

        /// Brings the weights of the input and of the state into order, once for all steps.
        pub(in crate::layers) fn pack<'a, T: Element>(
            &self,
            weight: &[T],
            recurrent: &[T],
            room: &'a mut [T],
        ) -> [Packed<'a, T>; 2] {
            let (room, recurrent_room) = room.split_at_mut(packed_len(self.features, self.gates));
            let matrix = |values, width| Matrix::new(values, self.gates, width).transpose();
            [
                Packed::new(matrix(weight, self.features), room),
                Packed::new(matrix(recurrent, self.units), recurrent_room),
            ]
        }

        /// Writes the input step after step.
        pub(in crate::layers) fn by_steps<T: Copy>(&self, input: &[T], inputs: &mut [T]) {
            exchange(input, self.batch, self.time, self.features, inputs);
        }

        /// The products with the input of a step, with the bias if there is one.
        pub(in crate::layers) fn input_products<T: Element>(
            &self,
            step: usize,
            inputs: &[T],
            weight: Packed<'_, T>,
            bias: &[T],
            products: &mut [T],
        ) {
            let beta = if bias.is_empty() {
                T::zero()
            } else {
                products.chunks_exact_mut(self.gates).for_each(|row| row.copy_from_slice(bias));
                T::one()
            };
            let len = self.batch * self.features;
            let inputs = Matrix::new(&inputs[step * len..][..len], self.batch, self.features);
            product_with_packed(inputs, weight, beta, products);
        }

        /// Adds the products with the state of the step before, which is zero for the first.
        pub(in crate::layers) fn add_state_products<T: Element>(
            &self,
            before: Option<&[T]>,
            recurrent: Packed<'_, T>,
            products: &mut [T],
        ) {
            if let Some(before) = before {
                let before = Matrix::new(before, self.batch, self.units);
                product_with_packed(before, recurrent, T::one(), products);
            }
        }

        /// How much room the packed weight of the state needs on the way back.
        pub(in crate::layers) fn packed_back(&self) -> usize {
            packed_len(self.gates, self.units)
        }

        /// Brings the weight of the state into order for the way back.
        pub(in crate::layers) fn pack_back<'a, T: Element>(
            &self,
            recurrent: &[T],
            room: &'a mut [T],
        ) -> Packed<'a, T> {
            Packed::new(Matrix::new(recurrent, self.gates, self.units), room)
        }

        /// How many steps of an example are no padding.
        fn length(&self, example: usize) -> usize {
            self.lengths.map_or(self.time, |lengths| lengths[example])
        }

        /// Carries the state of the examples that have ended through this step.
        pub(in crate::layers) fn carry<T: Copy>(&self, step: usize, states: &mut [T]) {
            for (example, length) in self.lengths.into_iter().flatten().enumerate() {
                if step >= *length {
                    let now = step * self.state() + example * self.units;
                    let before = now - self.state();
                    states.copy_within(before..before + self.units, now);
                }
            }
        }

        /// The output that the states make.
        pub(in crate::layers) fn emit<T: Copy>(&self, states: &[T], output: &mut [T]) {
            if self.return_sequences {
                exchange(states, self.time, self.batch, self.units, output);
            } else {
                output.copy_from_slice(&states[(self.time - 1) * self.state()..]);
            }
        }

        /// Starts the way back through time. What is carried from step to step starts at zero; its first part is the
        /// gradient of the state.
        pub(in crate::layers) fn way_back_from<'a, T: Element>(
            &self,
            exponent: i32,
            rescale: bool,
            carried: &'a mut [T],
            scratch: &'a mut [T],
        ) -> WayBack<'a, 'l, T> {
            let (exponents, scratch) = scratch.split_at_mut(self.time);
            carried.fill(T::zero());
            WayBack { steps: *self, start: exponent, exponent, rescale, carried, exponents, scratch }
        }

        /// The gradients of the weight of the input and of the input.
        pub(in crate::layers) fn input_gradients<T: Element>(
            &self,
            deltas: &[T],
            inputs: &[T],
            weight: &[T],
            weight_gradient: &mut [T],
            input_gradient: Option<&mut [T]>,
            scratch: &mut [T],
        ) {
            let rows = self.time * self.batch;
            let deltas = Matrix::new(deltas, rows, self.gates);
            product(deltas.transpose(), Matrix::new(inputs, rows, self.features), T::zero(), weight_gradient);
            if let Some(input_gradient) = input_gradient {
                let scratch = &mut scratch[..self.inputs()];
                product(deltas, Matrix::new(weight, self.gates, self.features), T::zero(), scratch);
                exchange(scratch, self.time, self.batch, self.features, input_gradient);
            }
        }

        /// The gradient of the weight of the state; the state before the first step is zero.
        pub(in crate::layers) fn recurrent_gradient<T: Element>(
            &self,
            deltas: &[T],
            states: &[T],
            recurrent_gradient: &mut [T],
        ) {
            if self.time == 1 {
                recurrent_gradient.fill(T::zero());
                return;
            }
            let rows = (self.time - 1) * self.batch;
            let deltas = Matrix::new(&deltas[self.batch * self.gates..], rows, self.gates);
            let states = Matrix::new(&states[..rows * self.units], rows, self.units);
            product(deltas.transpose(), states, T::zero(), recurrent_gradient);
        }

        /// The gradient of a bias, if there is one.
        pub(in crate::layers) fn bias_gradient<T: Element>(&self, deltas: &[T], bias_gradient: &mut [T]) {
            bias_gradient.fill(T::zero());
            vectorised(
                #[inline(always)]
                || {
                    for row in deltas.chunks_exact(self.gates) {
                        for (sum, value) in bias_gradient.iter_mut().zip(row) {
                            *sum += *value;
                        }
                    }
                },
            );
        }
    }

    /// The way back through time, on which the gradient keeps its scale as a power of two for each step.
    pub(in crate::layers) struct WayBack<'a, 'l, T> {
        steps: Steps<'l>,
        /// The exponent of the gradient at the output.
        start: i32,
        exponent: i32,
        rescale: bool,
        /// What is carried to the step before; the gradient of the state first.
        pub(in crate::layers) carried: &'a mut [T],
        exponents: &'a mut [T],
        scratch: &'a mut [T],
    }

    impl<'a, T: Element> WayBack<'a, '_, T> {
        /// Adds what arrives from the output at this step. The outputs behind the end of an example are its last state.
        pub(in crate::layers) fn arrive(&mut self, step: usize, gradient: &[T]) {
            let steps = self.steps;
            let Steps { batch, time, units, return_sequences, .. } = steps;
            let rows = |example: usize| {
                let (start, ends) = (example * time, step + 1 == steps.length(example));
                match return_sequences {
                    true if ends => start + step..start + time,
                    true if step < steps.length(example) => start + step..start + step + 1,
                    false if ends => example..example + 1,
                    _ => 0..0,
                }
            };
            if (0..batch).any(|example| !rows(example).is_empty()) {
                let exponent = self.exponent.max(self.start);
                scale_by_power(self.carried, self.exponent - exponent);
                self.exponent = exponent;
                let (half, rest) = ((self.start - exponent) / 2, (self.start - exponent) % 2);
                let two = T::from_f64(2.0);
                let (first, second) = (two.powi(half), two.powi(half + rest));
                for example in 0..batch {
                    let into = &mut self.carried[example * units..][..units];
                    for row in rows(example) {
                        for (sum, value) in into.iter_mut().zip(&gradient[row * units..][..units]) {
                            *sum += *value * first * second;
                        }
                    }
                }
            }
            self.exponents[step] = T::from_f64(f64::from(self.exponent));
        }

        /// Brings what is carried into the middle of the range.
        pub(in crate::layers) fn rescale(&mut self) {
            if self.rescale {
                self.exponent += normalise(self.carried);
            }
        }

        /// Brings the gradients of all steps to one exponent, the largest, and returns it with the room that is left.
        pub(in crate::layers) fn align(self, deltas: &mut [&mut [T]]) -> (i32, &'a mut [T]) {
            let exponent = |step: T| Element::to_f64(step) as i32;
            let largest = self.exponents.iter().map(|step| exponent(*step)).max().unwrap_or(self.start);
            for deltas in deltas {
                let len = deltas.len() / self.steps.time;
                for (deltas, step) in deltas.chunks_exact_mut(len).zip(&*self.exponents) {
                    scale_by_power(deltas, exponent(*step) - largest);
                }
            }
            (largest, self.scratch)
        }
    }
}
