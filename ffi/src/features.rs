//! What the library knows, by name.

use std::sync::OnceLock;

use kopilka::Command;
use kopilka::desk::DeskQuery;
use kopilka::document::{Definition, Document, Shape, Shapes};
use kopilka::door::{BookCall, LedgerCall, ProgramCall, WatchCall};

use crate::handle::Kind;

/// Whether a name is that of a kind of handle, or of one and a verb of its.
pub(crate) fn supports(feature: &str) -> bool {
    let (name, verb) = match feature.split_once('.') {
        Some((name, verb)) => (name, Some(verb)),
        None => (feature, None),
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.is_some_and(|kind| verb.is_none_or(|verb| knows(kind, verb)))
}

/// Whether a kind of handle has a verb. The list is made of the types once.
fn knows(kind: Kind, verb: &str) -> bool {
    static VERBS: OnceLock<Vec<(Kind, &'static str)>> = OnceLock::new();
    let verbs = VERBS.get_or_init(|| {
        let of = |kind: Kind| verbs(kind).into_iter().map(move |verb| (kind, verb));
        Kind::ALL.into_iter().flat_map(of).collect()
    });
    verbs.iter().any(|known| *known == (kind, verb))
}

fn verbs(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Program => keys::<ProgramCall>(),
        Kind::Order => vec!["quote"],
        // What they are asked besides requests, and what a request can command.
        Kind::Book => [keys::<BookCall>(), keys::<Command>()].concat(),
        Kind::Ledger => [keys::<LedgerCall>(), keys::<Command>()].concat(),
        Kind::Desk => keys::<DeskQuery>(),
        Kind::Watch => keys::<WatchCall>(),
    }
}

/// The keys of a union.
fn keys<T: Document>() -> Vec<&'static str> {
    let mut shapes = Shapes::default();
    let Shape::Named(name) = T::shape(&mut shapes) else { return Vec::new() };
    match shapes.definitions.get(name) {
        Some(Definition::Union { variants, .. }) => variants.iter().map(|(key, ..)| *key).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_their_verbs_are_known_and_nothing_else() {
        for known in [
            "program",
            "program.slip",
            "order",
            "order.quote",
            "book.records",
            "ledger.health",
            "ledger.sell",
            "desk.evaluate",
            "watch.judge",
        ] {
            assert!(supports(known), "{known}");
        }
        for unknown in ["", ".", "ledger.", "ledger.fly", "order.call", "sell", "ledger.sell."] {
            assert!(!supports(unknown), "{unknown}");
        }
    }
}
