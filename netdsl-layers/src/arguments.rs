//! The arguments of a call in the declaration, and the reader that a layer takes its settings from.

use crate::problem::{Place, Problem, did_you_mean, quoted};
use crate::shape::{Layout, Shape};

/// A value as written: constants of the block are already replaced, arithmetic is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number; a sign makes it a real.
    Integer(usize),
    /// Any other number: zero, or of a magnitude from 1e-60 to 1e60.
    Real(f64),
    /// `true` or `false`
    Boolean(bool),
    /// A name, with arguments or without: `Relu`, `Uniform(0.9, 1.1)`.
    Call(Call),
    /// `[1, 2]`
    List(Vec<(Value, Place)>),
}

impl Value {
    /// What this is, for a message.
    pub fn describe(&self) -> String {
        match self {
            Self::Integer(number) => format!("`{number}`"),
            Self::Real(number) => format!("`{number:?}`"),
            Self::Boolean(truth) => format!("`{truth}`"),
            Self::Call(call) => format!("`{}`", call.name),
            Self::List(_) => "a list".into(),
        }
    }
}

/// A name with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_place: Place,
    /// Where the whole call stands.
    pub place: Place,
    /// What stands in the parentheses.
    pub arguments: Vec<Argument>,
    /// Whether an argument could not be read: nothing is then said to be missing.
    pub incomplete: bool,
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name before `=`, where there is one, and its place.
    pub name: Option<(String, Place)>,
    /// The value.
    pub value: Value,
    /// Where the value stands.
    pub place: Place,
    /// How a real number is written that is one literal, with or without a sign: messages say what stands there.
    pub literal: Option<String>,
}

impl Argument {
    /// What stands there, for a message.
    fn describe(&self) -> String {
        self.literal.as_ref().map_or_else(|| self.value.describe(), |literal| format!("`{literal}`"))
    }
}

