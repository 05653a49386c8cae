//! What is wrong with a declaration, and where.

/// A place in the declaration that a value was read from: an index into the table of spans that the parser keeps.
///
/// Layers know nothing of tokens and files; they hand the place of the value that they refuse back to the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(pub u32);

/// One error in a declaration, on the smallest place that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong: lowercase, no full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// Whether the shape that reaches the layer is what is wrong with it. Such a problem is dropped behind a layer
    /// that has already failed, since the shape that follows it is a guess.
    pub of_shape: bool,
}

impl Problem {
    /// A problem at `place`.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: None, of_shape: false }
    }

    /// The same problem with a way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same problem, marked as one of the shape that reaches the layer.
    #[must_use]
    pub fn of_shape(self) -> Self {
        Self { of_shape: true, ..self }
    }
}

/// `: did you mean X?`, where a candidate is close enough to what was written to be meant, else an empty string.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1.max(written.len().min(candidate.len()) / 3))
        .min()
        .map(|(_, candidate)| format!(": did you mean `{candidate}`?"))
        .unwrap_or_default()
}
