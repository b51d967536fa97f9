//! Numbers of cards, as they stand on the plastic.

use crate::dice::mark;

/// The number of a card: sixteen digits, the last a control digit after Luhn.
pub fn card_number(card: u32) -> String {
    let mut digits: Vec<u8> =
        format!("27{:03}{card:010}", mark(27, &[card.into()]) % 1000).into_bytes();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    digits.push(b'0' + u8::try_from((10 - sum % 10) % 10).unwrap_or(0));
    digits.into_iter().map(char::from).collect()
}

/// The mark of a card's number where it is shown.
pub fn number_hash(card: u32) -> u64 {
    mark(28, &[card.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_sixteen_digits_with_a_control_digit() {
        for card in [1, 7, 99_999, u32::MAX] {
            let number = card_number(card);
            assert_eq!(number.len(), 16);
            let sum: u32 = number
                .bytes()
                .rev()
                .enumerate()
                .map(|(place, digit)| {
                    let digit = u32::from(digit - b'0') * (1 + place as u32 % 2);
                    digit / 10 + digit % 10
                })
                .sum();
            assert_eq!(sum % 10, 0, "{number}");
        }
        assert_ne!(card_number(1), card_number(2));
    }
}
