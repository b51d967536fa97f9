//! Points earned, rule by rule, divided back over the lines that earn them.

use jiff::Timestamp;

use super::discount::{by_tier, shown_percent};
use super::{Pricing, part};
use crate::allocation::{AllocationPolicy, Part};
use crate::amount::{AMOUNT_MAX, RATE_ONE};
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
    pub opens_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// Where steps are kept: the lines that got one smallest unit more.
    residue: Vec<String>,
}

/// A rule on its way: what it counted, and what would come of it.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    card: usize,
    base: i64,
    percent: Option<i64>,
    /// What the rule would give without its cap.
    wished: i64,
    amount: i64,
    /// Why it gives less or nothing.
    code: Option<ReasonCode>,
}

impl Attempt {
    fn skipped(code: ReasonCode) -> Attempt {
        Attempt { card: 0, base: 0, percent: None, wished: 0, amount: 0, code: Some(code) }
    }
}

/// When points become usable (absent if at once), and when they end (absent if never).
type Dates = (Option<Timestamp>, Option<Timestamp>);

impl Pricing<'_> {
    pub(super) fn earning_stage(&mut self) {
        let rules = self.rules.earning.rules.len();
        if self.cards.is_empty() {
            if rules > 0 {
                self.reasons.push(Reason::new(ReasonCode::EarningNoCard));
            }
            return;
        }
        let tenders = self.tender_shares();
        let mut attempts = Vec::with_capacity(rules);
        for rule in 0..rules {
            let attempt = self.attempt(rule, &tenders);
            // The lines are laid out for this rule now; where rules compete, the winner's are
            // laid out anew.
            if self.rules.earning.matching == Matching::Sum {
                self.credit(rule, &attempt);
            }
            attempts.push(attempt);
        }
        let winner = self.winner(&attempts);
        if let Some(winner) = winner {
            self.credit_winner(winner, &mut attempts, &tenders);
        }
        for (rule, attempt) in attempts.iter().enumerate() {
            self.tell(rule, attempt, winner);
        }
    }

    /// Notes why a rule gave less or nothing, and the step.
    fn tell(&mut self, rule: usize, attempt: &Attempt, winner: Option<usize>) {
        let earned_any = !self.earned.is_empty();
        let told = attempt.code.is_some_and(|code| is_told(code, earned_any));
        if self.trace.is_none() && !told {
            return;
        }
        let reason = attempt.code.map(|code| self.reason(rule, attempt, code, winner));
        if told {
            self.reasons.extend(reason.clone());
        }
        if self.trace.is_some() {
            self.trace_attempt(rule, attempt, reason);
        }
    }

    fn reason(
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
                .with("cap", self.points_amount(rule.points, attempt.amount))
                .with("wished", self.points_amount(rule.points, attempt.wished)),
            ReasonCode::EarningOtherRule => {
                let winner = winner.and_then(|winner| rules.get(winner));
                reason.with("winner", winner.map_or("", |rule| rule.id.as_str()))
            }
            _ => reason,
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
            return Attempt { card, base, ..Attempt::skipped(ReasonCode::EarningBelowMinimum) };
        }
        self.give(rule, card, base)
    }

    fn give(&self, rule: &EarningRuleRules, card: usize, base: i64) -> Attempt {
        let tier = self.cards.get(card).and_then(|card| self.rules.tier(card.state.spent));
        let percent = match &rule.give {
            GiveRules::Percent(percent) => Some(*percent),
            GiveRules::PercentByTier(steps) => Some(by_tier(steps, tier)),
            GiveRules::Per { .. } => None,
        };
        let points = self.rules.points.get(rule.points);
        let give = |points| points_of(base, &rule.give, percent, points, rule.rounding);
        let wished = points.map_or(0, give).min(AMOUNT_MAX);
        let amount = rule.cap.map_or(wished, |cap| wished.min(cap));
        let code = match amount {
            0 => Some(ReasonCode::EarningNothing),
            _ if amount < wished => Some(ReasonCode::EarningCap),
            _ => None,
        };
        Attempt { card, base, percent, wished, amount, code }
    }

    /// Gives the points of a rule to the lines that are laid out for it.
    fn credit(&mut self, number: usize, attempt: &Attempt) {
        let Some(rule) = self.rules.earning.rules.get(number).filter(|_| attempt.amount > 0) else {
            return;
        };
        self.divide(attempt.amount, &AllocationPolicy::default());
        let (opens_at, expires_at) = self.dates(rule);
        let residue = match self.trace {
            Some(_) => self.residue(attempt.amount),
            None => Vec::new(),
        };
        self.earned.push(EarnedByRule {
            rule: number,
            card: attempt.card,
            points: rule.points,
            amount: attempt.amount,
            opens_at,
            expires_at,
            residue,
        });
        match self.line_points.iter_mut().find(|(points, _)| *points == rule.points) {
            None => self.line_points.push((rule.points, self.shares.clone())),
            Some((_, sums)) => sums.iter_mut().zip(&self.shares).for_each(|(sum, add)| *sum += add),
        }
    }

    /// The one rule that counts where not all of them do.
    fn winner(&self, attempts: &[Attempt]) -> Option<usize> {
        match self.rules.earning.matching {
            Matching::Sum => None,
            Matching::First => attempts.iter().position(|attempt| attempt.amount > 0),
            Matching::Best => {
                let mut best: Option<(usize, i128)> = None;
                for (rule, attempt) in attempts.iter().enumerate() {
                    let worth = self.worth_of(rule, attempt.amount);
                    if worth > best.map_or(0, |(_, most)| most) {
                        best = Some((rule, worth));
                    }
                }
                best.map(|(rule, _)| rule)
            }
        }
    }

    fn credit_winner(&mut self, winner: usize, attempts: &mut [Attempt], tenders: &[i64]) {
        for (rule, attempt) in attempts.iter_mut().enumerate() {
            if rule != winner && attempt.amount > 0 {
                attempt.amount = 0;
                attempt.code = Some(ReasonCode::EarningOtherRule);
            }
        }
        let rule = self.rules.earning.rules.get(winner);
        if let Some((rule, attempt)) = rule.zip(attempts.get(winner)) {
            self.lay_out_earning(rule, tenders);
            self.credit(winner, attempt);
        }
    }

    /// What points of a rule are worth, in a unit that is the same for all kinds of points.
    fn worth_of(&self, rule: usize, amount: i64) -> i128 {
        let points = self.rules.earning.rules.get(rule).map(|rule| rule.points);
        let points = points.and_then(|points| self.rules.points.get(points));
        let value = points.map_or(Ratio::ONE, |points| points.value);
        // Millionths of the smallest unit of money: enough to tell any two real rules apart.
        i128::from(amount).saturating_mul(value.numerator).saturating_mul(1_000_000)
            / value.denominator
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

    /// When the points of a rule become usable and when they end. Rules mostly share their terms,
    /// and the calendar is the dearest part of a quote.
    fn dates(&mut self, rule: &EarningRuleRules) -> Dates {
        if rule.delay.is_none() && rule.life.is_none() {
            return (None, None);
        }
        let terms = (rule.delay.as_ref(), rule.life.as_ref());
        let same = |number: usize| {
            let earlier = self.rules.earning.rules.get(number);
            earlier.is_some_and(|earlier| (earlier.delay.as_ref(), earlier.life.as_ref()) == terms)
        };
        if let Some(earlier) = self.earned.iter().find(|earned| same(earned.rule)) {
            return (earlier.opens_at, earlier.expires_at);
        }
        let zone = self.order.zone(self.rules);
        let paid = self.order.instant(self.at);
        let opens = rule.delay.as_ref().map(|delay| term::begin_after(paid, delay, zone));
        let opens = opens.filter(|opens| *opens > paid);
        let life = rule.life.as_ref();
        let ends = life.and_then(|life| term::end_after(opens.unwrap_or(paid), life, zone));
        (opens, ends)
    }

    fn trace_attempt(&mut self, number: usize, attempt: &Attempt, reason: Option<Reason>) {
        let Some(rule) = self.rules.earning.rules.get(number) else { return };
        let earned = self.earned.iter().find(|earned| earned.rule == number);
        let points = self.rules.points.get(rule.points);
        let card = earned.and_then(|earned| self.cards.get(earned.card));
        let trimmed = attempt.amount > 0 && attempt.amount < attempt.wished;
        let step = TraceStep {
            amount: self.points_amount(rule.points, attempt.amount),
            asset: points.map(|points| points.id.clone()).unwrap_or_default(),
            base: Some(self.program_money(attempt.base)),
            cap: rule.cap.filter(|_| trimmed).map(|cap| self.points_amount(rule.points, cap)),
            card: card.map(|card| card.number.to_owned()),
            outcome: match attempt.amount {
                0 => Outcome::Skipped,
                _ if trimmed => Outcome::Trimmed,
                _ => Outcome::Applied,
            },
            percent: attempt.percent.map(shown_percent),
            reasons: reason.into_iter().collect(),
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
