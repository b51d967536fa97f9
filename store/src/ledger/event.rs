//! What happens in a ledger, for the host's log.

use std::fmt;
use std::time::Duration;

use kopilka::{Answer, CallEvent, Error, LedgerEvent, Request};

use super::health::micros;

/// Who is told what happens in a ledger. It is called after the ledger's lock is given back, by the
/// thread that called the ledger.
pub trait Listener: Send + Sync + fmt::Debug {
    /// Something happened.
    fn event(&self, event: &LedgerEvent);
}

/// How a call went.
pub(super) fn called(
    request: &Request,
    answer: &Result<Answer, Error>,
    took: Duration,
) -> LedgerEvent {
    LedgerEvent::Called(CallEvent {
        correlation: request.correlation.clone(),
        error: answer.as_ref().err().map(|error| error.code().as_str().to_owned()),
        micros: micros(took),
        verb: request.command.name().to_owned(),
    })
}
