//! What the leaves of conditions claim.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::domain::{Domain, Spans};
use super::logic::{Branch, Claim, Written, never};
use crate::amount::{self, PRICE_DIGITS, QUANTITY_DIGITS};
use crate::document::canonical;
use crate::order::{LineKind, Presented};
use crate::program::{
    AmountBetween, AttributeIs, Between, LineCondition, LinesTotal, Nth, OrderCondition, Program,
    Store, TimeWindow, Whole,
};

/// What conditions are looked up in.
pub(super) struct Setting {
    program: Program,
    /// Whether the conditions are judged at different moments, between which sums of lines may
    /// have changed.
    apart: bool,
}

impl Setting {
    /// For conditions that are judged at one moment.
    pub fn new(program: &Program) -> Setting {
        Setting { program: program.clone(), apart: false }
    }

    /// For conditions between which promotions may lower the lines.
    pub fn apart(program: &Program) -> Setting {
        Setting { program: program.clone(), apart: true }
    }

    /// The one store of the order is among these. Without a list of stores no order has a city or
    /// a group, so that a condition on them is never known.
    fn stores(&self, positive: bool, fits: impl Fn(&Store) -> Option<bool>) -> Vec<Claim> {
        let stores = &self.program.document().stores;
        one_of("store", stores, true, |store| fits(store) == Some(positive))
    }

    fn tiers(&self, words: &[String], positive: bool) -> Vec<Claim> {
        one_of("tier", &self.program.document().tiers, positive, |tier| words.contains(&tier.id))
    }

    fn amount(&self, subject: &str, amount: &AmountBetween, positive: bool) -> Vec<Claim> {
        let digits = self.program.rules().currency_digits;
        let spans = spans(amount.from, amount.to, digits);
        range(&format!("{subject} of {}", amount.of.as_str()), spans, positive)
    }
}

impl Written for OrderCondition {
    fn branch(&self) -> Branch<'_, Self> {
        match self {
            OrderCondition::All(parts) => Branch::All(parts),
            OrderCondition::Any(parts) => Branch::Any(parts),
            OrderCondition::Not(part) => Branch::Not(part),
            _ => Branch::Leaf,
        }
    }

    fn claims(&self, positive: bool, setting: &Setting) -> Vec<Claim> {
        match self {
            OrderCondition::Age(whole) => range("age", whole_spans(whole), positive),
            OrderCondition::Amount(_) | OrderCondition::Lines(_) if setting.apart => Vec::new(),
            OrderCondition::Amount(amount) => setting.amount("amount", amount, positive),
            OrderCondition::Attribute(one) => attribute("attribute", one, positive),
            OrderCondition::Card(words) => several("card", words.iter().cloned(), positive),
            OrderCondition::Channel(words) => word("channel", words, positive),
            OrderCondition::City(words) => setting
                .stores(positive, |store| store.city.as_ref().map(|city| words.contains(city))),
            OrderCondition::Code(words) => {
                let codes = words.iter().map(|code| code.trim().to_ascii_uppercase());
                several("code", codes, positive)
            }
            OrderCondition::Coupon(words) => several("coupon", words.iter().cloned(), positive),
            OrderCondition::Dates(window) => {
                let spans = Spans::between(day(window.from.as_ref()), day(window.until.as_ref()));
                range("dates", spans, positive)
            }
            OrderCondition::Group(words) => setting.stores(positive, |store| {
                Some(store.groups.iter().any(|group| words.contains(group)))
            }),
            // Of two things named together it is not known which one is not so.
            OrderCondition::Guest(guest) if guest.staff.is_none() => {
                word("guest plan", &guest.plan, positive)
            }
            OrderCondition::GuestAttribute(one) => attribute("guest attribute", one, positive),
            OrderCondition::Instants(window) => {
                let [from, until] =
                    [window.from, window.until].map(|i| i.map(|i| i.as_nanosecond()));
                range("instants", Spans::between(from, until), positive)
            }
            OrderCondition::Lines(total) => lines(total, positive, setting),
            OrderCondition::Presented(ways) => {
                one_of("presented", Presented::ALL, positive, |way| ways.contains(way))
            }
            OrderCondition::Purchase(nth) => purchase(nth, positive),
            OrderCondition::Standing(whole) => range("standing", whole_spans(whole), positive),
            OrderCondition::Store(words) => {
                setting.stores(positive, |store| Some(words.contains(&store.id)))
            }
            OrderCondition::Tender(words) => several("tender", words.iter().cloned(), positive),
            OrderCondition::Tier(words) => setting.tiers(words, positive),
            OrderCondition::Till(words) => word("till", words, positive),
            OrderCondition::Time(window) => range("time", minutes(window), positive),
            OrderCondition::Weekday(days) => {
                let days = days.iter().map(|day| *day as i128);
                let (asked, week) = (Spans::of(days), Spans::places(7));
                range_within("weekday", asked, &week, positive)
            }
            // What is near a birthday is left to the guest's.
            OrderCondition::Birthday(_)
            | OrderCondition::Guest(_)
            | OrderCondition::All(_)
            | OrderCondition::Any(_)
            | OrderCondition::Not(_) => Vec::new(),
        }
    }

    fn key(&self) -> &'static str {
        self.name()
    }
}

