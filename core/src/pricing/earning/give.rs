//! How many points come of what is earned on, and what cuts them.

use super::base::Multiplier;
use super::{Attempt, Pricing};
use crate::amount::{AMOUNT_MAX, QUANTITY_ONE, RATE_ONE};
use crate::pricing::discount::by_tier;
use crate::pricing::limit::Limited;
use crate::program::rules::{EarningRuleRules, GiveRules, PointsRules};
use crate::program::{CapMode, Count};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount, to_amount};

impl Pricing<'_> {
    pub(super) fn give(
        &self,
        rule: &EarningRuleRules,
        card: usize,
        base: i64,
        multipliers: &[Multiplier],
    ) -> Attempt {
        let tier = self.cards.get(card).and_then(|card| card.tier);
        let percent = match &rule.give {
            GiveRules::Percent(percent) => Some(*percent),
            GiveRules::PercentByTier(steps) => Some(by_tier(steps, tier)),
            _ => None,
        };
        let points = self.rules.points.get(rule.points);
        let quantity: i64 = match rule.give {
            GiveRules::PerUnit(_) => {
                let paid = self.eligible().filter(|(_, part)| part.weight > 0);
                paid.map(|(_, part)| part.quantity).sum()
            }
            _ => 0,
        };
        let factor = self.sum_factor(rule.points, multipliers);
        let give = |points| {
            let given = points_of((base, quantity), &rule.give, percent, points, rule.rounding);
            match factor {
                None => given,
                Some(factor) => {
                    let product = i128::from(given) * factor.numerator;
                    divide_to_amount(product, factor.denominator, rule.rounding)
                }
            }
        };
        let wished = points.map_or(0, give).min(AMOUNT_MAX);
        let amount = rule.cap.map_or(wished, |cap| wished.min(cap));
        let attempt = Attempt { card, base, percent, wished, amount, ..Attempt::default() };
        match amount {
            0 => Attempt { code: Some(ReasonCode::EarningNothing), ..attempt },
            _ if amount == wished => attempt,
            _ if rule.cap_mode == CapMode::Reject => {
                let cap = self.points_amount(rule.points, amount);
                let reason = Reason::new(ReasonCode::EarningRejected).with("cap", cap);
                Attempt {
                    card,
                    base,
                    percent,
                    wished,
                    ..Attempt::told(reason.with("rule", &rule.id))
                }
            }
            _ => Attempt { code: Some(ReasonCode::EarningCap), ..attempt },
        }
    }

    pub(super) fn limited<'r>(&self, rule: &'r EarningRuleRules, card: usize) -> Limited<'r> {
        Limited { id: &rule.id, limits: &rule.limits, asked: &rule.asked, card: Some(card) }
    }

    /// Cuts what a rule gives to its limits and to what the card may hold.
    pub(super) fn cut(&self, rule: &EarningRuleRules, mut attempt: Attempt) -> Attempt {
        if attempt.amount == 0 {
            return attempt;
        }
        let fit = self.fit(self.limited(rule, attempt.card), 0, attempt.amount);
        if let Some(reason) = fit.reason {
            attempt.amount = fit.points;
            attempt.cuts.push(reason);
        }
        self.cut_stamps(rule.points, &mut attempt);
        let room = self.balance_room(rule.points, attempt.card);
        if let Some((room, cap)) = room.filter(|(room, _)| attempt.amount > *room) {
            attempt.amount = room;
            let cap = self.points_amount(rule.points, cap);
            let reason = Reason::new(ReasonCode::EarningBalanceCap).with("cap", cap);
            attempt.cuts.push(reason.with("rule", &rule.id));
        }
        attempt
    }

    /// How many more points a card may hold, if there is a cap, and the cap.
    fn balance_room(&self, points: usize, card: usize) -> Option<(i64, i64)> {
        let (cap, pending) = self.rules.points.get(points)?.cap?;
        let reading = self.account(card, points).map(|account| account.read(self.at));
        let reading = reading.unwrap_or_default();
        let held = reading.spendable + reading.held + if pending { reading.pending } else { 0 };
        let of_card = |on: usize, kind: usize| on == card && kind == points;
        let earned = self.earned.iter().filter(|earned| of_card(earned.card, earned.points));
        let earned = earned.filter(|earned| pending || earned.is_usable());
        let earned: i64 = earned.map(|earned| earned.amount).sum();
        let spent = self.spends.iter().filter(|spend| of_card(spend.card, spend.points));
        let spent: i64 = spent.map(|spend| spend.amount).sum();
        Some(((cap - held - earned + spent).max(0), cap))
    }
}

/// The points that a rule gives for a base in the programme's money and a quantity in thousandths.
fn points_of(
    (base, quantity): (i64, i64),
    give: &GiveRules,
    percent: Option<i64>,
    points: &PointsRules,
    rounding: Rounding,
) -> i64 {
    let base = i128::from(base);
    match give {
        GiveRules::Percent(_) | GiveRules::PercentByTier(_) => {
            // Both factors are within 2⁶³ and 2⁹⁶ only in absurd programmes; those saturate.
            let share = base * i128::from(percent.unwrap_or(0));
            let exact = share.checked_mul(points.value.denominator);
            let whole = points.value.numerator.checked_mul(i128::from(RATE_ONE));
            match exact.zip(whole) {
                Some((exact, whole)) => divide_to_amount(exact, whole, rounding),
                None => 0,
            }
        }
        GiveRules::Per { amount, points, count: Count::Whole } => {
            let times = base / i128::from((*amount).max(1));
            to_amount(times * i128::from(*points))
        }
        GiveRules::Per { amount, points, count: Count::Proportional } => {
            divide_to_amount(base * i128::from(*points), i128::from(*amount), rounding)
        }
        GiveRules::PerUnit(points) => {
            let exact = i128::from(*points) * i128::from(quantity);
            divide_to_amount(exact, i128::from(QUANTITY_ONE), rounding)
        }
        GiveRules::PerVisit(points) => *points,
        GiveRules::Multiply(..) => 0,
    }
}
