//! The figures of a forecast as literals of a few tokens.
//!
//! A struct expression for each of thousands of parameters takes the compiler longer than all the rest of a network: so
//! that the expansion holds the tables as plain numbers, and a constant function builds the structs from them. The
//! compiler interprets it, and a call takes it as long as the rest of a row: so that a row is read in one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::{ActivationForecast, Float32, ParameterForecast};

/// The rows of a table.
#[derive(Debug)]
pub(super) struct Rows<const NAMES: usize, const NUMBERS: usize> {
    /// The names in each row.
    names: Vec<[String; NAMES]>,
    /// The shapes that occur, each with its number.
    shapes: HashMap<Vec<usize>, usize>,
    /// The number of the shape of each row.
    of_shape: Vec<usize>,
    /// The numbers in each row.
    numbers: Vec<[f64; NUMBERS]>,
}

/// What stands for a figure that there is not: no figure is that large.
const MISSING: f64 = f64::MAX;

/// A figure as a number.
fn written(figure: Option<f64>) -> f64 {
    figure.filter(|figure| figure.is_finite()).unwrap_or(MISSING)
}

/// A number as the figure that it was; no function, which would be called for every figure.
macro_rules! read {
    ($number:expr) => {
        if $number == MISSING { None } else { Some($number) }
    };
}

impl<const NAMES: usize, const NUMBERS: usize> Rows<NAMES, NUMBERS> {
    fn new() -> Self {
        Self { names: Vec::new(), shapes: HashMap::new(), of_shape: Vec::new(), numbers: Vec::new() }
    }

    fn push(&mut self, names: [&str; NAMES], shape: &[usize], numbers: [f64; NUMBERS]) {
        self.names.push(names.map(str::to_owned));
        let next = self.shapes.len();
        self.of_shape.push(match self.shapes.get(shape) {
            Some(known) => *known,
            None => *self.shapes.entry(shape.to_vec()).or_insert(next),
        });
        self.numbers.push(numbers);
    }
}

/// The arguments of `table`.
impl<const NAMES: usize, const NUMBERS: usize> fmt::Display for Rows<NAMES, NUMBERS> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shapes: Vec<_> = self.shapes.iter().map(|(shape, number)| (number, shape)).collect();
        shapes.sort_unstable();
        write!(out, "&{:?}, &[", self.names)?;
        for (_, shape) in shapes {
            write!(out, "&{shape:?},")?;
        }
        write!(out, "], &{:?}, &{:?}", self.of_shape, self.numbers)
    }
}

/// Builds the rows. None can be assigned, for the one that it would replace has a destructor.
macro_rules! table {
    ($names:ident, $shapes:ident, $of_shape:ident, $numbers:ident) => {{
        let mut table = [const { Self::row([""; _], &[], [0.0; _]) }; N];
        let mut index = 0;
        while index < N {
            let row = Self::row($names[index], $shapes[$of_shape[index]], $numbers[index]);
            std::mem::forget(std::mem::replace(&mut table[index], row));
            index += 1;
        }
        table
    }};
}

impl ActivationForecast {
    pub(super) fn rows(activations: &[Self]) -> Rows<2, 5> {
        let mut rows = Rows::new();
        for activation in activations {
            let figures = [
                activation.rms_log10,
                activation.correlation,
                activation.gradient_rms_log10,
                activation.saturation,
                activation.dead_probability,
            ];
            rows.push([&activation.name, &activation.kind], &activation.shape, figures.map(written));
        }
        rows
    }

    const fn row(names: [&'static str; 2], shape: &'static [usize], numbers: [f64; 5]) -> Self {
        Self {
            name: Cow::Borrowed(names[0]),
            kind: Cow::Borrowed(names[1]),
            shape: Cow::Borrowed(shape),
            rms_log10: read!(numbers[0]),
            correlation: read!(numbers[1]),
            gradient_rms_log10: read!(numbers[2]),
            saturation: read!(numbers[3]),
            dead_probability: read!(numbers[4]),
        }
    }

    /// What a network's constant is made of.
    #[doc(hidden)]
    pub const fn table<const N: usize>(
        names: &[[&'static str; 2]; N],
        shapes: &[&'static [usize]],
        of_shape: &[usize; N],
        numbers: &[[f64; 5]; N],
    ) -> [Self; N] {
        table!(names, shapes, of_shape, numbers)
    }
}

impl ParameterForecast {
    pub(super) fn rows(parameters: &[Self]) -> Rows<1, 4> {
        let mut rows = Rows::new();
        for parameter in parameters {
            let numbers = [
                parameter.rms,
                written(parameter.gradient_norm_log10),
                written(parameter.gradient_norm_log10_std),
                f64::from(parameter.f32 as u8),
            ];
            rows.push([&parameter.name], &parameter.shape, numbers);
        }
        rows
    }

    const fn row(names: [&'static str; 1], shape: &'static [usize], numbers: [f64; 4]) -> Self {
        Self {
            name: Cow::Borrowed(names[0]),
            shape: Cow::Borrowed(shape),
            rms: numbers[0],
            gradient_norm_log10: read!(numbers[1]),
            gradient_norm_log10_std: read!(numbers[2]),
            f32: match numbers[3] as u8 {
                1 => Float32::Overflow,
                2 => Float32::Underflow,
                _ => Float32::Finite,
            },
        }
    }

    /// What a network's constant is made of.
    #[doc(hidden)]
    pub const fn table<const N: usize>(
        names: &[[&'static str; 1]; N],
        shapes: &[&'static [usize]],
        of_shape: &[usize; N],
        numbers: &[[f64; 4]; N],
    ) -> [Self; N] {
        table!(names, shapes, of_shape, numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use crate::{ActivationForecast, Float32, ParameterForecast};

    /// The shapes of the rows as the compiler has them.
    fn shapes<const NAMES: usize, const NUMBERS: usize>(
        rows: &Rows<NAMES, NUMBERS>,
    ) -> Vec<&'static [usize]> {
        let of = |number: usize| {
            let (shape, _) = rows.shapes.iter().find(|(_, other)| **other == number).expect("it has a shape");
            &*shape.clone().leak()
        };
        (0..rows.shapes.len()).map(of).collect()
    }

    fn leaked<const NAMES: usize>(names: &[String; NAMES]) -> [&'static str; NAMES] {
        names.clone().map(|name| &*name.leak())
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
        let activations = [ActivationForecast {
            name: "hidden.0".into(),
            kind: "Dense".into(),
            shape: vec![3].into(),
            rms_log10: Some(-0.5),
            correlation: Some(0.0),
            gradient_rms_log10: None,
            saturation: Some(0.25),
            dead_probability: Some(1e-300),
        }];
        let rows = ActivationForecast::rows(&activations);
        let read = ActivationForecast::table(
            &[leaked(&rows.names[0])],
            &shapes(&rows),
            &[rows.of_shape[0]],
            &[rows.numbers[0]],
        );
        assert_eq!(read, activations);
        let rows = ParameterForecast::rows(&parameters);
        assert_eq!(rows.shapes.len(), 2);
        let read = ParameterForecast::table(
            &[0, 1, 2].map(|row| leaked(&rows.names[row])),
            &shapes(&rows),
            &[0, 1, 2].map(|row| rows.of_shape[row]),
            &[0, 1, 2].map(|row| rows.numbers[row]),
        );
        assert_eq!(read, parameters);
    }
}
