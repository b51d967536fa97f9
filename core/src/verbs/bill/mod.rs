//! Bills divided, joined and moved between reserve and confirm.

mod choose;
mod join;
mod lines;
mod order;
mod receipt;
mod shares;
mod taxes;

use std::collections::HashSet;

use super::draft::{Draft, Place, place_of};
use super::find_sale;
use super::sale::{broken, check_reserved};
use crate::account::Part as HeldPart;
use crate::amount::Amount;
use crate::answer::{Answer, BillAnswer, BillView, Quote, SaleStatus};
use crate::command::{BillAction, ChangeBill, JoinBills, MoveBill, SplitBill};
use crate::error::{Error, ErrorCode};
use crate::order::Order;
use crate::pricing::tender::lines_of_gift_cards;
use crate::record::{
    BillMoved, Effect, HoldEnded, HoldPlaced, LotPart, Record, SaleOpened, SaleRegrouped,
};
use crate::slice::SaleState;
use receipt::Part;
use taxes::Tax;

pub(super) fn bill(draft: Draft<'_>, input: &ChangeBill) -> Result<Record, Error> {
    let place = place_of!(input);
    let bill = reserved(&draft, &input.token)?;
    match &input.action {
        BillAction::Join(join) => join_bills(draft, bill, join, &place),
        BillAction::Move(move_to) => move_bill(draft, bill, move_to, input, &place),
        BillAction::Split(split) => split_bill(draft, bill, split, &place),
    }
}

/// The texts of an action, whose length is bounded like that of all others.
pub(super) fn texts(action: &BillAction) -> Vec<&String> {
    match action {
        BillAction::Join(join) => join.tokens.iter().collect(),
        BillAction::Move(place) => place.table.iter().chain(&place.till).collect(),
        BillAction::Split(split) => {
            split.parts.iter().flat_map(|part| &part.lines).map(|line| &line.line).collect()
        }
    }
}

/// A reserved sale as its fact and its order.
#[derive(Clone, Copy)]
struct Bill<'a> {
    sale: &'a SaleState,
    opened: &'a SaleOpened,
    order: &'a Order,
}

/// The reserved sale that a token names.
fn reserved<'a>(draft: &Draft<'a>, token: &str) -> Result<Bill<'a>, Error> {
    let Some((_, sale)) = find_sale(draft.slice, token)? else {
        let message = "the sale is not known here yet; try again when its till has sent it";
        return Err(Error::new(ErrorCode::TokenUnknown, "/token", message));
    };
    check_reserved(sale)?;
    let opened = sale.opening().ok_or_else(broken)?;
    let order = sale.order().ok_or_else(broken)?;
    Ok(Bill { sale, opened, order })
}

/// The same mistake about another bill than the first.
fn named(error: &Error, path: String) -> Error {
    let message = error.mistakes().first().map_or("", |mistake| mistake.message.as_str());
    Error::new(error.code(), path, message)
}

fn contradiction(path: impl Into<String>, message: &str) -> Error {
    Error::new(ErrorCode::BillContradiction, path, message)
}

fn move_bill(
    mut draft: Draft<'_>,
    bill: Bill<'_>,
    input: &MoveBill,
    command: &ChangeBill,
    place: &Place<'_>,
) -> Result<Record, Error> {
    if input.table.is_none() && input.till.is_none() {
        return Err(contradiction(
            "/action/move",
            "say where the bill is: a table, a till or both",
        ));
    }
    let (table, till) = (input.table.clone(), input.till.clone());
    let view = BillView {
        hold_until: bill.opened.hold_until,
        quote: Some(bill.opened.quote.clone()),
        status: SaleStatus::Reserved,
        table: table.clone().or_else(|| bill.sale.table.clone()),
        till: till.clone().or_else(|| bill.sale.till.clone()),
        token: Some(command.token.clone()),
    };
    draft.push(Effect::BillMoved(BillMoved { sale: bill.sale.id.clone(), table, till }));
    finish(draft, vec![view], place)
}

