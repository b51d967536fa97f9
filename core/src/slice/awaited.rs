//! Confirms and cancels that wait for a sale of another till.

use std::sync::Arc;

use jiff::Timestamp;

use super::Slice;
use crate::record::{Effect, Entry, MatchAwaited, MatchSettled, Token};

impl Slice {
    /// The records whose confirm or cancel waits for a sale, by their time.
    pub(crate) fn awaited(&self, sale: &str) -> &[Arc<Entry>] {
        self.awaited.get(sale).map_or(&[], Vec::as_slice)
    }

    /// The sales that are known by now although something waits for them, in the order in which it
    /// began to wait.
    pub(crate) fn settleable(&self) -> Vec<&str> {
        let known = self.awaited.iter().filter(|(sale, _)| self.sale(sale).is_some());
        let mut sales: Vec<(&Arc<Entry>, &str)> =
            known.filter_map(|(sale, records)| Some((records.first()?, sale.as_str()))).collect();
        sales.sort_by(|one, other| (place(one.0), one.1).cmp(&(place(other.0), other.1)));
        sales.into_iter().map(|(_, sale)| sale).collect()
    }
}

/// Applies what a fact does to what waits, if anything.
pub(super) fn apply_to_awaited(slice: &mut Slice, entry: &Arc<Entry>, effect: &Effect) {
    match effect {
        Effect::MatchAwaited(awaited) => wait(slice, entry, awaited),
        Effect::MatchSettled(settled) => end(slice, settled),
        _ => {}
    }
}

fn wait(slice: &mut Slice, entry: &Arc<Entry>, awaited: &MatchAwaited) {
    let Ok(token) = Token::parse(&awaited.token) else { return };
    let records = slice.awaited.entry(token.sale()).or_default();
    let before = records.partition_point(|other| place(other) < place(entry));
    if records.get(before).is_none_or(|other| other.hash != entry.hash) {
        records.insert(before, Arc::clone(entry));
    }
}

fn end(slice: &mut Slice, settled: &MatchSettled) {
    let Some(records) = slice.awaited.get_mut(&settled.sale) else { return };
    records.retain(|entry| entry.record.envelope.id().to_string() != settled.record);
    if records.is_empty() {
        slice.awaited.remove(&settled.sale);
    }
}

/// The place of a record among those of all tills.
fn place(entry: &Entry) -> (Timestamp, &str, u32, u64) {
    let envelope = &entry.record.envelope;
    (envelope.logical_at, &envelope.till, envelope.incarnation, envelope.sequence)
}
