//! Reports: what is owed, what moved in a shift, how campaigns are used.

mod campaigns;
mod liability;
mod shift;

use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::{Quote, ReportAnswer};
use crate::command::ReportKind;
use crate::order::Order;
use crate::order::prepare::exchange_of;
use crate::program::Program;
use crate::program::rules::Rules;
use crate::record::{Effect, Entry};
use crate::rounding::Rounding;
use crate::slice::{SaleState, Slice};
pub(crate) use liability::liability;

/// What reports read.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    /// Every record, in order.
    pub entries: &'a [Arc<Entry>],
    /// What they add up to.
    pub slice: &'a Slice,
}

/// Whether a report needs records and not only states.
pub(crate) fn reads_records(kind: &ReportKind) -> bool {
    !matches!(kind, ReportKind::Liability(_))
}

/// A report as of an instant.
pub(crate) fn report(
    program: &Program,
    records: &Records<'_>,
    kind: &ReportKind,
    at: Timestamp,
) -> ReportAnswer {
    let rules = program.rules();
    let mut answer = ReportAnswer::default();
    match kind {
        ReportKind::Campaigns(_) => {
            answer.campaigns = Some(campaigns::campaigns(rules, records, at));
        }
        ReportKind::Liability(_) => answer.liability = Some(liability(rules, records.slice, at)),
        ReportKind::Shift(input) => answer.shift = Some(shift::shift(rules, records, input)),
    }
    answer
}

/// The sale that a record confirmed, with its receipt.
fn confirmed_by<'a>(slice: &'a Slice, entry: &'a Entry) -> Option<(&'a SaleState, &'a Quote)> {
    let confirmed = entry.record.effects.iter().find_map(|effect| match effect {
        Effect::SaleConfirmed(confirmed) => Some(confirmed),
        _ => None,
    })?;
    let sale = slice.sale(&confirmed.sale)?;
    Some((sale, sale.quote()?))
}

/// Money of an order's currency in the programme's, rounded half up.
fn in_program(rules: &Rules, order: Option<&Order>, units: i64) -> i64 {
    let exchange = order.and_then(|order| exchange_of(order, rules));
    exchange.map_or(units, |rate| rate.times(units, Rounding::HalfUp))
}
