//! Phone numbers as ids of guests: every usual way of writing one comes to the same E.164 number.

use crate::program::PhoneRegion;
use crate::program::rules::Rules;
use crate::reason::ReasonCode;

/// A phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phone {
    /// Digits with the country code, without `+`.
    digits: String,
    /// ISO 3166 code of the country, where it is one whose numbers are known here.
    pub country: Option<&'static str>,
}

impl Phone {
    /// The number in E.164, such as `+79936971005`.
    pub fn canonical(&self) -> String {
        format!("+{}", self.digits)
    }

    /// The number as it may be shown: country code and the last four digits.
    pub fn masked(&self) -> String {
        let (country, own) =
            self.digits.split_at(country_code(&self.digits).min(self.digits.len()));
        let hidden = own.len().saturating_sub(4);
        let mut shown = format!("+{country} ");
        for place in 0..hidden {
            // Groups of three, counted from the last hidden one.
            if place > 0 && (hidden - place) % 3 == 0 {
                shown.push(' ');
            }
            shown.push('*');
        }
        let last = own.get(hidden..).unwrap_or("");
        let (one, two) = last.split_at(last.len() / 2);
        format!("{shown}-{one}-{two}")
    }
}

/// How a programme's guests write numbers: as `identify.phones` says, else as in the country of its
/// currency.
pub(crate) fn region(rules: &Rules) -> PhoneRegion {
    let at_home = match rules.document.currency.as_str() {
        "BYN" => PhoneRegion::Belarus,
        "KZT" => PhoneRegion::Kazakhstan,
        "RUB" => PhoneRegion::Russia,
        _ => PhoneRegion::None,
    };
    rules.scans.phones.unwrap_or(at_home)
}

/// A number in E.164; `None` if it is none of a guest.
pub(crate) fn canonical_phone(text: &str, region: PhoneRegion) -> Option<String> {
    read(&super::plain(text), region)?.ok().map(|phone| phone.canonical())
}

/// A number in E.164 as it may be shown.
pub(crate) fn masked_phone(canonical: &str) -> String {
    let digits = canonical.trim_start_matches('+').to_owned();
    Phone { digits, country: None }.masked()
}

/// What a text is as a phone number: `None` if it does not look like one, else the number or why
/// it is refused as an id of a guest.
pub(crate) fn read(text: &str, region: PhoneRegion) -> Option<Result<Phone, ReasonCode>> {
    let text = match text.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest.trim(),
        _ => text,
    };
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let known = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')');
    if !rest.chars().all(known) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    if plus {
        return Some(international(&digits));
    }
    if region != PhoneRegion::None && digits.len() <= 6 {
        return Some(Err(ReasonCode::ScanPhoneShort));
    }
    match region {
        PhoneRegion::None => None,
        PhoneRegion::Russia => home(&digits, "9"),
        PhoneRegion::Kazakhstan => home(&digits, "7"),
        PhoneRegion::Belarus => belarus(&digits),
    }
}

fn international(digits: &str) -> Result<Phone, ReasonCode> {
    match digits.as_bytes() {
        // It may be China's +86 as well as a Russian 8 typed behind a plus: nobody can tell.
        [b'8', ..] => Err(ReasonCode::ScanPhonePlusEight),
        [b'0', ..] => Err(ReasonCode::ScanPhoneUnassigned),
        [b'7', ..] => seven(digits),
        [b'3', b'7', b'5', ..] => of_belarus(digits),
        _ if (8..=15).contains(&digits.len()) => {
            Ok(Phone { digits: digits.to_owned(), country: None })
        }
        _ => Err(ReasonCode::ScanPhoneLength),
    }
}

/// A number in Russia or Kazakhstan as written there; mobile ones may leave the 8 out.
fn home(digits: &str, mobile: &str) -> Option<Result<Phone, ReasonCode>> {
    let first = digits.get(..1)?;
    match (digits.len(), first) {
        (11, "7" | "8") => Some(seven(&format!("7{}", digits.get(1..)?))),
        (10, _) if first == mobile || is_toll_free(digits) => Some(seven(&format!("7{digits}"))),
        (9..=12, "7" | "8" | "9") => Some(Err(ReasonCode::ScanPhoneLength)),
        _ => None,
    }
}

