//! JSON Schema (draft 2020-12) and the reference page, made of the same [`Shapes`] as the readers.
//!
//! A schema says what a document must look like; what its values must mean to each other only
//! [`crate::Program::compile`] can say. Both texts are the same wherever they are made, so that
//! they can be committed and compared.

use std::collections::BTreeSet;

use crate::answer::Answer;
use crate::command::Request;
use crate::desk::{CalendarDocument, DaysDocument, DeskAnswer, DeskDocument, DeskQuery};
use crate::document::{Definition, Document, Field, LIST_MAX, Shape, Shapes, TEXT_MAX, TextFormat};
use crate::identify::SCAN_BYTES_MAX;
use crate::json::Node;
use crate::order::Order;
use crate::program::ProgramDocument;
use crate::record::Record;
use crate::watch::WatchDocument;

mod api;
mod codes;
mod reference;

pub use api::{Handle, Verb, api, handles, shapes};
pub use codes::codes;
pub use reference::{Example, reference, watch_reference};

/// The grammar of decimal numbers, as a pattern.
const DECIMAL_PATTERN: &str = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?$";

/// The most bytes of JSON that are read back from a default.
const DEFAULT_BYTES_MAX: usize = 65_536;

/// The schema of a programme.
#[must_use]
pub fn program() -> String {
    render::<ProgramDocument>("program", Written::ByPeople)
}

/// The schema of a calendar by itself.
#[must_use]
pub fn calendar() -> String {
    render::<CalendarDocument>("calendar", Written::ByPeople)
}

/// The schema of a production calendar.
#[must_use]
pub fn days() -> String {
    render::<DaysDocument>("days", Written::ByPeople)
}

/// The schema of the policy of a support desk.
#[must_use]
pub fn desk() -> String {
    render::<DeskDocument>("desk", Written::ByPeople)
}

/// The schema of a question to a desk.
#[must_use]
pub fn desk_query() -> String {
    render::<DeskQuery>("desk-query", Written::ByPeople)
}

/// The schema of the policy of a watch.
#[must_use]
pub fn watch() -> String {
    render::<WatchDocument>("watch", Written::ByPeople)
}

/// The schema of a desk's answer.
#[must_use]
pub fn desk_answer() -> String {
    render::<DeskAnswer>("desk-answer", Written::ByTheEngine)
}

/// The schema of an order.
#[must_use]
pub fn order() -> String {
    render::<Order>("order", Written::ByPeople)
}

/// The schema of a request: a verb with its input.
#[must_use]
pub fn request() -> String {
    render::<Request>("request", Written::ByPeople)
}

/// The schema of an answer.
#[must_use]
pub fn answer() -> String {
    render::<Answer>("answer", Written::ByTheEngine)
}

/// The schema of a record.
#[must_use]
pub fn record() -> String {
    render::<Record>("record", Written::ByTheEngine)
}

/// Who writes such documents: what people write may name its schema, for their editor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    ByPeople,
    ByTheEngine,
}

fn render<T: Document>(name: &str, written: Written) -> String {
    let (root, shapes) = described::<T>();
    let mut formats = BTreeSet::new();
    let mut schema = vec![
        entry("$schema", "https://json-schema.org/draft/2020-12/schema"),
        entry("$id", format!("kopilka:{name}")),
        entry("title", root),
    ];
    let mut definitions = Vec::new();
    for (name, definition) in &shapes.definitions {
        let mut body = definition_schema(definition, &mut formats);
        if *name != root {
            definitions.push(((*name).to_owned(), Node::Map(body)));
            continue;
        }
        if written == Written::ByPeople {
            allow_schema_key(&mut body);
        }
        schema.extend(body);
    }
    let formats = formats.iter().map(|name| format_definition(name));
    definitions.extend(formats);
    schema.push(("$defs".to_owned(), Node::Map(definitions)));
    let text = serde_json::to_string_pretty(&Node::Map(schema)).unwrap_or_default();
    format!("{text}\n")
}

/// The name of a type and everything that it is made of.
fn described<T: Document>() -> (&'static str, Shapes) {
    let mut shapes = Shapes::default();
    let root = match T::shape(&mut shapes) {
        Shape::Named(name) => name,
        _ => "",
    };
    (root, shapes)
}

