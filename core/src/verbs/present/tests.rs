use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::{Answer, PresentAnswer};
use crate::book::Book;
use crate::chance::Chance;
use crate::command::{Command, Issue, Present, Request};
use crate::document::canonical;
use crate::identify::Scan;
use crate::key::Key;
use crate::pin::hash_pin;
use crate::program::Program;
use crate::record::{CardNamed, CardPresented, Effect, Entry, PresentOutcome, Record};
use crate::slice::{CardLife, CardState, Slice, apply, subject_of};
use crate::touches::touches;
use crate::verbs::{Decision, decide};

const ENTROPY: &str = "00112233445566778899aabbccddeeff";

fn program() -> Program {
    Program::compile(
        r#"{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow", "points": [{"id": "bonus"}],
            "presenting": {"attempts": 3, "till_attempts": 100},
            "cards": [{"id": "vault", "kind": "bonus", "pin": {"iterations": 1000},
                "numbers": [{"prefix": "20", "length_max": 4}]}]}"#,
    )
    .unwrap()
}

fn at() -> Timestamp {
    "2025-10-24T12:00:00+03:00".parse().unwrap()
}

fn request(scan: &str, pin: Option<&str>, key: &str) -> Request {
    let present = Present {
        pin: pin.map(str::to_owned),
        scan: Scan::from(scan),
        till: Some("till-1".to_owned()),
        ..Present::default()
    };
    Request::new(at(), Command::Present(present)).with_key(key)
}

/// A book with one card that has the PIN 2580.
fn book_with(card: &str) -> Book {
    let mut book = Book::new("till", program()).unwrap();
    let pin = Some("2580".to_owned());
    let issue = Issue { card: card.to_owned(), pin, ..Issue::default() };
    let request = Request::new(at(), Command::Issue(issue)).with_key("issue");
    book.call(&Request { entropy: Some(ENTROPY.to_owned()), ..request }).unwrap();
    book
}

fn answer(book: &mut Book, scan: &str, pin: Option<&str>, key: &str) -> PresentAnswer {
    let Answer::Presented(answer) = book.call(&request(scan, pin, key)).unwrap() else {
        panic!("present answers otherwise")
    };
    *answer
}

/// A slice with one card, and what is answered when it is presented with its right PIN.
fn answer_of(card: Option<CardState>, number: &str) -> (String, Record) {
    let mut slice = Slice::new("till", 1);
    if let Some(card) = card {
        slice.insert_card("2001", card);
    }
    let decided = decide(&program(), &slice, &request(number, Some("2580"), "key")).unwrap();
    let Decision::Record(record) = decided else { panic!("no record") };
    (canonical(&record.answer), *record)
}

fn card(life: CardLife) -> CardState {
    let mut chance = Chance::new(Some(&ENTROPY.to_owned()), "pin").unwrap();
    let mut card = CardState::default();
    card.kind = "vault".to_owned();
    card.life = life;
    card.pin = Some(hash_pin("2580", 1_000, &mut chance));
    card
}

#[test]
fn an_unknown_number_and_a_wrong_pin_are_answered_byte_for_byte_alike_until_they_are_locked() {
    // Both books hold one card, the second another one than is presented.
    let (mut known, mut unknown) = (book_with("2001"), book_with("2002"));
    for (key, pin) in [("1", Some("0000")), ("2", None), ("3", Some("x")), ("4", Some("0000"))] {
        let answers = [&mut known, &mut unknown].map(|book| answer(book, "2001", pin, key));
        let [first, second] =
            answers.each_ref().map(|one| canonical(&Answer::Presented(Box::new(one.clone()))));
        assert_eq!(first, second);
        assert_eq!(answers[0].locked_until.is_some(), key == "4");
    }
}

