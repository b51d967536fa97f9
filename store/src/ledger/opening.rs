//! How a ledger is opened: what is verified, and what is done about what is wrong.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use kopilka::{ChainEnd, Error, ErrorCode, FindingKind, Head, LedgerFinding, Opening};

use super::cache::Cache;
use super::chains::{self, Sound};
use super::comparing::Begin;
use super::fold::{self, REBUILDING};
use super::head::HeadKeeper;
use super::mending::{self, Mended};
use super::notes::{self, Notes};
use super::{Options, recover};
use crate::error::{StoreError, StoreFault};
use crate::head_file::KnownHead;
use crate::store::{Chain, ChainHead, Change, Place as StorePlace, Store};

/// Where a ledger is kept.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In a store that cannot be opened anew: in memory, or the host's own.
    Store,
    /// In a file.
    File(PathBuf),
}

/// How a ledger is opened, and opened anew.
#[derive(Debug)]
pub(super) struct Opener {
    pub place: Place,
    pub till: String,
    pub options: Options,
}

/// How much of a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The records after the last checkpoint, and the states.
    AtTheEnd,
    /// Every page too: something was damaged.
    AtAll,
}

/// A ledger that was opened.
pub(super) struct Opened {
    pub store: Box<dyn Store>,
    pub cache: Cache,
    pub notes: Notes,
    pub head_file: HeadKeeper,
    pub opening: Opening,
}

impl Opener {
    /// Opens the ledger. A store that cannot be opened anew is gone on with as it is.
    pub fn open(&self, previous: Option<Box<dyn Store>>, look: Look) -> Result<Opened, Error> {
        let opening = Opening { till: self.till.clone(), ..Opening::default() };
        match &self.place {
            Place::Store => {
                let lost = || {
                    let message = "the store failed, and nobody but the host can open it anew";
                    StoreError::new(StoreFault::Failed, message)
                };
                let store = previous.ok_or_else(lost)?;
                self.open_store(store, None, HeadKeeper::default(), opening)
            }
            Place::File(path) => {
                // One process has it open only once.
                drop(previous);
                self.open_file(path, look, opening)
            }
        }
    }

    fn open_file(&self, path: &Path, look: Look, mut opening: Opening) -> Result<Opened, Error> {
        let files = self.options.sqlite.files.as_ref();
        recover::finish(path, files)?;
        let head_file = HeadKeeper::of(path, files)?;
        let store = match recover::open(path, &self.options.sqlite) {
            Ok(store) => store,
            Err(error) if recover::is_damage(&error, head_file.known()) => {
                opening.found.push(file_damaged(path, error.message()));
                let store = recover::salvage(path, None, &[], &self.options.sqlite, &mut opening)?;
                return self.open_store(store, None, head_file, opening);
            }
            Err(error) => return Err(error.into()),
        };
        let before = opening.clone();
        match self.open_sound((path, look), store, head_file, opening) {
            // What could be made anew of the records cannot even be cleared away, or is in the way.
            Err(error) if error.code() == ErrorCode::StoreDamaged => {
                opening = before;
                let text = error.mistakes().first().map_or("", |mistake| &mistake.message);
                opening.found.push(file_damaged(path, text));
                let mut store = recover::open(path, &self.options.sqlite)?;
                let sounds = self.look(store.as_mut(), &mut opening)?;
                self.open_salvaged(path, store, &sounds, opening)
            }
            opened => opened,
        }
    }

    /// Opens a file that is a database; where records in it are damaged, the sound ones go into a new one.
    fn open_sound(
        &self,
        (path, look): (&Path, Look),
        mut store: Box<dyn Store>,
        head_file: HeadKeeper,
        mut opening: Opening,
    ) -> Result<Opened, Error> {
        self.refuse_other(store.as_mut(), &head_file)?;
        if look == Look::AtAll {
            refuse_damage(store.as_mut())?;
        }
        let mended = mending::mend(store.as_mut(), &mut opening)?;
        let sounds = self.look(store.as_mut(), &mut opening)?;
        if sounds.iter().any(|sound| sound.damage.is_some()) {
            return self.open_salvaged(path, store, &sounds, opening);
        }
        self.open_store(store, Some((sounds, mended)), head_file, opening)
    }

