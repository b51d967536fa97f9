//! Two tills of one store, a till of another, a backend, and what is sent between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kopilka::Error;
use kopilka_store::{Chain, Ledger, Options, Store};
use serde_json::{Value, json};

use crate::deeds;
use crate::facts::{Fact, Sums};
use crate::invariants::{self, Check};
use crate::kept::Kept;
use crate::step::{Deed, Step};

/// The tills and their stores; the last is the backend.
pub const TILLS: [(&str, &str); 4] =
    [("east-1", "east"), ("east-2", "east"), ("west-1", "west"), ("backend", "east")];
pub const BACKEND: usize = 3;

/// A ledger, what is known of it from outside, and where its clock stands.
pub struct Place {
    pub till: &'static str,
    pub store: &'static str,
    pub kept: Kept,
    pub ledger: Option<Ledger>,
    /// The clock's distance from the true time, in minutes.
    skew: i64,
    /// Its records by chain, in sequence.
    pub records: BTreeMap<(String, u64), Vec<Arc<Fact>>>,
    pub sums: Sums,
    /// The newest instant that it knows.
    pub newest: Option<Timestamp>,
    /// The version under which it sold last.
    newest_sale: Option<Value>,
    /// A planned time without a network, by the host's clock.
    pub planned: Option<(Timestamp, Timestamp)>,
}

impl Place {
    pub fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().unwrap()
    }

    pub fn count(&self) -> usize {
        self.records.values().map(Vec::len).sum()
    }

    /// The ledger's own time at an instant of its host: it never goes back, and stands still where
    /// the host's clock is a day ahead of all that is known.
    pub fn time_at(&self, at: Timestamp) -> Timestamp {
        match self.newest {
            Some(newest) if at > newest + SignedDuration::from_hours(24) => newest,
            Some(newest) => newest.max(at),
            None => at,
        }
    }

    fn is_planned(&self, at: Timestamp) -> bool {
        self.planned.is_some_and(|(from, until)| from <= at && at < until)
    }

    pub fn ask(&self, at: Timestamp, command: Value) -> Result<Value, Error> {
        let request = json!({"at": at.to_string(), "command": command});
        let answer = self.ledger().call_json(&request.to_string())?;
        Ok(serde_json::from_str(&answer).unwrap())
    }

    pub fn balance(&self, at: Timestamp, card: &str) -> Result<Value, Error> {
        self.ask(at, json!({"balance": {"card": card, "office": true}}))
    }
}

/// A call that was answered.
pub struct Asked {
    pub at: usize,
    pub request: Value,
    pub answer: String,
    /// The record that holds it.
    pub record: Option<String>,
}

#[derive(Clone, Debug)]
pub struct SaleKnown {
    /// Where it was made.
    pub at: usize,
    /// The record that opened it.
    pub id: String,
    pub token: String,
    pub held: i128,
    pub lines: Vec<String>,
}

/// How the ledgers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Memory,
    /// In memory, and hardly any state is held beside the store.
    Narrow,
    File,
    /// In a file on a disk that loses what was not synced when the power goes.
    Disk,
}

pub struct World {
    pub places: Vec<Place>,
    pub asked: Vec<Asked>,
    pub sales: Vec<SaleKnown>,
    /// Every record that was ever seen, by id and hash.
    pub facts: BTreeMap<(String, String), Arc<Fact>>,
    uploads: Vec<(usize, Vec<u8>)>,
    keeping: Keeping,
    minutes: i64,
    calls: u64,
    /// How often each verb was done, and how often each refusal was given.
    pub done: BTreeMap<String, u64>,
    /// The places that got records since it was last asked.
    pub changed: BTreeSet<usize>,
    _folder: Option<tempfile::TempDir>,
}

fn options(keeping: Keeping) -> Options {
    match keeping {
        Keeping::Narrow => Options { states_in_memory: 1, ..Options::default() },
        Keeping::Memory | Keeping::File | Keeping::Disk => {
            Options { checkpoint_after: 20, ..Options::default() }
        }
    }
}

impl World {
    pub fn new(keeping: Keeping) -> World {
        let folder = (keeping == Keeping::File).then(|| tempfile::tempdir().unwrap());
        let place = |&(till, store): &(&'static str, &'static str)| {
            let kept = match &folder {
                None if keeping == Keeping::Disk => Kept::disk(),
                None => Kept::memory(),
                Some(folder) => Kept::file(&folder.path().join(till)),
            };
            let ledger = Ledger::on(Box::new(kept.clone()), till, options(keeping)).unwrap();
            Place {
                till,
                store,
                kept,
                ledger: Some(ledger),
                skew: 0,
                records: BTreeMap::new(),
                sums: Sums::default(),
                newest: None,
                newest_sale: None,
                planned: None,
            }
        };
        World {
            places: TILLS.iter().map(place).collect(),
            asked: Vec::new(),
            sales: Vec::new(),
            facts: BTreeMap::new(),
            uploads: Vec::new(),
            keeping,
            minutes: 0,
            calls: 0,
            done: BTreeMap::new(),
            changed: BTreeSet::new(),
            _folder: folder,
        }
    }

