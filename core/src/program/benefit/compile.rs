//! Promotions, rewards and stacking from the document, with every mistake.

use std::cmp::Reverse;

use super::forms::compile_form;
use super::{BenefitRules, ClassRules, CostRules, PromotionRules, RewardRules, StackingRules};
use super::{SelectRules, UnitRules};
use crate::error::ErrorCode;
use crate::program::compile::Check;
use crate::program::document::*;
use crate::program::rules::{Asked, KindSet};

pub(in crate::program) fn compile_promotions(check: &mut Check<'_>) -> Vec<PromotionRules> {
    let document = check.document;
    let promotions = document.promotions.iter().enumerate();
    promotions.map(|(index, one)| compile_promotion(check, one, index)).collect()
}

fn compile_promotion(check: &mut Check<'_>, promotion: &Promotion, index: usize) -> PromotionRules {
    let path = format!("/promotions/{index}");
    let when = check.order(promotion.when.as_ref(), &format!("{path}/when"));
    let classes = &check.document.stacking.classes;
    let known: Vec<&str> = classes.iter().map(|class| class.id.as_str()).collect();
    let class = promotion.class.as_ref();
    let class = class.and_then(|id| check.reference(id, &known, "class", &format!("{path}/class")));
    PromotionRules {
        id: promotion.id.clone(),
        asked: Asked::of(when.as_ref()),
        benefit: BenefitRules {
            cap: compile_cap(check, promotion.cap, &path),
            form: compile_form(check, &promotion.then, &path),
            method: promotion.method,
            of: promotion.of,
            rounding: promotion.rounding,
            select: compile_selection(check, &promotion.select, &format!("{path}/select")),
        },
        class,
        exclusive: promotion.exclusive,
        limits: check.limits_over(&promotion.id),
        when,
    }
}

pub(in crate::program) fn compile_rewards(check: &mut Check<'_>) -> Vec<RewardRules> {
    let document = check.document;
    let rewards = document.rewards.iter().enumerate();
    rewards.map(|(index, one)| compile_reward(check, one, index)).collect()
}

fn compile_reward(check: &mut Check<'_>, reward: &Reward, index: usize) -> RewardRules {
    let path = format!("/rewards/{index}");
    let when = check.order(reward.when.as_ref(), &format!("{path}/when"));
    let points = check.points(reward.points.as_ref(), &format!("{path}/points"));
    RewardRules {
        id: reward.id.clone(),
        auto: reward.claim == RewardClaim::Auto,
        asked: Asked::of(when.as_ref()),
        benefit: BenefitRules {
            cap: compile_cap(check, reward.cap, &path),
            form: compile_form(check, &reward.then, &path),
            method: reward.method,
            of: reward.of,
            rounding: reward.rounding,
            select: compile_selection(check, &reward.select, &format!("{path}/select")),
        },
        cost: compile_cost(check, reward, points, &path),
        limits: check.limits_over(&reward.id),
        points,
        when,
    }
}

fn compile_cost(check: &mut Check<'_>, reward: &Reward, points: usize, path: &str) -> CostRules {
    let digits = check.digits_of(points);
    let place = format!("{path}/cost/{}", reward.cost.name());
    match &reward.cost {
        Cost::Flat(cost) => CostRules::Flat(check.positive(*cost, digits, &place)),
        Cost::PerBlock(cost) => {
            if !matches!(reward.then, Then::Amount(_)) {
                let message = "a price for each block needs `then.amount`";
                check.mistake(ErrorCode::ProgramContradiction, &place, message);
            }
            CostRules::PerBlock(check.positive(*cost, digits, &place))
        }
        Cost::PerUnit(cost) => {
            let each_unit = match &reward.then {
                Then::Percent(_) | Then::Price(_) => true,
                Then::Amount(off) => off.each == Each::Unit,
                _ => false,
            };
            if !each_unit {
                let message = "a price for each unit needs `then.percent`, `then.price`, or \
                               `then.amount` with `each` `unit`";
                check.mistake(ErrorCode::ProgramContradiction, &place, message);
            }
            CostRules::PerUnit(check.positive(*cost, digits, &place))
        }
    }
}

