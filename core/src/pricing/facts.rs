//! What conditions are asked about: time, place, cards, codes, and what lines come to.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{LineState, Pricing};
use crate::answer::{Judged, Truth};
use crate::order::{GuestFacts, Order, Prepared};
use crate::program::condition::{Facts, LineSums, LineTest, OrderTest, PersonalTest};
use crate::program::rules::{Asked, Rules, Symbol};
use crate::program::{Basis, JudgedAt, code_symbol};
use crate::reason::{Reason, ReasonCode};
use crate::slice::{CouponFault, Presenter};
use crate::tax::split_line;

/// A code of the order that the programme knows.
#[derive(Clone, Debug)]
pub(crate) struct PresentCode {
    /// As the programme or the engine writes it.
    pub code: String,
    /// What conditions compare; none for coupons.
    pub symbol: Symbol,
    /// The kind of coupon that it is.
    pub coupon: Option<usize>,
    /// The rules that asked for it and had an effect.
    pub rules: Vec<String>,
}

impl<'a> Pricing<'a> {
    /// The instant at which conditions about time are judged.
    pub(super) fn judging_instant(
        rules: &Rules,
        order: &Prepared,
        source: &Order,
        at: Timestamp,
    ) -> Timestamp {
        match rules.document.judged_at {
            JudgedAt::Paid => order.paid_at.unwrap_or(at),
            JudgedAt::Opened => {
                let paper = source.paper.as_ref().map(|paper| paper.at);
                source.opened_at.or(paper).unwrap_or(at)
            }
        }
    }

    /// Gathers what the order itself tells.
    pub(super) fn gather_facts(&mut self) {
        let order: &'a Prepared = self.order;
        let store = order.store_rules(self.rules);
        let tenders = &order.tenders;
        self.facts = Facts {
            attributes: &order.attributes,
            channel: self.order.channel,
            city: store.and_then(|store| store.city),
            groups: store.map(|store| store.groups.as_slice()),
            instant: self.judged_at,
            store: store.map(|store| store.symbol).or(self.order.store_word),
            tenders: self
                .order
                .tenders_known
                .then(|| tenders.iter().map(|(kind, _)| *kind).collect()),
            till: self.order.till,
            ..Facts::default()
        };
        // The calendar is dear, and most programmes ask for no time.
        if self.rules.asks_time {
            let local = order.zone(self.rules).to_datetime(self.judged_at);
            let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
            let weekday = local.weekday().to_monday_zero_offset();
            self.facts.date = local.date();
            self.facts.minute = u16::try_from(minute).unwrap_or(0);
            self.facts.weekday = u8::try_from(weekday).unwrap_or(0);
        }
    }

    /// Adds what the usable cards and codes tell.
    pub(super) fn gather_cards(&mut self) {
        self.facts.cards = self.cards.iter().map(|card| card.rules.symbol).collect();
        let first = self.cards.first();
        let tier = first.and_then(|card| card.tier).and_then(|tier| self.rules.tiers.get(tier));
        self.facts.tier = tier.map(|tier| tier.symbol);
        let zone = self.order.zone(self.rules);
        let today = self.facts.date;
        self.facts.presented = first.and_then(|card| self.strength(card));
        self.facts.purchase = first.map(|card| card.purchases + 1);
        let standing = first.filter(|_| self.rules.asks_time);
        self.facts.standing = standing.map(|card| days_between(card.state.issued_at, today, zone));
        if self.rules.asks_guest {
            self.facts.guest = self.registered_guest();
        }
        self.facts.codes = self.codes.iter().map(|code| code.symbol).collect();
        self.facts.codes.retain(|symbol| *symbol != Symbol(0));
        self.facts.coupons = self.codes.iter().filter_map(|code| code.coupon).collect();
    }

