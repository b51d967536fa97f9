//! The verb `watch`: policies by record, freezing and thawing.

use super::draft::{Draft, place_of};
use super::grant::changed;
use super::program::activation;
use crate::answer::{Answer, ProgramAnswer};
use crate::command::{ActivateProgram, ChangeWatch, FreezeWatched, InstallProgram};
use crate::error::{Error, ErrorCode};
use crate::json::Node;
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, ProgramInstalled, Record, WatchFrozen};
use crate::watch::{WATCH_BYTES_MAX, Watch, WatchSubject};

/// Where and by whom it was called, and why.
pub(super) fn given_texts(input: &ChangeWatch) -> (Vec<&Option<String>>, &Option<String>) {
    match input {
        ChangeWatch::Activate(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        ChangeWatch::Install(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        ChangeWatch::Freeze(i) | ChangeWatch::Thaw(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason)
        }
    }
}

/// The other texts of the verb.
pub(super) fn texts(input: &ChangeWatch) -> Vec<&String> {
    match input {
        ChangeWatch::Activate(input) => input.stores.iter().chain([&input.version]).collect(),
        ChangeWatch::Freeze(input) | ChangeWatch::Thaw(input) => {
            Some(&input.subject.id).filter(|id| !id.is_empty()).into_iter().collect()
        }
        ChangeWatch::Install(_) => Vec::new(),
    }
}

pub(super) fn change(draft: Draft<'_>, input: &ChangeWatch) -> Result<Record, Error> {
    match input {
        ChangeWatch::Activate(input) => activate(draft, input),
        ChangeWatch::Freeze(input) => freeze(draft, input, true),
        ChangeWatch::Install(input) => install(draft, input),
        ChangeWatch::Thaw(input) => freeze(draft, input, false),
    }
}

fn install(mut draft: Draft<'_>, input: &InstallProgram) -> Result<Record, Error> {
    let watch = Watch::from_node(&input.document);
    // What is recorded must be such that it can be compiled again.
    let readable = |watch| Node::parse(&input.document.canonical(), WATCH_BYTES_MAX).map(|_| watch);
    let watch = watch.and_then(readable).map_err(|error| error.under("/install/document"))?;
    let version = watch.version().to_owned();
    let mut answer = answer_of(&draft, &watch);
    if draft.slice.watch_document(&version).is_some() {
        answer.reasons.push(Reason::new(ReasonCode::ProgramInstalled).with("version", version));
    } else {
        let document = input.document.in_canonical_order();
        draft.push(Effect::WatchInstalled(ProgramInstalled { document, version }));
    }
    draft.finish(Answer::Program(Box::new(answer)), &place_of!(input))
}

fn activate(mut draft: Draft<'_>, input: &ActivateProgram) -> Result<Record, Error> {
    let text = draft.slice.watch_document(&input.version);
    let watch = text.and_then(|text| Watch::compile(text).ok());
    let Some(watch) = watch.filter(|watch| watch.version() == input.version) else {
        let message =
            "no such version is installed, or this engine cannot read it; install it first";
        let path = "/activate/version";
        return Err(Error::new(ErrorCode::ProgramVersionUnknown, path, message));
    };
    let mut answer = answer_of(&draft, &watch);
    let activated = activation(draft.at, input, &mut answer)?;
    draft.push(Effect::WatchActivated(activated));
    draft.finish(Answer::Program(Box::new(answer)), &place_of!(input))
}

fn answer_of(draft: &Draft<'_>, watch: &Watch) -> ProgramAnswer {
    ProgramAnswer {
        id: watch.id().to_owned(),
        record: draft.id.clone(),
        version: watch.version().to_owned(),
        ..ProgramAnswer::default()
    }
}

fn freeze(mut draft: Draft<'_>, input: &FreezeWatched, frozen: bool) -> Result<Record, Error> {
    let verb = if frozen { "freeze" } else { "thaw" };
    let subject = &input.subject;
    let can = matches!(
        subject.of,
        WatchSubject::Card | WatchSubject::Cashier | WatchSubject::Till | WatchSubject::Program
    );
    if !can {
        let message = "only a card, a cashier, a till or the programme is frozen";
        return Err(Error::new(
            ErrorCode::WatchContradiction,
            format!("/{verb}/subject/of"),
            message,
        ));
    }
    if subject.id.is_empty() != (subject.of == WatchSubject::Program) {
        let message = "name the id, and none for the programme";
        return Err(Error::new(
            ErrorCode::WatchContradiction,
            format!("/{verb}/subject/id"),
            message,
        ));
    }
    let mut subject = subject.clone();
    if subject.of == WatchSubject::Card {
        let number = draft.slice.resolve(crate::number::normalise(&subject.id)).to_owned();
        if draft.slice.card(&number).is_none() {
            let message = format!("there is no card `{number}`");
            return Err(Error::new(ErrorCode::CardUnknown, format!("/{verb}/subject/id"), message));
        }
        draft.read(&number);
        subject.id = number;
    }
    let place = place_of!(input);
    let card = (subject.of == WatchSubject::Card).then(|| subject.id.clone());
    draft.show_watch(&place, |base| crate::watch::WatchEvent {
        card,
        kind: crate::watch::WatchKind::Freeze,
        ..base
    });
    let (by, reason) = (input.cashier.clone(), input.reason.clone());
    draft.push(Effect::WatchFrozen(WatchFrozen { by, frozen, reason, subject }));
    let answer = changed(&draft, Vec::new());
    draft.finish(answer, &place)
}
