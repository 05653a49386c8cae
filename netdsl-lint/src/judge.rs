//! What a block comes to.

use netdsl_layers::{Forecast, Place, Verdict};

use crate::edit::unset;
use crate::forecast::{forecast, verdict};
use crate::language::{Block, Network, resolve};
use crate::settings::Settings;
use crate::weights::weights;

/// Forecasts a resolved network.
///
/// An output layer learns from its own gradient whatever its scale is, and the layers before it learn as soon as it has a
/// scale: a gradient that vanishes only because the output layer starts small, or at zero, does not count.
pub(crate) fn judge(block: &Block, network: Network, settings: &Settings) -> (Network, Forecast) {
    let network = settings.assumed(block, network);
    let mut found = forecast(&network.declaration(), settings);
    if found.verdict == Verdict::Vanishing
        && let Some(output) = output_layer(&network, &found)
        && let Some(after) = with_default_output(block, output, settings)
        && after != Verdict::Vanishing
    {
        found.verdict = after;
    }
    (network, found)
}

/// Where the last layer with a weight is written, if nowhere else.
fn output_layer(network: &Network, forecast: &Forecast) -> Option<Place> {
    let last = weights(forecast).last()?;
    let leaf = network.leaves.iter().find(|leaf| leaf.parameters.contains(&last.index))?;
    let copies = network.leaves.iter().filter(|other| other.place == leaf.place).count();
    (copies == 1).then_some(leaf.place)
}

/// The verdict on the gradients before the output layer, were that drawn as by default.
fn with_default_output(block: &Block, output: Place, settings: &Settings) -> Option<Verdict> {
    let mut changed = block.clone();
    if !unset(&mut changed, output, "init") {
        return None;
    }
    let network = settings.assumed(&changed, resolve(&changed).ok()?);
    let declaration = network.declaration();
    let mut after = forecast(&declaration, settings);
    let last = weights(&after).last()?.index;
    after.parameters = after.parameters[..last].to_vec().into();
    Some(verdict(&after, &declaration, settings))
}
