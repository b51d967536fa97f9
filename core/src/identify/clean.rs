//! Cleaning: what scanners, keyboards and spreadsheets add to a number is taken off.

/// The text without what is no part of it: white space and apostrophes around it, invisible and
/// control characters, among them the separator FNC1. Full-width forms become plain ones, every
/// kind of white space a space, every kind of dash a hyphen. Cleaning twice changes nothing more.
pub(crate) fn clean(text: &str) -> String {
    let plain: String = text.chars().filter_map(plain).collect();
    let begins = plain.trim_start_matches(|c| c == ' ' || is_apostrophe(c));
    begins.trim_end_matches(' ').to_owned()
}

fn plain(character: char) -> Option<char> {
    match character {
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{ad}'
        | '\u{feff}' => None,
        // Full-width forms stand in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '`' | '´' | '‘' | '’')
}

/// The AIM symbology identifier that some scanners send first, such as `]E0`, and what follows it.
/// Where it stands more than once, the first counts and all are taken off.
pub(crate) fn symbology(text: &str) -> (Option<String>, String) {
    let Some((first, rest)) = split_symbology(text) else {
        return (None, text.to_owned());
    };
    let mut rest = clean(rest);
    while let Some((_, more)) = split_symbology(&rest) {
        rest = clean(more);
    }
    (Some(first.to_owned()), rest)
}

fn split_symbology(text: &str) -> Option<(&str, &str)> {
    let (first, rest) = text.split_at_checked(3)?;
    match first.as_bytes() {
        [b']', letter, modifier]
            if letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
        {
            Some((first, rest))
        }
        _ => None,
    }
}

/// The text with Cyrillic letters that look like Latin ones as those.
pub(crate) fn as_latin(text: &str) -> String {
    let latin = |c| match c {
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        'а' => 'a',
        'в' => 'b',
        'е' => 'e',
        'к' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'т' => 't',
        'у' => 'y',
        'х' => 'x',
        other => other,
    };
    text.chars().map(latin).collect()
}

/// The text without spaces and hyphens: numbers are often printed and typed in groups.
pub(crate) fn compact(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scanners_and_spreadsheets_add_is_taken_off() {
        let forms = [
            "  12345\r\n",
            "\u{a0}12345\u{202f}",
            "'12345",
            "’12345\t",
            "\u{feff}123\u{200b}45",
            "\u{1d}12345",
            "\u{2}12345\u{3}",
            "１２３４５",
            "\u{3000}12345",
        ];
        for form in forms {
            assert_eq!(clean(form), "12345", "{form:?}");
        }
        assert_eq!(clean(" \t\r\n"), "");
        assert_eq!(clean("8\u{a0}993–697"), "8 993-697");
    }

    #[test]
    fn the_symbology_is_told_apart_from_the_number() {
        for (scan, symbology_id) in [
            ("]C1123", "]C1"),
            ("]E0123", "]E0"),
            ("]E4123", "]E4"),
            ("]I1123", "]I1"),
            ("]Q3123", "]Q3"),
            ("]d2\u{1d}123", "]d2"),
        ] {
            assert_eq!(symbology(scan), (Some(symbology_id.into()), "123".into()));
        }
        assert_eq!(symbology("]C1]E0123"), (Some("]C1".into()), "123".into()));
        for scan in ["]", "]C", "C1123", "]11123", "]Я1"] {
            assert_eq!(symbology(scan), (None, scan.into()));
        }
    }

    #[test]
    fn cyrillic_letters_that_look_latin_become_latin() {
        assert_eq!(as_latin("АВЕКМНОРСТУХ"), "ABEKMHOPCTYX");
        assert_eq!(as_latin("авекмнорстух"), "abekmhopctyx");
        assert_eq!(as_latin("Иж-Я"), "Иж-Я");
    }
}
