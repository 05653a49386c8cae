//! Products of any sizes and numbers against the plain loop, to the bit, with all kinds of registers.

use proptest::prelude::*;

use super::tests::plain;
use super::{INNER, Matrix, Packed, packed_len, product, product_with_packed};
use crate::element::Element;
use crate::on_all_registers;

/// Sizes round those of registers and tiles.
fn size() -> impl Strategy<Value = usize> {
    // Miri computes a hundred thousand times slower.
    let tiles = if cfg!(miri) { vec![10, 16] } else { vec![16, 24, 32, 48, 64, 96] };
    let around = |size: usize| size - 1..=size + 1;
    prop_oneof![0..=9usize, prop::sample::select(tiles).prop_flat_map(around)]
}

/// Now and then more than one block of the inner axis.
fn inner() -> impl Strategy<Value = usize> {
    if cfg!(miri) {
        return (0..=3usize).boxed();
    }
    prop_oneof![20 => size(), 1 => INNER - 1..INNER + 3].boxed()
}

/// Numbers that are not round, and one in so many that is no number, not finite, all but too large or hardly there.
fn numbers<T: Element>(count: usize, seed: u64, rarity: u64) -> Vec<T> {
    let (largest, smallest) = (T::max_value(), T::min_positive_value());
    let special = [
        T::nan(),
        T::infinity(),
        T::neg_infinity(),
        -T::zero(),
        largest,
        -largest.sqrt(),
        smallest,
        smallest.sqrt(),
        -smallest / T::from_f64(1000.0),
        smallest * T::epsilon(),
    ];
    (0..count as u64)
        .map(|index| {
            // Multiplied and mixed as in Vigna's splitmix64.
            let mut bits = (seed << 32 | index).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits ^= bits >> 27;
            match rarity {
                1.. if bits.is_multiple_of(rarity) => special[(bits >> 32) as usize % special.len()],
                _ => T::from_f64((bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0),
            }
        })
        .collect()
}

fn check<T: Element>(
    [rows, inner, columns]: [usize; 3],
    [left_transposed, right_transposed]: [bool; 2],
    beta: f64,
    [seed, rarity]: [u64; 2],
) -> Result<(), TestCaseError> {
    let (left, right) =
        (numbers(rows * inner, 3 * seed, rarity), numbers(inner * columns, 3 * seed + 1, rarity));
    let matrix = |values, rows, columns, transposed| match transposed {
        true => Matrix::<T>::new(values, columns, rows).transpose(),
        false => Matrix::new(values, rows, columns),
    };
    let a = matrix(&left, rows, inner, left_transposed);
    let b = matrix(&right, inner, columns, right_transposed);
    let (beta, before) = (T::from_f64(beta), numbers(rows * columns, 3 * seed + 2, rarity));
    let mut expected = before.clone();
    plain(a, b, beta, &mut expected);
    let results = on_all_registers(|| {
        let (mut ours, mut with_packed) = (before.clone(), before.clone());
        product(a, b, beta, &mut ours);
        // What the room had before is not to be seen.
        let mut room = vec![T::nan(); packed_len(inner, columns)];
        product_with_packed(a, Packed::new(b, &mut room), beta, &mut with_packed);
        [ours, with_packed]
    });
    let bits = |value: &T| if value.is_nan() { u64::MAX } else { Element::to_f64(*value).to_bits() };
    for (registers, results) in &results {
        for ours in results {
            let apart = ours.iter().zip(&expected).position(|(ours, expected)| bits(ours) != bits(expected));
            prop_assert_eq!(apart, None, "on {}", registers);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 96 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn has_the_bits_of_the_plain_loop(
        (rows, inner, columns) in (size(), inner(), size()),
        transposed in any::<[bool; 2]>(),
        beta in prop::sample::select(vec![0.0, 1.0, -0.7, f64::NAN, f64::INFINITY]),
        seed in 0..1u64 << 20,
        rarity in prop::sample::select(vec![0, 10, 200, 2000]),
    ) {
        check::<f32>([rows, inner, columns], transposed, beta, [seed, rarity])?;
        check::<f64>([rows, inner, columns], transposed, beta, [seed, rarity])?;
    }
}
