//! How campaigns are used: coupons, limits, and what rules gave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Records, confirmed_by, in_program};
use crate::amount::Amount;
use crate::answer::{
    AssetSum, BudgetLeft, CampaignReport, CouponUse, LimitUse, PointsQuote, Quote, RuleUse,
};
use crate::order::Stage;
use crate::pricing::period_of;
use crate::program::rules::{CouponRules, LimitRules, Rules};
use crate::program::{LimitPer, LimitPeriod};
use crate::slice::{LimitReading, Slice};

/// How campaigns are used up to an instant.
pub(super) fn campaigns(rules: &Rules, records: &Records<'_>, at: Timestamp) -> CampaignReport {
    let coupon = |kind: &CouponRules| coupon_use(records.slice, kind, at);
    CampaignReport {
        coupons: rules.coupons.iter().map(coupon).collect(),
        limits: rules.limits.iter().flat_map(|limit| left(rules, records, limit, at)).collect(),
        rules: rule_uses(rules, records),
    }
}

fn coupon_use(slice: &Slice, kind: &CouponRules, at: Timestamp) -> CouponUse {
    let mut sum = CouponUse { coupon: kind.id.clone(), issued: 0, used: 0, void: 0 };
    for (_, state) in slice.coupons().filter(|(_, state)| state.coupon == kind.id) {
        let ended = state.expires_at.is_some_and(|end| end <= at);
        sum.issued += 1;
        sum.used += i64::from(state.used);
        sum.void += i64::from(state.voided || (ended && state.used == 0));
    }
    sum
}

/// What is left of a limit in the present period: for everybody, or for each whose limit counted
/// anything in it. A limit of one receipt keeps nothing.
fn left(
    rules: &Rules,
    records: &Records<'_>,
    limit: &LimitRules,
    at: Timestamp,
) -> Vec<BudgetLeft> {
    if limit.period == LimitPeriod::Receipt {
        return Vec::new();
    }
    let period = period_of(limit.period, rules.zone.to_datetime(at).date());
    let counted = records.slice.limit_subjects(&limit.id, &period);
    let mut subjects: BTreeSet<&str> = counted.collect();
    if limit.per == LimitPer::Programme {
        subjects.insert("");
    }
    let budget = |subject: &str| {
        let used = records.slice.limit(&limit.id, subject, &period, at, None);
        budget(rules, limit, (subject, &period), used)
    };
    subjects.into_iter().map(budget).collect()
}

fn budget(
    rules: &Rules,
    limit: &LimitRules,
    (subject, period): (&str, &str),
    used: LimitReading,
) -> BudgetLeft {
    let kind = limit.points_kind.and_then(|kind| rules.points.get(kind));
    let points = |units| Amount { units, digits: kind.map_or(0, |kind| kind.digits) };
    let money = |units| Amount { units, digits: rules.currency_digits };
    let left = |most: Option<i64>, used: i64| most.map(|most| (most - used).max(0));
    BudgetLeft {
        counted: LimitUse {
            give_back: limit.give_back.clone(),
            limit: limit.id.clone(),
            money: money(used.money),
            period: period.to_owned(),
            points: points(used.points),
            subject: subject.to_owned(),
            uses: used.uses,
        },
        money: left(limit.money, used.money).map(money),
        points: left(limit.points, used.points).map(points),
        uses: left(limit.uses, used.uses),
    }
}

/// What one rule gave on receipts.
#[derive(Default)]
struct Given {
    money: i64,
    points: Vec<AssetSum>,
    receipts: i64,
}

/// What rules gave on confirmed sales: promotions, rewards and earning rules as they stand in the
/// programme, then all others by their names.
fn rule_uses(rules: &Rules, records: &Records<'_>) -> Vec<RuleUse> {
    let mut given: BTreeMap<String, Given> = BTreeMap::new();
    for entry in records.entries {
        let Some((sale, quote)) = confirmed_by(records.slice, entry) else { continue };
        for (rule, own) in given_by(quote) {
            let sum = given.entry(rule).or_default();
            sum.receipts += 1;
            sum.money = sum.money.saturating_add(in_program(rules, sale.order(), own.money));
            own.points.iter().for_each(|points| add_points(&mut sum.points, points));
        }
    }
    let promotions = rules.promotions.iter().map(|rule| &rule.id);
    let rewards = rules.rewards.iter().map(|rule| &rule.id);
    let earning = rules.earning.rules.iter().map(|rule| &rule.id);
    let known: Vec<&String> = promotions.chain(rewards).chain(earning).collect();
    let mut uses = Vec::new();
    for rule in known {
        uses.extend(given.remove(rule).map(|given| rule_use(rules, rule.clone(), given)));
    }
    uses.extend(given.into_iter().map(|(rule, given)| rule_use(rules, rule, given)));
    uses
}

fn rule_use(rules: &Rules, rule: String, given: Given) -> RuleUse {
    let money = Amount { units: given.money, digits: rules.currency_digits };
    RuleUse { money, points: given.points, receipts: given.receipts, rule }
}

/// What rules gave on one receipt.
fn given_by(quote: &Quote) -> BTreeMap<String, Given> {
    let mut given: BTreeMap<String, Given> = BTreeMap::new();
    for discount in quote.lines.iter().flat_map(|line| &line.discounts) {
        if matches!(discount.stage, Stage::Promotion | Stage::Reward) {
            let own = given.entry(discount.source.clone()).or_default();
            own.money = own.money.saturating_add(discount.amount.units);
        }
    }
    for coupon in &quote.coupons {
        given.entry(coupon.rule.clone()).or_default();
    }
    let lots = |entry: &'_ PointsQuote| -> Vec<(String, AssetSum)> {
        let lot = |lot: &crate::answer::EarnedLot| {
            let sum = AssetSum { amount: lot.amount, asset: entry.points.clone() };
            (lot.rule.clone(), sum)
        };
        entry.lots.iter().map(lot).collect()
    };
    let granted = quote.granted.iter().map(|granted| {
        let sum = AssetSum { amount: granted.lot.amount, asset: granted.points.clone() };
        (granted.lot.rule.clone(), sum)
    });
    for (rule, points) in quote.points.iter().flat_map(lots).chain(granted) {
        add_points(&mut given.entry(rule).or_default().points, &points);
    }
    given
}

fn add_points(sums: &mut Vec<AssetSum>, points: &AssetSum) {
    match sums.iter_mut().find(|sum| sum.asset == points.asset) {
        Some(sum) => sum.amount.units = sum.amount.units.saturating_add(points.amount.units),
        None => sums.push(points.clone()),
    }
}