pub(in crate::program) fn compile_stacking(check: &mut Check<'_>) -> StackingRules {
    let document = check.document;
    let stacking = &document.stacking;
    check.unique(stacking.classes.iter().map(|class| &class.id), "/stacking/classes");
    let mut classes = Vec::with_capacity(stacking.classes.len());
    for (index, class) in stacking.classes.iter().enumerate() {
        let place = format!("/stacking/classes/{index}/most");
        let most = positive_count(check, class.most, &place);
        classes.push(ClassRules { keep: class.keep, most: usize::try_from(most).unwrap_or(1) });
    }
    let mut order: Vec<(usize, &Promotion)> = document.promotions.iter().enumerate().collect();
    order.sort_by_key(|(_, promotion)| Reverse(promotion.priority));
    StackingRules {
        best: stacking.together == Together::Best,
        classes,
        codes_together: stacking.codes == CodePolicy::AllOrNothing,
        free_units_touched: stacking.free_units == FreeUnits::Touched,
        initial: stacking.base == DiscountBase::Initial,
        judged_running: stacking.judged_on == JudgedOn::Running,
        once: stacking.units == UnitUse::Once,
        order: order.into_iter().map(|(index, _)| index).collect(),
    }
}

fn compile_cap(
    check: &mut Check<'_>,
    cap: Option<rust_decimal::Decimal>,
    path: &str,
) -> Option<i64> {
    let digits = check.currency_digits;
    cap.map(|cap| check.positive(cap, digits, &format!("{path}/cap")))
}

fn compile_selection(check: &mut Check<'_>, select: &Selection, path: &str) -> SelectRules {
    let mut count = |count: Option<u32>, key: &str| {
        count.map(|count| positive_count(check, count, &format!("{path}/{key}")))
    };
    let every = count(select.every, "every");
    let per_line = count(select.per_line, "per_line");
    let per_receipt = count(select.per_receipt, "per_receipt");
    let whole_lines =
        every.is_none() && per_line.is_none() && per_receipt.is_none() && select.skip == 0;
    let units = UnitRules {
        every: every.unwrap_or(1),
        per_line: per_line.unwrap_or(i64::MAX),
        per_receipt: per_receipt.unwrap_or(i64::MAX),
        skip: i64::from(select.skip),
    };
    SelectRules {
        kinds: KindSet::of(&select.kinds),
        lines: check.lines(select.lines.as_ref(), &format!("{path}/lines")),
        order: select.order,
        units: (!whole_lines).then_some(units),
    }
}

