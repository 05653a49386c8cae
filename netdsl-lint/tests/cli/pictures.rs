//! What `cargo netdsl forecast` draws.

use std::fs;
use std::path::Path;

use crate::run::{netdsl, sources};
use roxmltree::Document;
use tempfile::{TempDir, tempdir};

/// A folder with the sources, one of them under a name that no markup holds as it is.
fn folder() -> TempDir {
    let folder = tempdir().expect("a folder can be made");
    for (from, to) in
        [("vanishing.rs", "a & <b>.rs"), ("healthy.rs", "healthy.rs"), ("broken.rs", "broken.rs")]
    {
        fs::copy(sources().join(from), folder.path().join(to)).expect("the source can be copied");
    }
    folder
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).expect("the file is there")
}

/// Nothing in the text leads out of it.
#[track_caller]
fn stands_alone(text: &str) {
    for word in ["<script", "<link", "<img", "url(", "@import", "href=\"http", "src="] {
        assert!(!text.contains(word), "{word}");
    }
    // The name of the language of the pictures is the only address.
    assert_eq!(text.matches("http").count(), text.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
}

#[test]
fn a_network_is_drawn_into_a_file() {
    let folder = folder();
    let run = netdsl(folder.path(), &["forecast", "a & <b>.rs", "--network", "Sigmoids", "--svg", "net.svg"]);
    assert_eq!((run.status, run.errors.as_str()), (Some(0), ""));
    assert!(run.output.contains("gradient norm of the weights"), "{run:?}");
    let svg = read(folder.path(), "net.svg");
    stands_alone(&svg);
    let document = Document::parse(&svg).expect("the file is XML");
    let root = document.root_element();
    let child = |name: &str| {
        let found = root.children().find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)));
        found.and_then(|node| node.text()).unwrap_or_default()
    };
    assert_eq!(child("title"), "Sigmoids: vanishing");
    assert!(
        child("desc").starts_with("a & <b>.rs:3: 2541 parameters, input Uniform(0.0, 1.0)"),
        "{}",
        child("desc")
    );
    let written: String = root.descendants().filter_map(|node| node.text()).collect();
    for text in
        ["warning[vanishing_gradient]: the gradient vanishes", "help: write `activation = Relu`", "signal"]
    {
        assert!(written.contains(text), "{text}");
    }
    // A line for the norms, one for the signal and one for the gradient, and a band for the seeds.
    let count = |name: &str| root.descendants().filter(|node| node.tag_name().name() == name).count();
    assert_eq!(count("svg"), 3);
    assert_eq!(count("polygon"), 1);
}

#[test]
fn all_networks_are_drawn_onto_a_page() {
    let folder = folder();
    let run = netdsl(folder.path(), &["forecast", ".", "--html", "nets.html"]);
    assert_eq!((run.status, run.errors.as_str()), (Some(2), ""), "two blocks have errors");
    let html = read(folder.path(), "nets.html");
    stands_alone(&html);
    assert_eq!(html.matches("<section ").count(), 5);
    assert_eq!(html.matches("<svg ").count(), 6);
    for text in [
        "<meta name=viewport",
        "prefers-color-scheme:dark",
        "a &amp; &lt;b&gt;.rs:3",
        "<b>vanishing</b>",
        "<th scope=row>hidden.0.weight<td class=number>20×20",
        "unknown layer <code>Dens</code>: did you mean <code>Dense</code>?",
        "a network without a name",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let svg = &html[html.find("<svg ").expect("there is a plot")..];
    let svg = &svg[..svg.find("</svg>").expect("the plot ends") + "</svg>".len()];
    let document = Document::parse(svg).expect("the plot is XML");
    assert!(
        document
            .root_element()
            .children()
            .any(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "title")))
    );
}

#[test]
fn what_is_not_forecast_is_drawn_with_the_reason() {
    let folder = tempdir().expect("a folder can be made");
    let hot = "network! { struct Hot { input: [4], [Exponential; 2], Dense(1), loss: MeanSquaredError } }";
    fs::write(folder.path().join("hot.rs"), hot).expect("a file can be written");
    let run = netdsl(folder.path(), &["forecast", "hot.rs", "--svg", "hot.svg", "--html", "hot.html"]);
    assert_eq!((run.status, run.errors.as_str()), (Some(0), ""));
    let svg = read(folder.path(), "hot.svg");
    Document::parse(&svg).expect("the file is XML");
    for drawn in [svg, read(folder.path(), "hot.html")] {
        assert!(drawn.contains("not forecast to the end"), "{drawn}");
        assert!(drawn.contains("Not forecast behind ") && drawn.contains("repeat_1.1"), "{drawn}");
    }
}

#[test]
fn an_svg_file_holds_one_network() {
    let folder = folder();
    let run = netdsl(folder.path(), &["forecast", ".", "--svg", "net.svg"]);
    assert_eq!(run.status, Some(2));
    assert!(run.errors.contains("net.svg: an SVG file holds one network, but there are 5: "), "{run:?}");
    assert!(run.errors.contains("\nhelp: choose one with `--network NAME`"), "{run:?}");
    assert!(!folder.path().join("net.svg").exists());
    let run = netdsl(folder.path(), &["forecast", ".", "--network", "Misspelt", "--svg", "net.svg"]);
    assert_eq!(run.errors, "error: net.svg: a network with an error can't be drawn\n");
    fs::create_dir(folder.path().join("empty")).expect("a folder can be made");
    let run = netdsl(folder.path(), &["forecast", "empty", "--svg", "net.svg"]);
    assert!(run.errors.ends_with("error: net.svg: there is no network to draw\n"), "{run:?}");
    assert_eq!(run.status, Some(2));
}

#[test]
fn what_can_not_be_written_is_an_error() {
    let folder = folder();
    fs::create_dir(folder.path().join("there")).expect("a folder can be made");
    let forecast = |option: &str, path: &str| {
        let run = netdsl(folder.path(), &["forecast", "healthy.rs", option, path]);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.output.contains("forecast for `Rectified`"), "what can be printed is printed: {run:?}");
        run.errors
    };
    let missing = "error: missing/net.html: the folder `missing` does not exist\n";
    assert_eq!(forecast("--html", "missing/net.html"), missing);
    let below_a_file = "error: healthy.rs/net.svg: Not a directory (os error 20)\n";
    assert_eq!(forecast("--svg", "healthy.rs/net.svg"), below_a_file);
    assert_eq!(forecast("--svg", "there"), "error: there: Is a directory (os error 21)\n");
    #[cfg(target_os = "linux")]
    assert_eq!(forecast("--svg", "/dev/full"), "error: /dev/full: No space left on device (os error 28)\n");
}
