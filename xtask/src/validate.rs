//! As much of JSON Schema as the generated schemas use, to try them on real documents.
//! Patterns, lengths and formats are left to the readers.

use kopilka::json::Node;

/// What is wrong with a document by a schema, each with its place.
pub fn mistakes(schema: &Node, document: &Node) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema, found: &mut found }.value(schema, document, "");
    found
}

struct Validator<'a> {
    root: &'a Node,
    found: &'a mut Vec<String>,
}

impl Validator<'_> {
    fn value(&mut self, schema: &Node, value: &Node, place: &str) {
        if let Some(target) = schema.get("$ref").and_then(Node::text) {
            let target = self.root.at(target.trim_start_matches('#'));
            return self.value(target.expect("a definition"), value, place);
        }
        if let Some(expected) = schema.get("type").and_then(Node::text)
            && expected != kind(value)
        {
            self.found.push(format!("{place}: expected {expected}, found {}", kind(value)));
        }
        if let Some(expected) = schema.get("const")
            && expected != value
        {
            self.found.push(format!("{place}: expected {}", expected.canonical()));
        }
        if let Some(Node::List(variants)) = schema.get("oneOf") {
            let fits = |variant: &&Node| {
                let mut found = Vec::new();
                Validator { root: self.root, found: &mut found }.value(variant, value, place);
                found.is_empty()
            };
            let fitting = variants.iter().filter(fits).count();
            if fitting != 1 {
                self.found.push(format!("{place}: {fitting} variants fit"));
            }
        }
        match value {
            Node::Map(entries) => self.object(schema, entries, place),
            Node::List(items) => {
                let item = schema.get("items").expect("a list has items");
                for (index, value) in items.iter().enumerate() {
                    self.value(item, value, &format!("{place}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, schema: &Node, entries: &[(String, Node)], place: &str) {
        for (key, value) in entries {
            let place = format!("{place}/{key}");
            let property = schema.get("properties").and_then(|all| all.get(key));
            match (property, schema.get("additionalProperties")) {
                (Some(property), _) | (None, Some(property @ Node::Map(_))) => {
                    self.value(property, value, &place);
                }
                (None, Some(_)) => self.found.push(format!("{place}: unknown")),
                (None, None) => {}
            }
        }
        if let Some(Node::List(required)) = schema.get("required") {
            for key in required.iter().filter_map(Node::text) {
                if !entries.iter().any(|(found, _)| found == key) {
                    self.found.push(format!("{place}/{key}: missing"));
                }
            }
        }
    }
}

fn kind(value: &Node) -> &'static str {
    match value {
        Node::Null => "null",
        Node::Boolean(_) => "boolean",
        Node::Integer(_) => "integer",
        Node::Fraction => "number",
        Node::Text(_) => "string",
        Node::List(_) => "array",
        Node::Map(_) => "object",
    }
}
