//! The matrix products of the kernels.
//!
//! Each value of a product is a chain of fused multiply-adds along the inner axis, in blocks whose length is a constant: the
//! bits depend neither on the width of the registers, nor on where in the matrix the value stands, nor on what the other
//! rows and columns are. A processor without fused multiply-adds computes the same, slowly.
//!
//! The scheme is that of Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication": tiles of the
//! result stay in registers, and operands are brought into an order in which they are read one after the other. What is
//! small is read where it lies.

mod pack;
#[cfg(test)]
mod properties;
mod tile;
mod transpose;

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::element::Element;
use crate::lanes::{Room, lanes};
use crate::registers::dispatch;
use crate::threads::{Work, work};
use crate::tile::{VECTORS, height_of, most_rows};
use tile::Part;

/// How much of the inner axis is summed up in registers before it goes to memory.
const INNER: usize = 512;

/// How many multiplications a product has at least to be worth a second thread: some 150 microseconds of one, of which
/// waking another takes a share.
const LEAST_MULTIPLICATIONS: usize = 1 << 24;

/// How many rows a thread has at least, so that packing the right side, which each does for itself, stays a small share.
const LEAST_ROWS: usize = 64;

/// How many rows are packed at once: for each time the right side is packed again.
const ROWS: usize = 256;

/// A matrix in a slice, row-major, or its transpose.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    values: Strided<'a, T>,
    rows: usize,
    columns: usize,
}

impl<'a, T: Element> Matrix<'a, T> {
    /// `rows × columns`, row-major.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix of {rows} × {columns} values");
        Self { values: Strided::packed(values, columns), rows, columns }
    }

    /// The transpose, without moving a value.
    #[must_use]
    pub fn transpose(self) -> Self {
        let Strided { values, row, column } = self.values;
        Self { values: Strided { values, row: column, column: row }, rows: self.columns, columns: self.rows }
    }

    /// Some of the rows.
    pub(crate) fn rows(self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.rows, "{rows:?} of {} rows", self.rows);
        Self { values: self.values.from(rows.start, 0), rows: rows.len(), columns: self.columns }
    }
}

/// Values of which the one in row `i` and column `j` is number `i row + j column`.
#[derive(Clone, Copy, Debug)]
struct Strided<'a, T> {
    values: &'a [T],
    row: usize,
    column: usize,
}

impl<'a, T> Strided<'a, T> {
    /// Rows of so many values, one after the other.
    #[inline(always)]
    fn packed(values: &'a [T], width: usize) -> Self {
        Self { values, row: width, column: 1 }
    }

    /// What starts at this row and column; nothing where there are no values.
    #[inline(always)]
    fn from(self, row: usize, column: usize) -> Self {
        let start = (row * self.row + column * self.column).min(self.values.len());
        Strided { values: &self.values[start..], ..self }
    }
}

/// `c = a b + beta c`, where `c` is row-major.
///
/// A large product is computed on as many threads as `NETDSL_NUM_THREADS` says, or as the machine has processors, with the
/// same bits.
///
/// # Panics
/// Where the inner sizes differ, or `c` is not as long as the product.
pub fn product<T: Element>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, c: &mut [T]) {
    work(Product::new(a, b, Onto::Times(beta), c));
}

/// `c = a b` onto what it says, with the bits of [`product`], on this thread.
pub(crate) fn product_here<T: Element>(a: Matrix<'_, T>, b: Matrix<'_, T>, onto: Onto<'_, T>, c: &mut [T]) {
    Product::new(a, b, onto, c).run();
}

/// What a product is added to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Onto<'a, T> {
    /// What is in the place of the result, times this number: it is not read where that is zero.
    Times(T),
    /// The same row for every row.
    Row(&'a [T]),
}

/// How many values a packed matrix of so many rows and columns takes at most, whatever the registers are.
pub(crate) fn packed_len(inner: usize, columns: usize) -> usize {
    /// As many as the widest register has.
    const LANES: usize = 16;
    inner * columns.next_multiple_of(LANES)
}

/// The right side of products, brought into the order in which they read it once for all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'a, T> {
    values: &'a [T],
    inner: usize,
    columns: usize,
}

impl<'a, T: Element> Packed<'a, T> {
    /// Packs the matrix into the room, which is [`packed_len`] long.
    pub(crate) fn new(matrix: Matrix<'_, T>, room: &'a mut [T]) -> Self {
        let Matrix { rows: inner, columns, .. } = matrix;
        dispatch(Pack { from: matrix.values, inner, columns, room: &mut *room });
        Self { values: room, inner, columns }
    }
}

