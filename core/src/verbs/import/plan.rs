//! What the rows of an import bring, with every mistake at once. Nothing here looks at rows twice,
//! so that a million of them are no matter.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::coupon::PlannedCoupon;
use super::guest::Guests;
use crate::amount::{AMOUNT_MAX, Amount};
use crate::answer::AssetSum;
use crate::command::ImportRow;
use crate::document::{MISTAKES_MAX, OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::{Fit, fit, normalise};
use crate::program::rules::{CardRules, Rules};
use crate::program::{Activation, CardUse};
use crate::slice::Slice;
use crate::term::life_end;
use crate::verbs::card::units;
use crate::verbs::issue::number_message;

/// What an import brings that is not there yet.
pub(crate) struct Plan<'r> {
    pub rules: &'r Rules,
    pub slice: &'r Slice,
    pub at: Timestamp,
    pub cards: Vec<PlannedCard<'r>>,
    pub coupons: Vec<PlannedCoupon<'r>>,
    pub guests: Guests<'r>,
    /// The rows that were passed over.
    pub known: Vec<u32>,
    /// The place of a new card among `cards`; nothing for a card that is there already.
    pub(super) places: HashMap<&'r str, Option<usize>>,
    totals: Vec<(Asset<'r>, i64)>,
    mistakes: Vec<Mistake>,
}

/// A card that is new.
pub(crate) struct PlannedCard<'r> {
    pub number: &'r str,
    pub kind: &'r CardRules,
    pub guest: Option<&'r str>,
    pub blocked: bool,
    pub inactive: bool,
    pub expires_at: Option<Timestamp>,
    pub spent: i64,
    pub purchases: i64,
    pub tier: Option<(&'r str, Option<Timestamp>)>,
    pub lots: Vec<PlannedLot<'r>>,
    /// The row that says what the card is.
    row: &'r ImportRow,
}

/// A kind of points, or the programme's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asset<'r> {
    pub id: &'r str,
    pub digits: u8,
    pub is_money: bool,
}

pub(crate) struct PlannedLot<'r> {
    pub asset: Asset<'r>,
    pub units: i64,
    pub expires_at: Option<Timestamp>,
    pub opens_at: Option<Timestamp>,
}

/// Looks at every row once.
pub(crate) fn plan<'r>(
    rules: &'r Rules,
    slice: &'r Slice,
    rows: &'r [ImportRow],
    at: Timestamp,
) -> Result<Plan<'r>, Error> {
    let mut plan = Plan {
        rules,
        slice,
        at,
        cards: Vec::new(),
        coupons: Vec::new(),
        guests: Guests::default(),
        known: Vec::new(),
        places: HashMap::new(),
        totals: Vec::new(),
        mistakes: Vec::new(),
    };
    for (index, row) in rows.iter().enumerate() {
        plan.row(index, row);
    }
    super::coupon::check_cards(&mut plan);
    plan.add_up();
    if plan.mistakes.is_empty() { Ok(plan) } else { Err(plan.mistakes.into()) }
}

