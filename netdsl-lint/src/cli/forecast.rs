//! `cargo netdsl forecast`

use clap::Args;
use netdsl_layers::did_you_mean;

use super::output::{complain, is_styled};
use super::sources::Sources;
use super::{Answer, Status};
use crate::check::Levels;
use crate::render::{render_chart, render_errors};

/// Print the forecast of the networks: a line for each parameter, and a chart of the gradients by depth
#[derive(Args)]
pub(super) struct Forecast {
    #[command(flatten)]
    sources: Sources,

    /// Only the network of this name
    #[arg(long, value_name = "NAME")]
    network: Option<String>,
}

impl Forecast {
    pub(super) fn run(self) -> Answer {
        let (files, mut status) = self.sources.check(&Levels::default());
        let mut text = String::new();
        let mut found = false;
        for file in &files {
            for block in &file.blocks {
                if self.network.is_some() && block.name != self.network {
                    continue;
                }
                found = true;
                match &block.outcome {
                    Ok(network) => {
                        let (path, position) = (file.source.path(), file.source.position(block.range.start));
                        let (forecast, chart) = (&network.forecast, render_chart(&network.forecast));
                        text.push_str(&format!("{path}:{position}\n{forecast}\n\n{chart}\n"));
                    }
                    Err(errors) => {
                        text.push_str(&render_errors(&file.source, errors, is_styled()));
                        status = Status::Unusable;
                    }
                }
            }
        }
        if let (Some(name), false) = (&self.network, found) {
            let names = files.iter().flat_map(|file| &file.blocks).filter_map(|block| block.name.as_deref());
            complain(&format!("no network `{name}`{}", did_you_mean(name, names)));
            status = Status::Unusable;
        }
        Answer { text, status }
    }
}