/// A matrix to be packed for the registers that there are.
struct Pack<'a, 'r, T> {
    from: Strided<'a, T>,
    inner: usize,
    columns: usize,
    room: &'r mut [T],
}

impl<T: Element> WithSimd for Pack<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let lanes = lanes::<S, T>();
        let mut room = self.room;
        for start in (0..self.inner).step_by(INNER) {
            let inner = (self.inner - start).min(INNER);
            let (panels, rest) = room.split_at_mut(inner * self.columns.next_multiple_of(lanes));
            pack::columns::<S, T>(self.from.from(start, 0), inner, self.columns, panels);
            room = rest;
        }
    }
}

/// `c = a b + beta c`, with the bits of [`product`], on this thread.
pub(crate) fn product_with_packed<T: Element>(a: Matrix<'_, T>, b: Packed<'_, T>, beta: T, c: &mut [T]) {
    let Packed { values, inner, columns } = b;
    Product::of(a, Right::Packed(values), [inner, columns], Onto::Times(beta), c).run();
}

/// The right side of a product.
#[derive(Clone, Copy)]
enum Right<'a, T> {
    Strided(Strided<'a, T>),
    /// In the order of [`Pack`].
    Packed(&'a [T]),
}

/// A product to be computed.
struct Product<'a, 'c, T> {
    rows: usize,
    inner: usize,
    columns: usize,
    a: Strided<'a, T>,
    right: Right<'a, T>,
    onto: Onto<'a, T>,
    c: &'c mut [T],
}

impl<'a, 'c, T: Element> Product<'a, 'c, T> {
    fn new(a: Matrix<'a, T>, b: Matrix<'a, T>, onto: Onto<'a, T>, c: &'c mut [T]) -> Self {
        Self::of(a, Right::Strided(b.values), [b.rows, b.columns], onto, c)
    }

    fn of(
        a: Matrix<'a, T>,
        right: Right<'a, T>,
        shape: [usize; 2],
        onto: Onto<'a, T>,
        c: &'c mut [T],
    ) -> Self {
        let (rows, inner, [other, columns]) = (a.rows, a.columns, shape);
        assert_eq!(inner, other, "the inner sizes of a product");
        assert_eq!(c.len(), rows * columns, "a product of {rows} × {columns} values");
        if let Onto::Row(row) = onto {
            assert_eq!(row.len(), columns, "a row of a product of {columns} columns");
        }
        Self { rows, inner, columns, a: a.values, right, onto, c }
    }
}

/// Whether two threads are to have a part each of the rows of a product of this size.
pub(crate) fn worth_dividing(rows: usize, inner: usize, columns: usize) -> bool {
    rows >= 2 * LEAST_ROWS && rows * inner * columns >= LEAST_MULTIPLICATIONS
}

impl<T: Element> Work for Product<'_, '_, T> {
    fn worth_dividing(&self) -> bool {
        worth_dividing(self.rows, self.inner, self.columns)
    }

    /// No value depends on other rows, so that the bits stay the same.
    fn halves(self) -> [Self; 2] {
        let Self { rows, columns, a, .. } = self;
        let half = rows / 2;
        let (top, bottom) = self.c.split_at_mut(half * columns);
        let top = Product { rows: half, c: top, ..self };
        [top, Product { rows: rows - half, a: a.from(half, 0), c: bottom, ..self }]
    }

    fn run(self) {
        if !self.c.is_empty() {
            dispatch(self);
        }
    }
}

impl<T: Element> Product<'_, '_, T> {
    /// Whether the right side is brought into order: where the values of its rows do not lie one after the other, or enough
    /// tiles stand above each other to make up for it.
    fn packs_right<S: Simd>(&self) -> bool {
        match self.right {
            Right::Strided(b) => b.column != 1 || self.rows >= 8 * most_rows::<S>(),
            Right::Packed(_) => false,
        }
    }

    /// The same of the left side, whose rows can be read side by side.
    fn packs_left(&self) -> bool {
        let far = self.a.column > 256 && self.columns >= 64;
        // The products of one packed right side are many and small.
        far && matches!(self.right, Right::Strided(_))
    }
}

impl<T: Element> WithSimd for Product<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = lanes::<S, T>();
        let width = VECTORS * lanes;
        let height = most_rows::<S>();
        let (packs_left, packs_right) = (self.packs_left(), self.packs_right::<S>());
        let inner_room = self.inner.min(INNER);
        let left_room =
            if packs_left { self.rows.min(ROWS).next_multiple_of(height) * inner_room } else { 0 };
        let right_room = self.columns.min(width).next_multiple_of(lanes) * inner_room;
        let mut room = Room::new(right_room + left_room);
        let (right_room, left_room) = room.values().split_at_mut(right_room);
        let mut start = 0;
        // Once at least: without an inner axis the product is zero.
        loop {
            let inner = (self.inner - start).min(INNER);
            let onto = if start == 0 { self.onto } else { Onto::Times(T::one()) };
            for row in (0..self.rows).step_by(ROWS) {
                let rows = (self.rows - row).min(ROWS);
                let left = self.a.from(row, start);
                if packs_left {
                    pack::rows(left, rows, inner, height, left_room);
                }
                for column in (0..self.columns).step_by(width) {
                    let columns = (self.columns - column).min(width);
                    let full = columns.next_multiple_of(lanes);
                    let mut on_the_way = false;
                    // Where the columns can be read, unless they are packed by now.
                    let place = match self.right {
                        Right::Packed(values) => {
                            let panel = start * self.columns.next_multiple_of(lanes) + column * inner;
                            Some(Strided::packed(&values[panel..], full))
                        }
                        Right::Strided(b) => {
                            let b = b.from(start, column);
                            on_the_way = packs_right && b.column == 1 && rows >= height;
                            let stays = on_the_way || !packs_right;
                            if !stays {
                                pack::columns::<S, T>(b, inner, columns, right_room);
                            }
                            stays.then_some(b)
                        }
                    };
                    let mut done = 0;
                    while done < rows {
                        let a = if packs_left {
                            let start = done / height * height * inner + done % height;
                            Strided { values: &left_room[start..], row: 1, column: height }
                        } else {
                            left.from(done, 0)
                        };
                        let rows = height_of(rows - done, height);
                        let c = &mut self.c[(row + done) * self.columns + column..];
                        let (b, packs) = match place {
                            Some(b) if on_the_way && done == 0 => (b, Some(&mut *right_room)),
                            Some(b) if !on_the_way => (b, None),
                            _ => (Strided::packed(right_room, full), None),
                        };
                        let onto = match onto {
                            Onto::Row(row) => Onto::Row(&row[column..]),
                            times => times,
                        };
                        let stride = self.columns;
                        simd.vectorize(Part { inner, a, b, packs, onto, c, rows, columns, stride });
                        done += rows;
                    }
                }
            }
            start += inner;
            if start >= self.inner {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use num_traits::Float;

    use super::{
        INNER, Matrix, Onto, Packed, Product, packed_len, product, product_here, product_with_packed,
    };
    use crate::element::Element;
    use crate::threads::in_parts;

    /// Numbers that are not round, of both signs.
    fn numbers<T: Element>(count: usize, seed: usize) -> Vec<T> {
        (0..count)
            .map(|index| T::from_f64(((index * 7919 + seed * 104_729) as f64 * 0.618_034).sin()))
            .collect()
    }

    /// The same value by value: a chain of fused multiply-adds for each block of the inner axis.
    pub(super) fn plain<T: Element>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, c: &mut [T]) {
        let (Matrix { values: a, rows, columns: inner }, Matrix { values: b, columns, .. }) = (a, b);
        for row in 0..rows {
            for column in 0..columns {
                let c = &mut c[row * columns + column];
                let mut beta = beta;
                for start in (0..inner.max(1)).step_by(INNER) {
                    let mut sum = T::zero();
                    for step in start..(start + INNER).min(inner) {
                        let (left, right) = (
                            a.values[row * a.row + step * a.column],
                            b.values[step * b.row + column * b.column],
                        );
                        sum = Float::mul_add(left, right, sum);
                    }
                    *c = if beta == T::zero() { sum } else { Float::mul_add(beta, *c, sum) };
                    beta = T::one();
                }
            }
        }
    }

    #[track_caller]
    fn compare<T: Element>(a: &[T], b: &[T], [rows, inner, columns]: [usize; 3], beta: f64) {
        for transposed in [[false, false], [false, true], [true, false], [true, true]] {
            let matrix = |values, rows, columns, transposed| match transposed {
                true => Matrix::new(values, columns, rows).transpose(),
                false => Matrix::new(values, rows, columns),
            };
            let a = matrix(a, rows, inner, transposed[0]);
            let b = matrix(b, inner, columns, transposed[1]);
            // Drawn once: a sine has not the same bits every time under Miri.
            let mut ours = numbers(rows * columns, 3);
            let (mut with_packed, mut expected) = (ours.clone(), ours.clone());
            product(a, b, T::from_f64(beta), &mut ours);
            let mut room = numbers(packed_len(inner, columns), 4);
            product_with_packed(a, Packed::new(b, &mut room), T::from_f64(beta), &mut with_packed);
            plain(a, b, T::from_f64(beta), &mut expected);
            let row = numbers(columns, 5);
            let (mut onto_row, mut expected_onto_row) = (numbers(rows * columns, 6), row.repeat(rows));
            product_here(a, b, Onto::Row(&row), &mut onto_row);
            plain(a, b, T::one(), &mut expected_onto_row);
            for (ours, expected) in
                [(&ours, &expected), (&with_packed, &expected), (&onto_row, &expected_onto_row)]
            {
                for (index, (ours, expected)) in ours.iter().zip(expected).enumerate() {
                    let same = ours == expected || ours.is_nan() && expected.is_nan();
                    assert!(
                        same,
                        "{rows} {inner} {columns} {transposed:?} {beta} at {index}: {ours} {expected}"
                    );
                }
            }
        }
    }

    fn has_the_bits_of_the_plain_loop<T: Element>() {
        for shape in [
            [1, 1, 1],
            [1, 0, 3],
            [3, 2, 0],
            [2, 16, 16],
            [7, 5, 49],
            [9, 3, 50],
            [10, 33, 17],
            [12, 100, 100],
            [33, 10, 97],
            [100, 7, 3],
            [5, INNER + 3, 4],
            [101, 9, 300],
            [3, 300, 390],
            [2, 270, 1100],
            [266, 20, 70],
            [70, INNER + 5, 260],
        ] {
            let [rows, inner, columns] = shape;
            // Miri computes a hundred thousand times slower.
            if cfg!(miri) && rows * inner * columns > 1_000 {
                continue;
            }
            let (a, b) = (numbers::<T>(rows * inner, 1), numbers(inner * columns, 2));
            for beta in [0.0, 1.0, -0.7] {
                compare(&a, &b, shape, beta);
            }
        }
    }

    #[test]
    fn of_32_bits_has_the_bits_of_the_plain_loop() {
        has_the_bits_of_the_plain_loop::<f32>();
    }

    #[test]
    fn of_64_bits_has_the_bits_of_the_plain_loop() {
        has_the_bits_of_the_plain_loop::<f64>();
    }

    /// Also where numbers are not finite or hardly there: they meet the others of their row and column only.
    #[test]
    fn keeps_what_is_not_finite_in_its_row_and_column() {
        // Miri computes a hundred thousand times slower.
        let shape @ [rows, inner, columns] = if cfg!(miri) { [5, 3, 19] } else { [11, 6, 53] };
        for value in [f32::NAN, f32::INFINITY, f32::MAX, f32::from_bits(1)] {
            let (mut a, mut b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
            a[3 * inner + 1] = value;
            compare(&a, &b, shape, 1.0);
            b[inner * (columns - 3)] = value;
            compare(&a, &b, shape, 0.0);
        }
    }

    /// Cut among 1, 2 and 8 threads, down to single rows.
    #[test]
    fn the_bits_do_not_depend_on_threads() {
        // Miri computes a hundred thousand times slower.
        let [rows, inner, columns] = if cfg!(miri) { [11, 3, 19] } else { [37, 300, 50] };
        let (a, b) = (numbers::<f32>(rows * inner, 1), numbers(inner * columns, 2));
        for transposed in [false, true] {
            let a = match transposed {
                true => Matrix::new(&a, inner, rows).transpose(),
                false => Matrix::new(&a, rows, inner),
            };
            let b = Matrix::new(&b, inner, columns);
            let mut expected = numbers(rows * columns, 3);
            plain(a, b, 0.5, &mut expected);
            for level in [0, 1, 3] {
                let mut ours = numbers(rows * columns, 3);
                in_parts(Product::new(a, b, Onto::Times(0.5), &mut ours), level);
                assert_eq!(ours, expected, "{} threads", 1 << level);
            }
        }
    }

    /// What is overwritten may be anything.
    #[test]
    fn a_product_without_beta_does_not_read_the_result() {
        let mut c = [f32::NAN; 6];
        product(Matrix::new(&[1.0, 2.0], 2, 1), Matrix::new(&[3.0, 4.0, 5.0], 1, 3), 0.0, &mut c);
        assert_eq!(c, [3.0, 4.0, 5.0, 6.0, 8.0, 10.0]);
    }
}
