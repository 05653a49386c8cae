//! The file `netdsl.toml`.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use netdsl_layers::{did_you_mean, quoted};
use proc_macro2::{Span, TokenStream};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Settings;
use crate::language::{Level, Network, parse, resolve};
use crate::lint::{LINTS, Lint};

/// The name of the file.
const NAME: &str = "netdsl.toml";

/// The settings of a project, and where they stand.
#[derive(Clone, Debug, Default)]
pub struct SettingsFile {
    /// The file; `None` where there is none, so that everything is as the lints have it.
    pub path: Option<PathBuf>,
    /// What it says.
    pub settings: Settings,
}

/// What is wrong with the file. The message begins with its path.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {kind}", path.display(), position.map_or(String::new(), |(line, column)| format!(":{line}:{column}")))]
pub struct SettingsError {
    /// The file.
    pub path: PathBuf,
    /// The line and the column, from 1, the column in characters.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub kind: SettingsErrorKind,
}

/// What is wrong with a file of settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsErrorKind {
    /// The system says no.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// There is no such table or key.
    #[error("unknown {what} `{name}`{}", meant(name, of, known))]
    Unknown {
        /// What it would be.
        what: &'static str,
        /// What it would belong to.
        of: &'static str,
        /// What was written.
        name: Box<str>,
        /// What there is.
        known: Box<[&'static str]>,
    },
    /// A value is of the wrong kind or out of range.
    #[error("`{name}` is {expected}, not {found}")]
    Value {
        /// The key.
        name: String,
        /// What was expected.
        expected: Cow<'static, str>,
        /// What was written.
        found: String,
    },
    /// A distribution that the language does not have.
    #[error("{0}")]
    Distribution(String),
}

type Found<T> = Result<T, (Range<usize>, SettingsErrorKind)>;
type Table<'a> = DeTable<'a>;

impl SettingsFile {
    /// The settings that hold for a package: those of the nearest file in its folder or above it.
    ///
    /// # Errors
    /// Where the file can't be read or says what it can't say.
    pub fn of_package(folder: &Path) -> Result<Self, SettingsError> {
        // What is there and can't be read, such as a link to nothing, is not passed over.
        let exists = |path: &PathBuf| path.symlink_metadata().is_ok();
        let found = folder.ancestors().map(|folder| folder.join(NAME)).find(exists);
        found.map_or_else(|| Ok(Self::default()), Self::read)
    }

    /// The settings that hold for a source file: those of its package, which is the nearest folder above it with a
    /// `Cargo.toml`; a file of no package has those of the nearest file above it.
    ///
    /// # Errors
    /// As [`of_package`](Self::of_package).
    pub fn of_source(file: &Path) -> Result<Self, SettingsError> {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.into());
        let folders = || absolute.ancestors().skip(1);
        let package = folders().find(|folder| folder.join("Cargo.toml").is_file());
        package.or_else(|| folders().next()).map_or_else(|| Ok(Self::default()), Self::of_package)
    }

    /// The settings of one file.
    ///
    /// # Errors
    /// As [`of_package`](Self::of_package).
    pub fn read(path: PathBuf) -> Result<Self, SettingsError> {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return Err(SettingsError { path, position: None, kind: error.into() }),
        };
        match Settings::parse(&text) {
            Ok(settings) => Ok(Self { path: Some(path), settings }),
            Err((range, kind)) => {
                let before = text.get(..range.start).unwrap_or(&text);
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                Err(SettingsError { path, position: Some((line, column)), kind })
            }
        }
    }
}

