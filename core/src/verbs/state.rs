//! Whether a card can be used in the state in which it is.

use super::draft::Draft;
use crate::error::{Error, ErrorCode};
use crate::slice::{CardLife, CardState};

/// Refuses a card that is not known.
pub(super) fn require_known<'a>(
    draft: &Draft<'a>,
    number: &str,
    path: &str,
) -> Result<&'a CardState, Error> {
    draft.slice.card(number).ok_or_else(|| {
        let message = format!("there is no card `{number}`");
        Error::new(ErrorCode::CardUnknown, path, message)
    })
}

/// Refuses a card that is not active, and a link that is not, or whose card is not.
pub(super) fn require_usable(draft: &Draft<'_>, number: &str, path: &str) -> Result<(), Error> {
    for number in [number, draft.slice.resolve(number)] {
        let card = require_known(draft, number, path)?;
        refuse(draft, number, &card.life, path, |_| true)?;
    }
    Ok(())
}

/// Refuses a card that has ended or was closed: nothing more can be done with it.
pub(super) fn require_living<'a>(
    draft: &Draft<'a>,
    number: &str,
    path: &str,
) -> Result<&'a CardState, Error> {
    let card = require_known(draft, number, path)?;
    let is_over = |code| matches!(code, ErrorCode::CardExpired | ErrorCode::CardClosed);
    refuse(draft, number, &card.life, path, is_over)?;
    Ok(card)
}

/// The error of a state, where that state is one that matters.
pub(super) fn refuse(
    draft: &Draft<'_>,
    number: &str,
    life: &CardLife,
    path: &str,
    matters: impl Fn(ErrorCode) -> bool,
) -> Result<(), Error> {
    match life.fault(draft.at).filter(|code| matters(*code)) {
        None => Ok(()),
        Some(code) => Err(Error::new(code, path, sentence(number, code))),
    }
}

/// What is wrong with a card in a state, and what to do.
fn sentence(number: &str, code: ErrorCode) -> String {
    match code {
        ErrorCode::CardInactive => {
            format!("the card `{number}` is not activated yet; activate it first")
        }
        ErrorCode::CardBlocked => format!("the card `{number}` is blocked; unblock it first"),
        ErrorCode::CardExpired => format!("the card `{number}` has expired; extend it first"),
        _ => format!("the card `{number}` was closed; take another one"),
    }
}
