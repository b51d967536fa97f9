//! Reports: what is owed, what moved in a shift, how campaigns are used.

mod campaigns;
mod doubles;
mod liability;
mod shift;
mod watch;

use jiff::Timestamp;

use crate::answer::{Answer, Quote, ReportAnswer};
use crate::command::ReportKind;
use crate::order::Order;
use crate::order::prepare::exchange_of;
use crate::program::Program;
use crate::program::rules::Rules;
use crate::record::{Effect, Entry};
use crate::rounding::Rounding;
use crate::slice::{SaleState, Slice};
use campaigns::Campaigns;
use doubles::Doubles;
use liability::Liability;
use shift::Shift;
use watch::Watching;

/// Whether a report needs records and not only states.
#[must_use]
pub fn reads_records(kind: &ReportKind) -> bool {
    !matches!(kind, ReportKind::Doubles(_) | ReportKind::Liability(_))
}

/// A report while it is made: states and records are added one after another, so that a host need
/// not hold them all.
#[derive(Debug)]
pub struct Tally<'a> {
    rules: &'a Rules,
    at: Timestamp,
    sums: Sums<'a>,
}

#[derive(Debug)]
enum Sums<'a> {
    Campaigns(Campaigns),
    Doubles(Doubles),
    Liability(Liability),
    Shift(Shift<'a>),
    Watch(Watching),
}

impl<'a> Tally<'a> {
    /// Begins a report as of an instant.
    #[must_use]
    pub fn new(program: &'a Program, kind: &'a ReportKind, at: Timestamp) -> Tally<'a> {
        let rules = program.rules();
        let sums = match kind {
            ReportKind::Campaigns(_) => Sums::Campaigns(Campaigns::new(rules)),
            ReportKind::Doubles(_) => Sums::Doubles(Doubles::default()),
            ReportKind::Liability(_) => Sums::Liability(Liability::new(rules)),
            ReportKind::Shift(input) => Sums::Shift(Shift::new(input)),
            ReportKind::Watch(input) => Sums::Watch(Watching::new(input)),
        };
        Tally { rules, at, sums }
    }

    /// The kinds of states that the report counts, each to be added once.
    #[must_use]
    pub fn kinds(&self) -> &'static [&'static str] {
        match self.sums {
            Sums::Campaigns(_) => &["coupon", "limit"],
            Sums::Doubles(_) => &["limit"],
            Sums::Liability(_) => &["card"],
            Sums::Shift(_) | Sums::Watch(_) => &[],
        }
    }

    /// Whether the report counts records.
    #[must_use]
    pub fn counts_records(&self) -> bool {
        !matches!(self.sums, Sums::Doubles(_) | Sums::Liability(_))
    }

    /// Adds the states that a slice holds: cards, coupons and limits that were not added before.
    pub fn add_states(&mut self, slice: &Slice) {
        match &mut self.sums {
            Sums::Campaigns(sums) => sums.add_states(self.rules, slice, self.at),
            Sums::Doubles(sums) => sums.add(slice),
            Sums::Liability(sums) => sums.add(slice, self.at),
            Sums::Shift(_) | Sums::Watch(_) => {}
        }
    }

    /// Adds a record. The slice holds the sales that the record is about, as they are now.
    pub fn add_record(&mut self, slice: &Slice, entry: &Entry) {
        match &mut self.sums {
            Sums::Campaigns(sums) => sums.add_record(self.rules, slice, entry),
            Sums::Doubles(_) | Sums::Liability(_) => {}
            Sums::Shift(sums) => sums.add(self.rules, slice, entry),
            Sums::Watch(sums) => sums.add(slice, entry),
        }
    }

    /// The report.
    #[must_use]
    pub fn answer(self) -> Answer {
        let mut answer = ReportAnswer::default();
        let (rules, at) = (self.rules, self.at);
        match self.sums {
            Sums::Campaigns(sums) => answer.campaigns = Some(sums.finish(rules, at)),
            Sums::Doubles(sums) => answer.doubles = Some(sums.finish()),
            Sums::Liability(sums) => answer.liability = Some(sums.finish(rules, at)),
            Sums::Shift(sums) => answer.shift = Some(sums.finish(rules)),
            Sums::Watch(sums) => answer.watch = Some(sums.finish()),
        }
        Answer::Report(Box::new(answer))
    }
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
