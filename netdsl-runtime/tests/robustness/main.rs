//! Whatever is in a file, it is taken or refused, and nothing panics.
//!
//! The same functions run under a fuzzer: see `docs/fuzzing.md`.

mod exercise;

use std::path::Path;

use exercise::{Part, checkpoint, seed};

const CORPUS: &str = "../fuzz/corpus/checkpoint";

/// The parts of a file that is right make one that is taken; with `NETDSL_WRITE_SEEDS` they are written to the corpus.
#[test]
fn what_is_right_is_taken() {
    for part in Part::ALL {
        let seed = seed(part);
        assert!(checkpoint(&seed), "{part:?}");
        if std::env::var_os("NETDSL_WRITE_SEEDS").is_some() {
            let name = format!("seed_{part:?}").to_lowercase();
            std::fs::write(Path::new(CORPUS).join(name), seed).unwrap();
        }
    }
}

#[test]
fn the_corpus_is_taken_or_refused() {
    // A package does not have it.
    let Ok(files) = std::fs::read_dir(CORPUS) else { return };
    for file in files {
        checkpoint(&std::fs::read(file.unwrap().path()).unwrap());
    }
}

/// Files were written before batches could come from iterators; their notes do not say where the batches come from.
#[test]
fn a_file_that_names_no_source_is_of_arrays() {
    let file = [&[Part::File as u8], include_bytes!("no_source.safetensors").as_slice()].concat();
    assert!(checkpoint(&file));
}

/// Numbers that a file of netdsl never has, in every place of the notes that has a number.
#[test]
fn wild_numbers_in_the_notes_are_taken_or_refused() {
    for part in [Part::Notes, Part::Streamed] {
        let seed = seed(part);
        let text = String::from_utf8(seed[1..].to_vec()).unwrap();
        let mut starts = Vec::new();
        for (place, byte) in text.bytes().enumerate() {
            if byte.is_ascii_digit() && !text.as_bytes()[place - 1].is_ascii_digit() {
                starts.push(place);
            }
        }
        assert!(starts.len() > 50);
        for start in starts {
            let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
            for number in ["0", "18446744073709551615", "9223372036854775807", "2147483647", "-1", "1000000"]
            {
                let changed = format!("{}{number}{}", &text[..start], &text[start + digits..]);
                checkpoint(&[&seed[..1], changed.as_bytes()].concat());
            }
        }
    }
}
