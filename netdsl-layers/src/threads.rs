//! The threads that large products are computed on.

use std::ffi::OsStr;
use std::num::NonZero;
use std::sync::OnceLock;

use thread_tree::{ThreadTree, ThreadTreeCtx};

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

#[cfg(test)]
mod tests {
    use super::*;

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
