//! PINs: which are allowed, and how a record keeps one.

use hmac::Hmac;
use sha2::Sha256;

use crate::chance::{Chance, from_hexadecimal, to_hexadecimal};
use crate::program::PinPolicy;
use crate::record::PinHash;

const SALT_BYTES: usize = 16;

/// Why a PIN may not be taken, if it may not: too short or long, no digits, all the same, or a run.
pub(crate) fn pin_fault(pin: &str, policy: &PinPolicy) -> Option<String> {
    let digits: Option<Vec<i32>> =
        pin.bytes().map(|byte| byte.is_ascii_digit().then(|| i32::from(byte - b'0'))).collect();
    let bounds = usize::from(policy.digits_min)..=usize::from(policy.digits_max);
    let Some(digits) = digits.filter(|digits| bounds.contains(&digits.len())) else {
        let (min, max) = (policy.digits_min, policy.digits_max);
        return Some(format!("a PIN has {min} to {max} digits"));
    };
    let is_run = |step: i32| digits.windows(2).all(|pair| matches!(pair, [a, b] if b - a == step));
    let easy = !policy.easy && (is_run(0) || is_run(1) || is_run(-1));
    easy.then(|| "this PIN is too easy to guess; take one that is no run of digits".to_owned())
}

/// A PIN as a record keeps it.
pub(crate) fn hash_pin(pin: &str, iterations: u32, chance: &mut Chance) -> PinHash {
    let salt = chance.bytes(SALT_BYTES);
    PinHash {
        hash: to_hexadecimal(&derive(pin, &salt, iterations)),
        iterations,
        salt: to_hexadecimal(&salt),
    }
}

/// Whether this is the PIN; the comparison takes the same time however much of it is right.
pub(crate) fn is_pin(pin: &str, kept: &PinHash) -> bool {
    let salt = from_hexadecimal(&kept.salt).unwrap_or_default();
    let derived = to_hexadecimal(&derive(pin, &salt, kept.iterations));
    let differing = derived.bytes().zip(kept.hash.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    derived.len() == kept.hash.len() && differing == 0
}

fn derive(pin: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut key = [0; 32];
    // Its only error is a key of a length that the hash cannot have; 32 bytes is one that it can.
    let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(pin.as_bytes(), salt, iterations.max(1), &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_that_of_the_published_vectors() {
        // PBKDF2-HMAC-SHA-256: RFC 7914, section 11.
        let key = derive("passwd", b"salt", 1);
        assert_eq!(
            to_hexadecimal(&key),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
    }

    #[test]
    fn easy_pins_are_refused() {
        let policy = PinPolicy::default();
        for wrong in ["", "123", "1111", "1234", "9876", "12a5", "123456789", "١٢٣٥"] {
            assert!(pin_fault(wrong, &policy).is_some(), "{wrong}");
        }
        for right in ["1357", "2580", "10203040"] {
            assert_eq!(pin_fault(right, &policy), None, "{right}");
        }
    }

    #[test]
    fn a_pin_is_known_by_its_hash_alone() {
        let entropy = "00112233445566778899aabbccddeeff".to_owned();
        let mut chance = Chance::new(Some(&entropy), "pin").unwrap();
        let kept = hash_pin("2580", 1_000, &mut chance);
        assert!(is_pin("2580", &kept));
        assert!(!is_pin("2581", &kept) && !is_pin("", &kept));
    }
}
