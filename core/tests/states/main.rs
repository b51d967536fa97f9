//! What a store keeps is enough: states that were written as texts and read again decide as the whole
//! book does, a record names every state that it changes, and the states of several tills are the same
//! in whatever order their records come in.

mod host;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use host::{Host, Outcome, together, touching};
use jiff::{SignedDuration, Timestamp};
use kopilka::document::{canonical, from_node};
use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult};
use steps::{OPENING, Step, TILLS, program, steps, watched_steps, watching};

/// So many cases, the same in every run; or as many as `PROPTEST_CASES` says, others each time.
fn cases(quick: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { Config { cases: quick, rng_seed, ..config } }
}

/// A till with its book, and beside it a host that keeps texts only.
struct Till {
    book: Book,
    host: Host,
    minutes: i64,
}

struct Tills {
    tills: Vec<Till>,
    tokens: Vec<String>,
    asked: usize,
}

fn texts(book: &Book) -> BTreeMap<Key, String> {
    let slice = book.slice();
    slice.loaded().into_iter().filter_map(|key| Some((key.clone(), slice.stored(&key)?))).collect()
}

/// Both have the same texts; of those that differ the first is told.
fn are_same(left: &BTreeMap<Key, String>, right: &BTreeMap<Key, String>) -> TestCaseResult {
    for key in left.keys().chain(right.keys()) {
        prop_assert_eq!(left.get(key), right.get(key), "{:?}", key);
    }
    Ok(())
}

fn shuffled<T: Clone>(items: &[T], mut seed: u64) -> Vec<T> {
    let mut items = items.to_vec();
    for place in (1..items.len()).rev() {
        // Knuth's multiplier for 64 bits; only that orders differ matters.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        items.swap(place, (seed >> 33) as usize % (place + 1));
    }
    items
}

impl Tills {
    fn new() -> Tills {
        let till = |name: &&str| Till {
            book: Book::new(name, program()).unwrap(),
            host: Host::new(name, program()),
            minutes: 0,
        };
        Tills { tills: TILLS.iter().map(till).collect(), tokens: Vec::new(), asked: 0 }
    }

