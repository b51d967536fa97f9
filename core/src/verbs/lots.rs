//! What becomes of lots besides being spent: they are opened, dated anew, lost.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::draft::Draft;
use crate::account::Part;
use crate::amount::Amount;
use crate::answer::{EarnedLot, Quote};
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, Lot, LotDated, LotMove, LotOpened, ReferralPaid, TierHeld};
use crate::slice::{EXPIRED, HeldTier};
use crate::term::end_after;

/// What was turned into something else or has ended.
pub(super) struct Gone<'a> {
    pub card: &'a str,
    pub points: &'a str,
    pub digits: u8,
}

impl Draft<'_> {
    /// Opens a lot of new points; a debt is paid first.
    pub fn credit_lot(
        &mut self,
        card: &str,
        points: &str,
        earned: &EarnedLot,
        sale: Option<&str>,
    ) -> Option<Reason> {
        let lot = Lot {
            earned_at: self.at,
            event: earned.event.clone(),
            expires_at: earned.expires_at,
            id: self.new_lot_id(),
            life: earned.life.clone(),
            only: earned.only,
            opens_at: earned.opens_at,
            rolling: earned.rolling.clone(),
        };
        self.push(Effect::LotOpened(LotOpened {
            amount: earned.amount,
            card: card.to_owned(),
            lot: lot.clone(),
            points: points.to_owned(),
            rule: earned.rule.clone(),
            sale: sale.map(str::to_owned),
        }));
        self.post(card, points, earned.amount, "issued");
        self.repay(card, points, lot, earned.amount)
    }

    /// What a confirmed sale does to the lots that its cards held before it: those for one sale only
    /// end, those that begin anew with each purchase do. Called when the sale's points are debited
    /// and before new ones are credited.
    pub fn meet_purchase(&mut self, quote: &Quote, at: Timestamp, zone: &TimeZone) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for card in &quote.cards {
            for points in self.kinds_of(&card.card) {
                reasons.extend(self.end_next_order_lots(&card.card, &points));
                self.roll_lots(&card.card, &points, at, zone);
            }
        }
        reasons
    }

    /// The kinds of points of which a card has an account.
    pub fn kinds_of(&self, card: &str) -> Vec<String> {
        let card = self.card(card);
        card.into_iter().flat_map(|card| card.accounts()).map(|(id, _)| id.to_owned()).collect()
    }

    /// Ends what is left of points for one sale only, but of those that this record opened.
    fn end_next_order_lots(&mut self, card: &str, points: &str) -> Option<Reason> {
        let mut parts = self.account(card, points)?.for_next_order(self.at);
        let own = format!("{}/", self.id);
        parts.retain(|part| !part.lot.id.starts_with(&own));
        let digits = self.digits_of(points);
        let lost = self.remove(&Gone { card, points, digits }, parts, LotMove::Expired, EXPIRED);
        let lost = Amount { units: lost, digits };
        let reason = Reason::new(ReasonCode::LotLost).with("card", card).with("lost", lost);
        (lost.units > 0).then_some(reason)
    }

    /// Begins the life of rolling lots anew. It never shortens it: a lot that is not usable yet
    /// may live longer anyway.
    fn roll_lots(&mut self, card: &str, points: &str, at: Timestamp, zone: &TimeZone) {
        let Some(account) = self.account(card, points) else { return };
        let own = format!("{}/", self.id);
        let anew = |lot: &Lot| {
            let end = end_after(at, lot.rolling.as_ref()?, zone);
            let later = lot.expires_at?;
            let rolled = Lot { expires_at: end, ..lot.clone() };
            end.is_none_or(|end| end > later).then_some(rolled)
        };
        let before = account.alive(self.at).filter(|lot| !lot.id.starts_with(&own));
        let dated: Vec<Lot> = before.filter_map(anew).collect();
        for lot in dated {
            self.date_lot(card, points, lot);
        }
    }

    pub fn date_lot(&mut self, card: &str, points: &str, lot: Lot) {
        let (card, points) = (card.to_owned(), points.to_owned());
        self.push(Effect::LotDated(LotDated { card, lot, points }));
    }

    /// Takes parts of lots away and posts them together. Gives how much it was.
    pub fn remove(&mut self, of: &Gone<'_>, parts: Vec<Part>, why: LotMove, account: &str) -> i64 {
        let amount = |units| Amount { units, digits: of.digits };
        let mut sum: i64 = 0;
        for part in parts {
            sum = sum.saturating_add(part.amount);
            self.move_lot(of.card, of.points, part.lot, amount(-part.amount), why);
        }
        if sum > 0 {
            self.post(of.card, of.points, amount(-sum), account);
        }
        sum
    }

    pub fn digits_of(&self, points: &str) -> u8 {
        self.rules.digits_of(points)
    }

    /// Gives what a receipt grants for bringing a guest, and notes that it was given.
    pub fn credit_granted(&mut self, quote: &Quote, sale: &str) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for granted in &quote.granted {
            self.read(&granted.card);
            let (card, points) = (&granted.card, &granted.points);
            reasons.extend(self.credit_lot(card, points, &granted.lot, Some(sale)));
        }
        if let Some(newcomer) = quote.cards.first().filter(|_| !quote.granted.is_empty()) {
            let card = newcomer.card.clone();
            self.push(Effect::ReferralPaid(ReferralPaid { card, paid: true }));
        }
        reasons
    }

    /// Holds the tiers that the cards of a confirmed sale deserve with it.
    pub fn hold_tiers(&mut self, quote: &Quote, zone: &TimeZone) {
        for view in &quote.cards {
            let card = self.card(&view.card);
            let held = card.and_then(|c| self.rules.tier_to_hold(c, self.at.into(), zone, false));
            if let Some(held) = held {
                self.hold_tier(&view.card, held);
            }
        }
    }

    pub fn hold_tier(&mut self, card: &str, held: HeldTier) {
        let HeldTier { tier, since, until } = held;
        self.push(Effect::TierHeld(TierHeld { card: card.to_owned(), since, tier, until }));
    }
}
