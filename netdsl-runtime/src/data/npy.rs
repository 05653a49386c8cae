//! Files of NumPy.

use std::fs::{self, File};
use std::path::Path;

use ndarray::{ArrayD, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpyExt, ReadNpzError, ReadableElement};
use netdsl_layers::Element;

use super::DataError;
use crate::known::what_there_is;

/// The array of an `.npy` file, whatever numbers it holds, as `T`.
///
/// # Errors
/// [`DataError::File`] where it can't be read, is cut off or damaged, or holds anything but numbers.
///
/// ```no_run
/// let images = netdsl_runtime::data::read_npy::<f32>("images.npy")? / 255.0;
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
pub fn read_npy<T: Element>(path: impl AsRef<Path>) -> Result<ArrayD<T>, DataError> {
    let path = path.as_ref();
    let bytes = fs::read(path).map_err(failed(path, ""))?;
    convert(&mut Npy(&bytes)).map_err(failed(path, ""))
}

/// The array of that name in an `.npz` file, whatever numbers it holds, as `T`.
///
/// # Errors
/// As [`read_npy`], and where there is no such array.
pub fn read_npz<T: Element>(path: impl AsRef<Path>, name: &str) -> Result<ArrayD<T>, DataError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(failed(path, ""))?;
    let mut archive = NpzReader::new(file).map_err(failed(path, ""))?;
    let names = archive.names().map_err(failed(path, ""))?;
    // NumPy takes the name with its ending too.
    if !names.iter().any(|known| known == name.strip_suffix(".npy").unwrap_or(name)) {
        let hint = what_there_is(name, names.iter().map(String::as_str));
        return Err(failed(path, "")(format!("it has no array `{name}`{hint}")));
    }
    convert(&mut Npz { archive, name }).map_err(failed(path, name))
}

/// The error of the file at `path`, or of the array of that name in it.
fn failed<E: ToString>(path: &Path, name: &str) -> impl Fn(E) -> DataError {
    let of = if name.is_empty() { String::new() } else { format!("`{name}` of ") };
    let path = format!("{of}{}", path.display());
    move |error| DataError::File { path: path.clone(), reason: error.to_string() }
}

/// Where an array is read from.
trait Source {
    /// The array, if it is made of `E`.
    fn read<E: ReadableElement>(&mut self) -> Result<ArrayD<E>, ReadNpzError>;
}

struct Npy<'a>(&'a [u8]);

impl Source for Npy<'_> {
    fn read<E: ReadableElement>(&mut self) -> Result<ArrayD<E>, ReadNpzError> {
        Ok(ArrayD::read_npy(self.0)?)
    }
}

struct Npz<'a> {
    archive: NpzReader<File>,
    name: &'a str,
}

impl Source for Npz<'_> {
    fn read<E: ReadableElement>(&mut self) -> Result<ArrayD<E>, ReadNpzError> {
        self.archive.by_name::<OwnedRepr<E>, IxDyn>(self.name)
    }
}

/// Reads an array of the first type that it is made of.
fn convert<T: Element>(source: &mut impl Source) -> Result<ArrayD<T>, ReadNpzError> {
    macro_rules! try_each {
        ($($element:ty => $wide:expr),*) => {
            $(match source.read::<$element>() {
                Ok(array) => return Ok(array.mapv(|value| T::from_f64($wide(value)))),
                Err(ReadNpzError::Npy(ReadNpyError::WrongDescriptor(_))) => {}
                Err(error) => return Err(error),
            })*
        };
    }
    try_each!(
        f32 => f64::from, f64 => f64::from, u8 => f64::from, i8 => f64::from, u16 => f64::from, i16 => f64::from,
        u32 => f64::from, i32 => f64::from, u64 => |value| value as f64, i64 => |value| value as f64,
        bool => |value| f64::from(u8::from(value))
    );
    // None of them: the error that says what it is made of.
    source.read::<f64>().map(|array| array.mapv(T::from_f64))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use ndarray_npy::{NpzWriter, write_npy};

    use super::{read_npy, read_npz};

    #[test]
    fn numbers_of_every_type_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("array.npy");
        let expected: Array2<f32> = array![[0.0, 1.0], [2.0, 100.0]];
        macro_rules! check {
            ($($element:ty),*) => {$(
                write_npy(&path, &expected.mapv(|value| value as $element)).unwrap();
                assert_eq!(read_npy::<f32>(&path).unwrap(), expected.clone().into_dyn());
            )*};
        }
        check!(f32, f64, u8, i8, u16, i16, u32, i32, u64, i64);
        write_npy(&path, &array![true, false]).unwrap();
        assert_eq!(read_npy::<f64>(&path).unwrap(), array![1.0, 0.0].into_dyn());
    }

    #[test]
    fn arrays_of_an_archive_are_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arrays.npz");
        let mut archive = NpzWriter::new_compressed(std::fs::File::create(&path).unwrap());
        archive.add_array("images", &array![[1u8, 2]]).unwrap();
        archive.add_array("labels", &array![7i64]).unwrap();
        archive.finish().unwrap();
        assert_eq!(read_npz::<f32>(&path, "images").unwrap(), array![[1.0, 2.0]].into_dyn());
        assert_eq!(read_npz::<f64>(&path, "labels").unwrap(), array![7.0].into_dyn());
        assert_eq!(read_npz::<f64>(&path, "labels.npy").unwrap(), array![7.0].into_dyn());
        let error = read_npz::<f32>(&path, "label").unwrap_err().to_string();
        let expected = "arrays.npz can't be read: it has no array `label` (there are `images`, `labels`): did you mean \
                        `labels`?";
        assert!(error.ends_with(expected), "{error}");
    }

    #[test]
    fn a_cut_file_is_refused_wherever_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("array.npy");
        write_npy(&path, &array![[1.0f64, 2.0], [3.0, 4.0]]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for len in 0..bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            let error = read_npy::<f32>(&path).unwrap_err().to_string();
            assert!(error.contains("array.npy can't be read: "), "{error}");
        }
    }
}
