//! Cards: issue, identify, balance; and division without any rules.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::draft::{Draft, place_of};
use super::grant;
use crate::allocation::{AllocationPolicy, Part, allocate as divide};
use crate::amount::{self, Amount, QUANTITY_DIGITS, currency_digits};
use crate::answer::{Allocated, AllocatedLine, Answer, CardAnswer, Identified};
use crate::command::{Allocate, CardQuery, Identify, Issue, OpeningLot};
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::{Fit, fit, normalise};
use crate::order::prepare::begun_units;
use crate::pricing::{card_view, quote::sub_line_quote};
use crate::program::rules::{CardRules, Rules};
use crate::reason::{Reason, ReasonCode};
use crate::record::{CardIssued, Effect, Lot, LotOpened, Record, Referred, SpendCounted};
use crate::slice::{OPENING, Slice};
use crate::subline::sub_lines;

pub(super) fn issue(mut draft: Draft<'_>, input: &Issue) -> Result<Record, Error> {
    let number = normalise(&input.card);
    if draft.slice.card(number).is_some() {
        let message = format!("the card `{number}` exists already");
        return Err(Error::new(ErrorCode::CardExists, "/card", message));
    }
    let mut mistakes = Vec::new();
    let referrer = input.referred_by.as_ref().map(|by| normalise(by));
    if let Some(by) = referrer.filter(|by| draft.slice.card(by).is_none()) {
        let message = format!("there is no card `{by}`");
        mistakes.push(Mistake::new(ErrorCode::CardUnknown, "/referred_by", message));
    }
    let kind = issued_kind(&draft, input, number, &mut mistakes);
    let spent = input
        .spent
        .map_or(0, |spent| units(spent, draft.rules.currency_digits, "/spent", &mut mistakes));
    let opening: Vec<_> = input
        .opening
        .iter()
        .enumerate()
        .filter_map(|(index, lot)| opening_lot(&draft, kind?, lot, index, &mut mistakes))
        .collect();
    let Some(kind) = kind.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes.into());
    };
    draft.set_day(input.store.as_ref());
    draft.push(Effect::CardIssued(CardIssued {
        card: number.to_owned(),
        guest: input.guest.clone(),
        kind: kind.id.clone(),
    }));
    if spent > 0 {
        draft.push(Effect::SpendCounted(SpendCounted {
            amount: Amount { units: spent, digits: draft.rules.currency_digits },
            at: draft.at,
            card: number.to_owned(),
            day: draft.day.to_string(),
            purchases: 0,
        }));
    }
    for (points, amount, source) in opening {
        open_lot(&mut draft, number, points, amount, source);
    }
    if let Some(by) = referrer {
        let (by, card) = (by.to_owned(), number.to_owned());
        draft.push(Effect::Referred(Referred { by, card }));
    }
    let place = place_of!(input);
    let rules = draft.rules;
    let welcome = kind.welcome.and_then(|grant| rules.grants.get(grant));
    if let Some(grant) = welcome.filter(|grant| kind.holds(grant.points)) {
        grant::give(&mut draft, grant, number, &place);
    }
    let card = draft.view(number).unwrap_or_default();
    let answer = Answer::Card(CardAnswer { card, record: Some(draft.id.clone()) });
    draft.finish(answer, &place)
}

fn issued_kind<'a>(
    draft: &Draft<'a>,
    input: &Issue,
    number: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<&'a CardRules> {
    if number.is_empty() || number.len() > 64 {
        let message = "a card's number has 1 to 64 bytes";
        mistakes.push(Mistake::new(ErrorCode::CardNumber, "/card", message));
        return None;
    }
    let rules = draft.rules;
    let kind = match &input.kind {
        Some(id) => {
            let kind = rules.card_named(id);
            if kind.is_none() {
                let message = format!("the programme has no card `{id}`");
                mistakes.push(Mistake::new(ErrorCode::ProgramReference, "/kind", message));
            }
            kind?
        }
        None => match rules.card_of_number(number) {
            Ok(kind) => return Some(kind),
            Err(reason) => {
                mistakes.push(Mistake::new(ErrorCode::CardNumber, "/card", number_message(reason)));
                return None;
            }
        },
    };
    let fits = kind.numbers.iter().any(|range| fit(number, range) == Fit::Yes);
    if !fits && !kind.numbers.is_empty() {
        let message = format!("the number fits none of the ranges of card `{}`", kind.id);
        mistakes.push(Mistake::new(ErrorCode::CardNumber, "/card", message));
    }
    Some(kind)
}

