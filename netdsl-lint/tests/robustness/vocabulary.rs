//! The words of the language with what each takes, found by asking the readers themselves.
//!
//! What a reader says of a setting that does not exist names those that do, and what it says of a value tells whether
//! it takes it. So a layer, an activation, a loss or an optimizer that is added to its list is generated without a change
//! here; a setting that takes none of the values here fails a test.

use std::sync::LazyLock;

use netdsl_layers::{
    ACTIVATIONS, Activation, Argument, Call, Clip, Initializer, LAYERS, LOSSES, Loss, OPTIMIZERS, Optimizer,
    Place, Problem, Shape, Value, resolve_layer,
};

/// A word and the settings that it takes.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) settings: Vec<Setting>,
}

/// A setting and the values that it was seen to take.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) values: Vec<Value>,
}

/// All words, by what they stand for.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) layers: Vec<Word>,
    pub(crate) losses: Vec<Word>,
    pub(crate) optimizers: Vec<Word>,
    pub(crate) distributions: Vec<Word>,
}

pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::ask);

/// Where the call stands that is tried, and where the value in it does.
const CALL: Place = Place(0);
const VALUE: Place = Place(1);

/// The names that are values themselves: those of paddings, modes and distributions of a variance.
const CHOICES: [&str; 8] =
    ["Valid", "Same", "FanIn", "FanOut", "FanAvg", "Uniform", "Normal", "TruncatedNormal"];

impl Word {
    /// The word with what `refuse` says that it takes, out of `values`.
    fn ask(name: &'static str, values: &[Value], refuse: &dyn Fn(&Call) -> Vec<Problem>) -> Self {
        let refuse = |arguments| refuse(&call(CALL, name, arguments));
        let missing: String = refuse(Vec::new()).iter().map(|problem| problem.message.as_str()).collect();
        let settings = settings_of(&refuse(vec![argument("no_such_setting", Value::Boolean(true))]));
        let takes = |setting: &str, value: &Value| {
            let problems = refuse(vec![argument(setting, value.clone())]);
            problems.iter().all(|problem| problem.place != VALUE)
        };
        let settings = settings.into_iter().map(|setting| Setting {
            required: missing.contains(&format!("needs `{setting}`")),
            values: values.iter().filter(|value| takes(&setting, value)).cloned().collect(),
            name: setting,
        });
        Self { name, settings: settings.collect() }
    }

    /// The word with the first value for all that it needs.
    fn smallest(&self) -> Value {
        let needed = self.settings.iter().filter(|setting| setting.required);
        let arguments =
            needed.filter_map(|setting| Some(argument(&setting.name, setting.values.first()?.clone())));
        Value::Call(call(VALUE, self.name, arguments.collect()))
    }
}

impl Vocabulary {
    fn ask() -> Self {
        let mut values = plain();
        let words = |names: Vec<&'static str>, values: &[Value], refuse: &dyn Fn(&Call) -> Vec<Problem>| {
            names.into_iter().map(|name| Word::ask(name, values, refuse)).collect::<Vec<_>>()
        };
        values.extend(CHOICES.map(|name| Value::Call(call(VALUE, name, Vec::new()))));
        let activations = words(ACTIVATIONS.iter().map(|kind| kind.name).collect(), &values, &|call| {
            problems(<dyn Activation>::read(call))
        });
        let initializers =
            words(Initializer::names().collect(), &values, &|call| problems(Initializer::read(call)));
        let clips = words(Clip::names().collect(), &values, &|call| problems(Clip::read(call)));
        values.extend([&activations, &initializers, &clips].into_iter().flatten().map(Word::smallest));
        let layers = LAYERS.iter().map(|kind| kind.name).collect();
        let mut layers =
            words(layers, &values, &|call| fewest(&SHAPES.map(|shape| problems(resolve_layer(call, shape)))));
        layers.extend(activations);
        let losses = LOSSES.iter().map(|kind| kind.name).collect();
        let losses = words(losses, &values, &|call| problems(<dyn Loss>::read(call, Shape::features(8))));
        let optimizers = OPTIMIZERS.iter().map(|kind| kind.name).collect();
        let optimizers = words(optimizers, &values, &|call| problems(<dyn Optimizer>::read(call)));
        Self { layers, losses, optimizers, distributions: distributions() }
    }
}

