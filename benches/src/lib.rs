//! What the benchmarks measure: programmes, orders and books, and a clock that counts CPU time.

pub mod ledgers;

use std::fmt::Write;
use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use jiff::Timestamp;
use kopilka::{
    Answer, Book, Command, Confirm, Issue, Line, OpeningLot, Order, Program, QuoteOrder, Refund,
    RefundLine, Request, ReserveOrder, SellOrder, Spend, SpendMode, TaxRule, TaxSize,
};
use rust_decimal::Decimal;

/// The CPU time of the measuring thread: other work on the machine does not count.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = ThreadTime;
    type Value = Duration;

    fn start(&self) -> ThreadTime {
        ThreadTime::now()
    }

    fn end(&self, start: ThreadTime) -> Duration {
        start.elapsed()
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// The instant of every call.
#[must_use]
pub fn now() -> Timestamp {
    "2025-10-24T14:30:00+03:00".parse().expect("an instant")
}

/// A programme of so many earning rules, each with a condition on the order and one on lines,
/// besides exclusions, floors, a discount card by tier, and redemption.
#[must_use]
pub fn program_text(rules: usize) -> String {
    let mut earning = String::new();
    for rule in 0..rules {
        let comma = if rule == 0 { "" } else { "," };
        let when = match rule % 4 {
            0 => r#"{"all": [{"amount": {"from": "100.00"}}, {"not": {"channel": ["phone"]}}]}"#,
            1 => r#"{"any": [{"city": ["Kazan"]}, {"tier": ["silver", "gold"]}]}"#,
            2 => r#"{"all": [{"group": ["moscow"]}, {"tender": ["gift"]}]}"#,
            _ => r#"{"any": [{"store": ["almaz"]}, {"amount": {"from": "5000.00"}}]}"#,
        };
        let (one, other) = (rule % 7, (rule + 3) % 7);
        let lines = match rule % 3 {
            0 => format!(r#"{{"category": ["c{one}", "c{other}"]}}"#),
            1 => format!(r#"{{"any": [{{"tag": ["t{one}"]}}, {{"sku": ["s{rule}"]}}]}}"#),
            _ => r#"{"all": [{"unit_price": {"from": "50.00"}}, {"not": {"tag": ["t1"]}}]}"#.into(),
        };
        let give = match rule % 2 {
            0 => format!(r#"{{"percent": "{}.5"}}"#, rule % 5),
            _ => r#"{"per": {"amount": "100.00", "points": "2", "count": "proportional"}}"#.into(),
        };
        write!(
            earning,
            r#"{comma}{{"id": "rule-{rule}", "cap": "500", "delay": {{"days": 1}},
                "life": {{"months": 12}}, "minimum": "10.00", "give": {give}, "when": {when},
                "lines": {lines}}}"#
        )
        .expect("a string takes everything");
    }
    format!(
        r#"{{
        "id": "measured", "currency": "RUB", "zone": "Europe/Moscow",
        "points": [{{"id": "bonus"}}],
        "stores": [{{"id": "almaz", "city": "Moscow", "groups": ["moscow"]}},
                   {{"id": "topaz", "city": "Kazan", "groups": ["kazan"]}}],
        "tiers": [{{"id": "base", "from": "0"}},
                  {{"id": "silver", "from": "50000.00"}},
                  {{"id": "gold", "from": "150000.00"}}],
        "cards": [
            {{"id": "discount", "kind": "discount", "numbers": [{{"prefix": "5", "length_max": 4}}],
              "discount": {{"percent": {{"by_tier": [{{"tier": "base", "percent": "3"}},
                                                     {{"tier": "silver", "percent": "5"}},
                                                     {{"tier": "gold", "percent": "7.5"}}]}}}}}},
            {{"id": "bonus", "kind": "bonus", "numbers": [{{"prefix": "1", "length_max": 4}}]}}
        ],
        "exclusions": [
            {{"id": "tobacco", "from": ["host", "card", "points", "earning"],
              "lines": {{"category": ["tobacco"]}}}},
            {{"id": "promoted", "from": ["points"], "lines": {{"tag": ["promoted"]}}}}
        ],
        "floors": [{{"id": "vodka", "lines": {{"category": ["vodka"]}}, "price": "409.00",
                     "from": "2025-01-01"}}],
        "earning": {{"lowered_by_tenders": ["gift"], "rules": [{earning}]}},
        "redemption": {{"percent": "20", "minimum_points": "10"}}
    }}"#
    )
}

