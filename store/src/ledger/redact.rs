//! Replacing what names a person or a card by what stands for it, the same everywhere.

use std::collections::BTreeMap;

use kopilka::json::Node;

/// The fields whose texts are a person's name or a host's words.
const NAMES: [&str; 6] = ["by", "cashier", "correlation", "key", "operator", "reason"];
/// From how many characters on a card's number is found inside other texts.
const INSIDE_FROM: usize = 8;
/// From how many characters on a guest's id is replaced.
const ID_FROM: usize = 4;
/// From how many digits on a number in a sentence may be a card's or a telephone's.
const NUMBER_FROM: usize = 7;
/// How many numbers are tried for one that has the form of a card's.
const TRIES: u64 = 100_000;

/// What is replaced by what. Whatever is replaced once is replaced so everywhere.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    replaced: BTreeMap<String, String>,
    /// What is replaced in fields that name people only: it may be as short as a line's number.
    names: BTreeMap<String, String>,
    used: u64,
}

impl Redaction {
    /// Replaces a card's number by another of the same length, with the same beginning, end and
    /// check digit; what is too short for that keeps its first character only. False if none is
    /// found.
    pub fn card(&mut self, number: &str) -> bool {
        if self.replaced.contains_key(number) {
            return true;
        }
        let all: Vec<char> = number.chars().collect();
        let (front, back) = match all.len() {
            0..=3 => (0, 0),
            4..=7 => (1, 0),
            8..=11 => (2, 2),
            _ => (4, 2),
        };
        let start: String = all.iter().take(front).collect();
        let end: String = all.iter().skip(all.len().saturating_sub(back)).collect();
        let width = all.len().saturating_sub(front + back);
        for _ in 0..TRIES {
            self.used += 1;
            let middle = format!("{:0width$}", self.used);
            if middle.len() > width {
                return false;
            }
            let other = format!("{start}{middle}{end}");
            let known = self.replaced.iter().any(|(one, two)| *one == other || *two == other);
            if other != number && !known && checks(&other) == checks(number) {
                self.replaced.insert(number.to_owned(), other);
                return true;
            }
        }
        false
    }

    /// Replaces a guest's id by another, unless it is so short that it could be anything: then it
    /// names nobody to others either.
    pub fn guest(&mut self, guest: &str) {
        if guest.len() >= ID_FROM && !self.replaced.contains_key(guest) {
            self.used += 1;
            self.replaced.insert(guest.to_owned(), format!("guest-{}", self.used));
        }
    }

    /// Replaces one text by another.
    pub fn put(&mut self, from: String, to: String) {
        if from != to {
            self.replaced.insert(from, to);
        }
    }

    /// Finds the names in a document that are to be replaced.
    pub fn find_names(&mut self, node: &Node) {
        match node {
            Node::Map(entries) => {
                for (field, inner) in entries {
                    match inner {
                        Node::Text(text) if is_name(field, text) => {
                            self.used += 1;
                            let other = format!("{field}-{}", self.used);
                            self.names.entry(text.clone()).or_insert(other);
                        }
                        inner => self.find_names(inner),
                    }
                }
            }
            Node::List(items) => items.iter().for_each(|item| self.find_names(item)),
            Node::Text(text) if is_phone(text) && !self.replaced.contains_key(text) => {
                self.used += 1;
                self.replaced.insert(text.clone(), format!("phone-{}", self.used));
            }
            _ => {}
        }
    }

    /// A document with everything replaced.
    pub fn node(&self, node: &Node) -> Node {
        match node {
            Node::Map(entries) => Node::Map(
                entries
                    .iter()
                    .map(|(name, node)| (self.text(name), self.field(name, node)))
                    .collect(),
            ),
            Node::List(items) => Node::List(items.iter().map(|item| self.node(item)).collect()),
            Node::Text(text) => Node::Text(self.text(text)),
            other => other.clone(),
        }
    }

    fn field(&self, name: &str, node: &Node) -> Node {
        let text = node.text().filter(|text| is_name(name, text));
        let other = text.filter(|text| !self.replaced.contains_key(*text));
        let other = other.and_then(|text| self.names.get(text));
        other.map_or_else(|| self.node(node), |other| Node::Text(other.clone()))
    }

