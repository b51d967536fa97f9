//! The cards of a receipt: which take part, what proves them, what must be met before they spend.

use jiff::Timestamp;

use super::{PresentCard, Pricing, WatchOrder, balance};
use crate::amount::Amount;
use crate::answer::{CardChallenge, CardView};
use crate::number::normalise;
use crate::order::{Challenge, Presented, PresentedCard};
use crate::program::CardUse;
use crate::program::rules::{CardRules, Rules};
use crate::reason::{Reason, ReasonCode};
use crate::slice::{CardState, Slice, presentation_of};

impl<'a> Pricing<'a> {
    /// Finds the presented cards that can be used, and tells why others cannot.
    pub(super) fn find_cards(&mut self) {
        for presented in &self.source.cards {
            let asked = normalise(&presented.number);
            let number = self.slice.resolve(asked);
            let state = self.slice.card(number);
            let rules = state.and_then(|state| self.rules.card_named(&state.kind));
            let Some((state, rules)) = state.zip(rules) else {
                self.refuse_unknown(asked);
                continue;
            };
            // Whoever only guesses the number of a gift card with a PIN must not learn that it is
            // one, nor what it holds.
            let hidden = rules.usage == CardUse::Gift && rules.pin.is_some();
            if hidden && self.proof(presented, state).is_none() && !self.any_state {
                self.refuse_unknown(asked);
                continue;
            }
            if let Some(reason) = self.refusal(asked, number, state) {
                self.reasons.push(reason);
                continue;
            }
            // An order with a card and its link is refused where an answer can say so; an order that
            // was prepared before they were linked takes the card once.
            if self.cards.iter().any(|card| card.number == number) {
                continue;
            }
            if asked != number {
                let reason = Reason::new(ReasonCode::CardLinked);
                self.reasons.push(reason.with("card", number).with("number", asked));
            }
            let zone = self.order.zone(self.rules);
            let tier = self.rules.standing(state, self.at, zone, 0).tier;
            let purchases = state.purchases;
            self.cards.push(PresentCard { number, state, rules, tier, purchases });
        }
    }

    fn refuse_unknown(&mut self, number: &str) {
        let code = self.rules.card_of_number(number).err().unwrap_or(ReasonCode::CardUnknown);
        self.reasons.push(Reason::new(code).with("card", number));
    }

    /// Why a card cannot be used, or the link under whose number it came.
    fn refusal(&self, asked: &str, number: &str, state: &CardState) -> Option<Reason> {
        if self.any_state {
            return None;
        }
        let link = self.slice.card(asked).filter(|_| asked != number);
        let of_link = link.and_then(|link| link.life.refusal(asked, self.at));
        of_link.or_else(|| state.life.refusal(number, self.at))
    }

    /// A card as the order names it, and the number under which it does, where that is a link.
    fn source_of(&self, number: &str) -> Option<&'a PresentedCard> {
        let stands_for =
            |one: &&PresentedCard| self.slice.resolve(normalise(&one.number)) == number;
        self.source.cards.iter().find(stands_for)
    }

    /// How strongly a presentation proves a card, if one on the order does.
    fn proof(&self, presented: &PresentedCard, state: &CardState) -> Option<Presented> {
        let minutes = self.rules.document.presenting.valid_minutes;
        presentation_of(state, presented.presentation.as_deref(), minutes, self.proved_at)
    }

    /// How a card was presented, as conditions see it.
    pub(super) fn strength(&self, card: &PresentCard<'_>) -> Option<Presented> {
        let presented = self.source_of(card.number)?;
        let proved = self.proof(presented, card.state);
        Some(proved.unwrap_or(said(presented.presented, card.rules)))
    }

    /// What must still be met before a card spends anything.
    pub(super) fn unmet_challenge(&self, card: usize) -> Option<CardChallenge> {
        let card = self.cards.get(card)?;
        let presented = self.source_of(card.number);
        let confirmed = presented.map_or(Challenge::None, |presented| presented.confirmed);
        let proved = presented.and_then(|presented| self.proof(presented, card.state));
        let challenge = card.state.unmet_challenge(Some(card.rules), confirmed, proved)?;
        Some(CardChallenge { card: card.number.to_owned(), challenge })
    }

    /// The reason for which a card spends nothing, if so: until a challenge is met, or because the
    /// watch lets it spend nothing. To be asked online is no such challenge of the card itself:
    /// while it cannot be, less is spent.
    pub(super) fn forbids_spending(&self, card: usize) -> Option<(Option<CardChallenge>, Reason)> {
        let own = self.unmet_challenge(card).filter(|one| one.challenge != Challenge::Online);
        if let Some(unmet) = own {
            let reason = challenge_reason(&unmet);
            return Some((Some(unmet), reason));
        }
        self.watch_forbids(self.card_number(card))
    }

    /// What the watch says of a card, if anything must be heeded.
    pub(super) fn watch_order(&self, number: &str) -> Option<&WatchOrder> {
        self.watch.iter().find(|order| order.card == number)
    }

    /// The same by the word of the watch alone.
    pub(super) fn watch_forbids(&self, number: &str) -> Option<(Option<CardChallenge>, Reason)> {
        let order = self.watch_order(number)?;
        if order.spends_nothing {
            let reason = Reason::new(ReasonCode::WatchSpendingRefused).with("card", number);
            return Some((None, reason));
        }
        let unmet = CardChallenge { card: number.to_owned(), challenge: order.challenge? };
        let reason = challenge_reason(&unmet);
        Some((Some(unmet), reason))
    }

    /// Notes what must be met before the receipt can spend what it wishes.
    pub(super) fn demand(&mut self, challenge: CardChallenge) {
        if !self.challenges.contains(&challenge) {
            self.challenges.push(challenge);
        }
    }

    /// The most money that points may pay while the server cannot be asked.
    pub(super) fn offline_maximum(&self, card: usize, maximum: Option<i64>) -> Option<i64> {
        let unasked = self.unmet_challenge(card).map(|unmet| unmet.challenge);
        let offline = self.source.offline || self.offline_since.is_some();
        let offline = offline || unasked == Some(Challenge::Online);
        maximum.filter(|_| offline).map(|maximum| self.order.money_from_program(maximum))
    }

    /// The number under which a card of the receipt came, where that is a link.
    pub(super) fn link_of(&self, number: &str) -> Option<String> {
        let asked = self.source_of(number).map(|presented| normalise(&presented.number))?;
        (asked != number).then(|| asked.to_owned())
    }
}

