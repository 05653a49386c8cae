//! The figures of a forecast, for each layer or parameter a row.
//!
//! In the expansion of a network a table is one literal of text, which is read where the rows are first looked at: an
//! expression for each of thousands of parameters takes the compiler longer than all the rest of a network, and so does a
//! constant function that builds the rows from plain numbers, since the compiler interprets it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::{ActivationForecast, Float32, ParameterForecast};
use crate::expression::ROOT;

/// The rows of a table: a slice, wherever they are kept.
#[derive(Clone)]
pub struct Table<R: 'static>(Rows<R>);

#[derive(Clone)]
enum Rows<R: 'static> {
    Here(Vec<R>),
    Elsewhere(fn() -> &'static [R]),
}

impl<R> Table<R> {
    /// A table without rows.
    pub const EMPTY: Self = Self(Rows::Here(Vec::new()));

    /// What a network's constant is made of.
    #[doc(hidden)]
    pub const fn elsewhere(rows: fn() -> &'static [R]) -> Self {
        Self(Rows::Elsewhere(rows))
    }
}

impl<R> Deref for Table<R> {
    type Target = [R];
    fn deref(&self) -> &[R] {
        match &self.0 {
            Rows::Here(rows) => rows,
            Rows::Elsewhere(rows) => rows(),
        }
    }
}

impl<R> From<Vec<R>> for Table<R> {
    fn from(rows: Vec<R>) -> Self {
        Self(Rows::Here(rows))
    }
}

impl<R: fmt::Debug> fmt::Debug for Table<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl<R: PartialEq> PartialEq for Table<R> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

/// What a table is made of.
#[doc(hidden)]
pub trait Row: Sized + 'static {
    /// The name of the type.
    const TYPE: &'static str;

    /// The cells of the row, without spaces in them.
    fn cells(&self) -> Vec<String>;

    /// The row with these cells; nothing where they are not those of a row.
    fn from_cells(cells: &mut dyn Iterator<Item = &'static str>) -> Option<Self>;
}

impl<R: Row> Table<R> {
    /// The rows of a text, one in a line.
    #[doc(hidden)]
    pub fn read(text: &'static str) -> Vec<R> {
        text.lines()
            .map(|line| {
                let row = R::from_cells(&mut line.split(' '));
                row.unwrap_or_else(|| unreachable!("`{line}` was written as a row of a table"))
            })
            .collect()
    }

    fn text(&self) -> String {
        self.iter().map(|row| row.cells().join(" ") + "\n").collect()
    }

    /// The table as an expression.
    pub(super) fn expression(&self) -> String {
        let (row, text) = (R::TYPE, self.text());
        format!(
            "{ROOT}::Table::elsewhere({{ \
                static ROWS: ::std::sync::LazyLock<::std::vec::Vec<{ROOT}::{row}>> = \
                    ::std::sync::LazyLock::new(|| {ROOT}::Table::read({text:?})); \
                || &ROWS \
            }})"
        )
    }
}

/// What stands for a figure that there is not.
const MISSING: &str = "-";

fn figure(figure: Option<f64>) -> String {
    match figure {
        Some(figure) if figure.is_finite() || figure == f64::NEG_INFINITY => format!("{figure:?}"),
        _ => MISSING.into(),
    }
}

fn read_figure(cell: &str) -> Option<Option<f64>> {
    if cell == MISSING { Some(None) } else { cell.parse().ok().map(Some) }
}

fn shape(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x")
}

fn read_shape(cell: &str) -> Option<Cow<'static, [usize]>> {
    cell.split('x').map(str::parse).collect::<Result<Vec<usize>, _>>().ok().map(Cow::Owned)
}

impl Row for ActivationForecast {
    const TYPE: &'static str = "ActivationForecast";

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_string(),
            self.kind.to_string(),
            shape(&self.shape),
            figure(self.rms_log10),
            figure(self.correlation),
            figure(self.gradient_rms_log10),
            figure(self.saturation),
            figure(self.dead_probability),
        ]
    }

    fn from_cells(cells: &mut dyn Iterator<Item = &'static str>) -> Option<Self> {
        Some(Self {
            name: cells.next()?.into(),
            kind: cells.next()?.into(),
            shape: read_shape(cells.next()?)?,
            rms_log10: read_figure(cells.next()?)?,
            correlation: read_figure(cells.next()?)?,
            gradient_rms_log10: read_figure(cells.next()?)?,
            saturation: read_figure(cells.next()?)?,
            dead_probability: read_figure(cells.next()?)?,
        })
    }
}

impl Row for ParameterForecast {
    const TYPE: &'static str = "ParameterForecast";

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_string(),
            shape(&self.shape),
            format!("{:?}", self.rms),
            figure(self.gradient_norm_log10),
            figure(self.gradient_norm_log10_std),
            self.f32.name().into(),
        ]
    }

    fn from_cells(cells: &mut dyn Iterator<Item = &'static str>) -> Option<Self> {
        Some(Self {
            name: cells.next()?.into(),
            shape: read_shape(cells.next()?)?,
            rms: cells.next()?.parse().ok()?,
            gradient_norm_log10: read_figure(cells.next()?)?,
            gradient_norm_log10_std: read_figure(cells.next()?)?,
            f32: Float32::named(cells.next()?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::{ActivationForecast, Float32, ParameterForecast};

    fn read_back<R: super::Row + Clone>(rows: &[R]) -> Vec<R> {
        let text = Table::from(rows.to_vec()).text();
        Table::read(text.leak())
    }

    #[test]
    fn a_table_reads_back() {
        let parameter = |name: &'static str, shape: &'static [usize], norm, f32| ParameterForecast {
            name: name.into(),
            shape: shape.into(),
            rms: 0.1,
            gradient_norm_log10: norm,
            gradient_norm_log10_std: norm.map(f64::abs),
            f32,
        };
        let parameters = [
            parameter("hidden.0.weight", &[3, 2], Some(-5.25), Float32::Underflow),
            parameter("hidden.0.bias", &[3], None, Float32::Finite),
            parameter("hidden.1.weight", &[3, 2], Some(1.0 / 3e20), Float32::Overflow),
        ];
        assert_eq!(read_back(&parameters), parameters);
        let activations = [ActivationForecast {
            name: "hidden.0".into(),
            kind: "Dense".into(),
            shape: vec![3].into(),
            rms_log10: Some(f64::NEG_INFINITY),
            correlation: Some(0.0),
            gradient_rms_log10: None,
            saturation: Some(0.25),
            dead_probability: Some(1e-300),
        }];
        assert_eq!(read_back(&activations), activations);
    }

    #[test]
    fn a_table_is_equal_to_its_rows_wherever_they_are() {
        static ROWS: [u8; 2] = [1, 2];
        let elsewhere = Table::elsewhere(|| &ROWS);
        assert_eq!(elsewhere, Table::from(vec![1, 2]));
        assert_ne!(elsewhere, Table::EMPTY);
    }
}
