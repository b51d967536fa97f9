//! The programme as the engine works with it: whole numbers, symbols and positions.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::benefit::{PromotionRules, RewardRules, StackingRules};
use super::condition::{LineTest, OrderLeaf, OrderTest, PersonalLeaf};
use super::document::{
    Activation, Basis, CapMode, CardUse, CloseStep, CodeFormat, Count, CouponBack, DiscountBase,
    EndOf, GiveBack, LifeFrom, LimitPer, LimitPeriod, LotOnly, Matching, MultiplyOf, NumberRange,
    OfflineSpending, PercentMethod, PercentOf, PinPolicy, Presentation, ProgramDocument, Promoted,
    RefundPolicy, RotatingCode, Term, TicketRefund, TransferClock, UnknownLine,
};
use super::tiering::TieringRules;
use crate::allocation::AllocationPolicy;
use crate::amount::Amount;
use crate::answer::{CouponQuote, EarnedLot, ProgramVersion};
use crate::identify::ScanRules;
use crate::number::{Fit, fit};
use crate::order::{Challenge, LineKind, Stage};
use crate::reason::ReasonCode;
use crate::rounding::Rounding;
use crate::subline::UnitOrder;
use crate::tax::TaxScope;

/// A word of the programme or the order, as a number; 0 is any word that no rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    pub fn without(self, stage: Stage) -> StageSet {
        StageSet(self.0 & !(1 << (stage as u16)))
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
    /// Whether anything asks who the guest is.
    pub asks_guest: bool,
    /// Whether anything asks for the local time.
    pub asks_time: bool,
    pub auto_redemption: Vec<AutoRedemptionRules>,
    pub close: Vec<CloseStep>,
    /// Codes as the document writes them.
    pub codes: HashMap<Symbol, String>,
    pub coupons: Vec<CouponRules>,
    pub exclusions: Vec<ExclusionRules>,
    pub grants: Vec<GrantRules>,
    pub limits: Vec<LimitRules>,
    pub offline: Option<OfflineRules>,
    /// Conditions on facts that are not recorded, in the order of the document.
    pub personal: Vec<PersonalLeaf>,
    pub promotions: Vec<PromotionRules>,
    pub referral: Option<ReferralRules>,
    pub rewards: Vec<RewardRules>,
    pub scans: ScanRules,
    pub stacking: StackingRules,
    pub tiering: TieringRules,
    pub transfer: Option<TransferRules>,
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
    /// Who may sign tokens: the id and the public key.
    pub signers: Vec<(String, [u8; 32])>,
}

#[derive(Debug)]
pub(crate) struct StoreRules {
    pub symbol: Symbol,
    pub city: Option<Symbol>,
    pub groups: Vec<Symbol>,
    pub zone: TimeZone,
    pub zone_name: String,
}

#[derive(Debug)]
pub(crate) struct PointsRules {
    pub id: String,
    pub digits: u8,
    /// The most that a card may hold, and whether pending points count.
    pub cap: Option<(i64, bool)>,
    /// Smallest units of the programme's money for one smallest unit of points.
    pub value: Ratio,
}

#[derive(Debug)]
pub(crate) struct TierRules {
    pub id: String,
    pub symbol: Symbol,
    pub from: i64,
}

#[derive(Debug)]
pub(crate) struct ExclusionRules {
    pub id: String,
    pub lines: LineTest,
    pub stages: StageSet,
    pub unknown: UnknownLine,
}

/// When something begins to be usable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StartRules {
    Term(Term),
    Date(Date),
    Event(String),
}

/// How long something lives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LifeRules {
    Term(Term),
    EndOf(EndOf),
    Date(Date),
}

/// The dates of points or coupons to come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DateRules {
    pub delay: Option<StartRules>,
    pub life: Option<LifeRules>,
    pub life_from: LifeFrom,
}

/// The codes and coupons that a rule asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub codes: Vec<Symbol>,
    pub coupons: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct CouponRules {
    pub id: String,
    /// How the codes of its batches are made.
    pub codes: CodeFormat,
    pub dates: DateRules,
    pub on_cancel: CouponBack,
    pub per_guest: Option<u32>,
    pub personal: bool,
    pub uses: u32,
}

#[derive(Debug)]
pub(crate) struct GrantRules {
    pub id: String,
    pub amount: i64,
    pub dates: DateRules,
    pub limits: Vec<usize>,
    pub only: Option<LotOnly>,
    pub points: usize,
}

