//! One line of an upload: `{"hash":H,KIND:BODY}`, where H is the SHA-256 of the body's text.

use std::fmt;
use std::io::{self, BufRead, Read};

use kopilka::document::{Document, Reader, canonical};
use kopilka::json::Node;
use kopilka::{Error, ErrorCode, RecordHash};

/// The most bytes that a line may have: 64 MiB. The largest record is well below.
pub const LINE_BYTES_MAX: usize = 1 << 26;

/// What a line holds. The words stand behind `hash` in the order of the alphabet, so that a line
/// is canonical JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// What is personal of a guest.
    Profile,
    /// A record.
    Record,
    /// The last line.
    Summary,
    /// The first line.
    Upload,
}

impl LineKind {
    const ALL: [LineKind; 4] =
        [LineKind::Profile, LineKind::Record, LineKind::Summary, LineKind::Upload];

    fn word(self) -> &'static str {
        match self {
            LineKind::Profile => "profile",
            LineKind::Record => "record",
            LineKind::Summary => "summary",
            LineKind::Upload => "upload",
        }
    }
}

/// A line whose body has the hash that it came with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub kind: LineKind,
    pub hash: RecordHash,
    /// The text of the body.
    pub body: &'a str,
}

impl fmt::Display for Line<'_> {
    /// With its end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line { kind, hash, body } = self;
        writeln!(formatter, "{{\"hash\":\"{hash}\",\"{}\":{body}}}", kind.word())
    }
}

impl<'a> Line<'a> {
    /// A line of a body that is not hashed yet.
    pub fn of(kind: LineKind, body: &'a str) -> Line<'a> {
        Line { kind, hash: RecordHash::of(body.as_bytes()), body }
    }

    /// Reads a line without its end; `None` if it is not one, or was changed.
    pub fn read(bytes: &'a [u8]) -> Option<Line<'a>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let rest = text.strip_prefix("{\"hash\":\"")?;
        let (hash, rest) = rest.split_once("\",\"")?;
        let (word, rest) = rest.split_once("\":")?;
        let body = rest.strip_suffix('}')?;
        let kind = LineKind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let line = Line::of(kind, body);
        (line.hash.to_string() == hash).then_some(line)
    }

    /// The body as a document; `None` if it is not one in canonical form.
    pub fn document<T: Document>(&self) -> Option<T> {
        let node = Node::parse(self.body, LINE_BYTES_MAX).ok()?;
        let (document, mistakes) = Reader::document::<T>(&node);
        (mistakes.is_empty() && canonical(&document) == self.body).then_some(document)
    }
}

/// What comes next of an upload.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A line, without its end, is in the buffer.
    Line,
    /// Nothing more.
    End,
    /// A line with more than [`LINE_BYTES_MAX`].
    TooLong,
}

/// Reads the next line into `buffer`, and never more than it may have.
pub(crate) fn read_line(input: &mut dyn BufRead, buffer: &mut Vec<u8>) -> io::Result<Next> {
    buffer.clear();
    let most = LINE_BYTES_MAX as u64 + 1;
    let read = Read::take(input, most).read_until(b'\n', buffer)?;
    if read == 0 {
        return Ok(Next::End);
    }
    if buffer.last() == Some(&b'\n') {
        buffer.pop();
    } else if buffer.len() > LINE_BYTES_MAX {
        return Ok(Next::TooLong);
    }
    Ok(Next::Line)
}

/// The error of an upload that could not be written.
pub(crate) fn not_written(error: &io::Error) -> Error {
    let message = format!("write the upload to where there is room and access: {error}");
    Error::new(ErrorCode::UploadNotWritten, "", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka::upload::UploadSummary;

    #[test]
    fn a_line_survives_being_written_and_read_and_nothing_else_does() {
        let summary = UploadSummary { digest: "d".into(), profiles: 0, records: 3 };
        let body = canonical(&summary);
        let text = Line::of(LineKind::Summary, &body).to_string();
        // By `printf '{"digest":"d","profiles":0,"records":3}' | sha256sum`.
        let hash = "19b6953da18f9390dd2f5d120b29623b2460368b863b60587f25d1f25a5d384e";
        assert_eq!(text, format!("{{\"hash\":\"{hash}\",\"summary\":{body}}}\n"));
        let whole = text.trim_end().as_bytes();
        let line = Line::read(whole).unwrap();
        assert_eq!((line.kind, line.document()), (LineKind::Summary, Some(summary)));
        for cut in 0..whole.len() {
            assert_eq!(Line::read(&whole[..cut]), None, "cut at {cut}");
        }
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Line::read(&flipped), None, "bit {bit}");
        }
    }

    #[test]
    fn a_body_that_is_not_canonical_is_no_document() {
        let spaced = r#"{"digest":"d", "profiles":0,"records":3}"#;
        assert_eq!(Line::of(LineKind::Summary, spaced).document::<UploadSummary>(), None);
        let more = r#"{"digest":"d","more":1,"profiles":0,"records":3}"#;
        assert_eq!(Line::of(LineKind::Summary, more).document::<UploadSummary>(), None);
    }

    #[test]
    fn a_line_without_an_end_is_read_only_up_to_its_bound() {
        let mut buffer = Vec::new();
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert_eq!(read_line(&mut endless, &mut buffer).unwrap(), Next::TooLong);
        assert_eq!(buffer.len(), LINE_BYTES_MAX + 1);
        let mut two: &[u8] = b"a\nbc";
        assert_eq!(read_line(&mut two, &mut buffer).unwrap(), Next::Line);
        assert_eq!(buffer, b"a");
        assert_eq!(read_line(&mut two, &mut buffer).unwrap(), Next::Line);
        assert_eq!(buffer, b"bc");
        assert_eq!(read_line(&mut two, &mut buffer).unwrap(), Next::End);
    }
}
