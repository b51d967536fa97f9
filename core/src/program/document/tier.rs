//! Tiers and how they are reached, kept and lost.

use rust_decimal::Decimal;

use super::{Life, Localized, Period, Term};
use crate::document::{choice, document, union};

document! {
    /// A tier that a card reaches.
    pub struct Tier {
        /// From how much of what `tiering.measure` counts it holds; the lowest tier says 0.
        pub from: Decimal,
        /// Its id, as rules name it.
        pub id: String,
        /// The name shown to guests.
        pub name: Option<Localized>,
    }
}

document! {
    /// How tiers are reached, kept and lost.
    pub struct Tiering {
        /// Whether a receipt counts for its own tier.
        pub counts: Counts = Counts::Before,
        /// When a tier that is no longer deserved is lost.
        pub downgrade: Downgrade = Downgrade::AtOnce,
        /// How long a tier stays after it is no longer deserved.
        pub grace: Option<Term>,
        /// How long a tier is kept at least from when it was reached; reaching it again, or more,
        /// begins anew.
        pub kept: Option<Life>,
        /// What is counted.
        pub measure: Measure = Measure::Spend,
        /// The points that are counted, for `earned` and `balance`; may be left out if the
        /// programme has only one kind.
        pub points: Option<String>,
        /// How far a card falls that deserves less.
        pub step: DowngradeStep = DowngradeStep::Full,
        /// Over which time it is counted; over all time if left out.
        pub window: Option<Window>,
    }
}

choice! {
    /// Whether a receipt counts for its own tier.
    pub enum Counts {
        /// Only what came before it.
        Before = "before",
        /// What came before and the receipt itself, as it is before the discount of the card.
        Including = "including",
    }
}

choice! {
    /// When a tier that is no longer deserved is lost.
    pub enum Downgrade {
        /// At once.
        AtOnce = "at_once",
        /// When a period is closed (`close_period`).
        AtPeriodEnd = "at_period_end",
    }
}

choice! {
    /// How far a card falls.
    pub enum DowngradeStep {
        /// To the tier that it deserves.
        Full = "full",
        /// One tier at a time.
        One = "one",
    }
}

choice! {
    /// What tiers count.
    pub enum Measure {
        /// The money spent with the card.
        Spend = "spend",
        /// The purchases made with it.
        Visits = "visits",
        /// The points earned with it, spent or not.
        Earned = "earned",
        /// The points that it holds and that are usable.
        Balance = "balance",
    }
}

union! {
    /// Over which time something is counted.
    pub enum Window {
        /// The last so many days, months or hours up to now; for days and months whole local days,
        /// today included.
        Rolling(Term) = "rolling",
        /// The present calendar period.
        Calendar(Period) = "calendar",
    }
}
