//! Times of things that are run in turns.

use std::time::{Duration, Instant};

/// How long the repetitions of one turn are to take.
const TURN: Duration = Duration::from_millis(30);

/// How long to warm up.
const WARM: Duration = Duration::from_millis(100);

/// Microseconds a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) min: f64,
    pub(crate) median: f64,
}

/// Times of each of `work`, which take turns: what else the machine does falls on all alike.
pub(crate) fn measure(work: &mut [&mut dyn FnMut()], turns: usize) -> Vec<Times> {
    let repetitions: Vec<u32> = work
        .iter_mut()
        .map(|work| {
            let (start, mut calls) = (Instant::now(), 0u32);
            while calls < 2 || start.elapsed() < WARM {
                work();
                calls += 1;
            }
            let one = start.elapsed() / calls;
            (TURN.as_nanos() / one.as_nanos().max(1)).clamp(1, 1 << 20) as u32
        })
        .collect();
    let mut times = vec![Vec::with_capacity(turns); work.len()];
    for _ in 0..turns {
        for ((work, repetitions), times) in work.iter_mut().zip(&repetitions).zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repetitions {
                work();
            }
            times.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(*repetitions));
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            Times { min: times[0], median: times[times.len() / 2] }
        })
        .collect()
}
