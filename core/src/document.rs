//! One description per type that crosses a border.
//!
//! The macros [`document!`], [`choice!`] and [`union!`] take a type with its documentation and
//! defaults, and make of it the Rust type, a reader that collects every mistake with its place, a
//! canonical writer, and the [`Shape`] from which JSON Schema and the reference page are
//! generated. Because all of them come from the same lines, they cannot disagree.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::amount::{self, Amount};
use crate::error::{ErrorCode, Mistake};
use crate::json::{INTEGER_MAX, Node, Writer};

/// The most items that any list may have.
pub const LIST_MAX: usize = 10_000;
/// The most bytes that any text may have.
pub const TEXT_MAX: usize = 1_024;
/// The most mistakes that are collected from one document.
pub const MISTAKES_MAX: usize = 1_000;

/// A type that is read from JSON, written to it, and described by a schema.
pub trait Document: Sized {
    /// Reads the value; whatever is wrong goes to the reader, and a placeholder comes back.
    fn read(reader: &mut Reader, node: &Node) -> Self;
    /// Writes the value in canonical form.
    fn write(&self, writer: &mut Writer);
    /// What the value looks like; named types are added to `shapes`.
    fn shape(shapes: &mut Shapes) -> Shape;
    /// The value of a key that is not there, where leaving it out is allowed by the type itself.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether the key is left out when written.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The canonical JSON of a document.
#[must_use]
pub fn canonical<T: Document>(document: &T) -> String {
    let mut writer = Writer::default();
    document.write(&mut writer);
    writer.finish()
}

/// Where a reader is in a document, and what it has found wrong so far.
#[derive(Debug, Default)]
pub struct Reader {
    path: Vec<Step>,
    mistakes: Vec<Mistake>,
}

#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Name(String),
    Index(usize),
}

impl Reader {
    /// Reads a whole document; the mistakes are those of form, in document order.
    pub fn document<T: Document>(node: &Node) -> (T, Vec<Mistake>) {
        let mut reader = Reader::default();
        let value = T::read(&mut reader, node);
        (value, reader.mistakes)
    }

