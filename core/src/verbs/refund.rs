//! Refund and void: what comes back is read from the sale's record, never computed by rules.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::draft::{Draft, Place};
use super::find_sale;
use super::sale::{prepare_order, sale_answer};
use crate::account::TakeBack;
use crate::allocation::{AllocationPolicy, Part, allocate};
use crate::amount::{Amount, QUANTITY_DIGITS, to_units};
use crate::answer::{
    Answer, LineQuote, PointsAmount, PointsQuote, Quote, RefundAnswer, RefundedLine,
    RefundedPoints, SaleStatus,
};
use crate::command::{Refund, Void};
use crate::error::{Error, ErrorCode, Mistake};
use crate::order::Order;
use crate::pricing::Pricing;
use crate::program::{Clawback, Expired, RefundPolicy, Unlinked};
use crate::reason::{Reason, ReasonCode};
use crate::record::{
    Effect, LineReturned, Lot, LotMove, PointsReturned, Record, RefundMade, SaleEnded,
    SpendCounted, Token,
};
use crate::slice::{LineProgress, SaleState};
use crate::subline::{SubLine, prefix_sum};

/// A sold line as a refund sees it.
struct SoldLine<'a> {
    quote: &'a LineQuote,
    /// Thousandths sold.
    quantity: i64,
    /// The money that was paid for it in the end.
    paid: i64,
    before: LineProgress,
    after: LineProgress,
}

impl SoldLine<'_> {
    /// The money that the first so many thousandths cost.
    fn cost(&self, quantity: i64) -> i64 {
        if quantity >= self.quantity {
            return self.paid;
        }
        let part = |part: &crate::answer::SubLineQuote| SubLine {
            quantity: to_units(part.quantity, QUANTITY_DIGITS).unwrap_or(0),
            unit_price: part.price.units,
            sum: part.sum.units,
        };
        let parts: Vec<SubLine> = self.quote.sub_lines.iter().map(part).collect();
        let due = self.quote.due.units;
        let begun = prefix_sum(&parts, quantity);
        if due == self.paid || due <= 0 {
            return begun.min(self.paid);
        }
        scaled(self.paid, begun, due)
    }

    fn take_quantity(&mut self, quantity: i64) {
        self.after.quantity += quantity;
        self.after.money = self.cost(self.after.quantity).max(self.before.money);
    }

    fn take_money(&mut self, money: i64) {
        self.after.money += money;
        self.after.by_amount += money;
    }

    /// How much of `points` on this line has moved when so much of it has come back.
    fn moved(&self, points: i64, progress: &LineProgress) -> i64 {
        let by_quantity = scaled(points, progress.quantity, self.quantity);
        if progress.by_amount == 0 {
            return by_quantity;
        }
        by_quantity.max(scaled(points, progress.money, self.paid)).min(points)
    }
}

/// `whole × part / of`, rounded down; nothing of nothing.
fn scaled(whole: i64, part: i64, of: i64) -> i64 {
    if of <= 0 {
        return 0;
    }
    let product = i128::from(whole) * i128::from(part);
    crate::rounding::divide_to_amount(product, i128::from(of), crate::Rounding::Floor)
}

/// The sold lines. An adjustment below zero lowered what was paid for the others, so that its
/// money comes back with them.
fn sold_lines<'a>(quote: &'a Quote, sale: &SaleState) -> Vec<SoldLine<'a>> {
    let own = |line: &LineQuote| line.gross.units - line.counter_provision.units;
    let lowered: i64 = quote.lines.iter().map(|line| -own(line).min(0)).sum();
    let part = |line: &LineQuote| Part {
        weight: own(line).max(0),
        quantity: 1,
        capacity: own(line).max(0),
        eligible: own(line) > 0,
    };
    let parts: Vec<Part> = quote.lines.iter().map(part).collect();
    let shares = allocate(lowered, &parts, &AllocationPolicy::default()).shares;
    let lines = quote.lines.iter().zip(shares).zip(&sale.lines);
    lines
        .map(|((quote, share), before)| SoldLine {
            quote,
            quantity: to_units(quote.quantity, QUANTITY_DIGITS).unwrap_or(0),
            paid: own(quote).max(0) - share,
            before: *before,
            after: *before,
        })
        .collect()
}