/// [`program_text`], compiled.
#[must_use]
pub fn program(rules: usize) -> Program {
    Program::compile(&program_text(rules)).expect("the programme is sound")
}

/// A book with a discount card of the middle tier, and a bonus card with five lots.
#[must_use]
pub fn book(program: Program) -> Book {
    let mut book = Book::new("till-1", program).expect("the till has a name");
    for request in issue_requests() {
        call(&mut book, &request);
    }
    book
}

/// The requests that issue the cards of [`book`].
#[must_use]
pub fn issue_requests() -> [Request; 2] {
    let discount =
        Issue { card: "5001".into(), spent: Some(Decimal::from(60_000)), ..Issue::default() };
    let lot = |months: i64| OpeningLot {
        amount: Decimal::from(100 * months),
        expires_at: Some(now() + jiff::SignedDuration::from_hours(720 * months)),
        ..OpeningLot::default()
    };
    let opening = (1..=5).map(lot).collect();
    let bonus = Issue { card: "1001".into(), opening, ..Issue::default() };
    [(discount, "issue-5001"), (bonus, "issue-1001")]
        .map(|(issue, key)| Request::new(now(), Command::Issue(issue)).with_key(key))
}

/// An order of so many lines, paid with points as far as they go.
#[must_use]
pub fn order(lines: usize, taxed: bool) -> Order {
    let line = |n: usize| {
        let category = match n {
            3 => "tobacco".to_owned(),
            5 => "vodka".to_owned(),
            n => format!("c{}", n % 7),
        };
        let price = i64::try_from(5_000 + n * 3_719 % 70_000).expect("a price");
        let rate = if n.is_multiple_of(2) { 20 } else { 10 };
        let vat = TaxRule {
            name: format!("VAT {rate}%"),
            size: TaxSize::Percent(Decimal::from(rate)),
            ..TaxRule::default()
        };
        Line {
            category: Some(category),
            quantity: Decimal::from(1 + n % 3),
            sku: Some(format!("s{n}")),
            tags: vec![format!("t{}", n % 7)],
            taxes: if taxed { vec![vat] } else { Vec::new() },
            ..Line::new((n + 1).to_string(), Decimal::new(price, 2))
        }
    };
    Order {
        cards: vec!["5001".into(), "1001".into()],
        channel: Some("counter".into()),
        lines: (0..lines).map(line).collect(),
        spend: Spend { mode: SpendMode::Max, points: None },
        store: Some("almaz".into()),
        ..Order::default()
    }
}

/// A request for a quote.
#[must_use]
pub fn quote_request(order: Order) -> Request {
    Request::new(now(), Command::Quote(QuoteOrder { order }))
}

/// A request to sell.
#[must_use]
pub fn sell_request(order: Order) -> Request {
    Request::new(now(), Command::Sell(SellOrder { order, expect: None })).with_key("sale-1")
}

/// A request to reserve.
#[must_use]
pub fn reserve_request(order: Order) -> Request {
    let reserve = ReserveOrder { order, ..ReserveOrder::default() };
    Request::new(now(), Command::Reserve(reserve)).with_key("sale-1")
}

/// A request to confirm.
#[must_use]
pub fn confirm_request(token: String) -> Request {
    Request::new(now(), Command::Confirm(Confirm { token, ..Confirm::default() }))
        .with_key("confirm-1")
}

/// A request to refund three lines of a sale.
#[must_use]
pub fn refund_request(token: String) -> Request {
    let line = |line: &str| RefundLine { line: line.into(), quantity: None };
    let lines = ["1", "2", "6"].map(line).into();
    let refund = Refund { lines, token: Some(token), ..Refund::default() };
    Request::new(now(), Command::Refund(refund)).with_key("refund-1")
}

/// The answer to a call that must succeed.
pub fn call(book: &mut Book, request: &Request) -> Answer {
    book.call(request).unwrap_or_else(|error| panic!("{error}"))
}

/// The token of a sale.
#[must_use]
pub fn token(answer: &Answer) -> String {
    let Answer::Sale(sale) = answer else { panic!("this is no sale") };
    sale.token.clone().expect("a sale has a token")
}
