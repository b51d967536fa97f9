//! Rows and pages that were damaged one by one: what is told, what is mended, and that nobody is stopped.

use kopilka::{FindingKind, Maintenance, RecordHash, RecordId};
use kopilka_faults::{Disk, Loss, Run};
use kopilka_store::{Change, QuarantinedRow, SqliteStore, Store};
use rusqlite::{Connection, OpenFlags};

use crate::subject::{NAME, TILL, kept_on, ledger_on, sqlite};
use crate::{run, sound};

/// The disk after a day and a checkpoint, with every note that a ledger may have.
fn day(run: &Run) -> Disk {
    let disk = run.disk().after_power_loss(Loss::Nothing, 0);
    let ledger = ledger_on(&disk).expect("it opens");
    let at = "2026-06-01T00:00:00Z".parse().expect("a time");
    let told = kopilka::upload::Acknowledgement {
        heads: ledger.heads().expect("it can be read"),
        ..kopilka::upload::Acknowledgement::default()
    };
    ledger.acknowledge(&told, at).expect("there is room");
    ledger.set_offline(at).expect("there is room");
    let until = "2026-06-01T02:00:00Z".parse().expect("a time");
    ledger.plan_maintenance(Some(Maintenance { from: at, until })).expect("there is room");
    ledger.checkpoint().expect("there is room");
    drop(ledger);
    let mut store = SqliteStore::open_with(&disk.path(NAME), &sqlite()).expect("it opens");
    let quarantined = (1..3).map(aside).collect();
    let notes = vec![("fork:till-2.1".to_owned(), Some("4".to_owned()))];
    let change = Change { notes, quarantined, ..Change::default() };
    store.commit(&change).expect("there is room");
    store.checkpoint().expect("there is room");
    drop(store);
    disk.after_power_loss(Loss::Nothing, 0)
}

/// A record of another till that was kept aside.
fn aside(number: u8) -> QuarantinedRow {
    QuarantinedRow {
        record: RecordId {
            till: "till-2".to_owned(),
            incarnation: 1,
            sequence: 3 + u64::from(number),
        },
        hash: RecordHash([number; 32]),
        text: format!("{{\"number\":{number}}}"),
        reason: "record.fork".to_owned(),
        at: "2026-06-01T00:00:00Z".parse().expect("a time"),
    }
}

fn connect(disk: &Disk) -> Connection {
    let flags = OpenFlags::default();
    let connection = Connection::open_with_flags_and_vfs(disk.path(NAME), flags, Disk::VFS);
    let connection = connection.expect("it opens");
    // The index of the log lies in memory then: these disks share none.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").expect("there is such a setting");
    connection
}

/// Changes the file as no ledger does.
fn by_other_hands(disk: &Disk, sql: &str) -> usize {
    let connection = connect(disk);
    let changed = connection.execute(sql, []).expect("there is such a table");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("there is room");
    changed
}

fn note(disk: &Disk, name: &str) -> Option<String> {
    let mut store = SqliteStore::open_with(&disk.path(NAME), &sqlite()).expect("it opens");
    store.note(name).expect("it can be read")
}