fn allow_schema_key(body: &mut [(String, Node)]) {
    let properties = body.iter_mut().find(|(key, _)| key == "properties");
    if let Some((_, Node::Map(properties))) = properties {
        let description = "Where this schema is, for editors; the engine does not read it.";
        let schema = vec![entry("description", description), entry("type", "string")];
        properties.insert(0, ("$schema".to_owned(), Node::Map(schema)));
    }
}

type Formats = BTreeSet<&'static str>;

fn definition_schema(definition: &Definition, formats: &mut Formats) -> Vec<(String, Node)> {
    match definition {
        Definition::Object { doc, fields } => {
            let mut object = vec![entry("description", prose(doc)), entry("type", "object")];
            let properties =
                fields.iter().map(|field| (field.name.to_owned(), property(field, formats)));
            object.push(("properties".to_owned(), Node::Map(properties.collect())));
            let required = fields.iter().filter(|field| field.default.is_none());
            let required: Vec<Node> = required.map(|field| text(field.name)).collect();
            if !required.is_empty() {
                object.push(("required".to_owned(), Node::List(required)));
            }
            object.push(closed());
            object
        }
        Definition::Choice { doc, words } => {
            let words = words.iter().map(|(word, doc)| {
                Node::Map(vec![entry("const", *word), entry("description", prose(doc))])
            });
            vec![
                entry("description", prose(doc)),
                entry("type", "string"),
                ("oneOf".to_owned(), Node::List(words.collect())),
            ]
        }
        Definition::Union { doc, variants } => {
            let variants =
                variants.iter().map(|(key, doc, shape)| variant(key, doc, shape, formats));
            let variants = Node::List(variants.collect());
            vec![
                entry("description", prose(doc)),
                entry("type", "object"),
                ("minProperties".to_owned(), Node::Integer(1)),
                ("maxProperties".to_owned(), Node::Integer(1)),
                ("oneOf".to_owned(), variants),
            ]
        }
    }
}

fn property(field: &Field, formats: &mut Formats) -> Node {
    let mut property = vec![entry("description", prose(field.doc))];
    property.extend(shape_schema(&field.shape, formats));
    if let Some(default) = default_node(field) {
        property.push(("default".to_owned(), default));
    }
    Node::Map(property)
}

fn variant(key: &str, doc: &str, shape: &Shape, formats: &mut Formats) -> Node {
    let mut value = vec![entry("description", prose(doc))];
    value.extend(shape_schema(shape, formats));
    let properties = vec![(key.to_owned(), Node::Map(value))];
    Node::Map(vec![
        ("properties".to_owned(), Node::Map(properties)),
        ("required".to_owned(), Node::List(vec![text(key)])),
        closed(),
    ])
}

fn shape_schema(shape: &Shape, formats: &mut Formats) -> Vec<(String, Node)> {
    match shape {
        Shape::Text(format) => {
            let name = match format {
                TextFormat::Plain => "text",
                TextFormat::Decimal => "decimal",
                TextFormat::Instant => "instant",
                TextFormat::Scan => "scan",
            };
            formats.insert(name);
            vec![reference_to(name)]
        }
        Shape::Integer(least, most) => vec![
            entry("type", "integer"),
            ("minimum".to_owned(), Node::Integer(*least)),
            ("maximum".to_owned(), Node::Integer(*most)),
        ],
        Shape::Boolean => vec![entry("type", "boolean")],
        Shape::List(item) => vec![
            entry("type", "array"),
            ("items".to_owned(), Node::Map(shape_schema(item, formats))),
            ("maxItems".to_owned(), integer(LIST_MAX)),
        ],
        Shape::Named(name) => vec![reference_to(name)],
        Shape::Optional(inner) => shape_schema(inner, formats),
        Shape::Any => Vec::new(),
        Shape::TextMap => {
            let value = Node::Map(vec![entry("type", "string")]);
            vec![entry("type", "object"), ("additionalProperties".to_owned(), value)]
        }
    }
}

