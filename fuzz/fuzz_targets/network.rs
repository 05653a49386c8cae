#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| netdsl_fuzz::network(bytes));
