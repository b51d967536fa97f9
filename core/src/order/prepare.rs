//! From the order as handed over to whole numbers and symbols, with every mistake at once.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::document::*;
use super::limits;
use crate::amount::{
    self, AMOUNT_MAX, PRICE_DIGITS, QUANTITY_DIGITS, QUANTITY_ONE, RATE_DIGITS, RATE_ONE,
    currency_digits,
};
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{ErrorCode, Mistake};
use crate::identify::is_bank_card;
use crate::number::normalise;
use crate::program::Then;
use crate::program::rules::{CardRules, Ratio, Rules, StageSet, StoreRules, Symbol};
use crate::rounding::{Rounding, divide_to_amount};
use crate::tax::{Tax, TaxRule as TaxMeasure};
use crate::verbs::BANK_CARD;

/// The most different taxes that one order may have.
const TAXES_MAX: usize = 256;
/// An order checked against a programme and turned into whole numbers, to be quoted many times.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub lines: Vec<PreparedLine>,
    pub currency: String,
    pub digits: u8,
    /// From the order's money to the programme's; one to one in the programme's own currency.
    pub exchange: Option<Ratio>,
    pub store: Option<usize>,
    pub paid_at: Option<Timestamp>,
    pub discounts: Vec<PreparedDiscount>,
    /// How much each gift card is to pay; as much as it can where nothing is named.
    pub gift_wishes: Vec<Option<i64>>,
    pub tenders: Vec<(Symbol, i64)>,
    pub tax_names: Vec<String>,
    pub wish: Wish,
    pub attributes: Vec<(Symbol, Symbol)>,
    pub channel: Option<Symbol>,
    /// The word for a store that the programme does not list.
    pub store_word: Option<Symbol>,
    /// Whether it is known how the order is paid.
    pub tenders_known: bool,
    pub till: Option<Symbol>,
}

/// A line that takes part in the receipt.
#[derive(Debug, Default)]
pub(crate) struct PreparedLine {
    /// Its place in the order.
    pub index: usize,
    pub kind: LineKind,
    /// Price times quantity, in the order's money.
    pub amount: i64,
    pub quantity: i64,
    /// Millionths of a whole unit of the order's money.
    pub price: i64,
    /// Millionths of a whole unit of the order's money for one unit of quantity.
    pub floor: i64,
    pub attributes: Vec<(Symbol, Symbol)>,
    pub sku: Option<Symbol>,
    pub category: Option<Symbol>,
    /// What gives this line as a present.
    pub gift: Option<Giver>,
    pub tags: Vec<Symbol>,
    pub excluded_from: StageSet,
    pub taxes: Vec<Tax>,
    pub tax_groups: Vec<usize>,
}

/// A promotion or a reward, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Giver {
    Promotion(usize),
    Reward(usize),
}

#[derive(Debug)]
pub(crate) struct PreparedDiscount {
    /// The place in the list of the order.
    pub index: usize,
    pub amount: i64,
    /// The place of the line in [`Prepared::lines`].
    pub line: Option<usize>,
}

/// What the guest wants to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    Most,
    Exactly(Decimal),
}

impl Prepared {
    /// The programme's sum in the order's money.
    pub fn money_from_program(&self, amount: i64) -> i64 {
        self.exchange.map_or(amount, |rate| rate.inverse().times(amount, Rounding::HalfUp))
    }

    /// The programme's price, in millionths of a whole unit of its money, in the order's.
    pub fn price_from_program(&self, price: i64, program_digits: u8) -> i64 {
        let Some(rate) = self.exchange else { return price };
        // The rate is one of smallest units; prices count whole ones.
        let up = 10i128.pow(u32::from(program_digits));
        let down = 10i128.pow(u32::from(self.digits));
        let rate = Ratio::new(rate.denominator * up, rate.numerator * down);
        rate.times(price, Rounding::HalfUp)
    }

    /// The order's sum in the programme's money.
    pub fn money_to_program(&self, amount: i64) -> i64 {
        self.exchange.map_or(amount, |rate| rate.times(amount, Rounding::HalfUp))
    }

