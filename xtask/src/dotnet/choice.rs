//! Sets of words as enums, and unions as classes of which exactly one property is set.

use kopilka::document::{Shape, Shapes};

use super::names::member;
use super::object::codec_of;
use super::text::{Source, literal};
use super::types::{key, nullable_type, read, type_of, write};

/// Writes the enum of a choice, and the table of its words.
pub fn choice(source: &mut Source, name: &str, doc: &str, words: &[(&str, &str)]) {
    source.summary(doc);
    source.open(&format!("public enum {name}"));
    for (word, doc) in words {
        source.summary(doc);
        source.line(&format!("{},", member(name, word)));
    }
    source.close();
    source.line("");
    source.open(&format!("internal static class {name}Words"));
    source.line("internal static readonly byte[][] Table = Codecs.Words(");
    for (place, (word, _)) in words.iter().enumerate() {
        let end = if place + 1 == words.len() { ");" } else { "," };
        source.line(&format!("    {}{end}", literal(word)));
    }
    source.line("");
    source.line(&format!("internal static readonly Codec<{name}> Codec = new Codec<{name}>("));
    source.line(&format!("    reader => ({name})reader.Word(Table),"));
    source.line("    (writer, value) => writer.Word(Table, (int)value));");
    source.close();
    source.line("");
}

/// A variant: its key, what it means, and its value.
type Variant = (&'static str, &'static str, Shape);

/// Writes the class of a union, and the enum of its kinds.
pub fn union(source: &mut Source, name: &str, doc: &str, variants: &[Variant], shapes: &Shapes) {
    source.summary(&format!("Which variant of `{name}` it is."));
    source.open(&format!("public enum {name}Kind"));
    for (key, doc, _) in variants {
        source.summary(doc);
        source.line(&format!("{},", member(name, key)));
    }
    source.close();
    source.line("");
    source
        .summary(&format!("{doc} Exactly one of its variants is there: the one that `Kind` says."));
    source.open(&format!("public sealed class {name}"));
    codec_of(source, name);
    source.line("internal static readonly byte[][] Table =");
    source.line("{");
    for (variant, ..) in variants {
        source.line(&format!("    {},", key(variant)));
    }
    source.line("};");
    source.line("");
    source.line("private readonly object content;");
    source.line("");
    source.open(&format!("private {name}({name}Kind kind, object value)"));
    source.line("Kind = kind;");
    source.line("content = Guard.Needed(value, \"value\");");
    source.close();
    source.line("");
    source.summary("Which variant it is.");
    source.line(&format!("public {name}Kind Kind {{ get; }}"));
    source.line("");
    for (key, doc, shape) in variants {
        let property = member(name, key);
        source.summary(&format!("{doc} Null in every other variant."));
        source.line(&format!(
            "public {} {property} => Kind == {name}Kind.{property} ? ({})content : null;",
            nullable_type(shape, shapes),
            nullable_type(shape, shapes)
        ));
        source.line("");
        source.summary(doc);
        source.param("value", "The value of the variant.");
        let given = match shape {
            Shape::List(_) => "Guard.List(value, \"value\")",
            _ => "value",
        };
        source.open(&format!("public static {name} Of{property}({} value)", type_of(shape)));
        source.line(&format!("return new {name}({name}Kind.{property}, {given});"));
        source.close();
        source.line("");
    }
    reading(source, name, variants, shapes);
    writing(source, name, variants, shapes);
    source.close();
    source.line("");
}

fn reading(source: &mut Source, name: &str, variants: &[Variant], shapes: &Shapes) {
    source.open(&format!("internal {name}(JsonReader reader)"));
    source.line("reader.Open();");
    source.line(&format!("Kind = ({name}Kind)reader.Variant(Table);"));
    source.open("switch (Kind)");
    for (key, _, shape) in variants {
        source.line(&format!("case {name}Kind.{}:", member(name, key)));
        source.line(&format!("    content = {};", read(shape, shapes)));
        source.line("    break;");
    }
    source.close();
    source.line("reader.Close();");
    source.close();
    source.line("");
}

fn writing(source: &mut Source, name: &str, variants: &[Variant], shapes: &Shapes) {
    source.open("internal void WriteTo(JsonWriter writer)");
    source.line("writer.Open();");
    source.line("writer.Key(Table[(int)Kind]);");
    source.open("switch (Kind)");
    for (key, _, shape) in variants {
        source.line(&format!("case {name}Kind.{}:", member(name, key)));
        let value = format!("(({})content)", type_of(shape));
        source.line(&format!("    {}", write(shape, &value, shapes)));
        source.line("    break;");
    }
    source.close();
    source.line("writer.Close();");
    source.close();
}
