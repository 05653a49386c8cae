//! The matrix products of the kernels.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::element::Element;

/// A matrix in a slice, row-major, or its transpose.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T: Element> Matrix<'a, T> {
    /// `rows × columns`, row-major.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Self {
        debug_assert_eq!(values.len(), rows * columns);
        Self { values, rows, columns, transposed: false }
    }

    /// The transpose, without moving a value.
    #[must_use]
    pub fn transpose(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    fn view(self) -> ArrayView2<'a, T> {
        let shape = (self.rows, self.columns);
        let view = ArrayView2::from_shape(shape.strides((self.columns, 1)), self.values)
            .expect("`new` takes slices of rows × columns values");
        if self.transposed { view.reversed_axes() } else { view }
    }
}

/// `c = a b + beta c`, where `c` is row-major.
pub fn product<T: Element>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, c: &mut [T]) {
    let (a, b) = (a.view(), b.view());
    let mut c = ArrayViewMut2::from_shape((a.nrows(), b.ncols()), c).expect("the caller sizes the product");
    general_mat_mul(T::one(), &a, &b, beta, &mut c);
}
