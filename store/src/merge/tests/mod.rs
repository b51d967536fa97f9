//! Tills that work apart, their uploads, and a backend that takes them in.

mod examples;
mod faults;
mod orders;
mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kopilka::upload::Merge;
use kopilka::{
    Answer, Balance, Book, CardQuery, ChainEnd, Command, Decision, Entry, Error, Key, Program,
    Request, Slice, apply, decide, touched,
};

use super::states::load;
use super::{Import, Step};
use crate::memory::MemoryStore;
use crate::store::{Chain, Change, NewRecord, RecordRow, Store, StoredProfile};
use crate::upload::read::Reading;
use crate::upload::write::Upload;

/// Points pay everything, a tenth of what is paid in money comes back, and there are presents.
const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "redemption": {"percent": "100"},
    "earning": {"rules": [{"id": "tenth", "give": {"percent": "10"}}]},
    "grants": [{"id": "start", "amount": "300"}, {"id": "forty", "amount": "40"}],
    "limits": [{"id": "often", "covers": ["tenth"], "per": "card", "period": "day", "uses": 100}]
}"#;

fn program() -> Program {
    Program::compile(PROGRAM).unwrap()
}

fn opening() -> Timestamp {
    "2026-11-21T09:00:00+03:00".parse().unwrap()
}

fn at(minutes: i64) -> Timestamp {
    opening() + SignedDuration::from_mins(minutes)
}

/// A till that works apart, with everything that it knows.
#[derive(Clone)]
struct Till {
    name: &'static str,
    book: Book,
}

impl Till {
    fn new(name: &'static str) -> Till {
        Till { name, book: Book::new(name, program()).unwrap() }
    }

    /// Calls at a minute; the key is the till's own.
    fn call(&mut self, minute: i64, command: &str) -> Answer {
        let key = format!("{}-{}", self.name, self.book.entries().len() + 1);
        self.call_as(minute, &key, command)
    }

