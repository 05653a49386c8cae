//! Expectations of a function of Gaussian variables.
//!
//! `z ~ N(M, V)`, and pairs `(z, z')` of such variables with covariance `C` of any sign. A pair is split into a common
//! part and two parts of its own, `z = M + sqrt|C| t + sqrt(V - |C|) y`, so that every expectation over a pair is a
//! one-dimensional integral over `t` of products of conditional expectations over `y`.
//!
//! Integrals are composite Gauss-Legendre sums whose panels end where the function turns: plain Gauss-Hermite quadrature
//! is poor for kinks and for functions that saturate within a small part of a wide Gaussian. Functions without a kink
//! under a Gaussian that is not wide take fewer nodes with the trapezoidal rule, whose error falls exponentially with the
//! inverse of the step for functions that are analytic near the real axis (Trefethen & Weideman 2014, "The Exponentially
//! Convergent Trapezoidal Rule"). For piecewise linear functions the inner integral has a closed form (Cho & Saul 2009).

use std::sync::LazyLock;

use crate::activation::Elementwise;

/// Nodes and weights of the Gauss-Legendre rule of seven points on [-1, 1].
const NODES: [f64; 7] = [
    -0.949_107_912_342_758_5,
    -0.741_531_185_599_394_5,
    -0.405_845_151_377_397_2,
    0.0,
    0.405_845_151_377_397_2,
    0.741_531_185_599_394_5,
    0.949_107_912_342_758_5,
];
const WEIGHTS: [f64; 7] = [
    0.129_484_966_168_869_7,
    0.279_705_391_489_276_64,
    0.381_830_050_505_118_9,
    0.417_959_183_673_469_4,
    0.381_830_050_505_118_9,
    0.279_705_391_489_276_64,
    0.129_484_966_168_869_7,
];

/// The borders of the panels where the function has no say; beyond the last ones lies less than 1e-16 of a Gaussian.
const BORDERS: [f64; 9] = [-8.5, -5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.5];

/// The largest step of the trapezoidal rule, and its largest step in units of the function's argument.
///
/// With a singularity at the distance `a`, in standard deviations, the error is of the order of `exp(a²/2 - 2π a / step)`.
/// No activation has one nearer to the real axis than the hyperbolic tangent, at `i π/2`; with these steps the error stays
/// below 1e-9 also for the square of its derivative, where the singularity is of the fourth order.
const STEP_OF_GAUSSIAN: f64 = 0.75;
const STEP_OF_FUNCTION: f64 = 0.32;

/// The density of the standard normal.
pub(crate) fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) * 0.398_942_280_401_432_7
}

