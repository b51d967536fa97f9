//! Batches of coupons, and single ones.

use jiff::Timestamp;

use crate::document::{choice, document};

document! {
    /// Makes a batch of coupons of one kind: codes made of the request's `entropy`, or given ones.
    pub struct MakeBatch {
        /// The name of the batch, for reports; the record's id if left out.
        pub batch: Option<String>,
        /// The number of the card that they are issued to, if to one.
        pub card: Option<String>,
        /// The cashier.
        pub cashier: Option<String>,
        /// Codes that exist already, such as printed ones.
        pub codes: Vec<String> = Vec::new(),
        /// How many codes are made, besides the given ones; at most 10,000 in all.
        pub count: u32 = 0,
        /// The kind of coupon, by its id in the programme.
        pub coupon: String,
        /// When they end; as the kind says if left out.
        pub expires_at: Option<Timestamp>,
        /// The id of the guest who alone may use them, if they are bound.
        pub guest: Option<String>,
        /// When they become usable; as the kind says if left out.
        pub opens_at: Option<Timestamp>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// How often each may be used; as the kind says if left out.
        pub uses: Option<u32>,
    }
}

document! {
    /// Changes one coupon.
    pub struct ChangeCoupon {
        /// What is done.
        pub action: CouponAction,
        /// The cashier.
        pub cashier: Option<String>,
        /// Its code.
        pub code: String,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

choice! {
    /// What is done with a coupon.
    pub enum CouponAction {
        /// It cannot be used until it is unblocked.
        Block = "block",
        /// It can be used again.
        Unblock = "unblock",
        /// It can never be used again.
        Void = "void",
    }
}