    pub fn store_rules<'a>(&self, rules: &'a Rules) -> Option<&'a StoreRules> {
        self.store.and_then(|store| rules.stores.get(store))
    }

    pub fn zone<'a>(&self, rules: &'a Rules) -> &'a TimeZone {
        self.store_rules(rules).map_or(&rules.zone, |store| &store.zone)
    }

    /// The instant at which the order counts as paid.
    pub fn instant(&self, at: Timestamp) -> Timestamp {
        self.paid_at.unwrap_or(at)
    }

    pub fn local_date(&self, rules: &Rules, at: Timestamp) -> Date {
        self.zone(rules).to_datetime(self.instant(at)).date()
    }
}

struct Check<'a> {
    rules: &'a Rules,
    mistakes: Vec<Mistake>,
    digits: u8,
}

impl Check<'_> {
    fn mistake(&mut self, code: ErrorCode, path: String, message: impl Into<String>) {
        if self.mistakes.len() < crate::document::MISTAKES_MAX {
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    fn units(&mut self, value: Decimal, digits: u8, path: impl Fn() -> String) -> i64 {
        amount::to_units(value, digits).unwrap_or_else(|(code, message)| {
            self.mistake(code, path(), message);
            0
        })
    }

    /// A price in millionths of a whole unit.
    fn price(&mut self, value: Decimal, path: impl Fn() -> String) -> i64 {
        amount::to_fine_units(value, PRICE_DIGITS).unwrap_or_else(|(code, message)| {
            self.mistake(code, path(), message);
            0
        })
    }

    /// An amount of money above zero.
    fn money_above_zero(
        &mut self,
        value: Decimal,
        code: ErrorCode,
        path: impl Fn() -> String,
    ) -> i64 {
        if value <= Decimal::ZERO {
            self.mistake(code, path(), format!("`{}` must be above zero", value.normalize()));
            return 0;
        }
        self.units(value, self.digits, path)
    }
}

/// Checks an order against a programme; paths are those within the order.
pub(crate) fn prepare(order: &Order, rules: &Rules) -> Result<Prepared, Vec<Mistake>> {
    let mut check = Check { rules, mistakes: Vec::new(), digits: rules.currency_digits };
    check.mistakes = limits::mistakes(order);
    if !check.mistakes.is_empty() {
        // Beyond a limit nothing else is looked at, so that the work stays bounded.
        return Err(check.mistakes);
    }
    let prepared = prepare_checked(&mut check, order);
    if check.mistakes.is_empty() { Ok(prepared) } else { Err(check.mistakes) }
}

/// Prepares the order of a bill that was divided or joined. It was checked before that: a part
/// may miss the parent of a child, and prices times quantities are no longer its amounts.
pub(crate) fn prepare_regrouped(order: &Order, rules: &Rules) -> Prepared {
    let mut check = Check { rules, mistakes: Vec::new(), digits: rules.currency_digits };
    prepare_checked(&mut check, order)
}

fn prepare_checked(check: &mut Check<'_>, order: &Order) -> Prepared {
    let rules = check.rules;
    let exchange = prepare_currency(check, order);
    let store = prepare_store(check, order);
    let mut tax_names = Vec::new();
    let places = Places::of(&order.lines);
    let lines = prepare_lines(check, order, &places, &mut tax_names);
    // Presents pay for nothing.
    let paid = lines.iter().filter(|line| line.gift.is_none());
    let total: i128 = paid.map(|line| i128::from(line.amount)).sum();
    let sound = !check.mistakes.iter().any(|mistake| mistake.path.starts_with("/lines"));
    if sound && total < 0 {
        check.mistake(ErrorCode::OrderTotal, "/lines".into(), "the total is below zero");
    } else if sound && with_taxes(&lines) > i128::from(AMOUNT_MAX) {
        let message = "the total with its taxes is too large";
        check.mistake(ErrorCode::OrderTotal, "/lines".into(), message);
    }
    for (key, instant) in [("/opened_at", order.opened_at), ("/paid_at", order.paid_at)] {
        if instant.is_some_and(|instant| !is_in_range(instant)) {
            check.mistake(ErrorCode::TimeRange, key.into(), OUT_OF_RANGE);
        }
    }
    prepare_paper(check, order);
    let discounts = prepare_discounts(check, order, &lines, &places);
    let tenders = prepare_tenders(check, &order.tenders, "/tenders");
    let gift_wishes = prepare_gift_cards(check, order);
    prepare_loads(check, order);
    prepare_claims(check, order);
    prepare_guest(check, order);
    let wish = prepare_wish(check, &order.spend);
    prepare_cards(check, order);
    let digits = check.digits;
    let word = |word: &Option<String>| word.as_ref().map(|word| rules.symbols.find(word));
    Prepared {
        lines,
        currency: order.currency.clone().unwrap_or_else(|| rules.document.currency.clone()),
        digits,
        exchange,
        store,
        paid_at: order.paid_at.or(order.paper.as_ref().map(|paper| paper.at)),
        discounts,
        gift_wishes,
        tenders,
        tax_names,
        wish,
        attributes: known_attributes(rules, &order.attributes),
        channel: word(&order.channel),
        store_word: word(&order.store),
        tenders_known: !order.tenders.is_empty(),
        till: word(&order.till),
    }
}

/// A hand-written receipt has a number, a writer, and one time.
fn prepare_paper(check: &mut Check<'_>, order: &Order) {
    let Some(paper) = &order.paper else { return };
    for (text, key) in [(&paper.by, "by"), (&paper.number, "number")] {
        if text.trim().is_empty() {
            let message = format!("`{key}` of a hand-written receipt must not be empty");
            check.mistake(ErrorCode::DocumentTextEmpty, format!("/paper/{key}"), message);
        }
    }
    if !is_in_range(paper.at) {
        check.mistake(ErrorCode::TimeRange, "/paper/at".into(), OUT_OF_RANGE);
    } else if order.paid_at.is_some_and(|paid| paid != paper.at) {
        let message = "`paid_at` names another instant; leave it out";
        check.mistake(ErrorCode::PaperTime, "/paper/at".into(), message);
    }
}

/// The most that the lines can come to with the taxes on top of them.
fn with_taxes(lines: &[PreparedLine]) -> i128 {
    let on_top = |line: &PreparedLine| -> i128 {
        let taxes = line.taxes.iter().filter(|tax| !tax.inside).map(|tax| match tax.rule {
            TaxMeasure::Rate(rate) => {
                i128::from(line.amount.max(0)) * i128::from(rate) / i128::from(RATE_ONE) + 1
            }
            TaxMeasure::PerUnit(amount) => {
                i128::from(amount) * i128::from(line.quantity) / i128::from(QUANTITY_ONE) + 1
            }
        });
        taxes.sum()
    };
    lines.iter().map(|line| i128::from(line.amount.max(0)) + on_top(line)).sum()
}

fn prepare_currency(check: &mut Check<'_>, order: &Order) -> Option<Ratio> {
    let own = &check.rules.document.currency;
    let foreign = order.currency.as_ref().filter(|currency| *currency != own);
    let Some(currency) = foreign else {
        if order.rate.is_some() {
            let message = format!("the order is in {own} as the programme is; leave the rate out");
            check.mistake(ErrorCode::OrderRate, "/rate".into(), message);
        }
        return None;
    };
    match currency_digits(currency) {
        Some(digits) => check.digits = digits,
        None => {
            let message = format!("`{currency}` is no currency code such as RUB");
            check.mistake(ErrorCode::ProgramCurrency, "/currency".into(), message);
        }
    }
    let Some(rate) = order.rate else {
        let message = format!("the order is in {currency}: say how much {own} one {currency} is");
        check.mistake(ErrorCode::OrderRateMissing, "/rate".into(), message);
        return None;
    };
    if rate <= Decimal::ZERO {
        check.mistake(ErrorCode::OrderRate, "/rate".into(), "the rate must be above zero");
        return None;
    }
    let rate = amount::to_fine_units(rate, RATE_DIGITS).unwrap_or_else(|(code, message)| {
        check.mistake(code, "/rate".into(), message);
        RATE_ONE
    });
    let program = i128::from(rate) * 10i128.pow(u32::from(check.rules.currency_digits));
    Some(Ratio::new(program, i128::from(RATE_ONE) * 10i128.pow(u32::from(check.digits))))
}

/// The exchange of an order that was checked before; none where it is in the programme's currency.
pub(crate) fn exchange_of(order: &Order, rules: &Rules) -> Option<Ratio> {
    let mut check = Check { rules, mistakes: Vec::new(), digits: rules.currency_digits };
    prepare_currency(&mut check, order)
}

fn prepare_store(check: &mut Check<'_>, order: &Order) -> Option<usize> {
    if check.rules.stores.is_empty() {
        return None;
    }
    let stores = &check.rules.document.stores;
    let found = order.store.as_ref().and_then(|id| stores.iter().position(|s| s.id == *id));
    if found.is_none() {
        let message = match &order.store {
            Some(id) => format!("the programme has no store `{id}`"),
            None => "name the store: the programme has a list of them".into(),
        };
        check.mistake(ErrorCode::OrderStoreUnknown, "/store".into(), message);
    }
    found
}

fn prepare_lines(
    check: &mut Check<'_>,
    order: &Order,
    places: &Places<'_>,
    tax_names: &mut Vec<String>,
) -> Vec<PreparedLine> {
    if order.lines.is_empty() {
        check.mistake(ErrorCode::OrderEmpty, "/lines".into(), "the order has no lines");
    }
    check_line_ids(check, &order.lines, places);
    let mut lines = Vec::with_capacity(order.lines.len());
    let mut groups: Vec<&TaxRule> = Vec::new();
    for (index, line) in order.lines.iter().enumerate() {
        let prepared = prepare_line(check, index, line, &mut groups);
        if line.kind != LineKind::Void {
            lines.push(prepared);
        }
    }
    tax_names.extend(groups.iter().map(|tax| tax.name.clone()));
    lines
}

/// The places of lines by their ids. For a short receipt comparing is cheaper than hashing.
enum Places<'a> {
    Few(&'a [Line]),
    Many(HashMap<&'a str, usize>),
}

impl<'a> Places<'a> {
    fn of(lines: &'a [Line]) -> Places<'a> {
        if lines.len() <= 16 {
            return Places::Few(lines);
        }
        let mut places = HashMap::with_capacity(lines.len());
        for (place, line) in lines.iter().enumerate() {
            places.entry(line.id.as_str()).or_insert(place);
        }
        Places::Many(places)
    }

    /// The first line with an id.
    fn find(&self, id: &str) -> Option<usize> {
        match self {
            Places::Few(lines) => lines.iter().position(|line| line.id == id),
            Places::Many(places) => places.get(id).copied(),
        }
    }
}

fn check_line_ids(check: &mut Check<'_>, lines: &[Line], places: &Places<'_>) {
    for (index, line) in lines.iter().enumerate() {
        if places.find(&line.id).is_some_and(|first| first < index) {
            let message = format!("the id `{}` is used by an earlier line", line.id);
            check.mistake(ErrorCode::OrderLineDuplicate, format!("/lines/{index}/id"), message);
        }
        if line.id.is_empty() {
            let message = "the id must not be empty";
            check.mistake(ErrorCode::DocumentTextEmpty, format!("/lines/{index}/id"), message);
        }
        let parent = line.parent.as_ref();
        if let Some(parent) = parent.filter(|p| **p == line.id || places.find(p).is_none()) {
            let message = format!("the order has no other line `{parent}`");
            check.mistake(ErrorCode::OrderLineUnknown, format!("/lines/{index}/parent"), message);
        }
    }
}

fn prepare_line<'a>(
    check: &mut Check<'_>,
    index: usize,
    line: &'a Line,
    groups: &mut Vec<&'a TaxRule>,
) -> PreparedLine {
    let place = |key: &str| format!("/lines/{index}/{key}");
    let quantity = check.units(line.quantity, QUANTITY_DIGITS, || place("quantity"));
    if line.quantity <= Decimal::ZERO {
        let message = format!("the quantity `{}` must be above zero", line.quantity.normalize());
        check.mistake(ErrorCode::OrderQuantity, place("quantity"), message);
    }
    let price = check.price(line.price, || place("price"));
    let may_be_negative = matches!(line.kind, LineKind::Adjustment | LineKind::Void);
    if price < 0 && !may_be_negative {
        let message = "the price must not be negative; only an adjustment may be";
        check.mistake(ErrorCode::OrderPrice, place("price"), message);
    }
    let amount = line_amount(price, quantity, check.digits);
    if amount.is_none() {
        let message = "price times quantity is too large";
        check.mistake(ErrorCode::AmountRange, place("price"), message);
    }
    let floor = line.floor.map(|floor| check.price(floor, || place("floor")));
    if floor.is_some_and(|floor| floor < 0) {
        check.mistake(ErrorCode::AmountSign, place("floor"), "the floor must not be negative");
    }
    let word = |word: &String| check.rules.symbols.find(word);
    let (sku, category) = (line.sku.as_ref().map(word), line.category.as_ref().map(word));
    let attributes = known_attributes(check.rules, &line.attributes);
    let gift = prepare_gift(check, index, line);
    let tags = line.tags.iter().map(word).collect();
    let (taxes, tax_groups) = prepare_taxes(check, index, line, groups);
    PreparedLine {
        index,
        kind: line.kind,
        amount: amount.unwrap_or(0),
        quantity,
        price,
        floor: floor.unwrap_or(0),
        attributes,
        sku,
        category,
        gift,
        tags,
        excluded_from: StageSet::of(&line.excluded_from),
        taxes,
        tax_groups,
    }
}

/// The attributes whose names the programme's conditions use.
fn known_attributes(rules: &Rules, attributes: &[Attribute]) -> Vec<(Symbol, Symbol)> {
    let find = |one: &Attribute| (rules.symbols.find(&one.name), rules.symbols.find(&one.value));
    attributes.iter().map(find).filter(|(name, _)| *name != Symbol(0)).collect()
}

fn prepare_gift(check: &mut Check<'_>, index: usize, line: &Line) -> Option<Giver> {
    let id = line.gift.as_ref()?;
    let document = &check.rules.document;
    let promotions = document.promotions.iter().enumerate();
    let rewards = document.rewards.iter().enumerate();
    let is_gift = |then: &Then| matches!(then, Then::Gift(_));
    let promotion = promotions
        .filter(|(_, one)| one.id == *id && is_gift(&one.then))
        .map(|(place, _)| Giver::Promotion(place));
    let reward = rewards
        .filter(|(_, one)| one.id == *id && is_gift(&one.then))
        .map(|(place, _)| Giver::Reward(place));
    let giver = promotion.chain(reward).next();
    if giver.is_none() {
        let message = format!("the programme has no promotion `{id}` that gives presents");
        check.mistake(ErrorCode::OrderGiftUnknown, format!("/lines/{index}/gift"), message);
    }
    giver
}

fn prepare_claims(check: &mut Check<'_>, order: &Order) {
    let rewards = &check.rules.document.rewards;
    for (index, claim) in order.rewards.iter().enumerate() {
        if !rewards.iter().any(|reward| reward.id == claim.reward) {
            let message = format!("the programme has no reward `{}`", claim.reward);
            let path = format!("/rewards/{index}/reward");
            check.mistake(ErrorCode::OrderRewardUnknown, path, message);
        }
        if order.rewards.iter().take(index).any(|earlier| earlier.reward == claim.reward) {
            let message = "this reward is claimed twice; say how many times with `times`";
            let path = format!("/rewards/{index}/reward");
            check.mistake(ErrorCode::OrderRewardTimes, path, message);
        }
        if !(1..=10_000).contains(&claim.times) {
            let message = "claim a reward from 1 to 10000 times";
            let path = format!("/rewards/{index}/times");
            check.mistake(ErrorCode::OrderRewardTimes, path, message);
        }
    }
}

fn prepare_guest(check: &mut Check<'_>, order: &Order) {
    let birthday = order.guest.as_ref().and_then(|guest| guest.birthday.as_ref());
    let Some(text) = birthday else { return };
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == *text);
    if date.is_none() {
        let message = "this is no date such as 2000-01-31";
        check.mistake(ErrorCode::TimeDate, "/guest/birthday".into(), message);
    }
}

/// Price times quantity in the smallest units of money, rounded half up.
fn line_amount(price: i64, quantity: i64, digits: u8) -> Option<i64> {
    let product = i128::from(price) * i128::from(quantity);
    let scale = 10i128.pow(u32::from(PRICE_DIGITS + QUANTITY_DIGITS - digits.min(6)));
    let amount = divide_to_amount(product, scale, Rounding::HalfUp);
    (amount.unsigned_abs() <= AMOUNT_MAX.unsigned_abs()).then_some(amount)
}

fn prepare_taxes<'a>(
    check: &mut Check<'_>,
    index: usize,
    line: &'a Line,
    groups: &mut Vec<&'a TaxRule>,
) -> (Vec<Tax>, Vec<usize>) {
    let mut taxes = Vec::with_capacity(line.taxes.len());
    let mut places = Vec::with_capacity(line.taxes.len());
    for (number, tax) in line.taxes.iter().enumerate() {
        let place = || format!("/lines/{index}/taxes/{number}/size/{}", tax.size.name());
        let rule = match tax.size {
            TaxSize::Percent(percent) => {
                if percent < Decimal::ZERO || percent > Decimal::ONE_THOUSAND {
                    let message = "the tax is not a percentage from 0 to 1000";
                    check.mistake(ErrorCode::OrderTax, place(), message);
                    continue;
                }
                // Percent times 10⁷ is a count of 10⁻⁹.
                TaxMeasure::Rate(check.units(percent, 7, place))
            }
            TaxSize::PerUnit(amount) => {
                if amount < Decimal::ZERO {
                    let message = "the tax must not be negative";
                    check.mistake(ErrorCode::OrderTax, place(), message);
                    continue;
                }
                TaxMeasure::PerUnit(check.units(amount, check.digits, place))
            }
        };
        let known = groups.iter().position(|group| *group == tax);
        if known.is_none() && groups.len() >= TAXES_MAX {
            let message = format!("the order has more than {TAXES_MAX} different taxes");
            check.mistake(ErrorCode::DocumentListTooLong, place(), message);
            break;
        }
        places.push(known.unwrap_or(groups.len()));
        if known.is_none() {
            groups.push(tax);
        }
        taxes.push(Tax { inside: tax.inside, rule });
    }
    (taxes, places)
}

