//! What sales do to coupons: issue, set aside, use, give back.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::draft::Draft;
use crate::answer::{CodeUse, CouponQuote, IssuedCoupon, Quote};
use crate::program::{CouponBack, RefundPolicy};
use crate::record::{CouponIssued, CouponMove, CouponMoved, Effect, Entry};

impl Draft<'_> {
    /// A code for a new coupon: the record's own place, and letters that nobody can tell who does
    /// not know the record before.
    fn new_coupon_code(&mut self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        self.coupons += 1;
        let head = self.slice.head();
        let mut hash = Sha256::new();
        hash.update(head.hash.0);
        hash.update(format!("{}/{}", self.id, self.coupons));
        let hash: [u8; 32] = hash.finalize().into();
        let letter =
            |byte: &u8| LETTERS.get(usize::from(byte & 31)).map_or('A', |l| char::from(*l));
        let secret: String = hash.iter().take(8).map(letter).collect();
        format!(
            "{}-{}-{}-{}-{secret}",
            head.till.to_ascii_uppercase(),
            head.incarnation,
            head.sequence + 1,
            self.coupons
        )
    }

    /// Issues a coupon, to a card or to whoever holds its code.
    pub fn issue_coupon(
        &mut self,
        coupon: &CouponQuote,
        card: Option<&str>,
        sale: Option<&str>,
    ) -> IssuedCoupon {
        let code = self.new_coupon_code();
        let kind = self.rules.coupons.iter().find(|kind| kind.id == coupon.coupon);
        self.push(Effect::CouponIssued(CouponIssued {
            card: card.map(str::to_owned),
            code: code.clone(),
            coupon: coupon.coupon.clone(),
            event: coupon.event.clone(),
            expires_at: coupon.expires_at,
            opens_at: coupon.opens_at,
            personal: kind.is_some_and(|kind| kind.personal),
            rule: coupon.rule.clone(),
            sale: sale.map(str::to_owned),
        }));
        IssuedCoupon {
            code,
            coupon: coupon.coupon.clone(),
            expires_at: coupon.expires_at,
            opens_at: coupon.opens_at,
        }
    }

    /// Issues the coupons of a receipt.
    pub fn issue_coupons(&mut self, quote: &Quote, sale: &str) -> Vec<IssuedCoupon> {
        let card = quote.cards.first().map(|card| card.card.as_str());
        let issue = |coupon: &CouponQuote| self.issue_coupon(coupon, card, Some(sale));
        quote.coupons.iter().map(issue).collect()
    }

    fn move_coupon(&mut self, code: &str, sale: &str, until: Option<Timestamp>, why: CouponMove) {
        self.push(Effect::CouponMoved(CouponMoved {
            code: code.to_owned(),
            sale: Some(sale.to_owned()),
            until,
            why,
        }));
    }

    /// Sets the coupons aside that a reserved receipt uses.
    pub fn hold_coupons(&mut self, quote: &Quote, sale: &str, until: Timestamp) {
        for code in used(quote) {
            self.move_coupon(&code.code, sale, Some(until), CouponMove::Held);
        }
    }

    /// Frees the coupons that were set aside.
    pub fn free_coupons(&mut self, quote: &Quote, sale: &str) {
        for code in used(quote) {
            self.move_coupon(&code.code, sale, None, CouponMove::Freed);
        }
    }

    pub fn use_coupons(&mut self, quote: &Quote, sale: &str) {
        for code in used(quote) {
            self.move_coupon(&code.code, sale, None, CouponMove::Used);
        }
    }

    /// Undoes what a sale did to coupons: those that it gave are void, one that it used is given
    /// back as the sale's policy says.
    pub fn undo_coupons(&mut self, confirmed: &Entry, policy: &RefundPolicy, sale: &str) {
        let effects = &confirmed.record.effects;
        for effect in effects {
            match effect {
                Effect::CouponIssued(issued) => {
                    self.move_coupon(&issued.code, sale, None, CouponMove::Voided);
                }
                Effect::CouponMoved(moved)
                    if moved.why == CouponMove::Used && policy.coupon == CouponBack::GivenBack =>
                {
                    self.move_coupon(&moved.code, sale, None, CouponMove::GivenBack);
                }
                _ => {}
            }
        }
    }
}

fn used(quote: &Quote) -> impl Iterator<Item = &CodeUse> {
    quote.codes.iter().filter(|code| code.coupon.is_some())
}