    fn open_salvaged(
        &self,
        path: &Path,
        damaged: Box<dyn Store>,
        sounds: &[Sound],
        mut opening: Opening,
    ) -> Result<Opened, Error> {
        let how = &self.options.sqlite;
        let store = recover::salvage(path, Some(damaged), sounds, how, &mut opening)?;
        let head_file = HeadKeeper::of(path, how.files.as_ref())?;
        self.open_store(store, None, head_file, opening)
    }

    /// Opens a ledger on a store whose records can be read, and were looked at or not.
    fn open_store(
        &self,
        mut store: Box<dyn Store>,
        looked_at: Option<(Vec<Sound>, Mended)>,
        mut head_file: HeadKeeper,
        mut opening: Opening,
    ) -> Result<Opened, Error> {
        let (sounds, mended) = match looked_at {
            Some(looked_at) => looked_at,
            None => {
                self.refuse_other(store.as_mut(), &head_file)?;
                let mended = mending::mend(store.as_mut(), &mut opening)?;
                (self.look(store.as_mut(), &mut opening)?, mended)
            }
        };
        if let Some(finding) = sounds.iter().find_map(|sound| sound.damage.as_ref()) {
            let message = format!("the record {}: {}", finding.place, finding.text);
            return Err(StoreError::new(StoreFault::Damaged, message).into());
        }
        self.claim(store.as_mut(), &mut opening)?;
        let mut incarnation = self.incarnation(store.as_mut(), &sounds)?;
        let kept = opening.kept.is_some();
        let begin = self.compare_head(store.as_mut(), &head_file, incarnation, &mut opening)?;
        let restored = store.note(notes::RESTORED)?.is_some() || mended.copy;
        let anew = match begin {
            Begin::Anew(least) => Some(least.max(incarnation.saturating_add(1))),
            Begin::No if kept || restored => Some(incarnation.saturating_add(1)),
            Begin::No => None,
        };
        let records = sounds.iter().map(|sound| sound.newest).sum();
        let stale = self.states_are_stale(store.as_mut(), records, &mut opening)? || mended.states;
        if mended.checkpoint {
            mending::note_checkpoint(store.as_mut(), &sounds)?;
        }
        if let Some(next) = anew {
            incarnation = next;
            let notes = vec![
                (notes::INCARNATION.to_owned(), Some(next.to_string())),
                // If it is cut short here, the states are made anew at the next opening.
                (REBUILDING.to_owned(), Some("1".to_owned())),
                (notes::RESTORED.to_owned(), None),
            ];
            store.commit(&Change { notes, ..Change::default() })?;
        }
        opening.incarnation = incarnation;
        let head = self.head(&sounds, incarnation);
        // Whose record answers for a key depends on which records are the ledger's own.
        if stale || anew.is_some() {
            fold::rebuild(store.as_mut(), &head)?;
            opening.states_rebuilt = true;
        }
        let notes = Notes::read(store.as_mut())?;
        let cache = Cache::new(store.as_mut(), head.clone())?;
        head_file.write(&own_end(&head))?;
        if anew.is_some() {
            head_file.sync()?;
        }
        Ok(Opened { store, cache, notes, head_file, opening })
    }

    /// Makes a new store this till's.
    fn claim(&self, store: &mut dyn Store, opening: &mut Opening) -> Result<(), StoreError> {
        if store.note(notes::TILL)?.is_some() {
            return Ok(());
        }
        let note = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let mut notes = vec![note(notes::TILL, &self.till)];
        if store.note(notes::INCARNATION)?.is_none() {
            notes.push(note(notes::INCARNATION, "1"));
        }
        store.commit(&Change { notes, ..Change::default() })?;
        // A file that was kept aside is gone on with, and so is one that lost its note.
        opening.created = opening.kept.is_none() && store.heads()?.is_empty();
        Ok(())
    }

    /// Refuses the ledger of another till.
    fn refuse_other(&self, store: &mut dyn Store, head_file: &HeadKeeper) -> Result<(), Error> {
        let till = match store.note(notes::TILL) {
            Err(error) if error.fault() == StoreFault::Damaged => None,
            till => till?,
        };
        let message = match till {
            Some(till) if till == self.till => return Ok(()),
            Some(other) => format!("this is the ledger of the till `{other}`"),
            // Where the note is damaged, the records say whose it is, or the file beside it.
            None => {
                let heads = store.heads_to_damage()?;
                let own = heads.iter().any(|head| head.chain.till == self.till);
                let known = matches!(head_file.known(),
                    Some(KnownHead::Known(known)) if known.chain.till == self.till);
                if heads.is_empty() || own || known {
                    return Ok(());
                }
                format!("this is a ledger without records of the till `{}`", self.till)
            }
        };
        Err(Error::new(ErrorCode::StoreOtherTill, "", message))
    }

