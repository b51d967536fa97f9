//! Points earned, rule by rule, divided back over the lines that earn them.

mod base;
mod give;
mod stamp;
mod tell;

use jiff::Timestamp;

use super::{Pricing, add_to_lines};
use crate::allocation::AllocationPolicy;
use crate::answer::Truth;
use crate::order::Stage;
use crate::program::rules::{EarningRuleRules, GiveRules, LifeRules, Ratio, StageSet};
use crate::program::{LotOnly, Matching, Term};
use crate::reason::{Reason, ReasonCode};
use crate::term::{Dates, held_opening};
use base::Multiplier;

/// What one rule gives on this receipt.
#[derive(Clone, Debug)]
pub(crate) struct EarnedByRule {
    pub rule: usize,
    pub card: usize,
    pub points: usize,
    pub amount: i64,
    pub dates: Dates,
    pub only: Option<LotOnly>,
    pub rolling: Option<Term>,
    /// Where steps are kept: the lines that got one smallest unit more.
    residue: Vec<String>,
}

impl EarnedByRule {
    /// Whether the points can be used at once.
    pub fn is_usable(&self) -> bool {
        self.dates.opens_at.is_none() && self.dates.event.is_none() && self.only.is_none()
    }
}

/// A rule on its way: what it counted, and what would come of it.
#[derive(Clone, Debug, Default)]
struct Attempt {
    card: usize,
    base: i64,
    percent: Option<i64>,
    /// What the rule would give without its cap.
    wished: i64,
    amount: i64,
    /// Why it gives less or nothing.
    code: Option<ReasonCode>,
    /// What cut it that takes more than the rule to tell, in the order of the cuts.
    cuts: Vec<Reason>,
}

impl Attempt {
    fn skipped(code: ReasonCode) -> Attempt {
        Attempt { code: Some(code), ..Attempt::default() }
    }

