//! Rules that can never apply, and exclusive promotions that may meet.

use super::claims::{Setting, line_kinds};
use super::logic::{Known, never};
use super::{Finder, precedence, windows};
use crate::answer::LintCode;
use crate::order::LineKind;
use crate::program::{Give, LineCondition, Matching, MultiplyOf, OrderCondition, Selection, Then};

pub(super) fn find(finder: &mut Finder<'_>) {
    let document = finder.document;
    for (index, promotion) in document.promotions.iter().enumerate() {
        let lines = selection_closed(finder, &promotion.select, &promotion.then);
        rule(finder, &format!("/promotions/{index}"), promotion.when.as_ref(), lines);
    }
    for (index, reward) in document.rewards.iter().enumerate() {
        let lines = selection_closed(finder, &reward.select, &reward.then);
        rule(finder, &format!("/rewards/{index}"), reward.when.as_ref(), lines);
    }
    if let Some(redemption) = &document.redemption {
        let lines = lines_closed(finder, &redemption.kinds, &[redemption.lines.as_ref()]);
        rule(finder, "/redemption", redemption.when.as_ref(), lines);
    }
    earning(finder);
    others(finder);
    precedence::exclusive(finder);
}

/// Tells that a rule can never apply; a window that never opens says why already.
fn rule(
    finder: &mut Finder<'_>,
    path: &str,
    when: Option<&OrderCondition>,
    lines: Option<String>,
) -> bool {
    let setting = Setting::new(finder.program);
    let mut why = lines;
    if let Some(when) = when {
        if windows::find(finder, when, &format!("{path}/when")) {
            return true;
        }
        let reason = never(when, &setting);
        why = reason.map(|reason| format!("its `when` is never true: {reason}")).or(why);
    }
    let closed = why.is_some();
    if let Some(why) = why {
        let message = format!("this can never apply, because {why}; correct it or take it out");
        finder.find(LintCode::RuleUnreachable, path, message);
    }
    closed
}

/// Why no line is ever of one of the kinds and matches each condition.
fn lines_closed(
    finder: &Finder<'_>,
    kinds: &[LineKind],
    conditions: &[Option<&LineCondition>],
) -> Option<String> {
    let mut known = Known::default();
    if !line_kinds(kinds, true).into_iter().all(|claim| known.add(claim)) {
        return Some("its `kinds` name no kind of lines that takes part in anything".to_owned());
    }
    let conditions: Vec<(&LineCondition, bool)> =
        conditions.iter().flatten().map(|condition| (*condition, true)).collect();
    let reason = known.allow(&conditions, &Setting::new(finder.program)).err()?;
    Some(format!("no line ever matches it: {reason}"))
}

/// Why nothing is ever selected for what needs a selection.
fn selection_closed(finder: &Finder<'_>, select: &Selection, then: &Then) -> Option<String> {
    let lines = select.lines.as_ref();
    let closed = |more: Option<&LineCondition>| lines_closed(finder, &select.kinds, &[lines, more]);
    match then {
        Then::Gift(_) | Then::Coupon(_) => None,
        Then::Bundle(bundle) => bundle.parts.iter().find_map(|part| closed(Some(&part.lines))),
        Then::BuyGet(buy) => closed(None).or_else(|| {
            lines_closed(finder, LineKind::ALL, &[buy.get_lines.as_ref()])
                .map(|reason| format!("in `get_lines` {reason}"))
        }),
        _ => closed(None),
    }
}

