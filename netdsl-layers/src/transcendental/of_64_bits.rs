//! What the functions are made of in numbers of 64 bits.

/// Where the exponential function is zero and infinite.
pub(super) const LOWEST: f64 = -746.0;
pub(super) const HIGHEST: f64 = 710.0;
/// Where it is nothing beside one.
pub(super) const LEVEL: f64 = 40.0;
/// ln 2 in two parts, of which multiples of the first are exact.
pub(super) const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// The reciprocals of the factorials from 13! to 2!.
pub(super) const POWERS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];
/// How many terms the logarithm of one to two has.
pub(super) const LOGARITHM: i32 = 17;
/// How many terms that of the square root of a half to that of two has.
pub(super) const LOGARITHM_NEAR_ONE: i32 = 11;

/// Where what the normal distribution has beyond is nothing, whatever it is multiplied with.
pub(super) const FAR: f64 = 39.0;
/// `Φ(-t) / exp(-t² / 2)` for a `t` from 0 to there, as a quotient of polynomials, the highest power first.
pub(super) const TAIL: ([f64; 11], [f64; 12]) = (
    [
        3.324_570_840_594_916e-07,
        1.034_465_434_141_989_6e-05,
        0.000_158_030_112_582_022_94,
        0.001_541_674_481_248_022_4,
        0.010_561_341_470_783_65,
        0.052_884_276_719_048_18,
        0.195_777_851_299_039_24,
        0.529_802_240_015_035_6,
        1.007_568_737_256_933_3,
        1.227_428_442_411_169,
        0.741_25,
    ],
    [
        8.333_463_270_047_066e-07,
        2.593_020_306_353_168_2e-05,
        0.000_396_956_094_763_531_7,
        0.003_890_335_048_339_657_8,
        0.026_867_813_191_098_145,
        0.136_373_768_179_540_4,
        0.516_431_732_013_602_5,
        1.453_109_198_985_553_4,
        2.967_292_162_226_140_6,
        4.176_368_694_429_156,
        3.637_720_746_212_586_2,
        1.482_5,
    ],
);
/// Where the slope of `t Φ(-t)` is zero, in two parts.
pub(super) const TURN: [f64; 2] = [0.751_791_524_693_564_5, -1.495_675_917_700_988_3e-17];
/// That slope over `exp(-t² / 2)` and over the distance of `t` from there, with the sign turned, in the same way.
pub(super) const TAIL_SLOPE: ([f64; 11], [f64; 11]) = (
    [
        9.684_893_820_189_269e-07,
        2.918_947_042_852_544_7e-05,
        0.000_425_451_954_278_735_16,
        0.003_909_092_704_721_182,
        0.024_906_500_375_850_772,
        0.114_479_412_188_185_91,
        0.383_449_223_124_376_4,
        0.923_545_052_932_604_9,
        1.533_280_373_288_736_8,
        1.592_939_619_651_056,
        0.796_430_899_169_892_5,
    ],
    [
        2.427_642_868_648_378e-06,
        7.134_207_056_405_176e-05,
        0.001_013_871_096_274_411_1,
        0.009_068_236_377_700_732,
        0.056_076_245_272_327_36,
        0.249_018_875_209_692_07,
        0.800_502_225_477_039_5,
        1.832_553_476_128_58,
        2.850_407_945_271_972_4,
        2.713_188_735_587_585,
        1.197_5,
    ],
);