    /// The instant by a ledger's clock.
    pub fn now(&self, at: usize) -> Timestamp {
        let start: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        start + SignedDuration::from_mins(self.minutes + self.places[at].skew)
    }

    /// The backend brings the programme into force and issues cards, and everybody hears of it.
    pub fn begin(&mut self) -> Check {
        for version in 0..2 {
            self.do_deed(BACKEND, &Deed::Install { version })?;
        }
        self.do_deed(BACKEND, &Deed::Activate { version: 0, store: None, hours: 0 })?;
        for (card, opening) in [(0, 400), (1, 90), (3, 700), (4, 0), (5, 2), (6, 2)] {
            self.do_deed(BACKEND, &Deed::Issue { card, opening })?;
        }
        self.do_deed(BACKEND, &Deed::Batch { codes: 2 })?;
        self.minutes += 1;
        self.meet()
    }

    pub fn take(&mut self, step: &Step) -> Check {
        match step {
            Step::Call { at, deed } => self.do_deed(*at, deed),
            Step::Retry { at, call } => self.retry(*at, *call),
            Step::Conflict { at, call } => self.conflict(*at, *call),
            Step::Wait { minutes } => {
                self.minutes += i64::from(*minutes);
                Ok(())
            }
            Step::Skew { at, minutes } => {
                self.places[*at].skew = i64::from(*minutes);
                Ok(())
            }
            Step::Offline { at } => {
                let now = self.now(*at);
                self.places[*at].ledger().set_offline(now).map_err(|error| error.to_string())?;
                Ok(())
            }
            Step::Upload { from, to, how } if from != to => self.upload(*from, *to, *how),
            Step::Write { from, to } if from != to => {
                let upload = self.export(*from, Some(*to))?;
                self.uploads.push((*from, upload));
                Ok(())
            }
            Step::CrashInUpload { from, to, cut } if from != to => {
                self.crash_in_upload(*from, *to, *cut)
            }
            Step::Upload { .. } | Step::Write { .. } | Step::CrashInUpload { .. } => Ok(()),
            Step::Crash { at, deed, cut } => self.crash(*at, deed, *cut),
            Step::Maintain { at, after, minutes } => self.maintain(*at, *after, *minutes),
            Step::Deliver { upload } => {
                if self.uploads.is_empty() {
                    return Ok(());
                }
                let (from, bytes) = self.uploads[upload % self.uploads.len()].clone();
                // Whoever did not write it: the next place.
                self.import((from + 1 + upload % 3) % 4, &bytes).map(|_| ())
            }
            Step::Meet => self.meet(),
            Step::Reopen { at } => self.reopen(*at),
            Step::Rebuild { at } => self.rebuild(*at),
        }
    }

    fn do_deed(&mut self, at: usize, deed: &Deed) -> Check {
        let at = deeds::place(self, at, deed);
        match self.request(at, deed) {
            Some((verb, request)) => self.call(at, verb, request, deed),
            None => Ok(()),
        }
    }

    pub fn request(&mut self, at: usize, deed: &Deed) -> Option<(&'static str, Value)> {
        let (verb, input) = deeds::command(self, at, deed)?;
        self.calls += 1;
        let mut command = serde_json::Map::new();
        command.insert(verb.to_owned(), input);
        let request = json!({
            "at": self.now(at).to_string(),
            "command": command,
            "entropy": crate::facts::sha256(&format!("chance {}", self.calls)),
            "key": format!("{} {}", TILLS[at].0, self.calls),
        });
        Some((verb, request))
    }

    fn call(&mut self, at: usize, verb: &str, request: Value, deed: &Deed) -> Check {
        let before = self.places[at].count();
        let digest = self.places[at].kept.with(|store| store.state_digest()).unwrap();
        let answer = self.places[at].ledger().call_json(&request.to_string());
        let new = self.look(at)?;
        match answer {
            Err(error) => {
                let code = error.code().as_str();
                if code == "internal" || code.starts_with("store.") {
                    return Err(format!("{error}: {request}"));
                }
                let kept = self.places[at].kept.with(|store| store.state_digest()).unwrap();
                invariants::i27_what_was_refused_left_nothing(
                    new.len(),
                    self.places[at].count() == before && kept == digest,
                    &request,
                )?;
                if matches!(deed, Deed::TooMuch { .. }) {
                    *self.done.entry("too much refused".to_owned()).or_default() += 1;
                }
                *self.done.entry(format!("{verb}: {code}")).or_default() += 1;
            }
            Ok(answer) => {
                invariants::i08_what_cannot_be_counted_is_refused(matches!(
                    deed,
                    Deed::TooMuch { .. }
                ))?;
                invariants::i26_what_was_acknowledged_is_kept(&self.places[at], &answer)?;
                *self.done.entry(verb.to_owned()).or_default() += 1;
                self.note_answer(at, request, answer, &new);
            }
        }
        Ok(())
    }

