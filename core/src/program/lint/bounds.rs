//! Caps below the smallest step, and points that nobody can spend.

use rust_decimal::Decimal;

use super::Finder;
use crate::answer::LintCode;
use crate::program::{CardUse, Cost, Count, EarningRule, Give, Measure, Redemption};

pub(super) fn find(finder: &mut Finder<'_>) {
    let document = finder.document;
    for (index, rule) in document.earning.rules.iter().enumerate() {
        earning_cap(finder, rule, &format!("/earning/rules/{index}/cap"));
    }
    if let Some(redemption) = &document.redemption {
        redemption_maximum(finder, redemption);
    }
    for (index, points) in document.points.iter().enumerate() {
        if let Some(cap) = &points.balance_cap {
            balance_cap(finder, index, cap.amount);
        }
        spendable(finder, index);
    }
}

fn earning_cap(finder: &mut Finder<'_>, rule: &EarningRule, path: &str) {
    let step = match &rule.give {
        Give::Per(per) if per.count == Count::Whole => per.points,
        Give::PerVisit(points) => *points,
        _ => return,
    };
    if rule.cap.is_some_and(|cap| cap < step) {
        let message = format!(
            "the cap is below the {} points that the rule gives at least; raise the cap to a \
             multiple of them",
            step.normalize()
        );
        finder.find(LintCode::CapBelowStep, path, message);
    }
}

fn redemption_maximum(finder: &mut Finder<'_>, redemption: &Redemption) {
    let Some(maximum) = redemption.maximum else { return };
    let Some(points) = finder.document.points.get(finder.points(redemption.points.as_ref())) else {
        return;
    };
    let smallest = Decimal::new(1, u32::from(points.digits.min(6)));
    let step = redemption.step.unwrap_or(smallest);
    let least = redemption.minimum_points.map_or(step, |minimum| minimum.max(step));
    if points.value.checked_mul(least).is_some_and(|worth| maximum < worth) {
        let message = format!(
            "the maximum is worth less than the {} points that are spent at least, so that none \
             can be; raise the maximum",
            least.normalize()
        );
        finder.find(LintCode::CapBelowStep, "/redemption/maximum", message);
    }
}

/// What needs more points than a card may hold.
fn balance_cap(finder: &mut Finder<'_>, index: usize, cap: Decimal) {
    let document = finder.document;
    let about = |named: Option<&String>| finder.points(named) == index;
    let grants = document.grants.iter().filter(|grant| about(grant.points.as_ref()));
    let grant = grants.min_by_key(|grant| grant.amount);
    let mut needs: Vec<(String, Decimal)> = grant
        .map(|grant| (format!("the grant `{}`", grant.id), grant.amount))
        .into_iter()
        .collect();
    if let Some(redemption) = document.redemption.as_ref().filter(|r| about(r.points.as_ref())) {
        let bounds = [
            ("redemption.minimum_balance", redemption.minimum_balance),
            ("redemption.minimum_points", redemption.minimum_points),
            ("redemption.step", redemption.step),
        ];
        let bounds = bounds.into_iter().filter_map(|(name, bound)| Some((name, bound?)));
        needs.extend(bounds.map(|(name, bound)| (format!("`{name}`"), bound)));
    }
    for reward in document.rewards.iter().filter(|reward| about(reward.points.as_ref())) {
        let (Cost::Flat(cost) | Cost::PerBlock(cost) | Cost::PerUnit(cost)) = &reward.cost;
        needs.push((format!("the reward `{}`", reward.id), *cost));
    }
    for auto in document.auto_redemption.iter().filter(|auto| about(auto.points.as_ref())) {
        needs.push((format!("the automatic redemption `{}`", auto.id), auto.threshold));
    }
    if let Some((what, amount)) = needs.into_iter().find(|(_, amount)| *amount > cap) {
        let message = format!(
            "a card may hold {} points, but {what} is about {}; raise the cap or lower that",
            cap.normalize(),
            amount.normalize()
        );
        finder.find(LintCode::CapBelowStep, &format!("/points/{index}/balance_cap"), message);
    }
}

