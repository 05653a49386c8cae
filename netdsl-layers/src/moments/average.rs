//! Means over positions.

use super::gradient::Gradient;
use super::limits;
use super::profile::Profile;
use super::propagated::{Backpropagated, NotForecastable, Propagated};
use super::signal::Signal;
use crate::window::Axis;

/// `y(o) = Σ T(o, p) x(p)` with the weights of a mean over positions, `Σ_p T(o, p) = 1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mean {
    /// The number of outputs.
    pub(crate) outputs: usize,
    /// `Σ_o Σ_p T(o, p)²`
    pub(crate) squares: f64,
    /// `Σ_p (Σ_o T(o, p))²`
    pub(crate) together: f64,
}

/// The means over windows along the axes of space.
pub(crate) fn average<'a>(signal: &Signal<'a>, axes: &[Axis; 2]) -> Result<Propagated<'a>, NotForecastable> {
    limits::windows(axes)?;
    let mut mean = Mean { outputs: 1, squares: 1.0, together: 1.0 };
    for axis in axes {
        let mut uses = vec![0.0; axis.input];
        let mut squares = 0.0;
        for output in 0..axis.output {
            let covered = axis.positions(output);
            let weight = 1.0 / covered.len() as f64;
            squares += weight;
            uses[covered].iter_mut().for_each(|used| *used += weight);
        }
        mean.outputs *= axis.output;
        mean.squares *= squares;
        mean.together *= uses.iter().map(|used| used * used).sum::<f64>();
    }
    let over = |axis: usize, from: &Profile| {
        let energies = from.along(axis, axes[axis].input);
        (0..axes[axis].output).map(|output| mean_of(&energies[axes[axis].positions(output)])).collect()
    };
    let before = signal.profile.clone();
    let profile = Profile::normalised([over(0, &before), over(1, &before)]).0;
    let axes = *axes;
    let spread = move |axis: usize, from: &Profile| {
        let energies = from.along(axis, axes[axis].output);
        let mut spread = vec![0.0; axes[axis].input];
        for (output, energy) in energies.iter().enumerate() {
            let covered = axes[axis].positions(output);
            let weight = 1.0 / (covered.len() * covered.len()) as f64;
            spread[covered].iter_mut().for_each(|sum| *sum += energy * weight);
        }
        spread
    };
    let spread = move |profile: &Profile| Profile::normalised([spread(0, profile), spread(1, profile)]).0;
    Ok(mean.of(signal, profile, spread))
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Mean {
    /// The mean of all positions.
    pub(crate) fn of_all<'a>(signal: &Signal<'a>) -> Propagated<'a> {
        let squares = 1.0 / signal.positions as f64;
        let mean = Self { outputs: 1, squares, together: squares };
        mean.of(signal, Profile::default(), |_| Profile::default())
    }

    /// One of the positions.
    pub(crate) fn of_one<'a>(signal: &Signal<'a>) -> Propagated<'a> {
        let mean = Self { outputs: 1, squares: 1.0, together: 1.0 };
        mean.of(signal, Profile::default(), |_| Profile::default())
    }

    /// The signal behind the mean and the way back, with the profiles of the signal behind and of the gradient before it.
    ///
    /// With the correlation `s` of two positions, `E y² = E x² (s + (1 - s) Σ T²)`. On the way back the sum over all pairs
    /// of positions is conserved.
    pub(crate) fn of<'a>(
        self,
        signal: &Signal<'a>,
        profile: Profile,
        profile_before: impl FnOnce(&Profile) -> Profile + 'a,
    ) -> Propagated<'a> {
        let Self { outputs, squares, together } = self;
        let (inputs, outputs) = (signal.positions as f64, outputs as f64);
        let common = signal.position_correlation;
        let square = (common + (1.0 - common) * squares / outputs).max(1e-300);
        let square_root = square.sqrt();
        let mut output = signal.clone();
        output.positions = self.outputs;
        output.log_square += libm::log(square);
        output.correlation = (signal.correlation / square).clamp(-1.0, 1.0);
        output.position_correlation = if self.outputs > 1 {
            let overlap = (together - squares) / (outputs * (outputs - 1.0));
            ((common + (1.0 - common) * overlap) / square).clamp(-1.0, 1.0)
        } else {
            output.correlation
        };
        output.mean /= square.sqrt();
        let mean_of_products = 1.0 / (inputs / outputs * square);
        output.scatter *= (mean_of_products * mean_of_products).min(1.0);
        for moment in [
            &mut output.mean_square,
            &mut output.mean_product,
            &mut output.shared,
            &mut output.shared_product,
        ] {
            *moment /= square;
        }
        (output.source, output.normalised) = (None, false);
        output.profile = profile;
        Propagated::leaf(output, move |gradient| {
            let before = |one, apart| {
                let others = if outputs > 1.0 { (together - squares) / (outputs - 1.0) } else { 0.0 };
                let own = (one * squares + apart * others) * (1.0 / inputs);
                (own, (one + apart) * (outputs / inputs) - own)
            };
            let (square, position_sum) = before(gradient.square, gradient.position_sum);
            let (product, pair_position_sum) = before(gradient.product, gradient.pair_position_sum);
            let share = squares / inputs;
            Backpropagated::plain(Gradient {
                square,
                product,
                position_sum,
                pair_position_sum,
                mean_square: gradient.mean_square * share,
                mean_product: gradient.mean_product * share,
                profile: profile_before(&gradient.profile),
                ..gradient.regridded(square_root, outputs / inputs)
            })
        })
    }
}
