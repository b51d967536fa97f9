//! Uploads that are cut, damaged, repeated, out of order, forked, or of somebody else.

use super::orders::Shops;
use super::*;
use crate::upload::line::{Line, LineKind};
use kopilka::upload::{Fork, Gap};
use kopilka::{Amount, DebtMoved, Effect, Lot, LotMove, LotMoved};

/// A till that did three things after it learned of the server.
fn one_till() -> (Till, Till) {
    let shops = Shops::new();
    let [mut a, _, _] = shops.tills;
    a.sell(10, "1001", "100.00", "20");
    a.grant(11, "1002", "forty");
    a.sell(12, "1001", "50.00", "0");
    (shops.server, a)
}

fn gap(till: &str, from: u64) -> Gap {
    Gap { from, incarnation: 1, till: till.into() }
}

#[test]
fn a_repeated_upload_is_acknowledged_again_and_changes_nothing() {
    let (_, a) = one_till();
    let mut backend = Backend::new();
    let first = backend.import(&a.upload_all());
    let before = backend.store.state_digest().unwrap();
    let second = backend.import(&a.upload_all());
    assert_eq!((first.accepted, first.known), (3, 0));
    assert_eq!((second.accepted, second.known), (0, 3));
    assert_eq!(second.acknowledgement, first.acknowledgement);
    assert_eq!(first.acknowledgement.heads, [end_of(&a.entries()[2])]);
    assert_eq!(backend.store.state_digest().unwrap(), before);
}

#[test]
fn nothing_is_taken_in_after_a_gap_and_the_missing_record_is_asked_for() {
    let (_, a) = one_till();
    let mut backend = Backend::new();
    let late = backend.import(&a.upload(1, 3));
    assert_eq!((late.accepted, late.skipped, late.gaps), (0, 2, vec![gap("a", 1)]));
    let first = backend.import(&a.upload(0, 1));
    assert_eq!((first.accepted, first.gaps), (1, vec![]));
    let last = backend.import(&a.upload(2, 3));
    assert_eq!((last.accepted, last.skipped, last.gaps), (0, 1, vec![gap("a", 2)]));
    assert_eq!(backend.import(&a.upload(1, 3)).accepted, 2);
    assert_eq!(backend.states(), folded(&a.entries()));
}

#[test]
fn a_backend_that_is_behind_what_it_acknowledged_asks_for_what_it_lost() {
    let (_, a) = one_till();
    let mut backend = Backend::new();
    backend.import(&a.upload(0, 1));
    let mut copy = backend.clone();
    let heads = backend.import(&a.upload(1, 2)).acknowledgement.heads;
    assert_eq!(heads[0].sequence, 2);
    let merge = copy.import(&a.upload(2, 3));
    assert_eq!(merge.gaps, [gap("a", 2)]);
    copy.import(&a.upload(1, 3));
    assert_eq!(copy.states(), folded(&a.entries()));
}

/// A till and its copy: they parted after the first record.
fn clones() -> (Till, Till) {
    let shops = Shops::new();
    let [mut one, _, _] = shops.tills;
    one.sell(10, "1001", "100.00", "20");
    let mut other = one.clone();
    one.sell(11, "1001", "70.00", "0");
    one.sell(12, "1001", "80.00", "0");
    other.sell(11, "1002", "10.00", "0");
    other.sell(13, "1002", "20.00", "0");
    (one, other)
}

#[test]
fn a_cloned_till_is_found_at_its_first_upload_and_kept_aside_with_all_that_follows() {
    let (one, other) = clones();
    let mut backend = Backend::new();
    let first = backend.import(&one.upload_all());
    assert_eq!(first.acknowledgement.forks, []);
    let fork = Fork { begin: 2, incarnation: 1, sequence: 2, till: "a".into() };
    let second = backend.import(&other.upload_all());
    assert_eq!((second.accepted, second.known, second.quarantined), (0, 1, 2));
    assert_eq!(second.acknowledgement.forks, [fork]);
    assert_eq!(second.acknowledgement.heads, first.acknowledgement.heads);
    assert_eq!(backend.states(), folded(&one.entries()));
    let mut aside = Vec::new();
    let mut visit = |row: crate::store::QuarantinedRow| {
        aside.push((row.record.sequence, row.hash, row.text));
        Ok(())
    };
    backend.store.each_quarantined(&mut visit).unwrap();
    let expected: Vec<_> = other.entries()[1..]
        .iter()
        .map(|entry| (entry.record.envelope.sequence, entry.hash, entry.text()))
        .collect();
    assert_eq!(aside, expected);
}

