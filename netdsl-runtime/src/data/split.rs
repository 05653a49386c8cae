//! Examples to train on and others to judge by.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::DataError;

/// The indices of examples to train on and of others to judge by, both in an order drawn at random.
///
/// ```
/// use ndarray::{Array2, Axis};
/// use netdsl_runtime::data::Split;
///
/// let input = Array2::from_shape_fn((10, 2), |(row, _)| row as f32);
/// let split = Split::new(input.nrows(), 0.2, 1)?;
/// let (train, held_out) = (input.select(Axis(0), &split.train), input.select(Axis(0), &split.held_out));
/// assert_eq!((train.nrows(), held_out.nrows()), (8, 2));
/// # Ok::<(), netdsl_runtime::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Those to train on.
    pub train: Vec<usize>,
    /// The others.
    pub held_out: Vec<usize>,
}

impl Split {
    /// Holds a share of so many examples out, at least one and not all; the same seed gives the same split.
    ///
    /// # Errors
    /// [`DataError::Share`], and [`DataError::Examples`] where there are less than two.
    pub fn new(examples: usize, share: f64, seed: u64) -> Result<Self, DataError> {
        check(share)?;
        let few = DataError::Examples { found: examples, expected: LEAST };
        Self::of((0..examples).collect(), share, &mut ChaCha8Rng::seed_from_u64(seed)).ok_or(few)
    }

    /// The same for each class by itself, so that all are held out in the same share.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`DataError::OfClass`] where there are less than two of a class that there is.
    pub fn stratified(classes: &[usize], share: f64, seed: u64) -> Result<Self, DataError> {
        check(share)?;
        if classes.is_empty() {
            return Err(DataError::Examples { found: 0, expected: LEAST });
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut by_class = std::collections::BTreeMap::<usize, Vec<usize>>::new();
        for (index, class) in classes.iter().enumerate() {
            by_class.entry(*class).or_default().push(index);
        }
        let mut split = Self { train: Vec::new(), held_out: Vec::new() };
        for (class, indices) in by_class {
            let few = DataError::OfClass { class, found: indices.len(), expected: LEAST };
            let of_class = Self::of(indices, share, &mut random).ok_or(few)?;
            split.train.extend(of_class.train);
            split.held_out.extend(of_class.held_out);
        }
        shuffle(&mut split.train, &mut random);
        shuffle(&mut split.held_out, &mut random);
        Ok(split)
    }

    /// Of these, in an order drawn at random; none where there are too few for two parts.
    fn of(mut indices: Vec<usize>, share: f64, random: &mut ChaCha8Rng) -> Option<Self> {
        let found = indices.len();
        if found < LEAST {
            return None;
        }
        shuffle(&mut indices, random);
        let held_out = ((found as f64 * share).round() as usize).clamp(1, found - 1);
        let train = indices.split_off(held_out);
        Some(Self { train, held_out: indices })
    }
}

/// One for each part.
const LEAST: usize = 2;

fn check(share: f64) -> Result<(), DataError> {
    if share > 0.0 && share < 1.0 { Ok(()) } else { Err(DataError::Share { found: share }) }
}

/// Fisher and Yates, written out so that the order does not depend on the version of a library.
fn shuffle(indices: &mut [usize], random: &mut ChaCha8Rng) {
    for last in (1..indices.len()).rev() {
        let among = last as u128 + 1;
        indices.swap(last, ((u128::from(random.next_u64()) * among) >> 64) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::Split;

    #[test]
    fn every_example_is_in_one_part() {
        for (examples, share, held_out) in [(2, 0.5, 1), (10, 0.3, 3), (10, 1e-9, 1), (3, 0.999, 2)] {
            let split = Split::new(examples, share, 7).unwrap();
            assert_eq!(split.held_out.len(), held_out);
            let mut all: Vec<usize> = split.train.iter().chain(&split.held_out).copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..examples).collect::<Vec<_>>());
            assert_eq!(split, Split::new(examples, share, 7).unwrap());
        }
        assert_ne!(Split::new(50, 0.3, 1).unwrap(), Split::new(50, 0.3, 2).unwrap());
    }

    #[test]
    fn classes_keep_their_share() {
        let classes: Vec<usize> = (0..100).map(|index| usize::from(index % 10 == 0)).collect();
        let split = Split::stratified(&classes, 0.2, 1).unwrap();
        let of_class = |indices: &[usize]| indices.iter().filter(|index| classes[**index] == 1).count();
        assert_eq!((of_class(&split.train), of_class(&split.held_out)), (8, 2));
        assert_eq!((split.train.len(), split.held_out.len()), (80, 20));
    }

    #[test]
    fn what_can_not_be_split_is_told() {
        let message = |result: Result<Split, super::DataError>| result.unwrap_err().to_string();
        assert_eq!(message(Split::new(1, 0.5, 0)), "there is 1 example, expected at least 2");
        assert_eq!(message(Split::new(0, 0.5, 0)), "there are 0 examples, expected at least 2");
        let alone = Split::stratified(&[0, 0, 3, 1, 1, 1], 0.5, 0);
        assert_eq!(message(alone), "class 3 has 1 example, expected at least 2");
        assert_eq!(message(Split::stratified(&[], 0.5, 0)), "there are 0 examples, expected at least 2");
        for share in [0.0, 1.0, -1.0, f64::NAN] {
            let expected = format!("the share is {share}, expected a number above 0 and below 1");
            assert_eq!(message(Split::new(9, share, 0)), expected);
        }
    }
}
