//! The state of a watch: what its events add up to.
//!
//! It is the same in whatever order the events come, also where they come to two states that are
//! merged: buckets are added up and leave only when a later one pushes them out of the window,
//! members of a bucket are those with the least hashes, instants are the latest or the earliest,
//! the last events are the last by their instants. So it can be dropped and made anew of the records,
//! and a record that comes late is only added.
//!
//! An event that is older than the window of a counter no longer counts there. An event of a clock
//! that is far ahead is no danger: a ledger's own time stands still for it until it is accepted.

use std::collections::HashMap;

use super::counter::{Counter, Increment, MEMBER_BITS, OTHERS, increments, member};
use super::event::{Counted, WatchEvent, WatchKind, WatchSubject, hundredths};
use super::exact::Exact;
use crate::order::Presented;

/// How many of the last events of a card are kept, of a day at most.
pub(crate) const RECENT_MAX: usize = 8;
/// How many different members one bucket of an own counter keeps.
pub(crate) const OWN_MEMBERS: usize = 16;
const DAY: u32 = 86_400;
/// How many seconds the shortest bucket of the catalogue holds.
const BUCKET_MIN: u32 = 300;

/// One value of a counter: in its key stand the counter, the bucket and the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub key: u64,
    pub value: i64,
}

/// One of the last events of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Recent {
    /// Seconds since 1970.
    pub at: u32,
    pub store: u32,
    pub till: u32,
    /// What it was, as bits.
    pub what: u32,
    /// The money, in hundredths, as far as it has room.
    pub amount: u32,
}

impl Recent {
    pub const EARNED: u32 = 1;
    pub const SPENT: u32 = 2;
    pub const STATIC: u32 = 4;
    pub const NEAR_STEP: u32 = 8;
    pub const LOADED: u32 = 16;
    pub const SALE: u32 = 32;
    pub const PAID: u32 = 64;
    /// The card itself was there.
    pub const THERE: u32 = Recent::SALE | Recent::PAID;

    pub fn of(event: &WatchEvent) -> Option<Recent> {
        event.card.as_ref()?;
        let (earned, spent) = (hundredths(event.earned) > 0, hundredths(event.spent) > 0);
        let sale = event.kind == WatchKind::Sale;
        let paid = event.kind == WatchKind::GiftSpend;
        let copied = event.strength == Some(Presented::Static);
        // A receipt that moves no points would only push out those that do.
        if sale && !earned && !spent {
            return None;
        }
        let flags = [
            (sale && earned, Recent::EARNED),
            (sale && spent, Recent::SPENT),
            ((sale || paid) && copied, Recent::STATIC),
            (event.has(super::event::WatchMark::NearStep), Recent::NEAR_STEP),
            (event.kind == WatchKind::Load, Recent::LOADED),
            (sale, Recent::SALE),
            (paid, Recent::PAID),
        ];
        let what = flags.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum();
        let place = |word: &Option<String>| word.as_deref().map_or(0, member);
        Some(Recent {
            at: second_of(event),
            store: place(&event.store),
            till: place(&event.till),
            what,
            amount: bounded(hundredths(event.amount)),
        })
        .filter(|recent| recent.what != 0)
    }

    pub fn is(&self, bit: u32) -> bool {
        self.what & bit != 0
    }
}

/// The instant of an event in seconds since 1970, within what a key can hold.
pub(crate) fn second_of(event: &WatchEvent) -> u32 {
    u32::try_from(event.at.as_second().max(0)).unwrap_or(u32::MAX)
}

fn key(counter: Counter, bucket: u32, member: u32) -> u64 {
    (counter as u64) << 56 | u64::from(bucket) << MEMBER_BITS | u64::from(member)
}

fn bucket_of(key: u64) -> u32 {
    u32::try_from(key >> MEMBER_BITS & 0x3ff_ffff).unwrap_or(0)
}

/// The member in a key.
pub(crate) fn member_of(key: u64) -> u32 {
    u32::try_from(key & ((1 << MEMBER_BITS) - 1)).unwrap_or(0)
}

