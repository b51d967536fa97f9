//! Limits that never bind.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Finder;
use crate::answer::LintCode;
use crate::program::{
    GiveBack, Limit, LimitPer, LimitPeriod, OrderCondition, ProgramDocument, Remainder,
};

pub(super) fn find(finder: &mut Finder<'_>) {
    let document = finder.document;
    for (index, limit) in document.limits.iter().enumerate() {
        let others = document.limits.iter().enumerate().filter(|(other, _)| *other != index);
        let mut binding = others.filter(|(other, longer)| {
            // Of two that are alike in everything, only the later is idle.
            is_idle_beside(limit, longer) && (*other < index || !is_idle_beside(longer, limit))
        });
        let message = if limit.per == LimitPer::Code && !asks_for_code(document, limit) {
            "none of its rules asks for a code, so that there is nothing to count by; put a `code` \
             or a `coupon` into a rule, or count `per` something else"
                .to_owned()
        } else if idle_alone(limit) {
            "one receipt is one use, so that a limit of uses on each receipt never binds; take it \
             out, or name another period"
                .to_owned()
        } else if let Some((_, longer)) = binding.next() {
            let id = &longer.id;
            format!("`{id}` covers the same and always binds first; lower this one or take it out")
        } else {
            continue;
        };
        finder.find(LintCode::LimitNeverBinds, &format!("/limits/{index}"), message);
    }
}

fn idle_uses(limit: &Limit) -> bool {
    limit.period == LimitPeriod::Receipt && limit.uses.is_some_and(|uses| uses >= 1)
}

fn idle_alone(limit: &Limit) -> bool {
    idle_uses(limit) && limit.money.is_none() && limit.points.is_none()
}

/// Whether a limit lets everything pass that another one lets pass.
fn is_idle_beside(limit: &Limit, other: &Limit) -> bool {
    let covered = |limit: &Limit| limit.covers.iter().cloned().collect::<BTreeSet<String>>();
    let Some(times) = times_within(limit.period, other.period) else { return false };
    let idle = |bound: Option<Decimal>, other: Option<Decimal>| {
        bound.is_none_or(|bound| other.is_some_and(|other| bound >= other * times))
    };
    let uses = |limit: &Limit| limit.uses.map(Decimal::from);
    limit.per == other.per
        && covered(limit) == covered(other)
        && gives_back_as_much(&limit.give_back, &other.give_back)
        // What is left of this one is never less, but it must not refuse what the other trims.
        && (limit.remainder == Remainder::Trim || other.remainder == Remainder::Refuse)
        && (idle_uses(limit) || idle(uses(limit), uses(other)))
        && idle(limit.money, other.money)
        && idle(limit.points, other.points)
}

fn gives_back_as_much(one: &GiveBack, other: &GiveBack) -> bool {
    let pairs = [(one.cancel, other.cancel), (one.refund, other.refund), (one.void, other.void)];
    pairs.into_iter().all(|(one, other)| one || !other)
}

/// In how many of a longer period a shorter one may lie; a week may begin in one month or year and
/// end in the next.
fn times_within(shorter: LimitPeriod, longer: LimitPeriod) -> Option<Decimal> {
    use LimitPeriod::{Day, Ever, Month, Quarter, Receipt, Week, Year};
    let length = |period| match period {
        Receipt => 0,
        Day => 1,
        Week => 2,
        Month => 3,
        Quarter => 4,
        Year => 5,
        Ever => 6,
    };
    match (shorter, longer) {
        (Week, Month | Quarter | Year) => Some(Decimal::TWO),
        _ => (length(shorter) <= length(longer)).then_some(Decimal::ONE),
    }
}

fn asks_for_code(document: &ProgramDocument, limit: &Limit) -> bool {
    let earning = document.earning.rules.iter().map(|rule| (&rule.id, &rule.when));
    let promotions = document.promotions.iter().map(|rule| (&rule.id, &rule.when));
    let rewards = document.rewards.iter().map(|rule| (&rule.id, &rule.when));
    let mut rules = earning.chain(promotions).chain(rewards);
    let redemption = document.redemption.iter().filter_map(|one| one.when.as_ref());
    let spent = limit.covers.iter().any(|id| id == crate::program::REDEMPTION);
    rules.any(|(id, when)| {
        limit.covers.contains(id) && when.as_ref().is_some_and(|when| asks(when, true))
    }) || (spent && redemption.into_iter().any(|when| asks(when, true)))
}

