//! Policies of support desks, and what happens to their tickets.

#![no_main]

use arbitrary::Unstructured;
use kopilka_fuzz::desks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A text is a policy and questions, one a line; anything else says how to change a sound policy
    // and what happens.
    match data.first() {
        Some(b'{' | b'[' | b'"' | b' ' | b'\n') => desks::run_text(&String::from_utf8_lossy(data)),
        _ => {
            // It ends where the input does.
            let _ = desks::run(&mut Unstructured::new(data));
        }
    }
});
