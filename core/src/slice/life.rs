//! The life of a card: issued, active, blocked, expired, closed.

use jiff::Timestamp;

use super::{CardState, Slice};
use crate::answer::CardStatus;
use crate::error::ErrorCode;
use crate::order::{Challenge, Presented};
use crate::program::rules::CardRules;
use crate::reason::{Reason, ReasonCode};
use crate::record::{CardBound, CardClosed, CardLinked, CardShared, Effect};

/// Where a card is in its life. That it has expired is read, never stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct CardLife {
    /// It was issued and is not activated yet.
    pub inactive: bool,
    pub blocked: bool,
    pub reason: Option<String>,
    pub closed: bool,
    pub replaced_by: Option<String>,
    pub expires_at: Option<Timestamp>,
}

impl CardLife {
    /// What the card is at an instant. What weighs more comes first: a closed card stays closed, a
    /// blocked one that has ended is still blocked when it is extended.
    pub fn status(&self, at: Timestamp) -> CardStatus {
        let ended = self.expires_at.is_some_and(|end| end <= at);
        match (self.closed, ended, self.blocked, self.inactive) {
            (true, ..) => CardStatus::Closed,
            (_, true, ..) => CardStatus::Expired,
            (_, _, true, _) => CardStatus::Blocked,
            (_, _, _, true) => CardStatus::Issued,
            _ => CardStatus::Active,
        }
    }

    /// Why a card in this state cannot be used, if it cannot.
    pub fn fault(&self, at: Timestamp) -> Option<ErrorCode> {
        match self.status(at) {
            CardStatus::Active => None,
            CardStatus::Issued => Some(ErrorCode::CardInactive),
            CardStatus::Blocked => Some(ErrorCode::CardBlocked),
            CardStatus::Expired => Some(ErrorCode::CardExpired),
            CardStatus::Closed => Some(ErrorCode::CardClosed),
        }
    }

    /// The same as a receipt tells it.
    pub fn refusal(&self, number: &str, at: Timestamp) -> Option<Reason> {
        let code = match self.status(at) {
            CardStatus::Active => return None,
            CardStatus::Issued => ReasonCode::CardInactive,
            CardStatus::Blocked => {
                let said = self.reason.as_deref().unwrap_or_default();
                let reason = Reason::new(ReasonCode::CardBlocked).with("card", number);
                return Some(reason.with("reason", said));
            }
            CardStatus::Expired => ReasonCode::CardExpired,
            CardStatus::Closed => ReasonCode::CardClosed,
        };
        Some(Reason::new(code).with("card", number))
    }

    pub fn blocked_because(&self) -> Option<String> {
        self.reason.clone().filter(|_| self.blocked)
    }
}

impl CardState {
    /// What must be met before value leaves the card.
    pub fn challenge(&self, kind: Option<&CardRules>) -> Challenge {
        self.demands.or_else(|| kind.map(|kind| kind.challenge)).unwrap_or_default()
    }

    /// What must still be met before value leaves the card: by what the host says that it put, or
    /// by the strength of an accepted presentation that stands on the order.
    pub fn unmet_challenge(
        &self,
        kind: Option<&CardRules>,
        confirmed: Challenge,
        proved: Option<Presented>,
    ) -> Option<Challenge> {
        let challenge = self.challenge(kind);
        let met = match challenge {
            Challenge::None => true,
            Challenge::Pin => proved == Some(Presented::Pin),
            Challenge::Code => matches!(confirmed, Challenge::Code | Challenge::Manager),
            Challenge::Manager => confirmed == Challenge::Manager,
            Challenge::Online => confirmed == Challenge::Online,
        };
        (!met).then_some(challenge)
    }

    /// Whether a lot of any account has something in it, whatever its dates.
    pub fn holds_anything(&self) -> bool {
        self.accounts().any(|(_, account)| account.lots().next().is_some())
    }

    /// Whether a live hold reserves something.
    pub fn has_hold(&self, at: Timestamp) -> bool {
        self.accounts().any(|(_, account)| account.read(at).held > 0)
    }

    /// Takes over what another number's card counted: the spend, the tier, and what they were
    /// counted from. What it holds moves lot by lot, by facts of its own.
    fn take_over(&mut self, old: &CardState) {
        self.issued_at = old.issued_at;
        (self.spent, self.purchases) = (old.spent, old.purchases);
        self.spending.clone_from(&old.spending);
        self.visits.clone_from(&old.visits);
        self.held.clone_from(&old.held);
        self.closed_at = old.closed_at;
        self.referred_by.clone_from(&old.referred_by);
        self.referral_paid = old.referral_paid;
        self.coupons.clone_from(&old.coupons);
        self.converted.clone_from(&old.converted);
        for (points, account) in &old.accounts {
            if let Some(own) = self.account_mut(points) {
                own.take_over(account);
            }
        }
    }
}

