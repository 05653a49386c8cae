//! The matrix products of a step alone, back to back on buffers that are there.

use netdsl::layers::Matrix;
use netdsl_bench_step::workloads::{Product, Step, numbers};

use crate::measure::{Times, measure};

/// A library of matrix products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Library {
    /// The crate `gemm`.
    Gemm,
    /// The crate `matrixmultiply`, whose threads are set by `MATMUL_NUM_THREADS`.
    MatrixMultiply,
    /// The kernels of the step themselves.
    Netdsl,
}

/// The products of a step with their operands.
pub(crate) struct Products(Vec<(Product, [Vec<f32>; 3])>);

impl Products {
    /// Fills the operands.
    pub(crate) fn new(products: Vec<Product>) -> Self {
        let operands = |product: Product| {
            let Product { rows, inner, columns, .. } = product;
            (product, [numbers(rows * inner), numbers(inner * columns), vec![0.0; rows * columns]])
        };
        Self(products.into_iter().map(operands).collect())
    }

    /// Computes all of them.
    pub(crate) fn run(&mut self, library: Library, threads: usize) {
        for (product, [a, b, c]) in &mut self.0 {
            for _ in 0..product.times {
                multiply(library, threads, product, a, b, c);
            }
        }
    }
}

/// The least time of the products by the better of the two libraries.
pub(crate) struct Limit {
    pub(crate) library: &'static str,
    pub(crate) microseconds: f64,
}

/// Times a step, and in turns with it its products by both libraries.
pub(crate) fn step_and_limit(
    mut step: Step,
    products: Vec<Product>,
    threads: usize,
    turns: usize,
) -> (Times, Limit) {
    let mut gemm = Products::new(products.clone());
    let mut other = Products::new(products);
    let times = measure(
        &mut [
            &mut || {
                std::hint::black_box(step());
            },
            &mut || gemm.run(Library::Gemm, threads),
            &mut || other.run(Library::MatrixMultiply, threads),
        ],
        turns,
    );
    let [step, gemm, other]: [Times; 3] = times.try_into().expect("three are measured");
    let (library, microseconds) =
        if gemm.min < other.min { ("gemm", gemm.min) } else { ("matrixmultiply", other.min) };
    (step, Limit { library, microseconds })
}

#[allow(unsafe_code, reason = "both libraries take pointers")]
fn multiply(library: Library, threads: usize, product: &Product, a: &[f32], b: &[f32], c: &mut [f32]) {
    let Product { rows, inner, columns, transposed, .. } = *product;
    assert!(a.len() == rows * inner && b.len() == inner * columns && c.len() == rows * columns);
    // The distances from row to row and from column to column.
    let strides = |transposed, rows: usize, columns: usize| match transposed {
        true => (1, rows as isize),
        false => (columns as isize, 1),
    };
    let (a_row, a_column) = strides(transposed[0], rows, inner);
    let (b_row, b_column) = strides(transposed[1], inner, columns);
    let (a_at, b_at, c_at) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
    match library {
        // SAFETY: the slices have as many values as the sizes and strides reach, and `c` is borrowed alone.
        Library::Gemm => unsafe {
            let threads =
                if threads == 1 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(threads) };
            let (m, n, k) = (rows, columns, inner);
            gemm::gemm(
                m, n, k, c_at, 1, n as isize, false, a_at, a_column, a_row, b_at, b_column, b_row, 0.0, 1.0,
                false, false, false, threads,
            );
        },
        // SAFETY: the same.
        Library::MatrixMultiply => unsafe {
            let (m, k, n) = (rows, inner, columns);
            matrixmultiply::sgemm(
                m, k, n, 1.0, a_at, a_row, a_column, b_at, b_row, b_column, 0.0, c_at, n as isize, 1,
            );
        },
        Library::Netdsl => {
            let matrix = |values, transposed, rows, columns| match transposed {
                true => Matrix::new(values, columns, rows).transpose(),
                false => Matrix::new(values, rows, columns),
            };
            let (a, b) = (matrix(a, transposed[0], rows, inner), matrix(b, transposed[1], inner, columns));
            netdsl::layers::product(a, b, 0.0, c);
        }
    }
}
