//! Facts about the life of cards, guests, coupons, tickets and bills.

use jiff::Timestamp;

use crate::command::Consent;
use crate::document::{choice, document};
use crate::order::{Challenge, Presented};

document! {
    /// A card that was issued inactive can be used.
    pub struct CardActivated {
        /// The card.
        pub card: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
    }
}

document! {
    /// A card cannot be used.
    pub struct CardBlocked {
        /// The card.
        pub card: String,
        /// Why, in the host's words.
        pub reason: Option<String>,
    }
}

document! {
    /// A card and nothing more.
    pub struct CardNamed {
        /// The card.
        pub card: String,
    }
}

document! {
    /// A card can never be used again.
    pub struct CardClosed {
        /// The card.
        pub card: String,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The number that took its place, if one did.
        pub replaced_by: Option<String>,
    }
}

document! {
    /// A card ends at another instant.
    pub struct CardExtended {
        /// The card.
        pub card: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
    }
}

document! {
    /// A card belongs to a guest, or to nobody.
    pub struct CardBound {
        /// The card.
        pub card: String,
        /// The guest's id; absent if nobody.
        pub guest: Option<String>,
    }
}

document! {
    /// A further guest may use a card, or no longer.
    pub struct CardShared {
        /// The card.
        pub card: String,
        /// The guest's id.
        pub guest: String,
        /// Whether the guest may.
        pub shared: bool,
    }
}

document! {
    /// The number of a card stands for another card, or for itself again.
    pub struct CardLinked {
        /// The card.
        pub card: String,
        /// The number of the card that it stands for; absent if itself.
        pub to: Option<String>,
    }
}

document! {
    /// A card has a PIN, or none.
    pub struct CardPinSet {
        /// The card.
        pub card: String,
        /// The PIN; absent if none.
        pub pin: Option<PinHash>,
    }
}

document! {
    /// A PIN as records keep it: PBKDF2 with HMAC-SHA-256 (RFC 8018).
    pub struct PinHash {
        /// The derived key, in hexadecimal.
        pub hash: String,
        /// How many iterations it took.
        pub iterations: u32,
        /// The salt, in hexadecimal.
        pub salt: String,
    }
}

document! {
    /// Value leaves a card only after a challenge was met.
    pub struct CardDemanded {
        /// The card.
        pub card: String,
        /// The challenge; absent if what its kind says.
        pub challenge: Option<Challenge>,
    }
}

choice! {
    /// What came of presenting a card.
    pub enum PresentOutcome {
        /// It was proved.
        Accepted = "accepted",
        /// The PIN, the code or the token was wrong, or there is no such card.
        Refused = "refused",
        /// Too many attempts: nothing was looked at.
        Locked = "locked",
        /// The code or token was accepted once already.
        Replayed = "replayed",
        /// The code or token is of another time.
        OutOfTime = "out_of_time",
    }
}

document! {
    /// A card was presented.
    pub struct CardPresented {
        /// The card, where it was accepted.
        pub card: Option<String>,
        /// Until when the token that was accepted could come again.
        pub expires_at: Option<Timestamp>,
        /// The token's own mark, so that it is accepted once.
        pub nonce: Option<String>,
        /// What came of it.
        pub outcome: PresentOutcome,
        /// The time step of an accepted rotating code.
        pub step: Option<i64>,
        /// How it was presented.
        pub strength: Presented,
        /// The SHA-256 of the number that was presented, in hexadecimal, whether there is such a
        /// card or not: attempts are counted for it. The word `bank_card` for the number of a bank
        /// card, `unreadable` for what is no number.
        pub subject: String,
        /// The till, for whose attempts it counts too.
        pub till: Option<String>,
    }
}

document! {
    /// Somebody asked to be let in.
    pub struct TicketScanned {
        /// Whether it was granted.
        pub admitted: bool,
        /// When, by the own time of the book at the gate.
        pub at: Timestamp,
        /// The ticket.
        pub card: String,
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
    /// A guest became known.
    pub struct GuestRegistered {
        /// The guest's id.
        pub guest: String,
    }
}

document! {
    /// What is not personal about a guest changed: what is named here.
    pub struct GuestChanged {
        /// The guest's id.
        pub guest: String,
        /// The language.
        pub language: Option<String>,
        /// The plan.
        pub plan: Option<String>,
        /// Whether the guest works for the merchant.
        pub staff: Option<bool>,
        /// The time zone.
        pub zone: Option<String>,
    }
}

document! {
    /// A guest agreed to something, or no longer does.
    pub struct ConsentGiven {
        /// What was said, with its instant.
        pub consent: Consent,
        /// The guest's id.
        pub guest: String,
    }
}

document! {
    /// A guest was the same person as another.
    pub struct GuestMerged {
        /// The id of the double.
        pub double: String,
        /// The id of the one who stays.
        pub guest: String,
    }
}

document! {
    /// Everything personal of a guest was forgotten.
    pub struct GuestErased {
        /// The guest's id.
        pub guest: String,
    }
}

document! {
    /// Coupons of one batch exist.
    pub struct BatchIssued {
        /// The batch's name.
        pub batch: String,
        /// The card that they were issued to, if any.
        pub card: Option<String>,
        /// Their codes.
        pub codes: Vec<String>,
        /// Their kind, by the id in the programme.
        pub coupon: String,
        /// The event that makes them usable; absent if none is needed.
        pub event: Option<String>,
        /// When they end; absent if never.
        pub expires_at: Option<Timestamp>,
        /// The id of the guest who alone may use them, if they are bound.
        pub guest: Option<String>,
        /// When they become usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// Whether only the guest of the card may use them.
        pub personal: bool,
        /// How often each was used already, elsewhere.
        pub used: u32,
        /// How often each may be used.
        pub uses: u32,
    }
}

document! {
    /// A bill moved to another till or table.
    pub struct BillMoved {
        /// The sale.
        pub sale: String,
        /// The table.
        pub table: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// A reserved sale ended because others hold its lines now.
    pub struct SaleRegrouped {
        /// The sales that hold its lines.
        pub into: Vec<String>,
        /// The sale.
        pub sale: String,
    }
}

document! {
    /// A sale is disputed, or that was settled.
    pub struct SaleDisputed {
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The sale.
        pub sale: String,
        /// Where the dispute is.
        pub state: DisputeState,
    }
}

choice! {
    /// Where a dispute is.
    pub enum DisputeState {
        /// It is open.
        Open = "open",
        /// It was settled for the guest.
        Released = "released",
        /// It was settled against the guest.
        ClawedBack = "clawed_back",
    }
}
