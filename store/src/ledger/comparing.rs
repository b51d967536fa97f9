//! The journal compared with the file beside it, which knows its newest record.

use kopilka::{FindingKind, LedgerFinding, MissingRecords, Opening};

use super::head::HeadKeeper;
use super::opening::Opener;
use crate::error::StoreError;
use crate::head_file::KnownHead;
use crate::store::{Chain, ChainHead, Store};

/// Why the ledger of this till is begun anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    No,
    /// With at least this incarnation.
    Anew(u32),
}

impl Opener {
    /// Compares the journal with the file beside it.
    pub(super) fn compare_head(
        &self,
        store: &mut dyn Store,
        head_file: &HeadKeeper,
        incarnation: u32,
        opening: &mut Opening,
    ) -> Result<Begin, StoreError> {
        let text = match head_file.known() {
            None => return Ok(Begin::No),
            Some(KnownHead::Missing) if opening.created => return Ok(Begin::No),
            Some(KnownHead::Missing) => "it is missing; it is written anew".to_owned(),
            Some(KnownHead::Damaged) => "it cannot be read; it is written anew".to_owned(),
            Some(KnownHead::Known(known)) if known.chain.till != self.till => {
                format!("it is that of the till `{}`; it is written anew", known.chain.till)
            }
            Some(KnownHead::Known(known)) => {
                return self.compare_known(store, (head_file.name(), known), incarnation, opening);
            }
        };
        let (kind, place) = (FindingKind::HeadFile, head_file.name());
        opening.found.push(LedgerFinding { kind, place, text });
        Ok(Begin::No)
    }

    /// Compares the journal with the newest record that the file beside it knows.
    fn compare_known(
        &self,
        store: &mut dyn Store,
        (name, known): (String, &ChainHead),
        incarnation: u32,
        opening: &mut Opening,
    ) -> Result<Begin, StoreError> {
        let chain = known.chain.clone();
        if known.sequence == 0 && chain.incarnation <= incarnation {
            return Ok(Begin::No);
        }
        let heads = store.heads()?;
        let last = heads.iter().find(|head| head.chain == chain).map_or(0, |head| head.sequence);
        let row = store.record(&chain.record(known.sequence))?;
        if row.is_some_and(|row| row.hash == known.hash) {
            return Ok(Begin::No);
        }
        let from = last.saturating_add(1).min(known.sequence);
        let text = match last >= known.sequence {
            true => format!("it knows another record {}: this is an old copy", known.sequence),
            false => format!("it knows the record {}, the journal ends before", known.sequence),
        };
        opening.found.push(LedgerFinding { kind: FindingKind::TailLost, place: name, text });
        if known.sequence > 0 {
            note_missing(opening, &chain, from, known.sequence);
        }
        Ok(Begin::Anew(chain.incarnation.saturating_add(1)))
    }
}

/// Notes missing records of a chain, of which some may be noted already.
pub(super) fn note_missing(opening: &mut Opening, chain: &Chain, from: u64, until: u64) {
    let same = |missing: &&mut MissingRecords| {
        missing.till == chain.till && missing.incarnation == chain.incarnation
    };
    match opening.missing.iter_mut().find(same) {
        Some(missing) => {
            missing.from = missing.from.min(from);
            missing.until = missing.until.max(until);
        }
        None => opening.missing.push(MissingRecords {
            from,
            incarnation: chain.incarnation,
            till: chain.till.clone(),
            until,
        }),
    }
}
