//! What is earned on: line by line, less discounts and tenders, times multipliers.

use jiff::civil::Date;

use super::{Attempt, Pricing};
use crate::allocation::{AllocationPolicy, Part};
use crate::order::Stage;
use crate::pricing::facts::in_basis;
use crate::pricing::part;
use crate::program::rules::{EarningRuleRules, GiveRules, Ratio};
use crate::program::{Multipliers, MultiplyOf, Promoted};
use crate::reason::ReasonCode;
use crate::rounding::{Rounding, divide_to_amount};

/// A multiplier whose condition holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Multiplier {
    rule: usize,
    points: usize,
    /// Thousandths.
    by: i64,
    of: MultiplyOf,
    since: Option<Date>,
}

impl Pricing<'_> {
    /// The part of each line that tenders pay which earn nothing.
    pub(super) fn tender_shares(&mut self) -> Vec<i64> {
        let named = &self.rules.earning.lowered_by_tenders;
        let tenders = self.order.tenders.iter().filter(|(kind, _)| named.contains(kind));
        let total: i64 = tenders.map(|(_, amount)| *amount).sum();
        if total == 0 {
            return Vec::new();
        }
        self.parts.clear();
        for (state, line) in self.lines.iter().zip(&self.order.lines) {
            self.parts.push(part(line, state.remaining, state.remaining, state.remaining > 0));
        }
        self.divide(total.min(self.payable()), &AllocationPolicy::default());
        self.shares.clone()
    }

    pub(super) fn lay_out_earning(&mut self, rule: &EarningRuleRules, tenders: &[i64]) {
        self.parts.clear();
        let kinds = self.rules.earning.kinds;
        let lowered_by = self.lowered_by(rule);
        for (place, line) in self.order.lines.iter().enumerate() {
            let Some(state) = self.lines.get(place) else {
                continue;
            };
            let promoted = match rule.promoted {
                Promoted::Earn => true,
                Promoted::Excluded => state.promotion == 0,
                Promoted::Only => state.promotion > 0,
            };
            let eligible =
                promoted && self.takes_part(place, Stage::Earning, kinds, rule.lines.as_ref());
            let lowered = |stage, amount| if lowered_by.has(stage) { amount } else { 0 };
            let base = state.amount
                - lowered(Stage::Host, state.host)
                - lowered(Stage::Promotion, state.promotion)
                - lowered(Stage::Card, state.card)
                - lowered(Stage::Reward, state.reward)
                - lowered(Stage::Points, state.points_money)
                - tenders.get(place).copied().unwrap_or(0)
                - self.gift_lowers.get(place).copied().unwrap_or(0);
            let weight = in_basis(self.rules, line, base.max(0), rule.of);
            let capacity = i64::MAX;
            self.parts.push(Part { weight, quantity: line.quantity, capacity, eligible });
        }
    }

    /// The sum of what is laid out, in the programme's money.
    pub(super) fn earning_base(&self) -> i64 {
        self.order.money_to_program(self.eligible().map(|(_, part)| part.weight).sum())
    }

    /// Points are divided by what they came of: by quantity, where units earn; by amounts, where a
    /// visit earns on nothing.
    pub(super) fn weigh_for_division(&mut self, rule: &EarningRuleRules) {
        match rule.give {
            GiveRules::PerUnit(_) => {
                for part in &mut self.parts {
                    part.weight = if part.weight > 0 { part.quantity } else { 0 };
                }
            }
            GiveRules::PerVisit(_) if self.parts.iter().all(|p| !p.eligible || p.weight == 0) => {
                for (part, state) in self.parts.iter_mut().zip(&self.lines) {
                    part.weight = state.amount;
                }
            }
            _ => {}
        }
    }

    /// The multipliers whose conditions hold.
    pub(super) fn multipliers(&self) -> Vec<Multiplier> {
        let rules = self.rules.earning.rules.iter().enumerate();
        let holding = rules.filter_map(|(number, rule)| {
            let GiveRules::Multiply(by, of) = rule.give else { return None };
            self.earning_card(rule).ok()?;
            Some(Multiplier { rule: number, points: rule.points, by, of, since: rule.since })
        });
        holding.collect()
    }

    pub(super) fn attempt_multiplier(
        &self,
        number: usize,
        rule: &EarningRuleRules,
        multipliers: &[Multiplier],
    ) -> Attempt {
        if multipliers.iter().any(|one| one.rule == number) {
            return Attempt::default();
        }
        let why = self.earning_card(rule).err();
        why.unwrap_or_else(|| Attempt::skipped(ReasonCode::EarningNotMatched))
    }

    /// What the multipliers of the sum come to for some points.
    pub(super) fn sum_factor(&self, points: usize, multipliers: &[Multiplier]) -> Option<Ratio> {
        let of_sum = multipliers.iter().filter(|m| m.of == MultiplyOf::Sum && m.points == points);
        self.together(of_sum)
    }

    /// Multiplies what is laid out by the multipliers of the base.
    pub(super) fn multiply_base(&mut self, rule: &EarningRuleRules, multipliers: &[Multiplier]) {
        let of_base = |m: &&Multiplier| m.of == MultiplyOf::Base && m.points == rule.points;
        if !multipliers.iter().any(|multiplier| of_base(&multiplier)) {
            return;
        }
        let kinds = self.rules.earning.kinds;
        for place in 0..self.parts.len() {
            let selects = |multiplier: &&Multiplier| {
                let lines = self.rules.earning.rules.get(multiplier.rule);
                let lines = lines.and_then(|rule| rule.lines.as_ref());
                self.takes_part(place, Stage::Earning, kinds, lines)
            };
            let factor = self.together(multipliers.iter().filter(of_base).filter(selects));
            if let Some((part, factor)) = self.parts.get_mut(place).zip(factor) {
                let product = i128::from(part.weight) * factor.numerator;
                part.weight = divide_to_amount(product, factor.denominator, Rounding::Floor);
            }
        }
    }

    /// What several multipliers come to, as the programme says.
    fn together<'m>(&self, multipliers: impl Iterator<Item = &'m Multiplier>) -> Option<Ratio> {
        let one = |multiplier: &Multiplier| Ratio::new(i128::from(multiplier.by), 1000);
        match self.rules.earning.multipliers {
            Multipliers::Largest => multipliers.max_by_key(|multiplier| multiplier.by).map(one),
            Multipliers::Newest => {
                multipliers.max_by_key(|multiplier| (multiplier.since, multiplier.rule)).map(one)
            }
            Multipliers::Product => multipliers.map(one).reduce(|left, right| {
                Ratio::new(left.numerator * right.numerator, left.denominator * right.denominator)
            }),
        }
    }

    /// Notes the codes that multipliers asked for, where something was multiplied.
    pub(super) fn use_multipliers(&mut self, multipliers: &[Multiplier]) {
        for multiplier in multipliers {
            let multiplied = self.earned.iter().any(|earned| earned.points == multiplier.points);
            let rule = self.rules.earning.rules.get(multiplier.rule);
            if let Some(rule) = rule.filter(|_| multiplied) {
                self.use_codes(&rule.asked, &rule.id);
            }
        }
    }
}
