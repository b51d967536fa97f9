//! Objects as immutable classes: required parameters first, then those that may be left out.

use kopilka::document::{Field, Shape, Shapes};

use super::names::{member, parameter};
use super::text::Source;
use super::types::{
    Default, codec, default_of, is_value, key, nullable_type, read, type_of, write,
};

/// A field with everything that is written of it.
struct Property<'a> {
    field: &'a Field,
    /// The shape of a value that is there.
    shape: &'a Shape,
    name: String,
    parameter: String,
    default: Option<Default>,
    optional: bool,
}

impl<'a> Property<'a> {
    fn of(class: &str, field: &'a Field, shapes: &Shapes) -> Property<'a> {
        let (optional, shape) = match &field.shape {
            Shape::Optional(inner) => (true, &**inner),
            shape => (false, shape),
        };
        let json = field.default.as_ref().filter(|json| !json.is_empty());
        Property {
            field,
            shape,
            name: member(class, field.name),
            parameter: parameter(field.name),
            default: json.map(|json| default_of(shape, json, shapes)),
            optional,
        }
    }

    fn is_required(&self) -> bool {
        !self.optional && self.default.is_none()
    }

    /// What the property takes when the parameter is left out.
    fn left_out(&self) -> String {
        match &self.default {
            Some(Default::Plain(literal)) => literal.clone(),
            Some(Default::Empty) if matches!(self.shape, Shape::TextMap) => {
                "Guard.NoMap".to_owned()
            }
            Some(Default::Empty) => {
                format!("Guard.None<{}>()", type_of(item_of(self.shape)))
            }
            Some(Default::Read(_)) => format!("LeftOut.{}", self.name),
            None => "null".to_owned(),
        }
    }

    /// The value of the property, made of the parameter.
    fn given(&self, shapes: &Shapes) -> String {
        let name = &self.parameter;
        let plain = name.trim_start_matches('@');
        let copied = match self.shape {
            Shape::List(_) => format!("Guard.List({name}, \"{plain}\")"),
            Shape::TextMap => format!("Guard.Map({name}, \"{plain}\")"),
            _ => name.clone(),
        };
        if self.default.is_some() {
            return format!("{copied} ?? {}", self.left_out());
        }
        if self.optional || is_value(self.shape, shapes) {
            return copied;
        }
        format!("Guard.Needed({copied}, \"{plain}\")")
    }

    /// Whether the property is to be written; nothing if it always is.
    fn condition(&self, shapes: &Shapes) -> Option<String> {
        let name = &self.name;
        match &self.default {
            Some(Default::Plain(literal)) if literal == "true" => Some(format!("!{name}")),
            Some(Default::Plain(literal)) if literal == "false" => Some(name.clone()),
            Some(Default::Plain(literal)) => Some(format!("{name} != {literal}")),
            Some(Default::Empty) => Some(format!("{name}.Count > 0")),
            Some(Default::Read(_)) if is_value(self.shape, shapes) => {
                Some(format!("{name} != LeftOut.{name}"))
            }
            Some(Default::Read(_)) => Some(format!("!ReferenceEquals({name}, LeftOut.{name})")),
            None if !self.optional => None,
            None if is_value(self.shape, shapes) => Some(format!("{name}.HasValue")),
            None => Some(format!("{name} != null")),
        }
    }
}

fn item_of(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(item) => item,
        other => other,
    }
}

/// Writes the class of an object.
pub fn class(source: &mut Source, name: &str, doc: &str, fields: &[Field], shapes: &Shapes) {
    let properties: Vec<Property<'_>> =
        fields.iter().map(|field| Property::of(name, field, shapes)).collect();
    source.summary(doc);
    source.open(&format!("public sealed class {name}"));
    codec_of(source, name);
    left_out(source, &properties, shapes);
    constructor(source, name, &properties, shapes);
    for property in &properties {
        source.summary(property.field.doc);
        let shown = if property.optional {
            nullable_type(property.shape, shapes)
        } else {
            type_of(property.shape)
        };
        source.line(&format!("public {shown} {} {{ get; }}", property.name));
        source.line("");
    }
    reading(source, name, &properties, shapes);
    writing(source, &properties, shapes);
    source.close();
    source.line("");
}

