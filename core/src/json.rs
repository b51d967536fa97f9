//! JSON as this crate reads and writes it.
//!
//! Reading keeps what the usual readers throw away: duplicate keys, and the fact that a number
//! was written with a fraction or an exponent. Writing is canonical (RFC 8785): keys sorted, no
//! white space, no null, integers only.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::error::{Error, ErrorCode, Mistake};

/// The deepest nesting that a document or a request may have.
pub const DEPTH_MAX: usize = 100;

/// The largest integer that every JSON reader keeps exactly: 2⁵³ − 1.
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// A parsed JSON value, before anything has been decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// `null`; no document of this crate accepts it, so that it can be reported in its place.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number written without fraction or exponent.
    Integer(i64),
    /// A number with a fraction, an exponent, or beyond 64 bits: always refused, never read.
    Fraction,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object, in the order written, duplicate keys kept.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads JSON text of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// `document.too_large`, `document.syntax` or `document.too_deep`.
    pub fn parse(text: &str, bytes_max: usize) -> Result<Node, Error> {
        if text.len() > bytes_max {
            let message = format!("the text has {} bytes, more than {bytes_max}", text.len());
            return Err(Mistake::new(ErrorCode::DocumentTooLarge, "", message).into());
        }
        let too_deep = || {
            let message = format!("the text is nested deeper than {DEPTH_MAX} levels");
            Error::from(Mistake::new(ErrorCode::DocumentTooDeep, "", message))
        };
        let node: Node = match serde_json::from_str(text) {
            Ok(node) => node,
            // The reader's own bound lies deeper. It gives its reasons as text alone.
            Err(cause) if cause.to_string().starts_with("recursion limit") => {
                return Err(too_deep());
            }
            Err(cause) => {
                let message = format!("this is not JSON: {}", hint(text, &cause));
                return Err(Mistake::new(ErrorCode::DocumentSyntax, "", message).into());
            }
        };
        if node.depth() > DEPTH_MAX { Err(too_deep()) } else { Ok(node) }
    }

    fn depth(&self) -> usize {
        let below = match self {
            Node::List(items) => items.iter().map(Node::depth).max(),
            Node::Map(entries) => entries.iter().map(|(_, value)| value.depth()).max(),
            _ => return 0,
        };
        1 + below.unwrap_or(0)
    }

    /// What kind of value this is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Boolean(_) => "a boolean",
            Node::Integer(_) => "a number",
            Node::Fraction => "a number with a fraction or an exponent",
            Node::Text(_) => "a string",
            Node::List(_) => "a list",
            Node::Map(_) => "an object",
        }
    }

    /// The value under `key`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value at a JSON Pointer (RFC 6901), if it is there.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            node = match node {
                Node::List(items) => items.get(name.parse::<usize>().ok()?)?,
                other => other.get(&name)?,
            };
        }
        Some(node)
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The canonical form: keys sorted, no white space.
    ///
    /// # Examples
    /// ```
    /// let node = kopilka::json::Node::parse(r#"{"b": [1, 2], "a": "x"}"#, 100).unwrap();
    /// assert_eq!(node.canonical(), r#"{"a":"x","b":[1,2]}"#);
    /// ```
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.finish()
    }

    /// The same value as it would be read from its canonical form: what a record holds is equal to
    /// what is read back from it.
    pub(crate) fn in_canonical_order(&self) -> Node {
        Node::parse(&self.canonical(), usize::MAX).unwrap_or_else(|_| self.clone())
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Node::Null | Node::Fraction => writer.raw("null"),
            Node::Boolean(value) => writer.raw(if *value { "true" } else { "false" }),
            Node::Integer(value) => writer.integer(*value),
            Node::Text(text) => writer.text(text),
            Node::List(items) => {
                writer.open_list();
                for item in items {
                    writer.item();
                    item.write(writer);
                }
                writer.close_list();
            }
            Node::Map(entries) => {
                let map = writer.open_map();
                for (key, value) in entries {
                    writer.key(key);
                    value.write(writer);
                }
                writer.close_map(map);
            }
        }
    }
}

