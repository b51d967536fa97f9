//! The states after new records: applied where they are the latest, else folded anew.

use std::collections::hash_map::Entry::Vacant;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use kopilka::{Effect, Error, Key, Position, Slice, apply, folded_with};

use super::fold::{Fold, New, Texts, entry_of};
use crate::error::StoreError;
use crate::store::{Chain, Store};

/// What new records make of the states.
#[derive(Debug, Default)]
pub(super) struct After {
    pub states: Vec<(Key, Option<String>)>,
    pub debts: Vec<Grown>,
}

/// A debt that is greater than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grown {
    pub card: String,
    pub points: String,
    /// In smallest units.
    pub before: i64,
    /// The decimals of these points.
    pub digits: u8,
}

/// Works out the states after new records, which stand in the order of their positions, and which
/// debts they made greater at an instant.
pub(super) fn states_after(
    store: &mut dyn Store,
    own: &Chain,
    new: &[New],
    at: Timestamp,
) -> Result<After, StoreError> {
    let late = late_keys(store, new)?;
    let mut slice = Slice::new(&own.till, own.incarnation);
    let mut before = Texts::new();
    for new in new {
        let reads = folded_with(&new.entry).into_iter().map(|(_, read)| read);
        for key in new.touched.iter().cloned().chain(reads) {
            if let Vacant(place) = before.entry(key) {
                let text = load(store, &mut slice, place.key())?;
                place.insert(text);
            }
        }
    }
    let owed_before = owed(&slice, &before, at);
    new.iter().for_each(|new| apply(&mut slice, &new.entry));
    let folded = Fold { store: &mut *store, own, new }.anew(late)?;
    let mut after = After::default();
    let touched: HashSet<&Key> = new.iter().flat_map(|new| &new.touched).collect();
    for key in before.keys().filter(|key| touched.contains(key) && !folded.contains_key(key)) {
        after.states.push((key.clone(), slice.stored(key)));
    }
    for (key, text) in folded {
        if let (Key::Card(_), Some(text)) = (&key, &text) {
            slice.restore(&key, text, &[]).map_err(|error| unreadable(&key, &error))?;
        }
        after.states.push((key, text));
    }
    after.states.retain(|(key, text)| before.get(key).is_none_or(|before| before != text));
    after.states.sort();
    after.debts = grown(&owed_before, &owed(&slice, &before, at), &digits(new));
    Ok(after)
}

/// The states of which a later record was applied already, or that read such a one.
fn late_keys(store: &mut dyn Store, new: &[New]) -> Result<HashSet<Key>, StoreError> {
    let mut last: HashMap<Key, Option<Position>> = HashMap::new();
    let mut late = HashSet::new();
    for new in new {
        let pairs = folded_with(&new.entry);
        for key in new.touched.iter().chain(pairs.iter().map(|(_, read)| read)) {
            if !key.adds_up() && !last.contains_key(key) {
                last.insert(key.clone(), store.last_touch(key)?);
            }
        }
        let is_late = |key: &Key| {
            let last = last.get(key).and_then(Option::as_ref);
            last.is_some_and(|last| *last > new.position)
        };
        late.extend(new.touched.iter().filter(|key| is_late(key)).cloned());
        late.extend(pairs.into_iter().filter(|(_, read)| is_late(read)).map(|(reader, _)| reader));
    }
    // What reads a state that is folded anew is folded anew as well.
    let mut grown = true;
    while grown {
        let pairs = new.iter().flat_map(|new| folded_with(&new.entry));
        let more: Vec<Key> =
            pairs.filter(|(_, read)| late.contains(read)).map(|(reader, _)| reader).collect();
        let count = late.len();
        late.extend(more);
        grown = late.len() > count;
    }
    Ok(late)
}

/// Loads a state with the records that it names; its text.
pub(super) fn load(
    store: &mut dyn Store,
    slice: &mut Slice,
    key: &Key,
) -> Result<Option<String>, StoreError> {
    let Some(text) = store.state(key)? else { return Ok(None) };
    let mut entries = Vec::new();
    for id in Slice::records_of(key, &text).map_err(|error| unreadable(key, &error))? {
        if let Some(row) = store.record(&id)? {
            entries.push(entry_of(&row)?);
        }
    }
    slice.restore(key, &text, &entries).map_err(|error| unreadable(key, &error))?;
    Ok(Some(text))
}

fn unreadable(key: &Key, error: &Error) -> StoreError {
    let (kind, id) = (key.kind(), key.id());
    StoreError::damaged(format!("the state {kind} `{id}` cannot be read: {error}"))
}

/// What the cards among some states owe, by card and kind of points.
fn owed(slice: &Slice, of: &Texts, at: Timestamp) -> BTreeMap<(String, String), i64> {
    let cards = of.keys().filter_map(|key| match key {
        Key::Card(card) => Some(card),
        _ => None,
    });
    let owed = cards.flat_map(|card| {
        slice.owed(card, at).into_iter().map(move |(points, debt)| ((card.clone(), points), debt))
    });
    owed.collect()
}

/// The debts that are greater than before.
fn grown(
    before: &BTreeMap<(String, String), i64>,
    now: &BTreeMap<(String, String), i64>,
    digits: &HashMap<&str, u8>,
) -> Vec<Grown> {
    let grown = now.iter().filter_map(|(of, debt)| {
        let before = before.get(of).copied().unwrap_or_default();
        let (card, points) = of.clone();
        let digits = digits.get(points.as_str()).copied().unwrap_or_default();
        (*debt > before).then_some(Grown { card, points, before, digits })
    });
    grown.collect()
}

/// How many decimals the kinds of points have that moved: no debt grows without a movement.
fn digits(new: &[New]) -> HashMap<&str, u8> {
    let effects = new.iter().flat_map(|new| &new.entry.record.effects);
    let moved = effects.filter_map(|effect| match effect {
        Effect::DebtMoved(moved) => Some((moved.points.as_str(), moved.amount.digits)),
        Effect::LotMoved(moved) => Some((moved.points.as_str(), moved.amount.digits)),
        _ => None,
    });
    moved.collect()
}
