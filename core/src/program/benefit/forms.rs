//! The forms of what is given, from the document, with every mistake.

use rust_decimal::Decimal;

use super::compile::positive_count;
use super::{BundleRules, BuyGetRules, FormRules, GiftRules, GiveOnUnit, NForMRules, TieredRules};
use crate::amount::{PRICE_DIGITS, QUANTITY_DIGITS};
use crate::error::ErrorCode;
use crate::program::compile::Check;
use crate::program::document::*;

/// What a promotion or a reward at `path` gives.
pub(super) fn compile_form(check: &mut Check<'_>, then: &Then, path: &str) -> FormRules {
    let path = format!("{path}/then/{}", then.name());
    match then {
        Then::Percent(percent) => FormRules::Percent(check.percent(*percent, &path)),
        Then::Amount(off) => {
            let digits = check.currency_digits;
            let amount = check.positive(off.amount, digits, &format!("{path}/amount"));
            FormRules::Amount(amount, off.each)
        }
        Then::Price(price) => FormRules::Price(compile_price(check, *price, &path)),
        Then::Bundle(bundle) => FormRules::Bundle(compile_bundle(check, bundle, &path)),
        Then::NForM(n_for_m) => FormRules::NForM(compile_n_for_m(check, n_for_m, &path)),
        Then::BuyGet(buy_get) => FormRules::BuyGet(compile_buy_get(check, buy_get, &path)),
        Then::Tiered(tiered) => FormRules::Tiered(compile_tiered(check, tiered, &path)),
        Then::Schedule(steps) => FormRules::Schedule(compile_schedule(check, steps, &path)),
        Then::Gift(gift) => FormRules::Gift(compile_gift(check, gift, &path)),
        Then::Coupon(id) => {
            let known: Vec<&str> = check.document.coupons.iter().map(|c| c.id.as_str()).collect();
            FormRules::Coupon(check.reference(id, &known, "coupon", &path).unwrap_or(0))
        }
    }
}

/// A price in millionths; zero gives things away.
fn compile_price(check: &mut Check<'_>, price: Decimal, path: &str) -> i64 {
    let units = check.units(price, PRICE_DIGITS, path);
    if units < 0 {
        let message = format!("`{}` must not be negative", price.normalize());
        check.mistake(ErrorCode::AmountSign, path, message);
    }
    units.max(0)
}

fn compile_times(check: &mut Check<'_>, times: Option<u32>, path: &str) -> i64 {
    times.map_or(i64::MAX, |times| positive_count(check, times, &format!("{path}/times")))
}

fn compile_bundle(check: &mut Check<'_>, bundle: &Bundle, path: &str) -> BundleRules {
    if bundle.parts.is_empty() {
        let message = "list what a set is made of";
        check.mistake(ErrorCode::ProgramEmpty, &format!("{path}/parts"), message);
    }
    let mut parts = Vec::with_capacity(bundle.parts.len());
    for (index, part) in bundle.parts.iter().enumerate() {
        let place = format!("{path}/parts/{index}");
        let quantity = positive_count(check, part.quantity, &format!("{place}/quantity"));
        if let Some(lines) = check.lines(Some(&part.lines), &format!("{place}/lines")) {
            parts.push((lines, quantity));
        }
    }
    BundleRules {
        parts,
        price: check.money(bundle.price, &format!("{path}/price")),
        times: compile_times(check, bundle.times, path),
    }
}

fn compile_n_for_m(check: &mut Check<'_>, n_for_m: &NForM, path: &str) -> NForMRules {
    let n = positive_count(check, n_for_m.n, &format!("{path}/n"));
    if n_for_m.n > 0 && n_for_m.m >= n_for_m.n {
        let message = "`m` must be below `n`, or nothing is given";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/m"), message);
    }
    NForMRules { divide: n_for_m.divide, free: n_for_m.free, m: i64::from(n_for_m.m).min(n), n }
}

