//! What is this scan? One door for whatever a scanner or a keyboard reads.
//!
//! [`read`] looks at the text and the programme alone, so that it is pure; what the book knows of
//! the numbers found is looked up by the verbs.

mod answer;
mod bank;
mod check;
mod clean;
mod mask;
mod miss;
mod payload;
mod phone;
mod track;

pub use answer::{Identified, IdentifiedCoupon, SCAN_BYTES_MAX, ScaleLabel, Scan, ScanKind};
pub use bank::is_bank_card;
pub(crate) use bank::is_prefix_of_banks;
pub use check::check_character;
pub(crate) use check::{is_checked, knows, luhn_check};
pub(crate) use mask::{MASK_MAX, Mask, Parts, VALUE_DIGITS_MAX};
pub(crate) use payload::PAYLOAD_MAX;
pub(crate) use phone::{Phone, canonical_phone, masked_phone, region as phone_region};
pub(crate) use track::TrackTest;

use crate::amount::Amount;
use crate::number::{Fit, fit};
use crate::order::Presented;
use crate::program::rules::{CardRules, Rules, Symbol};
use crate::program::{
    CheckDigit, CustomerNumbers, LinkRule, NumberRange, PhoneRegion, ScaleValue, ScanMeaning,
    ScanPart, code_symbol,
};
use crate::reason::{Reason, ReasonCode};
use check::as_letters;
use clean::{as_latin, clean, compact, symbology};

/// The programme's rules for scans, compiled.
#[derive(Debug, Default)]
pub(crate) struct ScanRules {
    pub customers: Option<CustomerNumbers>,
    pub json_keys: Vec<String>,
    pub links: Vec<LinkRule>,
    pub phones: Option<PhoneRegion>,
    pub forms: Vec<ScanForm>,
    pub tracks: Vec<TrackTest>,
}

/// A form of scans.
#[derive(Debug)]
pub(crate) struct ScanForm {
    pub id: String,
    pub check: CheckDigit,
    pub mask: Mask,
    /// The mask as it is written: the number of a group card.
    pub group: String,
    pub means: ScanMeaning,
}

/// What a scan is as far as the programme can tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub what: ScanKind,
    /// Empty where it must not be repeated or none was found.
    pub number: String,
    /// The kind of card, by its id.
    pub kind: Option<String>,
    pub label: Option<ScaleLabel>,
    pub pattern: Option<String>,
    pub phone: Option<Phone>,
    pub presented: Option<Presented>,
    pub reasons: Vec<Reason>,
    pub shadowed: Vec<String>,
    pub symbology: Option<String>,
    /// The numbers under which it may be known as a card, the likeliest first.
    pub cards: Vec<String>,
    /// The codes, in capitals, under which it may be known as a coupon.
    pub coupons: Vec<String>,
}

/// A text that a number may be meant by.
struct Candidate {
    text: String,
    /// Whether only what is checked by `luhn_mod_n` may be taken for it.
    letters: bool,
}

/// Reads a scan. What is tried, in this order: bank cards, tokens of the engine, magnetic tracks,
/// links, JSON; and for the number found there, or else the scan itself: the forms of
/// `identify.scans`, the number ranges of the cards, phones, numbers of customers, promo codes.
pub(crate) fn read(rules: &Rules, scan: &str) -> Reading {
    let (symbology, text) = symbology(&clean(scan));
    let mut reading = read_text(rules, &text, symbology.as_deref());
    let raw = crate::number::normalise(scan);
    if !reading.cards.is_empty() && symbology.is_none() && raw != text && raw.len() <= PAYLOAD_MAX {
        // A card may have been issued under a number with odd characters in it.
        reading.cards.push(raw.to_owned());
    }
    reading.symbology = symbology;
    reading
}

/// A scan without what scanners add: white space, control characters, its symbology.
pub(crate) fn plain(scan: &str) -> String {
    symbology(&clean(scan)).1
}

fn read_text(rules: &Rules, text: &str, symbology: Option<&str>) -> Reading {
    if text.is_empty() {
        return missed(ReasonCode::ScanEmpty);
    }
    if is_bank_card(text) {
        return bank_card();
    }
    if text.len() > PAYLOAD_MAX {
        let reason = Reason::new(ReasonCode::ScanTooLong).with("maximum", PAYLOAD_MAX);
        return Reading { reasons: vec![reason], ..Reading::default() };
    }
    let found = if payload::is_token(text) {
        return token(rules, text);
    } else if track::is_track(text) {
        track::number(text, &rules.scans.tracks).ok_or(ReasonCode::ScanTrack)
    } else if payload::is_link(text) {
        payload::link_number(text, &rules.scans.links)
    } else if text.starts_with('{') {
        payload::json_number(text, &rules.scans.json_keys)
    } else {
        return number(rules, text, symbology);
    };
    let inner = found.map(|number| clean(&number));
    match inner {
        // A payload in a payload is nobody's number.
        Ok(inner) if inner.is_empty() || is_payload(&inner) => missed(ReasonCode::ScanNested),
        Ok(inner) if is_bank_card(&inner) => bank_card(),
        Ok(inner) => number(rules, &inner, None),
        Err(code) => missed(code),
    }
}