    fn call_as(&mut self, minute: i64, key: &str, command: &str) -> Answer {
        let at = at(minute);
        let text = format!(r#"{{"at":"{at}","key":"{key}","command":{command}}}"#);
        let node = kopilka::json::Node::parse(&text, 1 << 20).unwrap();
        self.book.call_node(&node).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    fn sell(&mut self, minute: i64, card: &str, price: &str, points: &str) -> String {
        let command = format!(
            r#"{{"sell":{{"order":{{"cards":[{{"number":"{card}"}}],
                "lines":[{{"id":"1","price":"{price}"}}],
                "spend":{{"mode":"exact","points":"{points}"}}}}}}}}"#
        );
        let Answer::Sale(sale) = self.call(minute, &command) else { panic!("no sale") };
        sale.token.unwrap()
    }

    fn issue(&mut self, minute: i64, card: &str) {
        self.call(minute, &format!(r#"{{"issue":{{"card":"{card}"}}}}"#));
    }

    fn grant(&mut self, minute: i64, card: &str, grant: &str) {
        self.call(minute, &format!(r#"{{"grant":{{"card":"{card}","grant":"{grant}"}}}}"#));
    }

    /// Everything that another till did becomes known here.
    fn learn(&mut self, of: &Till) {
        of.book.entries().iter().for_each(|entry| self.book.receive(Arc::clone(entry)).unwrap());
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        self.book.entries().to_vec()
    }

    /// The upload of its own records after one number and up to another.
    fn upload(&self, after: usize, to: usize) -> Vec<u8> {
        upload_of(&self.book.entries()[..to], &[], after)
    }

    fn upload_all(&self) -> Vec<u8> {
        self.upload(0, self.book.entries().len())
    }
}

fn row(entry: &Entry) -> NewRecord {
    let position = entry.record.envelope.position();
    let row = RecordRow { position, hash: entry.hash, text: entry.text() };
    NewRecord { row, touched: touched(entry) }
}

/// The upload of one chain after a number.
fn upload_of(entries: &[Arc<Entry>], profiles: &[StoredProfile], after: usize) -> Vec<u8> {
    let mut store = MemoryStore::default();
    let records = entries.iter().map(|entry| row(entry)).collect();
    let change = Change { records, profiles: profiles.to_vec(), ..Change::default() };
    store.commit(&change).unwrap();
    let known = after.checked_sub(1).map(|last| end_of(&entries[last]));
    export(&mut store, known.as_slice(), !profiles.is_empty())
}

fn end_of(entry: &Entry) -> ChainEnd {
    let id = entry.record.envelope.id();
    let hash = entry.hash.to_string();
    ChainEnd { hash, incarnation: id.incarnation, sequence: id.sequence, till: id.till }
}

fn export(store: &mut dyn Store, after: &[ChainEnd], with_personal: bool) -> Vec<u8> {
    let mut upload = Upload::begin(store, Some("shop".into()), after).unwrap();
    while upload.more(store).unwrap() {}
    if with_personal {
        upload.profiles(store).unwrap();
    }
    upload.end();
    upload.take()
}

/// A ledger that takes in uploads.
#[derive(Clone)]
struct Backend {
    store: MemoryStore,
    own: Chain,
}

impl Backend {
    fn new() -> Backend {
        let own = Chain { till: "server".into(), incarnation: 1 };
        Backend { store: MemoryStore::default(), own }
    }

    fn import(&mut self, upload: &[u8]) -> Merge {
        self.try_import(upload).unwrap()
    }

    fn try_import(&mut self, upload: &[u8]) -> Result<Merge, Error> {
        let mut input = upload;
        let (mut reading, head) = Reading::begin(&mut input)?;
        let mut import = Import::begin(Some("shop"), head, opening())?;
        loop {
            let piece = reading.piece();
            if piece.is_empty() {
                return Ok(import.finish(&mut self.store, &self.own, reading.cut())?);
            }
            while let Step::BeginAnew(incarnation) =
                import.piece(&mut self.store, &self.own, &piece)?
            {
                assert!(incarnation > self.own.incarnation);
                self.own.incarnation = incarnation;
            }
        }
    }

    /// Every state, as it is kept.
    fn states(&mut self) -> BTreeMap<Key, String> {
        let mut states = BTreeMap::new();
        for kind in Key::KINDS {
            let mut visit = |(key, text)| {
                states.insert(key, text);
                Ok(())
            };
            self.store.each_state(kind, &mut visit).unwrap();
        }
        states
    }

    /// What is spendable of a card and what it owes, by the states as they are kept.
    fn points(&mut self, minute: i64, card: &str) -> (String, String) {
        let mut slice = Slice::new("server", 1);
        load(&mut self.store, &mut slice, &Key::Card(card.into())).unwrap();
        let query = CardQuery { card: card.into(), ..CardQuery::default() };
        let request = Request::new(at(minute), Command::Balance(query));
        let Decision::Answer(answer) = decide(&program(), &slice, &request).unwrap() else {
            panic!("a balance is asked, not recorded")
        };
        let Answer::Card(answer) = *answer else { panic!("no balance") };
        let points: &Balance = &answer.card.balances[0];
        (points.spendable.to_string(), points.debt.to_string())
    }
}

/// The states that records add up to: all of them, in their one order, from nothing.
fn folded<'e>(entries: impl IntoIterator<Item = &'e Arc<Entry>>) -> BTreeMap<Key, String> {
    let mut entries: Vec<&Arc<Entry>> = entries.into_iter().collect();
    entries.sort_by_key(|entry| entry.record.envelope.position());
    entries.dedup_by_key(|entry| entry.hash);
    let mut slice = Slice::new("server", 1);
    entries.iter().for_each(|entry| apply(&mut slice, entry));
    let keys: BTreeSet<Key> = entries.iter().flat_map(|entry| touched(entry)).collect();
    keys.into_iter().filter_map(|key| Some((key.clone(), slice.stored(&key)?))).collect()
}

/// Every order of some things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[test]
fn there_are_as_many_orders_as_the_factorial_says() {
    assert_eq!(orders(&[1, 2, 3]).len(), 6);
    assert_eq!(orders(&[1, 2, 3, 4, 5, 6]).len(), 720);
}
