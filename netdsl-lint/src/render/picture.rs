//! The forecast as a picture: an SVG file of one network, or a page of several.

use std::fmt::Write;

use netdsl_layers::{Float32, Forecast, NotForecast, power_of_ten};
use netdsl_plot::{DrawingError, escape, page, picture};

use super::depth::{TENTH, plots};
use crate::check::{BlockError, CheckedNetwork};
use crate::source::SourceText;

/// A network and where it stands, or what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Pictured<'a> {
    /// The name, where it could be read.
    pub name: Option<&'a str>,
    /// The file.
    pub source: &'a SourceText,
    /// The byte of the file at which the block begins.
    pub start: usize,
    /// The network, or what is wrong with it.
    pub outcome: Result<&'a CheckedNetwork, &'a [BlockError]>,
}

impl Pictured<'_> {
    fn place(&self) -> String {
        format!("{}:{}", self.source.path(), self.source.position(self.start).line)
    }

    fn title(&self) -> &str {
        self.name.unwrap_or("a network without a name")
    }
}

/// An SVG file: the gradients by depth, the signal, the verdict and the findings.
///
/// # Errors
/// [`DrawingError`] where a plot can't be drawn.
pub fn render_svg(network: &CheckedNetwork, place: &Pictured<'_>) -> Result<String, DrawingError> {
    let forecast = &network.forecast;
    let mut notes = vec![format!("{}: {}", place.place(), assumptions(forecast))];
    notes.extend(gap(forecast));
    for finding in &network.findings {
        notes.push(format!("{}[{}]: {}", finding.severity(), finding.lint, finding.message));
        notes.push(format!("help: {}", finding.help));
    }
    let title = format!("{}: {}", place.title(), verdict(forecast));
    picture(&title, &plots(forecast), &notes)
}

