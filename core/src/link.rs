//! What chains a record to others, for whoever looks at very many of them.

use jiff::Timestamp;
use serde::Deserialize;

use crate::position::Position;

/// Where a record stands and which one comes before it, by its text alone.
///
/// Nothing else of the text is looked at, so that it takes a fraction of the time of
/// [`Entry::read`](crate::Entry::read). Compare the text's own hash first: it says that the rest is what was
/// written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the record stands.
    pub position: Position,
    /// The hash of the record before it in its chain, in hexadecimal digits.
    pub previous: String,
}

#[derive(Deserialize)]
struct Chained<'a> {
    #[serde(borrow)]
    envelope: Envelope<'a>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    incarnation: u32,
    #[serde(borrow)]
    logical_at: &'a str,
    #[serde(borrow)]
    previous: &'a str,
    sequence: u64,
    #[serde(borrow)]
    till: &'a str,
}

impl Link {
    /// Reads it from the canonical text of a record; none if the text is no record's.
    #[must_use]
    pub fn read(text: &str) -> Option<Link> {
        let Chained { envelope } = serde_json::from_str(text).ok()?;
        let logical_at: Timestamp = envelope.logical_at.parse().ok()?;
        let position = Position {
            logical_at,
            till: envelope.till.to_owned(),
            incarnation: envelope.incarnation,
            sequence: envelope.sequence,
        };
        Some(Link { position, previous: envelope.previous.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Entry, Record};

    #[test]
    fn a_link_says_what_the_whole_record_says() {
        let mut record = Record::default();
        record.envelope.till = "till-1".into();
        record.envelope.incarnation = 3;
        record.envelope.sequence = 7;
        record.envelope.logical_at = "2026-11-21T09:00:00.000000001Z".parse().unwrap();
        record.envelope.previous = "ab".repeat(32);
        let entry = Entry::seal(record);
        let link = Link::read(&entry.text()).unwrap();
        assert_eq!(link.position, entry.record.envelope.position());
        assert_eq!(link.previous, entry.record.envelope.previous);
    }

    #[test]
    fn a_text_that_is_no_record_has_no_link() {
        let envelope =
            r#"{"incarnation":1,"logical_at":"2026-11-21","previous":"","sequence":1,"till":"a"}"#;
        for text in ["", "{}", "[1]", "{\"envelope\":{}}", &format!("{{\"envelope\":{envelope}}}")]
        {
            assert_eq!(Link::read(text), None, "{text}");
        }
    }
}
