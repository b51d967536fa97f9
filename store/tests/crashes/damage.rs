//! Files that were cut, flipped, taken away or put back, and disks that are full or protected.

use kopilka::{Entry, FindingKind, Opening};
use kopilka_faults::{Chance, Disk, Fault, Loss, Operation, Run, Snapshot};
use kopilka_store::Ledger;

use crate::subject::{NAME, complaint, forget_checkpoint, kept_on, ledger_on, without_personal};
use crate::{run, sound};

const LOG: &str = "касса 1.ledger-wal";
const HEAD: &str = "касса 1.ledger.head";

/// The disk at the end of a day on which nothing happened.
fn image(run: &Run) -> Disk {
    run.disk().after_power_loss(Loss::Nothing, 0)
}

/// The same with everything in the main file and nothing in the log.
fn checkpointed(run: &Run) -> Disk {
    let disk = image(run);
    ledger_on(&disk).expect("it opens").checkpoint().expect("there is room");
    assert_eq!(length(&disk, LOG), 0);
    disk.after_power_loss(Loss::Nothing, 0)
}

fn end(run: &Run) -> &Snapshot {
    run.snapshot_after(run.calls().len())
}

fn length(disk: &Disk, name: &str) -> usize {
    disk.content(name).unwrap_or_default().len()
}

/// What became of a ledger whose files were touched by others.
enum Found {
    /// The opening failed, or told of it.
    Told,
    /// The opening told nothing, but `verify` did.
    Verified,
    /// Nobody told anything, and nothing is missing or changed.
    Unharmed,
}

/// Opens a ledger that may be damaged. Records may be missing only from the end, and only if the opening
/// says which; then it goes on in a new incarnation.
fn open_damaged(disk: &Disk, run: &Run) -> Result<Found, String> {
    let wanted = end(run);
    let ledger = match ledger_on(disk) {
        Ok(ledger) => ledger,
        Err(error) if error.code().as_str().starts_with("store.") => return Ok(Found::Told),
        Err(error) => return Err(format!("the opening failed with {error}")),
    };
    let opening = ledger.opening();
    let verified = ledger.verify().map_err(|error| error.to_string());
    drop(ledger);
    let clean = verified.as_ref().is_ok_and(|verified| verified.found.is_empty());
    if clean {
        let kept = kept_on(disk).map_err(|error| error.to_string())?;
        must_be_told(&opening, &kept, wanted)?;
    }
    let told = complaint(&opening).is_some() || !opening.found.is_empty();
    match (told, clean) {
        (true, true) => Ok(Found::Told),
        // What was mended at the opening must be sound afterwards.
        (true, false) => Err(format!("after {opening:?} it is still damaged: {verified:?}")),
        (false, true) => Ok(Found::Unharmed),
        (false, false) => Ok(Found::Verified),
    }
}

/// What is kept is what there was, or a beginning of it of which the opening names the rest.
fn must_be_told(opening: &Opening, kept: &Snapshot, wanted: &Snapshot) -> Result<(), String> {
    let (least, all) = (kept.records.len(), wanted.records.len());
    // A note whose name cannot be read may have said that this is a copy: then it begins anew, with
    // everything.
    let perhaps_a_copy = opening.incarnation == 2
        && opening.found.iter().any(|finding| finding.kind == FindingKind::NoteDamaged);
    if least >= all && opening.kept.is_none() && !perhaps_a_copy {
        return kept
            .must_be(wanted, "what is kept")
            .map_err(|wrong| format!("{wrong}, and the opening says {opening:?}"));
    }
    if kept.records != wanted.records[..least.min(all)] {
        return Err(format!("{least} records are no beginning of {all}"));
    }
    let named = opening.missing.iter().any(|missing| {
        let (from, until) = (least as u64 + 1, all as u64);
        missing.incarnation == 1 && missing.from == from && missing.until == until
    });
    if (named || least == all) && opening.incarnation == 2 {
        return Ok(());
    }
    Err(format!("{least} of {all} records, but the opening says {opening:?}"))
}

/// Flips one bit each in a file; how many were told, verified and harmless.
fn flip(run: &Run, day: &Disk, name: &str, bits: impl Iterator<Item = usize>) -> [usize; 3] {
    let mut counts = [0; 3];
    for bit in bits {
        let disk = day.after_power_loss(Loss::Nothing, 0);
        assert!(disk.flip_bit(name, bit), "bit {bit} of `{name}`");
        let found = open_damaged(&disk, run);
        let found = found.unwrap_or_else(|wrong| panic!("bit {bit} of `{name}`: {wrong}"));
        counts[found as usize] += 1;
    }
    counts
}

