//! Limits, grants, coupons, referral, transfer: what surrounds the rules.

use std::collections::HashMap;

use super::Check;
use super::coupon::check_coupon;
use crate::error::ErrorCode;
use crate::program::document::*;
use crate::program::rules::*;
use crate::slice::{LOAD, LOAD_BONUS, OPENING, TRANSFER};

/// The name under which limits cover points spent.
pub(crate) const REDEMPTION: &str = "redemption";

/// How the ids begin under which the engine itself counts what limits are not over.
const COUNTED_BY_THE_ENGINE: [&str; 2] = ["offline:", "paper:"];

/// Every rule that a limit may cover, with the kind of points that it gives or takes.
fn covered(document: &ProgramDocument) -> Vec<(String, &str, Option<&String>)> {
    let mut rules = Vec::new();
    let mut add = |list: &str, index: usize, id, points| {
        rules.push((format!("/{list}/{index}/id"), id, points));
    };
    for (index, rule) in document.auto_redemption.iter().enumerate() {
        add("auto_redemption", index, rule.id.as_str(), rule.points.as_ref());
    }
    for (index, rule) in document.earning.rules.iter().enumerate() {
        add("earning/rules", index, &rule.id, rule.points.as_ref());
    }
    for (index, rule) in document.grants.iter().enumerate() {
        add("grants", index, &rule.id, rule.points.as_ref());
    }
    for (index, rule) in document.promotions.iter().enumerate() {
        add("promotions", index, &rule.id, None);
    }
    for (index, rule) in document.rewards.iter().enumerate() {
        add("rewards", index, &rule.id, rule.points.as_ref());
    }
    rules
}

/// Limits name rules by their ids, so that these are unique over all lists.
pub(super) fn check_rule_ids(check: &mut Check<'_>) {
    let document = check.document;
    let mut seen: HashMap<&str, String> = HashMap::new();
    for (path, id, _) in covered(document) {
        check.id(id, &path);
        if [REDEMPTION, OPENING, TRANSFER, LOAD, LOAD_BONUS].contains(&id) {
            let message = format!("`{id}` is a name of the engine's own; take another id");
            check.mistake(ErrorCode::ProgramDuplicate, &path, message);
        } else if seen.contains_key(id) {
            let message = format!("the id `{id}` is used twice");
            check.mistake(ErrorCode::ProgramDuplicate, &path, message);
        }
        seen.insert(id, path);
    }
}

pub(super) fn compile_limits(check: &mut Check<'_>) -> Vec<LimitRules> {
    let document = check.document;
    check.unique(document.limits.iter().map(|limit| &limit.id), "/limits");
    let rules = covered(document);
    let mut compiled = Vec::with_capacity(document.limits.len());
    for (index, limit) in document.limits.iter().enumerate() {
        let path = format!("/limits/{index}");
        if COUNTED_BY_THE_ENGINE.iter().any(|prefix| limit.id.starts_with(prefix)) {
            let message = format!("`{}` is a name of the engine's own; take another id", limit.id);
            check.mistake(ErrorCode::ProgramDuplicate, &format!("{path}/id"), message);
        }
        let kind = check_covers(check, limit, &rules, &path);
        if limit.uses.is_none() && limit.money.is_none() && limit.points.is_none() {
            let message = "a limit needs `uses`, `money` or `points`";
            check.mistake(ErrorCode::ProgramEmpty, &path, message);
        }
        let digits = check.digits_of(kind.unwrap_or(0));
        let points = limit.points;
        let warn = limit.warn_from;
        compiled.push(LimitRules {
            give_back: limit.give_back.clone(),
            id: limit.id.clone(),
            money: limit.money.map(|money| check.money(money, &format!("{path}/money"))),
            per: limit.per,
            period: limit.period,
            points: points.map(|p| check.positive(p, digits, &format!("{path}/points"))),
            points_kind: kind,
            refuses: limit.remainder == Remainder::Refuse,
            uses: limit.uses.map(i64::from),
            warn_from: warn.map(|warn| check.percent(warn, &format!("{path}/warn_from"))),
        });
    }
    compiled
}

