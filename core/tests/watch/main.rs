//! A watch with the whole catalogue in the flow of random days: it never stops a sale, what it denies
//! is not taken, and what it knows comes of the records alone, in whatever order those come.

mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kopilka::document::from_node;
use kopilka::watch::{WatchAction, WatchSubject};
use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseResult};
use steps::{OPENING, POLICY, PROGRAM, Step, steps, whole_catalogue};

/// So many cases, the same in every run; or as many as `PROPTEST_CASES` says, others each time.
fn cases(quick: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { Config { cases: quick, rng_seed, ..config } }
}

const TILLS: [&str; 2] = ["till-a", "till-b"];
const START: &str = "2026-03-02T09:00:00Z";

/// A till, and all that it did and heard, in order; of its own records with what was asked.
struct Till {
    book: Book,
    minutes: i64,
    log: Vec<(Arc<Entry>, Option<Request>)>,
    /// How many of its own records the other till has heard.
    told: usize,
}

struct Shop {
    tills: Vec<Till>,
    tokens: Vec<String>,
    asked: usize,
}

fn program() -> Program {
    Program::compile(PROGRAM).unwrap()
}

fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

fn request(at: Timestamp, key: &str, command: &str) -> Request {
    let text = format!(
        r#"{{"at": "{at}", "key": "{key}", "command": {command},
            "entropy": "00112233445566778899aabbccddeeff"}}"#
    );
    from_node(&json::Node::parse(&text, usize::MAX).unwrap()).unwrap()
}

