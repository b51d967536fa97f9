//! Search for guests by card, id, telephone number or name.

use std::collections::BTreeSet;

use super::guest::{guest_view, region};
use crate::answer::{Answer, Found};
use crate::command::{Personal, Search};
use crate::identify::canonical_phone;
use crate::number::normalise;
use crate::program::rules::Rules;
use crate::reason::{Reason, ReasonCode};
use crate::slice::Slice;

/// The fewest digits of a telephone number, and the fewest letters of a word.
const DIGITS_MIN: usize = 4;
const LETTERS_MIN: usize = 3;

pub(super) fn search(rules: &Rules, slice: &Slice, input: &Search) -> Answer {
    let text = normalise(&input.text);
    let limit = usize::try_from(input.limit).unwrap_or(usize::MAX);
    let ids = candidates(rules, slice, input);
    let mut reasons = Vec::new();
    if let Some(least) = Part::of(text).missing().filter(|_| ids.is_empty()) {
        reasons.push(Reason::new(ReasonCode::SearchTooShort).with("least", least));
    }
    let alive = ids.into_iter().filter_map(|id| slice.guest(id));
    let mut guests: Vec<_> = alive
        .filter(|(_, guest)| !guest.erased)
        .take(limit.saturating_add(1))
        .map(|(id, guest)| guest_view(slice, id, guest))
        .collect();
    let more = guests.len() > limit;
    guests.truncate(limit);
    slice.with_masks(Answer::Found(Found { guests, more, reasons }))
}

/// The guests whom a search may find, in the order of their ids.
pub(crate) fn candidates<'s>(
    rules: &Rules,
    slice: &'s Slice,
    input: &'s Search,
) -> BTreeSet<&'s str> {
    let text = normalise(&input.text);
    let limit = usize::try_from(input.limit).unwrap_or(usize::MAX);
    let mut ids = exact(rules, slice, text);
    let part = Part::of(text);
    if part.missing().is_none() {
        // Profiles stand in the order of ids: what comes after the first too many is not shown.
        let fits = slice.profiles().iter().filter(|(_, profile)| part.fits(profile));
        ids.extend(fits.map(|(id, _)| id.as_str()).take(limit.saturating_add(1)));
    }
    ids
}

/// Whether a search looks at what is personal of every guest.
pub(crate) fn looks_at_everybody(input: &Search) -> bool {
    Part::of(normalise(&input.text)).missing().is_none()
}

/// The guests whom a text names as a whole: by a card, by their id or by their telephone number.
fn exact<'s>(rules: &Rules, slice: &'s Slice, text: &'s str) -> BTreeSet<&'s str> {
    let card = slice.card(slice.resolve(text));
    let of_card = card.into_iter().flat_map(|card| card.guest.iter().chain(&card.shared));
    let named = of_card.map(String::as_str).chain([text]);
    let phone = canonical_phone(text, region(rules));
    let of_phone = phone.and_then(|phone| slice.profiles().with_phone(&phone));
    named.chain(of_phone).filter_map(|id| slice.guest(id)).map(|(id, _)| id).collect()
}

/// A part of a telephone number or of a name.
enum Part {
    Digits(String),
    Letters(String),
}

impl Part {
    fn of(text: &str) -> Part {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let separates = |c: char| matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '+');
        let no_other = text.chars().all(|c| c.is_ascii_digit() || separates(c));
        if no_other && !digits.is_empty() {
            Part::Digits(digits)
        } else {
            Part::Letters(plain(text))
        }
    }

    /// How many digits or letters it must have, if it has fewer.
    fn missing(&self) -> Option<i64> {
        let (has, least) = match self {
            Part::Digits(digits) => (digits.len(), DIGITS_MIN),
            Part::Letters(text) => {
                (text.chars().filter(|c| c.is_alphabetic()).count(), LETTERS_MIN)
            }
        };
        (has < least).then(|| i64::try_from(least).unwrap_or(0))
    }

    fn fits(&self, profile: &Personal) -> bool {
        match self {
            Part::Digits(digits) => {
                profile.phone.as_ref().is_some_and(|phone| phone.ends_with(digits))
            }
            Part::Letters(beginning) => profile.name.as_ref().is_some_and(|name| {
                let name = plain(name);
                let begins = |(place, _): (usize, char)| {
                    let rest = name.get(place..).unwrap_or("");
                    let before = name.get(..place).and_then(|text| text.chars().next_back());
                    before.is_none_or(|c| !c.is_alphanumeric()) && rest.starts_with(beginning)
                };
                name.char_indices().any(begins)
            }),
        }
    }
}

/// A text as it is compared: small letters, ё as е, words one space apart.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace('ё', "е");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, name: &str, phone: &str) -> bool {
        let profile =
            Personal { name: Some(name.into()), phone: Some(phone.into()), ..Personal::default() };
        let part = Part::of(text);
        part.missing().is_none() && part.fits(&profile)
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_word() {
        for text in ["алё", "АЛЕ", "Алёна", "соло", "алена соло", "Соловьёва-К"]
        {
            assert!(finds(text, "Алёна Соловьёва-Ким", "+79936971005"), "{text}");
        }
        for text in ["ал", "лёна", "ловьёва", "соловьёва алёна", "кимова"]
        {
            assert!(!finds(text, "Алёна Соловьёва-Ким", "+79936971005"), "{text}");
        }
    }

    #[test]
    fn a_telephone_number_is_found_by_its_last_digits() {
        for text in ["1005", "10-05", "697-10-05", "936971005"] {
            assert!(finds(text, "Anna", "+79936971005"), "{text}");
        }
        for text in ["005", "9936", "1006"] {
            assert!(!finds(text, "Anna", "+79936971005"), "{text}");
        }
    }
}