/// A number of things, of which there must be one at least.
pub(super) fn positive_count(check: &mut Check<'_>, count: u32, path: &str) -> i64 {
    if count == 0 {
        check.mistake(ErrorCode::ProgramNotPositive, path, "`0` must be above zero");
    }
    i64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use crate::program::Program;

    /// The places and codes of the mistakes in a programme with these keys.
    fn mistakes(keys: &str) -> Vec<(String, &'static str)> {
        let head = r#""id":"t","currency":"RUB","zone":"Europe/Moscow","points":[{"id":"b"}]"#;
        let error = Program::compile(&format!("{{{head},{keys}}}")).unwrap_err();
        error.mistakes().iter().map(|m| (m.path.clone(), m.code.as_str())).collect()
    }

    /// The mistakes in what a promotion gives.
    fn form(then: &str) -> Vec<(String, &'static str)> {
        let found = mistakes(&format!(r#""promotions":[{{"id":"p","then":{{{then}}}}}]"#));
        let short = |path: &str| path.trim_start_matches("/promotions/0/then/").to_owned();
        found.into_iter().map(|(path, code)| (short(&path), code)).collect()
    }

    #[track_caller]
    fn check(found: Vec<(String, &'static str)>, expected: &[(&str, &str)]) {
        let found: Vec<(&str, &str)> = found.iter().map(|(path, code)| (&**path, *code)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn numbers_of_things_are_above_zero() {
        let zero = "program.not_positive";
        let select = r#""promotions":[{"id":"p","then":{"percent":"5"},
            "select":{"every":0,"per_line":0,"per_receipt":0}}]"#;
        let keys = ["every", "per_line", "per_receipt"];
        let places = keys.map(|key| format!("/promotions/0/select/{key}"));
        check(mistakes(select), &places.each_ref().map(|place| (place.as_str(), zero)));
        check(
            form(r#""buy_get":{"buy":0,"get":0,"times":0,"give":{"percent":"100"}}"#),
            &[("buy_get/buy", zero), ("buy_get/get", zero), ("buy_get/times", zero)],
        );
        check(form(r#""gift":{"items":[{"sku":"a"}],"quantity":0}"#), &[("gift/quantity", zero)]);
        check(form(r#""n_for_m":{"n":0,"m":0}"#), &[("n_for_m/n", zero)]);
        check(form(r#""schedule":[{"from":0,"percent":"5"}]"#), &[("schedule/0/from", zero)]);
        check(form(r#""amount":{"amount":"0"}"#), &[("amount/amount", zero)]);
    }

    #[test]
    fn lists_are_not_empty_and_steps_ascend() {
        let (empty, order) = ("program.empty", "program.order");
        check(form(r#""bundle":{"parts":[],"price":"1.00"}"#), &[("bundle/parts", empty)]);
        check(form(r#""tiered":{"steps":[]}"#), &[("tiered/steps", empty)]);
        check(form(r#""schedule":[]"#), &[("schedule", empty)]);
        check(form(r#""gift":{"items":[]}"#), &[("gift/items", empty)]);
        let steps =
            r#"{"from":"5.00","give":{"percent":"5"}},{"from":"5.00","give":{"percent":"6"}}"#;
        check(
            form(&format!(r#""tiered":{{"steps":[{steps}]}}"#)),
            &[("tiered/steps/1/from", order)],
        );
        let steps = r#"{"from":3,"percent":"5"},{"from":2,"percent":"6"}"#;
        check(form(&format!(r#""schedule":[{steps}]"#)), &[("schedule/1/from", order)]);
    }

    #[test]
    fn what_contradicts_itself_or_names_nothing_is_found() {
        check(form(r#""n_for_m":{"n":2,"m":2}"#), &[("n_for_m/m", "program.contradiction")]);
        check(form(r#""coupon":"c""#), &[("coupon", "program.reference")]);
        check(form(r#""percent":"101""#), &[("percent", "program.percent")]);
        check(form(r#""price":"-1.00""#), &[("price", "amount.sign")]);
        let class = r#""promotions":[{"id":"p","class":"c","then":{"percent":"5"}}],
            "stacking":{"classes":[{"id":"d"},{"id":"d","most":0}]}"#;
        check(
            mistakes(class),
            &[
                ("/promotions/0/class", "program.reference"),
                ("/stacking/classes/1/id", "program.duplicate"),
                ("/stacking/classes/1/most", "program.not_positive"),
            ],
        );
        let rewards = r#""rewards":[
            {"id":"a","cost":{"per_block":"5"},"then":{"percent":"5"}},
            {"id":"b","cost":{"per_unit":"5"},"then":{"amount":{"amount":"5.00"}}},
            {"id":"c","cost":{"per_unit":"5"},"then":{"amount":{"amount":"5.00","each":"unit"}}}]"#;
        check(
            mistakes(rewards),
            &[
                ("/rewards/0/cost/per_block", "program.contradiction"),
                ("/rewards/1/cost/per_unit", "program.contradiction"),
            ],
        );
    }
}
