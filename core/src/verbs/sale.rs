//! Quote, reserve, confirm, cancel, sell.

use jiff::{SignedDuration, Timestamp};

use super::draft::{Draft, Place, place_of};
use super::find_sale;
use super::gift::captures;
use super::load::loaded_money;
use super::paper;
use super::watched::{Watching, order_of, watch_sale};
use crate::account::Part;
use crate::amount::{Amount, to_units};
use crate::answer::{Answer, IssuedCoupon, Outcome, PointsQuote, Quote, SaleAnswer, SaleStatus};
use crate::command::{Cancel, Command, Confirm, QuoteOrder, Request, ReserveOrder, SellOrder};
use crate::document::{OUT_OF_RANGE, Reader, is_in_range, to_node};
use crate::error::{Error, ErrorCode, Mistake};
use crate::history::Moment;
use crate::number::normalise;
use crate::order::prepare::{self, prepare_actual_tenders};
use crate::order::{Order, Prepared, Stage};
use crate::pricing::load::loads;
use crate::pricing::offline::is_offline;
use crate::pricing::{Pricing, WatchOrder, resume};
use crate::program::rules::Rules;
use crate::reason::{Reason, ReasonCode};
use crate::record::{
    Effect, HoldEnded, MatchAwaited, Record, SaleConfirmed, SaleEnded, SaleOpened, Token,
};
use crate::slice::{SaleState, Slice};

/// The longest that a hold may last: a week.
pub(crate) const HOLD_MINUTES_MAX: u32 = 10_080;

pub(super) fn quote(
    rules: &Rules,
    slice: &Slice,
    input: &QuoteOrder,
    at: Timestamp,
    request: &Request,
) -> Result<Answer, Error> {
    let Request { explain, offline_since, .. } = *request;
    let prepared = prepare_order(&input.order, rules, slice)?;
    let call = Call { at, explain, host: request.at, offline_since };
    let quote = quote_prepared(rules, slice, &input.order, &prepared, call);
    Ok(Answer::Quote(Box::new(quote.map_err(|error| error.under("/order"))?)))
}

/// When, and how, an order is quoted.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    /// The book's own time.
    pub at: Timestamp,
    pub explain: bool,
    /// The instant by the host's clock.
    pub host: Timestamp,
    pub offline_since: Option<Timestamp>,
}

/// Quotes an order that was prepared before; the paths of mistakes are those within the order.
pub(crate) fn quote_prepared(
    rules: &Rules,
    slice: &Slice,
    order: &Order,
    prepared: &Prepared,
    call: Call,
) -> Result<Quote, Error> {
    let loads = loads(rules, slice, order, prepared, call.at)?;
    let run = |watch: Vec<WatchOrder>| {
        let mut pricing = Pricing::new(rules, prepared, order, slice, call.at, call.explain);
        pricing.offline_since = call.offline_since;
        pricing.loads.clone_from(&loads);
        pricing.watch = watch;
        let mut pricing = pricing.run();
        let mut quote = pricing.quote();
        quote.explanation = pricing.trace;
        quote
    };
    let wished = run(Vec::new());
    let Some(watching) = watch_sale(rules, slice, order, &wished, call) else {
        return Ok(wished);
    };
    Ok(heeding(&watching, wished, run))
}

/// The receipt as the watch lets it be: priced anew where it lets less move.
fn heeding(
    watching: &Watching,
    wished: Quote,
    mut price: impl FnMut(Vec<WatchOrder>) -> Quote,
) -> Quote {
    let orders = watching.orders();
    let told: Vec<Reason> = orders.iter().flat_map(earning_reasons).collect();
    let mut quote = if orders.is_empty() { wished } else { price(orders) };
    quote.reasons.extend(told);
    quote.watch = Some(watching.advice());
    quote
}