/// The opening tells of the note; afterwards everything is sound, and the next opening has nothing to tell.
fn told_once(disk: &Disk, run: &Run, incarnation: u32, what: &str) -> bool {
    let ledger = ledger_on(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
    let opening = ledger.opening();
    assert!(
        opening.found.iter().any(|finding| finding.kind == FindingKind::NoteDamaged),
        "{what}: {opening:?}"
    );
    assert_eq!(opening.incarnation, incarnation, "{what}: {opening:?}");
    assert!(!opening.created && opening.kept.is_none(), "{what}: {opening:?}");
    assert_eq!(ledger.verify().expect("it can be read").found, [], "{what}");
    drop(ledger);
    let wanted = run.snapshot_after(run.calls().len());
    assert_eq!(kept_on(disk).expect("it is there").records, wanted.records, "{what}");
    let again = ledger_on(disk).expect("it opens again").opening();
    assert_eq!((again.found, again.incarnation), (Vec::new(), incarnation), "{what}");
    opening.states_rebuilt
}

#[test]
fn a_note_whose_value_is_damaged_is_told_once_and_stops_nobody() {
    let run = run(0);
    let day = day(&run);
    let names = [
        "acknowledged",
        "acknowledged_at",
        "checkpoint",
        "fork:till-2.1",
        "incarnation",
        "maintenance",
        "offline_since",
        "till",
    ];
    for name in names {
        for damage in
            ["checksum = zeroblob(8)", "value = value || '0'", "value = CAST(x'ff' AS TEXT)"]
        {
            let disk = day.after_power_loss(Loss::Nothing, 0);
            let sql = format!("UPDATE notes SET {damage} WHERE name = '{name}'");
            assert_eq!(by_other_hands(&disk, &sql), 1, "{name}");
            let rebuilt = told_once(&disk, &run, 1, &sql);
            assert!(!rebuilt, "{sql}");
        }
    }
}

#[test]
fn what_a_damaged_note_said_is_made_anew_of_what_else_says_it() {
    let run = run(0);
    let day = day(&run);
    let before = note(&day, "checkpoint");
    for (name, wanted) in [
        ("checkpoint", before),
        // Two records are kept aside, of which the first has the sequence number 4.
        ("fork:till-2.1", Some("4".to_owned())),
        ("till", Some(TILL.to_owned())),
        // Nothing else says since when nobody was heard of; the host says it again.
        ("offline_since", None),
    ] {
        let disk = day.after_power_loss(Loss::Nothing, 0);
        by_other_hands(
            &disk,
            &format!("UPDATE notes SET checksum = zeroblob(8) WHERE name = '{name}'"),
        );
        drop(ledger_on(&disk).expect("it opens"));
        assert_eq!(note(&disk, name), wanted, "{name}");
    }
}

/// A note that says that the states are half made, or that it is a copy, may not be lost with its row.
#[test]
fn a_damaged_note_of_something_unfinished_is_still_heeded() {
    let run = run(0);
    let day = day(&run);
    for (name, damage, incarnation) in [
        ("rebuilding", "checksum = zeroblob(8)", 1),
        ("restored", "checksum = zeroblob(8)", 2),
        // Of a damaged name nobody knows what it was.
        ("rebuilding", "name = 'recuilding'", 2),
        ("restored", "name = 'restorad'", 2),
        ("restored", "name = CAST(x'ff' AS TEXT)", 2),
    ] {
        let disk = day.after_power_loss(Loss::Nothing, 0);
        let mut store = SqliteStore::open_with(&disk.path(NAME), &sqlite()).expect("it opens");
        let notes = vec![(name.to_owned(), Some("1".to_owned()))];
        store.commit(&Change { notes, ..Change::default() }).expect("there is room");
        drop(store);
        let sql = format!("UPDATE notes SET {damage} WHERE name = '{name}'");
        assert_eq!(by_other_hands(&disk, &sql), 1);
        assert!(told_once(&disk, &run, incarnation, &sql), "{sql}: the states were not made anew");
    }
}

#[test]
fn a_ledger_whose_till_is_damaged_is_not_taken_for_that_of_another() {
    let run = run(0);
    let disk = day(&run);
    by_other_hands(&disk, "UPDATE notes SET checksum = zeroblob(8) WHERE name = 'till'");
    let options = kopilka_store::Options { sqlite: sqlite(), ..kopilka_store::Options::default() };
    let refused = kopilka_store::Ledger::open_with(&disk.path(NAME), "till-9", options);
    assert_eq!(refused.err().map(|error| error.code().as_str()), Some("store.other_till"));
    assert!(told_once(&disk, &run, 1, "till") || note(&disk, "till").as_deref() == Some(TILL));
}

#[test]
fn a_damaged_record_that_was_kept_aside_is_told_once_and_the_others_stay() {
    let run = run(0);
    let disk = day(&run);
    by_other_hands(&disk, "UPDATE quarantine SET text = 'x' WHERE sequence = 4");
    let ledger = ledger_on(&disk).expect("it opens");
    let found = ledger.opening().found;
    assert_eq!(found.iter().map(|found| found.place.as_str()).collect::<Vec<_>>(), ["quarantine"]);
    let health = ledger.health("2026-06-02T00:00:00Z".parse().expect("a time"));
    assert_eq!(health.expect("it can be told").quarantined, 1);
    assert_eq!(ledger.verify().expect("it can be read").found, []);
    drop(ledger);
    assert_eq!(ledger_on(&disk).expect("it opens").opening().found, []);
}

/// The pages of everything in the file, by the name of what they belong to.
fn pages(disk: &Disk) -> Vec<(String, usize)> {
    let connection = connect(disk);
    let sql = "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0";
    let mut statement = connection.prepare(sql).expect("there is a schema");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)));
    rows.expect("it can be read").map(|row| row.expect("a name and a page")).collect()
}

