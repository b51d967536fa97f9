//! Programmes by record: install and activate.

use jiff::Timestamp;

use super::draft::{Draft, place_of};
use super::{check, inside, known, pinned_version};
use crate::answer::{Answer, ProgramAnswer};
use crate::command::{ActivateProgram, ChangeProgram, Command, InstallProgram, Request};
use crate::document::{LIST_MAX, OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;
use crate::program::{PROGRAM_BYTES_MAX, Program, lint};
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, ProgramActivated, ProgramInstalled, Record};
use crate::slice::Slice;

/// The texts of the verb, besides where and by whom it was called.
pub(super) fn texts(input: &ChangeProgram) -> Vec<&String> {
    match input {
        ChangeProgram::Activate(input) => input.stores.iter().chain([&input.version]).collect(),
        ChangeProgram::Install(_) => Vec::new(),
    }
}

pub(super) fn change(draft: Draft<'_>, input: &ChangeProgram) -> Result<Record, Error> {
    match input {
        ChangeProgram::Activate(input) => activate(draft, input),
        ChangeProgram::Install(input) => install(draft, input),
    }
}

fn install(mut draft: Draft<'_>, input: &InstallProgram) -> Result<Record, Error> {
    let program = compiled(&input.document)?;
    let own = draft.slice.program_id().unwrap_or(&draft.rules.version.id);
    if program.id() != own {
        let message = format!("this ledger belongs to the programme `{own}`");
        return Err(Error::new(ErrorCode::ProgramMismatch, "/install/document/id", message));
    }
    let version = program.version().to_owned();
    let mut answer = answer_of(&draft, &program);
    if draft.slice.program_document(&version).is_some() {
        answer.reasons.push(Reason::new(ReasonCode::ProgramInstalled).with("version", version));
    } else {
        let document = input.document.in_canonical_order();
        draft.push(Effect::ProgramInstalled(ProgramInstalled { document, version }));
    }
    draft.finish(Answer::Program(Box::new(answer)), &place_of!(input))
}

fn activate(mut draft: Draft<'_>, input: &ActivateProgram) -> Result<Record, Error> {
    let program = installed(draft.slice, &input.version)?;
    check_stores(&program, &input.stores)?;
    let mut answer = answer_of(&draft, &program);
    let activated = activation(draft.at, input, &mut answer)?;
    draft.push(Effect::ProgramActivated(activated));
    draft.finish(Answer::Program(Box::new(answer)), &place_of!(input))
}

/// From when and where a version is in force, which is never before now; the answer tells it.
pub(super) fn activation(
    at: Timestamp,
    input: &ActivateProgram,
    answer: &mut ProgramAnswer,
) -> Result<ProgramActivated, Error> {
    let wished = input.from.unwrap_or(at);
    if !is_in_range(wished) {
        return Err(Error::new(ErrorCode::TimeRange, "/activate/from", OUT_OF_RANGE));
    }
    let from = wished.max(at);
    let mut stores = input.stores.clone();
    stores.sort_unstable();
    stores.dedup();
    if wished < from {
        answer.reasons.push(Reason::new(ReasonCode::ProgramFromPast).with("from", wished));
    }
    (answer.from, answer.stores) = (Some(from), stores.clone());
    Ok(ProgramActivated { from, stores, version: input.version.clone() })
}

fn answer_of(draft: &Draft<'_>, program: &Program) -> ProgramAnswer {
    ProgramAnswer {
        findings: i64::try_from(lint(program).findings.len()).unwrap_or(i64::MAX),
        id: program.id().to_owned(),
        record: draft.id.clone(),
        version: program.version().to_owned(),
        ..ProgramAnswer::default()
    }
}

/// The programme of a document, whose canonical text must be one that can be compiled again.
fn compiled(document: &Node) -> Result<Program, Error> {
    let program = Program::from_node(document);
    let readable = |program| Node::parse(&document.canonical(), PROGRAM_BYTES_MAX).map(|_| program);
    program.and_then(readable).map_err(|error| error.under("/install/document"))
}