/// A number with the country code 7, which Russia and Kazakhstan share.
fn seven(digits: &str) -> Result<Phone, ReasonCode> {
    let own = digits.get(1..).filter(|own| own.len() == 10).ok_or(ReasonCode::ScanPhoneLength)?;
    let country = match own.as_bytes() {
        _ if is_toll_free(own) => return Err(ReasonCode::ScanPhoneTollFree),
        [b'3' | b'4' | b'8' | b'9', ..] => "RU",
        [b'6' | b'7', ..] => "KZ",
        _ => return Err(ReasonCode::ScanPhoneUnassigned),
    };
    Ok(Phone { digits: digits.to_owned(), country: Some(country) })
}

fn is_toll_free(own: &str) -> bool {
    own.starts_with("800") || own.starts_with("804")
}

fn belarus(digits: &str) -> Option<Result<Phone, ReasonCode>> {
    let with_code = |own: &str| of_belarus(&format!("375{own}"));
    let mobile = |own: &str| ["25", "29", "33", "44"].iter().any(|code| own.starts_with(code));
    match digits.len() {
        11 if digits.starts_with("880") => Some(Err(ReasonCode::ScanPhoneTollFree)),
        11 if digits.starts_with("80") => Some(with_code(digits.get(2..)?)),
        12 if digits.starts_with("375") => Some(of_belarus(digits)),
        9 if mobile(digits) => Some(with_code(digits)),
        9..=13 if digits.starts_with("375") || digits.starts_with("80") => {
            Some(Err(ReasonCode::ScanPhoneLength))
        }
        _ => None,
    }
}

/// A number with the country code 375.
fn of_belarus(digits: &str) -> Result<Phone, ReasonCode> {
    let own = digits.get(3..).filter(|own| own.len() == 9).ok_or(ReasonCode::ScanPhoneLength)?;
    match own.as_bytes() {
        [b'8', ..] => Err(ReasonCode::ScanPhoneTollFree),
        [b'1'..=b'4', ..] => Ok(Phone { digits: digits.to_owned(), country: Some("BY") }),
        _ => Err(ReasonCode::ScanPhoneUnassigned),
    }
}

