//! What every store must do, run on each of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use kopilka::{Key, Position, RecordHash, RecordId};
use kopilka_store::{
    Chain, Change, Digest, MemoryStore, NewRecord, QuarantinedRow, RecordRow, SqliteStore, Store,
    StoreError, StoreFault, StoredProfile,
};

/// A store and how it is opened anew: one in memory is handed on.
trait Maker {
    fn make(&self) -> Box<dyn Store>;
    fn reopen(&self, store: Box<dyn Store>) -> Box<dyn Store>;
}

struct Memory;

impl Maker for Memory {
    fn make(&self) -> Box<dyn Store> {
        Box::new(MemoryStore::new())
    }

    fn reopen(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        store
    }
}

struct Sqlite {
    folder: tempfile::TempDir,
}

impl Sqlite {
    fn new() -> Sqlite {
        Sqlite { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("till.ledger")
    }
}

impl Maker for Sqlite {
    fn make(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(&self.path()).unwrap())
    }

    fn reopen(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        self.make()
    }
}

/// Runs each fact on each store.
macro_rules! facts {
    ($($fact:ident)*) => {
        mod in_memory {
            $( #[test] fn $fact() { super::$fact(&super::Memory); } )*
        }
        mod in_sqlite {
            $( #[test] fn $fact() { super::$fact(&super::Sqlite::new()); } )*
        }
    };
}

facts! {
    a_chain_has_no_gaps_and_no_two_records_of_one_number
    a_change_that_is_refused_in_its_middle_leaves_nothing
    a_copy_holds_what_the_store_holds
    a_known_file_is_not_overwritten_by_a_copy
    a_megabyte_of_text_comes_back_whole
    a_new_store_holds_nothing
    a_record_comes_back_as_it_was_given
    a_record_under_a_known_number_is_refused
    an_instant_that_no_document_may_name_is_refused
    dropping_the_states_leaves_the_records
    heads_are_the_newest_records_of_each_chain
    notes_are_put_replaced_and_removed
    personal_data_is_found_by_guest_and_by_phone
    records_kept_aside_are_kept_once
    records_of_one_instant_stand_in_the_order_of_their_tills
    states_are_visited_by_kind_in_the_order_of_their_ids
    ten_thousand_records_are_read_in_parts
    the_digest_is_that_of_the_states_that_are_there
    the_index_can_be_dropped_and_made_anew
    the_index_gives_each_record_once_and_in_order
    what_was_committed_is_there_after_opening_anew
}

/// Keeps what a visit brought.
fn keep<T>(all: &mut Vec<T>, item: T) -> Result<(), StoreError> {
    all.push(item);
    Ok(())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn position(till: &str, incarnation: u32, sequence: u64, second: i64) -> Position {
    Position { logical_at: at(second), till: till.into(), incarnation, sequence }
}

fn row(position: Position) -> RecordRow {
    let text = format!("{{\"record\":\"{}\"}}", position.id());
    RecordRow { hash: RecordHash::of(text.as_bytes()), position, text }
}

fn record(position: Position, touched: &[Key]) -> NewRecord {
    NewRecord { row: row(position), touched: touched.to_vec() }
}

fn card(number: &str) -> Key {
    Key::Card(number.into())
}

fn records(records: Vec<NewRecord>) -> Change {
    Change { records, ..Change::default() }
}

fn states(states: &[(Key, Option<&str>)]) -> Change {
    let owned = |(key, text): &(Key, Option<&str>)| (key.clone(), text.map(str::to_owned));
    Change { states: states.iter().map(owned).collect(), ..Change::default() }
}

fn profile(guest: &str, phone: Option<&str>, personal: Option<&str>) -> StoredProfile {
    StoredProfile {
        guest: guest.into(),
        personal: personal.map(str::to_owned),
        phone: phone.map(str::to_owned),
        position: position("a", 1, 1, 0),
    }
}

fn refused(store: &mut dyn Store, change: &Change) {
    let before = contents(store);
    assert_eq!(store.commit(change).unwrap_err().fault(), StoreFault::Refused);
    assert_eq!(contents(store), before);
}

fn ids(rows: &[RecordRow]) -> Vec<String> {
    rows.iter().map(|row| row.position.id().to_string()).collect()
}

/// Everything that a store holds.
#[derive(Debug, PartialEq)]
struct Contents {
    records: Vec<RecordRow>,
    states: Vec<(Key, String)>,
    digest: Digest,
    touches: Vec<(Key, RecordId)>,
    notes: BTreeMap<String, String>,
    profiles: Vec<StoredProfile>,
    quarantined: Vec<QuarantinedRow>,
}

fn contents(store: &mut dyn Store) -> Contents {
    let mut all = Contents {
        records: store.records_after(None, usize::MAX).unwrap(),
        states: Vec::new(),
        digest: store.state_digest().unwrap(),
        touches: Vec::new(),
        notes: BTreeMap::new(),
        profiles: Vec::new(),
        quarantined: Vec::new(),
    };
    for kind in Key::KINDS {
        let states = &mut all.states;
        store.each_state(kind, &mut |state| keep(states, state)).unwrap();
    }
    store.each_touch(&mut |touch| keep(&mut all.touches, touch)).unwrap();
    store
        .each_note(&mut |note| {
            all.notes.extend([note]);
            Ok(())
        })
        .unwrap();
    store.each_profile(&mut |profile| keep(&mut all.profiles, profile)).unwrap();
    store.each_quarantined(&mut |row| keep(&mut all.quarantined, row)).unwrap();
    assert_eq!(store.count_state_digest().unwrap(), all.digest);
    assert_eq!(store.examine().unwrap(), []);
    all
}

/// A change with something of everything.
fn of_everything() -> Change {
    let quarantined = QuarantinedRow {
        record: position("b", 1, 7, 0).id(),
        hash: RecordHash::of(b"forked"),
        text: "forked".into(),
        reason: "record.chain".into(),
        at: at(3),
    };
    Change {
        records: vec![
            record(position("a", 1, 1, 0), &[card("1"), Key::Command("k1".into())]),
            record(position("a", 1, 2, 1), &[card("2"), Key::Limit("daily".into(), "g".into())]),
            record(position("b", 1, 1, 0), &[card("1")]),
        ],
        states: vec![
            (card("1"), Some("one".into())),
            (card("2"), Some("two".into())),
            (Key::Limit("daily".into(), "g".into()), Some("3".into())),
        ],
        profiles: vec![profile("guest", Some("+79161234567"), Some("{}"))],
        notes: vec![("incarnation".into(), Some("1".into()))],
        quarantined: vec![quarantined],
        ..Change::default()
    }
}

fn a_new_store_holds_nothing(maker: &dyn Maker) {
    let mut store = maker.make();
    let store = store.as_mut();
    let all = contents(store);
    assert!(all.records.is_empty() && all.states.is_empty() && all.touches.is_empty());
    assert!(all.notes.is_empty() && all.profiles.is_empty() && all.quarantined.is_empty());
    assert_eq!(all.digest, Digest::default());
    assert_eq!(store.heads().unwrap(), []);
    assert_eq!(store.note("x").unwrap(), None);
    assert_eq!(store.state(&card("1")).unwrap(), None);
    assert_eq!(store.record(&position("a", 1, 1, 0).id()).unwrap(), None);
    assert_eq!(store.last_touch(&card("1")).unwrap(), None);
    assert_eq!(store.profile("guest").unwrap(), None);
    assert_eq!(store.chain(&Chain { till: "a".into(), incarnation: 1 }, 0, 9).unwrap(), []);
}

fn a_record_comes_back_as_it_was_given(maker: &dyn Maker) {
    let mut store = maker.make();
    let mut given = record(position("till-1", 4_294_967_295, 1, 0), &[card("1")]);
    given.row.position.logical_at = at(0) + SignedDuration::from_nanos(1);
    store.commit(&records(vec![given.clone()])).unwrap();
    let id = given.row.position.id();
    assert_eq!(store.record(&id).unwrap(), Some(given.row));
    for other in [RecordId { sequence: 0, ..id.clone() }, RecordId { sequence: 2, ..id.clone() }] {
        assert_eq!(store.record(&other).unwrap(), None);
    }
    assert_eq!(store.record(&RecordId { incarnation: 1, ..id }).unwrap(), None);
}

fn what_was_committed_is_there_after_opening_anew(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&of_everything()).unwrap();
    let before = contents(store.as_mut());
    let mut store = maker.reopen(store);
    assert_eq!(contents(store.as_mut()), before);
    store.checkpoint().unwrap();
    assert_eq!(store.unsettled_bytes().unwrap(), 0);
    assert_eq!(contents(store.as_mut()), before);
    let mut store = maker.reopen(store);
    assert_eq!(contents(store.as_mut()), before);
    // The chain goes on where it was.
    store.commit(&records(vec![record(position("a", 1, 3, 5), &[])])).unwrap();
    assert_eq!(store.heads().unwrap()[0].sequence, 3);
}

fn a_chain_has_no_gaps_and_no_two_records_of_one_number(maker: &dyn Maker) {
    let mut store = maker.make();
    let store = store.as_mut();
    refused(store, &records(vec![record(position("a", 1, 2, 0), &[])]));
    refused(store, &records(vec![record(position("a", 1, 0, 0), &[])]));
    store.commit(&records(vec![record(position("a", 1, 1, 0), &[])])).unwrap();
    refused(store, &records(vec![record(position("a", 1, 3, 0), &[])]));
    let twice = vec![record(position("a", 1, 2, 0), &[]), record(position("a", 1, 2, 1), &[])];
    refused(store, &records(twice));
    // Another incarnation is another chain.
    store.commit(&records(vec![record(position("a", 2, 1, 0), &[])])).unwrap();
    assert_eq!(ids(&store.records_after(None, 9).unwrap()), ["a.1.1", "a.2.1"]);
}

fn a_record_under_a_known_number_is_refused(maker: &dyn Maker) {
    let mut store = maker.make();
    let known = record(position("a", 1, 1, 0), &[]);
    store.commit(&records(vec![known.clone()])).unwrap();
    refused(store.as_mut(), &records(vec![known.clone()]));
    let mut other = known.clone();
    other.row.text = "{}".into();
    refused(store.as_mut(), &records(vec![other]));
    assert_eq!(store.records_after(None, 9).unwrap(), [known.row]);
}

fn a_change_that_is_refused_in_its_middle_leaves_nothing(maker: &dyn Maker) {
    let mut store = maker.make();
    let store = store.as_mut();
    store.commit(&of_everything()).unwrap();
    let fresh = record(position("c", 1, 1, 0), &[card("9")]);
    let mut change = Change {
        drop_states: true,
        drop_touches: true,
        states: vec![(card("9"), Some("nine".into())), (card("1"), None)],
        notes: vec![("incarnation".into(), None)],
        profiles: vec![profile("other", None, None)],
        ..records(vec![fresh.clone(), record(position("a", 1, 9, 0), &[])])
    };
    refused(store, &change);
    change.records = vec![fresh];
    change.touches = vec![(position("d", 1, 1, 0).id(), vec![card("1")])];
    refused(store, &change);
    // The chain that was begun in what was refused begins with 1 all the same.
    change.touches.clear();
    store.commit(&change).unwrap();
    assert_eq!(store.state(&card("9")).unwrap().as_deref(), Some("nine"));
}

fn an_instant_that_no_document_may_name_is_refused(maker: &dyn Maker) {
    let mut store = maker.make();
    for year in ["1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z"] {
        let mut early = record(position("a", 1, 1, 0), &[]);
        early.row.position.logical_at = year.parse().unwrap();
        refused(store.as_mut(), &records(vec![early]));
    }
    let mut first = record(position("a", 1, 1, 0), &[]);
    first.row.position.logical_at = "1900-01-01T00:00:00Z".parse().unwrap();
    let mut last = record(position("a", 1, 2, 0), &[]);
    last.row.position.logical_at = "2199-12-31T23:59:59.999999999Z".parse().unwrap();
    store.commit(&records(vec![first.clone(), last.clone()])).unwrap();
    assert_eq!(store.records_after(None, 9).unwrap(), [first.row, last.row]);
}

fn records_of_one_instant_stand_in_the_order_of_their_tills(maker: &dyn Maker) {
    let mut store = maker.make();
    // Chains are met in another order than their names have.
    let all = [
        ("c", 1, 1, 5),
        ("b", 2, 1, 5),
        ("b", 1, 1, 5),
        ("b", 1, 2, 5),
        ("a", 1, 1, 6),
        ("d", 1, 1, 4),
    ];
    for (till, incarnation, sequence, second) in all {
        let new = record(position(till, incarnation, sequence, second), &[card("1")]);
        store.commit(&records(vec![new])).unwrap();
    }
    let expected = ["d.1.1", "b.1.1", "b.1.2", "b.2.1", "c.1.1", "a.1.1"];
    let found = store.records_after(None, 9).unwrap();
    assert_eq!(ids(&found), expected);
    assert_eq!(ids(&store.records_touching(&[card("1")], None, 9).unwrap()), expected);
    for (place, row) in found.iter().enumerate() {
        let after = Some(&row.position);
        assert_eq!(
            ids(&store.records_after(after, 2).unwrap()),
            expected[place + 1..].iter().take(2).copied().collect::<Vec<_>>()
        );
        let touching = store.records_touching(&[card("1")], after, 9).unwrap();
        assert_eq!(ids(&touching), expected[place + 1..]);
    }
    // A position between two records, at which none stands.
    let between = position("b", 1, 7, 5);
    assert_eq!(ids(&store.records_after(Some(&between), 1).unwrap()), ["b.2.1"]);
    assert_eq!(store.last_touch(&card("1")).unwrap(), Some(position("a", 1, 1, 6)));
}

fn the_index_gives_each_record_once_and_in_order(maker: &dyn Maker) {
    let mut store = maker.make();
    let (one, two, three) = (card("1"), card("2"), Key::Sale("a.1.1".into()));
    store
        .commit(&records(vec![
            record(position("a", 1, 1, 0), &[one.clone(), three.clone(), one.clone()]),
            record(position("a", 1, 2, 1), std::slice::from_ref(&two)),
            record(position("a", 1, 3, 2), &[one.clone(), two.clone()]),
            record(position("a", 1, 4, 3), &[]),
        ]))
        .unwrap();
    let touching = |store: &mut dyn Store, keys: &[Key], most| {
        ids(&store.records_touching(keys, None, most).unwrap())
    };
    let store = store.as_mut();
    assert_eq!(touching(store, std::slice::from_ref(&one), 9), ["a.1.1", "a.1.3"]);
    assert_eq!(
        touching(store, &[two.clone(), one.clone(), one.clone()], 9),
        ["a.1.1", "a.1.2", "a.1.3"]
    );
    assert_eq!(touching(store, &[two.clone(), one.clone()], 2), ["a.1.1", "a.1.2"]);
    assert_eq!(touching(store, &[], 9), [""; 0]);
    // A sale and a card of one id are two states.
    assert_eq!(touching(store, &[card("a.1.1")], 9), [""; 0]);
    assert_eq!(store.last_touch(&two).unwrap(), Some(position("a", 1, 3, 2)));
    let mut touches = Vec::new();
    store.each_touch(&mut |(key, id)| keep(&mut touches, (key, id.sequence))).unwrap();
    let expected = [(one.clone(), 1), (one, 3), (two.clone(), 2), (two, 3), (three, 1)];
    assert_eq!(touches, expected);
}

fn the_index_can_be_dropped_and_made_anew(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&of_everything()).unwrap();
    let before = contents(store.as_mut());
    store.commit(&Change { drop_touches: true, ..Change::default() }).unwrap();
    assert_eq!(store.records_touching(&[card("1")], None, 9).unwrap(), []);
    assert_eq!(store.records_after(None, 9).unwrap(), before.records);
    let new = of_everything().records.into_iter();
    let touches = new.map(|record| (record.row.position.id(), record.touched)).collect();
    store.commit(&Change { drop_touches: true, touches, ..Change::default() }).unwrap();
    assert_eq!(contents(store.as_mut()), before);
}

fn the_digest_is_that_of_the_states_that_are_there(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&states(&[(card("1"), Some("a")), (card("2"), Some("b"))])).unwrap();
    store.commit(&states(&[(card("1"), Some("c")), (card("2"), None), (card("3"), None)])).unwrap();
    store.commit(&states(&[(card("4"), Some("d")), (card("4"), Some("e"))])).unwrap();
    let mut expected = Digest::default();
    expected.add(&card("4"), "e");
    expected.add(&card("1"), "c");
    assert_eq!(store.state_digest().unwrap(), expected);
    assert_eq!(store.count_state_digest().unwrap(), expected);
    assert_eq!(store.state(&card("2")).unwrap(), None);
    assert_eq!(store.state(&card("4")).unwrap().as_deref(), Some("e"));
    store.commit(&states(&[(card("4"), None), (card("1"), None)])).unwrap();
    assert_eq!(store.state_digest().unwrap(), Digest::default());
}