    /// Notes a mistake at the place where the reader is.
    pub fn mistake(&mut self, code: ErrorCode, message: impl Into<String>) {
        if self.mistakes.len() < MISTAKES_MAX {
            let path = self.pointer();
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(key),
                Step::Name(name) => {
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn inside<T>(&mut self, step: Step, read: impl FnOnce(&mut Reader) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }

    /// Notes that something else was expected here.
    pub fn expected(&mut self, what: &str, node: &Node) {
        let message = format!("expected {what}, found {}", node.kind());
        self.mistake(ErrorCode::DocumentType, message);
    }

    /// The entries of an object, after its unknown and duplicate keys have been noted.
    pub fn entries<'a>(
        &mut self,
        node: &'a Node,
        known: &[&'static str],
    ) -> Option<&'a [(String, Node)]> {
        let Node::Map(entries) = node else {
            self.expected("an object", node);
            return None;
        };
        for (position, (key, _)) in entries.iter().enumerate() {
            let schema = self.path.is_empty() && key == "$schema";
            if !schema && !known.contains(&key.as_str()) {
                let message = unknown_key(key, known);
                self.inside(Step::Name(key.clone()), |reader| {
                    reader.mistake(ErrorCode::DocumentKeyUnknown, message);
                });
            }
            if entries.iter().take(position).any(|(earlier, _)| earlier == key) {
                let message = format!("the key `{key}` stands here more than once");
                self.inside(Step::Name(key.clone()), |reader| {
                    reader.mistake(ErrorCode::DocumentKeyDuplicate, message);
                });
            }
        }
        Some(entries)
    }

    /// One field of an object: its value, its default, or a note that it is missing.
    pub fn field<T: Document + Default>(
        &mut self,
        entries: &[(String, Node)],
        key: &'static str,
        default: Option<T>,
    ) -> T {
        let found = entries.iter().find(|(name, _)| name == key);
        self.inside(Step::Key(key), |reader| match (found, default.or_else(T::absent)) {
            (Some((_, node)), _) => T::read(reader, node),
            (None, Some(value)) => value,
            (None, None) => {
                let message = format!("the key `{key}` is required");
                reader.mistake(ErrorCode::DocumentKeyMissing, message);
                T::default()
            }
        })
    }

    /// The single entry of an object that names a variant.
    pub fn variant<'a>(
        &mut self,
        node: &'a Node,
        known: &[&'static str],
    ) -> Option<(&'a str, &'a Node)> {
        let entries = self.entries(node, known)?;
        match entries {
            [(name, value)] if known.contains(&name.as_str()) => Some((name, value)),
            [(_, _)] => None,
            _ => {
                let message = format!("expected exactly one key of {}", list(known));
                self.mistake(ErrorCode::DocumentVariant, message);
                None
            }
        }
    }

    /// Reads the payload of a variant.
    pub fn payload<T: Document>(&mut self, name: &'static str, node: &Node) -> T {
        self.inside(Step::Key(name), |reader| T::read(reader, node))
    }
}

fn unknown_key(key: &str, known: &[&'static str]) -> String {
    match closest(key, known) {
        Some(near) => format!("the key `{key}` is not known here; did you mean `{near}`?"),
        None => format!("the key `{key}` is not known here; known are {}", list(known)),
    }
}

pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The known name that differs from `name` by the fewest edits, if they are at most two.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let scored = known.iter().map(|candidate| (edits(name, candidate), *candidate));
    scored.min().filter(|(distance, _)| *distance <= 2).map(|(_, candidate)| candidate)
}

fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = *cell;
            before = substituted.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// What a value looks like, for schemas and the reference page.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string in one of the formats named here.
    Text(TextFormat),
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// A list of one shape.
    List(Box<Shape>),
    /// A named type, described in [`Shapes`].
    Named(&'static str),
    /// A shape that may be left out.
    Optional(Box<Shape>),
    /// Any JSON: a document inside a document.
    Any,
    /// An object whose values are strings.
    TextMap,
}

/// The formats of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// Any text.
    Plain,
    /// A decimal number.
    Decimal,
    /// An instant, RFC 3339.
    Instant,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// An object with fields.
    Object {
        /// What the type is.
        doc: &'static str,
        /// Its fields as declared.
        fields: Vec<Field>,
    },
    /// One of several words.
    Choice {
        /// What the type is.
        doc: &'static str,
        /// The words and what they mean; the first is the default.
        words: Vec<(&'static str, &'static str)>,
    },
    /// An object with exactly one key, which names the variant.
    Union {
        /// What the type is.
        doc: &'static str,
        /// The keys, what they mean, and the shape of their values.
        variants: Vec<(&'static str, &'static str, Shape)>,
    },
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// The canonical JSON of its value when left out; `None` where the key is required.
    pub default: Option<String>,
}

/// All named types that were met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// By name.
    pub definitions: std::collections::BTreeMap<&'static str, Definition>,
}

impl Shapes {
    /// Adds a named type unless it is there already (types may contain themselves).
    pub fn named(
        &mut self,
        name: &'static str,
        define: impl FnOnce(&mut Shapes) -> Definition,
    ) -> Shape {
        if !self.definitions.contains_key(name) {
            let holder = Definition::Choice { doc: "", words: Vec::new() };
            self.definitions.insert(name, holder);
            let definition = define(self);
            self.definitions.insert(name, definition);
        }
        Shape::Named(name)
    }
}

