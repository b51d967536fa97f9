//! Random orders and the book that they are brought to: cards, opening lots, every kind of line.

use jiff::{SignedDuration, Timestamp};
use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

use crate::oracle;
use crate::program::{CATEGORIES, STAGES, TAGS, TENDERS, number, program};

/// A programme, its cards, and an order brought to them.
#[derive(Clone, Debug)]
pub struct Case {
    pub program: ProgramDocument,
    pub cards: Vec<Issue>,
    pub order: Order,
}

/// The cards are issued at this instant, 15:00 in Moscow; the order comes an hour later.
pub fn opening() -> Timestamp {
    "2025-10-24T12:00:00Z".parse().unwrap()
}

pub fn after(hours: i64) -> Timestamp {
    opening() + SignedDuration::from_hours(hours)
}

impl Case {
    pub fn compiled(&self) -> Program {
        Program::compile(&canonical(&self.program)).unwrap()
    }

    /// A book in which the cards are issued.
    pub fn book(&self) -> Book {
        let mut book = Book::new("till-1", self.compiled()).unwrap();
        for issue in &self.cards {
            let key = format!("issue-{}", issue.card);
            let request = Request::new(opening(), Command::Issue(issue.clone())).with_key(key);
            book.call(&request).unwrap();
        }
        book
    }

    pub fn quote(&self) -> Quote {
        quote_of(&mut self.book(), &self.order)
    }

    pub fn sell(&self) -> Request {
        let sell = SellOrder { order: self.order.clone(), ..SellOrder::default() };
        Request::new(after(1), Command::Sell(sell)).with_key("sale")
    }

    pub fn reserve(&self) -> Request {
        let reserve = ReserveOrder { order: self.order.clone(), ..ReserveOrder::default() };
        Request::new(after(1), Command::Reserve(reserve)).with_key("sale")
    }

    /// The decimals of the order's currency.
    pub fn digits(&self) -> u32 {
        let own = &self.program.currency;
        u32::from(currency_digits(self.order.currency.as_ref().unwrap_or(own)).unwrap())
    }

    /// The lines that take part, with their places in the answer.
    pub fn live_lines(&self) -> Vec<&Line> {
        self.order.lines.iter().filter(|line| line.kind != LineKind::Void).collect()
    }
}

pub fn quote_of(book: &mut Book, order: &Order) -> Quote {
    let command = Command::Quote(QuoteOrder { order: order.clone() });
    let request = Request { explain: true, ..Request::new(after(1), command) };
    match book.call(&request).unwrap() {
        Answer::Quote(quote) => *quote,
        other => panic!("a quote answers a quote, not {other:?}"),
    }
}

pub fn sold(book: &mut Book, request: &Request) -> SaleAnswer {
    match book.call(request).unwrap() {
        Answer::Sale(sale) => *sale,
        other => panic!("a sale answers a sale, not {other:?}"),
    }
}

pub fn case() -> impl Strategy<Value = Case> {
    (program(), cards(), raw_order()).prop_map(|(program, cards, raw)| build(program, cards, raw))
}

/// A case in the programme's own currency.
pub fn case_at_home() -> impl Strategy<Value = Case> {
    (program(), cards(), raw_order()).prop_map(|(program, cards, mut raw)| {
        raw.currency = None;
        build(program, cards, raw)
    })
}

fn cards() -> impl Strategy<Value = Vec<Issue>> {
    let lots = || prop::collection::vec(lot(), 0..4);
    let spent = prop::option::of((0i64..10_000).prop_map(Decimal::from));
    (lots(), lots(), lots(), spent).prop_map(|(first, second, miles, spent)| {
        let issue =
            |card: &str, opening| Issue { card: card.into(), opening, spent, ..Issue::default() };
        vec![
            issue("1001", first),
            issue("1002", second),
            issue("2001", miles),
            issue("3001", Vec::new()),
        ]
    })
}

fn lot() -> impl Strategy<Value = OpeningLot> {
    let amount = prop_oneof![0i64..50, 0i64..2_000];
    let opens = prop::option::weighted(0.3, 0i64..4);
    let lives = prop::option::weighted(0.7, 1i64..60);
    (amount, opens, lives).prop_map(|(amount, opens, lives)| OpeningLot {
        amount: Decimal::from(amount),
        opens_at: opens.map(after),
        expires_at: lives.map(|lives| after(opens.unwrap_or(0) + lives)),
        points: None,
    })
}

