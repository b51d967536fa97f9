//! What moved in a shift.

use std::collections::BTreeMap;

use super::{confirmed_by, in_program};
use crate::amount::Amount;
use crate::answer::{AccountSum, OpenHold, ShiftSummary, VerbCount};
use crate::command::ShiftReport;
use crate::order::Order;
use crate::program::rules::Rules;
use crate::record::{Effect, Entry, Envelope, Posted, RefundMade};
use crate::slice::Slice;

/// What the records of a shift moved.
#[derive(Debug)]
pub(super) struct Shift<'a> {
    input: &'a ShiftReport,
    moved: Moved,
    open: Vec<OpenHold>,
    sales: i64,
    verbs: BTreeMap<String, i64>,
}

impl<'a> Shift<'a> {
    pub fn new(input: &'a ShiftReport) -> Shift<'a> {
        let (moved, open, verbs) = (Moved::default(), Vec::new(), BTreeMap::new());
        Shift { input, moved, open, sales: 0, verbs }
    }

    pub fn add(&mut self, rules: &Rules, slice: &Slice, entry: &Entry) {
        if !counts(self.input, &entry.record.envelope) {
            return;
        }
        *self.verbs.entry(entry.record.envelope.verb.clone()).or_default() += 1;
        if let Some((sale, quote)) = confirmed_by(slice, entry) {
            let paid = in_program(rules, sale.order(), quote.totals.payable.units);
            self.sales = self.sales.saturating_add(paid);
        }
        for effect in &entry.record.effects {
            match effect {
                Effect::Posted(posted) => self.moved.add(rules, posted),
                Effect::RefundMade(made) => {
                    let back = refunded(rules, slice, entry, made);
                    self.sales = self.sales.saturating_sub(back);
                }
                Effect::SaleOpened(opened) => self.open.extend(slice.open_hold(&opened.sale)),
                _ => {}
            }
        }
    }

    pub fn finish(self, rules: &Rules) -> ShiftSummary {
        let verb = |(verb, count)| VerbCount { count, verb };
        ShiftSummary {
            moved: self.moved.sums(),
            open: self.open,
            sales: Amount { units: self.sales, digits: rules.currency_digits },
            verbs: self.verbs.into_iter().map(verb).collect(),
        }
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
fn refunded(rules: &Rules, slice: &Slice, entry: &Entry, made: &RefundMade) -> i64 {
    let sale = made.sale.as_ref().and_then(|sale| slice.sale(sale));
    let order: Option<&Order> = match sale {
        Some(sale) => sale.order(),
        None => entry.record.command.order(),
    };
    let money = made.lines.iter().map(|line| line.money.units).sum();
    in_program(rules, order, money)
}

/// What moved, by the place of the asset in the programme (money last) and the account.
#[derive(Debug, Default)]
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
