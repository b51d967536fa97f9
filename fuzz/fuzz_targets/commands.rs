//! Sequences of calls on one book.

#![no_main]

use arbitrary::Unstructured;
use kopilka_fuzz::{calls, documents};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Texts are requests, one a line; anything else says which calls to make.
    match data.first() {
        Some(b'{' | b'[' | b'"' | b' ') => {
            let text = String::from_utf8_lossy(data);
            let mut session = calls::Session::new(documents::rich());
            text.lines().take(40).for_each(|line| session.call_text(line));
            session.finish();
        }
        _ => {
            let mut input = Unstructured::new(data);
            // It ends where the input does.
            let _ = calls::run(&mut input);
        }
    }
});
