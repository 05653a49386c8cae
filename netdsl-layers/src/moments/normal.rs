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

    /// The quantiles `(i + 1/2) / n` of the standard normal in an order of the stream's own.
    pub(crate) fn quantiles(&mut self, n: usize) -> Vec<f64> {
        let mut order: Vec<(u64, usize)> = (0..n).map(|index| (self.bits(), index)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, index)| quantile((index as f64 + 0.5) / n as f64)).collect()
    }
}
