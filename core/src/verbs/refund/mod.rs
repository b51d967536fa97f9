//! Refund and void: what comes back is read from the sale's record, never computed by rules.

mod lines;
mod loads;
mod points;

use rust_decimal::Decimal;

use super::draft::{Draft, Place, place_of};
use super::find_sale;
use super::gift::{GiftShare, check_open, choose_receiver, divide_refund, give_back_money};
use super::paper::refuse as refuse_paper;
use super::sale::{Told, prepare_order, sale_answer};
use super::watched::Returned;
use crate::amount::{Amount, QUANTITY_DIGITS, to_units};
use crate::answer::{
    Answer, GiftReturn, LineQuote, Quote, RefundAnswer, RefundedLine, RefundedPoints, SaleStatus,
};
use crate::command::{Refund, Void};
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::order::{LineKind, Order};
use crate::pricing::Pricing;
use crate::program::Unlinked;
use crate::reason::{Reason, ReasonCode};
use crate::record::{DisputeState, Effect, LineReturned, Record, RefundMade, SaleEnded, Token};
use crate::slice::SaleState;
use crate::watch::{WatchEvent, WatchKind, WatchMark};
pub(super) use lines::scaled;
use lines::{SoldLine, brings_back_the_last, choose_lines, paid, sold_lines};
use points::{give_back, take_back, uncount, uncount_purchase};
pub(super) use points::{restore_money, take_back_earned};

pub(super) fn refund(draft: Draft<'_>, input: &Refund) -> Result<Record, Error> {
    let place = place_of!(input);
    match (&input.token, &input.order) {
        (Some(token), None) => refund_sale(draft, input, token, &place),
        (None, Some(order)) => {
            refuse_paper(order)?;
            refuse_loads(input, order)?;
            if input.amount.is_some() || !input.lines.is_empty() {
                let message =
                    "`lines` and `amount` go with a token; the order says what comes back";
                return Err(Error::new(ErrorCode::RefundContradiction, "/order", message));
            }
            refund_unlinked(draft, order, &place)
        }
        (Some(_), Some(_)) => {
            let message = "name the sale's token or the goods of an unknown sale, not both";
            Err(Error::new(ErrorCode::RefundContradiction, "/order", message))
        }
        (None, None) => {
            let message = "name the sale's token, or the goods in `order` if it is not known";
            Err(Error::new(ErrorCode::RefundContradiction, "/token", message))
        }
    }
}

/// Without its sale nobody knows what a card was loaded with, or which card had paid.
fn refuse_loads(input: &Refund, order: &Order) -> Result<(), Error> {
    let loads =
        |line: &crate::order::Line| line.kind == LineKind::StoredValue && line.card.is_some();
    if let Some(index) = order.lines.iter().position(loads) {
        let message = "what loaded a card comes back with the token of its sale only";
        let path = format!("/order/lines/{index}/card");
        return Err(Error::new(ErrorCode::RefundContradiction, path, message));
    }
    if input.to_card.is_some() {
        let message = "`to_card` goes with a token";
        return Err(Error::new(ErrorCode::RefundContradiction, "/to_card", message));
    }
    Ok(())
}

