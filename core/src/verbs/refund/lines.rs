//! What comes back of each line, and the money for it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::shown_quantity;
use crate::allocation::{AllocationPolicy, Part, allocate};
use crate::amount::{Amount, QUANTITY_DIGITS, to_units};
use crate::answer::{LineQuote, Load, Quote};
use crate::command::Refund;
use crate::error::{Error, ErrorCode, Mistake};
use crate::pricing::tender::paid_of_lines;
use crate::slice::{LineProgress, SaleState};
use crate::subline::{SubLine, prefix_sum};

/// A sold line as a refund sees it.
pub(super) struct SoldLine<'a> {
    pub quote: &'a LineQuote,
    /// Thousandths sold.
    pub quantity: i64,
    /// The money that was paid for it in the end.
    pub paid: i64,
    /// What it loaded onto a card.
    pub load: Option<&'a Load>,
    pub before: LineProgress,
    pub after: LineProgress,
}

impl SoldLine<'_> {
    /// The money that the first so many thousandths cost.
    pub fn cost(&self, quantity: i64) -> i64 {
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

    pub fn take_quantity(&mut self, quantity: i64) {
        self.after.quantity += quantity;
        self.after.money = self.cost(self.after.quantity).max(self.before.money);
    }

    pub fn take_money(&mut self, money: i64) {
        self.after.money += money;
        self.after.by_amount += money;
    }

    /// How much of `points` on this line has moved when so much of it has come back.
    pub fn moved(&self, points: i64, progress: &LineProgress) -> i64 {
        let by_quantity = scaled(points, progress.quantity, self.quantity);
        if progress.by_amount == 0 {
            return by_quantity;
        }
        by_quantity.max(scaled(points, progress.money, self.paid)).min(points)
    }
}

/// Whether everything of a sale has come back, by what came back of each line.
fn is_all_back(lines: &[SoldLine<'_>], progress: fn(&SoldLine<'_>) -> LineProgress) -> bool {
    let by_amount = lines.iter().any(|line| progress(line).by_amount > 0);
    let is_back = |line: &SoldLine<'_>| {
        let back = progress(line);
        // Money given back by amount is divided over the lines; a free one has nothing to give.
        back.quantity >= line.quantity || (by_amount && back.money >= line.paid)
    };
    lines.iter().all(is_back)
}

/// Whether everything of a sale has come back already.
pub(super) fn all_is_back(quote: &Quote, sale: &SaleState) -> bool {
    is_all_back(&sold_lines(quote, sale), |line| line.before)
}

/// Whether this return brings back the last of a sale.
pub(super) fn brings_back_the_last(lines: &[SoldLine<'_>]) -> bool {
    is_all_back(lines, |line| line.after) && !is_all_back(lines, |line| line.before)
}

/// `whole × part / of`, rounded down; nothing of nothing.
pub(in crate::verbs) fn scaled(whole: i64, part: i64, of: i64) -> i64 {
    if of <= 0 {
        return 0;
    }
    let product = i128::from(whole) * i128::from(part);
    crate::rounding::divide_to_amount(product, i128::from(of), crate::Rounding::Floor)
}

/// What was paid for each line in the end. An adjustment below zero lowered what was paid for the
/// others, so that its money comes back with them.
pub(super) fn paid(quote: &Quote) -> Vec<i64> {
    let own = |line: &LineQuote| line.gross.units - line.counter_provision.units;
    let own: Vec<i64> = quote.lines.iter().map(own).collect();
    paid_of_lines(&own, quote.totals.payable.units)
}

/// The sold lines, with what has come back of them so far.
pub(super) fn sold_lines<'a>(quote: &'a Quote, sale: &SaleState) -> Vec<SoldLine<'a>> {
    let (receipt, paid) = (quote, paid(quote));
    let lines = quote.lines.iter().zip(paid).zip(&sale.lines);
    lines
        .map(|((quote, paid), before)| SoldLine {
            quote,
            load: sold_load(receipt, quote),
            quantity: to_units(quote.quantity, QUANTITY_DIGITS).unwrap_or(0),
            paid,
            before: *before,
            after: *before,
        })
        .collect()
}

fn sold_load<'a>(receipt: &'a Quote, line: &LineQuote) -> Option<&'a Load> {
    receipt.loads.iter().find(|load| load.line == line.id)
}

/// Marks what comes back of each line.
pub(super) fn choose_lines(
    input: &Refund,
    lines: &mut [SoldLine<'_>],
    quote: &Quote,
) -> Result<(), Error> {
    if let Some(amount) = input.amount {
        if !input.lines.is_empty() {
            let message = "refund either lines or an amount in one call";
            return Err(Error::new(ErrorCode::RefundContradiction, "/amount", message));
        }
        return choose_amount(amount, lines, quote.totals.payable.digits);
    }
    if input.lines.is_empty() {
        // What came back as a whole may have given less than it cost: a used ticket.
        for line in lines.iter_mut().filter(|line| line.before.quantity < line.quantity) {
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
    if line.load.is_some() && wished != line.quantity {
        let message = "a line that loaded a card or sold a ticket comes back as a whole";
        return Err(Mistake::new(ErrorCode::RefundContradiction, path(), message));
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
    // What was loaded comes back by its line, with what is on the card.
    let left = |line: &SoldLine<'_>| match line.load {
        Some(_) => 0,
        None => (line.paid - line.before.money).max(0),
    };
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