/// What is wrong with a text, where hosts often do the same.
fn hint(text: &str, cause: &serde_json::Error) -> String {
    if text.starts_with('\u{feff}') {
        return "it begins with a byte order mark; leave that out".to_owned();
    }
    match text.find('\0') {
        Some(place) => format!("byte {place} is zero; give the length without a zero at the end"),
        None => cause.to_string(),
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null | Node::Fraction => serializer.serialize_unit(),
            Node::Boolean(value) => serializer.serialize_bool(*value),
            Node::Integer(value) => serializer.serialize_i64(*value),
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Node::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::Fraction, Node::Integer))
    }

    // The reader's name for a number with a fraction or an exponent: noted as such, never used.
    // No float is ever a value here: a number with a point or an exponent is refused.
    fn visit_f64<E>(self, _refused: f64) -> Result<Node, E> {
        Ok(Node::Fraction)
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, Node>()? {
            if entries.len() > 1_000_000 {
                return Err(A::Error::custom("an object has more than a million keys"));
            }
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}

/// Writes canonical JSON straight into one buffer. Keys that arrive in order, as the fields of
/// the larger answers do, cost nothing; others are put in order when their object closes.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Vec<u8>,
    entries: Vec<Entry>,
    /// Where the value of the noted field begins and ends.
    noted: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: usize,
    key_end: usize,
}

/// An object that is being written.
#[derive(Debug)]
pub(crate) struct OpenMap {
    first_entry: usize,
}

impl Writer {
    /// The text written so far. What is written is always UTF-8: only whole strings are copied.
    #[must_use]
    pub fn finish(self) -> String {
        String::from_utf8(self.buffer).unwrap_or_default()
    }

