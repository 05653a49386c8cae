//! Numbers of things in sentences.

/// The number with the noun in the singular or plural: `1 example`, `30 examples`.
pub(crate) fn counted(count: usize, [one, many]: [&str; 2]) -> String {
    netdsl_layers::count(count, one, many)
}

/// The same behind the verb: `there is 1 example`, `there are 30 examples`.
pub(crate) fn there_are(count: usize, nouns: [&str; 2]) -> String {
    format!("there {} {}", if count == 1 { "is" } else { "are" }, counted(count, nouns))
}

/// What an example is called.
pub(crate) const EXAMPLES: [&str; 2] = ["example", "examples"];
