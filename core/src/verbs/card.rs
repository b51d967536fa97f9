//! Cards: balance; and division without any rules.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::admit;
use crate::allocation::{AllocationPolicy, Part, allocate as divide};
use crate::amount::{self, Amount, QUANTITY_DIGITS, currency_digits};
use crate::answer::{Allocated, AllocatedLine, Answer, CardAnswer};
use crate::command::{Allocate, CardQuery};
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::normalise;
use crate::order::prepare::begun_units;
use crate::pricing::{linked_view, quote::sub_line_quote};
use crate::program::rules::Rules;
use crate::slice::{CardState, Slice, presentation_of};
use crate::subline::sub_lines;

/// An amount that a document names, in smallest units; what is wrong with it is noted.
pub(super) fn units(value: Decimal, digits: u8, path: &str, mistakes: &mut Vec<Mistake>) -> i64 {
    if value < Decimal::ZERO {
        let message = format!("`{}` must not be negative", value.normalize());
        mistakes.push(Mistake::new(ErrorCode::AmountSign, path, message));
        return 0;
    }
    amount::to_units(value, digits).unwrap_or_else(|(code, message)| {
        mistakes.push(Mistake::new(code, path, message));
        0
    })
}

pub(super) fn balance(
    rules: &Rules,
    slice: &Slice,
    query: &CardQuery,
    at: Timestamp,
) -> Result<Answer, Error> {
    let number = normalise(&query.card);
    let proof = query.presentation.as_deref();
    let proof = Proof { office: query.office, presentation: proof };
    let own = slice.card(asked_card(rules, slice, number, proof, at)?);
    let card = linked_view(rules, slice, number, at).unwrap_or_default();
    Ok(Answer::Card(CardAnswer {
        admissions: own.map(|card| admit::admissions(rules, card)).unwrap_or_default(),
        card,
        reasons: own.map(|card| admit::doubles(rules, card)).unwrap_or_default(),
        ..CardAnswer::default()
    }))
}

/// What lets somebody ask what is on a card with a PIN.
#[derive(Clone, Copy)]
pub(crate) struct Proof<'a> {
    /// The back office asks.
    pub office: bool,
    /// The id of the record of a `present` that was accepted.
    pub presentation: Option<&'a str>,
}

/// The number of the card that is asked about, if whoever asks may know. Of a kind with PINs a
/// known and an unknown number answer alike.
pub(crate) fn asked_card<'a>(
    rules: &Rules,
    slice: &'a Slice,
    number: &'a str,
    proof: Proof<'_>,
    at: Timestamp,
) -> Result<&'a str, Error> {
    let own = slice.resolve(number);
    let card = slice.card(own);
    if has_pin(rules, card, number) && !proof.office {
        let minutes = rules.document.presenting.valid_minutes;
        let proved = card.and_then(|card| presentation_of(card, proof.presentation, minutes, at));
        if proved.is_none() {
            let message = "such a card is shown only after it was presented with its PIN";
            return Err(Error::new(ErrorCode::CardPinNeeded, "/card", message));
        }
    }
    if card.is_none() {
        let message = format!("there is no card `{number}`");
        return Err(Error::new(ErrorCode::CardUnknown, "/card", message));
    }
    Ok(own)
}

/// Whether a number is, or would be, that of a card whose kind has PINs.
fn has_pin(rules: &Rules, card: Option<&CardState>, number: &str) -> bool {
    let kind = match card {
        Some(card) => rules.card_named(&card.kind),
        None => rules.card_of_number(number).ok(),
    };
    kind.is_some_and(|kind| kind.pin.is_some())
}

pub(super) fn allocate(rules: &Rules, input: &Allocate) -> Result<Answer, Error> {
    let mut mistakes = Vec::new();
    let digits = match &input.currency {
        None => rules.currency_digits,
        Some(code) => currency_digits(code).unwrap_or_else(|| {
            let message = format!("`{code}` is no currency code such as RUB");
            mistakes.push(Mistake::new(ErrorCode::ProgramCurrency, "/currency", message));
            2
        }),
    };
    let total = units(input.amount, digits, "/amount", &mut mistakes);
    let mut parts = Vec::with_capacity(input.lines.len());
    for (index, line) in input.lines.iter().enumerate() {
        let place = |key: &str| format!("/lines/{index}/{key}");
        let weight = units(line.amount, digits, &place("amount"), &mut mistakes);
        let floor = line.floor.unwrap_or_default();
        let mut floor = units(floor, digits, &place("floor"), &mut mistakes);
        let quantity = units(line.quantity, QUANTITY_DIGITS, &place("quantity"), &mut mistakes);
        if quantity == 0 {
            let message = "the quantity must be above zero";
            mistakes.push(Mistake::new(ErrorCode::OrderQuantity, place("quantity"), message));
        }
        if !input.policy.zero_price {
            floor = floor.max(begun_units(quantity));
        }
        let capacity = (weight - floor).max(0);
        parts.push(Part { weight, quantity, capacity, eligible: !line.excluded });
    }
    let sum: i128 = parts.iter().map(|part| i128::from(part.weight)).sum();
    if sum > i128::from(amount::AMOUNT_MAX) {
        mistakes.push(Mistake::new(ErrorCode::OrderTotal, "/lines", "the total is too large"));
    }
    if !mistakes.is_empty() {
        return Err(mistakes.into());
    }
    let policy = &input.policy;
    let division = AllocationPolicy {
        spread: policy.spread,
        residue: policy.residue,
        blocked: policy.blocked,
    };
    let divided = divide(total, &parts, &division);
    let money = |units| Amount { units, digits };
    let line = |(part, share): (&Part, &i64)| {
        let due = part.weight - share;
        let sub_lines = sub_lines(due, part.quantity, policy.units);
        AllocatedLine {
            due: money(due),
            share: money(*share),
            sub_lines: sub_lines.iter().map(|part| sub_line_quote(part, digits)).collect(),
        }
    };
    Ok(Answer::Allocated(Allocated {
        clipped: money(divided.clipped),
        lines: parts.iter().zip(&divided.shares).map(line).collect(),
    }))
}