/// What is told of points that wait, or are not earned.
fn earning_reasons(order: &WatchOrder) -> Option<Reason> {
    if order.earns_nothing {
        return Some(Reason::new(ReasonCode::WatchEarningRefused).with("card", &order.card));
    }
    let until = order.held_until?;
    let reason = Reason::new(ReasonCode::WatchEarningWaits).with("card", &order.card);
    Some(reason.with("until", until))
}

pub(super) fn prepare_order(
    order: &Order,
    rules: &Rules,
    slice: &Slice,
) -> Result<Prepared, Error> {
    let twice = presented_twice(order, slice);
    let prepared = match prepare::prepare(order, rules) {
        Ok(prepared) if twice.is_empty() => Ok(prepared),
        Ok(_) => Err(twice),
        Err(mut mistakes) => {
            mistakes.extend(twice);
            Err(mistakes)
        }
    };
    prepared.map_err(|mistakes| Error::from(mistakes).under("/order"))
}

/// A card that stands on the order under two different numbers.
pub(super) fn presented_twice(order: &Order, slice: &Slice) -> Vec<Mistake> {
    let numbers: Vec<&str> = order.cards.iter().map(|card| normalise(&card.number)).collect();
    let twice = |(index, number): (usize, &&str)| {
        let mut earlier = numbers.iter().take(index);
        let same = |other: &&str| other != number && slice.resolve(other) == slice.resolve(number);
        earlier.find(|other| same(other))?;
        let message = "this number stands for a card that is presented already";
        let path = format!("/cards/{index}/number");
        Some(Mistake::new(ErrorCode::OrderCardDuplicate, path, message))
    };
    numbers.iter().enumerate().filter_map(twice).collect()
}

/// Prices an order for a record: the steps go into its trace.
fn price(
    draft: &mut Draft<'_>,
    order: &Order,
    expect: Option<&String>,
) -> Result<(Quote, i64), Error> {
    let prepared = prepare_order(order, draft.rules, draft.slice)?;
    for card in &order.cards {
        draft.read(draft.slice.resolve(normalise(&card.number)));
    }
    let loads = loads(draft.rules, draft.slice, order, &prepared, draft.at);
    let loads = loads.map_err(|mistakes| Error::from(mistakes).under("/order"))?;
    let mut trace = Vec::new();
    let mut run = |watch: Vec<WatchOrder>| {
        let mut pricing = Pricing::new(draft.rules, &prepared, order, draft.slice, draft.at, true);
        pricing.recalled = &draft.request.judged;
        pricing.offline_since = draft.request.offline_since;
        pricing.loads.clone_from(&loads);
        pricing.watch = watch;
        let mut pricing = pricing.run();
        let quote = pricing.quote();
        trace = pricing.trace.take().unwrap_or_default();
        quote
    };
    let mut quote = run(Vec::new());
    let Request { at: host, offline_since, .. } = *draft.request;
    let call = Call { at: draft.at, explain: true, host, offline_since };
    if let Some(watching) = watch_sale(draft.rules, draft.slice, order, &quote, call) {
        quote = heeding(&watching, quote, run);
        draft.watched.extend(watching.watched);
    }
    draft.trace.extend(trace);
    if let Some(expected) = expect
        && *expected != quote.quote_id
    {
        let message = "the order's effects are not those that were quoted; quote it again";
        return Err(Error::new(ErrorCode::OrderChanged, "/expect", message));
    }
    let spent = prepared.money_to_program(spent_with(&quote));
    Ok((quote, spent))
}

/// What a receipt counts as spent: what it costs, but not what it only loads onto gift cards.
fn spent_with(quote: &Quote) -> i64 {
    quote.totals.due.units - quote.totals.counter_provision.units - loaded_money(quote)
}