fn prepare_discounts(
    check: &mut Check<'_>,
    order: &Order,
    lines: &[PreparedLine],
    places: &Places<'_>,
) -> Vec<PreparedDiscount> {
    let mut discounts = Vec::with_capacity(order.discounts.len());
    for (index, discount) in order.discounts.iter().enumerate() {
        let path = || format!("/discounts/{index}/amount");
        let amount = check.money_above_zero(discount.amount, ErrorCode::OrderDiscount, path);
        let found = discount.line.as_ref().map(|id| {
            // Void lines are left out of the prepared ones, which are in the order's order.
            let place = places.find(id)?;
            lines.binary_search_by_key(&place, |line| line.index).ok()
        });
        if found == Some(None) {
            let message = "the order has no such line, or it is voided";
            check.mistake(ErrorCode::OrderLineUnknown, format!("/discounts/{index}/line"), message);
        }
        discounts.push(PreparedDiscount { index, amount, line: found.flatten() });
    }
    discounts
}

/// Checks tenders; used for those of the order and for those of a confirm.
fn prepare_tenders(check: &mut Check<'_>, tenders: &[Tender], path: &str) -> Vec<(Symbol, i64)> {
    let mut prepared = Vec::with_capacity(tenders.len());
    for (index, tender) in tenders.iter().enumerate() {
        let place = || format!("{path}/{index}/amount");
        let amount = check.money_above_zero(tender.amount, ErrorCode::OrderTender, place);
        prepared.push((check.rules.symbols.find(&tender.kind), amount));
    }
    prepared
}

