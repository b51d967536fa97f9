//! The life of a card: what is done with it in each state.

use super::card_replace::{link, replace, unlink};
use super::draft::{Draft, Place, place_of};
use super::issue::{known_guest, pin_policy, welcome};
use super::lots::Gone;
use super::state::require_known;
use crate::amount::Amount;
use crate::answer::{Answer, CardAnswer, CardStatus, CardView};
use crate::command::{
    CardAction, CardDemand, CardGuest, CardPin, ChangeCard, CloseCard, ExtendCard,
};
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::order::Challenge;
use crate::pin::{hash_pin, pin_fault};
use crate::program::CardUse;
use crate::program::rules::CardRules;
use crate::record::{
    CardActivated, CardBlocked, CardBound, CardClosed, CardDemanded, CardExtended, CardNamed,
    CardPinSet, CardShared, Effect, Lot, LotMove, Record,
};
use crate::slice::CardState;
use crate::watch::{WatchEvent, WatchKind};

/// A card and what is done with it.
pub(super) struct Subject<'a> {
    pub number: &'a str,
    pub card: &'a CardState,
    pub kind: Option<&'a CardRules>,
    /// Why, in the host's words.
    pub reason: Option<&'a String>,
}

/// What an answer shows besides the card itself.
#[derive(Default)]
pub(super) struct Shown {
    /// The card that it shows, where that is another one.
    pub card: Option<CardView>,
    pub paid_out: Option<Amount>,
}

pub(super) fn change(mut draft: Draft<'_>, input: &ChangeCard) -> Result<Record, Error> {
    let number = normalise(&input.card);
    let card = require_known(&draft, number, "/card")?;
    if let Some(code) = state_fault(&input.action, card.life.status(draft.at)) {
        let action = input.action.name();
        let state = card.life.status(draft.at).as_str();
        let message = format!("the card `{number}` is {state}, so that `{action}` does not fit it");
        return Err(Error::new(code, "/card", message));
    }
    if let Some(to) = card.linked.as_ref().filter(|_| is_of_the_card(&input.action)) {
        let message = format!("the number `{number}` stands for the card `{to}`; name that card");
        return Err(Error::new(ErrorCode::CardState, "/card", message));
    }
    let kind = draft.rules.card_named(&card.kind);
    let subject = Subject { number, card, kind, reason: input.reason.as_ref() };
    let place = place_of!(input);
    draft.set_day(place.store);
    draft.read(number);
    if matches!(input.action, CardAction::Link(_) | CardAction::PayOut(_) | CardAction::Replace(_))
    {
        draft.refuse_frozen(number, "/card")?;
    }
    let shown = act(&mut draft, &subject, &input.action, &place)?;
    if let Some(kind) = watched_kind(&input.action, card) {
        draft.show_watch(&place, |base| WatchEvent { card: Some(number.to_owned()), kind, ..base });
    }
    let own = draft.view(number).unwrap_or_default();
    let answer = Answer::Card(CardAnswer {
        card: shown.card.unwrap_or(own),
        paid_out: shown.paid_out,
        record: Some(draft.id.clone()),
        ..CardAnswer::default()
    });
    draft.finish(answer, &place)
}

/// What the watch sees of an action, if anything: who locks and unlocks, and what makes a card easier
/// to rob.
fn watched_kind(action: &CardAction, card: &CardState) -> Option<WatchKind> {
    match action {
        CardAction::Block(_)
        | CardAction::Demand(_)
        | CardAction::Unblock(_)
        | CardAction::Unlock(_) => Some(WatchKind::Freeze),
        // A first PIN only makes it harder.
        CardAction::Pin(_) => card.pin.as_ref().map(|_| WatchKind::Credential),
        CardAction::Bind(_) | CardAction::Link(_) | CardAction::Replace(_) => {
            Some(WatchKind::Credential)
        }
        CardAction::Share(_) => Some(WatchKind::Share),
        CardAction::Activate(_)
        | CardAction::Close(_)
        | CardAction::Extend(_)
        | CardAction::PayOut(_)
        | CardAction::Unbind(_)
        | CardAction::Unlink(_)
        | CardAction::Unshare(_) => None,
    }
}

