//! The states of a slice by their keys, as a store puts and takes them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sale::StoredSale;
use super::{read, recorded, stored, text_of, unreadable};
use crate::document::canonical;
use crate::error::Error;
use crate::json::Node;
use crate::key::Key;
use crate::record::{Entry, RecordHash, RecordId};
use crate::slice::limit::LimitState;
use crate::slice::{GuestState, Schedule, Slice};

/// A guest, who may have cards before anything else is known.
struct StoredGuest {
    cards: Vec<String>,
    known: Known,
}

/// Whether there is a state, which itself may be empty.
type Known = Vec<GuestState>;

stored!(StoredGuest { cards, known });

/// A sale, for which a confirm or cancel may wait before it is known.
struct StoredSales {
    /// The records that wait for it.
    awaited: Vec<String>,
    known: Vec<StoredSale>,
}

stored!(StoredSales { awaited, known });

/// The record that answers for a key.
struct StoredCommand {
    record: String,
}

stored!(StoredCommand { record });

impl Slice {
    /// The canonical text of a state for a store: `None` if there is none, and for
    /// [`Key::Phone`], which is found by what is personal.
    ///
    /// The text is that of the whole state only if the slice had all of it when records were
    /// applied: load what [`touched`](crate::touched) names before [`apply`](crate::apply).
    #[must_use]
    pub fn stored(&self, key: &Key) -> Option<String> {
        match key {
            Key::Attempts(subject) => self.attempts.get(subject).map(text_of),
            Key::Card(number) => self.cards.get(number).map(text_of),
            Key::Command(command) => self.keys.get(command).map(|entry| {
                text_of(&StoredCommand { record: entry.record.envelope.id().to_string() })
            }),
            Key::Coupon(code) => self.coupons.get(code).map(text_of),
            Key::Guest(id) => self.stored_guest(id),
            Key::Limit(limit, subject) => {
                let periods = self.limits.get(&(limit.clone(), subject.clone()))?;
                let list =
                    |(period, state): (&String, &LimitState)| (period.clone(), state.clone());
                Some(text_of(&periods.iter().map(list).collect::<Vec<_>>()))
            }
            Key::Sale(id) => self.stored_sale(id),
            Key::Phone(_) => None,
            Key::Program(version) => self.program_document(version).map(str::to_owned),
            Key::Schedule => {
                let schedule = self.schedule();
                (*schedule != Schedule::default()).then(|| canonical(schedule))
            }
            Key::Watch(of, id) => self.watches.state.get(*of, id).map(text_of),
            Key::WatchPolicy(version) => self.watch_document(version).map(str::to_owned),
            Key::WatchSchedule => {
                let schedule = self.watch_schedule();
                (*schedule != Schedule::default()).then(|| canonical(schedule))
            }
        }
    }

    fn stored_sale(&self, id: &str) -> Option<String> {
        let waits = |entry: &Arc<Entry>| entry.record.envelope.id().to_string();
        let awaited: Vec<String> = self.awaited(id).iter().map(waits).collect();
        let known: Vec<StoredSale> = self.sales.get(id).map(StoredSale::of).into_iter().collect();
        let any = !known.is_empty() || !awaited.is_empty();
        any.then(|| text_of(&StoredSales { awaited, known }))
    }

