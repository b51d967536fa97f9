//! Limits and budgets, grants, referral and the close of a period.

use rust_decimal::Decimal;

use super::{Life, Localized, LotOnly, Start};
use crate::document::{choice, document};

document! {
    /// A limit or a budget over rules. Only what had an effect counts: a discount, points, a gift, a
    /// coupon. One receipt is one use, however many lines it touches. What is held counts.
    pub struct Limit {
        /// The ids of the rules that it covers: promotions, rewards, earning rules, grants, automatic
        /// redemptions, and `redemption` for points spent.
        pub covers: Vec<String>,
        /// What gives back what was counted.
        pub give_back: GiveBack = GiveBack::default(),
        /// Its id.
        pub id: String,
        /// The most money that the rules may give (for `redemption`: that points may pay), in the
        /// programme's currency.
        pub money: Option<Decimal>,
        /// Whose limit it is.
        pub per: LimitPer = LimitPer::Programme,
        /// In which time it counts, by the calendar of the store at the instant that is judged.
        pub period: LimitPeriod = LimitPeriod::Ever,
        /// The most points that the rules may give (for `redemption` and rewards: that may be spent);
        /// needs rules of one kind of points.
        pub points: Option<Decimal>,
        /// What happens when less is left than a rule would give.
        pub remainder: Remainder = Remainder::Trim,
        /// How many times the rules may have an effect.
        pub uses: Option<u32>,
        /// From which percentage of it on an answer warns.
        pub warn_from: Option<Decimal>,
    }
}

document! {
    /// What gives back what was counted.
    pub struct GiveBack {
        /// The cancel of a reserved sale.
        pub cancel: bool = true,
        /// A refund: amounts in proportion; a use when everything came back.
        pub refund: bool = true,
        /// The void of a sale.
        pub void: bool = true,
    }
}

choice! {
    /// Whose limit it is.
    pub enum LimitPer {
        /// The programme's: everybody shares it.
        Programme = "programme",
        /// Each card's.
        Card = "card",
        /// Each guest's: all cards issued to one guest share it; a card without a guest has its own.
        Guest = "guest",
        /// Each store's.
        Store = "store",
        /// Each till's.
        Till = "till",
        /// Each code's: the first presented code that a covered rule asks for.
        Code = "code",
    }
}

choice! {
    /// In which time a limit counts.
    pub enum LimitPeriod {
        /// From the beginning on.
        Ever = "ever",
        /// Each receipt.
        Receipt = "receipt",
        /// Each local day.
        Day = "day",
        /// Each week from Monday on.
        Week = "week",
        /// Each month.
        Month = "month",
        /// Each quarter.
        Quarter = "quarter",
        /// Each year.
        Year = "year",
    }
}

choice! {
    /// What happens when less is left than a rule would give.
    pub enum Remainder {
        /// It gives what is left.
        Trim = "trim",
        /// It gives nothing.
        Refuse = "refuse",
    }
}

document! {
    /// Points given without a purchase: a welcome, a birthday, an apology.
    pub struct Grant {
        /// How many points.
        pub amount: Decimal,
        /// When they become usable; at once if left out.
        pub delay: Option<Start>,
        /// Its id, as `grant`, cards and the referral name it.
        pub id: String,
        /// How long they live from when they become usable; for ever if left out.
        pub life: Option<Life>,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// For what only they may be used.
        pub only: Option<LotOnly>,
        /// The points; may be left out if the programme has only one kind.
        pub points: Option<String>,
    }
}

document! {
    /// What a guest who brings another gets, and what the other gets: both when the newcomer's card
    /// makes its n-th purchase.
    pub struct Referral {
        /// What the newcomer gets, by the id of a grant.
        pub newcomer: Option<String>,
        /// With which purchase of the newcomer.
        pub purchase: u32 = 1,
        /// What the one who brought the newcomer gets, by the id of a grant.
        pub referrer: Option<String>,
    }
}

document! {
    /// How points move from card to card. Points that are pending, held or expired never do.
    pub struct TransferPolicy {
        /// What becomes of their dates.
        pub clock: TransferClock = TransferClock::Keep,
        /// How long they live from the transfer, for `restart`; for ever if left out.
        pub life: Option<Life>,
        /// The fewest points that may be moved at once.
        pub minimum: Option<Decimal>,
    }
}

choice! {
    /// What becomes of the dates of transferred points.
    pub enum TransferClock {
        /// They keep them.
        Keep = "keep",
        /// They begin anew.
        Restart = "restart",
    }
}

choice! {
    /// A step of the close of a period. A step sees what the steps before it did; what a later
    /// step will do has not happened for it since the last close.
    pub enum CloseStep {
        /// What became usable since the last close counts from here on.
        Activation = "activation",
        /// Points are turned into coupons.
        AutoRedemption = "auto_redemption",
        /// Tiers are assessed.
        Tiers = "tiers",
        /// Points that ended are written off; for the steps before it, those that ended since the
        /// last close are still there.
        Expiry = "expiry",
    }
}