/// Why an action does not fit the state of a card, if it does not.
fn state_fault(action: &CardAction, status: CardStatus) -> Option<ErrorCode> {
    use CardAction as Do;
    use CardStatus::{Active, Blocked, Closed, Expired, Issued};
    match (action, status) {
        (Do::Close(_), Closed) => Some(ErrorCode::CardState),
        (_, Closed) => Some(ErrorCode::CardClosed),
        (Do::Close(_), _) => None,
        (Do::Extend(_) | Do::Replace(_) | Do::PayOut(_), Issued) => Some(ErrorCode::CardInactive),
        (Do::Extend(_), _) => None,
        (_, Expired) => Some(ErrorCode::CardExpired),
        (Do::Activate(_) | Do::PayOut(_), Blocked) => Some(ErrorCode::CardBlocked),
        (Do::Activate(_), Active) | (Do::Block(_), Blocked) => Some(ErrorCode::CardState),
        (Do::Unblock(_), Issued | Active) => Some(ErrorCode::CardState),
        _ => None,
    }
}

/// Whether an action is about the card rather than about the number that a link is.
fn is_of_the_card(action: &CardAction) -> bool {
    !matches!(
        action,
        CardAction::Activate(_)
            | CardAction::Block(_)
            | CardAction::Close(_)
            | CardAction::Extend(_)
            | CardAction::Unblock(_)
            | CardAction::Unlink(_)
    )
}

fn act(
    draft: &mut Draft<'_>,
    subject: &Subject<'_>,
    action: &CardAction,
    place: &Place<'_>,
) -> Result<Shown, Error> {
    let card = subject.number.to_owned();
    match action {
        CardAction::Activate(_) => activate(draft, subject.number, place),
        CardAction::Bind(to) => bind(draft, subject, Some(to))?,
        CardAction::Block(_) => {
            let reason = subject.reason.cloned();
            draft.push(Effect::CardBlocked(CardBlocked { card, reason }));
        }
        CardAction::Close(how) => close(draft, subject, how)?,
        CardAction::Demand(demand) => self::demand(draft, subject, demand)?,
        CardAction::Extend(extend) => self::extend(draft, subject, extend)?,
        CardAction::Link(to) => return link(draft, subject, to),
        CardAction::PayOut(_) => return pay_out(draft, subject),
        CardAction::Pin(pin) => set_pin(draft, subject, pin)?,
        CardAction::Replace(to) => return replace(draft, subject, to),
        CardAction::Share(guest) => share(draft, subject, guest, true)?,
        CardAction::Unbind(_) => bind(draft, subject, None)?,
        CardAction::Unblock(_) => draft.push(Effect::CardUnblocked(CardNamed { card })),
        CardAction::Unlink(_) => unlink(draft, subject)?,
        CardAction::Unlock(_) => forget_attempts(draft, subject),
        CardAction::Unshare(guest) => share(draft, subject, guest, false)?,
    }
    Ok(Shown::default())
}

pub(super) fn wrong_state(path: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorCode::CardState, path, message)
}

/// A card that was issued inactive can be used from now on: its life begins, its money gets its
/// end, and it starts with what every card of its kind does.
pub(super) fn activate(draft: &mut Draft<'_>, number: &str, place: &Place<'_>) {
    let Some(card) = draft.card(number) else { return };
    let named = card.life.expires_at;
    let kind = draft.rules.card_named(&card.kind);
    let expires_at = named.or_else(|| kind?.end(draft.at, draft.zone(place.store)));
    let card = number.to_owned();
    draft.push(Effect::CardActivated(CardActivated { card, expires_at }));
    end_money(draft, number);
    if let Some(kind) = kind {
        welcome(draft, kind, number, place, None);
    }
}

