//! A file of named tensors.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use netdsl_layers::Element;
use safetensors::tensor::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};

use super::error::CheckpointError;
use crate::file;
use crate::known::what_there_is;

/// The key of the notes in the header, and their version.
const KEY: &str = "netdsl";
const VERSION: u32 = 1;

/// What the header says beside the tensors.
#[derive(Serialize, Deserialize)]
struct Notes {
    version: u32,
    network: String,
    /// That of everything else, tensors included.
    checksum: u32,
    /// Where the training stands, in a checkpoint.
    training: Option<String>,
}

/// A tensor: type, shape and its bytes, row-major, the lowest byte first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// The types that are read as numbers.
const FLOATS: &str = "F32 or F64";

impl Tensor {
    /// Of the numbers that a network is made of.
    pub(crate) fn of<T: Element>(shape: &[usize], values: &[T]) -> Self {
        // The one type that is as wide as `T`.
        let single = size_of::<T>() == size_of::<f32>();
        let bytes = if single {
            values.iter().flat_map(|value| ((*value).to_f64() as f32).to_le_bytes()).collect()
        } else {
            values.iter().flat_map(|value| (*value).to_f64().to_le_bytes()).collect()
        };
        Self { dtype: if single { Dtype::F32 } else { Dtype::F64 }, shape: shape.to_vec(), bytes }
    }

    /// A whole number without an axis.
    pub(crate) fn of_integer(value: i64) -> Self {
        Self { dtype: Dtype::I64, shape: Vec::new(), bytes: value.to_le_bytes().to_vec() }
    }

    /// The numbers, rounded to `T` where the file has more digits.
    pub(crate) fn values<T: Element>(&self, name: &str) -> Result<Vec<T>, CheckpointError> {
        match self.dtype {
            Dtype::F32 => Ok(self.words().map(|word| T::from_f64(f32::from_le_bytes(word).into())).collect()),
            Dtype::F64 => Ok(self.words().map(|word| T::from_f64(f64::from_le_bytes(word))).collect()),
            other => Err(CheckpointError::Type {
                name: name.into(),
                found: format!("{other:?}"),
                expected: FLOATS,
            }),
        }
    }

    fn words<const N: usize>(&self) -> impl Iterator<Item = [u8; N]> {
        self.bytes.as_chunks::<N>().0.iter().copied()
    }
}

/// Tensors by name, and what else there is to know.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Container {
    pub(crate) network: String,
    pub(crate) training: Option<String>,
    tensors: BTreeMap<String, Tensor>,
}

impl Container {
    /// Without a tensor.
    pub(crate) fn new(network: &str) -> Self {
        Self { network: network.into(), ..Self::default() }
    }

    pub(crate) fn insert(&mut self, name: String, tensor: Tensor) {
        self.tensors.insert(name, tensor);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tensors.keys().map(String::as_str)
    }

    /// The tensor of that name and shape.
    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<&Tensor, CheckpointError> {
        let Some(tensor) = self.tensors.get(name) else {
            let hint = what_there_is(name, self.names());
            return Err(CheckpointError::Missing { name: name.into(), hint });
        };
        if tensor.shape != shape {
            let (found, expected) = (tensor.shape.clone(), shape.to_vec());
            return Err(CheckpointError::Shape { name: name.into(), found, expected });
        }
        Ok(tensor)
    }

    /// The numbers of the tensor of that name, as many as there are.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<f64>, CheckpointError> {
        let len = self.tensors.get(name).map_or(0, |tensor| tensor.shape.iter().product());
        self.get(name, &[len])?.values(name)
    }

    /// The type of the numbers of the network whose tensors are below `prefix`, as Rust calls it; none where it has none.
    pub(crate) fn element(&self, prefix: &str) -> Option<&'static str> {
        let mut of_network = self.tensors.iter().filter(|(name, _)| name.starts_with(prefix));
        of_network.find_map(|(_, tensor)| match tensor.dtype {
            Dtype::F32 => Some("f32"),
            Dtype::F64 => Some("f64"),
            _ => None,
        })
    }

    /// The checksum of all but itself.
    fn checksum(&self) -> u32 {
        let mut sum = crc32c::crc32c(self.network.as_bytes());
        sum = crc32c::crc32c_append(sum, self.training.as_deref().unwrap_or_default().as_bytes());
        for (name, tensor) in &self.tensors {
            sum = crc32c::crc32c_append(sum, name.as_bytes());
            sum = crc32c::crc32c_append(sum, format!("{:?}{:?}", tensor.dtype, tensor.shape).as_bytes());
            sum = crc32c::crc32c_append(sum, &tensor.bytes);
        }
        sum
    }

    /// The file.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let notes = Notes {
            version: VERSION,
            network: self.network.clone(),
            checksum: self.checksum(),
            training: self.training.clone(),
        };
        let notes = serde_json::to_string(&notes).map_err(CheckpointError::Notes)?;
        // One key: those of a map come in an order that differs from run to run.
        let header = HashMap::from([(KEY.to_string(), notes)]);
        safetensors::serialize(&self.tensors, Some(header)).map_err(CheckpointError::Format)
    }

    /// Reads a file, of whatever origin.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(CheckpointError::Format)?;
        let file = SafeTensors::deserialize(bytes).map_err(CheckpointError::Format)?;
        let mut container = Self::default();
        for (name, view) in file.iter() {
            let (shape, bytes) = (view.shape().to_vec(), view.data().to_vec());
            container.insert(name.into(), Tensor { dtype: view.dtype(), shape, bytes });
        }
        let Some(notes) = header.metadata().as_ref().and_then(|notes| notes.get(KEY)) else {
            return Ok(container);
        };
        let notes: Notes = serde_json::from_str(notes).map_err(CheckpointError::Notes)?;
        if notes.version > VERSION {
            return Err(CheckpointError::Version { found: notes.version, expected: VERSION });
        }
        (container.network, container.training) = (notes.network, notes.training);
        let found = container.checksum();
        if found != notes.checksum {
            return Err(CheckpointError::Checksum { found, expected: notes.checksum });
        }
        Ok(container)
    }

    /// Reads the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, CheckpointError> {
        Self::from_bytes(&file::read(path).map_err(CheckpointError::Read)?)
    }

    /// Puts the file at `path`, or leaves what is there.
    pub(crate) fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        file::replace(path, &self.to_bytes()?).map_err(CheckpointError::Write)
    }
}