/// The programme of a version that was installed.
fn installed(slice: &Slice, version: &str) -> Result<Program, Error> {
    let unknown = |message: &str| {
        Err(Error::new(ErrorCode::ProgramVersionUnknown, "/activate/version", message))
    };
    let Some(text) = slice.program_document(version) else {
        return unknown("no such version is installed; install its document first");
    };
    match Program::compile(text) {
        Ok(program) if program.version() == version => Ok(program),
        _ => unknown("this version of the engine cannot read that document; update the engine"),
    }
}

/// A store that the programme does not have is a slip of the pen, where it has a list of them.
fn check_stores(program: &Program, stores: &[String]) -> Result<(), Error> {
    if stores.len() > LIST_MAX {
        let message = format!("the list has {} items, more than {LIST_MAX}", stores.len());
        return Err(Error::new(ErrorCode::DocumentListTooLong, "/activate/stores", message));
    }
    let known = &program.document().stores;
    let fault = |(index, store): (usize, &String)| {
        let (code, message) = match store.as_str() {
            "" => (ErrorCode::DocumentTextEmpty, "name the store, or leave it out".to_owned()),
            store if known.is_empty() || known.iter().any(|known| known.id == store) => {
                return None;
            }
            store => {
                (ErrorCode::OrderStoreUnknown, format!("the programme has no store `{store}`"))
            }
        };
        Some(Mistake::new(code, format!("/activate/stores/{index}"), message))
    };
    let mistakes: Vec<Mistake> = stores.iter().enumerate().filter_map(fault).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// The version under which a request must be decided, as records say: that of its sale, else the
/// one in force in the store of its order, or of the command itself, at the ledger's own time.
/// `None` where nothing was activated for it.
#[must_use]
pub fn version_in_force(slice: &Slice, request: &Request) -> Option<String> {
    let command = &request.command;
    if let Some(version) = pinned_version(slice, command) {
        return Some(version.to_owned());
    }
    version_in_store(slice, command.store(), request.at).map(str::to_owned)
}

/// The version in force in a store at an instant of the host's clock, if one was activated there.
pub fn version_in_store<'s>(
    slice: &'s Slice,
    store: Option<&String>,
    at: Timestamp,
) -> Option<&'s str> {
    let in_force = slice.schedule().in_force(store.map(String::as_str), slice.logical(at));
    in_force.map(|activation| activation.version.as_str())
}

/// Why nothing can be decided where no programme is in force.
#[must_use]
pub fn program_missing() -> Error {
    let message = "no programme is in force here; install one and activate it";
    Error::new(ErrorCode::ProgramMissing, "", message)
}

