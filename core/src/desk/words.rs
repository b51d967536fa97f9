//! Words of customers as they are compared with keywords.

/// A text as it is compared: small letters, `ё` as `е`, and one space before, between and after words.
fn comparable(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push(' ');
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ё' => result.push('е'),
            letter if letter.is_alphanumeric() => result.push(letter),
            _ if result.ends_with(' ') => {}
            _ => result.push(' '),
        }
    }
    if !result.ends_with(' ') {
        result.push(' ');
    }
    result
}

/// The beginnings of one or several words, as they are compared.
#[derive(Debug)]
pub(crate) struct Keyword {
    text: String,
    /// Its first eight bytes, and which of them there are: most words differ in them.
    first: u64,
    mask: u64,
}

impl Keyword {
    pub fn new(word: &str) -> Keyword {
        let text = comparable(word).trim().to_owned();
        let there = text.len().min(8);
        let mask = (0..there).fold(0, |mask, place| mask | (0xff << (56 - 8 * place)));
        Keyword { first: first_bytes(text.as_bytes()), mask, text }
    }

    /// Whether nothing is left of it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// The first eight bytes as a number; zeros where there are fewer.
fn first_bytes(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(text).for_each(|(byte, of_text)| *byte = *of_text);
    u64::from_be_bytes(bytes)
}

/// A text in which many keywords are looked for.
#[derive(Debug)]
pub(crate) struct Words {
    text: String,
    /// Where words begin, and their first eight bytes.
    starts: Vec<(usize, u64)>,
}

impl Words {
    pub fn new(text: &str) -> Words {
        let text = comparable(text);
        let spaces = text.bytes().enumerate().filter(|(_, byte)| *byte == b' ');
        let start = |(place, _)| {
            let place = place + 1;
            (place, first_bytes(text.as_bytes().get(place..).unwrap_or_default()))
        };
        let starts = spaces.map(start).collect();
        Words { text, starts }
    }

    /// Whether it has a keyword: the beginnings of words that stand one after another.
    pub fn has(&self, keyword: &Keyword) -> bool {
        self.starts.iter().any(|(start, first)| {
            first & keyword.mask == keyword.first
                && self.text.get(*start..).is_some_and(|rest| rest.starts_with(&keyword.text))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, keyword: &str) -> bool {
        Words::new(text).has(&Keyword::new(keyword))
    }

    #[test]
    fn a_keyword_is_the_beginning_of_a_word_in_any_case() {
        assert!(has("УТЕЧКА данных!", "утечк"));
        assert!(has("Всё упало", "все упал"));
        assert!(has("The API is DOWN.", "down"));
        assert!(!has("Прохладно", "лад"));
        assert!(!has("shutdown", "down"));
    }

    #[test]
    fn words_of_a_keyword_stand_one_after_another() {
        assert!(has("касса не   работает, для всех", "не работает для всех"));
        assert!(!has("работает не для всех", "не работает"));
    }
}
