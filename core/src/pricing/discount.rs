//! The discounts that lower prices: the host's own, and that of a card.

use super::{DiscountPart, Pricing, part};
use crate::allocation::{percent_of_sum, percent_per_line};
use crate::amount::RATE_DIGITS;
use crate::answer::{Outcome, TraceStep};
use crate::order::Stage;
use crate::program::rules::{DiscountRules, KindSet, PercentRules};
use crate::program::{DiscountBase, PercentMethod};
use crate::reason::{Reason, ReasonCode};
use crate::slice::CardState;

impl Pricing<'_> {
    pub(super) fn host_stage(&mut self) {
        for number in 0..self.order.discounts.len() {
            self.host_discount(number);
        }
    }

    fn host_discount(&mut self, number: usize) {
        let Some(discount) = self.order.discounts.get(number) else {
            return;
        };
        let amount = discount.amount;
        let payable = self.payable();
        let line = discount.line.and_then(|line| self.lines.get(line));
        let base = line.map_or(payable, |line| line.remaining.max(0)).min(payable);
        let given = match discount.line {
            Some(line) => self.lower_line(number, line, amount.min(base)),
            None => self.lower_receipt(number, amount.min(base)),
        };
        let clipped = amount - given;
        let name = self.source.discounts.get(number).map_or("", |d| d.name.as_str());
        let mut reasons = Vec::new();
        if clipped > 0 {
            let reason = Reason::new(ReasonCode::HostDiscountTrimmed)
                .with("discount", name)
                .with("trimmed", self.money(clipped))
                .with("wished", self.money(amount));
            self.reasons.push(reason.clone());
            reasons.push(reason);
        }
        self.step(|pricing| TraceStep {
            amount: pricing.money(given),
            asset: pricing.order.currency.clone(),
            base: Some(pricing.money(base)),
            outcome: if clipped > 0 { Outcome::Trimmed } else { Outcome::Applied },
            reasons,
            residue: pricing.residue(given),
            rule: name.to_owned(),
            stage: Stage::Host,
            ..TraceStep::default()
        });
    }

    /// A host's discount on one line; gives how much of it the line took.
    fn lower_line(&mut self, discount: usize, line: usize, amount: i64) -> i64 {
        self.parts.clear();
        let Some(state) = self.lines.get_mut(line) else { return 0 };
        let present = self.order.lines.get(line).is_some_and(|line| line.gift.is_some());
        let takes_part = state.amount > 0 && !present && !state.excluded.has(Stage::Host);
        let share = if takes_part { amount.min(state.remaining) } else { 0 };
        if share > 0 {
            state.host += share;
            state.remaining -= share;
            self.given.push(host_part(line, discount, share));
        }
        share
    }

    /// A host's discount on the receipt; gives how much of it the lines took.
    fn lower_receipt(&mut self, discount: usize, amount: i64) -> i64 {
        self.parts.clear();
        let kinds = KindSet::of(&self.rules.document.host_discounts.kinds);
        for (state, line) in self.lines.iter().zip(&self.order.lines) {
            let named = kinds.has(line.kind) && line.gift.is_none();
            let takes_part = named && !state.excluded.has(Stage::Host);
            let eligible = state.amount > 0 && takes_part;
            self.parts.push(part(line, state.remaining, state.remaining, eligible));
        }
        let clipped = self.divide(amount, &self.rules.allocation);
        for (line, (state, share)) in self.lines.iter_mut().zip(&self.shares).enumerate() {
            if *share > 0 {
                state.host += share;
                state.remaining -= share;
                self.given.push(host_part(line, discount, *share));
            }
        }
        amount - clipped
    }

    pub(super) fn card_stage(&mut self) {
        let mut best: Option<(usize, i64)> = None;
        for (place, card) in self.cards.iter().enumerate() {
            let Some(discount) = &card.rules.discount else {
                continue;
            };
            let percent = discount.percent.of(card.state, card.tier);
            if best.is_none_or(|(_, largest)| percent > largest) {
                best = Some((place, percent));
            }
        }
        let Some((chosen, percent)) = best else {
            return;
        };
        let others = self.cards.iter().enumerate();
        let others =
            others.filter(|(place, card)| *place != chosen && card.rules.discount.is_some());
        let reasons =
            others.map(|(_, card)| Reason::new(ReasonCode::CardNotTaken).with("card", card.number));
        let reasons: Vec<Reason> = reasons.collect();
        self.reasons.extend(reasons);
        self.discount_card = Some(chosen);
        let rules = self.cards.get(chosen).map(|card| card.rules);
        if let Some(discount) = rules.and_then(|rules| rules.discount.as_ref()) {
            self.card_discount(chosen, discount, percent);
        }
    }

    fn card_discount(&mut self, card: usize, discount: &DiscountRules, percent: i64) {
        self.lay_out_discount(discount);
        let base: i64 = self.eligible().map(|(_, part)| part.weight).sum();
        let payable = self.payable();
        let (wished, clipped) = match discount.method {
            PercentMethod::OfSum => {
                let wished = percent_of_sum(percent, &self.parts, discount.rounding);
                let most = wished.min(payable);
                (wished, self.divide(most, &self.rules.allocation) + (wished - most))
            }
            PercentMethod::PerLine => {
                let each = percent_per_line(percent, &self.parts, discount.rounding);
                let given: i64 = each.shares.iter().sum();
                let wished = given + each.clipped;
                self.shares = each.shares;
                let clipped = match given > payable {
                    true => given - payable + self.divide(payable, &self.rules.allocation),
                    false => 0,
                };
                (wished, each.clipped + clipped)
            }
        };
        for (state, share) in self.lines.iter_mut().zip(&self.shares) {
            state.card += share;
            state.remaining -= share;
        }
        let reason = match (self.eligible().next(), percent, clipped) {
            (None, _, _) => Some(Reason::new(ReasonCode::DiscountNoLines)),
            (_, 0, _) => Some(Reason::new(ReasonCode::DiscountZero)),
            (_, _, 1..) => Some(
                Reason::new(ReasonCode::DiscountTrimmed)
                    .with("trimmed", self.money(clipped))
                    .with("wished", self.money(wished)),
            ),
            _ => None,
        };
        let number = self.cards.get(card).map_or("", |card| card.number);
        let reason = reason.map(|reason| reason.with("card", number));
        self.reasons.extend(reason.clone());
        self.step(|pricing| TraceStep {
            amount: pricing.money(wished - clipped),
            asset: pricing.order.currency.clone(),
            base: Some(pricing.money(base)),
            cap: (clipped > 0).then(|| pricing.money(wished - clipped)),
            card: Some(number.to_owned()),
            outcome: match (wished, clipped) {
                (0, _) => Outcome::Skipped,
                (_, 0) => Outcome::Applied,
                _ => Outcome::Trimmed,
            },
            percent: Some(shown_percent(percent)),
            reasons: reason.into_iter().collect(),
            residue: match discount.method {
                PercentMethod::OfSum => pricing.residue(wished - clipped),
                PercentMethod::PerLine => Vec::new(),
            },
            rounding: Some(discount.rounding),
            rule: number.to_owned(),
            stage: Stage::Card,
        });
    }

    fn lay_out_discount(&mut self, discount: &DiscountRules) {
        self.parts.clear();
        for (place, line) in self.order.lines.iter().enumerate() {
            let lines = discount.lines.as_ref();
            let eligible = self.takes_part(place, Stage::Card, discount.kinds, lines);
            let Some(state) = self.lines.get(place) else {
                continue;
            };
            let base = match discount.base {
                DiscountBase::Running => state.remaining,
                DiscountBase::Initial if self.rules.stacking.free_units_touched => state.amount,
                DiscountBase::Initial => state.amount - state.free,
            };
            let base = base - state.fixed;
            self.parts.push(part(line, base, state.remaining - state.floor, eligible));
        }
    }
}

fn host_part(line: usize, discount: usize, amount: i64) -> DiscountPart {
    DiscountPart { line, stage: Stage::Host, source: discount, amount }
}

/// A count of 10⁻⁹ of the whole as a percentage.
pub(super) fn shown_percent(percent: i64) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(percent, u32::from(RATE_DIGITS) - 2).normalize()
}

impl PercentRules {
    fn of(&self, card: &CardState, tier: Option<usize>) -> i64 {
        match self {
            PercentRules::Fixed(percent) => *percent,
            PercentRules::ByTier(steps) => by_tier(steps, tier),
            PercentRules::BySpend(steps) => {
                let reached = steps.iter().rev().find(|(from, _)| *from <= card.spent.max(0));
                reached.map_or(0, |(_, percent)| *percent)
            }
        }
    }
}

/// The percentage of a tier; 0 if it is not listed.
pub(super) fn by_tier(steps: &[(usize, i64)], tier: Option<usize>) -> i64 {
    steps.iter().find(|(of, _)| Some(*of) == tier).map_or(0, |(_, percent)| *percent)
}