fn split_bill(
    draft: Draft<'_>,
    bill: Bill<'_>,
    split: &SplitBill,
    place: &Place<'_>,
) -> Result<Record, Error> {
    let Bill { opened, order, .. } = bill;
    let quote = &opened.quote;
    let taken = choose::choose(split, quote, order)?;
    let mut orders = order::divide_order(order, quote, &taken);
    let mut parts: Vec<Part> =
        orders.iter().map(|order| Part { order: order.clone(), lines: Vec::new() }).collect();
    for (line, quantities) in quote.lines.iter().zip(&taken) {
        let source = order.lines.iter().find(|source| source.id == line.id).ok_or_else(broken)?;
        let shares = lines::divide_line(line, source, quantities, draft.rules.units);
        for (part, share) in parts.iter_mut().zip(shares) {
            part.lines.extend(share);
        }
    }
    let payers = lines_of_gift_cards(draft.rules, draft.slice, order, quote, draft.at);
    let quotes = receipt::divide_receipt(draft.rules, quote, order, &payers, parts);
    for (number, quote) in quotes.iter().enumerate() {
        if quote.totals.amount.units < 0 || quote.totals.payable.units < 0 {
            let last = number + 1 == quotes.len();
            let own = format!("/action/split/parts/{number}");
            let path = if last { "/action/split/parts".to_owned() } else { own };
            return Err(contradiction(path, "a part must not come to less than nothing"));
        }
    }
    order::divide_payments(draft.slice, order, &quotes, &mut orders);
    let opened = quotes.into_iter().zip(orders).enumerate();
    let sales = opened.map(|(number, (quote, order))| SaleOpened {
        order: Some(order),
        quote,
        sale: format!("{}/{}", draft.id, number + 1),
        ..bill.opened.clone()
    });
    let sales = sales.collect();
    regroup(draft, &[bill], sales, place)
}

fn join_bills(
    draft: Draft<'_>,
    bill: Bill<'_>,
    join: &JoinBills,
    place: &Place<'_>,
) -> Result<Record, Error> {
    if join.tokens.is_empty() {
        return Err(contradiction("/action/join/tokens", "name the bills that are added"));
    }
    let mut bills = vec![bill];
    for (index, token) in join.tokens.iter().enumerate() {
        let path = || format!("/action/join/tokens/{index}");
        let more = reserved(&draft, token).map_err(|error| named(&error, path()))?;
        if bills.iter().any(|known| known.sale.id == more.sale.id) {
            return Err(contradiction(path(), "a bill cannot be added to itself, nor twice"));
        }
        if !fit(bill, more) {
            let message = "bills are joined that have the same cards, currency and programme";
            return Err(Error::new(ErrorCode::BillMismatch, path(), message));
        }
        if bills.iter().any(|known| join::contradicts(known.order, more.order)) {
            let message = "a line stands in another bill with the same id and another price";
            return Err(contradiction(path(), message));
        }
        bills.push(more);
    }
    let mut order = bill.order.clone();
    let mut quote = bill.opened.quote.clone();
    let mut taxes: Vec<Tax<'_>> = Vec::new();
    let mut until = bill.opened.hold_until;
    for (number, more) in bills.iter().enumerate() {
        taxes.extend(taxes::taxes_of(more.order, &more.opened.quote));
        until = until.min(more.opened.hold_until);
        if number > 0 {
            order::join_orders(&mut order, more.order);
            join::add_receipt(&mut quote, &more.opened.quote, &order, draft.rules.units);
        }
    }
    join::finish(&mut quote, &order, &taxes);
    let sale = SaleOpened {
        hold_until: until,
        order: Some(order),
        quote,
        sale: draft.id.clone(),
        ..bill.opened.clone()
    };
    regroup(draft, &bills, vec![sale], place)
}

/// Whether two bills can be one sale.
fn fit(bill: Bill<'_>, more: Bill<'_>) -> bool {
    let cards = |bill: Bill<'_>| -> HashSet<String> {
        let numbers = bill.order.cards.iter();
        numbers.map(|card| crate::number::normalise(&card.number).to_owned()).collect()
    };
    let (own, other) = (&bill.opened.quote, &more.opened.quote);
    own.currency == other.currency
        && bill.order.rate == more.order.rate
        && bill.sale.opened.record.envelope.program == more.sale.opened.record.envelope.program
        && cards(bill) == cards(more)
}

/// What a sale holds: the card, the points or the currency, and how much.
fn held(quote: &Quote) -> Vec<(&str, &str, Amount)> {
    let points = quote.points.iter().filter(|entry| entry.spent.units > 0);
    let points = points.map(|entry| (entry.card.as_str(), entry.points.as_str(), entry.spent));
    let gifts = quote.gift_cards.iter();
    let gifts = gifts.map(|paid| (paid.card.as_str(), quote.currency.as_str(), paid.amount));
    points.chain(gifts).collect()
}

