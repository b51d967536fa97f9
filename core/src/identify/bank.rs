//! Bank cards: refused and never repeated, so that the merchant stays out of the scope of PCI DSS.

use super::check::is_checked;
use super::clean::{clean, symbology};
use crate::program::CheckDigit;

/// The first four digits of bank cards. Ranges of one system that touch are written as one.
const RANGES: [(u16, u16); 9] = [
    // Mir, Mastercard.
    (2200, 2204),
    (2221, 2720),
    // Diners Club, JCB.
    (3000, 3059),
    (3528, 3589),
    (3600, 3699),
    (3800, 3899),
    // American Express.
    (3400, 3499),
    (3700, 3799),
    // Visa, Mastercard, Maestro, UnionPay, Discover.
    (4000, 6999),
];

/// Whether a text holds the number of a bank card: 14 to 19 digits, in groups or not, that pass
/// Luhn and begin as bank cards do, or a magnetic track of one. Such a text must not be kept,
/// logged or repeated.
///
/// # Examples
/// ```
/// use kopilka::is_bank_card;
///
/// assert!(is_bank_card("4111 1111 1111 1111"));
/// assert!(!is_bank_card("2990000000019"));
/// ```
#[must_use]
pub fn is_bank_card(text: &str) -> bool {
    // The symbology ends in a digit that would run into the number.
    let (_, text) = symbology(&clean(text));
    is_bank_track(&text) || has_number(&text)
}

/// Whether 14 to 19 digits are the number of a bank card.
fn is_number(digits: &str) -> bool {
    (14..=19).contains(&digits.len())
        && begins_as_bank_card(digits)
        && is_checked(digits, CheckDigit::Luhn) == Some(true)
}

/// Whether 13 digits are the number of an old bank card. One in ten EAN-13 of goods that begin
/// with 4 looks the same, so that the caller must see whether it is something else.
pub(super) fn is_old_number(digits: &str) -> bool {
    digits.len() == 13
        && digits.starts_with('4')
        && is_checked(digits, CheckDigit::Luhn) == Some(true)
}

fn begins_as_bank_card(digits: &str) -> bool {
    let first = digits.get(..4).and_then(|first| first.parse::<u16>().ok());
    first.is_some_and(|first| RANGES.iter().any(|(from, to)| (*from..=*to).contains(&first)))
}

/// Whether everything that begins so and is long enough begins as bank cards do.
pub(crate) fn is_prefix_of_banks(prefix: &str) -> bool {
    let filled = |with: char| -> String { prefix.chars().chain([with; 4]).take(4).collect() };
    let (least, most) = (filled('0').parse::<u16>(), filled('9').parse::<u16>());
    let inside = |(from, to): &(u16, u16)| {
        least.as_ref().is_ok_and(|least| from <= least)
            && most.as_ref().is_ok_and(|most| most <= to)
    };
    RANGES.iter().any(inside)
}

/// Whether digits that belong together, alone or as neighbouring groups, are such a number.
fn has_number(text: &str) -> bool {
    let mut groups: Vec<&str> = Vec::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        if !digits.is_empty() {
            groups.push(digits);
        }
        // Spaces and hyphens stand between groups of one number; points stand between the parts
        // of the engine's own tokens.
        if part.ends_with(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | '-')) {
            if holds(&groups) {
                return true;
            }
            groups.clear();
        }
    }
    holds(&groups)
}

fn holds(groups: &[&str]) -> bool {
    (0..groups.len()).any(|start| {
        let mut digits = String::new();
        for group in groups.iter().skip(start) {
            digits.push_str(group);
            if digits.len() > 19 {
                return false;
            }
            if is_number(&digits) {
                return true;
            }
        }
        false
    })
}

/// Whether any part is a track of a bank card: track 1 with the bank's format code B, or track 2
/// whose number is followed by an expiry and a service code.
fn is_bank_track(text: &str) -> bool {
    let first = text.split('%').skip(1).any(|track| {
        let number = track.strip_prefix(['B', 'b']).and_then(|track| track.split_once('^'));
        number.is_some_and(|(number, _)| is_account(&number.replace(' ', "")))
    });
    let second = text.split(';').skip(1).any(|track| {
        track.split_once('=').is_some_and(|(number, rest)| is_account(number) && has_expiry(rest))
    });
    first || second
}

fn is_account(number: &str) -> bool {
    (12..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// YYMM and a service code, whose digits have few values (ISO/IEC 7813).
fn has_expiry(rest: &str) -> bool {
    match rest.as_bytes() {
        [y, z, month_1, month_2, one, two, three, ..] => {
            let month = matches!((month_1, month_2), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'));
            let year = y.is_ascii_digit() && z.is_ascii_digit();
            let service = matches!(one, b'1' | b'2' | b'5' | b'6' | b'7' | b'9')
                && matches!(two, b'0' | b'2' | b'4')
                && matches!(three, b'0'..=b'7');
            year && month && service
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_numbers_of_every_payment_system_are_known() {
        for number in [
            "4111111111111111",
            "5555555555554444",
            "2223003122003222",
            "2200000000000004",
            "378282246310005",
            "6011111111111117",
            "3530111333300000",
            "30569309025904",
            "38520000023237",
            "36227206271667",
            "6200000000000005",
            "6304000000000000",
        ] {
            assert!(is_bank_card(number), "{number}");
            let (head, last) = number.split_at(number.len() - 1);
            let other = (last.parse::<u8>().unwrap() + 1) % 10;
            assert!(!is_bank_card(&format!("{head}{other}")), "{number}");
        }
    }

    #[test]
    fn a_number_in_groups_or_inside_another_text_is_found() {
        for text in [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "４１１１１１１１１１１１１１１１",
            "card 4111111111111111!",
            "]C122000000000004",
            "{\"card\":\"4111111111111111\"}",
            "12 4111 1111 1111 1111",
            "\u{feff}'4111\u{200b}111111111111\r",
        ] {
            assert!(is_bank_card(text), "{text}");
        }
    }

    #[test]
    fn tracks_of_bank_cards_are_known_by_their_form() {
        for track in [
            "%B4111111111111111^IVANOV/IVAN^2512101000000000000?",
            "%B9999999999999^X^?",
            ";9999999999999=2512101?",
            "%X^1?;9999999999999=9901201000?",
        ] {
            assert!(is_bank_card(track), "{track}");
        }
        for track in [
            "%B123^X^?",
            ";2990000000019?",
            ";2990000000019=1?",
            ";9999999999999=2513101?",
            ";9999999999999=2512001?",
        ] {
            assert!(!is_bank_card(track), "{track}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for number in [
            "14601234567890",
            "2990000000019",
            "kr.2990000000019.58812345.94287086",
            "79936971005",
            "9990000000000000003",
            "2205000000000009",
            "41111111111111111111",
            "",
        ] {
            assert!(!is_bank_card(number), "{number}");
        }
    }

    #[test]
    fn an_old_number_has_thirteen_digits() {
        assert!(is_old_number("4222222222222"));
        assert!(!is_old_number("4601234567893"));
        assert!(!is_bank_card("4222222222222"));
    }

    #[test]
    fn a_prefix_belongs_to_banks_if_all_that_begins_so_does() {
        assert!(["4", "51", "2200", "63", "62123"].into_iter().all(is_prefix_of_banks));
        assert!(!["", "2", "3", "22", "7", "299", "A"].into_iter().any(is_prefix_of_banks));
    }
}
