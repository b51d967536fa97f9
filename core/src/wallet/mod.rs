//! Wallet passes: what a card or a coupon shows on a phone, unsigned.
//!
//! What only the host has is left out for it to add: for Apple `passTypeIdentifier`,
//! `teamIdentifier` and, where the programme names no merchant, `organizationName`; for Google the
//! issuer's id with a dot before `id` of class and object and before `classId`, `issuerName` where
//! no merchant is named, and pictures. No PIN stands anywhere.

mod apple;
mod card;
mod coupon;
mod google;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::Passed;
use crate::command::{PassForm, PassLanguage};
use crate::json::Node;
use crate::program::Localized;
use crate::program::rules::Rules;
use crate::record::RecordHash;
use crate::texts::{self, Language};
pub(crate) use card::card_pass;
pub(crate) use coupon::coupon_pass;

/// A pass before it is written for one wallet.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub style: PassStyle,
    pub state: PassState,
    /// The class of all such passes.
    pub class: String,
    /// This pass: it does not tell the number.
    pub serial: String,
    /// What is scanned: the number of the card, or the code of the coupon.
    pub number: String,
    /// The name of the kind of card or coupon.
    pub title: String,
    pub programme: Option<String>,
    pub merchant: Option<String>,
    pub opens_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// For which instant it is read.
    pub at: Timestamp,
    pub seat: Option<String>,
    /// What it holds, where that is more than a text.
    pub holding: Option<Holding>,
    /// The most important rows, in a corner of the front.
    pub header: Vec<Row>,
    pub primary: Vec<Row>,
    pub secondary: Vec<Row>,
    pub back: Vec<Row>,
    pub language: PassLanguage,
}

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassStyle {
    /// Points, stamps or a discount.
    Loyalty,
    /// Money.
    Gift,
    /// Entries or units.
    Ticket,
    Coupon,
}

/// Whether a pass can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassState {
    Active,
    /// Every use of it was made.
    Completed,
    Expired,
    /// Not yet, or not until it is unblocked, or never again.
    Inactive,
}

/// What a pass holds.
#[derive(Clone, Debug)]
pub(crate) struct Holding {
    pub label: String,
    pub amount: Amount,
    /// The currency of money.
    pub currency: Option<String>,
    /// The amount as a text.
    pub text: String,
}

/// One label with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub key: String,
    pub label: String,
    pub value: String,
    /// Whether the guest is told when the value changes.
    pub told: bool,
}

impl Row {
    fn new(key: &str, label: impl Into<String>, value: impl Into<String>) -> Row {
        Row { key: key.to_owned(), label: label.into(), value: value.into(), told: false }
    }

    fn told(self) -> Row {
        Row { told: true, ..self }
    }
}

/// A pass as the wallet takes it.
pub(crate) fn written(pass: &Pass, form: PassForm) -> Passed {
    let pass = match form {
        PassForm::Apple => apple::pass_json(pass),
        PassForm::Google => google::class_and_object(pass),
    };
    Passed { pass }
}

/// What all passes of a programme say alike.
struct Speech<'a> {
    rules: &'a Rules,
    language: PassLanguage,
}

impl Speech<'_> {
    fn pick<'t>(&self, russian: &'t str, english: &'t str) -> &'t str {
        match self.language {
            PassLanguage::Ru => russian,
            PassLanguage::En => english,
        }
    }

    fn name(&self, name: Option<&Localized>) -> Option<String> {
        name.map(|name| self.pick(&name.ru, &name.en).to_owned())
    }

    fn spoken(&self) -> Language {
        match self.language {
            PassLanguage::Ru => Language::Russian,
            PassLanguage::En => Language::English,
        }
    }

    fn date(&self, at: Timestamp) -> String {
        texts::date(at, &self.rules.document.zone, self.spoken())
    }

    fn until(&self, end: Timestamp) -> Row {
        Row::new("until", self.pick("Действует", "Valid"), self.end(end))
    }

    fn end(&self, end: Timestamp) -> String {
        texts::plain_until(end, &self.rules.document.zone, self.spoken())
    }

    /// A pass with what all have, and nothing on it.
    fn blank(&self, style: PassStyle, kind: &str, number: &str, at: Timestamp) -> Pass {
        let document = &self.rules.document;
        let merchant = document.merchant.as_ref().and_then(|merchant| merchant.name.as_ref());
        Pass {
            style,
            state: PassState::Active,
            class: identifier(&format!("{}.{kind}", document.id)),
            serial: hashed(&format!("{}:{number}", document.id)),
            number: number.to_owned(),
            title: String::new(),
            programme: self.name(document.name.as_ref()),
            merchant: self.name(merchant),
            opens_at: None,
            expires_at: None,
            at,
            seat: None,
            holding: None,
            header: Vec::new(),
            primary: Vec::new(),
            secondary: Vec::new(),
            back: Vec::new(),
            language: self.language,
        }
    }
}

/// The text itself where it has only ASCII letters, digits, `.`, `-` and `_`, else its hash: wallets
/// allow nothing else.
fn identifier(text: &str) -> String {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if text.bytes().all(known) { text.to_owned() } else { hashed(text) }
}

/// The first 32 digits of the SHA-256 in hexadecimal.
fn hashed(text: &str) -> String {
    RecordHash::of(text.as_bytes()).to_string().chars().take(32).collect()
}

/// An object of what is there.
fn object(entries: Vec<(&str, Option<Node>)>) -> Node {
    let there = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let mut there: Vec<(String, Node)> = there.collect();
    // As it is written, so that a pass that was read back is the same.
    there.sort_by(|(one, _), (other, _)| one.cmp(other));
    Node::Map(there)
}

fn text(text: impl Into<String>) -> Option<Node> {
    Some(Node::Text(text.into()))
}

fn list(items: Vec<Node>) -> Option<Node> {
    (!items.is_empty()).then_some(Node::List(items))
}

fn instant(at: Timestamp) -> Option<Node> {
    text(at.to_string())
}

#[cfg(test)]
mod tests;