/// Gives the money on a card the end of the card.
fn end_money(draft: &mut Draft<'_>, number: &str) {
    let Some(card) = draft.card(number) else { return };
    let kind = draft.rules.card_named(&card.kind);
    let expires_at = card.life.expires_at;
    let currency = &draft.rules.document.currency;
    let account = card.account(currency);
    let Some(account) = account.filter(|_| kind.is_some_and(|kind| kind.usage == CardUse::Gift))
    else {
        return;
    };
    let other = |lot: &&Lot| lot.expires_at != expires_at;
    let dated = account.lots().filter(other).map(|lot| Lot { expires_at, ..lot.clone() });
    let dated: Vec<Lot> = dated.collect();
    for lot in dated {
        draft.date_lot(number, currency, lot);
    }
}

fn extend(draft: &mut Draft<'_>, subject: &Subject<'_>, to: &ExtendCard) -> Result<(), Error> {
    if to.until.is_some_and(|until| !is_in_range(until)) {
        return Err(Error::new(ErrorCode::TimeRange, "/action/extend/until", OUT_OF_RANGE));
    }
    let card = subject.number.to_owned();
    draft.push(Effect::CardExtended(CardExtended { card, expires_at: to.until }));
    end_money(draft, subject.number);
    Ok(())
}

fn close(draft: &mut Draft<'_>, subject: &Subject<'_>, how: &CloseCard) -> Result<(), Error> {
    let not_empty = |message| Error::new(ErrorCode::CardNotEmpty, "/card", message);
    if subject.card.has_hold(draft.at) {
        return Err(not_empty("a reserved sale holds something of the card; confirm or cancel it"));
    }
    if subject.card.holds_anything() && !how.forfeit {
        return Err(not_empty("the card still holds something; say `forfeit` to write it off"));
    }
    for points in draft.kinds_of(subject.number) {
        let account = draft.account(subject.number, &points);
        let all = account.map(|account| account.everything(draft.at)).unwrap_or_default();
        let digits = draft.digits_of(&points);
        let of = Gone { card: subject.number, points: &points, digits };
        draft.remove(&of, all, LotMove::Forfeited, "forfeited");
    }
    draft.push(Effect::CardClosed(CardClosed {
        card: subject.number.to_owned(),
        reason: subject.reason.cloned(),
        replaced_by: None,
    }));
    Ok(())
}

/// Binds a card to a guest, or to nobody.
fn bind(draft: &mut Draft<'_>, subject: &Subject<'_>, to: Option<&CardGuest>) -> Result<(), Error> {
    let path = "/action/bind/guest";
    let guest = known_guest(draft.slice, to.map(|to| &to.guest), path)?;
    let owner = subject.card.guest.as_ref();
    if owner.is_none() && guest.is_none() {
        return Err(wrong_state("/card", "the card belongs to nobody"));
    }
    let ticket = subject.kind.and_then(|kind| kind.ticket.as_ref());
    let stays = ticket.is_some_and(|ticket| !ticket.transfer);
    if stays && owner.is_some() && owner != guest.as_ref() {
        let message = "this ticket belongs to a guest and cannot be handed to another";
        return Err(Error::new(ErrorCode::CardNotAllowed, "/card", message));
    }
    // Whoever owns a card need not share it.
    if let Some(guest) = guest.as_ref().filter(|guest| subject.card.shared.contains(guest)) {
        let (card, guest) = (subject.number.to_owned(), guest.clone());
        draft.push(Effect::CardShared(CardShared { card, guest, shared: false }));
    }
    draft.push(Effect::CardBound(CardBound { card: subject.number.to_owned(), guest }));
    Ok(())
}

