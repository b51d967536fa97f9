//! The programme as a document: what a merchant writes.

mod card;
mod earning;
mod identify;
mod limit;
mod offline;
mod presenting;
mod promotion;
mod redemption;
mod refund;
mod stored_value;
mod term;
mod ticket;
mod tier;

use rust_decimal::Decimal;

pub use card::*;
pub use earning::*;
pub use identify::*;
pub use limit::*;
pub use offline::*;
pub use presenting::*;
pub use promotion::*;
pub use redemption::*;
pub use refund::*;
pub use stored_value::*;
pub use term::*;
pub use ticket::*;
pub use tier::*;

use super::condition::LineCondition;
use crate::allocation::{Blocked, Residue, Spread};
use crate::document::{choice, document};
use crate::order::Stage;
use crate::rounding::Rounding;
use crate::subline::UnitOrder;
use crate::tax::TaxScope;

document! {
    /// A loyalty programme: its cards, tiers, rules of earning and spending, and every policy by
    /// name. Its version is the SHA-256 of its canonical form as written, before defaults.
    pub struct ProgramDocument {
        /// How discounts given to several lines are divided between them.
        pub allocation: Allocation = Allocation::default(),
        /// Points that turn into coupons by themselves when a period is closed.
        pub auto_redemption: Vec<AutoRedemption> = Vec::new(),
        /// The cards that the programme issues; a number belongs to the first whose range it fits.
        pub cards: Vec<CardKind> = Vec::new(),
        /// The steps of the close of a period, in order; a step that is left out is not taken.
        pub close: Vec<CloseStep> = vec![
            CloseStep::Activation,
            CloseStep::AutoRedemption,
            CloseStep::Tiers,
            CloseStep::Expiry,
        ],
        /// The kinds of coupons that are issued for later visits.
        pub coupons: Vec<Coupon> = Vec::new(),
        /// The currency of every sum in this document: three capital letters (ISO 4217).
        pub currency: String,
        /// Decimals of the currency, where it is not in ISO 4217.
        pub currency_digits: Option<u8>,
        /// How points are earned.
        pub earning: Earning = Earning::default(),
        /// Lines that take no part in some stages, whatever the rules say.
        pub exclusions: Vec<Exclusion> = Vec::new(),
        /// Prices below which no discount may go, such as legal minimum prices.
        pub floors: Vec<Floor> = Vec::new(),
        /// The format of this document: 1.
        pub format: u32 = 1,
        /// Points given without a purchase.
        pub grants: Vec<Grant> = Vec::new(),
        /// How long points stay reserved between reserve and confirm.
        pub hold: Hold = Hold::default(),
        /// Which lines the host's own discounts are divided over.
        pub host_discounts: HostDiscounts = HostDiscounts::default(),
        /// The stable id that owns accounts, limits and keys, whatever the version.
        pub id: String,
        /// How scans are read; if left out, by the number ranges of the cards alone.
        pub identify: Option<IdentifyRules>,
        /// The instant at which conditions about time, and limits by period, are judged. A reserved
        /// sale keeps its instant: what the guest agreed to does not flip at payment.
        pub judged_at: JudgedAt = JudgedAt::Paid,
        /// Limits and budgets over rules.
        pub limits: Vec<Limit> = Vec::new(),
        /// Who runs the programme.
        pub merchant: Option<Merchant>,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// What may be spent while the ledger has no word from the backend; as otherwise if left out.
        pub offline: Option<Offline>,
        /// The plans that guests can be on; any word if empty.
        pub plans: Vec<String> = Vec::new(),
        /// The kinds of points, stamps, entries and prepaid units.
        pub points: Vec<Points> = Vec::new(),
        /// How attempts to prove a card are counted.
        pub presenting: Presenting = Presenting::default(),
        /// Promotions, in order.
        pub promotions: Vec<Promotion> = Vec::new(),
        /// How points are spent; without it they cannot be.
        pub redemption: Option<Redemption>,
        /// What a guest gets for bringing another.
        pub referral: Option<Referral>,
        /// What a refund does; copied into every sale, so that later changes leave it alone.
        pub refund: RefundPolicy = RefundPolicy::default(),
        /// What points and stamps buy.
        pub rewards: Vec<Reward> = Vec::new(),
        /// How several promotions live together.
        pub stacking: Stacking = Stacking::default(),
        /// The stores. Where any are listed, an order must name one of them.
        pub stores: Vec<Store> = Vec::new(),
        /// How taxes are rounded.
        pub tax: TaxPolicy = TaxPolicy::default(),
        /// How tiers are reached, kept and lost.
        pub tiering: Tiering = Tiering::default(),
        /// The tiers that cards reach, lowest first.
        pub tiers: Vec<Tier> = Vec::new(),
        /// How points move from card to card; without it they do not.
        pub transfer: Option<TransferPolicy>,
        /// The time zone of stores that name none: an IANA name such as `Europe/Moscow`.
        pub zone: String,
    }
}

