use super::Transcendental;

/// The functions in double precision by libm, and how many units in the last place ours may be off.
type Function = (&'static str, fn(f32) -> f32, fn(f64) -> f64, fn(f64) -> f64, f64);

/// The functions that libm has, or some few of its functions make without a loss of digits.
const FUNCTIONS: [Function; 6] = [
    ("exp", f32::power_of_e, f64::power_of_e, libm::exp, 1.5),
    ("expm1", f32::power_of_e_less_one, f64::power_of_e_less_one, libm::expm1, 2.5),
    ("logistic", f32::logistic, f64::logistic, logistic, 3.0),
    ("tanh", f32::hyperbolic_tangent, f64::hyperbolic_tangent, libm::tanh, 4.0),
    ("softplus", f32::softplus, f64::softplus, softplus, 3.0),
    ("ln", f32::logarithm, f64::logarithm, libm::log, 2.5),
];

/// Those of the normal distribution: what double precision loses is nothing beside single precision, but all there is to
/// measure in double precision.
const NORMAL: [Function; 2] = [
    ("gelu", f32::gelu, f64::gelu, gelu, 6.0),
    ("gelu_slope", f32::gelu_slope, f64::gelu_slope, gelu_slope, 6.5),
];

fn logistic(x: f64) -> f64 {
    crate::Elementwise::value(&crate::Sigmoid, x)
}

fn softplus(x: f64) -> f64 {
    libm::fmax(x, 0.0) + libm::log1p(libm::exp(-libm::fabs(x)))
}

fn gelu(x: f64) -> f64 {
    crate::Elementwise::value(&crate::Gelu, x)
}

fn gelu_slope(x: f64) -> f64 {
    crate::Elementwise::derivative(&crate::Gelu, x)
}

/// The distance in units in the last place of a number of 32 bits of the size of `exact`.
fn units(ours: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if ours == nearest || ours.is_nan() && exact.is_nan() {
        return 0.0;
    }
    let unit = f64::from(nearest.abs().next_up()) - f64::from(nearest.abs());
    ((f64::from(ours) - exact) / unit).abs()
}

fn largest_error(numbers: impl Iterator<Item = f32> + Clone) {
    for (name, ours, _, exact, allowed) in FUNCTIONS.into_iter().chain(NORMAL) {
        let (mut largest, mut at) = (0.0, 0.0);
        for x in numbers.clone() {
            let error = units(ours(x), exact(x.into()));
            if error > largest || error.is_nan() {
                (largest, at) = (error, x);
            }
        }
        println!("{name}: {largest:.2} units in the last place, at {at:?}");
        assert!(largest <= allowed, "{name}: {largest} at {at:?}");
    }
}

/// A sample of all bits, with the borders among them.
#[test]
fn of_32_bits_are_as_exact_as_said() {
    let borders = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::from_bits(1)];
    let small = [1e-40, -1e-40, -87.5, -103.9, -104.5, 88.72, 88.73, 0.3465, -0.3466, 9.01];
    let sample = (0..1 << 16).map(|index: u32| f32::from_bits(index.wrapping_mul(65_537)));
    largest_error(borders.into_iter().chain(small).chain(sample));
}

#[test]
#[ignore = "minutes: all numbers of 32 bits, by the command in the documentation of the module"]
fn of_32_bits_are_as_exact_as_said_everywhere() {
    largest_error((0..=u32::MAX).map(f32::from_bits));
}

fn units_of_64_bits(ours: f64, exact: f64) -> f64 {
    if ours == exact || ours.is_nan() && exact.is_nan() {
        return 0.0;
    }
    ((ours - exact) / (exact.abs().next_up() - exact.abs())).abs()
}

/// The libm of the comparison is itself off by about one unit.
#[test]
fn of_64_bits_are_as_exact_as_said() {
    for (name, _, ours, exact, allowed) in FUNCTIONS {
        let mut largest = 0.0;
        let grid = (-200_000..200_000).map(|index| f64::from(index) * 0.003_7 + f64::from(index) * 1e-9);
        let borders = [f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, -5e-324, f64::MAX, f64::MIN, f64::NAN];
        for x in grid.chain(borders) {
            let error = units_of_64_bits(ours(x), exact(x));
            assert!(!error.is_nan(), "{name} of {x}");
            largest = f64::max(largest, error);
        }
        println!("{name}: {largest:.2} units in the last place");
        assert!(largest <= allowed + 1.0, "{name}: {largest}");
    }
}

/// Against what mpmath makes with 60 digits.
#[test]
fn of_64_bits_and_the_normal_distribution_are_as_exact_as_said() {
    let file = include_str!("../../tests/reference/transcendental.json");
    let document: serde_json::Value = serde_json::from_str(file).unwrap();
    let numbers = |name: &str| {
        let values = document[name].as_array().unwrap();
        values.iter().map(|value| value.as_str().unwrap().parse().unwrap()).collect::<Vec<f64>>()
    };
    for (name, _, ours, exact, allowed) in NORMAL {
        let places = numbers("places").into_iter().zip(numbers(name));
        let borders =
            [f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, -5e-324, -39.5, f64::MAX, f64::MIN, f64::NAN];
        let mut largest = 0.0;
        for (x, exact) in places.chain(borders.map(|x| (x, exact(x)))) {
            let error = units_of_64_bits(ours(x), exact);
            assert!(!error.is_nan(), "{name} of {x}");
            largest = f64::max(largest, error);
        }
        println!("{name}: {largest:.2} units in the last place");
        assert!(largest <= allowed + 1.0, "{name}: {largest}");
    }
}
