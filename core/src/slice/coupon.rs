//! Coupons as they are, and why one cannot be used.

use jiff::Timestamp;

use super::{CardState, Slice};
use crate::answer::CouponStatus;
use crate::record::{BatchIssued, CouponIssued, CouponMove, CouponMoved, Effect, Lot};

/// A coupon that was issued.
#[derive(Clone, Debug, Default)]
pub(crate) struct CouponState {
    pub coupon: String,
    pub card: Option<String>,
    pub event: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub opens_at: Option<Timestamp>,
    pub personal: bool,
    pub sale: Option<String>,
    /// The batch that it belongs to; absent if a rule gave it.
    pub batch: Option<String>,
    /// The guest who alone may use it, where it is bound to one.
    pub guest: Option<String>,
    pub blocked: bool,
    pub voided: bool,
    /// How often it may be used, and was.
    pub uses: u32,
    pub used: u32,
    /// Who used it, and how often: guests, or `card:` and a number.
    pub used_by: Vec<(String, u32)>,
    /// The uses that are set aside.
    pub held: Vec<CouponHold>,
    /// The points that an automatic redemption made it of: their kind, lot, and how many.
    pub made_of: Vec<(String, Lot, i64)>,
}

/// A use that is set aside for a sale.
#[derive(Clone, Debug)]
pub(crate) struct CouponHold {
    pub sale: String,
    pub until: Timestamp,
    /// For whom, as in [`CouponState::used_by`].
    pub by: Option<String>,
}

/// Why a coupon cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CouponFault {
    Used,
    Ended,
    NotYet,
    Personal,
    Blocked,
    /// This guest has used it as often as one guest may.
    Guest,
    /// Nobody is there of whom it could be known.
    NoGuest,
}

/// Who presents a coupon.
pub(crate) struct Presenter<'a> {
    /// The usable cards.
    pub cards: &'a [(&'a str, &'a CardState)],
    /// The card that the coupon was issued to.
    pub owner: Option<&'a CardState>,
    /// How often one guest may use it.
    pub per_guest: Option<u32>,
    pub slice: &'a Slice,
}

impl CouponState {
    /// How many uses live holds set aside.
    fn set_aside(&self, at: Timestamp) -> u32 {
        let held = self.held.iter().filter(|hold| hold.until > at).count();
        u32::try_from(held).unwrap_or(u32::MAX)
    }

    /// Where the coupon is in its life. What weighs more comes first.
    pub fn status(&self, at: Timestamp) -> CouponStatus {
        let left = self.uses.saturating_sub(self.used);
        if self.voided {
            CouponStatus::Void
        } else if self.expires_at.is_some_and(|end| end <= at) {
            CouponStatus::Expired
        } else if left == 0 {
            CouponStatus::Used
        } else if self.blocked {
            CouponStatus::Blocked
        } else if left <= self.set_aside(at) {
            CouponStatus::Held
        } else if self.event.is_some() || self.opens_at.is_some_and(|opens| opens > at) {
            CouponStatus::Pending
        } else {
            CouponStatus::Active
        }
    }

    /// Whether nobody used it, or is about to.
    pub fn is_unused(&self, at: Timestamp) -> bool {
        let status = self.status(at);
        let alive =
            matches!(status, CouponStatus::Pending | CouponStatus::Active | CouponStatus::Blocked);
        alive && self.used == 0 && self.set_aside(at) == 0
    }

    /// What keeps the coupon from being used by somebody, if anything.
    pub fn fault(&self, at: Timestamp, presenter: &Presenter<'_>) -> Option<CouponFault> {
        let by_state = match self.status(at) {
            CouponStatus::Void | CouponStatus::Expired => Some(CouponFault::Ended),
            CouponStatus::Used | CouponStatus::Held => Some(CouponFault::Used),
            CouponStatus::Blocked => Some(CouponFault::Blocked),
            CouponStatus::Pending => Some(CouponFault::NotYet),
            CouponStatus::Active => None,
        };
        by_state.or_else(|| self.belongs_to_another(presenter)).or_else(|| {
            let most = presenter.per_guest?;
            let Some((number, card)) = presenter.cards.first() else {
                return Some(CouponFault::NoGuest);
            };
            let by = card.guest_or_card(number);
            (self.times_by(&by, at) >= most).then_some(CouponFault::Guest)
        })
    }

