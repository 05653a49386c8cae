//! How the energy of a signal or of a gradient is spread over the positions.

/// The energy at each position along height and width, relative to the mean: borders have less of it behind a
/// convolution whose window reaches over them. The energy of a position is the product over the axes; an axis without
/// entries is even.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile(pub(crate) [Vec<f64>; 2]);

impl Profile {
    /// Whether the energy is the same everywhere.
    pub(crate) fn is_even(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// The energies along an axis of that many positions.
    pub(crate) fn along(&self, axis: usize, positions: usize) -> Vec<f64> {
        if self.0[axis].len() == positions { self.0[axis].clone() } else { vec![1.0; positions] }
    }

    /// The profile with these energies along the axes, and the mean of the energies.
    pub(crate) fn normalised(axes: [Vec<f64>; 2]) -> (Self, f64) {
        let mut factor = 1.0;
        let axes = axes.map(|mut axis| {
            let mean = axis.iter().sum::<f64>() / axis.len() as f64;
            factor *= mean;
            let scale = 1.0 / mean.max(1e-300);
            axis.iter_mut().for_each(|energy| *energy *= scale);
            // What is even up to rounding is not worth carrying along.
            if axis.iter().all(|energy| (energy - 1.0).abs() < 1e-12) { Vec::new() } else { axis }
        });
        (Self(axes), factor)
    }

    /// The profile of what passes on a change of `ln E x²` by that factor.
    pub(crate) fn passed(&self, susceptibility: f64) -> Self {
        if susceptibility == 1.0 || self.is_even() {
            return self.clone();
        }
        let power = |energy: &f64| libm::pow(energy.max(1e-9), susceptibility);
        Self::normalised(
            self.0.each_ref().map(
                |axis| {
                    if axis.is_empty() { vec![1.0] } else { axis.iter().map(power).collect() }
                },
            ),
        )
        .0
    }

    /// The profile of a sum of two parts with these shares.
    pub(crate) fn mixed(&self, share: f64, other: &Self, other_share: f64) -> Self {
        if self.is_even() && other.is_even() {
            return Self::default();
        }
        Self(std::array::from_fn(|axis| {
            let len = self.0[axis].len().max(other.0[axis].len());
            let (one, two) = (self.along(axis, len), other.along(axis, len));
            let total = (share + other_share).max(1e-300);
            one.iter().zip(two).map(|(one, two)| (share * one + other_share * two) / total).collect()
        }))
    }
}
