//! What may be spent while the ledger has no word from the backend, and what is counted of it.

use jiff::{SignedDuration, Timestamp};

use super::Pricing;
use crate::amount::Amount;
use crate::answer::{GiftPayment, LimitUse, PointsQuote};
use crate::program::rules::{OfflineRules, Rules};
use crate::program::{GiveBack, OfflineSpending};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::Rounding;

/// Under which id is counted what each card spends offline; the period is since when.
pub(crate) const OFFLINE_CARD: &str = "offline:card";
/// Under which id is counted what all cards spend offline at one ledger.
pub(crate) const OFFLINE_TILL: &str = "offline:till";

/// How much may still be spent, and what is told where that binds.
pub(super) struct Bound {
    pub room: i64,
    pub reason: Reason,
}

/// What leaves a card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset {
    Points,
    Money,
}

impl OfflineRules {
    fn spending_of(&self, asset: Asset) -> OfflineSpending {
        match asset {
            Asset::Points => self.spending,
            Asset::Money => self.gift_cards,
        }
    }

    fn counts(&self, asset: Asset) -> bool {
        self.spending_of(asset) == OfflineSpending::Sum
    }

    /// Whether value may move from card to card: only where all that is known here may be spent.
    pub fn lets_move(&self, asset: Asset, since: Timestamp, at: Timestamp) -> bool {
        !self.counts(asset) && self.forbids(asset, since, at).is_none()
    }

    /// Whether nothing may be spent any more, and why.
    pub fn forbids(&self, asset: Asset, since: Timestamp, at: Timestamp) -> Option<Reason> {
        if self.spending_of(asset) == OfflineSpending::Nothing {
            return Some(Reason::new(ReasonCode::OfflineNothing).with("since", since));
        }
        let hours = self.hours?;
        let end = since.checked_add(SignedDuration::from_hours(i64::from(hours)));
        let over = end.is_ok_and(|end| at >= end);
        let reason = Reason::new(ReasonCode::OfflineHours).with("hours", hours);
        over.then(|| reason.with("since", since))
    }
}

impl Pricing<'_> {
    /// The rules for spending without a word from the backend, and since when there is none.
    fn offline(&self) -> Option<(&OfflineRules, Timestamp)> {
        self.rules.offline.as_ref().zip(self.offline_since)
    }

    /// Whether the programme says what may be spent now that the ledger is offline.
    pub(super) fn is_bounded_offline(&self) -> bool {
        self.offline().is_some()
    }

    /// What is told where the balance that is known here binds.
    pub(super) fn known_only(&self, card: &str) -> Reason {
        Reason::new(ReasonCode::OfflineBalance).with("card", card)
    }

    /// What bounds the spending of a card offline, in the programme's money.
    pub(super) fn offline_bounds(&self, asset: Asset, card: &str) -> Vec<Bound> {
        let Some((offline, since)) = self.offline() else { return Vec::new() };
        let told = |reason: Reason| reason.with("card", card);
        if let Some(reason) = offline.forbids(asset, since, self.at) {
            return vec![Bound { room: 0, reason: told(reason) }];
        }
        if !offline.counts(asset) {
            return Vec::new();
        }
        let bound = |code, limit: &str, subject: &str, most: i64, own: i64| {
            let (period, resumed) = (since.to_string(), self.resumed.as_deref());
            let used = self.slice.limit(limit, subject, &period, self.at, resumed).money;
            let room = most.saturating_sub(used).saturating_sub(own).max(0);
            let reason = Reason::new(code).with("left", self.program_money(room));
            Bound { room, reason: told(reason.with("limit", self.program_money(most))) }
        };
        let (most, own) = (offline.card_maximum, self.spent_offline(Some(card)));
        let mut bounds = vec![bound(ReasonCode::OfflineCardMaximum, OFFLINE_CARD, card, most, own)];
        if offline.till_maximum < i64::MAX {
            let (most, own) = (offline.till_maximum, self.spent_offline(None));
            let till = &self.slice.head().till;
            bounds.push(bound(ReasonCode::OfflineTillMaximum, OFFLINE_TILL, till, most, own));
        }
        bounds
    }

    /// The same in points: the most whose worth is not above what may still be spent.
    pub(super) fn offline_points(&self, card: usize, points: usize) -> Vec<Bound> {
        let in_points = |bound: Bound| {
            let kind = self.rules.points.get(points);
            let value = kind.map(|kind| kind.value.inverse());
            let room = value.map_or(0, |value| value.times(bound.room, Rounding::Floor));
            Bound { room, ..bound }
        };
        let bounds = self.offline_bounds(Asset::Points, self.card_number(card));
        bounds.into_iter().map(in_points).collect()
    }

    /// What this receipt spends so far of a card, or of all, as far as it counts.
    fn spent_offline(&self, card: Option<&str>) -> i64 {
        let Some(offline) = &self.rules.offline else { return 0 };
        let named = |number: &str| card.is_none_or(|card| card == number);
        let spends = self.spends.iter().filter(|_| offline.counts(Asset::Points));
        let spends = spends.filter(|spend| named(self.card_number(spend.card)));
        let points: i64 = spends.map(|spend| worth(self.rules, spend.points, spend.amount)).sum();
        let gifts = self.gift_spends.iter().filter(|_| offline.counts(Asset::Money));
        let gifts = gifts.filter(|spend| named(&spend.card));
        points + gifts.map(|spend| spend.amount).sum::<i64>()
    }
}

/// What points are worth in the programme's money, a part of its smallest unit counted whole.
fn worth(rules: &Rules, points: usize, units: i64) -> i64 {
    rules.points.get(points).map_or(0, |kind| kind.value.times(units, Rounding::Ceil))
}

/// What a receipt counts of what it spends offline: for each card, and for the ledger.
pub(crate) fn offline_uses(
    rules: &Rules,
    points: &[PointsQuote],
    gift_cards: &[GiftPayment],
    till: &str,
    period: &str,
) -> Vec<LimitUse> {
    let Some(offline) = &rules.offline else { return Vec::new() };
    let points = points.iter().filter(|_| offline.counts(Asset::Points)).map(|entry| {
        let kind = rules.points_named(&entry.points);
        (&entry.card, kind.map_or(0, |kind| worth(rules, kind, entry.spent.units)))
    });
    let gifts = gift_cards.iter().filter(|_| offline.counts(Asset::Money));
    let mut cards: Vec<(&String, i64)> = Vec::new();
    for (card, money) in points.chain(gifts.map(|paid| (&paid.card, paid.amount.units))) {
        match cards.iter_mut().find(|(known, _)| *known == card) {
            Some((_, sum)) => *sum += money,
            None => cards.push((card, money)),
        }
    }
    cards.retain(|(_, money)| *money > 0);
    let usage = |limit: &str, subject: &str, units: i64| LimitUse {
        give_back: GiveBack { cancel: true, refund: true, void: true },
        limit: limit.to_owned(),
        money: Amount { units, digits: rules.currency_digits },
        period: period.to_owned(),
        points: Amount { units: 0, digits: 0 },
        subject: subject.to_owned(),
        uses: 1,
    };
    let mut uses: Vec<LimitUse> =
        cards.iter().map(|(card, money)| usage(OFFLINE_CARD, card, *money)).collect();
    if !cards.is_empty() {
        let all = cards.iter().map(|(_, money)| money).sum();
        uses.push(usage(OFFLINE_TILL, till, all));
    }
    uses
}

/// Whether a receipt counts this for what it spends offline.
pub(crate) fn is_offline(usage: &LimitUse) -> bool {
    usage.limit == OFFLINE_CARD || usage.limit == OFFLINE_TILL
}
