//! Backups, restored ledgers, journals.

use std::fs;

use kopilka_store::{ExportOptions, Ledger};

use super::*;

#[test]
fn a_copy_of_a_ledger_in_use_is_restored_as_a_new_incarnation() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("till"), folder.path().join("copy"));
    let ledger = Ledger::open(&path, "a").unwrap();
    begin(&ledger);
    let told = ledger.backup(&copy).unwrap();
    assert_eq!((told.records, told.chains, told.found.len()), (4, 1, 0));
    // 100 of 100.00 with points: 300 less 100 is 200, and nothing paid earns nothing.
    sell(&ledger, 3, "later", "100.00", "100");
    assert_eq!(balance(&ledger, 4), "200");

    let second = folder.path().join("second");
    let restored = Ledger::restore(&copy, &second, "a").unwrap();
    let opening = restored.opening();
    assert_eq!((opening.incarnation, opening.kept, opening.missing.len()), (2, None, 0));
    assert_eq!(balance(&restored, 5), "300");
    assert!(restored.verify().unwrap().found.is_empty());
    sell(&restored, 6, "new", "10.00", "0");
    // The copy itself is as it was.
    drop(restored);
    let third = Ledger::restore(&copy, &folder.path().join("third"), "a").unwrap();
    assert_eq!(third.health(at(7)).unwrap().sequence, 0);
}

#[test]
fn what_is_restored_in_a_ledgers_place_tells_what_it_lacks_and_keeps_that_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("till"), folder.path().join("copy"));
    let ledger = Ledger::open(&path, "a").unwrap();
    begin(&ledger);
    ledger.backup(&copy).unwrap();
    sell(&ledger, 3, "later", "100.00", "0");
    sell(&ledger, 4, "later still", "100.00", "0");
    assert_eq!(code(Ledger::restore(&copy, &path, "a").map(|_| ())), "store.locked");
    drop(ledger);
    let restored = Ledger::restore(&copy, &path, "a").unwrap();
    let opening = restored.opening();
    assert_eq!(opening.kept.as_deref(), Some("till.replaced-1"));
    assert_eq!(opening.incarnation, 2);
    let missing = &opening.missing[0];
    assert_eq!((missing.incarnation, missing.from, missing.until), (1, 5, 6));
    drop(restored);
    // The one that was kept aside is whole.
    let kept = Ledger::open(&folder.path().join("till.replaced-1"), "a").unwrap();
    assert_eq!(kept.health(at(5)).unwrap().sequence, 6);
}

#[test]
fn what_the_backend_has_beyond_a_restored_ledger_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("till"), folder.path().join("copy"));
    let ledger = Ledger::open(&path, "a").unwrap();
    begin(&ledger);
    ledger.backup(&copy).unwrap();
    sell(&ledger, 3, "later", "100.00", "0");
    let server = Ledger::in_memory("server").unwrap();
    let mut upload = Vec::new();
    ledger.export(&[], &mut upload, &ExportOptions::default()).unwrap();
    let merge = server.import(&mut upload.as_slice(), at(4)).unwrap();
    let restored = Ledger::restore(&copy, &folder.path().join("new"), "a").unwrap();
    assert!(restored.opening().missing.is_empty());
    restored.acknowledge(&merge.acknowledgement, at(5)).unwrap();
    let missing = &restored.opening().missing[0];
    assert_eq!((missing.incarnation, missing.from, missing.until), (1, 5, 5));
    // They are fetched: the sale of 100.00 had earned 10.
    let mut back = Vec::new();
    server.export(&[], &mut back, &ExportOptions::default()).unwrap();
    restored.import(&mut back.as_slice(), at(6)).unwrap();
    assert_eq!(balance(&restored, 7), "310");
}

#[test]
fn a_copy_is_not_written_over_anything_and_is_no_other_tills() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let ledger = Ledger::open(&folder.path().join("till"), "a").unwrap();
    begin(&ledger);
    ledger.backup(&copy).unwrap();
    assert_eq!(code(ledger.backup(&copy)), "store.exists");
    assert_eq!(balance(&ledger, 3), "300");
    let other = folder.path().join("other");
    assert_eq!(code(Ledger::restore(&copy, &other, "b").map(|_| ())), "store.other_till");
    fs::write(&copy, "something else").unwrap();
    assert_eq!(code(Ledger::restore(&copy, &other, "a").map(|_| ())), "store.not_a_ledger");
    assert!(!other.exists());
}

