//! Points earned, rule by rule, divided back over the lines that earn them.

use jiff::Timestamp;

use super::discount::{by_tier, shown_percent};
use super::{Pricing, part};
use crate::allocation::{AllocationPolicy, Part};
use crate::amount::RATE_ONE;
use crate::answer::{Outcome, TraceStep};
use crate::order::Stage;
use crate::program::rules::{EarningRuleRules, GiveRules, PointsRules, Ratio};
use crate::program::{Count, Matching};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount};
use crate::term;

/// What one rule gives on this receipt.
#[derive(Clone, Debug)]
pub(crate) struct EarnedByRule {
    pub rule: usize,
    pub card: usize,
    pub points: usize,
    pub amount: i64,
    pub lines: Vec<i64>,
    pub opens_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

/// A rule on its way: what it counted, and what came of it.
struct Attempt {
    earned: Option<EarnedByRule>,
    base: i64,
    percent: Option<i64>,
    /// What the rule would give without its cap.
    wished: i64,
    reason: Option<Reason>,
}

impl Attempt {
    fn skipped(code: ReasonCode) -> Attempt {
        Attempt { earned: None, base: 0, percent: None, wished: 0, reason: Some(Reason::new(code)) }
    }
}

impl Pricing<'_> {
    pub(super) fn earning_stage(&mut self) {
        let rules = &self.rules.earning.rules;
        if self.cards.is_empty() {
            if !rules.is_empty() {
                self.reasons.push(Reason::new(ReasonCode::EarningNoCard));
            }
            return;
        }
        let tenders = self.tender_shares();
        let mut attempts: Vec<Attempt> =
            rules.iter().enumerate().map(|(rule, _)| self.attempt(rule, &tenders)).collect();
        self.keep_matching(&mut attempts);
        let earned_any = attempts.iter().any(|attempt| attempt.earned.is_some());
        for (rule, attempt) in attempts.into_iter().enumerate() {
            if self.trace.is_some() {
                self.trace_attempt(rule, &attempt);
            }
            let told = attempt.reason.filter(|reason| is_told(reason.code, earned_any));
            self.reasons.extend(told);
            self.earned.extend(attempt.earned);
        }
    }

