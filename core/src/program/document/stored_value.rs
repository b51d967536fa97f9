//! Gift cards, certificates, wallets and deposits: money that a card holds.

use rust_decimal::Decimal;

use crate::document::document;
use crate::order::LineKind;
use crate::program::condition::LineCondition;

document! {
    /// How cards of a kind hold money: a gift card of any amount, a certificate of fixed face values,
    /// a wallet or a deposit that is topped up. The money is a way of paying: it is never a
    /// discount, and taxes do not change.
    pub struct StoredValue {
        /// Money added as a present when at least so much is loaded at once: the highest step that
        /// is reached counts. Lowest step first.
        pub bonus: Vec<LoadBonus> = Vec::new(),
        /// A rest of at most so much can be paid out in money (`card`, `pay_out`); none can if left
        /// out.
        pub cash_out: Option<Decimal>,
        /// Whether what is paid with the card is earned on.
        pub earns: bool = false,
        /// The only amounts that can be loaded; any within the bounds if empty.
        pub face_values: Vec<Decimal> = Vec::new(),
        /// The kinds of lines that it can pay for.
        pub kinds: Vec<LineKind> = vec![
            LineKind::Goods,
            LineKind::Child,
            LineKind::Delivery,
            LineKind::ServiceCharge,
            LineKind::Tip,
            LineKind::Adjustment,
        ],
        /// Which lines it can pay for; all if left out.
        pub lines: Option<LineCondition>,
        /// The most that a card may hold.
        pub maximum: Option<Decimal>,
        /// The least that can be loaded at once.
        pub minimum: Option<Decimal>,
        /// Whether it pays only where a card of its own guest stands on the order too.
        pub owner_only: bool = false,
        /// Whether a part of the money can be spent and the rest kept. If not, the card pays all
        /// that it holds, or nothing.
        pub partial: bool = true,
        /// The kind of tender that conditions and `lowered_by_tenders` see.
        pub tender: String = "gift".to_owned(),
        /// Whether a card that was loaded once can be loaded again.
        pub top_up: bool = true,
        /// Whether money can move from such a card to another of its kind (`transfer`).
        pub transfer: bool = false,
    }
}

document! {
    /// Money added as a present.
    pub struct LoadBonus {
        /// How much is added.
        pub amount: Decimal,
        /// The load from which it is added.
        pub from: Decimal,
    }
}
