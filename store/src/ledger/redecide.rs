//! Deciding recorded commands anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use kopilka::json::Node;
use kopilka::watch::WatchPlace;
use kopilka::{
    Command, Decision, Difference, Effect, Entry, Error, ErrorCode, Head, Key, Program, Request,
    Slice, Token, decide, needs_all, touched, touches,
};

use super::cache::Cache;
use super::engine::pinning_sale;
use super::programs::Programs;
use super::shelf::Shelf;
use crate::error::StoreError;

/// The most places that are told of a record that differs.
const PLACES_MAX: usize = 20;

/// The call of which a record came.
pub(super) fn request_of(entry: &Entry) -> Request {
    let envelope = &entry.record.envelope;
    Request {
        at: envelope.at,
        command: entry.record.command.clone(),
        correlation: envelope.correlation.clone(),
        entropy: envelope.entropy.clone(),
        key: Some(envelope.key.clone()),
        judged: entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default(),
        offline_since: envelope.offline_since,
        ..Request::default()
    }
}

/// The end of a chain before one of its records. Of its time only that matters which the record
/// shows: where its own time is that of the host's clock, anything before it gives the same.
pub(super) fn head_before(entry: &Entry) -> Head {
    let envelope = &entry.record.envelope;
    let accepted = entry.record.effects.iter().find_map(|effect| match effect {
        Effect::ClockAccepted(accepted) => Some(accepted.since),
        _ => None,
    });
    Head {
        till: envelope.till.clone(),
        incarnation: envelope.incarnation,
        sequence: envelope.sequence.saturating_sub(1),
        hash: hash_named(&envelope.previous),
        logical_at: accepted.unwrap_or(envelope.logical_at),
        guards_clock: envelope.suspected_clock(),
        watch_place: watch_place(entry),
    }
}

/// Where the watch judged a record, if it did.
fn watch_place(entry: &Entry) -> WatchPlace {
    let place = entry.record.effects.iter().find_map(|effect| match effect {
        Effect::Watched(watched) => watched.verdict.as_ref().map(|verdict| verdict.place),
        _ => None,
    });
    place.unwrap_or_default()
}

/// A hash as records name it; that of nothing if it is none.
fn hash_named(text: &str) -> kopilka::RecordHash {
    let mut hash = kopilka::RecordHash::default();
    for (place, byte) in hash.0.iter_mut().enumerate() {
        let digits = text.get(2 * place..2 * place + 2);
        *byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    }
    hash
}

