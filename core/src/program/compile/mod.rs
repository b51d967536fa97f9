//! From the document to the rules, with every mistake at once.

mod cards;
mod check;
mod coupon;
mod gifts;
mod identify;
mod merchant;
mod offline;
mod points;
mod presenting;
mod stored_value;
mod ticket;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::benefit;
use super::condition;
use super::document::*;
use super::rules::*;
use crate::allocation::AllocationPolicy;
use crate::amount::{self, RATE_ONE};
use crate::answer::ProgramVersion;
use crate::document::Collector;
use crate::document::Reader;
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;
use crate::record::RecordHash;
use crate::verbs::HOLD_MINUTES_MAX;

pub(crate) use check::{Check, code_symbol};
pub(crate) use coupon::{CODE_MAX, USES_MAX};
pub(crate) use gifts::REDEMPTION;

/// The most bytes that a programme document may have: 1 MiB.
pub const PROGRAM_BYTES_MAX: usize = 1 << 20;

/// A programme, compiled once from its document and then used for every order. Cloning it is
/// cheap, and it may be used from several threads at once.
///
/// # Examples
/// ```
/// use kopilka::Program;
///
/// let program = Program::compile(r#"{"id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow"}"#)?;
/// assert_eq!(program.id(), "corner-shop");
///
/// let error = Program::compile(r#"{"id": "corner-shop", "curency": "RUB"}"#).unwrap_err();
/// let found: Vec<_> = error.mistakes().iter().map(|m| (m.path.as_str(), m.code.as_str())).collect();
/// assert_eq!(found, [
///     ("/curency", "document.key_unknown"),
///     ("/currency", "document.key_missing"),
///     ("/zone", "document.key_missing"),
/// ]);
/// # Ok::<(), kopilka::Error>(())
/// ```
#[derive(Clone)]
pub struct Program(Arc<Rules>);

impl Program {
    /// Compiles a document.
    ///
    /// # Errors
    /// Every mistake of the document, each with its code, JSON Pointer and a sentence.
    pub fn compile(text: &str) -> Result<Program, Error> {
        Program::from_node(&Node::parse(text, PROGRAM_BYTES_MAX)?)
    }

    /// Compiles a document that is parsed already.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn from_node(node: &Node) -> Result<Program, Error> {
        let (document, mut mistakes) = Reader::document::<ProgramDocument>(node);
        let version = RecordHash::of(node.canonical().as_bytes()).to_string();
        let (rules, more) = compile(document, version);
        let form: Vec<Mistake> =
            mistakes.iter().filter(|m| spoils_value(m.code)).cloned().collect();
        mistakes.extend(more.into_iter().filter(|mistake| !is_misleading(mistake, &form)));
        match rules {
            Some(rules) if mistakes.is_empty() => Ok(Program(Arc::new(rules))),
            _ => Err(mistakes.into()),
        }
    }

    /// The stable id that owns accounts, limits and keys.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.version.id
    }

    /// The version: the SHA-256 of the canonical document as written, in hexadecimal.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version.version
    }

    /// The document, with every default filled in.
    #[must_use]
    pub fn document(&self) -> &ProgramDocument {
        &self.0.document
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.0
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Program").field(&self.0.version).finish()
    }
}

/// Whether a mistake of meaning only comes from a placeholder, which stands where the form was
/// wrong: it is about that place or about a key beside it.
fn is_misleading(mistake: &Mistake, form: &[Mistake]) -> bool {
    let parent = |path: &str| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    form.iter().any(|form| {
        let beside = parent(&form.path).filter(|parent| !parent.is_empty());
        mistake.path.starts_with(&form.path)
            || (beside.is_some() && beside == parent(&mistake.path))
    })
}

fn spoils_value(code: ErrorCode) -> bool {
    !matches!(code, ErrorCode::DocumentKeyUnknown | ErrorCode::DocumentKeyDuplicate)
}

