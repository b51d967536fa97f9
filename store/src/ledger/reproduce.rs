//! One decision with all that it read, in a file; made again from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kopilka::document::{Reader, to_node};
use kopilka::json::Node;
use kopilka::{
    Command, Effect, Entry, Error, ErrorCode, Head, Key, Program, REPLAY_FORMAT, Record, RecordId,
    ReplayFile, ReplayState, Reproduced, needs_all, touched,
};

use super::apart::Known;
use super::cache::Cache;
use super::folded::Folded;
use super::programs::Programs;
use super::records::row_of;
use super::redact::Redaction;
use super::redecide::{Under, decide_again, differences, head_before, request_of};
use super::shelf::Shelf;
use crate::error::StoreError;
use crate::store::{Chain, RecordRow, Store, StoredProfile, Visit};

/// The most bytes of a replay file or bundle.
const FILE_BYTES_MAX: usize = 1 << 28;

/// A shelf that notes what was read of another one.
struct Noting<'s, 'f> {
    shelf: &'s mut Folded<'f>,
    states: BTreeMap<Key, String>,
    records: BTreeMap<(String, u32, u64), RecordRow>,
}

impl Shelf for Noting<'_, '_> {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        let text = self.shelf.state(key)?;
        if let Some(text) = &text {
            self.states.insert(key.clone(), text.clone());
        }
        Ok(text)
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        self.shelf.each_state(kind, visit)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        let row = self.shelf.record(id)?;
        if let Some(row) = &row {
            let place = (id.till.clone(), id.incarnation, id.sequence);
            self.records.insert(place, row.clone());
        }
        Ok(row)
    }

    fn profile(&mut self, _: &str) -> Result<Option<StoredProfile>, StoreError> {
        Ok(None)
    }

    fn profiles_by_phone(&mut self, _: &str) -> Result<Vec<StoredProfile>, StoreError> {
        Ok(Vec::new())
    }
}

/// The replay file of a record, if it can be decided anew of what the ledger holds.
pub(super) fn file_of(
    store: &mut dyn Store,
    entry: &Arc<Entry>,
) -> Result<Option<ReplayFile>, StoreError> {
    if entry.record.command.has_secrets() || matches!(entry.record.command, Command::Program(_)) {
        return Ok(None);
    }
    let position = entry.record.envelope.position();
    let nobody = Known::new();
    let alone = (Chain::of(&position.id()), &nobody);
    for known in [None, Some(alone)] {
        let before = Some(position.clone());
        let mut folded = Folded { store: &mut *store, before, known, all_programs: false };
        let (states, records) = (BTreeMap::new(), BTreeMap::new());
        let mut noting = Noting { shelf: &mut folded, states, records };
        let mut cache = Cache::new(&mut noting, head_before(entry))?;
        let version = &entry.record.envelope.program.version;
        let mut programs = Programs::default();
        let under = Under::Recorded(version);
        let request = request_of(entry);
        let now = decide_again(&mut cache, &mut noting, &mut programs, under, &request)?;
        let program = programs.named(cache.slice(), version);
        let (Ok(now), Some(program)) = (now, program) else { continue };
        if now.hash == entry.hash && needs_all(&program, &request.command).is_empty() {
            let Noting { states, records, .. } = noting;
            let document = cache.slice().program_document(version).unwrap_or_default().to_owned();
            return Ok(redacted(entry, &document, states, records));
        }
    }
    Ok(None)
}

/// The file with everything personal replaced.
fn redacted(
    entry: &Arc<Entry>,
    document: &str,
    states: BTreeMap<Key, String>,
    records: BTreeMap<(String, u32, u64), RecordRow>,
) -> Option<ReplayFile> {
    let mut redaction = Redaction::default();
    let parse = |text: &str| Node::parse(text, usize::MAX).ok();
    let keys = states.keys().cloned().chain(touched(entry)).collect::<BTreeSet<Key>>();
    for key in &keys {
        match key {
            Key::Card(card) if !redaction.card(card) => return None,
            Key::Guest(guest) => redaction.guest(guest),
            _ => {}
        }
    }
    let own = without_watch(parse(&entry.text())?);
    redaction.find_names(&own);
    let mut rows: Vec<RecordRow> = records.into_values().collect();
    rows.sort_by(|one, other| one.position.cmp(&other.position));
    let mut texts = Vec::new();
    for row in &rows {
        let node = without_watch(parse(&row.text)?);
        let old = Entry::read(&row.text).ok()?;
        for key in touched(&old) {
            if let Key::Card(card) = key
                && !redaction.card(&card)
            {
                return None;
            }
        }
        redaction.find_names(&node);
        let new = sealed(&redaction.node(&node))?;
        // Its hash is another one now, and so are the tokens of its sales.
        redaction.put(old.hash.to_string(), new.hash.to_string());
        for opened in old.record.effects.iter().filter_map(opened) {
            let (from, to) = (old.token_of(opened), new.token_of(opened));
            redaction.put(from.to_string(), to.to_string());
        }
        texts.push(new.text());
    }
    let expected = sealed(&redaction.node(&own))?;
    let of_state = |(key, text): (&Key, &String)| {
        let text = redaction.node(&without_pin(&parse(text)?)).canonical();
        Some(ReplayState { id: redaction.text(&key.id()), kind: key.kind().to_owned(), text })
    };
    let states: Option<Vec<ReplayState>> =
        states.iter().filter(|(key, _)| is_given(key)).map(of_state).collect();
    let mut request = request_of(&expected);
    request.judged = entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default();
    let mut file = ReplayFile {
        faithful: false,
        format: REPLAY_FORMAT,
        logical_at: head_before(entry).logical_at,
        program: document.to_owned(),
        record: expected.text(),
        records: texts,
        request,
        states: states?,
    };
    let now = decided(&file).ok()?.ok()?;
    file.faithful = without_hashes(&now) == without_hashes(&expected);
    file.record = now.text();
    Some(file)
}

