//! A guest's personal data leave the ledger's files.

use std::path::Path;

use jiff::Timestamp;
use kopilka::{ChangeGuest, Command, Erasure, Error, ErrorCode, GuestAction, NoDetails, Request};

use super::backup::is_kept;
use super::engine::Engine;
use super::opening::Place;
use super::recover::name;
use crate::files::Files;
use crate::location::io_fault;

/// The call that erases a guest.
pub(super) fn erasing(guest: &str, key: &str, at: Timestamp) -> Request {
    let change = ChangeGuest {
        action: GuestAction::Erase(NoDetails::default()),
        guest: Some(guest.to_owned()),
        ..ChangeGuest::default()
    };
    Request { key: Some(key.to_owned()), ..Request::new(at, Command::Guest(change)) }
}

impl Engine {
    /// Writes the file anew, so that nothing of what was erased is left in it or its log.
    pub fn wipe(&mut self, key: &str) -> Result<Erasure, Error> {
        self.ensure_open()?;
        self.checkpoint().map_err(|error| self.fail(error))?;
        let wiped = self.store().and_then(|store| store.wipe());
        wiped.map_err(|error| self.fail(error))?;
        let entry = self.recorded(key).map_err(|error| self.fail(error))?;
        let lost = || Error::new(ErrorCode::Internal, "", "the record of the erasure is missing");
        let record = entry.ok_or_else(lost)?.record.envelope.id().to_string();
        let kept = match &self.opener.place {
            Place::Store => Vec::new(),
            Place::File(path) => kept_beside(path, self.opener.options.sqlite.files.as_ref())?,
        };
        Ok(Erasure { kept, record })
    }
}

/// The files beside a ledger that were kept aside.
fn kept_beside(path: &Path, files: &dyn Files) -> Result<Vec<String>, Error> {
    let own = name(path);
    let names = files.names_beside(path).map_err(|error| io_fault(path, &error))?;
    let mut kept: Vec<String> = names.into_iter().filter(|file| is_kept(&own, file)).collect();
    kept.sort();
    Ok(kept)
}
