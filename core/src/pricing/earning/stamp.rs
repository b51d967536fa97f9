//! Stamp cards: which one is filled, and how far.

use super::{Attempt, Pricing};
use crate::program::rules::StampRules;
use crate::reason::{Reason, ReasonCode};

impl Pricing<'_> {
    /// The card that gets points of a kind: the first that holds them; of stamp cards that never hold
    /// more than their goal, the first that is not full.
    pub(super) fn card_to_fill(&self, points: usize) -> Option<usize> {
        let cards = self.cards.iter().enumerate();
        let mut holding = cards.filter(|(_, card)| card.rules.holds(points)).map(|(card, _)| card);
        let has_room = |card: &usize| self.stamp_room(*card, points).is_none_or(|room| room > 0);
        holding.find(has_room).or_else(|| self.card_with(points))
    }

    /// How a card is filled with such points, if they are its stamps.
    fn stamp_rules(&self, card: usize, points: usize) -> Option<&StampRules> {
        let stamp = self.cards.get(card)?.rules.stamp.as_ref()?;
        (stamp.points == points).then_some(stamp)
    }

    /// How many stamps this receipt gives a card so far.
    fn stamped(&self, card: usize, points: usize) -> i64 {
        let own = self.earned.iter().filter(|one| one.card == card && one.points == points);
        own.map(|one| one.amount).sum()
    }

    /// How many more stamps a card may hold, where it never holds more than its goal: with what the
    /// receipt itself spends and gives so far, and when a debt is paid.
    fn stamp_room(&self, card: usize, points: usize) -> Option<i64> {
        let stamp = self.stamp_rules(card, points).filter(|stamp| !stamp.carry_over)?;
        let reading = self.account(card, points).map(|account| account.read(self.at));
        let reading = reading.unwrap_or_default();
        let holds = reading.spendable + reading.held + reading.pending - reading.debt;
        let spends = self.spends.iter().filter(|one| one.card == card && one.points == points);
        let spent: i64 = spends.map(|one| one.amount).sum();
        Some((stamp.goal - holds - self.stamped(card, points) + spent).max(0))
    }

    /// Cuts what a rule gives to what one receipt may give, then to what the card still takes.
    pub(super) fn cut_stamps(&self, points: usize, attempt: &mut Attempt) {
        let card = self.card_number(attempt.card);
        let amount = |units| self.points_amount(points, units);
        let per_visit = self.stamp_rules(attempt.card, points).and_then(|stamp| stamp.per_visit);
        if let Some(limit) = per_visit {
            let room = (limit - self.stamped(attempt.card, points)).max(0);
            if attempt.amount > room {
                attempt.amount = room;
                let reason = Reason::new(ReasonCode::StampPerVisit).with("card", card);
                attempt.cuts.push(reason.with("limit", amount(limit)));
            }
        }
        let room = self.stamp_room(attempt.card, points);
        if let Some(room) = room.filter(|room| attempt.amount > *room) {
            let lost = amount(attempt.amount - room);
            attempt.amount = room;
            let reason = Reason::new(ReasonCode::StampFull).with("card", card);
            attempt.cuts.push(reason.with("lost", lost));
        }
    }
}