    fn told(reason: Reason) -> Attempt {
        Attempt { cuts: vec![reason], ..Attempt::default() }
    }
}

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
        let multipliers = self.multipliers();
        let mut attempts = Vec::with_capacity(rules);
        for rule in 0..rules {
            let attempt = self.attempt(rule, &tenders, &multipliers);
            // The lines are laid out for this rule now; where rules compete, the winner's are
            // laid out anew.
            if self.rules.earning.matching == Matching::Sum {
                self.credit(rule, &attempt);
            }
            attempts.push(attempt);
        }
        let winner = self.winner(&attempts);
        if let Some(winner) = winner {
            self.credit_winner(winner, &mut attempts, &tenders, &multipliers);
        }
        self.use_multipliers(&multipliers);
        for (rule, attempt) in attempts.into_iter().enumerate() {
            self.tell(rule, attempt, winner);
        }
    }

    fn attempt(&mut self, number: usize, tenders: &[i64], multipliers: &[Multiplier]) -> Attempt {
        let Some(rule) = self.rules.earning.rules.get(number) else {
            return Attempt::skipped(ReasonCode::EarningNotMatched);
        };
        if let GiveRules::Multiply(..) = rule.give {
            return self.attempt_multiplier(number, rule, multipliers);
        }
        let card = match self.earning_card(rule) {
            Ok(card) => card,
            Err(attempt) => return attempt,
        };
        self.lay_out_earning(rule, tenders);
        if self.eligible().next().is_none() {
            return Attempt::skipped(ReasonCode::EarningNoLines);
        }
        let base = self.earning_base();
        if base < rule.minimum {
            return Attempt { card, base, ..Attempt::skipped(ReasonCode::EarningBelowMinimum) };
        }
        self.multiply_base(rule, multipliers);
        let base = self.earning_base();
        let attempt = self.give(rule, card, base, multipliers);
        self.cut(rule, attempt)
    }

    /// The card that earns by a rule, if its condition holds.
    fn earning_card(&self, rule: &EarningRuleRules) -> Result<usize, Attempt> {
        let Some(card) = self.card_to_fill(rule.points) else {
            return Err(Attempt::skipped(ReasonCode::EarningNoCard));
        };
        if rule.since.is_some_and(|since| self.facts.date < since) {
            return Err(Attempt::skipped(ReasonCode::EarningNotMatched));
        }
        if self.watch_order(self.card_number(card)).is_some_and(|order| order.earns_nothing) {
            return Err(Attempt::skipped(ReasonCode::WatchEarningRefused));
        }
        match self.judge(rule.when.as_ref()) {
            Truth::True => Ok(card),
            Truth::False => Err(Attempt::skipped(ReasonCode::EarningNotMatched)),
            Truth::Unknown => {
                let counted = super::facts::Counted::Amounts;
                Err(Attempt::told(self.unknown_reason(rule.when.as_ref(), counted, &rule.id)))
            }
        }
    }

    /// Gives the points of a rule to the lines that are laid out for it.
    fn credit(&mut self, number: usize, attempt: &Attempt) {
        let Some(rule) = self.rules.earning.rules.get(number).filter(|_| attempt.amount > 0) else {
            return;
        };
        self.weigh_for_division(rule);
        self.divide(attempt.amount, &AllocationPolicy::default());
        let life = self.life_of(rule, attempt.card);
        let mut dates = self.dates(rule, life);
        let held = self.held_until(attempt.card);
        dates.opens_at = held_opening(dates.event.as_ref(), dates.opens_at, held);
        let residue = match self.trace {
            Some(_) => self.residue(attempt.amount),
            None => Vec::new(),
        };
        // A life that is another one for the card's tier begins anew as that.
        let rolling = rule.rolling.as_ref().map(|own| match life {
            Some(LifeRules::Term(term)) => term.clone(),
            _ => own.clone(),
        });
        self.earned.push(EarnedByRule {
            rule: number,
            card: attempt.card,
            points: rule.points,
            amount: attempt.amount,
            dates,
            only: rule.only,
            rolling,
            residue,
        });
        let shares = std::mem::take(&mut self.shares);
        add_to_lines(&mut self.line_points, (attempt.card, rule.points), &shares);
        self.shares = shares;
        self.count(self.limited(rule, attempt.card), 0, attempt.amount);
        self.use_codes(&rule.asked, &rule.id);
    }

    /// Until when the watch lets points of a card wait, if it does.
    fn held_until(&self, card: usize) -> Option<Timestamp> {
        self.watch_order(self.card_number(card))?.held_until
    }

    /// The one rule that counts where not all of them do.
    fn winner(&self, attempts: &[Attempt]) -> Option<usize> {
        let giving = || attempts.iter().enumerate().filter(|(_, attempt)| attempt.amount > 0);
        match self.rules.earning.matching {
            Matching::Sum => None,
            Matching::First => giving().map(|(rule, _)| rule).next(),
            Matching::Newest => {
                let since = |rule: usize| self.rules.earning.rules.get(rule)?.since;
                giving().map(|(rule, _)| rule).max_by_key(|rule| (since(*rule), *rule))
            }
            Matching::Best => {
                let mut best: Option<(usize, i128)> = None;
                for (rule, attempt) in giving() {
                    let worth = self.worth_of(rule, attempt.amount);
                    if worth > best.map_or(0, |(_, most)| most) {
                        best = Some((rule, worth));
                    }
                }
                best.map(|(rule, _)| rule)
            }
        }
    }

    fn credit_winner(
        &mut self,
        winner: usize,
        attempts: &mut [Attempt],
        tenders: &[i64],
        multipliers: &[Multiplier],
    ) {
        for (rule, attempt) in attempts.iter_mut().enumerate() {
            if rule != winner && attempt.amount > 0 {
                attempt.amount = 0;
                attempt.cuts.clear();
                attempt.code = Some(ReasonCode::EarningOtherRule);
            }
        }
        let rule = self.rules.earning.rules.get(winner);
        if let Some((rule, attempt)) = rule.zip(attempts.get(winner)) {
            self.lay_out_earning(rule, tenders);
            self.multiply_base(rule, multipliers);
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

    /// The life that points of a rule have on a card.
    fn life_of<'r>(&self, rule: &'r EarningRuleRules, card: usize) -> Option<&'r LifeRules> {
        let tier = self.cards.get(card).and_then(|card| card.tier);
        let by_tier = rule.life_by_tier.iter().find(|(of, _)| Some(*of) == tier);
        by_tier.map(|(_, life)| life).or(rule.dates.life.as_ref())
    }

    /// When the points of a rule become usable and when they end. Rules mostly share their terms,
    /// and the calendar is the dearest part of a quote.
    fn dates(&self, rule: &EarningRuleRules, life: Option<&LifeRules>) -> Dates {
        if rule.dates.delay.is_none() && life.is_none() {
            return Dates::default();
        }
        let same = |earned: &&EarnedByRule| {
            let earlier = self.rules.earning.rules.get(earned.rule);
            earlier.is_some_and(|earlier| {
                earlier.dates == rule.dates
                    && earlier.life_by_tier.is_empty()
                    && rule.life_by_tier.is_empty()
            })
        };
        if let Some(earlier) = self.earned.iter().find(same) {
            return earlier.dates.clone();
        }
        rule.dates.dates(self.paid_instant(), life, self.order.zone(self.rules))
    }

    pub(super) fn paid_instant(&self) -> Timestamp {
        self.order.instant(self.at)
    }

    /// The stages whose discounts lower what a rule earns on.
    fn lowered_by(&self, rule: &EarningRuleRules) -> StageSet {
        let stages = rule.lowered_by.unwrap_or(self.rules.earning.lowered_by);
        // What is earned here and may be spent here cannot be lowered by what it pays.
        let redemption = self.rules.redemption.as_ref();
        match redemption.is_some_and(|redemption| redemption.includes_earned) {
            true => stages.without(Stage::Reward).without(Stage::Points),
            false => stages,
        }
    }
}
