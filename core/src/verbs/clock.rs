//! Clock: a person says that a suspect clock is right.

use jiff::SignedDuration;

use super::draft::{Draft, place_of};
use crate::answer::{Answer, Changed};
use crate::clock::Clock;
use crate::command::{ChangeClock, ClockAction};
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode};
use crate::record::{ClockAccepted, Effect, Record};

/// How far the confirmed time may differ from the host's, in hours.
const CONFIRMED_HOURS_MAX: i64 = 1;

pub(super) fn accept(mut draft: Draft<'_>, input: &ChangeClock) -> Result<Record, Error> {
    let ClockAction::Accept(accept) = &input.action;
    let at = draft.request.at;
    let Clock::Suspect(suspect) = draft.slice.clock(at) else {
        let message = "the clock is not suspect; there is nothing to accept";
        return Err(Error::new(ErrorCode::ClockNotSuspect, "", message));
    };
    if let Some(confirmed) = accept.confirmed {
        let path = "/action/accept/confirmed";
        if !is_in_range(confirmed) {
            return Err(Error::new(ErrorCode::TimeRange, path, OUT_OF_RANGE));
        }
        let apart = at.duration_since(confirmed).abs();
        if apart > SignedDuration::from_hours(CONFIRMED_HOURS_MAX) {
            let message = "the host's clock is not at the confirmed time; set it right first";
            return Err(Error::new(ErrorCode::ClockDiffers, path, message));
        }
    }
    draft.accept_clock();
    draft.push(Effect::ClockAccepted(ClockAccepted { at, since: suspect.since }));
    let changed = Changed { record: draft.id.clone(), ..Changed::default() };
    draft.finish(Answer::Changed(Box::new(changed)), &place_of!(input))
}
