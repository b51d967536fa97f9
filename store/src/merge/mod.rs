//! Taking in an upload: every record is checked, kept, and added to the states as if it had come in
//! its place.

mod chains;
mod fold;
mod profiles;
mod states;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kopilka::upload::{Fork, Gap, Merge, OwedSince, UploadCut, UploadHead};
use kopilka::{Amount, ChainEnd, Error, ErrorCode, Key, Slice, touched};

use crate::error::StoreError;
use crate::store::{Chain, Change, NewRecord, QuarantinedRow, RecordRow, Store};
use crate::upload::read::{Piece, Received};
use chains::{Chains, Verdict};
use fold::New;
use states::{Grown, load, states_after};

/// The note that a chain was written by two ledgers, with the sequence number at which they part.
pub(crate) const FORK: &str = "fork:";
/// The note of the highest incarnation with which a till was told to begin.
pub(crate) const BEGIN: &str = "begin:";
/// Why a record is kept aside.
const ASIDE: &str = "record.fork";
/// The most items of a list that a merge names; later uploads name the rest.
const NAMED_MAX: usize = 10_000;

/// What came of a part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is taken in, with so many new records.
    Merged(u64),
    /// Nothing was done: it holds records of this ledger's own chain that it does not have, so that
    /// it lost its tail or another one writes under its name. Begin anew with this incarnation or a
    /// later one, then merge the part again.
    BeginAnew(u32),
}

/// An upload that is being taken in, part by part. Each part is a transaction of its own, so that
/// after a failure the same upload goes on where it stopped.
pub(crate) struct Import {
    at: Timestamp,
    head: UploadHead,
    merge: Merge,
    forks: BTreeMap<Chain, u64>,
    skipped: BTreeMap<Chain, u64>,
    debts: BTreeMap<(String, String), Grown>,
    versions: BTreeSet<String>,
    latest: Option<Timestamp>,
}

impl Import {
    /// Begins to take in an upload at an instant of the host's clock.
    ///
    /// # Errors
    /// `program.mismatch` if it is of another programme than this ledger.
    pub fn begin(program: Option<&str>, head: UploadHead, at: Timestamp) -> Result<Import, Error> {
        if let (Some(own), Some(other)) = (program, &head.program)
            && own != other
        {
            let message = format!("this ledger belongs to the programme `{own}`");
            return Err(Error::new(ErrorCode::ProgramMismatch, "/upload/program", message));
        }
        Ok(Import {
            at,
            head,
            merge: Merge::default(),
            forks: BTreeMap::new(),
            skipped: BTreeMap::new(),
            debts: BTreeMap::new(),
            versions: BTreeSet::new(),
            latest: None,
        })
    }

    /// The latest logical instant of the records that were taken in.
    pub fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// The instant for which debts are told: all that came in has happened.
    fn now(&self) -> Timestamp {
        self.latest.map_or(self.at, |latest| latest.max(self.at))
    }

    /// Takes in a part.
    ///
    /// # Errors
    /// As the store fails. Then the same upload is to be taken in once more.
    pub fn piece(
        &mut self,
        store: &mut dyn Store,
        own: &Chain,
        piece: &Piece,
    ) -> Result<Step, StoreError> {
        let mut sorted = Sorted::default();
        let mut chains = Chains::load(store)?;
        for received in &piece.records {
            let verdict = chains.judge(store, &received.entry)?;
            let id = received.entry.record.envelope.id();
            if Chain::of(&id) == *own && verdict != Verdict::Known {
                return Ok(Step::BeginAnew(first_free(store, own, piece)?));
            }
            sorted.add(received, verdict, self.at);
        }
        let records = self.commit(store, own, sorted, &chains)?;
        for (chain, sequence) in chains.forks {
            self.forks.entry(chain).or_insert(sequence);
        }
        for (chain, sequence) in chains.skipped {
            let highest = self.skipped.entry(chain).or_default();
            *highest = sequence.max(*highest);
        }
        let profiles = profiles::later_profiles(store, own, &piece.profiles)?;
        if !profiles.is_empty() {
            let count = u64::try_from(profiles.len()).unwrap_or(u64::MAX);
            store.commit(&Change { profiles, ..Change::default() })?;
            self.merge.profiles = self.merge.profiles.saturating_add(count);
        }
        Ok(Step::Merged(records))
    }

