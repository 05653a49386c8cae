//! The moments of Adam with Nesterov's look ahead.

use crate::element::Element;
use crate::interval::{Interval, SettingError};
use crate::lanes::vectorised;
use crate::optimizer::{Now, Part, State, Transform};
use crate::transforms::{elementwise, ratio};

/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `u = m̂ / (sqrt(v / (1 - β₂ᵗ)) + ε)` with
/// `m̂ = μₜ₊₁ m / (1 - ∏ᵢ≤ₜ₊₁ μᵢ) + (1 - μₜ) g / (1 - ∏ᵢ≤ₜ μᵢ)` and `μᵢ = β₁ (1 - 0.96^(ψ i) / 2)` in step `t`.
///
/// Dozat 2016, "Incorporating Nesterov Momentum into Adam", with the schedule of `μ` that is proposed there.
#[derive(Clone, Copy, Debug)]
pub struct NesterovMoments {
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    momentum_decay: f64,
    /// The last step and the product of `μ` up to it.
    reached: (i32, f64),
}

impl NesterovMoments {
    /// With `beta_1`, `beta_2`, `epsilon` and `momentum_decay` for `β₁`, `β₂`, `ε` and `ψ`.
    pub fn new(beta_1: f64, beta_2: f64, epsilon: f64, momentum_decay: f64) -> Self {
        Self { beta_1, beta_2, epsilon, momentum_decay, reached: (0, 1.0) }
    }

    fn momentum(&self, step: i32) -> f64 {
        self.beta_1 * (1.0 - 0.5 * 0.96f64.powf(self.momentum_decay * f64::from(step)))
    }

    /// Brings the product up to this step; from the start where the chain was restored, so that it has the same bits.
    fn reach(&mut self, step: i32) {
        if self.reached.0 > step {
            self.reached = (0, 1.0);
        }
        while self.reached.0 < step {
            let (next, product) = (self.reached.0 + 1, self.reached.1 * self.momentum(self.reached.0 + 1));
            // What is zero stays zero.
            self.reached = if product == 0.0 { (step, 0.0) } else { (next, product) };
        }
    }
}

impl<T: Element> Transform<T> for NesterovMoments {
    elementwise!(["first", "second"]);

    fn check(&self) -> Result<(), SettingError> {
        Interval::KEPT.check("beta_1", self.beta_1)?;
        Interval::KEPT.check("beta_2", self.beta_2)?;
        Interval::AT_LEAST_ZERO.check("epsilon", self.epsilon)?;
        Interval::AT_LEAST_ZERO.check("momentum_decay", self.momentum_decay)
    }

    fn begin(&mut self, now: Now) {
        self.reach(now.step);
    }

    fn apply(&self, part: &Part<'_, T>, mut state: State<'_, T>, update: &mut [T]) {
        let step = part.now.step;
        let product = self.reached.1;
        let (now, next) = (self.momentum(step), self.momentum(step.saturating_add(1)));
        let of_first = T::from_f64(next / (1.0 - product * next));
        let of_gradient = T::from_f64((1.0 - now) / (1.0 - product));
        let of_second = T::from_f64(1.0 / (1.0 - self.beta_2.powi(step)));
        let [kept_1, kept_2, epsilon] = [self.beta_1, self.beta_2, self.epsilon].map(T::from_f64);
        let [added_1, added_2] = [1.0 - self.beta_1, 1.0 - self.beta_2].map(T::from_f64);
        let [first, second] = state.slices();
        vectorised(
            #[inline(always)]
            || {
                for ((update, first), second) in update.iter_mut().zip(first).zip(second) {
                    let gradient = *update;
                    *first = kept_1 * *first + added_1 * gradient;
                    *second = kept_2 * *second + added_2 * gradient * gradient;
                    let ahead = of_first * *first + of_gradient * gradient;
                    *update = ratio(ahead, (of_second * *second).sqrt() + epsilon);
                }
            },
        );
    }
}
