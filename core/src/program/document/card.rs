//! Kinds of cards, their numbers and their discounts.

use rust_decimal::Decimal;

use super::{
    DiscountBase, Life, Localized, PercentMethod, PinPolicy, RotatingCode, StampCard, StoredValue,
    Ticket,
};
use crate::document::{choice, document, union};
use crate::order::{Challenge, LineKind};
use crate::program::condition::LineCondition;
use crate::rounding::Rounding;

document! {
    /// A kind of card that the programme issues.
    pub struct CardKind {
        /// When such a card can first be used.
        pub activation: Activation = Activation::AtIssue,
        /// What must be met before value leaves such a card.
        pub challenge: Challenge = Challenge::None,
        /// The discount that the card gives; none if left out.
        pub discount: Option<CardDiscount>,
        /// Its id, as rules and answers name it.
        pub id: String,
        /// What the card is.
        pub kind: CardUse,
        /// How long it lives from when it can first be used; for ever if left out. Stored value
        /// ends with its card.
        pub life: Option<Life>,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// The numbers that such cards have.
        pub numbers: Vec<NumberRange> = Vec::new(),
        /// Further kinds of points that the card holds, such as stamps beside bonus points.
        pub other_points: Vec<String> = Vec::new(),
        /// How its PINs are; it has none if left out. A card with a PIN pays only with it.
        pub pin: Option<PinPolicy>,
        /// The points, stamps, entries or units that the card holds; may be left out if the
        /// programme has only one kind. Stored value is held in the programme's currency.
        pub points: Option<String>,
        /// Codes that change with time; such a card has none if left out.
        pub rotating: Option<RotatingCode>,
        /// How it is filled, for `stamp`.
        pub stamp: Option<StampCard>,
        /// How it holds money, for `gift`.
        pub stored_value: Option<StoredValue>,
        /// What it is good for, for `ticket`.
        pub ticket: Option<Ticket>,
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
        /// It holds money that pays.
        Gift = "gift",
        /// It holds stamps toward a reward.
        Stamp = "stamp",
        /// It holds entries or prepaid units.
        Ticket = "ticket",
    }
}

choice! {
    /// When a card can first be used.
    pub enum Activation {
        /// As soon as it is issued.
        AtIssue = "at_issue",
        /// When it is activated (`card`), or a sale loads it for the first time: plastic on the
        /// shelf is worth nothing.
        Later = "later",
    }
}

document! {
    /// A range of card numbers.
    pub struct NumberRange {
        /// How the last character checks the others.
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
    /// How the last character of a number checks the others.
    pub enum CheckDigit {
        /// There is none.
        None = "none",
        /// GS1 modulo 10, as in EAN-13, EAN-8 and ITF-14.
        Gs1 = "gs1",
        /// Luhn, as on bank cards.
        Luhn = "luhn",
        /// Damm: finds every single wrong digit and every swap of neighbours.
        Damm = "damm",
        /// Verhoeff: as strong as Damm; for numbers that are out there already.
        Verhoeff = "verhoeff",
        /// Luhn modulo 32 over the letters and digits `0123456789ABCDEFGHJKMNPQRSTVWXYZ`.
        LuhnModN = "luhn_mod_n",
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