fn compile(document: ProgramDocument, version: String) -> (Option<Rules>, Vec<Mistake>) {
    let digits = document.currency_digits.or_else(|| amount::currency_digits(&document.currency));
    let mut check = Check {
        document: &document,
        collector: Collector::new(check::CODES),
        symbols: Symbols::default(),
        personal: Vec::new(),
        codes: HashMap::new(),
        asks_guest: false,
        asks_time: !document.limits.is_empty()
            || document.earning.rules.iter().any(|rule| rule.since.is_some()),
        currency_digits: digits.unwrap_or(2).min(4),
    };
    check_head(&mut check);
    let currency_digits = check.currency_digits;
    let zone = check.zone(&document.zone, "/zone");
    gifts::check_rule_ids(&mut check);
    merchant::check_merchant(&mut check);
    let stores = compile_stores(&mut check, &zone);
    let points = compile_points(&mut check);
    let tiers = compile_tiers(&mut check);
    let cards = cards::compile_cards(&mut check);
    let scans = identify::compile_identify(&mut check);
    let exclusions = compile_exclusions(&mut check);
    let floors = compile_floors(&mut check);
    let earning = points::compile_earning(&mut check);
    let limits = gifts::compile_limits(&mut check);
    let coupons = gifts::compile_coupons(&mut check);
    let grants = gifts::compile_grants(&mut check);
    let referral = gifts::compile_referral(&mut check);
    let transfer = gifts::compile_transfer(&mut check);
    let auto_redemption = gifts::compile_auto_redemption(&mut check);
    let promotions = benefit::compile_promotions(&mut check);
    let redemption = points::compile_redemption(&mut check);
    let offline = offline::compile_offline(&mut check);
    let rewards = benefit::compile_rewards(&mut check);
    let stacking = benefit::compile_stacking(&mut check);
    let tiering = super::tiering::compile_tiering(&mut check);
    let signers = presenting::compile_presenting(&mut check);
    let Check { collector, symbols, personal, asks_guest, asks_time, codes, .. } = check;
    let mistakes = collector.mistakes;
    let Allocation { blocked, residue, spread, units, zero_price } = document.allocation;
    let rules = Rules {
        version: ProgramVersion { id: document.id.clone(), version },
        currency_digits,
        zone,
        symbols,
        stores,
        points,
        tiers,
        cards,
        asks_guest,
        asks_time,
        auto_redemption,
        close: document.close.clone(),
        codes,
        coupons,
        exclusions,
        grants,
        limits,
        offline,
        personal,
        promotions,
        referral,
        rewards,
        scans,
        stacking,
        tiering,
        transfer,
        floors,
        allocation: AllocationPolicy { spread, residue, blocked },
        units,
        zero_price,
        tax_scope: document.tax.per,
        tax_rounding: document.tax.rounding,
        earning,
        redemption,
        hold_minutes: document.hold.minutes,
        refund: document.refund.clone(),
        signers,
        document,
    };
    (mistakes.is_empty().then_some(rules), mistakes)
}

fn check_head(check: &mut Check<'_>) {
    let document = check.document;
    check.id(&document.id, "/id");
    if document.format != 1 {
        let message = format!("this version reads format 1, not {}", document.format);
        check.mistake(ErrorCode::ProgramFormat, "/format", message);
    }
    if amount::currency_digits(&document.currency).is_none() {
        let message = format!("`{}` is no currency code such as RUB", document.currency);
        check.mistake(ErrorCode::ProgramCurrency, "/currency", message);
    }
    if document.currency_digits.is_some_and(|digits| digits > 4) {
        let message = "a currency has at most four decimals";
        check.mistake(ErrorCode::DocumentRange, "/currency_digits", message);
    }
    if !(1..=HOLD_MINUTES_MAX).contains(&document.hold.minutes) {
        let message = format!("a hold lasts from 1 to {HOLD_MINUTES_MAX} minutes");
        check.mistake(ErrorCode::ProgramNotPositive, "/hold/minutes", message);
    }
}

fn compile_stores(check: &mut Check<'_>, zone: &TimeZone) -> Vec<StoreRules> {
    let document = check.document;
    check.unique(document.stores.iter().map(|store| &store.id), "/stores");
    let mut stores = Vec::with_capacity(document.stores.len());
    for (index, store) in document.stores.iter().enumerate() {
        let own = store.zone.as_ref();
        let own_zone = own.map(|name| check.zone(name, &format!("/stores/{index}/zone")));
        stores.push(StoreRules {
            symbol: check.symbols.add(&store.id),
            city: store.city.as_ref().map(|city| check.symbols.add(city)),
            groups: store.groups.iter().map(|group| check.symbols.add(group)).collect(),
            zone_name: own.unwrap_or(&document.zone).clone(),
            zone: own_zone.unwrap_or_else(|| zone.clone()),
        });
    }
    stores
}

