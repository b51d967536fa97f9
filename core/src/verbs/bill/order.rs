//! The orders of divided and joined bills: what is needed of them to confirm and to show.

use rust_decimal::Decimal;

use super::lines::thousandths;
use super::shares::{ANY, shares};
use crate::amount::{QUANTITY_DIGITS, to_units};
use crate::answer::Quote;
use crate::order::{HostDiscount, Line, Order, Spend, Tender};
use crate::slice::Slice;

/// The orders of the parts, each with its lines. What is on no receipt, such as void lines, stays
/// with the last part.
pub(super) fn divide_order(order: &Order, quote: &Quote, taken: &[Vec<i64>]) -> Vec<Order> {
    let parts = taken.first().map_or(0, Vec::len);
    let part = |number: usize| {
        let line = |line: &Line| {
            let Some(place) = quote.lines.iter().position(|one| one.id == line.id) else {
                return (number + 1 == parts).then(|| line.clone());
            };
            let own = taken.get(place).and_then(|parts| parts.get(number)).copied().unwrap_or(0);
            let whole = quote.lines.get(place).map_or(0, thousandths);
            let quantity = if own == whole {
                line.quantity
            } else {
                Decimal::new(own, u32::from(QUANTITY_DIGITS)).normalize()
            };
            (own > 0).then(|| Line { quantity, ..line.clone() })
        };
        let lines: Vec<Line> = order.lines.iter().filter_map(line).collect();
        let stands = |discount: &&HostDiscount| {
            let id = discount.line.as_ref();
            id.is_none_or(|id| lines.iter().any(|line| line.id == *id))
        };
        let discounts = order.discounts.iter().filter(stands).cloned().collect();
        Order { discounts, lines, spend: Spend::default(), ..order.clone() }
    };
    (0..parts).map(part).collect()
}

/// What goes with the receipts of the parts: tenders that were known, coupons, gift cards.
pub(super) fn divide_payments(slice: &Slice, order: &Order, quotes: &[Quote], parts: &mut [Order]) {
    let payable: Vec<i64> = quotes.iter().map(|quote| quote.totals.payable.units.max(0)).collect();
    let digits = quotes.first().map_or(2, |quote| quote.totals.payable.digits);
    parts.iter_mut().for_each(|part| part.tenders.clear());
    for tender in &order.tenders {
        let units = to_units(tender.amount, digits).unwrap_or(0);
        let given = shares(units, &payable, &vec![ANY; payable.len()]);
        for (part, units) in parts.iter_mut().zip(given).filter(|(_, units)| *units > 0) {
            let amount = Decimal::new(units, u32::from(digits));
            part.tenders.push(Tender { amount, kind: tender.kind.clone() });
        }
    }
    let has = |quote: &Quote, code: &str| {
        quote.codes.iter().any(|used| used.code.eq_ignore_ascii_case(code.trim()))
    };
    for (place, (part, quote)) in parts.iter_mut().zip(quotes).enumerate() {
        part.gift_cards.retain(|paid| {
            let number = crate::number::normalise(&paid.number);
            let number = slice.resolve(number);
            quote.gift_cards.iter().any(|own| own.card == number)
        });
        part.codes.retain(|code| {
            let coupon = slice.coupon(&code.trim().to_ascii_uppercase()).is_some();
            let anywhere = quotes.iter().any(|quote| has(quote, code));
            !coupon || has(quote, code) || (place == 0 && !anywhere)
        });
    }
}

/// Adds an order to the one that it is joined to.
pub(super) fn join_orders(order: &mut Order, more: &Order) {
    for line in &more.lines {
        match order.lines.iter_mut().find(|own| own.id == line.id) {
            Some(own) => own.quantity += line.quantity,
            None => order.lines.push(line.clone()),
        }
    }
    for discount in &more.discounts {
        if !order.discounts.contains(discount) {
            order.discounts.push(discount.clone());
        }
    }
    for tender in &more.tenders {
        match order.tenders.iter_mut().find(|own| own.kind == tender.kind) {
            Some(own) => own.amount += tender.amount,
            None => order.tenders.push(tender.clone()),
        }
    }
    add_missing(&mut order.codes, &more.codes, |own, code| own.eq_ignore_ascii_case(code));
    add_missing(&mut order.gift_cards, &more.gift_cards, |own, paid| own.number == paid.number);
    add_missing(&mut order.rewards, &more.rewards, |own, claim| own.reward == claim.reward);
    order.spend = Spend::default();
}

fn add_missing<T: Clone>(list: &mut Vec<T>, more: &[T], same: impl Fn(&T, &T) -> bool) {
    for one in more {
        if !list.iter().any(|own| same(own, one)) {
            list.push(one.clone());
        }
    }
}