/// A number as the states keep it: none below zero, and no more than has room.
fn bounded(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

/// Keeps the later of two instants.
fn latest(kept: &mut u32, value: i64) {
    *kept = (*kept).max(bounded(value));
}

/// Keeps the earlier of two instants that are known.
fn earliest(kept: &mut u32, value: i64) {
    let value = bounded(value);
    if value > 0 && (*kept == 0 || value < *kept) {
        *kept = value;
    }
}

/// Whether a bucket of a counter is within the window that ends at an instant.
fn is_kept(counter: Counter, bucket: u32, newest: u32) -> bool {
    bucket_at(counter, newest).saturating_sub(bucket) < counter.spec().buckets
}

/// The bucket of a counter in which an instant is.
fn bucket_at(counter: Counter, second: u32) -> u32 {
    second.checked_div(counter.spec().seconds).unwrap_or(0)
}

/// What is known of one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SubjectState {
    /// When anything last happened, in seconds since 1970; so are the other instants, 0 if unknown.
    pub newest: u32,
    /// The instants that nearly every card has.
    pub issued_at: u32,
    pub last_spent_at: u32,
    pub seen_at: u32,
    /// In the order of their keys.
    pub cells: Exact<Cell>,
    /// In their order, the last at the end.
    pub recent: Exact<Recent>,
    /// What few subjects have.
    pub rare: Option<Box<Rare>>,
}

/// What few subjects have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    pub frozen: Option<Frozen>,
    /// The own counters of policies, by their names, with bucket and length: one that is declared
    /// otherwise begins anew.
    pub own: Vec<OwnCounter>,
}

/// An own counter of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OwnCounter {
    pub counter: String,
    pub bucket_seconds: u32,
    pub buckets: u32,
    /// The bucket, the member and the value.
    pub cells: Vec<(u32, u32, i64)>,
}

impl OwnCounter {
    /// Whether it counts by this name, with buckets of so many seconds, for so many of them.
    pub fn is(&self, counter: &str, bucket_seconds: u32, buckets: u32) -> bool {
        self.counter == counter && self.bucket_seconds == bucket_seconds && self.buckets == buckets
    }
}

/// Whether a subject is frozen: what was said last holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Frozen {
    pub at: jiff::Timestamp,
    /// The record that said so.
    pub record: String,
    pub frozen: bool,
    pub by: Option<String>,
}

impl WatchEvent {
    /// Whose states folding it may change.
    pub(crate) fn subjects(&self) -> Vec<(WatchSubject, &str)> {
        let mut subjects = Vec::with_capacity(8);
        increments(self, |Increment { counter, of, .. }| {
            let kind = counter.spec().of;
            subjects.extend(of.or_else(|| self.subject(kind)).map(|id| (kind, id)));
        });
        let own = self.counted.iter().map(|counted| counted.of);
        let own = own.chain(Recent::of(self).map(|_| WatchSubject::Card));
        subjects.extend(own.filter_map(|of| Some((of, self.subject(of)?))));
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }
}

impl SubjectState {
    /// The cells of the last buckets of a counter, up to the one of an instant.
    pub fn window(&self, counter: Counter, second: u32, buckets: u32) -> &[Cell] {
        let last = bucket_at(counter, second);
        let first = if counter.spec().seconds == 0 { 0 } else { last.saturating_sub(buckets - 1) };
        let from = self.cells.partition_point(|cell| cell.key < key(counter, first, 0));
        let until = key(counter, last, u32::MAX >> (32 - MEMBER_BITS));
        let rest = self.cells.get(from..).unwrap_or(&[]);
        rest.get(..rest.partition_point(|cell| cell.key <= until)).unwrap_or(&[])
    }

    /// The single value of a counter of instants.
    pub fn instant(&self, counter: Counter) -> Option<i64> {
        let kept = match counter {
            Counter::IssuedAt => self.issued_at,
            Counter::LastSpentAt => self.last_spent_at,
            Counter::SeenAt => self.seen_at,
            _ => return self.kept_instant(counter),
        };
        (kept > 0).then_some(i64::from(kept))
    }

    fn kept_instant(&self, counter: Counter) -> Option<i64> {
        self.window(counter, 0, 1).first().map(|cell| cell.value)
    }

    /// Says that something happened at an instant: what is too old by then is dropped.
    pub fn pass(&mut self, second: u32) {
        let before = self.newest;
        self.newest = before.max(second);
        // Every bucket begins at a multiple of the shortest: only then does any end.
        if before / BUCKET_MIN == self.newest / BUCKET_MIN {
            return;
        }
        let newest = self.newest;
        let kept = |cell: &Cell| {
            let counter = Counter::ALL.get((cell.key >> 56) as usize);
            counter.is_some_and(|counter| is_kept(*counter, bucket_of(cell.key), newest))
        };
        if !self.cells.iter().all(kept) {
            self.cells.change(|cells| cells.retain(kept));
        }
    }

