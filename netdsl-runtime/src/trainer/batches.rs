//! Batches from iterators.

use std::iter::Fuse;

type Boxed<'a, B> = Box<dyn Iterator<Item = B> + 'a>;

/// Batches of a training that come from iterators: see [`Trainer::fit_batches`](crate::Trainer::fit_batches) for what they are.
///
/// ```text
/// Batches::of_epoch(|epoch| batches(seed + epoch as u64))
/// Batches::endless(1000, stream)
/// ```
pub struct Batches<'a, B> {
    /// The iterator of an epoch; none where one goes on from epoch to epoch.
    pub(super) of_epoch: Option<Box<dyn FnMut(usize) -> Boxed<'a, B> + 'a>>,
    pub(super) iterator: Fuse<Boxed<'a, B>>,
    /// How many batches an epoch has, where that is said.
    pub(super) size: Option<usize>,
}

impl<'a, B: 'a> Batches<'a, B> {
    /// An iterator for each epoch, by its number from 1, which the epoch ends with.
    ///
    /// A training that goes on from a checkpoint asks for that of the epoch it stopped in and passes over what it had seen.
    pub fn of_epoch<I: IntoIterator<Item = B>>(mut iterator: impl FnMut(usize) -> I + 'a) -> Self
    where
        I::IntoIter: 'a,
    {
        let of_epoch = move |epoch| Box::new(iterator(epoch).into_iter()) as Boxed<'a, B>;
        let none: Boxed<'a, B> = Box::new(std::iter::empty());
        Self { of_epoch: Some(Box::new(of_epoch)), iterator: none.fuse(), size: None }
    }

    /// One iterator, of which each epoch takes so many batches; it may have no end.
    ///
    /// A training that goes on from a checkpoint passes over all that it had seen since its first epoch.
    pub fn endless<I: IntoIterator<Item = B>>(batches_in_epoch: usize, iterator: I) -> Self
    where
        I::IntoIter: 'a,
    {
        let iterator: Boxed<'a, B> = Box::new(iterator.into_iter());
        Self { of_epoch: None, iterator: iterator.fuse(), size: Some(batches_in_epoch) }
    }
}

impl<B> std::fmt::Debug for Batches<'_, B> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Batches").field("batches_in_epoch", &self.size).finish_non_exhaustive()
    }
}
