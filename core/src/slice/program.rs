//! The programmes that were installed by record, and which of them is in force where and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Slice;
use crate::document::document;
use crate::record::{Effect, Entry, ProgramActivated, RecordId};

document! {
    /// What was activated by record.
    pub struct Schedule {
        /// Everything that was activated, in the order of the records among those of all tills.
        pub activations: Vec<ProgramActivation> = Vec::new(),
    }
}

document! {
    /// A version that was made valid.
    pub struct ProgramActivation {
        /// From when.
        pub from: Timestamp,
        /// The ledger's own time of the record.
        pub logical_at: Timestamp,
        /// The id of the record.
        pub record: String,
        /// For which stores, in order; all for which nothing else was said if empty.
        pub stores: Vec<String>,
        /// The version.
        pub version: String,
    }
}

impl ProgramActivation {
    /// Its place among the records of all tills.
    fn position(&self) -> (Timestamp, Option<RecordId>) {
        (self.logical_at, RecordId::parse(&self.record))
    }

    fn names(&self, store: &str) -> bool {
        self.stores.iter().any(|name| name == store)
    }
}

impl Schedule {
    /// What is in force in a store at an instant: of what names the store the one with the latest
    /// `from`, of several the one that was recorded last; where nothing names it, or no store is
    /// given, the same of what names no store.
    #[must_use]
    pub fn in_force(&self, store: Option<&str>, at: Timestamp) -> Option<&ProgramActivation> {
        let begun = || self.activations.iter().filter(|one| one.from <= at);
        // The last of several equals is taken: they stand in the order of their records.
        let own = store
            .and_then(|store| begun().filter(|one| one.names(store)).max_by_key(|one| one.from));
        own.or_else(|| begun().filter(|one| one.stores.is_empty()).max_by_key(|one| one.from))
    }

    /// When another version comes into force in a store after an instant, if one is to.
    #[must_use]
    pub fn next_change(&self, store: Option<&str>, after: Timestamp) -> Option<Timestamp> {
        let version = |at| self.in_force(store, at).map(|one| one.version.as_str());
        let now = version(after);
        let later = self.activations.iter().map(|one| one.from).filter(|from| *from > after);
        later.filter(|from| version(*from) != now).min()
    }

    /// Adds what a record activated, in its place.
    pub(super) fn add(&mut self, entry: &Entry, activated: &ProgramActivated) {
        let envelope = &entry.record.envelope;
        let activation = ProgramActivation {
            from: activated.from,
            logical_at: envelope.logical_at,
            record: envelope.id().to_string(),
            stores: activated.stores.clone(),
            version: activated.version.clone(),
        };
        let position = activation.position();
        let place = self.activations.partition_point(|other| other.position() <= position);
        self.activations.insert(place, activation);
    }
}

/// The programmes of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Programs {
    /// The id of the programme to which the records belong.
    id: Option<String>,
    /// Canonical documents, by their versions.
    documents: BTreeMap<String, Arc<str>>,
    schedule: Schedule,
}

impl Slice {
    /// The id of the programme to which the records belong; `None` while there is none.
    #[must_use]
    pub fn program_id(&self) -> Option<&str> {
        self.programs.id.as_deref()
    }

    /// The canonical document of a version that was installed by record.
    #[must_use]
    pub fn program_document(&self, version: &str) -> Option<&str> {
        self.programs.documents.get(version).map(|text| &**text)
    }

    /// The versions that were installed by record, in the order of their names.
    pub fn program_versions(&self) -> impl Iterator<Item = &str> {
        self.programs.documents.keys().map(String::as_str)
    }

    pub(super) fn put_program(&mut self, id: &str, version: &str, text: &str) {
        self.programs.id = Some(id.to_owned());
        self.programs.documents.insert(version.to_owned(), text.into());
    }

    pub(super) fn set_schedule(&mut self, schedule: Schedule) {
        self.programs.schedule = schedule;
    }

    /// What was activated by record.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.programs.schedule
    }
}

