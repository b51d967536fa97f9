//! One description per type that crosses a border.
//!
//! The macros `document!`, `choice!` and `union!` take a type with its documentation and
//! defaults, and make of it the Rust type, a reader that collects every mistake with its place, a
//! canonical writer, and the [`Shape`] from which JSON Schema and the reference page are
//! generated. Because all of them come from the same lines, they cannot disagree.

mod collector;
mod reader;
mod shape;
mod values;

use crate::json::{Node, Writer};

pub(crate) use collector::{Codes, Collector, find_zone};
pub use reader::Reader;
pub(crate) use reader::closest;
pub use shape::{Definition, Field, Shape, Shapes, TextFormat};
pub use values::{INSTANT_MAX, INSTANT_MIN};
pub(crate) use values::{OUT_OF_RANGE, is_in_range, latest_instant, text_fault};

/// The most items that any list may have.
pub const LIST_MAX: usize = 10_000;
/// The most bytes that any text may have.
pub const TEXT_MAX: usize = 1_024;
/// The most mistakes that are collected from one document.
pub const MISTAKES_MAX: usize = 1_000;

/// A type that is read from JSON, written to it, and described by a schema.
pub trait Document: Sized {
    /// Whether a key of this type may be left out without a default of its own.
    const MAY_BE_LEFT_OUT: bool = false;
    /// Reads the value; whatever is wrong goes to the reader, and a placeholder comes back.
    fn read(reader: &mut Reader, node: &Node) -> Self;
    /// Writes the value in canonical form.
    fn write(&self, writer: &mut Writer);
    /// What the value looks like; named types are added to `shapes`.
    fn shape(shapes: &mut Shapes) -> Shape;
    /// Whether the key is left out when written.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The keys of an object, in the order of its fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    /// As written.
    pub names: &'static [&'static str],
    /// Which of them must be there.
    pub required: &'static [bool],
}

/// An object as the reader sees it: what is the same for all of them is done once, in
/// [`Reader::object`], and a type brings only its keys and how to read their values. There are
/// hundreds of types, and the library is to be small.
pub(crate) trait Object {
    /// Its keys.
    fn keys(&self) -> Keys;
    /// Reads the value of the key that stands at `place` among them.
    fn read_value(&mut self, place: usize, reader: &mut Reader, node: &Node);
}

