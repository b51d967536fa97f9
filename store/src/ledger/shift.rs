//! The end of a shift.

use jiff::Timestamp;
use kopilka::{
    Answer, Command, Envelope, Error, ErrorCode, Report, ReportKind, Request, ShiftClosing,
    ShiftReport, Tally,
};

use super::chains;
use super::engine::{Engine, Trouble};
use super::opening::own_end;
use super::records::{ROWS_AT_ONCE, entry_of};

impl Engine {
    /// What moved in a shift, with its first and last record. What it names survives a loss of
    /// power: everything is brought into the main file, and the file beside it is synced.
    pub fn shift_report(
        &mut self,
        store: Option<&str>,
        shift: &str,
        at: Timestamp,
    ) -> Result<ShiftClosing, Error> {
        self.ensure_open()?;
        let closing = self.close_shift(store, shift, at);
        closing.map_err(|trouble| match trouble {
            Trouble::Refused(error) => error,
            Trouble::Store(error) => self.fail(error),
        })
    }

    fn close_shift(
        &mut self,
        store: Option<&str>,
        shift: &str,
        at: Timestamp,
    ) -> Result<ShiftClosing, Trouble> {
        let asked = ShiftReport {
            shift: Some(shift.to_owned()),
            store: store.map(str::to_owned),
            ..ShiftReport::default()
        };
        let kind = ReportKind::Shift(asked);
        let report = Report { kind: kind.clone() };
        let program = self.load_for(&Request::new(at, Command::Report(report)))?;
        let mut closing = ShiftClosing::default();
        let mut tally = Tally::new(&program, &kind, at);
        self.add_shift(&mut tally, &mut closing, store, shift)?;
        if let Answer::Report(report) = tally.answer()
            && let Some(summary) = report.shift
        {
            closing.summary = summary;
        } else {
            return Err(Error::new(ErrorCode::Internal, "", "the report has no shift").into());
        }
        self.checkpoint()?;
        let end = own_end(self.cache.slice().head());
        closing.check_code = (end.sequence > 0).then(|| end.hash.check_code());
        closing.head = chains::told(&end);
        Ok(closing)
    }

    fn add_shift(
        &mut self,
        tally: &mut Tally<'_>,
        closing: &mut ShiftClosing,
        store: Option<&str>,
        shift: &str,
    ) -> Result<(), Trouble> {
        let mut after = None;
        loop {
            let rows = self.store()?.records_after(after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                let entry = entry_of(row)?;
                if !is_of(&entry.record.envelope, store, shift) {
                    continue;
                }
                self.report_record(tally, &entry)?;
                let id = entry.record.envelope.id().to_string();
                closing.first.get_or_insert_with(|| id.clone());
                closing.last = Some(id);
                closing.records += 1;
            }
            let Some(last) = rows.into_iter().last() else { return Ok(()) };
            after = Some(last.position);
            self.bound_memory()?;
        }
    }
}

fn is_of(envelope: &Envelope, store: Option<&str>, shift: &str) -> bool {
    envelope.shift.as_deref() == Some(shift)
        && store.is_none_or(|store| envelope.store.as_deref() == Some(store))
}
