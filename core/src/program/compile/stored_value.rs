//! Cards that are sold: stored value and tickets.

use super::Check;
use crate::error::ErrorCode;
use crate::program::document::*;
use crate::program::rules::*;

pub(super) fn compile_stored_value(
    check: &mut Check<'_>,
    card: &CardKind,
    path: &str,
) -> Option<StoredValueRules> {
    let path = format!("{path}/stored_value");
    if card.kind != CardUse::Gift {
        return None;
    }
    let value = card.stored_value.clone().unwrap_or_default();
    if value.kinds.is_empty() {
        let message = "the list is empty, so that the card pays for nothing";
        check.mistake(ErrorCode::ProgramEmpty, &format!("{path}/kinds"), message);
    }
    if value.tender.is_empty() {
        let message = "the kind of tender must not be empty";
        check.mistake(ErrorCode::DocumentTextEmpty, &format!("{path}/tender"), message);
    }
    let digits = check.currency_digits;
    let mut positive = |amount: Option<rust_decimal::Decimal>, key: &str| {
        amount.map(|amount| check.positive(amount, digits, &format!("{path}/{key}")))
    };
    let maximum = positive(value.maximum, "maximum");
    let minimum = positive(value.minimum, "minimum");
    if minimum.zip(maximum).is_some_and(|(minimum, maximum)| minimum > maximum) {
        let message = "`minimum` is above `maximum`, so that nothing can be loaded";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/minimum"), message);
    }
    Some(StoredValueRules {
        bonus: compile_bonus(check, &value.bonus, &format!("{path}/bonus")),
        cash_out: value.cash_out.map(|most| check.money(most, &format!("{path}/cash_out"))),
        earns: value.earns,
        face_values: compile_face_values(check, &value, (minimum, maximum), &path),
        kinds: KindSet::of(&value.kinds),
        lines: check.lines(value.lines.as_ref(), &format!("{path}/lines")),
        maximum,
        minimum,
        owner_only: value.owner_only,
        partial: value.partial,
        tender: check.symbols.add(&value.tender),
        top_up: value.top_up,
        transfer: value.transfer,
    })
}

fn compile_bonus(check: &mut Check<'_>, steps: &[LoadBonus], path: &str) -> Vec<(i64, i64)> {
    let digits = check.currency_digits;
    let mut compiled: Vec<(i64, i64)> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{path}/{index}/from");
        let from = check.positive(step.from, digits, &place);
        if compiled.last().is_some_and(|(below, _)| *below >= from) {
            let message = "each step must begin above the one before it";
            check.mistake(ErrorCode::ProgramOrder, &place, message);
        }
        let amount = check.positive(step.amount, digits, &format!("{path}/{index}/amount"));
        compiled.push((from, amount));
    }
    compiled
}

fn compile_face_values(
    check: &mut Check<'_>,
    value: &StoredValue,
    (minimum, maximum): (Option<i64>, Option<i64>),
    path: &str,
) -> Vec<i64> {
    let digits = check.currency_digits;
    let mut compiled = Vec::with_capacity(value.face_values.len());
    for (index, face) in value.face_values.iter().enumerate() {
        let place = format!("{path}/face_values/{index}");
        let units = check.positive(*face, digits, &place);
        let low = minimum.is_some_and(|minimum| units < minimum);
        if low || maximum.is_some_and(|maximum| units > maximum) {
            let message = "this face value is outside `minimum` and `maximum`";
            check.mistake(ErrorCode::ProgramContradiction, &place, message);
        }
        if compiled.contains(&units) {
            let message = "this face value is listed twice";
            check.mistake(ErrorCode::ProgramDuplicate, &place, message);
        }
        compiled.push(units);
    }
    compiled
}

#[cfg(test)]
mod tests {
    use crate::program::compile::cards::tests::{found, mistakes};

    #[test]
    fn a_gift_card_needs_no_section_of_its_own() {
        assert_eq!(mistakes(r#"{"id": "gift", "kind": "gift"}"#), []);
    }

    #[test]
    fn steps_of_a_bonus_ascend_and_amounts_are_above_zero() {
        let card = r#"{"id": "gift", "kind": "gift", "stored_value": {
            "bonus": [{"from": "1000", "amount": "100"}, {"from": "1000", "amount": "0"}],
            "face_values": ["500", "500", "9000"], "maximum": "5000", "minimum": "6000"}}"#;
        let expected = found(&[
            ("program.contradiction", "stored_value/minimum"),
            ("program.order", "stored_value/bonus/1/from"),
            ("program.not_positive", "stored_value/bonus/1/amount"),
            ("program.contradiction", "stored_value/face_values/0"),
            ("program.contradiction", "stored_value/face_values/1"),
            ("program.duplicate", "stored_value/face_values/1"),
            ("program.contradiction", "stored_value/face_values/2"),
        ]);
        assert_eq!(mistakes(card), expected);
    }

    #[test]
    fn sections_stand_on_cards_of_their_kind_only() {
        let card = r#"{"id": "discount", "kind": "discount", "stored_value": {}, "ticket": {}}"#;
        let expected =
            [("program.contradiction", "stored_value"), ("program.contradiction", "ticket")];
        assert_eq!(mistakes(card), found(&expected));
    }
}