fn number_message(reason: ReasonCode) -> &'static str {
    match reason {
        ReasonCode::CardCheckDigit => "the number's check digit is wrong; read it again",
        _ => "the number fits none of the programme's cards",
    }
}

fn units(value: Decimal, digits: u8, path: &str, mistakes: &mut Vec<Mistake>) -> i64 {
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

fn opening_lot<'a>(
    draft: &Draft<'_>,
    kind: &CardRules,
    lot: &'a OpeningLot,
    index: usize,
    mistakes: &mut Vec<Mistake>,
) -> Option<(usize, i64, &'a OpeningLot)> {
    let path = format!("/opening/{index}");
    let named = |points: &&usize| match (&lot.points, draft.rules.points.get(**points)) {
        (Some(id), Some(held)) => *id == held.id,
        (None, _) => true,
        _ => false,
    };
    let points = kind.points.iter().find(named).copied();
    let Some(held) = points.and_then(|points| draft.rules.points.get(points)) else {
        let message = format!("the card `{}` does not hold such points", kind.id);
        mistakes.push(Mistake::new(ErrorCode::CardAsset, format!("{path}/points"), message));
        return None;
    };
    let amount = units(lot.amount, held.digits, &format!("{path}/amount"), mistakes);
    if lot.opens_at.zip(lot.expires_at).is_some_and(|(opens, expires)| expires <= opens) {
        let message = "the points end before they become usable";
        let place = format!("{path}/expires_at");
        mistakes.push(Mistake::new(ErrorCode::ProgramContradiction, place, message));
    }
    for (key, instant) in [("opens_at", lot.opens_at), ("expires_at", lot.expires_at)] {
        if instant.is_some_and(|instant| !is_in_range(instant)) {
            mistakes.push(Mistake::new(
                ErrorCode::TimeRange,
                format!("{path}/{key}"),
                OUT_OF_RANGE,
            ));
        }
    }
    points.filter(|_| amount > 0).map(|points| (points, amount, lot))
}

fn open_lot(draft: &mut Draft<'_>, card: &str, points: usize, units: i64, source: &OpeningLot) {
    let Some(kind) = draft.rules.points.get(points) else {
        return;
    };
    let amount = Amount { units, digits: kind.digits };
    let lot = Lot {
        earned_at: draft.at,
        expires_at: source.expires_at,
        id: draft.new_lot_id(),
        opens_at: source.opens_at.filter(|opens| *opens > draft.at),
        ..Lot::default()
    };
    draft.push(Effect::LotOpened(LotOpened {
        amount,
        card: card.to_owned(),
        lot,
        points: kind.id.clone(),
        rule: OPENING.into(),
        sale: None,
    }));
    draft.post(card, &kind.id, amount, "issued");
}

pub(super) fn balance(
    rules: &Rules,
    slice: &Slice,
    query: &CardQuery,
    at: Timestamp,
) -> Result<Answer, Error> {
    let number = normalise(&query.card);
    let Some(card) = slice.card(number) else {
        let message = format!("there is no card `{number}`");
        return Err(Error::new(ErrorCode::CardUnknown, "/card", message));
    };
    let card = card_view(rules, number, card, at);
    Ok(Answer::Card(CardAnswer { card, record: None }))
}

pub(super) fn identify(rules: &Rules, slice: &Slice, input: &Identify, at: Timestamp) -> Answer {
    let number = normalise(&input.scan);
    let card = slice.card(number).map(|card| card_view(rules, number, card, at));
    let kind = rules.card_of_number(number);
    let code = match (&card, &kind) {
        (Some(_), _) => None,
        (None, Ok(_)) => Some(ReasonCode::CardUnknown),
        (None, Err(code)) => Some(*code),
    };
    let reason = code.map(|code| Reason::new(code).with("card", number));
    let named = card.as_ref().map(|card| card.kind.clone());
    Answer::Identified(Identified {
        kind: named.or_else(|| kind.ok().map(|kind| kind.id.clone())),
        card,
        number: number.to_owned(),
        reasons: reason.into_iter().collect(),
    })
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
