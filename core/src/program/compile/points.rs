//! Earning and redemption.

use super::Check;
use super::cards::compile_by_tier;
use crate::error::ErrorCode;
use crate::order::Stage;
use crate::program::condition;
use crate::program::document::*;
use crate::program::rules::*;

pub(super) fn compile_earning(check: &mut Check<'_>) -> EarningRules {
    let document = check.document;
    let earning = &document.earning;
    check.unique(earning.rules.iter().map(|rule| &rule.id), "/earning/rules");
    let mut rules = Vec::with_capacity(earning.rules.len());
    for (index, rule) in earning.rules.iter().enumerate() {
        rules.push(compile_earning_rule(check, rule, &format!("/earning/rules/{index}")));
    }
    if let Some(stage) = earning.lowered_by.iter().position(|s| *s == Stage::Earning) {
        let message = "earning cannot be lowered by earning";
        check.mistake(
            ErrorCode::ProgramContradiction,
            &format!("/earning/lowered_by/{stage}"),
            message,
        );
    }
    let tenders = &earning.lowered_by_tenders;
    EarningRules {
        kinds: KindSet::of(&earning.kinds),
        lowered_by: StageSet::of(&earning.lowered_by),
        lowered_by_tenders: tenders.iter().map(|kind| check.symbols.add(kind)).collect(),
        matching: earning.matching,
        rules,
    }
}

fn compile_earning_rule(check: &mut Check<'_>, rule: &EarningRule, path: &str) -> EarningRuleRules {
    let points = check.points(rule.points.as_ref(), &format!("{path}/points"));
    let digits = check.document.points.get(points).map_or(0, |points| points.digits.min(6));
    let give_path = format!("{path}/give/{}", rule.give.name());
    let give = match &rule.give {
        Give::Percent(percent) => GiveRules::Percent(check.percent(*percent, &give_path)),
        Give::PercentByTier(steps) => {
            GiveRules::PercentByTier(compile_by_tier(check, steps, &give_path))
        }
        Give::Per(per) => {
            let currency_digits = check.currency_digits;
            GiveRules::Per {
                amount: check.positive(per.amount, currency_digits, &format!("{give_path}/amount")),
                points: check.positive(per.points, digits, &format!("{give_path}/points")),
                count: per.count,
            }
        }
    };
    let cap = rule.cap.map(|cap| check.positive(cap, digits, &format!("{path}/cap")));
    let minimum = rule.minimum.map(|m| check.money(m, &format!("{path}/minimum")));
    let when = rule.when.as_ref();
    if rule.life.as_ref().is_some_and(|life| matches!(life, Term::Hours(0) | Term::Months(0))) {
        let message = "points must live for some time";
        let place = format!("{path}/life/{}", rule.life.as_ref().map_or("", Term::name));
        check.mistake(ErrorCode::ProgramNotPositive, &place, message);
    }
    EarningRuleRules {
        id: rule.id.clone(),
        points,
        give,
        minimum: minimum.unwrap_or(0),
        cap,
        delay: rule.delay.clone(),
        life: rule.life.clone(),
        rounding: rule.rounding,
        lines: check.lines(rule.lines.as_ref(), &format!("{path}/lines")),
        when: when.map(|when| condition::compile_order(check, when, &format!("{path}/when"))),
    }
}

pub(super) fn compile_redemption(check: &mut Check<'_>) -> Option<RedemptionRules> {
    let redemption = check.document.redemption.as_ref()?;
    let points = check.points(redemption.points.as_ref(), "/redemption/points");
    let digits = check.document.points.get(points).map_or(0, |points| points.digits.min(6));
    let maximum = redemption.maximum;
    let minimum_points = redemption.minimum_points;
    let step = redemption.step.map(|step| check.positive(step, digits, "/redemption/step"));
    let when = redemption.when.as_ref();
    Some(RedemptionRules {
        points,
        kinds: KindSet::of(&redemption.kinds),
        lines: check.lines(redemption.lines.as_ref(), "/redemption/lines"),
        when: when.map(|when| condition::compile_order(check, when, "/redemption/when")),
        percent: check.percent(redemption.percent, "/redemption/percent"),
        percent_shown: redemption.percent.normalize(),
        percent_of: redemption.percent_of,
        maximum: maximum.map(|maximum| check.money(maximum, "/redemption/maximum")),
        minimum_points: minimum_points
            .map_or(0, |minimum| check.positive(minimum, digits, "/redemption/minimum_points")),
        step: step.unwrap_or(1),
        presentation: redemption.presentation,
    })
}