impl Settings {
    /// Reads the text of a file.
    fn parse(text: &str) -> Found<Self> {
        let document = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            (error.span().unwrap_or(0..0), SettingsErrorKind::Syntax(message))
        })?;
        let mut settings = Self::default();
        for (name, value) in document.get_ref() {
            match name.get_ref().as_ref() {
                "levels" => settings.levels(table("levels", value)?)?,
                "thresholds" => settings.thresholds(table("thresholds", value)?)?,
                "assumptions" => settings.assumptions(table("assumptions", value)?)?,
                _ => {
                    return Err(unknown(
                        "table",
                        name,
                        "netdsl.toml",
                        &["levels", "thresholds", "assumptions"],
                    ));
                }
            }
        }
        Ok(settings)
    }

    fn levels(&mut self, table: &Table<'_>) -> Found<()> {
        for (name, value) in table {
            let lint = lint(name)?;
            let written = match value.get_ref() {
                DeValue::String(written) => Level::named(written).filter(|level| *level != Level::Expect),
                _ => None,
            };
            let level = written.ok_or_else(|| wrong(name, value, "\"allow\", \"warn\" or \"deny\""))?;
            self.set_level(lint.name(), level);
        }
        Ok(())
    }

    fn thresholds(&mut self, lints: &Table<'_>) -> Found<()> {
        for (name, thresholds) in lints {
            let lint = lint(name)?;
            for (name, value) in table(lint.name(), thresholds)? {
                let known = || lint.thresholds().iter();
                let threshold = known().find(|threshold| threshold.name == name.get_ref().as_ref());
                let threshold = threshold.ok_or_else(|| {
                    let names: Vec<&str> = known().map(|threshold| threshold.name).collect();
                    unknown("threshold", name, lint.name(), &names)
                })?;
                let number = match value.get_ref() {
                    DeValue::Integer(integer) => integer.as_str().replace('_', "").parse().ok(),
                    DeValue::Float(real) => real.as_str().replace('_', "").parse().ok(),
                    _ => None,
                };
                let number = number
                    .filter(|number: &f64| number.is_finite() && *number > 0.0 && *number <= threshold.most);
                let expected = if threshold.most.is_finite() {
                    format!("a number above 0 and of at most {}", threshold.most)
                } else {
                    "a number above 0".into()
                };
                let number = number.ok_or_else(|| wrong(name, value, expected))?;
                self.limits.push((lint.name(), threshold.name, number));
            }
        }
        Ok(())
    }

    fn assumptions(&mut self, table: &Table<'_>) -> Found<()> {
        for (name, value) in table {
            let text = || match value.get_ref() {
                DeValue::String(text) => Ok(text.as_ref()),
                _ => Err(wrong(name, value, "a distribution such as \"Uniform(0.0, 1.0)\"")),
            };
            let refused = |message| (value.span(), SettingsErrorKind::Distribution(message));
            let assumed = &mut self.assumptions;
            match name.get_ref().as_ref() {
                "input" => {
                    let network = network("input", text()?).map_err(refused)?;
                    assumed.input = Some(network.input_distribution);
                }
                "target" => assumed.target = network("target", text()?).map_err(refused)?.target,
                "batch" => {
                    let batch = match value.get_ref() {
                        DeValue::Integer(integer) => integer.as_str().replace('_', "").parse().ok(),
                        _ => None,
                    };
                    let batch = batch.filter(|batch| *batch > 0);
                    assumed.batch =
                        Some(batch.ok_or_else(|| wrong(name, value, "a whole number of at least 1"))?);
                }
                _ => return Err(unknown("assumption", name, "assumptions", &["input", "target", "batch"])),
            }
        }
        Ok(())
    }
}

/// A network with this distribution of its input or its target: the language itself reads what it means.
fn network(of: &str, distribution: &str) -> Result<Network, String> {
    let (input, target) = match of {
        "input" => (format!("~ {distribution}"), String::new()),
        _ => (String::new(), format!("target ~ {distribution},")),
    };
    let block = format!("struct Assumed {{ input: [1] {input}, Identity, {target} loss: MeanSquaredError }}");
    let tokens: TokenStream = block
        .parse()
        .map_err(|_| format!("`{distribution}` is no distribution: write `Normal(0.0, 1.0)`"))?;
    let first = |problems: Vec<netdsl_layers::Problem>| {
        let problem = problems.into_iter().next();
        problem.map_or(String::new(), |problem| problem.message)
    };
    let block = parse(tokens, Span::call_site()).map_err(|failure| first(failure.problems))?;
    resolve(&block).map_err(first)
}

fn table<'a, 'b>(name: &str, value: &'a Spanned<DeValue<'b>>) -> Found<&'a Table<'b>> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => {
            let (name, found) = (name.into(), describe(value));
            Err((value.span(), SettingsErrorKind::Value { name, expected: "a table".into(), found }))
        }
    }
}

