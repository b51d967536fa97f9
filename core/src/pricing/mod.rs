//! From order to receipt: the stages, each working per line.
//!
//! host's discounts → promotions → card → rewards → points → tenders → earning. Each stage sees what the stages before it
//! left, and every amount is kept per line and stage, so that nothing is ever recomputed later.

mod cards;
mod discount;
mod earning;
mod facts;
pub(crate) mod limit;
pub(crate) mod load;
pub(crate) mod offline;
mod promotion;
pub(crate) mod quote;
mod redemption;
mod referral;
pub(crate) mod resume;
mod reward;
pub(crate) mod tender;

use jiff::Timestamp;

use crate::account::Account;
use crate::allocation::{Part, Scratch, allocate_into};
use crate::amount::Amount;
use crate::answer::{
    CardChallenge, CouponQuote, Granted, Judged, LimitUse, Load, Offer, Outcome, RewardQuote,
    TraceStep, Truth,
};
use crate::order::prepare::{PreparedLine, begun_units};
use crate::order::{Challenge, Order, Prepared, Stage};
use crate::program::condition::{Facts, LineTest};
use crate::program::rules::{CardRules, KindSet, Rules, StageSet};
use crate::program::{Counts, FixedTax, Measure, UnknownLine};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount};
use crate::slice::{CardState, Slice};

use crate::tax::{Tax, TaxRule, split_line};

pub(crate) use cards::{card_view, linked_view, said};
pub(crate) use earning::EarnedByRule;
pub(crate) use facts::PresentCode;
pub(crate) use limit::{Count, period_of};
pub(crate) use redemption::SpendLimits;

/// A receipt in the making.
pub(crate) struct Pricing<'a> {
    pub rules: &'a Rules,
    pub order: &'a Prepared,
    pub source: &'a Order,
    pub slice: &'a Slice,
    pub at: Timestamp,
    /// The instant at which conditions about time are judged.
    pub judged_at: Timestamp,
    pub cards: Vec<PresentCard<'a>>,
    pub lines: Vec<LineState>,
    /// The shares of discounts that have a name of their own.
    pub given: Vec<DiscountPart>,
    pub discount_card: Option<usize>,
    pub spends: Vec<Spend>,
    pub codes: Vec<PresentCode>,
    /// Whether a code was presented that nothing knows.
    pub unknown_codes: bool,
    pub counted: Vec<Count>,
    /// What would have to be met for more to be spent.
    pub challenges: Vec<CardChallenge>,
    pub coupons: Vec<CouponQuote>,
    /// The gift cards that may pay.
    gift_cards: Vec<tender::GiftCard<'a>>,
    /// By how much gift cards lower what each line earns on.
    gift_lowers: Vec<i64>,
    gift_spends: Vec<tender::GiftSpend>,
    pub granted: Vec<Granted>,
    /// What the lines load when the order is sold.
    pub loads: Vec<Load>,
    pub offers: Vec<Offer>,
    pub rewards: Vec<RewardQuote>,
    pub limits: Option<SpendLimits>,
    pub earned: Vec<EarnedByRule>,
    /// For each card and kind of points that it earns, how much of it each line earns.
    line_points: Vec<LinePoints>,
    /// The same for points spent.
    line_spent: Vec<LinePoints>,
    pub reasons: Vec<Reason>,
    /// Steps are kept only where somebody will read them.
    pub trace: Option<Vec<TraceStep>>,
    facts: Facts<'a>,
    /// The sum of the lines before any discount, in the programme's money: most conditions ask it.
    amount: i64,
    /// What was judged of the guest when this was decided before.
    pub recalled: &'a [Judged],
    /// Whether what is kept of the guest counts: not where no record keeps what came of it.
    reads_profiles: bool,
    /// The sale that is taken up again, whose own holds do not count.
    pub resumed: Option<String>,
    /// Since when the ledger has had no word from the backend, if it has none.
    pub offline_since: Option<Timestamp>,
    /// The period under which spending offline counts: that of a sale that is taken up again.
    pub offline_period: Option<String>,
    /// The instant at which presentations must be fresh.
    pub proved_at: Timestamp,
    /// Whether cards take part in any state: what comes back is taken back of any card.
    any_state: bool,
    /// What a part of a divided bill holds of limits: its uses stand, whatever counts here.
    pub held_limits: &'a [LimitUse],
    /// What the watch lets the cards do.
    pub watch: Vec<WatchOrder>,
    /// Whether it is a bill that was divided or joined.
    pub regrouped: bool,
    /// Whether the money that it holds of limits stands too.
    pub keeps_held_money: bool,
    scratch: Scratch,
    parts: Vec<Part>,
    shares: Vec<i64>,
}

