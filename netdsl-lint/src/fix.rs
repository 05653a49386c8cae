//! Changes that the forecast has tried.

use netdsl_layers::{Forecast, Verdict, power_of_ten};

use crate::edit::Change;
pub use crate::edit::{Edit, Side};
use crate::judge::judge;
use crate::language::{Block, Leaf, Network, resolve};
use crate::lint::{Context, Group, Lint};
use crate::weights::{Weight, weights};

/// A change of the declaration behind which a lint finds nothing any more.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What is changed, as a person would say it.
    pub title: String,
    /// Whether anything is changed but what the finding underlines; the title then names it.
    pub is_elsewhere: bool,
    /// The change of the text.
    pub edits: Vec<Edit>,
    /// The smallest gradient of a weight, as a decimal logarithm, `-inf` where it is zero: before and after.
    pub smallest_gradient: (Option<f64>, Option<f64>),
    /// The largest gradient of a weight, as a decimal logarithm: before and after.
    pub largest_gradient: (Option<f64>, Option<f64>),
    /// The verdict on the changed network.
    pub verdict_after: Verdict,
}

impl Fix {
    /// The change and what the forecast says of it.
    pub fn describe(&self) -> String {
        let range = |(smallest, largest): (Option<f64>, Option<f64>)| match (smallest, largest) {
            (Some(smallest), Some(largest)) => {
                let (smallest, largest) = (power_of_ten(smallest), power_of_ten(largest));
                if smallest == largest { smallest } else { format!("{smallest} to {largest}") }
            }
            _ => "unknown".into(),
        };
        let before = range((self.smallest_gradient.0, self.largest_gradient.0));
        let after = range((self.smallest_gradient.1, self.largest_gradient.1));
        if before == after {
            return self.title.clone();
        }
        format!(
            "{}: the gradient norms of the weights, now {before}, are then forecast to be {after}",
            self.title
        )
    }
}

/// A kind of change that a lint proposes.
#[derive(Clone, Copy)]
pub struct Remedy {
    /// What is done, before the names of what is changed.
    pub(crate) verb: &'static str,
    /// The changes; none where it does not apply.
    pub(crate) changes: fn(&Context<'_>) -> Vec<Change>,
}

/// What became of the changes of one network. Several lints try the same ones.
pub(crate) struct Trials<'a> {
    context: &'a Context<'a>,
    made: Vec<Trial>,
}

/// A change that was tried, and the network that came of it where it is one.
struct Trial {
    edits: Vec<Edit>,
    changed: Option<(Block, Network, Forecast)>,
}

impl<'a> Trials<'a> {
    /// Changes of what a lint looks at.
    pub(crate) fn new(context: &'a Context<'a>) -> Self {
        Self { context, made: Vec::new() }
    }

    /// The first of the lint's remedies behind which it finds nothing any more and the network is healthy; where the lint
    /// does not say that the network can't be trained, one that leaves the verdict as it was will do.
    pub(crate) fn propose(&mut self, lint: &dyn Lint, found: Option<&Leaf>) -> Option<Fix> {
        let context = self.context;
        lint.remedies().iter().find_map(|remedy| {
            let mut changed = context.block.clone();
            let (mut edits, mut made) = (Vec::new(), Vec::new());
            for change in (remedy.changes)(context) {
                let of_change = change.apply(&mut changed);
                if !of_change.is_empty() {
                    made.push(change);
                }
                edits.extend(of_change);
            }
            if edits.is_empty() {
                return None;
            }
            let trial = self.trial(edits, changed);
            let (block, network, after) = trial.changed.as_ref()?;
            let verdict_after = after.verdict;
            let is_kept = verdict_after == context.forecast.verdict && lint.group() != Group::Correctness;
            if verdict_after != Verdict::Healthy && !is_kept {
                return None;
            }
            let edits = trial.edits.clone();
            // An optimizer is no layer; there is one.
            let mut layers = made.iter().filter_map(|change| layer(change, context.network));
            let is_elsewhere = layers.any(|layer| found.is_none_or(|found| layer.shown != found.shown));
            if lint.check(&Context { block, network, forecast: after, ..*context }).is_some() {
                return None;
            }
            let (smallest, largest) = extremes(context.forecast);
            let (smallest_after, largest_after) = extremes(after);
            Some(Fix {
                title: format!("{} {}", remedy.verb, title(&made, context.network, is_elsewhere)),
                is_elsewhere,
                edits,
                smallest_gradient: (smallest, smallest_after),
                largest_gradient: (largest, largest_after),
                verdict_after,
            })
        })
    }

