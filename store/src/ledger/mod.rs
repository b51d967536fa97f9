//! The ledger: the verbs of the core, made durable.

mod apart;
mod backup;
mod cache;
mod calls;
mod chains;
mod comparing;
mod diagnostics;
mod door;
mod engine;
mod erase;
mod event;
mod exchange;
mod fold;
mod folded;
mod head;
mod health;
mod maintenance;
mod mending;
mod notes;
mod offline;
mod opening;
mod operations;
mod pending;
mod programs;
mod reading;
mod records;
mod recover;
mod redact;
mod redecide;
mod replay;
mod reproduce;
mod shelf;
mod shift;
mod stored_profile;
mod together;
mod traces;
mod uploads;
mod verify;
mod what_if;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kopilka::watch::WatchPlace;
use kopilka::{Error, ErrorCode, Head, LedgerEvent, Opening, is_till_name};

use crate::memory::MemoryStore;
use crate::sqlite::SqliteOptions;
use crate::store::Store;
pub use calls::CALLS_TOGETHER_MAX;
use engine::Engine;
pub use event::Listener;
use opening::{Look, Opener, Place};
pub use replay::ReplayOptions;
pub use together::Together;

/// How a ledger is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// After how many records everything is brought into the main file, so that the log beside it
    /// does not grow without end; also whenever the host asks for it.
    pub checkpoint_after: u64,
    /// Up to how many records all states are compared with their digest at each opening, so that a
    /// long journal does not keep a queue waiting. Beyond that only [`Ledger::verify`] compares them;
    /// each state that is read is checked anyway.
    pub compare_states_up_to: u64,
    /// Whether a clock that is far ahead is suspect.
    pub guards_clock: bool,
    /// Who is told what happens.
    pub listener: Option<Arc<dyn Listener>>,
    /// How the file is opened.
    pub sqlite: SqliteOptions,
    /// How many states are held in memory between calls, each about 10 kB with the records that it
    /// names. Fewer make it slower, more do not make it another.
    pub states_in_memory: usize,
    /// Where the checks of the watch are evaluated: a backend says `Centre`.
    pub watch_place: WatchPlace,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            checkpoint_after: 2_000,
            compare_states_up_to: 100_000,
            guards_clock: true,
            listener: None,
            sqlite: SqliteOptions::default(),
            states_in_memory: 2_000,
            watch_place: WatchPlace::Till,
        }
    }
}

impl Options {
    fn guard(&self, head: Head) -> Head {
        Head { guards_clock: self.guards_clock, watch_place: self.watch_place, ..head }
    }
}

/// The verbs of the core over a journal that lasts: what was answered is in the file.
///
/// It can be shared between threads; calls are answered one after another.
///
/// # Examples
/// ```
/// use kopilka_store::Ledger;
///
/// let folder = tempfile::tempdir()?;
/// let ledger = Ledger::open(&folder.path().join("касса 1.ledger"), "till-1")?;
/// ledger.call_json(r#"{
///     "at": "2025-10-24T12:00:00Z", "key": "install-1",
///     "command": {"program": {"install": {"document": {
///         "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow"
///     }}}}
/// }"#)?;
/// assert!(ledger.verify()?.found.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Ledger {
    engine: Mutex<Engine>,
    listener: Option<Arc<dyn Listener>>,
}