fn is_payload(text: &str) -> bool {
    payload::is_token(text)
        || track::is_track(text)
        || payload::is_link(text)
        || text.starts_with(['{', ']'])
}

fn missed(code: ReasonCode) -> Reading {
    Reading { reasons: vec![Reason::new(code)], ..Reading::default() }
}

fn bank_card() -> Reading {
    Reading { what: ScanKind::BankCard, ..missed(ReasonCode::ScanBankCard) }
}

fn token(rules: &Rules, text: &str) -> Reading {
    match payload::token_number(text) {
        Err(code) => missed(code),
        Ok((number, presented)) => Reading {
            what: ScanKind::Card,
            kind: rules.card_of_number(&number).ok().map(|kind| kind.id.clone()),
            cards: vec![number.clone()],
            number,
            presented: Some(presented),
            ..Reading::default()
        },
    }
}

fn number(rules: &Rules, text: &str, symbology: Option<&str>) -> Reading {
    let is_ean = symbology.is_some_and(|id| id.starts_with("]E"));
    let thirteen = compact(text);
    if !is_ean && bank::is_old_number(&thirteen) && !has_checked_form(rules, &thirteen) {
        // It only looks like one: a card that the book knows under this number is that card.
        return Reading { cards: vec![text.to_owned(), thirteen], ..bank_card() };
    }
    let candidates = candidates(text);
    // What fits with letters read as digits is what those digits would be.
    let plain = |candidate: &Candidate| Candidate { text: candidate.text.clone(), letters: false };
    let fits = |candidate: &&Candidate| by_form(rules, candidate).is_some();
    let fitting = candidates.iter().find(fits).and_then(|found| by_form(rules, &plain(found)));
    let mut reading =
        fitting.or_else(|| by_value(rules, text)).unwrap_or_else(|| miss::unknown(rules, text));
    // What a form cuts out of a scan may be such a number although the scan is none.
    let item = reading.label.as_ref().map(|label| &label.item);
    if is_bank_card(&reading.number) || item.is_some_and(|item| is_bank_card(item)) {
        return bank_card();
    }
    add_lookups(&mut reading, &candidates);
    reading
}

/// Whether a form or range of the programme with a check digit has such numbers: then a wrong check
/// digit is a misread number of that form.
fn has_checked_form(rules: &Rules, number: &str) -> bool {
    let form =
        |form: &ScanForm| form.check != CheckDigit::None && form.mask.parts(number).is_some();
    let range = |range: &NumberRange| {
        let fits = matches!(fit(number, range), Fit::Yes | Fit::CheckDigitWrong);
        range.check != CheckDigit::None && fits
    };
    rules.scans.forms.iter().any(form)
        || rules.cards.iter().any(|kind| kind.numbers.iter().any(range))
}

/// Where the book may know the number.
fn add_lookups(reading: &mut Reading, candidates: &[Candidate]) {
    let mut add_coupon = |text: &str| {
        let code = text.to_ascii_uppercase();
        if !reading.coupons.contains(&code) {
            reading.coupons.push(code);
        }
    };
    match reading.what {
        ScanKind::Coupon => add_coupon(&reading.number),
        ScanKind::Unknown | ScanKind::Customer => {
            candidates.iter().for_each(|candidate| add_coupon(&candidate.text));
        }
        _ => {}
    }
    let may_be_card = matches!(
        reading.what,
        ScanKind::Card | ScanKind::Customer | ScanKind::Phone | ScanKind::Unknown
    );
    if may_be_card {
        for candidate in candidates {
            if !reading.cards.contains(&candidate.text) {
                reading.cards.push(candidate.text.clone());
            }
        }
    }
}

/// The text as it is, without groups, with Latin letters for Cyrillic ones that look the same, and
/// in the alphabet of `luhn_mod_n`.
fn candidates(text: &str) -> Vec<Candidate> {
    let latin = as_latin(text);
    let forms = [text.to_owned(), compact(text), latin.clone(), compact(&latin)];
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |form: String, letters| {
        // What only without its groups looks like a payload is neither a payload nor a number.
        let payload = form != text && is_payload(&form);
        let there = found.iter().any(|one| one.text == form && one.letters == letters);
        if !form.is_empty() && !payload && !there {
            found.push(Candidate { text: form, letters });
        }
    };
    forms.into_iter().for_each(|form| add(form, false));
    add(as_letters(&latin), true);
    found
}

