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

    /// A name that stands for nothing: what it may have been meant to be, or all that there is.
    pub fn unknown<'a>(
        place: Place,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let hint = did_you_mean(name, known.iter().copied());
        let problem = Self::new(place, format!("unknown {what} `{name}`{hint}"));
        if hint.is_empty() { problem.help(format!("it is one of {}", quoted(known))) } else { problem }
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

/// A number and what it counts.
///
/// ```
/// use netdsl_layers::count;
/// assert_eq!([count(1, "batch", "batches"), count(0, "batch", "batches")], ["1 batch", "0 batches"]);
/// ```
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Names as a list in a sentence.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The fewest letters that stand for the one name that begins with them.
const FEWEST_LETTERS: usize = 3;

/// `: did you mean X?`, where a candidate is close enough to what was written to be meant, or the only one that begins so;
/// else an empty string.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let lower = written.to_lowercase();
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let near = candidates
        .iter()
        .filter_map(|candidate| {
            let known = candidate.to_lowercase();
            // Who misses a letter seldom misses the first.
            let other_start = known.chars().next() != lower.chars().next();
            near(&lower, &known).map(|distance| (distance, other_start, *candidate))
        })
        .min()
        .map(|(_, _, candidate)| candidate);
    let begun = || {
        let begins = |candidate: &&&str| candidate.to_lowercase().starts_with(&lower);
        let mut begun = candidates.iter().filter(begins).copied();
        begun.next().filter(|_| lower.chars().count() >= FEWEST_LETTERS && begun.next().is_none())
    };
    near.or_else(begun).map_or(String::new(), |candidate| format!(": did you mean `{candidate}`?"))
}

/// How many letters two names differ by, where that is few: in each part of paths that have as many.
fn near(a: &str, b: &str) -> Option<usize> {
    let parts = |name: &str| name.split('.').count();
    if parts(a) == parts(b) && parts(a) > 1 {
        return a.split('.').zip(b.split('.')).map(|(a, b)| near(a, b)).sum();
    }
    let distance = strsim::damerau_levenshtein(a, b);
    let [a, b] = [a, b].map(|name| name.chars().count());
    // Of a name of one letter nothing is the same where that one is not.
    (distance <= 1.max(a.min(b) / 3) && distance < a.max(b).max(1)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::{Place, Problem, did_you_mean};

    #[test]
    fn the_nearest_name_is_meant() {
        assert_eq!(did_you_mean("Rlu", ["Elu", "Relu"]), ": did you mean `Relu`?");
        assert_eq!(did_you_mean("Sigmiod", ["Sigmoid", "Silu"]), ": did you mean `Sigmoid`?");
        assert_eq!(did_you_mean("MSE", ["MeanSquaredError"]), "");
    }

    #[test]
    fn another_letter_is_another_name() {
        assert_eq!(did_you_mean("c", ["a", "b"]), "");
        assert_eq!(did_you_mean("g.weight", ["h.weight"]), "");
        assert_eq!(did_you_mean("hidden.7.bias", ["hidden.0.bias", "hidden.1.bias"]), "");
        assert_eq!(did_you_mean("h.wieght", ["h.bias", "h.weight"]), ": did you mean `h.weight`?");
        assert_eq!(
            did_you_mean("hiden.1.bias", ["hidden.0.bias", "hidden.1.bias"]),
            ": did you mean `hidden.1.bias`?"
        );
    }

    #[test]
    fn a_beginning_stands_for_the_one_name_that_has_it() {
        let lints = ["vanishing_gradient", "step_too_large", "step_too_small"];
        assert_eq!(did_you_mean("vanishing", lints), ": did you mean `vanishing_gradient`?");
        assert_eq!(did_you_mean("step", lints), "");
        assert_eq!(did_you_mean("va", lints), "");
        assert_eq!(did_you_mean("", lints), "");
    }

    #[test]
    fn where_no_name_is_near_all_are_listed() {
        let unknown = Problem::unknown(Place(0), "loss", "MSE", ["Huber", "MeanSquaredError"]);
        assert_eq!(unknown.message, "unknown loss `MSE`");
        assert_eq!(unknown.help.as_deref(), Some("it is one of `Huber`, `MeanSquaredError`"));
        assert_eq!(Problem::unknown(Place(0), "loss", "Hubr", ["Huber"]).help, None);
    }
}
