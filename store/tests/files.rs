//! A ledger's file: where it may lie, who may open it, what is found when it was damaged.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use kopilka::{Key, Position, RecordHash};
use kopilka_store::{
    Change, NewRecord, Place, RecordRow, SqliteStore, Store, StoreError, StoreFault, StoredProfile,
};
use rusqlite::Connection;

/// Keeps what a visit brought.
fn keep<T>(all: &mut Vec<T>, item: T) -> Result<(), StoreError> {
    all.push(item);
    Ok(())
}

fn record(sequence: u64) -> NewRecord {
    let logical_at = Timestamp::from_second(1_760_000_000).unwrap();
    let position = Position { logical_at, till: "a".into(), incarnation: 1, sequence };
    let text = format!("{{\"sequence\":{sequence}}}");
    let row = RecordRow { hash: RecordHash::of(text.as_bytes()), position, text };
    NewRecord { row, touched: vec![Key::Card("1".into())] }
}

/// One record, the card's state that it made, a note and a guest.
fn sale(sequence: u64) -> Change {
    Change {
        records: vec![record(sequence)],
        states: vec![(Key::Card("1".into()), Some(format!("state {sequence}")))],
        notes: vec![("note".into(), Some("value".into()))],
        profiles: vec![StoredProfile {
            guest: "anna".into(),
            personal: Some("{}".into()),
            phone: Some("+79161234567".into()),
            position: record(sequence).row.position,
        }],
        ..Change::default()
    }
}

fn sold(path: &Path, sales: u64) -> SqliteStore {
    let mut store = SqliteStore::open(path).unwrap();
    (1..=sales).for_each(|sequence| store.commit(&sale(sequence)).unwrap());
    store
}

fn fault(path: &Path) -> StoreFault {
    SqliteStore::open(path).unwrap_err().fault()
}

fn texts(store: &mut SqliteStore) -> Vec<String> {
    store.records_after(None, usize::MAX).unwrap().into_iter().map(|row| row.text).collect()
}

/// Changes a file that is closed as no ledger would.
fn by_other_hands(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_file_may_have_any_name_that_the_system_allows() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "till.ledger",
        "with space",
        "[brackets] (too)",
        "100%",
        "%41",
        "a?mode=memory",
        "a#b",
        "касса № 1",
        "file:a",
        ":memory:",
        "quote'd \"name\"",
        "-dash",
    ];
    for name in names {
        let inner = folder.path().join(format!("folder of {name}"));
        fs::create_dir(&inner).unwrap();
        let path = inner.join(name);
        drop(sold(&path, 2));
        assert!(path.is_file(), "{name}");
        let mut store = SqliteStore::open(&path).unwrap();
        assert_eq!(texts(&mut store).len(), 2, "{name}");
        store.back_up(&inner.join(format!("copy of {name}"))).unwrap();
        let mut copy = SqliteStore::open(&inner.join(format!("copy of {name}"))).unwrap();
        assert_eq!(texts(&mut copy).len(), 2, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_one_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("till.ledger"), folder.path().join("link"));
    let store = sold(&path, 1);
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(fault(&link), StoreFault::Locked);
    drop(store);
    assert_eq!(texts(&mut SqliteStore::open(&link).unwrap()).len(), 1);
}

#[test]
fn a_second_opening_is_refused_at_once_and_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let store = sold(&path, 1);
    let error = SqliteStore::open(&path).unwrap_err();
    assert_eq!(error.fault(), StoreFault::Locked);
    assert!(error.message().contains("till.ledger"), "{error}");
    // That somebody reads the file does not take the lock away.
    drop(fs::read(&path).unwrap());
    assert_eq!(in_another_process(&path), "store.locked");
    drop(store);
    assert_eq!(in_another_process(&path), "opened");
}

/// Runs the test below in another process and gives what it printed.
fn in_another_process(path: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_another_process_finds", "--nocapture"])
        .env("KOPILKA_LEDGER", path)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let found = printed.lines().find_map(|line| line.split("found: ").nth(1));
    found.unwrap_or_else(|| panic!("{printed}")).to_owned()
}

