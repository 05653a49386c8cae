//! Operands in the order in which the tiles read them.

use pulp::Simd;

use super::Strided;
use super::transpose::transpose;
use crate::element::Element;
use crate::lanes::lanes;
use crate::tile::VECTORS;

/// Packs columns of the right side in panels as wide as the tiles, row after row, the last of which is filled up with zeros
/// to full registers.
#[inline(always)]
pub(super) fn columns<S: Simd, T: Element>(
    from: Strided<'_, T>,
    inner: usize,
    columns: usize,
    room: &mut [T],
) {
    let lanes = lanes::<S, T>();
    let width = VECTORS * lanes;
    if from.column != 1 {
        let mut room = room;
        for first in (0..columns).step_by(width) {
            let columns = (columns - first).min(width);
            let width = columns.next_multiple_of(lanes);
            let (panel, rest) = room.split_at_mut(width * inner);
            transpose::<S, T>(from.from(0, first).values, from.column, columns, width, panel);
            room = rest;
        }
        return;
    }
    // Row by row, as the values lie in the memory, which the processor then reads ahead.
    let (full, ragged) = (columns / width * width, columns % width);
    let (panels, last) = room.split_at_mut(full * inner);
    for row in 0..inner {
        let values = &from.values[row * from.row..][..columns];
        let (whole, rest) = values.split_at(full);
        // As long as the compiler knows, so that no copy is a call.
        for (values, panel) in whole.chunks_exact(VECTORS * lanes).zip(panels.chunks_exact_mut(inner * width))
        {
            panel[row * width..][..VECTORS * lanes].copy_from_slice(values);
        }
        if ragged > 0 {
            let width = ragged.next_multiple_of(lanes);
            let (values, padding) = last[row * width..][..width].split_at_mut(ragged);
            values.copy_from_slice(rest);
            padding.fill(T::zero());
        }
    }
}

/// Packs the left side, whose columns lie one after the other, in panels of `height` rows: the values of a column one after
/// the other.
#[inline(always)]
pub(super) fn rows<T: Element>(
    from: Strided<'_, T>,
    rows: usize,
    inner: usize,
    height: usize,
    room: &mut [T],
) {
    /// How many columns are packed at once, so that whole cache lines are read and written.
    const AT_ONCE: usize = 8;
    let ragged = rows % height;
    let (panels, last) = room[..rows.next_multiple_of(height) * inner].split_at_mut((rows - ragged) * inner);
    for first in (0..inner).step_by(AT_ONCE) {
        let columns = first..inner.min(first + AT_ONCE);
        for (index, panel) in panels.chunks_exact_mut(height * inner).enumerate() {
            for column in columns.clone() {
                let values = &from.values[index * height + column * from.column..][..height];
                panel[column * height..][..height].copy_from_slice(values);
            }
        }
    }
    for (column, to) in last.chunks_exact_mut(height).enumerate() {
        to[..ragged].copy_from_slice(&from.values[rows - ragged + column * from.column..][..ragged]);
    }
}