pub(super) fn refund(draft: Draft<'_>, input: &Refund) -> Result<Record, Error> {
    let place = Place {
        cashier: input.cashier.as_ref(),
        shift: input.shift.as_ref(),
        store: input.store.as_ref(),
        till: input.till.as_ref(),
    };
    match (&input.token, &input.order) {
        (Some(token), None) => refund_sale(draft, input, token, &place),
        (None, Some(order)) => {
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
    let points = give_back(&mut draft, sale, quote, &lines, &token, &mut reasons)?;
    let came_back = |line: &&SoldLine<'_>| line.before != line.after;
    let money = |units| Amount { units, digits: quote.totals.payable.digits };
    let refunded = |line: &SoldLine<'_>| RefundedLine {
        line: line.quote.id.clone(),
        money: money(line.after.money - line.before.money),
        quantity: shown_quantity(line.after.quantity - line.before.quantity),
    };
    let total: i64 = lines.iter().map(|line| line.after.money - line.before.money).sum();
    let answer = Answer::Refund(Box::new(RefundAnswer {
        balances: draft.balance_changes(),
        currency: quote.currency.clone(),
        lines: lines.iter().filter(came_back).map(refunded).collect(),
        money: money(total),
        points,
        reasons,
        record: draft.id.clone(),
        token: Some(token.to_string()),
    }));
    draft.finish(answer, place)
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
    let (code, message) = match sale.status {
        SaleStatus::Confirmed => return Ok((token, sale)),
        SaleStatus::Reserved | SaleStatus::Awaiting => {
            (ErrorCode::SaleNotConfirmed, "the sale is not confirmed yet; cancel it instead")
        }
        SaleStatus::Cancelled => (ErrorCode::SaleCancelled, "the sale was cancelled"),
        SaleStatus::Voided => (ErrorCode::SaleVoided, "the sale was voided as a whole"),
    };
    Err(Error::new(code, "/token", message))
}

/// Marks what comes back of each line.
fn choose_lines(input: &Refund, lines: &mut [SoldLine<'_>], quote: &Quote) -> Result<(), Error> {
    if let Some(amount) = input.amount {
        if !input.lines.is_empty() {
            let message = "refund either lines or an amount in one call";
            return Err(Error::new(ErrorCode::RefundContradiction, "/amount", message));
        }
        return choose_amount(amount, lines, quote.totals.payable.digits);
    }
    if input.lines.is_empty() {
        for line in lines.iter_mut() {
            line.take_quantity(line.quantity - line.before.quantity);
        }
        if lines.iter().all(|line| line.before == line.after) {
            let message = "everything of this sale came back already";
            return Err(Error::new(ErrorCode::RefundExceeds, "/token", message));
        }
        return Ok(());
    }
    let places: HashMap<&str, usize> =
        lines.iter().enumerate().map(|(place, line)| (line.quote.id.as_str(), place)).collect();
    let mut mistakes = Vec::new();
    for (index, wished) in input.lines.iter().enumerate() {
        let line = places.get(wished.line.as_str()).and_then(|place| lines.get_mut(*place));
        let chosen = match line {
            Some(line) => choose_line(line, wished.quantity, index),
            None => {
                let message = format!("the sale has no line `{}`", wished.line);
                let path = format!("/lines/{index}/line");
                Err(Mistake::new(ErrorCode::OrderLineUnknown, path, message))
            }
        };
        mistakes.extend(chosen.err());
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

fn choose_line(
    line: &mut SoldLine<'_>,
    quantity: Option<Decimal>,
    index: usize,
) -> Result<(), Mistake> {
    let left = line.quantity - line.after.quantity;
    let path = || format!("/lines/{index}/quantity");
    let wished = match quantity {
        None => left,
        Some(quantity) if quantity <= Decimal::ZERO => {
            let message = "the quantity must be above zero";
            return Err(Mistake::new(ErrorCode::OrderQuantity, path(), message));
        }
        Some(quantity) => to_units(quantity, QUANTITY_DIGITS)
            .map_err(|(code, message)| Mistake::new(code, path(), message))?,
    };
    if line.after != line.before {
        let message = format!("the line `{}` is named twice", line.quote.id);
        let path = format!("/lines/{index}/line");
        return Err(Mistake::new(ErrorCode::RefundContradiction, path, message));
    }
    if wished > left || left == 0 {
        let message = format!("only {} of the line is left", shown_quantity(left));
        return Err(Mistake::new(ErrorCode::RefundExceeds, path(), message));
    }
    line.take_quantity(wished);
    Ok(())
}

fn choose_amount(amount: Decimal, lines: &mut [SoldLine<'_>], digits: u8) -> Result<(), Error> {
    if amount <= Decimal::ZERO {
        let message = "the amount must be above zero";
        return Err(Error::new(ErrorCode::RefundEmpty, "/amount", message));
    }
    let units = to_units(amount, digits);
    let units = units.map_err(|(code, message)| Error::new(code, "/amount", message))?;
    let left = |line: &SoldLine<'_>| (line.paid - line.before.money).max(0);
    let total: i64 = lines.iter().map(left).sum();
    if units > total {
        let message = format!("only {} is left of this sale", Amount { units: total, digits });
        return Err(Error::new(ErrorCode::RefundExceeds, "/amount", message));
    }
    let part = |line: &SoldLine<'_>| Part {
        weight: left(line),
        quantity: 1,
        capacity: left(line),
        eligible: left(line) > 0,
    };
    let parts: Vec<Part> = lines.iter().map(part).collect();
    let shares = allocate(units, &parts, &AllocationPolicy::default()).shares;
    for (line, share) in lines.iter_mut().zip(shares) {
        line.take_money(share);
    }
    Ok(())
}

/// Moves the points of what comes back, and notes it all as facts.
fn give_back(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    quote: &Quote,
    lines: &[SoldLine<'_>],
    token: &Token,
    reasons: &mut Vec<Reason>,
) -> Result<Vec<RefundedPoints>, Error> {
    for card in &quote.cards {
        draft.read(&card.card);
    }
    let policy = policy(sale)?;
    let mut moved = Vec::new();
    for (entry, (restored_before, taken_before)) in quote.points.iter().zip(&sale.points) {
        let of_line = |list: &[PointsAmount]| {
            list.iter().find(|one| one.points == entry.points).map_or(0, |one| one.amount.units)
        };
        let sum = |list: fn(&LineQuote) -> &Vec<PointsAmount>| -> i64 {
            lines.iter().map(|line| line.moved(of_line(list(line.quote)), &line.after)).sum()
        };
        let restored = sum(|line| &line.spent) * i64::from(entry.spent.units > 0) - restored_before;
        let taken = sum(|line| &line.earned) * i64::from(entry.earned.units > 0) - taken_before;
        restore(draft, sale, entry, (*restored_before, restored), policy, reasons);
        let posted = claw_back(draft, sale, entry, taken, policy.clawback, reasons);
        moved.push(Moved { entry, restored, taken, posted });
    }
    count_back(draft, sale, lines);
    let money = |units| Amount { units, digits: quote.totals.payable.digits };
    let returned = |line: &SoldLine<'_>| LineReturned {
        by_amount: money(line.after.by_amount - line.before.by_amount),
        line: line.quote.id.clone(),
        money: money(line.after.money - line.before.money),
        quantity: line.after.quantity - line.before.quantity,
    };
    let came_back = |line: &&SoldLine<'_>| line.before != line.after;
    let points = |moved: &Moved<'_>| PointsReturned {
        card: moved.entry.card.clone(),
        clawed_back: Amount { units: moved.taken, digits: moved.entry.earned.digits },
        points: moved.entry.points.clone(),
        restored: Amount { units: moved.restored, digits: moved.entry.spent.digits },
    };
    draft.push(Effect::RefundMade(RefundMade {
        lines: lines.iter().filter(came_back).map(returned).collect(),
        points: moved.iter().map(points).collect(),
        sale: Some(token.record.to_string()),
    }));
    let told = |moved: &Moved<'_>| RefundedPoints {
        card: moved.entry.card.clone(),
        clawed_back: Amount { units: moved.posted, digits: moved.entry.earned.digits },
        points: moved.entry.points.clone(),
        restored: Amount { units: moved.restored, digits: moved.entry.spent.digits },
    };
    Ok(moved.iter().filter(|moved| moved.restored + moved.posted > 0).map(told).collect())
}

/// What moves of one entry of a receipt's points.
struct Moved<'a> {
    entry: &'a PointsQuote,
    restored: i64,
    /// Earned points that are due to be taken back.
    taken: i64,
    /// Those of them that were taken back or are owed; the rest is forgiven.
    posted: i64,
}

/// The refund policy that the sale copied.
fn policy(sale: &SaleState) -> Result<&RefundPolicy, Error> {
    let policy = sale.opened.record.effects.iter().find_map(|effect| match effect {
        Effect::SaleOpened(opened) => Some(&opened.policy),
        _ => None,
    });
    policy.ok_or_else(no_receipt)
}

/// Gives spent points back to the lots they came from, the one eaten last first.
fn restore(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    entry: &PointsQuote,
    (before, now): (i64, i64),
    policy: &RefundPolicy,
    reasons: &mut Vec<Reason>,
) {
    if now <= 0 {
        return;
    }
    let (card, points) = (&entry.card, &entry.points);
    let amount = |units| Amount { units, digits: entry.spent.digits };
    let (mut skip, mut left) = (before, now);
    let eaten = eaten_lots(sale, card, points);
    let owed = entry.spent.units - eaten.iter().map(|(_, units)| units).sum::<i64>();
    draft.post(card, points, amount(now), "spent");
    // What was owed came last, so that it is forgiven first.
    let forgiven = (owed - skip).clamp(0, left);
    skip = (skip - owed).max(0);
    left -= forgiven;
    if forgiven > 0 {
        forgive(draft, entry, forgiven);
    }
    for (lot, units) in eaten.into_iter().rev() {
        let skipped = skip.min(units);
        skip -= skipped;
        let back = (units - skipped).min(left);
        if back == 0 {
            continue;
        }
        left -= back;
        let expired = lot.expires_at.is_some_and(|end| end <= draft.at);
        let lot = match policy.expired {
            Expired::Renewed if expired => {
                Lot { expires_at: None, id: draft.new_lot_id(), ..lot.clone() }
            }
            Expired::Renewed | Expired::Lost => lot.clone(),
        };
        if expired && policy.expired == Expired::Lost {
            let reason = Reason::new(ReasonCode::RefundExpired).with("card", card);
            reasons.push(reason.with("expired", amount(back)));
        }
        draft.move_lot(card, points, lot, amount(back), LotMove::Restored);
    }
}

/// Takes back a debt that a sale made; where it was paid meanwhile, the points come back instead.
fn forgive(draft: &mut Draft<'_>, entry: &PointsQuote, units: i64) {
    let (card, points) = (&entry.card, &entry.points);
    let amount = |units| Amount { units, digits: entry.spent.digits };
    let debt = draft.account(card, points).map_or(0, |account| account.debt);
    let unpaid = debt.clamp(0, units);
    if unpaid > 0 {
        draft.move_debt(card, points, amount(-unpaid));
    }
    if units > unpaid {
        let id = draft.new_lot_id();
        let lot = Lot { earned_at: draft.at, expires_at: None, id, opens_at: None };
        draft.move_lot(card, points, lot, amount(units - unpaid), LotMove::Restored);
    }
}

/// The lots that a sale ate, in the order of eating.
fn eaten_lots<'a>(sale: &'a SaleState, card: &str, points: &str) -> Vec<(&'a Lot, i64)> {
    let entry = sale.confirmed.as_ref().unwrap_or(&sale.opened);
    let eaten = entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::LotMoved(moved)
            if moved.why == LotMove::Spent && moved.card == card && moved.points == points =>
        {
            Some((&moved.lot, -moved.amount.units))
        }
        _ => None,
    });
    eaten.collect()
}