fn spendable(finder: &mut Finder<'_>, index: usize) {
    let document = finder.document;
    let about = |named: Option<&String>| finder.points(named) == index;
    let held = document.cards.iter().any(|card| {
        let holds = matches!(card.kind, CardUse::Bonus | CardUse::Stamp | CardUse::Ticket);
        let own = card.points.is_some() || holds;
        (own && about(card.points.as_ref())) || card.other_points.iter().any(|p| about(Some(p)))
    });
    let taken = document.redemption.iter().any(|one| about(one.points.as_ref()))
        || document.rewards.iter().any(|one| about(one.points.as_ref()))
        || document.auto_redemption.iter().any(|one| about(one.points.as_ref()))
        // Entries are taken off where somebody is let in.
        || document
            .cards
            .iter()
            .any(|card| card.kind == CardUse::Ticket && about(card.points.as_ref()));
    // Points that only tiers count are not meant to be spent.
    let counted = !document.tiers.is_empty()
        && matches!(document.tiering.measure, Measure::Earned | Measure::Balance)
        && about(document.tiering.points.as_ref());
    let message = if !held {
        "no kind of card holds these points, so that nobody can earn or spend them; name them in a \
         card, or take them out"
    } else if !taken && !counted {
        "nothing takes these points, so that nobody can spend them; add a redemption, a reward or \
         an automatic redemption"
    } else {
        return;
    };
    finder.find(LintCode::PointsNotSpendable, &format!("/points/{index}"), message);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, found_with_points, one};
    use super::*;

    const CARD: &str =
        r#""cards": [{"id": "c", "kind": "bonus", "points": "p", "numbers": [{"length_max": 4}]}]"#;

    fn below(path: &str) -> Vec<(LintCode, String)> {
        one(LintCode::CapBelowStep, path)
    }

    #[test]
    fn a_cap_below_the_points_of_one_step_is_told() {
        let rule = |cap: &str, give: &str| {
            found_with_points(&format!(
                r#""earning": {{"rules": [{{"id": "e", "cap": "{cap}", "give": {give}}}]}}"#
            ))
        };
        let whole = r#"{"per": {"amount": "100.00", "points": "10"}}"#;
        let parts = r#"{"per": {"amount": "100.00", "points": "10", "count": "proportional"}}"#;
        assert_eq!(rule("9", whole), below("/earning/rules/0/cap"));
        assert_eq!(rule("10", whole), NONE);
        assert_eq!(rule("9", parts), NONE);
        assert_eq!(rule("9", r#"{"per_visit": "10"}"#), below("/earning/rules/0/cap"));
        assert_eq!(rule("1", r#"{"percent": "10"}"#), NONE);
    }

    #[test]
    fn a_maximum_below_what_must_be_spent_is_told() {
        let spend = |keys: &str| {
            found(&format!(
                r#""points": [{{"id": "p", "value": "0.50"}}], {CARD}, "redemption": {{{keys}}}"#
            ))
        };
        let told = below("/redemption/maximum");
        assert_eq!(spend(r#""maximum": "4.99", "step": "10""#), told);
        assert_eq!(spend(r#""maximum": "5.00", "step": "10""#), NONE);
        assert_eq!(spend(r#""maximum": "9.99", "minimum_points": "20""#), told);
        assert_eq!(spend(r#""maximum": "0.49""#), told);
        assert_eq!(spend(r#""maximum": "0.50""#), NONE);
    }

    #[test]
    fn a_balance_that_can_never_reach_what_is_asked_for_is_told() {
        let capped = |keys: &str| {
            found(&format!(
                r#""points": [{{"id": "p", "balance_cap": {{"amount": "100"}}}}], {CARD}, {keys}"#
            ))
        };
        let told = below("/points/0/balance_cap");
        let reward = |cost: &str| {
            format!(r#""rewards": [{{"id": "r", "cost": {cost}, "then": {{"percent": "5"}}}}]"#)
        };
        assert_eq!(capped(r#""redemption": {"minimum_balance": "101"}"#), told);
        assert_eq!(capped(r#""redemption": {"minimum_points": "101"}"#), told);
        assert_eq!(capped(r#""redemption": {"minimum_balance": "100"}"#), NONE);
        assert_eq!(capped(&reward(r#"{"flat": "101"}"#)), told);
        assert_eq!(capped(&reward(r#"{"per_unit": "100"}"#)), NONE);
        let grants = |smallest: &str| {
            format!(
                r#""redemption": {{}}, "grants": [{{"id": "a", "amount": "500"}},
                {{"id": "b", "amount": "{smallest}"}}]"#
            )
        };
        assert_eq!(capped(&grants("101")), told);
        assert_eq!(capped(&grants("100")), NONE);
    }

    #[test]
    fn points_that_nothing_takes_or_no_card_holds_are_told() {
        let told = one(LintCode::PointsNotSpendable, "/points/0");
        let points = r#""points": [{"id": "p"}]"#;
        assert_eq!(found(&format!(r#"{points}, "redemption": {{}}"#)), told);
        assert_eq!(found(&format!("{points}, {CARD}")), told);
        assert_eq!(found(&format!(r#"{points}, {CARD}, "redemption": {{}}"#)), NONE);
        let auto = r#""coupons": [{"id": "c"}],
            "auto_redemption": [{"id": "a", "coupon": "c", "threshold": "10"}]"#;
        assert_eq!(found(&format!("{points}, {CARD}, {auto}")), NONE);
        let other = r#""points": [{"id": "p"}, {"id": "stamp"}], "redemption": {"points": "p"}"#;
        let second = one(LintCode::PointsNotSpendable, "/points/1");
        assert_eq!(found(&format!("{other}, {CARD}")), second);
    }

    #[test]
    fn entries_of_tickets_are_spent_at_the_gate() {
        let card = r#""cards": [{"id": "c", "kind": "ticket", "points": "p", "ticket": {}}]"#;
        assert_eq!(found(&format!(r#""points": [{{"id": "p"}}], {card}"#)), NONE);
    }

    #[test]
    fn points_that_only_tiers_count_need_not_be_spent() {
        let keys = r#""points": [{"id": "p"}], "tiers": [{"id": "base", "from": "0"}]"#;
        assert_eq!(found(&format!(r#"{keys}, {CARD}, "tiering": {{"measure": "earned"}}"#)), NONE);
        assert_eq!(found(&format!("{keys}, {CARD}")).len(), 1);
    }
}
