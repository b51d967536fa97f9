//! Promotions, what they do, and how several of them live together.

use rust_decimal::Decimal;

use super::{Basis, CodeFormat, CouponBack, Life, Localized, PercentMethod, Start};
use crate::document::{choice, document, union};
use crate::order::LineKind;
use crate::program::condition::{LineCondition, OrderCondition};
use crate::rounding::Rounding;

document! {
    /// A promotion: when something is true of the order, something is given.
    pub struct Promotion {
        /// The most money that it gives on one receipt, counted as `of` says.
        pub cap: Option<Decimal>,
        /// The class whose limit it shares: the id of one of `stacking.classes`.
        pub class: Option<String>,
        /// Whether it beats every promotion that is not exclusive; of several exclusive ones only
        /// the first by priority applies.
        pub exclusive: bool = false,
        /// Its id, as answers and limits name it.
        pub id: String,
        /// How a percentage becomes amounts off lines.
        pub method: PercentMethod = PercentMethod::OfSum,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// What its amounts and its cap count: prices as they stand, or net, or gross.
        pub of: Basis = Basis::Price,
        /// The higher goes first; equals go in the order of the document.
        pub priority: i64 = 0,
        /// How it rounds to the smallest unit of money.
        pub rounding: Rounding = Rounding::HalfUp,
        /// Which lines and units it is about.
        pub select: Selection = Selection::default(),
        /// What it gives.
        pub then: Then,
        /// What must be true of the order; always if left out.
        pub when: Option<OrderCondition>,
    }
}

document! {
    /// Which lines and units a promotion is about. A line whose quantity is not whole counts as one
    /// unit. As soon as `every`, `per_line`, `per_receipt` or `skip` is named, single units are
    /// chosen; otherwise whole lines.
    pub struct Selection {
        /// Only every n-th of the units, in the order named by `order`.
        pub every: Option<u32>,
        /// The kinds of lines.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// Which lines; all if left out.
        pub lines: Option<LineCondition>,
        /// Which units come first.
        pub order: UnitChoice = UnitChoice::AsListed,
        /// The most units of one line.
        pub per_line: Option<u32>,
        /// The most units of one receipt.
        pub per_receipt: Option<u32>,
        /// How many of the units, from the first, are passed over.
        pub skip: u32 = 0,
    }
}

choice! {
    /// Which units come first. Units of equal price stand as listed.
    pub enum UnitChoice {
        /// As the order lists them.
        AsListed = "as_listed",
        /// The lowest unit price first.
        Cheapest = "cheapest",
        /// The highest unit price first.
        Dearest = "dearest",
    }
}

union! {
    /// What a promotion or a reward gives.
    pub enum Then {
        /// A percentage off the selected units.
        Percent(Decimal) = "percent",
        /// An amount off.
        Amount(AmountOff) = "amount",
        /// A new price for each selected unit; units that cost less already keep their price.
        Price(Decimal) = "price",
        /// One price for a set of goods.
        Bundle(Bundle) = "bundle",
        /// n units for the price of m.
        NForM(NForM) = "n_for_m",
        /// Who buys some units gets others cheaper or free.
        BuyGet(BuyGet) = "buy_get",
        /// More off for more bought.
        Tiered(Tiered) = "tiered",
        /// A percentage by the position of the unit: the second, the third …; from the first step
        /// that begins above, units get that step's percentage.
        Schedule(Vec<PositionPercent>) = "schedule",
        /// Goods given as a present.
        Gift(Gift) = "gift",
        /// A coupon for a later visit, by its id in `coupons`: shown in the quote, issued when the
        /// sale is confirmed, void if the sale is.
        Coupon(String) = "coupon",
    }
}

document! {
    /// An amount off.
    pub struct AmountOff {
        /// How much, counted as the promotion's `of` says.
        pub amount: Decimal,
        /// Off what: the selection as a whole, each line, or each unit.
        pub each: Each = Each::Selection,
    }
}

choice! {
    /// Off what an amount is taken.
    pub enum Each {
        /// Once off everything that is selected, divided as `allocation` says.
        Selection = "selection",
        /// Off each selected line.
        Line = "line",
        /// Off each selected unit.
        Unit = "unit",
    }
}

document! {
    /// One price for a set of goods. The difference is divided over the set in proportion to value.
    /// A set that would cost more than its goods is not made. Units are taken in the order of
    /// `select.order`.
    pub struct Bundle {
        /// What one set is made of.
        pub parts: Vec<BundlePart>,
        /// What one set costs.
        pub price: Decimal,
        /// The most sets on one receipt.
        pub times: Option<u32>,
    }
}

document! {
    /// A part of a set.
    pub struct BundlePart {
        /// Which lines count.
        pub lines: LineCondition,
        /// How many units of them.
        pub quantity: u32 = 1,
    }
}