/// The distribution function of the standard normal.
pub(crate) fn distribution(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The nodes between two borders, with their weights.
type Panel = [(f64, f64); NODES.len()];

fn panel(start: f64, end: f64) -> Panel {
    let (centre, half) = ((start + end) / 2.0, (end - start) / 2.0);
    let mut nodes = [(0.0, 0.0); NODES.len()];
    let mut index = 0;
    while index < NODES.len() {
        let x = centre + half * NODES[index];
        nodes[index] = (x, WEIGHTS[index] * half * density(x));
        index += 1;
    }
    nodes
}

/// Nodes of a standard normal with their weights, which sum to 1.
#[derive(Debug)]
pub(crate) struct Rule(Vec<(f64, f64)>);

impl Rule {
    /// The rule with further borders.
    pub(crate) fn with_borders(borders: impl IntoIterator<Item = f64>) -> Self {
        static PANELS: LazyLock<Vec<Panel>> =
            LazyLock::new(|| BORDERS.windows(2).map(|ends| panel(ends[0], ends[1])).collect());
        let (low, high) = (BORDERS[0], BORDERS[BORDERS.len() - 1]);
        let mut further: Vec<f64> =
            borders.into_iter().filter(|border| *border > low && *border < high).collect();
        further.sort_by(f64::total_cmp);
        let mut points = Vec::with_capacity((PANELS.len() + further.len()) * NODES.len());
        let mut next = 0;
        // Loops with an index, here and below: they run in macros that nobody optimises.
        for (index, whole) in PANELS.iter().enumerate() {
            let (mut start, end) = (BORDERS[index], BORDERS[index + 1]);
            if next == further.len() || further[next] >= end {
                points.extend_from_slice(whole);
                continue;
            }
            while next < further.len() && further[next] < end {
                if further[next] > start {
                    points.extend_from_slice(&panel(start, further[next]));
                    start = further[next];
                }
                next += 1;
            }
            points.extend_from_slice(&panel(start, end));
        }
        Self(points).of_sum_one()
    }

    /// The rule with weights that sum to 1.
    fn of_sum_one(mut self) -> Self {
        let (mut total, mut index) = (0.0, 0);
        while index < self.0.len() {
            total += self.0[index].1;
            index += 1;
        }
        index = 0;
        while index < self.0.len() {
            self.0[index].1 /= total;
            index += 1;
        }
        self
    }

    /// The trapezoidal rule for functions that are smooth over this part of a standard deviation.
    fn even(step: f64) -> Self {
        let outermost = Self::outermost(step);
        let mut points = Vec::with_capacity(2 * outermost as usize + 1);
        for index in -outermost..=outermost {
            let x = f64::from(index) * step;
            points.push((x, density(x)));
        }
        Self(points).of_sum_one()
    }

    /// The index of the last node of the trapezoidal rule.
    fn outermost(step: f64) -> i32 {
        (BORDERS[BORDERS.len() - 1] / step).ceil() as i32
    }

    /// Calls `visit` with each node and its weight.
    pub(crate) fn each(&self, mut visit: impl FnMut(f64, f64)) {
        for (x, weight) in &self.0 {
            visit(*x, *weight);
        }
    }

    fn expectations<const N: usize>(&self, mut f: impl FnMut(f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        let mut node = 0;
        while node < self.0.len() {
            let (x, weight) = self.0[node];
            let values = f(x);
            let mut index = 0;
            while index < N {
                sums[index] += weight * values[index];
                index += 1;
            }
            node += 1;
        }
        sums
    }
}

/// Expectations over `y ~ N(0, 1)` of functions of `z = mean + deviation · y`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditional {
    /// `E f(z)`
    pub(crate) value: f64,
    /// `E f(z)²`
    pub(crate) square: f64,
    /// `E f'(z)`
    pub(crate) slope: f64,
    /// `E f'(z)²`
    pub(crate) slope_square: f64,
    /// `E f'(z) y`
    pub(crate) slope_noise: f64,
    /// `E f(z) f'(z)`
    pub(crate) value_slope: f64,
}

/// The expectations over a function and its derivative of one Gaussian variable.
#[derive(Clone, Debug)]
pub(crate) struct Single {
    /// `E f`
    pub(crate) mean: f64,
    /// `E f²`
    pub(crate) square: f64,
    /// `E f⁴`
    pub(crate) fourth: f64,
    /// `E f'²`
    pub(crate) slope_square: f64,
    /// `E f'⁴`
    pub(crate) slope_fourth: f64,
    /// `E f'² x²` with `x = (z - M) / sqrt V`
    pub(crate) slope_square_x_square: f64,
    /// `E f² f'² / E f²`
    pub(crate) along: f64,
    /// `E f f' (z - M) / E f²`, which is `d ln E f² / d ln V · 2 / 2`: how a relative change of `V` is passed on.
    pub(crate) susceptibility: f64,
}

impl Single {
    /// The expectations over a function with these slopes below and above zero.
    ///
    /// With `P = Φ(M / s)`, `h = φ(M / s)` and `s = sqrt V` the moments of the positive part follow by integration by parts:
    /// `E z⁺ = M P + s h`, and `E (z⁺)ⁿ = M E (z⁺)ⁿ⁻¹ + (n - 1) V E (z⁺)ⁿ⁻²`.
    fn piecewise_linear((below, above): (f64, f64), mean: f64, deviation: f64) -> Self {
        let ratio = mean / deviation;
        // Beyond what the rules see of a Gaussian, differences of what is hardly there would be rounding.
        let (share, height) = if ratio.abs() < BORDERS[BORDERS.len() - 1] {
            (distribution(ratio), density(ratio))
        } else {
            (if ratio > 0.0 { 1.0 } else { 0.0 }, 0.0)
        };
        let variance = deviation * deviation;
        let moments = |share: f64, height: f64| {
            let first = mean * share + deviation * height;
            let second = mean * first + variance * share;
            let third = mean * second + 2.0 * variance * first;
            (first, second, mean * third + 3.0 * variance * second)
        };
        // The negative part is the positive one of the mirrored variable, whose odd moments have the other sign.
        let (first, second, fourth) = moments(share, height);
        let (first_below, second_below, fourth_below) = moments(1.0 - share, -height);
        let (below_square, above_square) = (below * below, above * above);
        let square = above_square * second + below_square * second_below;
        let relative = |value: f64| if square > 0.0 { value / square } else { 1.0 };
        let with_x = share - ratio * height;
        Self {
            mean: above * first + below * first_below,
            square,
            fourth: above_square * above_square * fourth + below_square * below_square * fourth_below,
            slope_square: above_square * share + below_square * (1.0 - share),
            slope_fourth: above_square * above_square * share + below_square * below_square * (1.0 - share),
            slope_square_x_square: above_square * with_x + below_square * (1.0 - with_x),
            along: relative(
                above_square * above_square * second + below_square * below_square * second_below,
            ),
            susceptibility: relative(
                above_square * (second - mean * first) + below_square * (second_below - mean * first_below),
            ),
        }
    }
}

/// The expectations over a pair of Gaussian variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// `E f f`
    pub(crate) product: f64,
    /// `E f' f'`
    pub(crate) slope_product: f64,
    /// `E_t (E_y f)⁴`
    pub(crate) fourth: f64,
    /// `E_t (E_y f²)²`
    pub(crate) square_product: f64,
    /// `E_t (E_y f')⁴`
    pub(crate) slope_fourth: f64,
    /// `E_t (E_y f'²)²`
    pub(crate) slope_square_product: f64,
    /// `E f'(z) x f'(z') x'` with `x = (z - M) / sqrt V`
    pub(crate) slope_x_product: f64,
    /// `E f''(z) f''(z')`, which is the derivative of `E f'(z) f'(z')` with respect to the covariance; 0 where the two are
    /// one.
    pub(crate) curvature_product: f64,
}

