//! What a scan that is to be proved says: a number, a rotating code, a signed token.

use crate::identify::{self, ScanKind};
use crate::number::normalise;
use crate::program::rules::Rules;
use crate::rotating::RotatingToken;
use crate::signed::SignedToken;
use crate::slice::Slice;

/// The most bytes of a scan that are read as a number or a token.
const SCAN_MAX: usize = 512;

/// A scan as far as it can be read without the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// The number of a bank card: it is kept nowhere, not even as a hash.
    BankCard,
    /// A number alone.
    Number(String),
    Rotating(RotatingToken),
    Signed(SignedToken),
    /// Nothing that can be a number.
    Unreadable,
}

impl Scanned {
    /// The number that it names, if it names one.
    pub fn number(&self) -> Option<&str> {
        match self {
            Scanned::Number(number) => Some(number),
            Scanned::Rotating(token) => Some(&token.number),
            Scanned::Signed(token) => Some(&token.number),
            Scanned::BankCard | Scanned::Unreadable => None,
        }
    }
}

/// Reads what a scanner or a keyboard gave, as `identify` does. Of several numbers that may be meant
/// it is the first that the book knows, else the likeliest.
pub(crate) fn read(rules: &Rules, slice: &Slice, scan: &str) -> Scanned {
    let reading = identify::read(rules, scan);
    if reading.what == ScanKind::BankCard {
        return Scanned::BankCard;
    }
    let text = identify::plain(scan);
    let read = if text.starts_with("kr.") {
        RotatingToken::parse(&text).map(Scanned::Rotating)
    } else if text.starts_with("ks.") {
        SignedToken::parse(&text).map(Scanned::Signed)
    } else {
        let known = reading.cards.iter().find(|number| slice.card(number).is_some());
        let likeliest = known.or(reading.cards.first()).cloned();
        let number = likeliest.unwrap_or_else(|| normalise(&text).to_owned());
        let readable = !number.is_empty() && number.len() <= SCAN_MAX;
        readable.then_some(Scanned::Number(number))
    };
    match read {
        Some(read) if read.number().is_some_and(identify::is_bank_card) => Scanned::BankCard,
        Some(read) => read,
        None => Scanned::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Program;

    fn read(scan: &str) -> Scanned {
        let text = r#"{"id": "t", "currency": "RUB", "zone": "UTC", "cards": [
            {"id": "c", "kind": "discount", "numbers": [{"length_min": 1, "length_max": 20}]}]}"#;
        let program = Program::compile(text).unwrap();
        super::read(program.rules(), &Slice::new("till", 1), scan)
    }

    #[test]
    fn a_bank_card_is_known_in_any_grouping_and_in_a_token() {
        // Numbers that the payment systems publish for tests.
        for scan in [
            "4111111111111111",
            " 4111 1111 1111 1111\r\n",
            "5555-5555-5555-4444",
            "2200000000000053",
            "378282246310005",
            "kr.4111111111111111.1.94287082",
        ] {
            assert_eq!(read(scan), Scanned::BankCard, "{scan}");
        }
        for scan in ["4111111111111112", "2990000000019", "41111111111111", "7771234567890123"] {
            assert_eq!(read(scan), Scanned::Number(scan.to_owned()), "{scan}");
        }
    }

    #[test]
    fn tokens_and_numbers_are_told_apart_by_their_beginning() {
        assert_eq!(read("kr.1001.1.94287082").number(), Some("1001"));
        assert_eq!(read(" 1001\r").number(), Some("1001"));
        for scan in ["", " \t", "kr.1001", "ks.app.1001", &"1".repeat(513)] {
            assert_eq!(read(scan), Scanned::Unreadable, "{scan}");
        }
    }
}