document! {
    /// n units for the price of m. Only whole groups of n count.
    pub struct NForM {
        /// How the value of the free units becomes discounts.
        pub divide: Divide = Divide::FreeUnits,
        /// Which units are free.
        pub free: FreeChoice = FreeChoice::CheapestOfAll,
        /// How many are paid.
        pub m: u32,
        /// How many are taken.
        pub n: u32,
    }
}

choice! {
    /// How the value of free units becomes discounts.
    pub enum Divide {
        /// The free units cost nothing.
        FreeUnits = "free_units",
        /// Every unit of the groups gets a part of it, in proportion to value, so that bringing one
        /// back cannot be turned to profit.
        AllUnits = "all_units",
    }
}

choice! {
    /// Which units of several groups are free.
    pub enum FreeChoice {
        /// The cheapest of all units that are in groups.
        CheapestOfAll = "cheapest_of_all",
        /// The cheapest of each group, where groups are made from the dearest unit down.
        CheapestOfEach = "cheapest_of_each",
    }
}

document! {
    /// Who buys some units gets others cheaper or free.
    pub struct BuyGet {
        /// How many units must be bought for full price, of the lines that `select` names.
        pub buy: u32 = 1,
        /// How many units are then given.
        pub get: u32 = 1,
        /// Which lines are given; those that are bought, if left out.
        pub get_lines: Option<LineCondition>,
        /// What is given on them.
        pub give: UnitGive,
        /// Which of them are given first.
        pub target: UnitChoice = UnitChoice::Cheapest,
        /// How many times at most on one receipt.
        pub times: Option<u32>,
    }
}

union! {
    /// What is given on a unit.
    pub enum UnitGive {
        /// A percentage off; 100 makes it free.
        Percent(Decimal) = "percent",
        /// An amount off each unit.
        Amount(Decimal) = "amount",
        /// A new price of each unit.
        Price(Decimal) = "price",
    }
}

document! {
    /// More off for more bought: the last step that is reached holds for everything selected.
    pub struct Tiered {
        /// What is counted of the selected units.
        pub by: TieredBy = TieredBy::Amount,
        /// The steps, lowest first.
        pub steps: Vec<TieredStep>,
    }
}

choice! {
    /// What steps count.
    pub enum TieredBy {
        /// Their sum, as the promotion's `of` says.
        Amount = "amount",
        /// Their quantity.
        Quantity = "quantity",
    }
}

document! {
    /// A step.
    pub struct TieredStep {
        /// From how much on it holds.
        pub from: Decimal,
        /// What it gives: a percentage, an amount off each unit, or a new price of each unit.
        pub give: UnitGive,
    }
}

document! {
    /// A percentage from a position on.
    pub struct PositionPercent {
        /// From which unit on, counted from 1 in the order of `select.order`.
        pub from: u32,
        /// The percentage, 0 to 100.
        pub percent: Decimal,
    }
}

document! {
    /// Goods given as a present.
    pub struct Gift {
        /// What may be chosen; any of them is as good.
        pub items: Vec<GiftItem>,
        /// How many units in all.
        pub quantity: u32 = 1,
        /// Where they come from.
        pub take: GiftTake = GiftTake::Added,
    }
}

document! {
    /// Something that may be given.
    pub struct GiftItem {
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// The stock number.
        pub sku: String,
    }
}

choice! {
    /// Where given goods come from.
    pub enum GiftTake {
        /// The quote offers them; the host adds a line that names the promotion in `gift`. Such a
        /// line qualifies for nothing else, and takes no part if the gift is not earned.
        Added = "added",
        /// Units that stand on the order already become free.
        Found = "found",
        /// Units on the order first; what is missing is offered.
        Either = "either",
    }
}

document! {
    /// How several promotions live together.
    pub struct Stacking {
        /// What each promotion is taken of: what is left after those before it, or the prices before
        /// any promotion.
        pub base: super::DiscountBase = super::DiscountBase::Running,
        /// Classes of which only so many may apply.
        pub classes: Vec<StackingClass> = Vec::new(),
        /// What happens to the other codes when one of those presented does not apply.
        pub codes: CodePolicy = CodePolicy::Each,
        /// Whether units that became free count for later percentages of the prices before discounts.
        pub free_units: FreeUnits = FreeUnits::Untouched,
        /// Whether the conditions of a promotion are judged on the order before any promotion, or
        /// on what those before it left. Its own discount never counts.
        pub judged_on: JudgedOn = JudgedOn::Initial,
        /// Whether all promotions apply that may, or only the one that gives most.
        pub together: Together = Together::All,
        /// Whether a unit may be used by several promotions.
        pub units: UnitUse = UnitUse::Again,
    }
}