/// A function of a Gaussian variable.
#[derive(Clone, Copy)]
pub(crate) struct OfGaussian<'a> {
    /// The function.
    pub(crate) function: Function<'a>,
    /// `M`
    pub(crate) mean: f64,
    /// `V`
    pub(crate) variance: f64,
}

impl std::fmt::Debug for OfGaussian<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "f(N({}, {}))", self.mean, self.variance)
    }
}

impl OfGaussian<'_> {
    /// The rule for functions of `mean + deviation · y`.
    fn rule(&self, mean: f64, deviation: f64) -> Rule {
        self.even(deviation).unwrap_or_else(|| self.panels(mean, deviation))
    }

    /// The rule whose panels end where the function turns.
    fn panels(&self, mean: f64, deviation: f64) -> Rule {
        Rule::with_borders(self.function.turning_points().iter().map(|point| (point - mean) / deviation))
    }

    /// The trapezoidal rule, where it takes no more nodes than the panels do.
    fn even(&self, deviation: f64) -> Option<Rule> {
        let step = STEP_OF_GAUSSIAN.min(STEP_OF_FUNCTION / deviation);
        let panels = BORDERS.len() - 1 + self.function.turning_points().len();
        let fewer = self.function.analytic() && 2 * Rule::outermost(step) as usize <= NODES.len() * panels;
        fewer.then(|| Rule::even(step))
    }

    fn deviation(&self) -> f64 {
        self.variance.max(0.0).sqrt()
    }

    /// The expectations given the common part of a pair.
    pub(crate) fn given(&self, mean: f64, deviation: f64) -> Conditional {
        self.by(self.even(deviation).as_ref(), mean, deviation)
    }

    /// The same with the trapezoidal rule for this deviation, where it has one.
    fn by(&self, even: Option<&Rule>, mean: f64, deviation: f64) -> Conditional {
        let f = &self.function;
        if deviation <= 1e-9 * self.deviation() || deviation == 0.0 {
            let (value, slope) = (f.value(mean), f.derivative(mean));
            let (square, slope_square) = (value * value, slope * slope);
            let value_slope = value * slope;
            return Conditional { value, square, slope, slope_square, slope_noise: 0.0, value_slope };
        }
        if let Some((below, above)) = f.slopes() {
            let ratio = mean / deviation;
            let (share, height) = (distribution(ratio), density(ratio));
            let positive = mean * share + deviation * height;
            let all_square = mean * mean + deviation * deviation;
            let positive_square = all_square * share + mean * deviation * height;
            return Conditional {
                value: above * positive + below * (mean - positive),
                square: above * above * positive_square + below * below * (all_square - positive_square),
                slope: above * share + below * (1.0 - share),
                slope_square: above * above * share + below * below * (1.0 - share),
                slope_noise: (above - below) * height,
                value_slope: above * above * positive + below * below * (mean - positive),
            };
        }
        let panels;
        let rule = match even {
            Some(rule) => rule,
            None => {
                panels = self.panels(mean, deviation);
                &panels
            }
        };
        let [value, square, slope, slope_square, slope_noise, value_slope] = rule.expectations(|y| {
            let (value, slope) = f.value_and_derivative(mean + deviation * y);
            [value, value * value, slope, slope * slope, slope * y, value * slope]
        });
        Conditional { value, square, slope, slope_square, slope_noise, value_slope }
    }

    /// The rule for the common part of a pair with this covariance.
    pub(crate) fn common(&self, covariance: f64) -> Rule {
        let common = covariance.abs().sqrt();
        let points = self.function.turning_points();
        if common == 0.0 {
            return Rule::with_borders([]);
        }
        if let Some(rule) = self.even(common) {
            return rule;
        }
        let own = (self.variance - covariance.abs()).max(0.0).sqrt() / common;
        let at = |point: f64| (point - self.mean) / common;
        let mut borders: Vec<f64> = points.iter().map(|point| at(*point)).collect();
        // Over the width of what is not common the conditional expectation turns: at every kink, and where a smooth
        // function is a step at this scale.
        let [below, above] = [[-1.5, -4.0], [1.5, 4.0]].map(|steps| steps.map(|step| step * own));
        let outermost = if self.function.analytic() { points.len().min(1) } else { points.len() };
        let (before, behind) = (&points[..outermost], &points[points.len() - outermost..]);
        borders.extend(before.iter().flat_map(|point| below.map(|step| at(*point) + step)));
        borders.extend(behind.iter().flat_map(|point| above.map(|step| at(*point) + step)));
        Rule::with_borders(borders)
    }

    /// The expectations over one variable.
    pub(crate) fn single(&self) -> Single {
        let f = &self.function;
        let (mean, deviation) = (self.mean, self.deviation());
        if deviation == 0.0 {
            let (value, slope) = (f.value(mean), f.derivative(mean));
            let (square, slope_square) = (value * value, slope * slope);
            return Single {
                mean: value,
                square,
                fourth: square * square,
                slope_square,
                slope_fourth: slope_square * slope_square,
                slope_square_x_square: 0.0,
                along: slope_square,
                susceptibility: 1.0,
            };
        }
        if let Some(slopes) = f.slopes() {
            return Single::piecewise_linear(slopes, mean, deviation);
        }
        self.single_by(&self.rule(mean, deviation))
    }

    /// The same as sums over the nodes of a rule.
    fn single_by(&self, rule: &Rule) -> Single {
        let (mean, deviation) = (self.mean, self.deviation());
        let [first, square, fourth, slope_square, slope_fourth, with_x, both, susceptibility] = rule
            .expectations(|x| {
                let z = mean + deviation * x;
                let (value, slope) = self.function.value_and_derivative(z);
                let (square, slope_square) = (value * value, slope * slope);
                [
                    value,
                    square,
                    square * square,
                    slope_square,
                    slope_square * slope_square,
                    slope_square * x * x,
                    square * slope_square,
                    value * slope * (z - mean),
                ]
            });
        let relative = |value: f64| if square > 0.0 { value / square } else { 1.0 };
        Single {
            mean: first,
            square,
            fourth,
            slope_square,
            slope_fourth,
            slope_square_x_square: with_x,
            along: relative(both),
            susceptibility: relative(susceptibility),
        }
    }

    /// The expectations over a pair with this covariance, which is cut to what the variance allows.
    pub(crate) fn pair(&self, covariance: f64) -> Pair {
        let covariance = covariance.clamp(-self.variance, self.variance);
        let deviation = self.deviation();
        let (common, own) = (covariance.abs().sqrt(), (self.variance - covariance.abs()).max(0.0).sqrt());
        let sign = if covariance < 0.0 { -1.0 } else { 1.0 };
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        let even = self.even(own);
        let of_curvature = if own > 1e-3 * deviation { 1.0 / (own * own) } else { 0.0 };
        let values = |t: f64| {
            let here = self.by(even.as_ref(), self.mean + common * t, own);
            let there = if sign > 0.0 { here } else { self.by(even.as_ref(), self.mean - common * t, own) };
            let x = (common * t * here.slope + own * here.slope_noise) / scale;
            let x_there = (sign * common * t * there.slope + own * there.slope_noise) / scale;
            let (product, slope_product) = (here.value * there.value, here.slope * there.slope);
            [
                product,
                slope_product,
                product * product,
                here.square * there.square,
                slope_product * slope_product,
                here.slope_square * there.slope_square,
                x * x_there,
                here.slope_noise * there.slope_noise * of_curvature,
            ]
        };
        let [
            product,
            slope_product,
            fourth,
            square_product,
            slope_fourth,
            slope_square_product,
            slope_x_product,
            curvature_product,
        ] = if common <= 1e-12 * deviation {
            values(0.0)
        } else {
            self.common(covariance).expectations(values)
        };
        Pair {
            product,
            slope_product,
            fourth,
            square_product,
            slope_fourth,
            slope_square_product,
            slope_x_product,
            curvature_product,
        }
    }
}