#[derive(Debug)]
pub(crate) struct ReferralRules {
    pub newcomer: Option<usize>,
    pub purchase: i64,
    pub referrer: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct TransferRules {
    pub clock: TransferClock,
    pub life: Option<LifeRules>,
    pub minimum: Option<Decimal>,
}

#[derive(Debug)]
pub(crate) struct AutoRedemptionRules {
    pub coupon: usize,
    pub id: String,
    pub limits: Vec<usize>,
    pub per_day: Option<u32>,
    pub points: usize,
    pub threshold: i64,
}

#[derive(Debug)]
pub(crate) struct LimitRules {
    pub give_back: GiveBack,
    pub id: String,
    pub money: Option<i64>,
    pub per: LimitPer,
    pub period: LimitPeriod,
    pub points: Option<i64>,
    /// The kind of points that `points` counts.
    pub points_kind: Option<usize>,
    pub refuses: bool,
    pub uses: Option<i64>,
    /// A count of 10⁻⁹ of the whole.
    pub warn_from: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct CardRules {
    pub id: String,
    pub symbol: Symbol,
    pub activation: Activation,
    pub challenge: Challenge,
    pub life: Option<LifeRules>,
    pub pin: Option<PinPolicy>,
    pub rotating: Option<RotatingCode>,
    /// How it is filled; of stamp cards only.
    pub stamp: Option<StampRules>,
    /// How it holds money; of gift cards only.
    pub stored_value: Option<StoredValueRules>,
    /// What it is good for; of tickets only.
    pub ticket: Option<TicketRules>,
    pub usage: CardUse,
    /// The kinds of points that it holds.
    pub points: Vec<usize>,
    pub welcome: Option<usize>,
    pub discount: Option<DiscountRules>,
    pub numbers: Vec<NumberRange>,
}

/// How cards of a kind hold money; sums are in the programme's money.
#[derive(Debug)]
pub(crate) struct StoredValueRules {
    /// From which load on, and how much is added, ascending.
    pub bonus: Vec<(i64, i64)>,
    pub cash_out: Option<i64>,
    pub earns: bool,
    pub face_values: Vec<i64>,
    pub kinds: KindSet,
    pub lines: Option<LineTest>,
    pub maximum: Option<i64>,
    pub minimum: Option<i64>,
    pub owner_only: bool,
    pub partial: bool,
    pub tender: Symbol,
    pub top_up: bool,
    pub transfer: bool,
}

/// What tickets of a kind are good for.
#[derive(Debug)]
pub(crate) struct TicketRules {
    pub hours: Vec<HoursRules>,
    /// In the programme's money.
    pub list_price: Option<i64>,
    pub per_day: Option<u32>,
    /// The kind of points that it holds.
    pub points: usize,
    pub quota: Option<u32>,
    pub refund: TicketRefund,
    pub transfer: bool,
    /// In the smallest units of its points, for one unit of the line that sells it.
    pub units: i64,
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
}

/// Local times of day, in minutes and both included; over midnight if the first is later.
#[derive(Debug)]
pub(crate) struct HoursRules {
    /// Days from Monday, 0 to 6; all if empty.
    pub days: Vec<u8>,
    pub from: u16,
    pub until: u16,
}

/// How a stamp card is filled, in the smallest units of its points.
#[derive(Debug)]
pub(crate) struct StampRules {
    pub carry_over: bool,
    pub goal: i64,
    pub per_visit: Option<i64>,
    /// The kind of points that are its stamps.
    pub points: usize,
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
    pub multipliers: super::document::Multipliers,
    pub rules: Vec<EarningRuleRules>,
}

#[derive(Debug)]
pub(crate) struct EarningRuleRules {
    pub id: String,
    pub points: usize,
    pub give: GiveRules,
    pub minimum: i64,
    pub asked: Asked,
    pub cap: Option<i64>,
    pub cap_mode: CapMode,
    pub dates: DateRules,
    pub life_by_tier: Vec<(usize, LifeRules)>,
    pub limits: Vec<usize>,
    pub lines: Option<LineTest>,
    pub lowered_by: Option<StageSet>,
    pub of: Basis,
    pub only: Option<LotOnly>,
    pub promoted: Promoted,
    pub rolling: Option<Term>,
    pub rounding: Rounding,
    pub since: Option<Date>,
    pub when: Option<OrderTest>,
}

#[derive(Debug)]
pub(crate) enum GiveRules {
    Percent(i64),
    PercentByTier(Vec<(usize, i64)>),
    Per {
        amount: i64,
        points: i64,
        count: Count,
    },
    PerUnit(i64),
    PerVisit(i64),
    /// Thousandths, and of what.
    Multiply(i64, MultiplyOf),
}

#[derive(Debug)]
pub(crate) struct RedemptionRules {
    pub asked: Asked,
    pub includes_earned: bool,
    pub limits: Vec<usize>,
    pub minimum_balance: i64,
    pub minimum_cash: i64,
    /// A price in millionths of a whole unit of the programme's money.
    pub minimum_price: i64,
    pub of: Basis,
    pub points: usize,
    pub kinds: KindSet,
    pub lines: Option<LineTest>,
    pub when: Option<OrderTest>,
    pub percent: i64,
    pub percent_shown: Decimal,
    pub percent_of: PercentOf,
    pub maximum: Option<i64>,
    /// While the till is offline, or the card demands to be asked online.
    pub offline_maximum: Option<i64>,
    pub minimum_points: i64,
    pub step: i64,
    pub presentation: Presentation,
}

/// What may be spent while the ledger has no word from the backend; money is the programme's.
#[derive(Debug)]
pub(crate) struct OfflineRules {
    pub card_maximum: i64,
    pub gift_cards: OfflineSpending,
    pub hours: Option<u32>,
    pub spending: OfflineSpending,
    pub till_maximum: i64,
}

impl Asked {
    pub fn of(when: Option<&OrderTest>) -> Asked {
        let mut asked = Asked::default();
        if let Some(when) = when {
            when.leaves(true, &mut |leaf, must| match leaf {
                OrderLeaf::Code(codes) if must => asked.codes.extend(codes),
                OrderLeaf::Coupon(kinds) if must => asked.coupons.extend(kinds),
                _ => {}
            });
        }
        asked
    }

    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.coupons.is_empty()
    }

