//! Any declaration prints back to a block that parses to the same declaration, and no text makes the parser panic.

use netdsl_lint::forecast::forecast;
use netdsl_lint::language::{Block, Level, parse, resolve};
use netdsl_lint::lint::LINTS;
use netdsl_lint::settings::Settings;
use proc_macro2::{Span, TokenStream};
use proptest::prelude::*;

/// A piece of a declaration as somebody may write it, and as it is printed.
type Piece = (String, String);

fn read(text: &str) -> Block {
    let tokens: TokenStream = text.parse().expect("the text is made of Rust tokens");
    parse(tokens, Span::call_site()).unwrap_or_else(|failure| panic!("{:?}\n{text}", failure.problems))
}

fn same(text: String) -> Piece {
    (text.clone(), text)
}

/// What may stand between two tokens.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(" "), Just("\n\t"), Just(" /* layers; [10] */ "), Just(" // a comment\n")]
}

/// Pieces in brackets, separated by commas, the last of which may be left out.
fn listed(open: &'static str, items: Vec<Piece>, gap: &'static str, comma: bool, close: &str) -> Piece {
    let (written, printed): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    let comma = if comma { "," } else { "" };
    (
        format!("{open}{gap}{}{gap}{comma}{close}", written.join(&format!("{gap},"))),
        format!("{open}{}{close}", printed.join(", ")),
    )
}

fn name() -> impl Strategy<Value = String> {
    // Names of layers and settings are arbitrary to the parser, but not those of structures and booleans.
    "[A-Z][a-z]{1,5}[0-9]?d?".prop_filter("a name of the language", |name| {
        !["Residual", "Concat", "Self"].contains(&name.as_str())
    })
}

fn number() -> impl Strategy<Value = Piece> {
    prop_oneof![
        (0..1_000_000usize).prop_map(|number| same(number.to_string())),
        (1..50usize, 1..50usize).prop_map(|(one, other)| (
            format!("{one} * ({other} + 2) - 1"),
            (one * (other + 2) - 1).to_string()
        )),
        (1000..9999usize)
            .prop_map(|number| (format!("{}_{:03}usize", number / 1000, number % 1000), number.to_string())),
        Just(("WIDTH / 2".into(), "64".into())),
        (1.0..10.0f64, -60..60i32, any::<bool>()).prop_map(|(number, exponent, negative)| {
            let number = number * 10f64.powi(exponent);
            same(format!("{:?}", if negative { -number } else { number }))
        }),
        (1..1000i32).prop_map(|number| (format!("-{number}"), format!("-{number}.0"))),
    ]
}

fn value() -> impl Strategy<Value = Piece> {
    let leaf =
        prop_oneof![number(), any::<bool>().prop_map(|truth| same(truth.to_string())), name().prop_map(same)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 1..3), gap(), any::<bool>())
                .prop_map(|(items, gap, comma)| listed("[", items, gap, comma, "]")),
            (name(), prop::collection::vec(inner, 1..3), gap(), any::<bool>()).prop_map(
                |(name, items, gap, comma)| {
                    let (written, printed) = listed("(", items, gap, comma, ")");
                    (format!("{name}{written}"), format!("{name}{printed}"))
                }
            ),
        ]
    })
}

fn call() -> impl Strategy<Value = Piece> {
    let argument = (prop::option::of("[a-z]{3,6}_[a-z]{2}"), value(), gap());
    (name(), prop::collection::vec(argument, 0..4), gap(), any::<bool>()).prop_map(
        |(name, arguments, gap, comma)| {
            let (named, positional): (Vec<_>, Vec<_>) =
                arguments.into_iter().partition(|(name, ..)| name.is_some());
            let items: Vec<Piece> = positional
                .into_iter()
                .chain(named)
                .map(|(name, (written, printed), gap)| match name {
                    Some(name) => (format!("{name}{gap}={gap}{written}"), format!("{name} = {printed}")),
                    None => (written, printed),
                })
                .collect();
            if items.is_empty() {
                return (if comma { format!("{name}()") } else { name.clone() }, name);
            }
            let (written, printed) = listed("(", items, gap, comma, ")");
            (format!("{name}{written}"), format!("{name}{printed}"))
        },
    )
}

fn node() -> impl Strategy<Value = Piece> {
    call().prop_recursive(4, 24, 3, |inner| {
        let nodes = || (prop::collection::vec(inner.clone(), 1..4), gap(), any::<bool>());
        let real = (1..100u32).prop_map(|number| f64::from(number) / 16.0);
        prop_oneof![
            nodes().prop_map(|(items, gap, comma)| listed("(", items, gap, comma, ")")),
            (nodes(), 1..20usize).prop_map(|((items, gap, comma), times)| {
                let (written, printed) = listed("[", items, gap, comma, "");
                (format!("{written}; {times}]"), format!("{printed}; {times}]"))
            }),
            (prop::collection::vec(inner.clone(), 2..4), gap(), any::<bool>())
                .prop_map(|(items, gap, comma)| listed("Concat(", items, gap, comma, ")")),
            (nodes(), prop::option::of(inner.clone()), prop::option::of(real)).prop_map(
                |((mut items, gap, comma), shortcut, scale)| {
                    items.extend(shortcut.map(|(written, printed)| {
                        (format!("shortcut = {written}"), format!("shortcut = {printed}"))
                    }));
                    items.extend(
                        scale.filter(|scale| *scale != 1.0).map(|scale| same(format!("scale = {scale:?}"))),
                    );
                    listed("Residual(", items, gap, comma, ")")
                }
            ),
        ]
    })
}

