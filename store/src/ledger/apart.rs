//! Deciding anew what a till decided that did not know all records before it. What it knew of others
//! stands in no record, so it is found by trying: a record that comes out byte for byte shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kopilka::{Command, Entry, Key, Position, RecordId, touched};

use super::cache::Cache;
use super::folded::Folded;
use super::programs::Programs;
use super::records::ROWS_AT_ONCE;
use super::redecide::{Under, decide_again, head_before, request_of};
use super::shelf::Shelf;
use crate::error::StoreError;
use crate::store::{Chain, RecordRow, Store, StoredProfile, Visit};

/// How often it is tried for one record.
const TRIES_MAX: usize = 200;

/// Up to which record a till knew the chains of others; of those that are not named it knew nothing.
pub(super) type Known = BTreeMap<Chain, u64>;

/// A record for which it is tried.
pub(super) struct Apart<'s> {
    store: &'s mut dyn Store,
    programs: &'s mut Programs,
    entry: &'s Arc<Entry>,
    /// The states that were asked for in any of the tries, or are changed by the record.
    asked: BTreeSet<Key>,
    tries: usize,
}

impl<'s> Apart<'s> {
    pub fn of(
        store: &'s mut dyn Store,
        programs: &'s mut Programs,
        entry: &'s Arc<Entry>,
    ) -> Apart<'s> {
        let asked = touched(entry).into_iter().collect();
        Apart { store, programs, entry, asked, tries: 0 }
    }

    /// What the till knew when the very same record comes of it; `None` if nothing of the kind is
    /// found. What it knew at its last decision is tried first, then its own records alone, then all
    /// of others up to some instant, then less of one than of another.
    pub fn find(mut self, last: Option<&Known>) -> Result<Option<Known>, StoreError> {
        let alone = Known::new();
        for known in last.into_iter().chain([&alone]) {
            if self.is_same(known)? {
                return Ok(Some(known.clone()));
            }
        }
        loop {
            let asked = self.asked.len();
            let others = self.others()?;
            if let Some(known) = self.first(up_to_an_instant(&others))? {
                return Ok(Some(known));
            }
            // Other states may be asked for by whoever knows more.
            if self.asked.len() == asked || self.tries >= TRIES_MAX {
                return self.first(less_of_some(&others));
            }
        }
    }

    fn first(&mut self, tries: Vec<Known>) -> Result<Option<Known>, StoreError> {
        for known in tries {
            if self.tries >= TRIES_MAX {
                break;
            }
            if self.is_same(&known)? {
                return Ok(Some(known));
            }
        }
        Ok(None)
    }

    /// Whether the same record comes of what a till knows.
    fn is_same(&mut self, known: &Known) -> Result<bool, StoreError> {
        self.tries += 1;
        let own = Chain::of(&self.entry.record.envelope.id());
        let all_programs = !matches!(self.entry.record.command, Command::Program(_));
        let known = Some((own, known));
        let folded = Folded { store: &mut *self.store, before: None, known, all_programs };
        let mut shelf = Asking { shelf: folded, asked: &mut self.asked };
        let mut cache = Cache::new(&mut shelf, head_before(self.entry))?;
        let under = Under::Recorded(&self.entry.record.envelope.program.version);
        let request = request_of(self.entry);
        let now = decide_again(&mut cache, &mut shelf, self.programs, under, &request)?;
        Ok(now.is_ok_and(|now| now.hash == self.entry.hash))
    }

    /// The places of the records of others that touch what was asked for, in order.
    fn others(&mut self) -> Result<Vec<Position>, StoreError> {
        let own = Chain::of(&self.entry.record.envelope.id());
        let keys: Vec<Key> = self.asked.iter().cloned().collect();
        let mut others = Vec::new();
        let mut after: Option<Position> = None;
        loop {
            let rows = self.store.records_touching(&keys, after.as_ref(), ROWS_AT_ONCE)?;
            let places = rows.into_iter().map(|row| row.position);
            let before = others.len();
            let mut last = None;
            for place in places {
                last = Some(place.clone());
                if Chain::of(&place.id()) != own {
                    others.push(place);
                }
            }
            // Only the newest can be unknown to a till for which it is worth trying.
            if before > TRIES_MAX {
                others.drain(..before - TRIES_MAX);
            }
            let Some(last) = last else { return Ok(others) };
            after = Some(last);
        }
    }
}