/// What the watch lets a card do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchOrder {
    pub card: String,
    /// What must be met before it spends.
    pub challenge: Option<Challenge>,
    pub earns_nothing: bool,
    /// Until when what it earns waits.
    pub held_until: Option<Timestamp>,
    pub spends_nothing: bool,
}

/// A presented card that can be used.
pub(crate) struct PresentCard<'a> {
    pub number: &'a str,
    pub state: &'a CardState,
    pub rules: &'a CardRules,
    /// The tier that it counts as on this receipt.
    pub tier: Option<usize>,
    /// How many purchases were made with it before this one.
    pub purchases: i64,
}

/// What the stages have done to a line so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineState {
    pub amount: i64,
    pub host: i64,
    pub promotion: i64,
    pub card: i64,
    pub reward: i64,
    /// The money that points pay, whether it lowers the price or not.
    pub points_money: i64,
    /// What is still due.
    pub remaining: i64,
    pub floor: i64,
    /// Fixed taxes inside the price that no discount may lower.
    pub fixed: i64,
    /// What units were worth, before any discount, that became free.
    pub free: i64,
    /// Those units, in thousandths.
    pub free_units: i64,
    /// The units, in thousandths, that promotions have closed to others.
    pub used: i64,
    /// Whether the line is a present that was given.
    pub presented: bool,
    /// Whether the line takes no part: it is a present that was not earned.
    pub withdrawn: bool,
    pub excluded: StageSet,
}

/// A share of a discount: its stage, and its place in the order or the programme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiscountPart {
    pub line: usize,
    pub stage: Stage,
    pub source: usize,
    pub amount: i64,
}

/// Points spent on this receipt.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    pub card: usize,
    pub points: usize,
    pub amount: i64,
    pub money: i64,
    /// The reward that they bought; absent if they paid.
    pub reward: Option<usize>,
}

