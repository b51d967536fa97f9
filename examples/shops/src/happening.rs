//! What happens in the shops, as the centre will come to know it, with the truth attached.

use crate::Intensity;

/// The store and till of what happens away from the shops: in the app, in the office.
pub const CENTRE: u32 = 0;

/// One thing that happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Happening {
    /// When it happened, in true seconds since 1970 (UTC).
    pub at: i64,
    /// What the till's clock said.
    pub clock: i64,
    /// When the record reached the centre: at once, or after the outage.
    pub arrives: i64,
    /// The store, or [`CENTRE`].
    pub store: u32,
    /// The till, unique in the chain, or [`CENTRE`].
    pub till: u32,
    /// Who stood at the till.
    pub cashier: Option<u32>,
    /// Whether that cashier was clocked in.
    pub shift_open: bool,
    /// Since when the till had no network.
    pub offline_since: Option<i64>,
    /// What happened.
    pub kind: Kind,
    /// What it really was. No check may look at it.
    pub truth: Truth,
}

/// What happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A receipt was closed, or claimed later.
    Sale(Sale),
    /// Goods or money came back.
    Refund(Refund),
    /// A receipt was undone at the till.
    Void(Void),
    /// A card was shown without a sale: refused, or only to ask for its points. A card that was shown at a sale
    /// has none of these.
    Present {
        /// The card, if there is one with this number.
        card: Option<u32>,
        /// A mark of the number that was shown; of a card, [`crate::number_hash`].
        number_hash: u64,
        /// What came of it.
        outcome: Outcome,
        /// How it was shown.
        how: Scan,
    },
    /// A card was issued.
    Issue {
        /// The new card.
        card: u32,
        /// Who brought the new guest.
        referrer: Option<u32>,
        /// A mark of the device.
        device: Option<u64>,
        /// A mark of the telephone number.
        phone: Option<u64>,
        /// Points given to the new card at once.
        welcome: i64,
        /// Points given to the referrer.
        reward: i64,
    },
    /// Points were given by hand.
    Grant {
        /// The card.
        card: u32,
        /// How many points.
        points: i64,
        /// Which agent gave them.
        by: u32,
    },
    /// Points went from one card to another.
    Transfer {
        /// The card that gave.
        from: u32,
        /// The card that got.
        to: u32,
        /// How many points.
        points: i64,
    },
    /// What proves the owner of a card was changed.
    Credential {
        /// The card.
        card: u32,
        /// What was changed.
        what: Proof,
    },
    /// A further member may use the card.
    Shared {
        /// The card.
        card: u32,
        /// A mark of the member's device.
        device: u64,
    },
    /// A lock was set or lifted.
    LockToggle {
        /// What the lock is on.
        what: Lockable,
        /// The card, the cashier or the till.
        id: u32,
        /// Whether it is locked now.
        locked: bool,
        /// Who did it.
        by: u32,
    },
    /// The clock of the till was set.
    ClockStep {
        /// By how many seconds: below zero, back.
        seconds: i64,
    },
}

/// A receipt.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Sale {
    /// The card.
    pub card: Option<u32>,
    /// The mark of the receipt: unique in the chain, in no order. A receipt that is claimed again keeps it.
    pub receipt_number: u64,
    /// When the goods were bought; before `at` where a receipt is claimed late.
    pub receipt_at: i64,
    /// Money to pay after discounts and points, in hundredths. Gift cards pay it too.
    pub due: i64,
    /// Points earned: 5 % of `due` without the loads of gift cards, in whole points.
    pub earned: i64,
    /// Points spent, each worth one unit of money; at most half of the receipt.
    pub spent: i64,
    /// Points of the card before the sale, as far as the till knew.
    pub balance: i64,
    /// Stamps given, in hundredths.
    pub stamps: i64,
    /// How many articles.
    pub items: u32,
    /// How the card was shown.
    pub how: Scan,
    /// What confirmed the spending.
    pub confirmed: Confirmation,
    /// Coupon codes tried that do not exist.
    pub wrong_codes: Vec<u64>,
    /// Coupons used.
    pub coupons: u8,
    /// Gift cards loaded, with the money in hundredths.
    pub loads: Vec<(u32, i64)>,
    /// Gift cards that paid, with the money in hundredths.
    pub gift_spent: Vec<(u32, i64)>,
    /// A mark of the payment card; none for cash.
    pub payer: Option<u64>,
    /// Whether the card was shown after the total.
    pub card_attached_after_total: bool,
    /// Discount given by hand, in hundredths.
    pub manual_discount: i64,
}

/// Goods or money that came back.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Refund {
    /// The card of the sale.
    pub card: Option<u32>,
    /// The receipt, if it was shown.
    pub receipt: Option<u64>,
    /// Money given back, in hundredths.
    pub money: i64,
    /// Points taken back.
    pub clawed_back: i64,
    /// Points given back that had been spent.
    pub restored: i64,
    /// Points that could not be taken back because they were spent.
    pub shortfall: i64,
    /// Whether the cashier of the sale took it back.
    pub own: bool,
    /// The gift card that got the money.
    pub to_gift_card: Option<u32>,
}

/// A receipt that was undone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Void {
    /// The card of the sale.
    pub card: Option<u32>,
    /// The receipt.
    pub receipt: u64,
    /// How many minutes after the sale.
    pub minutes_after: i64,
    /// Whether points had been spent.
    pub had_spend: bool,
    /// Money that was undone, in hundredths.
    pub money: i64,
    /// Points taken back.
    pub clawed_back: i64,
    /// Points given back that had been spent.
    pub restored: i64,
    /// Points that could not be taken back because they were spent.
    pub shortfall: i64,
    /// The gift cards that the sale had loaded.
    pub loads: Vec<u32>,
}

/// How a card is shown.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scan {
    /// A printed code that never changes.
    Static,
    /// The number, by hand.
    Typed,
    /// A code that changes every half a minute.
    Rotating,
    /// A code signed by the device.
    Signed,
    /// The number with a PIN.
    Pin,
}

/// What confirmed that points may be spent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Confirmation {
    /// Nothing.
    None,
    /// A manager at the till.
    Manager,
    /// A code sent to the owner.
    Code,
}

/// What came of showing a card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It was taken.
    Accepted,
    /// There is no such number, or the PIN was wrong.
    Refused,
    /// The card is locked.
    Locked,
    /// The code had been used before.
    Replayed,
    /// The code was too old.
    OutOfTime,
}

/// What proves the owner of a card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Proof {
    /// The telephone number.
    Phone,
    /// The PIN.
    Pin,
    /// The device.
    Device,
}

/// What a lock may be on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Lockable {
    /// A card.
    Card,
    /// A cashier.
    Cashier,
    /// A till.
    Till,
}

/// What a happening really was.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Truth {
    /// The fraud it belongs to. None: it is honest.
    pub label: Option<Label>,
    /// The honest person who looks like a fraud. None: an ordinary one.
    pub persona: Option<&'static str>,
}

/// The fraud that a happening belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Label {
    /// The scenario, one of [`crate::SCENARIOS`].
    pub scenario: &'static str,
    /// How boldly it was played.
    pub intensity: Intensity,
    /// Who played it: one number for one run of a scenario.
    pub actor: u32,
    /// Whether this very happening does harm. Else it leads up to it, hides it, or is the victim's own.
    pub harmful: bool,
    /// What is lost if it goes through, in hundredths of a unit of money; a point is worth a whole unit.
    /// Above zero if harmful, else zero.
    pub loss: i64,
}