/// Applies what a fact does to the life and the owner of a card, if anything.
pub(super) fn apply_to_life(slice: &mut Slice, effect: &Effect) {
    // Facts about two cards, or a card and a guest, are noted on both, also where only one of them
    // was loaded.
    match effect {
        Effect::CardBound(CardBound { card, guest: Some(guest) }) => {
            slice.note_card_of(guest, card);
        }
        Effect::CardShared(CardShared { card, guest, shared: true }) => {
            slice.note_card_of(guest, card);
        }
        Effect::CardLinked(linked) => return apply_link(slice, linked),
        Effect::CardClosed(closed) => return apply_end(slice, closed),
        _ => {}
    }
    let Some(number) = card_of(effect) else { return };
    let Some(card) = slice.cards.get_mut(number) else { return };
    match effect {
        Effect::CardActivated(activated) => {
            card.life.inactive = false;
            card.life.expires_at = activated.expires_at;
        }
        Effect::CardBlocked(blocked) => {
            card.life.blocked = true;
            card.life.reason.clone_from(&blocked.reason);
        }
        Effect::CardBound(bound) => {
            card.guest.clone_from(&bound.guest);
        }
        Effect::CardDemanded(demanded) => card.demands = demanded.challenge,
        Effect::CardExtended(extended) => card.life.expires_at = extended.expires_at,
        Effect::CardPinSet(set) => card.pin.clone_from(&set.pin),
        Effect::CardShared(shared) => {
            card.shared.retain(|guest| *guest != shared.guest);
            if shared.shared {
                card.shared.push(shared.guest.clone());
            }
        }
        Effect::CardUnblocked(_) => (card.life.blocked, card.life.reason) = (false, None),
        _ => {}
    }
}

fn apply_end(slice: &mut Slice, closed: &CardClosed) {
    let old = slice.cards.get_mut(&closed.card).map(|card| {
        card.life.closed = true;
        card.life.replaced_by.clone_from(&closed.replaced_by);
        card.clone()
    });
    let new = closed.replaced_by.as_ref().and_then(|new| slice.cards.get_mut(new));
    if let Some(new) = new {
        new.replaces = Some(closed.card.clone());
        if let Some(old) = old {
            new.take_over(&old);
        }
    }
}

fn apply_link(slice: &mut Slice, linked: &CardLinked) {
    if let Some(card) = slice.cards.get_mut(&linked.card) {
        card.linked.clone_from(&linked.to);
    }
    let now = linked.to.as_ref().and_then(|to| slice.cards.get_mut(to));
    if let Some(now) = now {
        now.links.retain(|link| *link != linked.card);
        now.links.push(linked.card.clone());
    }
}

fn card_of(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::CardActivated(fact) => Some(&fact.card),
        Effect::CardBlocked(fact) => Some(&fact.card),
        Effect::CardBound(fact) => Some(&fact.card),
        Effect::CardDemanded(fact) => Some(&fact.card),
        Effect::CardExtended(fact) => Some(&fact.card),
        Effect::CardPinSet(fact) => Some(&fact.card),
        Effect::CardShared(fact) => Some(&fact.card),
        Effect::CardUnblocked(fact) => Some(&fact.card),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn closed_weighs_more_than_expired_that_more_than_blocked_and_that_more_than_issued() {
        let mut life = CardLife { inactive: true, ..CardLife::default() };
        assert_eq!(life.status(at(5)), CardStatus::Issued);
        life.blocked = true;
        assert_eq!(life.status(at(5)), CardStatus::Blocked);
        life.expires_at = Some(at(6));
        assert_eq!(life.status(at(5)), CardStatus::Blocked);
        assert_eq!(life.status(at(6)), CardStatus::Expired);
        life.closed = true;
        assert_eq!(life.status(at(6)), CardStatus::Closed);
    }

    #[test]
    fn a_manager_meets_the_code_but_the_code_does_not_meet_the_manager() {
        let demanding = |challenge| CardState { demands: Some(challenge), ..CardState::default() };
        let unmet = |demand, confirmed, proved| {
            demanding(demand).unmet_challenge(None, confirmed, proved).is_some()
        };
        assert!(!unmet(Challenge::None, Challenge::None, None));
        assert!(!unmet(Challenge::Code, Challenge::Manager, None));
        assert!(unmet(Challenge::Manager, Challenge::Code, None));
        assert!(unmet(Challenge::Online, Challenge::Manager, None));
        // That the host says a PIN was typed proves nothing; a presentation does.
        assert!(unmet(Challenge::Pin, Challenge::Pin, Some(Presented::Rotating)));
        assert!(!unmet(Challenge::Pin, Challenge::None, Some(Presented::Pin)));
    }
}