    fn commit(
        &mut self,
        store: &mut dyn Store,
        own: &Chain,
        sorted: Sorted,
        chains: &Chains,
    ) -> Result<u64, StoreError> {
        let Sorted { mut records, quarantined, known, skipped, aside } = sorted;
        records.sort_by(|one, other| one.new.position.cmp(&other.new.position));
        let (new, texts): (Vec<New>, Vec<String>) =
            records.into_iter().map(|record| (record.new, record.text)).unzip();
        self.latest = self.latest.max(new.last().map(|new| new.position.logical_at));
        let after = states_after(store, own, &new, self.now())?;
        let profiles = profiles::profiles_after(store, own, &new)?;
        let notes = chains.forks.iter().map(|(chain, at)| (fork_note(chain), Some(at.to_string())));
        let change = Change {
            records: new.iter().zip(texts).map(|(new, text)| row_of(new, text)).collect(),
            states: after.states,
            profiles,
            notes: notes.collect(),
            quarantined,
            ..Change::default()
        };
        if change != Change::default() {
            store.commit(&change)?;
        }
        let accepted = u64::try_from(new.len()).unwrap_or(u64::MAX);
        self.merge.accepted = self.merge.accepted.saturating_add(accepted);
        self.merge.known = self.merge.known.saturating_add(known);
        self.merge.skipped = self.merge.skipped.saturating_add(skipped);
        self.merge.quarantined = self.merge.quarantined.saturating_add(aside);
        self.note(&new, after.debts);
        Ok(accepted)
    }

    /// Notes what is told at the end.
    fn note(&mut self, new: &[New], debts: Vec<Grown>) {
        for new in new {
            let version = &new.entry.record.envelope.program.version;
            if !self.versions.contains(version) && self.versions.len() < NAMED_MAX {
                self.versions.insert(version.clone());
            }
        }
        for debt in debts {
            if self.debts.len() < NAMED_MAX {
                self.debts.entry((debt.card.clone(), debt.points.clone())).or_insert(debt);
            }
        }
    }

    /// What came of the whole.
    ///
    /// # Errors
    /// As the store fails. Then the same upload is to be taken in once more.
    pub fn finish(
        mut self,
        store: &mut dyn Store,
        own: &Chain,
        cut: Option<UploadCut>,
    ) -> Result<Merge, StoreError> {
        let heads = store.heads()?;
        let sequence_of = |chain: &Chain| {
            let head = heads.iter().find(|head| head.chain == *chain);
            head.map_or(0, |head| head.sequence)
        };
        let mut gaps = self.skipped.clone();
        for part in &self.head.chains {
            let chain = Chain { till: part.till.clone(), incarnation: part.incarnation };
            gaps.entry(chain).or_insert(part.after);
        }
        for (chain, highest) in gaps {
            let newest = sequence_of(&chain);
            if highest > newest && self.merge.gaps.len() < NAMED_MAX {
                let Chain { till, incarnation } = chain;
                let from = newest.saturating_add(1);
                self.merge.gaps.push(Gap { from, incarnation, till });
            }
        }
        self.merge.acknowledgement.forks = self.forked(store)?;
        let known = heads.into_iter().map(|head| ChainEnd {
            hash: head.hash.to_string(),
            incarnation: head.chain.incarnation,
            sequence: head.sequence,
            till: head.chain.till,
        });
        self.merge.acknowledgement.heads = known.collect();
        self.merge.debts = self.owed(store, own)?;
        for version in &self.versions {
            if store.state(&Key::Program(version.clone()))?.is_none() {
                self.merge.programs.push(version.clone());
            }
        }
        self.merge.cut = cut;
        Ok(self.merge)
    }

