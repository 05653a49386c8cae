//! Fixes, applied to the text.

use std::collections::HashSet;
use std::fmt::{self, Display};

use netdsl_layers::Verdict;

use super::{CheckedBlock, CheckedFile, Levels, ShownFinding, TextEdit, TextFix, check};
use crate::source::{SourceError, SourceText};

/// How often a block is changed at most. Each fix is applied once for each layer; what new layers bring along ends here.
const MOST_ROUNDS: usize = 64;

/// A file, and what fixing made of it.
#[derive(Debug)]
pub struct RepairedFile {
    /// The file with the changed text.
    pub file: CheckedFile,
    /// What was changed, in the order of the text.
    pub applied: Vec<AppliedFix>,
    /// The fixes that were tried and left alone.
    pub refused: Vec<RefusedFix>,
}

/// A fix that the text now has.
#[derive(Clone, Debug)]
pub struct AppliedFix {
    /// The name of the network.
    pub network: String,
    /// The lint.
    pub lint: &'static str,
    /// What was changed.
    pub title: String,
}

/// A fix that was not applied.
#[derive(Clone, Debug)]
pub struct RefusedFix {
    /// The name of the network.
    pub network: String,
    /// The lint.
    pub lint: &'static str,
    /// What would have been changed.
    pub title: String,
    /// Why it was not.
    pub reason: Refusal,
}

/// Why a fix is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A comment stands in what it replaces.
    Comment,
    /// Its own changes contradict each other, or do not lie in the text.
    Edits,
    /// The result has an error.
    Broken(String),
    /// The result is not forecast to be healthy.
    Verdict(Verdict),
    /// The forecast of the result does not reach the end.
    NotForecast,
    /// The lint finds the same in the result.
    Ineffective,
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment => f.write_str("a comment stands in what it replaces"),
            Self::Edits => f.write_str("its changes overlap"),
            Self::Broken(error) => write!(f, "the result has an error: {error}"),
            Self::Verdict(verdict) => write!(f, "the forecast of the result is {}", verdict.name()),
            Self::NotForecast => f.write_str("the result can't be forecast to its end"),
            Self::Ineffective => f.write_str("the finding stays"),
        }
    }
}

/// Applies every fix whose forecast is healthy to the blocks of a file.
///
/// Each block is changed by one fix at a time and checked again, so that fixes of the same lines build on each other. A
/// fix stays only where the changed block parses, resolves, is forecast to be healthy and no longer shows the finding.
/// Not a byte outside a block is changed.
///
/// # Errors
/// [`SourceError`] where the changed text can't be read, which no fix brings about.
///
/// # Example
/// ```
/// use netdsl_lint::check::{Levels, check, repair};
/// use netdsl_lint::source::SourceText;
///
/// let text = "network! { struct Deep { input: [20], [Dense(20, activation = Sigmoid); 9], loss: MeanSquaredError } }";
/// let file = check(SourceText::new("src/main.rs", text.into())?, &Levels::default())?;
/// let repaired = repair(&file)?;
/// assert_eq!(repaired.applied[0].lint, "vanishing_gradient");
/// assert!(repaired.file.source.text().contains("[Dense(20, activation = Relu, init = HeNormal); 9]"));
/// # Ok::<(), netdsl_lint::source::SourceError>(())
/// ```
pub fn repair(file: &CheckedFile) -> Result<RepairedFile, SourceError> {
    let text = file.source.text();
    let mut changed = String::with_capacity(text.len());
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    let mut end = 0;
    for block in &file.blocks {
        changed.push_str(&text[end..block.range.start]);
        let before = &text[block.range.clone()];
        changed.push_str(
            &Repair {
                path: file.source.path(),
                levels: &file.levels,
                applied: &mut applied,
                refused: &mut refused,
            }
            .block(before, block)?,
        );
        end = block.range.end;
    }
    changed.push_str(&text[end..]);
    let file = check(file.source.with_text(changed), &file.levels)?;
    Ok(RepairedFile { file, applied, refused })
}

struct Repair<'a> {
    path: &'a str,
    levels: &'a Levels,
    applied: &'a mut Vec<AppliedFix>,
    refused: &'a mut Vec<RefusedFix>,
}

