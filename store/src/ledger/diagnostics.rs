//! What support needs of a ledger, without anything personal.

use jiff::Timestamp;
use kopilka::json::Node;
use kopilka::{
    DecisionTrace, Diagnostics, Error, FindingKind, HoldTrace, LedgerFinding, Opening,
    QuarantineTrace, RECORD_FORMAT, RULES_VERSION, RecordId, ReplayFile, Slice, Versions,
};

use super::chains::told;
use super::engine::Engine;
use super::records::entry_of;
use super::{redact, reproduce};
use crate::error::StoreError;
use crate::sqlite::FILE_VERSION;

/// The most rows of a list.
const ROWS_MAX: usize = 1_000;
/// Of how many of the last records it is tried to make a replay file.
const TRIED_MAX: usize = 10;

impl Engine {
    /// A bundle as of an instant.
    pub fn diagnostics(&mut self, at: Timestamp) -> Result<Diagnostics, Error> {
        let health = self.health(at)?;
        self.ensure_open()?;
        let bundle = self.bundle(Diagnostics { at, health, ..Diagnostics::default() });
        bundle.map_err(|error| self.fail(error))
    }

    fn bundle(&mut self, mut bundle: Diagnostics) -> Result<Diagnostics, StoreError> {
        bundle.decisions = self.decisions()?;
        bundle.errors = self.traces.errors();
        bundle.stores = self.traces.stores();
        bundle.opening = without_names(&self.opening);
        bundle.till = self.opener.till.clone();
        bundle.programs = self.cache.slice().program_versions().map(str::to_owned).collect();
        bundle.holds = self.open_holds()?;
        bundle.replay = self.replay_file()?;
        let store = self.store()?;
        bundle.chains = store.heads()?.iter().map(told).collect();
        bundle.states = store.state_digest()?.to_string();
        let is_file = store.path().is_some();
        store.each_quarantined(&mut |row| {
            if bundle.quarantined.len() < ROWS_MAX {
                bundle.quarantined.push(QuarantineTrace {
                    at: row.at,
                    hash: row.hash.to_string(),
                    reason: row.reason,
                    record: row.record.to_string(),
                });
            }
            Ok(())
        })?;
        // Both crates have the version of the workspace.
        let version = env!("CARGO_PKG_VERSION").to_owned();
        bundle.versions = Versions {
            engine: version.clone(),
            file: is_file.then(|| FILE_VERSION.unsigned_abs()),
            record: RECORD_FORMAT,
            rules: RULES_VERSION,
            sqlite: rusqlite::version().to_owned(),
            store: version,
        };
        Ok(bundle)
    }

    /// The last calls. Of a record all reasons are told, of other answers those of the receipt.
    fn decisions(&mut self) -> Result<Vec<DecisionTrace>, StoreError> {
        let mut decisions = self.traces.decisions();
        for decision in &mut decisions {
            let id = decision.record.as_deref().and_then(RecordId::parse);
            let Some(id) = id else { continue };
            if let Some(row) = self.store()?.record(&id)?
                && let Ok(node) = Node::parse(&row.text, usize::MAX)
            {
                let mut codes = Vec::new();
                reasons(&node, &mut codes);
                codes.sort();
                codes.dedup();
                decision.reasons = codes;
            }
        }
        Ok(decisions)
    }

    fn open_holds(&mut self) -> Result<Vec<HoldTrace>, StoreError> {
        let mut holds = Vec::new();
        let mut open = Vec::new();
        self.store()?.each_state("sale", &mut |(key, text)| {
            if holds.len() + open.len() < ROWS_MAX && Slice::is_open_hold(&key, &text) {
                open.push(key);
            }
            Ok(())
        })?;
        let (store, cache) = self.store_and_cache()?;
        cache.load(store, open.iter().cloned())?;
        for key in open {
            let sale = key.id();
            let until = cache.slice().open_hold(&sale).and_then(|hold| hold.hold_until);
            holds.push(HoldTrace { sale, until });
        }
        Ok(holds)
    }

    /// The newest decision that can be made again from what the ledger holds.
    fn replay_file(&mut self) -> Result<Option<ReplayFile>, StoreError> {
        for id in self.traces.records().into_iter().take(TRIED_MAX) {
            let store = self.store()?;
            let Some(row) = store.record(&id)? else { continue };
            let file = reproduce::file_of(store, &entry_of(&row)?)?;
            if file.is_some() {
                return Ok(file);
            }
        }
        Ok(None)
    }
}

/// How it opened, without the cards and guests that were found damaged.
fn without_names(opening: &Opening) -> Opening {
    let found = opening.found.iter().map(|finding| LedgerFinding {
        kind: finding.kind,
        place: match finding.kind {
            FindingKind::ProfileDamaged => "profile".to_owned(),
            FindingKind::StateWrong => finding.place.split(' ').take(1).collect(),
            _ => redact::blotted(&finding.place),
        },
        text: redact::blotted(&finding.text),
    });
    Opening { found: found.collect(), ..opening.clone() }
}

/// The codes in every list of reasons.
fn reasons(node: &Node, codes: &mut Vec<String>) {
    match node {
        Node::Map(entries) => {
            for (name, inner) in entries {
                if let (true, Node::List(items)) = (name == "reasons", inner) {
                    let code =
                        |item: &Node| item.get("code").and_then(Node::text).map(str::to_owned);
                    codes.extend(items.iter().filter_map(code));
                }
                reasons(inner, codes);
            }
        }
        Node::List(items) => items.iter().for_each(|item| reasons(item, codes)),
        _ => {}
    }
}
