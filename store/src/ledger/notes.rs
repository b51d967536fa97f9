//! What a ledger notes beside its records: whose it is, what the backend has, whether it is offline.

use std::borrow::Cow;

use jiff::Timestamp;
use kopilka::document::{Document, canonical, from_node};
use kopilka::json::Node;
use kopilka::{ChainEnd, Maintenance, Request};

use crate::error::StoreError;
use crate::store::Store;

/// The till.
pub(super) const TILL: &str = "till";
/// How many times its ledger was begun anew.
pub(super) const INCARNATION: &str = "incarnation";
/// The ends of all chains at the last checkpoint.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// What the backend is known to have of this till, one end for each incarnation.
pub(super) const ACKNOWLEDGED: &str = "acknowledged";
/// When it said so last.
pub(super) const ACKNOWLEDGED_AT: &str = "acknowledged_at";
/// Since when the host says that it is offline.
pub(super) const OFFLINE_SINCE: &str = "offline_since";
/// The planned time without a network.
pub(super) const MAINTENANCE: &str = "maintenance";

/// That it is a copy which is to begin anew.
pub(super) const RESTORED: &str = "restored";

const NOTE_BYTES_MAX: usize = 1 << 24;

/// What is noted of the backend.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub acknowledged: Vec<ChainEnd>,
    pub acknowledged_at: Option<Timestamp>,
    pub offline_since: Option<Timestamp>,
    pub maintenance: Option<Maintenance>,
}

impl Notes {
    pub fn read(store: &mut dyn Store) -> Result<Notes, StoreError> {
        Ok(Notes {
            acknowledged: read(store, ACKNOWLEDGED)?.unwrap_or_default(),
            acknowledged_at: read(store, ACKNOWLEDGED_AT)?,
            offline_since: read(store, OFFLINE_SINCE)?,
            maintenance: read(store, MAINTENANCE)?,
        })
    }

    /// Since when the ledger has no word from the backend at an instant, if it has none: as the
    /// host said, or because of a planned time without a network. That one lasts until its end,
    /// and until the backend was heard of after its beginning.
    pub fn offline_at(&self, at: Timestamp) -> Option<Timestamp> {
        if self.offline_since.is_some() {
            return self.offline_since;
        }
        let planned = self.maintenance.as_ref().filter(|planned| planned.from <= at)?;
        let heard = self.acknowledged_at.is_some_and(|heard| heard >= planned.from);
        let lasts = at < planned.until || !heard;
        lasts.then(|| self.acknowledged_at.unwrap_or(planned.from).min(planned.from))
    }

    /// Whether it was planned that the ledger has no word from the backend at an instant.
    pub fn is_planned(&self, at: Timestamp) -> bool {
        let planned = self.maintenance.as_ref();
        self.offline_at(at).is_some()
            && planned.is_some_and(|planned| planned.from <= at && at < planned.until)
    }

    /// A request with what the ledger knows and the host need not say.
    pub fn completed<'r>(&self, request: &'r Request) -> Cow<'r, Request> {
        match self.offline_at(request.at) {
            Some(since) if request.offline_since.is_none() => {
                Cow::Owned(Request { offline_since: Some(since), ..request.clone() })
            }
            _ => Cow::Borrowed(request),
        }
    }

    /// The number of the last record of an incarnation that the backend is known to have.
    pub fn acknowledged_of(&self, incarnation: u32) -> u64 {
        let own = self.acknowledged.iter().find(|end| end.incarnation == incarnation);
        own.map_or(0, |end| end.sequence)
    }
}

/// A note that is a document.
pub(super) fn read<T: Document>(
    store: &mut dyn Store,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let Some(text) = store.note(name)? else { return Ok(None) };
    let read = Node::parse(&text, NOTE_BYTES_MAX).and_then(|node| from_node(&node));
    read.map(Some)
        .map_err(|error| StoreError::damaged(format!("the note `{name}` cannot be read: {error}")))
}

/// A note as it is kept.
pub(super) fn written<T: Document>(name: &str, value: Option<&T>) -> (String, Option<String>) {
    (name.to_owned(), value.map(canonical))
}
