//! The threads that large products are computed on.

use std::ffi::OsStr;
use std::num::NonZero;
use std::ops::Range;
use std::sync::OnceLock;

use thread_tree::{ThreadTree, ThreadTreeCtx};

use crate::registers::Registers;

/// The environment variable with the number of threads.
const VARIABLE: &str = "NETDSL_NUM_THREADS";

/// More are of no use: the rows of a product are shared out among them.
const MOST: usize = 64;

/// The threads of the process: [`thread_count`], brought down to a power of two. They start with the first work that is large
/// enough, and then wait for more without allocating.
///
/// Each half of the work is given the threads below it in the tree.
pub(crate) fn threads() -> ThreadTreeCtx<'static> {
    static THREADS: OnceLock<Box<ThreadTree>> = OnceLock::new();
    THREADS
        .get_or_init(|| {
            let count = thread_count().unwrap_or_else(|_| processors());
            ThreadTree::new_with_level(count.ilog2() as usize)
        })
        .top()
}

/// How many values a thread has at least in a pass over memory, so that waking it pays.
pub(crate) const VALUES_OF_THREAD: usize = 1 << 17;

/// Work that can be divided among threads.
pub(crate) trait Work: Send + Sized {
    /// Whether it pays to have two threads do a part each.
    fn worth_dividing(&self) -> bool;

    /// Two parts that do not depend on each other; what comes of them is the same, wherever the cut is.
    fn halves(self) -> [Self; 2];

    /// Does it on this thread. It must not divide anything itself.
    fn run(self);
}

/// Does the work, on several threads where that pays.
pub(crate) fn work(work: impl Work) {
    if work.worth_dividing() {
        divide(work, threads());
    } else {
        work.run();
    }
}

/// Gives half of the work to another thread, and again half of that, as long as there are threads and it pays.
pub(crate) fn divide(work: impl Work, threads: ThreadTreeCtx<'_>) {
    if !threads.is_parallel() || !work.worth_dividing() {
        return work.run();
    }
    let [first, last] = work.halves();
    let registers = Registers::of_this_thread();
    threads.join(|threads| divide(first, threads), |threads| registers.elsewhere(|| divide(last, threads)));
}

/// Calls `work` with each item and its number: on several threads, each with items that follow one another, where the items
/// stand for enough values in memory. Those of an item begin at `start` of its number, where those of the item before end.
///
/// ```
/// let mut squares = [0; 3];
/// netdsl_layers::share_out(&mut squares, &|item| item, &|item, square| *square = item * item);
/// assert_eq!(squares, [0, 1, 4]);
/// ```
pub fn share_out<I: Send>(
    items: &mut [I],
    start: &(dyn Fn(usize) -> usize + Sync),
    work: &(dyn Fn(usize, &mut I) + Sync),
) {
    self::work(Items { first: 0, items, start, work });
}

/// Items that follow one another.
struct Items<'a, I> {
    /// The number of the first.
    first: usize,
    items: &'a mut [I],
    start: &'a (dyn Fn(usize) -> usize + Sync),
    work: &'a (dyn Fn(usize, &mut I) + Sync),
}

impl<I: Send> Work for Items<'_, I> {
    fn worth_dividing(&self) -> bool {
        let Self { first, items, start, .. } = self;
        items.len() > 1 && start(first + items.len()) - start(*first) >= 2 * VALUES_OF_THREAD
    }

    fn halves(self) -> [Self; 2] {
        let Self { first, start, .. } = self;
        let end = first + self.items.len();
        let at = nearest(first..end, start, start(first).midpoint(start(end)));
        let (items, last) = self.items.split_at_mut(at - first);
        [Self { items, ..self }, Self { first: at, items: last, ..self }]
    }

    fn run(self) {
        self.items.iter_mut().zip(self.first..).for_each(|(item, index)| (self.work)(index, item));
    }
}

/// Which of the items begins nearest to a place, the first not among them.
pub(crate) fn nearest(items: Range<usize>, start: &dyn Fn(usize) -> usize, place: usize) -> usize {
    let distance = |item: &usize| start(*item).abs_diff(place);
    (items.start + 1..items.end).min_by_key(distance).unwrap_or(items.start)
}

/// An environment variable that says no number of threads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {VARIABLE} is {found:?}, expected a whole number of at least 1")]
pub struct ThreadsError {
    /// What it says.
    pub found: String,
}

/// How many threads large products are shared out among, this one among them: what `NETDSL_NUM_THREADS` says when that is
/// first asked for, or as many as there are processors, and 64 at most.
///
/// # Errors
/// Where the variable is set to something else than a number of at least 1; products then go by the processors, so that whoever
/// computes with them should ask here first.
pub fn thread_count() -> Result<usize, ThreadsError> {
    static COUNT: OnceLock<Result<usize, ThreadsError>> = OnceLock::new();
    COUNT.get_or_init(|| said(std::env::var_os(VARIABLE).as_deref())).clone()
}

fn said(variable: Option<&OsStr>) -> Result<usize, ThreadsError> {
    let Some(variable) = variable else { return Ok(processors()) };
    let text = variable.to_string_lossy();
    let number = text.trim().parse::<NonZero<usize>>();
    let number = number.map_err(|_| ThreadsError { found: text.into_owned() })?;
    Ok(number.get().min(MOST))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// Work that is halved so many times, whether that pays or not.
#[cfg(test)]
struct Cut<W> {
    work: W,
    times: usize,
}

#[cfg(test)]
impl<W: Work> Work for Cut<W> {
    fn worth_dividing(&self) -> bool {
        self.times > 0
    }

    fn halves(self) -> [Self; 2] {
        self.work.halves().map(|work| Self { work, times: self.times - 1 })
    }

    fn run(self) {
        self.work.run();
    }
}

/// Does the work in `2^times` parts, on as many threads; on this one under Miri, which wants every thread joined, where the crate
/// lets its threads end by themselves.
#[cfg(test)]
pub(crate) fn in_parts(work: impl Work, times: usize) {
    fn here(cut: Cut<impl Work>) {
        if !cut.worth_dividing() {
            return cut.run();
        }
        cut.halves().into_iter().for_each(here);
    }
    let cut = Cut { work, times };
    if cfg!(miri) { here(cut) } else { divide(cut, ThreadTree::new_with_level(times).top()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also on more threads than there are items, and where one item is nearly all.
    #[test]
    fn every_item_is_worked_on_once() {
        for sizes in [&[][..], &[1 << 20], &[1, 1 << 20, 1], &[1 << 18, 1 << 18, 0, 1 << 19, 5]] {
            for level in [0, 1, 3] {
                let mut visits = vec![Vec::new(); sizes.len()];
                let visit = |index: usize, visits: &mut Vec<usize>| visits.push(index);
                let start = |index: usize| sizes[..index].iter().sum();
                let items = Items { first: 0, items: &mut visits, start: &start, work: &visit };
                divide(items, ThreadTree::new_with_level(level).top());
                let expected: Vec<_> = (0..sizes.len()).map(|index| vec![index]).collect();
                assert_eq!(visits, expected, "{sizes:?} on {} threads", 1 << level);
            }
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, count) in [("1", 1), (" 8 ", 8), ("1000", MOST)] {
            assert_eq!(said(Some(text.as_ref())), Ok(count));
        }
        for text in ["", "0", "-1", "2.5", "four", "99999999999999999999"] {
            assert_eq!(said(Some(text.as_ref())), Err(ThreadsError { found: text.into() }));
        }
        assert_eq!(said(None), Ok(processors()));
    }
}