    /// The keys of all states that are loaded, in order.
    #[must_use]
    pub fn loaded(&self) -> Vec<Key> {
        let limit =
            |(limit, subject): &(String, String)| Key::Limit(limit.clone(), subject.clone());
        let guests = self.guests.keys().chain(self.cards_of.keys());
        let mut keys: Vec<Key> = self.attempts.keys().cloned().map(Key::Attempts).collect();
        keys.extend(self.cards.keys().cloned().map(Key::Card));
        keys.extend(self.keys.keys().cloned().map(Key::Command));
        keys.extend(self.coupons.keys().cloned().map(Key::Coupon));
        keys.extend(guests.cloned().map(Key::Guest));
        keys.extend(self.limits.keys().map(limit));
        keys.extend(self.sales.keys().chain(self.awaited.keys()).cloned().map(Key::Sale));
        keys.extend(self.program_versions().map(|version| Key::Program(version.to_owned())));
        keys.extend((*self.schedule() != Schedule::default()).then_some(Key::Schedule));
        keys.extend(self.watches.state.ids().map(|(of, id)| Key::Watch(of, id.to_owned())));
        keys.extend(self.watch_versions().map(|version| Key::WatchPolicy(version.to_owned())));
        let scheduled = *self.watch_schedule() != Schedule::default();
        keys.extend(scheduled.then_some(Key::WatchSchedule));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn stored_guest(&self, id: &str) -> Option<String> {
        let known: Known = self.guests.get(id).cloned().into_iter().collect();
        let cards: Vec<String> = self.ever_cards_of(id).cloned().collect();
        let any = !known.is_empty() || !cards.is_empty();
        any.then(|| text_of(&StoredGuest { cards, known }))
    }

    /// The records that a stored state names, which [`Slice::restore`] needs: of a sale those that
    /// opened and completed it, of a command's key the one that answers for it.
    ///
    /// # Errors
    /// `record.chain` if the text is not that of such a state.
    pub fn records_of(key: &Key, text: &str) -> Result<Vec<RecordId>, Error> {
        match key {
            Key::Command(_) => {
                let command: StoredCommand = read(text)?;
                RecordId::parse(&command.record).map(|id| vec![id]).ok_or_else(unreadable)
            }
            Key::Sale(_) => {
                let stored: StoredSales = read(text)?;
                let waiting = stored.awaited.iter().map(|id| RecordId::parse(id));
                let mut ids: Vec<RecordId> =
                    waiting.collect::<Option<_>>().ok_or_else(unreadable)?;
                for sale in &stored.known {
                    ids.extend(sale.records().ok_or_else(unreadable)?);
                }
                Ok(ids)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a stored state is that of a sale which is reserved and neither confirmed nor cancelled,
    /// without the records that it names.
    #[must_use]
    pub fn is_open_hold(key: &Key, text: &str) -> bool {
        let sale = || read::<StoredSales>(text).ok()?.known.into_iter().next();
        matches!(key, Key::Sale(_)) && sale().is_some_and(|sale| sale.is_reserved())
    }

    /// Puts a state as [`Slice::stored`] gave it in the place of the one that is loaded, if any.
    /// `entries` has the records that [`Slice::records_of`] names, and may have others.
    ///
    /// # Errors
    /// `record.chain` if the text is not that of such a state, or if a record is missing.
    pub fn restore(&mut self, key: &Key, text: &str, entries: &[Arc<Entry>]) -> Result<(), Error> {
        match key {
            Key::Attempts(subject) => {
                self.attempts.insert(subject.clone(), read(text)?);
            }
            Key::Card(number) => self.insert_card(number, read(text)?),
            Key::Command(command) => {
                let stored: StoredCommand = read(text)?;
                let id = RecordId::parse(&stored.record).ok_or_else(unreadable)?;
                let entry = entries.iter().find(|entry| entry.record.envelope.id() == id);
                let entry = entry.filter(|entry| entry.record.envelope.key == *command);
                let entry = entry.cloned().ok_or_else(unreadable)?;
                self.keys.insert(command.clone(), entry);
            }
            Key::Coupon(code) => {
                self.coupons.insert(code.clone(), read(text)?);
            }
            Key::Guest(id) => self.restore_guest(id, read(text)?),
            Key::Limit(limit, subject) => {
                let periods: Vec<(String, LimitState)> = read(text)?;
                let key = (limit.clone(), subject.clone());
                self.limits.insert(key, periods.into_iter().collect());
            }
            Key::Sale(id) => self.restore_sale(id, read(text)?, entries)?,
            Key::Phone(_) => return Err(unreadable()),
            Key::Program(version) => self.restore_program(version, text)?,
            Key::Schedule => {
                let node = Node::parse(text, usize::MAX).map_err(|_| unreadable())?;
                self.set_schedule(recorded(&node).ok_or_else(unreadable)?);
            }
            Key::Watch(of, id) => self.watches.state.put(*of, id, read(text)?),
            Key::WatchPolicy(version) => {
                if RecordHash::of(text.as_bytes()).to_string() != *version {
                    return Err(unreadable());
                }
                self.put_watch(version, text);
            }
            Key::WatchSchedule => {
                let node = Node::parse(text, usize::MAX).map_err(|_| unreadable())?;
                self.set_watch_schedule(recorded(&node).ok_or_else(unreadable)?);
            }
        }
        Ok(())
    }

    /// A document is named by its hash, and it names the programme of the ledger.
    fn restore_program(&mut self, version: &str, text: &str) -> Result<(), Error> {
        let node = Node::parse(text, usize::MAX).map_err(|_| unreadable())?;
        let id = node.get("id").and_then(Node::text).ok_or_else(unreadable)?;
        if RecordHash::of(text.as_bytes()).to_string() != version {
            return Err(unreadable());
        }
        self.put_program(id, version, text);
        Ok(())
    }

    fn restore_sale(
        &mut self,
        id: &str,
        stored: StoredSales,
        entries: &[Arc<Entry>],
    ) -> Result<(), Error> {
        let named = |id: &String| {
            let id = RecordId::parse(id)?;
            entries.iter().find(|entry| entry.record.envelope.id() == id).cloned()
        };
        let awaited: Option<Vec<Arc<Entry>>> = stored.awaited.iter().map(named).collect();
        let awaited = awaited.ok_or_else(unreadable)?;
        self.forget(&Key::Sale(id.to_owned()));
        if !awaited.is_empty() {
            self.awaited.insert(id.to_owned(), awaited);
        }
        for sale in stored.known {
            let state = sale.state(entries).filter(|state| state.id == id);
            self.sales.insert(id.to_owned(), state.ok_or_else(unreadable)?);
        }
        Ok(())
    }

    fn restore_guest(&mut self, id: &str, stored: StoredGuest) {
        let cards: BTreeSet<String> = stored.cards.into_iter().collect();
        self.cards_of.insert(id.to_owned(), cards);
        self.guests.remove(id);
        if let Some(guest) = stored.known.into_iter().next() {
            self.guests.insert(id.to_owned(), guest);
        }
    }

    /// Drops a state, so that the slice need not hold more than what is asked for. What is personal
    /// of a guest goes with the guest.
    pub fn forget(&mut self, key: &Key) {
        match key {
            Key::Attempts(subject) => drop(self.attempts.remove(subject)),
            Key::Card(number) => drop(self.cards.remove(number)),
            Key::Command(command) => drop(self.keys.remove(command)),
            Key::Coupon(code) => drop(self.coupons.remove(code)),
            Key::Guest(id) => {
                self.guests.remove(id);
                self.cards_of.remove(id);
                self.profiles.remove(id);
            }
            Key::Limit(limit, subject) => {
                self.limits.remove(&(limit.clone(), subject.clone()));
            }
            Key::Sale(id) => {
                self.sales.remove(id);
                self.awaited.remove(id);
            }
            // Programmes say what decides: they stay.
            Key::Phone(_)
            | Key::Program(_)
            | Key::Schedule
            | Key::WatchPolicy(_)
            | Key::WatchSchedule => {}
            Key::Watch(of, id) => self.watches.state.remove(*of, id),
        }
    }
}
