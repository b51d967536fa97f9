//! The taxes and sums of bills. Where taxes were rounded once for the receipt, its lines add up to
//! a little more or less: that difference is divided too.

use super::shares::{ANY, shares};
use crate::amount::Amount;
use crate::answer::{LineQuote, Quote, TaxTotal, Totals};
use crate::order::{Order, TaxRule};

/// The taxes that a receipt adds up, in its order: those of lines that cost anything, as they first
/// stand in the order.
fn rules_of<'o>(order: &'o Order, lines: &[LineQuote]) -> Vec<&'o TaxRule> {
    let mut all: Vec<(&TaxRule, bool)> = Vec::new();
    for source in &order.lines {
        let costs = lines.iter().any(|line| line.id == source.id && line.due.units > 0);
        for rule in &source.taxes {
            match all.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, stands)) => *stands |= costs,
                None => all.push((rule, costs)),
            }
        }
    }
    all.into_iter().filter(|(_, stands)| *stands).map(|(rule, _)| rule).collect()
}

/// What the lines show of one tax: what they cost, net, tax.
#[derive(Clone, Copy, Default)]
struct Shown {
    due: i64,
    net: i64,
    tax: i64,
}

fn shown(rule: &TaxRule, order: &Order, lines: &[LineQuote]) -> Shown {
    let mut sum = Shown::default();
    for line in lines.iter().filter(|line| line.due.units > 0) {
        let Some(source) = order.lines.iter().find(|source| source.id == line.id) else { continue };
        let own = source.taxes.iter().zip(&line.taxes).filter(|(known, _)| *known == rule);
        for (_, tax) in own {
            sum.due += line.due.units;
            sum.net += line.net.units;
            sum.tax += tax.amount.units;
        }
    }
    sum
}

/// A tax of a receipt.
pub(super) struct Tax<'o> {
    rule: &'o TaxRule,
    net: i64,
    tax: i64,
}

/// The taxes of a receipt with their rules.
pub(super) fn taxes_of<'o>(order: &'o Order, quote: &Quote) -> Vec<Tax<'o>> {
    let rules = rules_of(order, &quote.lines);
    let tax = |(rule, total): (&'o TaxRule, &TaxTotal)| Tax {
        rule,
        net: total.net.units,
        tax: total.tax.units,
    };
    rules.into_iter().zip(&quote.taxes).map(tax).collect()
}

/// The taxes of a receipt divided over the lines of its parts.
pub(super) fn divide_taxes<'o>(
    order: &'o Order,
    whole: &Quote,
    parts: &[Vec<LineQuote>],
) -> Vec<Vec<Tax<'o>>> {
    let mut divided: Vec<Vec<Tax<'o>>> = parts.iter().map(|_| Vec::new()).collect();
    for Tax { rule, net, tax } in taxes_of(order, whole) {
        let own: Vec<Shown> = parts.iter().map(|lines| shown(rule, order, lines)).collect();
        let weights: Vec<i64> = own.iter().map(|shown| shown.due).collect();
        let share = |total: i64, of: fn(&Shown) -> i64| -> Vec<i64> {
            let more = total - own.iter().map(of).sum::<i64>();
            let room = |shown: &Shown| if more < 0 { of(shown) } else { ANY };
            let rooms: Vec<i64> = own.iter().map(room).collect();
            shares(more, &weights, &rooms)
        };
        let (nets, taxes) = (share(net, |shown| shown.net), share(tax, |shown| shown.tax));
        let more = nets.into_iter().zip(taxes);
        for ((part, own), (net, tax)) in divided.iter_mut().zip(&own).zip(more) {
            part.push(Tax { rule, net: own.net + net, tax: own.tax + tax });
        }
    }
    divided
}

/// Writes the taxes and the sums of a part of a bill, or of joined bills, by its own order.
pub(super) fn sum_up(quote: &mut Quote, order: &Order, taxes: &[Tax<'_>]) {
    let digits = quote.totals.due.digits;
    let money = |units| Amount { units, digits };
    let of = |rule: &TaxRule| {
        let own = || taxes.iter().filter(|tax| tax.rule == rule);
        let sum = |of: fn(&Tax<'_>) -> i64| own().map(of).sum::<i64>();
        (sum(|tax| tax.net), sum(|tax| tax.tax))
    };
    quote.taxes.clear();
    let (mut inside, mut outside) = (0, 0);
    for rule in rules_of(order, &quote.lines) {
        let (net, tax) = of(rule);
        *(if rule.inside { &mut inside } else { &mut outside }) += tax;
        quote.taxes.push(TaxTotal {
            gross: money(net + tax),
            name: rule.name.clone(),
            net: money(net),
            tax: money(tax),
        });
    }
    let sum = |of: fn(&LineQuote) -> i64| quote.lines.iter().map(of).sum::<i64>();
    let due = sum(|line| line.due.units);
    let counter_provision = sum(|line| line.counter_provision.units);
    let payable = due + outside - counter_provision;
    quote.totals = Totals {
        amount: money(sum(|line| line.amount.units)),
        counter_provision: money(counter_provision),
        discount: money(sum(|line| line.discount.units)),
        due: money(due),
        gift: money(0),
        gross: money(due + outside),
        net: money(due - inside),
        payable: money(payable),
        rest: money(payable),
        tax: money(inside + outside),
    };
}
