//! What the library knows, by name.

use crate::handle::Kind;

/// Whether a name is that of a kind of handle, or of one and a verb of its.
pub(crate) fn supports(feature: &str) -> bool {
    let (kind, verb) = match feature.split_once('.') {
        Some((kind, verb)) => (kind, Some(verb)),
        None => (feature, None),
    };
    let Some(kind) = Kind::ALL.into_iter().find(|known| known.name() == kind) else { return false };
    verb.is_none_or(|verb| kind.verbs().contains(&verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_their_verbs_are_known_and_nothing_else() {
        for known in ["program", "order", "order.quote", "ledger", "ledger.call", "desk.evaluate"] {
            assert!(supports(known), "{known}");
        }
        for unknown in ["", ".", "ledger.", "ledger.fly", "order.call", "call", "ledger.call."] {
            assert!(!supports(unknown), "{unknown}");
        }
    }
}
