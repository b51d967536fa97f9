//! Limits and budgets: how much a rule may still give, and what this receipt counts.

use jiff::civil::Date;

use super::redemption::spending;
use super::{Pricing, Spend};
use crate::amount::{Amount, RATE_ONE};
use crate::answer::LimitUse;
use crate::order::Stage;
use crate::order::prepare::Giver;
use crate::program::rules::{Asked, LimitRules, Rules};
use crate::program::{LimitPer, LimitPeriod};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::Rounding;
use crate::slice::LimitReading;

/// What a limit counts of this receipt, in the programme's money.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    limit: usize,
    subject: String,
    period: String,
    money: i64,
    points: i64,
    /// One, or what a part of a divided bill holds.
    uses: i64,
}

/// The rules that a limit covers, by their ids.
#[derive(Debug)]
pub(crate) struct Covered<'r> {
    pub promotions: Vec<&'r str>,
    pub rewards: Vec<&'r str>,
    pub earning: Vec<&'r str>,
    pub redemption: bool,
}

impl Covered<'_> {
    pub fn by<'r>(rules: &'r Rules, limit: &str) -> Covered<'r> {
        let place = rules.limits.iter().position(|one| one.id == limit);
        let covers = |limits: &[usize]| place.is_some_and(|place| limits.contains(&place));
        let promotions = rules.promotions.iter().filter(|one| covers(&one.limits));
        let rewards = rules.rewards.iter().filter(|one| covers(&one.limits));
        let earning = rules.earning.rules.iter().filter(|one| covers(&one.limits));
        Covered {
            promotions: promotions.map(|one| one.id.as_str()).collect(),
            rewards: rewards.map(|one| one.id.as_str()).collect(),
            earning: earning.map(|one| one.id.as_str()).collect(),
            redemption: rules.redemption.as_ref().is_some_and(|one| covers(&one.limits)),
        }
    }
}

/// A rule as limits see it.
#[derive(Clone, Copy)]
pub(crate) struct Limited<'r> {
    pub id: &'r str,
    pub limits: &'r [usize],
    pub asked: &'r Asked,
    /// The card that earns or pays.
    pub card: Option<usize>,
}

/// How much of what a rule would give it may give.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// In the order's money.
    pub money: i64,
    pub points: i64,
    /// Whether nothing may be given at all, not even what has no sum.
    pub refused: bool,
    pub reason: Option<Reason>,
}

