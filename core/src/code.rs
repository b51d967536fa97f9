//! Codes of coupons: characters made of chance, and the character that checks them.

use crate::chance::Chance;
use crate::identify::luhn_check;
use crate::program::CodeFormat;

/// A code of a format: the prefix, characters of its alphabet, and the check character.
pub(crate) fn make_code(format: &CodeFormat, chance: &mut Chance) -> String {
    let alphabet: Vec<char> = format.alphabet.chars().collect();
    let free = usize::from(format.length) - usize::from(format.check && format.length > 0);
    let mut places: Vec<usize> = (0..free).map(|_| chance.below(alphabet.len())).collect();
    if format.check {
        places.push(check_place(&places, alphabet.len()));
    }
    let letters = places.iter().filter_map(|place| alphabet.get(*place));
    format.prefix.chars().chain(letters.copied()).collect()
}

/// The check character after some others, each by its place in an alphabet of `n`.
fn check_place(places: &[usize], n: usize) -> usize {
    let codes: Vec<u32> = places.iter().filter_map(|place| u32::try_from(*place).ok()).collect();
    let check = luhn_check(&codes, u32::try_from(n.max(1)).unwrap_or(u32::MAX));
    usize::try_from(check).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, alphabet: &str) -> char {
        let places: Vec<usize> = text.chars().map(|c| alphabet.find(c).unwrap()).collect();
        alphabet.chars().nth(check_place(&places, alphabet.len())).unwrap()
    }

    #[test]
    fn over_ten_digits_it_is_the_check_digit_of_bank_cards() {
        assert_eq!(check("7992739871", "0123456789"), '3');
        assert_eq!(check("401288888888188", "0123456789"), '1');
    }

    #[test]
    fn over_six_letters_it_is_worked_out_by_hand() {
        // a b c d e f are 0 to 5. From the right, doubled ones first: 5→10 is 1+4 in base 6, 4, 3→6
        // is 1+0, 2, 1→2, 0: the sum is 5+4+1+2+2+0 = 14, and 14 + 4 is divided by 6.
        assert_eq!(check("abcdef", "abcdef"), 'e');
    }

    #[test]
    fn a_code_has_the_length_of_its_format_and_its_check_character() {
        let entropy = "00112233445566778899aabbccddeeff".to_owned();
        let mut chance = Chance::new(Some(&entropy), "batch").unwrap();
        let format = CodeFormat { prefix: "NY-".into(), ..CodeFormat::default() };
        for _ in 0..100 {
            let code = make_code(&format, &mut chance);
            let (body, last) = code.strip_prefix("NY-").unwrap().split_at(11);
            assert_eq!(check(body, &format.alphabet).to_string(), last);
        }
    }
}