/// Lets a further guest use a card, or no longer.
fn share(
    draft: &mut Draft<'_>,
    subject: &Subject<'_>,
    with: &CardGuest,
    shared: bool,
) -> Result<(), Error> {
    let path = if shared { "/action/share/guest" } else { "/action/unshare/guest" };
    let guest = known_guest(draft.slice, Some(&with.guest), path)?.unwrap_or_default();
    let shares = subject.card.shared.contains(&guest);
    if shared && (shares || subject.card.guest.as_ref() == Some(&guest)) {
        return Err(wrong_state("/card", format!("the guest `{guest}` may use the card already")));
    }
    if !shared && !shares {
        return Err(wrong_state("/card", format!("the card is not shared with `{guest}`")));
    }
    let card = subject.number.to_owned();
    draft.push(Effect::CardShared(CardShared { card, guest, shared }));
    Ok(())
}

fn set_pin(draft: &mut Draft<'_>, subject: &Subject<'_>, to: &CardPin) -> Result<(), Error> {
    let kind = subject.kind.ok_or_else(|| {
        let message = "the programme no longer has this kind of card";
        Error::new(ErrorCode::CardNotAllowed, "/card", message)
    })?;
    let policy = pin_policy(kind, "/card")?;
    let pin = match &to.pin {
        None => None,
        Some(pin) => {
            if let Some(message) = pin_fault(pin, policy) {
                return Err(Error::new(ErrorCode::CardPin, "/action/pin/pin", message));
            }
            let mut chance = draft.chance("pin")?;
            Some(hash_pin(pin, policy.iterations, &mut chance))
        }
    };
    draft.push(Effect::CardPinSet(CardPinSet { card: subject.number.to_owned(), pin }));
    forget_attempts(draft, subject);
    Ok(())
}

/// Forgets failed attempts at a card, under whichever number they were made.
fn forget_attempts(draft: &mut Draft<'_>, subject: &Subject<'_>) {
    let links = draft.slice.links_of(subject.number).map(String::as_str);
    for number in links.chain([subject.number]) {
        let card = number.to_owned();
        draft.push(Effect::AttemptsCleared(CardNamed { card }));
    }
}

fn demand(draft: &mut Draft<'_>, subject: &Subject<'_>, what: &CardDemand) -> Result<(), Error> {
    let has_pin = subject.kind.is_some_and(|kind| kind.pin.is_some());
    if what.challenge == Some(Challenge::Pin) && !has_pin {
        let message = "cards of this kind have no PIN, so that nobody could meet this";
        let path = "/action/demand/challenge";
        return Err(Error::new(ErrorCode::CardNotAllowed, path, message));
    }
    let (card, challenge) = (subject.number.to_owned(), what.challenge);
    draft.push(Effect::CardDemanded(CardDemanded { card, challenge }));
    Ok(())
}

/// Pays the rest of stored value out in money, if it is small enough.
fn pay_out(draft: &mut Draft<'_>, subject: &Subject<'_>) -> Result<Shown, Error> {
    let not_allowed = |message: &str| Error::new(ErrorCode::CardNotAllowed, "/card", message);
    let Some(value) = subject.kind.and_then(|kind| kind.stored_value.as_ref()) else {
        return Err(not_allowed("the card holds no money that could be paid out"));
    };
    let (rules, at) = (draft.rules, draft.at);
    let account = subject.card.account(&rules.document.currency);
    let reading = account.map(|account| account.read(at)).unwrap_or_default();
    let usable = reading.spendable;
    // What is held may come back, and would be a second rest.
    if usable + reading.held > value.cash_out.unwrap_or(-1) {
        return Err(not_allowed("the card holds more than may be paid out; spend it instead"));
    }
    if usable == 0 {
        return Err(wrong_state("/card", "nothing usable is left on the card"));
    }
    let parts = account.map(|account| account.take(usable, at)).unwrap_or_default();
    let (points, digits) = (rules.document.currency.as_str(), rules.currency_digits);
    let of = Gone { card: subject.number, points, digits };
    let units = draft.remove(&of, parts, LotMove::PaidOut, "paid_out");
    Ok(Shown { paid_out: Some(Amount { units, digits }), ..Shown::default() })
}