/// Applies what a record says of programmes, if anything.
pub(super) fn apply_to_programs(slice: &mut Slice, entry: &Entry) {
    let programs = &mut slice.programs;
    if programs.id.is_none() {
        programs.id = Some(entry.record.envelope.program.id.clone());
    }
    for effect in &entry.record.effects {
        match effect {
            Effect::ProgramInstalled(installed) => {
                let text = installed.document.canonical().into();
                programs.documents.insert(installed.version.clone(), text);
            }
            Effect::ProgramActivated(activated) => programs.schedule.add(entry, activated),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Envelope, Record};

    fn instant(hour: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
    }

    /// What a till activated at an hour, from an hour, for stores.
    fn entry(till: &str, at: i64, from: i64, stores: &[&str], version: &str) -> Arc<Entry> {
        let envelope = Envelope {
            incarnation: 1,
            logical_at: instant(at),
            sequence: 1,
            till: till.into(),
            ..Envelope::default()
        };
        let effect = Effect::ProgramActivated(ProgramActivated {
            from: instant(from),
            stores: stores.iter().map(|store| (*store).to_owned()).collect(),
            version: version.into(),
        });
        Entry::seal(Record { effects: vec![effect], envelope, ..Record::default() })
    }

    fn schedule(entries: &[Arc<Entry>]) -> Schedule {
        let mut slice = Slice::new("z", 1);
        entries.iter().for_each(|entry| apply_to_programs(&mut slice, entry));
        slice.schedule().clone()
    }

    fn version<'a>(schedule: &'a Schedule, store: Option<&str>, at: i64) -> Option<&'a str> {
        schedule.in_force(store, instant(at)).map(|one| one.version.as_str())
    }

    #[test]
    fn nothing_is_in_force_before_it_begins() {
        let schedule = schedule(&[entry("a", 0, 5, &[], "v1")]);
        assert_eq!(version(&schedule, None, 4), None);
        assert_eq!(version(&schedule, None, 5), Some("v1"));
        assert_eq!(version(&schedule, Some("east"), 5), Some("v1"));
    }

    #[test]
    fn what_names_a_store_goes_before_what_names_none() {
        let schedule =
            schedule(&[entry("a", 0, 0, &["east", "west"], "v1"), entry("a", 1, 1, &[], "v2")]);
        assert_eq!(version(&schedule, Some("east"), 9), Some("v1"));
        assert_eq!(version(&schedule, Some("north"), 9), Some("v2"));
        assert_eq!(version(&schedule, None, 9), Some("v2"));
        assert_eq!(version(&schedule, None, 0), None);
    }

    #[test]
    fn the_latest_begun_is_in_force_whenever_it_was_recorded() {
        let schedule = schedule(&[entry("a", 0, 6, &[], "later"), entry("a", 1, 3, &[], "sooner")]);
        assert_eq!(version(&schedule, None, 5), Some("sooner"));
        assert_eq!(version(&schedule, None, 6), Some("later"));
    }

    #[test]
    fn of_equal_beginnings_the_later_recorded_wins_in_whatever_order_records_come() {
        let one = entry("a", 1, 5, &[], "first");
        let other = entry("b", 1, 5, &[], "second");
        let late = entry("a", 2, 5, &[], "third");
        let in_order = schedule(&[one.clone(), other.clone()]);
        // At the same instant the order is that of the tills' names.
        assert_eq!(version(&in_order, None, 5), Some("second"));
        assert_eq!(in_order, schedule(&[other.clone(), one.clone()]));
        let all = schedule(&[late.clone(), other.clone(), one.clone()]);
        assert_eq!(version(&all, None, 5), Some("third"));
        assert_eq!(all, schedule(&[one, other, late]));
    }

    #[test]
    fn the_next_change_is_to_another_version_in_this_store() {
        let schedule = schedule(&[
            entry("a", 0, 0, &[], "v1"),
            entry("a", 1, 4, &[], "v1"),
            entry("a", 2, 6, &["east"], "v2"),
            entry("a", 3, 8, &[], "v3"),
        ]);
        assert_eq!(schedule.next_change(None, instant(0)), Some(instant(8)));
        assert_eq!(schedule.next_change(Some("east"), instant(0)), Some(instant(6)));
        assert_eq!(schedule.next_change(Some("east"), instant(6)), None);
        assert_eq!(schedule.next_change(Some("west"), instant(6)), Some(instant(8)));
        assert_eq!(schedule.next_change(None, instant(8)), None);
    }
}
