//! Card numbers: ranges and check digits.

use crate::program::{CheckDigit, NumberRange};

/// Whether a number lies in a range, and if not, whether only its check digit is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    CheckDigitWrong,
    No,
}

/// The number as read: without white space around it.
pub(crate) fn normalise(scan: &str) -> &str {
    scan.trim()
}

pub(crate) fn fit(number: &str, range: &NumberRange) -> Fit {
    let length = number.chars().count();
    let min = usize::from(range.length_min.unwrap_or(range.length_max));
    if !number.starts_with(&range.prefix)
        || !(min..=usize::from(range.length_max)).contains(&length)
    {
        return Fit::No;
    }
    if range.check == CheckDigit::None {
        return Fit::Yes;
    }
    match digits(number).map(|digits| is_checked(&digits, range.check)) {
        Some(true) => Fit::Yes,
        Some(false) => Fit::CheckDigitWrong,
        None => Fit::No,
    }
}

fn digits(number: &str) -> Option<Vec<u8>> {
    number.bytes().map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

fn is_checked(digits: &[u8], check: CheckDigit) -> bool {
    match check {
        CheckDigit::None => true,
        CheckDigit::Gs1 => weighted(digits, |digit| digit * 3) % 10 == 0,
        CheckDigit::Luhn => weighted(digits, |digit| digit / 5 + digit * 2 % 10) % 10 == 0,
        CheckDigit::Damm => damm(digits) == 0,
    }
}

/// The sum of the digits, every second from the right changed first.
fn weighted(digits: &[u8], change: impl Fn(u32) -> u32) -> u32 {
    let digit = |(place, digit): (usize, &u8)| match place % 2 {
        0 => u32::from(*digit),
        _ => change(u32::from(*digit)),
    };
    digits.iter().rev().enumerate().map(digit).sum()
}

/// The quasigroup of Damm (2004), order 10, totally anti-symmetric.
const DAMM: [[u8; 10]; 10] = [
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

fn damm(digits: &[u8]) -> u8 {
    let step = |state: u8, digit: &u8| {
        DAMM.get(usize::from(state)).and_then(|row| row.get(usize::from(*digit))).copied()
    };
    digits.iter().try_fold(0, step).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(number: &str, check: CheckDigit) -> bool {
        is_checked(&digits(number).unwrap(), check)
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
        assert!(checked("5724", CheckDigit::Damm));
        assert!(checked("12345099", CheckDigit::Damm) && checked("12345900", CheckDigit::Damm));
        assert!(!checked("12345909", CheckDigit::Damm));
    }

    #[test]
    fn a_range_wants_its_prefix_its_length_and_its_check_digit() {
        let range = NumberRange {
            check: CheckDigit::Gs1,
            length_max: 13,
            length_min: None,
            prefix: "29".into(),
        };
        assert_eq!(fit("2990000000019", &range), Fit::Yes);
        assert_eq!(fit("2990000000018", &range), Fit::CheckDigitWrong);
        assert_eq!(fit("2890000000010", &range), Fit::No);
        assert_eq!(fit("299000000001", &range), Fit::No);
        assert_eq!(fit("29900000000١٩", &range), Fit::No);
    }
}