/// A function of one number: that of an activation, or the piecewise linear one that it approaches.
#[derive(Clone, Copy)]
pub(crate) enum Function<'a> {
    /// The activation itself.
    Activation(&'a dyn Elementwise),
    /// The slopes below and above zero.
    PiecewiseLinear(f64, f64),
}

impl<'a> Function<'a> {
    /// The function for pre-activations of this scale. Far from the scale of 1 it is exactly the piecewise linear one
    /// that it approaches, so that no depth leaves the range of a double.
    pub(crate) fn at_scale(activation: &'a dyn Elementwise, log_square: f64) -> Self {
        let (near, far) = (activation.slopes_near_zero(), activation.slopes_far_out());
        let approached = match (near, far) {
            (Some(near), Some(far)) if near == far => Some(near),
            _ if log_square < -FAR => near,
            _ if log_square > FAR => far,
            _ => None,
        };
        approached.map_or(Self::Activation(activation), |(below, above)| Self::PiecewiseLinear(below, above))
    }

    /// The slopes below and above zero of a piecewise linear function.
    pub(crate) fn slopes(&self) -> Option<(f64, f64)> {
        match *self {
            Self::Activation(_) => None,
            Self::PiecewiseLinear(below, above) => Some((below, above)),
        }
    }

    pub(crate) fn value(&self, x: f64) -> f64 {
        match *self {
            Self::Activation(function) => function.value(x),
            Self::PiecewiseLinear(below, above) => x * if x > 0.0 { above } else { below },
        }
    }

    pub(crate) fn derivative(&self, x: f64) -> f64 {
        match *self {
            Self::Activation(function) => function.derivative(x),
            Self::PiecewiseLinear(below, above) => {
                if x > 0.0 {
                    above
                } else {
                    below
                }
            }
        }
    }

    fn value_and_derivative(&self, x: f64) -> (f64, f64) {
        match *self {
            Self::Activation(function) => function.value_and_derivative(x),
            Self::PiecewiseLinear(..) => (self.value(x), self.derivative(x)),
        }
    }

    /// Where the function turns.
    pub(crate) fn turning_points(&self) -> &'static [f64] {
        match *self {
            Self::Activation(function) => function.turning_points(),
            Self::PiecewiseLinear(..) => &[0.0],
        }
    }

    fn analytic(&self) -> bool {
        match *self {
            Self::Activation(function) => function.analytic(),
            Self::PiecewiseLinear(..) => false,
        }
    }
}

/// How far the logarithm of the scale has to be from 0 for a function to be taken as what it approaches: the error is then
/// below what a double resolves.
const FAR: f64 = 100.0;

#[cfg(test)]
mod tests;
