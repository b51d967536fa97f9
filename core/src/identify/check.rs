//! Check characters: the last character of a number, made of the others, finds misreads.

use crate::program::CheckDigit;

/// Digits and letters without I, L, O and U, which people take for something else (Crockford).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character that goes behind `body` so that the whole can be checked; `None` if there is none
/// ([`CheckDigit::None`]), or if `body` is empty or has a character that the algorithm does not
/// know: all but `luhn_mod_n` know ASCII digits only, and that one capitals of its alphabet.
///
/// # Examples
/// ```
/// use kopilka::{CheckDigit, check_character};
///
/// assert_eq!(check_character(CheckDigit::Gs1, "200000012345"), Some('5'));
/// assert_eq!(check_character(CheckDigit::Damm, "572"), Some('4'));
/// assert_eq!(check_character(CheckDigit::Gs1, "2000-0001"), None);
/// ```
#[must_use]
pub fn check_character(check: CheckDigit, body: &str) -> Option<char> {
    let codes = codes(body, check)?;
    let digit = |value: u32| char::from_digit(value, 10);
    match check {
        CheckDigit::None => None,
        CheckDigit::Gs1 => digit((10 - gs1(&codes, 1) % 10) % 10),
        CheckDigit::Luhn => digit(luhn_check(&codes, 10)),
        CheckDigit::Damm => digit(damm(&codes)),
        CheckDigit::Verhoeff => digit(match verhoeff(&codes, 1) {
            // A rotation is undone by the opposite one, a reflection by itself.
            turn @ 1..=4 => 5 - turn,
            other => other,
        }),
        CheckDigit::LuhnModN => {
            let code = luhn_check(&codes, 32);
            ALPHABET.get(usize::try_from(code).ok()?).map(|letter| char::from(*letter))
        }
    }
}

/// Whether the last character is right; `None` if the algorithm does not know a character.
pub(crate) fn is_checked(number: &str, check: CheckDigit) -> Option<bool> {
    let codes = codes(number, check)?;
    Some(match check {
        CheckDigit::None => true,
        CheckDigit::Gs1 => gs1(&codes, 0).is_multiple_of(10),
        CheckDigit::Luhn => luhn(&codes, 0, 10).is_multiple_of(10),
        CheckDigit::Damm => damm(&codes) == 0,
        CheckDigit::Verhoeff => verhoeff(&codes, 0) == 0,
        CheckDigit::LuhnModN => luhn(&codes, 0, 32).is_multiple_of(32),
    })
}

/// Letters and digits as the alphabet of `luhn_mod_n` writes them: capitals, I and L as 1, O as 0,
/// without spaces and hyphens.
pub(crate) fn as_letters(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    kept.map(|c| match c.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    })
    .collect()
}

/// Whether the algorithm knows every character.
pub(crate) fn knows(check: CheckDigit, text: &str) -> bool {
    check == CheckDigit::None || text.is_empty() || codes(text, check).is_some()
}

fn codes(text: &str, check: CheckDigit) -> Option<Vec<u32>> {
    let code = |byte: u8| match check {
        CheckDigit::None => Some(0),
        CheckDigit::LuhnModN => {
            ALPHABET.iter().position(|c| *c == byte).and_then(|p| u32::try_from(p).ok())
        }
        _ => char::from(byte).to_digit(10),
    };
    if text.is_empty() {
        return None;
    }
    text.bytes().map(code).collect()
}

/// The sum from the right of codes whose places begin at `first`, each odd place three times.
fn gs1(codes: &[u32], first: usize) -> u32 {
    let weighted = |(place, code): (usize, &u32)| if place % 2 == 0 { *code } else { code * 3 };
    (first..).zip(codes.iter().rev()).map(weighted).sum()
}

/// The sum from the right of codes below `n`, each odd place doubled and its digits to the base
/// `n` added up.
fn luhn(codes: &[u32], first: usize, n: u32) -> u32 {
    let weighted = |(place, code): (usize, &u32)| {
        if place % 2 == 0 { *code } else { code * 2 / n + code * 2 % n }
    };
    (first..).zip(codes.iter().rev()).map(weighted).sum()
}

/// The code that goes behind others below `n` so that Luhn finds a misread: Luhn modulo `n`.
pub(crate) fn luhn_check(codes: &[u32], n: u32) -> u32 {
    (n - luhn(codes, 1, n) % n) % n
}

