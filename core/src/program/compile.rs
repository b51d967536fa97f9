//! From the document to the rules, with every mistake at once.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use rust_decimal::Decimal;

use super::condition::{self, LineCondition, LineTest};
use super::document::*;
use super::rules::*;
use crate::allocation::AllocationPolicy;
use crate::amount::{self, RATE_ONE};
use crate::answer::ProgramVersion;
use crate::document::Reader;
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;
use crate::record::RecordHash;
use crate::verbs::HOLD_MINUTES_MAX;

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

/// Collects mistakes while the document is compiled.
pub(crate) struct Check<'a> {
    document: &'a ProgramDocument,
    mistakes: Vec<Mistake>,
    symbols: Symbols,
    pub currency_digits: u8,
}

impl Check<'_> {
    pub fn mistake(&mut self, code: ErrorCode, path: &str, message: impl Into<String>) {
        if self.mistakes.len() < crate::document::MISTAKES_MAX {
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    /// A decimal as units of 10^−`digits`.
    pub fn units(&mut self, value: Decimal, digits: u8, path: &str) -> i64 {
        amount::to_units(value, digits).unwrap_or_else(|(code, message)| {
            self.mistake(code, path, message);
            0
        })
    }

    fn money(&mut self, value: Decimal, path: &str) -> i64 {
        let units = self.units(value, self.currency_digits, path);
        if units < 0 {
            self.mistake(ErrorCode::AmountSign, path, format!("`{value}` must not be negative"));
        }
        units
    }

    fn positive(&mut self, value: Decimal, digits: u8, path: &str) -> i64 {
        if value <= Decimal::ZERO {
            let message = format!("`{}` must be above zero", value.normalize());
            self.mistake(ErrorCode::ProgramNotPositive, path, message);
            return 1;
        }
        self.units(value, digits, path).max(1)
    }

    /// A percentage from 0 to 100 as a count of 10⁻⁹ of the whole.
    fn percent(&mut self, value: Decimal, path: &str) -> i64 {
        if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED {
            let message = format!("`{}` is not a percentage from 0 to 100", value.normalize());
            self.mistake(ErrorCode::ProgramPercent, path, message);
            return 0;
        }
        // Percent times 10⁷ is a count of 10⁻⁹.
        self.units(value, 7, path)
    }

    pub fn words(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        if words.is_empty() {
            self.mistake(
                ErrorCode::ProgramEmpty,
                path,
                "the list is empty, so that nothing matches",
            );
        }
        words.iter().map(|word| self.symbols.add(word)).collect()
    }

    fn known(&mut self, words: &[String], known: &[&str], what: &str, path: &str) -> Vec<Symbol> {
        for (index, word) in words.iter().enumerate() {
            self.reference(word, known, what, &format!("{path}/{index}"));
        }
        self.words(words, path)
    }

    fn reference(&mut self, word: &str, known: &[&str], what: &str, path: &str) -> Option<usize> {
        let found = known.iter().position(|id| *id == word);
        if found.is_none() {
            let near = crate::document::closest(word, known);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("the programme has no {what} `{word}`{hint}");
            self.mistake(ErrorCode::ProgramReference, path, message);
        }
        found
    }

    pub fn known_cards(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.cards.iter().map(|card| card.id.as_str()).collect();
        self.known(words, &known, "card", path)
    }

    pub fn known_stores(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.stores.iter().map(|store| store.id.as_str()).collect();
        self.known(words, &known, "store", path)
    }

    pub fn known_tiers(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.tiers.iter().map(|tier| tier.id.as_str()).collect();
        self.known(words, &known, "tier", path)
    }

    fn tier(&mut self, word: &str, path: &str) -> usize {
        let known: Vec<&str> = self.document.tiers.iter().map(|tier| tier.id.as_str()).collect();
        self.reference(word, &known, "tier", path).unwrap_or(0)
    }

    /// The points that a setting names, or the only ones that there are.
    fn points(&mut self, word: Option<&String>, path: &str) -> usize {
        let known: Vec<&str> = self.document.points.iter().map(|p| p.id.as_str()).collect();
        match (word, known.len()) {
            (Some(word), _) => self.reference(word, &known, "points", path).unwrap_or(0),
            (None, 1) => 0,
            (None, 0) => {
                let message = "the programme has no points; declare them in `points`";
                self.mistake(ErrorCode::ProgramReference, path, message);
                0
            }
            (None, _) => {
                let message = "the programme has several kinds of points; say which";
                self.mistake(ErrorCode::ProgramReference, path, message);
                0
            }
        }
    }

    fn unique<'b>(&mut self, ids: impl Iterator<Item = &'b String>, list: &str) {
        let mut seen = HashSet::new();
        for (index, id) in ids.enumerate() {
            let path = format!("{list}/{index}/id");
            self.id(id, &path);
            if !seen.insert(id) {
                let message = format!("the id `{id}` is used twice");
                self.mistake(ErrorCode::ProgramDuplicate, &path, message);
            }
        }
    }

    fn id(&mut self, id: &str, path: &str) {
        if id.is_empty() {
            self.mistake(ErrorCode::DocumentTextEmpty, path, "the id must not be empty");
        } else if id.len() > 64 {
            let message = "the id must not have more than 64 bytes";
            self.mistake(ErrorCode::DocumentTextTooLong, path, message);
        }
    }

    fn zone(&mut self, name: &str, path: &str) -> TimeZone {
        find_zone(name).unwrap_or_else(|| {
            let message = format!("`{name}` is no IANA time zone such as `Europe/Moscow`");
            self.mistake(ErrorCode::TimeZone, path, message);
            TimeZone::UTC
        })
    }

    fn date(&mut self, text: Option<&String>, path: &str) -> Option<Date> {
        let text = text?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == *text);
        if date.is_none() {
            let message = format!("`{text}` is no date such as 2026-01-31");
            self.mistake(ErrorCode::TimeDate, path, message);
        }
        date
    }

    fn lines(&mut self, condition: Option<&LineCondition>, path: &str) -> Option<LineTest> {
        Some(condition::compile_line(self, condition?, path))
    }
}

