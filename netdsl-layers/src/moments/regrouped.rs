//! The same values with other axes.

use super::gradient::Gradient;
use super::profile::Profile;
use super::propagated::{Backpropagated, Propagated};
use super::signal::Signal;
use crate::shape::Shape;

/// The signal as one of that shape, which has as many values.
///
/// Weights behind fewer positions see the former ones each by itself, so that what those had in common is no longer a
/// sum. Where units become positions, those have no more in common than the mean of the units.
pub(crate) fn regrouped<'a>(signal: &Signal<'a>, shape: Shape) -> Propagated<'a> {
    let positions = signal.positions as f64;
    let mut output = signal.clone();
    (output.width, output.positions) = (shape.width(), shape.positions());
    let unchanged = output.positions == signal.positions;
    if !unchanged {
        output.profile = Profile::default();
        output.scatter *= signal.width as f64 / output.width as f64;
        output.position_correlation =
            if output.positions == 1 { output.correlation } else { signal.mean * signal.mean };
    }
    let (correlation, position_correlation) = (signal.correlation, signal.position_correlation);
    Propagated::leaf(output, move |gradient| {
        if unchanged {
            return Backpropagated::plain(gradient);
        }
        // What is parallel to the signal has the correlations of the signal.
        let (along, pairs) = Gradient::parallel(gradient.coherence);
        Backpropagated::plain(Gradient {
            position_sum: along * ((positions - 1.0) * position_correlation),
            pair_position_sum: pairs * ((positions - 1.0) * correlation),
            profile: Profile::default(),
            ..gradient
        })
    })
}