/// An order before its amounts have the decimals of its currency.
#[derive(Clone, Debug)]
struct RawOrder {
    lines: Vec<(Line, i64)>,
    cards: Vec<&'static str>,
    currency: Option<(&'static str, Decimal)>,
    discounts: Vec<(i64, Option<usize>)>,
    tenders: Vec<(&'static str, i64)>,
    spend: (SpendMode, i64),
    paid: Option<i64>,
    channel: Option<&'static str>,
}

fn raw_order() -> impl Strategy<Value = RawOrder> {
    let known = vec!["1001", "3001", "2001", "1002", "9999"];
    let cards = subsequence(known, 0..=5).prop_shuffle();
    let rate = prop_oneof![(1i64..100_000, Just(3)), (1i64..1_000, Just(0))];
    let foreign = (select(vec!["USD", "KWD", "JPY"]), rate)
        .prop_map(|(currency, (units, digits))| (currency, number(units, digits)));
    let discounts = prop::collection::vec((1i64..30_000, prop::option::of(0usize..6)), 0..4);
    let tenders = prop::collection::vec((select(TENDERS.to_vec()), 1i64..100_000), 0..3);
    let mode = select(vec![SpendMode::None, SpendMode::Max, SpendMode::Max, SpendMode::Exact]);
    (
        prop::collection::vec((line(), 0i64..=45), 1..7),
        cards,
        prop::option::weighted(0.3, foreign),
        discounts,
        tenders,
        (mode, 0i64..3_000),
        prop::option::weighted(0.3, -50i64..50),
        prop::option::of(select(vec!["delivery", "counter"])),
    )
        .prop_map(|(lines, cards, currency, discounts, tenders, spend, paid, channel)| {
            RawOrder { lines, cards, currency, discounts, tenders, spend, paid, channel }
        })
}

fn line() -> impl Strategy<Value = Line> {
    let kind = prop_oneof![
        8 => Just(LineKind::Goods),
        1 => Just(LineKind::Child),
        1 => Just(LineKind::Delivery),
        1 => select(vec![LineKind::ServiceCharge, LineKind::Tip, LineKind::StoredValue]),
        1 => Just(LineKind::Adjustment),
        1 => Just(LineKind::Void),
    ];
    let price = prop_oneof![
        4 => (0i64..100_000).prop_map(|units| number(units, 2)),
        2 => (0i64..2_000).prop_map(|units| number(units, 0)),
        1 => (0i64..10).prop_map(|units| number(units, 2)),
        1 => (0i64..900_000_000).prop_map(|units| number(units, 6)),
    ];
    let stages = STAGES.to_vec();
    let excluded = prop::option::weighted(0.15, subsequence(stages, 1..=STAGES.len()));
    let floor = prop::option::weighted(0.2, (0i64..50_000).prop_map(|units| number(units, 2)));
    let category = prop::option::of(select(CATEGORIES.to_vec()));
    let tags = subsequence(TAGS.to_vec(), 0..=2);
    let taxes = prop::option::weighted(0.6, taxes());
    (kind, price, quantity(), excluded, floor, (category, tags), taxes).prop_map(
        |(kind, price, quantity, excluded_from, floor, (category, tags), taxes)| Line {
            kind,
            price,
            quantity,
            excluded_from: excluded_from.unwrap_or_default(),
            floor,
            category: category.map(Into::into),
            tags: tags.into_iter().map(Into::into).collect(),
            taxes: taxes.unwrap_or_default(),
            ..Line::default()
        },
    )
}

pub fn quantity() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        3 => Just(Decimal::ONE),
        3 => (1i64..8).prop_map(Decimal::from),
        2 => (1i64..5_000).prop_map(|units| number(units, 3)),
        1 => (1i64..60_000).prop_map(|units| number(units, 3)),
    ]
}

