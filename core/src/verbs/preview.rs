//! What a call would answer if it were not only asked about.

use std::sync::Arc;

use super::profiles_of;
use crate::answer::Answer;
use crate::command::Command;
use crate::program::Program;
use crate::record::Entry;
use crate::slice::Slice;

/// The answer of a call that is a preview, from the record that is not kept. It has no token: that
/// of a sale that was not made would mislead.
#[must_use]
pub fn previewed(
    program: &Program,
    slice: &Slice,
    command: &Command,
    entry: &Arc<Entry>,
) -> Answer {
    let mut answer = entry.answer();
    if let (Answer::Sale(sale), Answer::Sale(stored)) = (&mut answer, &entry.record.answer) {
        sale.token.clone_from(&stored.token);
    }
    if let (Answer::Bill(bill), Answer::Bill(stored)) = (&mut answer, &entry.record.answer) {
        for (view, stored) in bill.bills.iter_mut().zip(&stored.bills) {
            view.token.clone_from(&stored.token);
        }
    }
    if !matches!(answer, Answer::Guest(_)) {
        return answer;
    }
    let mut after = slice.guests_of(entry);
    for (guest, profile) in profiles_of(program, &after, command, &entry.record) {
        after.keep_profile(&guest, profile);
    }
    after.with_masks(answer)
}
