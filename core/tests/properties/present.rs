//! Whoever guesses PINs: how many attempts are looked at, whatever the order of the calls.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kopilka::*;
use proptest::prelude::*;

const ATTEMPTS: usize = 3;
const TILL_ATTEMPTS: usize = 7;
const LOCK_MINUTES: i64 = 30;

/// 2001 has the PIN 2580, 2002 has none, 2003 does not exist, and a rotating code is of another time.
const SCANS: [&str; 4] = ["2001", "2002", "2003", "kr.2001.1.94287082"];

fn book() -> Book {
    let program = Program::compile(
        r#"{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow", "points": [{"id": "bonus"}],
            "presenting": {"attempts": 3, "till_attempts": 7, "lock_minutes": 30},
            "cards": [{"id": "vault", "kind": "bonus", "pin": {"iterations": 1000}, "rotating": {},
                "numbers": [{"prefix": "20", "length_max": 4}]}]}"#,
    );
    let mut book = Book::new("till", program.unwrap()).unwrap();
    for (card, pin) in [("2001", Some("2580")), ("2002", None)] {
        let pin = pin.map(str::to_owned);
        let issue = Issue { card: card.to_owned(), pin, ..Issue::default() };
        let request = Request::new(start(), Command::Issue(issue)).with_key(card);
        let entropy = Some("00112233445566778899aabbccddeeff".to_owned());
        book.call(&Request { entropy, ..request }).unwrap();
    }
    book
}

fn start() -> Timestamp {
    "2025-10-24T12:00:00Z".parse().unwrap()
}

/// One call of somebody who guesses.
#[derive(Clone, Debug)]
struct Guess {
    scan: usize,
    /// A wrong one, or none.
    pin: Option<u8>,
    till: Option<usize>,
    /// Minutes after the call before; the clock may be set back.
    wait: i64,
    preview: bool,
}

fn guesses() -> impl Strategy<Value = Vec<Guess>> {
    let pin = prop::option::weighted(0.8, 0u8..10);
    let till = prop::option::weighted(0.7, 0usize..2);
    let guess = (0usize..SCANS.len(), pin, till, -5i64..12, prop::bool::weighted(0.1));
    let guess =
        guess.prop_map(|(scan, pin, till, wait, preview)| Guess { scan, pin, till, wait, preview });
    prop::collection::vec(guess, 1..60)
}

/// The most instants within any span of the length of a lock.
fn most_within_a_lock(instants: &[Timestamp]) -> usize {
    let length = SignedDuration::from_mins(LOCK_MINUTES);
    let within = |first: &Timestamp| {
        let end = first.checked_add(length).unwrap();
        instants.iter().filter(|at| *at >= first && **at < end).count()
    };
    instants.iter().map(within).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_number_and_no_till_sees_more_attempts_than_a_lock_allows(guesses in guesses()) {
        let mut book = book();
        let mut at = start();
        for (place, guess) in guesses.iter().enumerate() {
            at = at.checked_add(SignedDuration::from_mins(guess.wait)).unwrap();
            let present = Present {
                pin: guess.pin.map(|digit| format!("000{digit}")),
                scan: SCANS[guess.scan].into(),
                till: guess.till.map(|till| format!("till-{till}")),
                ..Present::default()
            };
            let request = Request::new(at, Command::Present(present)).with_key(place.to_string());
            let answer = book.call(&Request { preview: guess.preview, ..request }).unwrap();
            let Answer::Presented(answer) = answer else { panic!("present answers otherwise") };
            // Only the card without a PIN can be read; nothing else is ever proved.
            let read = guess.scan == 1 && guess.pin.is_none();
            prop_assert!(!answer.accepted || (read && answer.strength == Presented::Static));
        }
        let mut seen: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
        for entry in book.entries() {
            for effect in &entry.record.effects {
                let Effect::CardPresented(fact) = effect else { continue };
                let looked_at = !matches!(fact.outcome, PresentOutcome::Locked | PresentOutcome::Accepted);
                let till = fact.till.iter().map(|till| format!("till {till}"));
                for subject in till.chain([fact.subject.clone()]).filter(|_| looked_at) {
                    seen.entry(subject).or_default().push(entry.record.envelope.logical_at);
                }
            }
        }
        for (subject, instants) in &seen {
            let most = if subject.starts_with("till ") { TILL_ATTEMPTS } else { ATTEMPTS };
            prop_assert!(most_within_a_lock(instants) <= most, "{subject}: {instants:?}");
        }
    }
}
