//! What the watch sees: one thing that happens to one card, at one till, by one cashier.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::document::{choice, document};
use crate::order::{Challenge, Presented};
use crate::reason::ReasonCode;
use crate::record::PresentOutcome;

document! {
    /// Something that happens or is about to, as the watch sees it. It names nobody as a person:
    /// numbers, codes and devices that are not known to the ledger stand as hashes.
    ///
    /// A record keeps the events that it is to be counted as, so that the states of the watch are
    /// made of records alone.
    pub struct WatchEvent {
        /// The money of it: what a receipt costs, what is given back, what a gift card is loaded
        /// with or pays.
        pub amount: Amount = Amount::default(),
        /// When, by the ledger's own time.
        pub at: Timestamp,
        /// The points that the card could spend before.
        pub balance: Option<Amount>,
        /// The number of the card.
        pub card: Option<String>,
        /// The cashier; for a change that the back office made, who made it.
        pub cashier: Option<String>,
        /// The challenge that was put and met.
        pub confirmed: Challenge = Challenge::None,
        /// What the own counters of the policy count of it.
        pub counted: Vec<Counted> = Vec::new(),
        /// The host's mark of a device, hashed by the host.
        pub device: Option<String>,
        /// The points that it earns; for a grant those that are given.
        pub earned: Amount = Amount::default(),
        /// The other card: the one that gave points, or that brought the card's guest.
        pub from: Option<String>,
        /// How many gift cards it sells or loads.
        pub gifts: u32 = 0,
        /// What happened.
        pub kind: WatchKind,
        /// The minute of the local week, from 0 on Monday at 00:00 to 10,079.
        pub local_minute: Option<u32>,
        /// What else is true of it.
        pub marks: Vec<WatchMark> = Vec::new(),
        /// The SHA-256 of the number that was presented, whether there is such a card or not.
        pub number: Option<String>,
        /// For how many minutes the ledger has had no word from the backend; absent if it has.
        pub offline_minutes: Option<u32>,
        /// What came of presenting a card.
        pub outcome: Option<PresentOutcome>,
        /// What the programme and the ledger trimmed or refused by themselves.
        pub reasons: Vec<ReasonCode> = Vec::new(),
        /// The number of the receipt, with whatever makes it unique: store, till and fiscal day.
        pub receipt: Option<String>,
        /// When the receipt was made, where that was earlier: it is claimed late.
        pub receipt_at: Option<Timestamp>,
        /// The shift; absent if the cashier is not clocked in.
        pub shift: Option<String>,
        /// The points that it spends; for a refund those of the sale that are taken back.
        pub spent: Amount = Amount::default(),
        /// The stamps that it gives.
        pub stamps: Amount = Amount::default(),
        /// The store.
        pub store: Option<String>,
        /// How the card was presented.
        pub strength: Option<Presented>,
        /// The till.
        pub till: Option<String>,
        /// Codes that nothing knows: each the first characters of it, a colon, and a hash of all.
        pub wrong_codes: Vec<String> = Vec::new(),
    }
}

choice! {
    /// What happened.
    pub enum WatchKind {
        /// A receipt: with a card or without, earning, spending, both or nothing.
        Sale = "sale",
        /// A card, a phone, a PIN or a device of the guest changed.
        Credential = "credential",
        /// A card was frozen, blocked or thawed by hand.
        Freeze = "freeze",
        /// A gift card pays.
        GiftSpend = "gift_spend",
        /// Points were given by hand.
        Grant = "grant",
        /// A card was issued.
        Issue = "issue",
        /// A gift card is sold or loaded.
        Load = "load",
        /// A card was presented.
        Present = "present",
        /// Goods came back.
        Refund = "refund",
        /// A further guest may use the card.
        Share = "share",
        /// Points came from another card.
        Transfer = "transfer",
        /// A sale was undone.
        Void = "void",
    }
}

