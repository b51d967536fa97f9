//! How a ledger is: what is told to whoever watches over tills.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use kopilka::{CallTimes, Error, Health, JournalState, Key, ProgramHealth, Schedule, Slice};

use super::engine::Engine;
use crate::error::StoreError;
use crate::merge::FORK;
use crate::store::Store;

/// Of how many calls the longest and the middle one are told.
const CALLS_KEPT: usize = 100;

/// How long calls took.
#[derive(Debug, Default)]
pub(super) struct Meter {
    calls: u64,
    failed: u64,
    last: VecDeque<u64>,
}

impl Meter {
    pub fn note(&mut self, took: Duration, failed: bool) {
        self.calls += 1;
        self.failed += u64::from(failed);
        if self.last.len() == CALLS_KEPT {
            self.last.pop_front();
        }
        self.last.push_back(micros(took));
    }

    fn told(&self) -> CallTimes {
        let mut sorted: Vec<u64> = self.last.iter().copied().collect();
        sorted.sort_unstable();
        CallTimes {
            calls: self.calls,
            failed: self.failed,
            last: self.last.back().copied().unwrap_or(0),
            longest: sorted.last().copied().unwrap_or(0),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0),
        }
    }
}

/// A length of time in whole microseconds.
pub(super) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The sales that are reserved, counted when somebody first asks and kept up from then on.
#[derive(Debug, Default)]
pub(super) struct Holds {
    open: Option<BTreeSet<String>>,
}

impl Holds {
    /// Takes over what became of sales.
    pub fn note<'k>(&mut self, slice: &Slice, keys: impl Iterator<Item = &'k Key>) {
        let Some(open) = &mut self.open else { return };
        for key in keys {
            if let Key::Sale(sale) = key {
                match slice.open_hold(sale) {
                    Some(_) => open.insert(sale.clone()),
                    None => open.remove(sale),
                };
            }
        }
    }

    /// Forgets what was counted: records of others came in.
    pub fn forget(&mut self) {
        self.open = None;
    }

    fn count(&mut self, store: &mut dyn Store) -> Result<u64, StoreError> {
        if self.open.is_none() {
            let mut open = BTreeSet::new();
            store.each_state("sale", &mut |(key, text)| {
                // What waits for a sale and has not come yet is not reserved.
                if Slice::is_open_hold(&key, &text) {
                    open.insert(key.id());
                }
                Ok(())
            })?;
            self.open = Some(open);
        }
        Ok(self.open.as_ref().map_or(0, |open| open.len() as u64))
    }
}

impl Engine {
    /// How the ledger is at an instant.
    pub fn health(&mut self, at: Timestamp) -> Result<Health, Error> {
        // Even where it cannot be opened, that can be told.
        let _closed = self.ensure_open();
        self.note_planned(at);
        let health = self.counted_health(at);
        health.map_err(|error| self.fail(error))
    }

    fn counted_health(&mut self, at: Timestamp) -> Result<Health, StoreError> {
        let slice = self.cache.slice();
        let head = slice.head().clone();
        let mut health = Health {
            at,
            calls: self.meter.told(),
            clock: slice.clock(at),
            forks: 0,
            incarnation: head.incarnation,
            journal: JournalState::Closed,
            maintenance: self.notes.maintenance.clone().filter(|planned| at < planned.until),
            newest: Some(head.logical_at).filter(|newest| *newest != Timestamp::MIN),
            offline_planned: self.notes.is_planned(at),
            offline_since: self.notes.offline_at(at),
            open_holds: 0,
            programs: in_force(slice.schedule(), slice.logical(at)),
            quarantined: 0,
            sequence: head.sequence,
            till: head.till,
            unsynced: 0,
        };
        if let Some(store) = self.store.as_deref_mut() {
            health.journal = JournalState::Open;
            health.open_holds = self.holds.count(store)?;
            store.each_quarantined(&mut |_| {
                health.quarantined += 1;
                Ok(())
            })?;
            store.each_note(&mut |(name, _)| {
                health.forks += u64::from(name.starts_with(FORK));
                Ok(())
            })?;
            health.unsynced = self.unsynced()?;
        }
        Ok(health)
    }

    /// How many records of this till the backend is not known to have.
    pub fn unsynced(&mut self) -> Result<u64, StoreError> {
        let heads = self.store()?.heads()?;
        let own = heads.iter().filter(|head| head.chain.till == self.opener.till);
        let unsynced = own.map(|head| {
            let known = self.notes.acknowledged_of(head.chain.incarnation);
            head.sequence.saturating_sub(known)
        });
        Ok(unsynced.sum())
    }
}

/// The programmes in force: where no store is named, then in each store that is named.
fn in_force(schedule: &Schedule, at: Timestamp) -> Vec<ProgramHealth> {
    let named = schedule.activations.iter().flat_map(|activation| &activation.stores);
    let stores: BTreeSet<&String> = named.collect();
    let places = [None].into_iter().chain(stores.into_iter().map(Some));
    let program = |store: Option<&String>| {
        let activation = schedule.in_force(store.map(String::as_str), at)?;
        Some(ProgramHealth {
            from: activation.from,
            recorded_at: activation.logical_at,
            store: store.cloned(),
            until: schedule.next_change(store.map(String::as_str), at),
            version: activation.version.clone(),
        })
    };
    places.filter_map(program).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_and_the_middle_are_those_of_the_last_hundred_calls() {
        let mut meter = Meter::default();
        meter.note(Duration::from_secs(1), true);
        for micros in 1..=100 {
            meter.note(Duration::from_micros(micros), false);
        }
        // Of 1 to 100 in order, the one at place 50 from 0 is 51.
        let told = meter.told();
        assert_eq!((told.calls, told.failed, told.last), (101, 1, 100));
        assert_eq!((told.longest, told.median), (100, 51));
    }

    #[test]
    fn before_the_first_call_no_time_is_told() {
        assert_eq!(Meter::default().told(), CallTimes::default());
    }
}
