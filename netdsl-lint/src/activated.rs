//! Layers with a weight, and the activation behind each.

use std::collections::HashMap;

use netdsl_layers::{Activation, ActivationKind, Call, Place, gain};

use crate::edit::{Change, setting};
use crate::lint::Context;
use crate::structure::activation;

/// A layer with a weight.
#[derive(Debug)]
pub(crate) struct Activated {
    /// The call of the layer.
    pub(crate) call: Place,
    /// Its first copy, in [`Network::leaves`](crate::language::Network::leaves).
    pub(crate) leaf: usize,
    /// The activation, and its call where it is a layer of its own.
    pub(crate) activation: Option<(Box<dyn Activation>, Option<Place>)>,
    /// Whether the layer says how its weight is drawn.
    pub(crate) initialised: bool,
}

impl Activated {
    /// The initialisation whose gain is nearest to the one that the activation wants: `HeNormal` or `LecunNormal`, and for
    /// bounded functions `GlorotUniform` (Glorot & Bengio 2010), which looks at both directions.
    pub(crate) fn fitting_init(&self) -> &'static str {
        let gain = self.activation.as_ref().and_then(|(activation, _)| gain(&**activation));
        match gain {
            None => "GlorotUniform",
            // Nearer to 2 than to 1, as ratios.
            Some(gain) if gain > std::f64::consts::SQRT_2 => "HeNormal",
            Some(_) => "LecunNormal",
        }
    }

    /// Draws the weight that way; nothing where the layer already does so by default.
    pub(crate) fn init(&self, name: &'static str) -> Option<Change> {
        let is_default = !self.initialised && name == "GlorotUniform";
        (!is_default).then(|| Change::named(self.call, "init", name))
    }

    /// Puts another activation in place of the one there is.
    pub(crate) fn activate(&self, name: &'static str) -> Option<Change> {
        let (_, node) = self.activation.as_ref()?;
        Some(match node {
            Some(call) => Change::Exchange { call: *call, name },
            None => Change::named(self.call, "activation", name),
        })
    }

    /// Puts a layer behind the activation.
    pub(crate) fn follow(&self, name: &'static str) -> Option<Change> {
        let (_, node) = self.activation.as_ref()?;
        Some(Change::Insert { behind: node.unwrap_or(self.call), name })
    }
}

/// Every layer with a weight matrix, in the order in which they are written.
pub(crate) fn activated(context: &Context<'_>) -> Vec<Activated> {
    let weighted = weighted(context);
    let mut found: Vec<Activated> = Vec::new();
    // Whether the last one may still get its activation.
    let mut open = false;
    let mut visit = |call: &Call| {
        if ActivationKind::find(&call.name).is_some() {
            if let (true, Some(last), Ok(activation)) = (open, found.last_mut(), <dyn Activation>::read(call))
            {
                last.activation = Some((activation, Some(call.place)));
            }
            open = false;
        } else if let Some(leaf) = weighted.get(&call.place) {
            let activation = activation(call);
            open = activation.is_none();
            let initialised = setting(call, "init").is_some();
            let activation = activation.map(|activation| (activation, None));
            found.push(Activated { call: call.place, leaf: *leaf, activation, initialised });
        }
    };
    context.block.network.entries.iter().for_each(|entry| entry.node.each_layer(&mut visit));
    found
}

/// The layers with a weight matrix, the first copy of each, by where they are written.
fn weighted(context: &Context<'_>) -> HashMap<Place, usize> {
    let has_weight = |index: &usize| {
        let parameters = context.forecast.parameters.get(context.network.leaves[*index].parameters.clone());
        parameters.unwrap_or_default().iter().any(|parameter| parameter.shape.len() > 1)
    };
    let leaves = &context.network.leaves;
    (0..leaves.len()).rev().filter(has_weight).map(|index| (leaves[index].place, index)).collect()
}