impl Ledger {
    /// Opens the ledger of a till in a file, or begins it.
    ///
    /// # Errors
    /// As [`Ledger::open_with`].
    pub fn open(path: &Path, till: &str) -> Result<Ledger, Error> {
        Ledger::open_with(path, till, Options::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// `store.locked` if another process has it open, `store.folder`, `store.read_only`,
    /// `store.network_drive`, `store.not_a_ledger`, `store.newer`, `store.other_till`, `store.full`
    /// or `store.failed` as the file is; `document.word` at `/till` for a wrong name.
    pub fn open_with(path: &Path, till: &str, options: Options) -> Result<Ledger, Error> {
        let path = options.sqlite.files.locate(path)?;
        Ledger::begin(Place::File(path), None, till, options)
    }

    /// A ledger that is forgotten when it is dropped.
    ///
    /// # Errors
    /// `document.word` at `/till` for a wrong name.
    pub fn in_memory(till: &str) -> Result<Ledger, Error> {
        let store = Box::new(MemoryStore::new());
        Ledger::begin(Place::Store, Some(store), till, Options::default())
    }

    /// A ledger on a store of the host's. After a failure it is gone on with as it is, since nobody
    /// else can open it anew.
    ///
    /// # Errors
    /// As the store fails; `store.other_till`; `document.word` at `/till` for a wrong name.
    pub fn on(store: Box<dyn Store>, till: &str, options: Options) -> Result<Ledger, Error> {
        Ledger::begin(Place::Store, Some(store), till, options)
    }

    fn begin(
        place: Place,
        store: Option<Box<dyn Store>>,
        till: &str,
        options: Options,
    ) -> Result<Ledger, Error> {
        if !is_till_name(till) {
            let message = "name the till with 1 to 32 ASCII letters, digits, `-` and `_`";
            return Err(Error::new(ErrorCode::DocumentWord, "/till", message));
        }
        let listener = options.listener.clone();
        let opener = Opener { place, till: till.to_owned(), options };
        let opened = opener.open(store, Look::AtTheEnd)?;
        let told = LedgerEvent::Opened(opened.opening.clone());
        let ledger = Ledger { engine: Mutex::new(Engine::new(opener, opened)), listener };
        ledger.tell(vec![told]);
        Ok(ledger)
    }

    /// What was found when it was opened, or opened anew after a failure.
    #[must_use]
    pub fn opening(&self) -> Opening {
        self.lock().opening.clone()
    }

    /// Does something under the lock, and tells afterwards what happened.
    fn with<T>(&self, run: impl FnOnce(&mut Engine) -> T) -> T {
        let (outcome, events) = {
            let mut engine = self.lock();
            let outcome = run(&mut engine);
            (outcome, engine.take_events())
        };
        self.tell(events);
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        // Only the host's own code may panic: listeners are not called under the lock, and calls that
        // were gathered are forgotten then.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, events: Vec<LedgerEvent>) {
        if let Some(listener) = &self.listener {
            events.iter().for_each(|event| listener.event(event));
        }
    }
}

#[cfg(test)]
mod tests {
    use kopilka::RecordId;
    use kopilka::upload::Acknowledgement;

    use super::*;
    use crate::ExportOptions;
    use crate::error::{StoreError, StoreFault};

    fn broken() -> StoreError {
        StoreError::new(StoreFault::Failed, "the disk failed")
    }

    #[test]
    fn after_a_failure_a_file_is_opened_anew_and_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("a.ledger"), "till-1").unwrap();
        let install = r#"{"at": "2026-11-21T10:00:00Z", "key": "1", "command": {"program": {
            "install": {"document": {"id": "p", "currency": "RUB", "zone": "UTC"}}}}}"#;
        let first = ledger.call_json(install).unwrap();
        let error = ledger.with(|engine| engine.fail(broken()));
        assert_eq!(error.code().as_str(), "store.failed");
        assert_eq!(ledger.call_json(install), Ok(first));
        assert_eq!(ledger.verify().unwrap().records, 1);
    }

    #[test]
    fn after_a_failure_a_store_of_the_host_answers_no_more() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        // The store may hold what nobody was told of, or lack what somebody was: only the host knows.
        drop(ledger.with(|engine| {
            engine.store = None;
            engine.fail(broken())
        }));
        let health = r#"{"at": "2026-11-21T10:00:00Z", "command": {"lint": {}}}"#;
        assert_eq!(ledger.call_json(health).unwrap_err().code().as_str(), "store.failed");
        let health = ledger.health("2026-11-21T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(health.journal, kopilka::JournalState::Closed);
    }

    #[test]
    fn a_closed_ledger_refuses_every_door_and_does_not_panic() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        let mut upload = Vec::new();
        ledger.export(&[], &mut upload, &ExportOptions::default()).unwrap();
        ledger.with(|engine| engine.store = None);
        let folder = tempfile::tempdir().unwrap();
        let at = "2026-11-21T10:00:00Z".parse().unwrap();
        let record = RecordId { till: "till-1".into(), incarnation: 1, sequence: 1 };
        let nothing = Acknowledgement::default();
        let errors = [
            ledger.acknowledge(&nothing, at).err(),
            ledger.backup(&folder.path().join("copy")).err(),
            ledger.check_code(&record).err(),
            ledger.checkpoint().err(),
            ledger.diagnostics(at).err(),
            ledger.erase_guest("anna", "key", at).err(),
            ledger.export(&[], &mut Vec::new(), &ExportOptions::default()).err(),
            ledger.heads().err(),
            ledger.import(&mut upload.as_slice(), at).err(),
            ledger.plan_maintenance(None).err(),
            ledger.rebuild().err(),
            ledger.recorded("key").err(),
            ledger.records_after(None, 1).err(),
            ledger.replay(&ReplayOptions::default()).err(),
            ledger.set_offline(at).err(),
            ledger.shift_report(None, "s1", at).err(),
            ledger.together(|_| ()).err(),
            ledger.verify().err(),
        ];
        for (place, error) in errors.into_iter().enumerate() {
            let code = error.map(|error| error.code().as_str());
            assert_eq!(code, Some("store.failed"), "the call {place}");
        }
    }
}
