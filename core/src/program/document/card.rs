//! Kinds of cards, their numbers and their discounts.

use rust_decimal::Decimal;

use super::{DiscountBase, Localized, PercentMethod};
use crate::document::{choice, document, union};
use crate::order::LineKind;
use crate::program::condition::LineCondition;
use crate::rounding::Rounding;

document! {
    /// A kind of card that the programme issues.
    pub struct CardKind {
        /// The discount that the card gives; none if left out.
        pub discount: Option<CardDiscount>,
        /// Its id, as rules and answers name it.
        pub id: String,
        /// What the card is: `bonus` holds points, `discount` holds a percentage.
        pub kind: CardUse,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// The numbers that such cards have.
        pub numbers: Vec<NumberRange> = Vec::new(),
        /// Further kinds of points that the card holds, such as stamps beside bonus points.
        pub other_points: Vec<String> = Vec::new(),
        /// The points that the card holds; a bonus card may leave it out if the programme has only
        /// one kind.
        pub points: Option<String>,
        /// What every such card starts with, by the id of a grant.
        pub welcome: Option<String>,
    }
}

choice! {
    /// What a card is for.
    pub enum CardUse {
        /// It holds points.
        Bonus = "bonus",
        /// It gives a percentage off.
        Discount = "discount",
    }
}

document! {
    /// A range of card numbers.
    pub struct NumberRange {
        /// How the last digit checks the others.
        pub check: CheckDigit = CheckDigit::None,
        /// How many characters a number has at most.
        pub length_max: u8,
        /// How many characters a number has at least; as `length_max` if left out.
        pub length_min: Option<u8>,
        /// What every number begins with.
        pub prefix: String = String::new(),
    }
}

choice! {
    /// How the last digit of a number checks the others.
    pub enum CheckDigit {
        /// There is none.
        None = "none",
        /// GS1 modulo 10, as in EAN-13, EAN-8 and ITF-14.
        Gs1 = "gs1",
        /// Luhn, as on bank cards.
        Luhn = "luhn",
        /// Damm: finds every single wrong digit and every swap of neighbours.
        Damm = "damm",
    }
}

document! {
    /// The discount that a card gives.
    pub struct CardDiscount {
        /// What the percentage is taken of.
        pub base: DiscountBase = DiscountBase::Running,
        /// The kinds of lines that take it.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// Which lines take it, besides the exclusions; all if left out.
        pub lines: Option<LineCondition>,
        /// Whether the percentage is taken of the sum and spread, or of each line.
        pub method: PercentMethod = PercentMethod::OfSum,
        /// How large the percentage is.
        pub percent: CardPercent,
        /// How the discount is rounded to the smallest unit of money.
        pub rounding: Rounding = Rounding::HalfUp,
    }
}

union! {
    /// How large a card's percentage is.
    pub enum CardPercent {
        /// The same always.
        Fixed(Decimal) = "fixed",
        /// By the tier of the card; tiers not listed get nothing.
        ByTier(Vec<TierPercent>) = "by_tier",
        /// By what was spent with the card before this receipt, lowest step first.
        BySpend(Vec<SpendPercent>) = "by_spend",
    }
}

document! {
    /// A percentage for one tier.
    pub struct TierPercent {
        /// The percentage, 0 to 100.
        pub percent: Decimal,
        /// The id of the tier.
        pub tier: String,
    }
}

document! {
    /// A percentage from an accumulated spend on.
    pub struct SpendPercent {
        /// The percentage, 0 to 100.
        pub percent: Decimal,
        /// The accumulated spend from which it holds.
        pub from: Decimal,
    }
}
