//! What the watch makes of a journal: under the policies that decided then, or under another one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::answer::{ActionCount, CheckCount, WatchAlert, WatchSummary};
use crate::command::WatchReport;
use crate::document::canonical;
use crate::position::Position;
use crate::record::{Effect, Entry, WatchFrozen, Watched};
use crate::slice::Slice;
use crate::watch::{Verdict, Watch, WatchAction, WatchMark, WatchPlace, WatchState};

/// The most alerts, and the most records that differ, that are named.
const NAMED_MAX: usize = 1_000;

/// A fact of the watch with its place in the journal.
#[derive(Debug)]
struct Fact {
    position: Position,
    /// Its number in its record.
    number: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Watched(Box<Watched>),
    Frozen(WatchFrozen),
}

/// A report of the watch while it is made. The facts are kept until all are there: whatever order
/// records are added in, they are judged in that of their positions.
#[derive(Debug)]
pub(super) struct Watching {
    other: Option<Watch>,
    place: Option<WatchPlace>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    facts: Vec<Fact>,
    policies: BTreeMap<String, Watch>,
}

impl Watching {
    pub fn new(input: &WatchReport) -> Watching {
        Watching {
            other: input.document.as_ref().and_then(|document| Watch::from_node(document).ok()),
            place: input.place,
            from: input.from,
            until: input.until,
            facts: Vec::new(),
            policies: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, slice: &Slice, entry: &Entry) {
        let position = entry.record.envelope.position();
        for (number, effect) in entry.record.effects.iter().enumerate() {
            let what = match effect {
                Effect::Watched(watched) => What::Watched(Box::new(watched.clone())),
                Effect::WatchFrozen(frozen) => What::Frozen(frozen.clone()),
                _ => continue,
            };
            if let What::Watched(watched) = &what
                && let Some(verdict) = &watched.verdict
                && !self.policies.contains_key(&verdict.policy.version)
            {
                let version = &verdict.policy.version;
                let document = slice.watch_document(version);
                let watch = document.and_then(|text| Watch::compile(text).ok());
                self.policies.extend(watch.map(|watch| (version.clone(), watch)));
            }
            self.facts.push(Fact { position: position.clone(), number, what });
        }
    }

    pub fn finish(mut self) -> WatchSummary {
        self.facts.sort_by(|one, other| {
            one.position.cmp(&other.position).then(one.number.cmp(&other.number))
        });
        let mut judging = Judging::default();
        // What one record tells was judged as the journal stood before it.
        for record in self.facts.chunk_by(|one, other| one.position == other.position) {
            for fact in record {
                if let What::Watched(watched) = &fact.what {
                    self.judge(&mut judging, watched, &fact.position);
                }
            }
            record.iter().for_each(|fact| judging.fold(fact));
        }
        judging.summary()
    }

    /// Judges an event as the journal stood before its record.
    fn judge(&self, judging: &mut Judging, watched: &Watched, position: &Position) {
        let Some(decided) = &watched.verdict else { return };
        let record = position.id().to_string();
        let watch = self.other.as_ref().or_else(|| self.policies.get(&decided.policy.version));
        let Some(watch) = watch else {
            judging.differing.insert(record);
            return;
        };
        let place = self.place.unwrap_or(decided.place);
        let mut event = watched.event.clone();
        event.marks.retain(|mark| *mark != WatchMark::Overridden);
        let (event, verdict) = watch.judge(&judging.state, place, event);
        if canonical(&verdict) != canonical(decided) {
            judging.differing.insert(record.clone());
        }
        let within = self.from.is_none_or(|from| from <= event.at)
            && self.until.is_none_or(|until| event.at < until);
        if within {
            judging.count(&event, &verdict, record);
        }
    }
}

#[derive(Default)]
struct Judging {
    state: WatchState,
    actions: BTreeMap<WatchAction, u64>,
    checks: BTreeMap<String, CheckCount>,
    alerts: Vec<WatchAlert>,
    more: u64,
    events: u64,
    differing: BTreeSet<String>,
}

impl Judging {
    /// Under another policy, too, that happened which happened: it is counted as it was.
    fn fold(&mut self, fact: &Fact) {
        match &fact.what {
            What::Watched(watched) => self.state.fold(&watched.counted()),
            What::Frozen(said) => {
                let position = &fact.position;
                let frozen = said.said(position.logical_at, position.id().to_string());
                self.state.freeze(said.subject.of, &said.subject.id, frozen);
            }
        }
    }

    fn count(&mut self, event: &crate::watch::WatchEvent, verdict: &Verdict, record: String) {
        self.events += 1;
        *self.actions.entry(verdict.action).or_default() += 1;
        let mut of = |check: &String, add: fn(&mut CheckCount)| {
            let count = self.checks.entry(check.clone()).or_default();
            count.check.clone_from(check);
            add(count);
        };
        verdict.fired.iter().for_each(|one| of(&one.check, |count| count.fired += 1));
        verdict.shadow.iter().for_each(|one| of(&one.check, |count| count.shadow += 1));
        verdict.errored.iter().for_each(|one| of(&one.check, |count| count.errored += 1));
        if verdict.action == WatchAction::Allow && verdict.shadow.is_empty() {
            return;
        }
        if self.alerts.len() >= NAMED_MAX {
            self.more += 1;
            return;
        }
        self.alerts.push(WatchAlert {
            at: event.at,
            card: event.card.clone(),
            cashier: event.cashier.clone(),
            record,
            store: event.store.clone(),
            till: event.till.clone(),
            verdict: verdict.clone(),
        });
    }

    fn summary(self) -> WatchSummary {
        let action = |(action, count)| ActionCount { action, count };
        WatchSummary {
            actions: self.actions.into_iter().map(action).collect(),
            alerts: self.alerts,
            checks: self.checks.into_values().collect(),
            differing: self.differing.into_iter().take(NAMED_MAX).collect(),
            events: self.events,
            more_alerts: self.more,
        }
    }
}
