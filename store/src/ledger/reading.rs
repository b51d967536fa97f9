//! Histories, explanations and reports: answered from the records, of which only a few are in
//! memory at a time.

use std::sync::Arc;

use kopilka::{
    Answer, Effect, Entry, Explain, History, Key, Position, Program, Report, Request, Slice,
    Statement, Tally, check, explained, explained_record,
};

use super::engine::{Engine, Trouble};
use super::pending::Pending;
use super::records::{ROWS_AT_ONCE, entry_of};
use crate::error::StoreError;

/// How many states a report looks at together.
const STATES_AT_ONCE: usize = 1_000;

/// The most records that are read at once for a host.
const RECORDS_MAX: usize = 1_000;

impl Engine {
    /// The record that was made under a key.
    pub fn recorded(&mut self, key: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        let key = Key::Command(key.to_owned());
        let store = self.store()?;
        let Some(text) = store.state(&key)? else { return Ok(None) };
        let named = Slice::records_of(&key, &text).map_err(|error| {
            StoreError::damaged(format!("the state of the key cannot be read: {error}"))
        })?;
        let Some(id) = named.first() else { return Ok(None) };
        store.record(id)?.as_ref().map(entry_of).transpose()
    }

    /// Records in order, a few at a time.
    pub fn records_after(
        &mut self,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Vec<Arc<Entry>>, StoreError> {
        let rows = self.store()?.records_after(after, most.min(RECORDS_MAX))?;
        rows.iter().map(entry_of).collect()
    }

    /// One record, from itself alone.
    pub(super) fn explain(
        &mut self,
        pending: &Pending,
        input: &Explain,
    ) -> Result<Answer, Trouble> {
        let id = explained_record(input)?;
        let own = pending.entries().iter().find(|entry| entry.record.envelope.id() == id);
        let found = match own {
            Some(entry) => Some(Arc::clone(entry)),
            None => self.store()?.record(&id)?.as_ref().map(entry_of).transpose()?,
        };
        Ok(explained(input, found.as_deref())?)
    }

    /// What was posted to a card. Everything that the question names is in the cache.
    pub(super) fn history(
        &mut self,
        pending: &Pending,
        program: &Program,
        input: &History,
        request: &Request,
    ) -> Result<Answer, Trouble> {
        let slice = self.cache.slice();
        let mut statement = Statement::begin(program, slice, input, request.at)?;
        let keys = [Key::Card(statement.card().to_owned())];
        let mut after = None;
        loop {
            let rows = self.store()?.records_touching(&keys, after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                let entry = entry_of(row)?;
                statement.add(&entry);
            }
            let Some(last) = rows.into_iter().last() else { break };
            after = Some(last.position);
        }
        pending.entries().iter().for_each(|entry| statement.add(entry));
        Ok(statement.answer())
    }

    /// A report, from states and records as they come.
    pub(super) fn report(
        &mut self,
        pending: &Pending,
        program: &Program,
        input: &Report,
        request: &Request,
    ) -> Result<Answer, Trouble> {
        check(request)?;
        // A clock that is suspect makes nothing expire in a report either.
        let at = self.cache.slice().logical(request.at);
        let mut tally = Tally::new(program, &input.kind, at);
        for kind in tally.kinds() {
            self.report_states(pending, &mut tally, kind)?;
        }
        if tally.counts_records() {
            self.report_records(pending, &mut tally)?;
        }
        Ok(tally.answer())
    }

    /// Adds the states of a kind, a few at a time.
    fn report_states(
        &mut self,
        pending: &Pending,
        tally: &mut Tally<'_>,
        kind: &str,
    ) -> Result<(), Trouble> {
        let mut few = Few::new(tally);
        let (store, cache) = self.store_and_cache()?;
        store.each_state(kind, &mut |(key, text)| match pending.holds(&key) {
            true => Ok(()),
            false => few.add(&key, &text),
        })?;
        for key in pending.states().filter(|key| key.kind() == kind) {
            if let Some(text) = cache.slice().stored(key) {
                few.add(key, &text)?;
            }
        }
        few.finish();
        Ok(())
    }

    /// Adds all records, each with the sales that it is about.
    fn report_records(&mut self, pending: &Pending, tally: &mut Tally<'_>) -> Result<(), Trouble> {
        let mut after = None;
        loop {
            let rows = self.store()?.records_after(after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                let entry = entry_of(row)?;
                self.report_record(tally, &entry)?;
            }
            let Some(last) = rows.into_iter().last() else { break };
            after = Some(last.position);
            if pending.is_empty() {
                self.bound_memory()?;
            }
        }
        for entry in pending.entries() {
            self.report_record(tally, entry)?;
        }
        Ok(())
    }

    pub(super) fn report_record(
        &mut self,
        tally: &mut Tally<'_>,
        entry: &Entry,
    ) -> Result<(), Trouble> {
        let (store, cache) = self.store_and_cache()?;
        cache.load(store, sales_of(entry))?;
        tally.add_record(cache.slice(), entry);
        Ok(())
    }
}

/// The sales that a record is about.
fn sales_of(entry: &Entry) -> impl Iterator<Item = Key> {
    entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::SaleConfirmed(confirmed) => Some(Key::Sale(confirmed.sale.clone())),
        Effect::SaleOpened(opened) => Some(Key::Sale(opened.sale.clone())),
        Effect::RefundMade(made) => made.sale.clone().map(Key::Sale),
        _ => None,
    })
}

