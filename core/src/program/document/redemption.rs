//! How points are spent.

use rust_decimal::Decimal;

use super::Basis;
use crate::document::{choice, document};
use crate::order::LineKind;
use crate::program::condition::{LineCondition, OrderCondition};

document! {
    /// How points are spent.
    pub struct Redemption {
        /// Whether points that this receipt earns, and that are usable at once, may be spent on it.
        /// What they are earned on is then not lowered by rewards and points.
        pub includes_earned: bool = false,
        /// The kinds of lines that points can pay for.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// Which lines points can pay for, besides the exclusions; all if left out.
        pub lines: Option<LineCondition>,
        /// The most money that points may pay on one receipt.
        pub maximum: Option<Decimal>,
        /// The fewest points that a card must hold, usable, before any may be spent.
        pub minimum_balance: Option<Decimal>,
        /// What must be left to pay with money on the receipt, as prices stand.
        pub minimum_cash: Option<Decimal>,
        /// What must be left due on each unit that points pay for.
        pub minimum_price: Option<Decimal>,
        /// The fewest points that may be spent at once.
        pub minimum_points: Option<Decimal>,
        /// The most money that points may pay on a receipt while the till is `offline`, or the card
        /// demands to be asked online; as otherwise if left out.
        pub offline_maximum: Option<Decimal>,
        /// What `percent` and `maximum` count: prices as they stand, or net, or gross.
        pub of: Basis = Basis::Price,
        /// The most that points may pay, as a percentage, 0 to 100.
        pub percent: Decimal = Decimal::ONE_HUNDRED,
        /// What the percentage is taken of.
        pub percent_of: PercentOf = PercentOf::Receipt,
        /// The points that are spent; may be left out if the programme has only one kind.
        pub points: Option<String>,
        /// How spent points are shown to the tax register.
        pub presentation: Presentation = Presentation::Discount,
        /// Points are spent in multiples of this.
        pub step: Option<Decimal>,
        /// What must be true of the order; always if left out.
        pub when: Option<OrderCondition>,
    }
}

choice! {
    /// What a redemption percentage is taken of.
    pub enum PercentOf {
        /// Everything payable on the receipt.
        Receipt = "receipt",
        /// The lines that points can pay for.
        EligibleLines = "eligible_lines",
    }
}

choice! {
    /// How spent points are shown to the tax register: the merchant's accountant decides.
    pub enum Presentation {
        /// As a discount: the prices of the lines are lowered.
        Discount = "discount",
        /// As a counter-provision: prices stay, the points pay a part of the total.
        CounterProvision = "counter_provision",
    }
}
