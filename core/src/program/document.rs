//! The programme as a document: what a merchant writes.

use rust_decimal::Decimal;

use super::condition::{LineCondition, OrderCondition};
use crate::allocation::{Blocked, Residue, Spread};
use crate::document::{choice, document, union};
use crate::order::{LineKind, Stage};
use crate::rounding::Rounding;
use crate::subline::UnitOrder;
use crate::tax::TaxScope;

document! {
    /// A loyalty programme: its cards, tiers, rules of earning and spending, and every policy by
    /// name. Its version is the SHA-256 of its canonical form as written, before defaults.
    pub struct ProgramDocument {
        /// How discounts given to several lines are divided between them.
        pub allocation: Allocation = Allocation::default(),
        /// The cards that the programme issues; a number belongs to the first whose range it fits.
        pub cards: Vec<CardKind> = Vec::new(),
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
        /// How long points stay reserved between reserve and confirm.
        pub hold: Hold = Hold::default(),
        /// The stable id that owns accounts, limits and keys, whatever the version.
        pub id: String,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// The kinds of points.
        pub points: Vec<Points> = Vec::new(),
        /// How points are spent; without it they cannot be.
        pub redemption: Option<Redemption>,
        /// What a refund does; copied into every sale, so that later changes leave it alone.
        pub refund: RefundPolicy = RefundPolicy::default(),
        /// The stores. Where any are listed, an order must name one of them.
        pub stores: Vec<Store> = Vec::new(),
        /// How taxes are rounded.
        pub tax: TaxPolicy = TaxPolicy::default(),
        /// The tiers that cards reach by spending, lowest first.
        pub tiers: Vec<Tier> = Vec::new(),
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
        /// Its name, for slips.
        pub name: Option<String>,
        /// Its time zone; the programme's if left out.
        pub zone: Option<String>,
    }
}

document! {
    /// One kind of points.
    pub struct Points {
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
    /// A tier that a card reaches by what was spent with it.
    pub struct Tier {
        /// Its id, as rules name it.
        pub id: String,
        /// The name shown to guests.
        pub name: Option<Localized>,
        /// The accumulated spend from which the tier holds; the lowest tier says 0.
        pub spent_from: Decimal,
    }
}

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
        /// The points that the card holds; a bonus card may leave it out if the programme has only
        /// one kind.
        pub points: Option<String>,
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
        pub spent_from: Decimal,
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
        /// Where the rounding happens.
        pub per: TaxScope = TaxScope::PerLine,
        /// How it rounds.
        pub rounding: Rounding = Rounding::HalfUp,
    }
}

document! {
    /// How points are earned.
    pub struct Earning {
        /// The kinds of lines that earn.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// The stages whose discounts lower what is earned on.
        pub lowered_by: Vec<Stage> = vec![Stage::Host, Stage::Card, Stage::Points],
        /// The kinds of tenders that earn nothing: their share is taken off what is earned on.
        pub lowered_by_tenders: Vec<String> = Vec::new(),
        /// What happens when several rules match.
        pub matching: Matching = Matching::Sum,
        /// The rules, in order.
        pub rules: Vec<EarningRule> = Vec::new(),
    }
}

choice! {
    /// Which of several matching rules count.
    pub enum Matching {
        /// All of them, added up.
        Sum = "sum",
        /// The one that gives most; the earliest of equals.
        Best = "best",
        /// The first that gives anything.
        First = "first",
    }
}

document! {
    /// A rule by which points are earned.
    pub struct EarningRule {
        /// The most points that the rule gives for one receipt.
        pub cap: Option<Decimal>,
        /// When the points become usable; at once if left out.
        pub delay: Option<Term>,
        /// How much is earned.
        pub give: Give,
        /// The rule's id, as explanations name it.
        pub id: String,
        /// How long the points live from when they become usable; for ever if left out.
        pub life: Option<Term>,
        /// Which lines earn, besides the exclusions; all if left out.
        pub lines: Option<LineCondition>,
        /// The least sum of what is earned on; below it the rule gives nothing.
        pub minimum: Option<Decimal>,
        /// The points that are earned; may be left out if the programme has only one kind.
        pub points: Option<String>,
        /// How the receipt's points are rounded to the smallest unit of points.
        pub rounding: Rounding = Rounding::Floor,
        /// What must be true of the order; always if left out.
        pub when: Option<OrderCondition>,
    }
}

union! {
    /// How much a rule gives.
    pub enum Give {
        /// A percentage of what is earned on, given in points of the same value.
        Percent(Decimal) = "percent",
        /// A percentage by the tier of the card; tiers not listed earn nothing.
        PercentByTier(Vec<TierPercent>) = "percent_by_tier",
        /// Points for every so much money.
        Per(PerAmount) = "per",
    }
}

document! {
    /// Points for every so much money.
    pub struct PerAmount {
        /// The money.
        pub amount: Decimal,
        /// Whether only whole amounts count, or parts of them in proportion.
        pub count: Count = Count::Whole,
        /// The points.
        pub points: Decimal,
    }
}

choice! {
    /// Whether begun amounts count.
    pub enum Count {
        /// Only whole amounts: steps.
        Whole = "whole",
        /// In proportion.
        Proportional = "proportional",
    }
}

union! {
    /// A span of time by the store's calendar or by the clock.
    pub enum Term {
        /// Whole local days; the day on which it starts does not count.
        Days(u32) = "days",
        /// Calendar months, kept within shorter months, and on to the end of that local day.
        Months(u32) = "months",
        /// Hours by the clock.
        Hours(u32) = "hours",
    }
}

document! {
    /// How points are spent.
    pub struct Redemption {
        /// The kinds of lines that points can pay for.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// Which lines points can pay for, besides the exclusions; all if left out.
        pub lines: Option<LineCondition>,
        /// The most money that points may pay on one receipt.
        pub maximum: Option<Decimal>,
        /// The fewest points that may be spent at once.
        pub minimum_points: Option<Decimal>,
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

document! {
    /// What a refund does to points.
    pub struct RefundPolicy {
        /// From where earned points are taken back.
        pub clawback: Clawback = Clawback::Debt,
        /// What happens to spent points that have expired by the time they are given back.
        pub expired: Expired = Expired::Lost,
        /// What a refund without its sale does.
        pub unlinked: Unlinked = Unlinked::NoPoints,
    }
}

choice! {
    /// From where the points of a refunded sale are taken back.
    pub enum Clawback {
        /// All of them; what is no longer there is owed and paid by later earning.
        Debt = "debt",
        /// As far as the balance reaches; the shop bears the rest.
        Balance = "balance",
        /// Only those that are not usable yet.
        Pending = "pending",
    }
}

choice! {
    /// What happens to given-back points whose date has passed.
    pub enum Expired {
        /// They come back with their own date, that is, expired.
        Lost = "lost",
        /// They come back without any date.
        Renewed = "renewed",
    }
}

choice! {
    /// What a refund without its sale does to points.
    pub enum Unlinked {
        /// Nothing.
        NoPoints = "no_points",
        /// It takes back what such a sale would earn now.
        ClawBack = "claw_back",
    }
}