/// Declares an object: a struct whose fields are the keys.
macro_rules! document {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* pub $field:ident : $type:ty $(= $default:expr)? , )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq $(, $($derive),*)?)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $crate::document::document!(@default $($default)?), )* }
            }
        }

        impl $crate::document::Document for $name {
            fn read(
                reader: &mut $crate::document::Reader,
                node: &$crate::json::Node,
            ) -> Self {
                let Some(entries) = reader.entries(node, &[$(stringify!($field)),*]) else {
                    return Self::default();
                };
                $name { $( $field: reader.field(
                    entries,
                    stringify!($field),
                    $crate::document::document!(@optional $($default)?),
                ), )* }
            }

            fn write(&self, writer: &mut $crate::json::Writer) {
                let map = writer.open_map();
                $( if !$crate::document::Document::is_absent(&self.$field) {
                    writer.key(stringify!($field));
                    $crate::document::Document::write(&self.$field, writer);
                } )*
                writer.close_map(map);
            }

            fn shape(shapes: &mut $crate::document::Shapes) -> $crate::document::Shape {
                shapes.named(stringify!($name), |shapes| $crate::document::Definition::Object {
                    doc: concat!($($doc, "\n"),*),
                    fields: vec![ $( $crate::document::Field {
                        name: stringify!($field),
                        doc: concat!($($field_doc, "\n"),*),
                        shape: <$type as $crate::document::Document>::shape(shapes),
                        default: $crate::document::default_text::<$type>(
                            $crate::document::document!(@optional $($default)?)
                        ),
                    } ),* ],
                })
            }
        }

        $crate::document::serde_of!($name);
    };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    (@optional) => { None };
    (@optional $default:expr) => { Some($default) };
}

/// Declares a set of words: an enum without payload. The first word is the default.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first:ident = $first_word:literal,
            $( $(#[doc = $word_doc:literal])* $variant:ident = $word:literal, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $first_doc])* #[default] $first,
            $( $(#[doc = $word_doc])* $variant, )*
        }

        impl $name {
            /// Every word of the set, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$name::$first, $($name::$variant),*];

            /// The word as written in documents.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $name::$first => $first_word, $($name::$variant => $word),* }
            }
        }

        impl $crate::document::Document for $name {
            fn read(
                reader: &mut $crate::document::Reader,
                node: &$crate::json::Node,
            ) -> Self {
                match node.text() {
                    Some($first_word) => return $name::$first,
                    $( Some($word) => return $name::$variant, )*
                    _ => {}
                }
                reader.word(node, &[$first_word, $($word),*]);
                Self::default()
            }

            fn write(&self, writer: &mut $crate::json::Writer) {
                writer.text(self.as_str());
            }

            fn shape(shapes: &mut $crate::document::Shapes) -> $crate::document::Shape {
                shapes.named(stringify!($name), |_| $crate::document::Definition::Choice {
                    doc: concat!($($doc, "\n"),*),
                    words: vec![
                        ($first_word, concat!($($first_doc, "\n"),*)),
                        $( ($word, concat!($($word_doc, "\n"),*)), )*
                    ],
                })
            }
        }

        $crate::document::serde_of!($name);
    };
}