fn dropping_the_states_leaves_the_records(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&of_everything()).unwrap();
    let before = contents(store.as_mut());
    let change = Change { drop_states: true, ..states(&[(card("5"), Some("five"))]) };
    store.commit(&change).unwrap();
    let after = contents(store.as_mut());
    assert_eq!(after.states, [(card("5"), "five".to_owned())]);
    assert_eq!((after.records, after.touches), (before.records, before.touches));
}

fn states_are_visited_by_kind_in_the_order_of_their_ids(maker: &dyn Maker) {
    let mut store = maker.make();
    let ids = ["я", "b", "B", "10", "9", "", "b b", "é"];
    let mut change: Vec<_> = ids.iter().map(|id| (card(id), Some("x"))).collect();
    change.push((Key::Coupon("c".into()), Some("y")));
    store.commit(&states(&change)).unwrap();
    let mut visited = Vec::new();
    store.each_state("card", &mut |(key, _)| keep(&mut visited, key.id())).unwrap();
    // By bytes: empty, digits, capitals, letters, then é (c3 a9) and я (d1 8f).
    assert_eq!(visited, ["", "10", "9", "B", "b", "b b", "é", "я"]);
    let stop = StoreError::new(StoreFault::Failed, "enough");
    let mut left = 2;
    let stopped = store.each_state("card", &mut |_| {
        left -= 1;
        if left == 0 { Err(stop.clone()) } else { Ok(()) }
    });
    assert_eq!(stopped, Err(stop));
    assert_eq!(left, 0);
}

