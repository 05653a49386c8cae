//! The blocks of a text, found in its tokens.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

use super::error::SourceError;
use super::text::SourceText;

/// The macro: a text without its name has no block, whatever else it is.
const NAME: &str = "network";

/// The largest text that is split into tokens, which take a hundred times its memory.
const MAX_BYTES_WITH_BLOCKS: u64 = 4 << 20;

/// A `network! { .. }` in a text.
#[derive(Clone, Debug)]
pub struct SourceBlock {
    /// The tokens between the brackets.
    pub tokens: TokenStream,
    /// The bracket that closes the block.
    pub end: Span,
    /// From the word `network` to the bracket that closes the block, in bytes of the text.
    pub range: Range<usize>,
    /// Where the tokens' own count of bytes begins.
    start_of_tokens: usize,
}

impl SourceBlock {
    /// The bytes of the text from the first token to the last.
    pub fn bytes(&self, first: Span, last: Span) -> Range<usize> {
        self.start_of_tokens + first.byte_range().start..self.start_of_tokens + last.byte_range().end
    }
}

/// Every block of a text in its order: at the top, in modules, in functions, in the arguments of other macros.
///
/// A text in a comment is no block, nor is one in the definition of another macro, which is only a pattern of one. The
/// positions in the tokens hold in this thread until
/// [`invalidate_current_thread_spans`](proc_macro2::extra::invalidate_current_thread_spans) is called.
pub fn blocks(source: &SourceText) -> Result<Vec<SourceBlock>, SourceError> {
    if !source.text().contains(NAME) {
        return Ok(Vec::new());
    }
    if source.text().len() as u64 > MAX_BYTES_WITH_BLOCKS {
        return Err(SourceError::TooLarge { path: source.path().into(), most: MAX_BYTES_WITH_BLOCKS });
    }
    let (tokens, start_of_tokens) = tokens(source)?;
    let mut found = Vec::new();
    // The brackets that are open, each with its tokens and how many of them were looked at: an explicit stack, since
    // sources nest as deep as they like.
    let mut open: Vec<(Vec<TokenTree>, usize)> = vec![(tokens.into_iter().collect(), 0)];
    while let Some((tokens, seen)) = open.last_mut() {
        let (before, rest) = tokens.split_at(*seen);
        let Some(token) = rest.first() else {
            open.pop();
            continue;
        };
        *seen += 1;
        let TokenTree::Group(group) = token else { continue };
        if let Some(name) = calls_network(before) {
            found.push(block(group, name.span(), start_of_tokens));
        } else if !defines_a_macro(before) {
            let inside = group.stream().into_iter().collect();
            open.push((inside, 0));
        }
    }
    Ok(found)
}

/// Says of a text without a block whether it is made of tokens; of one that may have one [`blocks`] does.
///
/// # Errors
/// [`SourceError::NotRust`] where it is not. A text that is too large to be split is taken at its word.
pub fn made_of_tokens(source: &SourceText) -> Result<(), SourceError> {
    if source.text().contains(NAME) || source.text().len() as u64 > MAX_BYTES_WITH_BLOCKS {
        return Ok(());
    }
    tokens(source).map(|_| ())
}

/// The tokens of a text, and the byte at which their own count begins.
fn tokens(source: &SourceText) -> Result<(TokenStream, usize), SourceError> {
    let start_of_tokens = behind_shebang(source.text());
    let tokens = TokenStream::from_str(&source.text()[start_of_tokens..]).map_err(|error| {
        let at = start_of_tokens + error.span().byte_range().start;
        let what = match source.text()[at..].chars().next() {
            Some('(' | '[' | '{') => "this bracket is not closed",
            Some(')' | ']' | '}') => "this bracket closes none that is open, or one of another kind",
            _ => "this is no token of Rust",
        };
        SourceError::NotRust { path: source.path().into(), position: source.position(at), what }
    })?;
    Ok((tokens, start_of_tokens))
}

/// Whether the tokens end in `network!` or `netdsl::network!`: the word `network`.
fn calls_network(tokens: &[TokenTree]) -> Option<&Ident> {
    let [path @ .., TokenTree::Ident(name), TokenTree::Punct(bang)] = tokens else { return None };
    let ours = match path {
        [.., TokenTree::Ident(owner), TokenTree::Punct(one), TokenTree::Punct(other)]
            if one.as_char() == ':' && other.as_char() == ':' =>
        {
            owner == "netdsl"
        }
        [.., TokenTree::Punct(colon)] => colon.as_char() != ':',
        _ => true,
    };
    (ours && name == NAME && bang.as_char() == '!').then_some(name)
}

