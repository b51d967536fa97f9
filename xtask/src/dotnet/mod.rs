//! The C# door, generated from the same shapes as the schemas.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use kopilka::document::{Definition, Shapes};
use kopilka::{ErrorCode, schema};

mod build;
mod choice;
mod names;
mod native;
mod object;
mod text;
mod types;
mod verbs;

pub use build::{bench, test, transcripts};
use names::pascal;
use text::{Source, literal};

/// Where the generated files are.
pub const FOLDER: &str = "bindings/dotnet/src/Generated";

/// Every generated file with what it must say.
pub fn files() -> Result<Vec<(String, String)>> {
    let shapes = schema::shapes();
    check(&shapes)?;
    let mut files = Vec::new();
    for (area, types) in areas(&shapes) {
        let mut source = Source::file(&["System", "System.Collections.Generic"]);
        for name in types {
            if let Some(definition) = shapes.definitions.get(name) {
                write(&mut source, name, definition, &shapes);
            }
        }
        files.push((format!("{FOLDER}/{area}.cs"), source.finish()));
    }
    files.push((format!("{FOLDER}/Keys.cs"), keys(&shapes)));
    files.push((format!("{FOLDER}/ErrorCodes.cs"), error_codes()));
    files.push((format!("{FOLDER}/Verbs.cs"), verbs::file(&shapes)));
    files.push((native::PATH.to_owned(), native::methods()?));
    Ok(files)
}

fn write(source: &mut Source, name: &str, definition: &Definition, shapes: &Shapes) {
    match definition {
        Definition::Object { doc, fields } => object::class(source, name, doc, fields, shapes),
        Definition::Choice { doc, words } => choice::choice(source, name, doc, words),
        Definition::Union { doc, variants } => choice::union(source, name, doc, variants, shapes),
    }
}

/// The types of each file: those of one module of the engine, or of one folder in it.
fn areas(shapes: &Shapes) -> BTreeMap<String, Vec<&'static str>> {
    let mut areas: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let carriers = verbs::carriers();
    for name in shapes.definitions.keys().filter(|name| !carriers.contains(name)) {
        let module = shapes.module(name).unwrap_or_default();
        let steps: Vec<String> =
            module.split("::").skip(1).filter(|step| *step != "document").map(pascal).collect();
        let area = steps.get(..steps.len().min(2)).unwrap_or(&[]).join(".");
        areas.entry(area).or_default().push(name);
    }
    areas
}

/// Every key of every object and union, with its quotes and its colon.
fn keys(shapes: &Shapes) -> String {
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for definition in shapes.definitions.values() {
        match definition {
            Definition::Object { fields, .. } => keys.extend(fields.iter().map(|field| field.name)),
            Definition::Union { variants, .. } => {
                keys.extend(variants.iter().map(|(key, ..)| key));
            }
            Definition::Choice { .. } => {}
        }
    }
    for handle in schema::handles() {
        keys.extend(handle.verbs.iter().map(|verb| verb.name));
    }
    let mut source = Source::file(&[]);
    source.open("internal static class Keys");
    for key in keys {
        let name = pascal(key);
        source.line(&format!("internal static readonly byte[] {name} = Codecs.Key(\"{key}\");"));
    }
    source.finish()
}

/// The codes of errors, so that a host need not spell them.
fn error_codes() -> String {
    let mut source = Source::file(&[]);
    source.summary("The codes that `KopilkaException.Code` can have.");
    source.open("public static class ErrorCodes");
    for code in ErrorCode::ALL {
        let (number, word) = (code.number(), code.as_str());
        let english = kopilka::texts::error(*code, kopilka::texts::Language::English);
        source.summary(&format!("Number {number}: {english}"));
        source.line(&format!("public const string {} = {};", pascal(word), literal(word)));
        source.line("");
    }
    source.finish()
}

/// Names that would stand twice, or where C# has another meaning for them.
fn check(shapes: &Shapes) -> Result<()> {
    for name in verbs::classes() {
        if shapes.definitions.contains_key(name.as_str()) && name != "Order" {
            bail!("{name} is a handle and a type");
        }
    }
    for (name, definition) in &shapes.definitions {
        let (keys, own): (Vec<&str>, &[&str]) = match definition {
            Definition::Object { fields, .. } => {
                (fields.iter().map(|field| field.name).collect(), &["Codec", "WriteTo", "LeftOut"])
            }
            Definition::Choice { words, .. } => {
                (words.iter().map(|(word, _)| *word).collect(), &[])
            }
            Definition::Union { variants, .. } => {
                if shapes.definitions.contains_key(format!("{name}Kind").as_str()) {
                    bail!("{name}Kind is the kind of a union and a type of its own");
                }
                let keys = variants.iter().map(|(key, ..)| *key).collect();
                (keys, &["Kind", "Codec", "Table", "WriteTo"])
            }
        };
        let of_object = [
            "Codecs",
            "Equals",
            "GetHashCode",
            "GetType",
            "Guard",
            "Keys",
            "MemberwiseClone",
            "ToString",
        ];
        let mut seen: BTreeSet<String> =
            own.iter().chain(&of_object).map(|n| (*n).to_owned()).collect();
        seen.insert((*name).to_owned());
        for key in keys {
            let member = names::member(name, key);
            if !seen.insert(member.clone()) {
                bail!("{name}.{member} stands twice: give `{key}` another name in exceptions.tsv");
            }
        }
    }
    Ok(())
}
