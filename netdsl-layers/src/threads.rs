//! The threads that large products are computed on.

use std::sync::OnceLock;

use thread_tree::{ThreadTree, ThreadTreeCtx};

/// The environment variable with the number of threads.
const VARIABLE: &str = "NETDSL_NUM_THREADS";

/// More are of no use: the rows of a product are shared out among them.
const MOST: usize = 64;

/// The threads of the process: as many as `NETDSL_NUM_THREADS` says when they are first asked for, or as there are
/// processors, brought down to a power of two. They start with the first work that is large enough, and then wait for more
/// without allocating.
///
/// Each half of the work is given the threads below it in the tree.
pub(crate) fn threads() -> ThreadTreeCtx<'static> {
    static THREADS: OnceLock<Box<ThreadTree>> = OnceLock::new();
    THREADS.get_or_init(|| ThreadTree::new_with_level(count().ilog2() as usize)).top()
}

/// How many threads there are to be, this one among them.
fn count() -> usize {
    let said = std::env::var(VARIABLE).ok().and_then(|text| text.trim().parse().ok());
    let count = said.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    count.clamp(1, MOST)
}
