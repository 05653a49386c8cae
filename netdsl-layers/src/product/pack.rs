//! Operands in the order in which the tiles read them.

use super::Strided;
use crate::element::Element;
use crate::lanes::vectorised;

/// The right side of a product, or a part of it, in panels as wide as the tiles.
pub(super) struct Panels<'a, T> {
    from: Strided<'a, T>,
    inner: usize,
    columns: usize,
    /// The width of all panels but the last.
    width: usize,
    lanes: usize,
    room: &'a [T],
    /// How many columns lie in `room`, counted from the last: all, or only those of a panel that is not full.
    packed: usize,
}

/// How many values so many columns take when they are packed: the last panel is filled up with zeros to a multiple of
/// `lanes`.
pub(super) fn packed_len(inner: usize, columns: usize, lanes: usize) -> usize {
    inner * columns.next_multiple_of(lanes)
}

impl<'a, T: Element> Panels<'a, T> {
    /// Panels of `width` columns, the last of which has as many as are left: all packed, or only a last one whose rows do
    /// not fill their registers.
    #[inline(always)]
    pub(super) fn pack(
        from: Strided<'a, T>,
        inner: usize,
        columns: usize,
        width: usize,
        lanes: usize,
        all: bool,
        room: &'a mut [T],
    ) -> Self {
        let ragged = columns % width;
        let packed = match all {
            true => columns,
            false if !ragged.is_multiple_of(lanes) => ragged,
            false => 0,
        };
        let first = columns - packed;
        if from.column == 1 {
            // Row by row, as the values lie in the memory, which the processor then reads ahead.
            for row in 0..inner {
                let mut place = 0;
                for start in (first..columns).step_by(width) {
                    let columns = (columns - start).min(width);
                    let width = columns.next_multiple_of(lanes);
                    let (values, padding) = room[place + row * width..][..width].split_at_mut(columns);
                    place += width * inner;
                    values.copy_from_slice(&from.values[row * from.row + start..][..columns]);
                    padding.fill(T::zero());
                }
            }
        } else {
            let mut place = 0;
            for start in (first..columns).step_by(width) {
                let columns = (columns - start).min(width);
                let width = columns.next_multiple_of(lanes);
                let panel = &mut room[place..][..width * inner];
                place += panel.len();
                transpose(from.from(0, start).values, from.column, columns, width, panel);
            }
        }
        Self { from, inner, columns, width, lanes, room, packed }
    }

    /// The same panels, packed before.
    pub(super) fn packed(room: &'a [T], inner: usize, columns: usize, width: usize, lanes: usize) -> Self {
        let from = Strided { values: &[], row: 0, column: 0 };
        Self { from, inner, columns, width, lanes, room, packed: columns }
    }

    /// Calls `visit` with each panel, its first column and the number of its columns.
    #[inline(always)]
    pub(super) fn each(&self, mut visit: impl FnMut(Strided<'_, T>, usize, usize)) {
        let first = self.columns - self.packed;
        let mut place = 0;
        for start in (0..self.columns).step_by(self.width) {
            let columns = (self.columns - start).min(self.width);
            let panel = if start < first {
                self.from.from(0, start)
            } else {
                let width = columns.next_multiple_of(self.lanes);
                let panel = &self.room[place..][..width * self.inner];
                place += panel.len();
                Strided { values: panel, row: width, column: 1 }
            };
            visit(panel, start, columns);
        }
    }
}

/// The left side in panels of `height` rows: the values of a column one after the other.
#[inline(always)]
pub(super) fn rows<T: Element>(
    from: Strided<'_, T>,
    rows: usize,
    inner: usize,
    height: usize,
    room: &mut [T],
) {
    for start in (0..rows).step_by(height) {
        let count = (rows - start).min(height);
        let panel = &mut room[start * inner..][..height * inner];
        let from = from.from(start, 0);
        if from.row == 1 && count == 8 {
            // As long as the compiler knows, so that no copy is a call.
            for (column, to) in panel.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                to.copy_from_slice(&from.values[column * from.column..][..8]);
            }
        } else if from.row == 1 {
            for (column, to) in panel.chunks_exact_mut(height).enumerate() {
                to[..count].copy_from_slice(&from.values[column * from.column..][..count]);
            }
        } else {
            transpose(from.values, from.row, count, height, panel);
        }
    }
}

/// How many rows and columns are transposed together: what the compiler makes shuffles of on every processor.
const SIDE: usize = 4;

/// Writes `count` rows, which start `stride` values apart, as the first columns of rows of `width` values, the others of
/// which become zero.
#[inline(always)]
pub(super) fn transpose<T: Element>(from: &[T], stride: usize, count: usize, width: usize, to: &mut [T]) {
    vectorised(
        #[inline(always)]
        || {
            let inner = to.len() / width;
            if inner == 0 {
                return;
            }
            let full = count / SIDE * SIDE;
            for start in (0..full).step_by(SIDE) {
                let [a, b, c, d] = [0, 1, 2, 3].map(|index| &from[(start + index) * stride..][..inner]);
                let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<SIDE>(), b.as_chunks::<SIDE>());
                let ((c, c_rest), (d, d_rest)) = (c.as_chunks::<SIDE>(), d.as_chunks::<SIDE>());
                let (squares, rest) = to.split_at_mut(a.len() * SIDE * width);
                let rows = a.iter().zip(b).zip(c).zip(d);
                for (to, (((a, b), c), d)) in squares.chunks_exact_mut(SIDE * width).zip(rows) {
                    for (index, to) in to.chunks_exact_mut(width).enumerate() {
                        to[start..start + SIDE].copy_from_slice(&[a[index], b[index], c[index], d[index]]);
                    }
                }
                let rows = a_rest.iter().zip(b_rest).zip(c_rest).zip(d_rest);
                for (to, (((a, b), c), d)) in rest.chunks_exact_mut(width).zip(rows) {
                    to[start..start + SIDE].copy_from_slice(&[*a, *b, *c, *d]);
                }
            }
            for index in full..count {
                let row = &from[index * stride..][..inner];
                for (to, value) in to.chunks_exact_mut(width).zip(row) {
                    to[index] = *value;
                }
            }
            if count < width {
                to.chunks_exact_mut(width).for_each(|to| to[count..].fill(T::zero()));
            }
        },
    );
}