/// A zone of the database that is bundled with this version of the engine.
pub(crate) fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

fn compile(document: ProgramDocument, version: String) -> (Option<Rules>, Vec<Mistake>) {
    let digits = document.currency_digits.or_else(|| amount::currency_digits(&document.currency));
    let mut check = Check {
        document: &document,
        mistakes: Vec::new(),
        symbols: Symbols::default(),
        currency_digits: digits.unwrap_or(2).min(4),
    };
    check_head(&mut check);
    let currency_digits = check.currency_digits;
    let zone = check.zone(&document.zone, "/zone");
    let stores = compile_stores(&mut check, &zone);
    let points = compile_points(&mut check);
    let tiers = compile_tiers(&mut check);
    let cards = compile_cards(&mut check);
    let exclusions = compile_exclusions(&mut check);
    let floors = compile_floors(&mut check);
    let earning = compile_earning(&mut check);
    let redemption = compile_redemption(&mut check);
    let Check { mistakes, symbols, .. } = check;
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
        exclusions,
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
            city: store.city.as_ref().map_or(Symbol(0), |city| check.symbols.add(city)),
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
    let mut compiled = Vec::with_capacity(document.points.len());
    for (index, points) in document.points.iter().enumerate() {
        if points.digits > 6 {
            let message = "points have at most six decimals";
            check.mistake(ErrorCode::DocumentRange, &format!("/points/{index}/digits"), message);
        }
        let digits = points.digits.min(6);
        let value = check.positive(points.value, 9, &format!("/points/{index}/value"));
        let money = 10i128.pow(u32::from(check.currency_digits));
        let unit = 10i128.pow(u32::from(digits));
        let value = Ratio::new(i128::from(value) * money, i128::from(RATE_ONE) * unit);
        compiled.push(PointsRules { id: points.id.clone(), digits, value });
    }
    compiled
}

fn compile_tiers(check: &mut Check<'_>) -> Vec<TierRules> {
    let document = check.document;
    check.unique(document.tiers.iter().map(|tier| &tier.id), "/tiers");
    let mut compiled: Vec<TierRules> = Vec::with_capacity(document.tiers.len());
    for (index, tier) in document.tiers.iter().enumerate() {
        let path = format!("/tiers/{index}/spent_from");
        let spent_from = check.money(tier.spent_from, &path);
        match compiled.last() {
            Some(below) if below.spent_from >= spent_from => {
                let message = "each tier must begin above the one before it";
                check.mistake(ErrorCode::ProgramOrder, &path, message);
            }
            None if spent_from != 0 => {
                let message = "the lowest tier must begin at 0";
                check.mistake(ErrorCode::ProgramOrder, &path, message);
            }
            _ => {}
        }
        let symbol = check.symbols.add(&tier.id);
        compiled.push(TierRules { id: tier.id.clone(), symbol, spent_from });
    }
    compiled
}