/// The values without a name.
fn plain() -> Vec<Value> {
    let whole = [3, 1, 2, 4, 5, 8, 16, 0, 100, 1 << 31, i64::MAX as usize];
    let real = [0.5, 1.0, 0.01, 0.9, 2.0, -1.0, 0.0, -0.0, 1e-5, 1e30, 1e60, -1e60, 1e-30, 1e-60];
    let list =
        |sizes: &[usize]| Value::List(sizes.iter().map(|size| (Value::Integer(*size), VALUE)).collect());
    let lists = [&[2usize, 2] as &[usize], &[1], &[3, 1], &[2, 4], &[1, 8, 4], &[8]].map(list);
    let whole = whole.map(Value::Integer).into_iter();
    whole.chain(real.map(Value::Real)).chain([true, false].map(Value::Boolean)).chain(lists).collect()
}

/// The shapes that a layer may take: one of each layout.
const SHAPES: [Shape; 5] = [
    Shape::features(8),
    Shape::sequence(4, 8),
    Shape::signal(2, 4),
    Shape::image(2, 4, 4),
    Shape::tokens(4, 3),
];

/// The distributions of inputs and targets, which are part of the grammar.
fn distributions() -> Vec<Word> {
    let reals = || plain().into_iter().filter(|value| matches!(value, Value::Real(_))).collect::<Vec<_>>();
    let setting = |name: &str, values| Setting { name: name.into(), required: true, values };
    let whole = |range: &[usize]| range.iter().map(|size| Value::Integer(*size)).collect();
    vec![
        Word { name: "Uniform", settings: vec![setting("low", reals()), setting("high", reals())] },
        Word { name: "Normal", settings: vec![setting("mean", reals()), setting("std", reals())] },
        Word { name: "Tokens", settings: vec![setting("vocabulary", whole(&[3, 1, 10, 1000, 1 << 31]))] },
    ]
}

/// A call, all of which stands at one place.
pub(crate) fn call(place: Place, name: &str, arguments: Vec<Argument>) -> Call {
    Call { name: name.into(), name_place: place, place, arguments, incomplete: false }
}

/// A named argument.
pub(crate) fn argument(name: &str, value: Value) -> Argument {
    Argument { name: Some((name.into(), CALL)), value, place: VALUE, literal: None }
}

fn problems<T>(read: Result<T, Vec<Problem>>) -> Vec<Problem> {
    read.err().unwrap_or_default()
}

fn fewest(answers: &[Vec<Problem>]) -> Vec<Problem> {
    answers.iter().min_by_key(|problems| problems.len()).cloned().unwrap_or_default()
}

/// The settings that the answer to one that does not exist names.
fn settings_of(problems: &[Problem]) -> Vec<String> {
    let answer = problems.iter().find(|problem| problem.message.contains("no setting `no_such_setting`"));
    let help = answer.and_then(|problem| problem.help.as_deref()).unwrap_or_default();
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Everything that the lists have can be written: else a new kind of setting needs a new kind of value here.
#[test]
fn every_setting_takes_a_value() {
    let Vocabulary { layers, losses, optimizers, distributions } = &*VOCABULARY;
    for word in [layers, losses, optimizers, distributions].into_iter().flatten() {
        for setting in &word.settings {
            assert!(!setting.values.is_empty(), "`{}` takes no known value of `{}`", word.name, setting.name);
        }
    }
    let dense = layers.iter().find(|word| word.name == "Dense").expect("there is a dense layer");
    let names: Vec<_> = dense.settings.iter().map(|setting| setting.name.as_str()).collect();
    assert_eq!(names, ["units", "activation", "init", "bias_init", "bias"]);
    assert!(dense.settings[0].required && !dense.settings[1].required);
    assert_eq!(dense.settings[1].values.len(), ACTIVATIONS.len());
}