/// Takes earned points back: from the sale's own lots first, then as far as the policy goes.
/// Gives what was taken back or is owed.
fn claw_back(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    entry: &PointsQuote,
    units: i64,
    policy: Clawback,
    reasons: &mut Vec<Reason>,
) -> i64 {
    let confirmed = sale.confirmed.as_ref().unwrap_or(&sale.opened);
    let own = confirmed.record.effects.iter().filter_map(|effect| match effect {
        Effect::LotOpened(opened) if opened.card == entry.card => Some(opened.lot.id.as_str()),
        _ => None,
    });
    let own: Vec<&str> = own.collect();
    let earned = (units, entry.earned.digits);
    take_back(draft, &entry.card, &entry.points, earned, &own, policy, reasons)
}

fn take_back(
    draft: &mut Draft<'_>,
    card: &str,
    points: &str,
    (units, digits): (i64, u8),
    own: &[&str],
    policy: Clawback,
    reasons: &mut Vec<Reason>,
) -> i64 {
    if units <= 0 {
        return 0;
    }
    let amount = |units| Amount { units, digits };
    let scope = match policy {
        Clawback::Pending => TakeBack::OwnPending,
        Clawback::Debt | Clawback::Balance => TakeBack::Anything,
    };
    let account = draft.account(card, points);
    let parts = account.map(|account| account.take_back(units, draft.at, own, scope));
    let mut left = units;
    for part in parts.unwrap_or_default() {
        left -= part.amount;
        draft.move_lot(card, points, part.lot, amount(-part.amount), LotMove::ClawedBack);
    }
    let posted = if policy == Clawback::Debt { units } else { units - left };
    if posted > 0 {
        draft.post(card, points, amount(-posted), "clawed_back");
    }
    if left == 0 {
        return posted;
    }
    let code = match policy {
        Clawback::Debt => ReasonCode::RefundDebt,
        Clawback::Balance | Clawback::Pending => ReasonCode::RefundForgiven,
    };
    if policy == Clawback::Debt {
        draft.move_debt(card, points, amount(left));
    }
    reasons.push(Reason::new(code).with("card", card).with("missing", amount(left)));
    posted
}

