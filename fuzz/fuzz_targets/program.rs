//! Programmes: whatever compiles must price orders soundly.

#![no_main]

use arbitrary::Unstructured;
use kopilka::Program;
use kopilka_fuzz::{checks, documents, orders};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A text is taken as it is; anything else says how to change a sound programme.
    let text = match data.first() {
        Some(b'{' | b'[' | b'"' | b' ' | b'\n') => String::from_utf8_lossy(data).into_owned(),
        _ => match documents::mutated_program(&mut Unstructured::new(data)) {
            Ok(text) => text,
            Err(_) => return,
        },
    };
    match Program::compile(&text) {
        Ok(program) => orders::price(&program),
        Err(error) => checks::error(&error, &text),
    }
});
