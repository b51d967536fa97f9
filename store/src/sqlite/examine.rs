//! What a file can tell of its own damage.

use kopilka::Key;

use super::SqliteStore;
use super::schema;
use crate::error::{StoreError, StoreFault};
use crate::store::{Finding, Place};

/// Looks at pages, schema, checksums and references. SQLite checks that its trees are whole, that tables and
/// indexes agree and that rows keep to their constraints, but not what stands in the rows: that is what the
/// checksums are for.
pub(super) fn examine(store: &SqliteStore) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Findings::default();
    findings.keep(Place::File, pages(store))?;
    findings.keep(Place::File, schema_texts(store))?;
    findings.keep(Place::Record, chains(store))?;
    findings.keep(Place::Touch, touches(store))?;
    findings.keep(Place::State, states(store))?;
    let notes = store.visit_notes(&mut |_| Ok(()));
    findings.keep(Place::Note, notes.map(|()| Vec::new()))?;
    let profiles = store.visit_profiles(&mut |_| Ok(()));
    findings.keep(Place::Profile, profiles.map(|()| Vec::new()))?;
    let quarantined = store.visit_quarantined(&mut |_| Ok(()));
    findings.keep(Place::Quarantine, quarantined.map(|()| Vec::new()))?;
    Ok(findings.0)
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// Keeps what was found. That a part cannot be read because it is damaged is a finding as well;
    /// the other parts are still looked at.
    fn keep(
        &mut self,
        place: Place,
        found: Result<Vec<String>, StoreError>,
    ) -> Result<(), StoreError> {
        let messages = match found {
            Ok(messages) => messages,
            Err(error) if error.fault() == StoreFault::Damaged => vec![error.message().to_owned()],
            Err(error) => return Err(error),
        };
        self.0.extend(messages.into_iter().map(|message| Finding { place, message }));
        Ok(())
    }
}

fn texts(store: &SqliteStore, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    store.each(sql, [], |row| row.get(0), &mut |text: String| {
        found.push(text);
        Ok(())
    })?;
    Ok(found)
}

fn pages(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    let mut found = texts(store, "PRAGMA integrity_check(20)")?;
    found.retain(|text| text != "ok");
    Ok(found)
}

fn schema_texts(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    schema::differences(&store.connection).map_err(|error| store.fault(error))
}

/// Without gaps there are as many records as the last one's sequence says. The index of times is read
/// in the place of the records themselves, because it is small; that the two agree was looked at with the pages.
fn chains(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    let sql = "WITH found AS (SELECT id >> 40 AS chain, count(*) AS number, max(id) AS last
            FROM records INDEXED BY records_by_time WHERE logical_at IS NOT NULL GROUP BY id >> 40)
        SELECT 'chain ' || coalesce(c.till || '.' || c.incarnation, 'number ' || f.chain)
            || ' has ' || coalesce(f.number, 0) || ' records, but the last has sequence '
            || coalesce(f.last & 1099511627775, 0)
        FROM found f FULL JOIN chains c ON c.id = f.chain
        WHERE c.id IS NULL OR f.chain IS NULL OR f.number <> (f.last & 1099511627775)";
    texts(store, sql)
}

fn touches(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT 'the index of touches has no such record, or another time for it: '
        || (t.record >> 40) || '/' || (t.record & 1099511627775)
        FROM touches t WHERE NOT EXISTS (SELECT 1 FROM records r INDEXED BY records_by_time
            WHERE r.logical_at = t.logical_at AND r.id = t.record) LIMIT 20";
    let mut found = texts(store, sql)?;
    // From one kind to the next, without reading what lies between.
    let sql = "WITH RECURSIVE kinds (kind) AS (SELECT min(kind) FROM touches UNION ALL
        SELECT (SELECT min(kind) FROM touches WHERE kind > kinds.kind) FROM kinds
        WHERE kind IS NOT NULL) SELECT kind FROM kinds WHERE kind IS NOT NULL";
    let kinds = texts(store, sql)?;
    let strange = kinds.iter().filter(|kind| !Key::KINDS.contains(&kind.as_str()));
    found.extend(strange.map(|kind| format!("the index of touches has the kind `{kind}`")));
    Ok(found)
}

fn states(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    let mut counted = crate::digest::Digest::default();
    store.visit_states(None, &mut |_, _, hash| {
        counted.add_hash(&hash);
        Ok(())
    })?;
    let agree = counted == store.read_digest()?;
    let message = "the states are not those that were written".to_owned();
    Ok(if agree { Vec::new() } else { vec![message] })
}
