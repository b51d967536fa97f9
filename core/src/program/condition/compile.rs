//! From conditions as written to tests, with every mistake.

use rust_decimal::Decimal;

use super::test::{
    Bounds, LineLeaf, LineTest, OrderLeaf, OrderTest, PersonalLeaf, PersonalTest, Test,
};
use super::*;
use crate::amount::{PRICE_DIGITS, QUANTITY_DIGITS};
use crate::error::ErrorCode;
use crate::program::compile::Check;
use crate::program::rules::{KindSet, Symbol};

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

/// A condition taken apart.
enum Branch<'c, C> {
    All(&'c [C]),
    Any(&'c [C]),
    Not(&'c C),
    Leaf,
}

/// A condition of either sort.
trait Condition: Sized {
    type Leaf;
    fn branch(&self) -> Branch<'_, Self>;
    fn key(&self) -> &'static str;
    /// Compiles a leaf; for a branch, nothing that is ever true.
    fn leaf(&self, check: &mut Check<'_>, size: &mut Size, path: &str) -> Test<Self::Leaf>;
}

pub(crate) fn compile_line(
    check: &mut Check<'_>,
    condition: &LineCondition,
    path: &str,
) -> LineTest {
    compile(check, condition, path, &mut Size { depth: 0, parts: 0, refused: false })
}

pub(crate) fn compile_order(
    check: &mut Check<'_>,
    condition: &OrderCondition,
    path: &str,
) -> OrderTest {
    compile(check, condition, path, &mut Size { depth: 0, parts: 0, refused: false })
}

fn compile<C: Condition>(
    check: &mut Check<'_>,
    condition: &C,
    path: &str,
    size: &mut Size,
) -> Test<C::Leaf> {
    let path = format!("{path}/{}", condition.key());
    if !size.enter(check, &path) {
        return Test::Any(Vec::new());
    }
    let mut parts = |check: &mut Check<'_>, list: &[C]| -> Vec<Test<C::Leaf>> {
        let part = |(i, part)| compile(check, part, &format!("{path}/{i}"), size);
        list.iter().enumerate().map(part).collect()
    };
    let test = match condition.branch() {
        Branch::All(list) => Test::All(parts(check, list)),
        Branch::Any(list) => Test::Any(parts(check, list)),
        Branch::Not(part) => Test::Not(Box::new(compile(check, part, &path, size))),
        Branch::Leaf => condition.leaf(check, size, &path),
    };
    size.depth -= 1;
    test
}

impl Condition for LineCondition {
    type Leaf = LineLeaf;

    fn branch(&self) -> Branch<'_, Self> {
        match self {
            LineCondition::All(list) => Branch::All(list),
            LineCondition::Any(list) => Branch::Any(list),
            LineCondition::Not(part) => Branch::Not(part),
            _ => Branch::Leaf,
        }
    }

    fn key(&self) -> &'static str {
        self.name()
    }

    fn leaf(&self, check: &mut Check<'_>, _: &mut Size, path: &str) -> LineTest {
        Test::Leaf(match self {
            LineCondition::Attribute(one) => {
                let (name, values) = attribute(check, one, path);
                LineLeaf::Attribute(name, values)
            }
            LineCondition::Category(words) => LineLeaf::Category(check.words(words, path)),
            LineCondition::Kind(kinds) => LineLeaf::Kind(KindSet::of(kinds)),
            LineCondition::Quantity(between) => {
                LineLeaf::Quantity(bounds(check, between.from, between.to, QUANTITY_DIGITS, path))
            }
            LineCondition::Sku(words) => LineLeaf::Sku(check.words(words, path)),
            LineCondition::Tag(words) => LineLeaf::Tag(check.words(words, path)),
            LineCondition::UnitPrice(between) => {
                LineLeaf::UnitPrice(bounds(check, between.from, between.to, PRICE_DIGITS, path))
            }
            LineCondition::All(_) | LineCondition::Any(_) | LineCondition::Not(_) => {
                return Test::Any(Vec::new());
            }
        })
    }
}

impl Condition for OrderCondition {
    type Leaf = OrderLeaf;

