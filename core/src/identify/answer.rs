//! What `identify` takes and answers.

use std::fmt;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::CardView;
use crate::document::{Document, Reader, Shape, Shapes, TextFormat, choice, document};
use crate::error::ErrorCode;
use crate::json::{Node, Writer};
use crate::order::Presented;
use crate::reason::Reason;

/// The most bytes that a scan may have; one that is longer than a number can be is told as such.
pub const SCAN_BYTES_MAX: usize = 4_096;

/// What a scanner or a keyboard gave, as it came: unlike other texts it may have control
/// characters. It may be the number of a bank card, so that it is not shown for debugging.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scan(pub String);

impl From<&str> for Scan {
    fn from(scan: &str) -> Scan {
        Scan(scan.to_owned())
    }
}

impl From<String> for Scan {
    fn from(scan: String) -> Scan {
        Scan(scan)
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scan({} bytes)", self.0.len())
    }
}

impl Scan {
    pub(crate) fn fault(&self) -> Option<(ErrorCode, String)> {
        let length = self.0.len();
        let message = format!("the scan has {length} bytes, more than {SCAN_BYTES_MAX}");
        (length > SCAN_BYTES_MAX).then_some((ErrorCode::DocumentTextTooLong, message))
    }
}

impl Document for Scan {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Some(text) = node.text() else {
            reader.expected("a string", node);
            return Scan::default();
        };
        let scan = Scan(text.to_owned());
        match scan.fault() {
            None => scan,
            Some((code, message)) => {
                reader.mistake(code, message);
                Scan::default()
            }
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(&self.0);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text(TextFormat::Scan)
    }
}

document! {
    /// What a scan is.
    pub struct Identified {
        /// The card, if there is one with this number.
        pub card: Option<CardView>,
        /// The coupon, if there is one with this code.
        pub coupon: Option<IdentifiedCoupon>,
        /// The kind of card that such a number would be, by its id in the programme.
        pub kind: Option<String>,
        /// What a scale label says.
        pub label: Option<ScaleLabel>,
        /// The number as the engine reads it; empty for a phone and a bank card, which are not
        /// repeated, and where no number was found.
        pub number: String,
        /// The id of the form of `identify.scans` that it fits.
        pub pattern: Option<String>,
        /// The phone number as it may be shown: `+7 *** ***-10-05`.
        pub phone: Option<String>,
        /// The country of the phone number: `BY`, `KZ` or `RU`; absent for others.
        pub phone_country: Option<String>,
        /// How the card was presented, where the scan is a token of the engine.
        pub presented: Option<Presented>,
        /// Why it is not what was hoped: why it is no card, or why it is nothing that is known.
        pub reasons: Vec<Reason>,
        /// The forms of scans and kinds of cards, by their ids, that it would fit too, but that
        /// come later.
        pub shadowed: Vec<String>,
        /// The AIM symbology identifier that the scanner sent first, such as `]E0`.
        pub symbology: Option<String>,
        /// Whether the token of the engine was verified: never by this verb.
        pub verified: Option<bool>,
        /// What it is.
        pub what: ScanKind,
    }
}

choice! {
    /// What a scan is.
    pub enum ScanKind {
        /// Nothing that is known; the reasons say why.
        Unknown = "unknown",
        /// The number of a bank card. It is refused and not repeated: do not keep it either.
        BankCard = "bank_card",
        /// A card's number.
        Card = "card",
        /// The code of a coupon or a promo code.
        Coupon = "coupon",
        /// A plain number that is the host's id of a guest.
        Customer = "customer",
        /// A stock number of goods.
        Goods = "goods",
        /// The host's id of a guest, in a form of `identify.scans`.
        Guest = "guest",
        /// A phone number.
        Phone = "phone",
        /// A label that a scale printed.
        ScaleLabel = "scale_label",
    }
}

document! {
    /// The coupon that a code is.
    pub struct IdentifiedCoupon {
        /// Its kind, by its id.
        pub coupon: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// Whether it can be used now, by its owner if it is personal.
        pub usable: bool,
    }
}

document! {
    /// What a scale label says.
    pub struct ScaleLabel {
        /// The weight in grams, if the label tells it.
        pub grams: Option<i64>,
        /// The item's number on the scale.
        pub item: String,
        /// The price in the programme's currency, if the label tells it.
        pub price: Option<Amount>,
    }
}
