//! From one store into another.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kopilka::{Key, RecordId};

use crate::error::StoreError;
use crate::sqlite::{SqliteStore, beside, in_place, new_file};
use crate::store::{Change, NewRecord, Store};

/// How many rows go into one transaction.
const ROWS: usize = 1000;

/// Copies everything into a new file, which gets its name when it is whole and synced.
pub(crate) fn into_file(from: &mut dyn Store, to: &Path) -> Result<(), StoreError> {
    let to = new_file(to)?;
    let part = beside(&to, ".part");
    let sides = ["", "-wal", ".lock"].map(|suffix| beside(&part, suffix));
    // Files of a copy that was interrupted are no use; that there are none is the usual case.
    let clear = |files: &[std::path::PathBuf]| {
        files.iter().for_each(|file| drop(fs::remove_file(file)));
    };
    clear(&sides);
    let copied = SqliteStore::open(&part)
        .and_then(|mut copied| copy(from, &mut copied).and_then(|()| copied.checkpoint()))
        .and_then(|()| in_place(&part, &to));
    clear(&sides);
    copied
}

/// Copies everything into an empty store. The target is whole only when this returns.
pub(crate) fn copy(from: &mut dyn Store, to: &mut dyn Store) -> Result<(), StoreError> {
    for head in from.heads()? {
        let mut after = 0;
        while after < head.sequence {
            let rows = from.chain(&head.chain, after, ROWS)?;
            after = rows.last().map_or(head.sequence, |row| row.position.sequence);
            let new = |row| NewRecord { row, touched: Vec::new() };
            let records = rows.into_iter().map(new).collect();
            to.commit(&Change { records, ..Change::default() })?;
        }
    }
    let mut change = Change::default();
    for kind in Key::KINDS {
        from.each_state(kind, &mut |(key, text)| {
            change.states.push((key, Some(text)));
            flush(&mut change, to, ROWS)
        })?;
    }
    from.each_profile(&mut |profile| {
        change.profiles.push(profile);
        flush(&mut change, to, ROWS)
    })?;
    from.each_note(&mut |(name, value)| {
        change.notes.push((name, Some(value)));
        flush(&mut change, to, ROWS)
    })?;
    from.each_quarantined(&mut |row| {
        change.quarantined.push(row);
        flush(&mut change, to, ROWS)
    })?;
    let mut touches: BTreeMap<RecordId, Vec<Key>> = BTreeMap::new();
    from.each_touch(&mut |(key, record)| {
        touches.entry(record).or_default().push(key);
        Ok(())
    })?;
    for touch in touches {
        change.touches.push(touch);
        flush(&mut change, to, ROWS)?;
    }
    flush(&mut change, to, 1)
}

/// Commits what was gathered once there are so many rows.
fn flush(change: &mut Change, to: &mut dyn Store, rows: usize) -> Result<(), StoreError> {
    let Change { states, profiles, notes, quarantined, touches, .. } = &*change;
    let gathered = states.len() + profiles.len() + notes.len() + quarantined.len() + touches.len();
    if gathered < rows {
        return Ok(());
    }
    to.commit(&std::mem::take(change))
}
