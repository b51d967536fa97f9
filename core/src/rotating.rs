//! Codes that change with time: RFC 6238 (TOTP) over HMAC-SHA-1, as in `kr.<number>.<step>.<code>`.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

use crate::program::RotatingCode;

/// A rotating code as it was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RotatingToken {
    pub number: String,
    /// The time step that the phone says it is.
    pub step: i64,
    pub code: String,
}

impl RotatingToken {
    /// The parts of `kr.<number>.<step>.<code>`; `None` if the text has no such form.
    pub fn parse(text: &str) -> Option<RotatingToken> {
        let mut parts = text.strip_prefix("kr.")?.split('.');
        let (number, step, code) = (parts.next()?, parts.next()?, parts.next()?);
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let whole = parts.next().is_none() && is_code && is_number(number);
        let (number, code) = (number.to_owned(), code.to_owned());
        Some(RotatingToken { number, step: parse_seconds(step)?, code }).filter(|_| whole)
    }

    /// Whether this is the code of its step; the comparison takes the same time however much of it
    /// is right.
    pub fn is_right(&self, secret: &[u8], digits: u8) -> bool {
        let code = code_of(secret, self.step, digits);
        let differing = code.bytes().zip(self.code.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        code.len() == self.code.len() && differing == 0
    }
}

/// Whether a text in a token can be the number of a card.
pub(crate) fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len())
}

/// A whole number of at most 18 digits, so that sums with it cannot leave the range.
pub(crate) fn parse_seconds(text: &str) -> Option<i64> {
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// The time step of an instant, counted from 1970.
pub(crate) fn step_at(at: Timestamp, policy: &RotatingCode) -> i64 {
    at.as_second().div_euclid(i64::from(policy.period_seconds.max(1)))
}

/// The code of a time step: RFC 4226, section 5.3, with the step as the counter.
fn code_of(secret: &[u8], step: i64, digits: u8) -> String {
    // HMAC takes keys of any length, so that this error cannot be; no code is equal to an empty one.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(hash.last().copied().unwrap_or(0) & 15);
    let chosen = hash.iter().skip(offset).take(4);
    let number = chosen.fold(0, |number: u32, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    let digits = digits.min(9);
    let number = number % 10_u32.pow(u32::from(digits));
    format!("{number:0width$}", width = usize::from(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_published_vectors() {
        // RFC 6238, appendix B, the rows of SHA-1; the period is 30 seconds.
        let policy = RotatingCode::default();
        for (second, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(code_of(KEY, step_at(at, &policy), 8), code, "{second}");
        }
    }

    #[test]
    fn shorter_codes_are_the_last_digits_of_the_published_vectors() {
        // RFC 4226, appendix D: the counters 0 to 9 with six digits.
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in codes.into_iter().enumerate() {
            assert_eq!(code_of(KEY, i64::try_from(step).unwrap(), 6), code);
        }
    }

    #[test]
    fn a_token_has_a_number_a_step_and_a_code() {
        let token = RotatingToken::parse("kr.2990000000019.1.94287082").unwrap();
        assert_eq!((token.number.as_str(), token.step), ("2990000000019", 1));
        assert!(token.is_right(KEY, 8));
        assert!(!token.is_right(KEY, 6), "a code of another length is wrong");
        assert!(!token.is_right(b"another key", 8));
        for wrong in [
            "kr.",
            "kr.1.2",
            "kr..1.94287082",
            "kr.1.x.94287082",
            "kr.1.2.",
            "kr.1.2.3.4",
            "kr.1.-2.94287082",
            "kr.1.+2.94287082",
            "kr.1.1234567890123456789.9",
            "kr.1.2.9a",
            "1",
        ] {
            assert_eq!(RotatingToken::parse(wrong), None, "{wrong}");
        }
    }
}