fn earning(finder: &mut Finder<'_>) {
    let earning = &finder.document.earning;
    for (index, one) in earning.rules.iter().enumerate() {
        let path = format!("/earning/rules/{index}");
        let needs_lines = !matches!(&one.give, Give::Multiply(m) if m.of == MultiplyOf::Sum);
        let lines = lines_closed(finder, &earning.kinds, &[one.lines.as_ref()]);
        windows::find_life(
            finder,
            one.delay.as_ref(),
            one.life.as_ref(),
            one.life_from,
            &format!("{path}/life"),
        );
        for (number, tier) in one.life_by_tier.iter().enumerate() {
            let place = format!("{path}/life_by_tier/{number}/life");
            windows::find_life(finder, one.delay.as_ref(), Some(&tier.life), one.life_from, &place);
        }
        if rule(finder, &path, one.when.as_ref(), lines.filter(|_| needs_lines))
            || earning.matching != Matching::First
        {
            continue;
        }
        let mut earlier = earning.rules.iter().take(index);
        if let Some(earlier) =
            earlier.find(|earlier| precedence::always_before(finder, earlier, one))
        {
            let message = format!(
                "`{}` stands before it and always gives something where this would, and only the \
                 first counts; move this before it or take it out",
                earlier.id
            );
            finder.find(LintCode::RuleUnreachable, &path, message);
        }
    }
}