pub(super) fn reserve(mut draft: Draft<'_>, input: &ReserveOrder) -> Result<Record, Error> {
    paper::refuse(&input.order)?;
    let (quote, _) = price(&mut draft, &input.order, input.expect.as_ref())?;
    let minutes = input.hold_minutes.unwrap_or(draft.rules.hold_minutes);
    if !(1..=HOLD_MINUTES_MAX).contains(&minutes) {
        let message = format!("a hold lasts from 1 to {HOLD_MINUTES_MAX} minutes");
        return Err(Error::new(ErrorCode::DocumentRange, "/hold_minutes", message));
    }
    let minutes = SignedDuration::from_mins(i64::from(minutes));
    let until = draft.at.checked_add(minutes).ok().filter(|until| is_in_range(*until));
    let until = until.unwrap_or(draft.at);
    draft.hold_points(&quote, until);
    draft.hold_gift_cards(&quote, until);
    let sale = draft.id.clone();
    draft.hold_limits(&quote, &sale, until);
    draft.hold_coupons(&quote, &sale, until);
    draft.push(Effect::SaleOpened(SaleOpened {
        hold_until: Some(until),
        order: None,
        policy: draft.rules.refund.clone(),
        quote,
        sale,
    }));
    let told = Told::default();
    let answer = sale_answer(&draft, SaleStatus::Reserved, Some(until), told, None);
    draft.finish(answer, &place_of!(input.order))
}

pub(super) fn sell(mut draft: Draft<'_>, input: &SellOrder) -> Result<Record, Error> {
    let (mut quote, spent) = price(&mut draft, &input.order, input.expect.as_ref())?;
    draft.enter_paper(&input.order, &mut quote)?;
    let sale = draft.id.clone();
    draft.set_day(input.order.store.as_ref());
    let mut reasons = Vec::new();
    // Points that are earned here may be spent here only where the programme says so: the debit
    // then finds them.
    let earns_first = draft.earns_first();
    if earns_first {
        reasons.extend(draft.credit_points(&quote, &sale));
    }
    for points in &quote.points {
        reasons.extend(draft.debit_points(points, Vec::new()));
    }
    reasons.extend(draft.debit_gift_cards(&quote));
    let zone = draft.zone(input.order.store.as_ref());
    let paper = input.order.paper.as_ref().map(|paper| paper.at);
    let paid_at = input.order.paid_at.or(paper).unwrap_or(draft.at);
    reasons.extend(draft.meet_purchase(&quote, paid_at, zone));
    if !earns_first {
        reasons.extend(draft.credit_points(&quote, &sale));
    }
    reasons.extend(draft.credit_granted(&quote, &sale));
    reasons.extend(draft.load_cards(&quote, &sale, &place_of!(input.order)));
    draft.count_spend(&quote, spent, Moment { at: draft.at, day: draft.day });
    draft.hold_tiers(&quote, zone);
    draft.count_limits(&quote);
    draft.use_coupons(&quote, &sale);
    let coupons = draft.issue_coupons(&quote, &sale);
    draft.push(Effect::SaleOpened(SaleOpened {
        hold_until: None,
        order: None,
        policy: draft.rules.refund.clone(),
        quote,
        sale: sale.clone(),
    }));
    draft.push(Effect::SaleConfirmed(SaleConfirmed { late: false, quote: None, sale }));
    let told = Told { coupons, reasons };
    let answer = sale_answer(&draft, SaleStatus::Confirmed, None, told, None);
    draft.finish(answer, &place_of!(input.order))
}

pub(super) fn confirm(mut draft: Draft<'_>, input: &Confirm) -> Result<Record, Error> {
    let place = place_of!(input);
    let Some((token, sale)) = find_sale(draft.slice, &input.token)? else {
        return await_match(draft, &input.token, "confirm", &place);
    };
    check_reserved(sale)?;
    draft.set_day(reserved_order(sale)?.store.as_ref());
    let taken = Taken { at: draft.at, keeps_hold: false };
    let told = complete(&mut draft, input, sale, taken)?;
    let answer = sale_answer(&draft, SaleStatus::Confirmed, None, told, Some(&token));
    draft.finish(answer, &place)
}

/// When the goods of a reserved sale were handed over.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub at: Timestamp,
    /// Whether the points that were held are spent even if the hold has run out.
    pub keeps_hold: bool,
}

