//! Files of NumPy.

use std::io::{Cursor, Read};
use std::path::Path;

use ndarray::ArrayD;
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadNpyError, ReadNpyExt};
use netdsl_layers::Element;
use zip::ZipArchive;

use super::DataError;
use crate::file;
use crate::known::what_there_is;

/// The array of an `.npy` file, whatever numbers it holds, as `T`.
///
/// # Errors
/// [`DataError::File`] where it can't be read, is no file but a device or the like, is cut off or damaged, or holds anything but
/// `float32`, `float64`, integers of 8 to 64 bits or truth values.
///
/// ```no_run
/// let images = netdsl_runtime::data::read_npy::<f32>("images.npy")? / 255.0;
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
pub fn read_npy<T: Element>(path: impl AsRef<Path>) -> Result<ArrayD<T>, DataError> {
    let path = path.as_ref();
    let bytes = file::read(path).map_err(failed(path, ""))?;
    convert(&bytes).map_err(failed(path, ""))
}

/// The array of that name in an `.npz` file, whatever numbers it holds, as `T`.
///
/// # Errors
/// As [`read_npy`], and where there is no such array.
pub fn read_npz<T: Element>(path: impl AsRef<Path>, name: &str) -> Result<ArrayD<T>, DataError> {
    let path = path.as_ref();
    let mut file = file::open(path).map_err(failed(path, ""))?;
    let mut begin = Vec::new();
    Read::by_ref(&mut file).take(ARRAY.len() as u64).read_to_end(&mut begin).map_err(failed(path, ""))?;
    if !begin.starts_with(ARCHIVE) {
        let single = if begin == ARRAY { ": it is one array, which `read_npy` reads" } else { "" };
        return Err(failed(path, "")(format!("it is no archive of NumPy{single}")));
    }
    let mut archive = ZipArchive::new(file).map_err(failed(path, ""))?;
    // NumPy takes the name with its ending and without.
    let stem = |name: &str| name.strip_suffix(ENDING).unwrap_or(name).to_owned();
    let Some(found) = archive.file_names().find(|found| stem(found) == stem(name)).map(String::from) else {
        let names: Vec<String> = archive.file_names().map(stem).collect();
        let hint = what_there_is(name, names.iter().map(String::as_str));
        return Err(failed(path, "")(format!("it has no array `{name}`{hint}")));
    };
    let mut bytes = Vec::new();
    let read = archive.by_name(&found).map_err(failed(path, name))?.read_to_end(&mut bytes);
    read.map_err(failed(path, name))?;
    convert(&bytes).map_err(failed(path, name))
}

const ENDING: &str = ".npy";
/// What a file of one array begins with, and what an archive of several does.
const ARRAY: &[u8] = b"\x93NUMPY";
const ARCHIVE: &[u8] = b"PK";

/// The error of the file at `path`, or of the array of that name in it.
fn failed<E: ToString>(path: &Path, name: &str) -> impl Fn(E) -> DataError {
    let of = if name.is_empty() { String::new() } else { format!("`{name}` of ") };
    let path = format!("{of}{}", path.display());
    move |error| DataError::File { path: path.clone(), reason: error.to_string() }
}

/// The array that the bytes of an `.npy` file are, of the first type that it is made of; or what is wrong with them.
fn convert<T: Element>(bytes: &[u8]) -> Result<ArrayD<T>, String> {
    if !bytes.starts_with(ARRAY) {
        let many = if bytes.starts_with(ARCHIVE) { ": it is an archive, which `read_npz` reads" } else { "" };
        return Err(if bytes.is_empty() {
            "it is empty".into()
        } else {
            format!("it is no array of NumPy{many}")
        });
    }
    // Room is made for what the header says before the numbers are read: more than there can be would end the process.
    let mut rest = Cursor::new(bytes);
    let header = Header::from_reader(&mut rest).map_err(|error| first_line(&error.to_string()))?;
    let values = header.shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size));
    let left = bytes.len() - rest.position() as usize;
    if values.is_none_or(|values| values > left) {
        let shape = header.shape;
        return Err(format!("its header says that the shape is {shape:?}, but there are only {left} bytes"));
    }
    macro_rules! try_each {
        ($($element:ty => $wide:expr),*) => {{
            $(match ArrayD::<$element>::read_npy(bytes) {
                Ok(array) => return Ok(array.mapv(|value| T::from_f64($wide(value)))),
                Err(ReadNpyError::WrongDescriptor(_)) => {}
                Err(error) => return Err(error.to_string()),
            })*
            [$(stringify!($element)),*].join(", ")
        }};
    }
    let expected = try_each!(
        f32 => f64::from, f64 => f64::from, u8 => f64::from, i8 => f64::from, u16 => f64::from, i16 => f64::from,
        u32 => f64::from, i32 => f64::from, u64 => |value| value as f64, i64 => |value| value as f64,
        bool => |value| f64::from(u8::from(value))
    );
    let found = header.type_descriptor;
    Err(format!(
        "it is made of {found}, expected one of {expected}: `astype(\"float32\")` of NumPy makes the first"
    ))
}

