//! Reasons: the call succeeded, and this is why less happened than hoped.

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use crate::catalogue::ReasonCode;
use crate::document::{Document, Reader, Shape, Shapes, document};
use crate::json::{Node, Writer};

document! {
    /// Why something was trimmed, refused or skipped. Codes and arguments only: the text in
    /// Russian or English is made of them when somebody asks ([`crate::texts`]).
    pub struct Reason {
        /// What the text is filled with: names and values, values as written in answers.
        pub args: Arguments = Arguments::default(),
        /// The stable code.
        pub code: ReasonCode,
        /// The id of the line that it is about; absent if it is about the receipt.
        pub line: Option<String>,
    }
}

impl Reason {
    /// A reason without arguments.
    #[must_use]
    pub fn new(code: ReasonCode) -> Reason {
        Reason { args: Arguments::default(), code, line: None }
    }

    /// The same reason with one argument more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Reason {
        self.args.0.insert(Cow::Borrowed(name), value.to_string());
        self
    }

    /// The same reason about one line.
    #[must_use]
    pub fn on_line(mut self, line: impl Into<String>) -> Reason {
        self.line = Some(line.into());
        self
    }
}

/// Named values of a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(pub BTreeMap<Cow<'static, str>, String>);

impl Document for Arguments {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Node::Map(entries) = node else {
            reader.expected("an object of strings", node);
            return Arguments::default();
        };
        let pair = |(name, value): &(String, Node)| {
            Some((Cow::Owned(name.clone()), value.text()?.to_owned()))
        };
        Arguments(entries.iter().filter_map(pair).collect())
    }

    fn write(&self, writer: &mut Writer) {
        let map = writer.open_map();
        for (name, value) in &self.0 {
            writer.key(name);
            writer.text(value);
        }
        writer.close_map(map);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::TextMap
    }
}
