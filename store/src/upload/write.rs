//! Writing an upload piece by piece, so that a ledger is never held up by where it goes.

use std::collections::HashMap;

use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::upload::{UPLOAD_FORMAT, UploadChain, UploadHead, UploadProfile, UploadSummary};
use kopilka::{ChainEnd, Personal, Position};
use sha2::{Digest, Sha256};

use super::line::{LINE_BYTES_MAX, Line, LineKind};
use crate::error::{StoreError, StoreFault};
use crate::store::{Chain, RecordRow, Store, StoredProfile};

/// How many records are read at once.
const RECORDS_AT_ONCE: usize = 64;

/// What an upload holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// Whether what is personal of guests goes with it: of those who changed since the heads after
    /// which it begins.
    pub with_personal: bool,
}

/// An upload that is being written. Records stand in the order of all tills, so that wherever it is
/// cut, what stands before is the beginning of every chain.
pub(crate) struct Upload {
    /// The sequence numbers after which each chain begins, and with which it ends.
    parts: HashMap<Chain, (u64, u64)>,
    /// Where the reading stands.
    read: Option<Position>,
    digest: Sha256,
    records: u64,
    profiles: u64,
    /// What is to be written next.
    pending: Vec<u8>,
}

impl Upload {
    /// Begins an upload of what stands in the ledger now and is not known to the other side.
    pub fn begin(
        store: &mut dyn Store,
        program: Option<String>,
        after: &[ChainEnd],
    ) -> Result<Upload, StoreError> {
        let known: HashMap<Chain, u64> = after
            .iter()
            .map(|head| {
                let chain = Chain { till: head.till.clone(), incarnation: head.incarnation };
                (chain, head.sequence)
            })
            .collect();
        let mut chains = Vec::new();
        let mut parts = HashMap::new();
        let mut first: Option<Position> = None;
        for head in store.heads()? {
            let after = known.get(&head.chain).copied().unwrap_or_default();
            if after >= head.sequence {
                continue;
            }
            let id = head.chain.record(after.saturating_add(1));
            let position = store.record(&id)?.map(|row| row.position);
            first = match (first, position) {
                (Some(first), Some(position)) => Some(first.min(position)),
                (first, position) => first.or(position),
            };
            let Chain { till, incarnation } = head.chain.clone();
            chains.push(UploadChain { after, incarnation, till, to: head.sequence });
            parts.insert(head.chain, (after, head.sequence));
        }
        chains.sort_by(|one, other| {
            (&one.till, one.incarnation).cmp(&(&other.till, other.incarnation))
        });
        let mut upload = Upload {
            parts,
            read: first
                .map(|first| Position { sequence: first.sequence.saturating_sub(1), ..first }),
            digest: Sha256::new(),
            records: 0,
            profiles: 0,
            pending: Vec::new(),
        };
        let head = UploadHead { chains, format: UPLOAD_FORMAT, program };
        upload.line(&Line::of(LineKind::Upload, &canonical(&head)));
        Ok(upload)
    }

    /// Reads the next records; whether there may be more.
    pub fn more(&mut self, store: &mut dyn Store) -> Result<bool, StoreError> {
        if self.parts.is_empty() {
            return Ok(false);
        }
        let rows = store.records_after(self.read.as_ref(), RECORDS_AT_ONCE)?;
        for row in &rows {
            if self.is_part(&row.position) {
                self.records = self.records.saturating_add(1);
                self.record(row);
            }
        }
        let last = rows.into_iter().last();
        let more = last.is_some();
        self.read = last.map(|row| row.position).or(self.read.take());
        Ok(more)
    }

    fn record(&mut self, row: &RecordRow) {
        self.line(&Line { kind: LineKind::Record, hash: row.hash, body: &row.text });
    }

    /// Whether a record is one of those that the upload holds.
    fn is_part(&self, position: &Position) -> bool {
        let chain = Chain { till: position.till.clone(), incarnation: position.incarnation };
        let part = self.parts.get(&chain);
        part.is_some_and(|(after, to)| position.sequence > *after && position.sequence <= *to)
    }

    /// Adds what is personal of the guests of whom the other side lacks the record.
    pub fn profiles(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        store.each_profile(&mut |profile| self.profile(profile))
    }

    fn profile(&mut self, profile: StoredProfile) -> Result<(), StoreError> {
        if !self.is_part(&profile.position) {
            return Ok(());
        }
        let StoredProfile { guest, personal, position, .. } = profile;
        let personal = personal.map(|text| personal_of(&text, &guest)).transpose()?;
        let Position { logical_at, till, incarnation, sequence } = position;
        let profile = UploadProfile { guest, incarnation, logical_at, personal, sequence, till };
        self.profiles = self.profiles.saturating_add(1);
        self.line(&Line::of(LineKind::Profile, &canonical(&profile)));
        Ok(())
    }

    /// Adds the last line.
    pub fn end(&mut self) {
        let digest: [u8; 32] = self.digest.clone().finalize().into();
        let digest = kopilka::RecordHash(digest).to_string();
        let summary = UploadSummary { digest, profiles: self.profiles, records: self.records };
        self.line(&Line::of(LineKind::Summary, &canonical(&summary)));
    }

    /// What is to be written next; it is empty afterwards.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }

    fn line(&mut self, line: &Line<'_>) {
        let text = line.to_string();
        self.digest.update(&text);
        self.pending.extend_from_slice(text.as_bytes());
    }
}

/// What is personal, from the text that is kept.
pub(crate) fn personal_of(text: &str, guest: &str) -> Result<Personal, StoreError> {
    let read = Node::parse(text, LINE_BYTES_MAX).map(|node| Reader::document::<Personal>(&node));
    match read {
        Ok((personal, mistakes)) if mistakes.is_empty() => Ok(personal),
        _ => {
            let message = format!("what is personal of guest `{guest}` cannot be read");
            Err(StoreError::new(StoreFault::Damaged, message))
        }
    }
}
