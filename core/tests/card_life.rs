//! The life of cards: what a command names beforehand is all that it needs, nothing is lost or made
//! when a number takes the place of another, and no PIN stands in a record.

mod loading;

use kopilka::document::canonical;
use kopilka::*;

use loading::partial;

const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 1}], "welcome": "hello",
            "activation": "later", "life": {"months": 12}, "pin": {"iterations": 1000}},
        {"id": "made", "kind": "bonus", "numbers": [{"prefix": "29", "length_max": 13, "check": "gs1"}]},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "g", "length_max": 2}],
            "stored_value": {"cash_out": "100.00"}, "activation": "later", "life": {"months": 1}}
    ],
    "earning": {"rules": [{"id": "ten", "give": {"percent": "10"}, "life": {"days": 30}}]},
    "redemption": {},
    "grants": [{"id": "hello", "amount": "100", "life": {"days": 60}}],
    "limits": [{"id": "each", "covers": ["hello"], "per": "card", "uses": 2}],
    "transfer": {}
}"#;

/// What happens, in this order; `TOKEN` is the token of the sale before.
const STORY: &[&str] = &[
    r#"{"issue": {"card": "1", "guest": "anna", "pin": "2580", "opening": [{"amount": "40"}]}}"#,
    r#"{"issue": {"card": "2"}}"#,
    r#"{"issue": {"kind": "made", "opening": [{"amount": "5"}]}}"#,
    r#"{"card": {"card": "1", "action": {"activate": {}}}}"#,
    r#"{"card": {"card": "2", "action": {"activate": {}}}}"#,
    r#"{"transfer": {"from": "2", "to": "1", "amount": "100"}}"#,
    r#"{"card": {"card": "2", "action": {"link": {"to": "1"}}}}"#,
    r#"{"sell": {"order": {"cards": [{"number": "2"}], "lines": [{"id": "a", "price": "400.00"}],
        "spend": {"mode": "exact", "points": "70"}}}}"#,
    r#"{"grant": {"card": "2", "grant": "hello"}}"#,
    r#"{"card": {"card": "1", "action": {"share": {"guest": "boris"}}}}"#,
    r#"{"card": {"card": "1", "action": {"demand": {"challenge": "manager"}}}}"#,
    r#"{"card": {"card": "1", "action": {"pin": {"pin": "1379"}}}}"#,
    r#"{"card": {"card": "1", "action": {"block": {}}, "reason": "lost"}}"#,
    r#"{"card": {"card": "1", "action": {"replace": {"to": "3"}}}}"#,
    r#"{"refund": {"token": "TOKEN"}}"#,
    r#"{"sell": {"order": {"lines": [{"id": "a", "price": "50.00"}],
        "cards": [{"number": "2", "confirmed": "manager"}], "spend": {"mode": "max"}}}}"#,
    r#"{"card": {"card": "2", "action": {"unlink": {}}}}"#,
    r#"{"card": {"card": "3", "action": {"extend": {"until": "2030-01-01T00:00:00Z"}}}}"#,
    r#"{"card": {"card": "3", "action": {"close": {"forfeit": true}}}}"#,
    r#"{"issue": {"card": "g1", "opening": [{"amount": "99.50"}]}}"#,
    r#"{"card": {"card": "g1", "action": {"activate": {}}}}"#,
    r#"{"card": {"card": "g1", "action": {"replace": {"to": "g2"}}}}"#,
    r#"{"card": {"card": "g2", "action": {"pay_out": {}}}}"#,
];

fn played() -> (Program, Vec<Request>, Book) {
    let program = Program::compile(PROGRAM).unwrap();
    let mut book = Book::new("till-1", program.clone()).unwrap();
    let mut asked = Vec::new();
    let mut token = String::new();
    for (number, command) in STORY.iter().enumerate() {
        let command = command.replace("TOKEN", &token);
        let text = format!(
            r#"{{"at": "2026-03-01T10:{number:02}:00+03:00", "key": "key-{number}",
                "entropy": "00112233445566778899aabbccddee{number:02x}", "command": {command}}}"#
        );
        let node = json::Node::parse(&text, usize::MAX).unwrap();
        let request: Request = document::from_node(&node).unwrap();
        if let Answer::Sale(sale) = book.call(&request).unwrap() {
            token = sale.token.clone().unwrap();
        }
        asked.push(request);
    }
    (program, asked, book)
}

fn balance_of(book: &mut Book, card: &str) -> CardView {
    let query = CardQuery { card: card.into(), office: true, ..CardQuery::default() };
    let at = "2026-03-01T12:00:00+03:00".parse().unwrap();
    match book.call(&Request::new(at, Command::Balance(query))).unwrap() {
        Answer::Card(answer) => answer.card,
        other => panic!("no card: {other:?}"),
    }
}

#[test]
fn what_a_command_names_is_all_that_it_needs() {
    let (program, asked, book) = played();
    for (place, request) in asked.iter().enumerate() {
        let part = partial(&program, &book.entries()[..place], request);
        let Decision::Record(record) = decide(&program, &part, request).unwrap() else {
            panic!("not a record: {request:?}");
        };
        assert_eq!(canonical(&*record), canonical(&book.entries()[place].record), "{place}");
    }
}

#[test]
fn every_record_posts_nothing_but_what_moves() {
    let (_, _, book) = played();
    for effect in book.entries().iter().flat_map(|entry| &entry.record.effects) {
        if let Effect::Posted(posted) = effect {
            let sum: i64 = posted.postings.iter().map(|posting| posting.amount.units).sum();
            assert_eq!(sum, 0, "{posted:?}");
        }
    }
}

#[test]
fn what_cards_hold_is_what_was_posted_however_numbers_took_each_others_place() {
    let (program, _, mut book) = played();
    let records = book.entries().iter().map(|entry| {
        let node = json::Node::parse(&canonical(&entry.record), usize::MAX).unwrap();
        (entry.hash, document::from_node::<Record>(&node).unwrap())
    });
    let mut again = Book::rebuild("till-1", program, records).unwrap();
    for card in book.slice().card_numbers() {
        let view = balance_of(&mut book, &card);
        assert_eq!(view, balance_of(&mut again, &card));
        for balance in &view.balances {
            let parts = [balance.spendable, balance.held, balance.pending, balance.expired];
            let sum: i64 = parts.iter().map(|part| part.units).sum();
            assert_eq!(balance.posted.units, sum - balance.debt.units, "{card}: {balance:?}");
        }
    }
    // Everything of card 1 went to 3, was partly spent there, and was written off with it: 40 + 100
    // of each welcome − 70 + 33 of the sale + 100 granted − 50 of the next sale = 253.
    let forfeited = book.entries().iter().flat_map(|entry| &entry.record.effects);
    let forfeited: i64 = forfeited
        .filter_map(|effect| match effect {
            Effect::LotMoved(moved) if moved.why == LotMove::Forfeited => Some(moved.amount.units),
            _ => None,
        })
        .sum();
    assert_eq!(forfeited, -253);
    assert_eq!(balance_of(&mut book, "3").status, CardStatus::Closed);
    assert_eq!(balance_of(&mut book, "g2").balances[0].posted.units, 0);
}

#[test]
fn no_pin_stands_in_a_record() {
    let (_, _, book) = played();
    for entry in book.entries() {
        let command = canonical(&entry.record.command);
        assert!(!command.contains("2580") && !command.contains("1379"), "{command}");
        let hides = entry.record.effects.iter().any(|e| matches!(e, Effect::CardPinSet(_)));
        assert!(!hides || !canonical(&entry.record.answer).contains("pin"), "{entry:?}");
    }
}