/// Declares an object with exactly one key, which names the variant.
macro_rules! union {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first:ident($first_type:ty) = $first_key:literal,
            $( $(#[doc = $key_doc:literal])* $variant:ident($type:ty) = $key:literal, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $(#[doc = $first_doc])* $first($first_type),
            $( $(#[doc = $key_doc])* $variant($type), )*
        }

        impl Default for $name {
            fn default() -> Self {
                $name::$first(Default::default())
            }
        }

        impl $name {
            /// The key that names the variant in documents.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $name::$first(_) => $first_key, $($name::$variant(_) => $key),* }
            }
        }

        impl $crate::document::Document for $name {
            fn read(
                reader: &mut $crate::document::Reader,
                node: &$crate::json::Node,
            ) -> Self {
                match reader.variant(node, &[$first_key, $($key),*]) {
                    Some(($first_key, value)) => {
                        $name::$first(reader.payload($first_key, value))
                    }
                    $( Some(($key, value)) => $name::$variant(reader.payload($key, value)), )*
                    _ => Self::default(),
                }
            }

            fn write(&self, writer: &mut $crate::json::Writer) {
                let map = writer.open_map();
                writer.key(self.name());
                match self {
                    $name::$first(value) => $crate::document::Document::write(value, writer),
                    $( $name::$variant(value) => {
                        $crate::document::Document::write(value, writer)
                    } )*
                }
                writer.close_map(map);
            }

            fn shape(shapes: &mut $crate::document::Shapes) -> $crate::document::Shape {
                shapes.named(stringify!($name), |shapes| $crate::document::Definition::Union {
                    doc: concat!($($doc, "\n"),*),
                    variants: vec![
                        (
                            $first_key,
                            concat!($($first_doc, "\n"),*),
                            <$first_type as $crate::document::Document>::shape(shapes),
                        ),
                        $( (
                            $key,
                            concat!($($key_doc, "\n"),*),
                            <$type as $crate::document::Document>::shape(shapes),
                        ), )*
                    ],
                })
            }
        }

        $crate::document::serde_of!($name);
    };
}

/// Gives a document serde's traits, so that a Rust host can put it into its own types.
macro_rules! serde_of {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::document::to_node(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let node = <$crate::json::Node as serde::Deserialize>::deserialize(source)?;
                $crate::document::from_node(&node).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {choice, document, serde_of, union};

/// A document as a JSON value.
pub fn to_node<T: Document>(document: &T) -> Node {
    serde_json::from_str(&canonical(document)).unwrap_or(Node::Null)
}

/// A document from a JSON value, refused as a whole if anything is wrong with its form.
///
/// # Errors
/// Every mistake of form, each with its place.
pub fn from_node<T: Document>(node: &Node) -> Result<T, crate::error::Error> {
    let (value, mistakes) = Reader::document(node);
    if mistakes.is_empty() { Ok(value) } else { Err(mistakes.into()) }
}

pub(crate) fn default_text<T: Document>(default: Option<T>) -> Option<String> {
    default
        .or_else(T::absent)
        .map(|value| if value.is_absent() { String::new() } else { canonical(&value) })
}

impl Reader {
    /// Notes that a string is none of the known words.
    pub fn word(&mut self, node: &Node, known: &[&'static str]) {
        let Some(text) = node.text() else {
            return self.expected(&format!("one of {}", list(known)), node);
        };
        let near = closest(text, known);
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let text: String = text.chars().take(64).collect();
        let message = format!("`{text}` is none of {}{hint}", list(known));
        self.mistake(ErrorCode::DocumentWord, message);
    }
}

impl Document for bool {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        match node {
            Node::Boolean(value) => *value,
            other => {
                reader.expected("true or false", other);
                false
            }
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.raw(if *self { "true" } else { "false" });
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Boolean
    }
}

macro_rules! integer {
    ($type:ty, $min:expr, $max:expr) => {
        impl Document for $type {
            fn read(reader: &mut Reader, node: &Node) -> Self {
                let Node::Integer(value) = node else {
                    reader.expected("a whole number", node);
                    return 0;
                };
                if !($min..=$max).contains(value) {
                    let message = format!("{value} is not between {} and {}", $min, $max);
                    reader.mistake(ErrorCode::DocumentRange, message);
                    return 0;
                }
                <$type>::try_from(*value).unwrap_or(0)
            }

            fn write(&self, writer: &mut Writer) {
                writer.integer(i64::try_from(*self).unwrap_or(INTEGER_MAX));
            }

            fn shape(_: &mut Shapes) -> Shape {
                Shape::Integer($min, $max)
            }
        }
    };
}

integer!(u8, 0i64, 255i64);
integer!(u32, 0i64, 4_294_967_295i64);
integer!(u64, 0i64, INTEGER_MAX);
integer!(i64, -INTEGER_MAX, INTEGER_MAX);

impl Document for String {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            reader.expected("a string", node);
            return String::new();
        };
        if text.len() > TEXT_MAX {
            let message = format!("the text has {} bytes, more than {TEXT_MAX}", text.len());
            reader.mistake(ErrorCode::DocumentTextTooLong, message);
            return String::new();
        }
        if text.chars().any(char::is_control) {
            let message = "the text has a control character in it";
            reader.mistake(ErrorCode::DocumentControlCharacter, message);
        }
        text.to_owned()
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text(TextFormat::Plain)
    }
}

impl Document for Decimal {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            let message = format!(
                "expected a decimal number in a string such as \"12.50\", found {}",
                node.kind()
            );
            reader.mistake(ErrorCode::AmountNotText, message);
            return Decimal::ZERO;
        };
        amount::parse_decimal(text).unwrap_or_else(|(code, message)| {
            reader.mistake(code, message);
            Decimal::ZERO
        })
    }

    fn write(&self, writer: &mut Writer) {
        let plain = self.normalize();
        match i64::try_from(plain.mantissa()) {
            Ok(units) => writer.amount(units, u8::try_from(plain.scale()).unwrap_or(0)),
            Err(_) => writer.text(&plain.to_string()),
        }
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text(TextFormat::Decimal)
    }
}

