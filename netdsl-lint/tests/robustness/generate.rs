//! Declarations out of bytes: most of them make sense, and each part of the language is among them.

use arbitrary::{Result, Unstructured};
use netdsl_layers::{Argument, Call, Place};
use netdsl_lint::language::{
    Block, Constant, Entry, Input, Level, LevelAttribute, NetworkTree, Node, Places, Setting, resolve,
};
use netdsl_lint::lint::LINTS;
use proc_macro2::{Ident, Span, TokenStream};

use crate::vocabulary::{self, VOCABULARY, Word};

/// Nothing that is generated stands anywhere.
const PLACE: Place = Place(0);

const MAX_ENTRIES: usize = 6;
const MAX_DEPTH: usize = 3;

/// A declaration. Of the entries that make no sense where they stand, most are left out again.
pub(crate) fn block(bytes: &mut Unstructured<'_>) -> Result<Block> {
    let loss = Setting { levels: levels(bytes)?, value: call(bytes, &VOCABULARY.losses)? };
    let optimizer = optional(bytes, |bytes| {
        Ok(Setting { levels: levels(bytes)?, value: call(bytes, &VOCABULARY.optimizers)? })
    })?;
    let target = optional(bytes, |bytes| {
        Ok(Setting { levels: levels(bytes)?, value: call(bytes, &VOCABULARY.distributions)? })
    })?;
    let batch = optional(bytes, |bytes| {
        Ok(Setting { levels: levels(bytes)?, value: (*bytes.choose(&[32, 1, 2, 7, 1 << 31])?, PLACE) })
    })?;
    let network = NetworkTree {
        attributes: tokens(bytes, &["", "#[doc = \"A network.\"]", "#[derive(Clone)] #[allow(dead_code,)]"])?,
        levels: levels(bytes)?,
        visibility: tokens(bytes, &["", "pub", "pub(crate)"])?,
        name: ident("Net"),
        name_place: PLACE,
        unreadable: Vec::new(),
        input: Some(input(bytes)?),
        entries: Vec::new(),
        target,
        loss: Some(loss),
        batch,
        optimizer,
    };
    let mut block = Block { places: Places::default(), constants: constants(bytes)?, network };
    while block.network.entries.len() < MAX_ENTRIES && !bytes.is_empty() {
        let name = optional(bytes, |bytes| bytes.choose(&["stem", "body", "head", "r#loop", "ü"]).copied())?;
        let entry = Entry {
            levels: levels(bytes)?,
            name: name.map(|name| (name.into(), PLACE)),
            node: node(bytes, MAX_DEPTH)?,
        };
        block.network.entries.push(entry);
        if !is_sensible(&block) && bytes.ratio(15u8, 16u8)? {
            block.network.entries.pop();
        }
    }
    Ok(block)
}

/// Whether the layers fit each other, whatever the loss says of the last one.
fn is_sensible(block: &Block) -> bool {
    let mut block = block.clone();
    block.network.loss =
        Some(Setting { levels: Vec::new(), value: vocabulary::call(PLACE, "MeanSquaredError", Vec::new()) });
    (block.network.target, block.network.optimizer) = (None, None);
    resolve(&block).is_ok()
}

/// One time out of three.
fn optional<T>(
    bytes: &mut Unstructured<'_>,
    make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    if bytes.ratio(1u8, 3u8)? { make(bytes).map(Some) } else { Ok(None) }
}

fn tokens(bytes: &mut Unstructured<'_>, texts: &[&str]) -> Result<TokenStream> {
    Ok(bytes.choose(texts)?.parse().expect("the text is made of Rust tokens"))
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn levels(bytes: &mut Unstructured<'_>) -> Result<Vec<LevelAttribute>> {
    let level = optional(bytes, |bytes| {
        Ok(LevelAttribute {
            level: *bytes.choose(&Level::ALL)?,
            lint: bytes.choose(LINTS)?.name(),
            place: PLACE,
        })
    })?;
    Ok(level.into_iter().collect())
}

fn constants(bytes: &mut Unstructured<'_>) -> Result<Vec<Constant>> {
    let constant = optional(bytes, |bytes| {
        Ok(Constant {
            attributes: tokens(bytes, &["", "#[doc = \"A width.\"]"])?,
            name: ident("WIDTH"),
            value: *bytes.choose(&[1, 0, i64::MAX as usize])?,
        })
    })?;
    Ok(constant.into_iter().collect())
}

fn input(bytes: &mut Unstructured<'_>) -> Result<Input> {
    let sizes: &[&[usize]] = &[
        &[8],
        &[4, 8],
        &[2, 8, 8],
        &[1],
        &[3, 1],
        &[1, 5],
        // Not many steps: a recurrence is forecast step by step, and what is wrong is wrong in a few.
        &[12, 3],
        &[3, 9, 4],
        &[1 << 31],
        &[1 << 16, 1 << 15],
    ];
    let sizes = bytes.choose(sizes)?.iter().map(|size| (*size, PLACE)).collect();
    let distribution = optional(bytes, |bytes| call(bytes, &VOCABULARY.distributions))?;
    Ok(Input { levels: levels(bytes)?, sizes, place: PLACE, distribution })
}

/// A layer or a structure of them.
pub(crate) fn node(bytes: &mut Unstructured<'_>, depth: usize) -> Result<Node> {
    let structure = if depth == 0 { 0 } else { bytes.int_in_range(0..=11u8)? };
    Ok(match structure {
        8 => Node::Sequence { place: PLACE, nodes: nodes(bytes, depth, 1)? },
        9 => {
            let times = (*bytes.choose(&[2, 1, 3, 2, 10, 3, 2, 1000, 1 << 31])?, PLACE);
            Node::Repeat { place: PLACE, nodes: nodes(bytes, depth, 1)?, times }
        }
        10 => Node::Residual {
            place: PLACE,
            branch: nodes(bytes, depth, 1)?,
            shortcut: optional(bytes, |bytes| Ok(Box::new(node(bytes, depth - 1)?)))?,
            scale: *bytes.choose(&[1.0, 0.5, -1.0, 0.0, 1e-60, 1e60])?,
        },
        11 => Node::Concat { place: PLACE, branches: nodes(bytes, depth, 2)? },
        _ => Node::Layer(call(bytes, &VOCABULARY.layers)?),
    })
}

fn nodes(bytes: &mut Unstructured<'_>, depth: usize, least: usize) -> Result<Vec<Node>> {
    let count = bytes.int_in_range(least..=least + 2)?;
    (0..count).map(|_| node(bytes, depth - 1)).collect()
}

/// A call of one of these words with some of its settings.
fn call(bytes: &mut Unstructured<'_>, words: &[Word]) -> Result<Call> {
    let word = bytes.choose(words)?;
    let mut arguments: Vec<Argument> = Vec::new();
    for setting in &word.settings {
        if setting.required || bytes.ratio(1u8, 4u8)? {
            // The values that come first are those that are written most.
            let few = &setting.values[..setting.values.len().min(4)];
            let known = if bytes.ratio(3u8, 4u8)? { few } else { &setting.values };
            arguments.push(vocabulary::argument(&setting.name, bytes.choose(known)?.clone()));
        }
    }
    Ok(vocabulary::call(PLACE, word.name, arguments))
}