    /// Looks at the records after the last checkpoint.
    fn look(&self, store: &mut dyn Store, opening: &mut Opening) -> Result<Vec<Sound>, StoreError> {
        let known: Vec<ChainEnd> = match notes::read(store, notes::CHECKPOINT) {
            Ok(known) => known.unwrap_or_default(),
            Err(error) if error.fault() == StoreFault::Damaged => {
                opening.found.push(LedgerFinding {
                    kind: FindingKind::NoteDamaged,
                    place: notes::CHECKPOINT.to_owned(),
                    text: error.message().to_owned(),
                });
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let mut sounds = Vec::new();
        for head in store.heads_to_damage()? {
            let own = |end: &&ChainEnd| {
                end.till == head.chain.till && end.incarnation == head.chain.incarnation
            };
            let from = known.iter().find(own);
            sounds.push(chains::check(store, &head, from, &mut |_| Ok(()))?);
        }
        opening.records = sounds.iter().map(|sound| sound.records).sum();
        Ok(sounds)
    }

    /// How many times the ledger was begun, as it is noted or as its records say.
    fn incarnation(&self, store: &mut dyn Store, sounds: &[Sound]) -> Result<u32, StoreError> {
        let noted = store.note(notes::INCARNATION)?.and_then(|text| text.parse().ok());
        let own = sounds.iter().filter(|sound| sound.chain.till == self.till);
        let last = own.map(|sound| sound.chain.incarnation).max();
        Ok(noted.max(last).unwrap_or(1))
    }

    /// Whether the states must be made anew.
    fn states_are_stale(
        &self,
        store: &mut dyn Store,
        records: u64,
        opening: &mut Opening,
    ) -> Result<bool, StoreError> {
        let (kind, text) = if store.note(REBUILDING)?.is_some() {
            (FindingKind::RebuildUnfinished, "they are made anew once more".to_owned())
        } else if records > self.options.compare_states_up_to {
            return Ok(false);
        } else {
            let noted = store.state_digest();
            let counted = noted.and_then(|noted| Ok((noted, store.count_state_digest()?)));
            match counted {
                Ok((noted, counted)) if noted == counted => return Ok(false),
                Ok(_) => (FindingKind::StateWrong, "they are not as they were written".to_owned()),
                Err(error) if error.fault() == StoreFault::Damaged => {
                    (FindingKind::StateWrong, error.message().to_owned())
                }
                Err(error) => return Err(error),
            }
        };
        // One that was salvaged has none yet: that is no further fault.
        if opening.kept.is_none() {
            opening.found.push(LedgerFinding { kind, place: "states".to_owned(), text });
        }
        Ok(true)
    }

    /// The end of the till's own chain. Logical time goes on after everything that is known.
    fn head(&self, sounds: &[Sound], incarnation: u32) -> Head {
        let mut head = Head { till: self.till.clone(), incarnation, ..Head::default() };
        for sound in sounds {
            let own = sound.chain.till == self.till && sound.chain.incarnation == incarnation;
            let Some(at) = sound.logical_at else { continue };
            if own {
                head.sequence = sound.sequence;
                head.hash = sound.hash;
                head.logical_at = head.logical_at.max(at);
            } else {
                head.logical_at = head.logical_at.max(just_after(at));
            }
        }
        self.options.guard(head)
    }
}

/// Whatever is decided here stands after the records of others that were known.
pub(super) fn just_after(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(at)
}

/// The end of a ledger's own chain.
pub(super) fn own_end(head: &Head) -> ChainHead {
    let chain = Chain { till: head.till.clone(), incarnation: head.incarnation };
    ChainHead { chain, sequence: head.sequence, hash: head.hash }
}

/// Fails if the file is not whole as a database.
fn refuse_damage(store: &mut dyn Store) -> Result<(), StoreError> {
    let found = store.examine()?;
    let damage = found.into_iter().find(|finding| finding.place == StorePlace::File);
    damage.map_or(Ok(()), |finding| Err(StoreError::damaged(finding.message)))
}

fn file_damaged(path: &Path, text: &str) -> LedgerFinding {
    let (kind, place) = (FindingKind::FileDamaged, recover::name(path));
    LedgerFinding { kind, place, text: text.to_owned() }
}