/// Reads the arguments of one call by position and name, and collects all that is wrong with them.
///
/// A getter returns its default where the argument is absent, and a harmless stand-in where it is wrong, so that one
/// pass finds every problem; [`finish`](Self::finish) then tells whether there was one. The names that were asked for
/// are the names that exist: nothing else lists them.
#[derive(Debug)]
pub struct Arguments<'a> {
    call: &'a Call,
    used: Vec<bool>,
    asked: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Arguments<'a> {
    /// A reader of the arguments of `call`.
    pub fn new(call: &'a Call) -> Self {
        Self { call, used: vec![false; call.arguments.len()], asked: Vec::new(), problems: Vec::new() }
    }

    /// The call that is read.
    pub fn call(&self) -> &'a Call {
        self.call
    }

    /// Records problems.
    pub fn report_all(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    /// Records a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The named argument, or the one at `position` among the positional ones.
    pub fn take(&mut self, name: &'static str, position: Option<usize>) -> Option<&'a Argument> {
        self.asked.push(name);
        let call = self.call;
        let mut found = None;
        for (index, argument) in call.arguments.iter().enumerate() {
            let named = argument.name.as_ref().is_some_and(|(given, _)| given == name);
            let placed = argument.name.is_none() && position == Some(index);
            if !(named || placed) {
                continue;
            }
            self.used[index] = true;
            if found.is_some() {
                let place = argument.name.as_ref().map_or(argument.place, |(_, place)| *place);
                self.report(Problem::new(place, format!("`{name}` is given twice")));
            } else {
                found = Some(argument);
            }
        }
        found
    }

    fn wrong<T>(&mut self, argument: &Argument, name: &str, expected: &str, stand_in: T) -> T {
        let found = argument.describe();
        self.report(Problem::new(argument.place, format!("`{name}` is {expected}, not {found}")));
        stand_in
    }

    /// Where the argument of that name or at that position is written; the call, where it is absent.
    pub(crate) fn place_of(&self, name: &str, position: usize) -> Place {
        let written = |(index, argument): &(usize, &Argument)| match &argument.name {
            Some((given, _)) => given == name,
            None => *index == position,
        };
        let found = self.call.arguments.iter().enumerate().find(written);
        found.map_or(self.call.place, |(_, argument)| argument.place)
    }

    /// Records that the setting `name` is missing; `example` shows the call, between its parentheses.
    pub(crate) fn missing(&mut self, name: &str, example: &str) {
        let call = self.call;
        if call.incomplete {
            return;
        }
        self.report(
            Problem::new(call.place, format!("`{}` needs `{name}`", call.name))
                .help(format!("write `{}({example})`", call.name)),
        );
    }

    /// A size of at least one, which must be there. `example` shows the call, between its parentheses.
    pub fn size(&mut self, name: &'static str, position: usize, example: &str) -> usize {
        match self.take(name, Some(position)) {
            None => {
                self.missing(name, example);
                1
            }
            Some(argument) => match argument.value {
                Value::Integer(size) if SIZES.contains(&size) => size,
                _ => self.wrong(argument, name, A_SIZE, 1),
            },
        }
    }

    /// A size of at least one, or its default.
    pub fn size_or(&mut self, name: &'static str, position: Option<usize>, default: usize) -> usize {
        match self.take(name, position) {
            None => default,
            Some(argument) => match argument.value {
                Value::Integer(size) if SIZES.contains(&size) => size,
                _ => self.wrong(argument, name, A_SIZE, default),
            },
        }
    }

    /// A real number that `accept` takes, or its default; `expected` says which are taken.
    pub fn real(
        &mut self,
        name: &'static str,
        position: Option<usize>,
        default: f64,
        expected: &str,
        accept: impl Fn(f64) -> bool,
    ) -> f64 {
        self.optional_real(name, position, expected, accept).unwrap_or(default)
    }

    /// A real number that must be there.
    pub fn required_real(
        &mut self,
        name: &'static str,
        position: usize,
        example: &str,
        expected: &str,
        accept: impl Fn(f64) -> bool,
    ) -> f64 {
        let before = self.problems.len();
        match self.optional_real(name, Some(position), expected, accept) {
            Some(number) => number,
            None => {
                if self.problems.len() == before {
                    self.missing(name, example);
                }
                1.0
            }
        }
    }

    /// A real number that `accept` takes, or `None` where it is absent or wrong.
    pub fn optional_real(
        &mut self,
        name: &'static str,
        position: Option<usize>,
        expected: &str,
        accept: impl Fn(f64) -> bool,
    ) -> Option<f64> {
        let argument = self.take(name, position)?;
        let number = match argument.value {
            Value::Integer(number) => number as f64,
            Value::Real(number) => number,
            _ => return self.wrong(argument, name, expected, None),
        };
        if accept(number) { Some(number) } else { self.wrong(argument, name, expected, None) }
    }

    /// `true` or `false`, or the default.
    pub fn boolean(&mut self, name: &'static str, default: bool) -> bool {
        match self.take(name, None) {
            None => default,
            Some(argument) => match argument.value {
                Value::Boolean(truth) => truth,
                _ => self.wrong(argument, name, "`true` or `false`", default),
            },
        }
    }

    /// A call, or `None` where it is absent or something else.
    pub fn call_named(
        &mut self,
        name: &'static str,
        position: Option<usize>,
        expected: &str,
    ) -> Option<&'a Call> {
        let argument = self.take(name, position)?;
        match &argument.value {
            Value::Call(call) => Some(call),
            _ => self.wrong(argument, name, expected, None),
        }
    }

    /// One of the names in `choices`, or the default.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)], default: T) -> T {
        let names = || choices.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
        let Some(argument) = self.take(name, None) else { return default };
        match &argument.value {
            Value::Call(call) if call.arguments.is_empty() => {
                match choices.iter().find(|(choice, _)| *choice == call.name) {
                    Some((_, value)) => *value,
                    None => self.wrong(argument, name, &names(), default),
                }
            }
            _ => self.wrong(argument, name, &names(), default),
        }
    }

    /// Reads the call `inner` with `read`, and takes over its problems.
    pub fn nested<T>(&mut self, inner: &'a Call, read: impl FnOnce(&mut Arguments<'a>) -> T) -> Option<T> {
        let mut reader = Arguments::new(inner);
        let value = read(&mut reader);
        match reader.finish() {
            Ok(()) => Some(value),
            Err(problems) => {
                self.problems.extend(problems);
                None
            }
        }
    }

    /// The setting `epsilon` of a normalisation.
    pub fn epsilon(&mut self, default: f64) -> f64 {
        self.real("epsilon", None, default, "a number of at least 0", |epsilon| epsilon >= 0.0)
    }

    /// The input shape as `[features]` or `[time, features]`; a problem where it has channels.
    pub fn settle_features(&mut self, input: Shape) -> Shape {
        input.settle_features().unwrap_or_else(|| {
            let call = self.call;
            let message =
                format!("`{}` takes `[features]` or `[time, features]`, but gets {input}", call.name);
            let problem = Problem::new(call.place, message).of_shape();
            self.report(problem.help(match input.layout() {
                Layout::Tokens { .. } => "put `Embedding` before it: tokens are no numbers to compute with",
                _ => "put `Flatten` before it, or pool the space away",
            }));
            Shape::features(input.len())
        })
    }

    /// The input shape as `[time, features]`; a problem where it has no time.
    pub fn settle_sequence(&mut self, input: Shape) -> Shape {
        match input.settle_features() {
            Some(settled) if settled.sizes().len() == 2 => settled,
            _ => {
                let call = self.call;
                let message = format!("`{}` takes `[time, features]`, but gets {input}", call.name);
                let problem = Problem::new(call.place, message).of_shape();
                self.report(problem.help(match input.layout() {
                    Layout::Tokens { .. } => "put `Embedding` before it",
                    Layout::Channels if input.sizes().len() == 2 => {
                        "put `Transpose` before it, which makes features of the channels"
                    }
                    Layout::Channels => "put `Reshape` before it",
                    _ => {
                        "give the recurrent layer before it `return_sequences = true`, or declare the input as \
                         `[time, features]`"
                    }
                }));
                Shape::sequence(1, input.width())
            }
        }
    }

    /// The input shape as `[time]` of tokens below `vocabulary`, which is written as `name` or first; a problem where it has
    /// more axes, tokens beyond the vocabulary, or numbers. An input of one axis of which nothing is declared is taken for
    /// tokens.
    pub fn settle_tokens(&mut self, input: Shape, name: &'static str, vocabulary: usize) -> Shape {
        let call = self.call;
        let expected = match input.layout() {
            Layout::Tokens { vocabulary: declared } if declared > vocabulary => {
                let place = self.place_of(name, 0);
                let message = format!(
                    "the input has tokens up to {}, but the vocabulary is {vocabulary}",
                    declared - 1
                );
                self.report(Problem::new(place, message).help(format!("make it {declared}")));
                declared
            }
            Layout::Tokens { .. } => vocabulary,
            Layout::Unsettled if input.sizes().len() == 1 => vocabulary,
            layout => {
                let (numbers, time) = match layout {
                    Layout::Features => (" of numbers", input.len()),
                    _ => ("", 30),
                };
                let message = format!("`{}` takes `[time]` of tokens, but gets {input}{numbers}", call.name);
                let problem = Problem::new(call.place, message).of_shape();
                self.report(problem.help(format!("declare the input as `[{time}] ~ Tokens({vocabulary})`")));
                vocabulary
            }
        };
        Shape::tokens(input.sizes()[0], expected)
    }

    /// A shape in brackets, which must be there, and where it stands; `None` where it is absent or wrong.
    pub fn shape(&mut self, name: &'static str, position: usize, example: &str) -> Option<(Shape, Place)> {
        let Some(argument) = self.take(name, Some(position)) else {
            self.missing(name, example);
            return None;
        };
        let Value::List(list) = &argument.value else {
            return self.wrong(argument, name, "a list of one to three sizes", None);
        };
        let mut sizes = Vec::with_capacity(list.len());
        for (value, place) in list {
            match value {
                Value::Integer(size) if SIZES.contains(size) => sizes.push(*size),
                _ => {
                    let message = format!("a size is {A_SIZE}, not {}", value.describe());
                    self.report(Problem::new(*place, message));
                    return None;
                }
            }
        }
        match Shape::declared(&sizes) {
            Some(shape) => Some((shape, argument.place)),
            None => {
                let message = "a shape has one to three axes and at most 2147483648 values";
                self.report(Problem::new(argument.place, message));
                None
            }
        }
    }

    /// All that is wrong with the arguments, those that nobody asked for included.
    pub fn finish(mut self) -> Result<(), Vec<Problem>> {
        let call = self.call;
        for (argument, used) in call.arguments.iter().zip(&self.used) {
            if *used {
                continue;
            }
            let problem = match &argument.name {
                Some((given, place)) => {
                    let hint = did_you_mean(given, self.asked.iter().copied());
                    let problem =
                        Problem::new(*place, format!("`{}` has no setting `{given}`{hint}", call.name));
                    if self.asked.is_empty() {
                        problem
                    } else {
                        problem.help(format!("it has {}", quoted(self.asked.iter().copied())))
                    }
                }
                None if self.asked.is_empty() => {
                    Problem::new(argument.place, format!("`{}` takes no arguments", call.name))
                }
                None => {
                    Problem::new(argument.place, format!("`{}` takes no further argument here", call.name))
                        .help(format!(
                            "its settings are written by name: {}",
                            quoted(self.asked.iter().copied())
                        ))
                }
            };
            self.problems.push(problem);
        }
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }
}

/// What a size can be; the products of two fit a `u64`.
pub(crate) const SIZES: std::ops::RangeInclusive<usize> = 1..=Shape::MAX_SIZE;
/// The same in words.
pub(crate) const A_SIZE: &str = "a whole number from 1 to 2147483648";