/// The canonical JSON of a document.
#[must_use]
pub fn canonical<T: Document>(document: &T) -> String {
    let mut writer = Writer::default();
    document.write(&mut writer);
    writer.finish()
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

        impl $crate::document::Object for $name {
            fn keys(&self) -> $crate::document::Keys {
                $crate::document::Keys {
                    names: &[$(stringify!($field)),*],
                    required: &[$(
                        $crate::document::document!(@required $type $(, $default)?)
                    ),*],
                }
            }

            fn read_value(
                &mut self,
                place: usize,
                reader: &mut $crate::document::Reader,
                node: &$crate::json::Node,
            ) {
                // A macro cannot count, the compiler can: this becomes one jump.
                #[allow(unused_mut, reason = "an object without keys counts none")]
                let mut at = 0;
                $(
                    if at == place {
                        self.$field = $crate::document::Document::read(reader, node);
                        return;
                    }
                    at += 1;
                )*
                let _ = (at, place, reader, node);
            }
        }

        impl $crate::document::Document for $name {
            fn read(
                reader: &mut $crate::document::Reader,
                node: &$crate::json::Node,
            ) -> Self {
                let mut object = Self::default();
                reader.object(node, &mut object);
                object
            }

            fn write(&self, writer: &mut $crate::json::Writer) {
                const SORTED: bool = $crate::document::is_sorted(&[$(stringify!($field)),*]);
                if SORTED {
                    writer.open_sorted();
                    $( if !$crate::document::Document::is_absent(&self.$field) {
                        writer.field(concat!("\"", stringify!($field), "\":"));
                        $crate::document::Document::write(&self.$field, writer);
                    } )*
                    writer.close_sorted();
                } else {
                    let map = writer.open_map();
                    $( if !$crate::document::Document::is_absent(&self.$field) {
                        writer.key(stringify!($field));
                        $crate::document::Document::write(&self.$field, writer);
                    } )*
                    writer.close_map(map);
                }
            }

            fn shape(shapes: &mut $crate::document::Shapes) -> $crate::document::Shape {
                shapes.named(stringify!($name), module_path!(), |shapes| {
                    let _ = &shapes;
                    $crate::document::Definition::Object {
                        doc: concat!($($doc, "\n"),*),
                        fields: vec![ $( $crate::document::Field {
                            name: stringify!($field),
                            doc: concat!($($field_doc, "\n"),*),
                            shape: <$type as $crate::document::Document>::shape(shapes),
                            default: $crate::document::default_text::<$type>(
                                $crate::document::document!(@optional $($default)?)
                            ),
                        } ),* ],
                    }
                })
            }
        }

        $crate::document::serde_of!($name);
    };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    (@required $type:ty) => { !<$type as $crate::document::Document>::MAY_BE_LEFT_OUT };
    (@required $type:ty, $default:expr) => { false };
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
                shapes.named(stringify!($name), module_path!(), |_| $crate::document::Definition::Choice {
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
            /// Every key of a variant, in the order of the documentation.
            pub const KEYS: &'static [&'static str] = &[$first_key, $($key),*];

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
                let Some((key, value)) = reader.enter_variant(node, Self::KEYS) else {
                    return Self::default();
                };
                let variant = match key {
                    $( $key => $name::$variant($crate::document::Document::read(reader, value)), )*
                    _ => $name::$first($crate::document::Document::read(reader, value)),
                };
                reader.leave();
                variant
            }

            fn write(&self, writer: &mut $crate::json::Writer) {
                writer.open_sorted();
                match self {
                    $name::$first(value) => {
                        writer.field(concat!("\"", $first_key, "\":"));
                        $crate::document::Document::write(value, writer)
                    }
                    $( $name::$variant(value) => {
                        writer.field(concat!("\"", $key, "\":"));
                        $crate::document::Document::write(value, writer)
                    } )*
                }
                writer.close_sorted();
            }

            fn shape(shapes: &mut $crate::document::Shapes) -> $crate::document::Shape {
                shapes.named(stringify!($name), module_path!(), |shapes| $crate::document::Definition::Union {
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
    match default {
        Some(value) if !value.is_absent() => Some(canonical(&value)),
        Some(_) => Some(String::new()),
        None => T::MAY_BE_LEFT_OUT.then(String::new),
    }
}

/// Whether names are in ascending order, told when the crate is compiled.
pub(crate) const fn is_sorted(names: &[&str]) -> bool {
    let mut place = 1;
    while place < names.len() {
        #[expect(clippy::indexing_slicing, reason = "within the bounds of the loop")]
        if !is_before(names[place - 1].as_bytes(), names[place].as_bytes()) {
            return false;
        }
        place += 1;
    }
    true
}

const fn is_before(left: &[u8], right: &[u8]) -> bool {
    let mut place = 0;
    while place < left.len() && place < right.len() {
        #[expect(clippy::indexing_slicing, reason = "within the bounds of both")]
        let (one, other) = (left[place], right[place]);
        if one != other {
            return one < other;
        }
        place += 1;
    }
    left.len() < right.len()
}

#[cfg(test)]
mod tests {
    use super::is_sorted;

    #[test]
    fn names_are_in_order_byte_by_byte_and_the_shorter_first() {
        assert!(is_sorted(&["a", "ab", "b", "b_c", "ba"]));
        assert!(!is_sorted(&["ab", "a"]));
        assert!(!is_sorted(&["ba", "b_c"]));
    }
}
