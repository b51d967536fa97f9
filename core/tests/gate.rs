//! Tickets, coupons and stamps: what a command names beforehand is all that it needs, a preview
//! changes nothing, and records of several tills add up.

mod loading;

use std::sync::Arc;

use kopilka::document::canonical;
use kopilka::*;

use loading::partial;

const PROGRAM: &str = r#"{
    "id": "park", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "entry"}, {"id": "stamp"}],
    "cards": [
        {"id": "pass", "kind": "ticket", "points": "entry", "numbers": [{"prefix": "T", "length_max": 2}],
            "ticket": {"quota": 5}},
        {"id": "coffee", "kind": "stamp", "points": "stamp", "numbers": [{"prefix": "S", "length_max": 2}],
            "stamp": {"goal": 6, "carry_over": false}}
    ],
    "earning": {"rules": [{"id": "cup", "points": "stamp", "give": {"per_unit": "1"}}]},
    "rewards": [{"id": "free", "claim": "auto", "points": "stamp", "cost": {"flat": "6"},
        "then": {"percent": "100"}, "select": {"lines": {"tag": ["cake"]}}}],
    "auto_redemption": [{"id": "turn", "points": "stamp", "threshold": "3", "coupon": "ten"}],
    "coupons": [{"id": "ten", "uses": 3, "per_guest": 2}],
    "promotions": [{"id": "ten-off", "when": {"coupon": ["ten"]}, "then": {"percent": "10"}}],
    "refund": {"converted": "taken_back"}
}"#;

/// What happens, each on a day of its own; `TOKEN` is the token of the sale before.
const STORY: &[&str] = &[
    r#"{"issue": {"card": "T1", "guest": "anna", "opening": [{"amount": "3"}]}}"#,
    r#"{"issue": {"card": "T2"}}"#,
    r#"{"issue": {"card": "S1", "guest": "anna"}}"#,
    r#"{"card": {"card": "T2", "action": {"link": {"to": "T1"}}}}"#,
    r#"{"admit": {"card": "T2", "gate": "north"}}"#,
    r#"{"admit": {"card": "T1", "entries": 2}}"#,
    r#"{"admit": {"card": "T1"}}"#,
    r#"{"batch": {"coupon": "ten", "codes": ["a1", "a2"], "card": "S1"}}"#,
    r#"{"batch": {"coupon": "ten", "codes": ["b1"], "guest": "anna", "count": 2}}"#,
    r#"{"coupon": {"code": "a2", "action": "block"}}"#,
    r#"{"coupon": {"code": "a2", "action": "void"}}"#,
    r#"{"reserve": {"order": {"cards": [{"number": "S1"}], "codes": ["B1"],
        "lines": [{"id": "1", "price": "100.00"}]}}}"#,
    r#"{"cancel": {"token": "TOKEN"}}"#,
    r#"{"sell": {"order": {"cards": [{"number": "S1"}], "codes": ["a1", "A2"],
        "lines": [{"id": "1", "price": "100.00", "quantity": "3"}]}}}"#,
    r#"{"close_period": {"cards": ["S1"]}}"#,
    r#"{"refund": {"token": "TOKEN"}}"#,
];

fn requests() -> Vec<Request> {
    let request = |(number, command): (usize, &&str)| {
        let text = format!(
            r#"{{"at": "2026-03-{:02}T10:00:00+03:00", "key": "key-{number}", "command": {command},
                "entropy": "00112233445566778899aabbccddeeff"}}"#,
            number + 1
        );
        document::from_node(&json::Node::parse(&text, usize::MAX).unwrap()).unwrap()
    };
    STORY.iter().enumerate().map(request).collect()
}

fn with_token(request: Request, token: &str) -> Request {
    let text = canonical(&request).replace("TOKEN", token);
    document::from_node(&json::Node::parse(&text, usize::MAX).unwrap()).unwrap()
}

fn played() -> (Program, Vec<Request>, Book) {
    let program = Program::compile(PROGRAM).unwrap();
    let mut book = Book::new("till-1", program.clone()).unwrap();
    let mut token = String::new();
    let mut asked = Vec::new();
    for request in requests() {
        let request = with_token(request, &token);
        let records = book.entries().len();
        let preview = book.call(&Request { preview: true, ..request.clone() }).unwrap();
        assert_eq!(book.entries().len(), records);
        let answer = book.call(&request).unwrap();
        match &answer {
            Answer::Sale(sale) => token = sale.token.clone().unwrap(),
            other => assert_eq!(*other, preview),
        }
        asked.push(request);
    }
    (program, asked, book)
}

#[test]
fn what_a_command_names_is_all_that_it_needs() {
    let (program, asked, book) = played();
    for (place, request) in asked.iter().enumerate() {
        let entries = &book.entries()[..place];
        let slice = partial(&program, entries, request);
        let Decision::Record(record) = decide(&program, &slice, request).unwrap() else {
            panic!("{request:?} is no record");
        };
        assert_eq!(canonical(&*record), canonical(&book.entries()[place].record), "{request:?}");
    }
}

