//! The ledger's door to other ledgers: uploads, journals, and being without a network.

use std::io::{BufRead, Write};

use jiff::Timestamp;
use kopilka::upload::{Acknowledgement, Merge};
use kopilka::{ChainEnd, Error, ErrorCode, Maintenance};

use super::Ledger;
use super::engine::Engine;
use crate::merge::Import;
use crate::upload::ExportOptions;
use crate::upload::line::not_written;
use crate::upload::read::Reading;

impl Ledger {
    /// Notes that there is no word from the backend: decisions are those of a till on its own from
    /// now on.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn set_offline(&self, at: Timestamp) -> Result<(), Error> {
        self.with(|engine| engine.set_offline(at))
    }

    /// Plans a time without a network, in which the ledger is offline without alarm; or none.
    ///
    /// # Errors
    /// `time.range` at `/until` if it ends before it begins; as the medium fails.
    pub fn plan_maintenance(&self, planned: Option<Maintenance>) -> Result<(), Error> {
        self.with(|engine| engine.plan_maintenance(planned))
    }

    /// The newest record of each chain that this ledger has, by till and incarnation: what another
    /// ledger needs to know to export what is lacking here.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn heads(&self) -> Result<Vec<ChainEnd>, Error> {
        self.with(Engine::heads)
    }

    /// Writes out every record that another ledger lacks, by the heads that it told. Calls are
    /// answered meanwhile; what they make is in a later upload.
    ///
    /// # Errors
    /// `upload.not_written` if `out` fails; as the medium fails.
    pub fn export(
        &self,
        after: &[ChainEnd],
        out: &mut dyn Write,
        options: &ExportOptions,
    ) -> Result<(), Error> {
        let mut upload = self.with(|engine| engine.begin_upload(after))?;
        while self.with(|engine| engine.add_to_upload(&mut upload))? {
            out.write_all(&upload.take()).map_err(|error| not_written(&error))?;
        }
        if options.with_personal {
            self.with(|engine| engine.add_profiles(&mut upload))?;
        }
        upload.end();
        out.write_all(&upload.take()).map_err(|error| not_written(&error))?;
        out.flush().map_err(|error| not_written(&error))
    }

    /// Takes in what another ledger exported, part by part, at an instant of the host's clock. After
    /// a failure the same upload is taken in once more: what is known stays as it is.
    ///
    /// # Errors
    /// `upload.format` if it is none, `program.mismatch` if it is of another programme, with nothing
    /// taken in; as the medium fails. An upload that is cut or damaged is no error: what stood
    /// before is taken in, and the answer says where it ended.
    pub fn import(&self, input: &mut dyn BufRead, at: Timestamp) -> Result<Merge, Error> {
        let (mut reading, head) = Reading::begin(input)?;
        let program = self.with(Engine::program_id)?;
        let mut import = Import::begin(program.as_deref(), head, at)?;
        loop {
            let piece = reading.piece();
            if piece.is_empty() {
                return self.with(|engine| engine.end_import(import, reading.cut()));
            }
            self.with(|engine| engine.import_piece(&mut import, &piece))?;
        }
    }

    /// Notes what the backend has of this till, and that it was heard of. Where it has other records
    /// than this ledger, or more of them, this one is an old copy or another one writes under its
    /// name: then it begins anew, and [`Ledger::opening`] names the records to be fetched.
    ///
    /// # Errors
    /// As the medium fails.
    pub fn acknowledge(&self, told: &Acknowledgement, at: Timestamp) -> Result<(), Error> {
        self.with(|engine| engine.acknowledge(told, at))
    }

    /// Writes out every record, as lines of JSON that another machine can import, or a person read.
    ///
    /// # Errors
    /// As [`Ledger::export`].
    pub fn export_journal(
        &self,
        out: &mut dyn Write,
        options: &ExportOptions,
    ) -> Result<(), Error> {
        self.export(&[], out, options)
    }

    /// Takes in a journal that was written out. Unlike an upload it must be whole.
    ///
    /// # Errors
    /// As [`Ledger::import`]; `upload.cut` or `upload.damaged` if it is not whole: what stood before
    /// is taken in, and the message names the line.
    pub fn import_journal(&self, input: &mut dyn BufRead, at: Timestamp) -> Result<Merge, Error> {
        let merge = self.import(input, at)?;
        let Some(cut) = &merge.cut else { return Ok(merge) };
        let code = match cut.code == ErrorCode::UploadCut.as_str() {
            true => ErrorCode::UploadCut,
            false => ErrorCode::UploadDamaged,
        };
        let message = format!("line {}: {}; write it out again", cut.line, cut.message);
        Err(Error::new(code, "", message))
    }
}