choice! {
    /// What else is true of what happened.
    pub enum WatchMark {
        /// The card was attached after the total was known.
        AfterTotal = "after_total",
        /// The clock of the till is more than an hour before what is known already.
        ClockBack = "clock_back",
        /// The clock of the till is suspect: far ahead of all that is known.
        ClockSuspect = "clock_suspect",
        /// The card had been silent for long: the policy says how long.
        Dormant = "dormant",
        /// The sale had spent points, half an hour ago or less.
        HadSpend = "had_spend",
        /// The receipt is older than the policy lets a receipt be.
        LateClaim = "late_claim",
        /// The amount is just below the limit from which somebody must approve.
        NearLimit = "near_limit",
        /// The amount is just below a cap or a step of the bonus.
        NearStep = "near_step",
        /// Goods came back without their sale.
        NoSale = "no_sale",
        /// A challenge was met, and value left the card only therefore.
        Overridden = "overridden",
        /// The cashier's own sale comes back.
        OwnSale = "own_sale",
        /// The ledger of the till was begun anew, and has few records since.
        Restarted = "restarted",
        /// The two cards were seen with one device.
        SameDevice = "same_device",
        /// The two cards are paid with one payment card.
        SamePayer = "same_payer",
        /// The two cards have one telephone number.
        SamePhone = "same_phone",
        /// The second purchase of a guest who was brought by another.
        SecondPurchase = "second_purchase",
        /// Points that should have been taken back were spent already.
        Shortfall = "shortfall",
        /// The card belongs to the cashier, or to the cashier's family.
        StaffCard = "staff_card",
        /// What comes back goes onto a gift card.
        ToGiftCard = "to_gift_card",
        /// There is no such card.
        UnknownNumber = "unknown_number",
        /// The sale had loaded gift cards.
        UnpaidLoad = "unpaid_load",
    }
}

document! {
    /// What an own counter of a policy counts.
    pub struct Counted {
        /// How many seconds one bucket of it holds.
        pub bucket_seconds: u32,
        /// How many buckets it keeps.
        pub buckets: u32,
        /// The counter.
        pub counter: String,
        /// For a counter of different ones: which one.
        pub member: Option<String>,
        /// Of whom: the kind of subject.
        pub of: WatchSubject,
        /// How much, in hundredths.
        pub value: i64,
    }
}

choice! {
    /// Of whom something is counted.
    pub enum WatchSubject {
        /// A card.
        Card = "card",
        /// A cashier.
        Cashier = "cashier",
        /// A till.
        Till = "till",
        /// A store.
        Store = "store",
        /// The whole programme.
        Program = "program",
        /// A number that was presented, by its hash.
        Number = "number",
        /// A device.
        Device = "device",
        /// A receipt.
        Receipt = "receipt",
    }
}

/// An amount in hundredths of a whole, cut off below that: the unit in which the watch reckons.
pub(crate) fn hundredths(amount: Amount) -> i64 {
    let power = |digits: u8| 10_i64.checked_pow(u32::from(digits)).unwrap_or(i64::MAX);
    match amount.digits {
        digits @ 0..=2 => amount.units.saturating_mul(power(2 - digits)),
        digits => amount.units / power(digits.saturating_sub(2)),
    }
}

impl WatchEvent {
    /// Whether something is true of it.
    #[must_use]
    pub fn has(&self, mark: WatchMark) -> bool {
        self.marks.contains(&mark)
    }

    /// The id of the subject of a kind; `None` if it names none.
    #[must_use]
    pub fn subject(&self, of: WatchSubject) -> Option<&str> {
        let id = match of {
            WatchSubject::Card => &self.card,
            WatchSubject::Cashier => &self.cashier,
            WatchSubject::Till => &self.till,
            WatchSubject::Store => &self.store,
            WatchSubject::Program => return Some(""),
            WatchSubject::Number => &self.number,
            WatchSubject::Device => &self.device,
            WatchSubject::Receipt => &self.receipt,
        };
        id.as_deref()
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.offline_minutes.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_any_digits_are_reckoned_in_hundredths() {
        let of = |units, digits| hundredths(Amount { units, digits });
        assert_eq!([of(12, 0), of(12, 1), of(1234, 2), of(12_345, 3)], [1200, 120, 1234, 1234]);
    }
}