impl Written for LineCondition {
    fn branch(&self) -> Branch<'_, Self> {
        match self {
            LineCondition::All(parts) => Branch::All(parts),
            LineCondition::Any(parts) => Branch::Any(parts),
            LineCondition::Not(part) => Branch::Not(part),
            _ => Branch::Leaf,
        }
    }

    fn claims(&self, positive: bool, _: &Setting) -> Vec<Claim> {
        let between = |subject, between: &Between, digits| {
            range(subject, spans(between.from, between.to, digits), positive)
        };
        match self {
            LineCondition::Attribute(one) => attribute("attribute", one, positive),
            LineCondition::Category(words) => word("category", words, positive),
            LineCondition::Kind(kinds) => line_kinds(kinds, positive),
            LineCondition::Quantity(bounds) => between("quantity", bounds, QUANTITY_DIGITS),
            LineCondition::Sku(words) => word("sku", words, positive),
            LineCondition::Tag(words) => several("tag", words.iter().cloned(), positive),
            LineCondition::UnitPrice(bounds) => between("unit price", bounds, PRICE_DIGITS),
            LineCondition::All(_) | LineCondition::Any(_) | LineCondition::Not(_) => Vec::new(),
        }
    }

    fn key(&self) -> &'static str {
        self.name()
    }
}

/// A line is of one kind, and a void line takes part in nothing.
pub(super) fn line_kinds(kinds: &[LineKind], positive: bool) -> Vec<Claim> {
    let fits = |kind: &LineKind| kinds.contains(kind) == positive && *kind != LineKind::Void;
    one_of("kind", LineKind::ALL, true, fits)
}

/// The days that dates name, counted from an arbitrary one.
pub(super) fn day(date: Option<&String>) -> Option<i128> {
    let date: Date = date?.parse().ok()?;
    let days = Date::default().until(date).ok()?.get_days();
    Some(i128::from(days))
}

/// The minutes of the day that a window holds.
pub(super) fn minutes(window: &TimeWindow) -> Spans {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        Some(hour.parse::<i128>().ok()? * 60 + minute.parse::<i128>().ok()?)
    };
    let (Some(from), Some(until)) = (minute(&window.from), minute(&window.until)) else {
        return Spans::places(1440);
    };
    match from <= until {
        true => Spans::between(Some(from), Some(until)),
        // Over midnight: all but what lies between the end and the beginning.
        false => {
            Spans::between(Some(until + 1), Some(from - 1)).complement().meet(&Spans::places(1440))
        }
    }
}