/// Lint levels before an entry.
fn levels() -> impl Strategy<Value = Piece> {
    let lints: Vec<&str> = LINTS.iter().map(|lint| lint.name()).collect();
    let level = (prop::sample::select(Level::ALL.to_vec()), prop::sample::select(lints));
    prop::collection::vec((level, gap()), 0..2).prop_map(|levels| {
        levels.into_iter().fold(Piece::default(), |(written, printed), ((level, lint), gap)| {
            let level = level.name();
            (format!("{written}#{gap}[{level}({lint})]{gap}"), format!("{printed}    #[{level}({lint})]\n"))
        })
    })
}

prop_compose! {
    fn entry()(levels in levels(), name in prop::option::of("[a-z]{3,6}_[a-z]{2}"), node in node(), gap in gap()) -> Piece {
        let name = name.map_or(String::new(), |name| format!("{name}: "));
        (format!("{}{name}{gap}{}", levels.0, node.0), format!("{}    {name}{},\n", levels.1, node.1))
    }
}

prop_compose! {
    fn setting(head: &'static str)(levels in levels(), call in call(), gap in gap()) -> Piece {
        (format!("{}{head}{gap}{}", levels.0, call.0), format!("{}    {head} {},\n", levels.1, call.1))
    }
}

prop_compose! {
    fn declaration()(
        public in any::<bool>(),
        constant in any::<bool>(),
        sizes in prop::collection::vec(1..100usize, 1..4),
        input in prop::option::of(call()),
        entries in prop::collection::vec(entry(), 0..6),
        target in prop::option::of(setting("target ~")),
        loss in prop::option::of(setting("loss:")),
        optimizer in prop::option::of(setting("optimizer:")),
        batch in prop::option::of(1..1000usize),
        (gap, comma) in (gap(), any::<bool>()),
    ) -> Piece {
        let head = format!(
            "{}const WIDTH: usize = 128;\n{}struct Net {{",
            if constant { "const DEPTH: usize = 3;\n" } else { "" },
            if public { "pub " } else { "" }
        );
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        let (written, printed) = input.map_or(Piece::default(), |(written, printed)| {
            (format!("{gap}~{written}"), format!(" ~ {printed}"))
        });
        let input = (
            format!("input: [{}]{written}", sizes.join(",")),
            format!("    input: [{}]{printed},\n", sizes.join(", ")),
        );
        let batch = batch.map(|batch| (format!("batch: {batch}"), format!("    batch: {batch},\n")));
        let parts = std::iter::once(input).chain(entries).chain([target, loss, optimizer, batch].into_iter().flatten());
        let (written, printed): (Vec<_>, Vec<_>) = parts.unzip();
        let comma = if comma { "," } else { "" };
        (
            format!("{head}{gap}{}{comma}{gap}}}", written.join(&format!(",{gap}"))),
            format!("{head}\n{}}}", printed.concat()),
        )
    }
}

/// Networks that make sense.
fn network() -> impl Strategy<Value = String> {
    let width = prop::sample::select(vec![3usize, 8, 20]);
    let activation = prop::sample::select(vec!["Relu", "Tanh", "LeakyRelu(0.2)", "Gelu", "Elu(alpha = 0.5)"]);
    let init = prop::sample::select(vec![
        "HeNormal",
        "Normal(0.0, 0.3)",
        "Uniform(-0.5, 0.75)",
        "Orthogonal(gain = 1.5)",
    ]);
    let layer = prop_oneof![
        (width.clone(), activation, init).prop_map(|(width, activation, init)| format!(
            "Dense({width}, activation = {activation}, init = {init})"
        )),
        Just("BatchNorm".to_string()),
        Just("Dropout(0.25)".to_string()),
        width.prop_map(|width| format!("[(Dense({width}), LayerNorm); 2 + 1]")),
        Just("Residual(Dense(WIDTH), Relu, shortcut = Dense(WIDTH), scale = 0.5)".to_string()),
    ];
    prop::collection::vec(layer, 1..5).prop_map(|layers| {
        format!(
            "const WIDTH: usize = 6; struct Net {{ input: [12] ~ Uniform(-1.0, 2), {}, Dense(2), loss: MeanSquaredError }}",
            layers.join(", ")
        )
    })
}

proptest! {
    #[test]
    fn a_declaration_prints_back((written, printed) in declaration()) {
        prop_assert_eq!(&read(&written).to_string(), &printed);
        prop_assert_eq!(&read(&printed).to_string(), &printed);
    }

    #[test]
    fn a_network_printed_back_has_the_same_forecast(written in network()) {
        let block = read(&written);
        let again = read(&block.to_string());
        let forecast = |block| format!("{:?}", forecast(&resolve(block).expect("it makes sense").declaration(), &Settings::default()));
        prop_assert_eq!(forecast(&block), forecast(&again));
    }

    #[test]
    fn no_tokens_make_it_panic(text in "(struct|input|[A-Za-z]{1,4}|[0-9.e-]{1,4}|[\\[\\](){}:;,~=#*/+-]| ){0,40}") {
        for text in [text.clone(), format!("struct Net {{ {text} }}"), format!("struct Net {{ input: [2], {text} }}")] {
            if let Ok(tokens) = text.parse::<TokenStream>() && let Ok(block) = parse(tokens, Span::call_site()) {
                let _ = resolve(&block);
            }
        }
    }
}
