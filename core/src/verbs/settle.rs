//! What a receipt does to cards: points spent, points earned, spend counted.

use jiff::Timestamp;

use super::draft::Draft;
use crate::account::Part;
use crate::amount::Amount;
use crate::answer::{PointsQuote, Quote};
use crate::history::Moment;
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, HoldPlaced, Lot, LotMove, LotPart, SpendCounted};

impl Draft<'_> {
    /// Whether what a receipt earns may be spent on it.
    pub fn earns_first(&self) -> bool {
        self.rules.redemption.as_ref().is_some_and(|redemption| redemption.includes_earned)
    }

    /// Reserves the points that a receipt spends.
    pub fn hold_points(&mut self, quote: &Quote, until: Timestamp) {
        for spent in quote.points.iter().filter(|spent| spent.spent.units > 0) {
            self.hold(&spent.card, &spent.points, spent.spent, until);
        }
    }

    /// Reserves what is usable on a card for the sale of this record.
    pub fn hold(&mut self, card: &str, points: &str, held: Amount, until: Timestamp) {
        let account = self.account(card, points);
        let parts = account.map(|account| account.take(held.units, self.at));
        let part = |part: Part| {
            let amount = Amount { units: part.amount, digits: held.digits };
            LotPart { amount, lot: part.lot.id }
        };
        self.push(Effect::HoldPlaced(HoldPlaced {
            card: card.to_owned(),
            parts: parts.unwrap_or_default().into_iter().map(part).collect(),
            points: points.to_owned(),
            sale: self.id.clone(),
            until,
        }));
    }

    /// Debits the points that a receipt spends: from the parts that were held for it, or from what
    /// is usable now. What is not there is owed.
    pub fn debit_points(&mut self, spent: &PointsQuote, held: Vec<Part>) -> Option<Reason> {
        self.debit(&spent.card, &spent.points, spent.spent, held, "spent")
    }

    /// Debits a card: from the parts that were held for it, or from what is usable now. What is not
    /// there is owed.
    pub fn debit(
        &mut self,
        card: &str,
        points: &str,
        spent: Amount,
        held: Vec<Part>,
        to: &str,
    ) -> Option<Reason> {
        if spent.units == 0 {
            return None;
        }
        let amount = |units| Amount { units, digits: spent.digits };
        let mut left = spent.units;
        for part in held {
            let eaten = part.amount.min(left);
            if eaten > 0 {
                left -= eaten;
                self.move_lot(card, points, part.lot, amount(-eaten), LotMove::Spent);
            }
        }
        let more = self.account(card, points).map(|account| account.take(left, self.at));
        for part in more.unwrap_or_default() {
            left -= part.amount;
            self.move_lot(card, points, part.lot, amount(-part.amount), LotMove::Spent);
        }
        self.post(card, points, amount(-spent.units), to);
        if left == 0 {
            return None;
        }
        self.move_debt(card, points, amount(left));
        let reason = Reason::new(ReasonCode::ConfirmShort).with("card", card);
        Some(reason.with("missing", amount(left)))
    }

    /// Credits what a receipt earns; a debt is paid first.
    pub fn credit_points(&mut self, quote: &Quote, sale: &str) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for earned in quote.points.iter().filter(|earned| earned.earned.units > 0) {
            for earned_lot in &earned.lots {
                let (card, points) = (&earned.card, &earned.points);
                reasons.extend(self.credit_lot(card, points, earned_lot, Some(sale)));
            }
        }
        reasons
    }

    pub(super) fn repay(
        &mut self,
        card: &str,
        points: &str,
        lot: Lot,
        earned: Amount,
    ) -> Option<Reason> {
        let debt = self.account(card, points).map_or(0, |account| account.debt);
        let units = debt.min(earned.units);
        if units <= 0 {
            return None;
        }
        let amount = |units| Amount { units, digits: earned.digits };
        self.move_lot(card, points, lot, amount(-units), LotMove::Repaid);
        self.move_debt(card, points, amount(-units));
        let reason = Reason::new(ReasonCode::EarningRepaidDebt).with("card", card);
        Some(reason.with("repaid", amount(units)))
    }

    /// Adds a purchase and what was spent to every card of the receipt, as of when the goods were
    /// handed over.
    pub fn count_spend(&mut self, quote: &Quote, spent: i64, of: Moment) {
        let day = of.day.to_string();
        let amount = Amount { units: spent, digits: self.rules.currency_digits };
        for card in &quote.cards {
            self.push(Effect::SpendCounted(SpendCounted {
                amount,
                at: of.at,
                card: card.card.clone(),
                day: day.clone(),
                purchases: 1,
            }));
        }
    }
}