fn notes_are_put_replaced_and_removed(maker: &dyn Maker) {
    let mut store = maker.make();
    let note = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    let notes = |notes| Change { notes, ..Change::default() };
    store
        .commit(&notes(vec![note("b", Some("1")), note("a", Some("")), note("c", Some("3"))]))
        .unwrap();
    store.commit(&notes(vec![note("b", Some("2")), note("c", None), note("d", None)])).unwrap();
    assert_eq!(store.note("b").unwrap().as_deref(), Some("2"));
    let mut all = Vec::new();
    store.each_note(&mut |note| keep(&mut all, note)).unwrap();
    assert_eq!(all, [("a".to_owned(), String::new()), ("b".to_owned(), "2".to_owned())]);
}

fn personal_data_is_found_by_guest_and_by_phone(maker: &dyn Maker) {
    let mut store = maker.make();
    let phone = Some("+79161234567");
    let profiles = |profiles| Change { profiles, ..Change::default() };
    let (anna, boris, vera) = (
        profile("anna", phone, Some("{}")),
        profile("boris", phone, Some("{}")),
        profile("vera", None, Some("")),
    );
    store.commit(&profiles(vec![vera.clone(), boris.clone(), anna.clone()])).unwrap();
    assert_eq!(store.profiles_by_phone("+79161234567").unwrap(), [anna, boris.clone()]);
    assert_eq!(store.profiles_by_phone("+7916123456").unwrap(), []);
    assert_eq!(store.profile("vera").unwrap(), Some(vera));
    // Erased: neither the number nor the data is found, but that it was so.
    let erased = profile("anna", None, None);
    store.commit(&profiles(vec![erased.clone()])).unwrap();
    assert_eq!(store.profiles_by_phone("+79161234567").unwrap(), [boris]);
    assert_eq!(store.profile("anna").unwrap(), Some(erased));
    let mut guests = Vec::new();
    store.each_profile(&mut |profile| keep(&mut guests, profile.guest)).unwrap();
    assert_eq!(guests, ["anna", "boris", "vera"]);
}