/// Lowers what was spent with the cards, in proportion to the money that came back in all.
fn count_back(draft: &mut Draft<'_>, sale: &SaleState, lines: &[SoldLine<'_>]) {
    let paid: i64 = lines.iter().map(|line| line.paid).sum();
    let before: i64 = lines.iter().map(|line| line.before.money).sum();
    let after: i64 = lines.iter().map(|line| line.after.money).sum();
    let confirmed = sale.confirmed.as_ref().unwrap_or(&sale.opened);
    let counted = confirmed.record.effects.iter().filter_map(|effect| match effect {
        Effect::SpendCounted(counted) => Some(counted),
        _ => None,
    });
    let counted: Vec<&SpendCounted> = counted.collect();
    for counted in counted {
        let units = counted.amount.units;
        let back = scaled(units, after, paid) - scaled(units, before, paid);
        if back != 0 {
            draft.push(Effect::SpendCounted(SpendCounted {
                amount: Amount { units: -back, digits: counted.amount.digits },
                card: counted.card.clone(),
                purchases: 0,
            }));
        }
    }
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
    give_back(&mut draft, sale, quote, &lines, &token, &mut reasons)?;
    for card in &quote.cards {
        draft.push(Effect::SpendCounted(SpendCounted {
            amount: Amount { units: 0, digits: draft.rules.currency_digits },
            card: card.card.clone(),
            purchases: -1,
        }));
    }
    let id = token.record.to_string();
    draft.push(Effect::SaleVoided(SaleEnded { reason: input.reason.clone(), sale: id }));
    let answer = sale_answer(&draft, SaleStatus::Voided, None, reasons, Some(&token));
    let place = Place {
        cashier: input.cashier.as_ref(),
        shift: input.shift.as_ref(),
        store: input.store.as_ref(),
        till: input.till.as_ref(),
    };
    draft.finish(answer, &place)
}