fn refund_sale(
    mut draft: Draft<'_>,
    input: &Refund,
    token: &str,
    place: &Place<'_>,
) -> Result<Record, Error> {
    let (token, sale) = confirmed_sale(&draft, token)?;
    let quote = sale.quote().ok_or_else(no_receipt)?;
    let mut lines = sold_lines(quote, sale);
    choose_lines(input, &mut lines, quote)?;
    let mut reasons = Vec::new();
    loads::take_back(&mut draft, sale, &mut lines, input.reason.as_ref(), &mut reasons)?;
    let refunded = lines.iter().map(|line| line.after.money).sum();
    let order = points::policy(sale)?.tenders;
    let mut shares = divide_refund(quote, sale, order, refunded);
    choose_receiver(&mut draft, &mut shares, input)?;
    let points = give_back(&mut draft, sale, quote, &lines, (&token, &shares), &mut reasons)?;
    give_back_money(&mut draft, sale, &shares, &mut reasons);
    undo_rules(&mut draft, sale, quote, &lines, &token)?;
    uncount(&mut draft, sale, &lines)?;
    let came_back = |line: &&SoldLine<'_>| line.before != line.after;
    let money = |units| Amount { units, digits: quote.totals.payable.digits };
    let refunded = |line: &SoldLine<'_>| RefundedLine {
        line: line.quote.id.clone(),
        money: money(line.after.money - line.before.money),
        quantity: shown_quantity(line.after.quantity - line.before.quantity),
    };
    let total: i64 = lines.iter().map(|line| line.after.money - line.before.money).sum();
    let gift_cards: Vec<GiftReturn> = shares.iter().map(GiftShare::told).collect();
    let gift: i64 = gift_cards.iter().map(|gift| gift.amount.units).sum();
    draft.watch_return(
        place,
        sale,
        &Returned {
            kind: WatchKind::Refund,
            amount: money(total),
            points: &points,
            reasons: &reasons,
            to_gift_card: input.to_card.is_some(),
        },
    );
    let answer = Answer::Refund(Box::new(RefundAnswer {
        balances: draft.balance_changes(),
        cash: money(total - gift),
        currency: quote.currency.clone(),
        gift_cards,
        lines: lines.iter().filter(came_back).map(refunded).collect(),
        money: money(total),
        points,
        reasons,
        record: draft.id.clone(),
        token: Some(token.to_string()),
    }));
    draft.finish(answer, place)
}

/// Gives back what limits counted, in proportion, and undoes coupons once everything came back.
fn undo_rules(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    quote: &Quote,
    lines: &[SoldLine<'_>],
    token: &Token,
) -> Result<(), Error> {
    let whole = brings_back_the_last(lines);
    let sum = |of: fn(&SoldLine<'_>) -> i64| -> i64 { lines.iter().map(of).sum() };
    let (before, after) = (sum(|line| line.before.money), sum(|line| line.after.money));
    let paid = sum(|line| line.paid);
    let share = |amount: i64| match whole {
        true => amount - scaled(amount, before, paid),
        false => scaled(amount, after, paid) - scaled(amount, before, paid),
    };
    draft.give_back_limits(quote, |usage| usage.give_back.refund, share, whole);
    if whole {
        let confirmed = sale.completed();
        draft.undo_coupons(confirmed, points::policy(sale)?, &token.sale());
    }
    Ok(())
}

fn shown_quantity(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, u32::from(QUANTITY_DIGITS)).normalize()
}

fn no_receipt() -> Error {
    Error::new(ErrorCode::Internal, "/token", "the record of this sale holds no receipt")
}

fn confirmed_sale<'a>(draft: &Draft<'a>, token: &str) -> Result<(Token, &'a SaleState), Error> {
    let Some((token, sale)) = find_sale(draft.slice, token)? else {
        let message = "the sale is not known here yet; try again when its till has sent it";
        return Err(Error::new(ErrorCode::TokenUnknown, "/token", message));
    };
    confirmed(sale)?;
    if sale.dispute == Some(DisputeState::Open) {
        let message = "the sale is disputed; settle that first";
        return Err(Error::new(ErrorCode::SaleDisputed, "/token", message));
    }
    Ok((token, sale))
}

/// Refuses a sale that is not confirmed.
pub(super) fn confirmed(sale: &SaleState) -> Result<(), Error> {
    let (code, message) = match sale.status {
        SaleStatus::Confirmed => return Ok(()),
        SaleStatus::Reserved | SaleStatus::Awaiting => {
            (ErrorCode::SaleNotConfirmed, "the sale is not confirmed yet; cancel it instead")
        }
        SaleStatus::Cancelled => (ErrorCode::SaleCancelled, "the sale was cancelled"),
        SaleStatus::Regrouped => (
            ErrorCode::SaleRegrouped,
            "the bill was divided or joined; use the tokens of its parts",
        ),
        SaleStatus::Voided => (ErrorCode::SaleVoided, "the sale was voided as a whole"),
    };
    Err(Error::new(code, "/token", message))
}