fn records_kept_aside_are_kept_once(maker: &dyn Maker) {
    let mut store = maker.make();
    let row = |sequence, text: &str, second| QuarantinedRow {
        record: position("a", 1, sequence, 0).id(),
        hash: RecordHash::of(text.as_bytes()),
        text: text.into(),
        reason: "record.chain".into(),
        at: at(second),
    };
    let quarantined = vec![row(10, "x", 0), row(9, "y", 0), row(10, "x", 5)];
    store.commit(&Change { quarantined, ..Change::default() }).unwrap();
    let again = Change { quarantined: vec![row(9, "y", 7), row(9, "z", 7)], ..Change::default() };
    store.commit(&again).unwrap();
    let mut all = Vec::new();
    store.each_quarantined(&mut |row| keep(&mut all, row)).unwrap();
    let (mut ninth, tenth) = (vec![row(9, "y", 0), row(9, "z", 7)], row(10, "x", 0));
    ninth.sort_by_key(|row| row.hash.0);
    assert_eq!(all, [ninth, vec![tenth]].concat());
}

fn heads_are_the_newest_records_of_each_chain(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&of_everything()).unwrap();
    store.commit(&records(vec![record(position("a", 2, 1, 9), &[])])).unwrap();
    let heads = store.heads().unwrap();
    let found: Vec<_> =
        heads.iter().map(|head| head.chain.record(head.sequence).to_string()).collect();
    assert_eq!(found, ["a.1.2", "a.2.1", "b.1.1"]);
    assert_eq!(heads[0].hash, RecordHash::of(b"{\"record\":\"a.1.2\"}"));
}