/// Goods that come back without their sale.
fn refund_unlinked(
    mut draft: Draft<'_>,
    order: &Order,
    place: &Place<'_>,
) -> Result<Record, Error> {
    let prepared = prepare_order(order, draft.rules)?;
    for card in &order.cards {
        draft.read(&card.number);
    }
    let pricing = Pricing::new(draft.rules, &prepared, order, draft.at, false);
    let mut pricing = pricing.run_without_spending(draft.slice);
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
    let money = |line: &LineQuote| line.gross;
    let returned = |line: &LineQuote| LineReturned {
        by_amount: Amount { units: 0, digits: line.gross.digits },
        line: line.id.clone(),
        money: money(line),
        quantity: to_units(line.quantity, QUANTITY_DIGITS).unwrap_or(0),
    };
    draft.push(Effect::RefundMade(RefundMade {
        lines: quote.lines.iter().map(returned).collect(),
        points: Vec::new(),
        sale: None,
    }));
    let refunded = |line: &LineQuote| RefundedLine {
        line: line.id.clone(),
        money: money(line),
        quantity: line.quantity,
    };
    let answer = Answer::Refund(Box::new(RefundAnswer {
        balances: draft.balance_changes(),
        currency: quote.currency.clone(),
        lines: quote.lines.iter().map(refunded).collect(),
        money: quote.totals.payable,
        points,
        reasons,
        record: draft.id.clone(),
        token: None,
    }));
    draft.finish(answer, place)
}
