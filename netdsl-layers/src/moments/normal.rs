//! Fixed points that stand for draws from a standard normal.

/// The quantile of the standard normal.
///
/// Wichura 1988, "Algorithm AS 241: The Percentage Points of the Normal Distribution", the routine of 7 digits, whose
/// relative error of 1e-7 is far below that of the sums it goes into.
pub(crate) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q
            * (((5.910_937_472_0e1 * r + 1.592_911_320_2e2) * r + 5.043_427_193_8e1) * r + 3.387_132_717_9)
            / (((6.718_756_360_0e1 * r + 7.875_775_766_4e1) * r + 1.789_516_946_9e1) * r + 1.0);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let magnitude = if r <= 5.0 {
        let r = r - 1.6;
        (((1.702_382_110_3e-1 * r + 1.306_728_481_6) * r + 2.756_815_390_0) * r + 1.423_437_277_7)
            / ((1.202_113_297_5e-1 * r + 7.370_016_425_0e-1) * r + 1.0)
    } else {
        let r = r - 5.0;
        (((1.733_720_399_7e-2 * r + 4.286_829_433_7e-1) * r + 3.081_226_386_0) * r + 6.657_905_115_0)
            / ((1.225_820_263_5e-2 * r + 2.419_789_422_5e-1) * r + 1.0)
    };
    if q < 0.0 { -magnitude } else { magnitude }
}

/// A stream of numbers that is the same on every machine: the counter-based generator SplitMix64 (Steele, Lea & Flood
/// 2014, "Fast Splittable Pseudorandom Number Generators").
#[derive(Clone, Debug)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of that number.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number between 0 and 1, both exclusive.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A standard normal number.
    pub(crate) fn normal(&mut self) -> f64 {
        quantile(self.uniform())
    }
}

/// The bases of [`evenly`], one for each dimension.
pub(crate) const BASES: [usize; 6] = [2, 3, 5, 7, 11, 13];

/// The `index`-th of the points that fill the standard normal distribution, and with other bases in further dimensions a
/// normal distribution of several numbers, more evenly than independent draws: the quantiles of the sequence of Halton
/// 1960, "On the efficiency of certain quasi-random sequences of points", equation 1.
pub(crate) fn evenly(base: usize, index: usize) -> f64 {
    let (mut rest, mut place, mut part) = (index + 1, 1.0, 0.0);
    while rest > 0 {
        place /= base as f64;
        part += place * (rest % base) as f64;
        rest /= base;
    }
    quantile(part)
}

#[cfg(test)]
mod tests {
    use super::{BASES, Stream, evenly, quantile};
    use crate::moments::gaussian::distribution;

    #[test]
    fn the_quantile_inverts_the_distribution_function() {
        let middle = (1..2000).map(|index| f64::from(index) / 2000.0);
        for p in middle.chain([1e-300, 1e-30, 1e-12]) {
            let quantile = quantile(p);
            let relative = (distribution(quantile) - p) / p.min(1.0 - p);
            // A relative error of the quantile weighs as much more in the tail as the quantile is large.
            assert!(relative.abs() < 2e-7 * (1.0 + quantile * quantile), "{p}: {relative}");
        }
    }

    /// The first outputs of SplitMix64 for the seed 0, from the implementation by Vigna that the xoshiro generators are
    /// seeded with.
    #[test]
    fn the_stream_is_split_mix() {
        let mut stream = Stream::new(0);
        let bits = [stream.bits(), stream.bits(), stream.bits()];
        assert_eq!(bits, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]);
    }

    #[test]
    fn even_points_have_the_moments_of_independent_normal_numbers() {
        const COUNT: usize = 384;
        let mean = |f: &dyn Fn(usize) -> f64| (0..COUNT).map(f).sum::<f64>() / COUNT as f64;
        // A random sample of this size is off by 0.05, 0.07 and 0.05.
        for (one, base) in BASES.iter().enumerate() {
            assert!(mean(&|index| evenly(*base, index)).abs() < 0.045, "mean of {one}");
            assert!((mean(&|index| evenly(*base, index).powi(2)) - 1.0).abs() < 0.035, "square of {one}");
            for (other, second) in BASES[..one].iter().enumerate() {
                let product = mean(&|index| evenly(*base, index) * evenly(*second, index));
                assert!(product.abs() < 0.035, "{one} and {other}: {product}");
            }
        }
    }
}
