//! What a refund does.

use crate::document::{choice, document};

document! {
    /// What a refund does to points.
    pub struct RefundPolicy {
        /// From where earned points are taken back.
        pub clawback: Clawback = Clawback::Debt,
        /// What happens to unused coupons that points were turned into, when those points are taken
        /// back and are no longer there.
        pub converted: Converted = Converted::Kept,
        /// What happens to a coupon that was used on a sale of which everything came back.
        pub coupon: CouponBack = CouponBack::GivenBack,
        /// What happens to spent points that have expired by the time they are given back.
        pub expired: Expired = Expired::Lost,
        /// Whether a sale of which everything came back still counts as a purchase. A voided one
        /// never does.
        pub purchase: PurchaseBack = PurchaseBack::Counts,
        /// What happens to points and stamps that bought a reward, when its lines come back.
        pub reward: RewardBack = RewardBack::Restored,
        /// Which tender gets its money back first.
        pub tenders: TenderOrder = TenderOrder::ProRata,
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

choice! {
    /// What happens to unused coupons that points were turned into.
    pub enum Converted {
        /// They stay; the points are owed.
        Kept = "kept",
        /// They become void, the newest first, and their points pay what is taken back.
        TakenBack = "taken_back",
    }
}

choice! {
    /// What happens to points that bought a reward.
    pub enum RewardBack {
        /// They come back with the lines.
        Restored = "restored",
        /// They stay spent.
        Lost = "lost",
    }
}

choice! {
    /// Which tender gets its money back first.
    pub enum TenderOrder {
        /// Each in proportion to what it paid, rounded down for gift cards cumulatively.
        ProRata = "pro_rata",
        /// Gift cards, in the order in which they paid; money last.
        GiftFirst = "gift_first",
        /// Money; gift cards last, in the order in which they paid.
        CashFirst = "cash_first",
    }
}
