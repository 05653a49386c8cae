//! The tensors of a network under PyTorch's names.

use std::collections::HashMap;
use std::ops::Range;

use netdsl_layers::{Content, Element, Layer, ParameterRange, Stored, did_you_mean};

use super::container::{Container, Tensor};
use super::error::CheckpointError;
use crate::network::Network;
use crate::tensors::Tensors;

/// What a checkpoint puts before the names of the network's tensors; a file of the network alone has nothing there.
pub(crate) const NETWORK: &str = "network.";

/// A tensor of the file with its full name, and the path of its layer.
struct Entry {
    path: String,
    stored: Stored,
}

impl Entry {
    fn name(&self) -> String {
        below(&self.path, &self.stored.name)
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

fn entries(layers: &dyn Layer) -> Vec<Entry> {
    let mut entries = Vec::new();
    layers.leaves("", &mut |path, layer| {
        entries.extend(layer.stored().into_iter().map(|stored| Entry { path: path.into(), stored }));
    });
    entries
}

/// Where the tensors of the layers lie: the parameters in one buffer, the statistics in another.
struct Places(HashMap<String, (bool, Range<usize>)>);

impl Places {
    fn new(layers: &dyn Layer) -> Self {
        let lists = [(true, layers.parameters()), (false, layers.statistics())];
        let places = lists.into_iter().flat_map(|(parameter, list)| {
            let ranges = ParameterRange::of(list).into_iter();
            ranges.map(move |tensor| (tensor.name, (parameter, tensor.range)))
        });
        Self(places.collect())
    }

    /// The values of a tensor of the layer at `path`; none where it has no such tensor.
    fn values<'a, T: Element>(&self, tensors: &'a mut Tensors<T>, path: &str, name: &str) -> &'a mut [T] {
        match self.0.get(&below(path, name)) {
            None => &mut [],
            Some((true, range)) => &mut tensors.parameters_mut()[range.clone()],
            Some((false, range)) => &mut tensors.statistics_mut()[range.clone()],
        }
    }
}

/// Puts the tensors of a network into a file, below `prefix`.
pub(crate) fn write_network<T: Element, N: Network<T>>(
    tensors: &Tensors<T>,
    prefix: &str,
    file: &mut Container,
) {
    let mut tensors = tensors.clone();
    let places = Places::new(N::layers());
    for entry in entries(N::layers()) {
        let shape = &entry.stored.shape;
        let tensor = match &entry.stored.content {
            Content::Counter => Tensor::of_integer(0),
            // Added to a number, minus zero leaves its bits alone, also those of minus zero.
            Content::AddedTo(_) => Tensor::of(shape, &vec![T::neg_zero(); shape.iter().product()]),
            Content::Tensors(parts) => {
                let mut values = Vec::new();
                for part in parts {
                    values.extend_from_slice(places.values(&mut tensors, &entry.path, part));
                }
                Tensor::of(shape, &values)
            }
        };
        file.insert(format!("{prefix}{}", entry.name()), tensor);
    }
}

/// Takes the tensors of a network out of a file.
///
/// Without a prefix the file has to hold nothing else, as `load_state_dict(strict=True)` asks for.
pub(crate) fn read_network<T: Element, N: Network<T>>(
    file: &Container,
    prefix: &str,
) -> Result<Tensors<T>, CheckpointError> {
    let layers = N::layers();
    let mut tensors = Tensors::zeros(layers);
    let places = Places::new(layers);
    let entries = entries(layers);
    let names: Vec<String> = entries.iter().map(|entry| format!("{prefix}{}", entry.name())).collect();
    for (entry, name) in entries.iter().zip(&names) {
        let content = &entry.stored.content;
        if *content == Content::Counter {
            continue;
        }
        let values: Vec<T> = file.get(name, &entry.stored.shape)?.values(name)?;
        match content {
            Content::Counter => {}
            Content::AddedTo(part) => {
                let into = places.values(&mut tensors, &entry.path, part);
                into.iter_mut().zip(&values).for_each(|(sum, value)| *sum += *value);
            }
            Content::Tensors(parts) => {
                let mut rest = values.as_slice();
                for part in parts {
                    let into = places.values(&mut tensors, &entry.path, part);
                    let (own, behind) = rest.split_at(into.len().min(rest.len()));
                    into.copy_from_slice(own);
                    rest = behind;
                }
            }
        }
    }
    if prefix.is_empty() {
        let unexpected = file.names().find(|name| !names.iter().any(|known| known == name));
        if let Some(name) = unexpected {
            let hint = did_you_mean(name, names.iter().map(String::as_str));
            return Err(CheckpointError::Unexpected { name: name.into(), hint });
        }
    }
    Ok(tensors)
}
