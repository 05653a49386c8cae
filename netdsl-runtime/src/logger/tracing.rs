//! Gradient norms as events of `tracing`.

use tracing::{debug, info};

use super::sink::{Header, Sink};
use crate::error::Error;
use crate::trace::Record;

/// An event of the level `INFO` for each record, with `network`, `epoch`, `step`, `loss`, `total` and `clipped_total`, and one
/// of the level `DEBUG` for each parameter, with `parameter`, `norm` and `clipped`; all of the target `netdsl::gradients`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

const TARGET: &str = "netdsl::gradients";

impl Sink for Tracing {
    fn begin(&mut self, _header: &Header) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, header: &Header, record: &Record) -> Result<(), Error> {
        info!(
            target: TARGET,
            network = header.network,
            epoch = record.epoch,
            step = record.step,
            loss = record.loss,
            total = record.total().to_f64(),
            clipped_total = record.clipped_total().map(|norm| norm.to_f64()),
        );
        for (index, (parameter, norm)) in header.parameters.iter().zip(&record.norms).enumerate() {
            debug!(
                target: TARGET,
                step = record.step,
                parameter = parameter.name,
                norm = norm.to_f64(),
                clipped = record.clipped.as_ref().map(|clipped| clipped[index].to_f64()),
            );
        }
        Ok(())
    }
}
