//! The names of states: what a decision needs, a record changes, and a store keeps.

use crate::document::canonical;
use crate::json::Node;
use crate::watch::WatchSubject;

/// The name of a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A card, by its number.
    Card(String),
    /// What was answered under a command's key.
    Command(String),
    /// Failed attempts to prove a card: the SHA-256 of its number in hexadecimal, `till:` and a
    /// till, or a word for scans that are no number.
    Attempts(String),
    /// A coupon, by its code in capitals. Not every code on an order is one.
    Coupon(String),
    /// A guest, by the host's id, with what is personal, and every card that is the guest's own or
    /// shared.
    Guest(String),
    /// A limit, by its id, and whose it is: a card's number, a guest (or `card:` and the number of
    /// a card without one), a store, a till, a code; empty if everybody's.
    Limit(String, String),
    /// The guests with a telephone number, in E.164. No record names it: it is found by what is
    /// personal.
    Phone(String),
    /// The document of an installed programme, by its version.
    Program(String),
    /// A sale, by the id of the record that opened it.
    Sale(String),
    /// Which versions of the programme were put into force, when and where.
    Schedule,
    /// What the watch counts of somebody or something.
    Watch(WatchSubject, String),
    /// The document of an installed policy of the watch, by its version.
    WatchPolicy(String),
    /// Which policies of the watch were put into force, when and where.
    WatchSchedule,
}

/// The longest text of a limit's key that is read: two texts, each character escaped.
const KEY_BYTES_MAX: usize = 1 << 16;

impl Key {
    /// Every kind that [`Key::kind`] tells, in order.
    pub const KINDS: &'static [&'static str] = &[
        "attempts",
        "card",
        "command",
        "coupon",
        "guest",
        "limit",
        "phone",
        "program",
        "sale",
        "schedule",
        "watch",
        "watch_policy",
        "watch_schedule",
    ];

    /// The kind of state, as a store writes it: one of [`Key::KINDS`].
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Key::Attempts(_) => "attempts",
            Key::Card(_) => "card",
            Key::Command(_) => "command",
            Key::Coupon(_) => "coupon",
            Key::Guest(_) => "guest",
            Key::Limit(..) => "limit",
            Key::Phone(_) => "phone",
            Key::Program(_) => "program",
            Key::Sale(_) => "sale",
            Key::Schedule => "schedule",
            Key::Watch(..) => "watch",
            Key::WatchPolicy(_) => "watch_policy",
            Key::WatchSchedule => "watch_schedule",
        }
    }

    /// The name among the states of its kind, as a store writes it. That of a limit is a JSON list
    /// of its id and its subject, so is that of the watch; a schedule is the only one of its kind and
    /// has an empty name.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Key::Attempts(id)
            | Key::Card(id)
            | Key::Command(id)
            | Key::Coupon(id)
            | Key::Guest(id)
            | Key::Phone(id)
            | Key::Program(id)
            | Key::Sale(id)
            | Key::WatchPolicy(id) => id.clone(),
            Key::Watch(of, id) => canonical(&vec![of.as_str().to_owned(), id.clone()]),
            Key::Limit(limit, subject) => canonical(&vec![limit.clone(), subject.clone()]),
            Key::Schedule | Key::WatchSchedule => String::new(),
        }
    }

    /// Whether the state is the same in whatever order records are applied to it: that of a limit,
    /// that of a command's key, and what the watch counts. Every other one is made anew when a record comes late.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        matches!(self, Key::Command(_) | Key::Limit(..) | Key::Watch(..))
    }

    /// Whether the state says what decides: programmes and policies of the watch, and which of them are
    /// in force. A host must have them before it can ask what a command needs.
    #[must_use]
    pub fn decides(&self) -> bool {
        matches!(self, Key::Program(_) | Key::Schedule | Key::WatchPolicy(_) | Key::WatchSchedule)
    }

    /// Reads what [`Key::kind`] and [`Key::id`] wrote; `None` if it is nothing that they write.
    #[must_use]
    pub fn parse(kind: &str, id: &str) -> Option<Key> {
        let text = || id.to_owned();
        let key = match kind {
            "attempts" => Key::Attempts(text()),
            "card" => Key::Card(text()),
            "command" => Key::Command(text()),
            "coupon" => Key::Coupon(text()),
            "guest" => Key::Guest(text()),
            "limit" => pair(id).map(|(limit, subject)| Key::Limit(limit, subject))?,
            "phone" => Key::Phone(text()),
            "program" => Key::Program(text()),
            "sale" => Key::Sale(text()),
            "schedule" => Key::Schedule,
            "watch" => {
                let (of, id) = pair(id)?;
                let of = WatchSubject::ALL.iter().find(|one| one.as_str() == of)?;
                Key::Watch(*of, id)
            }
            "watch_policy" => Key::WatchPolicy(text()),
            "watch_schedule" => Key::WatchSchedule,
            _ => return None,
        };
        (key.id() == id).then_some(key)
    }
}

/// Two words of a JSON list.
fn pair(id: &str) -> Option<(String, String)> {
    let Ok(Node::List(parts)) = Node::parse(id, KEY_BYTES_MAX) else { return None };
    let [Node::Text(first), Node::Text(second)] = parts.as_slice() else { return None };
    Some((first.clone(), second.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_being_written_and_read() {
        let text = || String::from("a/b:1 \"Ё\"");
        let keys = [
            Key::Attempts(text()),
            Key::Card(text()),
            Key::Command(text()),
            Key::Coupon(text()),
            Key::Guest(text()),
            Key::Limit(text(), text()),
            Key::Phone(text()),
            Key::Program(text()),
            Key::Sale(text()),
            Key::Schedule,
            Key::Watch(WatchSubject::Till, text()),
            Key::WatchPolicy(text()),
            Key::WatchSchedule,
        ];
        let kinds: Vec<&str> = keys.iter().map(Key::kind).collect();
        assert_eq!(kinds, Key::KINDS);
        for key in keys {
            assert_eq!(Key::parse(key.kind(), &key.id()), Some(key));
        }
    }

    #[test]
    fn a_limit_is_named_by_its_id_and_its_subject_wherever_they_are_divided() {
        let one = Key::Limit("a".into(), "b/c".into());
        let other = Key::Limit("a/b".into(), "c".into());
        assert_eq!(one.id(), r#"["a","b/c"]"#);
        assert_ne!(one.id(), other.id());
    }

    #[test]
    fn what_is_never_written_is_not_read() {
        let wrongs = [
            ("cards", "1"),
            ("", ""),
            ("schedule", "x"),
            ("limit", "a"),
            ("limit", r#"["a"]"#),
            ("limit", r#"["a", "b"]"#),
            ("limit", r#"["a","b","c"]"#),
        ];
        for (kind, id) in wrongs {
            assert_eq!(Key::parse(kind, id), None, "{kind} {id}");
        }
    }
}