/// Ends sales and opens those that hold their lines from here on, with all that they held.
fn regroup(
    mut draft: Draft<'_>,
    bills: &[Bill<'_>],
    sales: Vec<SaleOpened>,
    place: &Place<'_>,
) -> Result<Record, Error> {
    let mut pools: Vec<(String, String, Vec<HeldPart>)> = Vec::new();
    for bill in bills {
        free(&mut draft, bill, &mut pools);
        // What was decided stands, so that its steps explain the parts as well.
        draft.trace.extend(bill.sale.opened.record.trace.iter().cloned());
    }
    let (table, till) = bills
        .first()
        .map_or((None, None), |bill| (bill.sale.table.clone(), bill.sale.till.clone()));
    let mut views = Vec::new();
    let into: Vec<String> = sales.iter().map(|sale| sale.sale.clone()).collect();
    for opened in sales {
        hold(&mut draft, &opened, &mut pools);
        let sale = opened.sale.clone();
        views.push(BillView {
            hold_until: opened.hold_until,
            quote: None,
            status: SaleStatus::Reserved,
            table: table.clone(),
            till: till.clone(),
            token: None,
        });
        draft.push(Effect::SaleOpened(opened));
        if table.is_some() || till.is_some() {
            let (table, till) = (table.clone(), till.clone());
            draft.push(Effect::BillMoved(BillMoved { sale, table, till }));
        }
    }
    for bill in bills {
        let (into, sale) = (into.clone(), bill.sale.id.clone());
        draft.push(Effect::SaleRegrouped(SaleRegrouped { into, sale }));
    }
    finish(draft, views, place)
}

/// Frees what a sale holds, and adds it to what the new ones hold.
fn free(draft: &mut Draft<'_>, bill: &Bill<'_>, pools: &mut Vec<(String, String, Vec<HeldPart>)>) {
    let (quote, id) = (&bill.opened.quote, &bill.sale.id);
    for (card, points, _) in held(quote) {
        draft.read(card);
        let account = draft.account(card, points);
        let parts = account.map(|account| account.held_parts(id)).unwrap_or_default();
        draft.push(Effect::HoldEnded(HoldEnded {
            card: card.to_owned(),
            points: points.to_owned(),
            sale: id.clone(),
        }));
        match pools.iter_mut().find(|pool| pool.0 == card && pool.1 == points) {
            Some(pool) => pool.2.extend(parts),
            None => pools.push((card.to_owned(), points.to_owned(), parts)),
        }
    }
    draft.free_limits(quote, id);
    draft.free_coupons(quote, id);
}

/// Holds for a sale what it needs of what was freed.
fn hold(draft: &mut Draft<'_>, opened: &SaleOpened, pools: &mut [(String, String, Vec<HeldPart>)]) {
    let until = opened.hold_until.unwrap_or(draft.at);
    for (card, points, amount) in held(&opened.quote) {
        let pool = pools.iter_mut().find(|pool| pool.0 == card && pool.1 == points);
        let mut left = amount.units;
        let mut parts: Vec<LotPart> = Vec::new();
        for part in pool.into_iter().flat_map(|pool| &mut pool.2) {
            let units = part.amount.min(left);
            if units <= 0 {
                continue;
            }
            (part.amount, left) = (part.amount - units, left - units);
            match parts.iter_mut().find(|own| own.lot == part.lot.id) {
                Some(own) => own.amount.units += units,
                None => parts.push(LotPart {
                    amount: Amount { units, digits: amount.digits },
                    lot: part.lot.id.clone(),
                }),
            }
        }
        draft.push(Effect::HoldPlaced(HoldPlaced {
            card: card.to_owned(),
            parts,
            points: points.to_owned(),
            sale: opened.sale.clone(),
            until,
        }));
    }
    draft.hold_limits(&opened.quote, &opened.sale, until);
    draft.hold_coupons(&opened.quote, &opened.sale, until);
}

fn finish(draft: Draft<'_>, bills: Vec<BillView>, place: &Place<'_>) -> Result<Record, Error> {
    let record = draft.id.clone();
    draft.finish(Answer::Bill(Box::new(BillAnswer { bills, record })), place)
}
