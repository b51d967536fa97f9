//! Guests, coupons and tickets in answers.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{CardView, CouponStatus};
use crate::command::Consent;
use crate::document::{choice, document};
use crate::order::Presented;
use crate::reason::Reason;

document! {
    /// A guest as a cashier may see one: what is personal is masked.
    pub struct GuestView {
        /// The numbers of the guest's cards, own and shared.
        pub cards: Vec<String>,
        /// The consents that are given now.
        pub consents: Vec<Consent>,
        /// Whether everything personal was erased.
        pub erased: bool,
        /// The guest's id.
        pub guest: String,
        /// The language.
        pub language: Option<String>,
        /// The name, masked: the first letter of each word but the first, such as `Anna K.`
        pub name: Option<String>,
        /// The telephone number, masked: `+7 *** ***-10-05`.
        pub phone: Option<String>,
        /// The plan.
        pub plan: Option<String>,
        /// Whether the guest works for the merchant.
        pub staff: bool,
        /// The time zone.
        pub zone: Option<String>,
    }
}

document! {
    /// A guest, after `guest`.
    pub struct GuestAnswer {
        /// The guest.
        pub guest: GuestView,
        /// Why less happened than hoped.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
    }
}

document! {
    /// The guests that were found.
    pub struct Found {
        /// The guests, in the order of their ids.
        pub guests: Vec<GuestView>,
        /// Whether there are more.
        pub more: bool,
        /// Why nothing was looked for.
        pub reasons: Vec<Reason>,
    }
}

document! {
    /// What came of presenting a card. Unknown numbers, wrong PINs and locks of both answer equally.
    pub struct PresentAnswer {
        /// Whether the card was proved.
        pub accepted: bool,
        /// The card, if it was proved.
        pub card: Option<CardView>,
        /// Until when the presentation can be used on orders.
        pub expires_at: Option<Timestamp>,
        /// Until when nothing is looked at any more.
        pub locked_until: Option<Timestamp>,
        /// Why it was not proved.
        pub reasons: Vec<Reason>,
        /// The id of this call's record: the `presentation` that orders name.
        pub record: String,
        /// How it was presented.
        pub strength: Presented,
    }
}

document! {
    /// Whether the holder of a ticket is let in.
    pub struct AdmitAnswer {
        /// Whether the holder is let in.
        pub admitted: bool,
        /// The ticket.
        pub card: CardView,
        /// The last admission before this one, where there was one.
        pub last: Option<Admission>,
        /// How many entries or units are left.
        pub left: Amount,
        /// Why not.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
    }
}

document! {
    /// One admission.
    pub struct Admission {
        /// When.
        pub at: Timestamp,
        /// Whether the ticket held nothing more when it happened: two gates that did not know of
        /// each other let somebody in.
        pub double: bool,
        /// How many entries or units.
        pub entries: u32,
        /// The gate.
        pub gate: Option<String>,
        /// The record.
        pub record: String,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// A batch of coupons, after `batch`.
    pub struct BatchAnswer {
        /// The batch's name.
        pub batch: String,
        /// The codes.
        pub codes: Vec<String>,
        /// Their kind, by its id.
        pub coupon: String,
        /// When they end; absent if never.
        pub expires_at: Option<Timestamp>,
        /// When they become usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// The id of this call's record.
        pub record: String,
    }
}

document! {
    /// A coupon and where it is in its life.
    pub struct CouponView {
        /// The batch that it belongs to; absent if a rule gave it.
        pub batch: Option<String>,
        /// Its code.
        pub code: String,
        /// Its kind, by its id.
        pub coupon: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// When it becomes usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// Where it is in its life.
        pub status: CouponStatus,
        /// How often it was used.
        pub used: u32,
        /// How often it may be used in all.
        pub uses: u32,
    }
}

document! {
    /// A coupon, after `coupon`.
    pub struct CouponAnswer {
        /// The coupon.
        pub coupon: CouponView,
        /// The id of this call's record.
        pub record: String,
    }
}

choice! {
    /// What became of a row of an import.
    pub enum RowOutcome {
        /// It was taken.
        Taken = "taken",
        /// What it says is there already.
        Known = "known",
    }
}