    /// The part of each line that tenders pay which earn nothing.
    fn tender_shares(&mut self) -> Vec<i64> {
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

    fn attempt(&mut self, number: usize, tenders: &[i64]) -> Attempt {
        let Some(rule) = self.rules.earning.rules.get(number) else {
            return Attempt::skipped(ReasonCode::EarningNotMatched);
        };
        let Some(card) = self.card_with(rule.points) else {
            return Attempt::skipped(ReasonCode::EarningNoCard);
        };
        if rule.when.as_ref().is_some_and(|when| !when.holds(&self.facts)) {
            return Attempt::skipped(ReasonCode::EarningNotMatched);
        }
        self.lay_out_earning(rule, tenders);
        if self.eligible().next().is_none() {
            return Attempt::skipped(ReasonCode::EarningNoLines);
        }
        let base: i64 = self.eligible().map(|(_, part)| part.weight).sum();
        let base = self.order.money_to_program(base);
        if base < rule.minimum {
            let minimum = self.program_money(rule.minimum);
            let reason = Reason::new(ReasonCode::EarningBelowMinimum)
                .with("minimum", minimum)
                .with("rule", &rule.id);
            return Attempt { earned: None, base, percent: None, wished: 0, reason: Some(reason) };
        }
        self.give(number, rule, card, base)
    }

    fn give(&mut self, number: usize, rule: &EarningRuleRules, card: usize, base: i64) -> Attempt {
        let tier = self.cards.get(card).and_then(|card| self.rules.tier(card.state.spent));
        let percent = match &rule.give {
            GiveRules::Percent(percent) => Some(*percent),
            GiveRules::PercentByTier(steps) => Some(by_tier(steps, tier)),
            GiveRules::Per { .. } => None,
        };
        let points = self.rules.points.get(rule.points);
        let wished =
            points.map_or(0, |points| points_of(base, &rule.give, percent, points, rule.rounding));
        let amount = rule.cap.map_or(wished, |cap| wished.min(cap));
        let reason = if amount == 0 {
            Some(Reason::new(ReasonCode::EarningNothing).with("rule", &rule.id))
        } else if amount < wished {
            let reason = Reason::new(ReasonCode::EarningCap).with("rule", &rule.id);
            Some(reason.with("cap", self.points_amount(rule.points, amount)))
        } else {
            None
        };
        let earned = (amount > 0).then(|| {
            self.divide(amount, &AllocationPolicy::default());
            let (opens_at, expires_at) = self.dates(rule);
            EarnedByRule {
                rule: number,
                card,
                points: rule.points,
                amount,
                lines: self.shares.clone(),
                opens_at,
                expires_at,
            }
        });
        Attempt { earned, base, percent, wished, reason }
    }

    fn lay_out_earning(&mut self, rule: &EarningRuleRules, tenders: &[i64]) {
        self.parts.clear();
        let earning = &self.rules.earning;
        let lowered_by = earning.lowered_by;
        for (place, line) in self.order.lines.iter().enumerate() {
            let lines = rule.lines.as_ref();
            let eligible = self.takes_part(place, Stage::Earning, earning.kinds, lines);
            let Some(state) = self.lines.get(place) else {
                continue;
            };
            let lowered = |stage, amount| if lowered_by.has(stage) { amount } else { 0 };
            let base = state.amount
                - lowered(Stage::Host, state.host)
                - lowered(Stage::Card, state.card)
                - lowered(Stage::Points, state.points_money)
                - tenders.get(place).copied().unwrap_or(0);
            let weight = base.max(0);
            let capacity = i64::MAX;
            self.parts.push(Part { weight, quantity: line.quantity, capacity, eligible });
        }
    }

    /// When the points of a rule become usable and when they end.
    fn dates(&self, rule: &EarningRuleRules) -> (Option<Timestamp>, Option<Timestamp>) {
        if rule.delay.is_none() && rule.life.is_none() {
            return (None, None);
        }
        let zone = self.order.zone(self.rules);
        let paid = self.order.instant(self.at);
        let opens = rule.delay.as_ref().map(|delay| term::begin_after(paid, delay, zone));
        let opens = opens.filter(|opens| *opens > paid);
        let life = rule.life.as_ref();
        let ends = life.map(|life| term::end_after(opens.unwrap_or(paid), life, zone));
        (opens, ends)
    }

    /// Where not all rules count, turns the others into attempts without effect.
    fn keep_matching(&self, attempts: &mut [Attempt]) {
        let kept = match self.rules.earning.matching {
            Matching::Sum => return,
            Matching::First => attempts.iter().position(|attempt| attempt.earned.is_some()),
            Matching::Best => {
                let mut best: Option<(usize, i128)> = None;
                for (place, attempt) in attempts.iter().enumerate() {
                    let worth = attempt.earned.as_ref().map(|earned| self.worth_of(earned));
                    if let Some(worth) = worth.filter(|w| best.is_none_or(|(_, most)| *w > most)) {
                        best = Some((place, worth));
                    }
                }
                best.map(|(place, _)| place)
            }
        };
        let rules = &self.rules.earning.rules;
        let winner = kept.and_then(|kept| rules.get(kept)).map_or("", |rule| rule.id.as_str());
        for (place, attempt) in attempts.iter_mut().enumerate() {
            if Some(place) != kept && attempt.earned.is_some() {
                attempt.earned = None;
                let reason = Reason::new(ReasonCode::EarningOtherRule).with("winner", winner);
                attempt.reason = Some(reason);
            }
        }
    }

    /// What earned points are worth, in a unit that is the same for all kinds of points.
    fn worth_of(&self, earned: &EarnedByRule) -> i128 {
        let value = self.rules.points.get(earned.points).map_or(Ratio::ONE, |points| points.value);
        // Millionths of the smallest unit of money: enough to tell any two real rules apart.
        i128::from(earned.amount) * value.numerator * 1_000_000 / value.denominator
    }

    fn trace_attempt(&mut self, number: usize, attempt: &Attempt) {
        let Some(rule) = self.rules.earning.rules.get(number) else {
            return;
        };
        let amount = attempt.earned.as_ref().map_or(0, |earned| earned.amount);
        let points = self.rules.points.get(rule.points);
        let residue = attempt.earned.as_ref().map(|earned| self.residue_of(earned));
        let card = attempt.earned.as_ref().and_then(|earned| self.cards.get(earned.card));
        let step = TraceStep {
            amount: self.points_amount(rule.points, amount),
            asset: points.map(|points| points.id.clone()).unwrap_or_default(),
            base: Some(self.program_money(attempt.base)),
            cap: rule
                .cap
                .filter(|_| amount < attempt.wished && amount > 0)
                .map(|cap| self.points_amount(rule.points, cap)),
            card: card.map(|card| card.number.to_owned()),
            outcome: match attempt.earned {
                None => Outcome::Skipped,
                Some(_) if amount < attempt.wished => Outcome::Trimmed,
                Some(_) => Outcome::Applied,
            },
            percent: attempt.percent.map(shown_percent),
            reasons: attempt.reason.clone().into_iter().collect(),
            residue: residue.unwrap_or_default(),
            rounding: Some(rule.rounding),
            rule: rule.id.clone(),
            stage: Stage::Earning,
        };
        if let Some(trace) = &mut self.trace {
            trace.push(step);
        }
    }

    /// The lines that got one smallest unit more than their exact share rounded down. Laid out
    /// anew, since other rules have used the buffers since.
    fn residue_of(&mut self, earned: &EarnedByRule) -> Vec<String> {
        let Some(rule) = self.rules.earning.rules.get(earned.rule) else {
            return Vec::new();
        };
        let tenders = self.tender_shares();
        self.lay_out_earning(rule, &tenders);
        self.shares.clone_from(&earned.lines);
        self.residue(earned.amount)
    }
}

/// Whether the receipt tells it, or only the explanation: that a rule is for other receipts or
/// lost to another is nothing to tell a guest; that nothing was earned at all is.
fn is_told(code: ReasonCode, earned_any: bool) -> bool {
    match code {
        ReasonCode::EarningCap | ReasonCode::EarningBelowMinimum => true,
        ReasonCode::EarningNothing | ReasonCode::EarningNoLines => !earned_any,
        _ => false,
    }
}

/// The points that a rule gives for a base in the programme's money.
fn points_of(
    base: i64,
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
            crate::rounding::to_amount(times * i128::from(*points))
        }
        GiveRules::Per { amount, points, count: Count::Proportional } => {
            divide_to_amount(base * i128::from(*points), i128::from(*amount), rounding)
        }
    }
}
