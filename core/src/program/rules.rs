//! The programme as the engine works with it: whole numbers, symbols and positions.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::condition::{LineTest, OrderTest};
use super::document::{
    CardUse, Count, DiscountBase, Matching, NumberRange, PercentMethod, PercentOf, Presentation,
    ProgramDocument, RefundPolicy, Term,
};
use crate::allocation::AllocationPolicy;
use crate::answer::ProgramVersion;
use crate::number::{Fit, fit};
use crate::order::{LineKind, Stage};
use crate::reason::ReasonCode;
use crate::rounding::Rounding;
use crate::subline::UnitOrder;
use crate::tax::TaxScope;

/// A word of the programme or the order, as a number; 0 is any word that no rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(pub u32);

/// The words that the programme's rules name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols(HashMap<String, Symbol>);

impl Symbols {
    pub fn add(&mut self, word: &str) -> Symbol {
        let next = u32::try_from(self.0.len()).map_or(Symbol(0), |count| Symbol(count + 1));
        *self.0.entry(word.to_owned()).or_insert(next)
    }

    pub fn find(&self, word: &str) -> Symbol {
        self.0.get(word).copied().unwrap_or_default()
    }
}

/// A set of line kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindSet(u16);

impl KindSet {
    pub fn of(kinds: &[LineKind]) -> KindSet {
        KindSet(kinds.iter().fold(0, |set, kind| set | 1 << (*kind as u16)))
    }

    pub fn has(self, kind: LineKind) -> bool {
        self.0 & (1 << (kind as u16)) != 0
    }
}

/// A set of stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StageSet(u16);

impl StageSet {
    pub fn of(stages: &[Stage]) -> StageSet {
        StageSet(stages.iter().fold(0, |set, stage| set | 1 << (*stage as u16)))
    }

    pub fn has(self, stage: Stage) -> bool {
        self.0 & (1 << (stage as u16)) != 0
    }

    pub fn and(self, other: StageSet) -> StageSet {
        StageSet(self.0 | other.0)
    }
}

/// A fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub numerator: i128,
    pub denominator: i128,
}

impl Ratio {
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// Both above zero. Terms beyond 2⁶² lose their last digits, so that a product with any amount
    /// fits: only absurd rates have such.
    pub fn new(numerator: i128, denominator: i128) -> Ratio {
        let common = greatest_common_divisor(numerator, denominator).max(1);
        let (mut numerator, mut denominator) = (numerator / common, denominator / common);
        while numerator.max(denominator) > 1 << 62 {
            numerator = (numerator / 2).max(1);
            denominator = (denominator / 2).max(1);
        }
        Ratio { numerator, denominator }
    }

    pub fn inverse(self) -> Ratio {
        Ratio { numerator: self.denominator, denominator: self.numerator }
    }

    pub fn times(self, amount: i64, rounding: Rounding) -> i64 {
        let product = i128::from(amount) * self.numerator;
        crate::rounding::divide_to_amount(product, self.denominator, rounding)
    }
}

