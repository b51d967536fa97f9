//! What a coupon shows.

use jiff::Timestamp;

use super::{Pass, PassState, PassStyle, Row, Speech};
use crate::command::PassLanguage;
use crate::program::rules::Rules;
use crate::slice::CouponState;

/// The pass of a coupon at an instant.
pub(crate) fn coupon_pass(
    rules: &Rules,
    code: &str,
    coupon: &CouponState,
    at: Timestamp,
    language: PassLanguage,
) -> Pass {
    let speech = Speech { rules, language };
    let kind = rules.document.coupons.iter().find(|kind| kind.id == coupon.coupon);
    let mut pass = speech.blank(PassStyle::Coupon, &coupon.coupon, code, at);
    let named = speech.name(kind.and_then(|kind| kind.name.as_ref()));
    pass.title = named.unwrap_or_else(|| speech.pick("Купон", "Coupon").to_owned());
    pass.state = state(coupon, at);
    pass.opens_at = coupon.opens_at;
    pass.expires_at = coupon.expires_at;
    pass.primary.push(Row::new("title", speech.pick("Купон", "Coupon"), &pass.title));
    if coupon.uses > 1 {
        let left = coupon.uses.saturating_sub(coupon.used).to_string();
        let label = speech.pick("Осталось использований", "Uses left");
        pass.header.push(Row::new("uses", label, left).told());
    }
    let from = pass.opens_at.filter(|from| *from > at);
    let label = speech.pick("Действует с", "Valid from");
    pass.secondary.extend(from.map(|from| Row::new("from", label, speech.date(from))));
    pass.secondary.extend(pass.expires_at.map(|end| speech.until(end)));
    pass.back.push(Row::new("number", speech.pick("Код купона", "Coupon code"), code));
    let programme = pass.programme.clone();
    let label = speech.pick("Программа", "Programme");
    pass.back.extend(programme.map(|name| Row::new("programme", label, name)));
    pass
}

/// What weighs most comes first: void, ended, used, blocked, not yet.
fn state(coupon: &CouponState, at: Timestamp) -> PassState {
    let ended = coupon.expires_at.is_some_and(|end| end <= at);
    let waits = coupon.event.is_some() || coupon.opens_at.is_some_and(|opens| opens > at);
    let used = coupon.used >= coupon.uses;
    match (coupon.voided, ended, used, coupon.blocked || waits) {
        (true, ..) => PassState::Inactive,
        (_, true, ..) => PassState::Expired,
        (_, _, true, _) => PassState::Completed,
        (_, _, _, true) => PassState::Inactive,
        _ => PassState::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_is_what_weighs_most() {
        let at: Timestamp = "2025-10-24T12:00:00Z".parse().unwrap();
        let fresh = CouponState { uses: 1, ..CouponState::default() };
        let used = CouponState { used: 1, ..fresh.clone() };
        let ended = CouponState { expires_at: Some(at), ..used.clone() };
        let void = CouponState { voided: true, ..ended.clone() };
        let blocked = CouponState { blocked: true, ..fresh.clone() };
        let waits = CouponState { event: Some("delivery".to_owned()), ..fresh.clone() };
        for (coupon, expected) in [
            (fresh, PassState::Active),
            (used, PassState::Completed),
            (ended, PassState::Expired),
            (void, PassState::Inactive),
            (blocked, PassState::Inactive),
            (waits, PassState::Inactive),
        ] {
            assert_eq!(state(&coupon, at), expected, "{coupon:?}");
        }
    }
}
