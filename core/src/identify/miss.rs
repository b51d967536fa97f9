//! Why a number is nothing that is known: what it nearly was.

use super::clean::{as_latin, compact};
use super::{Reading, ScanForm, customer_digits, is_checked, phone};
use crate::number::{Fit, fit};
use crate::program::CheckDigit;
use crate::program::rules::{CardRules, Rules};
use crate::reason::{Reason, ReasonCode};

/// The most near misses that are told.
const NEAR_MAX: usize = 8;

/// The reading of a number that fits nothing.
pub(super) fn unknown(rules: &Rules, text: &str) -> Reading {
    let latin = as_latin(text);
    let plain = compact(&latin);
    let refused = rules.scans.phones.and_then(|region| phone::read(text, region)?.err());
    let hidden = refused.is_some() && text.starts_with('+');
    let mut reasons = Vec::new();
    if !hidden {
        // Without its groups it can only be misread: a number that fits was taken already.
        let code = rules.card_of_number(&plain).err().unwrap_or(ReasonCode::CardNumber);
        reasons.push(Reason::new(code).with("card", text));
    }
    reasons.extend(refused.map(Reason::new));
    let forms = rules.scans.forms.iter();
    let forms =
        forms.filter_map(|form| near_form(form, &latin).or_else(|| near_form(form, &plain)));
    let kinds = rules.cards.iter().filter_map(|kind| near_kind(kind, &latin, &plain));
    let before = reasons.len();
    reasons.extend(forms.chain(kinds).take(NEAR_MAX));
    if reasons.len() == before {
        // A misread card is not a customer's number that is too long.
        reasons.extend(wrong_length_customer(rules, text));
    }
    let number = if hidden { String::new() } else { text.to_owned() };
    Reading { number, reasons, ..Reading::default() }
}

fn near(code: ReasonCode, rule: &str) -> Reason {
    Reason::new(code).with("rule", rule)
}

fn near_form(form: &ScanForm, text: &str) -> Option<Reason> {
    if form.mask.parts(text).is_some() {
        return Some(near(ReasonCode::ScanCheckDigit, &form.id));
    }
    let prefix = form.mask.prefix();
    if form.mask.length() != text.chars().count() {
        let begins = !prefix.is_empty() && text.starts_with(&prefix);
        return begins.then(|| near(ReasonCode::ScanLength, &form.id));
    }
    let confirmed = form.check != CheckDigit::None && is_checked(text, form.check) == Some(true);
    (confirmed && !text.starts_with(&prefix)).then(|| near(ReasonCode::ScanPrefix, &form.id))
}

/// The nearest that a number comes to the ranges of a card.
fn near_kind(kind: &CardRules, text: &str, plain: &str) -> Option<Reason> {
    let code = |fit| match fit {
        Fit::CheckDigitWrong => Some(ReasonCode::ScanCheckDigit),
        Fit::Length => Some(ReasonCode::ScanLength),
        Fit::Prefix => Some(ReasonCode::ScanPrefix),
        Fit::Yes | Fit::No => None,
    };
    let fits = kind.numbers.iter().flat_map(|range| [fit(text, range), fit(plain, range)]);
    fits.filter_map(code).min().map(|code| near(code, &kind.id))
}

fn wrong_length_customer(rules: &Rules, text: &str) -> Option<Reason> {
    let numbers = rules.scans.customers.as_ref()?;
    customer_digits(text, numbers)?;
    let reason = Reason::new(ReasonCode::ScanCustomerNumber);
    Some(reason.with("minimum", numbers.length_min).with("maximum", numbers.length_max))
}