/// All records up to each of some, the latest first.
fn up_to_an_instant(others: &[Position]) -> Vec<Known> {
    let mut known = Known::new();
    let mut all = Vec::new();
    for place in others {
        known.insert(Chain::of(&place.id()), place.sequence);
        all.push(known.clone());
    }
    all.reverse();
    all
}

/// Of each chain all but some of its last records; those first of which the fewest are left out.
fn less_of_some(others: &[Position]) -> Vec<Known> {
    let mut chains: BTreeMap<Chain, Vec<u64>> = BTreeMap::new();
    for place in others {
        chains.entry(Chain::of(&place.id())).or_default().push(place.sequence);
    }
    let chains: Vec<(Chain, Vec<u64>)> = chains.into_iter().collect();
    let mut all = Vec::new();
    for left in 0..=others.len() {
        leave_out(&chains, left, &Known::new(), &mut all);
    }
    all
}

fn leave_out(chains: &[(Chain, Vec<u64>)], left: usize, known: &Known, all: &mut Vec<Known>) {
    if all.len() >= TRIES_MAX {
        return;
    }
    let Some(((chain, numbers), rest)) = chains.split_first() else {
        if left == 0 {
            all.push(known.clone());
        }
        return;
    };
    for out in 0..=left.min(numbers.len()) {
        let mut known = known.clone();
        let last = numbers.len().checked_sub(out + 1).and_then(|last| numbers.get(last));
        if let Some(last) = last {
            known.insert(chain.clone(), *last);
        }
        leave_out(rest, left - out, &known, all);
    }
}

/// A shelf that notes for what it was asked.
struct Asking<'s, 'f> {
    shelf: Folded<'f>,
    asked: &'s mut BTreeSet<Key>,
}

impl Shelf for Asking<'_, '_> {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        let is_program = key.decides();
        if !is_program || !self.shelf.all_programs {
            self.asked.insert(key.clone());
        }
        self.shelf.state(key)
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        self.shelf.each_state(kind, visit)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        self.shelf.record(id)
    }

    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError> {
        self.shelf.profile(guest)
    }

    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError> {
        self.shelf.profiles_by_phone(phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(till: &str, sequence: u64) -> Position {
        let id = RecordId { till: till.into(), incarnation: 1, sequence };
        let logical_at = jiff::Timestamp::UNIX_EPOCH;
        let RecordId { till, incarnation, sequence } = id;
        Position { logical_at, till, incarnation, sequence }
    }

    fn named(known: &[Known]) -> Vec<String> {
        let one = |known: &Known| {
            let of = |(chain, last): (&Chain, &u64)| format!("{}{last}", chain.till);
            known.iter().map(of).collect::<Vec<_>>().join(" ")
        };
        known.iter().map(one).collect()
    }

    #[test]
    fn what_was_known_up_to_an_instant_is_tried_from_the_latest_on() {
        let others = [place("a", 3), place("b", 1), place("a", 7)];
        assert_eq!(named(&up_to_an_instant(&others)), ["a7 b1", "a3 b1", "a3"]);
    }

    #[test]
    fn every_way_to_know_less_is_tried_once_with_the_fewest_left_out_first() {
        let others = [place("a", 3), place("b", 1), place("a", 7)];
        let all = ["a7 b1", "a7", "a3 b1", "a3", "b1", ""];
        assert_eq!(named(&less_of_some(&others)), all);
        let many: Vec<Position> = (1..=60).map(|number| place(["a", "b"][number % 2], 1)).collect();
        assert_eq!(less_of_some(&many).len(), TRIES_MAX);
    }
}
