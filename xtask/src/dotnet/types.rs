//! Shapes as types of C#, and the expressions that read and write them.

use kopilka::document::{Definition, Shape, Shapes, TextFormat};
use kopilka::json::Node;

use super::names::{member, pascal};
use super::text::literal;

/// The type of a value that is there.
pub fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Text(TextFormat::Plain | TextFormat::Scan) => "string".to_owned(),
        Shape::Text(TextFormat::Decimal) => "decimal".to_owned(),
        Shape::Text(TextFormat::Instant) => "Instant".to_owned(),
        Shape::Integer(_, most) => if is_int(*most) { "int" } else { "long" }.to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::List(item) => format!("IReadOnlyList<{}>", type_of(item)),
        Shape::Named(name) => (*name).to_owned(),
        Shape::Optional(inner) => type_of(inner),
        Shape::Any => "JsonText".to_owned(),
        Shape::TextMap => "IReadOnlyDictionary<string, string>".to_owned(),
    }
}

/// Bytes are `int`, everything larger is `long`, so that every value fits.
fn is_int(most: i64) -> bool {
    most <= i64::from(u8::MAX)
}

/// Whether a null needs a question mark.
pub fn is_value(shape: &Shape, shapes: &Shapes) -> bool {
    match shape {
        Shape::Text(format) => matches!(format, TextFormat::Decimal | TextFormat::Instant),
        Shape::Integer(..) | Shape::Boolean => true,
        Shape::Named(name) => {
            matches!(shapes.definitions.get(name), Some(Definition::Choice { .. }))
        }
        Shape::Optional(inner) => is_value(inner, shapes),
        Shape::List(_) | Shape::Any | Shape::TextMap => false,
    }
}

/// The type of a value that may be missing.
pub fn nullable_type(shape: &Shape, shapes: &Shapes) -> String {
    let mark = if is_value(shape, shapes) { "?" } else { "" };
    format!("{}{mark}", type_of(shape))
}

/// The delegates that read and write a value of a shape.
pub fn codec(shape: &Shape, shapes: &Shapes) -> String {
    match shape {
        Shape::Named(name) => match shapes.definitions.get(name) {
            Some(Definition::Choice { .. }) => format!("{name}Words.Codec"),
            // A property of another type may have the same name.
            _ => format!("Kopilka.{name}.Codec"),
        },
        Shape::List(item) => format!("Codecs.List({})", codec(item, shapes)),
        Shape::Optional(inner) => codec(inner, shapes),
        plain => format!("Codecs.{}", plain_name(plain)),
    }
}

fn plain_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(TextFormat::Decimal) => "Decimal",
        Shape::Text(TextFormat::Instant) => "Instant",
        Shape::Integer(_, most) if is_int(*most) => "Int",
        Shape::Integer(..) => "Long",
        Shape::Boolean => "Bool",
        Shape::Any => "Json",
        Shape::TextMap => "TextMap",
        _ => "Text",
    }
}

/// The expression that reads a value.
pub fn read(shape: &Shape, shapes: &Shapes) -> String {
    match shape {
        Shape::Named(name) => match shapes.definitions.get(name) {
            Some(Definition::Choice { .. }) => format!("({name})reader.Word({name}Words.Table)"),
            _ => format!("new {name}(reader)"),
        },
        Shape::List(item) => format!("reader.List({})", codec(item, shapes)),
        Shape::Optional(inner) => read(inner, shapes),
        plain => format!("reader.{}()", plain_name(plain)),
    }
}

/// The statement that writes a value.
pub fn write(shape: &Shape, value: &str, shapes: &Shapes) -> String {
    match shape {
        Shape::Named(name) => match shapes.definitions.get(name) {
            Some(Definition::Choice { .. }) => {
                format!("writer.Word({name}Words.Table, (int){value});")
            }
            _ => format!("{value}.WriteTo(writer);"),
        },
        Shape::List(item) => format!("writer.List({value}, {});", codec(item, shapes)),
        Shape::Optional(inner) => write(inner, value, shapes),
        plain => format!("writer.{}({value});", plain_name(plain)),
    }
}

/// What a default is in C#.
pub enum Default {
    /// A literal.
    Plain(String),
    /// A list or map with nothing in it.
    Empty,
    /// A value that must be read from its JSON.
    Read(String),
}

/// The default of a field.
pub fn default_of(shape: &Shape, json: &str, shapes: &Shapes) -> Default {
    let node = Node::parse(json, usize::MAX).unwrap_or(Node::Null);
    let plain = match (shape, &node) {
        (Shape::Boolean, Node::Boolean(value)) => value.to_string(),
        (Shape::Integer(_, most), Node::Integer(value)) => {
            format!("{value}{}", if is_int(*most) { "" } else { "L" })
        }
        (Shape::Text(TextFormat::Decimal), Node::Text(text)) => format!("{text}m"),
        (Shape::Text(TextFormat::Plain | TextFormat::Scan), Node::Text(text)) => literal(text),
        (Shape::Named(name), Node::Text(word)) if is_value(shape, shapes) => {
            format!("Kopilka.{name}.{}", member(name, word))
        }
        (Shape::List(_), Node::List(items)) if items.is_empty() => return Default::Empty,
        (Shape::TextMap, Node::Map(entries)) if entries.is_empty() => return Default::Empty,
        _ => return Default::Read(json.to_owned()),
    };
    Default::Plain(plain)
}

/// The field of `Keys` that holds a key.
pub fn key(name: &str) -> String {
    format!("Keys.{}", pascal(name))
}