    /// Adds a value in the bucket of an instant, unless that is too old.
    pub fn add(&mut self, counter: Counter, second: u32, member: u32, value: i64) {
        match counter {
            Counter::IssuedAt => return earliest(&mut self.issued_at, value),
            Counter::LastSpentAt => return latest(&mut self.last_spent_at, value),
            Counter::SeenAt => return latest(&mut self.seen_at, value),
            _ => {}
        }
        let spec = counter.spec();
        let bucket = bucket_at(counter, second);
        let key = key(counter, bucket, member);
        match self.cells.binary_search_by_key(&key, |cell| cell.key) {
            Ok(place) => {
                if let Some(cell) = self.cells.get_mut(place) {
                    cell.value = spec.mode.together(cell.value, value);
                }
            }
            Err(place) => {
                if !is_kept(counter, bucket, self.newest) {
                    return;
                }
                self.cells.insert(place, Cell { key, value });
                if spec.members > 0 {
                    self.bound_members(counter, bucket, spec.members);
                }
            }
        }
    }

    /// Of the members of one bucket those with the least hashes stay.
    fn bound_members(&mut self, counter: Counter, bucket: u32, most: usize) {
        let from = self.cells.partition_point(|cell| cell.key < key(counter, bucket, 0));
        let rest = self.cells.get(from..).unwrap_or(&[]);
        let prefix = key(counter, bucket, 0) >> MEMBER_BITS;
        let count = rest.partition_point(|cell| cell.key >> MEMBER_BITS == prefix);
        let others = |cell: &Cell| member_of(cell.key) == OTHERS;
        let last = from + count - 1;
        let kept = self.cells.get(last).is_some_and(others);
        if count - usize::from(kept) > most {
            // What the further members came to is kept together.
            let gone = self.cells.change(|cells| cells.remove(last - usize::from(kept)));
            match self.cells.get_mut(last - 1).filter(|cell| others(cell)) {
                Some(cell) => cell.value = cell.value.saturating_add(gone.value),
                None => {
                    let key = key(counter, bucket, OTHERS);
                    self.cells.insert(last, Cell { key, value: gone.value });
                }
            }
        }
    }

    /// Keeps one of the last events: of the last day eight that spend and eight others, and the last
    /// one always. So nobody hides redemptions behind cheap receipts.
    pub fn note(&mut self, recent: Recent) {
        let place = self.recent.partition_point(|other| *other <= recent);
        self.recent.change(|list| {
            list.reserve_exact(1);
            list.insert(place, recent);
            let newest = list.last().map_or(0, |last| last.at);
            let old = list.partition_point(|one| newest - one.at >= DAY);
            list.drain(..old.min(list.len() - 1));
        });
        let spends = |one: &Recent| one.is(Recent::SPENT) || one.is(Recent::PAID);
        let like = |one: &&Recent| spends(one) == spends(&recent);
        if self.recent.iter().filter(like).count() > RECENT_MAX
            && let Some(first) = self.recent.iter().position(|one| spends(one) == spends(&recent))
        {
            self.recent.change(|list| list.remove(first));
        }
    }

    /// Adds to an own counter.
    pub fn count(&mut self, second: u32, counted: &Counted) {
        let (seconds, buckets) = (counted.bucket_seconds, counted.buckets);
        let same = |one: &OwnCounter| one.is(&counted.counter, seconds, buckets);
        let known = &mut self.rare.get_or_insert_default().own;
        let place = known.iter().position(same).unwrap_or_else(|| {
            let counter = counted.counter.clone();
            let own = OwnCounter { counter, bucket_seconds: seconds, buckets, cells: Vec::new() };
            let place = known.partition_point(|other| *other < own);
            known.insert(place, own);
            place
        });
        let Some(bucket) = second.checked_div(seconds) else { return };
        let member = counted.member.as_deref().map_or(0, member);
        if let Some(own) = known.get_mut(place) {
            own.add(bucket, member, counted.value.max(0));
        }
    }

