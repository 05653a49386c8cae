//! The page on the command line says what the command says.

use std::fs;
use std::path::Path;

use crate::run::{netdsl, sources};

/// What stands before the words of a command in the page.
const PROMPT: &str = "```console\n$ cargo netdsl ";

/// The page with the outputs of its commands written anew, and the commands.
fn with_outputs(page: &str) -> (String, Vec<String>) {
    let mut commands = Vec::new();
    let mut sections = page.split(PROMPT);
    let mut written = sections.next().unwrap_or_default().to_owned();
    for section in sections {
        let (command, rest) = section.split_once('\n').expect("the command is a line");
        let (_, behind) = rest.split_once("```\n").expect("the block ends");
        let arguments: Vec<&str> = command.split(' ').collect();
        let run = netdsl(sources(), &arguments);
        assert_eq!(run.status, Some(0), "{run:?}");
        // No line of the page ends in spaces.
        let output: String = run.output.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        written.push_str(&format!("{PROMPT}{command}\n{output}```\n{behind}"));
        commands.push(command.to_owned());
    }
    (written, commands)
}

/// With the variable `NETDSL_WRITE_DOCS` the page is written anew instead.
#[test]
fn the_page_has_the_help_of_every_command() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md"));
    let page = fs::read_to_string(path).expect("the page can be read");
    let (written, commands) = with_outputs(&page);
    if std::env::var_os("NETDSL_WRITE_DOCS").is_some() {
        fs::write(path, &written).expect("the page can be written");
    } else {
        assert!(page == written, "run `NETDSL_WRITE_DOCS=1 cargo test -p netdsl-lint --test cli document`");
    }
    let help = netdsl(sources(), &["--help"]).output;
    let names =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"lint") && names.len() > 4, "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        assert!(commands.contains(&format!("{name} --help")), "{name}");
    }
}
