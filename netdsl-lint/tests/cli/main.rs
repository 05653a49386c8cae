//! The command line.

mod exit_status;
mod explain;
mod formats;
mod places;
mod run;