#[test]
fn a_journal_goes_to_another_machine_and_a_cut_one_is_refused() {
    let from = Ledger::in_memory("a").unwrap();
    begin(&from);
    sell(&from, 3, "sale", "100.00", "100");
    let mut journal = Vec::new();
    from.export_journal(&mut journal, &ExportOptions::default()).unwrap();
    // The first line, five records, the last line.
    assert_eq!(journal.iter().filter(|byte| **byte == b'\n').count(), 7);
    let other = Ledger::in_memory("laptop").unwrap();
    let merge = other.import_journal(&mut journal.as_slice(), at(4)).unwrap();
    assert_eq!(merge.accepted, 5);
    assert_eq!(balance(&other, 5), "200");
    let cut = &journal[..journal.len() - 20];
    let third = Ledger::in_memory("third").unwrap();
    assert_eq!(code(third.import_journal(&mut &*cut, at(4))), "upload.damaged");
    assert_eq!(balance(&third, 5), "200");
}

#[test]
fn an_imported_journal_gives_the_very_states_and_a_damaged_line_is_named() {
    let from = Ledger::in_memory("a").unwrap();
    begin(&from);
    sell(&from, 3, "sale", "100.00", "100");
    sell(&from, 4, "sale 2", "50.00", "0");
    let mut journal = Vec::new();
    from.export_journal(&mut journal, &ExportOptions::default()).unwrap();
    let other = Ledger::in_memory("laptop").unwrap();
    other.import_journal(&mut journal.as_slice(), at(5)).unwrap();
    let states = |ledger: &Ledger| ledger.diagnostics(at(6)).unwrap().states;
    assert_eq!(states(&other), states(&from));
    assert!(other.verify().unwrap().found.is_empty());
    // And it writes out what it took in, byte for byte.
    let mut again = Vec::new();
    other.export_journal(&mut again, &ExportOptions::default()).unwrap();
    assert_eq!(again, journal);

    // The first line tells what follows; the fifth is the fourth record.
    let place =
        journal.split_inclusive(|byte| *byte == b'\n').take(4).map(<[u8]>::len).sum::<usize>();
    let mut damaged = journal.clone();
    damaged[place + 100] ^= 1;
    let third = Ledger::in_memory("third").unwrap();
    let error = third.import_journal(&mut damaged.as_slice(), at(5)).unwrap_err();
    assert_eq!(error.code().as_str(), "upload.damaged");
    assert!(error.to_string().contains("line 5:"), "{error}");
    // What stood before is there, and the whole one goes on from it.
    assert_eq!(third.heads().unwrap()[0].sequence, 3);
    let merge = third.import_journal(&mut journal.as_slice(), at(7)).unwrap();
    assert_eq!((merge.known, merge.accepted), (3, 3));
    assert_eq!(states(&third), states(&from));
    let cut = third.import_journal(&mut &journal[..place], at(8)).unwrap_err();
    assert_eq!(cut.code().as_str(), "upload.cut");
    assert!(cut.to_string().contains("line 5:"), "{cut}");
}

#[test]
fn a_till_and_its_restored_copy_both_upload_and_nobody_calls_it_a_fork() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let old = Ledger::open(&folder.path().join("old"), "a").unwrap();
    begin(&old);
    old.backup(&copy).unwrap();
    sell(&old, 3, "old 1", "100.00", "0");
    let server = Ledger::in_memory("server").unwrap();
    let upload = |from: &Ledger, minute: i64| {
        let mut upload = Vec::new();
        from.export(&[], &mut upload, &ExportOptions::default()).unwrap();
        let merge = server.import(&mut upload.as_slice(), at(minute)).unwrap();
        from.acknowledge(&merge.acknowledgement, at(minute)).unwrap();
        merge
    };
    upload(&old, 4);
    let new = Ledger::restore(&copy, &folder.path().join("new"), "a").unwrap();
    sell(&new, 5, "new 1", "200.00", "0");
    let merge = upload(&new, 6);
    // The four records before the copy are known; the one after it is not missing here but there.
    assert_eq!((merge.accepted, merge.known, merge.quarantined), (1, 4, 0));
    assert_eq!(merge.acknowledgement.forks, []);
    let missing = new.opening().missing;
    assert_eq!(missing.len(), 1);
    assert_eq!((missing[0].incarnation, missing[0].from, missing[0].until), (1, 5, 5));
    // What it did itself does not begin anew again.
    assert_eq!(new.health(at(7)).unwrap().incarnation, 2);
    // The old machine was still in use, and comes later.
    sell(&old, 8, "old 2", "400.00", "0");
    let merge = upload(&old, 9);
    assert_eq!((merge.accepted, merge.quarantined), (1, 0));
    assert_eq!(merge.acknowledgement.forks, []);
    assert_eq!(server.health(at(9)).unwrap().forks, 0);
    // 300, and a tenth of 100.00, 200.00 and 400.00.
    assert_eq!(balance(&server, 10), "370");
    for ledger in [&server, &old, &new] {
        assert!(ledger.verify().unwrap().found.is_empty());
    }
}
