//! Numbers that cards are given: those that the host names, and those that are made of chance.

use super::draft::Draft;
use crate::error::{Error, ErrorCode};
use crate::identify::{check_character, is_bank_card};
use crate::number::{Fit, fit};
use crate::program::rules::CardRules;
use crate::program::{CheckDigit, NumberRange};

/// The fewest characters of a made number that nobody can foretell.
const FREE_MIN: usize = 10;
/// How many numbers that are taken already, or hold that of a bank card, are passed over.
const ATTEMPTS_MAX: u32 = 1_000;
/// What is wrong with the number of a new card of a kind, if anything.
pub(super) fn number_fault(kind: Option<&CardRules>, number: &str) -> Option<String> {
    if number.is_empty() || number.len() > 64 {
        return Some("a card's number has 1 to 64 bytes".to_owned());
    }
    let kind = kind?;
    let fits = kind.numbers.iter().any(|range| fit(number, range) == Fit::Yes);
    let misses = !fits && !kind.numbers.is_empty();
    misses.then(|| format!("the number fits none of the ranges of card `{}`", kind.id))
}

/// A new number in the first range of a kind.
pub(super) fn made_number(draft: &mut Draft<'_>, kind: &CardRules) -> Result<String, Error> {
    let wrong = |message: String| Error::new(ErrorCode::CardNumber, "/card", message);
    let Some(range) = kind.numbers.first() else {
        let message = format!("the card `{}` has no range to make a number in; name one", kind.id);
        return Err(wrong(message));
    };
    let free = free_characters(range);
    if free < FREE_MIN {
        let message = format!(
            "a made number needs {FREE_MIN} free characters, but the range leaves {free}; name it"
        );
        return Err(wrong(message));
    }
    let mut chance = draft.chance("number")?;
    for _ in 0..ATTEMPTS_MAX {
        let digit = |_| char::from_digit(u32::try_from(chance.below(10)).unwrap_or(0), 10);
        let body: String = range.prefix.chars().chain((0..free).filter_map(digit)).collect();
        let number = checked(body, range)
            .ok_or_else(|| wrong("the prefix has characters that no check digit knows".into()))?;
        // Every verb would refuse the number of a bank card.
        if draft.slice.card(&number).is_none() && !is_bank_card(&number) {
            return Ok(number);
        }
    }
    Err(wrong("nearly all numbers of the range are taken or those of bank cards; widen it".into()))
}

/// How many characters neither the prefix nor the check digit settles.
fn free_characters(range: &NumberRange) -> usize {
    let settled = range.prefix.chars().count() + usize::from(range.check != CheckDigit::None);
    usize::from(range.length_max).saturating_sub(settled)
}

/// A number with its check digit; `None` if the body has characters that it does not know.
fn checked(body: String, range: &NumberRange) -> Option<String> {
    if range.check == CheckDigit::None {
        return Some(body);
    }
    check_character(range.check, &body).map(|check| format!("{body}{check}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(prefix: &str, length_max: u8, check: CheckDigit) -> NumberRange {
        NumberRange { check, length_max, length_min: None, prefix: prefix.into() }
    }

    #[test]
    fn the_prefix_and_the_check_digit_are_not_free() {
        assert_eq!(free_characters(&range("29", 13, CheckDigit::Gs1)), 10);
        assert_eq!(free_characters(&range("", 10, CheckDigit::None)), 10);
        assert_eq!(free_characters(&range("GIFT-", 4, CheckDigit::None)), 0);
    }

    #[test]
    fn the_check_digit_is_the_one_that_fits() {
        // GS1: of 299000000001 every second digit from the right counts three times:
        // 1 × 3 + 9 + 9 × 3 + 2 = 41, so 9 is missing to 50.
        let number = checked("299000000001".into(), &range("29", 13, CheckDigit::Gs1));
        assert_eq!(number.as_deref(), Some("2990000000019"));
        assert_eq!(checked("GIFT".into(), &range("GIFT", 5, CheckDigit::Luhn)), None);
    }
}
