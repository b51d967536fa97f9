//! What sales do to coupons: issue, set aside, use, give back.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::draft::Draft;
use crate::answer::{CodeUse, CouponQuote, IssuedCoupon, Quote};
use crate::identify::is_bank_card;
use crate::program::{CouponBack, RefundPolicy};
use crate::record::{ConvertedPart, CouponIssued, CouponMove, CouponMoved, Effect, Entry};

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
        let place = format!(
            "{}-{}-{}-{}",
            head.till.to_ascii_uppercase(),
            head.incarnation,
            head.sequence + 1,
            self.coupons
        );
        let codes: Vec<String> = hash
            .chunks(8)
            .map(|bytes| format!("{place}-{}", bytes.iter().map(letter).collect::<String>()))
            .collect();
        // By chance the letters are all digits; orders refuse the number of a bank card.
        let fit = codes.iter().find(|code| !is_bank_card(code)).or(codes.first());
        fit.cloned().unwrap_or_default()
    }

    /// Issues a coupon, to a card or to whoever holds its code.
    pub fn issue_coupon(
        &mut self,
        coupon: &CouponQuote,
        card: Option<&str>,
        sale: Option<&str>,
        made_of: Vec<ConvertedPart>,
    ) -> IssuedCoupon {
        let code = self.new_coupon_code();
        let kind = self.rules.coupons.iter().find(|kind| kind.id == coupon.coupon);
        self.push(Effect::CouponIssued(CouponIssued {
            card: card.map(str::to_owned),
            code: code.clone(),
            coupon: coupon.coupon.clone(),
            event: coupon.event.clone(),
            expires_at: coupon.expires_at,
            made_of,
            opens_at: coupon.opens_at,
            personal: kind.is_some_and(|kind| kind.personal),
            rule: coupon.rule.clone(),
            sale: sale.map(str::to_owned),
            uses: kind.map_or(1, |kind| kind.uses),
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
        let issue = |coupon: &CouponQuote| self.issue_coupon(coupon, card, Some(sale), Vec::new());
        quote.coupons.iter().map(issue).collect()
    }

    fn move_coupon(&mut self, code: &str, of: &SaleOf<'_>, why: CouponMove) {
        self.push(Effect::CouponMoved(CouponMoved {
            by: of.by.map(str::to_owned),
            code: code.to_owned(),
            sale: Some(of.sale.to_owned()),
            until: of.until,
            why,
        }));
    }

    /// The guest whose uses count: that of the first card of a receipt, or that card.
    fn user(&self, quote: &Quote) -> Option<String> {
        let first = quote.cards.first()?;
        Some(first.guest.clone().unwrap_or_else(|| format!("card:{}", first.card)))
    }

    fn move_coupons(
        &mut self,
        quote: &Quote,
        sale: &str,
        until: Option<Timestamp>,
        why: CouponMove,
    ) {
        let user = self.user(quote);
        let of = SaleOf { by: user.as_deref(), sale, until };
        used(quote).for_each(|code| self.move_coupon(&code.code, &of, why));
    }

    /// Sets the coupons aside that a reserved receipt uses.
    pub fn hold_coupons(&mut self, quote: &Quote, sale: &str, until: Timestamp) {
        self.move_coupons(quote, sale, Some(until), CouponMove::Held);
    }

    /// Frees the coupons that were set aside.
    pub fn free_coupons(&mut self, quote: &Quote, sale: &str) {
        self.move_coupons(quote, sale, None, CouponMove::Freed);
    }

    /// Whether the kind of a coupon is such that a sale uses it up even if it is cancelled.
    fn is_kept_on_cancel(&self, code: &CodeUse) -> bool {
        let kind = self.rules.coupons.iter().find(|kind| code.coupon.as_ref() == Some(&kind.id));
        kind.is_some_and(|kind| kind.on_cancel == CouponBack::Kept)
    }

    /// Frees the coupons of a sale that was cancelled; those of a kind that is kept are used.
    pub fn return_coupons(&mut self, quote: &Quote, sale: &str) {
        let user = self.user(quote);
        let of = SaleOf { by: user.as_deref(), sale, until: None };
        for code in used(quote) {
            let kept = self.is_kept_on_cancel(code);
            let why = if kept { CouponMove::Used } else { CouponMove::Freed };
            self.move_coupon(&code.code, &of, why);
        }
    }

    /// Gives back the coupons that a cancelled receipt used up.
    pub fn take_back_cancel(&mut self, quote: &Quote, sale: &str) {
        let user = self.user(quote);
        let of = SaleOf { by: user.as_deref(), sale, until: None };
        for code in used(quote) {
            if self.is_kept_on_cancel(code) {
                self.move_coupon(&code.code, &of, CouponMove::GivenBack);
            }
        }
    }

    pub fn use_coupons(&mut self, quote: &Quote, sale: &str) {
        self.move_coupons(quote, sale, None, CouponMove::Used);
    }

    /// Makes a coupon void outside any sale.
    pub fn void_coupon(&mut self, code: &str) {
        self.push(Effect::CouponMoved(CouponMoved {
            by: None,
            code: code.to_owned(),
            sale: None,
            until: None,
            why: CouponMove::Voided,
        }));
    }

    /// Undoes what a sale did to coupons: those that it gave are void, one that it used is given
    /// back as the sale's policy says.
    pub fn undo_coupons(&mut self, confirmed: &Entry, policy: &RefundPolicy, sale: &str) {
        let effects = &confirmed.record.effects;
        for effect in effects {
            match effect {
                Effect::CouponIssued(issued) => {
                    let of = SaleOf { by: None, sale, until: None };
                    self.move_coupon(&issued.code, &of, CouponMove::Voided);
                }
                Effect::CouponMoved(moved)
                    if moved.why == CouponMove::Used && policy.coupon == CouponBack::GivenBack =>
                {
                    let of = SaleOf { by: moved.by.as_deref(), sale, until: None };
                    self.move_coupon(&moved.code, &of, CouponMove::GivenBack);
                }
                _ => {}
            }
        }
    }
}

/// What a sale does to a coupon: who uses it, the sale, and until when it is set aside.
struct SaleOf<'a> {
    by: Option<&'a str>,
    sale: &'a str,
    until: Option<Timestamp>,
}

fn used(quote: &Quote) -> impl Iterator<Item = &CodeUse> {
    quote.codes.iter().filter(|code| code.coupon.is_some())
}
