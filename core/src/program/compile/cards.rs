//! Cards: their numbers, points and discounts.

use super::Check;
use super::identify::check_no_banks;
use super::stored_value::compile_stored_value;
use super::ticket::{compile_stamp, compile_ticket};
use crate::error::ErrorCode;
use crate::identify::knows;
use crate::order::Challenge;
use crate::program::document::*;
use crate::program::rules::*;

pub(super) fn compile_cards(check: &mut Check<'_>) -> Vec<CardRules> {
    let document = check.document;
    check.unique(document.cards.iter().map(|card| &card.id), "/cards");
    let mut compiled = Vec::with_capacity(document.cards.len());
    for (index, card) in document.cards.iter().enumerate() {
        let path = format!("/cards/{index}");
        let needs_points = matches!(card.kind, CardUse::Bonus | CardUse::Stamp | CardUse::Ticket);
        check_sections(check, card, &path);
        let own = (needs_points || card.points.is_some())
            .then(|| compile_card_points(check, card, &format!("{path}/points")))
            .flatten();
        let mut points: Vec<usize> = own.into_iter().collect();
        for (number, other) in card.other_points.iter().enumerate() {
            let other = check.points(Some(other), &format!("{path}/other_points/{number}"));
            if !points.contains(&other) {
                points.push(other);
            }
        }
        for (number, range) in card.numbers.iter().enumerate() {
            check_range(check, range, &format!("{path}/numbers/{number}"));
        }
        let discount = card.discount.as_ref();
        compiled.push(CardRules {
            id: card.id.clone(),
            symbol: check.symbols.add(&card.id),
            activation: card.activation,
            challenge: card.challenge,
            life: check.life(card.life.as_ref(), &format!("{path}/life")),
            pin: card.pin.clone(),
            rotating: card.rotating.clone(),
            stamp: compile_stamp(check, card, own, &path),
            stored_value: compile_stored_value(check, card, &path),
            ticket: compile_ticket(check, card, own, &path),
            usage: card.kind,
            points,
            welcome: check.grant(card.welcome.as_ref(), &format!("{path}/welcome")),
            discount: discount.map(|d| compile_discount(check, d, &format!("{path}/discount"))),
            numbers: card.numbers.clone(),
        });
    }
    compiled
}

fn compile_card_points(check: &mut Check<'_>, card: &CardKind, path: &str) -> Option<usize> {
    if card.points.is_none() && check.document.points.len() != 1 {
        let message = "such a card needs `points`: the kind of points that it holds";
        check.mistake(ErrorCode::ProgramContradiction, path, message);
        return None;
    }
    Some(check.points(card.points.as_ref(), path))
}

/// Whether a card says what its kind needs, and nothing that only another kind has.
fn check_sections(check: &mut Check<'_>, card: &CardKind, path: &str) {
    let own = |kind: CardUse, needed: bool, named: bool, key: &'static str| {
        let message = match (card.kind == kind, named) {
            (true, false) if needed => format!("a {} card needs `{key}`", kind.as_str()),
            (false, true) => format!("only a {} card has `{key}`; leave it out", kind.as_str()),
            _ => return None,
        };
        Some((key, message))
    };
    let gift = card.kind == CardUse::Gift;
    let pointless = |named: bool, key| {
        let message = "a gift card holds money and no points; leave this out".to_owned();
        (gift && named).then_some((key, message))
    };
    let unprovable = (card.challenge == Challenge::Pin && card.pin.is_none()).then(|| {
        let message = "nobody could meet this: such cards have no `pin`".to_owned();
        ("challenge", message)
    });
    let found = [
        own(CardUse::Gift, false, card.stored_value.is_some(), "stored_value"),
        own(CardUse::Stamp, true, card.stamp.is_some(), "stamp"),
        own(CardUse::Ticket, false, card.ticket.is_some(), "ticket"),
        pointless(card.points.is_some(), "points"),
        pointless(!card.other_points.is_empty(), "other_points"),
        pointless(card.welcome.is_some(), "welcome"),
        unprovable,
    ];
    for (key, message) in found.into_iter().flatten() {
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/{key}"), message);
    }
}