fn compile_cards(check: &mut Check<'_>) -> Vec<CardRules> {
    let document = check.document;
    check.unique(document.cards.iter().map(|card| &card.id), "/cards");
    let mut compiled = Vec::with_capacity(document.cards.len());
    for (index, card) in document.cards.iter().enumerate() {
        let path = format!("/cards/{index}");
        let needs_points = card.kind == CardUse::Bonus;
        let points = (needs_points || card.points.is_some())
            .then(|| compile_card_points(check, card, &format!("{path}/points")))
            .flatten();
        if card.kind == CardUse::Discount && card.discount.is_none() {
            let message = "a discount card needs a `discount`";
            check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/discount"), message);
        }
        for (number, range) in card.numbers.iter().enumerate() {
            check_range(check, range, &format!("{path}/numbers/{number}"));
        }
        let discount = card.discount.as_ref();
        compiled.push(CardRules {
            id: card.id.clone(),
            symbol: check.symbols.add(&card.id),
            usage: card.kind,
            points,
            discount: discount.map(|d| compile_discount(check, d, &format!("{path}/discount"))),
            numbers: card.numbers.clone(),
        });
    }
    compiled
}

fn compile_card_points(check: &mut Check<'_>, card: &CardKind, path: &str) -> Option<usize> {
    if card.points.is_none() && check.document.points.len() != 1 {
        let message = "a bonus card needs `points`: the kind of points that it holds";
        check.mistake(ErrorCode::ProgramContradiction, path, message);
        return None;
    }
    Some(check.points(card.points.as_ref(), path))
}

fn check_range(check: &mut Check<'_>, range: &NumberRange, path: &str) {
    let min = range.length_min.unwrap_or(range.length_max);
    if range.length_max == 0 || range.length_max > 64 {
        let message = "a number has 1 to 64 characters";
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/length_max"), message);
    } else if min == 0 || min > range.length_max {
        let message = "`length_min` must be from 1 to `length_max`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/length_min"), message);
    } else if range.prefix.chars().count() > usize::from(range.length_max) {
        let message = "the prefix is longer than the number may be";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/prefix"), message);
    }
}

fn compile_discount(check: &mut Check<'_>, discount: &CardDiscount, path: &str) -> DiscountRules {
    let percent = match &discount.percent {
        CardPercent::Fixed(percent) => {
            PercentRules::Fixed(check.percent(*percent, &format!("{path}/percent/fixed")))
        }
        CardPercent::ByTier(steps) => {
            PercentRules::ByTier(compile_by_tier(check, steps, &format!("{path}/percent/by_tier")))
        }
        CardPercent::BySpend(steps) => PercentRules::BySpend(compile_by_spend(
            check,
            steps,
            &format!("{path}/percent/by_spend"),
        )),
    };
    DiscountRules {
        base: discount.base,
        kinds: KindSet::of(&discount.kinds),
        lines: check.lines(discount.lines.as_ref(), &format!("{path}/lines")),
        method: discount.method,
        percent,
        rounding: discount.rounding,
    }
}

fn compile_by_tier(check: &mut Check<'_>, steps: &[TierPercent], path: &str) -> Vec<(usize, i64)> {
    let mut compiled: Vec<(usize, i64)> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{path}/{index}");
        let tier = check.tier(&step.tier, &format!("{place}/tier"));
        if steps.iter().take(index).any(|earlier| earlier.tier == step.tier) {
            let message = format!("the tier `{}` is listed twice", step.tier);
            check.mistake(ErrorCode::ProgramDuplicate, &format!("{place}/tier"), message);
        }
        compiled.push((tier, check.percent(step.percent, &format!("{place}/percent"))));
    }
    compiled
}

fn compile_by_spend(check: &mut Check<'_>, steps: &[SpendPercent], path: &str) -> Vec<(i64, i64)> {
    if steps.is_empty() {
        check.mistake(ErrorCode::ProgramEmpty, path, "list at least one step");
    }
    let mut compiled: Vec<(i64, i64)> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{path}/{index}/spent_from");
        let from = check.money(step.spent_from, &place);
        if compiled.last().is_some_and(|(below, _)| *below >= from) {
            let message = "each step must begin above the one before it";
            check.mistake(ErrorCode::ProgramOrder, &place, message);
        }
        compiled.push((from, check.percent(step.percent, &format!("{path}/{index}/percent"))));
    }
    compiled
}

fn compile_exclusions(check: &mut Check<'_>) -> Vec<(LineTest, StageSet)> {
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
        compiled.push((lines, StageSet::of(&exclusion.from)));
    }
    compiled
}

fn compile_floors(check: &mut Check<'_>) -> Vec<FloorRules> {
    let document = check.document;
    check.unique(document.floors.iter().map(|floor| &floor.id), "/floors");
    let mut compiled = Vec::with_capacity(document.floors.len());
    for (index, floor) in document.floors.iter().enumerate() {
        let path = format!("/floors/{index}");
        let from = check.date(floor.from.as_ref(), &format!("{path}/from"));
        let until = check.date(floor.until.as_ref(), &format!("{path}/until"));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            let message = "`until` is before `from`";
            check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/until"), message);
        }
        compiled.push(FloorRules {
            lines: condition::compile_line(check, &floor.lines, &format!("{path}/lines")),
            price: check.positive(floor.price, amount::PRICE_DIGITS, &format!("{path}/price")),
            from,
            until,
        });
    }
    compiled
}