    /// The chains of the upload that were written by two ledgers. Each who uploads one is told
    /// another incarnation to begin with, so that they part for good.
    fn forked(&mut self, store: &mut dyn Store) -> Result<Vec<Fork>, StoreError> {
        for part in &self.head.chains {
            let chain = Chain { till: part.till.clone(), incarnation: part.incarnation };
            let noted = store.note(&fork_note(&chain))?.and_then(|at| at.parse().ok());
            if let Some(at) = noted {
                self.forks.entry(chain).or_insert(at);
            }
        }
        let mut forks = Vec::new();
        let mut notes = BTreeMap::new();
        for (chain, sequence) in std::mem::take(&mut self.forks).into_iter().take(NAMED_MAX) {
            let begin = first_free(store, &chain, &Piece::default())?;
            notes.insert(format!("{BEGIN}{}", chain.till), Some(begin.to_string()));
            let Chain { till, incarnation } = chain;
            forks.push(Fork { begin, incarnation, sequence, till });
        }
        if !notes.is_empty() {
            let notes = notes.into_iter().collect();
            store.commit(&Change { notes, ..Change::default() })?;
        }
        Ok(forks)
    }

    /// What cards owe now, of those that owed more after a part.
    fn owed(&self, store: &mut dyn Store, own: &Chain) -> Result<Vec<OwedSince>, StoreError> {
        let at = self.now();
        let mut debts = Vec::new();
        for ((card, points), grown) in &self.debts {
            let mut slice = Slice::new(&own.till, own.incarnation);
            load(store, &mut slice, &Key::Card(card.clone()))?;
            let owed = slice.owed(card, at).into_iter().find(|(kind, _)| kind == points);
            let units = owed.map_or(0, |(_, units)| units);
            if units > grown.before {
                let debt = Amount { units, digits: grown.digits };
                debts.push(OwedSince { card: card.clone(), debt, points: points.clone() });
            }
        }
        Ok(debts)
    }
}

/// The name of the note that says of a chain that it was written by two ledgers.
pub(crate) fn fork_note(chain: &Chain) -> String {
    format!("{FORK}{}.{}", chain.till, chain.incarnation)
}

/// The first incarnation of a till that neither is known nor was given to another.
fn first_free(store: &mut dyn Store, chain: &Chain, piece: &Piece) -> Result<u32, StoreError> {
    let told = store.note(&format!("{BEGIN}{}", chain.till))?.and_then(|told| told.parse().ok());
    let heads = store.heads()?;
    let known = heads.iter().filter(|head| head.chain.till == chain.till);
    let coming = piece.records.iter().map(|received| &received.entry.record.envelope);
    let coming = coming.filter(|envelope| envelope.till == chain.till);
    let highest = known
        .map(|head| head.chain.incarnation)
        .chain(coming.map(|envelope| envelope.incarnation))
        .chain(told)
        .fold(chain.incarnation, u32::max);
    Ok(highest.saturating_add(1))
}

fn row_of(new: &New, text: String) -> NewRecord {
    let row = RecordRow { position: new.position.clone(), hash: new.entry.hash, text };
    NewRecord { row, touched: new.touched.clone() }
}

struct Accepted {
    new: New,
    text: String,
}

/// The records of a part by what is done with them.
#[derive(Default)]
struct Sorted {
    records: Vec<Accepted>,
    quarantined: Vec<QuarantinedRow>,
    known: u64,
    skipped: u64,
    aside: u64,
}

impl Sorted {
    fn add(&mut self, received: &Received, verdict: Verdict, at: Timestamp) {
        let Received { entry, text } = received;
        match verdict {
            Verdict::Known => self.known = self.known.saturating_add(1),
            Verdict::Gap => self.skipped = self.skipped.saturating_add(1),
            Verdict::Next => {
                let position = entry.record.envelope.position();
                let new = New { position, entry: entry.clone(), touched: touched(entry) };
                self.records.push(Accepted { new, text: text.clone() });
            }
            Verdict::Fork => {
                self.aside = self.aside.saturating_add(1);
                let (record, hash) = (entry.record.envelope.id(), entry.hash);
                let same = |row: &QuarantinedRow| row.record == record && row.hash == hash;
                if !self.quarantined.iter().any(same) {
                    let (text, reason) = (text.clone(), ASIDE.to_owned());
                    self.quarantined.push(QuarantinedRow { record, hash, text, reason, at });
                }
            }
        }
    }
}
