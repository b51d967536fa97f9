//! Sequences of calls of the C door.

#![no_main]

use arbitrary::Unstructured;
use kopilka_fuzz::doors;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // It ends where the input does.
    let _ = doors::run(&mut Unstructured::new(data));
});
