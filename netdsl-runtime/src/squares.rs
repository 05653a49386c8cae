//! Sums of squares that cost no more than reading the values.

use netdsl_layers::{Element, in_halves, vectorised};

/// How many sums run beside each other in the type of the values, whatever the registers are, so that the bits are the same.
pub(crate) const BESIDE: usize = 32;

/// How many squares each of them takes in before it goes on in double precision.
const DEPTH: usize = 32;

/// The length of a block.
pub(crate) const BLOCK: usize = DEPTH * BESIDE;

/// The sum of the squares of numbers, block by block.
///
/// In `f32` its relative error is at most `33 · 2^-24`, 2.0e-6: a square is rounded once and takes part in at most 32 additions
/// of its block, and double precision adds nothing that counts. A square that is no normal number adds at most `2^-150` to the
/// error, and one that overflows makes the sum infinite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Squares([f64; BESIDE]);

/// A row that has not all its numbers: zeros do not change the sums, and the loop over a whole row stays in the registers.
#[inline(always)]
pub(crate) fn padded<T: Element>(rest: &[T]) -> [T; BESIDE] {
    let mut row = [T::zero(); BESIDE];
    row[..rest.len()].copy_from_slice(rest);
    row
}

impl Squares {
    /// Of no number.
    pub(crate) const ZERO: Self = Self([0.0; BESIDE]);

    /// Of these numbers.
    pub(crate) fn of<T: Element>(values: &[T]) -> Self {
        let mut squares = Self::ZERO;
        for block in values.chunks(BLOCK) {
            // Only the loop: what comes behind it would keep its sums out of the registers.
            squares.add(vectorised(
                #[inline(always)]
                || {
                    let mut sums = [T::zero(); BESIDE];
                    let mut row = |values: &[T; BESIDE]| {
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum += *value * *value;
                        }
                    };
                    let (whole, rest) = block.as_chunks::<BESIDE>();
                    whole.iter().for_each(&mut row);
                    if !rest.is_empty() {
                        row(&padded(rest));
                    }
                    sums
                },
            ));
        }
        squares
    }

    /// Takes the sums of a block in.
    pub(crate) fn add<T: Element>(&mut self, sums: [T; BESIDE]) {
        for (total, sum) in self.0.iter_mut().zip(sums) {
            *total += sum.to_f64();
        }
    }

    /// The sum.
    pub(crate) fn total(&self) -> f64 {
        in_halves(self.0)
    }
}

#[cfg(test)]
mod tests {
    use netdsl_layers::on_all_registers;

    use super::{BESIDE, BLOCK, Squares};

    /// No whole number of rows and blocks among them.
    const LENGTHS: [usize; 8] =
        [0, 1, BESIDE - 1, BESIDE, BLOCK - 1, BLOCK, BLOCK + BESIDE + 5, 9 * BLOCK + 7];

    /// Numbers of both signs over six decades, and one number only, the sum of which is rounded in the same direction again and
    /// again.
    fn draws(len: usize) -> [Vec<f32>; 3] {
        let size = |index: usize| 10f32.powf((index * 7919 % 6007) as f32 / 1001.0 - 3.0);
        let mixed = (0..len).map(|index| size(index) * if index % 3 == 0 { -1.0 } else { 1.0 }).collect();
        [mixed, vec![0.1; len], vec![1.000_000_1; len]]
    }

    #[test]
    fn the_error_is_within_its_bound() {
        for values in LENGTHS.iter().flat_map(|len| draws(*len)) {
            let plain: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
            let sum = Squares::of(&values).total();
            let bound = 33.0 * f64::powi(2.0, -24) * plain;
            assert!((sum - plain).abs() <= bound, "{}: {sum} {plain}", values.len());
        }
    }

    /// The order written out, number by number: the bits are those of any registers, and of a build for debugging, also where
    /// numbers are hardly there, too large or none.
    #[test]
    fn the_order_is_that_of_the_lanes() {
        let specials = [1.0, -0.0, f32::from_bits(9), 3e-22, f32::MAX, f32::NEG_INFINITY, f32::NAN];
        let draws = |(len, special): (usize, f32)| draws(len).into_iter().zip([special; 3]);
        let all = LENGTHS.iter().flat_map(|len| specials.map(|special| (*len, special)));
        for (mut values, special) in all.flat_map(draws) {
            let third = values.len() / 3;
            values.iter_mut().skip(third).step_by(601).for_each(|value| *value = special);
            let mut lanes = [0f64; BESIDE];
            for block in values.chunks(BLOCK) {
                for (lane, sum) in lanes.iter_mut().enumerate() {
                    let of_lane = block.iter().skip(lane).step_by(BESIDE);
                    *sum += f64::from(of_lane.fold(0f32, |sum, value| sum + value * value));
                }
            }
            for half in [16, 8, 4, 2, 1] {
                (0..half).for_each(|index| lanes[index] += lanes[index + half]);
            }
            for (registers, sum) in on_all_registers(|| Squares::of(&values).total()) {
                let same = sum.to_bits() == lanes[0].to_bits() || sum.is_nan() && lanes[0].is_nan();
                assert!(
                    same,
                    "{sum} on {registers}, {} by the loop, of {} with {special}",
                    lanes[0],
                    values.len()
                );
            }
        }
    }
}