/// The quasigroup of Damm (2004), order 10, totally anti-symmetric.
const DAMM: [[u32; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(codes: &[u32]) -> u32 {
    let at = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
    let step =
        |state: u32, code: &u32| DAMM.get(at(state)).and_then(|row| row.get(at(*code))).copied();
    codes.iter().try_fold(0, step).unwrap_or(1)
}

/// The permutation of Verhoeff (1969) by which the digits of each place are changed once more.
const VERHOEFF: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

fn verhoeff(codes: &[u32], first: usize) -> u32 {
    let permuted = |(place, code): (usize, &u32)| {
        // The permutation comes back to the start after eight times.
        let once = |code: u32| usize::try_from(code).ok().and_then(|code| VERHOEFF.get(code));
        (0..place % 8).fold(*code, |code, _| once(code).copied().unwrap_or(code))
    };
    (first..).zip(codes.iter().rev()).map(permuted).fold(0, dihedral)
}

/// The product of two symmetries of a pentagon: 0 to 4 are rotations, 5 to 9 reflections.
fn dihedral(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right) % 5,
        (false, true) => 5 + (left - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(number: &str, check: CheckDigit) -> bool {
        is_checked(number, check).unwrap()
    }

    #[test]
    fn every_published_vector_has_its_check_character() {
        let vectors = [
            (CheckDigit::Gs1, "200000012345", '5'),
            (CheckDigit::Gs1, "460123456789", '3'),
            (CheckDigit::Gs1, "1460123456789", '0'),
            (CheckDigit::Gs1, "9638507", '4'),
            (CheckDigit::Luhn, "7992739871", '3'),
            (CheckDigit::Luhn, "1234509", '6'),
            (CheckDigit::Luhn, "1234590", '6'),
            (CheckDigit::Damm, "572", '4'),
            (CheckDigit::Damm, "1234509", '9'),
            (CheckDigit::Damm, "1234590", '0'),
            (CheckDigit::Verhoeff, "12345", '1'),
            (CheckDigit::Verhoeff, "236", '3'),
        ];
        for (check, body, expected) in vectors {
            assert_eq!(check_character(check, body), Some(expected), "{check:?} {body}");
            assert!(checked(&format!("{body}{expected}"), check), "{check:?} {body}");
        }
    }

    #[test]
    fn gs1_numbers_of_every_length_are_checked() {
        for number in ["2000000123455", "4601234567893", "14601234567890", "96385074"] {
            assert!(checked(number, CheckDigit::Gs1), "{number}");
        }
        assert!(!checked("2000000123456", CheckDigit::Gs1));
    }

    #[test]
    fn luhn_finds_wrong_digits_and_misses_the_swap_of_zero_and_nine() {
        assert!(checked("79927398713", CheckDigit::Luhn));
        assert!(!checked("79927398710", CheckDigit::Luhn));
        assert!(checked("12345096", CheckDigit::Luhn) && checked("12345906", CheckDigit::Luhn));
    }

    #[test]
    fn damm_finds_the_swap_of_zero_and_nine() {
        assert!(checked("12345099", CheckDigit::Damm) && checked("12345900", CheckDigit::Damm));
        assert!(!checked("12345909", CheckDigit::Damm));
    }

    #[test]
    fn luhn_over_six_letters_is_as_published() {
        // The example of the algorithm's description: over a to f, `abcdef` is checked by `e`.
        assert_eq!(luhn_check(&[0, 1, 2, 3, 4, 5], 6), 4);
    }

    #[test]
    fn luhn_over_letters_and_digits_is_worked_out_by_hand() {
        // Z is 31: doubled 62 = 1·32 + 30, digits 1 + 30 = 31; A is 10 and stays: 41 % 32 = 9,
        // 32 − 9 = 23, which is Q in the alphabet (A=10 … H=17, J=18, K=19, M=20, N=21, P=22, Q=23).
        assert_eq!(check_character(CheckDigit::LuhnModN, "AZ"), Some('Q'));
        assert!(checked("AZQ", CheckDigit::LuhnModN));
        assert!(!checked("ZAQ", CheckDigit::LuhnModN));
    }

    #[test]
    fn characters_that_an_algorithm_does_not_know_have_no_check_character() {
        for check in [CheckDigit::Gs1, CheckDigit::Luhn, CheckDigit::Damm, CheckDigit::Verhoeff] {
            assert_eq!(check_character(check, "12A"), None);
            assert_eq!(check_character(check, "١٢"), None);
            assert_eq!(check_character(check, ""), None);
        }
        assert_eq!(check_character(CheckDigit::LuhnModN, "OIL"), None);
        assert_eq!(check_character(CheckDigit::None, "12"), None);
        assert_eq!(as_letters("oil-z u"), "011ZU");
    }
}