impl Pricing<'_> {
    /// How much of some money (the order's) and points the limits over a rule let through.
    pub(super) fn fit(&self, rule: Limited<'_>, money: i64, points: i64) -> Fit {
        let mut fit = Fit { money, points, refused: false, reason: None };
        for limit in rule.limits {
            let Some(limits) = self.rules.limits.get(*limit) else { continue };
            let (subject, period) = match self.scope(limits, rule) {
                Ok(scope) => scope,
                Err(missing) => {
                    let reason = Reason::new(ReasonCode::ConditionUnknown);
                    return fit.refuse(reason.with("missing", missing).with("rule", rule.id));
                }
            };
            let used = self.used(*limit, limits, &subject, &period);
            let full = Reason::new(ReasonCode::LimitUsedUp);
            let full = full.with("limit", &limits.id).with("rule", rule.id);
            let left = |most: Option<i64>, used: i64| most.map_or(i64::MAX, |most| most - used);
            let money_left = left(limits.money, used.money);
            let points_left = left(limits.points, used.points);
            let again = self.is_counted(*limit, &subject, &period)
                || self.held_limit(&limits.id, &subject, &period).is_some();
            let no_use = limits.uses.is_some_and(|most| !again && used.uses >= most);
            let no_money = fit.money > 0 && money_left <= 0;
            let no_points = fit.points > 0 && points_left <= 0;
            if no_use || no_money || no_points {
                return fit.refuse(full);
            }
            let room = match limits.money {
                Some(_) => self.order.money_from_program_down(money_left),
                None => i64::MAX,
            };
            if fit.money <= room && fit.points <= points_left {
                continue;
            }
            if limits.refuses {
                return fit.refuse(full);
            }
            fit.money = fit.money.min(room);
            fit.points = fit.points.min(points_left);
            let reason = Reason::new(ReasonCode::LimitTrimmed);
            fit.reason = Some(reason.with("limit", &limits.id).with("rule", rule.id));
        }
        fit
    }

    /// Counts what a rule gave.
    pub(super) fn count(&mut self, rule: Limited<'_>, money: i64, points: i64) {
        let money = self.order.money_to_program(money);
        for limit in rule.limits {
            let Some(limits) = self.rules.limits.get(*limit) else { continue };
            let Ok((subject, period)) = self.scope(limits, rule) else { continue };
            let points = if limits.points_kind.is_some() { points } else { 0 };
            let same = |one: &&mut Count| {
                one.limit == *limit && one.subject == subject && one.period == period
            };
            match self.counted.iter_mut().find(same) {
                Some(count) => {
                    count.money += money;
                    count.points += points;
                }
                None => {
                    let held = self.held_limit(&limits.id, &subject, &period);
                    let uses = held.map_or(1, |held| held.uses);
                    let limit = *limit;
                    self.counted.push(Count { limit, subject, period, money, points, uses });
                }
            }
        }
    }

    /// Whose limit it is here and now, or what is missing to tell.
    fn scope(
        &self,
        limit: &LimitRules,
        rule: Limited<'_>,
    ) -> Result<(String, String), &'static str> {
        let card = rule.card.or((!self.cards.is_empty()).then_some(0));
        let card = card.and_then(|card| self.cards.get(card));
        let subject = match limit.per {
            LimitPer::Programme => Some(String::new()),
            LimitPer::Card => card.map(|card| card.number.to_owned()),
            LimitPer::Guest => card.map(|card| card.state.guest_or_card(card.number)),
            LimitPer::Store => self.source.store.clone(),
            LimitPer::Till => self.source.till.clone(),
            LimitPer::Code => {
                let code = self.asked_code(rule.asked).and_then(|code| self.codes.get(code));
                code.map(|code| match code.coupon {
                    Some(_) => code.code.clone(),
                    None => code.code.to_ascii_uppercase(),
                })
            }
        };
        let subject = subject.ok_or(limit.asks())?;
        Ok((subject, period_of(limit.period, self.facts.date)))
    }

    /// What a part of a divided bill holds of a limit.
    fn held_limit(&self, limit: &str, subject: &str, period: &str) -> Option<&LimitUse> {
        let same = |held: &&LimitUse| {
            held.limit == limit && held.subject == subject && held.period == period
        };
        self.held_limits.iter().find(same)
    }

    /// What a part of a bill gave before earning counts as it was divided: its siblings may have
    /// the use, and money of another currency was turned into the programme's once.
    pub(super) fn count_as_held(&mut self) {
        let mut counted = std::mem::take(&mut self.counted);
        for count in &mut counted {
            let id = self.rules.limits.get(count.limit).map_or("", |limit| &limit.id);
            match self.held_limit(id, &count.subject, &count.period) {
                Some(held) if self.keeps_held_money => count.money = held.money.units,
                Some(_) => {}
                None => count.uses = 0,
            }
        }
        let missing = |held: &&LimitUse| {
            let named = |count: &&Count| {
                let limit = self.rules.limits.get(count.limit);
                limit.is_some_and(|limit| limit.id == held.limit)
                    && (&count.subject, &count.period) == (&held.subject, &held.period)
            };
            !counted.iter().any(|count| named(&count))
        };
        // A small part of a line may have a share in what a rule gave and show none of it.
        let earns = |held: &LimitUse| !Covered::by(self.rules, &held.limit).earning.is_empty();
        let missing = self.held_limits.iter().filter(|_| self.keeps_held_money).filter(missing);
        let missing = missing.filter(|held| held.money.units > 0 || !earns(held));
        let count = |held: &LimitUse| {
            Some(Count {
                limit: self.rules.limits.iter().position(|limit| limit.id == held.limit)?,
                subject: held.subject.clone(),
                period: held.period.clone(),
                money: held.money.units,
                points: if earns(held) { 0 } else { held.points.units },
                uses: held.uses,
            })
        };
        let missing: Vec<Count> = missing.filter_map(count).collect();
        counted.extend(missing);
        self.counted = counted;
    }

    fn is_counted(&self, limit: usize, subject: &str, period: &str) -> bool {
        let same =
            |one: &Count| one.limit == limit && one.subject == subject && one.period == period;
        self.counted.iter().any(same)
    }

    /// What is used already, with what this receipt counts so far.
    fn used(&self, limit: usize, rules: &LimitRules, subject: &str, period: &str) -> LimitReading {
        let mut used = match rules.period {
            LimitPeriod::Receipt => LimitReading::default(),
            _ => self.slice.limit(&rules.id, subject, period, self.at, self.resumed.as_deref()),
        };
        for count in &self.counted {
            if count.limit == limit && count.subject == subject && count.period == period {
                used.uses += count.uses;
                used.money += count.money;
                used.points += count.points;
            }
        }
        used
    }

    /// What limits count of this receipt.
    pub(super) fn limit_uses(&self) -> Vec<LimitUse> {
        let entry = |count: &Count| {
            let rules = self.rules.limits.get(count.limit)?;
            let points = rules.points_kind.unwrap_or(0);
            (rules.period != LimitPeriod::Receipt).then(|| LimitUse {
                give_back: rules.give_back.clone(),
                limit: rules.id.clone(),
                money: self.program_money(count.money),
                period: count.period.clone(),
                points: match rules.points_kind {
                    Some(_) => self.points_amount(points, count.points),
                    None => Amount { units: 0, digits: 0 },
                },
                subject: count.subject.clone(),
                uses: count.uses,
            })
        };
        let counts = |count: &&Count| (count.uses, count.money, count.points) != (0, 0, 0);
        self.counted.iter().filter(counts).filter_map(entry).collect()
    }

    /// Counts what the rules of a receipt that is taken up again gave before earning.
    pub(super) fn count_resumed(&mut self) {
        let rules = self.rules;
        for (number, promotion) in rules.promotions.iter().enumerate() {
            let money = self.given_by(Stage::Promotion, number);
            let coupon = self.coupons.iter().any(|coupon| coupon.rule == promotion.id);
            let giver = Some(Giver::Promotion(number));
            let lines = self.order.lines.iter().zip(&self.lines);
            let mut presents = lines.filter(|(line, _)| line.gift == giver);
            if money > 0 || coupon || presents.any(|(_, state)| !state.withdrawn) {
                self.count(promotion.limited(), money, 0);
            }
        }
        for spend in self.spends.clone() {
            let Spend { card, amount, money, reward, .. } = spend;
            let reward = reward.and_then(|reward| rules.rewards.get(reward));
            match (reward, &rules.redemption) {
                (Some(reward), _) => self.count(reward.limited(card), money, amount),
                (None, Some(redemption)) => self.count(spending(redemption, card), money, amount),
                (None, None) => {}
            }
        }
    }

    /// The money that a promotion or a reward gave.
    fn given_by(&self, stage: Stage, number: usize) -> i64 {
        let own = |part: &&super::DiscountPart| part.stage == stage && part.source == number;
        self.given.iter().filter(own).map(|part| part.amount).sum()
    }

    /// Warns of limits that are nearly used up.
    pub(super) fn tell_limits(&mut self) {
        let near = |count: &Count| {
            let rules = self.rules.limits.get(count.limit)?;
            let warn = i128::from(rules.warn_from?);
            let used = self.used(count.limit, rules, &count.subject, &count.period);
            let is_near = |used: i64, most: Option<i64>| {
                most.is_some_and(|most| {
                    i128::from(used) * i128::from(RATE_ONE) >= i128::from(most) * warn
                })
            };
            let near = is_near(used.uses, rules.uses)
                || is_near(used.money, rules.money)
                || is_near(used.points, rules.points);
            near.then(|| Reason::new(ReasonCode::LimitNear).with("limit", &rules.id))
        };
        let reasons: Vec<Reason> = self.counted.iter().filter_map(near).collect();
        self.reasons.extend(reasons);
    }
}

