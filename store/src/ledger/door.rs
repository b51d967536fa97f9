//! The ledger's door for other languages: one question, one answer, also as texts.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{self, Path, PathBuf};

use kopilka::document::canonical;
use kopilka::door::{
    Asked, CallError, CallMistake, CallOutcome, CheckCode, FoundRecord, HeadList, LedgerCall,
    LedgerExport, LedgerImport, LedgerOptions, LedgerPage, LedgerRecords, LedgerReplay,
    LedgerReply, OutcomeList, QuoteCall, RecordCount, RecordPlace,
};
use kopilka::json::Node;
use kopilka::upload::Merge;
use kopilka::{
    Entry, Error, ErrorCode, NoDetails, Position, PreparedOrder, Program, Quote, RecordId, Replayed,
};

use super::engine::{Engine, Trouble};
use super::head;
use super::recover::{LOCK, with};
use super::replay::ReplayOptions;
use super::{Ledger, Options};
use crate::location::sync_folder;
use crate::memory::MemoryStore;
use crate::upload::ExportOptions;

/// How every line of an upload begins.
const UPLOAD_BEGINS: &[u8] = b"{\"hash\":";

/// The most bytes that a question may have: a record, or requests that are answered together.
const CALL_BYTES_MAX: usize = 1 << 28;

