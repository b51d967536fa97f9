//! Why a rule gave less or nothing, and the steps of the explanation.

use super::{Attempt, Pricing};
use crate::answer::{Outcome, TraceStep};
use crate::order::Stage;
use crate::pricing::discount::shown_percent;
use crate::program::rules::GiveRules;
use crate::reason::{Reason, ReasonCode};

impl Pricing<'_> {
    /// Notes why a rule gave less or nothing, and the step.
    pub(super) fn tell(&mut self, rule: usize, attempt: Attempt, winner: Option<usize>) {
        let earned_any = !self.earned.is_empty();
        let told = attempt.code.is_some_and(|code| is_told(code, earned_any));
        if self.trace.is_none() && !told && attempt.cuts.is_empty() {
            return;
        }
        let reason = attempt.code.map(|code| self.reason_of(rule, &attempt, code, winner));
        if self.trace.is_some() {
            let reasons = reason.iter().chain(&attempt.cuts).cloned().collect();
            self.trace_attempt(rule, &attempt, reasons);
        }
        self.reasons.extend(reason.filter(|_| told));
        self.reasons.extend(attempt.cuts);
    }

    fn reason_of(
        &self,
        rule: usize,
        attempt: &Attempt,
        code: ReasonCode,
        winner: Option<usize>,
    ) -> Reason {
        let rules = &self.rules.earning.rules;
        let Some(rule) = rules.get(rule) else { return Reason::new(code) };
        let reason = Reason::new(code).with("rule", &rule.id);
        match code {
            ReasonCode::EarningBelowMinimum => reason
                .with("base", self.program_money(attempt.base))
                .with("minimum", self.program_money(rule.minimum)),
            ReasonCode::EarningCap => reason
                .with("cap", self.points_amount(rule.points, rule.cap.unwrap_or(0)))
                .with("wished", self.points_amount(rule.points, attempt.wished)),
            ReasonCode::EarningOtherRule => {
                let winner = winner.and_then(|winner| rules.get(winner));
                reason.with("winner", winner.map_or("", |rule| rule.id.as_str()))
            }
            _ => reason,
        }
    }

    fn trace_attempt(&mut self, number: usize, attempt: &Attempt, reasons: Vec<Reason>) {
        let Some(rule) = self.rules.earning.rules.get(number) else { return };
        let earned = self.earned.iter().find(|earned| earned.rule == number);
        let points = self.rules.points.get(rule.points);
        let card = earned.and_then(|earned| self.cards.get(earned.card));
        let trimmed = attempt.amount > 0 && attempt.amount < attempt.wished;
        let multiplies = matches!(rule.give, GiveRules::Multiply(..))
            && attempt.code.is_none()
            && attempt.cuts.is_empty();
        let step = TraceStep {
            amount: self.points_amount(rule.points, attempt.amount),
            asset: points.map(|points| points.id.clone()).unwrap_or_default(),
            base: Some(self.program_money(attempt.base)),
            cap: Some(attempt.amount)
                .filter(|_| trimmed)
                .map(|cap| self.points_amount(rule.points, cap)),
            card: card.map(|card| card.number.to_owned()),
            outcome: match attempt.amount {
                0 if multiplies => Outcome::Applied,
                0 => Outcome::Skipped,
                _ if trimmed => Outcome::Trimmed,
                _ => Outcome::Applied,
            },
            percent: attempt.percent.map(shown_percent),
            reasons,
            residue: earned.map(|earned| earned.residue.clone()).unwrap_or_default(),
            rounding: Some(rule.rounding),
            rule: rule.id.clone(),
            stage: Stage::Earning,
        };
        if let Some(trace) = &mut self.trace {
            trace.push(step);
        }
    }
}

/// Whether the receipt tells it, or only the explanation: that a rule is for other receipts or
/// lost to another is nothing to tell a guest; that nothing was earned at all is.
fn is_told(code: ReasonCode, earned_any: bool) -> bool {
    match code {
        ReasonCode::EarningBelowMinimum | ReasonCode::EarningCap => true,
        ReasonCode::EarningNothing | ReasonCode::EarningNoLines => !earned_any,
        _ => false,
    }
}
