//! Tickets and prepaid units; stamp cards.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::document::{choice, document};
use crate::program::Weekday;

document! {
    /// What a ticket is good for. What it holds are entries or prepaid units: one kind of points,
    /// which `admit` takes off.
    pub struct Ticket {
        /// The local times in which it is good; at any time if empty.
        pub hours: Vec<AdmissionHours> = Vec::new(),
        /// The price of one entry alone, for `refund: list_price`.
        pub list_price: Option<Decimal>,
        /// How many admissions one local day may see; any number if left out.
        pub per_day: Option<u32>,
        /// How many tickets of the kind there may be in all; any number if left out.
        pub quota: Option<u32>,
        /// What a refund of a sold ticket gives back for what was not used.
        pub refund: TicketRefund = TicketRefund::ProRata,
        /// Whether it can be handed to another guest once it belongs to one.
        pub transfer: bool = true,
        /// How many entries or units a sold ticket holds, for each unit of its line.
        pub units: u32 = 1,
        /// From when on it is good; at once if left out.
        pub valid_from: Option<Timestamp>,
        /// Until when it is good; without end if left out. `life` of the kind may end it earlier.
        pub valid_until: Option<Timestamp>,
    }
}

document! {
    /// Local times in which a ticket is good: all that is named must hold.
    pub struct AdmissionHours {
        /// The days of the week; all if empty. A night belongs to the day on which it began.
        pub days: Vec<Weekday> = Vec::new(),
        /// From this time of day on, HH:MM.
        pub from: String = "00:00".to_owned(),
        /// Until this time of day, HH:MM, the minute included; over midnight if it is earlier than
        /// `from`.
        pub until: String = "23:59".to_owned(),
    }
}

choice! {
    /// What a refund of a sold ticket gives back.
    pub enum TicketRefund {
        /// The price in proportion to what was not used, rounded down.
        ProRata = "pro_rata",
        /// The price less the list price of what was used; never below zero.
        ListPrice = "list_price",
        /// Nothing once anything was used.
        Unused = "unused",
        /// Never anything.
        Never = "never",
    }
}

document! {
    /// How a stamp card is filled.
    pub struct StampCard {
        /// Whether stamps beyond the goal stay for the next reward. If not, a card never holds more
        /// than its goal.
        pub carry_over: bool = true,
        /// How many stamps fill it.
        pub goal: u32,
        /// The most stamps of one receipt; any number if left out.
        pub per_visit: Option<u32>,
    }
}
