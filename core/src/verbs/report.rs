//! Reports that states alone tell.

use jiff::Timestamp;

use crate::answer::Answer;
use crate::command::{Command, Report, ReportKind};
use crate::error::{Error, ErrorCode};
use crate::program::Program;
use crate::report::{Tally, reads_records};
use crate::slice::Slice;
use crate::watch::Watch;

/// The texts of a report's kind, whose length is bounded like that of all others.
pub(super) fn texts(kind: &ReportKind) -> Vec<&String> {
    match kind {
        ReportKind::Shift(shift) => {
            shift.shift.iter().chain(&shift.store).chain(&shift.till).collect()
        }
        ReportKind::Campaigns(_)
        | ReportKind::Doubles(_)
        | ReportKind::Liability(_)
        | ReportKind::Watch(_) => Vec::new(),
    }
}

/// A policy that is to be tried must be one.
pub(super) fn check(command: &Command) -> Result<(), Error> {
    let Command::Report(Report { kind: ReportKind::Watch(input) }) = command else {
        return Ok(());
    };
    let Some(document) = &input.document else { return Ok(()) };
    let watch = Watch::from_node(document).map(|_| ());
    watch.map_err(|error| error.under("/command/report/kind/watch/document"))
}

/// Answers a report that needs no records: it tells of the cards that the slice holds.
pub(super) fn from_states(
    program: &Program,
    slice: &Slice,
    input: &Report,
    at: Timestamp,
) -> Result<Answer, Error> {
    if reads_records(&input.kind) {
        return Err(Error::new(ErrorCode::Internal, "", "this report is answered by the book"));
    }
    let mut tally = Tally::new(program, &input.kind, at);
    tally.add_states(slice);
    Ok(tally.answer())
}