pub(super) fn void(mut draft: Draft<'_>, input: &Void) -> Result<Record, Error> {
    let (token, sale) = confirmed_sale(&draft, &input.token)?;
    if sale.refunded {
        let message = "a part of the sale came back already; refund the rest instead";
        return Err(Error::new(ErrorCode::SaleRefunded, "/token", message));
    }
    let quote = sale.quote().ok_or_else(no_receipt)?;
    let mut lines = sold_lines(quote, sale);
    for line in &mut lines {
        line.take_quantity(line.quantity);
    }
    let mut reasons = Vec::new();
    loads::undo(&mut draft, sale, &lines, input.reason.as_ref())?;
    let order = points::policy(sale)?.tenders;
    let shares = divide_refund(quote, sale, order, quote.totals.payable.units);
    check_open(&draft, &shares, "/token")?;
    let points = give_back(&mut draft, sale, quote, &lines, (&token, &shares), &mut reasons)?;
    give_back_money(&mut draft, sale, &shares, &mut reasons);
    uncount_purchase(&mut draft, sale);
    let id = token.sale();
    draft.give_back_limits(quote, |usage| usage.give_back.void, |amount| amount, true);
    let confirmed = sale.completed();
    draft.undo_coupons(confirmed, points::policy(sale)?, &id);
    draft.push(Effect::SaleVoided(SaleEnded { reason: input.reason.clone(), sale: id }));
    let place = place_of!(input);
    draft.watch_return(
        &place,
        sale,
        &Returned {
            kind: WatchKind::Void,
            amount: quote.totals.payable,
            points: &points,
            reasons: &reasons,
            to_gift_card: false,
        },
    );
    let told = Told::because(reasons);
    let answer = sale_answer(&draft, SaleStatus::Voided, None, told, Some(&token));
    draft.finish(answer, &place)
}

/// Goods that come back without their sale.
fn refund_unlinked(
    mut draft: Draft<'_>,
    order: &Order,
    place: &Place<'_>,
) -> Result<Record, Error> {
    let prepared = prepare_order(order, draft.rules, draft.slice)?;
    for card in &order.cards {
        draft.read(draft.slice.resolve(normalise(&card.number)));
    }
    // Its record keeps nothing of what the guest's facts come to, so that they do not count.
    let order = &Order { guest: None, ..order.clone() };
    let pricing = Pricing::new(draft.rules, &prepared, order, draft.slice, draft.at, false);
    let mut pricing = pricing.run_without_spending();
    let quote = pricing.quote();
    let mut reasons = Vec::new();
    let mut points = Vec::new();
    match draft.rules.refund.unlinked {
        Unlinked::NoPoints => reasons.push(Reason::new(ReasonCode::RefundUnlinked)),
        Unlinked::ClawBack => {
            let policy = draft.rules.refund.clawback;
            for entry in &quote.points {
                let earned = (entry.earned.units, entry.earned.digits);
                let (card, id) = (&entry.card, &entry.points);
                let posted = take_back(&mut draft, card, id, earned, &[], policy, &mut reasons);
                points.push(RefundedPoints {
                    card: entry.card.clone(),
                    clawed_back: Amount { units: posted, digits: entry.earned.digits },
                    points: entry.points.clone(),
                    restored: entry.spent,
                });
            }
        }
    }
    let money = |units| Amount { units, digits: quote.totals.payable.digits };
    let paid: Vec<(&LineQuote, i64)> = quote.lines.iter().zip(paid(&quote)).collect();
    let returned = |(line, paid): &(&LineQuote, i64)| LineReturned {
        by_amount: money(0),
        line: line.id.clone(),
        money: money(*paid),
        quantity: to_units(line.quantity, QUANTITY_DIGITS).unwrap_or(0),
    };
    let card = quote.cards.first().map(|card| card.card.clone());
    draft.show_watch(place, |base| WatchEvent {
        amount: quote.totals.payable,
        card,
        kind: WatchKind::Refund,
        marks: base.marks.iter().copied().chain([WatchMark::NoSale]).collect(),
        ..base.clone()
    });
    draft.push(Effect::RefundMade(RefundMade {
        lines: paid.iter().map(returned).collect(),
        points: Vec::new(),
        sale: None,
        tenders: Vec::new(),
    }));
    let refunded = |(line, paid): &(&LineQuote, i64)| RefundedLine {
        line: line.id.clone(),
        money: money(*paid),
        quantity: line.quantity,
    };
    let answer = Answer::Refund(Box::new(RefundAnswer {
        balances: draft.balance_changes(),
        cash: quote.totals.payable,
        currency: quote.currency.clone(),
        gift_cards: Vec::new(),
        lines: paid.iter().map(refunded).collect(),
        money: quote.totals.payable,
        points,
        reasons,
        record: draft.id.clone(),
        token: None,
    }));
    draft.finish(answer, place)
}
