//! What the host tells a ledger of the backend: that it is out of reach, and what it has.

use jiff::Timestamp;
use kopilka::{ChainEnd, Error, ErrorCode, LedgerEvent, Maintenance, OfflineEvent};

use super::engine::Engine;
use super::notes::{self, Notes};
use crate::store::Change;

impl Engine {
    /// The host has no word from the backend.
    pub fn set_offline(&mut self, at: Timestamp) -> Result<(), Error> {
        if self.notes.offline_since.is_some() {
            return Ok(());
        }
        let since = self.notes.acknowledged_at.unwrap_or(at).min(at);
        let noted = Notes { offline_since: Some(since), ..self.notes.clone() };
        self.note(noted)?;
        let planned = self.notes.is_planned(at);
        if !(planned && self.told_planned) {
            self.events.push(LedgerEvent::WentOffline(OfflineEvent { planned, since }));
        }
        self.told_planned |= planned;
        Ok(())
    }

    /// Notes up to where the backend has the chains of this till, and that it was heard of.
    pub fn note_acknowledged(&mut self, heads: Vec<ChainEnd>, at: Timestamp) -> Result<(), Error> {
        let mut noted = self.notes.clone();
        for end in &heads {
            if end.sequence >= noted.acknowledged_of(end.incarnation) {
                noted.acknowledged.retain(|known| known.incarnation != end.incarnation);
                noted.acknowledged.push(end.clone());
            }
        }
        noted.acknowledged.sort_by_key(|end| end.incarnation);
        noted.acknowledged_at = noted.acknowledged_at.max(Some(at));
        noted.offline_since = None;
        self.note(noted)?;
        self.events.extend(heads.into_iter().map(LedgerEvent::Acknowledged));
        Ok(())
    }

    /// A time without a network is planned, or no longer.
    pub fn plan_maintenance(&mut self, planned: Option<Maintenance>) -> Result<(), Error> {
        if planned.as_ref().is_some_and(|planned| planned.until <= planned.from) {
            let message = "it must end after it begins";
            return Err(Error::new(ErrorCode::TimeRange, "/until", message));
        }
        let noted = Notes { maintenance: planned, ..self.notes.clone() };
        self.note(noted)
    }

    /// Keeps what is noted of the backend.
    fn note(&mut self, noted: Notes) -> Result<(), Error> {
        self.ensure_open()?;
        let acknowledged = Some(&noted.acknowledged).filter(|ends| !ends.is_empty());
        let change = Change {
            notes: vec![
                notes::written(notes::ACKNOWLEDGED, acknowledged),
                notes::written(notes::ACKNOWLEDGED_AT, noted.acknowledged_at.as_ref()),
                notes::written(notes::MAINTENANCE, noted.maintenance.as_ref()),
                notes::written(notes::OFFLINE_SINCE, noted.offline_since.as_ref()),
            ],
            ..Change::default()
        };
        let kept = self.store().and_then(|store| store.commit(&change));
        kept.map_err(|error| self.fail(error))?;
        self.notes = noted;
        Ok(())
    }
}