fn compile_points(check: &mut Check<'_>) -> Vec<PointsRules> {
    let document = check.document;
    check.unique(document.points.iter().map(|points| &points.id), "/points");
    let money = document.cards.iter().any(|card| card.kind == CardUse::Gift);
    let mut compiled = Vec::with_capacity(document.points.len());
    for (index, points) in document.points.iter().enumerate() {
        if points.digits > 6 {
            let message = "points have at most six decimals";
            check.mistake(ErrorCode::DocumentRange, &format!("/points/{index}/digits"), message);
        }
        if money && points.id == document.currency {
            let message = "money on cards is held under this id; take another one";
            let path = format!("/points/{index}/id");
            check.mistake(ErrorCode::ProgramContradiction, &path, message);
        }
        let digits = points.digits.min(6);
        let value = check.positive(points.value, 9, &format!("/points/{index}/value"));
        let money = 10i128.pow(u32::from(check.currency_digits));
        let unit = 10i128.pow(u32::from(digits));
        let value = Ratio::new(i128::from(value) * money, i128::from(RATE_ONE) * unit);
        let cap = points.balance_cap.as_ref().map(|cap| {
            let place = format!("/points/{index}/balance_cap/amount");
            (check.positive(cap.amount, digits, &place), cap.pending)
        });
        compiled.push(PointsRules { id: points.id.clone(), digits, cap, value });
    }
    compiled
}

fn compile_tiers(check: &mut Check<'_>) -> Vec<TierRules> {
    let document = check.document;
    check.unique(document.tiers.iter().map(|tier| &tier.id), "/tiers");
    let mut compiled: Vec<TierRules> = Vec::with_capacity(document.tiers.len());
    for (index, tier) in document.tiers.iter().enumerate() {
        let path = format!("/tiers/{index}/from");
        let from = super::tiering::compile_from(check, tier.from, &path);
        match compiled.last() {
            Some(below) if below.from >= from => {
                let message = "each tier must begin above the one before it";
                check.mistake(ErrorCode::ProgramOrder, &path, message);
            }
            None if from != 0 => {
                let message = "the lowest tier must begin at 0";
                check.mistake(ErrorCode::ProgramOrder, &path, message);
            }
            _ => {}
        }
        let symbol = check.symbols.add(&tier.id);
        compiled.push(TierRules { id: tier.id.clone(), symbol, from });
    }
    compiled
}

fn compile_exclusions(check: &mut Check<'_>) -> Vec<ExclusionRules> {
    let document = check.document;
    check.unique(document.exclusions.iter().map(|exclusion| &exclusion.id), "/exclusions");
    let mut compiled = Vec::with_capacity(document.exclusions.len());
    for (index, exclusion) in document.exclusions.iter().enumerate() {
        let path = format!("/exclusions/{index}");
        if exclusion.from.is_empty() {
            let message = "list the stages that leave these lines alone";
            check.mistake(ErrorCode::ProgramEmpty, &format!("{path}/from"), message);
        }
        let lines = condition::compile_line(check, &exclusion.lines, &format!("{path}/lines"));
        compiled.push(ExclusionRules {
            id: exclusion.id.clone(),
            lines,
            stages: StageSet::of(&exclusion.from),
            unknown: exclusion.unknown,
        });
    }
    compiled
}

fn compile_floors(check: &mut Check<'_>) -> Vec<FloorRules> {
    let document = check.document;
    check.unique(document.floors.iter().map(|floor| &floor.id), "/floors");
    let mut compiled = Vec::with_capacity(document.floors.len());
    for (index, floor) in document.floors.iter().enumerate() {
        let path = format!("/floors/{index}");
        let (from, until) = check.dates(&floor.from, &floor.until, &path);
        compiled.push(FloorRules {
            lines: condition::compile_line(check, &floor.lines, &format!("{path}/lines")),
            price: check.positive(floor.price, amount::PRICE_DIGITS, &format!("{path}/price")),
            from,
            until,
        });
    }
    compiled
}