fn a_megabyte_of_text_comes_back_whole(maker: &dyn Maker) {
    let mut store = maker.make();
    let text = "копилка\0\u{fffd}\n".repeat(1 << 16);
    assert!(text.len() > 1 << 20);
    let mut big = record(position("a", 1, 1, 0), &[]);
    big.row.text.clone_from(&text);
    big.row.hash = RecordHash::of(text.as_bytes());
    let change =
        Change { states: vec![(card("1"), Some(text.clone()))], ..records(vec![big.clone()]) };
    store.commit(&change).unwrap();
    let mut store = maker.reopen(store);
    assert_eq!(store.state(&card("1")).unwrap(), Some(text));
    assert_eq!(store.records_after(None, 1).unwrap(), [big.row]);
}

fn ten_thousand_records_are_read_in_parts(maker: &dyn Maker) {
    let mut store = maker.make();
    // Two tills take turns; every hundredth record touches the card.
    let phone = [Key::Phone(String::new())];
    let all: Vec<NewRecord> = (0..10_000)
        .map(|number: u32| {
            let till = if number.is_multiple_of(2) { "a" } else { "b" };
            let place = position(till, 1, u64::from(number / 2) + 1, i64::from(number / 3));
            record(place, if number.is_multiple_of(100) { &phone } else { &[] })
        })
        .collect();
    let mut expected: Vec<RecordRow> = all.iter().map(|record| record.row.clone()).collect();
    expected.sort_by(|one, other| one.position.cmp(&other.position));
    for part in all.chunks(2500) {
        store.commit(&records(part.to_vec())).unwrap();
    }
    let mut read: Vec<RecordRow> = Vec::new();
    loop {
        let part = store.records_after(read.last().map(|row| &row.position), 777).unwrap();
        if part.is_empty() {
            break;
        }
        read.extend(part);
    }
    assert_eq!(read, expected);
    let chain = Chain { till: "b".into(), incarnation: 1 };
    let part = store.chain(&chain, 4990, 100).unwrap();
    assert_eq!(
        part.iter().map(|row| row.position.sequence).collect::<Vec<_>>(),
        (4991..=5000).collect::<Vec<_>>()
    );
    assert_eq!(ids(&store.chain(&chain, 7, 2).unwrap()), ["b.1.8", "b.1.9"]);
    assert_eq!(store.records_touching(&phone, None, 1000).unwrap().len(), 100);
    assert_eq!(store.examine().unwrap(), []);
}

fn a_copy_holds_what_the_store_holds(maker: &dyn Maker) {
    let mut store = maker.make();
    store.commit(&of_everything()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy.ledger");
    store.back_up(&to).unwrap();
    let before = contents(store.as_mut());
    store.commit(&records(vec![record(position("a", 1, 3, 9), &[])])).unwrap();
    let mut copy = SqliteStore::open(&to).unwrap();
    assert_eq!(contents(&mut copy), before);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("part")), "{left:?}");
}

fn a_known_file_is_not_overwritten_by_a_copy(maker: &dyn Maker) {
    let mut store = maker.make();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy.ledger");
    std::fs::write(&to, "mine").unwrap();
    assert_eq!(store.back_up(&to).unwrap_err().fault(), StoreFault::Refused);
    assert_eq!(std::fs::read(&to).unwrap(), b"mine");
    let missing = Path::new("/nowhere/at all/copy.ledger");
    assert_eq!(store.back_up(missing).unwrap_err().fault(), StoreFault::Folder);
    store.commit(&of_everything()).unwrap();
}