/// A verb, where its function says that a mistake is, and where that is in the question.
type Place = (&'static str, &'static str, &'static str);

const PLACES: [Place; 7] = [
    ("backup", "/to", "/backup/to"),
    ("check_code", "/record", "/check_code/record"),
    ("erase_guest", "/command/guest", "/erase_guest"),
    ("erase_guest", "/key", "/erase_guest/key"),
    ("export", "/to", "/export/to"),
    ("import", "/from", "/import/from"),
    ("plan_maintenance", "/until", "/plan_maintenance/planned/until"),
];

impl Ledger {
    /// Opens a ledger as options say.
    ///
    /// # Errors
    /// As [`Ledger::open_with`] and [`Ledger::restore_with`].
    pub fn open_by(options: &LedgerOptions) -> Result<Ledger, Error> {
        let kept = Options {
            guards_clock: options.guards_clock,
            watch_place: options.watch_place,
            ..Options::default()
        };
        let opened = match (&options.path, &options.restore_from) {
            (None, Some(_)) => {
                let message = "name the file that is made of the copy";
                Err(Error::new(ErrorCode::DocumentKeyMissing, "/path", message))
            }
            (None, None) => Ledger::on(Box::new(MemoryStore::new()), &options.till, kept),
            (Some(path), None) => Ledger::open_with(Path::new(path), &options.till, kept),
            (Some(path), Some(from)) => {
                Ledger::restore_with(Path::new(from), Path::new(path), &options.till, kept)
                    .map_err(|error| error.moved("/to", "/path"))
            }
        };
        opened.map_err(|error| match error.path() {
            // Whatever is wrong with the file.
            "" => error.moved("", "/path"),
            _ => error,
        })
    }

    /// The same by the text of the options.
    ///
    /// # Errors
    /// Every mistake of form, and those of [`Ledger::open_by`].
    ///
    /// # Examples
    /// ```
    /// use kopilka_store::Ledger;
    ///
    /// let ledger = Ledger::open_json(r#"{"till": "till-1"}"#)?;
    /// assert_eq!(ledger.ask_json(r#"{"heads": {}}"#)?, r#"{"heads":{"heads":[]}}"#);
    /// # Ok::<(), kopilka::Error>(())
    /// ```
    pub fn open_json(text: &str) -> Result<Ledger, Error> {
        let node = Node::parse(text, CALL_BYTES_MAX)?;
        Ledger::open_by(&kopilka::document::from_node(&node)?)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// As the function of the same name, with places in the question.
    pub fn ask(&self, call: LedgerCall) -> Result<LedgerReply, Error> {
        let verb = call.name();
        self.asked(call).map_err(|error| {
            let moved = |error: Error, (of, from, to): &Place| match *of == verb {
                true => error.moved(from, to),
                false => error,
            };
            PLACES.iter().fold(error, moved)
        })
    }

    fn asked(&self, call: LedgerCall) -> Result<LedgerReply, Error> {
        let done = NoDetails {};
        Ok(match call {
            LedgerCall::Acknowledge(asked) => {
                self.acknowledge(&asked.told, asked.at)?;
                LedgerReply::Acknowledge(done)
            }
            LedgerCall::Backup(asked) => LedgerReply::Backup(self.backup(Path::new(&asked.to))?),
            LedgerCall::CallAll(asked) => {
                let outcomes = self.call_all(&asked.requests);
                let outcomes = outcomes.into_iter().map(outcome).collect();
                LedgerReply::CallAll(OutcomeList { outcomes })
            }
            LedgerCall::CheckCode(asked) => {
                let check_code = self.check_code(&record_id(&asked.record)?)?;
                LedgerReply::CheckCode(CheckCode { check_code })
            }
            LedgerCall::Checkpoint(_) => {
                self.checkpoint()?;
                LedgerReply::Checkpoint(done)
            }
            LedgerCall::Diagnostics(asked) => LedgerReply::Diagnostics(self.diagnostics(asked.at)?),
            LedgerCall::EraseGuest(asked) => {
                LedgerReply::EraseGuest(self.erase_guest(&asked.guest, &asked.key, asked.at)?)
            }
            LedgerCall::Export(asked) => {
                self.export_to(&asked)?;
                LedgerReply::Export(done)
            }
            LedgerCall::Heads(_) => LedgerReply::Heads(HeadList { heads: self.heads()? }),
            LedgerCall::Health(asked) => LedgerReply::Health(self.health(asked.at)?),
            LedgerCall::Import(asked) => LedgerReply::Import(self.import_from(&asked)?),
            LedgerCall::Opening(_) => LedgerReply::Opening(self.opening()),
            LedgerCall::PlanMaintenance(asked) => {
                self.plan_maintenance(asked.planned)?;
                LedgerReply::PlanMaintenance(done)
            }
            LedgerCall::Rebuild(_) => {
                LedgerReply::Rebuild(RecordCount { records: self.rebuild()? })
            }
            LedgerCall::Recorded(asked) => {
                let record = self.recorded(&asked.key)?.map(|entry| entry.record.clone());
                LedgerReply::Recorded(FoundRecord { record })
            }
            LedgerCall::Records(asked) => LedgerReply::Records(self.page(&asked)?),
            LedgerCall::Replay(asked) => LedgerReply::Replay(self.replay_as(asked)?),
            LedgerCall::SetOffline(asked) => {
                self.set_offline(asked.at)?;
                LedgerReply::SetOffline(done)
            }
            LedgerCall::ShiftReport(asked) => {
                let told = self.shift_report(asked.store.as_deref(), &asked.shift, asked.at)?;
                LedgerReply::ShiftReport(told)
            }
            LedgerCall::Verify(_) => LedgerReply::Verify(self.verify()?),
        })
    }

    /// Answers the text of a request, or of another question, with the canonical text of the answer.
    ///
    /// # Errors
    /// Every mistake of form, and those of [`Ledger::call`] and [`Ledger::ask`].
    pub fn ask_json(&self, text: &str) -> Result<String, Error> {
        match Asked::read(text, CALL_BYTES_MAX)? {
            Asked::Request(request) => self.call(&request).map(|answer| canonical(&answer)),
            Asked::Call(call) => self.ask(call).map(|reply| canonical(&reply)),
        }
    }

    /// What a prepared order costs, spends and earns at an instant. It is prepared anew where another
    /// version of the programme is in force than that for which it was.
    ///
    /// # Errors
    /// As the verb `quote`, with places in the order.
    pub fn quote(&self, order: &PreparedOrder, call: &QuoteCall) -> Result<Quote, Error> {
        self.with(|engine| {
            engine.ensure_open()?;
            match engine.quote(order, call) {
                Ok(quote) => Ok(quote),
                Err(Trouble::Refused(error)) => Err(error),
                Err(Trouble::Store(error)) => Err(engine.fail(error)),
            }
        })
    }

    /// Writes an upload beside the file that is named, and puts it there when it is whole: neither a full
    /// disk nor a wrong name costs what was there before.
    fn export_to(&self, asked: &LedgerExport) -> Result<(), Error> {
        let to = &path::absolute(&asked.to).unwrap_or_else(|_| PathBuf::from(&asked.to));
        let failed = |error: io::Error| {
            let message = format!("{} cannot be written: {error}", asked.to);
            Error::new(ErrorCode::UploadNotWritten, "/to", message)
        };
        if !may_be_replaced(to).map_err(failed)? {
            let message = format!("`{}` is there and is no upload; name another file", asked.to);
            return Err(Error::new(ErrorCode::StoreExists, "/to", message));
        }
        let part = with(to, ".part");
        let written = self
            .export_into(&part, asked, &failed)
            .and_then(|()| fs::rename(&part, to).and_then(|()| sync_folder(to)).map_err(failed));
        if written.is_err() {
            // What is half written is no use; that it cannot be removed says nothing new.
            let _ = fs::remove_file(&part);
        }
        written
    }

    fn export_into(
        &self,
        part: &Path,
        asked: &LedgerExport,
        failed: &dyn Fn(io::Error) -> Error,
    ) -> Result<(), Error> {
        let mut file = BufWriter::new(File::create(part).map_err(failed)?);
        let options = ExportOptions { with_personal: asked.with_personal };
        self.export(&asked.after, &mut file, &options)?;
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)
    }

    fn import_from(&self, asked: &LedgerImport) -> Result<Merge, Error> {
        let file = File::open(&asked.from).map_err(|error| {
            let message = format!("{} cannot be read: {error}", asked.from);
            Error::new(ErrorCode::UploadNotRead, "/from", message)
        })?;
        let mut input = BufReader::new(file);
        match asked.whole {
            true => self.import_journal(&mut input, asked.at),
            false => self.import(&mut input, asked.at),
        }
    }

    fn page(&self, asked: &LedgerRecords) -> Result<LedgerPage, Error> {
        let after = asked.after.as_ref().map(|place| Position {
            logical_at: place.logical_at,
            till: place.till.clone(),
            incarnation: place.incarnation,
            sequence: place.sequence,
        });
        let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
        let entries = self.records_after(after.as_ref(), most)?;
        let last = entries.last().map(|entry| place_of(entry));
        let records = entries.iter().map(|entry| entry.record.clone()).collect();
        Ok(LedgerPage { last, records })
    }

    fn replay_as(&self, asked: LedgerReplay) -> Result<Replayed, Error> {
        let program = asked.program.map(|program| Program::compile(&program.canonical()));
        let program = program.transpose().map_err(|error| error.moved("", "/replay/program"))?;
        let options = ReplayOptions {
            from: asked.from,
            guests_max: usize::try_from(asked.guests_max).unwrap_or(usize::MAX),
            until: asked.until,
            ..ReplayOptions::default()
        };
        self.replay_under(&options, program)
    }
}

impl Engine {
    fn quote(&mut self, order: &PreparedOrder, call: &QuoteCall) -> Result<Quote, Trouble> {
        self.bound_memory()?;
        let offline_since = self.notes.offline_at(call.at);
        let program = self.load_for_quote(order.order(), call.at)?;
        let slice = self.cache.slice();
        if program.version() == order.program().version() {
            return Ok(order.quote_offline(slice, call.at, call.explain, offline_since)?);
        }
        let order = order.under(&program)?;
        Ok(order.quote_offline(slice, call.at, call.explain, offline_since)?)
    }
}

/// Whether there is nothing where an upload is to be written, or another upload. Files of ledgers, open
/// or not, are never written over.
fn may_be_replaced(to: &Path) -> io::Result<bool> {
    match fs::metadata(to) {
        Ok(there) if !there.is_file() => return Ok(false),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    }
    let mut first = Vec::new();
    File::open(to)?.take(UPLOAD_BEGINS.len() as u64).read_to_end(&mut first)?;
    let name = to.to_string_lossy();
    let of_a_ledger = ["-wal", "-shm", LOCK, head::ENDING].iter().any(|part| name.ends_with(part));
    Ok(first == UPLOAD_BEGINS || first.is_empty() && !of_a_ledger)
}

fn outcome(answer: Result<kopilka::Answer, Error>) -> CallOutcome {
    let mistake = |mistake: &kopilka::Mistake| CallMistake {
        code: mistake.code.as_str().to_owned(),
        message: mistake.message.clone(),
        number: mistake.code.number(),
        path: mistake.path.clone(),
    };
    match answer {
        Ok(answer) => CallOutcome::Answer(answer),
        Err(error) => CallOutcome::Error(CallError {
            mistakes: error.mistakes().iter().map(mistake).collect(),
        }),
    }
}

fn record_id(text: &str) -> Result<RecordId, Error> {
    RecordId::parse(text).ok_or_else(|| {
        let message = "this is no id of a record, such as `till-1.1.42`";
        Error::new(ErrorCode::RecordUnknown, "/record", message)
    })
}

fn place_of(entry: &Entry) -> RecordPlace {
    let Position { logical_at, till, incarnation, sequence } = entry.record.envelope.position();
    RecordPlace { incarnation, logical_at, sequence, till }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = r#"{
        "id": "shop", "currency": "RUB", "zone": "UTC", "points": [{"id": "bonus"}],
        "cards": [{"id": "bonus", "kind": "bonus", "points": "bonus", "numbers": [{"length_max": 4}]}],
        "earning": {"rules": [{"id": "five", "points": "bonus", "give": {"percent": "5"}}]}
    }"#;

    fn call(ledger: &Ledger, key: &str, command: &str) -> String {
        let request =
            format!(r#"{{"at": "2026-03-02T10:00:00Z", "key": "{key}", "command": {command}}}"#);
        ledger.ask_json(&request).unwrap()
    }

    fn opened() -> Ledger {
        let ledger = Ledger::open_json(r#"{"till": "till-1"}"#).unwrap();
        let install = format!(r#"{{"program": {{"install": {{"document": {PROGRAM}}}}}}}"#);
        call(&ledger, "1", &install);
        let version = kopilka::Program::compile(PROGRAM).unwrap().version().to_owned();
        let activate = format!(r#"{{"program": {{"activate": {{"version": "{version}"}}}}}}"#);
        call(&ledger, "2", &activate);
        call(&ledger, "3", r#"{"issue": {"card": "1001"}}"#);
        ledger
    }

    #[test]
    fn a_prepared_order_is_quoted_as_the_verb_does() {
        let ledger = opened();
        let order = r#"{"cards": [{"number": "1001"}], "lines": [{"id": "1", "price": "200.00"}]}"#;
        let node = Node::parse(order, 1_000).unwrap();
        let program = kopilka::Program::compile(PROGRAM).unwrap();
        let order_document = kopilka::document::from_node(&node).unwrap();
        let prepared = PreparedOrder::new(&program, order_document).unwrap();
        let at = "2026-03-02T10:00:00Z".parse().unwrap();
        let quote = ledger.quote(&prepared, &QuoteCall { at, explain: false }).unwrap();
        assert_eq!(quote.points[0].earned.to_string(), "10");
        let request = format!(
            r#"{{"at": "2026-03-02T10:00:00Z", "command": {{"quote": {{"order": {order}}}}}}}"#
        );
        let answer = ledger.ask_json(&request).unwrap();
        assert_eq!(answer, format!(r#"{{"quote":{}}}"#, canonical(&quote)));
    }

    #[test]
    fn an_order_is_prepared_anew_where_another_version_is_in_force() {
        let ledger = opened();
        let other = PROGRAM.replace(r#""percent": "5""#, r#""percent": "50""#);
        let program = kopilka::Program::compile(&other).unwrap();
        let order = kopilka::Order {
            cards: vec!["1001".into()],
            lines: vec![kopilka::Line::new("1", 200.into())],
            ..kopilka::Order::default()
        };
        let prepared = PreparedOrder::new(&program, order).unwrap();
        let at = "2026-03-02T10:00:00Z".parse().unwrap();
        let quote = ledger.quote(&prepared, &QuoteCall { at, explain: false }).unwrap();
        assert_eq!(quote.points[0].earned.to_string(), "10");
    }

    #[test]
    fn what_was_exported_to_a_file_is_imported_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("выгрузка.jsonl");
        let file = file.to_str().unwrap();
        let (from, to) = (opened(), Ledger::open_json(r#"{"till": "till-2"}"#).unwrap());
        from.ask_json(&format!(r#"{{"export": {{"to": "{file}"}}}}"#)).unwrap();
        let import = format!(
            r#"{{"import": {{"at": "2026-03-02T11:00:00Z", "from": "{file}", "whole": true}}}}"#
        );
        assert!(to.ask_json(&import).unwrap().contains(r#""accepted":3"#));
        let heads = r#"{"heads": {}}"#;
        let own = from.ask_json(heads).unwrap();
        assert_eq!(to.ask_json(heads).unwrap(), own);
    }

    #[test]
    fn an_upload_is_written_over_an_upload_and_over_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let path = name("till.ledger");
        let options = format!(r#"{{"till": "till-1", "path": "{path}"}}"#);
        let ledger = Ledger::open_json(&options).unwrap();
        call(&ledger, "1", &format!(r#"{{"program": {{"install": {{"document": {PROGRAM}}}}}}}"#));
        let export = |to: &str| ledger.ask_json(&format!(r#"{{"export": {{"to": "{to}"}}}}"#));
        let report = name("report.csv");
        fs::write(&report, "what somebody else wrote").unwrap();
        let ends = ["", "-wal", "-shm", ".lock", ".head"].map(|end| format!("{path}{end}"));
        for to in ends.iter().chain([&report, &folder.path().to_str().unwrap().to_owned()]) {
            if !Path::new(to).exists() {
                continue;
            }
            let refused = export(to).unwrap_err();
            assert_eq!(
                (refused.code(), refused.path()),
                (ErrorCode::StoreExists, "/export/to"),
                "{to}"
            );
        }
        assert_eq!(fs::read_to_string(&report).unwrap(), "what somebody else wrote");
        fs::write(name("empty"), "").unwrap();
        for to in [name("new"), name("new"), name("empty")] {
            export(&to).unwrap();
            assert!(fs::read(&to).unwrap().starts_with(UPLOAD_BEGINS));
            assert!(!Path::new(&format!("{to}.part")).exists());
        }
        drop(ledger);
        assert_eq!(Ledger::open_json(&options).unwrap().verify().unwrap().records, 1);
    }

    #[test]
    fn requests_together_tell_which_was_refused_and_why() {
        let ledger = opened();
        let request = |key: &str, card: &str| {
            format!(
                r#"{{"at": "2026-03-02T10:00:00Z", "key": "{key}",
                    "command": {{"issue": {{"card": "{card}"}}}}}}"#
            )
        };
        let both = format!("[{}, {}]", request("4", "1002"), request("5", "1001"));
        let told = ledger.ask_json(&format!(r#"{{"call_all": {{"requests": {both}}}}}"#)).unwrap();
        assert!(told.contains(r#"[{"answer":{"card":"#), "{told}");
        assert!(told.contains(r#"{"error":{"mistakes":[{"code":"card.exists""#), "{told}");
    }

    #[test]
    fn a_page_of_records_says_where_to_go_on() {
        let ledger = opened();
        let first = ledger.ask(LedgerCall::Records(LedgerRecords { after: None, most: 2 }));
        let Ok(LedgerReply::Records(first)) = first else { panic!("no page") };
        assert_eq!(first.records.len(), 2);
        let rest = LedgerRecords { after: first.last, most: 2 };
        let Ok(LedgerReply::Records(rest)) = ledger.ask(LedgerCall::Records(rest)) else {
            panic!("no page")
        };
        assert_eq!(rest.records.len(), 1);
        assert_eq!(rest.last.unwrap().sequence, 3);
    }
}
