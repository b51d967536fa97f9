//! What moved in a shift.

use std::collections::BTreeMap;

use super::{Records, confirmed_by, in_program};
use crate::amount::Amount;
use crate::answer::{AccountSum, OpenHold, SaleStatus, ShiftSummary, VerbCount};
use crate::command::ShiftReport;
use crate::order::Order;
use crate::program::rules::Rules;
use crate::record::{Effect, Entry, Envelope, Posted, RefundMade};

/// What the records of a shift moved.
pub(super) fn shift(rules: &Rules, records: &Records<'_>, input: &ShiftReport) -> ShiftSummary {
    let mut verbs: BTreeMap<&str, i64> = BTreeMap::new();
    let mut moved = Moved::default();
    let mut sales = 0i64;
    let mut open = Vec::new();
    for entry in records.entries.iter().filter(|entry| counts(input, &entry.record.envelope)) {
        *verbs.entry(&entry.record.envelope.verb).or_default() += 1;
        if let Some((sale, quote)) = confirmed_by(records.slice, entry) {
            let paid = in_program(rules, sale.order(), quote.totals.payable.units);
            sales = sales.saturating_add(paid);
        }
        for effect in &entry.record.effects {
            match effect {
                Effect::Posted(posted) => moved.add(rules, posted),
                Effect::RefundMade(made) => {
                    sales = sales.saturating_sub(refunded(rules, records, entry, made));
                }
                Effect::SaleOpened(opened) => open.extend(open_hold(records, &opened.sale)),
                _ => {}
            }
        }
    }
    let verb = |(verb, count): (&str, i64)| VerbCount { count, verb: verb.to_owned() };
    ShiftSummary {
        moved: moved.sums(),
        open,
        sales: Amount { units: sales, digits: rules.currency_digits },
        verbs: verbs.into_iter().map(verb).collect(),
    }
}

/// Whether a record belongs to what is asked for.
fn counts(input: &ShiftReport, envelope: &Envelope) -> bool {
    let is = |asked: &Option<String>, own: Option<&String>| {
        asked.as_ref().is_none_or(|asked| Some(asked) == own)
    };
    let till = envelope.workplace.as_ref().unwrap_or(&envelope.till);
    is(&input.shift, envelope.shift.as_ref())
        && is(&input.store, envelope.store.as_ref())
        && is(&input.till, Some(till))
        && input.from.is_none_or(|from| from <= envelope.at)
        && input.until.is_none_or(|until| envelope.at < until)
}

/// The money that goods brought back, in the programme's currency.
fn refunded(rules: &Rules, records: &Records<'_>, entry: &Entry, made: &RefundMade) -> i64 {
    let sale = made.sale.as_ref().and_then(|sale| records.slice.sale(sale));
    let order: Option<&Order> = match sale {
        Some(sale) => sale.order(),
        None => entry.record.command.order(),
    };
    let money = made.lines.iter().map(|line| line.money.units).sum();
    in_program(rules, order, money)
}

/// A sale that is still reserved.
fn open_hold(records: &Records<'_>, sale: &str) -> Option<OpenHold> {
    let sale = records.slice.sale(sale)?;
    let hold_until = sale.opening()?.hold_until;
    let reserved = sale.status == SaleStatus::Reserved;
    reserved.then(|| OpenHold { hold_until, token: sale.token().to_string() })
}

/// What moved, by the place of the asset in the programme (money last) and the account.
#[derive(Default)]
struct Moved(BTreeMap<(usize, String, String), Amount>);

impl Moved {
    fn add(&mut self, rules: &Rules, posted: &Posted) {
        let place = rules.points_named(&posted.points).unwrap_or(usize::MAX);
        for posting in &posted.postings {
            if posting.account.starts_with("card:") {
                continue;
            }
            let key = (place, posted.points.clone(), posting.account.clone());
            let none = Amount { units: 0, digits: posting.amount.digits };
            let sum = self.0.entry(key).or_insert(none);
            sum.units = sum.units.saturating_sub(posting.amount.units);
        }
    }

    fn sums(self) -> Vec<AccountSum> {
        let sum = |((_, asset, account), amount)| AccountSum { account, amount, asset };
        self.0.into_iter().map(sum).collect()
    }
}
