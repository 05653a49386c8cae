//! Numbers that are aligned for the registers.

use aligned_vec::{AVec, ConstAlign};

use crate::element::Element;

/// The length of a cache line in bytes, and the longest register.
pub(crate) const LINE: usize = 64;

/// How many numbers a cache line has.
pub(crate) const fn line<T>() -> usize {
    LINE / size_of::<T>()
}

/// Numbers that start with a cache line: a register of them lies in one, and not across two, wherever what comes before it
/// fills whole lines.
pub type Buffer<T> = AVec<T, ConstAlign<LINE>>;

/// So many numbers of this value.
///
/// ```
/// let buffer = netdsl_layers::buffer(3, 0.5);
/// assert_eq!(*buffer, [0.5; 3]);
/// assert_eq!(buffer.as_ptr().align_offset(64), 0);
/// ```
pub fn buffer<T: Element>(len: usize, value: T) -> Buffer<T> {
    let mut buffer = Buffer::new(LINE);
    buffer.resize(len, value);
    buffer
}
