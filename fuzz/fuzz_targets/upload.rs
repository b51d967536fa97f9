//! Bytes taken in as an upload by a ledger in memory.

#![no_main]

use std::sync::OnceLock;

use kopilka::{ErrorCode, RecordHash};
use kopilka_store::{ExportOptions, Ledger};
use libfuzzer_sys::fuzz_target;

const INSTALL: &str = r#"{"at": "2025-10-24T12:00:00Z", "key": "install",
    "command": {"program": {"install": {"document": {
        "id": "shop", "currency": "RUB", "zone": "Europe/Moscow"
    }}}}}"#;

/// The upload of a small ledger.
fn sound() -> &'static [u8] {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let ledger = Ledger::in_memory("a").unwrap();
        ledger.call_json(INSTALL).unwrap();
        let mut upload = Vec::new();
        ledger.export(&[], &mut upload, &ExportOptions { with_personal: true }).unwrap();
        upload
    })
}

/// Gives each line `KIND BODY` the hash that it needs to be read further.
fn sealed(line: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(line) else { return line.to_vec() };
    let Some((kind, body)) = text.split_once(' ') else { return line.to_vec() };
    let hash = RecordHash::of(body.as_bytes());
    format!("{{\"hash\":\"{hash}\",\"{kind}\":{body}}}").into_bytes()
}

fuzz_target!(|data: &[u8]| {
    let ledger = Ledger::in_memory("b").unwrap();
    let mut input = Vec::new();
    for line in data.split(|byte| *byte == b'\n') {
        input.extend(sealed(line));
        input.push(b'\n');
    }
    let at = "2025-10-24T13:00:00Z".parse().unwrap();
    let mut raw = data;
    let _ = ledger.import(&mut raw, at);
    let _ = ledger.import(&mut input.as_slice(), at);
    // Whatever came, what is sound is still read to its end, unless the ledger is another programme's
    // by now, and the ledger agrees with itself.
    match ledger.import(&mut sound(), at) {
        Ok(merge) => assert_eq!(merge.cut, None),
        Err(error) => assert_eq!(error.code(), ErrorCode::ProgramMismatch),
    }
    assert!(ledger.verify().unwrap().found.is_empty());
});