pub(crate) fn greatest_common_divisor(left: i128, right: i128) -> i128 {
    let (mut left, mut right) = (left.abs(), right.abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[derive(Debug)]
pub(crate) struct Rules {
    pub document: ProgramDocument,
    pub version: ProgramVersion,
    pub currency_digits: u8,
    pub zone: TimeZone,
    pub symbols: Symbols,
    pub stores: Vec<StoreRules>,
    pub points: Vec<PointsRules>,
    pub tiers: Vec<TierRules>,
    pub cards: Vec<CardRules>,
    pub exclusions: Vec<(LineTest, StageSet)>,
    pub floors: Vec<FloorRules>,
    pub allocation: AllocationPolicy,
    pub units: UnitOrder,
    pub zero_price: bool,
    pub tax_scope: TaxScope,
    pub tax_rounding: Rounding,
    pub earning: EarningRules,
    pub redemption: Option<RedemptionRules>,
    pub hold_minutes: u32,
    pub refund: RefundPolicy,
}

#[derive(Debug)]
pub(crate) struct StoreRules {
    pub symbol: Symbol,
    pub city: Symbol,
    pub groups: Vec<Symbol>,
    pub zone: TimeZone,
    pub zone_name: String,
}

#[derive(Debug)]
pub(crate) struct PointsRules {
    pub id: String,
    pub digits: u8,
    /// Smallest units of the programme's money for one smallest unit of points.
    pub value: Ratio,
}

#[derive(Debug)]
pub(crate) struct TierRules {
    pub id: String,
    pub symbol: Symbol,
    pub spent_from: i64,
}

#[derive(Debug)]
pub(crate) struct CardRules {
    pub id: String,
    pub symbol: Symbol,
    pub usage: CardUse,
    pub points: Option<usize>,
    pub discount: Option<DiscountRules>,
    pub numbers: Vec<NumberRange>,
}

#[derive(Debug)]
pub(crate) struct DiscountRules {
    pub base: DiscountBase,
    pub kinds: KindSet,
    pub lines: Option<LineTest>,
    pub method: PercentMethod,
    pub percent: PercentRules,
    pub rounding: Rounding,
}

/// A percentage as a count of 10⁻⁹ of the whole.
#[derive(Debug)]
pub(crate) enum PercentRules {
    Fixed(i64),
    /// For each tier, by its position.
    ByTier(Vec<(usize, i64)>),
    /// From each spend on, ascending.
    BySpend(Vec<(i64, i64)>),
}

#[derive(Debug)]
pub(crate) struct FloorRules {
    pub lines: LineTest,
    pub price: i64,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

#[derive(Debug)]
pub(crate) struct EarningRules {
    pub kinds: KindSet,
    pub lowered_by: StageSet,
    pub lowered_by_tenders: Vec<Symbol>,
    pub matching: Matching,
    pub rules: Vec<EarningRuleRules>,
}

#[derive(Debug)]
pub(crate) struct EarningRuleRules {
    pub id: String,
    pub points: usize,
    pub give: GiveRules,
    pub minimum: i64,
    pub cap: Option<i64>,
    pub delay: Option<Term>,
    pub life: Option<Term>,
    pub rounding: Rounding,
    pub lines: Option<LineTest>,
    pub when: Option<OrderTest>,
}

#[derive(Debug)]
pub(crate) enum GiveRules {
    Percent(i64),
    PercentByTier(Vec<(usize, i64)>),
    Per { amount: i64, points: i64, count: Count },
}

#[derive(Debug)]
pub(crate) struct RedemptionRules {
    pub points: usize,
    pub kinds: KindSet,
    pub lines: Option<LineTest>,
    pub when: Option<OrderTest>,
    pub percent: i64,
    pub percent_shown: Decimal,
    pub percent_of: PercentOf,
    pub maximum: Option<i64>,
    pub minimum_points: i64,
    pub step: i64,
    pub presentation: Presentation,
}

impl Rules {
    pub fn points_named(&self, id: &str) -> Option<usize> {
        self.points.iter().position(|points| points.id == id)
    }

    pub fn card_named(&self, id: &str) -> Option<&CardRules> {
        self.cards.iter().find(|card| card.id == id)
    }

    /// The tier that a card is in by what was spent with it.
    pub fn tier(&self, spent: i64) -> Option<usize> {
        self.tiers.iter().rposition(|tier| tier.spent_from <= spent.max(0))
    }

    /// The kind of card that a number would be: the first whose range it fits; else why none.
    pub fn card_of_number(&self, number: &str) -> Result<&CardRules, ReasonCode> {
        let mut miss = ReasonCode::CardNumber;
        for card in &self.cards {
            for range in &card.numbers {
                match fit(number, range) {
                    Fit::Yes => return Ok(card),
                    Fit::CheckDigitWrong => miss = ReasonCode::CardCheckDigit,
                    Fit::No => {}
                }
            }
        }
        Err(miss)
    }
}
