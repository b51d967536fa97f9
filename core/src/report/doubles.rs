//! Hand-written receipts that seem to be entered more than once.

use std::collections::BTreeMap;

use crate::answer::{DoubleReceipt, DoublesReport};
use crate::slice::Slice;
use crate::verbs::{PAPER_NUMBER, PAPER_SUM, number_parts};

/// What receipts have in common: by whose they are and what is the same, the records.
type Noted = BTreeMap<(String, String), Vec<String>>;

/// The receipts whose number several records noted, and those whose card, sum and minute did.
#[derive(Debug, Default)]
pub(super) struct Doubles {
    numbers: Noted,
    sums: Noted,
}

impl Doubles {
    /// Adds the receipts that a slice holds; all of one subject are in one state.
    pub fn add(&mut self, slice: &Slice) {
        note(&mut self.numbers, slice, PAPER_NUMBER);
        note(&mut self.sums, slice, PAPER_SUM);
    }

    pub fn finish(self) -> DoublesReport {
        let mut receipts: Vec<DoubleReceipt> = Vec::new();
        for ((subject, day), records) in self.numbers {
            let (store, number) = number_parts(&subject).unwrap_or(("", &subject));
            receipts.push(DoubleReceipt {
                number: Some(number.to_owned()),
                records,
                store: Some(store.to_owned()).filter(|store| !store.is_empty()),
                when: day,
                ..DoubleReceipt::default()
            });
        }
        for ((subject, same), records) in self.sums {
            // The same receipt twice has the same number too: it is told once.
            if receipts.iter().any(|known| known.records == records) {
                continue;
            }
            let (minute, sum) = same.split_once(' ').unwrap_or((&same, ""));
            let store = subject.strip_prefix("store:").filter(|store| !store.is_empty());
            receipts.push(DoubleReceipt {
                card: subject.strip_prefix("card:").map(str::to_owned),
                records,
                store: store.map(str::to_owned),
                sum: Some(sum.to_owned()),
                when: minute.to_owned(),
                ..DoubleReceipt::default()
            });
        }
        DoublesReport { receipts }
    }
}

/// Adds what several records noted alike and none of them took back.
fn note(doubles: &mut Noted, slice: &Slice, limit: &str) {
    let mut noted = Noted::new();
    for (subject, period, uses) in slice.noted(limit) {
        if let Some((what, record)) = period.rsplit_once(' ').filter(|_| uses > 0) {
            let key = (subject.to_owned(), what.to_owned());
            noted.entry(key).or_default().push(record.to_owned());
        }
    }
    noted.retain(|_, records| records.len() > 1);
    noted.values_mut().for_each(|records| records.sort_unstable());
    doubles.append(&mut noted);
}
