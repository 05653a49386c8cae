//! Classes as vectors.

use ndarray::Array2;
use netdsl_layers::Element;

use super::DataError;

/// A row for each class, with a one in its place and zeros elsewhere.
///
/// # Errors
/// [`DataError::Class`] where a class is not below `classes`.
///
/// ```
/// let rows = netdsl_runtime::data::one_hot::<f32>(&[2, 0], 3)?;
/// assert_eq!(rows, ndarray::array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
pub fn one_hot<T: Element>(found: &[usize], classes: usize) -> Result<Array2<T>, DataError> {
    let mut rows = Array2::zeros((found.len(), classes));
    for (index, class) in found.iter().enumerate() {
        let place = rows.get_mut([index, *class]);
        *place.ok_or(DataError::Class { index, class: *class, classes })? = T::one();
    }
    Ok(rows)
}