    fn maintain(&mut self, at: usize, after: u16, minutes: u16) -> Check {
        let from = self.now(at) + SignedDuration::from_mins(after.into());
        let until = from + SignedDuration::from_mins(minutes.into());
        let planned = Some(kopilka::Maintenance { from, until });
        let told = self.places[at].ledger().plan_maintenance(planned);
        told.map_err(|error| error.to_string())?;
        self.places[at].planned = Some((from, until));
        Ok(())
    }

    fn reopen(&mut self, at: usize) -> Check {
        drop(self.places[at].ledger.take());
        self.places[at].kept.open_again();
        self.open(at)?;
        *self.done.entry("reopen".to_owned()).or_default() += 1;
        self.look(at).map(|_| ())
    }

    pub fn open(&mut self, at: usize) -> Check {
        let options = options(self.keeping);
        let place = &mut self.places[at];
        let ledger = Ledger::on(Box::new(place.kept.clone()), place.till, options);
        let ledger = ledger.map_err(|error| error.to_string())?;
        let opening = ledger.opening();
        place.ledger = Some(ledger);
        invariants::i33_a_ledger_opens_as_it_was_closed(&opening, place)
    }

    pub fn rebuild(&mut self, at: usize) -> Check {
        let place = &self.places[at];
        invariants::i30_what_is_made_anew_is_what_was_kept(place)?;
        *self.done.entry("rebuild".to_owned()).or_default() += 1;
        self.look(at).map(|_| ())
    }

    /// Reads what is new at a place, checks each record, and adds it up.
    pub fn look(&mut self, at: usize) -> Result<Vec<Arc<Fact>>, String> {
        let mut new = Vec::new();
        let heads = self.places[at].kept.heads().unwrap();
        for (chain, known) in &self.places[at].records {
            let own = |head: &&kopilka_store::ChainHead| {
                head.chain.till == chain.0 && u64::from(head.chain.incarnation) == chain.1
            };
            let last = heads.iter().find(own).map_or(0, |head| head.sequence);
            invariants::i25_no_record_is_taken_away(known.len() as u64, last)?;
        }
        for head in heads {
            let chain = (head.chain.till.clone(), u64::from(head.chain.incarnation));
            let known = self.places[at].records.get(&chain).map_or(0, Vec::len) as u64;
            if head.sequence == known {
                continue;
            }
            let rows = rows_after(&self.places[at].kept, &head.chain, known);
            for row in rows {
                let key = (row.position.id().to_string(), row.hash.to_string());
                let fact = match self.facts.get(&key) {
                    Some(fact) => {
                        invariants::i25_a_record_never_changes(fact, &row.text)?;
                        Arc::clone(fact)
                    }
                    None => {
                        let fact = Arc::new(Fact::read(&row.text, &row.hash.to_string()));
                        invariants::every_record(&fact)?;
                        self.facts.insert(key, Arc::clone(&fact));
                        fact
                    }
                };
                let own = self.places[at].records.entry(chain.clone()).or_default();
                invariants::in_its_chain(own.last().map(AsRef::as_ref), &fact)?;
                own.push(Arc::clone(&fact));
                new.push(fact);
            }
        }
        if !new.is_empty() {
            self.changed.insert(at);
        }
        new.sort_by_key(|fact| (fact.logical, fact.chain.clone(), fact.sequence));
        for fact in &new {
            let place = &mut self.places[at];
            let is_own = fact.chain.0 == place.till;
            let before = is_own.then(|| place.sums.clone());
            place.sums.add(fact);
            let newest =
                if is_own { fact.logical } else { fact.logical + SignedDuration::from_nanos(1) };
            place.newest = place.newest.max(Some(newest));
            if let Some(before) = before {
                invariants::every_decision(&before, &place.sums, fact)?;
                let version = |fact: &Fact| fact.envelope()["program"]["version"].clone();
                let changed = place.newest_sale.as_ref().is_some_and(|sold| *sold != version(fact));
                match fact.verb.as_str() {
                    "sell" | "reserve" => place.newest_sale = Some(version(fact)),
                    "confirm" if changed => {
                        let name = "confirm under an older programme".to_owned();
                        *self.done.entry(name).or_default() += 1;
                    }
                    _ => {}
                }
                if place.is_planned(fact.at) {
                    invariants::i05_a_planned_window_is_offline(fact)?;
                    *self.done.entry("maintenance".to_owned()).or_default() += 1;
                }
            }
        }
        invariants::i34_every_decision_names_a_programme_that_is_known(&self.places[at], &new)?;
        Ok(new)
    }
}

fn rows_after(kept: &Kept, chain: &Chain, after: u64) -> Vec<kopilka_store::RecordRow> {
    kept.with(|store| store.chain(chain, after, 1_000_000)).unwrap()
}