/// Completes a sale. Where it fails, nothing was changed.
pub(super) fn complete(
    draft: &mut Draft<'_>,
    input: &Confirm,
    sale: &SaleState,
    taken: Taken,
) -> Result<Told, Error> {
    let opened = opening(sale)?;
    let order = reserved_order(sale)?;
    let id = sale.id.clone();
    for card in &opened.quote.cards {
        draft.read(&card.card);
    }
    let late = opened.hold_until.is_some_and(|until| until <= taken.at);
    let frees_hold = late && !taken.keeps_hold;
    let (quote, spent) = final_quote(draft, input, sale, opened)?;
    let mut reasons = Vec::new();
    if late {
        reasons.push(Reason::new(ReasonCode::ConfirmLate));
    }
    let earns_first = draft.earns_first();
    if earns_first {
        reasons.extend(draft.credit_points(&quote, &id));
    }
    for points in opened.quote.points.iter().filter(|points| points.spent.units > 0) {
        let held = end_hold(draft, &points.card, &points.points, &id, frees_hold);
        let same = |now: &&crate::answer::PointsQuote| {
            now.card == points.card && now.points == points.points
        };
        if let Some(now) = quote.points.iter().find(same) {
            reasons.extend(draft.debit_points(now, held));
        }
    }
    reasons.extend(draft.capture_gift_cards(&opened.quote, &quote, &id, frees_hold));
    let zone = draft.zone(order.store.as_ref());
    let paid_at = input.paid_at.or(order.paid_at).unwrap_or(taken.at);
    reasons.extend(draft.meet_purchase(&quote, paid_at, zone));
    if !earns_first {
        reasons.extend(draft.credit_points(&quote, &id));
    }
    reasons.extend(draft.credit_granted(&quote, &id));
    reasons.extend(draft.load_cards(&quote, &id, &place_of!(order)));
    let day = zone.to_datetime(taken.at).date();
    draft.count_spend(&quote, spent, Moment { at: taken.at, day });
    draft.hold_tiers(&quote, zone);
    draft.free_limits(&opened.quote, &id);
    draft.count_limits(&quote);
    draft.free_coupons(&opened.quote, &id);
    draft.use_coupons(&quote, &id);
    let coupons = draft.issue_coupons(&quote, &id);
    draft.push(Effect::SaleConfirmed(SaleConfirmed { late, quote: Some(quote), sale: id }));
    Ok(Told { coupons, reasons })
}

