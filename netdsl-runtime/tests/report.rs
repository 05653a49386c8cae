//! The page that shows forecast and measurement.

mod networks;

use netdsl_runtime::layers::{Float32, ParameterForecast, Verdict};
use netdsl_runtime::prelude::*;
use netdsl_runtime::{Error, Observer};
use networks::{Exploding, Small, uniform};

fn forecast(norms_log10: [f64; 3]) -> Forecast {
    let parameters = norms_log10.map(|norm| ParameterForecast {
        name: "weight".into(),
        shape: vec![3, 3].into(),
        rms: 0.5,
        gradient_norm_log10: Some(norm),
        gradient_norm_log10_std: Some(0.2),
        f32: Float32::Finite,
    });
    Forecast { verdict: Verdict::Healthy, parameters: parameters.to_vec().into(), ..Forecast::unknown() }
}

#[test]
fn a_page_holds_several_runs_and_fetches_nothing() {
    let (input, target) = (uniform::<3>(32, 1), uniform::<2>(32, 2));
    let mut logger = GradientLogger::on_batch();
    let trainer = Trainer::new(Sgd::default()).epochs(3).progress(Progress::Silent).observe(&mut logger);
    let history = trainer.fit(&mut Small::new(1), &input, &target).unwrap();
    let forecast = forecast([-0.5, -0.4, 0.1]);
    let mut report = Report::new("Norms <forecast> & measured");
    let run =
        Run { title: "a \"small\" one", forecast: &forecast, trace: logger.trace(), outcome: Ok(&history) };
    report.add(&run).unwrap();

    // One that does not even begin: an error, and norms beyond single precision.
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).observe(&mut logger);
    let error = trainer.fit(&mut Exploding::new(1), &input, &target).unwrap_err();
    let run = Run { title: "exploding", trace: logger.trace(), outcome: Err(&error), ..run };
    report.add(&run).unwrap();

    let html = report.html();
    assert_eq!(html.matches("<svg ").count(), 6);
    assert_eq!(html.matches("<section ").count(), 2);
    assert!(html.contains("<title>Norms &lt;forecast&gt; &amp; measured</title>"));
    assert!(html.contains("a &quot;small&quot; one"));
    assert!(html.contains("leaves the range of f32"));
    // The error has ended the other in its first epoch.
    assert_eq!(html.matches("<figcaption>Loss by epoch</figcaption>").count(), 1);
    assert_eq!(html.matches("<figcaption>Loss by step</figcaption>").count(), 1);
    for word in ["<script", "<link", "<img", "url(", "@import"] {
        assert!(!html.contains(word), "{word}");
    }
    // The name of the language of the pictures is the only address.
    assert_eq!(html.matches("http").count(), html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
}

/// A network at a limit is on either side of it by chance: the page says that the two agree. One that is far from it has no such
/// excuse.
#[test]
fn a_network_at_a_limit_is_explained() {
    let (input, target) = (uniform::<3>(32, 1), uniform::<2>(32, 2));
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    let mut network = Small::new(1);
    // Where its `tanh` is nearly flat.
    network.parameter_mut("hidden.0.bias").unwrap().fill(3.72);
    logger.begin(&network).unwrap();
    let norms = &logger.trace().records()[0].norms;
    let ratio = norms[0].log10() - norms.iter().map(|norm| norm.log10()).fold(f64::MIN, f64::max);
    assert_eq!(logger.trace().verdict(), Some(Verdict::Vanishing), "{ratio}");
    let history = netdsl_runtime::History::default();
    for (above, explained) in [(0.2, true), (1.0, false)] {
        let forecast = forecast([above - 3.0, 0.0, 0.0]);
        let mut report = Report::new("near");
        let run = Run { title: "near", forecast: &forecast, trace: logger.trace(), outcome: Ok(&history) };
        report.add(&run).unwrap();
        let html = report.html();
        assert!(html.contains("<td class=number>≥ 0.001"), "{html}");
        assert_eq!(html.contains("the network is at the limit"), explained, "{above} {ratio}: {html}");
    }
}

#[test]
fn nothing_measured_is_drawn_too() {
    let idle = GradientLogger::<f32, Small>::on_batch();
    let (empty, history) = (Forecast::unknown(), netdsl_runtime::History::default());
    let mut report = Report::new("");
    let run = Run { title: "", forecast: &empty, trace: idle.trace(), outcome: Ok(&history) };
    report.add(&run).unwrap();
    // Norms that are not finite are counted, not drawn.
    let (input, target) = (uniform::<3>(8, 1), uniform::<2>(8, 2));
    let mut logger = GradientLogger::on_probe(&input, &target).unwrap();
    let mut network = Small::new(1);
    network.parameter_mut("output.bias").unwrap().fill(f32::NAN);
    logger.begin(&network).unwrap();
    report.add(&Run { trace: logger.trace(), ..run }).unwrap();
    assert!(report.html().contains("3 zero or not finite: not shown"));
}

