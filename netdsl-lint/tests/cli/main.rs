//! The command line.

mod baseline;
mod document;
mod exit_status;
mod explain;
mod fix;
mod formats;
mod packages;
mod pictures;
mod places;
mod run;
mod schemas;
mod settings;
