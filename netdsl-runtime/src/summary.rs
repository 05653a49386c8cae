//! The table of a network.

use std::fmt;

use netdsl_layers::{Forecast, Layer};

/// What [`Network::summary`](crate::Network::summary) prints: a line for each layer with its output and the number of its
/// parameters, and the forecast.
#[derive(Clone, Debug)]
pub struct Summary {
    name: &'static str,
    input: Vec<usize>,
    rows: Vec<Row>,
    parameters: usize,
    statistics: usize,
    forecast: &'static Forecast,
}

#[derive(Clone, Debug)]
struct Row {
    name: String,
    kind: &'static str,
    output: Vec<usize>,
    parameters: usize,
}

/// How many layers the table shows at the beginning and at the end of a deep network.
const SHOWN: usize = 12;

impl Summary {
    pub(crate) fn new(
        name: &'static str,
        input: &[usize],
        layers: &dyn Layer,
        forecast: &'static Forecast,
    ) -> Self {
        let mut rows = Vec::new();
        layers.leaves("", &mut |path, layer| {
            rows.push(Row {
                name: path.into(),
                kind: layer.kind(),
                output: layer.output().sizes().to_vec(),
                parameters: layer.sizes().parameters,
            });
        });
        let sizes = layers.sizes();
        let (parameters, statistics) = (sizes.parameters, sizes.statistics);
        Self { name, input: input.to_vec(), rows, parameters, statistics, forecast }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "network `{}`, input {:?}", self.name, self.input)?;
        let width = self.rows.iter().map(|row| row.name.len()).chain([5]).max().unwrap_or(5);
        writeln!(formatter, "{:width$}  {:<12}  {:<16}  {:>12}", "layer", "kind", "output", "parameters")?;
        let count = self.rows.len();
        for (index, row) in self.rows.iter().enumerate() {
            if count > 2 * SHOWN && (SHOWN..count - SHOWN).contains(&index) {
                if index == SHOWN {
                    writeln!(formatter, ".. {} more", count - 2 * SHOWN)?;
                }
                continue;
            }
            let output = format!("{:?}", row.output);
            writeln!(
                formatter,
                "{:width$}  {:<12}  {output:<16}  {:>12}",
                row.name, row.kind, row.parameters
            )?;
        }
        writeln!(formatter, "{} parameters, {} running statistics", self.parameters, self.statistics)?;
        writeln!(formatter)?;
        write!(formatter, "{}", self.forecast)
    }
}
