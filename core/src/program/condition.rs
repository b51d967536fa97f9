//! Conditions: what must be true of an order, or of a line.

use rust_decimal::Decimal;

use super::compile::Check;
use super::rules::{KindSet, Symbol};
use crate::amount::{PRICE_DIGITS, QUANTITY_DIGITS};
use crate::document::{document, union};
use crate::error::ErrorCode;
use crate::order::LineKind;
use crate::order::prepare::PreparedLine;

union! {
    /// What must be true of a line.
    pub enum LineCondition {
        /// Every part is true; an empty list is true.
        All(Vec<LineCondition>) = "all",
        /// At least one part is true; an empty list is false.
        Any(Vec<LineCondition>) = "any",
        /// The part is false.
        Not(Box<LineCondition>) = "not",
        /// The line's category is one of these.
        Category(Vec<String>) = "category",
        /// The line is of one of these kinds.
        Kind(Vec<LineKind>) = "kind",
        /// The quantity lies between two bounds.
        Quantity(Between) = "quantity",
        /// The line's stock number is one of these.
        Sku(Vec<String>) = "sku",
        /// The line has one of these tags.
        Tag(Vec<String>) = "tag",
        /// The price of one unit, before discounts, lies between two bounds.
        UnitPrice(Between) = "unit_price",
    }
}

union! {
    /// What must be true of the order.
    pub enum OrderCondition {
        /// Every part is true; an empty list is true.
        All(Vec<OrderCondition>) = "all",
        /// At least one part is true; an empty list is false.
        Any(Vec<OrderCondition>) = "any",
        /// The part is false.
        Not(Box<OrderCondition>) = "not",
        /// The sum of the lines before any discount lies between two bounds.
        Amount(Between) = "amount",
        /// A card of one of these kinds (by the programme's id) was presented and is usable.
        Card(Vec<String>) = "card",
        /// The order came through one of these channels.
        Channel(Vec<String>) = "channel",
        /// The store is in one of these cities.
        City(Vec<String>) = "city",
        /// The store belongs to one of these groups.
        Group(Vec<String>) = "group",
        /// The store is one of these.
        Store(Vec<String>) = "store",
        /// One of these kinds of tenders is used.
        Tender(Vec<String>) = "tender",
        /// The card is in one of these tiers.
        Tier(Vec<String>) = "tier",
        /// The till is one of these.
        Till(Vec<String>) = "till",
    }
}

document! {
    /// Two bounds, both included; a bound left out does not bind.
    pub struct Between {
        /// At least this.
        pub from: Option<Decimal>,
        /// At most this.
        pub to: Option<Decimal>,
    }
}

/// How deep a condition may be nested.
pub const CONDITION_DEPTH_MAX: usize = 32;
/// How many parts a condition may have in all.
pub const CONDITION_PARTS_MAX: usize = 256;

/// A compiled condition on a line.
#[derive(Debug)]
pub(crate) enum LineTest {
    All(Vec<LineTest>),
    Any(Vec<LineTest>),
    Not(Box<LineTest>),
    Category(Vec<Symbol>),
    Kind(KindSet),
    Quantity(Bounds),
    Sku(Vec<Symbol>),
    Tag(Vec<Symbol>),
    UnitPrice(Bounds),
}

/// A compiled condition on an order.
#[derive(Debug)]
pub(crate) enum OrderTest {
    All(Vec<OrderTest>),
    Any(Vec<OrderTest>),
    Not(Box<OrderTest>),
    Amount(Bounds),
    Card(Vec<Symbol>),
    Channel(Vec<Symbol>),
    City(Vec<Symbol>),
    Group(Vec<Symbol>),
    Store(Vec<Symbol>),
    Tender(Vec<Symbol>),
    Tier(Vec<Symbol>),
    Till(Vec<Symbol>),
}

/// Two bounds, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    from: i64,
    to: i64,
}

impl Bounds {
    fn hold(self, value: i64) -> bool {
        self.from <= value && value <= self.to
    }
}

/// What conditions on an order are asked about.
#[derive(Debug, Default)]
pub(crate) struct OrderFacts {
    /// The sum before discounts, in the programme's money.
    pub amount: i64,
    pub cards: Vec<Symbol>,
    pub channel: Symbol,
    pub city: Symbol,
    pub groups: Vec<Symbol>,
    pub store: Symbol,
    pub tenders: Vec<Symbol>,
    pub tier: Symbol,
    pub till: Symbol,
}

impl LineTest {
    pub fn holds(&self, line: &PreparedLine) -> bool {
        match self {
            LineTest::All(parts) => parts.iter().all(|part| part.holds(line)),
            LineTest::Any(parts) => parts.iter().any(|part| part.holds(line)),
            LineTest::Not(part) => !part.holds(line),
            LineTest::Category(words) => words.contains(&line.category),
            LineTest::Kind(kinds) => kinds.has(line.kind),
            LineTest::Quantity(bounds) => bounds.hold(line.quantity),
            LineTest::Sku(words) => words.contains(&line.sku),
            LineTest::Tag(words) => line.tags.iter().any(|tag| words.contains(tag)),
            LineTest::UnitPrice(bounds) => bounds.hold(line.price),
        }
    }
}