fn prepare_gift_cards(check: &mut Check<'_>, order: &Order) -> Vec<Option<i64>> {
    let mut wishes = Vec::with_capacity(order.gift_cards.len());
    for (index, card) in order.gift_cards.iter().enumerate() {
        let path = || format!("/gift_cards/{index}/number");
        let number = normalise(&card.number);
        let earlier = order.gift_cards.iter().take(index);
        if number.is_empty() {
            check.mistake(ErrorCode::DocumentTextEmpty, path(), "the number must not be empty");
        } else if earlier.into_iter().any(|one| normalise(&one.number) == number) {
            let message = "this gift card pays already; name each once";
            check.mistake(ErrorCode::OrderGiftCard, path(), message);
        }
        let amount = || format!("/gift_cards/{index}/amount");
        let wish = card.amount;
        wishes.push(wish.map(|w| check.money_above_zero(w, ErrorCode::OrderGiftCard, amount)));
    }
    wishes
}

/// What can be said of the cards that lines load without knowing them. Where the programme sells
/// no cards, stored value is the host's own.
fn prepare_loads(check: &mut Check<'_>, order: &Order) {
    let sold = |card: &CardRules| card.stored_value.is_some() || card.ticket.is_some();
    let sells = check.rules.cards.iter().any(sold);
    let mut named: Vec<&str> = Vec::new();
    for (index, line) in order.lines.iter().enumerate() {
        let card = line.card.as_ref().map(|card| normalise(card));
        let message = match (line.kind, card) {
            (LineKind::Void, _) => continue,
            (LineKind::StoredValue, Some(card)) if named.contains(&card) => {
                "another line loads this card already; make one line of them"
            }
            (LineKind::StoredValue, Some(card)) if !card.is_empty() => {
                named.push(card);
                continue;
            }
            (LineKind::StoredValue, None) if !sells => continue,
            (LineKind::StoredValue, _) => "name the number of the card that the line loads",
            (_, None) => continue,
            (_, Some(_)) => "only a line of the kind `stored_value` loads a card",
        };
        check.mistake(ErrorCode::LoadCard, format!("/lines/{index}/card"), message);
    }
}

