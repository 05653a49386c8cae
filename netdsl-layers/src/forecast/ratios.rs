//! What a verdict on gradients compares.

use super::{Limits, Verdict};

/// The gradients of the weights, relative to each other and to the weights, as decimal logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratios {
    /// The gradient of the first weight over the weight.
    pub first_to_weight: f64,
    /// The gradient of the first weight over the largest.
    pub first_to_largest: f64,
    /// The gradient of the first weight over that of the last that has one.
    pub first_to_last: f64,
    /// The largest ratio of a gradient to its weight.
    pub largest_to_weight: f64,
}

impl Ratios {
    /// For each weight, in the order of the declaration, the decimal logarithms of the gradient's norm and of the weight's,
    /// forecast or measured, `-inf` for a gradient that is exactly zero; none where there is no weight.
    ///
    /// `terms` is over how many numbers of an example a loss is averaged whose mean runs over the output: a wide output
    /// alone makes no gradient vanish.
    pub fn of_weights(weights: impl Iterator<Item = (f64, f64)>, terms: f64) -> Option<Self> {
        let widened = 0.5 * libm::log10(terms);
        let (mut ends, mut largest, mut largest_to_weight) = (None, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (gradient, weight) in weights {
            let ratio = gradient - weight + widened;
            let (first, last) = ends.unwrap_or(((gradient, ratio), gradient));
            // Beside nothing everything is infinitely large, which is no growth.
            ends = Some((first, if gradient == f64::NEG_INFINITY { last } else { gradient }));
            largest = largest.max(gradient);
            largest_to_weight = largest_to_weight.max(ratio);
        }
        let ((first, first_to_weight), last) = ends?;
        // Of nothing there is no part, not even where there is nothing else.
        let relative_to = |other: f64| if first == f64::NEG_INFINITY { first } else { first - other };
        let (first_to_largest, first_to_last) = (relative_to(largest), relative_to(last));
        let first_to_weight = if first == f64::NEG_INFINITY { first } else { first_to_weight };
        Some(Self { first_to_weight, first_to_largest, first_to_last, largest_to_weight })
    }

    /// What they come to.
    pub fn verdict(self, limits: Limits) -> Verdict {
        let smallest = libm::log10(limits.smallest_ratio);
        if self.largest_to_weight > libm::log10(limits.largest_ratio)
            || self.first_to_last > libm::log10(limits.largest_growth)
        {
            Verdict::Exploding
        } else if self.first_to_weight < smallest || self.first_to_largest < smallest {
            Verdict::Vanishing
        } else {
            Verdict::Healthy
        }
    }
}
