//! Kinds of coupons: how often they are used, and how their codes are made.

use super::Check;
use crate::error::ErrorCode;
use crate::program::document::*;

/// The most that one coupon may be used.
pub(crate) const USES_MAX: u32 = 1_000_000;
/// The fewest different codes that a format may have: fewer could be guessed.
const CODES_MIN: u64 = 100_000_000;
/// The most characters of a code.
pub(crate) const CODE_MAX: usize = 64;

pub(super) fn check_coupon(check: &mut Check<'_>, coupon: &Coupon, path: &str) {
    if !(1..=USES_MAX).contains(&coupon.uses) {
        let message = format!("a coupon is used 1 to {USES_MAX} times");
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/uses"), message);
    }
    if coupon.per_guest == Some(0) {
        let message = "at least once a guest, or leave `per_guest` out";
        check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/per_guest"), message);
    }
    check_format(check, &coupon.codes, &format!("{path}/codes"));
}

fn check_format(check: &mut Check<'_>, format: &CodeFormat, path: &str) {
    let mut wrong = |key: &str, message: &str| {
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/{key}"), message);
    };
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let alphabet = format.alphabet.as_bytes();
    let distinct = |(place, byte): (usize, &u8)| !alphabet.iter().take(place).any(|b| b == byte);
    let sound = (2..=CODE_MAX).contains(&alphabet.len())
        && alphabet.iter().all(|byte| plain(*byte))
        && alphabet.iter().enumerate().all(distinct);
    if !sound {
        wrong("alphabet", "list 2 to 64 different capital ASCII letters and digits");
    }
    let prefix = format.prefix.as_bytes();
    let fits = prefix.len() + usize::from(format.length) <= CODE_MAX;
    if !fits || !prefix.iter().all(|byte| plain(*byte) || *byte == b'-') {
        wrong(
            "prefix",
            "take capital ASCII letters, digits and `-`; a code has at most 64 of them",
        );
    }
    if !(4..=32).contains(&format.length) {
        wrong("length", "4 to 32 characters follow the prefix");
    } else if sound {
        let free = u32::from(format.length) - u32::from(format.check);
        let letters = u64::try_from(alphabet.len()).unwrap_or(0);
        // What is too much for the type is more than enough.
        if letters.checked_pow(free).is_some_and(|codes| codes < CODES_MIN) {
            wrong("length", "so few different codes could be guessed; make them longer");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Program;

    fn mistakes(coupon: &str) -> Vec<(String, String)> {
        let text = format!(
            r#"{{"id": "shop", "currency": "RUB", "zone": "UTC",
                "coupons": [{{"id": "gift", {coupon}}}]}}"#
        );
        let Err(error) = Program::compile(&text) else { return Vec::new() };
        let found = error.mistakes().iter();
        found.map(|one| (one.code.as_str().to_owned(), one.path.clone())).collect()
    }

    fn wrong(code: &str, path: &str) -> Vec<(String, String)> {
        vec![(code.to_owned(), format!("/coupons/0/{path}"))]
    }

    #[test]
    fn a_format_has_a_hundred_million_codes_or_more() {
        // 8 free digits are 10⁸ codes; with a check digit 8 digits are 10⁷.
        let digits = r#""alphabet": "0123456789", "check""#;
        assert_eq!(mistakes(&format!(r#""codes": {{{digits}: false, "length": 8}}"#)), []);
        let found = mistakes(&format!(r#""codes": {{{digits}: true, "length": 8}}"#));
        assert_eq!(found, wrong("program.contradiction", "codes/length"));
        assert_eq!(mistakes(r#""codes": {"length": 32}"#), []);
        let found = mistakes(r#""codes": {"length": 33}"#);
        assert_eq!(found, wrong("program.contradiction", "codes/length"));
    }

    #[test]
    fn an_alphabet_has_different_capitals_and_digits() {
        for alphabet in ["A", "AAB", "abc", "AБ", ""] {
            let found = mistakes(&format!(r#""codes": {{"alphabet": "{alphabet}"}}"#));
            assert_eq!(found, wrong("program.contradiction", "codes/alphabet"), "{alphabet}");
        }
    }

    #[test]
    fn a_coupon_is_used_at_least_once_and_a_prefix_is_plain() {
        assert_eq!(mistakes(r#""uses": 0"#), wrong("document.range", "uses"));
        assert_eq!(mistakes(r#""uses": 1000001"#), wrong("document.range", "uses"));
        assert_eq!(mistakes(r#""per_guest": 0"#), wrong("program.not_positive", "per_guest"));
        let found = mistakes(r#""codes": {"prefix": "a b"}"#);
        assert_eq!(found, wrong("program.contradiction", "codes/prefix"));
    }
}