fn compile_earning(check: &mut Check<'_>) -> EarningRules {
    let document = check.document;
    let earning = &document.earning;
    check.unique(earning.rules.iter().map(|rule| &rule.id), "/earning/rules");
    let mut rules = Vec::with_capacity(earning.rules.len());
    for (index, rule) in earning.rules.iter().enumerate() {
        rules.push(compile_earning_rule(check, rule, &format!("/earning/rules/{index}")));
    }
    if let Some(stage) = earning.lowered_by.iter().position(|s| *s == crate::order::Stage::Earning)
    {
        let message = "earning cannot be lowered by earning";
        check.mistake(
            ErrorCode::ProgramContradiction,
            &format!("/earning/lowered_by/{stage}"),
            message,
        );
    }
    let tenders = &earning.lowered_by_tenders;
    EarningRules {
        kinds: KindSet::of(&earning.kinds),
        lowered_by: StageSet::of(&earning.lowered_by),
        lowered_by_tenders: tenders.iter().map(|kind| check.symbols.add(kind)).collect(),
        matching: earning.matching,
        rules,
    }
}

fn compile_earning_rule(check: &mut Check<'_>, rule: &EarningRule, path: &str) -> EarningRuleRules {
    let points = check.points(rule.points.as_ref(), &format!("{path}/points"));
    let digits = check.document.points.get(points).map_or(0, |points| points.digits.min(6));
    let give_path = format!("{path}/give/{}", rule.give.name());
    let give = match &rule.give {
        Give::Percent(percent) => GiveRules::Percent(check.percent(*percent, &give_path)),
        Give::PercentByTier(steps) => {
            GiveRules::PercentByTier(compile_by_tier(check, steps, &give_path))
        }
        Give::Per(per) => {
            let currency_digits = check.currency_digits;
            GiveRules::Per {
                amount: check.positive(per.amount, currency_digits, &format!("{give_path}/amount")),
                points: check.positive(per.points, digits, &format!("{give_path}/points")),
                count: per.count,
            }
        }
    };
    let cap = rule.cap.map(|cap| check.positive(cap, digits, &format!("{path}/cap")));
    let minimum = rule.minimum.map(|m| check.money(m, &format!("{path}/minimum")));
    let when = rule.when.as_ref();
    if rule.life.as_ref().is_some_and(|life| matches!(life, Term::Hours(0) | Term::Months(0))) {
        let message = "points must live for some time";
        let place = format!("{path}/life/{}", rule.life.as_ref().map_or("", Term::name));
        check.mistake(ErrorCode::ProgramNotPositive, &place, message);
    }
    EarningRuleRules {
        id: rule.id.clone(),
        points,
        give,
        minimum: minimum.unwrap_or(0),
        cap,
        delay: rule.delay.clone(),
        life: rule.life.clone(),
        rounding: rule.rounding,
        lines: check.lines(rule.lines.as_ref(), &format!("{path}/lines")),
        when: when.map(|when| condition::compile_order(check, when, &format!("{path}/when"))),
    }
}

fn compile_redemption(check: &mut Check<'_>) -> Option<RedemptionRules> {
    let redemption = check.document.redemption.as_ref()?;
    let points = check.points(redemption.points.as_ref(), "/redemption/points");
    let digits = check.document.points.get(points).map_or(0, |points| points.digits.min(6));
    let maximum = redemption.maximum;
    let minimum_points = redemption.minimum_points;
    let step = redemption.step.map(|step| check.positive(step, digits, "/redemption/step"));
    let when = redemption.when.as_ref();
    Some(RedemptionRules {
        points,
        kinds: KindSet::of(&redemption.kinds),
        lines: check.lines(redemption.lines.as_ref(), "/redemption/lines"),
        when: when.map(|when| condition::compile_order(check, when, "/redemption/when")),
        percent: check.percent(redemption.percent, "/redemption/percent"),
        percent_shown: redemption.percent.normalize(),
        percent_of: redemption.percent_of,
        maximum: maximum.map(|maximum| check.money(maximum, "/redemption/maximum")),
        minimum_points: minimum_points
            .map_or(0, |minimum| check.positive(minimum, digits, "/redemption/minimum_points")),
        step: step.unwrap_or(1),
        presentation: redemption.presentation,
    })
}
