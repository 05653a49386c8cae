//! Comma-separated values.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::StringRecord;
use ndarray::Array2;
use netdsl_layers::Element;

use super::DataError;
use crate::known::what_there_is;

/// A table of comma-separated values with a header.
///
/// ```
/// use netdsl_runtime::data::Table;
///
/// let text = "width,height,kind\n1.5,2.0,tall\n3.0,0.5,flat\n2.5,0.5,flat\n";
/// let table = Table::from_reader(text.as_bytes())?;
/// let input = table.columns::<f32>(&["width", "height"])?;
/// assert_eq!(input.row(1).to_vec(), [3.0, 0.5]);
/// let (classes, names) = table.classes("kind")?;
/// assert_eq!((classes, names), (vec![1, 0, 0], vec!["flat".to_string(), "tall".to_string()]));
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    /// The file, or what stands in its place in messages.
    source: String,
    names: Vec<String>,
    rows: Vec<StringRecord>,
}

/// The cells are the same, wherever they are from.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names && self.rows == other.rows
    }
}

impl Table {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`DataError::File`] where it can't be opened, [`DataError::Csv`] where a row has not as many cells as the header,
    /// [`DataError::Encoding`] where one is no UTF-8.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| DataError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        Self::parse(file, &path.display().to_string())
    }

    /// Reads a table from its text.
    ///
    /// # Errors
    /// [`DataError::Csv`], [`DataError::Encoding`]
    pub fn from_reader(reader: impl Read) -> Result<Self, DataError> {
        Self::parse(reader, "the table")
    }

    fn parse(reader: impl Read, table: &str) -> Result<Self, DataError> {
        let table_name = || table.to_string();
        let failed = |cause: csv::Error| match cause.kind() {
            csv::ErrorKind::Utf8 { pos: Some(place), err } => {
                DataError::Encoding { table: table_name(), line: place.line(), column: err.field() + 1 }
            }
            _ => DataError::Csv { table: table_name(), cause },
        };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
        let names = reader.headers().map_err(failed)?.iter().map(String::from).collect();
        let rows = reader.records().collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { source: table.into(), names, rows })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of rows below the header.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row below the header.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The numbers of these columns, a row for each row.
    ///
    /// # Errors
    /// [`DataError::Column`], [`DataError::Twice`], and [`DataError::Cell`] with line and column where a cell is no finite number.
    pub fn columns<T: Element>(&self, names: &[&str]) -> Result<Array2<T>, DataError> {
        let places = names.iter().map(|name| self.place(name)).collect::<Result<Vec<_>, _>>()?;
        let mut values = Array2::zeros((self.rows.len(), names.len()));
        for (row, mut numbers) in self.rows.iter().zip(values.outer_iter_mut()) {
            for ((place, name), number) in places.iter().zip(names).zip(&mut numbers) {
                let cell = row.get(*place).unwrap_or_default();
                let parsed = cell.parse::<f64>().map(T::from_f64).ok().filter(|number| number.is_finite());
                *number = parsed.ok_or_else(|| DataError::Cell {
                    table: self.source.clone(),
                    line: row.position().map_or(0, csv::Position::line),
                    column: (*name).into(),
                    cell: cell.into(),
                })?;
            }
        }
        Ok(values)
    }

    /// The classes of a column, as indices into the names of the classes, which are its different cells in their order.
    ///
    /// # Errors
    /// [`DataError::Column`], [`DataError::Twice`]
    pub fn classes(&self, name: &str) -> Result<(Vec<usize>, Vec<String>), DataError> {
        let place = self.place(name)?;
        let cells = || self.rows.iter().map(|row| row.get(place).unwrap_or_default());
        let names: Vec<&str> = cells().collect::<BTreeSet<_>>().into_iter().collect();
        let classes = cells().map(|cell| names.partition_point(|name| *name < cell)).collect();
        Ok((classes, names.into_iter().map(String::from).collect()))
    }

    fn place(&self, name: &str) -> Result<usize, DataError> {
        let mut found = (0..self.names.len()).filter(|place| self.names[*place] == name);
        let (table, asked) = (self.source.clone(), name.to_string());
        match (found.next(), found.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(DataError::Twice { table, name: asked }),
            (None, _) => {
                let hint = what_there_is(name, self.names.iter().map(String::as_str));
                Err(DataError::Column { table, name: asked, hint })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DataError, Table};

    fn table(text: &str) -> Result<Table, DataError> {
        Table::from_reader(text.as_bytes())
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message =
            |result: Result<_, DataError>| result.map(|_: ndarray::Array2<f32>| ()).unwrap_err().to_string();
        let good = table("width, height\n1, 2\n3, x\n5, inf\n").unwrap();
        assert_eq!(
            message(good.columns(&["widht"])),
            "the table has no column `widht` (there are `width`, `height`): did you mean `width`?"
        );
        let expected = "line 3, column `height` of the table is `x`, expected a finite number";
        assert_eq!(message(good.columns(&["width", "height"])), expected);
        let overflow = table("a\n1e39\n").unwrap();
        assert!(message(overflow.columns(&["a"])).starts_with("line 2, column `a` of the table is `1e39`"));
        assert!(overflow.columns::<f64>(&["a"]).is_ok());
        assert!(matches!(table("a,b\n1\n"), Err(DataError::Csv { .. })));
        let latin = Table::from_reader(&b"a,b\n1,2\n3,gr\xfcn\n"[..]).unwrap_err().to_string();
        assert_eq!(latin, "line 3, column 2 of the table is not encoded in UTF-8, expected a table that is");
        let empty = table("a,b\n1,\n").unwrap();
        let expected = "line 2, column `b` of the table is empty, expected a finite number";
        assert_eq!(message(empty.columns(&["a", "b"])), expected);
        assert_eq!(message(empty.columns(&["c"])), "the table has no column `c` (there are `a`, `b`)");
        // What is not asked for may be there twice.
        let twice = table("a,b,a\n1,2,3\n").unwrap();
        assert_eq!(
            message(twice.columns(&["a"])),
            "the table has the column `a` twice, expected one of that name"
        );
        assert_eq!(twice.columns::<f32>(&["b"]).unwrap()[[0, 0]], 2.0);
        let error = Table::read("missing.csv").unwrap_err().to_string();
        assert!(error.starts_with("missing.csv can't be read: "), "{error}");
    }

    /// Of several files the one is named, and what is in it is the same as from anywhere else.
    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            (Table::read(&path), path.display().to_string())
        };
        let (good, path) = read("a.csv", "a,b\n1,2\n3,x\n");
        let good = good.unwrap();
        assert_eq!(good, table("a,b\n1,2\n3,x\n").unwrap());
        let error = good.columns::<f32>(&["a", "b"]).unwrap_err().to_string();
        assert_eq!(error, format!("line 3, column `b` of {path} is `x`, expected a finite number"));
        let error = good.classes("colour").unwrap_err().to_string();
        assert_eq!(error, format!("{path} has no column `colour` (there are `a`, `b`)"));
        let (empty, path) = read("empty.csv", "");
        let error = empty.unwrap().columns::<f32>(&["a"]).unwrap_err().to_string();
        assert_eq!(error, format!("{path} has no column `a` (there is none)"));
        let (short, path) = read("short.csv", "a,b\n1\n");
        let error = short.unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{path} can't be read: ")) && error.contains("line: 2"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_table_has_no_rows() {
        assert!(table("").unwrap().is_empty());
        let empty = table("a,b\n").unwrap();
        assert_eq!(empty.names(), ["a", "b"]);
        assert_eq!(empty.columns::<f32>(&["b"]).unwrap().dim(), (0, 1));
    }
}