/// What comes behind it is a picture of the place.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().into()
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
    fn what_is_no_array_of_numbers_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("array.npy");
        let message = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let [single, many] = [read_npy::<f32>(&path), read_npz::<f32>(&path, "x")].map(|read| {
                let message = read.unwrap_err().to_string();
                message.split_once("array.npy can't be read: ").unwrap().1.to_string()
            });
            (single, many)
        };
        let none = ("it is no array of NumPy".to_string(), "it is no archive of NumPy".to_string());
        assert_eq!(message(b"a text\n"), none);
        assert_eq!(message(b"").0, "it is empty");
        assert_eq!(
            message(b"PK\x03\x04").0,
            "it is no array of NumPy: it is an archive, which `read_npz` reads"
        );
        for descriptor in ["<f2", "<c8"] {
            let header = format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': (1,), }}\n");
            let length = (header.len() as u16).to_le_bytes();
            let file = [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes(), &[0; 8]].concat();
            let (single, many) = message(&file);
            let expected = format!(
                "it is made of '{descriptor}', expected one of f32, f64, u8, i8, u16, i16, u32, i32, u64, i64, bool: \
                 `astype(\"float32\")` of NumPy makes the first"
            );
            assert_eq!(single, expected);
            assert_eq!(many, "it is no archive of NumPy: it is one array, which `read_npy` reads");
        }
        #[cfg(unix)]
        for read in [read_npy::<f32>("/dev/zero"), read_npz::<f32>("/dev/zero", "x")] {
            let expected = "/dev/zero can't be read: it is a device, a pipe or a socket, expected a file";
            assert_eq!(read.unwrap_err().to_string(), expected);
        }
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

    /// The bytes of a header changed one by one, and shapes that no memory holds: an array or an error, and never a panic.
    #[test]
    fn a_damaged_header_is_an_array_or_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (single, many) = (folder.path().join("array.npy"), folder.path().join("arrays.npz"));
        write_npy(&single, &array![[1.0f64, 2.0], [3.0, 4.0]]).unwrap();
        let mut archive = NpzWriter::new(std::fs::File::create(&many).unwrap());
        archive.add_array("x", &array![[1u8, 2]]).unwrap();
        archive.finish().unwrap();
        for path in [&single, &many] {
            let bytes = std::fs::read(path).unwrap();
            for place in 0..bytes.len() {
                for byte in [0, 0xff, b'9', bytes[place] ^ 1, bytes[place] ^ 0x80] {
                    let mut changed = bytes.clone();
                    changed[place] = byte;
                    std::fs::write(path, changed).unwrap();
                    drop(read_npy::<f32>(path));
                    drop(read_npz::<f32>(path, "x"));
                }
            }
        }
        for shape in [
            "(9999999999,)",
            "(4294967296, 4294967296)",
            "(1, 18446744073709551615)",
            "(-1,)",
            "(2, 2",
            &"(".repeat(60_000),
        ] {
            let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
            let length = (header.len() as u16).to_le_bytes();
            let file = [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes()].concat();
            std::fs::write(&single, file).unwrap();
            let error = read_npy::<f32>(&single).unwrap_err().to_string();
            assert!(error.contains("array.npy can't be read: ") && !error.contains('\n'), "{error}");
        }
    }
}
