//! Issue: a card comes to be.

use jiff::Timestamp;

use super::card::units;
use super::card_number::{made_number, number_fault};
use super::draft::{Draft, Place, place_of};
use super::grant;
use crate::amount::Amount;
use crate::answer::{Answer, CardAnswer};
use crate::command::{Issue, OpeningLot};
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::normalise;
use crate::pin::{hash_pin, pin_fault};
use crate::pricing::load::{QUOTA, has_no_room};
use crate::program::rules::{CardRules, Rules};
use crate::program::{Activation, CardUse, PinPolicy};
use crate::reason::ReasonCode;
use crate::record::{
    CardIssued, CardPinSet, Effect, Lot, LotOpened, PinHash, Record, Referred, SpendCounted,
};
use crate::slice::{LOADED, OPENING, Slice};
use crate::watch::{WatchAction, WatchEvent, WatchKind};

pub(super) fn issue(mut draft: Draft<'_>, input: &Issue) -> Result<Record, Error> {
    let given = normalise(&input.card);
    if draft.slice.card(given).is_some() {
        let message = format!("the card `{given}` exists already");
        return Err(Error::new(ErrorCode::CardExists, "/card", message));
    }
    let mut mistakes = Vec::new();
    let referrer = input.referred_by.as_ref().map(|by| draft.slice.resolve(normalise(by)));
    if let Some(by) = referrer.filter(|by| draft.slice.card(by).is_none()) {
        let message = format!("there is no card `{by}`");
        mistakes.push(Mistake::new(ErrorCode::CardUnknown, "/referred_by", message));
    }
    let kind = issued_kind(&draft, input, given, &mut mistakes);
    let number = new_number(&mut draft, kind, given, &mut mistakes);
    let guest = noted(known_guest(draft.slice, input.guest.as_ref(), "/guest"), &mut mistakes);
    let spent = input
        .spent
        .map_or(0, |spent| units(spent, draft.rules.currency_digits, "/spent", &mut mistakes));
    let opening: Vec<_> = input
        .opening
        .iter()
        .enumerate()
        .filter_map(|(index, lot)| opening_lot(&draft, kind?, lot, index, &mut mistakes))
        .collect();
    check_extras(kind, input, &mut mistakes);
    if kind.is_some_and(|kind| has_no_room(draft.slice, kind, draft.at, 0)) {
        mistakes.push(Mistake::new(ErrorCode::TicketQuota, "/card", QUOTA));
    }
    let pin = noted(new_pin(&mut draft, kind, input, &mistakes), &mut mistakes).flatten();
    let Some(kind) = kind.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes.into());
    };
    draft.set_day(input.store.as_ref());
    let place = place_of!(input);
    let inactive = kind.activation == Activation::Later;
    let expires_at = match input.expires_at {
        None if !inactive => kind.end(draft.at, draft.zone(place.store)),
        named => named,
    };
    draft.push(Effect::CardIssued(CardIssued {
        card: number.clone(),
        expires_at,
        guest: guest.flatten(),
        inactive,
        kind: kind.id.clone(),
        seat: input.seat.clone(),
    }));
    if pin.is_some() {
        draft.push(Effect::CardPinSet(CardPinSet { card: number.clone(), pin }));
    }
    if spent > 0 {
        draft.push(Effect::SpendCounted(SpendCounted {
            amount: Amount { units: spent, digits: draft.rules.currency_digits },
            at: draft.at,
            card: number.clone(),
            day: draft.day.to_string(),
            purchases: 0,
        }));
    }
    for (asset, amount, source) in opening {
        open_lot(&mut draft, &number, &asset, amount, source);
    }
    if let Some(by) = referrer {
        let (by, card) = (by.to_owned(), number.clone());
        draft.push(Effect::Referred(Referred { by, card }));
    }
    let (card, device) = (number.clone(), input.device.clone());
    let from = referrer.map(str::to_owned);
    let verdict = draft.show_watch(&place, |base| WatchEvent {
        card: Some(card),
        device,
        from,
        kind: WatchKind::Issue,
        ..base
    });
    let denied = verdict.as_ref().is_some_and(|verdict| verdict.earning == WatchAction::Deny);
    if !inactive && !denied {
        let held_until = verdict.and_then(|verdict| verdict.held_until);
        welcome(&mut draft, kind, &number, &place, held_until);
    }
    let card = draft.view(&number).unwrap_or_default();
    let answer =
        Answer::Card(CardAnswer { card, record: Some(draft.id.clone()), ..CardAnswer::default() });
    draft.finish(answer, &place)
}

