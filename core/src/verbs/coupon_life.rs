//! The life of a coupon.

use super::batch::written;
use super::draft::{Draft, place_of};
use crate::answer::{Answer, CouponAnswer, CouponStatus, CouponView};
use crate::command::{ChangeCoupon, CouponAction};
use crate::error::{Error, ErrorCode};
use crate::record::{CouponMove, CouponMoved, Effect, Record};
use crate::slice::CouponState;

pub(super) fn change(mut draft: Draft<'_>, input: &ChangeCoupon) -> Result<Record, Error> {
    let code = written(&input.code);
    let Some(coupon) = draft.slice.coupon(&code) else {
        let message = format!("there is no coupon `{code}`");
        return Err(Error::new(ErrorCode::CouponUnknown, "/code", message));
    };
    let before = coupon.status(draft.at);
    let Some(why) = allowed(input.action, before) else {
        let message = format!("the coupon is {}, so that this cannot be done", before.as_str());
        return Err(Error::new(ErrorCode::CouponState, "/code", message));
    };
    let mut after = coupon.clone();
    match why {
        CouponMove::Blocked => after.blocked = true,
        CouponMove::Unblocked => after.blocked = false,
        _ => after.voided = true,
    }
    coupon.card.iter().for_each(|card| draft.read(card));
    draft.push(Effect::CouponMoved(CouponMoved {
        by: None,
        code: code.clone(),
        sale: None,
        until: None,
        why,
    }));
    let coupon = view(&draft, code, &after);
    let answer = Answer::Coupon(CouponAnswer { coupon, record: draft.id.clone() });
    draft.finish(answer, &place_of!(input))
}

/// What an action does to a coupon in a state, if it may be done.
fn allowed(action: CouponAction, status: CouponStatus) -> Option<CouponMove> {
    use CouponStatus::{Active, Blocked, Expired, Held, Pending};
    match (action, status) {
        (CouponAction::Block, Pending | Active | Held) => Some(CouponMove::Blocked),
        (CouponAction::Unblock, Blocked) => Some(CouponMove::Unblocked),
        (CouponAction::Void, Pending | Active | Blocked | Expired) => Some(CouponMove::Voided),
        _ => None,
    }
}

fn view(draft: &Draft<'_>, code: String, coupon: &CouponState) -> CouponView {
    CouponView {
        batch: coupon.batch.clone(),
        code,
        coupon: coupon.coupon.clone(),
        expires_at: coupon.expires_at,
        opens_at: coupon.opens_at,
        status: coupon.status(draft.at),
        used: coupon.used,
        uses: coupon.uses,
    }
}
