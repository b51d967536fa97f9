//! How campaigns are used: coupons, limits, and what rules gave.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{confirmed_by, in_program};
use crate::amount::Amount;
use crate::answer::{
    AssetSum, BudgetLeft, CampaignReport, CouponUse, LimitUse, PointsQuote, Quote, RuleUse,
};
use crate::order::Stage;
use crate::pricing::period_of;
use crate::program::rules::{CouponRules, LimitRules, Rules};
use crate::program::{LimitPer, LimitPeriod};
use crate::record::Entry;
use crate::slice::{LimitReading, Slice};

/// How campaigns are used up to an instant.
#[derive(Debug)]
pub(super) struct Campaigns {
    /// As the kinds stand in the programme.
    coupons: Vec<CouponUse>,
    /// By the place of the limit in the programme, and whose it is.
    limits: BTreeMap<(usize, String), BudgetLeft>,
    /// What rules gave on confirmed sales.
    given: BTreeMap<String, Given>,
}

impl Campaigns {
    pub fn new(rules: &Rules) -> Campaigns {
        let none =
            |kind: &CouponRules| CouponUse { coupon: kind.id.clone(), issued: 0, used: 0, void: 0 };
        let coupons = rules.coupons.iter().map(none).collect();
        Campaigns { coupons, limits: BTreeMap::new(), given: BTreeMap::new() }
    }

    pub fn add_states(&mut self, rules: &Rules, slice: &Slice, at: Timestamp) {
        for sum in &mut self.coupons {
            add_coupons(sum, slice, at);
        }
        for (place, limit) in rules.limits.iter().enumerate() {
            self.add_limit(rules, slice, (place, limit), at);
        }
    }

    /// What is left of a limit in the present period, for each whose limit counted anything in it.
    /// A limit of one receipt keeps nothing.
    fn add_limit(
        &mut self,
        rules: &Rules,
        slice: &Slice,
        (place, limit): (usize, &LimitRules),
        at: Timestamp,
    ) {
        if limit.period == LimitPeriod::Receipt {
            return;
        }
        let period = period_of(limit.period, rules.zone.to_datetime(at).date());
        for subject in slice.limit_subjects(&limit.id, &period) {
            let used = slice.limit(&limit.id, subject, &period, at, None);
            let left = budget(rules, limit, (subject, &period), used);
            self.limits.insert((place, subject.to_owned()), left);
        }
    }

    /// Adds what rules gave on a confirmed sale.
    pub fn add_record(&mut self, rules: &Rules, slice: &Slice, entry: &Entry) {
        let Some((sale, quote)) = confirmed_by(slice, entry) else { return };
        for (rule, own) in given_by(quote) {
            let sum = self.given.entry(rule).or_default();
            sum.receipts += 1;
            sum.money = sum.money.saturating_add(in_program(rules, sale.order(), own.money));
            own.points.iter().for_each(|points| add_points(&mut sum.points, points));
        }
    }

    pub fn finish(mut self, rules: &Rules, at: Timestamp) -> CampaignReport {
        for (place, limit) in rules.limits.iter().enumerate() {
            // Everybody's budget is told before anything was used of it.
            if limit.per == LimitPer::Programme && limit.period != LimitPeriod::Receipt {
                let period = period_of(limit.period, rules.zone.to_datetime(at).date());
                let whole = || budget(rules, limit, ("", &period), LimitReading::default());
                self.limits.entry((place, String::new())).or_insert_with(whole);
            }
        }
        CampaignReport {
            coupons: self.coupons,
            limits: self.limits.into_values().collect(),
            rules: rule_uses(rules, self.given),
        }
    }
}

fn add_coupons(sum: &mut CouponUse, slice: &Slice, at: Timestamp) {
    for (_, state) in slice.coupons().filter(|(_, state)| state.coupon == sum.coupon) {
        let ended = state.expires_at.is_some_and(|end| end <= at);
        sum.issued += 1;
        sum.used += i64::from(state.used);
        sum.void += i64::from(state.voided || (ended && state.used == 0));
    }
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
#[derive(Debug, Default)]
struct Given {
    money: i64,
    points: Vec<AssetSum>,
    receipts: i64,
}

/// What rules gave on confirmed sales: promotions, rewards and earning rules as they stand in the
/// programme, then all others by their names.
fn rule_uses(rules: &Rules, mut given: BTreeMap<String, Given>) -> Vec<RuleUse> {
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