    /// Whether it asks for a code, or for the kind of coupon that it is.
    pub fn asks_for(&self, code: Symbol, coupon: Option<usize>) -> bool {
        self.codes.contains(&code) || coupon.is_some_and(|kind| self.coupons.contains(&kind))
    }
}

impl GrantRules {
    /// The lot of so many of its points, given at an instant.
    pub fn lot(&self, amount: Amount, at: Timestamp, zone: &TimeZone) -> EarnedLot {
        let dates = self.dates.dates(at, None, zone);
        EarnedLot {
            amount,
            event: dates.event,
            expires_at: dates.expires_at,
            life: dates.life,
            only: self.only,
            opens_at: dates.opens_at,
            rolling: None,
            rule: self.id.clone(),
        }
    }
}

impl CouponRules {
    /// The coupon that a rule gives at an instant.
    pub fn promise(&self, rule: &str, at: Timestamp, zone: &TimeZone) -> CouponQuote {
        let dates = self.dates.dates(at, None, zone);
        CouponQuote {
            coupon: self.id.clone(),
            event: dates.event,
            expires_at: dates.expires_at,
            opens_at: dates.opens_at,
            rule: rule.to_owned(),
        }
    }
}

impl LimitRules {
    /// What an order must tell for it to be known whose limit it is.
    pub fn asks(&self) -> &'static str {
        match self.per {
            LimitPer::Store => "store",
            LimitPer::Till => "till",
            LimitPer::Code => "code",
            LimitPer::Programme | LimitPer::Card | LimitPer::Guest => "card",
        }
    }
}

impl CardRules {
    /// When a card ends that can first be used at an instant; `None` if never.
    pub fn end(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        crate::term::life_end(at, self.life.as_ref()?, zone)
    }

    pub fn holds(&self, points: usize) -> bool {
        self.points.contains(&points)
    }
}

impl Rules {
    pub fn points_named(&self, id: &str) -> Option<usize> {
        self.points.iter().position(|points| points.id == id)
    }

    /// The zone of a store; the programme's if it has none of its own or is not known.
    pub fn zone_of(&self, store: Option<&String>) -> &TimeZone {
        let stores = &self.document.stores;
        let place = store.and_then(|id| stores.iter().position(|store| store.id == *id));
        let store = place.and_then(|place| self.stores.get(place));
        store.map_or(&self.zone, |store| &store.zone)
    }

    /// The decimals of what an account holds: points, or the money of the programme.
    pub fn digits_of(&self, asset: &str) -> u8 {
        let points = self.points.iter().find(|points| points.id == asset);
        let money = if asset == self.document.currency { self.currency_digits } else { 0 };
        points.map_or(money, |points| points.digits)
    }

    /// The currency, under which cards hold money.
    pub fn currency(&self) -> &str {
        &self.document.currency
    }

    pub fn card_named(&self, id: &str) -> Option<&CardRules> {
        self.cards.iter().find(|card| card.id == id)
    }

    /// The kind of card that a number would be: the first whose range it fits; else why none.
    pub fn card_of_number(&self, number: &str) -> Result<&CardRules, ReasonCode> {
        let mut miss = ReasonCode::CardNumber;
        for card in &self.cards {
            for range in &card.numbers {
                match fit(number, range) {
                    Fit::Yes => return Ok(card),
                    Fit::CheckDigitWrong => miss = ReasonCode::CardCheckDigit,
                    Fit::Length | Fit::Prefix | Fit::No => {}
                }
            }
        }
        Err(miss)
    }
}
