//! The command line.

mod baseline;
mod exit_status;
mod explain;
mod fix;
mod formats;
mod packages;
mod places;
mod run;
mod schemas;