/// Gives the one kind of points that the covered rules are about, if it is needed.
fn check_covers(
    check: &mut Check<'_>,
    limit: &Limit,
    rules: &[(String, &str, Option<&String>)],
    path: &str,
) -> Option<usize> {
    if limit.covers.is_empty() {
        let message = "list the rules that the limit covers";
        check.mistake(ErrorCode::ProgramEmpty, &format!("{path}/covers"), message);
    }
    let redemption = check.document.redemption.as_ref();
    let mut known: Vec<&str> = rules.iter().map(|(_, id, _)| *id).collect();
    if redemption.is_some() {
        known.push(REDEMPTION);
    }
    let mut kinds: Vec<usize> = Vec::new();
    for (number, id) in limit.covers.iter().enumerate() {
        let place = format!("{path}/covers/{number}");
        check.reference(id, &known, "rule", &place);
        let rule = rules.iter().find(|(_, other, _)| other == id);
        let is_promotion = rule.is_some_and(|(place, _, _)| place.starts_with("/promotions"));
        let named = match rule {
            Some((_, _, points)) => *points,
            None => redemption.and_then(|redemption| redemption.points.as_ref()),
        };
        if !is_promotion && known.contains(&id.as_str()) {
            kinds.extend(check.points_if_known(named));
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    if limit.points.is_some() && kinds.len() != 1 {
        let message = "`points` needs rules that are all about one kind of points";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/points"), message);
    }
    kinds.first().copied().filter(|_| kinds.len() == 1)
}

pub(super) fn compile_coupons(check: &mut Check<'_>) -> Vec<CouponRules> {
    let document = check.document;
    check.unique(document.coupons.iter().map(|coupon| &coupon.id), "/coupons");
    for (index, coupon) in document.coupons.iter().enumerate() {
        check_coupon(check, coupon, &format!("/coupons/{index}"));
    }
    let compile = |(index, coupon): (usize, &Coupon)| CouponRules {
        id: coupon.id.clone(),
        codes: coupon.codes.clone(),
        dates: DateRules {
            delay: check.start(coupon.delay.as_ref(), &format!("/coupons/{index}/delay")),
            life: check.life(coupon.life.as_ref(), &format!("/coupons/{index}/life")),
            life_from: LifeFrom::Opened,
        },
        on_cancel: coupon.on_cancel,
        per_guest: coupon.per_guest,
        personal: coupon.personal,
        uses: coupon.uses,
    };
    document.coupons.iter().enumerate().map(compile).collect()
}

pub(super) fn compile_grants(check: &mut Check<'_>) -> Vec<GrantRules> {
    let document = check.document;
    let mut compiled = Vec::with_capacity(document.grants.len());
    for (index, grant) in document.grants.iter().enumerate() {
        let path = format!("/grants/{index}");
        let points = check.points(grant.points.as_ref(), &format!("{path}/points"));
        let digits = check.digits_of(points);
        compiled.push(GrantRules {
            id: grant.id.clone(),
            amount: check.positive(grant.amount, digits, &format!("{path}/amount")),
            dates: DateRules {
                delay: check.start(grant.delay.as_ref(), &format!("{path}/delay")),
                life: check.life(grant.life.as_ref(), &format!("{path}/life")),
                life_from: LifeFrom::Opened,
            },
            limits: check.limits_over(&grant.id),
            only: grant.only,
            points,
        });
    }
    compiled
}

pub(super) fn compile_referral(check: &mut Check<'_>) -> Option<ReferralRules> {
    let referral = check.document.referral.as_ref()?;
    if referral.newcomer.is_none() && referral.referrer.is_none() {
        let message = "say what the newcomer or the one who brought the newcomer gets";
        check.mistake(ErrorCode::ProgramEmpty, "/referral", message);
    }
    if referral.purchase == 0 {
        let message = "purchases are counted from 1";
        check.mistake(ErrorCode::ProgramNotPositive, "/referral/purchase", message);
    }
    Some(ReferralRules {
        newcomer: check.grant(referral.newcomer.as_ref(), "/referral/newcomer"),
        purchase: i64::from(referral.purchase),
        referrer: check.grant(referral.referrer.as_ref(), "/referral/referrer"),
    })
}

pub(super) fn compile_transfer(check: &mut Check<'_>) -> Option<TransferRules> {
    let transfer = check.document.transfer.as_ref()?;
    if transfer.clock == TransferClock::Keep && transfer.life.is_some() {
        let message = "points that keep their dates get no new life; use `restart`";
        check.mistake(ErrorCode::ProgramContradiction, "/transfer/life", message);
    }
    if let Some(minimum) = transfer.minimum {
        check.positive(minimum, 6, "/transfer/minimum");
    }
    Some(TransferRules {
        clock: transfer.clock,
        life: check.life(transfer.life.as_ref(), "/transfer/life"),
        minimum: transfer.minimum,
    })
}

pub(super) fn compile_auto_redemption(check: &mut Check<'_>) -> Vec<AutoRedemptionRules> {
    let document = check.document;
    let known: Vec<&str> = document.coupons.iter().map(|coupon| coupon.id.as_str()).collect();
    let mut compiled = Vec::with_capacity(document.auto_redemption.len());
    for (index, auto) in document.auto_redemption.iter().enumerate() {
        let path = format!("/auto_redemption/{index}");
        let points = check.points(auto.points.as_ref(), &format!("{path}/points"));
        let digits = check.digits_of(points);
        if auto.per_day == Some(0) {
            let message = "at least one a day, or leave the automatic redemption out";
            check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/per_day"), message);
        }
        let coupon = check.reference(&auto.coupon, &known, "coupon", &format!("{path}/coupon"));
        compiled.push(AutoRedemptionRules {
            coupon: coupon.unwrap_or(0),
            id: auto.id.clone(),
            limits: check.limits_over(&auto.id),
            per_day: auto.per_day,
            points,
            threshold: check.positive(auto.threshold, digits, &format!("{path}/threshold")),
        });
    }
    compiled
}
