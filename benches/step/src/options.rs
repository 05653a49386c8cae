//! The options of the command.

use std::path::PathBuf;

use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use netdsl_bench_step::workloads::{WORKLOADS, Workload};

/// Times training steps, and the matrix products that they consist of.
#[derive(Parser)]
pub(crate) struct Options {
    /// The workloads, separated by commas; all where none is named.
    #[arg(
        long,
        value_delimiter = ',',
        ignore_case = true,
        value_parser = workload_parser(),
        conflicts_with_all = ["cold_start", "latency", "scaling"]
    )]
    workloads: Vec<&'static Workload>,

    /// The numbers of threads, separated by commas.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "1,2",
        value_parser = at_least_one,
        conflicts_with = "instead"
    )]
    pub(crate) threads: Vec<usize>,

    /// How many turns each side gets; the minimum and the median are over these.
    #[arg(long, default_value_t = 25, value_parser = at_least_one, conflicts_with = "cold_start")]
    pub(crate) turns: usize,

    /// Writes the results to this file too.
    #[arg(long, value_name = "FILE", conflicts_with = "instead")]
    pub(crate) json: Option<PathBuf>,

    /// Measures the time from the start of a process to the end of its first step instead, and its memory.
    #[arg(long, visible_alias = "memory", group = "instead")]
    pub(crate) cold_start: bool,

    /// Measures the inference for one example instead.
    #[arg(long, group = "instead")]
    pub(crate) latency: bool,

    /// Measures the step against the width, the depth and the batch instead, and writes a picture to this file.
    #[arg(long, value_name = "FILE", group = "instead")]
    pub(crate) scaling: Option<PathBuf>,

    /// Times each matrix product of the workloads alone, with the kernels of the step and with both libraries.
    #[arg(long, group = "instead")]
    pub(crate) products: bool,

    /// Measures in this process with so many threads, and prints JSON.
    #[arg(long, hide = true, value_parser = at_least_one)]
    pub(crate) measure: Option<usize>,

    /// Is the process whose first step is measured.
    #[arg(long, hide = true)]
    pub(crate) first_step: bool,
}

impl Options {
    /// The workloads that are asked for, each once.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = &'static Workload> {
        WORKLOADS.iter().filter(|workload| {
            let is_named = self.workloads.iter().any(|named| named.name == workload.name);
            is_named || self.workloads.is_empty()
        })
    }
}

fn workload_parser() -> impl TypedValueParser<Value = &'static Workload> {
    let names = WORKLOADS.iter().map(|workload| PossibleValue::new(workload.name).help(workload.describe));
    PossibleValuesParser::new(names).try_map(|written| {
        let named = |workload: &&Workload| workload.name.eq_ignore_ascii_case(&written);
        WORKLOADS.iter().find(named).ok_or("unknown workload")
    })
}

fn at_least_one(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("expected a whole number from 1")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Options;

    fn error(arguments: &[&str]) -> String {
        let read = Options::try_parse_from([&["step"], arguments].concat());
        read.err().expect("the arguments are wrong").to_string()
    }

    #[test]
    fn numbers_are_whole_and_at_least_one() {
        for option in ["--threads", "--turns"] {
            for value in ["0", "abc", "1.5", "-1"] {
                let said = error(&[&format!("{option}={value}")]);
                assert!(
                    said.starts_with(&format!("error: invalid value '{value}' for '{option} ")),
                    "{said}"
                );
                assert!(said.contains(": expected a whole number from 1\n"), "{said}");
            }
        }
    }

    #[test]
    fn workloads_are_named_in_any_case_and_each_is_measured_once() {
        let options = Options::try_parse_from(["step", "--workloads", "w7,W1,w1"]);
        let options = options.expect("the arguments are right");
        let names: Vec<&str> = options.workloads().map(|workload| workload.name).collect();
        assert_eq!(names, ["W1", "W7"]);
        assert!(error(&["--workloads", "W9"]).contains("[possible values: W1, W2, "));
    }

    #[test]
    fn what_would_be_passed_over_is_refused() {
        for (option, value) in [("--json", "a.json"), ("--threads", "2")] {
            for instead in ["--cold-start", "--latency", "--products", "--scaling=a.svg"] {
                let said = error(&[option, value, instead]);
                assert!(said.contains("cannot be used with"), "{said}");
            }
        }
    }
}
