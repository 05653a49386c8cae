//! The nearest orthogonal matrix.

use std::sync::{Mutex, PoisonError};

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::kernel::transpose;
use crate::optimizer::{Memory, Part, State, Transform};
use crate::parameter::ParameterRange;
use crate::product::{Matrix, product};
use crate::transforms::norm;

/// Brings the singular values of a weight's update near one, and scales it to a root mean square of about `size`:
/// `x = u / (‖u‖ + ε)`, then `iterations` times `x ← a x + (b A + c A²) x` with `A = x xᵀ`, and
/// `u = size sqrt(max(rows, columns)) x`. A weight of more axes is a matrix with a row for each unit.
///
/// Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", has the iteration; Liu et al. 2025,
/// "Muon is Scalable for LLM Training", section 2.2, the scale.
#[derive(Debug)]
pub struct Orthogonal<T> {
    polynomial: [f64; 3],
    epsilon: f64,
    iterations: usize,
    size: f64,
    scratch: Mutex<Vec<T>>,
}

impl<T: Element> Orthogonal<T> {
    /// With `polynomial` and `epsilon` for `[a, b, c]` and `ε`.
    pub fn new(polynomial: [f64; 3], epsilon: f64, iterations: usize, size: f64) -> Self {
        Self { polynomial, epsilon, iterations, size, scratch: Mutex::default() }
    }
}

impl<T: Element> Transform<T> for Orthogonal<T> {
    fn memory(&self, _tensor: &ParameterRange) -> Vec<Memory> {
        Vec::new()
    }

    fn whole_tensors(&self) -> bool {
        true
    }

    fn check(&self) -> Result<(), SettingError> {
        self.polynomial.iter().try_for_each(|factor| Interval::FINITE.check("polynomial", *factor))?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)?;
        Interval::POSITIVE.check("size", self.size)
    }

    fn apply(&self, part: &Part<'_, T>, _state: State<'_, T>, update: &mut [T]) {
        let Some((rows, columns)) = part.tensor.matrix() else { return };
        let (short, long, len) = (rows.min(columns), rows.max(columns), update.len());
        if len == 0 {
            return;
        }
        let needed = 2 * len + 2 * short * short;
        // Whatever a thread that panicked has left there is overwritten.
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        if scratch.len() < needed {
            scratch.resize(needed, T::zero());
        }
        let (mut x, rest) = scratch.split_at_mut(len);
        let (mut next, rest) = rest.split_at_mut(len);
        let (squares, rest) = rest.split_at_mut(short * short);
        let fourths = &mut rest[..short * short];
        // The products are smallest with the shorter side in front.
        if rows > columns {
            transpose(update, columns, x)
        } else {
            x.copy_from_slice(update)
        }
        let factor = T::from_f64(1.0 / (norm(update) + self.epsilon));
        x.iter_mut().for_each(|value| *value *= factor);
        let [a, b, c] = self.polynomial.map(T::from_f64);
        for _ in 0..self.iterations {
            let matrix = Matrix::new(x, short, long);
            product(matrix, matrix.transpose(), T::zero(), squares);
            let square = Matrix::new(squares, short, short);
            product(square, square, T::zero(), fourths);
            for (fourth, square) in fourths.iter_mut().zip(&*squares) {
                *fourth = b * *square + c * *fourth;
            }
            next.copy_from_slice(x);
            product(Matrix::new(fourths, short, short), Matrix::new(x, short, long), a, next);
            std::mem::swap(&mut x, &mut next);
        }
        if rows > columns {
            transpose(x, rows, update)
        } else {
            update.copy_from_slice(x)
        }
        let factor = T::from_f64(self.size * (long as f64).sqrt());
        update.iter_mut().for_each(|value| *value *= factor);
    }
}