    /// Judges the conditions on what only the host knows of the guest.
    pub(super) fn judge_guest(&mut self) {
        if self.rules.personal.is_empty() {
            return;
        }
        let told = self.source.guest.as_ref();
        if told.is_none() && !self.recalled.is_empty() {
            return self.recall_guest(self.recalled);
        }
        let kept = if told.is_none() { self.kept_facts() } else { None };
        let guest = told.or(kept.as_ref());
        let birthday = guest.and_then(|guest| guest.birthday.as_ref()?.parse::<Date>().ok());
        let today = self.facts.date;
        let truth = |test: &PersonalTest| personal_truth(test, guest, birthday, today);
        self.facts.personal = self.rules.personal.iter().map(|leaf| truth(&leaf.test)).collect();
    }

    /// What is kept of the guest of the first usable card that has one.
    fn kept_facts(&self) -> Option<GuestFacts> {
        if !self.reads_profiles {
            return None;
        }
        let id = self.cards.iter().find_map(|card| card.state.guest.as_deref())?;
        let id = self.slice.guest(id).map_or(id, |(id, _)| id);
        let profile = self.slice.profile(id)?;
        let attributes = profile.attributes.clone().unwrap_or_default();
        Some(GuestFacts { attributes, birthday: profile.birthday.clone() })
    }

    /// What records say of the registered guest of the first usable card that has one.
    fn registered_guest(&self) -> Option<(Option<Symbol>, bool)> {
        let cards = self.cards.iter().filter_map(|card| card.state.guest.as_deref());
        let mut guests = cards.filter_map(|id| self.slice.guest(id)).map(|(_, guest)| guest);
        let guest = guests.find(|guest| !guest.erased)?;
        let plan = guest.plan.as_ref().map(|plan| self.rules.symbols.find(plan));
        Some((plan, guest.staff))
    }

    /// Takes what was judged when the sale was reserved.
    pub(super) fn recall_guest(&mut self, judged: &[Judged]) {
        let recall = |path: &str| {
            judged.iter().find(|one| one.path == path).map_or(Truth::Unknown, |one| one.truth)
        };
        self.facts.personal = self.rules.personal.iter().map(|leaf| recall(&leaf.path)).collect();
    }

    pub(super) fn judged(&self) -> Vec<Judged> {
        let leaves = self.rules.personal.iter().zip(&self.facts.personal);
        let judged = leaves.map(|(leaf, truth)| Judged { path: leaf.path.clone(), truth: *truth });
        judged.collect()
    }

    /// Finds out what the presented codes are.
    pub(super) fn find_codes(&mut self) {
        let mut seen: Vec<&str> = Vec::new();
        for code in &self.source.codes {
            let code = code.trim();
            if seen.contains(&code) {
                continue;
            }
            seen.push(code);
            if let Some(state) = self.slice.coupon(&code.to_ascii_uppercase()) {
                let kinds = &self.rules.coupons;
                let kind = kinds.iter().position(|kind| kind.id == state.coupon);
                let cards: Vec<_> =
                    self.cards.iter().map(|card| (card.number, card.state)).collect();
                let owner = state.card.as_ref().and_then(|card| self.slice.card(card));
                let rules = kind.and_then(|kind| kinds.get(kind));
                let per_guest = rules.and_then(|rules| rules.per_guest);
                let presenter = Presenter { cards: &cards, owner, per_guest, slice: self.slice };
                match state.fault(self.at, &presenter) {
                    None if self.codes.iter().any(|one| one.coupon == kind) => {
                        let reason = Reason::new(ReasonCode::CodeNoEffect);
                        self.reasons.push(reason.with("code", code));
                    }
                    None => self.codes.push(PresentCode {
                        code: code.to_ascii_uppercase(),
                        symbol: Symbol(0),
                        coupon: kind,
                        rules: Vec::new(),
                    }),
                    Some(CouponFault::NoGuest) => {
                        let reason = Reason::new(ReasonCode::ConditionUnknown);
                        let reason = reason.with("code", code).with("missing", "card");
                        self.reasons.push(reason.with("rule", &state.coupon));
                    }
                    Some(fault) => {
                        let reason = Reason::new(told_as(fault));
                        self.reasons.push(reason.with("code", code));
                    }
                }
                continue;
            }
            let symbol = self.rules.symbols.find(&code_symbol(code));
            if symbol == Symbol(0) {
                self.unknown_codes = true;
                self.reasons.push(Reason::new(ReasonCode::CodeUnknown).with("code", code));
            } else if !self.codes.iter().any(|one| one.symbol == symbol) {
                let written = self.rules.codes.get(&symbol);
                self.codes.push(PresentCode {
                    code: written.map_or_else(|| code.to_owned(), Clone::clone),
                    symbol,
                    coupon: None,
                    rules: Vec::new(),
                });
            }
        }
    }

