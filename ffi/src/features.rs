//! What the library knows, by name.

use kopilka::Command;
use kopilka::desk::DeskQuery;
use kopilka::door::{BookCall, LedgerCall, ProgramCall, WatchCall};

use crate::handle::Kind;

/// Whether a name is that of a kind of handle, or of one and a verb of its.
pub(crate) fn supports(feature: &str) -> bool {
    let (name, verb) = match feature.split_once('.') {
        Some((name, verb)) => (name, Some(verb)),
        None => (feature, None),
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let knows = |kind: Kind, verb: &str| verbs(kind).iter().any(|verbs| verbs.contains(&verb));
    kind.is_some_and(|kind| verb.is_none_or(|verb| knows(kind, verb)))
}

/// What a kind of handle is asked; a book or ledger has verbs of its own, and what a request commands.
fn verbs(kind: Kind) -> [&'static [&'static str]; 2] {
    match kind {
        Kind::Program => [ProgramCall::KEYS, &[]],
        Kind::Order => [&["quote"], &[]],
        Kind::Book => [BookCall::KEYS, Command::KEYS],
        Kind::Ledger => [LedgerCall::KEYS, Command::KEYS],
        Kind::Desk => [DeskQuery::KEYS, &[]],
        Kind::Watch => [WatchCall::KEYS, &[]],
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