/// What came of a check, with its mistakes noted.
fn noted<T>(outcome: Result<T, Error>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            mistakes.extend(error.mistakes().iter().cloned());
            None
        }
    }
}

/// Gives what every card of a kind starts with.
pub(super) fn welcome(
    draft: &mut Draft<'_>,
    kind: &CardRules,
    number: &str,
    place: &Place<'_>,
    held_until: Option<Timestamp>,
) {
    let rules = draft.rules;
    let welcome = kind.welcome.and_then(|grant| rules.grants.get(grant));
    if let Some(grant) = welcome.filter(|grant| kind.holds(grant.points)) {
        grant::give(draft, grant, number, place, held_until);
    }
}

/// The id of a guest whom a card may belong to: registered or not, but not erased. Of a guest who
/// was merged into another it is the other's.
pub(super) fn known_guest(
    slice: &Slice,
    id: Option<&String>,
    path: &str,
) -> Result<Option<String>, Error> {
    let Some(id) = id else { return Ok(None) };
    if id.is_empty() {
        return Err(Error::new(ErrorCode::DocumentTextEmpty, path, "name the guest"));
    }
    match slice.guest(id) {
        Some((_, guest)) if guest.erased => {
            let message = format!("the guest `{id}` was erased; register the person anew");
            Err(Error::new(ErrorCode::GuestErased, path, message))
        }
        Some((stays, _)) => Ok(Some(stays.to_owned())),
        None => Ok(Some(id.clone())),
    }
}

fn issued_kind<'a>(
    draft: &Draft<'a>,
    input: &Issue,
    number: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<&'a CardRules> {
    let rules = draft.rules;
    let mut wrong =
        |code, path: &str, message: &str| mistakes.push(Mistake::new(code, path, message));
    match (&input.kind, number) {
        (Some(id), _) => {
            let kind = rules.card_named(id);
            if kind.is_none() {
                let message = format!("the programme has no card `{id}`");
                wrong(ErrorCode::ProgramReference, "/kind", &message);
            }
            kind
        }
        (None, "") => {
            let message = "name the card, or the kind of card that a number is made for";
            wrong(ErrorCode::CardNumber, "/card", message);
            None
        }
        (None, _) if number.len() <= 64 => match rules.card_of_number(number) {
            Ok(kind) => Some(kind),
            Err(reason) => {
                wrong(ErrorCode::CardNumber, "/card", number_message(reason));
                None
            }
        },
        (None, _) => {
            wrong(ErrorCode::CardNumber, "/card", "a card's number has 1 to 64 bytes");
            None
        }
    }
}

/// The number that a card gets: the given one if it fits the kind, else one that is made.
fn new_number(
    draft: &mut Draft<'_>,
    kind: Option<&CardRules>,
    given: &str,
    mistakes: &mut Vec<Mistake>,
) -> String {
    let Some(kind) = kind else { return String::new() };
    if given.is_empty() {
        return noted(made_number(draft, kind), mistakes).unwrap_or_default();
    }
    if let Some(message) = number_fault(Some(kind), given) {
        mistakes.push(Mistake::new(ErrorCode::CardNumber, "/card", message));
    }
    given.to_owned()
}

/// What not every kind of card can have.
fn check_extras(kind: Option<&CardRules>, input: &Issue, mistakes: &mut Vec<Mistake>) {
    let mut wrong =
        |code, path: &str, message: &str| mistakes.push(Mistake::new(code, path, message));
    if input.seat.is_some() && kind.is_some_and(|kind| kind.usage != CardUse::Ticket) {
        wrong(ErrorCode::CardNotAllowed, "/seat", "only a ticket has a seat; leave it out");
    }
    if input.expires_at.is_some_and(|end| !is_in_range(end)) {
        wrong(ErrorCode::TimeRange, "/expires_at", OUT_OF_RANGE);
    }
}

