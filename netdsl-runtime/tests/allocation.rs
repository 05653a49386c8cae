//! A training step allocates nothing.

#![allow(unsafe_code, reason = "an allocator that counts can't be written without")]

mod networks;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use netdsl_runtime::TrainingStep;
use netdsl_runtime::layers::{OptimizerKernel, RmsProp};
use netdsl_runtime::prelude::*;
use networks::{Classifier, DeepSigmoid, Exploding, Labels, Memories, Shared, uniform};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on to the allocator of the system as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// The allocations of a step after the first, where the first batch is the largest.
fn of_a_step<N, X, Y>(
    network: &mut N,
    optimizer: &dyn OptimizerKernel<f32>,
    batch: (&X, &Y),
    smaller: (&X, &Y),
) -> [usize; 2]
where
    N: Network<f32>,
    X: netdsl_runtime::Examples<f32, N::Input> + ?Sized,
    Y: netdsl_runtime::Examples<
            netdsl_runtime::Target<f32, N>,
            <netdsl_runtime::TargetsOf<f32, N> as netdsl_runtime::TargetShape>::Shape<N::Output>,
        > + ?Sized,
{
    let mut step = TrainingStep::new(optimizer, 0).unwrap();
    step.run(network, batch.0, batch.1).unwrap();
    let mut run = |(input, target): (&X, &Y)| {
        allocations(|| drop(step.run(network, input, target).map(|report| report.loss)))
    };
    [run(batch), run(smaller)]
}

/// The products keep their buffers too.
#[test]
fn a_step_allocates_nothing() {
    let (input, target) = (uniform::<100>(32, 1), uniform::<1>(32, 2));
    let (batch, smaller) = ((&input[..], &target[..]), (&input[..8], &target[..8]));
    let optimizers: [&dyn OptimizerKernel<f32>; 7] = [
        &Sgd::default(),
        &Adam::default(),
        &RmsProp::default(),
        &Nadam::default(),
        &Adamax::default(),
        &Lamb::default(),
        &Lion::default(),
    ];
    for optimizer in optimizers {
        let counts = of_a_step(&mut DeepSigmoid::new(0), optimizer, batch, smaller);
        assert_eq!(counts, [0; 2], "{optimizer:?}");
    }
    // Where gradients are rescaled the backward pass runs twice.
    for clip in [Clip::Norm(1.0), Clip::GlobalNorm(1.0), Clip::Value(1.0), Clip::Adaptive(0.1)] {
        let optimizer = Sgd { clip: Some(clip), ..Sgd::default() };
        let counts = of_a_step(&mut Exploding::new(0), &optimizer, batch, smaller);
        assert_eq!(counts, [0; 2], "{clip:?}");
    }
    let (input, target) = (uniform::<4>(8, 1), [0usize, 1, 2, 0, 1, 2, 0, 1]);
    let batches = ((&input[..], &target[..]), (&input[..3], &target[..3]));
    let counts = of_a_step(&mut Classifier::new(0), &AdamW::default(), batches.0, batches.1);
    assert_eq!(counts, [0; 2]);
    // Nor where products are shared out among threads.
    let (input, target) = (uniform::<512>(128, 1), uniform::<1>(128, 2));
    let batches = ((&input[..], &target[..]), (&input[..8], &target[..8]));
    let counts = of_a_step(&mut Shared::new(0), &Sgd::default(), batches.0, batches.1);
    assert_eq!(counts, [0; 2]);
    // Nor where recurrences are.
    let (input, target) = (vec![[[0.5; 5]; 24]; 33], uniform::<176>(33, 2));
    let batches = ((&input[..], &target[..]), (&input[..17], &target[..17]));
    let counts = of_a_step(&mut Memories::new(0), &Sgd::default(), batches.0, batches.1);
    assert_eq!(counts, [0; 2]);
}

/// Lengths of sequences are read where they are.
#[test]
fn padded_sequences_allocate_nothing_more() {
    let (input, target) = (vec![[[0.5; 2]; 6]; 8], vec![[1usize; 6]; 8]);
    let lengths = [6, 1, 3, 5, 2, 4, 6, 1];
    let mut network = Labels::new(0);
    let optimizer = Sgd::default();
    let batch = (&input[..], &target[..]);
    let whole = of_a_step(&mut network, &optimizer, batch, (&input[..3], &target[..3]));
    let padded = Padded { examples: &input[..], lengths: &lengths[..] };
    let fewer = Padded { examples: &input[..3], lengths: &lengths[..3] };
    let counts = of_a_step(&mut network, &optimizer, (&padded, &target[..]), (&fewer, &target[..3]));
    assert_eq!(counts, whole);
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}
