//! What the functions are made of in numbers of 32 bits.

/// Where the exponential function is zero and infinite.
pub(super) const LOWEST: f32 = -105.0;
pub(super) const HIGHEST: f32 = 89.0;
/// Where it is nothing beside one.
pub(super) const LEVEL: f32 = 20.0;
/// ln 2 in two parts, of which multiples of the first are exact.
pub(super) const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
/// The reciprocals of the factorials from 7! to 2!.
pub(super) const POWERS: [f32; 6] =
    [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0];
/// How many terms the logarithm of one to two has.
pub(super) const LOGARITHM: i32 = 8;
/// How many terms that of the square root of a half to that of two has.
pub(super) const LOGARITHM_NEAR_ONE: i32 = 5;

/// Where what the normal distribution has beyond is nothing, whatever it is multiplied with.
pub(super) const FAR: f32 = 15.0;
/// `Φ(-t) / exp(-t² / 2)` for a `t` from 0 to there, as a quotient of polynomials, the highest power first.
pub(super) const TAIL: ([f32; 5], [f32; 6]) = (
    [0.004_942_324_5, 0.048_648_406, 0.218_922_87, 0.522_746_7, 0.595],
    [0.012_388_437, 0.121_950_75, 0.560_975_25, 1.434_600_7, 1.994_976_5, 1.19],
);
/// Where the slope of `t Φ(-t)` is zero, in two parts.
pub(super) const TURN: [f32; 2] = [0.751_791_54, -1.211_445e-8];
/// That slope over `exp(-t² / 2)` and over the distance of `t` from there, with the sign turned, in the same way.
pub(super) const TAIL_SLOPE: ([f32; 5], [f32; 5]) = (
    [0.015_444_563, 0.141_422_48, 0.558_280_4, 1.112_429_4, 0.980_990_05],
    [0.038_713_563, 0.325_399_43, 1.171_39, 2.064_408_5, 1.475],
);
