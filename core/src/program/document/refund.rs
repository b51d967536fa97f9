//! What a refund does.

use crate::document::{choice, document};

document! {
    /// What a refund does to points.
    pub struct RefundPolicy {
        /// From where earned points are taken back.
        pub clawback: Clawback = Clawback::Debt,
        /// What happens to a coupon that was used on a sale of which everything came back.
        pub coupon: CouponBack = CouponBack::GivenBack,
        /// What happens to spent points that have expired by the time they are given back.
        pub expired: Expired = Expired::Lost,
        /// Whether a sale of which everything came back still counts as a purchase. A voided one
        /// never does.
        pub purchase: PurchaseBack = PurchaseBack::Counts,
        /// What a refund without its sale does.
        pub unlinked: Unlinked = Unlinked::NoPoints,
    }
}

choice! {
    /// From where the points of a refunded sale are taken back.
    pub enum Clawback {
        /// All of them; what is no longer there is owed and paid by later earning.
        Debt = "debt",
        /// As far as the balance reaches; the shop bears the rest.
        Balance = "balance",
        /// Only those that are not usable yet.
        Pending = "pending",
    }
}

choice! {
    /// What happens to given-back points whose date has passed.
    pub enum Expired {
        /// They come back with their own date, that is, expired.
        Lost = "lost",
        /// They come back without any date.
        Renewed = "renewed",
    }
}

choice! {
    /// What a refund without its sale does to points.
    pub enum Unlinked {
        /// Nothing.
        NoPoints = "no_points",
        /// It takes back what such a sale would earn now.
        ClawBack = "claw_back",
    }
}

choice! {
    /// Whether a sale of which everything came back still counts as a purchase.
    pub enum PurchaseBack {
        /// It does.
        Counts = "counts",
        /// It does not.
        Uncounted = "uncounted",
    }
}

choice! {
    /// What happens to a coupon that was used on a sale of which everything came back.
    pub enum CouponBack {
        /// It can be used again, until its own end.
        GivenBack = "given_back",
        /// It stays used.
        Kept = "kept",
    }
}