#[test]
fn a_fork_that_goes_on_is_kept_aside_and_the_known_branch_is_still_taken_in() {
    let (mut one, mut other) = clones();
    let mut backend = Backend::new();
    backend.import(&one.upload_all());
    backend.import(&other.upload_all());
    other.sell(14, "1002", "30.00", "0");
    let aside = backend.import(&other.upload(3, 4));
    assert_eq!((aside.accepted, aside.quarantined, aside.gaps), (0, 1, vec![]));
    one.sell(15, "1001", "30.00", "0");
    let merge = backend.import(&one.upload(3, 4));
    assert_eq!((merge.accepted, merge.quarantined), (1, 0));
    assert_eq!(backend.states(), folded(&one.entries()));
}

#[test]
fn no_two_uploads_of_a_forked_chain_are_told_to_begin_with_the_same_incarnation() {
    let (one, other) = clones();
    let mut backend = Backend::new();
    backend.import(&one.upload_all());
    let begin = |merge: Merge| merge.acknowledgement.forks[0].begin;
    assert_eq!(begin(backend.import(&other.upload_all())), 2);
    // The other one is told too, since nobody knows which of them is the copy.
    assert_eq!(begin(backend.import(&one.upload_all())), 3);
}

#[test]
fn two_that_part_at_the_end_of_what_is_known_are_told_from_the_hash_before() {
    let (one, other) = clones();
    let mut backend = Backend::new();
    backend.import(&one.upload(0, 2));
    let merge = backend.import(&other.upload(2, 3));
    assert_eq!((merge.accepted, merge.quarantined), (0, 1));
    assert_eq!(merge.acknowledgement.forks[0].sequence, 3);
}

#[test]
fn a_ledger_that_lost_its_tail_begins_anew_and_takes_its_records_back_in() {
    let (server, a) = one_till();
    let mut lost = Backend::new();
    lost.own = Chain { till: "a".into(), incarnation: 1 };
    lost.import(&server.upload_all());
    let merge = lost.import(&a.upload_all());
    assert_eq!((merge.accepted, lost.own.incarnation), (3, 2));
    assert_eq!(lost.states(), folded(server.entries().iter().chain(&a.entries())));
    let again = lost.import(&a.upload_all());
    assert_eq!((again.known, lost.own.incarnation), (3, 2));
}

#[test]
fn versions_of_the_programme_that_are_not_installed_are_named() {
    let (_, a) = one_till();
    let merge = Backend::new().import(&a.upload_all());
    assert_eq!(merge.programs, [program().version()]);
}

