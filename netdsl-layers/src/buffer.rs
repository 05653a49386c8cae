//! Numbers that are aligned for the registers.

use aligned_vec::{AVec, ConstAlign};

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
pub fn buffer<T: Copy>(len: usize, value: T) -> Buffer<T> {
    let mut buffer = Buffer::new(LINE);
    lengthen(&mut buffer, len, value);
    buffer
}

/// Makes the buffer at least so long, with this value in what is new. It takes no more memory than that, and where it moves to
/// other memory asks for large pages there.
///
/// ```
/// let mut buffer = netdsl_layers::buffer(1, 0.5);
/// netdsl_layers::lengthen(&mut buffer, 3, 2.0);
/// assert_eq!(*buffer, [0.5, 2.0, 2.0]);
/// ```
pub fn lengthen<T: Copy>(buffer: &mut Buffer<T>, len: usize, value: T) {
    if len > buffer.len() {
        reserve(buffer, len);
        buffer.resize(len, value);
    }
}

/// A buffer of these numbers.
///
/// ```
/// let buffer = netdsl_layers::copied(&[0.5, 2.0]);
/// assert_eq!(*buffer, [0.5, 2.0]);
/// assert_eq!(buffer.as_ptr().align_offset(64), 0);
/// ```
pub fn copied<T: Copy>(values: &[T]) -> Buffer<T> {
    let mut buffer = Buffer::new(LINE);
    reserve(&mut buffer, values.len());
    buffer.extend_from_slice(values);
    buffer
}

/// Gives the buffer memory for so many numbers, if it has less.
fn reserve<T: Copy>(buffer: &mut Buffer<T>, len: usize) {
    if len > buffer.capacity() {
        buffer.reserve_exact(len - buffer.len());
        ask_for_large_pages(buffer);
    }
}

/// Asks the system for large pages, where the memory has room for one: a pass over rows that lie far apart, as that of a product,
/// is in another page with every row, and would wait for the address of each.
///
/// The answer is of no matter: without them the same is computed.
#[cfg(all(target_os = "linux", not(miri)))]
fn ask_for_large_pages<T>(buffer: &mut Buffer<T>) {
    /// The size of a large page, where a processor has several the smallest.
    const LARGE: usize = 1 << 21;
    let (start, page) = (buffer.as_mut_ptr().cast::<u8>(), rustix::param::page_size());
    let (bytes, before) = (buffer.capacity() * size_of::<T>(), start.align_offset(page));
    if bytes < LARGE + before {
        return;
    }
    let whole = (bytes - before) / page * page;
    // SAFETY: whole pages of the buffer, the numbers in which this advice leaves alone.
    #[allow(unsafe_code, reason = "the system is told of memory by its address")]
    let _ =
        unsafe { rustix::mm::madvise(start.add(before).cast(), whole, rustix::mm::Advice::LinuxHugepage) };
}

/// There is nobody to be asked.
#[cfg(not(all(target_os = "linux", not(miri))))]
fn ask_for_large_pages<T>(_buffer: &mut Buffer<T>) {}

#[cfg(test)]
mod tests {
    use super::{LINE, buffer, copied, lengthen};

    /// Across the length from which large pages are asked for.
    #[test]
    fn what_was_there_stays() {
        let longest = if cfg!(miri) { 1 << 10 } else { 3 << 20 };
        let mut grown = buffer(0, 0.0f32);
        let mut expected = Vec::new();
        for (len, value) in [(1, 1.0), (0, 2.0), (longest / 4, 3.0), (longest, 4.0)] {
            lengthen(&mut grown, len, value);
            expected.resize(len.max(expected.len()), value);
            assert_eq!(*grown, expected[..], "{len}");
            assert_eq!(grown.as_ptr().align_offset(LINE), 0, "{len}");
        }
        let copy = copied(&grown);
        assert!(*copy == *grown && copy.as_ptr().align_offset(LINE) == 0);
        assert_eq!([grown.capacity(), copy.capacity()], [longest; 2], "no more than was asked for");
    }
}