/// Exclusions, floors, discounts of cards, and what lives without being a rule.
fn others(finder: &mut Finder<'_>) {
    let document = finder.document;
    for (index, exclusion) in document.exclusions.iter().enumerate() {
        let lines = lines_closed(finder, LineKind::ALL, &[Some(&exclusion.lines)]);
        rule(finder, &format!("/exclusions/{index}"), None, lines);
    }
    for (index, floor) in document.floors.iter().enumerate() {
        let lines = lines_closed(finder, LineKind::ALL, &[Some(&floor.lines)]);
        rule(finder, &format!("/floors/{index}"), None, lines);
    }
    for (index, card) in document.cards.iter().enumerate() {
        if let Some(discount) = &card.discount {
            let lines = lines_closed(finder, &discount.kinds, &[discount.lines.as_ref()]);
            rule(finder, &format!("/cards/{index}/discount"), None, lines);
        }
    }
    for (index, coupon) in document.coupons.iter().enumerate() {
        let (delay, life) = (coupon.delay.as_ref(), coupon.life.as_ref());
        let path = format!("/coupons/{index}/life");
        windows::find_life(finder, delay, life, Default::default(), &path);
    }
    for (index, grant) in document.grants.iter().enumerate() {
        let (delay, life) = (grant.delay.as_ref(), grant.life.as_ref());
        let path = format!("/grants/{index}/life");
        windows::find_life(finder, delay, life, Default::default(), &path);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, one};
    use super::*;

    const STORES: &str = r#""stores": [
        {"id": "north", "city": "Moscow", "groups": ["big"]},
        {"id": "south", "city": "Kazan", "groups": ["small"]},
        {"id": "east", "groups": ["big", "new"]}
    ], "tiers": [{"id": "base", "from": "0"}, {"id": "gold", "from": "100.00"}]"#;

    fn when(condition: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#"{STORES}, "promotions": [{{"id": "p", "then": {{"percent": "5"}}, "when": {condition}}}]"#
        ))
    }

    fn lines(condition: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#""promotions": [{{"id": "p", "then": {{"percent": "5"}}, "select": {{"lines": {condition}}}}}]"#
        ))
    }

    fn never_applies() -> Vec<(LintCode, String)> {
        one(LintCode::RuleUnreachable, "/promotions/0")
    }

    #[test]
    fn a_rule_whose_condition_is_never_true_is_told() {
        for condition in [
            r#"{"any": []}"#,
            r#"{"not": {"all": []}}"#,
            r#"{"all": [{"amount": {"from": "100.00"}}, {"all": [{"amount": {"to": "99.99"}}]}]}"#,
            r#"{"all": [{"age": {"to": 17}}, {"age": {"from": 18}}]}"#,
            r#"{"all": [{"standing": {"to": 29}}, {"not": {"standing": {"to": 30}}}]}"#,
            r#"{"purchase": {"every": 10, "to": 9}}"#,
            r#"{"all": [{"purchase": {"to": 19, "from": 11}}, {"purchase": {"every": 10}}]}"#,
            r#"{"purchase": {"to": 0}}"#,
            r#"{"all": [{"channel": ["web"]}, {"channel": ["hall", "phone"]}]}"#,
            r#"{"all": [{"till": ["1", "2"]}, {"till": ["2", "3"]}, {"till": ["1", "3"]}]}"#,
            r#"{"all": [{"tier": ["gold"]}, {"tier": ["base"]}]}"#,
            r#"{"not": {"tier": ["gold", "base"]}}"#,
            r#"{"all": [{"tender": ["cash"]}, {"not": {"tender": ["cash", "card"]}}]}"#,
            r#"{"all": [{"code": [" Summer"]}, {"not": {"code": ["SUMMER"]}}]}"#,
            r#"{"all": [{"store": ["north"]}, {"city": ["Kazan"]}]}"#,
            r#"{"all": [{"city": ["Moscow"]}, {"group": ["small"]}]}"#,
            r#"{"all": [{"not": {"city": ["Moscow", "Kazan"]}}]}"#,
            r#"{"group": ["elsewhere"]}"#,
            r#"{"all": [{"presented": ["pin"]}, {"presented": ["static", "typed"]}]}"#,
            r#"{"all": [{"till": ["1"]}, {"any": [{"not": {"till": ["1"]}}, {"till": ["2"]}]}]}"#,
            r#"{"all": [{"birthday": {}}, {"not": {"birthday": {}}}]}"#,
            r#"{"lines": {"lines": {"all": [{"sku": ["a"]}, {"sku": ["b"]}]}}}"#,
            r#"{"all": [{"weekday": ["monday"]}, {"not": {"weekday": ["monday", "sunday"]}}]}"#,
            r#"{"all": [
                {"lines": {"lines": {"tag": ["a"]}, "quantity": {"from": "3"}}},
                {"lines": {"lines": {"tag": ["a"]}, "quantity": {"to": "2"}}}
            ]}"#,
        ] {
            assert_eq!(when(condition), never_applies(), "{condition}");
        }
    }

    #[test]
    fn a_rule_whose_condition_may_be_true_is_left_alone() {
        for condition in [
            r#"{"all": []}"#,
            r#"{"all": [{"amount": {"from": "100.00"}}, {"amount": {"to": "100.00"}}]}"#,
            r#"{"all": [{"amount": {"from": "100.00"}}, {"amount": {"of": "net", "to": "99.99"}}]}"#,
            r#"{"all": [{"purchase": {"from": 11, "to": 20}}, {"purchase": {"every": 10}}]}"#,
            r#"{"not": {"purchase": {"every": 1}}}"#,
            r#"{"all": [{"till": ["1", "2"]}, {"till": ["2", "3"]}]}"#,
            r#"{"all": [{"till": ["1", "2"]}, {"not": {"till": ["1"]}}]}"#,
            r#"{"all": [{"tender": ["cash"]}, {"tender": ["card"]}]}"#,
            r#"{"all": [{"tender": ["cash", "gift"]}, {"not": {"tender": ["cash"]}}]}"#,
            r#"{"all": [{"code": ["a"]}, {"code": ["b"]}]}"#,
            r#"{"all": [{"city": ["Moscow"]}, {"group": ["big"]}, {"store": ["north"]}]}"#,
            r#"{"all": [{"group": ["new"]}, {"group": ["big"]}]}"#,
            r#"{"all": [{"any": [{"till": ["1"]}, {"tier": ["gold"]}]}, {"not": {"till": ["1"]}}]}"#,
            r#"{"all": [{"attribute": {"name": "a", "values": ["1"]}},
                        {"attribute": {"name": "a", "values": ["2"]}}]}"#,
            r#"{"all": [{"birthday": {"before": 3}}, {"not": {"birthday": {}}}]}"#,
            r#"{"lines": {"lines": {"any": []}, "quantity": {"to": "0"}}}"#,
            r#"{"not": {"lines": {"lines": {"any": []}}}}"#,
            r#"{"all": [
                {"lines": {"lines": {"tag": ["a"]}, "quantity": {"from": "3"}}},
                {"lines": {"lines": {"tag": ["b"]}, "quantity": {"to": "2"}}}
            ]}"#,
        ] {
            assert_eq!(when(condition), NONE, "{condition}");
        }
    }

    #[test]
    fn without_a_list_of_stores_a_city_is_never_known() {
        let keys = r#""promotions": [{"id": "p", "then": {"percent": "5"},
            "when": {"not": {"city": ["Moscow"]}}}]"#;
        assert_eq!(found(keys), never_applies());
    }

    #[test]
    fn a_rule_that_no_line_can_match_is_told() {
        for condition in [
            r#"{"any": []}"#,
            r#"{"all": [{"category": ["bread"]}, {"category": ["milk"]}]}"#,
            r#"{"all": [{"unit_price": {"from": "10.5"}}, {"unit_price": {"to": "10.499999"}}]}"#,
            r#"{"all": [{"quantity": {"from": "2"}}, {"not": {"quantity": {"from": "1.5"}}}]}"#,
            r#"{"kind": ["delivery"]}"#,
            r#"{"all": [{"tag": ["new"]}, {"not": {"tag": ["new", "old"]}}]}"#,
        ] {
            assert_eq!(lines(condition), never_applies(), "{condition}");
        }
        for condition in [
            r#"{"all": [{"tag": ["new"]}, {"tag": ["old"]}]}"#,
            r#"{"kind": ["delivery", "goods"]}"#,
            r#"{"all": [{"unit_price": {"from": "10.5"}}, {"unit_price": {"to": "10.5"}}]}"#,
        ] {
            assert_eq!(lines(condition), NONE, "{condition}");
        }
    }

    #[test]
    fn a_gift_or_a_coupon_needs_no_selection() {
        let keys = r#""coupons": [{"id": "c"}], "promotions": [{"id": "p",
            "select": {"kinds": []}, "then": {"coupon": "c"}}]"#;
        assert_eq!(found(keys), NONE);
    }

    #[test]
    fn a_set_with_a_part_that_no_line_can_be_is_told() {
        let set = |part: &str| {
            found(&format!(
                r#""promotions": [{{"id": "p", "select": {{"lines": {{"category": ["food"]}}}},
                "then": {{"bundle": {{"price": "99.00", "parts": [{{"lines": {part}}}]}}}}}}]"#
            ))
        };
        assert_eq!(set(r#"{"category": ["drinks"]}"#), never_applies());
        assert_eq!(set(r#"{"sku": ["soup"]}"#), NONE);
    }

    #[test]
    fn every_place_that_may_be_out_of_reach_is_told_at_its_own_path() {
        let never = r#"{"any": []}"#;
        let keys = format!(
            r#""earning": {{"rules": [{{"id": "e", "give": {{"percent": "5"}}, "when": {never}}}]}},
            "exclusions": [{{"id": "x", "from": ["card"], "lines": {never}}}],
            "floors": [{{"id": "f", "price": "1.00", "lines": {never}}}],
            "points": [{{"id": "bonus"}}], "redemption": {{"lines": {never}}},
            "cards": [{{"id": "c", "kind": "bonus",
                "discount": {{"percent": {{"fixed": "5"}}, "lines": {never}}}}}],
            "rewards": [{{"id": "r", "cost": {{"flat": "5"}}, "then": {{"percent": "5"}}, "when": {never}}}]"#
        );
        let paths: Vec<String> = found(&keys).into_iter().map(|(_, path)| path).collect();
        let expected = [
            "/cards/0/discount",
            "/earning/rules/0",
            "/exclusions/0",
            "/floors/0",
            "/redemption",
            "/rewards/0",
        ];
        assert_eq!(paths, expected);
    }
}
