//! Linear combinations of the moments that a gradient starts with.
//!
//! Every layer maps the moments of a gradient linearly, given the moments of the signal. So instead of hundreds of
//! realisations of the output, the way back carries how each moment depends on those at the output; the realisations
//! are put in only where a quantile is asked for.

use std::ops::{Add, AddAssign, Mul, Sub};

/// The number of moments that a gradient starts with, and a constant.
pub(crate) const TERMS: usize = 7;

/// The values of the starting moments in one realisation, with a 1 for the constant.
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

    /// A constant.
    pub(crate) fn constant(value: f64) -> Self {
        Self::term(TERMS - 1) * value
    }

    /// The value in a realisation.
    pub(crate) fn at(&self, realisation: &Realisation) -> f64 {
        // Written out: it is the innermost loop of a forecast, which runs in macros that nobody optimises.
        let (c, r) = (&self.0, realisation);
        c[0] * r[0] + c[1] * r[1] + c[2] * r[2] + c[3] * r[3] + c[4] * r[4] + c[5] * r[5] + c[6] * r[6]
    }
}

impl Add for Combination {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Combination {
    fn add_assign(&mut self, other: Self) {
        for (sum, value) in self.0.iter_mut().zip(other.0) {
            *sum += value;
        }
    }
}

impl Sub for Combination {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + other * -1.0
    }
}

impl Mul<f64> for Combination {
    type Output = Self;
    fn mul(mut self, factor: f64) -> Self {
        for value in &mut self.0 {
            *value *= factor;
        }
        self
    }
}
