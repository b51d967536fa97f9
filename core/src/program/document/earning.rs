//! How points are earned.

use rust_decimal::Decimal;

use super::{Basis, Life, LifeFrom, LotOnly, Start, TierPercent};
use crate::document::{choice, document, union};
use crate::order::{LineKind, Stage};
use crate::program::condition::{LineCondition, OrderCondition};
use crate::rounding::Rounding;

document! {
    /// How points are earned.
    pub struct Earning {
        /// The kinds of lines that earn.
        pub kinds: Vec<LineKind> = vec![LineKind::Goods, LineKind::Child],
        /// The stages whose discounts lower what is earned on.
        pub lowered_by: Vec<Stage> =
            vec![Stage::Host, Stage::Promotion, Stage::Card, Stage::Reward, Stage::Points],
        /// The kinds of tenders that earn nothing: their share is taken off what is earned on.
        pub lowered_by_tenders: Vec<String> = Vec::new(),
        /// What happens when several rules match.
        pub matching: Matching = Matching::Sum,
        /// What happens when several multipliers match.
        pub multipliers: Multipliers = Multipliers::Largest,
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
        /// Of those that give anything, the one with the latest `since`; the later of equals. Rules
        /// without `since` are the oldest.
        Newest = "newest",
    }
}

choice! {
    /// Which of several matching multipliers count.
    pub enum Multipliers {
        /// The largest.
        Largest = "largest",
        /// All of them, multiplied.
        Product = "product",
        /// The one with the latest `since`; the later of equals.
        Newest = "newest",
    }
}

document! {
    /// A rule by which points are earned.
    pub struct EarningRule {
        /// The most points that the rule gives for one receipt.
        pub cap: Option<Decimal>,
        /// What happens to what is beyond the cap.
        pub cap_mode: CapMode = CapMode::Trim,
        /// When the points become usable; at once if left out.
        pub delay: Option<Start>,
        /// How much is earned.
        pub give: Give,
        /// The rule's id, as explanations name it.
        pub id: String,
        /// How long the points live; for ever if left out.
        pub life: Option<Life>,
        /// How long they live on a card in one of these tiers, instead of `life`.
        pub life_by_tier: Vec<TierLife> = Vec::new(),
        /// From when the life is counted.
        pub life_from: LifeFrom = LifeFrom::Opened,
        /// Which lines earn, besides the exclusions; all if left out.
        pub lines: Option<LineCondition>,
        /// The stages whose discounts lower what this rule earns on, instead of those of `earning`.
        pub lowered_by: Option<Vec<Stage>>,
        /// The least sum of what is earned on; below it the rule gives nothing.
        pub minimum: Option<Decimal>,
        /// What is earned on, and what `minimum` counts: prices as they stand, or net, or gross.
        pub of: Basis = Basis::Price,
        /// For what only the points may be used.
        pub only: Option<LotOnly>,
        /// The points that are earned; may be left out if the programme has only one kind.
        pub points: Option<String>,
        /// Whether lines that took part in a promotion earn.
        pub promoted: Promoted = Promoted::Earn,
        /// Whether each later purchase begins the life of the points anew; needs a life in days,
        /// months or hours.
        pub rolling: bool = false,
        /// How the receipt's points are rounded to the smallest unit of points.
        pub rounding: Rounding = Rounding::Floor,
        /// The local date from which the rule holds, YYYY-MM-DD; it is also its age for `newest`.
        pub since: Option<String>,
        /// What must be true of the order; always if left out.
        pub when: Option<OrderCondition>,
    }
}

choice! {
    /// What happens to what is beyond a cap.
    pub enum CapMode {
        /// It is cut off.
        Trim = "trim",
        /// The rule gives nothing.
        Reject = "reject",
    }
}

choice! {
    /// Whether lines that took part in a promotion earn.
    pub enum Promoted {
        /// They earn as others do.
        Earn = "earn",
        /// They do not.
        Excluded = "excluded",
        /// Only they do.
        Only = "only",
    }
}

document! {
    /// A life for one tier.
    pub struct TierLife {
        /// How long.
        pub life: Life,
        /// The id of the tier.
        pub tier: String,
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
        /// So many points for each unit of the lines; a quantity that is not whole in proportion.
        PerUnit(Decimal) = "per_unit",
        /// So many points for the receipt, however large it is.
        PerVisit(Decimal) = "per_visit",
        /// What the other rules give, so many times over.
        Multiply(Multiply) = "multiply",
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

document! {
    /// What the other rules give, so many times over. A multiplier gives no points of its own; it
    /// never touches rules for other points than its own.
    pub struct Multiply {
        /// How many times, from 1 to 100 with at most three decimals.
        pub by: Decimal,
        /// Of what.
        pub of: MultiplyOf = MultiplyOf::Sum,
    }
}

choice! {
    /// Of what a multiplier is.
    pub enum MultiplyOf {
        /// Of the points that each rule gives, before its cap.
        Sum = "sum",
        /// Of what is earned on, for the lines that the multiplier names; rounded down to money.
        Base = "base",
    }
}
