//! Values around zero.

use ndarray::{Array, ArrayBase, Axis, Data, Dimension, RemoveAxis};
use netdsl_layers::Element;

use super::DataError;

/// `x ← (x - mean) / standard deviation`, with the mean and the standard deviation of each value over examples; a value that
/// is always the same becomes zero.
///
/// ```
/// use ndarray::array;
/// use netdsl_runtime::data::Normaliser;
///
/// let train = array![[1.0f32, 5.0], [3.0, 5.0]];
/// let normaliser = Normaliser::fit(&train)?;
/// assert_eq!(normaliser.apply(&train)?, array![[-1.0, 0.0], [1.0, 0.0]]);
/// assert_eq!(normaliser.apply(&array![[5.0, 6.0]])?, array![[3.0, 1.0]]);
/// assert_eq!(normaliser.undo(&array![[3.0, 1.0]])?, array![[5.0, 6.0]]);
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normaliser {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Normaliser {
    /// That of these examples, the first axis of which they are.
    ///
    /// # Errors
    /// [`DataError::Examples`] where there is none, [`DataError::Value`] where a value is not finite.
    pub fn fit<T, S, D>(examples: &ArrayBase<S, D>) -> Result<Self, DataError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension + RemoveAxis,
    {
        let count = examples.len_of(Axis(0));
        if count == 0 {
            return Err(DataError::Examples { found: 0, expected: 1 });
        }
        for (row, example) in examples.axis_iter(Axis(0)).enumerate() {
            let wrong = example.iter().enumerate().find(|(_, value)| !value.is_finite());
            if let Some((column, value)) = wrong {
                return Err(DataError::Value { row, column, value: Element::to_f64(*value) });
            }
        }
        let width = examples.len() / count;
        let mut means = vec![0.0; width];
        for example in examples.axis_iter(Axis(0)) {
            means
                .iter_mut()
                .zip(&example)
                .for_each(|(mean, value)| *mean += (*value).to_f64() / count as f64);
        }
        let mut deviations = vec![0.0; width];
        for example in examples.axis_iter(Axis(0)) {
            for ((square, mean), value) in deviations.iter_mut().zip(&means).zip(&example) {
                *square += ((*value).to_f64() - mean).powi(2) / count as f64;
            }
        }
        // A spread that is all rounding of the mean is none.
        for (deviation, mean) in deviations.iter_mut().zip(&means) {
            let root = deviation.sqrt();
            *deviation = if root > 1e-12 * mean.abs() { root } else { 1.0 };
        }
        Ok(Self { means, deviations })
    }

    /// The examples, normalised.
    ///
    /// # Errors
    /// [`DataError::Width`] where they have not as many values as those that this was made from.
    pub fn apply<T, S, D>(&self, examples: &ArrayBase<S, D>) -> Result<Array<T, D>, DataError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension + RemoveAxis,
    {
        self.map(examples, |value, mean, deviation| (value - mean) / deviation)
    }

    /// The reverse of [`apply`](Self::apply).
    ///
    /// # Errors
    /// As there.
    pub fn undo<T, S, D>(&self, examples: &ArrayBase<S, D>) -> Result<Array<T, D>, DataError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension + RemoveAxis,
    {
        self.map(examples, |value, mean, deviation| value * deviation + mean)
    }

    fn map<T, S, D>(
        &self,
        examples: &ArrayBase<S, D>,
        of: impl Fn(f64, f64, f64) -> f64,
    ) -> Result<Array<T, D>, DataError>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension + RemoveAxis,
    {
        let mut values = examples.to_owned();
        for mut example in values.axis_iter_mut(Axis(0)) {
            if example.len() != self.means.len() {
                return Err(DataError::Width { found: example.len(), expected: self.means.len() });
            }
            for ((value, mean), deviation) in example.iter_mut().zip(&self.means).zip(&self.deviations) {
                *value = T::from_f64(of((*value).to_f64(), *mean, *deviation));
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, array};

    use super::Normaliser;

    #[test]
    fn what_is_not_finite_is_named() {
        let message = |result: Result<Normaliser, super::DataError>| result.unwrap_err().to_string();
        let expected = "row 1, column 0 of the examples is NaN, expected a finite number (counted from 0)";
        assert_eq!(message(Normaliser::fit(&array![[1.0f32, 2.0], [f32::NAN, 3.0]])), expected);
        let mut images = Array3::<f64>::zeros((2, 3, 4));
        images[[1, 2, 3]] = f64::NEG_INFINITY;
        assert!(message(Normaliser::fit(&images)).starts_with("row 1, column 11 of the examples is -inf"));
        let none = ndarray::Array2::<f32>::zeros((0, 2));
        assert_eq!(message(Normaliser::fit(&none)), "there are 0 examples, expected at least 1");
    }
}
