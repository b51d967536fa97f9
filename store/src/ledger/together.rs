//! Calls that hang on one another's answers, kept in one transaction.

use std::time::Instant;

use kopilka::{Answer, Error, ErrorCode, Request};

use super::CALLS_TOGETHER_MAX;
use super::engine::{Engine, Trouble, named};
use super::pending::Pending;
use crate::error::StoreError;

/// Calls that are gathered, see [`Ledger::together`](crate::Ledger::together).
pub struct Together<'e> {
    engine: &'e mut Engine,
    pending: Pending,
    calls: usize,
    failed: Option<StoreError>,
    /// Whether nothing is in memory any more that is not in the store.
    ended: bool,
}

impl<'e> Together<'e> {
    pub(super) fn begin(engine: &'e mut Engine) -> Result<Together<'e>, Error> {
        engine.ensure_open()?;
        let bounded = engine.bound_memory();
        bounded.map_err(|error| engine.fail(error))?;
        Ok(Together { engine, pending: Pending::default(), calls: 0, failed: None, ended: false })
    }

    /// Answers a request, which sees what those before it did. The answer must not leave before all of
    /// it is kept.
    ///
    /// # Errors
    /// What is wrong with the request or does not fit, with nothing changed by it;
    /// `document.list_too_long` after 10,000 calls; or as the store failed, after which each further call
    /// fails and nothing is kept.
    pub fn call(&mut self, request: &Request) -> Result<Answer, Error> {
        let begun = Instant::now();
        let before = self.pending.entries().len();
        let answer = named(request, self.answer(request));
        self.engine.traces.made(self.pending.entries().get(before));
        let (request, answers) = (std::slice::from_ref(request), [answer]);
        self.engine.note_calls(request, &answers, begun.elapsed());
        let [answer] = answers;
        answer
    }

    fn answer(&mut self, request: &Request) -> Result<Answer, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        if self.calls == CALLS_TOGETHER_MAX {
            let message = format!("at most {CALLS_TOGETHER_MAX} requests are answered together");
            return Err(Error::new(ErrorCode::DocumentListTooLong, "", message));
        }
        self.calls += 1;
        self.engine.note_planned(request.at);
        let completed = self.engine.notes.completed(request).into_owned();
        match self.engine.answer(&mut self.pending, &completed) {
            Ok(answer) => Ok(answer),
            Err(Trouble::Refused(error)) => Err(error),
            Err(Trouble::Store(error)) => {
                self.failed = Some(error.clone());
                Err(error.into())
            }
        }
    }

    /// Keeps all of it in one transaction.
    pub(super) fn keep(mut self) -> Result<(), Error> {
        self.ended = true;
        let kept = match self.failed.take() {
            Some(error) => Err(error),
            None => self.engine.keep(&mut self.pending),
        };
        kept.map_err(|error| self.engine.fail(error))
    }
}

impl Drop for Together<'_> {
    /// If the host's own code panicked, what is in memory is not in the store: it is read again.
    fn drop(&mut self) {
        if !self.ended && !self.pending.is_empty() {
            let _later = self.engine.reopen();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use kopilka::document::{canonical, from_node};
    use kopilka::json::Node;

    use super::*;
    use crate::Ledger;

    fn request(text: &str) -> Request {
        from_node(&Node::parse(text, usize::MAX).unwrap()).unwrap()
    }

    fn install() -> Request {
        request(
            r#"{"at": "2026-03-01T09:00:00Z", "key": "install", "command": {"program": {"install":
            {"document": {"id": "shop", "currency": "RUB", "zone": "UTC", "cards": [{"id": "plain", "kind": "discount", "numbers": [{"length_max": 1}]}]}}}}}"#,
        )
    }

    fn activate(ledger: &mut Together<'_>) -> Result<Answer, Error> {
        let installed = ledger.call(&install())?;
        let Answer::Program(program) = installed else { panic!("no programme") };
        ledger.call(&request(&format!(
            r#"{{"at": "2026-03-01T09:00:00Z", "key": "activate", "command": {{"program": {{"activate":
            {{"version": "{}"}}}}}}}}"#,
            program.version
        )))
    }

    fn issue(card: u32) -> Request {
        request(&format!(
            r#"{{"at": "2026-03-01T10:00:00Z", "key": "issue-{card}",
            "command": {{"issue": {{"card": "{card}"}}}}}}"#
        ))
    }

    fn sequence(ledger: &Ledger) -> u64 {
        ledger.health("2026-03-01T12:00:00Z".parse().unwrap()).unwrap().sequence
    }

    #[test]
    fn calls_together_see_one_another_and_are_answered_the_same_afterwards() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        let answers = ledger.together(|calls| {
            activate(calls).unwrap();
            [1, 1, 2].map(|card| canonical(&calls.call(&issue(card)).unwrap()))
        });
        let answers = answers.unwrap();
        assert_eq!(answers[0], answers[1]);
        // The installation, the activation and two cards.
        assert_eq!(sequence(&ledger), 4);
        assert_eq!(canonical(&ledger.call(&issue(2)).unwrap()), answers[2]);
        assert_eq!(sequence(&ledger), 4);
        assert!(ledger.verify().unwrap().found.is_empty());
    }

    #[test]
    fn a_refusal_among_calls_together_changes_nothing_of_the_others() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        let refused = ledger.together(|calls| {
            activate(calls).unwrap();
            let other = Request { key: Some("issue-1".to_owned()), ..issue(2) };
            calls.call(&issue(1)).unwrap();
            calls.call(&other).unwrap_err().code()
        });
        assert_eq!(refused.unwrap(), ErrorCode::KeyConflict);
        assert_eq!(sequence(&ledger), 3);
    }

    #[test]
    fn after_a_panic_among_calls_together_none_of_them_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("a.ledger"), "till-1").unwrap();
        ledger.together(|calls| activate(calls).map(drop)).unwrap().unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            ledger.together(|calls| {
                calls.call(&issue(1)).unwrap();
                panic!("the host gave up");
            })
        }));
        assert!(outcome.is_err());
        assert_eq!(sequence(&ledger), 2);
        assert!(ledger.recorded("issue-1").unwrap().is_none());
        ledger.call(&issue(1)).unwrap();
        assert_eq!(sequence(&ledger), 3);
        assert!(ledger.verify().unwrap().found.is_empty());
    }

    #[test]
    fn the_record_of_a_key_and_all_records_in_order_are_found() {
        let ledger = Ledger::in_memory("till-1").unwrap();
        ledger.together(|calls| activate(calls).map(drop)).unwrap().unwrap();
        ledger.call(&issue(7)).unwrap();
        let found = ledger.recorded("issue-7").unwrap().unwrap();
        assert_eq!(found.record.envelope.id().to_string(), "till-1.1.3");
        assert!(ledger.recorded("issue-8").unwrap().is_none());
        let first = ledger.records_after(None, 2).unwrap();
        let place = first[1].record.envelope.position();
        let rest = ledger.records_after(Some(&place), 10).unwrap();
        let of = |entry: &kopilka::Entry| entry.record.envelope.sequence;
        let sequences: Vec<u64> = first.iter().chain(&rest).map(|entry| of(entry)).collect();
        assert_eq!(sequences, [1, 2, 3]);
    }
}
