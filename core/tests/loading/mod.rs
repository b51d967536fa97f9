//! A host that loads only what a command names.

use std::collections::BTreeSet;
use std::sync::Arc;

use kopilka::document::canonical;
use kopilka::*;

/// Whether a record is about a key.
fn is_about(entry: &Entry, key: &Key) -> bool {
    let effects = canonical(&entry.record.effects);
    let says = |name: &str, value: &str| effects.contains(&format!(r#""{name}":"{value}""#));
    match key {
        Key::Attempts(subject) => says("subject", subject) || says("card", subject),
        Key::Card(card) => ["card", "to", "replaced_by"].iter().any(|name| says(name, card)),
        Key::Command(command) => entry.record.envelope.key == *command,
        // A batch lists its codes.
        Key::Coupon(code) => says("code", code) || effects.contains(&format!(r#""{code}""#)),
        Key::Guest(guest) => says("guest", guest) || says("double", guest),
        Key::Limit(limit, subject) => {
            effects.contains(&format!(r#""limit":"{limit}""#)) && says("subject", subject)
        }
        // What is personal stands beside the records.
        Key::Phone(_) => false,
        Key::Program(version) => says("version", version),
        Key::Sale(sale) => says("sale", sale),
        Key::Schedule => effects.contains(r#""program_activated""#),
        Key::Watch(of, id) => {
            let own = match of.as_str() {
                "program" => effects.contains(r#""wrong_codes":[""#) || says("of", "program"),
                of => says(of, id) || says("id", id) || (of == "card" && says("from", id)),
            };
            own && effects.contains(r#""watch"#)
        }
        Key::WatchPolicy(version) => says("version", version),
        Key::WatchSchedule => effects.contains(r#""watch_activated""#),
    }
}

/// A slice of only the records about what a command touches, and the last one for the head.
pub fn partial(program: &Program, entries: &[Arc<Entry>], request: &Request) -> Slice {
    let mut wanted: BTreeSet<Key> = BTreeSet::new();
    loop {
        let mut slice = Slice::new("till-1", 1);
        for (place, entry) in entries.iter().enumerate() {
            if place + 1 == entries.len() || wanted.iter().any(|key| is_about(entry, key)) {
                apply(&mut slice, entry);
            }
        }
        let named = touches(program, &slice, &request.command, request.key.as_deref());
        let named: BTreeSet<Key> = named.into_iter().collect();
        if named.is_subset(&wanted) {
            return slice;
        }
        wanted.extend(named);
    }
}