    /// Notes that a rule had an effect, for the codes that it asked for.
    pub(super) fn use_codes(&mut self, asked: &Asked, rule: &str) {
        for code in &mut self.codes {
            let asked = asked.asks_for(code.symbol, code.coupon);
            if asked && !code.rules.iter().any(|known| known == rule) {
                code.rules.push(rule.to_owned());
            }
        }
    }

    /// Whether a code stands among those that a rule asks for.
    pub(super) fn asked_code(&self, asked: &Asked) -> Option<usize> {
        self.codes.iter().position(|code| asked.asks_for(code.symbol, code.coupon))
    }

    /// What a rule's condition comes to, with lines counted before any discount.
    pub(super) fn judge(&self, when: Option<&OrderTest>) -> Truth {
        self.judge_on(when, Counted::Amounts)
    }

    pub(super) fn judge_on(&self, when: Option<&OrderTest>, counted: Counted) -> Truth {
        when.map_or(Truth::True, |when| when.truth(&self.facts, &self.sums(counted)))
    }

    /// The reason for which a rule whose condition is unknown gives nothing.
    pub(super) fn unknown_reason(
        &self,
        when: Option<&OrderTest>,
        counted: Counted,
        rule: &str,
    ) -> Reason {
        let missing = when.map_or("", |when| when.missing(&self.facts, &self.sums(counted)));
        Reason::new(ReasonCode::ConditionUnknown).with("missing", missing).with("rule", rule)
    }

    fn sums(&self, counted: Counted) -> Sums<'_> {
        let amount = self.amount;
        Sums { rules: self.rules, order: self.order, lines: &self.lines, counted, amount }
    }
}

/// How a receipt tells why a coupon cannot be used.
fn told_as(fault: CouponFault) -> ReasonCode {
    match fault {
        CouponFault::Used => ReasonCode::CouponUsed,
        CouponFault::Ended => ReasonCode::CouponEnded,
        CouponFault::NotYet => ReasonCode::CouponNotYet,
        CouponFault::Blocked => ReasonCode::CouponBlocked,
        CouponFault::Personal => ReasonCode::CouponPersonal,
        CouponFault::Guest => ReasonCode::CouponGuest,
        CouponFault::NoGuest => ReasonCode::ConditionUnknown,
    }
}

/// What is counted of each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Its amount before any discount.
    Amounts,
    /// Its amount less the host's discounts.
    AfterHost,
    /// What is still due on it.
    Running,
}

struct Sums<'a> {
    rules: &'a Rules,
    order: &'a Prepared,
    lines: &'a [LineState],
    counted: Counted,
    amount: i64,
}