/// The receipt as confirmed: what was reserved, with fewer points if so wished, and what it earns
/// for the tenders that were really used.
fn final_quote(
    draft: &mut Draft<'_>,
    input: &Confirm,
    sale: &SaleState,
    opened: &SaleOpened,
) -> Result<(Quote, i64), Error> {
    let order = reserved_order(sale)?;
    let rules = draft.rules;
    let regrouped = opened.order.is_some();
    let mut prepared = match regrouped {
        true => resume::prepare_regrouped(order, rules, &opened.quote),
        false => prepare::prepare(order, rules).map_err(Error::from)?,
    };
    if let Some(tenders) = &input.tenders {
        prepared.tenders_known = true;
        prepared.tenders = prepare_actual_tenders(rules, tenders, prepared.digits)?;
    }
    if input.paid_at.is_some_and(|paid| !is_in_range(paid)) {
        return Err(Error::new(ErrorCode::TimeRange, "/paid_at", OUT_OF_RANGE));
    }
    prepared.paid_at = input.paid_at.or(prepared.paid_at);
    let Amount { units: held, digits } = held_to_pay(&opened.quote);
    let taken = match input.points {
        None => held,
        Some(points) => {
            let units = to_units(points, digits);
            units.map_err(|(code, message)| Error::new(code, "/points", message))?
        }
    };
    if taken < 0 {
        let message = "the points must not be negative";
        return Err(Error::new(ErrorCode::AmountSign, "/points", message));
    }
    if taken > held {
        let message = format!("only {held} of the smallest units of points are held");
        return Err(Error::new(ErrorCode::HoldExceeded, "/points", message));
    }
    let captured = captures(input, &opened.quote)?;
    let cards = resume::reserved_cards(draft.slice, &opened.quote);
    let id = sale.id.clone();
    let mut pricing =
        resume::resume(rules, &prepared, order, draft.slice, &opened.quote, &cards, draft.at);
    pricing.resumed = Some(id);
    pricing.watch = watched_at_reserve(sale);
    let spent_offline = opened.quote.limits.iter().find(|usage| is_offline(usage));
    pricing.offline_period = spent_offline.map(|usage| usage.period.clone());
    pricing.prove_as_of(sale.opened.record.envelope.logical_at);
    if regrouped {
        pricing.regrouped = true;
        pricing.held_limits = &opened.quote.limits;
        pricing.keeps_held_money = taken == held;
    }
    draft
        .trace
        .extend(sale.opened.record.trace.iter().filter(|s| s.stage < Stage::Tender).cloned());
    if taken < held {
        pricing.lessen_points(taken);
        let spent = pricing.spends.iter().filter(|s| s.reward.is_none()).map(|s| s.amount).sum();
        for step in draft.trace.iter_mut().filter(|step| step.stage == Stage::Points) {
            step.amount.units = spent;
            step.outcome = if spent > 0 { Outcome::Applied } else { Outcome::Skipped };
        }
    }
    pricing.loads = opened.quote.loads.clone();
    pricing.earn(&opened.quote.gift_cards, &captured);
    let mut quote = pricing.quote();
    quote.spendable = None;
    if regrouped {
        resume::keep_divided(&mut quote, &opened.quote);
    }
    draft.trace.extend(pricing.trace.take().unwrap_or_default());
    let spent = spent_with(&quote);
    Ok((quote, prepared.money_to_program(spent)))
}

/// What the watch let the sale do when it was reserved: a confirm goes by it, whatever was found
/// since. What was to be spent is held, so that only earning is left to heed.
fn watched_at_reserve(sale: &SaleState) -> Vec<WatchOrder> {
    let watched = sale.opened.record.effects.iter().filter_map(|effect| match effect {
        Effect::Watched(watched) => order_of(watched),
        _ => None,
    });
    watched.collect()
}

/// The points that a reserved receipt holds to pay with: what rewards took is not the guest's to
/// lessen.
fn held_to_pay(quote: &Quote) -> Amount {
    let own = |points: &PointsQuote| {
        let rewards = quote.rewards.iter();
        let rewards = rewards.filter(|one| one.card == points.card && one.points == points.points);
        let taken: i64 = rewards.map(|reward| reward.spent.units).sum();
        Amount { units: points.spent.units - taken, digits: points.spent.digits }
    };
    // Only one kind of points on one card pays.
    quote.points.iter().map(own).find(|amount| amount.units > 0).unwrap_or_default()
}

/// Ends a hold and gives the parts that it still reserves.
pub(super) fn end_hold(
    draft: &mut Draft<'_>,
    card: &str,
    points: &str,
    sale: &str,
    late: bool,
) -> Vec<Part> {
    let account = draft.account(card, points);
    let held = account.map(|account| account.held_parts(sale)).unwrap_or_default();
    draft.push(Effect::HoldEnded(HoldEnded {
        card: card.to_owned(),
        points: points.to_owned(),
        sale: sale.to_owned(),
    }));
    // A hold that has run out reserves nothing: others may have eaten from its lots.
    if late { Vec::new() } else { held }
}

pub(super) fn cancel(mut draft: Draft<'_>, input: &Cancel) -> Result<Record, Error> {
    let place = place_of!(input);
    let Some((token, sale)) = find_sale(draft.slice, &input.token)? else {
        return await_match(draft, &input.token, "cancel", &place);
    };
    check_reserved(sale)?;
    give_up(&mut draft, input, sale)?;
    let answer = sale_answer(&draft, SaleStatus::Cancelled, None, Told::default(), Some(&token));
    draft.finish(answer, &place)
}