impl Fit {
    fn refuse(mut self, reason: Reason) -> Fit {
        (self.money, self.points, self.refused) = (0, 0, true);
        self.reason = Some(reason);
        self
    }
}

/// The name of the period in which a day is.
pub(crate) fn period_of(period: LimitPeriod, day: Date) -> String {
    match period {
        LimitPeriod::Ever | LimitPeriod::Receipt => String::new(),
        LimitPeriod::Day => day.to_string(),
        LimitPeriod::Week => {
            let week = day.iso_week_date();
            format!("{}-W{:02}", week.year(), week.week())
        }
        LimitPeriod::Month => format!("{}-{:02}", day.year(), day.month()),
        LimitPeriod::Quarter => format!("{}-Q{}", day.year(), (day.month() + 2) / 3),
        LimitPeriod::Year => day.year().to_string(),
    }
}

impl crate::order::Prepared {
    /// The programme's sum in the order's money, rounded down: what is left of a budget.
    fn money_from_program_down(&self, amount: i64) -> i64 {
        self.exchange.map_or(amount, |rate| rate.inverse().times(amount, Rounding::Floor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_the_names_of_the_calendar() {
        let name = |period, day: &str| period_of(period, day.parse().unwrap());
        assert_eq!(name(LimitPeriod::Day, "2026-11-21"), "2026-11-21");
        assert_eq!(name(LimitPeriod::Week, "2026-11-21"), "2026-W47");
        // The first days of a year may belong to the last week of the year before.
        assert_eq!(name(LimitPeriod::Week, "2027-01-01"), "2026-W53");
        assert_eq!(name(LimitPeriod::Month, "2026-01-31"), "2026-01");
        assert_eq!(name(LimitPeriod::Quarter, "2026-03-31"), "2026-Q1");
        assert_eq!(name(LimitPeriod::Quarter, "2026-10-01"), "2026-Q4");
        assert_eq!(name(LimitPeriod::Year, "2026-12-31"), "2026");
        assert_eq!(name(LimitPeriod::Ever, "2026-12-31"), "");
    }
}
