//! What the back office asks: import, reports, wallet passes.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::document::{choice, document, union};

use super::{NoDetails, Personal};
use crate::json::Node;
use crate::watch::WatchPlace;

document! {
    /// Takes over cards, guests and coupons from another system. All rows are checked before any is
    /// taken; a row that was taken before is passed over.
    pub struct Import {
        /// The rows, at most 10,000; longer files come in parts.
        pub rows: Vec<ImportRow>,
        /// Where they come from, for people.
        pub source: Option<String>,
    }
}

document! {
    /// One row of an import. Rows with the same card add up: each may bring one lot.
    pub struct ImportRow {
        /// How much the row's lot holds: points, stamps, entries or money.
        pub amount: Option<Decimal>,
        /// Whether the card is blocked.
        pub blocked: bool = false,
        /// The card's number.
        pub card: Option<String>,
        /// The code of a coupon.
        pub code: Option<String>,
        /// The kind of coupon, by its id.
        pub coupon: Option<String>,
        /// When the lot, the coupon, or a row without either's card ends.
        pub expires_at: Option<Timestamp>,
        /// The host's id of the guest.
        pub guest: Option<String>,
        /// The kind of card, by its id; by the number if left out.
        pub kind: Option<String>,
        /// The guest's language.
        pub language: Option<String>,
        /// When the lot or the coupon becomes usable.
        pub opens_at: Option<Timestamp>,
        /// What is known of the guest as a person; kept beside the records.
        pub personal: Personal = Personal::default(),
        /// What the lot holds: the id of points, or the currency; may be left out where the card
        /// holds only one.
        pub points: Option<String>,
        /// How many purchases were made with the card.
        pub purchases: Option<u32>,
        /// What was spent with the card.
        pub spent: Option<Decimal>,
        /// The tier that the card is in.
        pub tier: Option<String>,
        /// Until when it keeps the tier at least.
        pub tier_until: Option<Timestamp>,
        /// How often the coupon was used already.
        pub used: u32 = 0,
    }
}

document! {
    /// Asks for a report.
    pub struct Report {
        /// Which.
        pub kind: ReportKind,
    }
}

union! {
    /// A report.
    pub enum ReportKind {
        /// How campaigns are used, and what is left of budgets.
        Campaigns(NoDetails) = "campaigns",
        /// Hand-written receipts that seem to be entered more than once, such as at two tills that
        /// did not know of each other.
        Doubles(NoDetails) = "doubles",
        /// What is owed to guests, by asset and age.
        Liability(NoDetails) = "liability",
        /// What moved in a shift, and which holds are open.
        Shift(ShiftReport) = "shift",
        /// What the watch makes of the journal, record by record.
        Watch(WatchReport) = "watch",
    }
}

document! {
    /// How the watch is asked about the journal. Every event that records keep is judged once more, as
    /// the journal stood before it, in the order of the records of all tills.
    pub struct WatchReport {
        /// Another policy, which is tried on the journal and decides nothing; those that decided then
        /// if left out.
        pub document: Option<Node>,
        /// Events from this instant on are told.
        pub from: Option<Timestamp>,
        /// Where the checks are evaluated: at the centre everything can be; where each event was
        /// judged if left out.
        pub place: Option<WatchPlace>,
        /// Events before this instant are told.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// Which records a shift report counts; those that match everything that is named.
    pub struct ShiftReport {
        /// From this instant on.
        pub from: Option<Timestamp>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// Before this instant.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// Asks for the content of a wallet pass, unsigned. It shows what the card holds, whether it has
    /// a PIN or not: it is for the back office, not for tills.
    pub struct MakePass {
        /// The card's number, or the code of a coupon.
        pub card: String,
        /// For whose wallet.
        pub form: PassForm,
        /// The language of its texts.
        pub language: PassLanguage = PassLanguage::Ru,
    }
}

choice! {
    /// For whose wallet a pass is.
    pub enum PassForm {
        /// Apple's: the content of `pass.json`.
        Apple = "apple",
        /// Google's: a class and an object.
        Google = "google",
    }
}

choice! {
    /// The language of a pass.
    pub enum PassLanguage {
        /// Russian.
        Ru = "ru",
        /// English.
        En = "en",
    }
}
