//! What plots show, and that they are well formed.

use netdsl_plot::{Plot, Series, picture};
use roxmltree::{Document, Node};

fn plot(series: Vec<Series>) -> Plot {
    Plot { title: "Norms", x: "step", y: "norm", logarithmic: true, series }
}

fn line(label: &str, points: &[(f64, f64)]) -> Series {
    Series { label: label.into(), points: points.to_vec(), ..Series::default() }
}

/// How many elements of a name there are.
fn count(node: Node<'_, '_>, name: &str) -> usize {
    node.descendants().filter(|node| node.tag_name().name() == name).count()
}

fn text(document: &Document<'_>) -> String {
    document.descendants().filter_map(|node| node.text()).collect()
}

#[test]
fn labels_and_notes_are_text() {
    let drawn = plot(vec![line("a < b & \"c\"", &[(1.0, 0.0), (2.0, 1.0)])]);
    assert!(drawn.html().unwrap().contains("</b> a &lt; b &amp; &quot;c&quot;</span>"));
    let svg = picture("<title>", &[drawn], &["<note> & more".into()]).unwrap();
    let document = Document::parse(&svg).unwrap();
    for expected in ["<title>", "<note> & more", "a < b & \"c\""] {
        assert!(text(&document).contains(expected), "{expected}");
    }
}

#[test]
fn what_is_not_finite_is_counted_instead_of_drawn() {
    let zero = f64::NEG_INFINITY;
    let html = plot(vec![line("a", &[(1.0, 0.0), (2.0, zero), (3.0, f64::NAN), (4.0, 1.0)])]).html().unwrap();
    assert!(html.contains("2 zero or not finite: not shown"), "{html}");
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    assert!(!plot(vec![line("a", &[(1.0, 0.0), (2.0, 1.0)])]).html().unwrap().contains("not shown"));
}

#[test]
fn one_point_is_seen() {
    let drawn = |points: &[(f64, f64)]| {
        let svg = picture("", &[plot(vec![line("a", points)])], &[]).unwrap();
        count(Document::parse(&svg).unwrap().root(), "circle")
    };
    assert_eq!(drawn(&[(1.0, 0.0)]), 1);
    assert_eq!(drawn(&[(1.0, 0.0), (2.0, 0.0)]), 0);
}

#[test]
fn a_band_lies_around_its_line() {
    let band = Series { spread: vec![0.5, 0.5], ..line("a", &[(1.0, 0.0), (2.0, 0.0)]) };
    let svg = picture("", &[plot(vec![band])], &[]).unwrap();
    let document = Document::parse(&svg).unwrap();
    let ordinates = |name: &str| -> Vec<f64> {
        let drawn = document.descendants().filter(|node| node.tag_name().name() == name);
        let points: Vec<&str> = drawn.filter_map(|node| node.attribute("points")).collect();
        // The axes are lines of their own; the line of the series is the last.
        let points = points.last().expect("it is drawn").split_whitespace();
        points.map(|point| point.split_once(',').expect("a point has two parts").1.parse().unwrap()).collect()
    };
    let (line, band) = (ordinates("polyline"), ordinates("polygon"));
    let (above, below) = (line[0] - band[0], band[3] - line[0]);
    assert!(above > 50.0 && (above - below).abs() <= 2.0, "{line:?} {band:?}");
}

#[test]
fn nothing_is_drawn_too() {
    for plots in [vec![], vec![plot(vec![])], vec![plot(vec![line("", &[])])]] {
        Document::parse(&picture("", &plots, &[]).unwrap()).unwrap();
    }
}