impl<'a> Pricing<'a> {
    /// Begins with the lines as they are in the order, and without cards.
    pub fn new(
        rules: &'a Rules,
        order: &'a Prepared,
        source: &'a Order,
        slice: &'a Slice,
        at: Timestamp,
        traced: bool,
    ) -> Pricing<'a> {
        let mut pricing = Pricing {
            rules,
            order,
            source,
            slice,
            at,
            judged_at: Pricing::judging_instant(rules, order, source, at),
            cards: Vec::with_capacity(source.cards.len()),
            lines: Vec::with_capacity(order.lines.len()),
            given: Vec::new(),
            discount_card: None,
            spends: Vec::new(),
            codes: Vec::new(),
            unknown_codes: false,
            counted: Vec::new(),
            challenges: Vec::new(),
            coupons: Vec::new(),
            gift_cards: Vec::new(),
            gift_lowers: Vec::new(),
            gift_spends: Vec::new(),
            granted: Vec::new(),
            loads: Vec::new(),
            offers: Vec::new(),
            rewards: Vec::new(),
            limits: None,
            earned: Vec::new(),
            line_points: Vec::new(),
            line_spent: Vec::new(),
            reasons: Vec::new(),
            trace: traced.then(Vec::new),
            facts: Facts::default(),
            amount: 0,
            recalled: &[],
            reads_profiles: true,
            resumed: None,
            offline_since: None,
            offline_period: None,
            proved_at: at,
            any_state: false,
            held_limits: &[],
            watch: Vec::new(),
            regrouped: false,
            keeps_held_money: false,
            scratch: Scratch::default(),
            parts: Vec::with_capacity(order.lines.len()),
            shares: Vec::with_capacity(order.lines.len()),
        };
        pricing.gather_facts();
        pricing
    }

    /// The whole way from order to receipt, with the cards that are presented.
    pub fn run(mut self) -> Pricing<'a> {
        self.find_cards();
        self.find_gift_cards();
        self.lower_prices();
        let earns_first = self.rules.redemption.as_ref().is_some_and(|r| r.includes_earned);
        if earns_first {
            self.foresee_tenders();
            self.earning_stage();
        }
        self.reward_stage();
        self.points_stage();
        self.tender_stage();
        if !earns_first {
            self.earning_stage();
        }
        self.finish();
        self
    }

    /// The same, but nothing is spent, whatever the order wishes.
    pub fn run_without_spending(mut self) -> Pricing<'a> {
        self.any_state = true;
        // The record of such a refund keeps nothing of what the guest's facts come to.
        self.reads_profiles = false;
        self.find_cards();
        self.lower_prices();
        self.withdraw_presents(|_| true);
        self.earning_stage();
        self.finish();
        self
    }

    fn lower_prices(&mut self) {
        self.gather_gift_tenders();
        self.find_codes();
        self.start();
        self.judge_guest();
        self.host_stage();
        self.promotion_stage();
        self.count_own_receipt();
        self.card_stage();
    }

    /// What is told when all stages are through.
    pub(super) fn finish(&mut self) {
        self.tell_loads();
        self.referral_stage();
        self.tell_codes();
        self.tell_limits();
    }

    /// Tells what is added to loads as a present.
    fn tell_loads(&mut self) {
        let given: Vec<Load> = self.loads.iter().filter(|l| l.bonus.units > 0).cloned().collect();
        for load in given {
            let reason = Reason::new(ReasonCode::LoadBonus).with("bonus", load.bonus);
            self.reasons.push(reason.with("card", &load.card));
            self.step(|_| TraceStep {
                amount: load.bonus,
                asset: load.asset.clone(),
                base: Some(load.amount),
                card: Some(load.card.clone()),
                outcome: Outcome::Applied,
                rule: crate::slice::LOAD_BONUS.to_owned(),
                stage: Stage::Tender,
                ..TraceStep::default()
            });
        }
    }

    /// Where a receipt counts for its own tier: adds it.
    fn count_own_receipt(&mut self) {
        if self.rules.document.tiering.counts == Counts::Before {
            return;
        }
        let more = match self.rules.document.tiering.measure {
            Measure::Spend => self.order.money_to_program(self.payable()),
            Measure::Visits => 1,
            Measure::Earned | Measure::Balance => 0,
        };
        let zone = self.order.zone(self.rules);
        for card in &mut self.cards {
            card.tier = self.rules.standing(card.state, self.at, zone, more).tier;
        }
        self.gather_cards();
    }

    /// Tells the conditions which cards there are, and finds what binds each line.
    fn start(&mut self) {
        self.gather_cards();
        self.start_lines();
        self.trace_unsure_exclusions();
    }

    fn start_lines(&mut self) {
        let counted = self.order.lines.iter().filter(|line| line.gift.is_none());
        self.amount = self.order.money_to_program(counted.map(|line| line.amount).sum());
        let rules = self.rules;
        for line in &self.order.lines {
            let mut excluded = line.excluded_from;
            for exclusion in &rules.exclusions {
                let truth = exclusion.lines.truth(line);
                let spared = exclusion.unknown == UnknownLine::Spared;
                if truth == Truth::True || (truth == Truth::Unknown && !spared) {
                    excluded = excluded.and(exclusion.stages);
                }
            }
            self.lines.push(LineState {
                amount: line.amount,
                remaining: line.amount,
                fixed: kept_taxes(rules, line),
                excluded,
                ..LineState::default()
            });
        }
        if !self.cards.is_empty() || !rules.promotions.is_empty() {
            self.find_floors();
        }
    }

    /// Tells of lines of which it is unknown whether they are excluded.
    fn trace_unsure_exclusions(&mut self) {
        if self.trace.is_none() {
            return;
        }
        for exclusion in &self.rules.exclusions {
            let lines = self.order.lines.iter().enumerate();
            let unsure = lines.filter(|(_, line)| exclusion.lines.truth(line) == Truth::Unknown);
            let reason = |(place, _): (usize, &PreparedLine)| {
                let reason = Reason::new(ReasonCode::ExclusionUnknown).with("rule", &exclusion.id);
                reason.on_line(self.line_id(place))
            };
            let reasons: Vec<Reason> = unsure.map(reason).collect();
            if reasons.is_empty() {
                continue;
            }
            let spared = exclusion.unknown == UnknownLine::Spared;
            let step = TraceStep {
                amount: self.money(0),
                asset: self.order.currency.clone(),
                outcome: if spared { Outcome::Skipped } else { Outcome::Applied },
                reasons,
                rule: exclusion.id.clone(),
                stage: Stage::Host,
                ..TraceStep::default()
            };
            if let Some(trace) = &mut self.trace {
                trace.push(step);
            }
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
            state.floor = state.floor.max(state.fixed);
        }
    }

    /// What the whole receipt can still give. Presents give nothing but to their own giver.
    pub fn payable(&self) -> i64 {
        let lines = self.lines.iter().zip(&self.order.lines);
        let lines = lines.filter(|(_, line)| line.gift.is_none());
        lines.map(|(state, _)| state.remaining).sum::<i64>().max(0)
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
            && line.gift.is_none()
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
        self.cards.iter().position(|card| card.rules.holds(points))
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

/// The points that each line moves: of which card and kind, both by their places.
type LinePoints = ((usize, usize), Vec<i64>);

/// Adds what each line gets of some card's points to what it has of them.
fn add_to_lines(lines: &mut Vec<LinePoints>, of: (usize, usize), shares: &[i64]) {
    match lines.iter_mut().find(|(known, _)| *known == of) {
        None => lines.push((of, shares.to_vec())),
        Some((_, sums)) => sums.iter_mut().zip(shares).for_each(|(sum, add)| *sum += add),
    }
}

impl LineState {
    /// Takes the line off the receipt.
    pub fn withdraw(&mut self) {
        *self = LineState { withdrawn: true, ..LineState::default() };
    }
}

/// A price in millionths times a quantity, rounded half up to money.
pub(crate) fn money_of(price: i64, quantity: i64, digits: u8) -> i64 {
    let scale = crate::amount::PRICE_DIGITS + crate::amount::QUANTITY_DIGITS;
    let product = i128::from(price) * i128::from(quantity);
    let scale = 10i128.pow(u32::from(scale.saturating_sub(digits)));
    divide_to_amount(product, scale, Rounding::HalfUp)
}

/// The fixed taxes inside a line's price, where discounts leave them alone.
fn kept_taxes(rules: &Rules, line: &PreparedLine) -> i64 {
    if rules.document.tax.fixed == FixedTax::Discounted {
        return 0;
    }
    let fixed = |tax: &Tax| matches!(tax, Tax { inside: true, rule: TaxRule::PerUnit(_) });
    let taxes: Vec<Tax> = line.taxes.iter().copied().filter(fixed).collect();
    split_line(line.amount, line.quantity, &taxes, rules.tax_rounding).taxes.iter().sum()
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