    /// The trial of these edits, which make that block.
    fn trial(&mut self, edits: Vec<Edit>, block: Block) -> &Trial {
        let known = self.made.iter().position(|trial| trial.edits == edits);
        let index = known.unwrap_or_else(|| {
            let changed = resolve(&block).ok().map(|network| {
                let (network, forecast) = judge(&block, network, self.context.settings);
                (block, network, forecast)
            });
            self.made.push(Trial { edits, changed });
            self.made.len() - 1
        });
        &self.made[index]
    }
}

/// The most layers of a title that are named.
const MOST_NAMED: usize = 3;

/// The layer that is changed, or the first of what is repeated.
fn layer<'a>(change: &Change, network: &'a Network) -> Option<&'a Leaf> {
    let place = change.place();
    network.leaves.iter().find(|leaf| leaf.place == place || leaf.shown == place)
}

/// What is written in the same layers.
struct Alike<'a> {
    titles: Vec<String>,
    /// How the titles stand to the layers.
    relation: &'static str,
    /// None where the layers are not named.
    layers: Vec<&'a str>,
}

/// What is written, each once, and where, if the layers are to be named.
fn title(changes: &[Change], network: &Network, are_named: bool) -> String {
    let mut single: Vec<Alike<'_>> = Vec::new();
    for change in changes {
        let (title, relation) = change.title();
        let index = single.iter().position(|alike| alike.titles[0] == title).unwrap_or_else(|| {
            single.push(Alike { titles: vec![title], relation, layers: Vec::new() });
            single.len() - 1
        });
        let name = layer(change, network).map(Leaf::written).filter(|_| are_named);
        let layers = &mut single[index].layers;
        if let Some(name) = name.filter(|name| layers.last() != Some(name)) {
            layers.push(name);
        }
    }
    let mut joined: Vec<Alike<'_>> = Vec::new();
    for alike in single {
        match joined.last_mut() {
            Some(last) if (last.relation, &last.layers) == (alike.relation, &alike.layers) => {
                last.titles.extend(alike.titles);
            }
            _ => joined.push(alike),
        }
    }
    let written = joined.iter().map(|Alike { titles, relation, layers }| {
        let titles = titles.join(" and ");
        match (layers.is_empty(), *relation) {
            (true, "behind") => format!("{titles} behind it"),
            (true, _) => titles,
            (false, relation) => format!("{titles} {relation} {}", named(layers)),
        }
    });
    written.collect::<Vec<_>>().join(" and ")
}

/// Layers in a sentence.
fn named(layers: &[&str]) -> String {
    let quoted =
        |layers: &[&str]| layers.iter().map(|layer| format!("`{layer}`")).collect::<Vec<_>>().join(", ");
    match layers {
        [layer] => quoted(&[*layer]),
        [layers @ .., last] if layers.len() < MOST_NAMED => format!("{} and `{last}`", quoted(layers)),
        layers => format!("{} and {} more", quoted(&layers[..MOST_NAMED]), layers.len() - MOST_NAMED),
    }
}

fn extremes(forecast: &Forecast) -> (Option<f64>, Option<f64>) {
    let is_known = forecast.not_forecastable.is_none();
    let norms =
        weights(forecast).map(|Weight { gradient_log10, .. }| gradient_log10.unwrap_or(f64::NEG_INFINITY));
    let pick = |choose: fn(f64, f64) -> f64| norms.clone().reduce(choose).filter(|_| is_known);
    (pick(f64::min), pick(f64::max))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn three_layers_are_named_and_the_others_counted() {
        let layers = ["first", "second", "third", "fourth", "fifth"];
        let cases = [
            (1, "`first`"),
            (2, "`first` and `second`"),
            (3, "`first`, `second` and `third`"),
            (5, "`first`, `second`, `third` and 2 more"),
        ];
        for (count, text) in cases {
            assert_eq!(named(&layers[..count]), text);
        }
    }
}