fn compile_buy_get(check: &mut Check<'_>, buy_get: &BuyGet, path: &str) -> BuyGetRules {
    BuyGetRules {
        buy: positive_count(check, buy_get.buy, &format!("{path}/buy")),
        get: positive_count(check, buy_get.get, &format!("{path}/get")),
        get_lines: check.lines(buy_get.get_lines.as_ref(), &format!("{path}/get_lines")),
        give: compile_give(check, &buy_get.give, &format!("{path}/give")),
        target: buy_get.target,
        times: compile_times(check, buy_get.times, path),
    }
}

fn compile_give(check: &mut Check<'_>, give: &UnitGive, path: &str) -> GiveOnUnit {
    let path = format!("{path}/{}", give.name());
    match give {
        UnitGive::Percent(percent) => GiveOnUnit::Percent(check.percent(*percent, &path)),
        UnitGive::Amount(amount) => {
            let digits = check.currency_digits;
            GiveOnUnit::Amount(check.positive(*amount, digits, &path))
        }
        UnitGive::Price(price) => GiveOnUnit::Price(compile_price(check, *price, &path)),
    }
}

fn compile_tiered(check: &mut Check<'_>, tiered: &Tiered, path: &str) -> TieredRules {
    let path = format!("{path}/steps");
    if tiered.steps.is_empty() {
        check.mistake(ErrorCode::ProgramEmpty, &path, "list at least one step");
    }
    let digits = match tiered.by {
        TieredBy::Amount => check.currency_digits,
        TieredBy::Quantity => QUANTITY_DIGITS,
    };
    let mut steps: Vec<(i64, GiveOnUnit)> = Vec::with_capacity(tiered.steps.len());
    for (index, step) in tiered.steps.iter().enumerate() {
        let place = format!("{path}/{index}/from");
        let from = check.units(step.from, digits, &place);
        if from < 0 {
            let message = format!("`{}` must not be negative", step.from.normalize());
            check.mistake(ErrorCode::AmountSign, &place, message);
        }
        check_ascends(check, steps.last().map(|(below, _)| *below), from, &place);
        steps.push((from, compile_give(check, &step.give, &format!("{path}/{index}/give"))));
    }
    TieredRules { by: tiered.by, steps }
}

fn compile_schedule(
    check: &mut Check<'_>,
    schedule: &[PositionPercent],
    path: &str,
) -> Vec<(i64, i64)> {
    if schedule.is_empty() {
        check.mistake(ErrorCode::ProgramEmpty, path, "list at least one step");
    }
    let mut steps: Vec<(i64, i64)> = Vec::with_capacity(schedule.len());
    for (index, step) in schedule.iter().enumerate() {
        let place = format!("{path}/{index}/from");
        let from = positive_count(check, step.from, &place);
        check_ascends(check, steps.last().map(|(below, _)| *below), from, &place);
        steps.push((from, check.percent(step.percent, &format!("{path}/{index}/percent"))));
    }
    steps
}

fn check_ascends(check: &mut Check<'_>, below: Option<i64>, from: i64, path: &str) {
    if below.is_some_and(|below| below >= from) {
        let message = "each step must begin above the one before it";
        check.mistake(ErrorCode::ProgramOrder, path, message);
    }
}

fn compile_gift(check: &mut Check<'_>, gift: &Gift, path: &str) -> GiftRules {
    if gift.items.is_empty() {
        let message = "list what may be given";
        check.mistake(ErrorCode::ProgramEmpty, &format!("{path}/items"), message);
    }
    let mut skus = Vec::with_capacity(gift.items.len());
    for (index, item) in gift.items.iter().enumerate() {
        if item.sku.is_empty() {
            let place = format!("{path}/items/{index}/sku");
            check.mistake(ErrorCode::DocumentTextEmpty, &place, "name the stock number");
        }
        skus.push(check.symbols.add(&item.sku));
    }
    GiftRules {
        items: gift.items.clone(),
        quantity: positive_count(check, gift.quantity, &format!("{path}/quantity")),
        skus,
        found: gift.take != GiftTake::Added,
        added: gift.take != GiftTake::Found,
    }
}