    /// A text with everything replaced: the whole of it, or a name within that stands apart.
    pub fn text(&self, text: &str) -> String {
        if let Some(whole) = self.replaced.get(text) {
            return whole.clone();
        }
        let mut text = text.to_owned();
        for (from, to) in &self.replaced {
            let marked = |mark: &str| (format!("{mark}{from}"), format!("{mark}{to}"));
            if from.len() >= INSIDE_FROM {
                text = text.replace(from, to);
            } else if text.ends_with(&format!(":{from}")) || text.contains(&format!(":{from}\"")) {
                let (from, to) = marked(":");
                text = text.replace(&from, &to);
            } else if text.contains(&format!("\"{from}\"")) {
                text = text.replace(&format!("\"{from}\""), &format!("\"{to}\""));
            }
        }
        text
    }
}

/// Whether a field names a person, or holds a host's words. Who used a coupon may be a card, which is
/// replaced as such.
fn is_name(field: &str, text: &str) -> bool {
    NAMES.contains(&field) && !(field == "by" && text.starts_with("card:"))
}

/// A sentence without what it quotes and without long numbers: what is left says what is wrong, and
/// not with whose.
pub(super) fn blotted(text: &str) -> String {
    let mut told = String::new();
    for (place, part) in text.split('`').enumerate() {
        match place % 2 {
            0 => told.push_str(&without_numbers(part)),
            _ => told.push_str("`…`"),
        }
    }
    told
}

fn without_numbers(text: &str) -> String {
    let (mut told, mut digits) = (String::new(), String::new());
    // The end comes once more, so that a number at the end is told too.
    for letter in text.chars().map(Some).chain([None]) {
        if let Some(digit) = letter.filter(char::is_ascii_digit) {
            digits.push(digit);
            continue;
        }
        match digits.len() < NUMBER_FROM {
            true => told.push_str(&digits),
            false => told.push('…'),
        }
        digits.clear();
        told.extend(letter);
    }
    told
}

/// Whether a text is a telephone number as the engine writes one.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    digits.len() >= 10 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the last digit is that of GS1, and that of Luhn, for those before it.
fn checks(number: &str) -> (bool, bool) {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits else { return (false, false) };
    let odd = |place: usize| place % 2 == 1;
    let gs1: u32 = digits.iter().enumerate().map(|(n, d)| if odd(n) { 3 * d } else { *d }).sum();
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let luhn: u32 =
        digits.iter().enumerate().map(|(n, d)| if odd(n) { doubled(*d) } else { *d }).sum();
    (gs1.is_multiple_of(10), luhn.is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_keeps_its_form_and_is_replaced_wherever_it_stands() {
        let mut redaction = Redaction::default();
        // 4006381333931 is the example of an EAN-13 in GS1's own texts.
        assert!(redaction.card("4006381333931"));
        let other = redaction.text("4006381333931");
        assert!(other.starts_with("4006") && other.ends_with("31") && other.len() == 13);
        assert_ne!(other, "4006381333931");
        assert!(checks(&other).0);
        assert_eq!(redaction.text("card:4006381333931"), format!("card:{other}"));
    }

    #[test]
    fn a_short_number_is_replaced_whole_and_not_inside_amounts() {
        let mut redaction = Redaction::default();
        assert!(redaction.card("1001"));
        assert_ne!(redaction.text("1001"), "1001");
        assert_ne!(redaction.text("card:1001"), "card:1001");
        assert_eq!(redaction.text("1001.00"), "1001.00");
    }

    #[test]
    fn a_sentence_loses_what_it_quotes_and_long_numbers_only() {
        assert_eq!(
            blotted("the record till-1/1/123456 names `anna` and the card 4006381333931"),
            "the record till-1/1/123456 names `…` and the card …"
        );
        assert_eq!(blotted("call +7 (916) 1234567"), "call +7 (916) …");
        assert_eq!(blotted("a `b"), "a `…`");
    }

    #[test]
    fn a_name_with_a_colon_is_a_name_and_a_coupons_card_is_a_card() {
        assert!(is_name("cashier", "Смена 1: Мария"));
        assert!(is_name("key", "sale:17"));
        assert!(is_name("by", "Мария"));
        assert!(!is_name("by", "card:1001"));
        assert!(!is_name("store", "Мария"));
    }
}