/// Whether a state goes into the file. What the watch counts is of people, under hashes of their real
/// names, and no policy goes along that could read it.
fn is_given(key: &Key) -> bool {
    !key.decides() && !matches!(key, Key::Watch(..))
}

/// A record without what the watch saw: it holds hashes of numbers, which short numbers do not hide.
fn without_watch(mut record: Node) -> Node {
    let Node::Map(entries) = &mut record else { return record };
    let effects = entries.iter_mut().find(|(key, _)| key == "effects");
    if let Some((_, Node::List(effects))) = effects {
        let seen =
            |effect: &Node| ["watched", "watch_frozen"].iter().any(|key| effect.get(key).is_some());
        effects.retain(|effect| !seen(effect));
    }
    record
}

fn opened(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::SaleOpened(opened) => Some(&opened.sale),
        _ => None,
    }
}

fn sealed(node: &Node) -> Option<Arc<Entry>> {
    let (record, mistakes) = Reader::recorded::<Record>(node);
    mistakes.is_empty().then(|| Entry::seal(record))
}

/// A card's state without what a PIN could be searched with: only `present` reads it.
fn without_pin(node: &Node) -> Node {
    match node {
        Node::Map(entries) => {
            Node::Map(entries.iter().filter(|(name, _)| name != "pin").cloned().collect())
        }
        other => other.clone(),
    }
}

/// A record without what follows from hashes.
fn without_hashes(entry: &Entry) -> Node {
    fn strip(node: &Node) -> Node {
        match node {
            Node::Map(entries) => Node::Map(
                entries
                    .iter()
                    .filter(|(name, _)| name != "quote_id" && name != "previous")
                    .map(|(name, node)| (name.clone(), strip(node)))
                    .collect(),
            ),
            Node::List(items) => Node::List(items.iter().map(strip).collect()),
            other => other.clone(),
        }
    }
    strip(&to_node(&entry.record))
}

/// What is on a replay file, as a shelf.
struct File<'f> {
    file: &'f ReplayFile,
    entries: Vec<Arc<Entry>>,
}

impl Shelf for File<'_> {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        let (kind, id) = (key.kind(), key.id());
        let state = self.file.states.iter().find(|state| state.kind == kind && state.id == id);
        Ok(state.map(|state| state.text.clone()))
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        let states = self.file.states.iter().filter(|state| state.kind == kind);
        let keyed = states.filter_map(|state| Some((Key::parse(kind, &state.id)?, &state.text)));
        keyed.map(|(key, text)| (key, text.clone())).try_for_each(visit)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        let entry = self.entries.iter().find(|entry| entry.record.envelope.id() == *id);
        Ok(entry.map(|entry| row_of(entry)))
    }

    fn profile(&mut self, _: &str) -> Result<Option<StoredProfile>, StoreError> {
        Ok(None)
    }

    fn profiles_by_phone(&mut self, _: &str) -> Result<Vec<StoredProfile>, StoreError> {
        Ok(Vec::new())
    }
}

/// Makes the decision of a file.
fn decided(file: &ReplayFile) -> Result<Result<Arc<Entry>, Error>, Error> {
    let program = Program::compile(&file.program)?;
    let entries: Result<Vec<_>, _> = file.records.iter().map(|text| Entry::read(text)).collect();
    let expected = Entry::read(&file.record)?;
    let head = Head { logical_at: file.logical_at, ..head_before(&expected) };
    let mut shelf = File { file, entries: entries? };
    let mut cache = Cache::new(&mut shelf, head)?;
    let under = Under::Other(&program);
    let mut programs = Programs::default();
    Ok(decide_again(&mut cache, &mut shelf, &mut programs, under, &file.request)?)
}

/// Makes the decision of a replay file, or of a bundle that has one, again.
pub(super) fn reproduce(bytes: &[u8]) -> Result<Reproduced, Error> {
    let unknown = |why: &str| {
        let message = format!("this is no replay file ({why}); pass what `diagnostics` gave");
        Error::new(ErrorCode::ReplayFormat, "", message)
    };
    let text = std::str::from_utf8(bytes).map_err(|_| unknown("it is not in UTF-8"))?;
    let node = Node::parse(text, FILE_BYTES_MAX).map_err(|error| unknown(&error.to_string()))?;
    let node = node.get("replay").unwrap_or(&node);
    let (file, mistakes) = Reader::recorded::<ReplayFile>(node);
    if let Some(mistake) = mistakes.first() {
        return Err(unknown(&mistake.to_string()));
    }
    if file.format != REPLAY_FORMAT {
        return Err(unknown(&format!("it has the format {}", file.format)));
    }
    let now = decided(&file).map_err(|error| unknown(&error.to_string()))?;
    Ok(match now {
        Err(error) => Reproduced { error: Some(error.to_string()), ..Reproduced::default() },
        Ok(now) => {
            let text = now.text();
            let same = text == file.record;
            let differences = differences(&file.record, &text);
            Reproduced { differences, error: None, record: Some(text), same }
        }
    })
}
