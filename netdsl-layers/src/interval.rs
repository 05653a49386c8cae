//! What the number of a setting can be.

/// The numbers that a setting can be, where it is written in a declaration and where it is set in a program.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// The same in words.
    pub expected: &'static str,
    contains: fn(f64) -> bool,
}

impl Interval {
    /// All that are finite.
    pub const FINITE: Self = Self { expected: "a finite number", contains: f64::is_finite };
    /// `(0, ∞)`
    pub const POSITIVE: Self = Self { expected: "a number above 0", contains: |number| number > 0.0 };
    /// `[0, ∞)`
    pub const AT_LEAST_ZERO: Self =
        Self { expected: "a number of at least 0", contains: |number| number >= 0.0 };
    /// `[0, 1)`, what a running average keeps.
    pub const KEPT: Self = Self {
        expected: "a share of at least 0 and below 1",
        contains: |number| (0.0..1.0).contains(&number),
    };
    /// `[0, 1]`
    pub const SHARE: Self =
        Self { expected: "a number from 0 to 1", contains: |number| (0.0..=1.0).contains(&number) };
    /// `(0, 100]`
    pub const PERCENTILE: Self = Self {
        expected: "a percentile above 0 and up to 100",
        contains: |number| number > 0.0 && number <= 100.0,
    };

    /// Whether this is one of them; what is not finite never is.
    pub fn contains(&self, number: f64) -> bool {
        number.is_finite() && (self.contains)(number)
    }

    /// The error of the setting of that name where it is none of them.
    ///
    /// # Errors
    /// [`SettingError`]
    pub fn check(&self, name: &'static str, found: f64) -> Result<(), SettingError> {
        if self.contains(found) { Ok(()) } else { Err(SettingError { name, found, expected: self.expected }) }
    }
}

/// A setting outside what it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettingError {
    /// The setting.
    pub name: &'static str,
    /// What it is.
    pub found: f64,
    /// What it can be.
    pub expected: &'static str,
}

impl std::fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, found, expected } = self;
        write!(formatter, "`{name}` is {found}, expected {expected}")
    }
}

impl std::error::Error for SettingError {}
