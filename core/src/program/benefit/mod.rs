//! What promotions and rewards give, compiled.

mod compile;
mod forms;

use super::condition::{LineTest, OrderTest};
use super::document::{
    Basis, Divide, Each, FreeChoice, GiftItem, Keep, PercentMethod, TieredBy, UnitChoice,
};
use super::rules::{Asked, KindSet, Symbol};
use crate::pricing::limit::Limited;
use crate::rounding::Rounding;

pub(super) use compile::{compile_promotions, compile_rewards, compile_stacking};

/// A promotion.
#[derive(Debug)]
pub(crate) struct PromotionRules {
    pub id: String,
    pub asked: Asked,
    pub benefit: BenefitRules,
    /// One of [`StackingRules::classes`].
    pub class: Option<usize>,
    pub exclusive: bool,
    pub limits: Vec<usize>,
    pub when: Option<OrderTest>,
}

/// A reward.
#[derive(Debug)]
pub(crate) struct RewardRules {
    pub id: String,
    /// Whether it is claimed by itself.
    pub auto: bool,
    pub asked: Asked,
    pub benefit: BenefitRules,
    pub cost: CostRules,
    pub limits: Vec<usize>,
    pub points: usize,
    pub when: Option<OrderTest>,
}

/// What a reward costs, in the smallest units of its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CostRules {
    Flat(i64),
    PerBlock(i64),
    PerUnit(i64),
}

/// How promotions live together.
#[derive(Debug, Default)]
pub(crate) struct StackingRules {
    /// Whether only the one applies that gives most.
    pub best: bool,
    pub classes: Vec<ClassRules>,
    pub codes_together: bool,
    pub free_units_touched: bool,
    /// Whether promotions are taken of the prices before any promotion.
    pub initial: bool,
    /// Whether conditions are judged on what the promotions before left.
    pub judged_running: bool,
    /// Whether a unit is for one promotion only.
    pub once: bool,
    /// The promotions by priority, then as in the document.
    pub order: Vec<usize>,
}

/// A class of promotions of which only so many may apply.
#[derive(Debug)]
pub(crate) struct ClassRules {
    pub keep: Keep,
    pub most: usize,
}

/// What is given, and of what: the same for promotions and rewards.
#[derive(Debug)]
pub(crate) struct BenefitRules {
    /// In the smallest units of the programme's money, counted as `of` says.
    pub cap: Option<i64>,
    pub form: FormRules,
    pub method: PercentMethod,
    pub of: Basis,
    pub rounding: Rounding,
    pub select: SelectRules,
}

/// Which lines and units a benefit is about.
#[derive(Debug, Default)]
pub(crate) struct SelectRules {
    pub kinds: KindSet,
    pub lines: Option<LineTest>,
    pub order: UnitChoice,
    /// Single units; whole lines if absent.
    pub units: Option<UnitRules>,
}

/// Which units of the lines stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnitRules {
    pub every: i64,
    pub per_line: i64,
    pub per_receipt: i64,
    pub skip: i64,
}

impl Default for UnitRules {
    fn default() -> UnitRules {
        UnitRules { every: 1, per_line: i64::MAX, per_receipt: i64::MAX, skip: 0 }
    }
}

/// What is given. Sums are in the smallest units of the programme's money, prices in millionths of
/// a whole unit of it, percentages counts of 10⁻⁹ of the whole, quantities units.
#[derive(Debug)]
pub(crate) enum FormRules {
    Percent(i64),
    Amount(i64, Each),
    Price(i64),
    Bundle(BundleRules),
    NForM(NForMRules),
    BuyGet(BuyGetRules),
    Tiered(TieredRules),
    /// From which position on which percentage.
    Schedule(Vec<(i64, i64)>),
    Gift(GiftRules),
    /// A kind of coupon, by its place.
    Coupon(usize),
}

#[derive(Debug)]
pub(crate) struct BundleRules {
    pub parts: Vec<(LineTest, i64)>,
    pub price: i64,
    pub times: i64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct NForMRules {
    pub divide: Divide,
    pub free: FreeChoice,
    pub m: i64,
    pub n: i64,
}

#[derive(Debug)]
pub(crate) struct BuyGetRules {
    pub buy: i64,
    pub get: i64,
    pub get_lines: Option<LineTest>,
    pub give: GiveOnUnit,
    pub target: UnitChoice,
    pub times: i64,
}

/// What is given on a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GiveOnUnit {
    Percent(i64),
    Amount(i64),
    Price(i64),
}

#[derive(Debug)]
pub(crate) struct TieredRules {
    pub by: TieredBy,
    /// From how much on what is given: money, or thousandths of a unit.
    pub steps: Vec<(i64, GiveOnUnit)>,
}

#[derive(Debug)]
pub(crate) struct GiftRules {
    pub items: Vec<GiftItem>,
    pub quantity: i64,
    pub skus: Vec<Symbol>,
    /// Whether units on the order are taken.
    pub found: bool,
    /// Whether lines may be added.
    pub added: bool,
}

impl PromotionRules {
    /// The promotion as limits see it.
    pub fn limited(&self) -> Limited<'_> {
        Limited { id: &self.id, limits: &self.limits, asked: &self.asked, card: None }
    }
}

impl RewardRules {
    /// The reward as limits see it.
    pub fn limited(&self, card: usize) -> Limited<'_> {
        Limited { id: &self.id, limits: &self.limits, asked: &self.asked, card: Some(card) }
    }
}

impl FormRules {
    pub fn is_coupon(&self) -> bool {
        matches!(self, FormRules::Coupon(_))
    }

    /// Whether it takes percentages of prices.
    pub fn is_percentage(&self) -> bool {
        match self {
            FormRules::Percent(_) | FormRules::Schedule(_) => true,
            FormRules::BuyGet(rules) => matches!(rules.give, GiveOnUnit::Percent(_)),
            FormRules::Tiered(rules) => {
                rules.steps.iter().any(|(_, give)| matches!(give, GiveOnUnit::Percent(_)))
            }
            _ => false,
        }
    }

    /// The percentage, where there is one for all.
    pub fn percent(&self) -> Option<i64> {
        match self {
            FormRules::Percent(percent) => Some(*percent),
            FormRules::BuyGet(BuyGetRules { give: GiveOnUnit::Percent(percent), .. }) => {
                Some(*percent)
            }
            _ => None,
        }
    }
}