impl<'r> Plan<'r> {
    pub(super) fn mistake(
        &mut self,
        code: ErrorCode,
        row: usize,
        key: &str,
        message: impl Into<String>,
    ) {
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push(Mistake::new(code, format!("/rows/{row}/{key}"), message));
        }
    }

    pub(super) fn pass_over(&mut self, row: usize) {
        self.known.push(u32::try_from(row).unwrap_or(u32::MAX));
    }

    fn row(&mut self, index: usize, row: &'r ImportRow) {
        let instants = [
            ("expires_at", row.expires_at),
            ("opens_at", row.opens_at),
            ("tier_until", row.tier_until),
        ];
        for (key, _) in instants.iter().filter(|(_, at)| at.is_some_and(|at| !is_in_range(at))) {
            self.mistake(ErrorCode::TimeRange, index, key, OUT_OF_RANGE);
        }
        match (&row.code, &row.card, &row.guest) {
            (Some(code), ..) => self.coupon_row(index, row, code),
            (None, Some(card), _) => self.card_row(index, row, normalise(card)),
            (None, None, Some(_)) => self.guest_row(index, row),
            (None, None, None) => {
                let message = "name a card, the code of a coupon, or a guest";
                self.mistake(ErrorCode::DocumentKeyMissing, index, "card", message);
            }
        }
    }

    fn card_row(&mut self, index: usize, row: &'r ImportRow, number: &'r str) {
        if row.coupon.is_some() {
            let message = "give the coupon's code, or leave its kind out";
            self.mistake(ErrorCode::DocumentKeyMissing, index, "code", message);
        }
        match self.places.get(number).copied() {
            Some(None) => self.pass_over(index),
            Some(Some(place)) => {
                self.further_row(index, row, place);
                self.lot(index, row, place);
            }
            None if self.slice.card(number).is_some() => {
                self.places.insert(number, None);
                self.pass_over(index);
            }
            None => {
                if let Some(card) = self.first_row(index, row, number) {
                    self.places.insert(number, Some(self.cards.len()));
                    self.cards.push(card);
                    self.lot(index, row, self.cards.len() - 1);
                }
            }
        }
    }

    /// The row that says what a card is.
    fn first_row(
        &mut self,
        index: usize,
        row: &'r ImportRow,
        number: &'r str,
    ) -> Option<PlannedCard<'r>> {
        let guest = self.guest(index, row);
        let kind = self.kind(index, row, number);
        let spent = row.spent.map_or(0, |spent| self.units(index, "spent", spent, self.digits()));
        let tier = self.tier(index, row);
        let kind = kind?;
        let brings = row.amount.is_some() || guest.is_some() || tier.is_some() || spent > 0;
        let inactive = kind.activation == Activation::Later
            && !brings
            && row.purchases.is_none_or(|purchases| purchases == 0);
        // The end of a row with a lot of points is that of the lot.
        let own_end = row.amount.is_none() || kind.usage == CardUse::Gift;
        let by_kind = || {
            let life = kind.life.as_ref().filter(|_| !inactive);
            life.and_then(|life| life_end(self.at, life, &self.rules.zone))
        };
        Some(PlannedCard {
            number,
            kind,
            guest,
            blocked: row.blocked,
            inactive,
            expires_at: row.expires_at.filter(|_| own_end).or_else(by_kind),
            spent,
            purchases: i64::from(row.purchases.unwrap_or(0)),
            tier,
            lots: Vec::new(),
            row,
        })
    }

    fn kind(&mut self, index: usize, row: &'r ImportRow, number: &str) -> Option<&'r CardRules> {
        let rules = self.rules;
        if number.is_empty() || number.len() > 64 {
            let message = "a card's number has 1 to 64 bytes";
            self.mistake(ErrorCode::CardNumber, index, "card", message);
            return None;
        }
        let Some(id) = &row.kind else {
            let kind = rules.card_of_number(number);
            return kind
                .map_err(|reason| {
                    self.mistake(ErrorCode::CardNumber, index, "card", number_message(reason));
                })
                .ok();
        };
        let Some(kind) = rules.card_named(id) else {
            let message = format!("the programme has no card `{id}`");
            self.mistake(ErrorCode::ProgramReference, index, "kind", message);
            return None;
        };
        let fits = kind.numbers.iter().any(|range| fit(number, range) == Fit::Yes);
        if !fits && !kind.numbers.is_empty() {
            let message = format!("the number fits none of the ranges of card `{id}`");
            self.mistake(ErrorCode::CardNumber, index, "card", message);
        }
        Some(kind)
    }

    fn tier(&mut self, index: usize, row: &'r ImportRow) -> Option<(&'r str, Option<Timestamp>)> {
        let Some(tier) = &row.tier else {
            if row.tier_until.is_some() {
                let message = "say which tier is kept until then";
                self.mistake(ErrorCode::DocumentKeyMissing, index, "tier", message);
            }
            return None;
        };
        if !self.rules.tiers.iter().any(|known| known.id == *tier) {
            let message = format!("the programme has no tier `{tier}`");
            self.mistake(ErrorCode::ProgramReference, index, "tier", message);
        }
        Some((tier, row.tier_until))
    }

    /// A later row of a card may bring a lot; what it says of the card must be what the first said.
    fn further_row(&mut self, index: usize, row: &'r ImportRow, place: usize) {
        let Some(card) = self.cards.get(place) else { return };
        let (first, gift) = (card.row, card.kind.usage == CardUse::Gift);
        fn other<T: PartialEq>(row: &Option<T>, first: &Option<T>) -> bool {
            row.is_some() && row != first
        }
        let own_end = |row: &ImportRow| row.expires_at.filter(|_| gift || row.amount.is_none());
        let differs = [
            ("blocked", row.blocked && !first.blocked),
            ("expires_at", other(&own_end(row), &own_end(first))),
            ("guest", other(&row.guest, &first.guest)),
            ("kind", other(&row.kind, &first.kind)),
            ("language", other(&row.language, &first.language)),
            ("purchases", other(&row.purchases, &first.purchases)),
            ("spent", other(&row.spent, &first.spent)),
            ("tier", other(&row.tier, &first.tier)),
            ("tier_until", other(&row.tier_until, &first.tier_until)),
        ];
        for (key, _) in differs.iter().filter(|(_, differs)| *differs) {
            let message = "an earlier row of this card says otherwise";
            self.mistake(ErrorCode::ImportConflict, index, key, message);
        }
        self.further_personal(index, row, first);
    }

    /// The lot of a row, if it brings one.
    fn lot(&mut self, index: usize, row: &'r ImportRow, place: usize) {
        let Some(amount) = row.amount else {
            if row.points.is_some() || row.opens_at.is_some() {
                let message = "say how much the lot holds";
                self.mistake(ErrorCode::DocumentKeyMissing, index, "amount", message);
            }
            return;
        };
        let Some(card) = self.cards.get(place) else { return };
        let (kind, end) = (card.kind, card.expires_at);
        let Some(asset) = self.asset(index, row, kind) else { return };
        let units = self.units(index, "amount", amount, asset.digits);
        let opens_at = row.opens_at.filter(|opens| *opens > self.at);
        let expires_at = if asset.is_money { end } else { row.expires_at };
        if row.opens_at.zip(expires_at).is_some_and(|(opens, ends)| ends <= opens) {
            let message = "the lot ends before it becomes usable";
            self.mistake(ErrorCode::ProgramContradiction, index, "expires_at", message);
        }
        if let Some(card) = self.cards.get_mut(place).filter(|_| units > 0) {
            card.lots.push(PlannedLot { asset, units, expires_at, opens_at });
        }
    }

    /// What a lot holds: what the row names, or the only asset that the card holds.
    fn asset(
        &mut self,
        index: usize,
        row: &'r ImportRow,
        kind: &'r CardRules,
    ) -> Option<Asset<'r>> {
        let rules = self.rules;
        let money = (kind.usage == CardUse::Gift).then(|| Asset {
            id: &rules.document.currency,
            digits: rules.currency_digits,
            is_money: true,
        });
        let points = kind.points.iter().filter_map(|points| rules.points.get(*points));
        let points = points.map(|p| Asset { id: &p.id, digits: p.digits, is_money: false });
        let other = points.filter(|points| money.is_none_or(|money| money.id != points.id));
        let mut held = money.into_iter().chain(other);
        let found = match &row.points {
            Some(id) => held.find(|asset| asset.id == id),
            None => held.next().filter(|asset| asset.is_money || held.next().is_none()),
        };
        if found.is_none() {
            let message = match row.points {
                Some(_) => format!("the card `{}` does not hold such points", kind.id),
                None => format!("say which points: the card `{}` holds not just one kind", kind.id),
            };
            self.mistake(ErrorCode::CardAsset, index, "points", message);
        }
        found
    }

    fn digits(&self) -> u8 {
        self.rules.currency_digits
    }

    fn units(&mut self, index: usize, key: &str, value: Decimal, digits: u8) -> i64 {
        let mut mistakes = Vec::new();
        let units = units(value, digits, "", &mut mistakes);
        for mistake in mistakes {
            self.mistake(mistake.code, index, key, mistake.message);
        }
        units
    }

    /// Adds up the new lots of each asset.
    fn add_up(&mut self) {
        let mut totals: Vec<(Asset<'r>, i128)> = Vec::new();
        for lot in self.cards.iter().flat_map(|card| &card.lots) {
            match totals.iter_mut().find(|(asset, _)| *asset == lot.asset) {
                Some((_, sum)) => *sum += i128::from(lot.units),
                None => totals.push((lot.asset, i128::from(lot.units))),
            }
        }
        totals.sort_by(|(one, _), (other, _)| one.id.cmp(other.id));
        for (asset, sum) in totals {
            match i64::try_from(sum).ok().filter(|sum| *sum <= AMOUNT_MAX) {
                Some(sum) => self.totals.push((asset, sum)),
                None => {
                    let message = format!("the sum of `{}` would become too large", asset.id);
                    self.mistakes.push(Mistake::new(ErrorCode::BalanceRange, "/rows", message));
                }
            }
        }
    }

    /// What the new lots of each asset add up to, in the order of the assets' ids.
    pub fn totals(&self) -> &[(Asset<'r>, i64)] {
        &self.totals
    }

    pub fn sums(&self) -> Vec<AssetSum> {
        let sum = |(asset, units): &(Asset<'_>, i64)| AssetSum {
            amount: Amount { units: *units, digits: asset.digits },
            asset: asset.id.to_owned(),
        };
        self.totals.iter().map(sum).collect()
    }
}
