//! The last calls, and how often each verb was refused: for whoever looks for a fault.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use kopilka::{Answer, DecisionTrace, Entry, Error, ErrorTrace, Reason, RecordId, Request};

use super::health::micros;

/// How many calls are kept.
const CALLS_KEPT: usize = 50;

/// What is kept of calls; nothing personal.
#[derive(Debug, Default)]
pub(super) struct Traces {
    last: VecDeque<Trace>,
    /// The records of calls that were not noted yet, in order.
    made: VecDeque<Option<RecordId>>,
    calls: BTreeMap<&'static str, u64>,
    errors: BTreeMap<(&'static str, &'static str), u64>,
}

#[derive(Debug)]
struct Trace {
    told: DecisionTrace,
    store: Option<String>,
    record: Option<RecordId>,
}

impl Traces {
    /// Keeps which record a call made, if it made one.
    pub fn made(&mut self, entry: Option<&Arc<Entry>>) {
        self.made.push_back(entry.map(|entry| entry.record.envelope.id()));
    }

    /// Keeps a call that was answered.
    pub fn note(&mut self, request: &Request, answer: &Result<Answer, Error>, took: Duration) {
        let record = self.made.pop_front().flatten().filter(|_| answer.is_ok());
        let verb = request.command.name();
        let error = answer.as_ref().err().map(|error| error.code().as_str());
        *self.calls.entry(verb).or_default() += 1;
        if let Some(code) = error {
            *self.errors.entry((verb, code)).or_default() += 1;
        }
        if self.last.len() == CALLS_KEPT {
            self.last.pop_back();
        }
        let told = DecisionTrace {
            at: request.at,
            error: error.map(str::to_owned),
            micros: micros(took),
            reasons: answer.as_ref().map(reasons_of).unwrap_or_default(),
            record: record.as_ref().map(ToString::to_string),
            verb: verb.to_owned(),
        };
        self.last.push_front(Trace { told, store: request.command.store().cloned(), record });
    }

    /// The last calls, newest first.
    pub fn decisions(&self) -> Vec<DecisionTrace> {
        self.last.iter().map(|trace| trace.told.clone()).collect()
    }

    /// The records that the last calls made, newest first.
    pub fn records(&self) -> Vec<RecordId> {
        self.last.iter().filter_map(|trace| trace.record.clone()).collect()
    }

    /// The stores in which they were made.
    pub fn stores(&self) -> Vec<String> {
        let mut stores: Vec<String> =
            self.last.iter().filter_map(|trace| trace.store.clone()).collect();
        stores.sort();
        stores.dedup();
        stores
    }

    /// How often each verb was refused in each way.
    pub fn errors(&self) -> Vec<ErrorTrace> {
        let told = self.errors.iter().map(|((verb, code), failed)| {
            let calls = self.calls.get(verb).copied().unwrap_or(*failed);
            ErrorTrace {
                always: calls == *failed && calls > 1,
                calls,
                code: (*code).to_owned(),
                failed: *failed,
                verb: (*verb).to_owned(),
            }
        });
        told.collect()
    }
}

/// The codes of the reasons in a receipt.
fn reasons_of(answer: &Answer) -> Vec<String> {
    let quote = match answer {
        Answer::Quote(quote) => Some(&**quote),
        Answer::Sale(sale) => sale.quote.as_ref(),
        _ => None,
    };
    let Some(quote) = quote else { return Vec::new() };
    let spendable = quote.spendable.iter().flat_map(|spendable| &spendable.reasons);
    let all = quote.reasons.iter().chain(spendable);
    let mut codes: Vec<String> =
        all.map(|reason: &Reason| reason.code.as_str().to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}