/// What the watch knows, as texts.
fn watched(book: &Book) -> BTreeMap<Key, String> {
    let keys = book.slice().loaded().into_iter();
    let keys =
        keys.filter(|key| matches!(key, Key::Watch(..) | Key::WatchPolicy(_) | Key::WatchSchedule));
    keys.map(|key| (key.clone(), book.slice().stored(&key).unwrap())).collect()
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

/// The call of which a record came.
fn request_of(entry: &Entry) -> Request {
    let envelope = &entry.record.envelope;
    Request {
        at: envelope.at,
        command: entry.record.command.clone(),
        entropy: envelope.entropy.clone(),
        judged: entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default(),
        key: Some(envelope.key.clone()),
        offline_since: envelope.offline_since,
        ..Request::default()
    }
}

fn quote_of(answer: &Answer) -> &Quote {
    match answer {
        Answer::Quote(quote) => quote,
        Answer::Sale(sale) => sale.quote.as_ref().unwrap(),
        other => panic!("no quote: {other:?}"),
    }
}

impl Shop {
    fn opened() -> Shop {
        let till = |name: &&str| Till {
            book: Book::new(name, program()).unwrap(),
            minutes: 0,
            log: Vec::new(),
            told: 0,
        };
        let (tills, tokens) = (TILLS.iter().map(till).collect(), Vec::new());
        let mut shop = Shop { tills, tokens, asked: 0 };
        let policy = whole_catalogue();
        let version = watch::Watch::compile(&policy).unwrap().version().to_owned();
        let install = format!(r#"{{"watch": {{"install": {{"document": {policy}}}}}}}"#);
        let activate = format!(r#"{{"watch": {{"activate": {{"version": "{version}"}}}}}}"#);
        for command in [install.as_str(), &activate].into_iter().chain(OPENING.iter().copied()) {
            shop.call(0, command).unwrap();
        }
        shop.tell(0, 0);
        shop
    }

    fn now(&self, till: usize) -> Timestamp {
        at(self.tills[till].minutes)
    }

    fn call(&mut self, till: usize, command: &str) -> Result<Answer, Error> {
        self.asked += 1;
        let request = request(self.now(till), &format!("key-{}", self.asked), command);
        let till = &mut self.tills[till];
        let count = till.book.entries().len();
        let answer = till.book.call(&request)?;
        till.log
            .extend(till.book.entries().get(count).map(|made| (Arc::clone(made), Some(request))));
        if let Answer::Sale(sale) = &answer {
            self.tokens.extend(sale.token.clone());
        }
        Ok(answer)
    }

    /// One till hears what the other one did since, in the order of a shuffle.
    fn tell(&mut self, from: usize, seed: u64) {
        let teller = &mut self.tills[from];
        let news = teller.book.entries()[teller.told..].to_vec();
        teller.told = teller.book.entries().len();
        let hearer = &mut self.tills[1 - from];
        for entry in shuffled(&news, seed) {
            hearer.book.receive(Arc::clone(&entry)).unwrap();
            hearer.log.push((entry, None));
        }
    }

    fn take(&mut self, step: &Step) -> TestCaseResult {
        match step {
            Step::Wait { minutes } => {
                for (till, minutes) in self.tills.iter_mut().zip(minutes) {
                    till.minutes += minutes;
                }
            }
            Step::Tell { from, shuffle } => self.tell(*from, *shuffle),
            Step::Sell { till, sale, reserve } => {
                let head = |order: String| format!(r#"{{"order": {order}}}"#);
                let order = head(sale.order(TILLS[*till], true));
                let verb = if *reserve { "reserve" } else { "sell" };
                let quoted = self.call(*till, &format!(r#"{{"quote": {order}}}"#));
                let plain = head(sale.order(TILLS[*till], false));
                let plain = self.call(*till, &format!(r#"{{"quote": {plain}}}"#));
                let sold = self.call(*till, &format!(r#"{{"{verb}": {order}}}"#));
                let told = |answer: &Result<Answer, Error>| format!("{order}: {answer:?}");
                prop_assert!(sold.is_ok(), "a sale was refused: {}", told(&sold));
                let (quoted, plain, sold) = (quoted.unwrap(), plain.unwrap(), sold.unwrap());
                let (quoted, plain, sold) = (quote_of(&quoted), quote_of(&plain), quote_of(&sold));
                prop_assert_eq!(&quoted.watch, &sold.watch, "{}", order);
                Shop::check_money(sold, plain)?;
            }
            Step::Other { till, command, token } => {
                let count = self.tokens.len();
                if command.contains("TOKEN") && count == 0 {
                    return Ok(());
                }
                let token = self.tokens.iter().rev().nth(token % count.clamp(1, 5));
                let command = command.replace("TOKEN", token.map_or("", String::as_str));
                let frozen = self.moves_frozen(*till, &command);
                let answer = self.call(*till, &command);
                let refuses = matches!(&answer, Err(e) if e.code() == ErrorCode::WatchRefused);
                let may = frozen || command.contains("\"grant\"");
                prop_assert!(!refuses || may, "refused: {}", command);
                prop_assert!(!frozen || answer.is_err(), "let through: {}", command);
            }
        }
        Ok(())
    }

    /// Whether a command would move points from a frozen card to another, or the other way.
    fn moves_frozen(&self, till: usize, command: &str) -> bool {
        let known = self.tills[till].book.slice().watch_state();
        let frozen = |card: &&str| {
            let named = command.contains(&format!("\"{card}\""));
            named && known.is_frozen(WatchSubject::Card, card)
        };
        command.contains("\"transfer\"") && ["10", "11", "12"].iter().any(frozen)
    }

    /// What the watch does not let be spent is not spent, and the receipt costs what it would cost
    /// without.
    fn check_money(sold: &Quote, plain: &Quote) -> TestCaseResult {
        let advices = sold.watch.as_ref().unwrap();
        for advice in advices {
            let lets = match advice.spending {
                WatchAction::Deny => false,
                WatchAction::StepUp => advice.met,
                _ => true,
            };
            let card = advice.card.as_deref().unwrap_or_default();
            let mut points = sold.points.iter().filter(|one| one.card == card);
            let mut gifts = sold.gift_cards.iter().filter(|one| one.card == card);
            if !lets {
                prop_assert!(points.all(|one| one.spent.units == 0), "{:?}", sold.points);
                prop_assert!(gifts.all(|one| one.amount.units == 0), "{:?}", sold.gift_cards);
            }
            if advice.earning == WatchAction::Deny {
                let mut points = sold.points.iter().filter(|one| one.card == card);
                prop_assert!(points.all(|one| one.earned.units == 0), "{:?}", sold.points);
            }
        }
        let spends = sold.points.iter().any(|one| one.spent.units > 0)
            || sold.gift_cards.iter().any(|one| one.amount.units > 0);
        if !spends {
            prop_assert_eq!(sold.totals.payable, plain.totals.payable);
            prop_assert_eq!(sold.totals.due, plain.totals.due);
        }
        Ok(())
    }

    /// Every record comes out the same when it is decided again by a till that knows the same.
    fn check_decided_again(&self) -> TestCaseResult {
        for (till, name) in self.tills.iter().zip(TILLS) {
            let mut again = Book::new(name, program()).unwrap();
            for (entry, asked) in &till.log {
                if let Some(asked) = asked {
                    let recorded = request_of(entry);
                    // A PIN stands in no record, and must be given again.
                    let whole = recorded.command == asked.command;
                    again.call(if whole { &recorded } else { asked }).unwrap();
                    let made = again.entries().last().unwrap();
                    prop_assert_eq!(made.text(), entry.text());
                    prop_assert_eq!(made.hash, entry.hash);
                } else {
                    again.receive(Arc::clone(entry)).unwrap();
                }
            }
            prop_assert_eq!(watched(&again), watched(&till.book));
        }
        Ok(())
    }

    /// What the watch knows is what its records add up to, also read from their texts.
    fn check_rebuilt(&self) -> TestCaseResult {
        for (till, name) in self.tills.iter().zip(TILLS) {
            let read = |entry: &Arc<Entry>| Entry::read(&entry.text()).unwrap();
            let own = till.book.entries().iter().map(read);
            let own = own.map(|entry| (entry.hash, entry.record.clone()));
            let mut again = Book::rebuild(name, program(), own).unwrap();
            for (entry, _) in till.log.iter().filter(|(_, asked)| asked.is_none()) {
                again.receive(read(entry)).unwrap();
            }
            prop_assert_eq!(watched(&again), watched(&till.book));
        }
        Ok(())
    }

    fn check_exchanged(&mut self, seeds: [u64; 2]) -> TestCaseResult {
        for (from, seed) in seeds.into_iter().enumerate() {
            self.tell(from, seed);
        }
        prop_assert_eq!(watched(&self.tills[0].book), watched(&self.tills[1].book));
        let mut all: Vec<Arc<Entry>> =
            self.tills.iter().flat_map(|till| till.book.entries().to_vec()).collect();
        all = shuffled(&all, seeds[0] ^ seeds[1]);
        let mut centre = Book::new("centre", program()).unwrap();
        for entry in all.iter().chain(&all[..all.len() / 2]) {
            centre.receive(Arc::clone(entry)).unwrap();
        }
        prop_assert_eq!(watched(&centre), watched(&self.tills[0].book));
        // Later than any of them, also where a clock went back.
        let own_time = |till: &Till| till.book.slice().head().logical_at;
        let newest = self.tills.iter().map(own_time).max().unwrap();
        let now = newest + SignedDuration::from_mins(1);
        let [own, other] = [0, 1].map(|till| decisions(&mut self.tills[till].book, now));
        prop_assert_eq!(&own, &other);
        prop_assert_eq!(own, decisions(&mut centre, now));
        Ok(())
    }
}

/// What a book decides of the same receipts, of each card at each cashier.
fn decisions(book: &mut Book, now: Timestamp) -> Vec<String> {
    let mut decisions = Vec::new();
    for card in ["10", "11", "12"] {
        for cashier in ["anna", "boris", "vera"] {
            let quote = format!(
                r#"{{"quote": {{"order": {{"store": "pushkin", "till": "till-a", "shift": "1",
                    "receipt": "900", "cashier": "{cashier}", "cards": [{{"number": "{card}"}}],
                    "lines": [{{"id": "a", "price": "150.00"}}], "spend": {{"mode": "max"}}}}}}}}"#
            );
            let answer = book.call(&request(now, "asked", &quote)).unwrap();
            let quote = quote_of(&answer);
            decisions.push(format!("{:?} {:?}", quote.watch, quote.points));
        }
    }
    decisions
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn no_sale_is_stopped_and_what_the_watch_knows_comes_of_the_records_alone(
        steps in steps(), seeds in any::<[u64; 2]>(),
    ) {
        let mut shop = Shop::opened();
        for (number, step) in steps.iter().enumerate() {
            if let Err(TestCaseError::Fail(why)) = shop.take(step) {
                prop_assert!(false, "step {}, {:?}: {}", number, step, why);
            }
        }
        shop.check_decided_again()?;
        shop.check_rebuilt()?;
        shop.check_exchanged(seeds)?;
    }
}

fn sell(shop: &mut Shop, minutes: i64, receipt: &str) -> Answer {
    shop.tills[0].minutes = minutes;
    let order = format!(
        r#"{{"store": "pushkin", "cashier": "anna", "shift": "1", "receipt": "{receipt}",
            "cards": [{{"number": "11"}}], "spend": {{"mode": "exact", "points": "10"}},
            "lines": [{{"id": "a", "price": "100.00"}}]}}"#
    );
    shop.call(0, &format!(r#"{{"sell": {{"order": {order}}}}}"#)).unwrap()
}

#[test]
fn redemptions_in_a_row_are_refused_and_the_receipts_are_paid_in_full() {
    let mut shop = Shop::opened();
    let payable = |answer: &Answer| quote_of(answer).totals.payable.to_string();
    let first = sell(&mut shop, 10, "1");
    // A card of its first day spends: F18 alone only holds what it earns.
    assert_eq!(payable(&first), "90.00");
    let second = sell(&mut shop, 12, "2");
    assert_eq!(payable(&second), "100.00");
    let advice = &quote_of(&second).watch.as_ref().unwrap()[0];
    assert_eq!(advice.spending, WatchAction::StepUp);
    assert!(advice.shown.contains(&"F13".to_owned()), "{advice:?}");
}

#[test]
fn a_clock_ten_years_ahead_moves_no_window_until_it_is_accepted() {
    let mut shop = Shop::opened();
    shop.tills[0].book.guard_clock(true);
    sell(&mut shop, 10, "1");
    sell(&mut shop, 10 * 366 * 1_440, "2");
    let record = shop.tills[0].book.entries().last().unwrap();
    let Some(Effect::Watched(seen)) =
        record.record.effects.iter().find(|effect| matches!(effect, Effect::Watched(_)))
    else {
        panic!("the watch saw nothing");
    };
    assert_eq!(seen.event.at, at(10));
    assert!(seen.event.has(watch::WatchMark::ClockSuspect));
    // The redemption before it still counts: this one is the second within 15 minutes.
    let verdict = seen.verdict.as_ref().unwrap();
    assert!(verdict.fired.iter().any(|fired| fired.check == "F13"), "{verdict:?}");
    // A clock that stands back is told, and the ledger's own time does not go back with it.
    sell(&mut shop, -300, "3");
    let record = shop.tills[0].book.entries().last().unwrap();
    let seen = record.record.effects.iter().find_map(|effect| match effect {
        Effect::Watched(seen) => Some(seen),
        _ => None,
    });
    let seen = seen.unwrap();
    assert_eq!(seen.event.at, at(10));
    assert!(seen.event.has(watch::WatchMark::ClockBack));
}

#[test]
fn the_policy_of_these_days_has_all_52_checks() {
    assert_eq!(POLICY.len(), 52);
    let watch = watch::Watch::compile(&whole_catalogue()).unwrap();
    assert_eq!(watch.document().checks.len(), 53);
    assert_eq!(watch.cost(watch::WatchPlace::Centre).checks, 53);
}
