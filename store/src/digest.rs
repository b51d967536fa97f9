//! Checksums of rows, and a digest of all states that does not depend on their order.

use std::fmt;

use kopilka::Key;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of several texts, each with its length before it so that no two lists are alike.
pub(crate) fn hash_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What is kept in a row of the hash of its columns.
pub(crate) fn checksum_of(hash: &[u8; 32]) -> [u8; 8] {
    let mut checksum = [0; 8];
    checksum.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    checksum
}

/// The hash of one state with its name.
pub(crate) fn state_hash(key: &Key, text: &str) -> [u8; 32] {
    hash_of(&[key.kind().as_bytes(), key.id().as_bytes(), text.as_bytes()])
}

/// A sum of hashes modulo 2^256: equal for equal sets of states, in whatever order they were put,
/// changed and removed.
///
/// It finds damage and mistakes. It is no proof against somebody who makes states up to hit a sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes a state in.
    pub fn add(&mut self, key: &Key, text: &str) {
        self.add_hash(&state_hash(key, text));
    }

    /// Takes a state out.
    pub fn remove(&mut self, key: &Key, text: &str) {
        self.remove_hash(&state_hash(key, text));
    }

    pub(crate) fn add_hash(&mut self, hash: &[u8; 32]) {
        let mut carry = 0;
        for (to, from) in self.0.iter_mut().zip(hash).rev() {
            let sum = u16::from(*to) + u16::from(*from) + carry;
            let [high, low] = sum.to_be_bytes();
            *to = low;
            carry = u16::from(high);
        }
    }

    pub(crate) fn remove_hash(&mut self, hash: &[u8; 32]) {
        // Minus a number is its complement plus one.
        self.add_hash(&hash.map(|byte| !byte));
        let mut one = [0; 32];
        if let Some(last) = one.last_mut() {
            *last = 1;
        }
        self.add_hash(&one);
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Digest> {
        let mut digest = Digest::default();
        let mut digits = text.bytes().map(|byte| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        });
        for byte in &mut digest.0 {
            *byte = digits.next()?? * 16 + digits.next()??;
        }
        digits.next().is_none().then_some(digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(number: &str) -> Key {
        Key::Card(number.into())
    }

    #[test]
    fn the_order_of_states_does_not_matter_and_removal_undoes() {
        let (mut one, mut other) = (Digest::default(), Digest::default());
        one.add(&card("1"), "a");
        one.add(&card("2"), "b");
        other.add(&card("2"), "b");
        other.add(&card("3"), "c");
        assert_ne!(one, other);
        other.add(&card("1"), "a");
        other.remove(&card("3"), "c");
        assert_eq!(one, other);
        one.remove(&card("2"), "b");
        one.remove(&card("1"), "a");
        assert_eq!(one, Digest::default());
    }

    #[test]
    fn sums_carry_over_all_bytes() {
        let mut digest = Digest([0xff; 32]);
        let mut one = [0; 32];
        one[31] = 1;
        digest.add_hash(&one);
        assert_eq!(digest, Digest::default());
        digest.remove_hash(&one);
        assert_eq!(digest, Digest([0xff; 32]));
    }

    #[test]
    fn neighbours_cannot_pass_text_to_each_other() {
        assert_ne!(hash_of(&[b"ab", b"c"]), hash_of(&[b"a", b"bc"]));
        assert_ne!(hash_of(&[b"ab"]), hash_of(&[b"ab", b""]));
    }

    #[test]
    fn a_digest_survives_being_written_and_read() {
        let mut digest = Digest::default();
        digest.add(&card("1"), "a");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        for wrong in ["", "00", &"0".repeat(65), &"A".repeat(64)] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }
}
