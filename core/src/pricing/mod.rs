//! From order to receipt: the stages, each working per line.
//!
//! host's discounts → card → points → tenders → earning. Each stage sees what the stages before it
//! left, and every amount is kept per line and stage, so that nothing is ever recomputed later.

mod discount;
mod earning;
pub(crate) mod quote;
mod redemption;
pub(crate) mod resume;

use jiff::Timestamp;

use crate::account::Account;
use crate::allocation::{Part, Scratch, allocate_into};
use crate::amount::Amount;
use crate::answer::{CardStatus, CardView, TraceStep};
use crate::number::normalise;
use crate::order::prepare::{PreparedLine, begun_units};
use crate::order::{Order, Prepared, Stage};
use crate::program::CardUse;
use crate::program::condition::{LineTest, OrderFacts};
use crate::program::rules::{CardRules, KindSet, Rules, StageSet};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount};
use crate::slice::{CardState, Slice};

pub(crate) use earning::EarnedByRule;
pub(crate) use redemption::SpendLimits;

/// A receipt in the making.
pub(crate) struct Pricing<'a> {
    pub rules: &'a Rules,
    pub order: &'a Prepared,
    pub source: &'a Order,
    pub at: Timestamp,
    pub cards: Vec<PresentCard<'a>>,
    pub lines: Vec<LineState>,
    pub host_parts: Vec<HostPart>,
    pub discount_card: Option<usize>,
    pub spend: Option<Spend>,
    pub limits: Option<SpendLimits>,
    pub earned: Vec<EarnedByRule>,
    /// For each kind of points that is earned, how much of it each line earns.
    line_points: Vec<(usize, Vec<i64>)>,
    pub reasons: Vec<Reason>,
    /// Steps are kept only where somebody will read them.
    pub trace: Option<Vec<TraceStep>>,
    facts: OrderFacts,
    scratch: Scratch,
    parts: Vec<Part>,
    shares: Vec<i64>,
}

/// A presented card that can be used.
pub(crate) struct PresentCard<'a> {
    pub number: &'a str,
    pub state: &'a CardState,
    pub rules: &'a CardRules,
}

/// What the stages have done to a line so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineState {
    pub amount: i64,
    pub host: i64,
    pub card: i64,
    /// The money that points pay, whether it lowers the price or not.
    pub points_money: i64,
    pub points_spent: i64,
    /// What is still due.
    pub remaining: i64,
    pub floor: i64,
    pub excluded: StageSet,
}

/// A share of one of the host's discounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostPart {
    pub line: usize,
    pub discount: usize,
    pub amount: i64,
}

/// Points spent on this receipt.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    pub card: usize,
    pub points: usize,
    pub amount: i64,
    pub money: i64,
}