fn lint(name: &Spanned<Cow<'_, str>>) -> Found<&'static dyn Lint> {
    let known: Vec<&'static str> = LINTS.iter().map(|lint| lint.name()).collect();
    <dyn Lint>::named(name.get_ref()).ok_or_else(|| unknown("lint", name, "netdsl", &known))
}

/// The name that may have been meant, or all that there are.
fn meant(name: &str, of: &str, known: &[&str]) -> String {
    let meant = did_you_mean(name, known.iter().copied());
    if !meant.is_empty() {
        meant
    } else if known.is_empty() {
        format!("; `{of}` has none")
    } else {
        format!("; `{of}` has {}", quoted(known.iter().copied()))
    }
}

fn unknown(
    what: &'static str,
    name: &Spanned<Cow<'_, str>>,
    of: &'static str,
    known: &[&'static str],
) -> (Range<usize>, SettingsErrorKind) {
    let kind =
        SettingsErrorKind::Unknown { what, name: name.get_ref().as_ref().into(), of, known: known.into() };
    (name.span(), kind)
}

fn wrong(
    name: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    expected: impl Into<Cow<'static, str>>,
) -> (Range<usize>, SettingsErrorKind) {
    let name = name.get_ref().to_string();
    (value.span(), SettingsErrorKind::Value { name, expected: expected.into(), found: describe(value) })
}

fn describe(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => format!("`{}`", number.as_str()),
        DeValue::Float(number) => format!("`{}`", number.as_str()),
        DeValue::Boolean(truth) => format!("`{truth}`"),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests {
    use netdsl_layers::TargetDistribution;

    use super::Settings;
    use crate::forecast::InputDistribution;
    use crate::forecast::limits::SMALLEST_RATIO;
    use crate::language::Level;

    #[test]
    fn a_file_says_levels_thresholds_and_assumptions() {
        let text = "[levels]\nvanishing_gradient = \"deny\"\n[thresholds.vanishing_gradient]\n\
                    smallest_ratio = 1e-4\n[assumptions]\ninput = \"Uniform(0.0, 1.0)\"\n\
                    target = \"Normal(1, 2.0)\"\nbatch = 64\n";
        let settings = Settings::parse(text).expect("the text is right");
        assert_eq!(settings.level("vanishing_gradient"), Some(Level::Deny));
        assert_eq!(settings.level("exploding_gradient"), None);
        assert_eq!(settings.limit(&SMALLEST_RATIO), 1e-4);
        assert_eq!(settings.assumptions.input, Some(InputDistribution::Uniform { low: 0.0, high: 1.0 }));
        let target = TargetDistribution::Normal { mean: 1.0, standard_deviation: 2.0 };
        assert_eq!(settings.assumptions.target, Some(target));
        assert_eq!(settings.assumptions.batch, Some(64));
    }

    #[test]
    fn what_a_file_can_not_say_is_refused_at_its_place() {
        let cases = [
            ("[level]", 1..6, "unknown table `level`: did you mean `levels`?"),
            ("levels = 3", 9..10, "`levels` is a table, not `3`"),
            (
                "[levels]\nvanishing = 'deny'",
                9..18,
                "unknown lint `vanishing`: did you mean `vanishing_gradient`?",
            ),
            (
                "[levels]\nnon_finite = 'forbid'",
                22..30,
                "`non_finite` is \"allow\", \"warn\" or \"deny\", not \"forbid\"",
            ),
            (
                "[thresholds.vanishing_gradient]\nsmallest_ration = 1",
                32..47,
                "unknown threshold `smallest_ration`: did you mean `smallest_ratio`?",
            ),
            (
                "[thresholds.vanishing_gradient]\nsmallest_ratio = -1",
                49..51,
                "`smallest_ratio` is a number above 0, not `-1`",
            ),
            (
                "[thresholds.saturated_activation]\nlimit = 1",
                34..39,
                "unknown threshold `limit`; `saturated_activation` has `largest_share`",
            ),
            (
                "[thresholds.symmetric_init]\nlimit = 1",
                28..33,
                "unknown threshold `limit`; `symmetric_init` has none",
            ),
            (
                "[thresholds.dying_relu]\nlargest_probability = 2.0",
                46..49,
                "`largest_probability` is a number above 0 and of at most 1, not `2.0`",
            ),
            (
                "[assumptions]\nsize = 64",
                14..18,
                "unknown assumption `size`; `assumptions` has `input`, `target`, `batch`",
            ),
            ("[assumptions]\ntarget = 'Tokens(4)'", 23..34, "`Tokens` is what an input can be, not a target"),
            ("[assumptions]\nbatch = 0", 22..23, "`batch` is a whole number of at least 1, not `0`"),
            (
                "[assumptions]\ninput = 'Unifrom(0, 1)'",
                22..37,
                "unknown distribution `Unifrom`: did you mean `Uniform`?",
            ),
            (
                "[assumptions]\ninput = 'Uniform('",
                22..32,
                "`Uniform(` is no distribution: write `Normal(0.0, 1.0)`",
            ),
            (
                "[assumptions]\ntarget = 1",
                23..24,
                "`target` is a distribution such as \"Uniform(0.0, 1.0)\", not `1`",
            ),
        ];
        for (text, range, message) in cases {
            let (at, kind) = Settings::parse(text).expect_err(text);
            assert_eq!((at, kind.to_string().as_str()), (range, message), "{text}");
        }
    }
}
