//! Which of two rules goes first: rules that never get their turn, and exclusive promotions that may
//! meet.

use super::Finder;
use super::claims::Setting;
use super::logic::Known;
use crate::answer::LintCode;
use crate::program::{
    CapMode, Count, EarningRule, Give, JudgedOn, OrderCondition, Promoted, Promotion,
};

/// Whether an earlier rule gives something wherever a later one would.
pub(super) fn always_before(
    finder: &Finder<'_>,
    earlier: &EarningRule,
    later: &EarningRule,
) -> bool {
    let limits = &finder.document.limits;
    let same_points =
        finder.points(earlier.points.as_ref()) == finder.points(later.points.as_ref());
    let as_often = earlier.when.is_none() || earlier.when == later.when;
    let as_many_lines = earlier.lines.is_none() || earlier.lines == later.lines;
    let as_little = earlier.minimum.is_none_or(|minimum| later.minimum >= Some(minimum));
    let as_early = earlier.since.is_none() || earlier.since <= later.since;
    same_points
        && as_often
        && as_many_lines
        && as_little
        && as_early
        && earlier.of == later.of
        && earlier.lowered_by == later.lowered_by
        && (earlier.promoted == Promoted::Earn || earlier.promoted == later.promoted)
        && (earlier.cap.is_none() || earlier.cap_mode == CapMode::Trim)
        && !limits.iter().any(|limit| limit.covers.contains(&earlier.id))
        && gives_wherever(earlier, later)
}

/// Whether, on the same lines or more, one rule rounds to nothing only where the other does.
fn gives_wherever(one: &EarningRule, other: &EarningRule) -> bool {
    let same_rounding = one.rounding == other.rounding;
    match (&one.give, &other.give) {
        (Give::Multiply(_), _) | (_, Give::Multiply(_)) => false,
        (Give::PerVisit(_), _) => true,
        (Give::Percent(more), Give::Percent(less)) => same_rounding && more >= less,
        (Give::PerUnit(more), Give::PerUnit(less)) => same_rounding && more >= less,
        (Give::Per(one), Give::Per(other)) if one.count == Count::Whole => {
            other.count == Count::Whole && one.amount <= other.amount
        }
        (one, other) => same_rounding && one == other,
    }
}

/// Of exclusive promotions that may hold at once, the document should say which goes first.
pub(super) fn exclusive(finder: &mut Finder<'_>) {
    let document = finder.document;
    let setting = match document.stacking.judged_on {
        JudgedOn::Initial => Setting::new(finder.program),
        JudgedOn::Running => Setting::apart(finder.program),
    };
    let exclusive = |index: usize| document.promotions.iter().take(index).filter(|p| p.exclusive);
    for (index, later) in document.promotions.iter().enumerate() {
        let meets = |earlier: &&Promotion| {
            let whens = [earlier.when.as_ref(), later.when.as_ref()];
            let whens: Vec<(&OrderCondition, bool)> =
                whens.into_iter().flatten().map(|when| (when, true)).collect();
            earlier.priority == later.priority && Known::default().allow(&whens, &setting).is_ok()
        };
        let Some(earlier) = exclusive(index).find(meets).filter(|_| later.exclusive) else {
            continue;
        };
        let message = format!(
            "it is exclusive with the same priority as `{}`, and both may hold at once; give them \
             different priorities, or conditions that exclude each other",
            earlier.id
        );
        finder.find(LintCode::ExclusiveEqual, &format!("/promotions/{index}"), message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, found_with_points, one};
    use super::*;

    fn first(earlier: &str, later: &str) -> Vec<(LintCode, String)> {
        found_with_points(&format!(
            r#""earning": {{"matching": "first", "rules": [
                {{"id": "a", {earlier}}}, {{"id": "b", {later}}}]}}"#
        ))
    }

    #[test]
    fn a_rule_behind_one_that_always_gives_is_told() {
        let told = one(LintCode::RuleUnreachable, "/earning/rules/1");
        for (earlier, later) in [
            (r#""give": {"per_visit": "1"}"#, r#""give": {"percent": "10"}"#),
            (r#""give": {"percent": "5"}"#, r#""give": {"percent": "5"}, "lines": {"sku": ["a"]}"#),
            (
                r#""give": {"per": {"amount": "50.00", "points": "1"}}"#,
                r#""minimum": "300.00", "give": {"per": {"amount": "100.00", "points": "9"}}"#,
            ),
        ] {
            assert_eq!(first(earlier, later), told, "{earlier} before {later}");
        }
    }

    #[test]
    fn a_rule_behind_one_that_may_give_nothing_is_left_alone() {
        for (earlier, later) in [
            (r#""give": {"percent": "1"}"#, r#""give": {"percent": "10"}"#),
            (
                r#""give": {"per_visit": "1"}, "when": {"till": ["1"]}"#,
                r#""give": {"percent": "5"}"#,
            ),
            (
                r#""give": {"per_visit": "1"}, "lines": {"sku": ["a"]}"#,
                r#""give": {"percent": "5"}"#,
            ),
            (r#""give": {"per_visit": "1"}, "minimum": "9.00""#, r#""give": {"percent": "5"}"#),
            (r#""give": {"per_visit": "1"}, "since": "2026-01-01""#, r#""give": {"percent": "5"}"#),
            (
                r#""give": {"per_visit": "1"}, "promoted": "excluded""#,
                r#""give": {"percent": "5"}"#,
            ),
            (r#""give": {"multiply": {"by": "2"}}"#, r#""give": {"percent": "5"}"#),
            (
                r#""give": {"per": {"amount": "100.00", "points": "9"}}"#,
                r#""give": {"per": {"amount": "50.00", "points": "1"}}"#,
            ),
        ] {
            assert_eq!(first(earlier, later), NONE, "{earlier} before {later}");
        }
    }

    fn pair(first: &str, second: &str, stacking: &str) -> Vec<(LintCode, String)> {
        let rule = |id: &str, more: &str| {
            format!(r#"{{"id": "{id}", "exclusive": true, "then": {{"percent": "5"}}{more}}}"#)
        };
        let (first, second) = (rule("a", first), rule("b", second));
        found(&format!(r#""promotions": [{first}, {second}], "stacking": {{{stacking}}}"#))
    }

    #[test]
    fn exclusive_promotions_that_may_meet_are_told_at_the_later_one() {
        let told = one(LintCode::ExclusiveEqual, "/promotions/1");
        assert_eq!(pair("", "", ""), told);
        assert_eq!(pair("", r#", "when": {"till": ["1"]}"#, ""), told);
        assert_eq!(pair(r#", "priority": 1"#, "", ""), NONE);
        let (small, large) = (
            r#", "when": {"amount": {"to": "99.99"}}"#,
            r#", "when": {"amount": {"from": "100.00"}}"#,
        );
        assert_eq!(pair(small, large, ""), NONE);
        assert_eq!(pair(small, large, r#""judged_on": "running""#), told);
    }
}
