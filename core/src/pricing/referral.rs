//! What a guest gets for bringing another, and the other for being brought.

use super::limit::Limited;
use super::{PresentCard, Pricing};
use crate::answer::Granted;
use crate::program::rules::{Asked, GrantRules};

impl Pricing<'_> {
    /// With the newcomer's n-th purchase, or a later one if that was undone, both grants are given.
    pub(super) fn referral_stage(&mut self) {
        let rules = self.rules;
        let Some((referral, card)) = rules.referral.as_ref().zip(self.cards.first()) else {
            return;
        };
        if self.watch_order(card.number).is_some_and(|order| order.earns_nothing) {
            return;
        }
        let due = !card.state.referral_paid && card.purchases + 1 >= referral.purchase;
        let Some(by) = card.state.referred_by.as_ref().filter(|_| due) else {
            return;
        };
        let grant = |place: Option<usize>| place.and_then(|place| rules.grants.get(place));
        if let Some(grant) = grant(referral.newcomer) {
            self.grant(grant, 0);
        }
        let state = self.slice.card(by);
        let kind = state.and_then(|state| rules.card_named(&state.kind));
        let referrer = grant(referral.referrer).zip(state.zip(kind));
        if let Some((grant, (state, kind))) = referrer {
            // Limits look at the cards of the receipt; for a moment this one is there too.
            let (number, purchases) = (by.as_str(), state.purchases);
            self.cards.push(PresentCard { number, state, rules: kind, tier: None, purchases });
            self.grant(grant, self.cards.len() - 1);
            self.cards.pop();
        }
    }

    /// Gives a grant to a card that holds such points, as far as its limits let it.
    fn grant(&mut self, grant: &GrantRules, card: usize) {
        let holder = self.cards.get(card).filter(|card| card.rules.holds(grant.points));
        let Some((holder, points)) = holder.zip(self.rules.points.get(grant.points)) else {
            return;
        };
        let number = holder.number.to_owned();
        let asked = Asked::default();
        let limits = &grant.limits;
        let limited = Limited { id: &grant.id, limits, asked: &asked, card: Some(card) };
        let fit = self.fit(limited, 0, grant.amount);
        self.reasons.extend(fit.reason);
        if fit.points <= 0 {
            return;
        }
        let zone = self.order.zone(self.rules);
        let amount = self.points_amount(grant.points, fit.points);
        let mut lot = grant.lot(amount, self.order.instant(self.at), zone);
        // What is held of the newcomer's receipt holds what it brings to others too.
        lot.hold(self.watch.iter().filter_map(|order| order.held_until).max());
        self.granted.push(Granted { card: number, lot, points: points.id.clone() });
        self.count(limited, 0, fit.points);
    }
}