#[test]
fn what_another_process_finds() {
    let folder = tempfile::tempdir().unwrap();
    let named = std::env::var_os("KOPILKA_LEDGER");
    let path = named.map_or_else(|| folder.path().join("own"), Into::into);
    let opened = SqliteStore::open(&path).map(|_| ()).map_err(|error| error.fault().code());
    println!("found: {}", opened.err().map_or("opened", |code| code.as_str()));
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("letter.txt");
    fs::write(&text, "this is a letter, and no ledger at all. ".repeat(50)).unwrap();
    let before = fs::read(&text).unwrap();
    assert_eq!(fault(&text), StoreFault::NotALedger);
    assert_eq!(fs::read(&text).unwrap(), before);
    let database = folder.path().join("other.db");
    by_other_hands(&database, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    let before = fs::read(&database).unwrap();
    assert_eq!(fault(&database), StoreFault::NotALedger);
    assert_eq!(fs::read(&database).unwrap(), before);
    assert_eq!(fault(folder.path()), StoreFault::NotALedger);
    assert_eq!(fault(&folder.path().join("missing/till.ledger")), StoreFault::Folder);
}

#[test]
fn an_empty_file_becomes_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    fs::write(&path, "").unwrap();
    assert_eq!(texts(&mut sold(&path, 1)).len(), 1);
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    drop(sold(&path, 1));
    by_other_hands(&path, "PRAGMA user_version = 3");
    let before = fs::read(&path).unwrap();
    assert_eq!(fault(&path), StoreFault::Newer);
    assert_eq!(fs::read(&path).unwrap(), before);
    by_other_hands(&path, "PRAGMA user_version = 0");
    assert_eq!(fault(&path), StoreFault::Damaged);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let mut permissions = fs::metadata(folder.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path(), permissions.clone()).unwrap();
    let allowed = fs::write(folder.path().join("probe"), "").is_ok();
    let opened = SqliteStore::open(&path).map_err(|error| error.fault());
    // An administrator may write all the same, and on Windows a folder's mark means nothing.
    match allowed {
        true => assert!(opened.is_ok()),
        false => assert_eq!(opened.unwrap_err(), StoreFault::ReadOnly),
    }
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    fs::set_permissions(folder.path(), permissions).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_medium_that_takes_no_files_is_told() {
    // The kernel's own folders take no files from anybody, whoever asks.
    let error = SqliteStore::open(Path::new("/proc/till.ledger")).unwrap_err();
    assert!(matches!(error.fault(), StoreFault::Folder | StoreFault::ReadOnly), "{error}");
}

#[test]
fn what_is_in_the_log_alone_is_found_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let mut store = sold(&path, 3);
    store.checkpoint().unwrap();
    store.commit(&sale(4)).unwrap();
    let unsettled = store.unsettled_bytes().unwrap();
    assert_eq!(unsettled, fs::metadata(folder.path().join("till.ledger-wal")).unwrap().len());
    // Nothing is written when it is dropped: this is what a crash leaves.
    drop(store);
    let log = folder.path().join("till.ledger-wal");
    let left = fs::read(&log).unwrap();
    assert!(!left.is_empty());
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(texts(&mut store).len(), 4);
    assert_eq!(store.examine().unwrap(), []);
    drop(store);
    // The log was written anew, byte for byte, and its copy has gone.
    assert_eq!(fs::read(&log).unwrap(), left);
    assert!(!folder.path().join("till.ledger-wal.copy").exists());
}

#[test]
fn a_log_without_its_file_is_not_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    drop(sold(&path, 1));
    let log = fs::read(folder.path().join("till.ledger-wal")).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(fault(&path), StoreFault::Damaged);
    assert_eq!(fs::read(folder.path().join("till.ledger-wal")).unwrap(), log);
}

#[test]
fn an_interrupted_copy_is_not_in_the_way_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = sold(&folder.path().join("till.ledger"), 2);
    let to = folder.path().join("copy.ledger");
    fs::write(folder.path().join("copy.ledger.part"), "half a copy").unwrap();
    store.back_up(&to).unwrap();
    assert_eq!(texts(&mut SqliteStore::open(&to).unwrap()).len(), 2);
    assert!(!folder.path().join("copy.ledger.part").exists());
}

#[test]
fn what_was_erased_is_in_no_file_after_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let mut store = sold(&path, 1);
    store.checkpoint().unwrap();
    let mut anna = sale(1).profiles;
    anna[0].personal = Some("{\"name\":\"Anna Petrovna\"}".into());
    store.commit(&Change { profiles: anna.clone(), ..Change::default() }).unwrap();
    store.checkpoint().unwrap();
    let anywhere = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        let holds = |text: &str, bytes: &[u8]| {
            bytes.windows(text.len()).any(|part| part == text.as_bytes())
        };
        files
            .map(|file| fs::read(file).unwrap())
            .any(|bytes| holds("Anna Petrovna", &bytes) || holds("79161234567", &bytes))
    };
    assert!(anywhere());
    anna[0].personal = None;
    anna[0].phone = None;
    store.commit(&Change { profiles: anna, ..Change::default() }).unwrap();
    store.checkpoint().unwrap();
    assert!(!anywhere());
}

