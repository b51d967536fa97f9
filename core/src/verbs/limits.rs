//! Limits over what is given or taken without a receipt: grants and automatic redemptions.

use super::draft::{Draft, Place};
use crate::amount::Amount;
use crate::pricing::period_of;
use crate::program::rules::LimitRules;
use crate::program::{LimitPer, LimitPeriod};
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, LimitCounted};

/// A rule as its limits see it, and for whom it works.
#[derive(Clone, Copy)]
pub(super) struct Limited<'a> {
    pub id: &'a str,
    pub limits: &'a [usize],
    pub card: &'a str,
    pub place: &'a Place<'a>,
}

/// How many points its limits let a rule give, and why no more.
pub(super) struct Let {
    pub points: i64,
    pub reason: Option<Reason>,
}

impl Draft<'_> {
    /// How many of some points the limits over a rule let through.
    pub fn let_points(&self, rule: Limited<'_>, wished: i64) -> Let {
        let mut allowed = Let { points: wished, reason: None };
        for limit in rule.limits.iter().filter_map(|limit| self.rules.limits.get(*limit)) {
            let Some(subject) = self.subject(limit, rule) else {
                let reason = Reason::new(ReasonCode::ConditionUnknown);
                let reason = reason.with("missing", limit.asks());
                return Let { points: 0, reason: Some(reason.with("rule", rule.id)) };
            };
            let told = |code| Reason::new(code).with("limit", &limit.id).with("rule", rule.id);
            let used = match limit.period {
                LimitPeriod::Receipt => Default::default(),
                _ => self.limit(&limit.id, &subject, &self.period(limit, rule)),
            };
            let left = limit.points.map_or(i64::MAX, |most| most - used.points);
            let no_use = limit.uses.is_some_and(|most| used.uses >= most);
            if no_use || left <= 0 || (left < allowed.points && limit.refuses) {
                return Let { points: 0, reason: Some(told(ReasonCode::LimitUsedUp)) };
            }
            if left < allowed.points {
                allowed = Let { points: left, reason: Some(told(ReasonCode::LimitTrimmed)) };
            }
        }
        allowed
    }

    /// Counts what a rule gave or took: one use, and points.
    pub fn count_points(&mut self, rule: Limited<'_>, points: i64) {
        for limit in rule.limits.iter().filter_map(|limit| self.rules.limits.get(*limit)) {
            let Some(subject) = self.subject(limit, rule) else { continue };
            if limit.period == LimitPeriod::Receipt {
                continue;
            }
            let kind = limit.points_kind.and_then(|kind| self.rules.points.get(kind));
            let points = kind.map_or(Amount { units: 0, digits: 0 }, |kind| Amount {
                units: points,
                digits: kind.digits,
            });
            let period = self.period(limit, rule);
            self.push(Effect::LimitCounted(LimitCounted {
                limit: limit.id.clone(),
                money: Amount { units: 0, digits: self.rules.currency_digits },
                period,
                points,
                subject,
                uses: 1,
            }));
        }
    }

    fn period(&self, limit: &LimitRules, rule: Limited<'_>) -> String {
        let zone = self.zone(rule.place.store);
        period_of(limit.period, zone.to_datetime(self.at).date())
    }

    /// Whose limit it is; `None` if that is not told.
    fn subject(&self, limit: &LimitRules, rule: Limited<'_>) -> Option<String> {
        match limit.per {
            LimitPer::Programme => Some(String::new()),
            LimitPer::Card => Some(rule.card.to_owned()),
            LimitPer::Guest => {
                let card = self.card(rule.card).or_else(|| self.slice.card(rule.card))?;
                Some(card.guest_or_card(rule.card))
            }
            LimitPer::Store => rule.place.store.cloned(),
            LimitPer::Till => rule.place.till.cloned(),
            LimitPer::Code => None,
        }
    }
}
