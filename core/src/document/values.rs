//! The plain values that documents are made of.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::reader::Step;
use super::{Document, Reader, Shape, Shapes, TEXT_MAX, TextFormat};
use crate::amount::{self, Amount};
use crate::error::ErrorCode;
use crate::json::{INTEGER_MAX, Node, Writer};

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

/// What is wrong with a text, if anything.
pub(crate) fn text_fault(text: &str) -> Option<(ErrorCode, String)> {
    if text.len() > TEXT_MAX {
        let message = format!("the text has {} bytes, more than {TEXT_MAX}", text.len());
        return Some((ErrorCode::DocumentTextTooLong, message));
    }
    let message = "the text has a control character in it";
    let found = text.chars().any(char::is_control);
    found.then(|| (ErrorCode::DocumentControlCharacter, message.to_owned()))
}

impl Document for String {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            reader.expected("a string", node);
            return String::new();
        };
        let fault = text_fault(text);
        let too_long = |code| code == ErrorCode::DocumentTextTooLong && reader.is_unbounded();
        if let Some((code, message)) = fault.filter(|(code, _)| !too_long(*code)) {
            reader.mistake(code, message);
            return String::new();
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
        if let Some(sum) = Amount::recorded(text).filter(|_| reader.is_unbounded()) {
            return sum;
        }
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

pub(crate) const OUT_OF_RANGE: &str = "the instant is outside the years 1900 to 2199";

/// The last instant that a document may name, in whole seconds.
pub(crate) fn latest_instant() -> Timestamp {
    Timestamp::from_second(INSTANT_MAX - 1).unwrap_or(Timestamp::MAX)
}

/// Whether an instant may stand in a document.
pub(crate) fn is_in_range(instant: Timestamp) -> bool {
    (INSTANT_MIN..INSTANT_MAX).contains(&instant.as_second())
}

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
        if !is_in_range(instant) {
            reader.mistake(ErrorCode::TimeRange, OUT_OF_RANGE);
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
    const MAY_BE_LEFT_OUT: bool = true;

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
        let items = reader.items(node);
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            reader.enter(Step::Index(index));
            list.push(T::read(reader, item));
            reader.leave();
        }
        list
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
