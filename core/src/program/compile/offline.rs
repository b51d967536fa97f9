//! Spending while the ledger has no word from the backend.

use rust_decimal::Decimal;

use super::Check;
use crate::error::ErrorCode;
use crate::program::document::*;
use crate::program::rules::*;

/// The most hours for which a ledger may spend without a word from the backend: a year.
const HOURS_MAX: u32 = 8_760;

pub(super) fn compile_offline(check: &mut Check<'_>) -> Option<OfflineRules> {
    let offline = check.document.offline.as_ref()?;
    let modes = [offline.spending, offline.gift_cards];
    let within_sum = modes.contains(&OfflineSpending::Sum);
    if within_sum && offline.card_maximum.is_none() {
        let message = "`sum` needs the most that one card may spend; name `card_maximum`";
        check.mistake(ErrorCode::DocumentKeyMissing, "/offline/card_maximum", message);
    }
    let mut maximum = |value: Option<Decimal>, key: &str| {
        let path = format!("/offline/{key}");
        if value.is_some() && !within_sum {
            let message = "only `sum` is bounded by this; set `spending` or `gift_cards` to `sum`";
            check.mistake(ErrorCode::ProgramContradiction, &path, message);
        }
        let digits = check.currency_digits;
        value.map(|value| check.positive(value, digits, &path))
    };
    let card_maximum = maximum(offline.card_maximum, "card_maximum");
    let till_maximum = maximum(offline.till_maximum, "till_maximum");
    if offline.hours.is_some_and(|hours| !(1..=HOURS_MAX).contains(&hours)) {
        let message = format!("name 1 to {HOURS_MAX} hours, or leave them out for no end");
        check.mistake(ErrorCode::DocumentRange, "/offline/hours", message);
    }
    Some(OfflineRules {
        card_maximum: card_maximum.unwrap_or(i64::MAX),
        gift_cards: offline.gift_cards,
        hours: offline.hours,
        spending: offline.spending,
        till_maximum: till_maximum.unwrap_or(i64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use crate::program::Program;

    fn mistakes(offline: &str) -> Vec<(String, String)> {
        let document = format!(
            r#"{{"id": "t", "currency": "RUB", "zone": "Europe/Moscow", "offline": {offline}}}"#
        );
        let Err(error) = Program::compile(&document) else { return Vec::new() };
        let found = error.mistakes().iter();
        found.map(|mistake| (mistake.code.as_str().to_owned(), mistake.path.clone())).collect()
    }

    fn one(code: &str, key: &str) -> Vec<(String, String)> {
        vec![(code.to_owned(), format!("/offline/{key}"))]
    }

    #[test]
    fn every_key_may_be_left_out() {
        assert_eq!(mistakes("{}"), []);
    }

    #[test]
    fn a_sum_needs_the_maximum_of_a_card() {
        assert_eq!(mistakes(r#"{"spending": "sum", "card_maximum": "0.01"}"#), []);
        let missing = one("document.key_missing", "card_maximum");
        assert_eq!(mistakes(r#"{"spending": "sum"}"#), missing);
        assert_eq!(mistakes(r#"{"gift_cards": "sum", "till_maximum": "5"}"#), missing);
    }

    #[test]
    fn a_maximum_that_bounds_nothing_is_a_contradiction() {
        for key in ["card_maximum", "till_maximum"] {
            let found = mistakes(&format!(r#"{{"spending": "balance", "{key}": "100"}}"#));
            assert_eq!(found, one("program.contradiction", key));
        }
    }

    #[test]
    fn a_maximum_is_above_zero_and_in_money() {
        let sum = |maximum: &str| {
            mistakes(&format!(r#"{{"spending": "sum", "card_maximum": "{maximum}"}}"#))
        };
        assert_eq!(sum("0"), one("program.not_positive", "card_maximum"));
        assert_eq!(sum("-1"), one("program.not_positive", "card_maximum"));
        assert_eq!(sum("1.001"), one("amount.digits", "card_maximum"));
    }

    #[test]
    fn hours_are_from_one_to_a_year() {
        assert_eq!(mistakes(r#"{"hours": 1}"#), []);
        assert_eq!(mistakes(r#"{"hours": 8760}"#), []);
        for hours in [0, 8761] {
            let found = mistakes(&format!(r#"{{"hours": {hours}}}"#));
            assert_eq!(found, one("document.range", "hours"));
        }
    }
}