    pub(crate) fn raw(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn integer(&mut self, value: i64) {
        if value < 0 {
            self.buffer.push(b'-');
        }
        self.digits(value.unsigned_abs(), 1);
    }

    /// An integer of smallest units as a decimal string with exactly `digits` decimals.
    pub(crate) fn amount(&mut self, units: i64, digits: u8) {
        let scale = 10u64.pow(u32::from(digits.min(18)));
        self.buffer.push(b'"');
        if units < 0 {
            self.buffer.push(b'-');
        }
        let size = units.unsigned_abs();
        self.digits(size / scale, 1);
        if digits > 0 {
            self.buffer.push(b'.');
            self.digits(size % scale, usize::from(digits.min(18)));
        }
        self.buffer.push(b'"');
    }

    fn digits(&mut self, mut value: u64, width_min: usize) {
        let start = self.buffer.len();
        while value > 0 || self.buffer.len() - start < width_min {
            self.buffer.push(b'0' + u8::try_from(value % 10).unwrap_or(0));
            value /= 10;
        }
        if let Some(written) = self.buffer.get_mut(start..) {
            written.reverse();
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.buffer.push(b'"');
        let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
        if plain {
            self.raw(text);
        } else {
            text.chars().for_each(|character| self.escaped(character));
        }
        self.buffer.push(b'"');
    }

    fn escaped(&mut self, character: char) {
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            '\u{8}' => self.raw("\\b"),
            '\t' => self.raw("\\t"),
            '\n' => self.raw("\\n"),
            '\u{c}' => self.raw("\\f"),
            '\r' => self.raw("\\r"),
            control if control < ' ' => self.raw(&format!("\\u{:04x}", u32::from(control))),
            other => self.raw(other.encode_utf8(&mut [0; 4])),
        }
    }

    pub(crate) fn open_list(&mut self) {
        self.buffer.push(b'[');
    }

    pub(crate) fn item(&mut self) {
        if self.buffer.last() != Some(&b'[') {
            self.buffer.push(b',');
        }
    }

    pub(crate) fn close_list(&mut self) {
        self.buffer.push(b']');
    }

    pub(crate) fn open_map(&mut self) -> OpenMap {
        self.buffer.push(b'{');
        OpenMap { first_entry: self.entries.len() }
    }

    pub(crate) fn key(&mut self, key: &str) {
        if self.buffer.last() != Some(&b'{') {
            self.buffer.push(b',');
        }
        let start = self.buffer.len();
        self.text(key);
        self.entries.push(Entry { start, key_end: self.buffer.len() });
        self.buffer.push(b':');
    }

    /// Opens an object whose keys will come in order, so that nothing needs to be kept of them.
    pub(crate) fn open_sorted(&mut self) {
        self.buffer.push(b'{');
    }

    /// A key of such an object: its text with quotes and colon, which needs no escapes.
    pub(crate) fn field(&mut self, quoted: &'static str) {
        if self.buffer.last() != Some(&b'{') {
            self.buffer.push(b',');
        }
        self.raw(quoted);
    }

    pub(crate) fn close_sorted(&mut self) {
        self.buffer.push(b'}');
    }

    /// Notes where a value stands that `write` writes.
    pub(crate) fn noting(&mut self, write: impl FnOnce(&mut Writer)) {
        let start = self.buffer.len();
        write(self);
        self.noted = Some((start, self.buffer.len()));
    }

    /// The bytes written so far, and those of the noted value.
    pub(crate) fn bytes(&self) -> (&[u8], &[u8]) {
        let noted = self.noted.and_then(|(start, end)| self.buffer.get(start..end));
        (&self.buffer, noted.unwrap_or(&[]))
    }

    pub(crate) fn close_map(&mut self, map: OpenMap) {
        let end = self.buffer.len();
        let entries = self.entries.split_off(map.first_entry);
        let key = |entry: &Entry| self.buffer.get(entry.start + 1..entry.key_end - 1);
        if !entries.is_sorted_by_key(key) {
            self.reorder(&entries, end);
        }
        self.buffer.push(b'}');
    }

    fn reorder(&mut self, entries: &[Entry], end: usize) {
        let ends = entries.iter().skip(1).map(|entry| entry.start - 1).chain([end]);
        let mut spans: Vec<(Entry, usize)> = entries.iter().copied().zip(ends).collect();
        // Without the quotes, so that a shorter key comes before its continuations.
        let key = |entry: &Entry| self.buffer.get(entry.start + 1..entry.key_end - 1);
        spans.sort_by(|(left, _), (right, _)| key(left).cmp(&key(right)));
        let mut sorted = Vec::with_capacity(end);
        for (entry, entry_end) in &spans {
            if !sorted.is_empty() {
                sorted.push(b',');
            }
            sorted.extend_from_slice(self.buffer.get(entry.start..*entry_end).unwrap_or(&[]));
        }
        let start = entries.first().map_or(end, |entry| entry.start);
        self.buffer.truncate(start);
        self.buffer.extend_from_slice(&sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node {
        Node::parse(text, 1_000_000).unwrap()
    }

    #[test]
    fn keys_are_sorted_at_every_depth_and_white_space_is_dropped() {
        let text = r#"{ "b": {"z": 1, "a": [ {"y":1,"x":2} ]}, "a": "t" }"#;
        let sorted = r#"{"a":"t","b":{"a":[{"x":2,"y":1}],"z":1}}"#;
        assert_eq!(parse(text).canonical(), sorted);
    }

    #[test]
    fn text_is_escaped_as_rfc_8785_says() {
        let text = "\"\\u0007\\b\\t\\n\\f\\r\\u0022\\\\\\u20ac\\ud83d\\ude00\"";
        let written = "\"\\u0007\\b\\t\\n\\f\\r\\\"\\\\\u{20ac}\u{1f600}\"";
        assert_eq!(parse(text).canonical(), written);
    }

    #[test]
    fn fractions_exponents_and_huge_integers_are_told_from_whole_numbers() {
        for text in ["1.0", "1e3", "18446744073709551616", "-0.5", "9223372036854775808"] {
            assert_eq!(parse(text), Node::Fraction, "{text}");
        }
        assert_eq!(parse("-9223372036854775808"), Node::Integer(i64::MIN));
        assert_eq!(parse("-9223372036854775808").canonical(), "-9223372036854775808");
    }

    #[test]
    fn duplicate_keys_survive_reading() {
        let Node::Map(entries) = parse(r#"{"a":1,"a":2}"#) else { panic!("not a map") };
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn a_text_nested_too_deep_is_refused() {
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
        let error = Node::parse(&deep, 1000).unwrap_err();
        assert_eq!(error.code(), ErrorCode::DocumentTooDeep);
        let deeper = "[".repeat(100_000);
        let error = Node::parse(&deeper, 1_000_000).unwrap_err();
        assert_eq!(error.code(), ErrorCode::DocumentTooDeep);
    }

    #[test]
    fn a_zero_at_the_end_and_a_mark_at_the_beginning_are_named() {
        let said = |text: &str| Node::parse(text, 1000).unwrap_err().to_string();
        assert!(said("{}\0").contains("byte 2 is zero; give the length without"));
        assert!(said("\u{feff}{}").contains("byte order mark"));
        assert!(said("{,}").contains("line 1 column 2"));
    }

    #[test]
    fn pointers_reach_into_lists_and_escaped_keys() {
        let node = parse(r#"{"a/b":[{"c~d":7}]}"#);
        assert_eq!(node.at("/a~1b/0/c~0d"), Some(&Node::Integer(7)));
        assert_eq!(node.at("/a~1b/1"), None);
        assert_eq!(node.at(""), Some(&node));
    }

    #[test]
    fn amounts_have_exactly_the_digits_of_their_asset() {
        let cases = [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (1234, 0, "1234")];
        for (units, digits, expected) in cases {
            let mut writer = Writer::default();
            writer.amount(units, digits);
            assert_eq!(writer.finish(), format!("\"{expected}\""));
        }
    }
}
