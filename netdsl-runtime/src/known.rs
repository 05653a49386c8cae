//! Names that are there, for the message about one that is not.

use netdsl_layers::did_you_mean;

/// How many names a message lists.
const LISTED: usize = 12;

/// What to put behind a message that there is nothing called `name`: what there is, and what may have been meant.
pub(crate) fn what_there_is<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let listed: Vec<String> = known.clone().take(LISTED).map(|known| format!("`{known}`")).collect();
    let list = match known.clone().count() - listed.len() {
        _ if listed.is_empty() => " (there is none)".into(),
        0 => format!(" (there are {})", listed.join(", ")),
        more => format!(" (there are {} and {more} more)", listed.join(", ")),
    };
    list + &did_you_mean(name, known)
}

#[cfg(test)]
mod tests {
    use super::what_there_is;

    #[test]
    fn a_list_has_an_end() {
        let names: Vec<String> = (0..15).map(|index| format!("layer.{index}")).collect();
        let text = |count: usize| what_there_is("layer", names[..count].iter().map(String::as_str));
        assert_eq!(text(0), " (there is none)");
        assert_eq!(text(2), " (there are `layer.0`, `layer.1`)");
        assert!(text(15).ends_with("`layer.11` and 3 more)"));
        let near = what_there_is("lyer.0", ["layer.0", "x"].into_iter());
        assert_eq!(near, " (there are `layer.0`, `x`): did you mean `layer.0`?");
    }
}
