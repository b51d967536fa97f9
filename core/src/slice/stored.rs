//! How states are written for a store, and read again.
//!
//! A stored state is canonical JSON: one text for one state. What is empty is left out. It is no
//! document: nobody but the engine writes it, so that its lists, texts and numbers are not bounded
//! like those of a request, and it is either read as a whole or refused, never mended.

mod keyed;
mod sale;
mod states;
mod watch;

use jiff::Timestamp;

use crate::document::{Document, Reader};
use crate::error::{Error, ErrorCode};
use crate::json::{Node, Writer};

/// A part of a state that a store keeps.
pub(crate) trait Stored: Sized {
    /// Writes it in canonical form.
    fn store(&self, writer: &mut Writer);
    /// Reads what was written; `None` if it is anything else.
    fn load(node: &Node) -> Option<Self>;
    /// Whether it is left out of an object.
    fn is_blank(&self) -> bool {
        false
    }
    /// What was left out of an object; `None` if it is never left out.
    fn blank() -> Option<Self> {
        None
    }
}

/// Declares how a struct is stored: an object of its fields, which are named in order.
macro_rules! stored {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::slice::stored::Stored for $name {
            fn store(&self, writer: &mut $crate::json::Writer) {
                const { assert!($crate::document::is_sorted(&[$(stringify!($field)),*])) };
                writer.open_sorted();
                $( if !$crate::slice::stored::Stored::is_blank(&self.$field) {
                    writer.field(concat!("\"", stringify!($field), "\":"));
                    $crate::slice::stored::Stored::store(&self.$field, writer);
                } )*
                writer.close_sorted();
            }

            fn load(node: &$crate::json::Node) -> Option<Self> {
                let mut fields = $crate::slice::stored::Fields::of(node)?;
                let value = Self { $($field: fields.next(stringify!($field))?),* };
                fields.are_read().then_some(value)
            }

            fn is_blank(&self) -> bool {
                true $( && $crate::slice::stored::Stored::is_blank(&self.$field) )*
            }

            fn blank() -> Option<Self> {
                Some(Self { $($field: $crate::slice::stored::Stored::blank()?),* })
            }
        }
    };
}

/// Declares that a type is stored as records write it.
macro_rules! stored_as_recorded {
    ($($name:ty),* $(,)?) => { $(
        impl $crate::slice::stored::Stored for $name {
            fn store(&self, writer: &mut $crate::json::Writer) {
                $crate::document::Document::write(self, writer);
            }

            fn load(node: &$crate::json::Node) -> Option<Self> {
                $crate::slice::stored::recorded(node)
            }
        }
    )* };
}

pub(crate) use {stored, stored_as_recorded};

/// The fields of a stored object, read in order.
pub(crate) struct Fields<'a> {
    left: &'a [(String, Node)],
}

impl<'a> Fields<'a> {
    pub fn of(node: &'a Node) -> Option<Fields<'a>> {
        match node {
            Node::Map(entries) => Some(Fields { left: entries }),
            _ => None,
        }
    }

    /// The field of a name, which is the next one or was left out.
    pub fn next<T: Stored>(&mut self, name: &str) -> Option<T> {
        match self.left.split_first() {
            Some(((found, node), rest)) if found == name => {
                self.left = rest;
                // What is empty is never written: one state has one text.
                T::load(node).filter(|value| !value.is_blank())
            }
            _ => T::blank(),
        }
    }

    /// Whether nothing else was written.
    pub fn are_read(&self) -> bool {
        self.left.is_empty()
    }
}

/// Reads what stands in records in the same form.
pub(crate) fn recorded<T: Document>(node: &Node) -> Option<T> {
    let (value, mistakes) = Reader::recorded(node);
    mistakes.is_empty().then_some(value)
}

fn text_of<T: Stored>(state: &T) -> String {
    let mut writer = Writer::default();
    state.store(&mut writer);
    writer.finish()
}

fn read<T: Stored>(text: &str) -> Result<T, Error> {
    let node = Node::parse(text, usize::MAX).map_err(|_| unreadable())?;
    T::load(&node).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    let message = "this is not the text of a stored state; make it anew from the records";
    Error::new(ErrorCode::RecordChain, "", message)
}

impl Stored for bool {
    fn store(&self, writer: &mut Writer) {
        Document::write(self, writer);
    }

