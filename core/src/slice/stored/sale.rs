//! A stored sale: what happened to it, and the ids of the records that hold its receipt.

use std::sync::Arc;

use super::stored;
use crate::answer::SaleStatus;
use crate::record::{DisputeState, Entry, RecordId};
use crate::slice::{LineProgress, SaleState};

/// The receipt stands in the records that opened and completed the sale: it is not stored again.
pub(super) struct StoredSale {
    confirmed: Option<String>,
    dispute: Option<DisputeState>,
    id: String,
    into: Vec<String>,
    lines: Vec<LineProgress>,
    opened: String,
    points: Vec<(i64, i64)>,
    refunded: bool,
    status: SaleStatus,
    table: Option<String>,
    tenders: Vec<i64>,
    till: Option<String>,
}

stored!(StoredSale {
    confirmed,
    dispute,
    id,
    into,
    lines,
    opened,
    points,
    refunded,
    status,
    table,
    tenders,
    till,
});

impl StoredSale {
    pub fn of(sale: &SaleState) -> StoredSale {
        let id = |entry: &Arc<Entry>| entry.record.envelope.id().to_string();
        StoredSale {
            confirmed: sale.confirmed.as_ref().map(id),
            dispute: sale.dispute,
            id: sale.id.clone(),
            into: sale.into.clone(),
            lines: sale.lines.clone(),
            opened: id(&sale.opened),
            points: sale.points.clone(),
            refunded: sale.refunded,
            status: sale.status,
            table: sale.table.clone(),
            tenders: sale.tenders.clone(),
            till: sale.till.clone(),
        }
    }

    pub fn is_reserved(&self) -> bool {
        self.status == SaleStatus::Reserved
    }

    /// The ids of its records, if they are ids.
    pub fn records(&self) -> Option<Vec<RecordId>> {
        [Some(&self.opened), self.confirmed.as_ref()]
            .into_iter()
            .flatten()
            .map(|id| RecordId::parse(id))
            .collect()
    }

    /// The state, with its records among those given; `None` if one of them is not.
    pub fn state(self, entries: &[Arc<Entry>]) -> Option<SaleState> {
        let entry = |id: &String| {
            let id = RecordId::parse(id)?;
            entries.iter().find(|entry| entry.record.envelope.id() == id).cloned()
        };
        let confirmed = match &self.confirmed {
            None => None,
            Some(id) => Some(entry(id)?),
        };
        let opened = entry(&self.opened)?;
        opened.opening(&self.id)?;
        Some(SaleState {
            id: self.id,
            status: self.status,
            opened,
            confirmed,
            lines: self.lines,
            points: self.points,
            refunded: self.refunded,
            tenders: self.tenders,
            dispute: self.dispute,
            till: self.till,
            table: self.table,
            into: self.into,
        })
    }
}
