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

/// What cards hold at an instant.
#[derive(Debug)]
pub(crate) struct Liability {
    /// As the kinds of points stand in the programme; money last.
    assets: Vec<Asset>,
}

/// What cards hold of one asset, in its smallest units.
#[derive(Debug)]
struct Asset {
    id: String,
    digits: u8,
    ages: [i64; AGES.len()],
    cards: i64,
    debt: i64,
    expired: i64,
    held: i64,
    pending: i64,
}

impl Liability {
    pub fn new(rules: &Rules) -> Liability {
        let none = |id: &str, digits| Asset {
            id: id.to_owned(),
            digits,
            ages: [0; AGES.len()],
            cards: 0,
            debt: 0,
            expired: 0,
            held: 0,
            pending: 0,
        };
        let points = rules.points.iter().map(|points| none(&points.id, points.digits));
        let money = none(&rules.document.currency, rules.currency_digits);
        Liability { assets: points.chain([money]).collect() }
    }

    /// Adds what the cards of a slice hold.
    pub fn add(&mut self, slice: &Slice, at: Timestamp) {
        self.assets.iter_mut().for_each(|asset| asset.add(slice, at));
    }

    pub fn finish(self, rules: &Rules, at: Timestamp) -> LiabilityReport {
        let mut assets: Vec<AssetLiability> = self.assets.iter().map(Asset::told).collect();
        for (points, asset) in rules.points.iter().zip(&mut assets) {
            if !is_counted_in_things(rules, &points.id) {
                let units = points.value.times(asset.outstanding.units, Rounding::Floor);
                asset.worth = Some(Amount { units, digits: rules.currency_digits });
            }
        }
        if let Some(money) = assets.last_mut() {
            money.worth = Some(money.outstanding);
        }
        LiabilityReport { assets, at }
    }
}

/// Stamps and entries are worth no money.
fn is_counted_in_things(rules: &Rules, points: &str) -> bool {
    let place = rules.points_named(points);
    let holds =
        |card: &&crate::program::rules::CardRules| place.is_some_and(|place| card.holds(place));
    let mut kinds = rules.cards.iter().filter(holds);
    kinds.any(|card| matches!(card.usage, CardUse::Stamp | CardUse::Ticket))
}

impl Asset {
    fn add(&mut self, slice: &Slice, at: Timestamp) {
        for account in slice.cards().filter_map(|(_, card)| card.account(&self.id)) {
            let reading = account.read(at);
            self.debt = self.debt.saturating_add(reading.debt);
            self.expired = self.expired.saturating_add(reading.expired);
            self.held = self.held.saturating_add(reading.held);
            self.pending = self.pending.saturating_add(reading.pending);
            let mut own = 0i64;
            for (earned_at, units) in account.outstanding(at) {
                own = own.saturating_add(units);
                let days = (at.as_second() - earned_at.as_second()).max(0) / SECONDS_A_DAY;
                let age = AGES.iter().rposition(|from| i64::from(*from) <= days).unwrap_or(0);
                if let Some(sum) = self.ages.get_mut(age) {
                    *sum = sum.saturating_add(units);
                }
            }
            self.cards += i64::from(own > 0);
        }
    }

    fn told(&self) -> AssetLiability {
        let amount = |units| Amount { units, digits: self.digits };
        let aged = |(place, units): (usize, &i64)| AgedSum {
            amount: amount(*units),
            from_days: AGES.get(place).copied().unwrap_or(0),
            until_days: AGES.get(place + 1).copied(),
        };
        let outstanding = self.ages.iter().fold(0i64, |sum, units| sum.saturating_add(*units));
        AssetLiability {
            ages: self.ages.iter().enumerate().map(aged).collect(),
            asset: self.id.clone(),
            cards: self.cards,
            debt: amount(self.debt),
            expired: amount(self.expired),
            held: amount(self.held),
            outstanding: amount(outstanding),
            pending: amount(self.pending),
            worth: None,
        }
    }
}