    fn load(node: &Node) -> Option<bool> {
        match node {
            Node::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    fn is_blank(&self) -> bool {
        !self
    }

    fn blank() -> Option<bool> {
        Some(false)
    }
}

macro_rules! stored_integer {
    ($type:ty) => {
        impl Stored for $type {
            fn store(&self, writer: &mut Writer) {
                writer.integer(i64::from(*self));
            }

            fn load(node: &Node) -> Option<$type> {
                match node {
                    Node::Integer(value) => <$type>::try_from(*value).ok(),
                    _ => None,
                }
            }

            fn is_blank(&self) -> bool {
                *self == 0
            }

            fn blank() -> Option<$type> {
                Some(0)
            }
        }
    };
}

stored_integer!(u32);
stored_integer!(i64);

impl Stored for String {
    fn store(&self, writer: &mut Writer) {
        writer.text(self);
    }

    fn load(node: &Node) -> Option<String> {
        node.text().map(str::to_owned)
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Option<String> {
        Some(String::new())
    }
}

impl Stored for Timestamp {
    fn store(&self, writer: &mut Writer) {
        writer.text(&self.to_string());
    }

    fn load(node: &Node) -> Option<Timestamp> {
        node.text()?.parse().ok()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn store(&self, writer: &mut Writer) {
        if let Some(value) = self {
            value.store(writer);
        }
    }

    fn load(node: &Node) -> Option<Option<T>> {
        T::load(node).map(Some)
    }

    fn is_blank(&self) -> bool {
        self.is_none()
    }

    fn blank() -> Option<Option<T>> {
        Some(None)
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn store(&self, writer: &mut Writer) {
        writer.open_list();
        for item in self {
            writer.item();
            item.store(writer);
        }
        writer.close_list();
    }

    fn load(node: &Node) -> Option<Vec<T>> {
        match node {
            Node::List(items) => items.iter().map(T::load).collect(),
            _ => None,
        }
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Option<Vec<T>> {
        Some(Vec::new())
    }
}

macro_rules! stored_tuple {
    ($($type:ident $field:ident),*) => {
        impl<$($type: Stored),*> Stored for ($($type,)*) {
            fn store(&self, writer: &mut Writer) {
                let ($($field,)*) = self;
                writer.open_list();
                $( writer.item(); $field.store(writer); )*
                writer.close_list();
            }

            fn load(node: &Node) -> Option<Self> {
                let Node::List(items) = node else { return None };
                let [$($field),*] = items.as_slice() else { return None };
                Some(($($type::load($field)?,)*))
            }
        }
    };
}

stored_tuple!(A a, B b);
stored_tuple!(A a, B b, C c);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Sample {
        count: i64,
        name: Option<String>,
        pairs: Vec<(String, u32)>,
    }

    stored!(Sample { count, name, pairs });

    #[test]
    fn what_is_empty_is_left_out_and_comes_back() {
        let blank = Sample::default();
        assert_eq!(text_of(&blank), "{}");
        assert_eq!(read::<Sample>("{}"), Ok(blank));
        let full =
            Sample { count: i64::MIN, name: Some("Ё\"".into()), pairs: vec![("a".into(), 7)] };
        let text = r#"{"count":-9223372036854775808,"name":"Ё\"","pairs":[["a",7]]}"#;
        assert_eq!(text_of(&full), text);
        assert_eq!(read::<Sample>(text), Ok(full));
    }

    #[test]
    fn a_name_may_be_there_and_empty() {
        let named = Sample { name: Some(String::new()), ..Sample::default() };
        assert_eq!(read::<Sample>(&text_of(&named)), Ok(named));
    }

    #[test]
    fn nothing_but_what_is_written_is_read() {
        let wrongs = [
            "",
            "[]",
            r#"{"count":0}"#,
            r#"{"count":1.0}"#,
            r#"{"count":1,"count":1}"#,
            r#"{"name":"a","count":1}"#,
            r#"{"other":1}"#,
            r#"{"pairs":[["a"]]}"#,
            r#"{"pairs":[["a",-1]]}"#,
        ];
        for wrong in wrongs {
            let error = read::<Sample>(wrong).unwrap_err();
            assert_eq!(error.code(), ErrorCode::RecordChain, "{wrong}");
        }
    }
}