impl OrderTest {
    pub fn holds(&self, facts: &OrderFacts) -> bool {
        let shared =
            |words: &[Symbol], present: &[Symbol]| present.iter().any(|w| words.contains(w));
        match self {
            OrderTest::All(parts) => parts.iter().all(|part| part.holds(facts)),
            OrderTest::Any(parts) => parts.iter().any(|part| part.holds(facts)),
            OrderTest::Not(part) => !part.holds(facts),
            OrderTest::Amount(bounds) => bounds.hold(facts.amount),
            OrderTest::Card(words) => shared(words, &facts.cards),
            OrderTest::Channel(words) => words.contains(&facts.channel),
            OrderTest::City(words) => words.contains(&facts.city),
            OrderTest::Group(words) => shared(words, &facts.groups),
            OrderTest::Store(words) => words.contains(&facts.store),
            OrderTest::Tender(words) => shared(words, &facts.tenders),
            OrderTest::Tier(words) => words.contains(&facts.tier),
            OrderTest::Till(words) => words.contains(&facts.till),
        }
    }
}

/// How large a condition has grown while it is compiled.
struct Size {
    depth: usize,
    parts: usize,
    refused: bool,
}

impl Size {
    fn enter(&mut self, check: &mut Check<'_>, path: &str) -> bool {
        self.depth += 1;
        self.parts += 1;
        let fits = self.depth <= CONDITION_DEPTH_MAX && self.parts <= CONDITION_PARTS_MAX;
        if !fits && !self.refused {
            self.refused = true;
            let message = format!(
                "the condition is nested deeper than {CONDITION_DEPTH_MAX} or has more than \
                 {CONDITION_PARTS_MAX} parts"
            );
            check.mistake(ErrorCode::ProgramConditionTooLarge, path, message);
        }
        fits
    }
}

pub(crate) fn compile_line(
    check: &mut Check<'_>,
    condition: &LineCondition,
    path: &str,
) -> LineTest {
    let mut size = Size { depth: 0, parts: 0, refused: false };
    line_test(check, condition, path, &mut size)
}

fn line_test(
    check: &mut Check<'_>,
    condition: &LineCondition,
    path: &str,
    size: &mut Size,
) -> LineTest {
    let path = format!("{path}/{}", condition.name());
    if !size.enter(check, &path) {
        return LineTest::Any(Vec::new());
    }
    let mut parts = |check: &mut Check<'_>, list: &[LineCondition]| -> Vec<LineTest> {
        let part = |(i, part)| line_test(check, part, &format!("{path}/{i}"), size);
        list.iter().enumerate().map(part).collect()
    };
    let test = match condition {
        LineCondition::All(list) => LineTest::All(parts(check, list)),
        LineCondition::Any(list) => LineTest::Any(parts(check, list)),
        LineCondition::Not(part) => LineTest::Not(Box::new(line_test(check, part, &path, size))),
        LineCondition::Category(words) => LineTest::Category(check.words(words, &path)),
        LineCondition::Kind(kinds) => LineTest::Kind(KindSet::of(kinds)),
        LineCondition::Quantity(between) => {
            LineTest::Quantity(bounds(check, between, QUANTITY_DIGITS, &path))
        }
        LineCondition::Sku(words) => LineTest::Sku(check.words(words, &path)),
        LineCondition::Tag(words) => LineTest::Tag(check.words(words, &path)),
        LineCondition::UnitPrice(between) => {
            LineTest::UnitPrice(bounds(check, between, PRICE_DIGITS, &path))
        }
    };
    size.depth -= 1;
    test
}

pub(crate) fn compile_order(
    check: &mut Check<'_>,
    condition: &OrderCondition,
    path: &str,
) -> OrderTest {
    let mut size = Size { depth: 0, parts: 0, refused: false };
    order_test(check, condition, path, &mut size)
}

fn order_test(
    check: &mut Check<'_>,
    condition: &OrderCondition,
    path: &str,
    size: &mut Size,
) -> OrderTest {
    let path = format!("{path}/{}", condition.name());
    if !size.enter(check, &path) {
        return OrderTest::Any(Vec::new());
    }
    let mut parts = |check: &mut Check<'_>, list: &[OrderCondition]| -> Vec<OrderTest> {
        let part = |(i, part)| order_test(check, part, &format!("{path}/{i}"), size);
        list.iter().enumerate().map(part).collect()
    };
    let test = match condition {
        OrderCondition::All(list) => OrderTest::All(parts(check, list)),
        OrderCondition::Any(list) => OrderTest::Any(parts(check, list)),
        OrderCondition::Not(part) => OrderTest::Not(Box::new(order_test(check, part, &path, size))),
        OrderCondition::Amount(between) => {
            let digits = check.currency_digits;
            OrderTest::Amount(bounds(check, between, digits, &path))
        }
        OrderCondition::Card(words) => OrderTest::Card(check.known_cards(words, &path)),
        OrderCondition::Channel(words) => OrderTest::Channel(check.words(words, &path)),
        OrderCondition::City(words) => OrderTest::City(check.words(words, &path)),
        OrderCondition::Group(words) => OrderTest::Group(check.words(words, &path)),
        OrderCondition::Store(words) => OrderTest::Store(check.known_stores(words, &path)),
        OrderCondition::Tender(words) => OrderTest::Tender(check.words(words, &path)),
        OrderCondition::Tier(words) => OrderTest::Tier(check.known_tiers(words, &path)),
        OrderCondition::Till(words) => OrderTest::Till(check.words(words, &path)),
    };
    size.depth -= 1;
    test
}

fn bounds(check: &mut Check<'_>, between: &Between, digits: u8, path: &str) -> Bounds {
    let from = between.from.map(|from| check.units(from, digits, &format!("{path}/from")));
    let to = between.to.map(|to| check.units(to, digits, &format!("{path}/to")));
    let bounds = Bounds { from: from.unwrap_or(i64::MIN), to: to.unwrap_or(i64::MAX) };
    if bounds.from > bounds.to {
        let message = "`from` is above `to`, so that the condition is never true";
        check.mistake(ErrorCode::ProgramContradiction, path, message);
    }
    bounds
}