    /// What was said of freezing; the later word holds.
    pub fn freeze(&mut self, said: Frozen) {
        let frozen = &mut self.rare.get_or_insert_default().frozen;
        if frozen.as_ref().is_none_or(|known| *known < said) {
            *frozen = Some(said);
        }
    }

    /// Whether it is frozen now.
    pub fn is_frozen(&self) -> bool {
        let said = self.rare.as_ref().and_then(|rare| rare.frozen.as_ref());
        said.is_some_and(|said| said.frozen)
    }

    /// The own counters of policies.
    pub fn own(&self) -> &[OwnCounter] {
        self.rare.as_ref().map_or(&[], |rare| &rare.own)
    }

    /// How many bytes it takes, its own ones and those on the heap.
    pub fn bytes(&self) -> usize {
        let own = |one: &OwnCounter| {
            size_of::<OwnCounter>() + one.counter.capacity() + one.cells.capacity() * 16
        };
        size_of::<SubjectState>()
            + self.cells.len() * size_of::<Cell>()
            + self.recent.len() * size_of::<Recent>()
            + self.rare.as_ref().map_or(0, |_| size_of::<Rare>())
            + self.own().iter().map(own).sum::<usize>()
    }

    /// Adds all that another state knows of the same subject, from other events.
    fn merge(&mut self, other: &SubjectState) {
        self.pass(other.newest);
        earliest(&mut self.issued_at, i64::from(other.issued_at));
        latest(&mut self.last_spent_at, i64::from(other.last_spent_at));
        latest(&mut self.seen_at, i64::from(other.seen_at));
        for cell in other.cells.iter() {
            let Some(counter) = Counter::ALL.get((cell.key >> 56) as usize).copied() else {
                continue;
            };
            let second = bucket_of(cell.key).saturating_mul(counter.spec().seconds);
            self.add(counter, second, member_of(cell.key), cell.value);
        }
        other.recent.iter().for_each(|recent| self.note(*recent));
        let Some(rare) = &other.rare else { return };
        let known = &mut self.rare.get_or_insert_default().own;
        for own in &rare.own {
            let same =
                |one: &&mut OwnCounter| one.is(&own.counter, own.bucket_seconds, own.buckets);
            match known.iter_mut().find(same) {
                Some(known) => {
                    own.cells.iter().for_each(|(bucket, member, value)| {
                        known.add(*bucket, *member, *value);
                    });
                }
                None => known.push(own.clone()),
            }
        }
        known.sort();
        rare.frozen.iter().for_each(|said| self.freeze(said.clone()));
    }
}

impl OwnCounter {
    fn add(&mut self, bucket: u32, member: u32, value: i64) {
        let newest = self.cells.last().map_or(bucket, |(newest, ..)| *newest).max(bucket);
        if newest - bucket >= self.buckets {
            return;
        }
        match self.cells.binary_search_by_key(&(bucket, member), |(b, m, _)| (*b, *m)) {
            Ok(place) => {
                if let Some((_, _, sum)) = self.cells.get_mut(place) {
                    *sum = sum.saturating_add(value);
                }
            }
            Err(place) => self.cells.insert(place, (bucket, member, value)),
        }
        let from = self.cells.partition_point(|(b, ..)| *b < bucket);
        let until = self.cells.partition_point(|(b, ..)| *b <= bucket);
        if until - from > OWN_MEMBERS {
            self.cells.remove(until - 1);
        }
        let oldest = newest.saturating_sub(self.buckets - 1);
        let old = self.cells.partition_point(|(b, ..)| *b < oldest);
        self.cells.drain(..old);
    }
}

/// All that a watch knows.
///
/// # Examples
/// ```
/// use kopilka::watch::{WatchEvent, WatchState};
///
/// let sale = |at: &str| WatchEvent {
///     at: at.parse().unwrap(), card: Some("1001".into()), ..WatchEvent::default()
/// };
/// let (first, second) = (sale("2026-03-01T10:00:00Z"), sale("2026-03-01T10:05:00Z"));
/// let (mut one, mut other) = (WatchState::default(), WatchState::default());
/// one.fold(&first);
/// other.fold(&second);
/// one.merge(&other);
/// let mut both = WatchState::default();
/// both.fold(&second);
/// both.fold(&first);
/// assert_eq!(one, both);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchState {
    subjects: [HashMap<Box<str>, SubjectState>; WatchSubject::ALL.len()],
}