#[test]
fn rows_that_other_hands_changed_are_found() {
    use Place::{File, Note, Profile, Record, State, Touch};
    let changes = [
        ("UPDATE states SET text = 'state 9'", State),
        ("UPDATE states SET id = '2'", State),
        ("DELETE FROM states", State),
        ("INSERT INTO states SELECT 'card', '2', text, checksum FROM states", State),
        ("UPDATE state_digest SET digest = replace(digest, substr(digest, 1, 1), 'x')", State),
        ("UPDATE notes SET value = 'other'", Note),
        ("UPDATE notes SET name = 'other'", Note),
        ("UPDATE profiles SET phone = '+79990000000'", Profile),
        ("UPDATE profiles SET phone = NULL", Profile),
        ("UPDATE profiles SET sequence = 7", Profile),
        ("UPDATE touches SET logical_at = logical_at + 1", Touch),
        ("UPDATE touches SET record = record + 900", Touch),
        ("UPDATE touches SET kind = 'cord'", Touch),
        ("UPDATE records SET logical_at = logical_at + 1 WHERE id & 1 = 0", Touch),
        ("DELETE FROM records WHERE id & 1099511627775 = 2", Record),
        ("CREATE TABLE mine (x)", File),
        ("CREATE TRIGGER mine AFTER INSERT ON notes BEGIN DELETE FROM notes; END", File),
        ("CREATE VIEW mine AS SELECT 1", File),
        ("DROP INDEX profiles_by_phone", File),
    ];
    for (sql, place) in changes {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.ledger");
        let mut store = sold(&path, 3);
        store.checkpoint().unwrap();
        drop(store);
        by_other_hands(&path, sql);
        match SqliteStore::open(&path) {
            Ok(mut store) => {
                let findings = store.examine().unwrap();
                assert!(
                    findings.iter().any(|finding| finding.place == place),
                    "{sql}: {findings:?}"
                );
            }
            Err(error) => {
                assert_eq!((error.fault(), place), (StoreFault::Damaged, File), "{sql}");
            }
        }
    }
}

#[test]
fn a_truncated_file_is_found_or_lacks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let mut store = sold(&path, 300);
    store.checkpoint().unwrap();
    let expected = everything(&mut store).unwrap();
    drop(store);
    let whole = fs::metadata(&path).unwrap().len();
    for length in [1, 50, 100, 4096, whole / 2, whole - 4096, whole - 1] {
        let copy = folder.path().join(format!("cut-{length}"));
        fs::copy(&path, &copy).unwrap();
        OpenOptions::new().write(true).open(&copy).unwrap().set_len(length).unwrap();
        let found = match SqliteStore::open(&copy) {
            Ok(mut store) => match (store.examine(), everything(&mut store)) {
                (Ok(findings), Ok(found)) => !findings.is_empty() || found == expected,
                _ => true,
            },
            Err(error) => {
                matches!(error.fault(), StoreFault::Damaged | StoreFault::NotALedger)
            }
        };
        assert!(found, "{length} of {whole}");
    }
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let mut store = sold(&path, 40);
    store.checkpoint().unwrap();
    let expected = everything(&mut store).unwrap();
    drop(store);
    let bytes = fs::read(&path).unwrap();
    // A step that is no power of two meets every kind of place in a page.
    for place in (0..bytes.len()).step_by(167) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        let copy = folder.path().join("flipped");
        fs::write(&copy, &flipped).unwrap();
        for side in ["-wal", ".lock"] {
            drop(fs::remove_file(folder.path().join(format!("flipped{side}"))));
        }
        // The records' own texts are for the ledger above to check, by the hash beside them.
        let told = match SqliteStore::open(&copy) {
            Err(_) => true,
            Ok(mut store) => match (store.examine(), everything(&mut store)) {
                (Ok(findings), Ok(found)) => !findings.is_empty() || found == expected,
                _ => true,
            },
        };
        assert!(told, "bit {} of byte {place}", place % 8);
    }
}

/// Everything that is read of a store, records only where they have the hash that they ought to have.
fn everything(store: &mut SqliteStore) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    for row in store.records_after(None, usize::MAX)? {
        if RecordHash::of(row.text.as_bytes()) != row.hash {
            return Err(StoreError::new(StoreFault::Damaged, "a record"));
        }
        all.push(format!("{row:?}"));
    }
    store.each_state("card", &mut |state| keep(&mut all, format!("{state:?}")))?;
    store.each_note(&mut |note| keep(&mut all, format!("{note:?}")))?;
    store.each_profile(&mut |profile| keep(&mut all, format!("{profile:?}")))?;
    store.each_touch(&mut |touch| keep(&mut all, format!("{touch:?}")))?;
    Ok(all)
}