impl LineSums for Sums<'_> {
    fn amount(&self, test: Option<&LineTest>, basis: Basis) -> i64 {
        if test.is_none() && basis == Basis::Price && self.counted == Counted::Amounts {
            return self.amount;
        }
        let mut sum = 0;
        for (line, state) in self.order.lines.iter().zip(self.lines) {
            if line.gift.is_some() || test.is_some_and(|test| !test.holds(line)) {
                continue;
            }
            let due = match self.counted {
                Counted::Amounts => state.amount,
                Counted::AfterHost => state.amount - state.host,
                Counted::Running => state.remaining,
            };
            sum += in_basis(self.rules, line, due, basis);
        }
        self.order.money_to_program(sum)
    }

    fn quantity(&self, test: &LineTest) -> (usize, i64) {
        let lines = self.order.lines.iter().filter(|line| line.gift.is_none());
        lines
            .filter(|line| test.holds(line))
            .fold((0, 0), |(count, sum), line| (count + 1, sum + line.quantity))
    }

    fn is_unsure(&self, test: &LineTest) -> bool {
        let mut lines = self.order.lines.iter().filter(|line| line.gift.is_none());
        lines.any(|line| test.truth(line) == Truth::Unknown)
    }
}

/// What is due on a line as a basis counts it.
pub(super) fn in_basis(
    rules: &Rules,
    line: &crate::order::prepare::PreparedLine,
    due: i64,
    basis: Basis,
) -> i64 {
    if basis == Basis::Price || due <= 0 || line.taxes.is_empty() {
        return due;
    }
    let split = split_line(due, line.quantity, &line.taxes, rules.tax_rounding);
    if basis == Basis::Net { split.net } else { split.gross }
}

/// Whole local days from an instant to a day.
fn days_between(from: Timestamp, to: Date, zone: &TimeZone) -> i64 {
    let from = zone.to_datetime(from).date();
    let span = from.until(to).ok();
    span.map_or(0, |span| i64::from(span.get_days()))
}

fn personal_truth(
    test: &PersonalTest,
    guest: Option<&GuestFacts>,
    birthday: Option<Date>,
    today: Date,
) -> Truth {
    match test {
        PersonalTest::Age(bounds) => {
            birthday.map_or(Truth::Unknown, |born| Truth::of(bounds.hold(age(born, today))))
        }
        PersonalTest::Attribute { name, values } => {
            let attributes = guest.map_or(&[][..], |guest| guest.attributes.as_slice());
            let mut named = attributes.iter().filter(|one| one.name == *name).peekable();
            match named.peek() {
                None => Truth::Unknown,
                Some(_) => Truth::of(named.any(|one| values.contains(&one.value))),
            }
        }
        PersonalTest::Birthday { before, after } => birthday.map_or(Truth::Unknown, |born| {
            Truth::of(is_near(born, today, i64::from(*before), i64::from(*after)))
        }),
    }
}

/// The birthday in a year; 29 February is 28 February where there is none.
fn in_year(born: Date, year: i16) -> Date {
    let found = Date::new(year, born.month(), born.day());
    found.or_else(|_| Date::new(year, 2, 28)).unwrap_or(born)
}

fn age(born: Date, today: Date) -> i64 {
    let had = in_year(born, today.year()) <= today;
    i64::from(today.year()) - i64::from(born.year()) - i64::from(!had)
}

/// Whether a day is within so many days before or after some birthday.
fn is_near(born: Date, today: Date, before: i64, after: i64) -> bool {
    let years = [today.year().saturating_sub(1), today.year(), today.year().saturating_add(1)];
    let mut days = years.iter().filter_map(|year| {
        let span = in_year(born, *year).until(today).ok()?;
        Some(i64::from(span.get_days()))
    });
    days.any(|days| -before <= days && days <= after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_of_age_is_completed_on_the_birthday() {
        let born = day("2000-06-15");
        assert_eq!(age(born, day("2018-06-14")), 17);
        assert_eq!(age(born, day("2018-06-15")), 18);
    }

    #[test]
    fn a_birthday_window_reaches_over_new_year_and_leap_days() {
        let born = day("2000-01-02");
        assert!(is_near(born, day("2025-12-31"), 3, 0));
        assert!(!is_near(born, day("2025-12-29"), 3, 0));
        let leap = day("2000-02-29");
        assert!(is_near(leap, day("2025-02-28"), 0, 0));
        assert!(is_near(leap, day("2024-02-29"), 0, 0));
        assert!(!is_near(leap, day("2024-02-28"), 0, 0));
    }
}
