//! The coupons that the rows of an import bring.

use std::collections::HashSet;

use jiff::Timestamp;

use super::plan::Plan;
use crate::command::ImportRow;
use crate::error::ErrorCode;
use crate::number::normalise;

/// A coupon that is new.
pub(crate) struct PlannedCoupon<'r> {
    pub code: &'r str,
    pub kind: &'r crate::program::Coupon,
    pub card: Option<&'r str>,
    pub guest: Option<&'r str>,
    pub expires_at: Option<Timestamp>,
    pub opens_at: Option<Timestamp>,
    pub used: u32,
    row: usize,
}

impl<'r> Plan<'r> {
    /// A row that is about a coupon.
    pub(super) fn coupon_row(&mut self, index: usize, row: &'r ImportRow, code: &'r str) {
        let code = code.trim();
        if code.is_empty() || code.len() > 64 {
            let message = "a code has 1 to 64 bytes";
            self.mistake(ErrorCode::CouponCode, index, "code", message);
            return;
        }
        if self.slice.coupon(code).is_some() {
            self.pass_over(index);
            return;
        }
        self.no_card(index, row);
        let guest = self.guest(index, row);
        let Some(id) = &row.coupon else {
            let message = "say which kind of coupon it is";
            self.mistake(ErrorCode::DocumentKeyMissing, index, "coupon", message);
            return;
        };
        let rules = self.rules;
        let kinds = rules.document.coupons.iter().zip(&rules.coupons);
        let Some((kind, compiled)) = kinds.into_iter().find(|(kind, _)| kind.id == *id) else {
            let message = format!("the programme has no coupon `{id}`");
            self.mistake(ErrorCode::CouponKindUnknown, index, "coupon", message);
            return;
        };
        if row.used > kind.uses {
            let message = format!("such a coupon is used at most {} times", kind.uses);
            self.mistake(ErrorCode::DocumentRange, index, "used", message);
        }
        let by_kind = compiled.dates.dates(self.at, None, &rules.zone);
        let opens_at = row.opens_at.or(by_kind.opens_at);
        let expires_at = row.expires_at.or(by_kind.expires_at);
        if opens_at.zip(expires_at).is_some_and(|(opens, ends)| ends <= opens) {
            let message = "the coupon ends before it becomes usable";
            self.mistake(ErrorCode::ProgramContradiction, index, "expires_at", message);
        }
        let opens_at = opens_at.filter(|opens| *opens > self.at);
        let (card, used) = (row.card.as_deref().map(normalise), row.used);
        let (code, row) = (code, index);
        self.coupons.push(PlannedCoupon {
            code,
            kind,
            card,
            guest,
            expires_at,
            opens_at,
            used,
            row,
        });
    }
}

/// Coupons of cards that are neither there nor brought, and codes that are brought twice.
pub(super) fn check_cards(plan: &mut Plan<'_>) {
    let mut seen = HashSet::with_capacity(plan.coupons.len());
    let mut found = Vec::new();
    for coupon in &plan.coupons {
        if !seen.insert(coupon.code.to_ascii_uppercase()) {
            let message = format!("an earlier row brings the code `{}`", coupon.code);
            found.push((ErrorCode::ImportConflict, coupon.row, "code", message));
        }
        let missing = coupon
            .card
            .filter(|card| !plan.places.contains_key(card) && plan.slice.card(card).is_none());
        if let Some(card) = missing {
            let message = format!("there is no card `{card}`, and no row brings it");
            found.push((ErrorCode::CardUnknown, coupon.row, "card", message));
        }
    }
    for (code, row, key, message) in found {
        plan.mistake(code, row, key, message);
    }
}
