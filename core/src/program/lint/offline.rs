//! Bounds on spending offline that never bind.

use super::Finder;
use crate::answer::LintCode;
use crate::program::{CardUse, OfflineSpending};

pub(super) fn find(finder: &mut Finder<'_>) {
    let Some(offline) = &finder.document.offline else { return };
    let code = LintCode::LimitNeverBinds;
    let (card, till) = (offline.card_maximum, offline.till_maximum);
    if card.zip(till).is_some_and(|(card, till)| card >= till) {
        let message = "all cards together may spend no more than this one, so that it never binds \
                       alone; lower it, or raise `till_maximum`";
        finder.find(code, "/offline/card_maximum", message);
    }
    let nothing = OfflineSpending::Nothing;
    if offline.hours.is_some() && offline.spending == nothing && offline.gift_cards == nothing {
        let message = "nothing is spent from the first moment on; take the hours out, or let \
                       something be spent";
        finder.find(code, "/offline/hours", message);
    }
    let holds_money = finder.document.cards.iter().any(|card| card.kind == CardUse::Gift);
    if offline.gift_cards != nothing && !holds_money {
        let message = "no card of the programme is a gift card; leave this out";
        finder.find(code, "/offline/gift_cards", message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, one};
    use super::*;

    fn offline(keys: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#""cards": [{{"id": "gift", "kind": "gift", "numbers": [{{"length_max": 4}}]}}],
            "offline": {{{keys}}}"#
        ))
    }

    fn told(key: &str) -> Vec<(LintCode, String)> {
        one(LintCode::LimitNeverBinds, &format!("/offline/{key}"))
    }

    #[test]
    fn the_maximum_of_a_card_is_below_that_of_all() {
        let sum = |card: &str| {
            offline(&format!(
                r#""spending": "sum", "card_maximum": "{card}", "till_maximum": "500""#
            ))
        };
        assert_eq!(sum("499.99"), NONE);
        assert_eq!(sum("500"), told("card_maximum"));
    }

    #[test]
    fn hours_of_nothing_are_told() {
        assert_eq!(offline(r#""spending": "nothing", "hours": 24"#), told("hours"));
        assert_eq!(offline(r#""hours": 24"#), NONE);
        let gifts = r#""spending": "nothing", "gift_cards": "balance", "hours": 24"#;
        assert_eq!(offline(gifts), NONE);
    }

    #[test]
    fn gift_cards_that_are_not_there_are_told() {
        assert_eq!(found(r#""offline": {"gift_cards": "balance"}"#), told("gift_cards"));
        assert_eq!(found(r#""offline": {}"#), NONE);
    }
}
