//! Files that earlier versions wrote: they open, and hold what they held.

use std::fs;
use std::path::{Path, PathBuf};

use kopilka::{Key, RecordHash};
use kopilka_store::{Ledger, SqliteStore, Store};
use rusqlite::{Connection, Row};

/// A copy of a golden file in a folder of its own.
fn copy(name: &str) -> (tempfile::TempDir, PathBuf) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::copy(golden, &path).unwrap();
    (folder, path)
}

/// Rows as they stand in a file, read without the ledger.
fn rows(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &Row<'_>| {
        let values = (0..columns).map(|column| row.get_ref(column).unwrap());
        Ok(values.map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" "))
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

const RECORDS: &str = "SELECT * FROM chains JOIN records ON chain = chains.id ORDER BY records.id";
const STATES: &str = "SELECT kind, id, text FROM states ORDER BY kind, id";
const BESIDE: &str = "SELECT name, value FROM notes ORDER BY name";
const PROFILES: &str = "SELECT * FROM profiles ORDER BY guest";

#[test]
fn a_file_of_version_1_opens_with_equal_records_and_states() {
    let (_folder, path) = copy("v1.ledger");
    let before = [RECORDS, STATES, BESIDE, PROFILES].map(|sql| rows(&path, sql));
    // The programme and its activation, four cards, a guest, 32 sales.
    assert_eq!(before[0].len(), 2 + 4 + 1 + 32);
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.examine().unwrap(), []);
    store.checkpoint().unwrap();
    drop(store);
    let after = [RECORDS, STATES, BESIDE, PROFILES].map(|sql| rows(&path, sql));
    assert_eq!(after, before);
    assert_eq!(rows(&path, "PRAGMA user_version"), ["Integer(2)"]);
}

#[test]
fn the_index_of_a_migrated_file_is_made_of_its_records() {
    let (_folder, path) = copy("v1.ledger");
    let mut store = SqliteStore::open(&path).unwrap();
    // Each card: its issue, eight sales, and of the first the guest's registration.
    for (card, touches) in [("1001", 10), ("1002", 9), ("1003", 9), ("1004", 9)] {
        let touching = store.records_touching(&[Key::Card(card.into())], None, 99).unwrap();
        assert_eq!(touching.len(), touches, "{card}");
        for row in &touching {
            assert_eq!(RecordHash::of(row.text.as_bytes()), row.hash);
        }
        let last = touching.last().map(|row| row.position.clone());
        assert_eq!(store.last_touch(&Key::Card(card.into())).unwrap(), last);
    }
    let sale = store.records_touching(&[Key::Command("sale-31".into())], None, 99).unwrap();
    assert_eq!(sale.len(), 1);
    assert_eq!(sale[0].position.sequence, 39);
}

#[test]
fn a_ledger_goes_on_with_the_file_of_each_version() {
    for name in ["v1.ledger", "v2.ledger"] {
        let (_folder, path) = copy(name);
        let ledger = Ledger::open(&path, "till-1").unwrap();
        let call = |key: &str, command: &str| {
            let at = "2025-10-24T12:00:00+03:00";
            ledger
                .call_json(&format!(r#"{{"at":"{at}","key":"{key}","command":{command}}}"#))
                .unwrap()
        };
        for card in 1001..=1004 {
            // Eight times five per cent of 200.00.
            let answer = call("", &format!(r#"{{"balance":{{"card":"{card}"}}}}"#));
            assert!(answer.contains(r#""spendable":"80""#), "{name}: {answer}");
            assert!(answer.contains(r#""spent":"1600.00""#), "{name}: {answer}");
        }
        let found =
            call("plan", r#"{"guest":{"guest":"anna","action":{"update":{"plan":"gold"}}}}"#);
        assert!(found.contains("-45-67"), "{name}: {found}");
        let order = r#"{"cards":[{"number":"1002"}],"lines":[{"id":"tea","price":"200.00"}]}"#;
        let sell = format!(r#"{{"sell":{{"order":{order}}}}}"#);
        // The key of a sale of then is known now: nothing is sold again.
        let again = call("sale-1", &sell);
        assert!(again.contains("till-1.1.9"), "{name}: {again}");
        call("new", &sell);
        let answer = call("", r#"{"balance":{"card":"1002"}}"#);
        assert!(answer.contains(r#""spendable":"90""#), "{name}: {answer}");
        assert_eq!(ledger.verify().unwrap().found, [], "{name}");
    }
}