fn taxes() -> impl Strategy<Value = Vec<TaxRule>> {
    let tax = |name: &str, inside, size| TaxRule { inside, name: name.into(), size };
    let percent = |units, digits| TaxSize::Percent(number(units, digits));
    prop_oneof![
        3 => Just(vec![tax("VAT 22%", true, percent(22, 0))]),
        1 => Just(vec![tax("VAT 10%", true, percent(10, 0))]),
        1 => Just(vec![tax("VAT 22%", true, percent(22, 0)), tax("city", true, percent(3, 0))]),
        1 => Just(vec![tax("sales", false, percent(8875, 3))]),
        1 => Just(vec![tax("excise", true, TaxSize::PerUnit(Decimal::from(2)))]),
        1 => Just(vec![tax("bag", false, TaxSize::PerUnit(Decimal::from(1)))]),
        1 => Just(vec![
            tax("sales", false, percent(8875, 3)),
            tax("VAT 22%", true, percent(22, 0)),
            tax("excise", true, TaxSize::PerUnit(Decimal::from(2))),
        ]),
    ]
}

fn build(program: ProgramDocument, cards: Vec<Issue>, raw: RawOrder) -> Case {
    let own = program.currency.clone();
    let foreign = raw.currency.filter(|(currency, _)| *currency != own);
    let currency = foreign.map(|(currency, _)| currency.to_owned());
    let digits = u32::from(currency_digits(currency.as_ref().unwrap_or(&own)).unwrap());
    let money = |units: i64| number(units, digits);
    let mut lines = Vec::new();
    let live = raw
        .lines
        .iter()
        .filter(|(line, _)| !matches!(line.kind, LineKind::Adjustment | LineKind::Void));
    let whole: i64 = live.map(|(line, _)| oracle::line_amount(line, digits)).sum();
    for (index, (line, share)) in raw.lines.iter().enumerate() {
        let id = format!("l{index}");
        let mut line = Line { id, ..line.clone() };
        if line.kind == LineKind::Adjustment && share % 3 > 0 {
            // At most 45 % of the rest, so that two of them leave the total above zero.
            let part = i128::from(whole) * i128::from(*share) * 10i128.pow(6 - digits) * 1000;
            let price = part / 100 / oracle::thousandths(line.quantity) / 2;
            line.price = Decimal::from_i128_with_scale(-price, 6);
        }
        lines.push(line);
    }
    let adjusted: Vec<usize> =
        (0..lines.len()).filter(|&l| lines[l].kind == LineKind::Adjustment).collect();
    for &extra in adjusted.iter().skip(2) {
        lines[extra].price = lines[extra].price.abs();
    }
    let discount = |(number, (units, line)): (usize, (i64, Option<usize>))| {
        let line = line.and_then(|line| lines.get(line));
        let line = line.filter(|line| line.kind != LineKind::Void).map(|line| line.id.clone());
        HostDiscount { amount: money(units), line, name: format!("h{number}") }
    };
    let discounts = raw.discounts.into_iter().enumerate().map(discount).collect();
    let redeemed = program.points.first().map_or(0, |points| u32::from(points.digits));
    let spend = Spend {
        mode: raw.spend.0,
        points: (raw.spend.0 == SpendMode::Exact).then(|| number(raw.spend.1, redeemed)),
    };
    let tender = |(kind, units): (&str, i64)| Tender { kind: kind.into(), amount: money(units) };
    let order = Order {
        cards: raw.cards.into_iter().map(PresentedCard::from).collect(),
        rate: foreign.map(|(_, rate)| rate),
        currency,
        discounts,
        lines,
        channel: raw.channel.map(Into::into),
        paid_at: raw.paid.map(after),
        spend,
        tenders: raw.tenders.into_iter().map(tender).collect(),
        receipt: Some("17".into()),
        ..Order::default()
    };
    Case { program, cards, order }
}

/// Only lines and one discount of the host on all of them, so that nothing binds.
pub fn plain(mut case: Case, amount: i64) -> Case {
    case.program.exclusions.clear();
    case.program.allocation = Allocation::default();
    case.order.cards.clear();
    case.order.spend = Spend::default();
    case.order.lines.retain(|line| !matches!(line.kind, LineKind::Adjustment | LineKind::Void));
    for line in &mut case.order.lines {
        line.excluded_from.clear();
    }
    if case.order.lines.is_empty() {
        case.order.lines.push(Line::new("only", 7.into()));
    }
    let amount = Decimal::new(amount, case.digits());
    case.order.discounts = vec![HostDiscount { amount, line: None, name: "h0".into() }];
    case
}