/// An empty page goes to a folder that is made, and neither into a file nor in place of what is none.
#[test]
fn a_page_is_written_where_it_can_be() {
    let report = Report::new("empty");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("report.html");
    report.write(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), report.html());
    for (wrong, cause) in [
        (path.join("report.html"), path.display().to_string()),
        (folder.path().into(), "it is a folder".into()),
    ] {
        let error = report.write(&wrong).unwrap_err();
        assert!(matches!(error, Error::Write { .. }));
        let expected = format!("could not write {}: {cause}", wrong.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

/// A disk that is full, here for files of more than a few KiB: the page before stays, and nothing beside it.
#[test]
#[cfg(target_os = "linux")]
fn a_page_that_does_not_fit_leaves_the_last_one() {
    const FOLDER: &str = "NETDSL_REPORT_IN";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let error =
            Report::new(&"long ".repeat(1000)).write(std::path::Path::new(&folder).join("report.html"));
        println!("{}", error.unwrap_err());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    Report::new("short").write(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    // The signal that comes with this limit is ignored, so that writing fails as it does on a full disk.
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" --exact a_page_that_does_not_fit_leaves_the_last_one --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    assert!(
        child.status.success() && said.contains(&format!("could not write {}: ", path.display())),
        "{said}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A layer without an end of its activation can't be saturated.
#[test]
fn a_legend_has_what_is_drawn() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let mut logger = GradientLogger::on_batch().units();
    let mut network = Exploding::new(1);
    network.parameter_mut("hidden.3.bias").unwrap().fill(-1e30);
    let trainer = Trainer::new(Sgd::default()).progress(Progress::Silent).observe(&mut logger);
    let history = trainer.fit(&mut network, &input, &target).unwrap();
    let mut report = Report::new("Exploding");
    let forecast = forecast([-0.5, -0.4, 0.1]);
    report
        .add(&Run { title: "one", forecast: &forecast, trace: logger.trace(), outcome: Ok(&history) })
        .unwrap();
    let html = report.html();
    assert!(html.contains("dead, of the layer with the most") && !html.contains("saturated"));
}

#[test]
fn a_section_has_what_was_measured_found_and_declared() {
    let (input, target) = (uniform::<3>(32, 1), uniform::<2>(32, 2));
    let mut logger = GradientLogger::on_batch().updates().units();
    let mut monitor = Monitor::new().silent();
    let mut network = Small::new(1);
    network.parameter_mut("hidden.0.bias").unwrap().fill(50.0);
    let trainer = Trainer::new(Sgd::default()).epochs(3).progress(Progress::Silent);
    let history =
        trainer.observe(&mut logger).observe(&mut monitor).fit(&mut network, &input, &target).unwrap();
    let mut report = Report::new("Small");
    let forecast = forecast([-0.5, -0.4, 0.1]);
    let run = Run { title: "one", forecast: &forecast, trace: logger.trace(), outcome: Ok(&history) };
    report.add(&run).unwrap().findings(monitor.findings()).declaration("struct Small<'a> {}");
    let html = report.html();
    assert_eq!(html.matches("<svg ").count(), 5);
    let text = html.replace("<code>", "`").replace("</code>", "`");
    for finding in monitor.findings() {
        assert!(text.contains(&format!("<li>{finding}")), "{finding}");
    }
    assert!(html.contains("saturated: 100 % of the values of <code>hidden.0</code> are at an end"));
    assert!(html.contains("<summary>Declaration</summary><pre>struct Small&lt;'a&gt; {}</pre>"));
    let folder = tempfile::tempdir().unwrap();
    report.write_pictures(folder.path().join("plots")).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("plots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".svg"))
        .collect();
    names.sort();
    let expected = [
        "1-gradient-norm-by-depth.svg",
        "1-gradient-norm-by-step.svg",
        "1-idle-units-by-step.svg",
        "1-loss-by-epoch.svg",
        "1-update-over-weight-by-step.svg",
    ];
    assert_eq!(names, expected);
    #[cfg(feature = "png")]
    for name in expected {
        let png = folder.path().join("plots").join(name).with_extension("png");
        assert!(std::fs::read(png).unwrap().starts_with(b"\x89PNG"));
    }
}