impl<'a> Pricing<'a> {
    /// Begins with the lines as they are in the order, and without cards.
    pub fn new(
        rules: &'a Rules,
        order: &'a Prepared,
        source: &'a Order,
        at: Timestamp,
        traced: bool,
    ) -> Pricing<'a> {
        Pricing {
            rules,
            order,
            source,
            at,
            cards: Vec::with_capacity(source.cards.len()),
            lines: Vec::with_capacity(order.lines.len()),
            host_parts: Vec::new(),
            discount_card: None,
            spend: None,
            limits: None,
            earned: Vec::new(),
            line_points: Vec::new(),
            reasons: Vec::new(),
            trace: traced.then(Vec::new),
            facts: order.facts(rules),
            scratch: Scratch::default(),
            parts: Vec::with_capacity(order.lines.len()),
            shares: Vec::with_capacity(order.lines.len()),
        }
    }

    /// The whole way from order to receipt, with the cards that are presented.
    pub fn run(mut self, slice: &'a Slice) -> Pricing<'a> {
        self.find_cards(slice);
        self.start();
        self.host_stage();
        self.card_stage();
        self.points_stage();
        self.earning_stage();
        self
    }

    /// The same, but nothing is spent, whatever the order wishes.
    pub fn run_without_spending(mut self, slice: &'a Slice) -> Pricing<'a> {
        self.find_cards(slice);
        self.start();
        self.host_stage();
        self.card_stage();
        self.earning_stage();
        self
    }

    fn find_cards(&mut self, slice: &'a Slice) {
        for presented in &self.source.cards {
            let number = normalise(&presented.number);
            let state = slice.card(number);
            let rules = state.and_then(|state| self.rules.card_named(&state.kind));
            match state.zip(rules) {
                Some((state, rules)) => self.cards.push(PresentCard { number, state, rules }),
                None => {
                    let code = self.rules.card_of_number(number).err();
                    let code = code.unwrap_or(ReasonCode::CardUnknown);
                    self.reasons.push(Reason::new(code).with("card", number));
                }
            }
        }
        for code in &self.source.codes {
            self.reasons.push(Reason::new(ReasonCode::CodeUnknown).with("code", code));
        }
    }

    /// Tells the conditions which cards there are, and finds what binds each line.
    fn start(&mut self) {
        self.facts.cards = self.cards.iter().map(|card| card.rules.symbol).collect();
        let first = self.cards.first();
        let tier = first.and_then(|card| self.rules.tier(card.state.spent));
        self.facts.tier = tier
            .and_then(|tier| self.rules.tiers.get(tier))
            .map_or(crate::program::rules::Symbol::default(), |tier| tier.symbol);
        self.start_lines();
    }

    fn start_lines(&mut self) {
        let rules = self.rules;
        for line in &self.order.lines {
            let mut excluded = line.excluded_from;
            for (test, stages) in &rules.exclusions {
                if test.holds(line) {
                    excluded = excluded.and(*stages);
                }
            }
            self.lines.push(LineState {
                amount: line.amount,
                remaining: line.amount,
                excluded,
                ..LineState::default()
            });
        }
        if !self.cards.is_empty() {
            self.find_floors();
        }
    }

    /// The floors, which bind only the stages that need a card.
    fn find_floors(&mut self) {
        let dated = self.rules.floors.iter().any(|f| f.from.is_some() || f.until.is_some());
        let date = dated.then(|| self.order.local_date(self.rules, self.at));
        for (state, line) in self.lines.iter_mut().zip(&self.order.lines) {
            let mut price = line.floor;
            for floor in &self.rules.floors {
                let begun = floor.from.zip(date).is_none_or(|(from, date)| from <= date);
                let ended = floor.until.zip(date).is_some_and(|(until, date)| until < date);
                if begun && !ended && floor.lines.holds(line) {
                    let digits = self.rules.currency_digits;
                    price = price.max(self.order.price_from_program(floor.price, digits));
                }
            }
            state.floor =
                if price == 0 { 0 } else { money_of(price, line.quantity, self.order.digits) };
            if !self.rules.zero_price {
                state.floor = state.floor.max(begun_units(line.quantity));
            }
        }
    }

    /// What the whole receipt can still give.
    pub fn payable(&self) -> i64 {
        self.lines.iter().map(|line| line.remaining).sum::<i64>().max(0)
    }

    /// Whether a line takes part in a stage.
    fn takes_part(
        &self,
        place: usize,
        stage: Stage,
        kinds: KindSet,
        test: Option<&LineTest>,
    ) -> bool {
        let Some((state, line)) = self.lines.get(place).zip(self.order.lines.get(place)) else {
            return false;
        };
        line.amount > 0
            && kinds.has(line.kind)
            && !state.excluded.has(stage)
            && test.is_none_or(|test| test.holds(line))
    }

    /// Divides an amount over the parts that were laid out; the shares are in `self.shares`.
    fn divide(&mut self, amount: i64, policy: &crate::allocation::AllocationPolicy) -> i64 {
        allocate_into(amount, &self.parts, policy, &mut self.scratch, &mut self.shares)
    }

    /// The ids of the lines whose share is more than their exact share rounded down.
    fn residue(&self, amount: i64) -> Vec<String> {
        let whole: i128 = self.eligible().map(|(_, part)| i128::from(part.weight)).sum();
        let more = |(place, part): &(usize, &Part)| {
            let share = self.shares.get(*place).copied().unwrap_or(0);
            i128::from(share) * whole > i128::from(amount) * i128::from(part.weight)
        };
        self.eligible().filter(more).map(|(place, _)| self.line_id(place)).collect()
    }

    fn eligible(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts.iter().enumerate().filter(|(_, part)| part.eligible)
    }

    pub fn line_id(&self, place: usize) -> String {
        let line = self.order.lines.get(place).and_then(|line| self.source.lines.get(line.index));
        line.map(|line| line.id.clone()).unwrap_or_default()
    }

    pub fn money(&self, units: i64) -> Amount {
        Amount { units, digits: self.order.digits }
    }

    pub fn program_money(&self, units: i64) -> Amount {
        Amount { units, digits: self.rules.currency_digits }
    }

    pub fn points_amount(&self, points: usize, units: i64) -> Amount {
        let digits = self.rules.points.get(points).map_or(0, |points| points.digits);
        Amount { units, digits }
    }

    /// The first presented card that holds points of a kind.
    fn card_with(&self, points: usize) -> Option<usize> {
        self.cards.iter().position(|card| card.rules.points == Some(points))
    }

    fn account(&self, card: usize, points: usize) -> Option<&'a Account> {
        let id = &self.rules.points.get(points)?.id;
        self.cards.get(card)?.state.account(id)
    }

    fn step(&mut self, step: impl FnOnce(&Pricing<'a>) -> TraceStep) {
        if self.trace.is_some() {
            let step = step(self);
            if let Some(trace) = &mut self.trace {
                trace.push(step);
            }
        }
    }
}

/// A price in millionths times a quantity, rounded half up to money.
pub(crate) fn money_of(price: i64, quantity: i64, digits: u8) -> i64 {
    let scale = crate::amount::PRICE_DIGITS + crate::amount::QUANTITY_DIGITS;
    let product = i128::from(price) * i128::from(quantity);
    let scale = 10i128.pow(u32::from(scale.saturating_sub(digits)));
    divide_to_amount(product, scale, Rounding::HalfUp)
}

/// A card as it is at an instant.
pub(crate) fn card_view(rules: &Rules, number: &str, card: &CardState, at: Timestamp) -> CardView {
    let kind = rules.card_named(&card.kind);
    let own = kind.and_then(|kind| kind.points).and_then(|points| rules.points.get(points));
    let mut balances = Vec::new();
    if let Some(points) = own {
        let reading = card.account(&points.id).map(|account| account.read(at));
        balances.push(balance(&points.id, points.digits, &reading.unwrap_or_default()));
    }
    let others = card.accounts().filter(|(id, _)| own.is_none_or(|own| own.id != *id));
    for (id, account) in others {
        let digits =
            rules.points_named(id).and_then(|p| rules.points.get(p)).map_or(0, |p| p.digits);
        balances.push(balance(id, digits, &account.read(at)));
    }
    let tier = rules.tier(card.spent).and_then(|tier| rules.tiers.get(tier));
    CardView {
        balances,
        card: number.to_owned(),
        guest: card.guest.clone(),
        kind: card.kind.clone(),
        spent: Amount { units: card.spent, digits: rules.currency_digits },
        status: CardStatus::Active,
        tier: tier.map(|tier| tier.id.clone()),
        usage: kind.map_or(CardUse::Bonus, |kind| kind.usage),
    }
}

/// A reading as answers show it.
pub(crate) fn balance(
    points: &str,
    digits: u8,
    reading: &crate::account::Reading,
) -> crate::answer::Balance {
    let amount = |units| Amount { units, digits };
    let expiring = |(at, units): &(Option<Timestamp>, i64)| crate::answer::Expiring {
        amount: amount(*units),
        at: *at,
    };
    crate::answer::Balance {
        debt: amount(reading.debt),
        expired: amount(reading.expired),
        expiring: reading.expiring.iter().map(expiring).collect(),
        held: amount(reading.held),
        pending: amount(reading.pending),
        points: points.to_owned(),
        posted: amount(reading.posted),
        spendable: amount(reading.spendable),
    }
}

/// The part that a line can take of an amount that is divided.
fn part(line: &PreparedLine, weight: i64, capacity: i64, eligible: bool) -> Part {
    Part { weight, quantity: line.quantity, capacity: capacity.max(0), eligible }
}
