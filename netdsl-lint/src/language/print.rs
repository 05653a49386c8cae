//! A block as text, which parses to the same block.

use std::fmt::{Display, Formatter, Result, Write as _};

use netdsl_layers::{Argument, Call, Value};

use super::level::LevelAttribute;
use super::tree::{Block, Entry, Input, NetworkTree, Node};

/// The block in the layout that the documentation writes: one entry a line. Constants stand with their values, and where
/// they were used stands the value itself.
impl Display for Block {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        for constant in &self.constants {
            passed_on(out, &constant.attributes)?;
            writeln!(out, "const {}: usize = {};", constant.name, constant.value)?;
        }
        self.network.fmt(out)
    }
}

impl Display for NetworkTree {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        passed_on(out, &self.attributes)?;
        levels(out, "", &self.levels)?;
        let visibility = self.visibility.to_string();
        let space = if visibility.is_empty() { "" } else { " " };
        writeln!(out, "{visibility}{space}struct {} {{", self.name)?;
        if let Some(input) = &self.input {
            input.fmt(out)?;
        }
        for entry in &self.entries {
            entry.fmt(out)?;
        }
        if let Some(target) = &self.target {
            levels(out, INDENT, &target.levels)?;
            writeln!(out, "{INDENT}target ~ {},", Written(&target.value))?;
        }
        for (name, setting) in [("loss", &self.loss), ("optimizer", &self.optimizer)] {
            if let Some(setting) = setting {
                levels(out, INDENT, &setting.levels)?;
                writeln!(out, "{INDENT}{name}: {},", Written(&setting.value))?;
            }
        }
        if let Some(batch) = &self.batch {
            levels(out, INDENT, &batch.levels)?;
            writeln!(out, "{INDENT}batch: {},", batch.value.0)?;
        }
        out.write_str("}")
    }
}

const INDENT: &str = "    ";

fn passed_on(out: &mut Formatter<'_>, attributes: &proc_macro2::TokenStream) -> Result {
    if attributes.is_empty() { Ok(()) } else { writeln!(out, "{attributes}") }
}

fn levels(out: &mut Formatter<'_>, indent: &str, levels: &[LevelAttribute]) -> Result {
    for attribute in levels {
        writeln!(out, "{indent}#[{}({})]", attribute.level.name(), attribute.lint)?;
    }
    Ok(())
}

fn list<T>(out: &mut Formatter<'_>, items: &[T], write: impl Fn(&mut Formatter<'_>, &T) -> Result) -> Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write(out, item)?;
    }
    Ok(())
}

impl Display for Input {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        levels(out, INDENT, &self.levels)?;
        write!(out, "{INDENT}input: [")?;
        list(out, &self.sizes, |out, (size, _)| size.fmt(out))?;
        out.write_char(']')?;
        if let Some(distribution) = &self.distribution {
            write!(out, " ~ {}", Written(distribution))?;
        }
        out.write_str(",\n")
    }
}

impl Display for Entry {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        levels(out, INDENT, &self.levels)?;
        out.write_str(INDENT)?;
        if let Some((name, _)) = &self.name {
            write!(out, "{name}: ")?;
        }
        writeln!(out, "{},", self.node)
    }
}

impl Display for Node {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let nodes = |out: &mut Formatter<'_>, nodes: &[Self]| list(out, nodes, |out, node| node.fmt(out));
        match self {
            Self::Layer(call) => Written(call).fmt(out),
            Self::Sequence { nodes: parts, .. } => {
                out.write_char('(')?;
                nodes(out, parts)?;
                out.write_char(')')
            }
            Self::Repeat { nodes: parts, times, .. } => {
                out.write_char('[')?;
                nodes(out, parts)?;
                write!(out, "; {}]", times.0)
            }
            Self::Residual { branch, shortcut, scale, .. } => {
                out.write_str("Residual(")?;
                nodes(out, branch)?;
                if let Some(shortcut) = shortcut {
                    write!(out, ", shortcut = {shortcut}")?;
                }
                if *scale != 1.0 {
                    write!(out, ", scale = {scale:?}")?;
                }
                out.write_char(')')
            }
            Self::Concat { branches, .. } => {
                out.write_str("Concat(")?;
                nodes(out, branches)?;
                out.write_char(')')
            }
            // Only a block with errors has one, and errors are what is shown of such a block.
            Self::Unreadable { .. } => Ok(()),
        }
    }
}

/// What the layers' own crate leaves without a written form.
pub(crate) struct Written<'a, T>(pub(crate) &'a T);

impl Display for Written<'_, Call> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        out.write_str(&self.0.name)?;
        if self.0.arguments.is_empty() {
            return Ok(());
        }
        out.write_char('(')?;
        list(out, &self.0.arguments, |out, argument| Written(argument).fmt(out))?;
        out.write_char(')')
    }
}

impl Display for Written<'_, Argument> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        if let Some((name, _)) = &self.0.name {
            write!(out, "{name} = ")?;
        }
        Written(&self.0.value).fmt(out)
    }
}

impl Display for Written<'_, Value> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self.0 {
            Value::Integer(number) => number.fmt(out),
            Value::Real(number) => write!(out, "{number:?}"),
            Value::Boolean(truth) => truth.fmt(out),
            Value::Call(call) => Written(call).fmt(out),
            Value::List(values) => {
                out.write_char('[')?;
                list(out, values, |out, (value, _)| Written(value).fmt(out))?;
                out.write_char(']')
            }
        }
    }
}