/// A page in one file, without a script and without anything that is fetched: for each network the plots, the findings
/// and the figures.
///
/// # Errors
/// [`DrawingError`] where a plot can't be drawn.
pub fn render_page(networks: &[Pictured<'_>]) -> Result<String, DrawingError> {
    let mut body = String::from(
        "<div class=wide><table><caption>Networks</caption><tr><th scope=col>Network<th scope=col>Forecast\
         <th scope=col>Findings<th scope=col>Place\n",
    );
    for (number, network) in (1..).zip(networks) {
        let (title, place) = (escape(network.title()), escape(&network.place()));
        let (verdict, findings) = match network.outcome {
            Ok(checked) => (verdict(&checked.forecast), checked.findings.len()),
            Err(errors) => ("not read", errors.len()),
        };
        // Writing to a string can't fail.
        let _ = writeln!(
            body,
            "<tr><td><a href=\"#network-{number}\">{title}</a><td>{verdict}<td class=number>{findings}<td>{place}"
        );
    }
    body += "</table></div>\n";
    for (number, network) in (1..).zip(networks) {
        let title = escape(network.title());
        let _ = writeln!(body, "<section id=\"network-{number}\"><h2>{title}</h2>");
        match network.outcome {
            Ok(checked) => body += &section(checked, &network.place())?,
            Err(errors) => {
                let _ = writeln!(body, "<p>{}: not read</p><ul>", escape(&network.place()));
                for error in errors {
                    let place = network.source.position(error.range.start);
                    let _ = writeln!(body, "<li>{place}: {}", prose(&error.message));
                }
                body += "</ul>\n";
            }
        }
        body += "</section>\n";
    }
    Ok(page("Forecast at initialisation", &body))
}

fn section(network: &CheckedNetwork, place: &str) -> Result<String, DrawingError> {
    let forecast = &network.forecast;
    let mut html = format!(
        "<p>Forecast: <b>{}</b>. {}: {}.</p>\n",
        verdict(forecast),
        escape(place),
        escape(&assumptions(forecast))
    );
    if let Some(gap) = gap(forecast) {
        html += &format!("<p>{}.</p>\n", prose(&gap));
    }
    if !network.findings.is_empty() {
        html += "<ul>\n";
        for finding in &network.findings {
            // Writing to a string can't fail.
            let _ = writeln!(
                html,
                "<li><b>{}</b> <code>{}</code>: {}<br>Help: {}",
                finding.severity(),
                finding.lint,
                prose(&finding.message),
                prose(&finding.help)
            );
        }
        html += "</ul>\n";
    }
    html += "<div class=plots>\n";
    for plot in plots(forecast) {
        html += &plot.html()?;
    }
    html += "</div>\n<details><summary>Figures</summary>\n";
    html += &parameters(forecast);
    html += &layers(forecast);
    html += "</details>\n";
    Ok(html)
}

fn parameters(forecast: &Forecast) -> String {
    let mut html = header(
        "Parameters",
        &["Parameter", "Shape", "Root mean square", "Gradient norm", "10 to 90 % of the seeds", "In 32 bits"],
    );
    for parameter in forecast.parameters.iter() {
        let norm = parameter.gradient_norm_log10;
        let spread = norm.zip(parameter.gradient_norm_log10_std).map(|(norm, spread)| {
            let (low, high) = (norm - TENTH * spread, norm + TENTH * spread);
            format!("{} to {}", power_of_ten(low), power_of_ten(high))
        });
        let float = match parameter.f32 {
            Float32::Finite => "",
            float => float.name(),
        };
        row(
            &mut html,
            &parameter.name,
            &[
                shape(&parameter.shape),
                format!("{:.4}", parameter.rms),
                norm.map(power_of_ten).unwrap_or_else(|| missing(forecast)),
                spread.unwrap_or_default(),
                float.into(),
            ],
        );
    }
    html + "</table></div>\n"
}

fn layers(forecast: &Forecast) -> String {
    let mut html = header(
        "Layers",
        &["Layer", "Kind", "Shape", "Signal", "Correlation", "Gradient", "Probability to be dead"],
    );
    for layer in forecast.activations.iter() {
        let scale = |log10: Option<f64>| log10.map(power_of_ten).unwrap_or_else(|| missing(forecast));
        let fraction = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
        row(
            &mut html,
            &layer.name,
            &[
                layer.kind.to_string(),
                shape(&layer.shape),
                scale(layer.rms_log10),
                fraction(layer.correlation),
                scale(layer.gradient_rms_log10),
                fraction(layer.dead_probability),
            ],
        );
    }
    html + "</table></div>\n"
}

fn header(caption: &str, columns: &[&str]) -> String {
    let columns: String = columns.iter().map(|column| format!("<th scope=col>{column}")).collect();
    // What scrolls sideways can be scrolled with the keyboard.
    format!(
        "<div class=wide role=region aria-label={caption} tabindex=0><table><caption>{caption}</caption><tr>{columns}\n"
    )
}

fn row(html: &mut String, name: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("<td class=number>{}", escape(cell))).collect();
    // Writing to a string can't fail.
    let _ = writeln!(html, "<tr><th scope=row>{}{cells}", escape(name));
}

/// A message as HTML, with what stands between backticks as code.
fn prose(text: &str) -> String {
    let text = escape(text);
    let parts: Vec<&str> = text.split('`').collect();
    // One backtick alone marks nothing.
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let is_code = [false, true].into_iter().cycle();
    parts
        .iter()
        .zip(is_code)
        .map(|(part, code)| if code { format!("<code>{part}</code>") } else { (*part).into() })
        .collect()
}

fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

/// What stands for a figure that is not there.
fn missing(forecast: &Forecast) -> String {
    if forecast.not_forecastable.is_some() { "unknown".into() } else { "0".into() }
}

fn verdict(forecast: &Forecast) -> &'static str {
    forecast.known_verdict().map_or("not forecast to the end", netdsl_layers::Verdict::name)
}

fn assumptions(forecast: &Forecast) -> String {
    let Forecast { input, target, loss, batch, parameter_count, .. } = forecast;
    format!("{parameter_count} parameters, input {input}, target {target}, {loss}, batch {batch}")
}

fn gap(forecast: &Forecast) -> Option<String> {
    let NotForecast { layer, reason } = forecast.not_forecastable.as_ref()?;
    Some(format!("Not forecast behind `{layer}`: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn backticks_mark_code() {
        assert_eq!(prose("`a<b>` is no `Dense`"), "<code>a&lt;b&gt;</code> is no <code>Dense</code>");
        assert_eq!(prose("one ` alone"), "one ` alone");
        assert_eq!(prose("none"), "none");
    }
}
