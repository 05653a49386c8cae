//! The packages that a command looks at, chosen as with cargo's own commands.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use clap::Args;
use glob::Pattern;
use netdsl_layers::did_you_mean;

use super::complaint::{Complaint, Complaints};
use super::output::remark;
use super::paths::relative;

/// The folders of a package in which cargo looks for its targets.
const FOLDERS: [&str; 4] = ["src", "tests", "examples", "benches"];

const HEADING: &str = "Package selection";

#[derive(Args)]
pub(super) struct Packages {
    /// A package of the workspace: its name, with `*`, `?` and `[]` as in a shell, or its name@version
    #[arg(short, long, value_name = "SPEC", help_heading = HEADING, conflicts_with = "paths")]
    package: Vec<String>,

    /// All packages of the workspace
    #[arg(long, help_heading = HEADING, alias = "all", conflicts_with = "paths")]
    workspace: bool,

    /// All packages of the workspace but this one
    #[arg(long, help_heading = HEADING, value_name = "SPEC", requires = "workspace")]
    exclude: Vec<String>,

    /// The Cargo.toml of the package or the workspace
    #[arg(long, help_heading = HEADING, value_name = "PATH", conflicts_with = "paths")]
    manifest_path: Option<PathBuf>,
}

impl Packages {
    /// The source folders of the packages; complains of what can't be found.
    pub(super) fn folders(&self, complaints: &mut Complaints) -> Vec<PathBuf> {
        let (metadata, here) = match self.metadata() {
            Ok(found) => found,
            Err(complaint) => {
                complaints.add(complaint);
                return Vec::new();
            }
        };
        let packages = self.chosen(&metadata, &here, complaints);
        let folders = packages.iter().flat_map(|package| folders(package));
        folders.map(|folder| relative(&folder, &here)).collect()
    }

    fn metadata(&self) -> Result<(Metadata, PathBuf), Complaint> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(manifest) = &self.manifest_path {
            command.manifest_path(manifest);
        }
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                let message = stderr.trim().trim_start_matches("error: ");
                let complaint = Complaint::from(message);
                if message.starts_with("could not find `Cargo.toml`") {
                    complaint.help("name the files and folders to look at, or a package by `--manifest-path`")
                } else {
                    complaint
                }
            }
            error => error.into(),
        })?;
        let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
        Ok((metadata, here))
    }

    fn chosen<'a>(
        &self,
        metadata: &'a Metadata,
        here: &Path,
        complaints: &mut Complaints,
    ) -> Vec<&'a Package> {
        let members = metadata.workspace_packages();
        if self.workspace {
            let excluded = Specs::new(&self.exclude, complaints);
            for spec in excluded.without_package(&members) {
                remark(&format!("no package `{spec}` in the workspace, none is excluded"));
            }
            return members.into_iter().filter(|package| !excluded.names(package)).collect();
        }
        if self.package.is_empty() {
            return self.of_folder(metadata, here);
        }
        let wanted = Specs::new(&self.package, complaints);
        for spec in wanted.without_package(&members) {
            let names = members.iter().map(|package| package.name.as_str());
            complaints.add(format!("no package `{spec}` in the workspace{}", did_you_mean(spec, names)));
        }
        members.into_iter().filter(|package| wanted.names(package)).collect()
    }

    /// The package whose manifest cargo itself would take; where that is a workspace without a package of its own, its
    /// default members.
    fn of_folder<'a>(&self, metadata: &'a Metadata, here: &Path) -> Vec<&'a Package> {
        let named = self.manifest_path.as_ref().and_then(|manifest| manifest.canonicalize().ok());
        let owner = match &self.manifest_path {
            Some(_) => {
                let is_named = |package: &&Package| {
                    package.manifest_path.canonicalize().ok().is_some_and(|path| Some(path) == named)
                };
                metadata.packages.iter().find(is_named)
            }
            None => {
                let around = metadata.packages.iter().filter(|package| {
                    package.manifest_path.parent().is_some_and(|root| here.starts_with(root.as_std_path()))
                });
                around.max_by_key(|package| package.manifest_path.as_str().len())
            }
        };
        match owner {
            Some(package) => vec![package],
            None => metadata.workspace_default_packages(),
        }
    }
}

/// Where the sources of a package are, as far as they are there: the usual folders, and for a target elsewhere the folder
/// that it lies in or, where that is the one of the package, the file alone.
fn folders(package: &Package) -> Vec<PathBuf> {
    let Some(root) = package.manifest_path.parent().map(|root| root.as_std_path()) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = FOLDERS.map(|folder| root.join(folder)).into();
    for target in package.targets.iter().filter(|target| !target.is_custom_build()) {
        let path = target.src_path.as_std_path();
        if !folders.iter().any(|folder| path.starts_with(folder)) {
            let folder = path.parent().filter(|folder| *folder != root);
            folders.push(folder.unwrap_or(path).to_path_buf());
        }
    }
    folders.retain(|folder| folder.exists());
    folders
}

/// Package specs.
struct Specs<'a>(Vec<Spec<'a>>);

struct Spec<'a> {
    written: &'a str,
    name: Pattern,
    version: Option<&'a str>,
}

impl<'a> Specs<'a> {
    fn new(written: &'a [String], complaints: &mut Complaints) -> Self {
        let mut specs = Vec::new();
        for written in written {
            let (name, version) = match written.rsplit_once(['@', ':']) {
                // What `cargo pkgid` prints is an address, whose part behind the last `#` is name and version.
                Some((name, version)) if version.starts_with(|first: char| first.is_ascii_digit()) => {
                    (name, Some(version))
                }
                _ => (written.as_str(), None),
            };
            match Pattern::new(name.rsplit('#').next().unwrap_or(name)) {
                Ok(name) => specs.push(Spec { written, name, version }),
                Err(error) => complaints.add(format!("`{written}` names no package: {}", error.msg)),
            }
        }
        Self(specs)
    }

    fn names(&self, package: &Package) -> bool {
        self.0.iter().any(|spec| spec.names(package))
    }

    fn without_package(&self, packages: &[&Package]) -> impl Iterator<Item = &'a str> {
        let unknown = |spec: &&Spec<'_>| !packages.iter().any(|package| spec.names(package));
        self.0.iter().filter(unknown).map(|spec| spec.written)
    }
}

impl Spec<'_> {
    /// A version may be cut off behind its major or minor number.
    fn names(&self, package: &Package) -> bool {
        let version = package.version.to_string();
        let rest = self.version.map(|wanted| version.strip_prefix(wanted));
        let is_version =
            rest.is_none_or(|rest| rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
        package.id.repr == self.written || (is_version && self.name.matches(&package.name))
    }
}