document! {
    /// A class of promotions of which only so many may apply.
    pub struct StackingClass {
        /// Its id.
        pub id: String,
        /// Which are kept.
        pub keep: Keep = Keep::FirstByDocument,
        /// How many may apply.
        pub most: u32 = 1,
    }
}

choice! {
    /// Which promotions of a class are kept.
    pub enum Keep {
        /// The first by priority and document.
        FirstByDocument = "first_by_document",
        /// Those whose codes were presented first; those without a code come last.
        FirstByRequest = "first_by_request",
        /// Those that give most, each taken alone; the earlier of equals.
        Best = "best",
    }
}

choice! {
    /// What happens to the other codes when one does not apply.
    pub enum CodePolicy {
        /// They apply.
        Each = "each",
        /// None of them applies.
        AllOrNothing = "all_or_nothing",
    }
}

choice! {
    /// Whether free units count for later percentages of initial prices.
    pub enum FreeUnits {
        /// They are left out.
        Untouched = "untouched",
        /// They count as if they were paid.
        Touched = "touched",
    }
}

choice! {
    /// On what conditions are judged.
    pub enum JudgedOn {
        /// On the order after the host's discounts and before any promotion.
        Initial = "initial",
        /// On what the promotions before left.
        Running = "running",
    }
}

choice! {
    /// How many promotions apply.
    pub enum Together {
        /// All that may.
        All = "all",
        /// Only the one that gives most, each taken alone; the earlier of equals.
        Best = "best",
    }
}

choice! {
    /// Whether a unit may be used by several promotions.
    pub enum UnitUse {
        /// Yes.
        Again = "again",
        /// No: what one promotion counted or lowered is closed to the next.
        Once = "once",
    }
}

document! {
    /// A kind of coupon that promotions issue for later visits. Presented as a code, it makes the
    /// condition `coupon` true once, or as often as `uses` says.
    pub struct Coupon {
        /// How the codes of its batches are made.
        pub codes: CodeFormat = CodeFormat::default(),
        /// When it becomes usable; at once if left out.
        pub delay: Option<Start>,
        /// Its id.
        pub id: String,
        /// How long it lives from when it becomes usable; for ever if left out.
        pub life: Option<Life>,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// What happens to it when a reserved sale that would use it is cancelled.
        pub on_cancel: CouponBack = CouponBack::GivenBack,
        /// How often one guest (or card without a guest) may use one coupon; as often as `uses`
        /// allows if left out.
        pub per_guest: Option<u32>,
        /// Whether only the guest whose card it was issued to may use it.
        pub personal: bool = false,
        /// How often it may be used, 1 to 1,000,000.
        pub uses: u32 = 1,
    }
}

document! {
    /// Something that points or stamps buy.
    pub struct Reward {
        /// The most money that it gives on one receipt, counted as `of` says.
        pub cap: Option<Decimal>,
        /// Whether the guest claims it, or it is claimed by itself.
        pub claim: RewardClaim = RewardClaim::Chosen,
        /// What it costs.
        pub cost: Cost,
        /// Its id, as orders claim it.
        pub id: String,
        /// How a percentage becomes amounts off lines.
        pub method: PercentMethod = PercentMethod::OfSum,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// What its amounts and its cap count: prices as they stand, or net, or gross.
        pub of: Basis = Basis::Price,
        /// The points that pay for it; may be left out if the programme has only one kind.
        pub points: Option<String>,
        /// How it rounds to the smallest unit of money.
        pub rounding: Rounding = Rounding::HalfUp,
        /// Which lines and units it is about.
        pub select: Selection = Selection::default(),
        /// What it gives.
        pub then: Then,
        /// What must be true of the order; always if left out.
        pub when: Option<OrderCondition>,
    }
}

choice! {
    /// How a reward comes to be claimed.
    pub enum RewardClaim {
        /// The order names it in `rewards`.
        Chosen = "chosen",
        /// By itself, as often as it is affordable and has an effect; after those that are named.
        Auto = "auto",
    }
}

union! {
    /// What a reward costs in points. Nothing is debited for what has no effect.
    pub enum Cost {
        /// So many for the whole, however much it gives.
        Flat(Decimal) = "flat",
        /// So many for each time that it is claimed: an amount off is given so many times over.
        PerBlock(Decimal) = "per_block",
        /// So many for each unit that it lowers; the claim says how many units at most.
        PerUnit(Decimal) = "per_unit",
    }
}

document! {
    /// Points turned into a coupon by themselves, when a period is closed.
    pub struct AutoRedemption {
        /// The coupon that is issued, by its id.
        pub coupon: String,
        /// Its id.
        pub id: String,
        /// How many are issued to one card on one local day at most.
        pub per_day: Option<u32>,
        /// The points; may be left out if the programme has only one kind.
        pub points: Option<String>,
        /// How many points one coupon takes, as soon as so many are there.
        pub threshold: Decimal,
    }
}
