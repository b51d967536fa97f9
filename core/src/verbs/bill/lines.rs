//! Lines of a receipt divided by quantity and added up again.

use rust_decimal::Decimal;

use super::shares::{ANY, shares};
use crate::amount::{Amount, PRICE_DIGITS, QUANTITY_DIGITS, to_fine_units, to_units};
use crate::answer::{LineDiscount, LineQuote, NamedAmount, PointsAmount, SubLineQuote};
use crate::order::Line;
use crate::pricing::money_of;
use crate::pricing::quote::sub_line_quote;
use crate::subline::{SubLine, UnitOrder, sub_lines};

/// The quantity of a line in thousandths.
pub(super) fn thousandths(line: &LineQuote) -> i64 {
    to_units(line.quantity, QUANTITY_DIGITS).unwrap_or(0)
}

/// What the parts get of a line, by how much of it they get in thousandths; a part that gets
/// nothing of it has none.
pub(super) fn divide_line(
    line: &LineQuote,
    source: &Line,
    quantities: &[i64],
    order: UnitOrder,
) -> Vec<Option<LineQuote>> {
    let whole = thousandths(line);
    if quantities.contains(&whole) {
        let own = |quantity: &i64| (*quantity == whole).then(|| line.clone());
        return quantities.iter().map(own).collect();
    }
    let rooms: Vec<i64> =
        quantities.iter().map(|quantity| if *quantity > 0 { ANY } else { 0 }).collect();
    let share = |amount: Amount, rooms: &[i64]| shares(amount.units, quantities, rooms);
    let amounts = share(line.amount, &rooms);
    let mut dues = amounts.clone();
    let lower = |left: &mut Vec<i64>, amount| {
        let given = share(amount, left);
        left.iter_mut().zip(&given).for_each(|(left, given)| *left -= given);
        given
    };
    let discounts: Vec<Vec<i64>> =
        line.discounts.iter().map(|one| lower(&mut dues, one.amount)).collect();
    let (mut nets, mut grosses) = (dues.clone(), dues.clone());
    let mut taxes = Vec::with_capacity(line.taxes.len());
    for (tax, rule) in line.taxes.iter().zip(&source.taxes) {
        taxes.push(if rule.inside {
            lower(&mut nets, tax.amount)
        } else {
            let shares = share(tax.amount, &rooms);
            grosses.iter_mut().zip(&shares).for_each(|(gross, share)| *gross += share);
            shares
        });
    }
    let provisions = share(line.counter_provision, &dues);
    let points = |list: &[PointsAmount]| -> Vec<Vec<i64>> {
        list.iter().map(|one| share(one.amount, &rooms)).collect()
    };
    let (spent, earned) = (points(&line.spent), points(&line.earned));
    let part = |(number, quantity): (usize, &i64)| {
        let of = |list: &[i64]| list.get(number).copied().unwrap_or(0);
        let nth = |list: &[Vec<i64>], place: usize| list.get(place).map_or(0, |list| of(list));
        let money = |units| Amount { units, digits: line.due.digits };
        let discount = |(place, one): (usize, &LineDiscount)| LineDiscount {
            amount: money(nth(&discounts, place)),
            ..one.clone()
        };
        let tax = |(place, one): (usize, &NamedAmount)| NamedAmount {
            amount: money(nth(&taxes, place)),
            name: one.name.clone(),
        };
        let points = |list: &[PointsAmount], shares: &[Vec<i64>]| -> Vec<PointsAmount> {
            let own = |(place, one): (usize, &PointsAmount)| PointsAmount {
                amount: Amount { units: nth(shares, place), digits: one.amount.digits },
                ..one.clone()
            };
            let own = list.iter().enumerate().map(own);
            own.filter(|one| one.amount.units != 0).collect()
        };
        let quantity = Decimal::new(*quantity, u32::from(QUANTITY_DIGITS)).normalize();
        let taxes: Vec<NamedAmount> = line.taxes.iter().enumerate().map(tax).collect();
        let own = line.discounts.iter().enumerate().map(discount);
        let mut part = LineQuote {
            amount: money(of(&amounts)),
            counter_provision: money(of(&provisions)),
            discount: money(of(&amounts) - of(&dues)),
            discounts: own.filter(|one| one.amount.units != 0).collect(),
            due: money(of(&dues)),
            earned: points(&line.earned, &earned),
            gross: money(of(&grosses)),
            id: line.id.clone(),
            net: money(of(&nets)),
            quantity,
            spent: points(&line.spent, &spent),
            sub_lines: Vec::new(),
            tax: money(taxes.iter().map(|tax| tax.amount.units).sum()),
            taxes,
        };
        part.sub_lines = parts_of(&part, source, order);
        part
    };
    let parts = quantities.iter().enumerate();
    parts.map(|(number, quantity)| (*quantity > 0).then(|| part((number, quantity)))).collect()
}

/// A line as a register shows it: at its own price where that comes to what is due.
fn parts_of(line: &LineQuote, source: &Line, order: UnitOrder) -> Vec<SubLineQuote> {
    let (due, digits, quantity) = (line.due.units, line.due.digits, thousandths(line));
    let price = to_fine_units(source.price, PRICE_DIGITS).unwrap_or(0);
    let scale = 10i64.pow(u32::from(PRICE_DIGITS.saturating_sub(digits)));
    let exact = price % scale == 0 && money_of(price, quantity, digits) == due;
    let parts = if exact && line.amount == line.due {
        vec![SubLine { quantity, unit_price: price / scale, sum: due }]
    } else {
        let mut parts = sub_lines(due.abs(), quantity, order);
        for part in parts.iter_mut().filter(|_| due < 0) {
            (part.unit_price, part.sum) = (-part.unit_price, -part.sum);
        }
        parts
    };
    parts.iter().map(|part| sub_line_quote(part, digits)).collect()
}

/// Adds to a line what another bill has of it.
pub(super) fn add_line(line: &mut LineQuote, more: &LineQuote, source: &Line, order: UnitOrder) {
    let add = |sum: &mut Amount, more: Amount| sum.units += more.units;
    add(&mut line.amount, more.amount);
    add(&mut line.counter_provision, more.counter_provision);
    add(&mut line.discount, more.discount);
    add(&mut line.due, more.due);
    add(&mut line.gross, more.gross);
    add(&mut line.net, more.net);
    add(&mut line.tax, more.tax);
    line.quantity = (line.quantity + more.quantity).normalize();
    for discount in &more.discounts {
        let same = |one: &&mut LineDiscount| {
            (one.stage, &one.source) == (discount.stage, &discount.source)
        };
        match line.discounts.iter_mut().find(same) {
            Some(one) => one.amount.units += discount.amount.units,
            None => line.discounts.push(discount.clone()),
        }
    }
    line.discounts.sort_by_key(|discount| discount.stage);
    for (tax, more) in line.taxes.iter_mut().zip(&more.taxes) {
        tax.amount.units += more.amount.units;
    }
    add_points(&mut line.earned, &more.earned);
    add_points(&mut line.spent, &more.spent);
    line.sub_lines = parts_of(line, source, order);
}

fn add_points(points: &mut Vec<PointsAmount>, more: &[PointsAmount]) {
    for one in more {
        match points.iter_mut().find(|own| own.points == one.points && own.card == one.card) {
            Some(own) => own.amount.units += one.amount.units,
            None => points.push(one.clone()),
        }
    }
}
