//! The figures of a forecast as literals of a few tokens.
//!
//! A struct expression for each of thousands of parameters takes the compiler longer than all the rest of a network: so
//! that the expansion holds the columns of the tables, and a constant function builds the structs from them.

use std::borrow::Cow;
use std::fmt;

use super::{ActivationForecast, Float32, ParameterForecast};

/// A table by columns, row after row within each.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The names.
    names: Vec<String>,
    /// The shapes that occur.
    shapes: Vec<Vec<usize>>,
    /// Figures, and numbers of shapes and of [`Float32`], in the order in which a row has them.
    numbers: Vec<f64>,
}

/// What stands for a figure that there is not: no figure is that large.
const MISSING: f64 = f64::MAX;

impl Columns {
    fn name(&mut self, name: &str) {
        self.names.push(name.into());
    }

    fn shape(&mut self, shape: &[usize]) {
        let known = self.shapes.iter().rposition(|other| other == shape);
        let index = known.unwrap_or_else(|| {
            self.shapes.push(shape.to_vec());
            self.shapes.len() - 1
        });
        self.numbers.push(index as f64);
    }

    fn figure(&mut self, figure: Option<f64>) {
        let figure = figure.filter(|figure| figure.is_finite()).unwrap_or(MISSING);
        self.numbers.push(figure);
    }
}

/// The arguments of `table`.
impl fmt::Display for Columns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "&{:?}, &[", self.names)?;
        for shape in &self.shapes {
            write!(out, "&{shape:?},")?;
        }
        write!(out, "], &{:?}", self.numbers)
    }
}

/// Reads the columns where the compiler evaluates constants.
struct Reader {
    names: &'static [&'static str],
    shapes: &'static [&'static [usize]],
    numbers: &'static [f64],
}

impl Reader {
    const fn name(&mut self) -> Cow<'static, str> {
        let [name, rest @ ..] = self.names else { return Cow::Borrowed("") };
        self.names = rest;
        Cow::Borrowed(name)
    }

    const fn number(&mut self) -> f64 {
        let [number, rest @ ..] = self.numbers else { return MISSING };
        self.numbers = rest;
        *number
    }

    const fn shape(&mut self) -> Cow<'static, [usize]> {
        let index = self.number() as usize;
        Cow::Borrowed(if index < self.shapes.len() { self.shapes[index] } else { &[] })
    }

    const fn figure(&mut self) -> Option<f64> {
        let figure = self.number();
        if figure == MISSING { None } else { Some(figure) }
    }
}

/// Builds an array of what has a destructor.
macro_rules! table {
    ($read:path, $names:ident, $shapes:ident, $numbers:ident) => {{
        let mut reader = Reader { names: $names, shapes: $shapes, numbers: $numbers };
        let mut table = [const { $read(&mut Reader { names: &[], shapes: &[], numbers: &[] }) }; N];
        let mut index = 0;
        while index < N {
            std::mem::forget(std::mem::replace(&mut table[index], $read(&mut reader)));
            index += 1;
        }
        table
    }};
}

impl ActivationForecast {
    pub(super) fn write(&self, columns: &mut Columns) {
        columns.name(&self.name);
        columns.name(&self.kind);
        columns.shape(&self.shape);
        columns.figure(self.rms_log10);
        columns.figure(self.correlation);
        columns.figure(self.gradient_rms_log10);
        columns.figure(self.saturation);
        columns.figure(self.dead_probability);
    }

    const fn read(reader: &mut Reader) -> Self {
        Self {
            name: reader.name(),
            kind: reader.name(),
            shape: reader.shape(),
            rms_log10: reader.figure(),
            correlation: reader.figure(),
            gradient_rms_log10: reader.figure(),
            saturation: reader.figure(),
            dead_probability: reader.figure(),
        }
    }

    /// What a network's constant is made of.
    #[doc(hidden)]
    pub const fn table<const N: usize>(
        names: &'static [&'static str],
        shapes: &'static [&'static [usize]],
        numbers: &'static [f64],
    ) -> [Self; N] {
        table!(Self::read, names, shapes, numbers)
    }
}

impl ParameterForecast {
    pub(super) fn write(&self, columns: &mut Columns) {
        columns.name(&self.name);
        columns.shape(&self.shape);
        columns.numbers.push(self.rms);
        columns.figure(self.gradient_norm_log10);
        columns.figure(self.gradient_norm_log10_std);
        columns.numbers.push(f64::from(self.f32 as u8));
    }

    const fn read(reader: &mut Reader) -> Self {
        Self {
            name: reader.name(),
            shape: reader.shape(),
            rms: reader.number(),
            gradient_norm_log10: reader.figure(),
            gradient_norm_log10_std: reader.figure(),
            f32: match reader.number() as u8 {
                1 => Float32::Overflow,
                2 => Float32::Underflow,
                _ => Float32::Finite,
            },
        }
    }

    /// What a network's constant is made of.
    #[doc(hidden)]
    pub const fn table<const N: usize>(
        names: &'static [&'static str],
        shapes: &'static [&'static [usize]],
        numbers: &'static [f64],
    ) -> [Self; N] {
        table!(Self::read, names, shapes, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, Reader};
    use crate::{ActivationForecast, Float32, ParameterForecast};

    /// The columns as the compiler has them.
    fn reader(columns: Columns) -> Reader {
        let shapes: Vec<&'static [usize]> =
            columns.shapes.into_iter().map(|shape| &*Box::leak(shape.into_boxed_slice())).collect();
        let names: Vec<&'static str> = columns.names.into_iter().map(|name| &*name.leak()).collect();
        Reader { names: names.leak(), shapes: shapes.leak(), numbers: columns.numbers.leak() }
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
            parameter("hidden.1.weight", &[3, 2], Some(40.0), Float32::Overflow),
        ];
        let activation = ActivationForecast {
            name: "hidden.0".into(),
            kind: "Dense".into(),
            shape: vec![3].into(),
            rms_log10: Some(-0.5),
            correlation: Some(0.0),
            gradient_rms_log10: None,
            saturation: Some(0.25),
            dead_probability: Some(1e-300),
        };
        let mut columns = Columns::default();
        activation.write(&mut columns);
        assert_eq!(ActivationForecast::read(&mut reader(columns)), activation);
        let mut columns = Columns::default();
        parameters.iter().for_each(|parameter| parameter.write(&mut columns));
        let mut reader = reader(columns);
        for parameter in parameters {
            assert_eq!(ParameterForecast::read(&mut reader), parameter);
        }
    }
}
