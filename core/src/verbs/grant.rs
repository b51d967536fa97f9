//! Grant: points without a purchase.

use jiff::Timestamp;

use super::draft::{Draft, Place, place_of};
use super::limits::Limited;
use super::state::require_usable;
use crate::amount::Amount;
use crate::answer::{Answer, Changed};
use crate::command::GrantPoints;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::order::Challenge;
use crate::program::rules::GrantRules;
use crate::reason::Reason;
use crate::record::Record;
use crate::watch::{Verdict, WatchAction, WatchEvent, WatchKind};

pub(super) fn grant(mut draft: Draft<'_>, input: &GrantPoints) -> Result<Record, Error> {
    let rules = draft.rules;
    let Some(grant) = rules.grants.iter().find(|grant| grant.id == input.grant) else {
        let message = format!("the programme has no grant `{}`", input.grant);
        return Err(Error::new(ErrorCode::GrantUnknown, "/grant", message));
    };
    let number = draft.slice.resolve(normalise(&input.card));
    require_usable(&draft, normalise(&input.card), "/card")?;
    require_holder(&draft, number, grant.points, "/card")?;
    draft.read(number);
    let place = place_of!(input);
    let amount = rules.points.get(grant.points);
    let amount = amount.map(|points| Amount { units: grant.amount, digits: points.digits });
    let second = input.approved_by.as_ref().is_some_and(|by| Some(by) != input.cashier.as_ref());
    let verdict = draft.show_watch(&place, |base| WatchEvent {
        card: Some(number.to_owned()),
        confirmed: if second { Challenge::Manager } else { Challenge::None },
        earned: amount.unwrap_or_default(),
        kind: WatchKind::Grant,
        ..base
    });
    check_verdict(verdict.as_ref())?;
    let held_until = verdict.and_then(|verdict| verdict.held_until);
    let reasons = give(&mut draft, grant, number, &place, held_until);
    let answer = changed(&draft, reasons);
    draft.finish(answer, &place)
}

/// What the watch does not let be given by hand, is not given.
fn check_verdict(verdict: Option<&Verdict>) -> Result<(), Error> {
    let Some(verdict) = verdict else { return Ok(()) };
    if verdict.spending == WatchAction::Deny {
        let message = "the card, the cashier, the till or the programme is frozen; thaw it first";
        return Err(Error::new(ErrorCode::WatchRefused, "", message));
    }
    let message = match (verdict.earning, verdict.met) {
        (WatchAction::Deny, _) => {
            "no points are given to this card by this cashier; ask another one"
        }
        (WatchAction::StepUp, false) => {
            "a second person must approve it: name who in `approved_by`"
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorCode::WatchRefused, "/approved_by", message))
}

/// Gives a grant to a card that holds such points, as far as its limits let it; the watch may let it
/// wait.
pub(super) fn give(
    draft: &mut Draft<'_>,
    grant: &GrantRules,
    card: &str,
    place: &Place<'_>,
    held_until: Option<Timestamp>,
) -> Vec<Reason> {
    let Some(points) = draft.rules.points.get(grant.points) else {
        return Vec::new();
    };
    let limited = Limited { id: &grant.id, limits: &grant.limits, card, place };
    let allowed = draft.let_points(limited, grant.amount);
    let mut reasons: Vec<Reason> = allowed.reason.into_iter().collect();
    if allowed.points > 0 {
        let amount = Amount { units: allowed.points, digits: points.digits };
        let mut lot = grant.lot(amount, draft.at, draft.zone(place.store));
        lot.hold(held_until);
        reasons.extend(draft.credit_lot(card, &points.id, &lot, None));
        draft.count_points(limited, allowed.points);
    }
    reasons
}

/// Refuses a card that is not known or does not hold points of a kind.
pub(super) fn require_holder(
    draft: &Draft<'_>,
    number: &str,
    points: usize,
    path: &str,
) -> Result<(), Error> {
    let Some(card) = draft.slice.card(number) else {
        let message = format!("there is no card `{number}`");
        return Err(Error::new(ErrorCode::CardUnknown, path, message));
    };
    let kind = draft.rules.card_named(&card.kind);
    if !kind.is_some_and(|kind| kind.holds(points)) {
        let message = format!("the card `{number}` does not hold such points");
        return Err(Error::new(ErrorCode::CardAsset, path, message));
    }
    Ok(())
}

/// The answer of a verb that is no sale.
pub(super) fn changed(draft: &Draft<'_>, reasons: Vec<Reason>) -> Answer {
    Answer::Changed(Box::new(Changed {
        balances: draft.balance_changes(),
        reasons,
        record: draft.id.clone(),
        ..Changed::default()
    }))
}