/// The PIN of a new card. Nothing is hashed before everything else is known to be right: it is slow.
fn new_pin(
    draft: &mut Draft<'_>,
    kind: Option<&CardRules>,
    input: &Issue,
    mistakes: &[Mistake],
) -> Result<Option<PinHash>, Error> {
    let Some((pin, kind)) = input.pin.as_ref().zip(kind) else { return Ok(None) };
    let policy = pin_policy(kind, "/pin")?;
    if let Some(message) = pin_fault(pin, policy) {
        return Err(Error::new(ErrorCode::CardPin, "/pin", message));
    }
    if !mistakes.is_empty() {
        return Ok(None);
    }
    let mut chance = draft.chance("pin")?;
    Ok(Some(hash_pin(pin, policy.iterations, &mut chance)))
}

/// How the PINs of a kind are.
pub(super) fn pin_policy<'a>(kind: &'a CardRules, path: &str) -> Result<&'a PinPolicy, Error> {
    kind.pin.as_ref().ok_or_else(|| {
        let message = format!("cards of the kind `{}` have no PIN", kind.id);
        Error::new(ErrorCode::CardNotAllowed, path, message)
    })
}

pub(super) fn number_message(reason: ReasonCode) -> &'static str {
    match reason {
        ReasonCode::CardCheckDigit => "the number's check digit is wrong; read it again",
        _ => "the number fits none of the programme's cards",
    }
}

/// What an account of a card holds.
struct Asset {
    id: String,
    digits: u8,
    /// The programme's account from which an opening comes.
    from: &'static str,
}

/// What cards of a kind hold: the money of the programme, or points.
fn assets(rules: &Rules, kind: &CardRules) -> Vec<Asset> {
    let money = (kind.usage == CardUse::Gift).then(|| Asset {
        id: rules.document.currency.clone(),
        digits: rules.currency_digits,
        from: LOADED,
    });
    let points = kind.points.iter().filter_map(|points| rules.points.get(*points));
    let points =
        points.map(|held| Asset { id: held.id.clone(), digits: held.digits, from: "issued" });
    money.into_iter().chain(points).collect()
}

fn opening_lot<'a>(
    draft: &Draft<'_>,
    kind: &CardRules,
    lot: &'a OpeningLot,
    index: usize,
    mistakes: &mut Vec<Mistake>,
) -> Option<(Asset, i64, &'a OpeningLot)> {
    let path = format!("/opening/{index}");
    let named = |asset: &Asset| lot.points.as_ref().is_none_or(|id| *id == asset.id);
    let Some(asset) = assets(draft.rules, kind).into_iter().find(named) else {
        let message = format!("the card `{}` does not hold such points", kind.id);
        mistakes.push(Mistake::new(ErrorCode::CardAsset, format!("{path}/points"), message));
        return None;
    };
    let amount = units(lot.amount, asset.digits, &format!("{path}/amount"), mistakes);
    if lot.opens_at.zip(lot.expires_at).is_some_and(|(opens, expires)| expires <= opens) {
        let message = "the points end before they become usable";
        let place = format!("{path}/expires_at");
        mistakes.push(Mistake::new(ErrorCode::ProgramContradiction, place, message));
    }
    if asset.from == LOADED && lot.expires_at.is_some() {
        let message = "stored value ends with its card; name the end of the card instead";
        let place = format!("{path}/expires_at");
        mistakes.push(Mistake::new(ErrorCode::CardNotAllowed, place, message));
    }
    for (key, instant) in [("opens_at", lot.opens_at), ("expires_at", lot.expires_at)] {
        if instant.is_some_and(|instant| !is_in_range(instant)) {
            mistakes.push(Mistake::new(
                ErrorCode::TimeRange,
                format!("{path}/{key}"),
                OUT_OF_RANGE,
            ));
        }
    }
    (amount > 0).then_some((asset, amount, lot))
}

fn open_lot(draft: &mut Draft<'_>, card: &str, asset: &Asset, units: i64, source: &OpeningLot) {
    let amount = Amount { units, digits: asset.digits };
    // All money on a card ends with it.
    let of_card = draft.card(card).and_then(|card| card.life.expires_at);
    let expires_at = if asset.from == LOADED { of_card } else { source.expires_at };
    let lot = Lot {
        earned_at: draft.at,
        expires_at,
        id: draft.new_lot_id(),
        opens_at: source.opens_at.filter(|opens| *opens > draft.at),
        ..Lot::default()
    };
    draft.push(Effect::LotOpened(LotOpened {
        amount,
        card: card.to_owned(),
        lot,
        points: asset.id.clone(),
        rule: OPENING.into(),
        sale: None,
    }));
    draft.post(card, &asset.id, amount, asset.from);
}
