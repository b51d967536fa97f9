//! Numbers that stand for a card, and a number that takes the place of another.

use super::card_life::{Shown, Subject, wrong_state};
use super::card_number::number_fault;
use super::draft::Draft;
use super::state::{require_known, require_living};
use crate::account::Part;
use crate::amount::Amount;
use crate::command::CardLink;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::record::{
    CardClosed, CardDemanded, CardIssued, CardLinked, CardPinSet, CardShared, Effect, LotMove,
};

/// Makes a number stand for another card.
pub(super) fn link(
    draft: &mut Draft<'_>,
    subject: &Subject<'_>,
    link: &CardLink,
) -> Result<Shown, Error> {
    let (path, to) = ("/action/link/to", normalise(&link.to));
    let target = require_living(draft, to, path)?;
    if target.linked.is_some() || to == subject.number || target.kind != subject.card.kind {
        let message = "name another card of the same kind that is no link itself";
        return Err(wrong_state(path, message));
    }
    if draft.slice.links_of(subject.number).next().is_some() {
        let message = "other numbers stand for this card; unlink them first";
        return Err(wrong_state("/card", message));
    }
    if subject.card.holds_anything() {
        let message = "the card holds something that would be out of reach; move it first";
        return Err(Error::new(ErrorCode::CardNotEmpty, "/card", message));
    }
    draft.read(to);
    let card = subject.number.to_owned();
    draft.push(Effect::CardLinked(CardLinked { card, to: Some(to.to_owned()) }));
    let mut view = draft.view(to).unwrap_or_default();
    view.linked = Some(subject.number.to_owned());
    Ok(Shown { card: Some(view), ..Shown::default() })
}

/// A number stands for itself again.
pub(super) fn unlink(draft: &mut Draft<'_>, subject: &Subject<'_>) -> Result<(), Error> {
    let Some(target) = &subject.card.linked else {
        return Err(wrong_state("/card", "the number stands for no other card"));
    };
    draft.read(target);
    let card = subject.number.to_owned();
    draft.push(Effect::CardLinked(CardLinked { card, to: None }));
    Ok(())
}

/// Another number takes the place of a card, with everything that it has.
pub(super) fn replace(
    draft: &mut Draft<'_>,
    subject: &Subject<'_>,
    link: &CardLink,
) -> Result<Shown, Error> {
    let (path, to) = ("/action/replace/to", normalise(&link.to));
    if draft.slice.card(to).is_some() {
        let message = format!("the card `{to}` exists already; take a new number");
        return Err(Error::new(ErrorCode::CardExists, path, message));
    }
    if let Some(message) = number_fault(subject.kind, to) {
        return Err(Error::new(ErrorCode::CardNumber, path, message));
    }
    if subject.card.has_hold(draft.at) {
        let message = "a reserved sale holds something of the card; confirm or cancel it";
        return Err(Error::new(ErrorCode::CardNotEmpty, "/card", message));
    }
    issue_again(draft, subject, to);
    for points in draft.kinds_of(subject.number) {
        move_account(draft, subject.number, to, &points);
    }
    for link in draft.slice.links_of(subject.number) {
        require_known(draft, link, "/card")?;
        draft.read(link);
        draft.push(Effect::CardLinked(CardLinked { card: link.clone(), to: Some(to.to_owned()) }));
    }
    Ok(Shown { card: draft.view(to), ..Shown::default() })
}

/// The new card as the old one is, and the end of the old one.
fn issue_again(draft: &mut Draft<'_>, subject: &Subject<'_>, to: &str) {
    let (old, card) = (subject.card, to.to_owned());
    draft.push(Effect::CardIssued(CardIssued {
        card: card.clone(),
        expires_at: old.life.expires_at,
        guest: old.guest.clone(),
        inactive: false,
        kind: old.kind.clone(),
        seat: old.seat.clone(),
    }));
    // What was counted with the old card goes over with its end, before anything moves: that lots
    // leave it is no loss that a tier could ask about.
    draft.push(Effect::CardClosed(CardClosed {
        card: subject.number.to_owned(),
        reason: subject.reason.cloned(),
        replaced_by: Some(card.clone()),
    }));
    for guest in &old.shared {
        let (card, guest) = (card.clone(), guest.clone());
        draft.push(Effect::CardShared(CardShared { card, guest, shared: true }));
    }
    if let Some(pin) = old.pin.clone() {
        draft.push(Effect::CardPinSet(CardPinSet { card: card.clone(), pin: Some(pin) }));
    }
    if old.demands.is_some() {
        draft.push(Effect::CardDemanded(CardDemanded { card, challenge: old.demands }));
    }
}

/// Moves all lots of an account, whatever their dates, and its debt.
fn move_account(draft: &mut Draft<'_>, from: &str, to: &str, points: &str) {
    let Some(account) = draft.account(from, points) else { return };
    let (parts, debt): (Vec<Part>, i64) = (account.everything(draft.at), account.debt);
    let digits = draft.digits_of(points);
    let amount = |units| Amount { units, digits };
    let sum = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.amount));
    for part in &parts {
        let lot = part.lot.clone();
        draft.move_lot(from, points, lot, amount(-part.amount), LotMove::Transferred);
    }
    let net = sum.saturating_sub(debt);
    if net != 0 {
        draft.post(from, points, amount(-net), &format!("card:{to}"));
    }
    for part in parts {
        draft.move_lot(to, points, part.lot, amount(part.amount), LotMove::Transferred);
    }
    if debt > 0 {
        draft.move_debt(from, points, amount(-debt));
        draft.move_debt(to, points, amount(debt));
    }
}