/// Gives up a reserved sale.
pub(super) fn give_up(
    draft: &mut Draft<'_>,
    input: &Cancel,
    sale: &SaleState,
) -> Result<(), Error> {
    let opened = opening(sale)?;
    let id = sale.id.clone();
    for points in opened.quote.points.iter().filter(|points| points.spent.units > 0) {
        draft.read(&points.card);
        end_hold(draft, &points.card, &points.points, &id, true);
    }
    draft.free_gift_cards(&opened.quote, &id);
    draft.free_limits(&opened.quote, &id);
    draft.keep_limits(&opened.quote);
    draft.return_coupons(&opened.quote, &id);
    draft.push(Effect::SaleCancelled(SaleEnded { reason: input.reason.clone(), sale: id }));
    Ok(())
}

/// Journals a confirm or cancel whose sale another till has not sent yet.
fn await_match(
    mut draft: Draft<'_>,
    token: &str,
    verb: &str,
    place: &Place<'_>,
) -> Result<Record, Error> {
    check_form(&draft.request.command)?;
    draft.push(Effect::MatchAwaited(MatchAwaited {
        token: token.to_owned(),
        verb: verb.to_owned(),
    }));
    let told = Told::because(vec![Reason::new(ReasonCode::ConfirmAwaits)]);
    let parsed = Token::parse(token)?;
    let answer = sale_answer(&draft, SaleStatus::Awaiting, None, told, Some(&parsed));
    draft.finish(answer, place)
}

/// Nothing of a call that waits for its sale is looked at yet, so that at least its form must be
/// such as a document may have.
fn check_form(command: &Command) -> Result<(), Error> {
    let (_, mut mistakes) = Reader::document::<Command>(&to_node(command));
    let prefix = format!("/{}", command.name());
    for mistake in &mut mistakes {
        if let Some(path) = mistake.path.strip_prefix(&prefix) {
            mistake.path = path.to_owned();
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

pub(super) fn check_reserved(sale: &SaleState) -> Result<(), Error> {
    let (code, message) = match sale.status {
        SaleStatus::Reserved => return Ok(()),
        SaleStatus::Confirmed => {
            (ErrorCode::SaleConfirmed, "the sale is confirmed already; use refund or void")
        }
        SaleStatus::Voided => (ErrorCode::SaleVoided, "the sale was voided"),
        SaleStatus::Regrouped => (
            ErrorCode::SaleRegrouped,
            "the bill was divided or joined; use the tokens of its parts",
        ),
        SaleStatus::Cancelled | SaleStatus::Awaiting => {
            (ErrorCode::SaleCancelled, "the sale was cancelled; sell the order anew")
        }
    };
    Err(Error::new(code, "/token", message))
}

/// The fact that opened a sale.
fn opening(sale: &SaleState) -> Result<&SaleOpened, Error> {
    sale.opening().ok_or_else(broken)
}

/// The order as it was reserved.
fn reserved_order(sale: &SaleState) -> Result<&Order, Error> {
    sale.order().ok_or_else(broken)
}

pub(super) fn broken() -> Error {
    Error::new(ErrorCode::Internal, "/token", "the record of this sale does not hold its order")
}

/// What an answer tells besides the receipt.
#[derive(Default)]
pub(super) struct Told {
    pub coupons: Vec<IssuedCoupon>,
    pub reasons: Vec<Reason>,
}

impl Told {
    pub fn because(reasons: Vec<Reason>) -> Told {
        Told { reasons, ..Told::default() }
    }
}

pub(super) fn sale_answer(
    draft: &Draft<'_>,
    status: SaleStatus,
    hold_until: Option<Timestamp>,
    told: Told,
    token: Option<&Token>,
) -> Answer {
    Answer::Sale(Box::new(SaleAnswer {
        balances: draft.balance_changes(),
        coupons: told.coupons,
        hold_until,
        quote: None,
        reasons: told.reasons,
        record: draft.id.clone(),
        status,
        token: token.map(Token::to_string),
    }))
}