/// A till that is not verified meets the damage when it sells: one call fails, the next one goes on.
#[test]
fn a_damaged_index_fails_one_call_and_not_the_next() {
    let run = run(0);
    let day = day(&run);
    for name in ["touches", "records_by_time"] {
        let (_, page) = pages(&day).into_iter().find(|(found, _)| found == name).expect(name);
        let disk = day.after_power_loss(Loss::Nothing, 0);
        let mut content = disk.content(NAME).expect("it is there");
        content[(page - 1) * 4_096] = 0xff;
        disk.put(NAME, content);
        let ledger = ledger_on(&disk).expect("it opens");
        let call =
            r#"{"at":"2026-12-01T00:00:00Z","key":"after","command":{"issue":{"card":"15"}}}"#;
        let failed = ledger.call_json(call).err().map(|error| error.code().as_str());
        assert_eq!(failed, Some("store.damaged"), "{name}");
        ledger.call_json(call).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(ledger.verify().expect("it can be read").found, [], "{name}");
        let opening = ledger.opening();
        assert_eq!((opening.incarnation, opening.missing.len()), (2, 0), "{name}: {opening:?}");
        assert!(opening.kept.is_some(), "{name}: {opening:?}");
    }
}

/// The first page of each table and index is no page of a tree any more. No till stands still for it: what
/// records add up to is made anew, and what is lost of records is named.
#[test]
fn a_page_that_is_no_page_any_more_stops_nobody() {
    let run = run(0);
    let day = day(&run);
    let wanted = &run.snapshot_after(run.calls().len()).records;
    let pages = pages(&day);
    // Ten tables, three indexes with a name, and those that SQLite makes of keys.
    assert!(pages.len() >= 12, "{pages:?}");
    for (name, page) in pages {
        let disk = day.after_power_loss(Loss::Nothing, 0);
        let mut content = disk.content(NAME).expect("it is there");
        content[(page - 1) * 4_096] = 0xff;
        disk.put(NAME, content);
        let ledger = ledger_on(&disk).unwrap_or_else(|error| panic!("{name}: {error}"));
        let opening = ledger.opening();
        let verified = ledger.verify().unwrap_or_else(|error| panic!("{name}: {error}"));
        let told = !opening.found.is_empty();
        assert!(told || !verified.found.is_empty(), "{name}: nothing was told");
        assert!(!told || verified.found.is_empty(), "{name}: {opening:?} {verified:?}");
        if !told {
            // Only verifying reads it; who verified has it made anew.
            ledger.rebuild().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(ledger.verify().expect("it can be read").found, [], "{name}");
        }
        let opening = ledger.opening();
        drop(ledger);
        let kept = kept_on(&disk).unwrap_or_else(|error| panic!("{name}: {error}")).records;
        sound(0, wanted.starts_with(&kept).then_some(()).ok_or(format!("{name}: other records")));
        let missing: u64 = opening.missing.iter().map(|part| part.until + 1 - part.from).sum();
        assert_eq!(kept.len() as u64 + missing, wanted.len() as u64, "{name}: {opening:?}");
        let whole = name != "records" && name != "chains" && !name.contains("autoindex_chains");
        assert!(!whole || missing == 0, "{name}: {opening:?}");
    }
}
