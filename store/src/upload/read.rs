//! Reading an upload piece by piece: what stood before a cut is sound.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::Arc;

use kopilka::upload::{UPLOAD_FORMAT, UploadCut, UploadHead, UploadProfile, UploadSummary};
use kopilka::{Entry, Error, ErrorCode, RECORD_FORMAT};
use sha2::{Digest, Sha256};

use super::line::{Line, LineKind, Next, read_line};

/// The most records of a piece, and the bytes after which it ends.
const PIECE_RECORDS: usize = 256;
const PIECE_BYTES: usize = 1 << 23;

/// A record as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub entry: Arc<Entry>,
    pub text: String,
}

/// A part of an upload that is merged at once.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub records: VecDeque<Received>,
    pub profiles: Vec<UploadProfile>,
    bytes: usize,
}

impl Piece {
    fn is_full(&self) -> bool {
        let count = self.records.len().saturating_add(self.profiles.len());
        count >= PIECE_RECORDS || self.bytes >= PIECE_BYTES
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.profiles.is_empty()
    }
}

/// An upload that is being read.
pub(crate) struct Reading<'r> {
    input: &'r mut dyn BufRead,
    /// The programme that all records must belong to.
    program: Option<String>,
    digest: Sha256,
    /// The number of the line that was read last.
    line: u64,
    records: u64,
    profiles: u64,
    buffer: Vec<u8>,
    /// Where it could not be read on.
    cut: Option<UploadCut>,
    ended: bool,
}

impl<'r> Reading<'r> {
    /// Reads the first line.
    pub fn begin(input: &'r mut dyn BufRead) -> Result<(Reading<'r>, UploadHead), Error> {
        let mut reading = Reading {
            input,
            program: None,
            digest: Sha256::new(),
            line: 0,
            records: 0,
            profiles: 0,
            buffer: Vec::new(),
            cut: None,
            ended: false,
        };
        let head = reading.head().ok_or_else(|| {
            let message = "this is no upload of a ledger; send what `export` wrote";
            Error::new(ErrorCode::UploadFormat, "", message)
        })?;
        if head.format != UPLOAD_FORMAT {
            let message = format!("the upload has the format {}; update this ledger", head.format);
            return Err(Error::new(ErrorCode::UploadFormat, "/upload/format", message));
        }
        reading.program.clone_from(&head.program);
        Ok((reading, head))
    }

    fn head(&mut self) -> Option<UploadHead> {
        self.line = 1;
        let next = read_line(self.input, &mut self.buffer).ok()?;
        let line = Line::read(&self.buffer).filter(|_| next == Next::Line)?;
        let head = line.document().filter(|_| line.kind == LineKind::Upload)?;
        self.digest.update(line.to_string());
        Some(head)
    }

    /// The next part; an empty one if there is none.
    pub fn piece(&mut self) -> Piece {
        let mut piece = Piece::default();
        while !self.ended && !piece.is_full() {
            self.line = self.line.saturating_add(1);
            match read_line(self.input, &mut self.buffer) {
                Ok(Next::Line) => self.take(&mut piece),
                Ok(Next::End) => self.stop(ErrorCode::UploadCut, "it ends before its last line"),
                Ok(Next::TooLong) => self.stop(ErrorCode::UploadDamaged, "the line is too long"),
                Err(error) => {
                    self.stop(ErrorCode::UploadCut, &format!("it could not be read: {error}"));
                }
            }
        }
        piece
    }

    /// Where it could not be read on, once no part is left.
    pub fn cut(self) -> Option<UploadCut> {
        self.cut
    }

    fn stop(&mut self, code: ErrorCode, message: &str) {
        let (code, message) = (code.as_str().to_owned(), message.to_owned());
        self.cut = Some(UploadCut { code, line: self.line, message });
        self.ended = true;
    }

    /// Takes in the line in the buffer.
    fn take(&mut self, piece: &mut Piece) {
        let buffer = std::mem::take(&mut self.buffer);
        let fault = match Line::read(&buffer) {
            None => Some("the line is not what was written"),
            Some(line) => self.take_line(&line, piece).err(),
        };
        piece.bytes = piece.bytes.saturating_add(buffer.len());
        self.buffer = buffer;
        if let Some(fault) = fault {
            self.stop(ErrorCode::UploadDamaged, fault);
        }
    }

    fn take_line(&mut self, line: &Line<'_>, piece: &mut Piece) -> Result<(), &'static str> {
        match line.kind {
            LineKind::Record => {
                let received = self.record(line)?;
                self.records = self.records.saturating_add(1);
                piece.records.push_back(received);
            }
            LineKind::Profile => {
                let profile = line.document().ok_or("the profile is not what was written")?;
                self.profiles = self.profiles.saturating_add(1);
                piece.profiles.push(profile);
            }
            LineKind::Summary => {
                self.ended = true;
                return self.summary(line);
            }
            LineKind::Upload => return Err("a second upload begins in the middle"),
        }
        self.digest.update(line.to_string());
        Ok(())
    }

    fn record(&self, line: &Line<'_>) -> Result<Received, &'static str> {
        let entry = Entry::read(line.body).map_err(|_| "the record cannot be read")?;
        let envelope = &entry.record.envelope;
        if Some(&envelope.program.id) != self.program.as_ref() {
            return Err("the record is of another programme than the upload");
        }
        let named = kopilka::is_till_name(&envelope.till)
            && envelope.incarnation > 0
            && envelope.sequence > 0
            && envelope.format <= RECORD_FORMAT;
        if !named || entry.hash != line.hash {
            return Err("the record is none that a ledger writes");
        }
        Ok(Received { entry, text: line.body.to_owned() })
    }

    fn summary(&mut self, line: &Line<'_>) -> Result<(), &'static str> {
        let summary: UploadSummary = line.document().ok_or("the last line cannot be read")?;
        let digest: [u8; 32] = self.digest.clone().finalize().into();
        let whole = summary.digest == kopilka::RecordHash(digest).to_string()
            && summary.records == self.records
            && summary.profiles == self.profiles;
        if whole { Ok(()) } else { Err("lines are missing, or stand in another order") }
    }
}