document! {
    /// A text in the two languages of the engine.
    pub struct Localized {
        /// In English.
        pub en: String,
        /// In Russian.
        pub ru: String,
    }
}

document! {
    /// A store.
    pub struct Store {
        /// Its street address, for slips.
        pub address: Option<String>,
        /// Its city, for conditions and slips.
        pub city: Option<String>,
        /// The groups that it belongs to, for conditions.
        pub groups: Vec<String> = Vec::new(),
        /// Its id, as orders name it.
        pub id: String,
        /// The legal entity that runs it, by its id in `merchant`.
        pub legal_entity: Option<String>,
        /// Its name, for slips.
        pub name: Option<String>,
        /// Its time zone; the programme's if left out.
        pub zone: Option<String>,
    }
}

document! {
    /// One kind of points.
    pub struct Points {
        /// The most points that a card may hold; earning is cut to it.
        pub balance_cap: Option<BalanceCap>,
        /// How many decimals a point has: 0 for whole points.
        pub digits: u8 = 0,
        /// Its id, as rules and answers name it.
        pub id: String,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// What one point is worth in the programme's currency when spent.
        pub value: Decimal = Decimal::ONE,
    }
}

document! {
    /// The most points that a card may hold.
    pub struct BalanceCap {
        /// How many.
        pub amount: Decimal,
        /// Whether points that are not usable yet count.
        pub pending: bool = true,
    }
}

choice! {
    /// When conditions about time are judged.
    pub enum JudgedAt {
        /// When the order is paid; the time of the call while that is not known.
        Paid = "paid",
        /// When the order was opened; the time of the call if that is not known.
        Opened = "opened",
    }
}

choice! {
    /// What a threshold, a cap or an amount off counts.
    pub enum Basis {
        /// Prices as they stand on the lines: with the taxes inside them, without those on top.
        Price = "price",
        /// Without any tax.
        Net = "net",
        /// With every tax.
        Gross = "gross",
    }
}

choice! {
    /// What a later discount is taken of.
    pub enum DiscountBase {
        /// What is left after the discounts before it.
        Running = "running",
        /// The amounts before any discount.
        Initial = "initial",
    }
}

choice! {
    /// How a percentage off becomes amounts off lines.
    pub enum PercentMethod {
        /// Taken of the sum of the lines, rounded once, then divided between them.
        OfSum = "of_sum",
        /// Taken of each line and rounded there.
        PerLine = "per_line",
    }
}

document! {
    /// How an amount is divided between lines, and a line's amount between its units.
    pub struct Allocation {
        /// What happens to the part that a line's floor blocks.
        pub blocked: Blocked = Blocked::MovesOn,
        /// Who gets the smallest units that remain after division.
        pub residue: Residue = Residue::LargestRemainder,
        /// What the parts are in proportion to.
        pub spread: Spread = Spread::ByValue,
        /// Which units of a line get the dearer price when it does not divide evenly.
        pub units: UnitOrder = UnitOrder::First,
        /// Whether a line may become free; otherwise each begun piece keeps the smallest unit.
        pub zero_price: bool = true,
    }
}

document! {
    /// Lines that take no part in some stages.
    pub struct Exclusion {
        /// The stages that leave these lines alone.
        pub from: Vec<Stage>,
        /// A name for it, shown in explanations.
        pub id: String,
        /// Which lines.
        pub lines: LineCondition,
        /// What happens to a line that does not say what `lines` asks for, such as its category.
        pub unknown: UnknownLine = UnknownLine::Spared,
    }
}

choice! {
    /// What happens to a line of which it cannot be told whether it is excluded.
    pub enum UnknownLine {
        /// It takes part; the explanation says so.
        Spared = "spared",
        /// It is excluded.
        Excluded = "excluded",
    }
}

document! {
    /// A price per unit below which no discount goes.
    pub struct Floor {
        /// The first local date on which it holds, YYYY-MM-DD.
        pub from: Option<String>,
        /// A name for it, shown in explanations.
        pub id: String,
        /// Which lines.
        pub lines: LineCondition,
        /// The lowest price of one unit.
        pub price: Decimal,
        /// The last local date on which it holds, YYYY-MM-DD.
        pub until: Option<String>,
    }
}

document! {
    /// How long a hold reserves points.
    pub struct Hold {
        /// The minutes from reserve until the hold stops reserving.
        pub minutes: u32 = 30,
    }
}

document! {
    /// How taxes are rounded.
    pub struct TaxPolicy {
        /// Whether fixed taxes inside a price are lowered by discounts, or kept whole.
        pub fixed: FixedTax = FixedTax::Discounted,
        /// Where the rounding happens.
        pub per: TaxScope = TaxScope::PerLine,
        /// How it rounds.
        pub rounding: Rounding = Rounding::HalfUp,
    }
}

choice! {
    /// What discounts do to fixed taxes inside a price, such as a deposit.
    pub enum FixedTax {
        /// They are lowered with the price, down to nothing.
        Discounted = "discounted",
        /// They are not: no percentage is taken of them, and no discount goes below them.
        Kept = "kept",
    }
}
