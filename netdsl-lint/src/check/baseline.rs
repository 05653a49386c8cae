//! Findings that are known, so that only new ones are reported.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{CheckedFile, CheckedNetwork, ShownFinding};

/// The version of the form that is written and read.
const VERSION: u32 = 1;

/// What is known of some sources.
///
/// A finding is known by its file, network, lint and layer. Lines and numbers are no part of it, so that it stays known
/// when something else in the file changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<Known, usize>,
}

/// What findings have in common that are one and the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Known {
    file: String,
    network: String,
    lint: String,
    layer: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    known: Known,
    /// How many findings are alike.
    count: usize,
}

/// Only the version, so that another one is named whatever else its form is.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Why a text is no baseline: lowercase, no full stop.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON, or JSON of another form.
    #[error("no baseline of netdsl: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error("a baseline of version {found}, expected {VERSION}")]
    Version {
        /// The version that it names.
        found: u32,
    },
}

/// What a baseline had to say of some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many findings are known.
    pub known: usize,
    /// How many findings of the baseline are not found any more.
    pub gone: usize,
}

impl Baseline {
    /// The findings of some files. `name` is the name of a file by its path, as the baseline has it.
    pub fn of(files: &[CheckedFile], name: impl Fn(&str) -> String) -> Self {
        let mut baseline = Self::default();
        for file in files {
            let file_name = name(file.source.path());
            for network in networks(file) {
                for finding in &network.findings {
                    *baseline.counts.entry(Known::of(&file_name, network, finding)).or_default() += 1;
                }
            }
        }
        baseline
    }

    /// Reads what [`text`](Self::text) wrote.
    ///
    /// # Errors
    /// [`BaselineError`]
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let Version { version } = serde_json::from_str(text)?;
        if version != VERSION {
            return Err(BaselineError::Version { found: version });
        }
        let document: Document = serde_json::from_str(text)?;
        let mut baseline = Self::default();
        for Entry { known, count } in document.findings {
            let counted = baseline.counts.entry(known).or_default();
            *counted = counted.saturating_add(count);
        }
        Ok(baseline)
    }

    /// The baseline as JSON: one entry for all findings that are alike, sorted, so that it changes little when they do.
    pub fn text(&self) -> String {
        let entry = |(known, count): (&Known, &usize)| Entry { known: known.clone(), count: *count };
        let document = Document { version: VERSION, findings: self.counts.iter().map(entry).collect() };
        // Texts and numbers: nothing that JSON can't hold.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether it has no finding.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Removes the known findings from some files.
    ///
    /// Of files that are not among them, and of those that could only be read in part, nothing is gone.
    pub fn remove_from(&self, files: &mut [CheckedFile], name: impl Fn(&str) -> String) -> Comparison {
        let mut left = self.counts.clone();
        let mut known = 0;
        for file in &mut *files {
            let file_name = name(file.source.path());
            for network in networks_mut(file) {
                let mut findings = std::mem::take(&mut network.findings);
                findings.retain(|finding| match left.get_mut(&Known::of(&file_name, network, finding)) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        known += 1;
                        false
                    }
                    _ => true,
                });
                network.findings = findings;
            }
        }
        let read = read_whole(files, name);
        let gone = left.iter().filter(|(known, _)| read.contains(&known.file)).map(|(_, count)| count).sum();
        Comparison { known, gone }
    }

    /// The findings of this one for files that are among `files` or, as `exists` says of a name, are gone; for all other
    /// files those of `old`.
    pub fn merged(
        mut self,
        old: Self,
        files: &[CheckedFile],
        name: impl Fn(&str) -> String,
        exists: impl Fn(&str) -> bool,
    ) -> Self {
        let read = read_whole(files, name);
        for (known, count) in old.counts {
            if !read.contains(&known.file) && exists(&known.file) {
                self.counts.entry(known).or_insert(count);
            }
        }
        self
    }
}

impl Known {
    fn of(file: &str, network: &CheckedNetwork, finding: &ShownFinding) -> Self {
        Self {
            file: file.into(),
            network: network.network.name.to_string(),
            lint: finding.lint.into(),
            layer: finding.layer.clone(),
        }
    }
}