    fn branch(&self) -> Branch<'_, Self> {
        match self {
            OrderCondition::All(list) => Branch::All(list),
            OrderCondition::Any(list) => Branch::Any(list),
            OrderCondition::Not(part) => Branch::Not(part),
            _ => Branch::Leaf,
        }
    }

    fn key(&self) -> &'static str {
        self.name()
    }

    fn leaf(&self, check: &mut Check<'_>, size: &mut Size, path: &str) -> OrderTest {
        check.asks_time |= matches!(
            self,
            OrderCondition::Age(_)
                | OrderCondition::Birthday(_)
                | OrderCondition::Dates(_)
                | OrderCondition::Standing(_)
                | OrderCondition::Time(_)
                | OrderCondition::Weekday(_)
        );
        check.asks_guest |= matches!(
            self,
            OrderCondition::Age(_)
                | OrderCondition::Birthday(_)
                | OrderCondition::Guest(_)
                | OrderCondition::GuestAttribute(_)
        );
        Test::Leaf(match self {
            OrderCondition::Age(whole) => {
                let test = PersonalTest::Age(whole_bounds(check, whole, path));
                personal(check, test, path, "age")
            }
            OrderCondition::Amount(amount) => {
                OrderLeaf::Amount(amount_bounds(check, amount, path), amount.of)
            }
            OrderCondition::Attribute(one) => {
                let (name, values) = attribute(check, one, path);
                OrderLeaf::Attribute(name, values)
            }
            OrderCondition::Birthday(window) => {
                birthday(check, window, path);
                let test = PersonalTest::Birthday { before: window.before, after: window.after };
                personal(check, test, path, "birthday")
            }
            OrderCondition::Card(words) => OrderLeaf::Card(check.known_cards(words, path)),
            OrderCondition::Channel(words) => OrderLeaf::Channel(check.words(words, path)),
            OrderCondition::City(words) => OrderLeaf::City(check.words(words, path)),
            OrderCondition::Code(words) => OrderLeaf::Code(codes(check, words, path)),
            OrderCondition::Coupon(words) => OrderLeaf::Coupon(check.known_coupons(words, path)),
            OrderCondition::Dates(window) => {
                let (from, until) = check.dates(&window.from, &window.until, path);
                OrderLeaf::Dates(from, until)
            }
            OrderCondition::Group(words) => OrderLeaf::Group(check.words(words, path)),
            OrderCondition::Guest(guest) => guest_is(check, guest, path),
            OrderCondition::GuestAttribute(one) => {
                attribute(check, one, path);
                let (name, values) = (one.name.clone(), one.values.clone());
                personal(check, PersonalTest::Attribute { name, values }, path, "guest_attribute")
            }
            OrderCondition::Instants(window) => {
                if window.from.zip(window.until).is_some_and(|(from, until)| from > until) {
                    never(check, &format!("{path}/until"), "`until` is before `from`");
                }
                OrderLeaf::Instants(window.from, window.until)
            }
            OrderCondition::Lines(total) => lines(check, total, size, path),
            OrderCondition::Presented(ways) => {
                if ways.is_empty() {
                    check.mistake(ErrorCode::ProgramEmpty, path, EMPTY);
                }
                OrderLeaf::Presented(ways.clone())
            }
            OrderCondition::Purchase(nth) => purchase(check, nth, path),
            OrderCondition::Standing(whole) => {
                OrderLeaf::Standing(whole_bounds(check, whole, path))
            }
            OrderCondition::Store(words) => OrderLeaf::Store(check.known_stores(words, path)),
            OrderCondition::Tender(words) => OrderLeaf::Tender(check.words(words, path)),
            OrderCondition::Tier(words) => OrderLeaf::Tier(check.known_tiers(words, path)),
            OrderCondition::Till(words) => OrderLeaf::Till(check.words(words, path)),
            OrderCondition::Time(window) => {
                let from = check.time_of_day(&window.from, &format!("{path}/from"));
                let until = check.time_of_day(&window.until, &format!("{path}/until"));
                OrderLeaf::Time(from, until)
            }
            OrderCondition::Weekday(days) => {
                if days.is_empty() {
                    check.mistake(ErrorCode::ProgramEmpty, path, EMPTY);
                }
                OrderLeaf::Weekday(days.iter().map(|day| *day as u8).collect())
            }
            OrderCondition::All(_) | OrderCondition::Any(_) | OrderCondition::Not(_) => {
                return Test::Any(Vec::new());
            }
        })
    }
}

const EMPTY: &str = "the list is empty, so that nothing matches";

fn never(check: &mut Check<'_>, path: &str, message: &str) {
    let message = format!("{message}, so that the condition is never true");
    check.mistake(ErrorCode::ProgramContradiction, path, message);
}

