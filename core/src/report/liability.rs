//! What is owed to guests, by asset and age.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{AgedSum, AssetLiability, LiabilityReport};
use crate::program::CardUse;
use crate::program::rules::Rules;
use crate::rounding::Rounding;
use crate::slice::Slice;

/// Where ages begin, in days.
const AGES: [u32; 5] = [0, 30, 90, 180, 365];
const SECONDS_A_DAY: i64 = 86_400;

/// What the cards of a slice hold at an instant.
pub(crate) fn liability(rules: &Rules, slice: &Slice, at: Timestamp) -> LiabilityReport {
    let points = rules.points.iter().map(|points| {
        let mut asset = asset(slice, &points.id, points.digits, at);
        if !is_counted_in_things(rules, &points.id) {
            let units = points.value.times(asset.outstanding.units, Rounding::Floor);
            asset.worth = Some(Amount { units, digits: rules.currency_digits });
        }
        asset
    });
    let mut money = asset(slice, &rules.document.currency, rules.currency_digits, at);
    money.worth = Some(money.outstanding);
    LiabilityReport { assets: points.chain([money]).collect(), at }
}

/// Stamps and entries are worth no money.
fn is_counted_in_things(rules: &Rules, points: &str) -> bool {
    let place = rules.points_named(points);
    let holds =
        |card: &&crate::program::rules::CardRules| place.is_some_and(|place| card.holds(place));
    let mut kinds = rules.cards.iter().filter(holds);
    kinds.any(|card| matches!(card.usage, CardUse::Stamp | CardUse::Ticket))
}

fn asset(slice: &Slice, asset: &str, digits: u8, at: Timestamp) -> AssetLiability {
    let mut ages = [0i64; AGES.len()];
    let (mut cards, mut debt, mut expired, mut held, mut pending) = (0, 0i64, 0i64, 0i64, 0i64);
    for account in slice.cards().filter_map(|(_, card)| card.account(asset)) {
        let reading = account.read(at);
        debt = debt.saturating_add(reading.debt);
        expired = expired.saturating_add(reading.expired);
        held = held.saturating_add(reading.held);
        pending = pending.saturating_add(reading.pending);
        let mut own = 0i64;
        for (earned_at, units) in account.outstanding(at) {
            own = own.saturating_add(units);
            let days = (at.as_second() - earned_at.as_second()).max(0) / SECONDS_A_DAY;
            let age = AGES.iter().rposition(|from| i64::from(*from) <= days).unwrap_or(0);
            if let Some(sum) = ages.get_mut(age) {
                *sum = sum.saturating_add(units);
            }
        }
        cards += i64::from(own > 0);
    }
    let amount = |units| Amount { units, digits };
    let aged = |(place, units): (usize, &i64)| AgedSum {
        amount: amount(*units),
        from_days: AGES.get(place).copied().unwrap_or(0),
        until_days: AGES.get(place + 1).copied(),
    };
    AssetLiability {
        ages: ages.iter().enumerate().map(aged).collect(),
        asset: asset.to_owned(),
        cards,
        debt: amount(debt),
        expired: amount(expired),
        held: amount(held),
        outstanding: amount(ages.iter().fold(0, |sum, units| sum.saturating_add(*units))),
        pending: amount(pending),
        worth: None,
    }
}
