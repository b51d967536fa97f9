//! Conditions: what must be true of an order, or of a line.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::document::Basis;
use crate::document::{choice, document, union};
use crate::order::{LineKind, Presented};

mod compile;
mod test;

pub(crate) use compile::{compile_line, compile_order};
pub(crate) use test::{
    Facts, LineSums, LineTest, OrderLeaf, OrderTest, PersonalLeaf, PersonalTest,
};

union! {
    /// What must be true of a line.
    pub enum LineCondition {
        /// Every part is true; an empty list is true.
        All(Vec<LineCondition>) = "all",
        /// At least one part is true; an empty list is false.
        Any(Vec<LineCondition>) = "any",
        /// The part is false.
        Not(Box<LineCondition>) = "not",
        /// The line has an attribute of this name with one of these values.
        Attribute(AttributeIs) = "attribute",
        /// The line's category is one of these.
        Category(Vec<String>) = "category",
        /// The line is of one of these kinds.
        Kind(Vec<LineKind>) = "kind",
        /// The quantity lies between two bounds.
        Quantity(Between) = "quantity",
        /// The line's stock number is one of these.
        Sku(Vec<String>) = "sku",
        /// The line has one of these tags.
        Tag(Vec<String>) = "tag",
        /// The price of one unit, before discounts, lies between two bounds.
        UnitPrice(Between) = "unit_price",
    }
}

union! {
    /// What must be true of the order. What the order does not tell makes a condition neither true
    /// nor false: unknown, and `not` leaves it so. A rule holds only if its condition is true.
    pub enum OrderCondition {
        /// Every part is true; an empty list is true.
        All(Vec<OrderCondition>) = "all",
        /// At least one part is true; an empty list is false.
        Any(Vec<OrderCondition>) = "any",
        /// The part is false.
        Not(Box<OrderCondition>) = "not",
        /// The guest is so many years old; unknown without a birthday.
        Age(Whole) = "age",
        /// The sum of the lines lies between two bounds: before any discount, or for a promotion as
        /// `stacking.judged_on` says. Presents do not count.
        Amount(AmountBetween) = "amount",
        /// The order has an attribute of this name with one of these values.
        Attribute(AttributeIs) = "attribute",
        /// The day is near the guest's birthday; unknown without one. Born on 29 February is born on
        /// 28 February in other years.
        Birthday(BirthdayWindow) = "birthday",
        /// A card of one of these kinds (by the programme's id) was presented and is usable.
        Card(Vec<String>) = "card",
        /// The order came through one of these channels.
        Channel(Vec<String>) = "channel",
        /// The store is in one of these cities.
        City(Vec<String>) = "city",
        /// One of these codes was presented; small and capital ASCII letters are the same.
        Code(Vec<String>) = "code",
        /// A usable coupon of one of these kinds (by the programme's id) was presented.
        Coupon(Vec<String>) = "coupon",
        /// The local day lies between two dates, both included.
        Dates(DateWindow) = "dates",
        /// The store belongs to one of these groups.
        Group(Vec<String>) = "group",
        /// The first usable card that has a registered guest belongs to one like this; unknown
        /// without such a card.
        Guest(GuestIs) = "guest",
        /// The guest has an attribute of this name with one of these values.
        GuestAttribute(AttributeIs) = "guest_attribute",
        /// The instant lies between two instants, both included.
        Instants(InstantWindow) = "instants",
        /// The lines that match come to so much; without bounds, there is such a line.
        Lines(LinesTotal) = "lines",
        /// The first usable card was presented in one of these ways.
        Presented(Vec<Presented>) = "presented",
        /// This is the n-th purchase with the first usable card; purchases that were voided do not
        /// count, those that came back as `refund.purchase` says.
        Purchase(Nth) = "purchase",
        /// So many whole local days have passed since the first usable card was issued.
        Standing(Whole) = "standing",
        /// The store is one of these.
        Store(Vec<String>) = "store",
        /// One of these kinds of tenders is used; unknown while no tenders are.
        Tender(Vec<String>) = "tender",
        /// The first usable card is in one of these tiers.
        Tier(Vec<String>) = "tier",
        /// The till is one of these.
        Till(Vec<String>) = "till",
        /// The local time of day lies between two times.
        Time(TimeWindow) = "time",
        /// The local day is one of these days of the week.
        Weekday(Vec<Weekday>) = "weekday",
    }
}

document! {
    /// A named value that must be one of several.
    pub struct AttributeIs {
        /// The name.
        pub name: String,
        /// The values.
        pub values: Vec<String>,
    }
}

document! {
    /// What a registered guest is. All that is named must hold.
    pub struct GuestIs {
        /// The guest is on one of these plans; on any or none if empty.
        pub plan: Vec<String> = Vec::new(),
        /// Whether the guest works for the merchant.
        pub staff: Option<bool>,
    }
}

document! {
    /// Two bounds for whole numbers, both included; a bound left out does not bind.
    pub struct Whole {
        /// At least this.
        pub from: Option<u32>,
        /// At most this.
        pub to: Option<u32>,
    }
}

document! {
    /// Two bounds for a sum of money in the programme's currency, both included.
    pub struct AmountBetween {
        /// At least this.
        pub from: Option<Decimal>,
        /// What is counted: prices as they stand, or net, or gross.
        pub of: Basis = Basis::Price,
        /// At most this.
        pub to: Option<Decimal>,
    }
}

document! {
    /// Days around a birthday, the birthday itself always included.
    pub struct BirthdayWindow {
        /// How many days after it still belong to it.
        pub after: u32 = 0,
        /// How many days before it begins.
        pub before: u32 = 0,
    }
}

document! {
    /// Whole local days of the store; a date left out does not bind.
    pub struct DateWindow {
        /// The first day, YYYY-MM-DD.
        pub from: Option<String>,
        /// The last day, YYYY-MM-DD.
        pub until: Option<String>,
    }
}

document! {
    /// Instants; one left out does not bind.
    pub struct InstantWindow {
        /// The first.
        pub from: Option<Timestamp>,
        /// The last.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// What matching lines come to. All bounds that are named must hold.
    pub struct LinesTotal {
        /// Between what their sum must lie.
        pub amount: Option<AmountBetween>,
        /// Which lines; presents never match.
        pub lines: LineCondition,
        /// Between what their quantity must lie.
        pub quantity: Option<Between>,
    }
}

document! {
    /// Which purchase it is, counted from 1.
    pub struct Nth {
        /// Every so many: 10 for the 10th, 20th, 30th …
        pub every: Option<u32>,
        /// At least this.
        pub from: Option<u32>,
        /// At most this.
        pub to: Option<u32>,
    }
}

document! {
    /// Local times of day, whole minutes, both included: until 17:59 lasts to the end of that
    /// minute. From a later to an earlier time is over midnight.
    pub struct TimeWindow {
        /// The first minute, HH:MM.
        pub from: String,
        /// The last minute, HH:MM.
        pub until: String,
    }
}

choice! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

document! {
    /// Two bounds, both included; a bound left out does not bind.
    pub struct Between {
        /// At least this.
        pub from: Option<Decimal>,
        /// At most this.
        pub to: Option<Decimal>,
    }
}

/// How deep a condition may be nested.
pub const CONDITION_DEPTH_MAX: usize = 32;
/// How many parts a condition may have in all.
pub const CONDITION_PARTS_MAX: usize = 256;
