//! `docs/language.md` is made of the documentation of what the language names:
//! `UPDATE_EXPECT=1 cargo test -p netdsl-lint --test language_document` writes it anew.

use std::path::Path;

use expect_test::expect_file;
use netdsl_layers::{ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS};

const GRAMMAR: &str = r#"# The language

Made of the documentation in the code, by `UPDATE_EXPECT=1 cargo test -p netdsl-lint --test language_document`.

```text
block      := item* network
item       := "const" IDENT ":" "usize" "=" int-expr ";"
network    := attribute* visibility "struct" IDENT "{" entry ("," entry)* ","? "}"
entry      := attribute* "input" ":" shape ("~" distribution)?   first, required
            | attribute* (IDENT ":")? node                       one or more
            | attribute* "target" "~" distribution               default: standard normal, or uniform over classes
            | attribute* "loss" ":" call                         required
            | attribute* "batch" ":" int-expr                    default 32: what the forecast assumes
            | attribute* "optimizer" ":" call                    makes `Net::optimizer()`, and the lints look at it
node       := Kind ("(" arguments ")")?                          one layer, or an activation as one
            | "(" node ("," node)* ")"                           a sequence
            | "[" node ("," node)* ";" int-expr "]"              the sequence so many times, each with its own parameters
            | "Residual" "(" node ("," node)* ("," "shortcut" "=" node)? ("," "scale" "=" real)? ")"   x + scale * f(x)
            | "Concat" "(" node ("," node)+ ")"                  branches of one input, joined along features or channels
shape      := "[" int-expr ("," int-expr)* "]"                   without the batch: [features], [time, features],
                                                                 [channels, length], [channels, height, width]
distribution := "Uniform(" low "," high ")" | "Normal(" mean "," std ")" | "Tokens(" vocabulary ")"
arguments  := value ("," value)*, positional first, then NAME "=" value in any order
value      := int-expr | real | "true" | "false" | call | "[" value ("," value)* "]"
int-expr   := whole numbers, constants of the block, + - * / and parentheses
```

```rust,ignore
network! {
    const WIDTH: usize = 128;

    /// A residual classifier of handwritten digits.
    pub struct Digits {
        input: [64] ~ Uniform(0.0, 1.0),
        stem: (Dense(WIDTH, init = HeNormal), Relu),
        body: [Residual(BatchNorm, Relu, Dense(WIDTH, init = HeNormal)); 8],
        head: Dense(10),
        loss: SoftmaxCrossEntropy,
        optimizer: Adam(learning_rate = 0.001),
    }
}
```

A layer with a name is called by it, one without by its kind and count: `dense_1`. Inside a repetition comes the index from
0, inside a sequence, a `Residual` or a `Concat` the position: `body.3.2.weight`. A recurrent layer gives its last state, with
`return_sequences = true` all of them. `#[allow(..)]`, `#[warn(..)]`, `#[deny(..)]` and `#[expect(..)]` with the name of a
[lint](lints.md) stand on the struct or on an entry. A macro can't see a constant from elsewhere: those of the block are
constants of the struct, `Digits::WIDTH`.

Initializers, for `init`, `bias_init` and `recurrent_init`: "#;

/// The documentation before the type of that name in a file.
fn documentation(file: &Path, name: &str) -> Option<String> {
    let source = std::fs::read_to_string(file).ok()?;
    let lines: Vec<&str> = source.lines().collect();
    let defines = |line: &&str| {
        ["pub struct ", "pub type ", "pub enum "].into_iter().any(|word| {
            let rest = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
        })
    };
    let end = lines.iter().position(defines)?;
    let mut documentation: Vec<&str> = lines[..end]
        .iter()
        .rev()
        .skip_while(|line| line.starts_with("#["))
        .map_while(|line| line.strip_prefix("///"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    documentation.reverse();
    Some(documentation.join("\n"))
}

/// Links to other items lead nowhere in a document.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("](crate::") {
        let Some((head, label)) = before.rsplit_once('[') else { break };
        let Some((_, behind)) = link.split_once(')') else { break };
        plain.push_str(head);
        plain.push_str(label);
        rest = behind;
    }
    plain + rest
}

fn chapter(title: &str, folder: &str, names: impl Iterator<Item = &'static str>) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../netdsl-layers/src").join(folder);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder is part of the repository")
        .map(|file| file.expect("the folder can be read").path())
        .collect();
    let section = |name: &str| {
        let found = files.iter().find_map(|file| documentation(file, name));
        let found = found.unwrap_or_else(|| panic!("`{name}` is not documented in {}", folder.display()));
        format!("\n### {name}\n\n{}\n", unlinked(&found))
    };
    std::iter::once(format!("\n## {title}\n")).chain(names.map(section)).collect()
}

#[test]
fn the_document_is_that_of_the_code() {
    let names = netdsl_layers::Initializer::names().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let text = format!("{GRAMMAR}{}.\n", names.join(", "))
        + &chapter("Layers", "layers", LAYERS.iter().map(|kind| kind.name))
        + &chapter("Activations", "activations", ACTIVATIONS.iter().map(|kind| kind.name))
        + &chapter("Losses", "losses", LOSSES.iter().map(|kind| kind.name))
        + &chapter("Optimizers", "optimizers", OPTIMIZERS.iter().map(|kind| kind.name));
    expect_file!["../../docs/language.md"].assert_eq(&text);
}