#[test]
fn an_upload_of_another_programme_is_refused_whole() {
    let (_, a) = one_till();
    let mut backend = Backend::new();
    let text = String::from_utf8(a.upload_all()).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let other = head.replace(r#""program":"shop""#, r#""program":"stop""#);
    let error = backend.try_import(format!("{other}\n{rest}").as_bytes()).unwrap_err();
    assert_eq!(error.code().as_str(), "upload.format");
    let body = other.split_once("\"upload\":").unwrap().1.strip_suffix('}').unwrap();
    let other = Line::of(LineKind::Upload, body).to_string();
    let error = backend.try_import(format!("{other}{rest}").as_bytes()).unwrap_err();
    assert_eq!(error.code().as_str(), "program.mismatch");
    assert_eq!(backend.states(), BTreeMap::new());
}

/// An upload of lines that are sound one by one.
fn upload_of_lines(lines: &[String]) -> Vec<u8> {
    let body = r#"{"chains":[],"format":1,"program":"shop"}"#;
    let mut text = Line::of(LineKind::Upload, body).to_string();
    lines.iter().for_each(|line| text.push_str(line));
    text.into_bytes()
}

fn line_of(record: kopilka::Record) -> String {
    let entry = Entry::seal(record);
    Line::of(LineKind::Record, &entry.text()).to_string()
}

#[test]
fn a_record_that_no_ledger_writes_ends_the_upload() {
    let (_, a) = one_till();
    let sound = a.entries()[0].record.clone();
    let mut wrongs = Vec::new();
    for change in 0..5 {
        let mut wrong = sound.clone();
        match change {
            0 => wrong.envelope.program.id = "stop".into(),
            1 => wrong.envelope.till = "a b".into(),
            2 => wrong.envelope.incarnation = 0,
            3 => wrong.envelope.sequence = 0,
            _ => wrong.envelope.format += 1,
        }
        wrongs.push(line_of(wrong));
    }
    wrongs.push(Line::of(LineKind::Record, "{}").to_string());
    wrongs.push(Line::of(LineKind::Profile, "{}").to_string());
    wrongs.push(Line::of(LineKind::Summary, "{}").to_string());
    wrongs.push("{}\n".into());
    wrongs.push("\n".into());
    for wrong in wrongs {
        let mut backend = Backend::new();
        let merge = backend.import(&upload_of_lines(&[line_of(sound.clone()), wrong.clone()]));
        let cut = merge.cut.unwrap();
        assert_eq!((merge.accepted, cut.line, &*cut.code), (1, 3, "upload.damaged"), "{wrong}");
    }
}

#[test]
fn amounts_that_no_till_writes_break_nothing() {
    let (server, a) = one_till();
    let mut forged = a.entries()[0].record.clone();
    let lot = |id: &str| Lot { earned_at: at(0), id: id.into(), ..Lot::default() };
    let moved = |id: &str, units: i64| {
        Effect::LotMoved(LotMoved {
            amount: Amount { units, digits: 0 },
            card: "1001".into(),
            lot: lot(id),
            points: "bonus".into(),
            why: LotMove::Spent,
        })
    };
    let debt = |units: i64| {
        let amount = Amount { units, digits: 0 };
        Effect::DebtMoved(DebtMoved { amount, card: "1001".into(), points: "bonus".into() })
    };
    for debts in [[i64::MAX, i64::MAX], [i64::MIN, i64::MIN]] {
        forged.effects = vec![
            moved("x.1.1/1", i64::MIN),
            moved("x.1.1/2", i64::MIN),
            moved("x.1.1/3", i64::MAX),
            moved("x.1.1/4", i64::MAX),
            debt(debts[0]),
            debt(debts[1]),
        ];
        let mut backend = Backend::new();
        backend.import(&server.upload_all());
        let merge = backend.import(&upload_of_lines(&[line_of(forged.clone())]));
        assert_eq!(merge.accepted, 1);
        backend.points(20, "1001");
    }
}

#[test]
fn a_record_whose_time_goes_back_is_kept_aside() {
    let (_, a) = one_till();
    let mut back = a.entries()[1].record.clone();
    back.envelope.logical_at = at(-1);
    let lines = [line_of(a.entries()[0].record.clone()), line_of(back)];
    let merge = Backend::new().import(&upload_of_lines(&lines));
    assert_eq!((merge.accepted, merge.quarantined), (1, 1));
}

#[test]
fn an_upload_that_is_cut_at_any_byte_gives_all_before_the_cut() {
    let (_, a) = one_till();
    let upload = a.upload_all();
    let ends: Vec<usize> =
        upload.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let mut backend = Backend::new();
    for cut in 0..upload.len() {
        match backend.clone().try_import(&upload[..cut]) {
            Err(error) => {
                assert_eq!(error.code().as_str(), "upload.format");
                assert!(cut < ends[0], "{cut}");
            }
            Ok(merge) => {
                // A line is whole with or without its end.
                let whole = ends[1..4].iter().filter(|end| **end <= cut).count();
                assert_eq!(merge.accepted, whole as u64, "{cut}");
                assert_eq!(merge.cut.is_none(), cut == ends[4], "{cut}");
            }
        }
    }
    assert_eq!(backend.import(&upload).accepted, 3);
}

#[test]
fn a_flipped_bit_ends_the_upload_at_its_line() {
    let (_, a) = one_till();
    let upload = a.upload(0, 2);
    let line_at = |place: usize| upload[..place].iter().filter(|byte| **byte == b'\n').count();
    let backend = Backend::new();
    for place in (0..upload.len()).step_by(7) {
        let mut flipped = upload.clone();
        flipped[place] ^= 1 << (place % 8);
        let line = line_at(place);
        match backend.clone().try_import(&flipped) {
            Err(error) => assert_eq!((line, error.code().as_str()), (0, "upload.format")),
            Ok(merge) => {
                let cut = merge.cut.unwrap_or_else(|| panic!("byte {place} was not seen"));
                assert_eq!(cut.line, line as u64 + 1, "byte {place}");
                assert_eq!(merge.accepted, line as u64 - 1, "byte {place}");
            }
        }
    }
}

#[test]
fn lines_that_were_left_out_or_swapped_are_seen_at_the_end() {
    let (_, a) = one_till();
    let text = String::from_utf8(a.upload_all()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let without = [lines[0], lines[1], lines[3], lines[4]].concat();
    let merge = Backend::new().import(without.as_bytes());
    assert_eq!((merge.accepted, merge.skipped), (1, 1));
    assert_eq!((merge.cut.unwrap().line, merge.gaps), (4, vec![gap("a", 2)]));
    let swapped = [lines[0], lines[2], lines[1], lines[3], lines[4]].concat();
    assert_eq!(Backend::new().import(swapped.as_bytes()).cut.unwrap().line, 5);
}