/// The delegates by which lists of a type are read and written.
pub fn codec_of(source: &mut Source, name: &str) {
    source.line(&format!("internal static readonly Codec<{name}> Codec = new Codec<{name}>("));
    source.line(&format!(
        "    reader => new {name}(reader), (writer, value) => value.WriteTo(writer));"
    ));
    source.line("");
}

/// Defaults that are more than a literal, read when they are first needed.
fn left_out(source: &mut Source, properties: &[Property<'_>], shapes: &Shapes) {
    let read: Vec<(&Property<'_>, &String)> = properties
        .iter()
        .filter_map(|property| match &property.default {
            Some(Default::Read(json)) => Some((property, json)),
            _ => None,
        })
        .collect();
    if read.is_empty() {
        return;
    }
    source.open("private static class LeftOut");
    for (property, json) in read {
        let (shown, name) = (type_of(property.shape), &property.name);
        source.line(&format!("internal static readonly {shown} {name} ="));
        source.line(&format!(
            "    JsonReader.Whole({}, {});",
            super::text::literal(json),
            codec(property.shape, shapes)
        ));
    }
    source.close();
    source.line("");
}

fn constructor(source: &mut Source, name: &str, properties: &[Property<'_>], shapes: &Shapes) {
    let (required, others): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.is_required());
    source
        .summary("Makes one of its parts; what is left out takes the value that the engine takes.");
    for property in required.iter().chain(&others) {
        source.param(&property.parameter, property.field.doc);
    }
    let needed = required
        .iter()
        .map(|property| format!("{} {}", type_of(property.shape), property.parameter));
    let may = others.iter().map(|property| {
        format!("{} {} = null", nullable_type(property.shape, shapes), property.parameter)
    });
    let parameters: Vec<String> = needed.chain(may).collect();
    if parameters.is_empty() {
        source.open(&format!("public {name}()"));
    } else {
        source.line(&format!("public {name}("));
        let last = parameters.len() - 1;
        for (place, parameter) in parameters.iter().enumerate() {
            let end = if place == last { ")" } else { "," };
            source.line(&format!("    {parameter}{end}"));
        }
        source.open("");
    }
    for property in properties {
        source.line(&format!("{} = {};", property.name, property.given(shapes)));
    }
    source.close();
    source.line("");
}

/// The engine writes keys in order, so that each key needs to be looked for in one place only.
fn sorted<'a, 'b>(properties: &'a [Property<'b>]) -> Vec<&'a Property<'b>> {
    let mut sorted: Vec<&Property<'b>> = properties.iter().collect();
    sorted.sort_by_key(|property| property.field.name);
    sorted
}

fn reading(source: &mut Source, name: &str, properties: &[Property<'_>], shapes: &Shapes) {
    source.open(&format!("internal {name}(JsonReader reader)"));
    source.line("reader.Open();");
    for property in sorted(properties) {
        let (name, key) = (&property.name, key(property.field.name));
        let value = read(property.shape, shapes);
        if property.is_required() {
            source.line(&format!("reader.Need({key});"));
            source.line(&format!("{name} = {value};"));
            continue;
        }
        // An optional value that is not there stays null by itself.
        source.line(&format!("if (reader.Has({key}))"));
        source.line(&format!("    {name} = {value};"));
        if property.default.is_some() {
            source.line("else");
            source.line(&format!("    {name} = {};", property.left_out()));
        }
    }
    source.line("reader.Close();");
    source.close();
    source.line("");
}

fn writing(source: &mut Source, properties: &[Property<'_>], shapes: &Shapes) {
    source.open("internal void WriteTo(JsonWriter writer)");
    source.line("writer.Open();");
    for property in sorted(properties) {
        let value = if property.optional && is_value(property.shape, shapes) {
            format!("{}.Value", property.name)
        } else {
            property.name.clone()
        };
        let write = write(property.shape, &value, shapes);
        let key = format!("writer.Key({});", key(property.field.name));
        match property.condition(shapes) {
            None => {
                source.line(&key);
                source.line(&write);
            }
            Some(condition) => {
                source.open(&format!("if ({condition})"));
                source.line(&key);
                source.line(&write);
                source.close();
            }
        }
    }
    source.line("writer.Close();");
    source.close();
}
