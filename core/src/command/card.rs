//! What a host may do with cards and what they hold.

use jiff::Timestamp;

use crate::document::{document, union};
use crate::identify::Scan;
use crate::order::Challenge;

document! {
    /// Changes a card: its state, its owner, its secrets.
    pub struct ChangeCard {
        /// What is done.
        pub action: CardAction,
        /// The card's number.
        pub card: String,
        /// The cashier.
        pub cashier: Option<String>,
        /// Why, in the host's words; a blocked card shows it.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

union! {
    /// What is done with a card.
    pub enum CardAction {
        /// A card that was issued inactive can be used from now on.
        Activate(NoDetails) = "activate",
        /// It belongs to a guest from now on.
        Bind(CardGuest) = "bind",
        /// It cannot be used until it is unblocked.
        Block(NoDetails) = "block",
        /// It can never be used again.
        Close(CloseCard) = "close",
        /// Value leaves it only after a challenge was met.
        Demand(CardDemand) = "demand",
        /// It ends at another instant.
        Extend(ExtendCard) = "extend",
        /// Its number stands for another card: a family card, or a further number of one card.
        Link(CardLink) = "link",
        /// The rest of stored value is paid out in money, as far as the programme allows.
        PayOut(NoDetails) = "pay_out",
        /// It has this PIN from now on; the PIN itself is not recorded.
        Pin(CardPin) = "pin",
        /// Another number takes its place, with everything that it holds; the old one is closed.
        Replace(CardLink) = "replace",
        /// A further guest may use it.
        Share(CardGuest) = "share",
        /// It belongs to nobody.
        Unbind(NoDetails) = "unbind",
        /// A blocked card can be used again.
        Unblock(NoDetails) = "unblock",
        /// Its number stands for itself again.
        Unlink(NoDetails) = "unlink",
        /// Failed attempts are forgotten.
        Unlock(NoDetails) = "unlock",
        /// A guest may no longer use it.
        Unshare(CardGuest) = "unshare",
    }
}

impl CardAction {
    /// The texts that it names.
    pub(crate) fn texts(&self) -> Vec<&String> {
        match self {
            CardAction::Bind(guest) | CardAction::Share(guest) | CardAction::Unshare(guest) => {
                vec![&guest.guest]
            }
            CardAction::Link(link) | CardAction::Replace(link) => vec![&link.to],
            CardAction::Pin(pin) => pin.pin.iter().collect(),
            CardAction::Activate(_)
            | CardAction::Block(_)
            | CardAction::Close(_)
            | CardAction::Demand(_)
            | CardAction::Extend(_)
            | CardAction::PayOut(_)
            | CardAction::Unbind(_)
            | CardAction::Unblock(_)
            | CardAction::Unlink(_)
            | CardAction::Unlock(_) => Vec::new(),
        }
    }
}

document! {
    /// Nothing more needs to be said.
    pub struct NoDetails {
    }
}

document! {
    /// A guest of a card.
    pub struct CardGuest {
        /// The guest's id.
        pub guest: String,
    }
}

document! {
    /// How a card is closed.
    pub struct CloseCard {
        /// Whether what it still holds is written off; a card that holds anything is not closed
        /// otherwise.
        pub forfeit: bool = false,
    }
}

document! {
    /// What must be met before value leaves a card.
    pub struct CardDemand {
        /// The challenge; what its kind says, if left out.
        pub challenge: Option<Challenge>,
    }
}

document! {
    /// When a card ends.
    pub struct ExtendCard {
        /// The instant; never if left out.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// Another card.
    pub struct CardLink {
        /// Its number.
        pub to: String,
    }
}

document! {
    /// A PIN.
    pub struct CardPin {
        /// Its digits; none from now on if left out. It is not recorded: the record keeps a salted
        /// slow hash, whose salt comes from the request's `entropy`.
        pub pin: Option<String>,
    }
}

document! {
    /// Presents a card with what proves it: a PIN, a rotating code, a signed token. Whatever comes
    /// of it is recorded, so that attempts can be counted. What is secret is not.
    pub struct Present {
        /// The cashier.
        pub cashier: Option<String>,
        /// The PIN that the guest typed. Not recorded.
        pub pin: Option<String>,
        /// What the scanner or the keyboard gave. Only the card's number is recorded.
        pub scan: Scan,
        /// The card's key for rotating codes, in hexadecimal, where the host has it. Not recorded.
        pub secret: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// Lets the holder of a ticket in, or gives a prepaid unit.
    pub struct Admit {
        /// The ticket's number.
        pub card: String,
        /// The cashier.
        pub cashier: Option<String>,
        /// How many entries or units.
        pub entries: u32 = 1,
        /// The gate or door, in the merchant's words.
        pub gate: Option<String>,
        /// The id of the record of a `present` that was accepted.
        pub presentation: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}