fn challenge_reason(unmet: &CardChallenge) -> Reason {
    let reason = Reason::new(ReasonCode::CardChallenge).with("card", &unmet.card);
    reason.with("challenge", unmet.challenge.as_str())
}

/// What the host's word for how a card was presented is worth: of a kind that the engine could
/// prove itself, a word proves nothing.
pub(crate) fn said(presented: Presented, kind: &CardRules) -> Presented {
    match presented {
        Presented::Rotating | Presented::Signed | Presented::Pin
            if kind.pin.is_some() || kind.rotating.is_some() =>
        {
            Presented::Static
        }
        said => said,
    }
}

/// A card as it is at an instant.
pub(crate) fn card_view(rules: &Rules, number: &str, card: &CardState, at: Timestamp) -> CardView {
    let kind = rules.card_named(&card.kind);
    let held = kind.map_or(&[][..], |kind| kind.points.as_slice());
    let held = || held.iter().filter_map(|points| rules.points.get(*points));
    let mut balances = Vec::new();
    let currency = rules.document.currency.as_str();
    let holds_money = kind.is_some_and(|kind| kind.usage == CardUse::Gift);
    if holds_money {
        let reading = card.account(currency).map(|account| account.read(at));
        balances.push(balance(currency, rules.currency_digits, &reading.unwrap_or_default()));
    }
    for points in held() {
        let reading = card.account(&points.id).map(|account| account.read(at));
        balances.push(balance(&points.id, points.digits, &reading.unwrap_or_default()));
    }
    let shown = |id: &str| held().any(|points| points.id == id) || (holds_money && id == currency);
    for (id, account) in card.accounts().filter(|(id, _)| !shown(id)) {
        balances.push(balance(id, rules.digits_of(id), &account.read(at)));
    }
    let standing = rules.standing(card, at, &rules.zone, 0);
    let tier = standing.tier.and_then(|tier| rules.tiers.get(tier));
    CardView {
        balances,
        blocked: card.life.blocked_because(),
        card: number.to_owned(),
        challenge: card.challenge(kind),
        expires_at: card.life.expires_at,
        guest: card.guest.clone(),
        kind: card.kind.clone(),
        linked: None,
        next_tier: rules.next_tier(card, at, &rules.zone),
        purchases: card.purchases,
        seat: card.seat.clone(),
        shared: card.shared.clone(),
        spent: Amount { units: card.spent, digits: rules.currency_digits },
        status: card.life.status(at),
        tier: tier.map(|tier| tier.id.clone()),
        tier_until: standing.until,
        usage: kind.map_or(CardUse::Bonus, |kind| kind.usage),
    }
}

/// The card that a number stands for as it is at an instant; the number is named where it is a link.
pub(crate) fn linked_view(
    rules: &Rules,
    slice: &Slice,
    number: &str,
    at: Timestamp,
) -> Option<CardView> {
    let own = slice.resolve(number);
    let mut view = card_view(rules, own, slice.card(own)?, at);
    view.linked = (own != number).then(|| number.to_owned());
    Some(view)
}