/// Under which programme a command is decided anew.
#[derive(Clone, Copy)]
pub(super) enum Under<'p> {
    /// The one that decided then, by its version.
    Recorded(&'p str),
    /// Another one; what a sale of it pins is decided under that sale's.
    Other(&'p Program),
}

/// Decides a command on states that are loaded of a shelf as they are needed. The answer is the
/// record, or why it was refused.
pub(super) fn decide_again(
    cache: &mut Cache,
    shelf: &mut (impl Shelf + ?Sized),
    programs: &mut Programs,
    under: Under<'_>,
    request: &Request,
) -> Result<Result<Arc<Entry>, Error>, StoreError> {
    // A key that stands there already is another till's: it would be answered with that record.
    if let Some(key) = &request.key {
        cache.slice_mut().forget(&Key::Command(key.clone()));
    }
    cache.load(shelf, pinning_sale(&request.command))?;
    loop {
        let program = match programme(cache.slice(), programs, under, request) {
            Ok(program) => program,
            Err(error) => return Ok(Err(error)),
        };
        if load_for(cache, shelf, &program, &request.command)? {
            continue;
        }
        let decided = match decide(&program, cache.slice(), request) {
            Ok(Decision::Record(record)) => Entry::seal(*record),
            Ok(Decision::Known(entry)) => entry,
            Ok(Decision::Answer(_)) => {
                let message = "a recorded command changed nothing when it was decided anew";
                return Ok(Err(Error::new(ErrorCode::Internal, "", message)));
            }
            Err(error) => return Ok(Err(error)),
        };
        // A record may touch what nobody could name before, such as a number that it made.
        let own = Key::Command(decided.record.envelope.key.clone());
        let further = touched(&decided).into_iter().filter(|key| *key != own);
        if !cache.load(shelf, further)? {
            return Ok(Ok(decided));
        }
    }
}

fn programme(
    slice: &Slice,
    programs: &mut Programs,
    under: Under<'_>,
    request: &Request,
) -> Result<Program, Error> {
    let pinned = kopilka::pinned_version(slice, &request.command);
    match under {
        Under::Recorded(version) => match programs.named(slice, version) {
            Some(program) => Ok(program),
            None => programs.deciding(slice, request),
        },
        Under::Other(program) => match pinned.filter(|version| *version != program.version()) {
            Some(version) => {
                let version = version.to_owned();
                programs
                    .named(slice, &version)
                    .map_or_else(|| programs.deciding(slice, request), Ok)
            }
            None => Ok(program.clone()),
        },
    }
}

/// Loads what a command needs; whether anything was there.
fn load_for(
    cache: &mut Cache,
    shelf: &mut (impl Shelf + ?Sized),
    program: &Program,
    command: &Command,
) -> Result<bool, StoreError> {
    let keys = touches(program, cache.slice(), command, None);
    let mut found = cache.load(shelf, keys)?;
    for kind in needs_all(program, command) {
        found |= cache.load_kind(shelf, kind)?;
    }
    Ok(found)
}

/// Whether no record holds all by which a command was decided.
pub(super) fn lacks_secrets(command: &Command) -> bool {
    matches!(command, Command::Present(_))
}

/// Replaces the tokens of a command, by what is said of each.
pub(super) fn each_token(command: &mut Command, replace: &mut dyn FnMut(&mut String)) {
    match command {
        Command::Activate(input) => input.sale.iter_mut().for_each(replace),
        Command::Bill(input) => {
            replace(&mut input.token);
            if let kopilka::BillAction::Join(join) = &mut input.action {
                join.tokens.iter_mut().for_each(replace);
            }
        }
        Command::Cancel(input) => replace(&mut input.token),
        Command::Confirm(input) => replace(&mut input.token),
        Command::Dispute(input) => replace(&mut input.token),
        Command::Refund(input) => input.token.iter_mut().for_each(replace),
        Command::Void(input) => replace(&mut input.token),
        _ => {}
    }
}

/// The sale that a token names.
pub(super) fn sale_of(token: &str) -> Option<String> {
    Token::parse(token).ok().map(|token| token.sale())
}

/// Where two texts of JSON differ, up to twenty places.
pub(super) fn differences(then: &str, now: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    if let (Ok(then), Ok(now)) = (Node::parse(then, usize::MAX), Node::parse(now, usize::MAX)) {
        compare(Some(&then), Some(&now), String::new(), &mut found);
    }
    found
}

fn compare(then: Option<&Node>, now: Option<&Node>, path: String, found: &mut Vec<Difference>) {
    if then == now || found.len() >= PLACES_MAX {
        return;
    }
    match (then, now) {
        (Some(Node::Map(one)), Some(Node::Map(other))) => {
            let names: BTreeSet<&String> = one.iter().chain(other).map(|(name, _)| name).collect();
            for name in names {
                let inner = |map: Option<&Node>| map.and_then(|map| map.get(name)).cloned();
                let (then, now) = (inner(then), inner(now));
                compare(then.as_ref(), now.as_ref(), format!("{path}/{name}"), found);
            }
        }
        (Some(Node::List(one)), Some(Node::List(other))) => {
            for place in 0..one.len().max(other.len()) {
                compare(one.get(place), other.get(place), format!("{path}/{place}"), found);
            }
        }
        _ => found.push(Difference {
            now: now.map(Node::canonical),
            path,
            then: then.map(Node::canonical),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_differ_are_named_with_what_stands_there() {
        let found = differences(r#"{"a":[1,2],"b":{"c":"x"}}"#, r#"{"a":[1],"b":{"c":"y"}}"#);
        let places: Vec<_> = found
            .iter()
            .map(|one| (one.path.as_str(), one.then.as_deref(), one.now.as_deref()))
            .collect();
        assert_eq!(places, [("/a/1", Some("2"), None), ("/b/c", Some("\"x\""), Some("\"y\""))]);
        assert_eq!(differences("{}", "{}"), []);
    }
}