/// How many digits the country code has (ITU-T E.164).
fn country_code(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PhoneRegion::{Belarus, Kazakhstan, None as Nowhere, Russia};

    fn digits(text: &str, region: PhoneRegion) -> String {
        read(text, region).unwrap().unwrap().digits
    }

    fn fault(text: &str, region: PhoneRegion) -> ReasonCode {
        read(text, region).unwrap().unwrap_err()
    }

    #[test]
    fn every_russian_way_of_writing_comes_to_one_number() {
        for text in [
            "8 993 697-10-05",
            "+7 (993) 697 10 05",
            "79936971005",
            "9936971005",
            "+79936971005",
            "tel:+79936971005",
            "8(993)697.10.05",
        ] {
            assert_eq!(digits(text, Russia), "79936971005", "{text}");
        }
    }

    #[test]
    fn seven_six_and_seven_seven_are_kazakhstan() {
        for (text, country) in [
            ("+77011234567", "KZ"),
            ("+76001234567", "KZ"),
            ("8 701 123-45-67", "KZ"),
            ("+79936971005", "RU"),
            ("+74951234567", "RU"),
        ] {
            assert_eq!(read(text, Russia).unwrap().unwrap().country, Some(country), "{text}");
        }
        assert_eq!(digits("701 123 45 67", Kazakhstan), "77011234567");
        assert_eq!(digits("8 701 123 45 67", Kazakhstan), "77011234567");
        assert_eq!(fault("+75001234567", Kazakhstan), ReasonCode::ScanPhoneUnassigned);
    }

    #[test]
    fn belarusian_ways_of_writing_come_to_one_number() {
        for text in ["+375 29 123-45-67", "375291234567", "8 029 123 45 67", "29 123 45 67"] {
            assert_eq!(digits(text, Belarus), "375291234567", "{text}");
        }
        assert_eq!(fault("8 801 100 20 30", Belarus), ReasonCode::ScanPhoneTollFree);
        assert_eq!(fault("+37529123456", Belarus), ReasonCode::ScanPhoneLength);
    }

    #[test]
    fn what_is_no_id_of_a_guest_is_refused_with_its_reason() {
        for text in ["8-800-555-35-35", "+78005553535", "800 555 35 35", "8 804 333 00 00"] {
            assert_eq!(fault(text, Russia), ReasonCode::ScanPhoneTollFree, "{text}");
        }
        for text in ["112", "0890", "900"] {
            assert_eq!(fault(text, Russia), ReasonCode::ScanPhoneShort, "{text}");
        }
        for text in ["+8 993 697-10-05", "+86 138 0013 8000"] {
            assert_eq!(fault(text, Russia), ReasonCode::ScanPhonePlusEight, "{text}");
        }
        for text in ["+7993697100", "899369710055", "993697100", "+1234567", "+1234567890123456"] {
            assert_eq!(fault(text, Russia), ReasonCode::ScanPhoneLength, "{text}");
        }
        assert_eq!(fault("+0 993 697 10 05", Russia), ReasonCode::ScanPhoneUnassigned);
    }

    #[test]
    fn without_a_region_only_numbers_with_a_plus_are_phones() {
        assert_eq!(digits("+49 30 901820", Nowhere), "4930901820");
        assert_eq!(read("89936971005", Nowhere), None);
        assert_eq!(read("112", Nowhere), None);
        for text in ["", "+", "()", "Ivan", "+7 993 69-ten", "2990000000019"] {
            assert_eq!(read(text, Russia), None, "{text}");
        }
    }

    #[test]
    fn only_the_country_and_the_last_four_digits_are_shown() {
        for (text, masked) in [
            ("+79936971005", "+7 *** ***-10-05"),
            ("+375291234567", "+375 ** ***-45-67"),
            ("+4930901820", "+49 * ***-18-20"),
            ("+68123456", "+681 *-34-56"),
        ] {
            let phone = Phone { digits: text[1..].to_owned(), country: None };
            assert_eq!(phone.masked(), masked);
        }
    }

    #[test]
    fn every_way_of_writing_a_russian_number_comes_to_the_same() {
        for text in [
            "+7 993 697-10-05",
            "8 (993) 697-10-05",
            "7 993 697 10 05",
            "993.697.10.05",
            " 89936971005 ",
        ] {
            let canonical = canonical_phone(text, PhoneRegion::Russia);
            assert_eq!(canonical.as_deref(), Some("+79936971005"), "{text}");
        }
    }

    #[test]
    fn a_number_without_its_country_needs_a_region() {
        assert_eq!(canonical_phone("8 993 697-10-05", PhoneRegion::None), None);
        let belarus = ["375 29 123-45-67", "8 029 123 45 67", "29 123-45-67"];
        for text in belarus {
            let canonical = canonical_phone(text, PhoneRegion::Belarus);
            assert_eq!(canonical.as_deref(), Some("+375291234567"), "{text}");
        }
        let abroad = canonical_phone("+44 20 7946 0958", PhoneRegion::None);
        assert_eq!(abroad.as_deref(), Some("+442079460958"));
    }

    #[test]
    fn what_is_no_number_of_a_guest_is_refused() {
        for text in [
            "",
            "+",
            "anna",
            "993 697",
            "8 800 555-35-35",
            "+8 993 697-10-05",
            "+7 993 697-10-0",
            "+7 993 697-10-055",
            "+0 123 456 789",
            "+123 456",
            "8993697100x",
        ] {
            assert_eq!(canonical_phone(text, PhoneRegion::Russia), None, "{text}");
        }
    }

    #[test]
    fn a_mask_keeps_the_country_and_the_last_four_digits() {
        assert_eq!(masked_phone("+79936971005"), "+7 *** ***-10-05");
        assert_eq!(masked_phone("+375291234567"), "+375 ** ***-45-67");
        assert_eq!(masked_phone("+442079460958"), "+44 *** ***-09-58");
    }
}