#[test]
fn history_finds_every_record_about_a_card_and_its_records_are_read_back() {
    let (program, _, book) = played();
    let records = book.entries().iter().map(|entry| (entry.hash, entry.record.clone()));
    let mut again = Book::rebuild("till-1", program, records).unwrap();
    let history = History { card: "T1".into(), ..History::default() };
    let at = "2026-04-01T00:00:00Z".parse().unwrap();
    let Answer::History(told) = again.call(&Request::new(at, Command::History(history))).unwrap()
    else {
        panic!("no history")
    };
    let amounts: Vec<String> = told.entries.iter().map(|entry| entry.amount.to_string()).collect();
    // Three were there; one was let in, then two; the third scan moved nothing.
    assert_eq!(amounts, ["-2", "-1", "3"]);
}

#[test]
fn a_book_takes_in_what_another_till_wrote_and_nothing_else() {
    let (program, _, book) = played();
    let mut other = Book::new("till-2", program.clone()).unwrap();
    for entry in book.entries() {
        other.receive(Arc::clone(entry)).unwrap();
        other.receive(Arc::clone(entry)).unwrap();
    }
    let at = "2026-04-01T00:00:00Z".parse().unwrap();
    for card in ["T1", "S1"] {
        let query = Command::Balance(CardQuery { card: card.into(), ..CardQuery::default() });
        let request = Request::new(at, query);
        assert_eq!(book.clone().call(&request), other.call(&request), "{card}");
    }
    assert!(other.entries().is_empty());
    let first = Arc::clone(&book.entries()[0]);
    let code = |result: Result<(), Error>| result.unwrap_err().code();
    assert_eq!(code(book.clone().receive(Arc::clone(&first))), ErrorCode::RecordChain);
    let mut forged = first.as_ref().clone();
    forged.record.envelope.key = "another".into();
    assert_eq!(code(other.receive(Arc::new(forged))), ErrorCode::RecordChain);
    let stranger = Program::compile(&PROGRAM.replace("\"park\"", "\"zoo\"")).unwrap();
    let mut stranger = Book::new("till-3", stranger).unwrap();
    assert_eq!(code(stranger.receive(first)), ErrorCode::ProgramMismatch);
}

#[test]
fn what_comes_before_the_card_that_it_is_about_is_not_lost() {
    let (program, _, book) = played();
    let mut backwards = Book::new("till-2", program.clone()).unwrap();
    book.entries().iter().rev().for_each(|entry| backwards.receive(Arc::clone(entry)).unwrap());
    let at = "2026-04-01T00:00:00Z".parse().unwrap();
    let query = CardQuery { card: "T1".into(), ..CardQuery::default() };
    let Answer::Card(answer) = backwards.call(&Request::new(at, Command::Balance(query))).unwrap()
    else {
        panic!("no card")
    };
    // Three entries, of which one and two were let in.
    assert_eq!(answer.card.balances[0].posted.to_string(), "0");
    // What is decided now stands after what was taken in: a nanosecond later at the least.
    let newest = book.entries().last().unwrap().record.envelope.position();
    let early = Command::Issue(Issue { card: "S9".into(), ..Issue::default() });
    let early = Request::new("2026-01-01T00:00:00Z".parse().unwrap(), early).with_key("early");
    backwards.call(&early).unwrap();
    let own = backwards.entries()[0].record.envelope.position();
    assert_eq!(own.logical_at.as_nanosecond(), newest.logical_at.as_nanosecond() + 1);
    assert!(own > newest);
}

#[test]
fn an_own_record_answers_for_its_key_and_of_others_the_first() {
    let program = Program::compile(PROGRAM).unwrap();
    let issue = |till: &str, minute: u32| {
        let mut book = Book::new(till, program.clone()).unwrap();
        let command = Command::Issue(Issue { card: "S1".into(), ..Issue::default() });
        let at = format!("2026-03-01T10:{minute:02}:00Z").parse().unwrap();
        book.call(&Request::new(at, command).with_key("same")).unwrap();
        book
    };
    let (own, first, second) = (issue("till-1", 30), issue("till-2", 10), issue("till-3", 20));
    let answers = |till: &str, books: &[&Book]| {
        let mut slice = Slice::new(till, 1);
        books.iter().for_each(|book| apply(&mut slice, &book.entries()[0]));
        slice.stored(&Key::Command("same".into()))
    };
    for till in ["till-1", "till-4"] {
        let expected = if till == "till-1" { "till-1.1.1" } else { "till-2.1.1" };
        let expected = Some(format!(r#"{{"record":"{expected}"}}"#));
        assert_eq!(answers(till, &[&own, &first, &second]), expected);
        assert_eq!(answers(till, &[&second, &first, &own]), expected);
    }
}