/// Whether a condition asks for a code or a coupon; one inside `not` asks for nothing.
fn asks(condition: &OrderCondition, positive: bool) -> bool {
    match condition {
        OrderCondition::All(parts) | OrderCondition::Any(parts) => {
            parts.iter().any(|part| asks(part, positive))
        }
        OrderCondition::Not(part) => asks(part, !positive),
        OrderCondition::Code(_) | OrderCondition::Coupon(_) => positive,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, one};
    use super::*;

    fn limits(limits: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#""promotions": [
                {{"id": "plain", "then": {{"percent": "5"}}}},
                {{"id": "asking", "then": {{"percent": "5"}}, "when": {{"code": ["summer"]}}}},
                {{"id": "shunning", "then": {{"percent": "5"}}, "when": {{"not": {{"code": ["summer"]}}}}}}
            ], "limits": [{limits}]"#
        ))
    }

    fn limit(id: &str, more: &str) -> String {
        format!(r#"{{"id": "{id}", "covers": ["plain"], {more}}}"#)
    }

    fn two(first: &str, second: &str) -> Vec<(LintCode, String)> {
        limits(&[limit("a", first), limit("b", second)].join(","))
    }

    fn told(index: usize) -> Vec<(LintCode, String)> {
        one(LintCode::LimitNeverBinds, &format!("/limits/{index}"))
    }

    #[test]
    fn a_limit_of_codes_over_rules_that_ask_for_none_is_told() {
        let per_code = |covers: &str| {
            limits(&format!(r#"{{"id": "a", "per": "code", "uses": 1, "covers": [{covers}]}}"#))
        };
        assert_eq!(per_code(r#""plain""#), told(0));
        assert_eq!(per_code(r#""plain", "shunning""#), told(0));
        assert_eq!(per_code(r#""plain", "asking""#), NONE);
    }

    #[test]
    fn a_limit_of_uses_on_each_receipt_is_told() {
        let one = |more: &str| limits(&limit("a", more));
        assert_eq!(one(r#""period": "receipt", "uses": 1"#), told(0));
        assert_eq!(one(r#""period": "receipt", "uses": 0"#), NONE);
        assert_eq!(one(r#""period": "receipt", "uses": 1, "money": "5.00""#), NONE);
    }

    #[test]
    fn a_shorter_limit_that_allows_as_much_as_a_longer_one_is_told() {
        let month = r#""period": "month", "uses": 10"#;
        assert_eq!(two(r#""period": "day", "uses": 10"#, month), told(0));
        assert_eq!(two(month, r#""period": "day", "uses": 11"#), told(1));
        assert_eq!(two(r#""period": "day", "uses": 9"#, month), NONE);
        assert_eq!(two(r#""period": "day", "uses": 10, "money": "5.00""#, month), NONE);
        assert_eq!(two(r#""period": "day", "uses": 10, "per": "card""#, month), NONE);
        let kept = r#""period": "day", "uses": 10, "give_back": {"refund": false}"#;
        assert_eq!(two(kept, month), NONE);
        let strict = r#""period": "day", "money": "10.00", "remainder": "refuse""#;
        assert_eq!(two(strict, r#""money": "10.00""#), NONE);
        assert_eq!(two(r#""period": "day", "money": "10.00""#, r#""money": "10.00""#), told(0));
    }

    #[test]
    fn of_two_limits_alike_the_later_is_told() {
        assert_eq!(two(r#""uses": 3"#, r#""uses": 3"#), told(1));
        assert_eq!(two(r#""uses": 4"#, r#""uses": 3"#), told(0));
    }

    #[test]
    fn a_week_may_lie_in_two_months() {
        let month = r#""period": "month", "uses": 10"#;
        assert_eq!(two(r#""period": "week", "uses": 19"#, month), NONE);
        assert_eq!(two(r#""period": "week", "uses": 20"#, month), told(0));
    }

    #[test]
    fn limits_over_different_rules_are_left_alone() {
        let other = r#"{"id": "b", "covers": ["plain", "asking"], "uses": 3}"#;
        let day = limit("a", r#""period": "day", "uses": 9"#);
        assert_eq!(limits(&format!("{day}, {other}")), NONE);
    }
}