#[test]
fn a_card_that_cannot_be_used_is_answered_as_if_it_did_not_exist() {
    let (unknown, _) = answer_of(None, "2001");
    for life in [
        CardLife { inactive: true, ..CardLife::default() },
        CardLife { blocked: true, reason: Some("lost".to_owned()), ..CardLife::default() },
        CardLife { closed: true, ..CardLife::default() },
        CardLife { expires_at: Some(at()), ..CardLife::default() },
    ] {
        assert_eq!(answer_of(Some(card(life.clone())), "2001").0, unknown, "{life:?}");
    }
    let (active, record) = answer_of(Some(card(CardLife::default())), "2001");
    assert_ne!(active, unknown);
    assert!(active.contains(r#""accepted":true"#));
    let kept = canonical(&record.command);
    assert!(!kept.contains("2580") && !kept.contains("2001"));
}

#[test]
fn a_refused_attempt_leaves_only_the_hash_of_its_number() {
    let text = canonical(&answer_of(None, "2001").1);
    assert!(text.contains(&subject_of("2001")));
    for secret in ["2580", r#""2001""#] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn the_number_of_a_bank_card_is_kept_in_no_form() {
    for scan in ["4111111111111111", "4111 1111 1111 1111", "kr.4111111111111111.1.94287082"] {
        let text = canonical(&answer_of(None, scan).1);
        assert!(text.contains(r#""subject":"bank_card""#));
        assert!(!text.contains("1111111"), "{text}");
        for form in [scan, "4111111111111111"] {
            assert!(!text.contains(&subject_of(form)), "{text}");
        }
    }
}

/// A record of a fact that another verb would make.
fn with_fact(slice: &mut Slice, effect: Effect) {
    let (_, mut record) = answer_of(None, "2999");
    record.effects = vec![effect];
    record.envelope.sequence = slice.head().sequence + 1;
    apply(slice, &Entry::seal(record));
}

#[test]
fn attempts_that_were_cleared_are_forgotten() {
    let mut slice = Slice::new("till", 1);
    let failed = || CardPresented {
        outcome: PresentOutcome::Refused,
        subject: subject_of("2001"),
        ..CardPresented::default()
    };
    for _ in 0..3 {
        with_fact(&mut slice, Effect::CardPresented(failed()));
    }
    let locked = |slice: &Slice| {
        let attempts = slice.attempts(&subject_of("2001"));
        attempts.and_then(|attempts| attempts.locked_until(3, 30, at())).is_some()
    };
    assert!(locked(&slice));
    with_fact(&mut slice, Effect::AttemptsCleared(CardNamed { card: "2001".to_owned() }));
    assert!(!locked(&slice));
}

#[test]
fn two_numbers_of_one_card_are_one_chance() {
    let mut slice = Slice::new("till", 1);
    slice.insert_card("2001", card(CardLife::default()));
    let mut linked = card(CardLife::default());
    linked.linked = Some("2001".to_owned());
    slice.insert_card("2002", linked);
    let present = request("2002", Some("2580"), "key");
    let decided = decide(&program(), &slice, &present).unwrap();
    let Decision::Record(record) = decided else { panic!("no record") };
    let Answer::Presented(answer) = &record.answer else { panic!("present answers otherwise") };
    let view = answer.card.as_ref().unwrap();
    assert_eq!((view.card.as_str(), view.linked.as_deref()), ("2001", Some("2002")));
    let Some(Effect::CardPresented(fact)) = record.effects.first() else { panic!("no fact") };
    assert_eq!(fact.subject, subject_of("2001"));
    let keys = touches(&program(), &slice, &present.command, None);
    let expected = [
        Key::Card("2002".to_owned()),
        Key::Card("2001".to_owned()),
        Key::Attempts(subject_of("2001")),
        Key::Attempts("till:till-1".to_owned()),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_book_that_is_read_again_is_locked_as_before() {
    let mut book = book_with("2001");
    for key in ["1", "2", "3"] {
        answer(&mut book, "2001", Some("0000"), key);
    }
    let records =
        book.entries().iter().map(|entry: &Arc<Entry>| (entry.hash, entry.record.clone()));
    let records: Vec<_> = records.collect();
    let mut again = Book::rebuild("till", program(), records).unwrap();
    let [first, second] =
        [&mut book, &mut again].map(|book| answer(book, "2001", Some("2580"), "4"));
    assert!(first.locked_until.is_some());
    assert_eq!(first, second);
}