fn some(count: usize, length: usize, seed: u64) -> impl Iterator<Item = usize> {
    let mut chance = Chance::new(seed);
    (0..count).map(move |_| chance.below(length as u64 * 8) as usize)
}

#[test]
fn a_flipped_bit_in_a_page_is_told_or_changes_nothing() {
    let run = run(0);
    let day = checkpointed(&run);
    let header = (0..100).map(|byte| byte * 8 + byte % 8);
    let bits = header.chain(some(240, length(&day, NAME), 1));
    let [told, verified, harmless] = flip(&run, &day, NAME, bits);
    println!("of 340 flips in pages {told} told, {verified} verified, {harmless} harmless");
    assert!(told > 50 && told + verified > 150, "{told} {verified} {harmless}");
}

#[test]
fn a_flipped_bit_in_the_log_is_told_or_changes_nothing() {
    let run = run(0);
    let day = image(&run);
    let header = (0..32).map(|byte| byte * 8 + byte % 8);
    let bits = header.chain(some(100, length(&day, LOG), 2));
    let [told, verified, harmless] = flip(&run, &day, LOG, bits);
    println!("of 132 flips in the log {told} told, {verified} verified, {harmless} harmless");
    // The log has a checksum over each frame: what is wrong in it ends it.
    assert!(told > 100, "{told} {verified} {harmless}");
}

/// Changes one letter of the text of a record in the main file.
fn damage_record(disk: &Disk, record: &str) {
    let content = disk.content(NAME).expect("it is there");
    let words = format!("\"key\":\"{record}\"");
    let mut windows = content.windows(words.len());
    let place = windows.position(|found| found == words.as_bytes());
    // Within the key, behind its name.
    assert!(disk.flip_bit(NAME, (place.expect("its text is in one piece") + 8) * 8));
}

/// The opening that finds a damaged record makes a new file of what is sound. Wherever it is cut short, the
/// next one ends it: the sound records are there, the damaged file too, and the rest is named.
#[test]
fn a_crash_while_a_damaged_file_is_kept_aside_loses_nothing_of_it() {
    let run = run(0);
    let day = checkpointed(&run);
    let wanted = end(&run);
    let place = wanted.records.len() / 2;
    let key = Entry::read(&wanted.records[place]).expect("it is sound").record.envelope.key.clone();
    damage_record(&day, &key);
    forget_checkpoint(&day);
    let damaged = day.content(NAME);
    let disk = day.after_power_loss(Loss::Nothing, 0);
    drop(ledger_on(&disk).expect("it opens"));
    let (operations, history) = (disk.operations(), disk.history());
    assert!(operations > 100, "{operations}");
    let mut images = 0;
    for done in 0..=operations {
        // Where files get other names, what is lost of that is drawn several times.
        let before = done.checked_sub(1).and_then(|last| history.get(last as usize));
        let draws = if matches!(before, Some(Operation::Write { .. })) { 0 } else { 4 };
        let losses = std::iter::repeat_n(Loss::Some, draws);
        for (loss, seed) in losses.chain([Loss::ALL[done as usize % 4]]).zip(done..) {
            let found = disk.at(done).after_power_loss(loss, seed);
            let what = format!("{loss:?}, seed {seed}, after {done} of {operations}");
            let ledger = ledger_on(&found).unwrap_or_else(|error| panic!("{what}: {error}"));
            let opening = ledger.opening();
            let verified = ledger.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(verified.found, [], "{what}: {opening:?}");
            assert!(opening.incarnation >= 2, "{what}: {opening:?}");
            drop(ledger);
            let kept = kept_on(&found).expect("it is there").records;
            assert_eq!(kept, wanted.records[..place], "{what}: {opening:?}");
            let aside = found.files().into_iter().filter(|name| name.contains(".damaged-"));
            let mut aside = aside.map(|name| found.content(&name));
            assert!(aside.any(|content| content == damaged), "{what}: {:?}", found.files());
            images += 1;
        }
    }
    assert!(images > 200, "{images}");
}