    fn belongs_to_another(&self, presenter: &Presenter<'_>) -> Option<CouponFault> {
        let guest = presenter.owner.and_then(|owner| owner.guest.as_ref());
        let of_owner = |(number, card): &(&str, &CardState)| {
            self.card.as_deref() == Some(*number)
                || (guest.is_some() && card.guest.as_ref() == guest)
        };
        // A guest who was merged into another is that one.
        let person = |id: &str| presenter.slice.guest(id).map_or(id, |(id, _)| id).to_owned();
        let bound = self.guest.as_deref().map(person);
        let of_guest = |(_, card): &(&str, &CardState)| card.guest.as_deref().map(person) == bound;
        let personal = self.personal && !presenter.cards.iter().any(of_owner);
        let foreign = bound.is_some() && !presenter.cards.iter().any(of_guest);
        (personal || foreign).then_some(CouponFault::Personal)
    }

    /// How often somebody used it, or is about to.
    fn times_by(&self, by: &str, at: Timestamp) -> u32 {
        let used = self.used_by.iter().find(|(who, _)| who == by).map_or(0, |(_, times)| *times);
        let held = self.held.iter().filter(|hold| hold.until > at);
        let held = held.filter(|hold| hold.by.as_deref() == Some(by)).count();
        used.saturating_add(u32::try_from(held).unwrap_or(u32::MAX))
    }
}

/// Applies what a fact does to coupons, if anything.
pub(super) fn apply_to_coupons(slice: &mut Slice, effect: &Effect) {
    match effect {
        Effect::BatchIssued(batch) => apply_batch(slice, batch),
        Effect::CouponIssued(issued) => {
            slice.coupons.insert(issued.code.to_ascii_uppercase(), issued_state(issued));
        }
        Effect::CouponMoved(moved) => {
            let coupon = slice.coupons.get_mut(&moved.code.to_ascii_uppercase());
            if let Some(coupon) = coupon {
                apply_move(coupon, moved);
            }
        }
        _ => {}
    }
}

fn issued_state(issued: &CouponIssued) -> CouponState {
    let made_of = issued.made_of.iter();
    CouponState {
        coupon: issued.coupon.clone(),
        card: issued.card.clone(),
        event: issued.event.clone(),
        expires_at: issued.expires_at,
        made_of: made_of
            .map(|part| (part.points.clone(), part.lot.clone(), part.amount.units))
            .collect(),
        opens_at: issued.opens_at,
        personal: issued.personal,
        sale: issued.sale.clone(),
        uses: issued.uses,
        ..CouponState::default()
    }
}

fn apply_batch(slice: &mut Slice, batch: &BatchIssued) {
    let state = CouponState {
        coupon: batch.coupon.clone(),
        card: batch.card.clone(),
        event: batch.event.clone(),
        expires_at: batch.expires_at,
        opens_at: batch.opens_at,
        personal: batch.personal,
        batch: Some(batch.batch.clone()),
        guest: batch.guest.clone(),
        uses: batch.uses,
        used: batch.used,
        ..CouponState::default()
    };
    for code in &batch.codes {
        slice.coupons.insert(code.to_ascii_uppercase(), state.clone());
    }
    if let Some(card) = batch.card.as_ref().and_then(|card| slice.cards.get_mut(card)) {
        card.coupons.extend(batch.codes.iter().cloned());
    }
}

fn apply_move(coupon: &mut CouponState, moved: &CouponMoved) {
    let count = |coupon: &mut CouponState, by: &str, change: fn(u32) -> u32| match coupon
        .used_by
        .iter_mut()
        .find(|(who, _)| who == by)
    {
        Some((_, times)) => *times = change(*times),
        None => coupon.used_by.push((by.to_owned(), change(0))),
    };
    let free = |coupon: &mut CouponState| {
        let sale = moved.sale.as_deref();
        coupon.held.retain(|hold| Some(hold.sale.as_str()) != sale);
    };
    match moved.why {
        CouponMove::Activated => {
            coupon.event = None;
            coupon.expires_at = moved.until.or(coupon.expires_at);
        }
        CouponMove::Held => {
            let hold = moved.sale.clone().zip(moved.until);
            let by = moved.by.clone();
            coupon.held.extend(hold.map(|(sale, until)| CouponHold { sale, until, by }));
        }
        CouponMove::Freed => free(coupon),
        CouponMove::Used => {
            free(coupon);
            coupon.used = coupon.used.saturating_add(1);
            if let Some(by) = &moved.by {
                count(coupon, by, |times| times.saturating_add(1));
            }
        }
        CouponMove::GivenBack => {
            coupon.used = coupon.used.saturating_sub(1);
            if let Some(by) = &moved.by {
                count(coupon, by, |times| times.saturating_sub(1));
            }
        }
        CouponMove::Voided => coupon.voided = true,
        CouponMove::Blocked => coupon.blocked = true,
        CouponMove::Unblocked => coupon.blocked = false,
    }
}
