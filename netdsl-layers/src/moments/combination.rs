//! Linear combinations of the moments that a gradient starts with.
//!
//! Every layer maps the moments of a gradient linearly, given the moments of the signal. So instead of hundreds of
//! realisations of the output, the way back carries how each moment depends on those at the output; the realisations
//! are put in only where a quantile is asked for.

use std::ops::{Add, AddAssign, Mul, Sub};

/// The number of moments that a gradient starts with.
pub(crate) const TERMS: usize = 8;

/// The values of the starting moments in one realisation.
pub(crate) type Realisation = [f64; TERMS];

/// A linear combination of the starting moments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Combination(pub(crate) [f64; TERMS]);

impl Combination {
    /// Nothing.
    pub(crate) const ZERO: Self = Self([0.0; TERMS]);

    /// The starting moment of that index.
    pub(crate) fn term(index: usize) -> Self {
        let mut terms = [0.0; TERMS];
        terms[index] = 1.0;
        Self(terms)
    }

    /// The value in a realisation.
    pub(crate) fn at(&self, realisation: &Realisation) -> f64 {
        // Written out: it is the innermost loop of a forecast, which runs in macros that nobody optimises.
        let (c, r) = (&self.0, realisation);
        c[0] * r[0]
            + c[1] * r[1]
            + c[2] * r[2]
            + c[3] * r[3]
            + c[4] * r[4]
            + c[5] * r[5]
            + c[6] * r[6]
            + c[7] * r[7]
    }
}

// Written out, as [`Combination::at`] is.

impl Add for Combination {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        Self([
            a[0] + b[0],
            a[1] + b[1],
            a[2] + b[2],
            a[3] + b[3],
            a[4] + b[4],
            a[5] + b[5],
            a[6] + b[6],
            a[7] + b[7],
        ])
    }
}

impl AddAssign for Combination {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Combination {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        Self([
            a[0] - b[0],
            a[1] - b[1],
            a[2] - b[2],
            a[3] - b[3],
            a[4] - b[4],
            a[5] - b[5],
            a[6] - b[6],
            a[7] - b[7],
        ])
    }
}

impl Mul<f64> for Combination {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        let a = &self.0;
        Self([
            a[0] * factor,
            a[1] * factor,
            a[2] * factor,
            a[3] * factor,
            a[4] * factor,
            a[5] * factor,
            a[6] * factor,
            a[7] * factor,
        ])
    }
}
