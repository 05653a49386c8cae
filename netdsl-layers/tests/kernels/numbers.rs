//! Numbers of all sorts, for the tests that hold kernels against plain loops.

use netdsl_layers::Element;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A number of ordinary size, or now and then one that is no number, not finite, all but too large or hardly there.
pub(crate) fn number<T: Element>() -> impl Strategy<Value = T> + Clone {
    let (largest, smallest) = (T::max_value(), T::min_positive_value());
    let special = vec![
        T::nan(),
        T::infinity(),
        T::neg_infinity(),
        T::zero(),
        -T::zero(),
        largest,
        -largest,
        largest.sqrt(),
        smallest,
        -smallest.sqrt(),
        // Subnormal, down to the last.
        -smallest / T::from_f64(3.0),
        smallest * T::epsilon(),
    ];
    prop_oneof![
        12 => (-3.0..3.0f64).prop_map(T::from_f64),
        2 => (-100.0..100.0f64).prop_map(T::from_f64),
        2 => prop::sample::select(special),
    ]
}

/// As many as fill no register, some, and some of the next.
pub(crate) fn some<S: Strategy + Clone>(of: S) -> impl Strategy<Value = Vec<S::Value>> {
    prop_oneof![prop::collection::vec(of.clone(), 0..=9), prop::collection::vec(of, 14..=52)]
}

/// As proptest has it, without files, and always the same: a tolerance is for numbers that are known.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    }
}

/// The bits of a number; what is none has many of them.
pub(crate) fn bits<T: Element>(value: T) -> u64 {
    if value.is_nan() { u64::MAX } else { Element::to_f64(value).to_bits() }
}

/// Whether a number is off by no more than a unit in the last place of a number of this size, or not finite in the same way.
/// What is hardly there counts by the last place that there is, and what is all but too large may be so.
pub(crate) fn near<T: Element>(ours: T, exact: f64, size: f64) -> bool {
    let [largest, smallest, epsilon] =
        [T::max_value(), T::min_positive_value(), T::epsilon()].map(Element::to_f64);
    let ours = Element::to_f64(ours);
    if exact.is_nan() || ours.is_nan() {
        return exact.is_nan() && ours.is_nan();
    }
    if exact.abs() > largest / 2.0 {
        return ours.abs() > largest / 4.0 && ours.signum() == exact.signum();
    }
    (ours - exact).abs() <= epsilon * size.max(16.0 * smallest)
}