/// The tenders of a confirm, in the money of the order that was reserved.
pub(crate) fn prepare_actual_tenders(
    rules: &Rules,
    tenders: &[Tender],
    digits: u8,
) -> Result<Vec<(Symbol, i64)>, Vec<Mistake>> {
    let mut check = Check { rules, mistakes: Vec::new(), digits };
    let prepared = prepare_tenders(&mut check, tenders, "/tenders");
    if check.mistakes.is_empty() { Ok(prepared) } else { Err(check.mistakes) }
}

fn prepare_wish(check: &mut Check<'_>, spend: &Spend) -> Wish {
    let path = || "/spend/points".to_owned();
    match (spend.mode, spend.points) {
        (SpendMode::None, None) => Wish::Nothing,
        (SpendMode::Max, None) => Wish::Most,
        (SpendMode::Exact, Some(points)) => {
            if points < Decimal::ZERO {
                check.mistake(ErrorCode::AmountSign, path(), "the points must not be negative");
            }
            let redemption = check.rules.redemption.as_ref();
            let kind = redemption.and_then(|rules| check.rules.points.get(rules.points));
            check.units(points, kind.map_or(6, |kind| kind.digits), path);
            Wish::Exactly(points)
        }
        (SpendMode::Exact, None) => {
            check.mistake(ErrorCode::OrderSpend, path(), "say how many points, or use `max`");
            Wish::Nothing
        }
        (SpendMode::None | SpendMode::Max, Some(_)) => {
            let message = "points are named, so the mode must be `exact`";
            check.mistake(ErrorCode::OrderSpend, path(), message);
            Wish::Nothing
        }
    }
}

fn prepare_cards(check: &mut Check<'_>, order: &Order) {
    for (index, card) in order.cards.iter().enumerate() {
        let path = || format!("/cards/{index}/number");
        let number = normalise(&card.number);
        if order.cards.iter().take(index).any(|earlier| normalise(&earlier.number) == number) {
            let message = "this card is presented twice";
            check.mistake(ErrorCode::OrderCardDuplicate, path(), message);
        }
        if number.is_empty() {
            check.mistake(ErrorCode::DocumentTextEmpty, path(), "the number must not be empty");
        }
        if is_bank_card(number) {
            check.mistake(ErrorCode::CardBankCard, path(), BANK_CARD);
        }
    }
}

/// How many begun units a quantity has.
pub(crate) fn begun_units(quantity: i64) -> i64 {
    let whole = quantity / QUANTITY_ONE;
    whole + i64::from(quantity % QUANTITY_ONE > 0)
}
