//! `cargo netdsl forecast`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use netdsl_layers::{count, did_you_mean};

use super::complaint::{Complaint, Complaints};
use super::file::write_file;
use super::output::{is_styled, remark};
use super::sources::Sources;
use super::{Answer, Status};
use crate::check::{CheckedFile, Levels};
use crate::render::{Pictured, render_chart, render_errors, render_page, render_svg};

/// Print the forecast of the networks: a line for each parameter, and charts of the gradients and the signal by depth
///
/// Exit status: 0, or 2 where something could not be read or written.
#[derive(Args)]
pub(super) struct Forecast {
    #[command(flatten)]
    sources: Sources,

    /// Only the network of this name
    #[arg(long, value_name = "NAME")]
    network: Option<String>,

    /// Draw the forecast of one network into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Draw the forecasts into a page that is one file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Forecast {
    pub(super) fn run(self) -> Answer {
        let mut complaints = Complaints::default();
        let files = self.sources.check(&Levels::default(), &mut complaints);
        let networks = self.chosen(&files);
        if let (Some(name), true) = (&self.network, networks.is_empty()) {
            return Answer::complaint(unknown_network(name, &files));
        }
        if networks.is_empty() && complaints.count() == 0 {
            remark(&format!("no network in {}", count(files.len(), "file", "files")));
        }
        let text = networks.iter().map(text).collect();
        let svg = self.svg.as_deref().map(|path| write(path, svg(&networks)));
        let page = || render_page(&networks).map_err(Complaint::from);
        let html = self.html.as_deref().map(|path| write(path, page()));
        for complaint in [svg, html].into_iter().flatten().filter_map(Result::err) {
            complaints.add(complaint);
        }
        let broken = networks.iter().any(|network| network.outcome.is_err());
        let status = if broken { Status::Unusable } else { complaints.status() };
        Answer { text, status, ..Answer::default() }
    }

    fn chosen<'a>(&self, files: &'a [CheckedFile]) -> Vec<Pictured<'a>> {
        let networks = files.iter().flat_map(|file| {
            file.blocks.iter().map(|block| Pictured {
                name: block.name.as_deref(),
                source: &file.source,
                start: block.range.start,
                outcome: block.outcome.as_deref().map_err(Vec::as_slice),
            })
        });
        networks.filter(|network| self.network.is_none() || network.name == self.network.as_deref()).collect()
    }
}

fn unknown_network(name: &str, files: &[CheckedFile]) -> Complaint {
    let names = files.iter().flat_map(|file| &file.blocks).filter_map(|block| block.name.as_deref());
    let names: BTreeSet<&str> = names.collect();
    let meant = did_you_mean(name, names.iter().copied());
    let complaint = Complaint::from(format!("no network `{name}`{meant}"));
    if names.is_empty() || !meant.is_empty() {
        return complaint;
    }
    complaint.help(format!("the networks are {}", names.into_iter().collect::<Vec<_>>().join(", ")))
}

fn text(network: &Pictured<'_>) -> String {
    match network.outcome {
        Ok(checked) => {
            let (path, position) = (network.source.path(), network.source.position(network.start));
            let (forecast, chart) = (&checked.forecast, render_chart(&checked.forecast));
            format!("{path}:{position}\n{forecast}\n\n{chart}\n")
        }
        Err(errors) => render_errors(network.source, errors, is_styled()),
    }
}

fn svg(networks: &[Pictured<'_>]) -> Result<String, Complaint> {
    match networks {
        [] => Err("there is no network to draw".into()),
        [network] => match network.outcome {
            Ok(checked) => render_svg(checked, network).map_err(Complaint::from),
            Err(_) => Err("a network with an error can't be drawn".into()),
        },
        _ => {
            let mut names: Vec<&str> = networks.iter().filter_map(|network| network.name).collect();
            names.dedup();
            let (count, names) = (networks.len(), names.join(", "));
            let message = format!("an SVG file holds one network, but there are {count}: {names}");
            let help = "choose one with `--network NAME` and, of several of that name, by its file; `--html` draws \
                        them all";
            Err(Complaint::from(message).help(help))
        }
    }
}

fn write(path: &Path, drawn: Result<String, Complaint>) -> Result<(), Complaint> {
    let written = drawn.and_then(|text| write_file(path, text.as_bytes()).map_err(Complaint::from));
    written.map_err(|complaint| complaint.of(path.display()))
}