#[test]
fn a_flipped_bit_in_the_head_file_loses_nothing() {
    let run = run(0);
    for bit in some(60, length(run.disk(), HEAD), 3) {
        let disk = image(&run);
        assert!(disk.flip_bit(HEAD, bit));
        assert_eq!(complaint(&ledger_on(&disk).expect("it opens").opening()), None, "bit {bit}");
        sound(0, kept_on(&disk).expect("it is there").must_be(end(&run), "what is kept"));
    }
}

#[test]
fn a_truncated_main_file_is_told_and_what_is_whole_is_kept() {
    let run = run(0);
    let length = length(run.disk(), NAME);
    let cuts = [0, 1, 99, 100, 511, 512, 4_095, 4_096, 4_097, length / 3, length / 2];
    for cut in cuts.into_iter().chain([length - 8_192, length - 4_096, length - 1]) {
        let disk = image(&run);
        assert!(disk.truncate(NAME, cut));
        let found = open_damaged(&disk, &run);
        let found = found.unwrap_or_else(|wrong| panic!("cut to {cut} of {length}: {wrong}"));
        assert!(!matches!(found, Found::Unharmed) || cut > length / 2, "cut to {cut}");
    }
}

/// Sells on a ledger that was begun anew, and finds it sound.
fn goes_on(ledger: &Ledger) {
    let call = r#"{"at":"2026-12-01T00:00:00Z","key":"after","command":
        {"issue":{"card":"15"}}}"#;
    let answer = ledger.call_json(call).expect("the ledger goes on");
    assert!(answer.contains("till-1.2.1"), "{answer}");
    assert_eq!(ledger.verify().expect("it can be read").found, []);
}