fn purchase(nth: &Nth, positive: bool) -> Vec<Claim> {
    let counted = Spans::between(Some(1), None);
    let asked = Spans::between(nth.from.map(i128::from), nth.to.map(i128::from));
    match (nth.every, positive) {
        (None, _) => range_within("purchase", asked, &counted, positive),
        (Some(every), true) => {
            let (spans, every) = (asked.meet(&counted), i128::from(every.max(1)));
            vec![Claim::Multiple("purchase".to_owned(), spans, every)]
        }
        (Some(_), false) => Vec::new(),
    }
}

/// Lines that cannot exist come to nothing; two sums of the same lines are one sum.
fn lines(total: &LinesTotal, positive: bool, setting: &Setting) -> Vec<Claim> {
    let of = canonical(&total.lines);
    let quantity = |bounds: &Between| {
        let spans = spans(bounds.from, bounds.to, QUANTITY_DIGITS);
        range(&format!("quantity of {of}"), spans, positive)
    };
    let amount = |amount: &AmountBetween| setting.amount(&format!("sum of {of}"), amount, positive);
    let (amounts, quantities) = (total.amount.as_ref(), total.quantity.as_ref());
    let needs_lines = (amounts.is_none() && quantities.is_none())
        || amounts.is_some_and(|a| a.from > Some(Decimal::ZERO))
        || quantities.is_some_and(|q| q.from > Some(Decimal::ZERO));
    if positive && needs_lines && never(&total.lines, setting).is_some() {
        return vec![Claim::Never];
    }
    match (amounts, quantities) {
        // One of the two bounds fails, but it cannot be told which.
        (Some(_), Some(_)) if !positive => Vec::new(),
        _ => amounts
            .into_iter()
            .flat_map(amount)
            .chain(quantities.into_iter().flat_map(quantity))
            .collect(),
    }
}

/// The value of the fact is one of a known list.
fn one_of<T>(subject: &str, all: &[T], positive: bool, fits: impl Fn(&T) -> bool) -> Vec<Claim> {
    let fitting = all.iter().enumerate().filter(|(_, one)| fits(one) == positive);
    let places = fitting.filter_map(|(place, _)| i128::try_from(place).ok());
    vec![Claim::Within(subject.to_owned(), Domain::Numbers(Spans::of(places)))]
}

fn word(subject: &str, words: &[String], positive: bool) -> Vec<Claim> {
    vec![Claim::Within(subject.to_owned(), Domain::words(words, positive))]
}

fn several(subject: &str, words: impl Iterator<Item = String>, positive: bool) -> Vec<Claim> {
    let (subject, words): (_, BTreeSet<String>) = (subject.to_owned(), words.collect());
    vec![if positive { Claim::Some(subject, words) } else { Claim::None(subject, words) }]
}

/// A name may stand there several times, each with its value.
fn attribute(subject: &str, one: &AttributeIs, positive: bool) -> Vec<Claim> {
    several(&format!("{subject} {}", one.name), one.values.iter().cloned(), positive)
}

fn range(subject: &str, asked: Spans, positive: bool) -> Vec<Claim> {
    range_within(subject, asked, &Spans::between(None, None), positive)
}

fn range_within(subject: &str, asked: Spans, all: &Spans, positive: bool) -> Vec<Claim> {
    let spans = if positive { asked } else { asked.complement() };
    vec![Claim::Within(subject.to_owned(), Domain::Numbers(spans.meet(all)))]
}

fn whole_spans(whole: &Whole) -> Spans {
    Spans::between(whole.from.map(i128::from), whole.to.map(i128::from))
}

fn spans(from: Option<Decimal>, to: Option<Decimal>, digits: u8) -> Spans {
    let units = |decimal: Decimal| amount::to_units(decimal, digits).ok().map(i128::from);
    Spans::between(from.and_then(units), to.and_then(units))
}
