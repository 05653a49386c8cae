//! The workloads that the training step is measured on.

pub mod workloads;
