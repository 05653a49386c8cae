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
    for word in ["<script", "<link", "<img", "url(", "@import"] {
        assert!(!html.contains(word), "{word}");
    }
    // The name of the language of the pictures is the only address.
    assert_eq!(html.matches("http").count(), html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
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
    let error = report.write("missing folder/report.html").unwrap_err();
    assert!(matches!(error, Error::Write { .. }));
}