impl Repair<'_> {
    /// The text of a block with its fixes.
    fn block(&mut self, text: &str, block: &CheckedBlock) -> Result<String, SourceError> {
        let mut text = text.to_owned();
        if fixes(block).next().is_none() {
            return Ok(text);
        }
        // What stands in a block depends on nothing around it, so that the block alone is checked again.
        let mut checked = self.check(&text)?;
        let mut done = HashSet::new();
        for _ in 0..MOST_ROUNDS {
            let Some(block) = &checked else { break };
            let network = block.name.clone().unwrap_or_default();
            let mut changed = None;
            let mut refused = Vec::new();
            for (finding, fix) in
                fixes(block).filter(|(finding, fix)| !done.contains(&identity(finding, fix)))
            {
                let (network, lint, title) = (network.clone(), finding.lint, fix.title.clone());
                match self.attempt(&text, finding, fix)? {
                    Ok(new) => {
                        done.insert(identity(finding, fix));
                        self.applied.push(AppliedFix { network, lint, title });
                        changed = Some(new);
                        break;
                    }
                    Err(reason) => refused.push(RefusedFix { network, lint, title, reason }),
                }
            }
            // What is refused may do once another fix is there: only what is left at the end is told.
            let Some((new_text, new_block)) = changed else {
                self.refused.append(&mut refused);
                break;
            };
            (text, checked) = (new_text, Some(new_block));
        }
        Ok(text)
    }

    fn attempt(
        &self,
        text: &str,
        finding: &ShownFinding,
        fix: &TextFix,
    ) -> Result<Result<(String, CheckedBlock), Refusal>, SourceError> {
        let changed = match edited(text, &fix.edits) {
            Ok(changed) => changed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(block) = self.check(&changed)? else {
            return Ok(Err(Refusal::Broken("it is no block any more".into())));
        };
        let refusal = match &block.outcome {
            Err(errors) => Some(Refusal::Broken(
                errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; "),
            )),
            Ok(network) if network.gap.is_some() => Some(Refusal::NotForecast),
            Ok(network) if network.forecast.verdict != Verdict::Healthy => {
                Some(Refusal::Verdict(network.forecast.verdict))
            }
            Ok(network) => {
                let stays = |other: &ShownFinding| other.lint == finding.lint && other.layer == finding.layer;
                network.findings.iter().any(stays).then_some(Refusal::Ineffective)
            }
        };
        Ok(match refusal {
            None => Ok((changed, block)),
            Some(refusal) => Err(refusal),
        })
    }

    /// The only block of a text.
    fn check(&self, text: &str) -> Result<Option<CheckedBlock>, SourceError> {
        let file = check(SourceText::new(self.path, text.into())?, self.levels)?;
        Ok(file.blocks.into_iter().next().filter(|block| block.range == (0..text.len())))
    }
}

fn fixes(block: &CheckedBlock) -> impl Iterator<Item = (&ShownFinding, &TextFix)> {
    let findings = block.outcome.iter().flat_map(|network| &network.findings);
    findings.filter_map(|finding| Some((finding, finding.fix.as_ref()?)))
}

fn identity(finding: &ShownFinding, fix: &TextFix) -> (&'static str, Option<String>, String) {
    (finding.lint, finding.layer.clone(), fix.title.clone())
}

/// The text with some changes.
fn edited(text: &str, edits: &[TextEdit]) -> Result<String, Refusal> {
    let mut edits: Vec<&TextEdit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut changed = String::with_capacity(text.len());
    let mut end = 0;
    for TextEdit { range, text: new } in edits {
        let (Some(before), Some(replaced)) = (text.get(end..range.start), text.get(range.clone())) else {
            return Err(Refusal::Edits);
        };
        if replaced.contains("//") || replaced.contains("/*") {
            return Err(Refusal::Comment);
        }
        changed.push_str(before);
        changed.push_str(new);
        end = range.end;
    }
    changed.push_str(text.get(end..).ok_or(Refusal::Edits)?);
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, TextEdit, edited};

    fn edit(range: std::ops::Range<usize>, text: &str) -> TextEdit {
        TextEdit { range, text: text.into() }
    }

    #[test]
    fn changes_are_made_in_the_order_of_the_text() {
        let edits = [edit(4..5, "E"), edit(2..2, "+"), edit(2..2, "-"), edit(0..2, "AB")];
        assert_eq!(edited("abcde", &edits), Ok("AB+-cdE".into()));
        assert_eq!(edited("abc", &[]), Ok("abc".into()));
    }

    #[test]
    fn what_can_not_be_changed_is_refused() {
        assert_eq!(edited("abc", &[edit(0..2, ""), edit(1..3, "")]), Err(Refusal::Edits));
        assert_eq!(edited("abc", &[edit(2..4, "")]), Err(Refusal::Edits));
        assert_eq!(edited("ä", &[edit(1..2, "")]), Err(Refusal::Edits));
        assert_eq!(edited("a /* why */ b", &[edit(0..13, "b")]), Err(Refusal::Comment));
    }
}
