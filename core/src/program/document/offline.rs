//! What may be spent while the ledger has no word from the backend.

use rust_decimal::Decimal;

use crate::document::{choice, document};

document! {
    /// What may be spent while the ledger has no word from the backend: it says since when in
    /// `offline_since`. Earning, stamps and discounts go on as always.
    pub struct Offline {
        /// For `sum`: the most money that one card may spend at this ledger since it is offline,
        /// in points by their `value` and from gift cards.
        pub card_maximum: Option<Decimal>,
        /// How much of a gift card may be spent.
        pub gift_cards: OfflineSpending = OfflineSpending::Nothing,
        /// For how many hours anything may be spent, 1 to 8760; however long it lasts if left out.
        /// With the end of the last hour it is over.
        pub hours: Option<u32>,
        /// How much of the points, stamps and units on a card may be spent.
        pub spending: OfflineSpending = OfflineSpending::Balance,
        /// For `sum`: the most money that all cards together may spend at this ledger since it is
        /// offline; without bound if left out.
        pub till_maximum: Option<Decimal>,
    }
}

choice! {
    /// How much may be spent while the ledger is offline.
    pub enum OfflineSpending {
        /// What is known here.
        Balance = "balance",
        /// What is known here, within `card_maximum` and `till_maximum`.
        Sum = "sum",
        /// Nothing.
        Nothing = "nothing",
    }
}