/// The programme for deciding a request where none is in force yet: the one that it installs or
/// activates.
///
/// # Errors
/// `program.missing` if the request does neither; what is wrong with the request, its key, the
/// document or the version.
pub fn first_program(slice: &Slice, request: &Request) -> Result<Program, Error> {
    check(request)?;
    let Command::Program(input) = &request.command else { return Err(program_missing()) };
    known(slice, request)?;
    let program = match input {
        ChangeProgram::Activate(input) => installed(slice, &input.version),
        ChangeProgram::Install(input) => compiled(&input.document),
    };
    program.map_err(|error| inside(error, &request.command))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::Decimal;

    use super::*;
    use crate::book::Book;
    use crate::command::{CardQuery, Confirm, Issue, QuoteOrder, ReserveOrder};
    use crate::document::INSTANT_MAX;
    use crate::key::Key;
    use crate::order::{Line, Order};
    use crate::record::{Entry, RecordHash};
    use crate::touches::touches;

    fn instant(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + seconds).unwrap()
    }

    fn document(percent: u32) -> Node {
        let text = format!(
            r#"{{
                "id": "t", "currency": "RUB", "zone": "Europe/Moscow", "points": [{{"id": "bonus"}}],
                "cards": [{{"id": "bonus", "kind": "bonus", "numbers": [{{"length_max": 4}}]}}],
                "earning": {{"rules": [{{"id": "rule", "give": {{"percent": "{percent}"}}}}]}}
            }}"#
        );
        Node::parse(&text, 2_000).unwrap()
    }

    fn version(document: &Node) -> String {
        RecordHash::of(document.canonical().as_bytes()).to_string()
    }

    fn install(document: Node) -> Command {
        let install = InstallProgram { document, ..InstallProgram::default() };
        Command::Program(ChangeProgram::Install(install))
    }

    fn activation(version: String) -> ActivateProgram {
        ActivateProgram { version, ..ActivateProgram::default() }
    }

    fn activate(document: &Node) -> Command {
        Command::Program(ChangeProgram::Activate(activation(version(document))))
    }

    fn call(book: &mut Book, seconds: i64, command: Command) -> Result<Answer, Error> {
        let key = format!("key-{}", book.entries().len());
        book.call(&Request::new(instant(seconds), command).with_key(key))
    }

    fn order() -> Order {
        let lines = vec![Line::new("1", Decimal::new(1000, 0))];
        Order { cards: vec!["1001".into()], lines, ..Order::default() }
    }

    /// A book in which 5 % are in force, a card was issued, and 10 % are installed.
    fn book() -> Book {
        let mut book = Book::empty("a").unwrap();
        call(&mut book, 0, install(document(5))).unwrap();
        call(&mut book, 0, activate(&document(5))).unwrap();
        let issue = Issue { card: "1001".into(), ..Issue::default() };
        call(&mut book, 0, Command::Issue(issue)).unwrap();
        call(&mut book, 0, install(document(10))).unwrap();
        book
    }

    /// The records as they are read back from their texts: the same as they were made.
    fn read_back(book: &Book) -> Vec<(RecordHash, Record)> {
        let read = |entry: &Arc<Entry>| {
            let text = crate::document::canonical(&entry.record);
            let node = Node::parse(&text, usize::MAX).unwrap();
            let record: Record = crate::document::from_node(&node).unwrap();
            assert_eq!(record, entry.record);
            (entry.hash, record)
        };
        book.entries().iter().map(read).collect()
    }

    fn place_of_error(answer: Result<Answer, Error>) -> (ErrorCode, String) {
        let error = answer.unwrap_err();
        (error.code(), error.path().to_owned())
    }

    #[test]
    fn a_journal_alone_makes_the_book_with_its_programmes_and_an_open_hold() {
        let mut live = book();
        let reserve = Command::Reserve(ReserveOrder { order: order(), ..ReserveOrder::default() });
        let Answer::Sale(held) = call(&mut live, 1, reserve).unwrap() else { panic!("no sale") };
        call(&mut live, 2, activate(&document(10))).unwrap();
        let mut read = Book::from_records("a", read_back(&live)).unwrap();
        assert_eq!(read.slice().schedule(), live.slice().schedule());
        assert_eq!(read.program().unwrap().version(), version(&document(10)));
        let token = held.token.unwrap();
        let confirm = Command::Confirm(Confirm { token, ..Confirm::default() });
        let request = Request::new(instant(3), confirm).with_key("confirm");
        assert_eq!(version_in_force(read.slice(), &request), Some(version(&document(5))));
        let answer = read.call(&request).unwrap();
        assert_eq!(live.call(&request), Ok(answer));
        assert_eq!(live.slice().head().hash, read.slice().head().hash);
    }

    #[test]
    fn a_journal_of_another_programme_is_refused() {
        let mut other = Book::empty("a").unwrap();
        let strange = Node::parse(r#"{"id": "u", "currency": "RUB", "zone": "UTC"}"#, 99).unwrap();
        call(&mut other, 0, install(strange)).unwrap();
        let given = Program::from_node(&document(5)).unwrap();
        let error = Book::rebuild("a", given, read_back(&other)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProgramMismatch);
    }

    #[test]
    fn a_record_reads_back_the_same_however_the_document_was_written() {
        let Node::Map(mut keys) = document(5) else { panic!("no object") };
        keys.reverse();
        let mut book = Book::empty("a").unwrap();
        call(&mut book, 0, install(Node::Map(keys))).unwrap();
        assert_eq!(read_back(&book).len(), 1);
        let text = document(5).canonical();
        assert_eq!(book.slice().program_document(&version(&document(5))), Some(text.as_str()));
        assert_eq!(book.slice().program_id(), Some("t"));
    }

    #[test]
    fn what_no_document_may_say_is_refused_in_code_too() {
        let refused = |input: ActivateProgram| {
            let command = Command::Program(ChangeProgram::Activate(input));
            place_of_error(call(&mut book(), 0, command))
        };
        let valid = activation(version(&document(5)));
        let from = Some(Timestamp::from_second(INSTANT_MAX).unwrap());
        let late = ActivateProgram { from, ..valid.clone() };
        let place = "/command/program/activate/from".to_owned();
        assert_eq!(refused(late), (ErrorCode::TimeRange, place));
        let many = ActivateProgram { stores: vec!["s".into(); LIST_MAX + 1], ..valid.clone() };
        let place = "/command/program/activate/stores".to_owned();
        assert_eq!(refused(many), (ErrorCode::DocumentListTooLong, place));
        let odd = ActivateProgram { stores: vec!["a\u{7}".into()], ..valid };
        assert_eq!(refused(odd), (ErrorCode::DocumentControlCharacter, "/command".to_owned()));
    }

    #[test]
    fn a_document_that_could_not_be_compiled_again_is_refused() {
        let Node::Map(mut keys) = document(5) else { panic!("no object") };
        // 1,100 stores with a group of 1,000 letters each are more than 1 MiB.
        let group = Node::Text("x".repeat(1_000));
        let store = |number: u32| {
            let id = Node::Text(format!("s{number}"));
            Node::Map(vec![("id".into(), id), ("groups".into(), Node::List(vec![group.clone()]))])
        };
        keys.push(("stores".into(), Node::List((0..1_100).map(store).collect())));
        let place = "/command/program/install/document".to_owned();
        let found = place_of_error(call(&mut book(), 0, install(Node::Map(keys))));
        assert_eq!(found, (ErrorCode::DocumentTooLarge, place));
    }

    #[test]
    fn a_document_that_is_not_what_its_version_says_decides_nothing() {
        let mut live = book();
        let mut record = live.entries()[0].record.clone();
        record.envelope.till = "b".into();
        for effect in &mut record.effects {
            if let Effect::ProgramInstalled(installed) = effect {
                installed.version = "0".repeat(64);
            }
        }
        live.receive(Entry::seal(record)).unwrap();
        let command = Command::Program(ChangeProgram::Activate(activation("0".repeat(64))));
        let place = "/command/program/activate/version".to_owned();
        let found = place_of_error(call(&mut live, 1, command));
        assert_eq!(found, (ErrorCode::ProgramVersionUnknown, place));
    }

    #[test]
    fn an_activation_whose_document_has_not_come_is_told_until_it_comes() {
        let from = book();
        let mut other = Book::empty("b").unwrap();
        for entry in &from.entries()[1..] {
            other.receive(Arc::clone(entry)).unwrap();
        }
        let question = Command::Balance(CardQuery { card: "1001".into(), ..CardQuery::default() });
        let request = Request::new(instant(1), question);
        let unknown = (ErrorCode::ProgramVersionUnknown, String::new());
        assert_eq!(place_of_error(other.call(&request)), unknown);
        other.receive(Arc::clone(&from.entries()[0])).unwrap();
        assert!(other.call(&request).is_ok());
    }

    #[test]
    fn only_the_verb_itself_names_programmes_and_the_schedule() {
        let book = book();
        let program = book.program().unwrap();
        let named = |command: &Command| touches(program, book.slice(), command, None);
        let expected = vec![Key::Program(version(&document(10))), Key::Schedule];
        assert_eq!(named(&install(document(10))), expected);
        assert_eq!(named(&activate(&document(10))), expected);
        let quote = Command::Quote(QuoteOrder { order: order() });
        assert_eq!(named(&quote), [Key::Card("1001".into())]);
    }

    #[test]
    fn a_host_finds_the_programme_for_a_call_without_a_book() {
        let live = book();
        let quote = Request::new(instant(1), Command::Quote(QuoteOrder { order: order() }));
        assert_eq!(version_in_force(live.slice(), &quote), Some(version(&document(5))));
        let empty = Slice::new("a", 1);
        assert_eq!(version_in_force(&empty, &quote), None);
        assert_eq!(first_program(&empty, &quote).unwrap_err().code(), ErrorCode::ProgramMissing);
        let first = Request::new(instant(0), install(document(5))).with_key("k");
        assert_eq!(first_program(&empty, &first).unwrap().version(), version(&document(5)));
        let used = Request::new(instant(0), install(document(5))).with_key("key-1");
        assert_eq!(first_program(live.slice(), &used).unwrap_err().code(), ErrorCode::KeyConflict);
    }
}
