//! Guests: who they are, what they agreed to, and how they are found.

use jiff::Timestamp;

use crate::document::{document, union};
use crate::order::Attribute;

use super::NoDetails;

document! {
    /// Registers or changes a guest.
    pub struct ChangeGuest {
        /// What is done.
        pub action: GuestAction,
        /// The cashier.
        pub cashier: Option<String>,
        /// The host's id of the guest. `register` without one makes one: the record's id.
        pub guest: Option<String>,
        /// Why, in the host's words.
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
    /// What is done with a guest.
    pub enum GuestAction {
        /// A consent is given or taken back.
        Consent(Consent) = "consent",
        /// Everything personal is forgotten; cards and sums stay.
        Erase(NoDetails) = "erase",
        /// Another guest was the same person: this one takes over all cards and consents.
        Merge(MergeGuest) = "merge",
        /// The guest becomes known.
        Register(Registration) = "register",
        /// What is named here changes; the rest stays.
        Update(GuestDetails) = "update",
    }
}

document! {
    /// A guest who becomes known.
    pub struct Registration {
        /// The numbers of existing cards that become the guest's.
        pub cards: Vec<String> = Vec::new(),
        /// What the guest agrees to.
        pub consents: Vec<Consent> = Vec::new(),
        /// What is known of the guest.
        pub details: GuestDetails = GuestDetails::default(),
    }
}

document! {
    /// What is known of a guest. `personal` is kept beside the records and can be erased.
    pub struct GuestDetails {
        /// The language of texts for the guest, such as `ru`.
        pub language: Option<String>,
        /// What only a person has.
        pub personal: Personal = Personal::default(),
        /// The plan that the guest is on, in the merchant's words.
        pub plan: Option<String>,
        /// Whether the guest works for the merchant.
        pub staff: Option<bool>,
        /// The time zone in which the guest lives: an IANA name.
        pub zone: Option<String>,
    }
}

document! {
    /// What identifies a person. It stands beside the records, never in them.
    pub struct Personal {
        /// Named values for the programme's conditions, in the merchant's words.
        pub attributes: Option<Vec<Attribute>>,
        /// The day of birth, YYYY-MM-DD.
        pub birthday: Option<String>,
        /// The address for electronic mail.
        pub email: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The telephone number, in any form that the programme's region allows.
        pub phone: Option<String>,
    }
}

document! {
    /// Something that a guest agreed to, or no longer does.
    pub struct Consent {
        /// When; the time of the call if left out.
        pub at: Option<Timestamp>,
        /// Whether it is given.
        pub given: bool = true,
        /// What the guest agrees to, in the merchant's words: `sms`, `personal_data` …
        pub kind: String,
        /// Where it was said: `paper form 17`, `app`, `till` …
        pub source: Option<String>,
    }
}

document! {
    /// Two guests who are one.
    pub struct MergeGuest {
        /// The id of the double: it will stand for the guest of this call.
        pub double: String,
    }
}

document! {
    /// Looks for guests. What comes back is masked.
    pub struct Search {
        /// How many at most.
        pub limit: u32 = 10,
        /// A telephone number, its last four digits or more, the number of a card, the host's id, or
        /// the beginning of a word of the name (three letters or more).
        pub text: String,
    }
}
