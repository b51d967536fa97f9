//! Rows that cannot be read any more and that nobody can do without: they are removed.

use rusqlite::{Row, Transaction, TransactionBehavior};

use super::SqliteStore;
use super::read::{QUARANTINED, Quarantined, quarantined, sound_note, sound_quarantined};
use super::write::Writer;
use crate::error::StoreError;
use crate::store::{Place, QuarantinedRow, Removed};

type Note = (String, String);

/// Removes the notes and the records kept aside that cannot be read. A table with such a row is emptied and
/// written anew: its index may be wrong as well, and rows are removed one by one only where that is right.
pub(super) fn mend(store: &mut SqliteStore) -> Result<Vec<Removed>, StoreError> {
    let (notes, mut removed) = notes(store)?;
    let (aside, lost) = aside(store)?;
    if !removed.is_empty() {
        rewrite(store, "DELETE FROM notes", |writer| {
            notes.iter().try_for_each(|(name, value)| writer.note(name, Some(value)))
        })?;
    }
    if !lost.is_empty() {
        rewrite(store, "DELETE FROM quarantine", |writer| {
            aside.iter().try_for_each(|row| writer.quarantined(row))
        })?;
    }
    removed.extend(lost);
    Ok(removed)
}

fn rewrite(
    store: &mut SqliteStore,
    empty: &str,
    write: impl FnOnce(&Writer<'_>) -> Result<(), super::write::Stop>,
) -> Result<(), StoreError> {
    let path = &store.path;
    let written = (|| {
        let transaction: Transaction<'_> =
            store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(empty, [])?;
        let mut new = std::collections::HashMap::new();
        write(&Writer { connection: &transaction, known: &store.chains, new: &mut new })?;
        Ok(transaction.commit()?)
    })();
    written.map_err(|stop: super::write::Stop| stop.at(path))
}

/// The notes that can be read, and what is wrong with the others or with their index.
fn notes(store: &SqliteStore) -> Result<(Vec<Note>, Vec<Removed>), StoreError> {
    let sql = "SELECT name, value, checksum FROM notes NOT INDEXED ORDER BY rowid";
    let (mut sound, mut removed) = (Vec::new(), Vec::new());
    let read = |row: &Row<'_>| {
        let name = row.get_ref(0)?.as_bytes().map(String::from_utf8_lossy);
        let name = name.unwrap_or_default().into_owned();
        let columns = || Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok((name, columns().map_err(|error| store.fault(error))))
    };
    store.each(sql, [], read, &mut |(name, note)| {
        match note.and_then(sound_note) {
            Ok(note) => sound.push(note),
            Err(error) => {
                let message = error.message().to_owned();
                removed.push(Removed { message, name, place: Place::Note });
            }
        }
        Ok(())
    })?;
    for (name, _) in &sound {
        if store.read_note(name)?.is_none() {
            let message = format!("the note `{name}` was not found under its name");
            removed.push(Removed { message, name: name.clone(), place: Place::Note });
        }
    }
    Ok((sound, removed))
}

fn aside(store: &SqliteStore) -> Result<(Vec<QuarantinedRow>, Vec<Removed>), StoreError> {
    let sql = format!("{QUARANTINED} NOT INDEXED ORDER BY rowid");
    let (mut sound, mut removed) = (Vec::new(), Vec::new());
    let read = |row: &Row<'_>| Ok(quarantined(row).map_err(|error| store.fault(error)));
    store.each(&sql, [], read, &mut |row: Result<Quarantined, StoreError>| {
        match row.and_then(sound_quarantined) {
            Ok(row) => sound.push(row),
            Err(error) => {
                let (message, name) = (error.message().to_owned(), String::new());
                removed.push(Removed { message, name, place: Place::Quarantine });
            }
        }
        Ok(())
    })?;
    Ok((sound, removed))
}