    /// Cards and guests that all tills know, and what was asked before.
    fn opened(before: &[String]) -> Result<Tills, TestCaseError> {
        let mut tills = Tills::new();
        for command in before.iter().map(String::as_str).chain(OPENING.iter().copied()) {
            tills.call(0, command, false)?;
        }
        let entries = tills.tills[0].book.entries().to_vec();
        prop_assert_eq!(entries.len(), before.len() + OPENING.len());
        for till in 1..TILLS.len() {
            tills.receive(till, &entries)?;
        }
        Ok(tills)
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        match step {
            Step::Wait { minutes } => {
                for (till, minutes) in self.tills.iter_mut().zip(minutes) {
                    till.minutes += minutes;
                }
            }
            Step::Receive { till, from, first, count, shuffle } => {
                let entries = self.tills[*from].book.entries();
                let first = if entries.is_empty() { 0 } else { first % entries.len() };
                let chosen: Vec<_> = entries.iter().skip(first).take(*count).cloned().collect();
                if till != from {
                    self.receive(*till, &shuffled(&chosen, *shuffle))?;
                }
            }
            Step::Call { till, command, words, repeat } => {
                let name = TILLS[*till];
                if let Some(text) = steps::command(command, words, name, &self.tokens) {
                    self.call(*till, &text, *repeat)?;
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self, till: usize, entries: &[Arc<Entry>]) -> TestCaseResult {
        let till = &mut self.tills[till];
        for entry in entries {
            till.book.receive(Arc::clone(entry)).unwrap();
            till.host.receive(entry);
        }
        are_same(till.host.states(), &texts(&till.book))
    }

    fn call(&mut self, till_number: usize, command: &str, repeat: bool) -> TestCaseResult {
        let till = till_number;
        self.asked += usize::from(!repeat);
        let start: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let at = start + SignedDuration::from_mins(self.tills[till].minutes);
        let text = format!(
            r#"{{"at": "{at}", "key": "key-{}", "command": {command},
                "entropy": "00112233445566778899aabbccddeeff"}}"#,
            self.asked
        );
        let request: Request = from_node(&json::Node::parse(&text, usize::MAX).unwrap()).unwrap();
        let till = &mut self.tills[till];
        let (before, count) = (texts(&till.book), till.book.entries().len());
        let whole = till.book.call(&request);
        let made = till.book.entries().get(count).cloned();
        match (till.host.call(&request), whole) {
            (Err(part), Err(whole)) => prop_assert_eq!(part, whole, "{}", text),
            (Ok(Outcome::Answer(part)), Ok(whole)) => {
                prop_assert_eq!(canonical(&*part), canonical(&whole), "{}", text);
            }
            (Ok(Outcome::Known(entry)), Ok(_)) => {
                prop_assert!(made.is_none(), "{}", text);
                prop_assert_eq!(entry.record.envelope.key.clone(), request.key.unwrap());
            }
            (Ok(Outcome::Record(part)), Ok(answer)) => {
                let made = made.unwrap();
                prop_assert_eq!(part.text(), made.text());
                prop_assert_eq!(&Entry::read(&made.text()).unwrap(), &made);
                self.note_tokens(&answer);
            }
            (part, whole) => {
                let part = part.map(|_| "done");
                return Err(TestCaseError::fail(format!("{text}: {part:?}, not {whole:?}")));
            }
        }
        self.check_touched(till_number, count, &before)
    }

    /// What changed is what the record touched, and what the host keeps.
    fn check_touched(
        &self,
        till: usize,
        count: usize,
        before: &BTreeMap<Key, String>,
    ) -> TestCaseResult {
        let till = &self.tills[till];
        let after = texts(&till.book);
        let named: BTreeSet<Key> =
            till.book.entries()[count..].iter().flat_map(|entry| touched(entry)).collect();
        for key in before.keys().chain(after.keys()) {
            let changed = before.get(key) != after.get(key);
            prop_assert!(!changed || named.contains(key), "{:?} changed unnamed", key);
        }
        are_same(till.host.states(), &after)
    }

    fn note_tokens(&mut self, answer: &Answer) {
        match answer {
            Answer::Sale(sale) => self.tokens.extend(sale.token.clone()),
            Answer::Bill(bill) => {
                self.tokens.extend(bill.bills.iter().filter_map(|bill| bill.token.clone()));
            }
            _ => {}
        }
    }
}

/// Every record of all tills, in the order of their places.
fn all_records(tills: &Tills) -> Vec<Arc<Entry>> {
    let mut all: Vec<Arc<Entry>> =
        tills.tills.iter().flat_map(|till| till.book.entries().iter().cloned()).collect();
    all.sort_by_key(|entry| entry.record.envelope.position());
    all
}

fn backend(records: &[Arc<Entry>]) -> Book {
    let mut book = Book::new("backend", program()).unwrap();
    for entry in records {
        book.receive(Arc::clone(entry)).unwrap();
    }
    book
}

/// The states of keys of commands are a till's own: its own record answers.
fn of_everybody(mut texts: BTreeMap<Key, String>) -> BTreeMap<Key, String> {
    texts.retain(|key, _| !matches!(key, Key::Command(_)));
    texts
}

fn check_orders(tills: &mut Tills, seeds: [u64; 4]) -> TestCaseResult {
    let all = all_records(tills);
    let in_order = backend(&all);
    let expected = texts(&in_order);
    for seed in &seeds[..2] {
        let twice = shuffled(&[&all[..], &all[..all.len() / 2]].concat(), *seed);
        are_same(&texts(&backend(&twice)), &expected)?;
    }
    let mut host = Host::new("backend", program());
    shuffled(&all, seeds[2]).iter().for_each(|entry| host.receive(entry));
    are_same(host.states(), &expected)?;
    for (till, name) in TILLS.iter().enumerate() {
        let others: Vec<_> =
            all.iter().filter(|entry| entry.record.envelope.till != *name).cloned().collect();
        tills.receive(till, &shuffled(&others, seeds[3]))?;
        let own = of_everybody(texts(&tills.tills[till].book));
        are_same(&own, &of_everybody(expected.clone()))?;
    }
    check_folds(&all, &expected)
}

/// A state is what the records add up to that touch it, with what they were read from.
fn check_folds(all: &[Arc<Entry>], expected: &BTreeMap<Key, String>) -> TestCaseResult {
    for (key, text) in expected {
        let keys = together(vec![key.clone()], all.iter());
        let mut slice = Slice::new("backend", 1);
        touching(&keys, all.iter()).for_each(|entry| apply(&mut slice, entry));
        let folded = slice.stored(key);
        prop_assert_eq!(folded.as_ref(), Some(text), "{:?}", key);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_is_kept_as_text_decides_as_the_whole_book_and_no_order_of_records_matters(
        steps in steps(),
        seeds in any::<[u64; 4]>(),
    ) {
        check(Tills::opened(&[])?, &steps, seeds)?;
    }

    #[test]
    fn so_it_is_where_a_watch_with_the_whole_catalogue_is_in_force(
        steps in watched_steps(),
        seeds in any::<[u64; 4]>(),
    ) {
        let tills = Tills::opened(&watching())?;
        let watched = |till: &Till| texts(&till.book).keys().any(|key| matches!(key, Key::Watch(..)));
        prop_assert!(tills.tills.iter().all(watched));
        check(tills, &steps, seeds)?;
    }
}

fn check(mut tills: Tills, steps: &[Step], seeds: [u64; 4]) -> TestCaseResult {
    for (number, step) in steps.iter().enumerate() {
        if let Err(TestCaseError::Fail(why)) = tills.take(step) {
            prop_assert!(false, "step {}, {:?}: {}", number, step, why);
        }
    }
    check_orders(&mut tills, seeds)
}
