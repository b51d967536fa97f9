//! Policies of the watch, and what happens under them.

#![no_main]

use arbitrary::Unstructured;
use kopilka_fuzz::watches;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A text is a policy and events, one a line; anything else says how to change a sound policy and
    // what happens.
    match data.first() {
        Some(b'{' | b'[' | b'"' | b' ' | b'\n') => {
            watches::run_text(&String::from_utf8_lossy(data))
        }
        _ => {
            // It ends where the input does.
            let _ = watches::run(&mut Unstructured::new(data));
        }
    }
});