fn attribute(check: &mut Check<'_>, one: &AttributeIs, path: &str) -> (Symbol, Vec<Symbol>) {
    if one.name.is_empty() {
        let message = "name the attribute";
        check.mistake(ErrorCode::DocumentTextEmpty, &format!("{path}/name"), message);
    }
    (check.symbols.add(&one.name), check.words(&one.values, &format!("{path}/values")))
}

/// Codes are compared without white space around them, ASCII letters as capitals.
fn codes(check: &mut Check<'_>, words: &[String], path: &str) -> Vec<Symbol> {
    for (index, word) in words.iter().enumerate() {
        if word.trim().is_empty() {
            let message = "the code must not be empty";
            check.mistake(ErrorCode::DocumentTextEmpty, &format!("{path}/{index}"), message);
        }
    }
    if words.is_empty() {
        check.mistake(ErrorCode::ProgramEmpty, path, EMPTY);
    }
    words.iter().map(|word| check.code(word)).collect()
}

fn personal(
    check: &mut Check<'_>,
    test: PersonalTest,
    path: &str,
    name: &'static str,
) -> OrderLeaf {
    check.personal.push(PersonalLeaf { path: path.to_owned(), test });
    OrderLeaf::Personal(check.personal.len() - 1, name)
}

fn birthday(check: &mut Check<'_>, window: &BirthdayWindow, path: &str) {
    for (key, days) in [("before", window.before), ("after", window.after)] {
        if days > 182 {
            let message = "a birthday lasts at most 182 days to either side";
            check.mistake(ErrorCode::DocumentRange, &format!("{path}/{key}"), message);
        }
    }
}

fn guest_is(check: &mut Check<'_>, guest: &GuestIs, path: &str) -> OrderLeaf {
    if guest.plan.is_empty() && guest.staff.is_none() {
        let message = "say which plans, or whether the guest works for the merchant";
        check.mistake(ErrorCode::ProgramEmpty, path, message);
    }
    for (index, plan) in guest.plan.iter().enumerate() {
        check.plan(plan, &format!("{path}/plan/{index}"));
    }
    let plans = guest.plan.iter().map(|plan| check.symbols.add(plan)).collect();
    OrderLeaf::Guest { plans, staff: guest.staff }
}

fn lines(check: &mut Check<'_>, total: &LinesTotal, size: &mut Size, path: &str) -> OrderLeaf {
    let test = compile(check, &total.lines, &format!("{path}/lines"), size);
    let amount = total.amount.as_ref();
    let quantity = total.quantity.as_ref();
    OrderLeaf::Lines {
        test,
        amount: amount.map(|a| (amount_bounds(check, a, &format!("{path}/amount")), a.of)),
        quantity: quantity
            .map(|q| bounds(check, q.from, q.to, QUANTITY_DIGITS, &format!("{path}/quantity"))),
    }
}

fn purchase(check: &mut Check<'_>, nth: &Nth, path: &str) -> OrderLeaf {
    if nth.every == Some(0) {
        let message = "count every first purchase at least";
        check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/every"), message);
    }
    let whole = Whole { from: nth.from, to: nth.to };
    OrderLeaf::Purchase { bounds: whole_bounds(check, &whole, path), every: nth.every }
}

fn whole_bounds(check: &mut Check<'_>, whole: &Whole, path: &str) -> Bounds {
    let bounds = Bounds {
        from: whole.from.map_or(i64::MIN, i64::from),
        to: whole.to.map_or(i64::MAX, i64::from),
    };
    if bounds.from > bounds.to {
        never(check, path, "`from` is above `to`");
    }
    bounds
}

fn amount_bounds(check: &mut Check<'_>, amount: &AmountBetween, path: &str) -> Bounds {
    let digits = check.currency_digits;
    bounds(check, amount.from, amount.to, digits, path)
}

fn bounds(
    check: &mut Check<'_>,
    from: Option<Decimal>,
    to: Option<Decimal>,
    digits: u8,
    path: &str,
) -> Bounds {
    let from = from.map(|from| check.units(from, digits, &format!("{path}/from")));
    let to = to.map(|to| check.units(to, digits, &format!("{path}/to")));
    let bounds = Bounds { from: from.unwrap_or(i64::MIN), to: to.unwrap_or(i64::MAX) };
    if bounds.from > bounds.to {
        never(check, path, "`from` is above `to`");
    }
    bounds
}
