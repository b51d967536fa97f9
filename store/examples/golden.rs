//! Writes the files of `store/tests/golden` as this version would: one of the present version, and
//! one of version 1, which lacked the index of touches and the digest of the states.
//!
//! ```text
//! cargo run -p kopilka-store --example golden FOLDER
//! ```
//! A file that was committed once stays as it is: it stands for those that tills have.

use std::error::Error;
use std::path::Path;

use kopilka_store::Ledger;
use rusqlite::Connection;

const PROGRAM: &str = r#"{
    "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]}
}"#;

/// A guest, four cards, and eight sales of 200.00 on each: 10 points a sale.
fn sell(ledger: &Ledger) -> Result<(), kopilka::Error> {
    let call = |minute: u32, key: &str, command: &str| {
        ledger.call_json(&format!(
            r#"{{"at":"2025-10-24T{:02}:{:02}:00+03:00","key":"{key}","command":{command}}}"#,
            9 + minute / 60,
            minute % 60,
        ))
    };
    let install = format!(r#"{{"program":{{"install":{{"document":{PROGRAM}}}}}}}"#);
    let installed = call(0, "install", &install)?;
    let version = installed.split(r#""version":""#).nth(1).and_then(|rest| rest.split('"').next());
    let version = version.unwrap_or_default();
    call(0, "activate", &format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#))?;
    for card in 1001..=1004 {
        call(1, &format!("issue-{card}"), &format!(r#"{{"issue":{{"card":"{card}"}}}}"#))?;
    }
    let anna = r#"{"guest":{"guest":"anna","action":{"register":{"cards":["1001"],
        "details":{"personal":{"name":"Anna","phone":"+79161234567"}}}}}}"#;
    call(2, "anna", anna)?;
    for sale in 0..32 {
        let (card, key) = (1001 + sale % 4, format!("sale-{sale}"));
        let order = format!(
            r#"{{"cards":[{{"number":"{card}"}}],"lines":[{{"id":"tea","price":"200.00"}}]}}"#
        );
        call(3 + sale, &key, &format!(r#"{{"sell":{{"order":{order}}}}}"#))?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder")?;
    for (name, version) in [("v1.ledger", 1), ("v2.ledger", 2)] {
        let path = Path::new(&folder).join(name);
        let ledger = Ledger::open(&path, "till-1")?;
        sell(&ledger)?;
        ledger.checkpoint()?;
        drop(ledger);
        let file = Connection::open(&path)?;
        if version == 1 {
            file.execute_batch(
                "DROP TABLE touches; DROP TABLE state_digest; PRAGMA user_version = 1",
            )?;
        }
        // One file without a log beside it.
        file.execute_batch("PRAGMA journal_mode = DELETE; VACUUM")?;
    }
    Ok(())
}
