//! Reports that states alone tell.

use jiff::Timestamp;

use crate::answer::{Answer, ReportAnswer};
use crate::command::{Report, ReportKind};
use crate::error::{Error, ErrorCode};
use crate::program::rules::Rules;
use crate::report::liability;
use crate::slice::Slice;

/// The texts of a report's kind, whose length is bounded like that of all others.
pub(super) fn texts(kind: &ReportKind) -> Vec<&String> {
    match kind {
        ReportKind::Shift(shift) => {
            shift.shift.iter().chain(&shift.store).chain(&shift.till).collect()
        }
        ReportKind::Campaigns(_) | ReportKind::Liability(_) => Vec::new(),
    }
}

/// Answers a report that needs no records: it tells of the cards that the slice holds.
pub(super) fn from_states(
    rules: &Rules,
    slice: &Slice,
    input: &Report,
    at: Timestamp,
) -> Result<Answer, Error> {
    match &input.kind {
        ReportKind::Liability(_) => {
            let liability = Some(liability(rules, slice, at));
            Ok(Answer::Report(Box::new(ReportAnswer { liability, ..ReportAnswer::default() })))
        }
        ReportKind::Campaigns(_) | ReportKind::Shift(_) => {
            Err(Error::new(ErrorCode::Internal, "", "this report is answered by the book"))
        }
    }
}