impl WatchState {
    /// Whether a card, a cashier, a till or the programme is frozen now; of the programme, `id` is empty.
    pub fn is_frozen(&self, of: WatchSubject, id: &str) -> bool {
        self.get(of, id).is_some_and(SubjectState::is_frozen)
    }

    pub(crate) fn get(&self, of: WatchSubject, id: &str) -> Option<&SubjectState> {
        self.subjects.get(of as usize)?.get(id)
    }

    pub(crate) fn put(&mut self, of: WatchSubject, id: &str, state: SubjectState) {
        if let Some(subjects) = self.subjects.get_mut(of as usize) {
            subjects.insert(id.into(), state);
        }
    }

    pub(crate) fn remove(&mut self, of: WatchSubject, id: &str) {
        if let Some(subjects) = self.subjects.get_mut(of as usize) {
            subjects.remove(id);
        }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = (WatchSubject, &str)> {
        let kinds = WatchSubject::ALL.iter().zip(&self.subjects);
        kinds.flat_map(|(of, subjects)| subjects.keys().map(|id| (*of, &**id)))
    }

    fn entry(&mut self, of: WatchSubject, id: &str) -> Option<&mut SubjectState> {
        let subjects = self.subjects.get_mut(of as usize)?;
        if !subjects.contains_key(id) {
            subjects.insert(id.into(), SubjectState::default());
        }
        subjects.get_mut(id)
    }

    /// Adds an event.
    pub fn fold(&mut self, event: &WatchEvent) {
        let second = second_of(event);
        let mut added: Vec<Increment<'_>> = Vec::with_capacity(32);
        increments(event, |increment| added.push(increment));
        for of in WatchSubject::ALL {
            let own = |one: &&Increment<'_>| one.of.is_none() && one.counter.spec().of == *of;
            let recent = Recent::of(event).filter(|_| *of == WatchSubject::Card);
            let mut counted = event.counted.iter().filter(|counted| counted.of == *of).peekable();
            if recent.is_none() && counted.peek().is_none() && !added.iter().any(|one| own(&one)) {
                continue;
            }
            // Each subject is looked up once, however much is counted of it.
            let Some(state) = event.subject(*of).and_then(|id| self.entry(*of, id)) else {
                continue;
            };
            state.pass(second);
            for Increment { counter, member, value, .. } in added.iter().filter(own) {
                state.add(*counter, second, *member, *value);
            }
            recent.into_iter().for_each(|recent| state.note(recent));
            counted.for_each(|counted| state.count(second, counted));
        }
        for Increment { counter, of, member, value } in added {
            if let Some(state) = of.and_then(|id| self.entry(counter.spec().of, id)) {
                state.pass(second);
                state.add(counter, second, member, value);
            }
        }
    }

    /// Whether a device was seen with a card.
    pub(crate) fn has_device(&self, device: &str, card: &str) -> bool {
        let state = self.get(WatchSubject::Device, device);
        let cells =
            state.map_or(&[][..], |state| state.window(Counter::DeviceCards, u32::MAX, u32::MAX));
        cells.iter().any(|cell| member_of(cell.key) == member(card))
    }

    pub(crate) fn freeze(&mut self, of: WatchSubject, id: &str, said: Frozen) {
        if let Some(state) = self.entry(of, id) {
            state.freeze(said);
        }
    }

    /// Adds all that another state knows, from other events.
    pub fn merge(&mut self, other: &WatchState) {
        for (of, subjects) in WatchSubject::ALL.iter().zip(&other.subjects) {
            for (id, state) in subjects {
                if let Some(own) = self.entry(*of, id) {
                    own.merge(state);
                }
            }
        }
    }

    /// How many subjects of a kind are known, and how many bytes they take with their names and
    /// their places in the table.
    #[must_use]
    pub fn bytes(&self, of: WatchSubject) -> (usize, usize) {
        let Some(subjects) = self.subjects.get(of as usize) else { return (0, 0) };
        let slot = size_of::<(Box<str>, SubjectState)>() - size_of::<SubjectState>() + 1;
        let bytes = subjects.iter().map(|(id, state)| slot + id.len() + state.bytes());
        (subjects.len(), bytes.sum())
    }
}

#[cfg(test)]
mod tests;
