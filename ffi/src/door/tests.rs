//! The functions as a host calls them, by the safe caller.

use std::ptr::null_mut;
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::caller::{Caller, Refused};

const PROGRAM: &str = r#"{"id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]}}"#;
const ORDER: &str = r#"{"cards": [{"number": "1001"}], "lines": [{"id": "1", "price": "250.00"}]}"#;
const QUOTE: &[u8] = br#"{"at": "2026-03-02T12:00:00+03:00"}"#;
const ISSUE: &[u8] = br#"{"at": "2026-03-02T09:00:00+03:00", "key": "issue",
    "command": {"issue": {"card": "1001"}}}"#;
const BALANCE: &[u8] = br#"{"at": "2026-03-02T12:00:00+03:00",
    "command": {"balance": {"card": "1001"}}}"#;
const PANIC: &[u8] = br#"{"panic":{}}"#;
const DESK: &str = include_str!("../../../presets/desks/cashier.json");
const WATCH: &str = r#"{"id": "shop", "checks": [{"check": "F13"}]}"#;

fn book() -> Caller {
    let book = Caller::book(&format!(r#"{{"till": "till-1", "program": {PROGRAM}}}"#)).unwrap();
    book.call(ISSUE, |_| ()).unwrap();
    book
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn code(refused: Result<String, Refused>) -> String {
    let refused = refused.unwrap_err();
    assert_eq!(refused.status, refused.mistakes[0].0);
    refused.mistakes[0].1[0].clone()
}

#[test]
fn each_kind_is_opened_told_and_freed() {
    let program = Caller::program(PROGRAM).unwrap();
    let order = program.order(ORDER).unwrap();
    let ledger = Caller::ledger(r#"{"till": "till-1"}"#).unwrap();
    let (desk, watch) = (Caller::desk(DESK).unwrap(), Caller::watch(WATCH).unwrap());
    let kinds = [&program, &order, &book(), &ledger, &desk, &watch].map(Caller::kind);
    let expected = [
        KOPILKA_KIND_PROGRAM,
        KOPILKA_KIND_ORDER,
        KOPILKA_KIND_BOOK,
        KOPILKA_KIND_LEDGER,
        KOPILKA_KIND_DESK,
        KOPILKA_KIND_WATCH,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn an_order_is_quoted_at_a_book_and_at_a_ledger_after_its_programme_is_gone() {
    let order = Caller::program(PROGRAM).unwrap().order(ORDER).unwrap();
    let quote = book().quote(&order, QUOTE, text).unwrap();
    assert!(quote.contains(r#""earned":"12""#), "{quote}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("касса 1.ledger");
    let path = path.to_string_lossy().replace('\\', "\\\\");
    let options = format!(r#"{{"till": "till-1", "path": "{path}"}}"#);
    let ledger = Caller::ledger(&options).unwrap();
    let missing = code(ledger.quote(&order, QUOTE, text));
    assert_eq!(missing, "program.missing");
    // Nobody else has the file, until it is freed.
    assert_eq!(Caller::ledger(&options).unwrap_err().mistakes[0].1[0], "store.locked");
    drop(ledger);
    Caller::ledger(&options).unwrap();
}

#[test]
fn all_mistakes_of_a_document_come_with_help_in_both_languages() {
    let refused = Caller::program(r#"{"id": "a", "colour": "red"}"#).unwrap_err();
    let told: Vec<_> = refused
        .mistakes
        .iter()
        .map(|(_, [code, path, ..])| (code.as_str(), path.as_str()))
        .collect();
    let expected = [
        ("document.key_unknown", "/colour"),
        ("document.key_missing", "/currency"),
        ("document.key_missing", "/zone"),
    ];
    assert_eq!(told, expected);
    let (_, [_, _, message, russian, english]) = &refused.mistakes[0];
    assert!(!message.is_empty());
    assert_eq!(russian, "В запросе кассы лишнее поле. Сообщите в поддержку.");
    assert_eq!(english, "The till sent an unknown field. Call support.");
}

#[test]
fn a_panic_is_an_error_and_what_it_was_in_answers_no_more() {
    let (program, desk) = (Caller::program(PROGRAM).unwrap(), Caller::desk(DESK).unwrap());
    let book = book();
    let ledger = Caller::ledger(r#"{"till": "till-1"}"#).unwrap();
    let watch = Caller::watch(WATCH).unwrap();
    for place in [&program, &desk, &book, &ledger, &watch] {
        assert_eq!(code(place.call(PANIC, text)), "internal");
    }
    // These do not change, so that nothing can be half done.
    program.call(br#"{"describe": {}}"#, |_| ()).unwrap();
    assert_eq!(code(desk.call(b"{}", text)), "document.variant");
    for place in [&book, &ledger, &watch] {
        let refused = place.call(BALANCE, text).unwrap_err();
        assert!(refused.mistakes[0].1[2].contains("open it anew"), "{refused:?}");
    }
    let order = program.order(ORDER).unwrap();
    assert_eq!(code(book.quote(&order, QUOTE, text)), "internal");
}

#[test]
fn a_handle_is_freed_by_the_function_of_its_kind_alone() {
    let mut handle = null_mut();
    // SAFETY: the text and the place are there, and the handle is freed once.
    unsafe {
        let data = PROGRAM.as_ptr();
        kopilka_program_open(data, PROGRAM.len() as u64, &raw mut handle, null_mut());
        let wrong = kopilka::ErrorCode::HandleKind.number();
        assert_eq!(kopilka_order_free(handle), wrong);
        assert_eq!(kopilka_ledger_free(handle), wrong);
        assert_eq!(kopilka_handle_kind(handle), KOPILKA_KIND_PROGRAM);
        assert_eq!(kopilka_program_free(handle), KOPILKA_OK);
        assert_eq!(kopilka_program_free(null_mut()), KOPILKA_OK);
    }
}

#[test]
fn eight_threads_sell_and_quote_at_one_book() {
    let (book, program) = (book(), Caller::program(PROGRAM).unwrap());
    let order = program.order(ORDER).unwrap();
    let (sender, answers) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..8 {
            let (book, order, sender) = (&book, &order, sender.clone());
            scope.spawn(move || {
                let sell = format!(
                    r#"{{"at": "2026-03-02T12:00:00+03:00", "key": "sale-{number}",
                    "command": {{"sell": {{"order": {ORDER}}}}}}}"#
                );
                book.call(sell.as_bytes(), |_| ()).unwrap();
                sender.send(book.quote(order, QUOTE, text).unwrap()).unwrap();
            });
        }
    });
    drop(sender);
    assert_eq!(answers.iter().filter(|quote| quote.contains(r#""earned":"12""#)).count(), 8);
    let balance = book.call(BALANCE, text).unwrap();
    assert!(balance.contains(r#""spendable":"96""#), "{balance}");
}