fn format_definition(name: &str) -> (String, Node) {
    let body = match name {
        "decimal" => vec![
            entry("description", "A decimal number in a string, such as \"12.50\"."),
            entry("type", "string"),
            entry("pattern", DECIMAL_PATTERN),
        ],
        "instant" => vec![
            entry(
                "description",
                "An instant with its offset (RFC 3339), in the years 1900 to 2199, \
                 such as \"2025-10-24T14:30:00+03:00\".",
            ),
            entry("type", "string"),
            entry("format", "date-time"),
        ],
        "scan" => vec![
            entry("description", format!("A text of at most {SCAN_BYTES_MAX} bytes.")),
            entry("type", "string"),
            ("maxLength".to_owned(), integer(SCAN_BYTES_MAX)),
        ],
        _ => vec![
            entry(
                "description",
                format!("A text of at most {TEXT_MAX} bytes, without control characters."),
            ),
            entry("type", "string"),
            ("maxLength".to_owned(), integer(TEXT_MAX)),
        ],
    };
    (name.to_owned(), Node::Map(body))
}

/// The value of a field that is left out, if it then has any.
fn default_node(field: &Field) -> Option<Node> {
    let default = field.default.as_ref().filter(|text| !text.is_empty())?;
    Node::parse(default, DEFAULT_BYTES_MAX).ok()
}

/// Documentation as one paragraph without rustdoc's links.
fn prose(doc: &str) -> String {
    let words: Vec<&str> = doc.split_whitespace().collect();
    words.join(" ").replace("[`", "`").replace("`]", "`")
}

fn entry(key: &str, value: impl Into<String>) -> (String, Node) {
    (key.to_owned(), Node::Text(value.into()))
}

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

fn integer(value: usize) -> Node {
    Node::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn reference_to(name: &str) -> (String, Node) {
    entry("$ref", format!("#/$defs/{name}"))
}

fn closed() -> (String, Node) {
    ("additionalProperties".to_owned(), Node::Boolean(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [fn() -> String; 5] = [program, order, request, answer, record];

    fn parsed(schema: fn() -> String) -> Node {
        Node::parse(&schema(), 10_000_000).unwrap()
    }

    fn references(node: &Node, found: &mut Vec<String>) {
        match node {
            Node::List(items) => items.iter().for_each(|item| references(item, found)),
            Node::Map(entries) => {
                for (key, value) in entries {
                    match value {
                        Node::Text(target) if key == "$ref" => found.push(target.clone()),
                        other => references(other, found),
                    }
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_schema_is_json_with_an_end_of_line_and_the_same_each_time() {
        for schema in ALL {
            assert!(matches!(parsed(schema), Node::Map(_)));
            assert!(schema().ends_with("}\n"));
            assert_eq!(schema(), schema());
        }
    }

    #[test]
    fn every_reference_leads_to_a_definition_and_every_definition_is_referred_to() {
        for schema in ALL {
            let schema = parsed(schema);
            let mut found = Vec::new();
            references(&schema, &mut found);
            for target in &found {
                let pointer = target.strip_prefix('#').unwrap();
                assert!(schema.at(pointer).is_some(), "{target} is nowhere");
            }
            let Some(Node::Map(definitions)) = schema.get("$defs") else {
                panic!("a schema has definitions");
            };
            for (name, _) in definitions {
                assert!(found.contains(&format!("#/$defs/{name}")), "{name} is idle");
            }
        }
    }

    #[test]
    fn a_programme_must_say_its_currency_its_id_and_its_zone() {
        let required = ["currency", "id", "zone"].map(text).to_vec();
        assert_eq!(parsed(program).get("required"), Some(&Node::List(required)));
    }

    #[test]
    fn what_people_write_may_name_its_schema() {
        let key = "/properties/$schema";
        for schema in [program, order, request] {
            assert!(parsed(schema).at(key).is_some());
        }
        assert!(parsed(record).at(key).is_none());
    }

    #[test]
    fn a_field_shows_its_shape_its_meaning_and_its_default() {
        let program = parsed(program);
        let minutes = program.at("/$defs/Hold/properties/minutes").unwrap();
        let expected = r#"{"default":30,"description":"The minutes from reserve until the hold stops reserving.","maximum":4294967295,"minimum":0,"type":"integer"}"#;
        assert_eq!(minutes.canonical(), expected);
    }
}