fn check_range(check: &mut Check<'_>, range: &NumberRange, path: &str) {
    let min = range.length_min.unwrap_or(range.length_max);
    if range.length_max == 0 || range.length_max > 64 {
        let message = "a number has 1 to 64 characters";
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/length_max"), message);
    } else if min == 0 || min > range.length_max {
        let message = "`length_min` must be from 1 to `length_max`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/length_min"), message);
    } else if range.prefix.chars().count() > usize::from(range.length_max) {
        let message = "the prefix is longer than the number may be";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/prefix"), message);
    } else if range.check == CheckDigit::LuhnModN && !knows(range.check, &range.prefix) {
        let message = "the check digit is reckoned over digits and capitals without I, L, O and U";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/prefix"), message);
    }
    check_no_banks(check, range, path);
}

fn compile_discount(check: &mut Check<'_>, discount: &CardDiscount, path: &str) -> DiscountRules {
    let percent = match &discount.percent {
        CardPercent::Fixed(percent) => {
            PercentRules::Fixed(check.percent(*percent, &format!("{path}/percent/fixed")))
        }
        CardPercent::ByTier(steps) => {
            PercentRules::ByTier(compile_by_tier(check, steps, &format!("{path}/percent/by_tier")))
        }
        CardPercent::BySpend(steps) => PercentRules::BySpend(compile_by_spend(
            check,
            steps,
            &format!("{path}/percent/by_spend"),
        )),
    };
    DiscountRules {
        base: discount.base,
        kinds: KindSet::of(&discount.kinds),
        lines: check.lines(discount.lines.as_ref(), &format!("{path}/lines")),
        method: discount.method,
        percent,
        rounding: discount.rounding,
    }
}

pub(super) fn compile_by_tier(
    check: &mut Check<'_>,
    steps: &[TierPercent],
    path: &str,
) -> Vec<(usize, i64)> {
    let mut compiled: Vec<(usize, i64)> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{path}/{index}");
        let tier = check.tier(&step.tier, &format!("{place}/tier"));
        if steps.iter().take(index).any(|earlier| earlier.tier == step.tier) {
            let message = format!("the tier `{}` is listed twice", step.tier);
            check.mistake(ErrorCode::ProgramDuplicate, &format!("{place}/tier"), message);
        }
        compiled.push((tier, check.percent(step.percent, &format!("{place}/percent"))));
    }
    compiled
}

fn compile_by_spend(check: &mut Check<'_>, steps: &[SpendPercent], path: &str) -> Vec<(i64, i64)> {
    if steps.is_empty() {
        check.mistake(ErrorCode::ProgramEmpty, path, "list at least one step");
    }
    let mut compiled: Vec<(i64, i64)> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{path}/{index}/from");
        let from = check.money(step.from, &place);
        if compiled.last().is_some_and(|(below, _)| *below >= from) {
            let message = "each step must begin above the one before it";
            check.mistake(ErrorCode::ProgramOrder, &place, message);
        }
        compiled.push((from, check.percent(step.percent, &format!("{path}/{index}/percent"))));
    }
    compiled
}

#[cfg(test)]
pub(super) mod tests {
    use crate::Program;

    /// What is wrong with some cards: codes and places.
    pub fn mistakes(cards: &str) -> Vec<(String, String)> {
        let text = format!(
            r#"{{"id": "shop", "currency": "RUB", "zone": "UTC", "points": [{{"id": "entries"}}],
                "cards": [{cards}]}}"#
        );
        let Err(error) = Program::compile(&text) else { return Vec::new() };
        let found = error.mistakes().iter();
        found.map(|one| (one.code.as_str().to_owned(), one.path.clone())).collect()
    }

    /// Mistakes of the first card.
    pub fn found(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(code, path)| ((*code).into(), format!("/cards/0/{path}"))).collect()
    }
}