/// The first form of scans or number range that a candidate fits, and those that it fits too.
fn by_form(rules: &Rules, candidate: &Candidate) -> Option<Reading> {
    let mut forms = rules.scans.forms.iter().filter_map(|form| {
        let parts = form.mask.parts(&candidate.text)?;
        let right = is_allowed(candidate, form.check)
            && (form.check == CheckDigit::None
                || is_checked(&candidate.text, form.check) == Some(true));
        right.then_some((form, parts))
    });
    let mut kinds = rules.cards.iter().filter(|kind| {
        let fits = |range: &NumberRange| {
            is_allowed(candidate, range.check) && fit(&candidate.text, range) == Fit::Yes
        };
        kind.numbers.iter().any(fits)
    });
    let mut reading = match forms.next() {
        Some((form, parts)) => of_form(rules, form, &parts, &candidate.text),
        None => of_kind(kinds.next()?, &candidate.text),
    };
    for id in forms.map(|(form, _)| &form.id).chain(kinds.map(|kind| &kind.id)) {
        if reading.kind.as_ref() != Some(id) && !reading.shadowed.contains(id) {
            reading.shadowed.push(id.clone());
        }
    }
    Some(reading)
}

fn is_allowed(candidate: &Candidate, check: CheckDigit) -> bool {
    !candidate.letters || check == CheckDigit::LuhnModN
}

fn of_kind(kind: &CardRules, number: &str) -> Reading {
    Reading {
        what: ScanKind::Card,
        kind: Some(kind.id.clone()),
        number: number.to_owned(),
        ..Reading::default()
    }
}

fn of_form(rules: &Rules, form: &ScanForm, parts: &Parts, whole: &str) -> Reading {
    let number = |part: ScanPart| match part {
        ScanPart::Whole => whole.to_owned(),
        ScanPart::Places => parts.places.clone(),
    };
    let plain = |what, part| Reading { what, number: number(part), ..Reading::default() };
    let mut reading = match &form.means {
        ScanMeaning::Card(kind) => Reading {
            what: ScanKind::Card,
            kind: Some(kind.clone()),
            number: whole.to_owned(),
            cards: vec![whole.to_owned(), form.group.clone()],
            ..Reading::default()
        },
        ScanMeaning::Coupon(part) => plain(ScanKind::Coupon, *part),
        ScanMeaning::Goods(part) => plain(ScanKind::Goods, *part),
        ScanMeaning::Guest(part) => plain(ScanKind::Guest, *part),
        ScanMeaning::ScaleLabel(value) => Reading {
            label: Some(scale_label(rules, *value, parts)),
            ..plain(ScanKind::ScaleLabel, ScanPart::Whole)
        },
    };
    reading.pattern = Some(form.id.clone());
    reading
}

fn scale_label(rules: &Rules, value: ScaleValue, parts: &Parts) -> ScaleLabel {
    let units: i64 = parts.value.parse().unwrap_or(0);
    let item = parts.item.clone();
    match value {
        ScaleValue::Weight => ScaleLabel { grams: Some(units), item, price: None },
        ScaleValue::Price => {
            let price = Amount { units, digits: rules.currency_digits };
            ScaleLabel { grams: None, item, price: Some(price) }
        }
    }
}

/// A phone, a number of a customer, or a promo code.
fn by_value(rules: &Rules, text: &str) -> Option<Reading> {
    let phone = rules.scans.phones.and_then(|region| phone::read(text, region));
    if let Some(Ok(phone)) = phone {
        return Some(Reading { what: ScanKind::Phone, phone: Some(phone), ..Reading::default() });
    }
    let customer = rules.scans.customers.as_ref().and_then(|numbers| customer(text, numbers));
    if let Some(number) = customer {
        let (what, number) = (ScanKind::Customer, number.to_owned());
        return Some(Reading { what, number, ..Reading::default() });
    }
    let codes = [text.to_owned(), as_latin(text)];
    let known = codes.into_iter().find(|code| {
        let symbol = rules.symbols.find(&code_symbol(code));
        symbol != Symbol::default()
    });
    known.map(|number| Reading { what: ScanKind::Coupon, number, ..Reading::default() })
}

fn customer<'t>(text: &'t str, numbers: &CustomerNumbers) -> Option<&'t str> {
    let digits = customer_digits(text, numbers)?;
    let lengths = usize::from(numbers.length_min)..=usize::from(numbers.length_max);
    lengths.contains(&digits.len()).then_some(digits)
}

/// The digits behind the prefix, or alone.
fn customer_digits<'t>(text: &'t str, numbers: &CustomerNumbers) -> Option<&'t str> {
    let rest = text.strip_prefix(&numbers.prefix).unwrap_or(text).trim();
    let digits = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(rest)
}

#[cfg(test)]
mod tests;
