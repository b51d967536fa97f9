//! How cards are proved: bounds of attempts, PINs and codes, and the keys of signers.

use std::ops::RangeInclusive;

use super::Check;
use crate::chance::from_hexadecimal;
use crate::error::ErrorCode;
use crate::program::document::*;
use crate::signed::{is_public_key, is_word};

/// A day: accepted presentations are kept for so long.
const MINUTES_MAX: u32 = 1_440;

/// Checks everything about presenting, and gives the signers with their keys.
pub(super) fn compile_presenting(check: &mut Check<'_>) -> Vec<(String, [u8; 32])> {
    let document = check.document;
    let presenting = &document.presenting;
    for (key, value, bounds) in [
        ("attempts", presenting.attempts, 1..=100),
        ("lock_minutes", presenting.lock_minutes, 1..=MINUTES_MAX),
        ("till_attempts", presenting.till_attempts, 1..=1_000),
        ("valid_minutes", presenting.valid_minutes, 1..=MINUTES_MAX),
    ] {
        check_bounds(check, value, bounds, &format!("/presenting/{key}"));
    }
    for (index, card) in document.cards.iter().enumerate() {
        if let Some(pin) = &card.pin {
            check_pin(check, pin, &format!("/cards/{index}/pin"));
        }
        if let Some(rotating) = &card.rotating {
            let path = format!("/cards/{index}/rotating");
            let (digits, period) = (u32::from(rotating.digits), rotating.period_seconds);
            check_bounds(check, digits, 6..=8, &format!("{path}/digits"));
            check_bounds(check, period, 10..=300, &format!("{path}/period_seconds"));
            check_bounds(check, rotating.skew, 0..=10, &format!("{path}/skew"));
        }
    }
    compile_signers(check)
}

fn check_bounds(check: &mut Check<'_>, value: u32, bounds: RangeInclusive<u32>, path: &str) {
    if !bounds.contains(&value) {
        let message = format!("give a number from {} to {}", bounds.start(), bounds.end());
        check.mistake(ErrorCode::DocumentRange, path, message);
    }
}

fn check_pin(check: &mut Check<'_>, pin: &PinPolicy, path: &str) {
    let (min, max) = (u32::from(pin.digits_min), u32::from(pin.digits_max));
    check_bounds(check, max, 4..=12, &format!("{path}/digits_max"));
    check_bounds(check, min, 4..=12, &format!("{path}/digits_min"));
    check_bounds(check, pin.iterations, 1_000..=1_000_000, &format!("{path}/iterations"));
    if (4..=12).contains(&min) && (4..=12).contains(&max) && min > max {
        let message = "`digits_min` must not be above `digits_max`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/digits_min"), message);
    }
}

fn compile_signers(check: &mut Check<'_>) -> Vec<(String, [u8; 32])> {
    let document = check.document;
    let signers = &document.presenting.signers;
    check.unique(signers.iter().map(|signer| &signer.id), "/presenting/signers");
    let mut compiled = Vec::with_capacity(signers.len());
    for (index, signer) in signers.iter().enumerate() {
        let path = format!("/presenting/signers/{index}");
        if !signer.id.is_empty() && !is_word(&signer.id) {
            let message = "a signer's id has only ASCII letters, digits, `-` and `_`";
            check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/id"), message);
        }
        let key = from_hexadecimal(&signer.public_key).and_then(|key| key.try_into().ok());
        match key.filter(is_public_key) {
            Some(key) => compiled.push((signer.id.clone(), key)),
            None => {
                let message = "give the 32 bytes of an Ed25519 public key in hexadecimal";
                let path = format!("{path}/public_key");
                check.mistake(ErrorCode::ProgramPublicKey, &path, message);
            }
        }
    }
    compiled
}

#[cfg(test)]
mod tests {
    use crate::Program;

    /// The places and codes of the mistakes of a programme with this `presenting` and card.
    fn mistakes(presenting: &str, card: &str) -> Vec<(String, &'static str)> {
        let document = format!(
            r#"{{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
                "points": [{{"id": "bonus"}}], "presenting": {presenting},
                "cards": [{{"id": "bonus", "kind": "bonus", "numbers": [{{"length_max": 4}}] {card}}}]}}"#
        );
        let error = Program::compile(&document).err();
        let mistakes = error.iter().flat_map(|error| error.mistakes());
        mistakes.map(|mistake| (mistake.path.clone(), mistake.code.as_str())).collect()
    }

    #[test]
    fn every_bound_is_checked_at_once() {
        let presenting =
            r#"{"attempts": 0, "lock_minutes": 1441, "till_attempts": 1001, "valid_minutes": 0}"#;
        let card = r#", "pin": {"digits_min": 3, "digits_max": 13, "iterations": 999},
            "rotating": {"digits": 9, "period_seconds": 9, "skew": 11}"#;
        let found = mistakes(presenting, card);
        let mut paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "/cards/0/pin/digits_max",
                "/cards/0/pin/digits_min",
                "/cards/0/pin/iterations",
                "/cards/0/rotating/digits",
                "/cards/0/rotating/period_seconds",
                "/cards/0/rotating/skew",
                "/presenting/attempts",
                "/presenting/lock_minutes",
                "/presenting/till_attempts",
                "/presenting/valid_minutes",
            ]
        );
        assert!(found.iter().all(|(_, code)| *code == "document.range"));
    }

    #[test]
    fn what_is_at_its_bounds_is_allowed() {
        for presenting in [
            r#"{"attempts": 1, "lock_minutes": 1, "till_attempts": 1, "valid_minutes": 1}"#,
            r#"{"attempts": 100, "lock_minutes": 1440, "till_attempts": 1000, "valid_minutes": 1440}"#,
        ] {
            for card in [
                r#", "pin": {"digits_min": 4, "digits_max": 4, "iterations": 1000},
                    "rotating": {"digits": 6, "period_seconds": 10, "skew": 0}"#,
                r#", "pin": {"digits_min": 12, "digits_max": 12, "iterations": 1000000},
                    "rotating": {"digits": 8, "period_seconds": 300, "skew": 10}"#,
            ] {
                assert_eq!(mistakes(presenting, card), []);
            }
        }
    }

    #[test]
    fn the_fewest_digits_are_not_above_the_most() {
        let card = r#", "pin": {"digits_min": 6, "digits_max": 5}"#;
        let expected = [("/cards/0/pin/digits_min".to_owned(), "program.contradiction")];
        assert_eq!(mistakes("{}", card), expected);
    }

    #[test]
    fn signers_have_ids_of_their_own_and_a_key_that_can_be_trusted() {
        // The key of TEST 1 of RFC 8032; the identity, which is weak; 31 bytes; no hexadecimal.
        let right = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let weak = "0100000000000000000000000000000000000000000000000000000000000000";
        let signer = |id: &str, key: &str| format!(r#"{{"id": "{id}", "public_key": "{key}"}}"#);
        let signers = [
            signer("app", right),
            signer("app", right),
            signer("a.b", right),
            signer("weak", weak),
            signer("short", &right[2..]),
            signer("letters", "key"),
        ];
        let found = mistakes(&format!(r#"{{"signers": [{}]}}"#, signers.join(",")), "");
        let path = |index: usize, key: &str| format!("/presenting/signers/{index}/{key}");
        assert_eq!(
            found,
            [
                (path(1, "id"), "program.duplicate"),
                (path(2, "id"), "program.contradiction"),
                (path(3, "public_key"), "program.public_key"),
                (path(4, "public_key"), "program.public_key"),
                (path(5, "public_key"), "program.public_key"),
            ]
        );
    }
}
