//! Scans: no number of a bank card leaves the door.

#![no_main]

use kopilka_fuzz::scans;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| scans::run(data));