/// Whether the tokens end in `macro_rules! name`.
fn defines_a_macro(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Ident(_)] if word == "macro_rules")
}

fn block(group: &Group, name: Span, start_of_tokens: usize) -> SourceBlock {
    let end = group.span_close();
    let mut block = SourceBlock { tokens: group.stream(), end, range: 0..0, start_of_tokens };
    block.range = block.bytes(name, end);
    block
}

/// The length of a first line such as `#!/usr/bin/env cargo`, which is no token; `#![..]` is.
fn behind_shebang(text: &str) -> usize {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => text.find('\n').unwrap_or(text.len()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES_WITH_BLOCKS, SourceText, blocks, made_of_tokens};

    /// What stands in the blocks of a text.
    fn found(text: &str) -> Vec<String> {
        let source = SourceText::new("a.rs", text.into()).expect("the text is UTF-8");
        let blocks = blocks(&source).unwrap_or_else(|error| panic!("{error}"));
        blocks.iter().map(|block| source.text()[block.range.clone()].to_owned()).collect()
    }

    #[test]
    fn blocks_are_found_wherever_a_macro_can_stand() {
        let text = "network! { a } mod m { fn f() { netdsl::network!(b); ::netdsl::network![c]; vec![network! {d}]; } }";
        assert_eq!(found(text), ["network! { a }", "network!(b)", "network![c]", "network! {d}"]);
    }

    #[test]
    fn what_only_looks_like_a_block_is_none() {
        let texts = [
            "/// network! { a }",
            "// network! { a }",
            "\"network! { a }\"",
            "other::network! { a }",
            "macro_rules! network { () => { network! { $a } } }",
            "fn network() { network(); if network != (a) {} }",
            "networks! { a }",
        ];
        for text in texts {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_first_line_for_the_shell_is_skipped() {
        assert_eq!(found("#!/usr/bin/env -S cargo +'nightly\nnetwork! { a }"), ["network! { a }"]);
        assert_eq!(found("#![allow(dead_code)]\nnetwork! { a }"), ["network! { a }"]);
    }

    #[test]
    fn what_is_no_rust_is_refused_at_its_place() {
        let cases = [
            ("fn network() {\n  (b\n", "a.rs:2:3: this bracket is not closed"),
            ("fn network() }", "a.rs:1:14: this bracket closes none that is open, or one of another kind"),
            ("ä \"network", "a.rs:1:3: this is no token of Rust"),
            ("#!x\nä (network", "a.rs:2:3: this bracket is not closed"),
        ];
        for (text, message) in cases {
            let source = SourceText::new("a.rs", text.into()).expect("the text is UTF-8");
            let error = blocks(&source).expect_err(text);
            assert_eq!(error.to_string(), message, "{text}");
        }
    }

    #[test]
    fn what_names_no_block_need_not_be_rust() {
        assert_eq!(found("{{ a template }"), [""; 0]);
        assert_eq!(found(&"a (".repeat(MAX_BYTES_WITH_BLOCKS as usize)), [""; 0]);
    }

    #[test]
    fn what_names_no_block_says_whether_it_is_rust() {
        let said = |text: &str| {
            let source = SourceText::new("a.rs", text.into()).expect("the text is UTF-8");
            made_of_tokens(&source).map_err(|error| error.to_string())
        };
        assert_eq!(said("fn main() {}"), Ok(()));
        assert_eq!(said("fn main( {"), Err("a.rs:1:10: this bracket is not closed".into()));
        assert_eq!(said(&"a (".repeat(MAX_BYTES_WITH_BLOCKS as usize)), Ok(()));
    }

    #[test]
    fn large_texts_with_blocks_are_refused() {
        let text = format!("network! {{ {} }}", "a ".repeat(MAX_BYTES_WITH_BLOCKS as usize / 2));
        let error = blocks(&SourceText::new("a.rs", text.into()).expect("the text is UTF-8"));
        let message = "a.rs: the file is larger than the 4 MiB that are read";
        assert_eq!(error.expect_err("it is too large").to_string(), message);
    }

    #[test]
    fn brackets_may_nest_deeper_than_the_stack() {
        let depth = 100_000;
        let text = format!("{}network! {{ a }}{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(found(&text), ["network! { a }"]);
    }
}
