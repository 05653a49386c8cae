//! What bounds the time and the memory of a forecast, whatever is declared.

use super::propagated::NotForecastable;
use crate::window::Axis;

/// The most numbers in one list: 16 MiB of them.
const NUMBERS: usize = 1 << 21;

/// The most values that the windows along one axis cover together.
const COVERED: usize = 1 << 27;

/// The most steps that are followed one by one.
const STEPS: usize = 1 << 14;

/// A list with a number for each of them.
pub(crate) fn list(count: usize, of: &str) -> Result<(), NotForecastable> {
    at_most(NUMBERS, count, of)
}

/// Windows along these axes, each value of which is looked at.
pub(crate) fn windows(axes: &[Axis; 2]) -> Result<(), NotForecastable> {
    for axis in axes {
        list(axis.input.max(axis.output), "positions along an axis")?;
        at_most(
            COVERED,
            axis.output.saturating_mul(axis.size.min(axis.input)),
            "values in the windows along an axis",
        )?;
    }
    Ok(())
}

/// A recurrence that is followed step by step.
pub(crate) fn steps(count: usize) -> Result<(), NotForecastable> {
    at_most(STEPS, count, "steps of a recurrence")
}

fn at_most(most: usize, count: usize, of: &str) -> Result<(), NotForecastable> {
    if count <= most {
        return Ok(());
    }
    Err(NotForecastable::new(format!("there are {count} {of}, and at most {most} are followed")))
}