impl Document for Amount {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            reader.expected("an amount in a string", node);
            return Amount::default();
        };
        Amount::parse(text).unwrap_or_else(|(code, message)| {
            reader.mistake(code, message);
            Amount::default()
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.amount(self.units, self.digits);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text(TextFormat::Decimal)
    }
}

/// The first instant that any document may name: the year 1900.
pub const INSTANT_MIN: i64 = -2_208_988_800;
/// The first instant past what any document may name: the year 2200.
pub const INSTANT_MAX: i64 = 7_258_118_400;

impl Document for Timestamp {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            reader.expected("an instant such as \"2025-10-24T14:30:00+03:00\"", node);
            return Timestamp::UNIX_EPOCH;
        };
        let Ok(instant) = text.parse::<Timestamp>() else {
            let message = "write the instant with its offset, such as \
                           \"2025-10-24T14:30:00+03:00\" or \"2025-10-24T11:30:00Z\"";
            reader.mistake(ErrorCode::TimeSyntax, message);
            return Timestamp::UNIX_EPOCH;
        };
        if !(INSTANT_MIN..INSTANT_MAX).contains(&instant.as_second()) {
            reader.mistake(ErrorCode::TimeRange, "the instant is outside the years 1900 to 2199");
            return Timestamp::UNIX_EPOCH;
        }
        instant
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(&self.to_string());
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text(TextFormat::Instant)
    }
}

impl Document for Node {
    fn read(_: &mut Reader, node: &Node) -> Self {
        node.clone()
    }

    fn write(&self, writer: &mut Writer) {
        Node::write(self, writer);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Any
    }
}

impl Default for Node {
    fn default() -> Self {
        Node::Map(Vec::new())
    }
}

impl<T: Document> Document for Option<T> {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        Some(T::read(reader, node))
    }

    fn write(&self, writer: &mut Writer) {
        if let Some(value) = self {
            value.write(writer);
        }
    }

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Optional(Box::new(T::shape(shapes)))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Document> Document for Box<T> {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        Box::new(T::read(reader, node))
    }

    fn write(&self, writer: &mut Writer) {
        T::write(self, writer);
    }

    fn shape(shapes: &mut Shapes) -> Shape {
        T::shape(shapes)
    }
}

impl<T: Document> Document for Vec<T> {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Node::List(items) = node else {
            reader.expected("a list", node);
            return Vec::new();
        };
        if items.len() > LIST_MAX {
            let message = format!("the list has {} items, more than {LIST_MAX}", items.len());
            reader.mistake(ErrorCode::DocumentListTooLong, message);
            return Vec::new();
        }
        let read = |(index, item)| reader.inside(Step::Index(index), |at| T::read(at, item));
        items.iter().enumerate().map(read).collect()
    }

    fn write(&self, writer: &mut Writer) {
        writer.open_list();
        for item in self {
            writer.item();
            item.write(writer);
        }
        writer.close_list();
    }

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::List(Box::new(T::shape(shapes)))
    }
}
