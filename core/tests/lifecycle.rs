//! The life of points from grant to close: what a command names beforehand is all that it needs, and
//! what was done adds up however it is read.

mod loading;

use kopilka::document::canonical;
use kopilka::*;

use loading::partial;

const PROGRAM: &str = r#"{
    "id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_min": 1, "length_max": 4}], "welcome": "hello"}],
    "coupons": [{"id": "tea", "life": {"days": 30}}],
    "earning": {"rules": [
        {"id": "ten", "give": {"percent": "10"}, "life": {"days": 30}, "rolling": true},
        {"id": "later", "give": {"percent": "5"}, "delay": {"event": "delivered"}, "life": {"days": 10}},
        {"id": "once", "give": {"per_visit": "7"}, "only": "next_order"}
    ]},
    "redemption": {},
    "grants": [
        {"id": "hello", "amount": "100", "life": {"days": 60}},
        {"id": "friend", "amount": "50"},
        {"id": "sorry", "amount": "30", "delay": {"days": 1}}
    ],
    "referral": {"newcomer": "friend", "referrer": "friend"},
    "limits": [
        {"id": "all", "covers": ["hello", "friend", "sorry"], "points": "400"},
        {"id": "each", "covers": ["sorry", "hello"], "per": "card", "period": "day", "uses": 2},
        {"id": "guests", "covers": ["friend"], "per": "guest", "uses": 3},
        {"id": "turns", "covers": ["turn"], "per": "store", "uses": 2}
    ],
    "stores": [{"id": "centre"}],
    "auto_redemption": [{"id": "turn", "threshold": "100", "coupon": "tea", "per_day": 1}],
    "tiers": [{"id": "base", "from": "0"}, {"id": "gold", "from": "300.00"}],
    "tiering": {"window": {"rolling": {"days": 30}}, "kept": {"days": 10}, "grace": {"days": 2}},
    "transfer": {"clock": "keep"}
}"#;

/// What happens, with instants and keys of its own; `TOKEN` is the token of the sale before.
const STORY: &[(&str, &str)] = &[
    (
        "2026-03-01T10:00:00+03:00",
        r#"{"issue": {"card": "1", "guest": "anna", "store": "centre"}}"#,
    ),
    (
        "2026-03-01T11:00:00+03:00",
        r#"{"issue": {"card": "2", "referred_by": "1", "store": "centre"}}"#,
    ),
    (
        "2026-03-02T10:00:00+03:00",
        r#"{"grant": {"card": "1", "grant": "sorry", "reason": "wait"}}"#,
    ),
    ("2026-03-02T11:00:00+03:00", r#"{"grant": {"card": "1", "grant": "sorry"}}"#),
    ("2026-03-02T12:00:00+03:00", r#"{"grant": {"card": "1", "grant": "sorry"}}"#),
    (
        "2026-03-03T12:00:00+03:00",
        r#"{"sell": {"order": {"store": "centre", "cards": [{"number": "2"}],
            "lines": [{"id": "a", "price": "400.00", "quantity": "2"}]}}}"#,
    ),
    (
        "2026-03-04T12:00:00+03:00",
        r#"{"activate": {"card": "2", "event": "delivered", "sale": "TOKEN"}}"#,
    ),
    ("2026-03-05T12:00:00+03:00", r#"{"transfer": {"from": "1", "to": "2", "amount": "120"}}"#),
    ("2026-03-06T12:00:00+03:00", r#"{"close_period": {"cards": ["2", "1"], "store": "centre"}}"#),
    ("2026-03-06T12:00:00+03:00", r#"{"close_period": {"cards": ["2", "1"], "store": "centre"}}"#),
    (
        "2026-03-07T12:00:00+03:00",
        r#"{"reserve": {"order": {"store": "centre", "cards": [{"number": "2"}, {"number": "1"}],
            "spend": {"mode": "max"}, "codes": ["spring"],
            "lines": [{"id": "a", "price": "90.00"}]}}}"#,
    ),
    ("2026-03-07T12:01:00+03:00", r#"{"confirm": {"token": "TOKEN", "store": "centre"}}"#),
    ("2026-03-08T12:00:00+03:00", r#"{"refund": {"token": "TOKEN"}}"#),
    ("2026-05-20T12:00:00+03:00", r#"{"close_period": {"store": "centre"}}"#),
];

fn played() -> (Program, Vec<Request>, Book) {
    let program = Program::compile(PROGRAM).unwrap();
    let mut book = Book::new("till-1", program.clone()).unwrap();
    let mut asked = Vec::new();
    let mut token = String::new();
    for (number, (at, command)) in STORY.iter().enumerate() {
        let command = command.replace("TOKEN", &token);
        let text = format!(r#"{{"at": "{at}", "key": "key-{number}", "command": {command}}}"#);
        let node = json::Node::parse(&text, usize::MAX).unwrap();
        let request: Request = document::from_node(&node).unwrap();
        if let Answer::Sale(sale) = book.call(&request).unwrap() {
            token = sale.token.clone().unwrap();
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
        // A close of every card can name none of them.
        if matches!(&request.command, Command::ClosePeriod(close) if close.cards.is_empty()) {
            continue;
        }
        let part = partial(&program, entries, request);
        let Decision::Record(record) = decide(&program, &part, request).unwrap() else {
            panic!("not a record: {request:?}");
        };
        assert_eq!(canonical(&*record), canonical(&book.entries()[place].record));
    }
}

#[test]
fn every_record_of_the_lifecycle_adds_up_and_is_read_back() {
    let (program, _, book) = played();
    for entry in book.entries() {
        for effect in &entry.record.effects {
            if let Effect::Posted(posted) = effect {
                let sum: i64 = posted.postings.iter().map(|posting| posting.amount.units).sum();
                assert_eq!(sum, 0, "{posted:?}");
            }
        }
    }
    let records = book.entries().iter().map(|entry| {
        let node = json::Node::parse(&canonical(&entry.record), usize::MAX).unwrap();
        (entry.hash, document::from_node::<Record>(&node).unwrap())
    });
    let mut again = Book::rebuild("till-1", program, records).unwrap();
    let mut book = book;
    for card in ["1", "2"] {
        for at in ["2026-05-20T12:00:00+03:00", "2027-01-01T00:00:00+03:00"] {
            let query = Command::Balance(CardQuery { card: card.into(), ..CardQuery::default() });
            let request = Request::new(at.parse().unwrap(), query);
            let Answer::Card(read) = book.call(&request).unwrap() else { panic!("no card") };
            assert_eq!(Answer::Card(read.clone()), again.call(&request).unwrap());
            for balance in &read.card.balances {
                let parts = [balance.spendable, balance.held, balance.pending, balance.expired];
                let sum: i64 = parts.iter().map(|part| part.units).sum();
                assert_eq!(balance.posted.units, sum - balance.debt.units);
            }
        }
    }
}

#[test]
fn closing_twice_at_one_instant_changes_nothing_more() {
    let (_, asked, book) = played();
    let twice: Vec<_> = book
        .entries()
        .iter()
        .zip(&asked)
        .filter(|(_, request)| request.command.name() == "close_period")
        .collect();
    let Answer::Changed(first) = twice[0].0.answer() else { panic!("nothing changed") };
    // The other card has 90 points left after its transfer.
    assert_eq!(first.coupons.len(), 1);
    let Answer::Changed(second) = twice[1].0.answer() else { panic!("nothing changed") };
    assert!(second.balances.is_empty() && second.coupons.is_empty() && second.tiers.is_empty());
}
