//! How what a scanner or a keyboard gives is read.

use super::CheckDigit;
use crate::document::{choice, document, union};

document! {
    /// How what a scanner or a keyboard gives is read, besides the number ranges of the cards.
    pub struct IdentifyRules {
        /// Plain numbers that are the host's id of a guest; none if left out.
        pub customer_numbers: Option<CustomerNumbers>,
        /// The keys of a JSON payload that may hold the number; the first that is there is taken.
        pub json_keys: Vec<String> = Vec::new(),
        /// The links that may hold a number. Nothing is ever fetched.
        pub links: Vec<LinkRule> = Vec::new(),
        /// How phone numbers are read; they are not if left out.
        pub phones: Option<PhoneRegion>,
        /// The forms of scans, in order; the first that fits is taken, before any number range.
        pub scans: Vec<ScanPattern> = Vec::new(),
        /// How a number is taken from magnetic tracks, in order. Without any rule a track that has
        /// no separators in it is the number as a whole.
        pub tracks: Vec<TrackRule> = Vec::new(),
    }
}

document! {
    /// Plain numbers that are the host's id of a guest.
    pub struct CustomerNumbers {
        /// How many digits a number has at most.
        pub length_max: u8,
        /// How many digits a number has at least.
        pub length_min: u8 = 1,
        /// What may stand before the number, such as `ID:`; it is left out of the id.
        pub prefix: String = String::new(),
    }
}

document! {
    /// A link that may hold a number.
    pub struct LinkRule {
        /// The query parameter that holds the number; what follows the prefix if left out.
        pub parameter: Option<String>,
        /// How the link begins, with its scheme and its whole host: `https://example.com/c/`.
        pub prefix: String,
    }
}

choice! {
    /// How phone numbers are read that do not begin with `+`.
    pub enum PhoneRegion {
        /// They are not: only numbers that begin with `+` are phone numbers.
        None = "none",
        /// As in Belarus: `375 29 …`, `8 029 …`, `29 …`.
        Belarus = "by",
        /// As in Kazakhstan: `7 701 …`, `8 701 …`, `701 …`.
        Kazakhstan = "kz",
        /// As in Russia: `7 993 …`, `8 993 …`, `993 …`.
        Russia = "ru",
    }
}

document! {
    /// A form of scans.
    pub struct ScanPattern {
        /// How the last character of the whole scan checks the others.
        pub check: CheckDigit = CheckDigit::None,
        /// Its id, as answers name it.
        pub id: String,
        /// The form: `#` is a digit, `?` a letter or a digit, `i` a digit of the item and `w` one
        /// of the weight or price on a scale label; anything else is itself.
        pub mask: String,
        /// What such a scan is.
        pub means: ScanMeaning,
    }
}

union! {
    /// What a scan of some form is.
    pub enum ScanMeaning {
        /// A card of this kind, by its id. A card that was issued under the mask itself, as
        /// `777-???`, is a group card: every number of that form is this card.
        Card(String) = "card",
        /// The code of a coupon or a promo code, and which part of the scan it is.
        Coupon(ScanPart) = "coupon",
        /// Goods, and which part of the scan is their stock number.
        Goods(ScanPart) = "goods",
        /// The host's id of a guest, and which part of the scan it is.
        Guest(ScanPart) = "guest",
        /// A label that a scale printed, and what its `w` digits are.
        ScaleLabel(ScaleValue) = "scale_label",
    }
}

choice! {
    /// Which part of a scan is meant.
    pub enum ScanPart {
        /// All of it.
        Whole = "whole",
        /// The characters at `#` and `?` only.
        Places = "places",
    }
}

choice! {
    /// What the `w` digits of a scale label are.
    pub enum ScaleValue {
        /// The weight in grams.
        Weight = "weight",
        /// The price in the smallest units of the programme's currency.
        Price = "price",
    }
}

document! {
    /// How a number is taken from a magnetic track. What is left out is not done.
    pub struct TrackRule {
        /// First: what lies between two separators.
        pub between: Option<Separators>,
        /// Third: the last so many characters.
        pub last: Option<u8>,
        /// Fourth: the form that the number must have, as in `scans` but without `i` and `w`.
        pub mask: Option<String>,
        /// Second: what the number must begin with; it is taken off.
        pub prefix: Option<String>,
        /// Which track.
        pub track: TrackNumber,
    }
}

document! {
    /// Two separators.
    pub struct Separators {
        /// What the number comes after; the beginning of the track if empty.
        pub after: String = String::new(),
        /// What the number comes before; the end of the track if empty.
        pub before: String = String::new(),
    }
}

choice! {
    /// A magnetic track.
    pub enum TrackNumber {
        /// `%…?`, letters and digits.
        First = "first",
        /// `;…?`, digits.
        Second = "second",
        /// `+…?`, digits.
        Third = "third",
    }
}