fn networks(file: &CheckedFile) -> impl Iterator<Item = &CheckedNetwork> {
    file.blocks.iter().filter_map(|block| block.outcome.as_deref().ok())
}

fn networks_mut(file: &mut CheckedFile) -> impl Iterator<Item = &mut CheckedNetwork> {
    file.blocks.iter_mut().filter_map(|block| block.outcome.as_deref_mut().ok())
}

/// The names of the files of which every block could be read.
fn read_whole(files: &[CheckedFile], name: impl Fn(&str) -> String) -> HashSet<String> {
    let whole = files.iter().filter(|file| file.blocks.iter().all(|block| block.outcome.is_ok()));
    whole.map(|file| name(file.source.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Comparison};
    use crate::check::{CheckedFile, Levels, check};
    use crate::source::SourceText;

    const SIGMOIDS: &str = "network! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: MeanSquaredError } }";

    fn file(path: &str, text: &str) -> CheckedFile {
        let source = SourceText::new(path, text.into()).expect("the text is UTF-8");
        check(source, &Levels::default()).expect("the text is Rust")
    }

    fn name(path: &str) -> String {
        path.into()
    }

    #[test]
    fn what_is_written_is_read() {
        let baseline = Baseline::of(&[file("a.rs", &SIGMOIDS.repeat(2)), file("b.rs", SIGMOIDS)], name);
        assert_eq!(baseline.len(), 3);
        assert_eq!(baseline.text().matches("\"count\"").count(), 2, "equal findings are one entry");
        assert_eq!(Baseline::parse(&baseline.text()).expect("it was written by us"), baseline);
        assert!(Baseline::parse(&Baseline::default().text()).expect("it was written by us").is_empty());
    }

    #[test]
    fn known_findings_are_removed_and_what_is_gone_is_counted() {
        let baseline = Baseline::of(&[file("a.rs", &SIGMOIDS.repeat(2)), file("b.rs", SIGMOIDS)], name);
        let compare = |text: String| {
            let mut files = [file("a.rs", &text)];
            let comparison = baseline.remove_from(&mut files, name);
            (comparison, Baseline::of(&files, name).len())
        };
        // Nothing is said of `b.rs`, which is not looked at.
        assert_eq!(compare(SIGMOIDS.repeat(3)), (Comparison { known: 2, gone: 0 }, 1));
        assert_eq!(compare(format!("\n\n{SIGMOIDS}")), (Comparison { known: 1, gone: 1 }, 0));
        let other_layer = SIGMOIDS.replace("[Dense", "hidden: [Dense");
        assert_eq!(compare(other_layer), (Comparison { known: 0, gone: 2 }, 1));
        let broken = format!("{SIGMOIDS} network! {{}}");
        assert_eq!(compare(broken), (Comparison { known: 1, gone: 0 }, 0));
    }

    #[test]
    fn what_was_not_looked_at_stays() {
        let old = Baseline::of(&["a.rs", "b.rs", "deleted.rs"].map(|path| file(path, SIGMOIDS)), name);
        let files = [file("a.rs", ""), file("c.rs", SIGMOIDS)];
        let new = Baseline::of(&files, name).merged(old, &files, name, |file| file != "deleted.rs");
        assert_eq!(new, Baseline::of(&["b.rs", "c.rs"].map(|path| file(path, SIGMOIDS)), name));
    }

    #[test]
    fn what_is_no_baseline_says_why() {
        let cases = [
            ("", "no baseline of netdsl: EOF while parsing a value at line 1 column 0"),
            ("{}", "no baseline of netdsl: missing field `version` at line 1 column 2"),
            ("{\"version\": 2, \"entries\": []}", "a baseline of version 2, expected 1"),
            ("{\"version\": 1}", "no baseline of netdsl: missing field `findings` at line 1 column 14"),
        ];
        for (text, message) in cases {
            assert_eq!(Baseline::parse(text).expect_err(text).to_string(), message);
        }
    }
}
