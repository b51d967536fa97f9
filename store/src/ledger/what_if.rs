//! Sums of sales, then and now.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kopilka::{Amount, Entry, Program, Quote, WhatIf, WhatIfPoints, WhatIfRow, WhatIfSums};

/// The sums of a replay under another programme.
pub(super) struct Sums {
    guests_max: usize,
    days: BTreeMap<String, WhatIfRow>,
    guests: BTreeMap<String, WhatIfRow>,
    rules: BTreeMap<String, WhatIfRow>,
    total: WhatIfRow,
    other_currency: u64,
}

/// Which of the two sums something belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Then,
    Now,
}

/// One movement of points.
struct Moved<'q> {
    points: &'q str,
    earned: Amount,
    spent: Amount,
}

impl Sums {
    pub fn new(guests_max: usize) -> Sums {
        Sums {
            guests_max,
            days: BTreeMap::new(),
            guests: BTreeMap::new(),
            rules: BTreeMap::new(),
            total: WhatIfRow::default(),
            other_currency: 0,
        }
    }

    /// Adds a receipt as it was; `sign` is below zero where it was undone.
    pub fn then(&mut self, program: &Program, entry: &Entry, receipt: &Quote, sign: i64) {
        if receipt.currency == program.document().currency {
            self.add(When::Then, entry, receipt, sign);
        } else {
            self.other_currency += 1;
        }
    }

    /// Adds a receipt as it would have been.
    pub fn now(&mut self, program: &Program, entry: &Entry, receipt: &Quote, sign: i64) {
        if receipt.currency == program.document().currency {
            self.add(When::Now, entry, receipt, sign);
        }
    }

    fn add(&mut self, when: When, entry: &Entry, receipt: &Quote, sign: i64) {
        let (day, guest) = (local_day(entry), self.guest_of(receipt));
        for row in [named(&mut self.days, &day), named(&mut self.guests, &guest), &mut self.total] {
            add_receipt(sums_of(row, when), receipt, sign);
        }
        self.add_rules(when, receipt, sign);
    }

    /// The guest, unless there are too many to tell each.
    fn guest_of(&self, receipt: &Quote) -> String {
        let card = receipt.cards.first();
        let guest = card.map(|card| card.guest.as_ref().unwrap_or(&card.card)).cloned();
        let guest = guest.unwrap_or_default();
        match self.guests.contains_key(&guest) || self.guests.len() < self.guests_max {
            true => guest,
            false => String::new(),
        }
    }

    fn add_rules(&mut self, when: When, receipt: &Quote, sign: i64) {
        for discount in receipt.lines.iter().flat_map(|line| &line.discounts) {
            let row = named(&mut self.rules, &discount.source);
            add_to(&mut sums_of(row, when).discounts, discount.amount, sign);
        }
        let granted = receipt.granted.iter().map(|granted| (&granted.points, &granted.lot));
        let earned = receipt
            .points
            .iter()
            .flat_map(|points| points.lots.iter().map(move |lot| (&points.points, lot)));
        for (points, lot) in earned.chain(granted) {
            let row = named(&mut self.rules, &lot.rule);
            let spent = Amount { units: 0, digits: lot.amount.digits };
            add_points(sums_of(row, when), &Moved { points, earned: lot.amount, spent }, sign);
        }
    }

    /// All of it.
    pub fn told(self) -> WhatIf {
        let rows = |rows: BTreeMap<String, WhatIfRow>| rows.into_values().collect();
        WhatIf {
            days: rows(self.days),
            guests: rows(self.guests),
            other_currency: self.other_currency,
            rules: rows(self.rules),
            total: self.total,
        }
    }
}

fn named<'r>(rows: &'r mut BTreeMap<String, WhatIfRow>, name: &str) -> &'r mut WhatIfRow {
    let row = || WhatIfRow { name: name.to_owned(), ..WhatIfRow::default() };
    rows.entry(name.to_owned()).or_insert_with(row)
}

fn sums_of(row: &mut WhatIfRow, when: When) -> &mut WhatIfSums {
    match when {
        When::Then => &mut row.then,
        When::Now => &mut row.now,
    }
}

fn add_receipt(sums: &mut WhatIfSums, receipt: &Quote, sign: i64) {
    sums.sales = sums.sales.saturating_add(sign);
    add_to(&mut sums.discounts, receipt.totals.discount, sign);
    add_to(&mut sums.due, receipt.totals.due, sign);
    for points in &receipt.points {
        let (earned, spent) = (points.earned, points.spent);
        add_points(sums, &Moved { points: &points.points, earned, spent }, sign);
    }
    for granted in &receipt.granted {
        let spent = Amount { units: 0, digits: granted.lot.amount.digits };
        let moved = Moved { points: &granted.points, earned: granted.lot.amount, spent };
        add_points(sums, &moved, sign);
    }
}

fn add_points(sums: &mut WhatIfSums, moved: &Moved<'_>, sign: i64) {
    let place = sums.points.binary_search_by(|known| known.points.as_str().cmp(moved.points));
    let place = place.unwrap_or_else(|place| {
        let points = moved.points.to_owned();
        sums.points.insert(place, WhatIfPoints { points, ..WhatIfPoints::default() });
        place
    });
    if let Some(known) = sums.points.get_mut(place) {
        add_to(&mut known.earned, moved.earned, sign);
        add_to(&mut known.spent, moved.spent, sign);
    }
}

fn add_to(sum: &mut Amount, amount: Amount, sign: i64) {
    let units = amount.units.saturating_mul(sign);
    *sum = Amount { units: sum.units.saturating_add(units), digits: amount.digits };
}

/// The day on which a record was made, by the calendar of its programme.
fn local_day(entry: &Entry) -> String {
    let envelope = &entry.record.envelope;
    let zone = TimeZone::get(&envelope.zone).unwrap_or(TimeZone::UTC);
    envelope.at.to_zoned(zone).date().to_string()
}