/// A few states, looked at together and then forgotten.
struct Few<'t, 'p> {
    tally: &'t mut Tally<'p>,
    slice: Slice,
    states: usize,
}

impl<'t, 'p> Few<'t, 'p> {
    fn new(tally: &'t mut Tally<'p>) -> Few<'t, 'p> {
        Few { tally, slice: Slice::default(), states: 0 }
    }

    /// Adds a state; those that reports look at name no records.
    fn add(&mut self, key: &Key, text: &str) -> Result<(), StoreError> {
        self.slice.restore(key, text, &[]).map_err(|error| {
            let (kind, id) = (key.kind(), key.id());
            StoreError::damaged(format!("the state {kind} `{id}` cannot be read: {error}"))
        })?;
        self.states += 1;
        if self.states == STATES_AT_ONCE {
            self.tally.add_states(&std::mem::take(&mut self.slice));
            self.states = 0;
        }
        Ok(())
    }

    fn finish(self) {
        self.tally.add_states(&self.slice);
    }
}

#[cfg(test)]
mod tests {
    use crate::ledger::Ledger;

    #[test]
    fn a_report_is_of_the_ledgers_own_time_when_the_clock_goes_back() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        let document = r#"{"id":"shop","currency":"RUB","zone":"Europe/Moscow",
            "points":[{"id":"bonus"}],
            "cards":[{"id":"bonus","kind":"bonus","numbers":[{"length_max":1}]}]}"#;
        let install = format!(
            r#"{{"at":"2026-03-02T12:00:00Z","key":"1",
                "command":{{"program":{{"install":{{"document":{document}}}}}}}}}"#
        );
        let answer = ledger.call_json(&install).unwrap();
        let version = answer.split(r#""version":""#).nth(1).unwrap().split('"').next().unwrap();
        for (key, command) in [
            ("2", format!(r#"{{"program":{{"activate":{{"version":"{version}"}}}}}}"#)),
            ("3", r#"{"issue":{"card":"1","opening":[{"amount":"300"}]}}"#.to_owned()),
        ] {
            let at = "2026-03-02T12:00:00Z";
            let text = format!(r#"{{"at":"{at}","key":"{key}","command":{command}}}"#);
            ledger.call_json(&text).unwrap();
        }
        // A day before they were given, by a clock that went back: they are usable all the same.
        let report = ledger.call_json(
            r#"{"at":"2026-03-01T12:00:00Z","command":{"report":{"kind":{"liability":{}}}}}"#,
        );
        let report = report.unwrap();
        assert!(report.contains(r#""at":"2026-03-02T12:00:00Z""#), "{report}");
        assert!(report.contains(r#""pending":"0""#) && !report.contains(r#""pending":"300""#));
    }
}
