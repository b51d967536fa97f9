//! Earning and redemption.

use rust_decimal::Decimal;

use super::Check;
use super::cards::compile_by_tier;
use crate::amount;
use crate::error::ErrorCode;
use crate::order::Stage;
use crate::program::document::*;
use crate::program::rules::*;

pub(super) fn compile_earning(check: &mut Check<'_>) -> EarningRules {
    let document = check.document;
    let earning = &document.earning;
    let mut rules = Vec::with_capacity(earning.rules.len());
    for (index, rule) in earning.rules.iter().enumerate() {
        rules.push(compile_earning_rule(check, rule, &format!("/earning/rules/{index}")));
    }
    check_lowered_by(check, &earning.lowered_by, "/earning/lowered_by");
    let tenders = &earning.lowered_by_tenders;
    EarningRules {
        kinds: KindSet::of(&earning.kinds),
        lowered_by: StageSet::of(&earning.lowered_by),
        lowered_by_tenders: tenders.iter().map(|kind| check.symbols.add(kind)).collect(),
        matching: earning.matching,
        multipliers: earning.multipliers,
        rules,
    }
}

fn check_lowered_by(check: &mut Check<'_>, stages: &[Stage], path: &str) {
    if let Some(stage) = stages.iter().position(|stage| *stage == Stage::Earning) {
        let message = "earning cannot be lowered by earning";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/{stage}"), message);
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
        Give::PerUnit(points) => GiveRules::PerUnit(check.positive(*points, digits, &give_path)),
        Give::PerVisit(points) => GiveRules::PerVisit(check.positive(*points, digits, &give_path)),
        Give::Multiply(multiply) => compile_multiply(check, multiply, &give_path),
    };
    let cap = rule.cap.map(|cap| check.positive(cap, digits, &format!("{path}/cap")));
    let minimum = rule.minimum.map(|m| check.money(m, &format!("{path}/minimum")));
    let when = check.order(rule.when.as_ref(), &format!("{path}/when"));
    if let Some(stages) = &rule.lowered_by {
        check_lowered_by(check, stages, &format!("{path}/lowered_by"));
    }
    let dates = DateRules {
        delay: check.start(rule.delay.as_ref(), &format!("{path}/delay")),
        life: check.life(rule.life.as_ref(), &format!("{path}/life")),
        life_from: rule.life_from,
    };
    let rolling = compile_rolling(check, rule, dates.life.as_ref(), path);
    EarningRuleRules {
        asked: Asked::of(when.as_ref()),
        cap_mode: rule.cap_mode,
        life_by_tier: compile_life_by_tier(check, rule, path),
        limits: check.limits_over(&rule.id),
        lowered_by: rule.lowered_by.as_deref().map(StageSet::of),
        of: rule.of,
        only: rule.only,
        promoted: rule.promoted,
        rolling,
        since: check.date(rule.since.as_ref(), &format!("{path}/since")),
        id: rule.id.clone(),
        points,
        give,
        minimum: minimum.unwrap_or(0),
        cap,
        dates,
        rounding: rule.rounding,
        lines: check.lines(rule.lines.as_ref(), &format!("{path}/lines")),
        when,
    }
}

fn compile_multiply(check: &mut Check<'_>, multiply: &Multiply, path: &str) -> GiveRules {
    let by = multiply.by;
    if by < Decimal::ONE || by > Decimal::ONE_HUNDRED {
        let message = format!("`{}` is no multiplier from 1 to 100", by.normalize());
        check.mistake(ErrorCode::ProgramMultiplier, &format!("{path}/by"), message);
        return GiveRules::Multiply(1000, multiply.of);
    }
    GiveRules::Multiply(check.units(by, 3, &format!("{path}/by")), multiply.of)
}

fn compile_rolling(
    check: &mut Check<'_>,
    rule: &EarningRule,
    life: Option<&LifeRules>,
    path: &str,
) -> Option<Term> {
    if !rule.rolling {
        return None;
    }
    let Some(LifeRules::Term(term)) = life else {
        let message =
            "points that begin anew with each purchase need a life in days, months or hours";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/rolling"), message);
        return None;
    };
    Some(term.clone())
}

fn compile_life_by_tier(
    check: &mut Check<'_>,
    rule: &EarningRule,
    path: &str,
) -> Vec<(usize, LifeRules)> {
    let mut compiled: Vec<(usize, LifeRules)> = Vec::with_capacity(rule.life_by_tier.len());
    for (index, one) in rule.life_by_tier.iter().enumerate() {
        let place = format!("{path}/life_by_tier/{index}");
        let tier = check.tier(&one.tier, &format!("{place}/tier"));
        if rule.life_by_tier.iter().take(index).any(|earlier| earlier.tier == one.tier) {
            let message = format!("the tier `{}` is listed twice", one.tier);
            check.mistake(ErrorCode::ProgramDuplicate, &format!("{place}/tier"), message);
        }
        if let Some(life) = check.life(Some(&one.life), &format!("{place}/life")) {
            compiled.push((tier, life));
        }
    }
    compiled
}

pub(super) fn compile_redemption(check: &mut Check<'_>) -> Option<RedemptionRules> {
    let redemption = check.document.redemption.as_ref()?;
    let points = check.points(redemption.points.as_ref(), "/redemption/points");
    let digits = check.document.points.get(points).map_or(0, |points| points.digits.min(6));
    let maximum = redemption.maximum;
    let minimum_points = redemption.minimum_points;
    let step = redemption.step.map(|step| check.positive(step, digits, "/redemption/step"));
    let when = check.order(redemption.when.as_ref(), "/redemption/when");
    let balance = redemption.minimum_balance;
    let cash = redemption.minimum_cash;
    let price = redemption.minimum_price;
    Some(RedemptionRules {
        asked: Asked::of(when.as_ref()),
        includes_earned: redemption.includes_earned,
        limits: check.limits_over(super::gifts::REDEMPTION),
        minimum_balance: balance
            .map_or(0, |balance| check.positive(balance, digits, "/redemption/minimum_balance")),
        minimum_cash: cash.map_or(0, |cash| check.money(cash, "/redemption/minimum_cash")),
        minimum_price: price.map_or(0, |price| {
            check.positive(price, amount::PRICE_DIGITS, "/redemption/minimum_price")
        }),
        of: redemption.of,
        points,
        kinds: KindSet::of(&redemption.kinds),
        lines: check.lines(redemption.lines.as_ref(), "/redemption/lines"),
        when,
        percent: check.percent(redemption.percent, "/redemption/percent"),
        percent_shown: redemption.percent.normalize(),
        percent_of: redemption.percent_of,
        maximum: maximum.map(|maximum| check.money(maximum, "/redemption/maximum")),
        offline_maximum: redemption
            .offline_maximum
            .map(|maximum| check.money(maximum, "/redemption/offline_maximum")),
        minimum_points: minimum_points
            .map_or(0, |minimum| check.positive(minimum, digits, "/redemption/minimum_points")),
        step: step.unwrap_or(1),
        presentation: redemption.presentation,
    })
}
