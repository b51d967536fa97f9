//! What handles can be asked, each verb as a method.

use kopilka::document::{Definition, Shape, Shapes};
use kopilka::schema::{self, Handle, Verb};

use super::names::{member, pascal};
use super::text::Source;
use super::types::{codec, key, type_of};

/// The file of all verbs. `call` and `quote` cross in ways of their own and are written by hand.
pub fn file(shapes: &Shapes) -> String {
    let mut source = Source::file(&["System", "System.Collections.Generic"]);
    for handle in schema::handles() {
        let verbs: Vec<&Verb> =
            handle.verbs.iter().filter(|verb| !["call", "quote"].contains(&verb.name)).collect();
        if verbs.is_empty() {
            continue;
        }
        source.open(&format!("public sealed partial class {}", class_of(&handle)));
        for verb in verbs {
            method(&mut source, &class_of(&handle), verb, shapes);
        }
        source.close();
        source.line("");
    }
    source.finish()
}

/// The class of a kind of handle.
fn class_of(handle: &Handle) -> String {
    member("handles", handle.kind)
}

fn method(source: &mut Source, class: &str, verb: &Verb, shapes: &Shapes) {
    let name = member(class, verb.name);
    let answer =
        if is_nothing(&verb.answer, shapes) { "void".to_owned() } else { type_of(&verb.answer) };
    source.summary(verb.doc);
    let (parameters, arguments) = if is_nothing(&verb.input, shapes) {
        (String::new(), format!("{}, {}", key(verb.name), codec(&verb.answer, shapes)))
    } else {
        source.param("input", &summary_of(&verb.input, shapes));
        let codecs = (codec(&verb.input, shapes), codec(&verb.answer, shapes));
        (
            format!("{} input", type_of(&verb.input)),
            format!("{}, input, {}, {}", key(verb.name), codecs.0, codecs.1),
        )
    };
    source.tagged(
        "<exception cref=\"KopilkaException\">",
        "It was refused, and nothing was done.",
        "</exception>",
    );
    source.open(&format!("public {answer} {name}({parameters})"));
    let back = if answer == "void" { "" } else { "return " };
    source.line(&format!("{back}Ask({arguments});"));
    source.close();
    source.line("");
}

/// Whether a type is an object without fields.
fn is_nothing(shape: &Shape, shapes: &Shapes) -> bool {
    let Shape::Named(name) = shape else { return false };
    let fields = match shapes.definitions.get(name) {
        Some(Definition::Object { fields, .. }) => fields,
        _ => return false,
    };
    fields.is_empty()
}

fn summary_of(shape: &Shape, shapes: &Shapes) -> String {
    let definition = match shape {
        Shape::Named(name) => shapes.definitions.get(name),
        _ => None,
    };
    match definition {
        Some(
            Definition::Object { doc, .. }
            | Definition::Choice { doc, .. }
            | Definition::Union { doc, .. },
        ) => (*doc).to_owned(),
        None => "What is asked.".to_owned(),
    }
}

/// Unions that only carry verbs, which are methods here.
pub fn carriers() -> [&'static str; 10] {
    [
        "BookCall",
        "BookReply",
        "DeskAnswer",
        "DeskQuery",
        "LedgerCall",
        "LedgerReply",
        "ProgramCall",
        "ProgramReply",
        "WatchCall",
        "WatchReply",
    ]
}

/// The name of a handle's class, which no type may have.
pub fn classes() -> Vec<String> {
    schema::handles().iter().map(|handle| pascal(handle.kind)).collect()
}
