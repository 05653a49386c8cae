//! Gradient norms for TensorBoard.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::sink::{Header, Sink};
use crate::error::Error;
use crate::file::make_folder;
use crate::trace::{Logged, Record};

/// An event file of TensorBoard, with the scalars `loss`, `gradient_norm`, `clipped_gradient_norm` and below
/// `gradient_norm/`, `clipped_gradient_norm/` and `update/` one for each parameter, below `dead/` and `saturated/` one for each
/// layer. The forecast stands as `gradient_norm/forecast/` at step 0.
///
/// Scalars are of 32 bits there: a norm beyond their range is infinite. `tensorboard --logdir` shows the folder.
pub struct TensorBoard<W = File> {
    writer: W,
    name: String,
    /// Whether the first record of the file is written, which says what kind of file it is.
    begun: bool,
}

impl TensorBoard {
    /// A new file in this folder, which is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Write`] where the file can't be made.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        // The name that TensorBoard looks for; the number of the process keeps runs of the same second apart.
        let (seconds, process) = (seconds().floor(), std::process::id());
        let path = folder.join(format!("events.out.tfevents.{seconds}.{process}.netdsl"));
        let name = path.display().to_string();
        let file = make_folder(&path).and_then(|()| File::create(&path));
        Ok(Self { writer: file.map_err(Error::write(&name))?, name, begun: false })
    }
}

impl<W: Write> TensorBoard<W> {
    /// Events that are written to `writer`.
    pub fn to(writer: W) -> Self {
        Self { writer, name: "the gradient log".into(), begun: false }
    }

    fn write(&mut self, events: &[Message]) -> Result<(), Error> {
        let mut records = Vec::new();
        events.iter().for_each(|event| record(&event.0, &mut records));
        let written = self.writer.write_all(&records).and_then(|()| self.writer.flush());
        written.map_err(Error::write(&self.name))
    }
}

impl<W> fmt::Debug for TensorBoard<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("TensorBoard").field(&self.name).finish()
    }
}

/// The time since 1970.
fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The checksum as the format of records has it, rotated and moved so that it differs from that of what is in the record.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Appends a record: length, its checksum, the bytes, their checksum.
fn record(bytes: &[u8], to: &mut Vec<u8>) {
    let length = (bytes.len() as u64).to_le_bytes();
    to.extend(length);
    to.extend(masked(&length).to_le_bytes());
    to.extend_from_slice(bytes);
    to.extend(masked(bytes).to_le_bytes());
}

/// Fields of the few messages of protocol buffers that events are made of.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    /// Seven bits a byte, the lowest first; the highest bit says whether there are more.
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn integer(mut self, field: u64, value: u64) -> Self {
        self.number(field << 3);
        self.number(value);
        self
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.number(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.number(field << 3 | 2);
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    fn float(mut self, field: u64, value: f32) -> Self {
        self.number(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }
}

/// The scalars of a step.
#[derive(Default)]
struct Scalars(Message);

impl Scalars {
    /// Adds the scalar whose tag these parts make.
    fn add(&mut self, tag: [&str; 2], value: f64) {
        let tag = tag.concat();
        // The tag, the number, and what stands before them.
        let room = Message(Vec::with_capacity(tag.len() + 16));
        let value = room.bytes(1, tag.as_bytes()).float(2, value as f32);
        self.0 = std::mem::take(&mut self.0).bytes(1, &value.0);
    }

    fn event(&self, step: u64) -> Message {
        Message::default().double(1, seconds()).integer(2, step).bytes(5, &self.0.0)
    }
}

impl<W: Write> Sink for TensorBoard<W> {
    fn begin(&mut self, header: &Header) -> Result<(), Error> {
        let mut events = Vec::new();
        if !self.begun {
            events.push(Message::default().double(1, seconds()).bytes(3, b"brain.Event:2"));
            self.begun = true;
        }
        let mut scalars = Scalars::default();
        for parameter in &header.parameters {
            if let Some(logarithm) = parameter.forecast_log10 {
                scalars.add(["gradient_norm/forecast/", &parameter.name], 10f64.powf(logarithm));
            }
        }
        if !scalars.0.0.is_empty() {
            events.push(scalars.event(0));
        }
        self.write(&events)
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        let mut scalars = Scalars::default();
        scalars.add(["loss", ""], record.loss);
        scalars.add(["gradient_norm", ""], record.total().to_f64());
        if let Some(total) = record.clipped_total() {
            scalars.add(["clipped_gradient_norm", ""], total.to_f64());
        }
        for (index, Logged { name, .. }) in header.parameters.iter().enumerate() {
            scalars.add(["gradient_norm/", name], record.norms[index].to_f64());
            if let Some(clipped) = &record.clipped {
                scalars.add(["clipped_gradient_norm/", name], clipped[index].to_f64());
            }
            if let Some(updates) = &record.updates {
                scalars.add(["update/", name], updates[index]);
            }
        }
        for (name, units) in header.layers.iter().zip(record.units.iter().flatten()) {
            scalars.add(["dead/", name], units.dead);
            if let Some(saturated) = units.saturated {
                scalars.add(["saturated/", name], saturated);
            }
        }
        self.write(&[scalars.event(record.step)])
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, masked};

    /// The check value of CRC-32C; turned by 15 bits it is 0x2507c60d, and 0xa282ead8 is added.
    #[test]
    fn checksums_are_masked() {
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(masked(b"123456789"), 0x2507_c60d_u32.wrapping_add(0xa282_ead8));
    }

    /// The examples of the documentation of protocol buffers: 150 in field 1, and "testing" in field 2.
    #[test]
    fn messages_are_those_of_the_documentation() {
        assert_eq!(Message::default().integer(1, 150).0, [0x08, 0x96, 0x01]);
        let expected = [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67];
        assert_eq!(Message::default().bytes(2, b"testing").0, expected);
    }
}
