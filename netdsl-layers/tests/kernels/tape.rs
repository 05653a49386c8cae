//! Numbers that remember what they were computed from: an equation that is written with them has its gradients by the
//! chain rule alone.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Sub};

use netdsl_layers::Elementwise;

/// A number, and how large it would be without cancellation: what its rounding errors are proportional to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounded {
    pub(crate) value: f64,
    pub(crate) size: f64,
}

impl Rounded {
    fn of(value: f64) -> Self {
        Self { value, size: value.abs() }
    }

    fn times(self, other: Self) -> Self {
        Self { value: self.value * other.value, size: size_of_product(self.size, other.size) }
    }

    fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, size: self.size + other.size }
    }
}

/// Zero times what is not finite is no number, but has no size.
fn size_of_product(one: f64, other: f64) -> f64 {
    if one == 0.0 || other == 0.0 { 0.0 } else { one * other }
}

/// What a number was computed from: another number, and the derivative with respect to it where it has an influence.
type From = (usize, Option<Rounded>);

/// What every number was computed from.
#[derive(Default)]
pub(crate) struct Tape(RefCell<Vec<[Option<From>; 2]>>);

/// A number on a tape.
#[derive(Clone, Copy)]
pub(crate) struct Number<'t> {
    tape: &'t Tape,
    index: usize,
    pub(crate) number: Rounded,
}

impl Tape {
    /// A number that depends on no other.
    pub(crate) fn number(&self, value: f64) -> Number<'_> {
        self.push(Rounded::of(value), [None, None])
    }

    fn push(&self, number: Rounded, from: [Option<From>; 2]) -> Number<'_> {
        let mut nodes = self.0.borrow_mut();
        nodes.push(from);
        Number { tape: self, index: nodes.len() - 1, number }
    }

    /// The derivatives with respect to all numbers of the sum of the outputs times their weights.
    pub(crate) fn derivatives(&self, outputs: &[Number<'_>], weights: &[f64]) -> Vec<Rounded> {
        let nodes = self.0.borrow();
        let mut derivatives = vec![Rounded::of(0.0); nodes.len()];
        let mut reached = vec![false; nodes.len()];
        for (output, weight) in outputs.iter().zip(weights) {
            derivatives[output.index] = derivatives[output.index].plus(Rounded::of(*weight));
            reached[output.index] = true;
        }
        for index in (0..nodes.len()).rev() {
            if !reached[index] {
                continue;
            }
            for (from, slope) in nodes[index].into_iter().flatten() {
                let part = slope.map_or(Rounded::of(0.0), |slope| derivatives[index].times(slope));
                derivatives[from] = derivatives[from].plus(part);
                reached[from] = true;
            }
        }
        derivatives
    }
}

impl<'t> Number<'t> {
    /// Where the tape has it.
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// A number that is made of two, and the derivatives with respect to them.
    fn with(self, other: Self, number: Rounded, [one, two]: [Rounded; 2]) -> Self {
        self.tape.push(number, [Some((self.index, Some(one))), Some((other.index, Some(two)))])
    }

    fn function(self, value: f64, slope: f64) -> Self {
        let argument = self.number.size;
        // Where the function is flat, it does not matter how far off the argument is.
        let moved = size_of_product(slope.abs(), argument);
        // The slope moves with the argument too, and where it comes from a difference from one has errors of one.
        let slope = Rounded { value: slope, size: slope.abs() + 1.0 + argument.min(1.0 / f64::EPSILON) };
        let number = Rounded { value, size: value.abs() + moved };
        self.tape.push(number, [Some((self.index, Some(slope))), None])
    }

    /// The function of the number.
    pub(crate) fn apply(self, function: &dyn Elementwise) -> Self {
        let x = self.number.value;
        // That of the forecast may take what is no number for one.
        let value = if x.is_nan() { f64::NAN } else { function.value(x) };
        self.function(value, function.derivative(x))
    }

    /// The square root.
    pub(crate) fn sqrt(self) -> Self {
        let root = self.number.value.sqrt();
        self.function(root, 0.5 / root)
    }

    /// `e` to the power of the number less a constant.
    pub(crate) fn exp_less(self, constant: f64) -> Self {
        let power = (self.number.value - constant).exp();
        let mut result = self.function(power, power);
        result.number.size += power * constant.abs();
        result
    }

    /// Zero, on which the number has no influence; what that is multiplied with may still not be finite.
    pub(crate) fn nothing(self) -> Self {
        self.tape.push(Rounded::of(0.0), [Some((self.index, None)), None])
    }

    /// The number by a constant.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        self * self.tape.number(factor)
    }

    /// The number and a constant.
    pub(crate) fn shifted(self, by: f64) -> Self {
        self + self.tape.number(by)
    }
}

impl Add for Number<'_> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, self.number.plus(other.number), [Rounded::of(1.0), Rounded::of(1.0)])
    }
}

impl Sub for Number<'_> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let Rounded { value, size } = other.number;
        let difference = self.number.plus(Rounded { value: -value, size });
        self.with(other, difference, [Rounded::of(1.0), Rounded::of(-1.0)])
    }
}

impl Mul for Number<'_> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.with(other, self.number.times(other.number), [other.number, self.number])
    }
}

impl Div for Number<'_> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let over = 1.0 / other.number.value;
        // Relative errors of a divisor are those of the quotient.
        let inverse = Rounded { value: over, size: size_of_product(other.number.size, over * over) };
        let quotient = Rounded { value: self.number.value * over, ..self.number.times(inverse) };
        let size = size_of_product(quotient.size, inverse.size);
        self.with(other, quotient, [inverse, Rounded { value: -quotient.value * over, size }])
    }
}

/// The sum of some numbers, at least one.
pub(crate) fn sum<'t>(numbers: impl IntoIterator<Item = Number<'t>>) -> Number<'t> {
    numbers.into_iter().reduce(|sum, number| sum + number).expect("a number at least")
}

/// The sum of the products of some numbers, at least one each.
pub(crate) fn dot<'t>(a: &[Number<'t>], b: &[Number<'t>]) -> Number<'t> {
    sum(a.iter().zip(b).map(|(a, b)| *a * *b))
}