/// The records of the log are gone; the head file knows them.
fn lost_tail(disk: &Disk, run: &Run, what: &str) {
    let ledger = ledger_on(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
    let opening = ledger.opening();
    let told = opening.found.iter().any(|finding| finding.kind == FindingKind::TailLost);
    assert!(told && opening.incarnation == 2, "{what}: {opening:?}");
    drop(ledger);
    let kept = kept_on(disk).expect("it is there");
    must_be_told(&opening, &kept, end(run)).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
    goes_on(&ledger_on(disk).expect("it opens again"));
}

#[test]
fn a_truncated_log_shows_by_the_head_file_and_the_lost_records_are_named() {
    let run = run(0);
    let length = length(run.disk(), LOG);
    let frame = 24 + 4_096;
    let frames =
        (0..(length - 32) / frame).step_by(5).map(|frame_number| 32 + frame_number * frame);
    for cut in [0, 1, 31].into_iter().chain(frames).chain([length - 1]) {
        let disk = image(&run);
        assert!(disk.truncate(LOG, cut));
        lost_tail(&disk, &run, &format!("cut to {cut} of {length}"));
    }
}

#[test]
fn a_deleted_log_shows_by_the_head_file_and_the_lost_records_are_named() {
    let run = run(0);
    let disk = image(&run);
    disk.remove(LOG);
    lost_tail(&disk, &run, "without its log");
}

#[test]
fn an_old_copy_of_the_file_shows_by_the_head_file() {
    let run = run(0);
    for call in [12, 18, 24] {
        let old = run.disk().at(run.operations_after(call));
        old.put(HEAD, run.disk().content(HEAD).expect("it is there"));
        lost_tail(&old, &run, &format!("as of call {call}"));
    }
}

#[test]
fn a_log_whose_file_is_gone_is_not_taken_for_another_files_log() {
    let run = run(0);
    let disk = image(&run);
    disk.remove(NAME);
    let ledger = ledger_on(&disk).expect("a new one is begun");
    let opening = ledger.opening();
    let missing: Vec<(u64, u64)> =
        opening.missing.iter().map(|missing| (missing.from, missing.until)).collect();
    assert_eq!(missing, [(1, end(&run).records.len() as u64)], "{opening:?}");
    assert_eq!(opening.incarnation, 2, "{opening:?}");
    assert_eq!(ledger.verify().expect("it can be read").found, []);
    drop(ledger);
    let opening = ledger_on(&disk).expect("it opens again").opening();
    assert!(opening.found.is_empty() && opening.incarnation == 2, "{opening:?}");
    // The log is kept for who finds the file again.
    let kept = disk.files().into_iter().filter(|name| name.ends_with(".damaged-1-wal"));
    assert_eq!(kept.count(), 1, "{disk:?}");
}

#[test]
fn a_missing_ledger_with_its_head_file_is_begun_in_a_new_incarnation() {
    let run = run(0);
    let disk = image(&run);
    disk.remove(NAME);
    disk.remove(LOG);
    let opening = ledger_on(&disk).expect("it opens").opening();
    assert_eq!(opening.incarnation, 2, "{opening:?}");
    let all = end(&run).records.len() as u64;
    let missing: Vec<(u64, u64)> =
        opening.missing.iter().map(|missing| (missing.from, missing.until)).collect();
    assert_eq!(missing, [(1, all)]);
}

#[test]
fn a_read_that_fails_at_the_opening_changes_nothing() {
    let run = run(0);
    let mut failed = 0;
    for number in 0..60 {
        let disk = image(&run);
        disk.fail_at(number, Fault::ReadError);
        failed += u32::from(ledger_on(&disk).is_err());
        disk.heal();
        assert_eq!(complaint(&ledger_on(&disk).expect("it opens").opening()), None, "{number}");
        sound(0, kept_on(&disk).expect("it is there").must_be(end(&run), "what is kept"));
    }
    assert!(failed > 20, "{failed}");
}

#[test]
fn a_read_that_falls_short_is_told_or_changes_nothing() {
    let run = run(0);
    let mut told = 0;
    for number in 0..60 {
        let disk = image(&run);
        disk.fail_at(number, Fault::ShortRead);
        let found = open_damaged(&disk, &run);
        let found = found.unwrap_or_else(|wrong| panic!("read {number}: {wrong}"));
        told += u32::from(!matches!(found, Found::Unharmed));
    }
    assert!(told > 10, "{told}");
}

#[test]
fn a_disk_that_is_full_at_a_checkpoint_loses_nothing() {
    let run = run(0);
    for full_after in 0..12 {
        let disk = run.disk().at(run.operations_after(24));
        let ledger = ledger_on(&disk).expect("it opens");
        disk.fail_at(disk.operations() + full_after, Fault::Full);
        let checkpointed = ledger.checkpoint();
        if let Err(error) = &checkpointed {
            assert_eq!(error.code().as_str(), "store.full", "{error}");
        }
        // The call was answered before, with a refusal perhaps: that stands.
        let again = ledger
            .call_json(&run.calls()[24])
            .map(without_personal)
            .map_err(|error| error.to_string());
        let full = again.as_ref().is_err_and(|error| error.starts_with("store.full"));
        assert!(full || again == run.answers()[24], "{again:?}");
        disk.heal();
        ledger.checkpoint().expect("there is room");
        for number in 25..run.calls().len() {
            let answer = ledger
                .call_json(&run.calls()[number])
                .map(without_personal)
                .map_err(|error| error.to_string());
            assert_eq!(answer, run.answers()[number], "call {number}");
        }
        drop(ledger);
        let found = disk.after_power_loss(Loss::Everything, 0);
        sound(0, kept_on(&found).expect("it is there").must_be(end(&run), "what is kept"));
    }
}

#[test]
fn a_medium_that_is_protected_is_told_before_and_during_the_day() {
    let run = run(0);
    let disk = image(&run);
    disk.write_protect(true);
    let refused = ledger_on(&disk).err().map(|error| error.code().as_str());
    assert_eq!(refused, Some("store.read_only"));
    disk.write_protect(false);
    let ledger = ledger_on(&disk).expect("it opens");
    disk.write_protect(true);
    let call = r#"{"at":"2026-12-01T00:00:00Z","key":"after","command":{"issue":{"card":"15"}}}"#;
    for _ in 0..2 {
        let refused = ledger.call_json(call).err().map(|error| error.code().as_str());
        assert_eq!(refused, Some("store.read_only"));
    }
    disk.write_protect(false);
    ledger.call_json(call).expect("it can be written again");
    assert_eq!(ledger.verify().expect("it can be read").found, []);
}

#[test]
fn a_call_is_one_sync() {
    let disk = Disk::new();
    let ledger = ledger_on(&disk).expect("it opens");
    let mut answers = Vec::new();
    let day = run(0);
    let mut counted = 0;
    for (number, call) in day.calls().iter().enumerate() {
        let before = disk.operations();
        answers.push(ledger.call_json(call).unwrap_or_default());
        let records = disk.operations() > before;
        if number > 0 && records {
            assert_eq!(disk.syncs_since(before), 1, "call {number}");
            counted += 1;
        }
    }
    assert!(counted > 20, "{counted}");
}
