//! Control sums: what the records say against what the balances say.
//!
//! Points and money on cards move by postings between cards and accounts of the programme, and are
//! read back from every card by the verb `balance`. What `issued` and `loaded` give is issued, what
//! every other account but `clawed_back` and `expired` gets is spent. Postings and balances know
//! nothing of each other, and must agree:
//!
//! > issued + restored + debt = spent + expired + clawed back + held + left
//!
//! All postings of a card add up to `posted` = left + held + expired − debt (`left` is what can be
//! spent now or later), and the other sides of the postings are issued, spent, restored (a posting
//! back from `spent`) and clawed back, so that the identity is the sum over all cards. `expired`
//! is what was written off, and what waits for the close of a period.
//!
//! Money: the discounts of the lines add up to those of the receipts, and lines less discounts to
//! what is due.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use kopilka::{
    Answer, CardQuery, Command, Effect, Entry, Posted, Quote, RecordHash, Request, Stage,
};

use crate::journal::Journal;
use crate::till::Outcome;

/// What the records add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    pub records: u64,
    /// The records that do not name the hash of the one before them.
    pub broken_links: u64,
    /// The hash of the last record.
    pub head: RecordHash,
    /// The ledger's own time at the end.
    pub last_at: Timestamp,
    pub money: Money,
    /// For each kind of points.
    pub points: BTreeMap<String, PointsFlow>,
    /// Postings that do not add up to zero.
    pub unbalanced: u64,
}

/// The money of confirmed sales and of refunds, in smallest units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    pub lines: i128,
    pub host: i128,
    pub card: i128,
    /// What promotions and rewards took off.
    pub rules: i128,
    pub points: i128,
    /// The discounts as the receipts sum them up.
    pub discounts: i128,
    pub due: i128,
    pub refunded: i128,
}

/// The points of one kind that moved, in smallest units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointsFlow {
    pub digits: u8,
    pub issued: i128,
    pub restored: i128,
    pub spent: i128,
    pub clawed_back: i128,
    pub expired: i128,
    /// The sum of all cards' own postings.
    pub posted: i128,
}

/// The points of one kind on all cards, read by `balance`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointsReading {
    pub debt: i128,
    pub expired: i128,
    pub held: i128,
    pub spendable: i128,
    pub pending: i128,
    pub posted: i128,
}

/// Both sides, and whether they agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    pub flows: Flows,
    pub readings: BTreeMap<String, PointsReading>,
}

impl Flows {
    /// Adds up all records of a ledger. Only the sales that are open are kept in memory.
    pub fn of(journal: &Journal) -> Outcome<Flows> {
        let mut flows = Flows::default();
        let mut reserved = HashMap::new();
        journal.each_record(&mut |entry| {
            flows.add(entry, &mut reserved);
            Ok(())
        })?;
        Ok(flows)
    }

    fn add(&mut self, entry: &Entry, reserved: &mut HashMap<String, Money>) {
        let envelope = &entry.record.envelope;
        if envelope.sequence == 1 {
            // A ledger that was begun anew begins a new chain.
            self.head = RecordHash::default();
        }
        self.broken_links += u64::from(envelope.previous != self.head.to_string());
        self.records += 1;
        self.head = entry.hash;
        self.last_at = envelope.logical_at;
        for effect in &entry.record.effects {
            match effect {
                Effect::Posted(posted) => self.add_postings(posted),
                Effect::RefundMade(refund) => {
                    let money = refund.lines.iter().map(|line| i128::from(line.money.units));
                    self.money.refunded += money.sum::<i128>();
                }
                Effect::SaleOpened(opened) => {
                    reserved.insert(opened.sale.clone(), Money::of(&opened.quote));
                }
                Effect::SaleConfirmed(confirmed) => {
                    let opened = reserved.remove(&confirmed.sale).unwrap_or_default();
                    self.money.add(&confirmed.quote.as_ref().map_or(opened, Money::of));
                }
                Effect::SaleCancelled(ended) => {
                    reserved.remove(&ended.sale);
                }
                _ => {}
            }
        }
    }

    fn add_postings(&mut self, posted: &Posted) {
        let flow = self.points.entry(posted.points.clone()).or_default();
        let mut sum = 0;
        for posting in &posted.postings {
            let units = i128::from(posting.amount.units);
            flow.digits = posting.amount.digits;
            sum += units;
            match posting.account.as_str() {
                "issued" | "loaded" if units < 0 => flow.issued -= units,
                // A load that was taken off again.
                "clawed_back" | "issued" | "loaded" => flow.clawed_back += units,
                "expired" => flow.expired += units,
                card if card.starts_with("card:") => flow.posted += units,
                _ if units < 0 => flow.restored -= units,
                _ => flow.spent += units,
            }
        }
        self.unbalanced += u64::from(sum != 0);
    }
}

impl Money {
    fn of(quote: &Quote) -> Money {
        let units = |stage| -> i128 {
            let discounts = quote.lines.iter().flat_map(|line| &line.discounts);
            let own = discounts.filter(|discount| discount.stage == stage);
            own.map(|discount| i128::from(discount.amount.units)).sum()
        };
        Money {
            lines: quote.lines.iter().map(|line| i128::from(line.amount.units)).sum(),
            host: units(Stage::Host),
            card: units(Stage::Card),
            rules: units(Stage::Promotion) + units(Stage::Reward),
            points: units(Stage::Points),
            discounts: i128::from(quote.totals.discount.units),
            due: i128::from(quote.totals.due.units),
            refunded: 0,
        }
    }

    fn add(&mut self, other: &Money) {
        self.lines += other.lines;
        self.host += other.host;
        self.card += other.card;
        self.rules += other.rules;
        self.points += other.points;
        self.discounts += other.discounts;
        self.due += other.due;
        self.refunded += other.refunded;
    }

    /// The discounts as the lines sum them up.
    pub fn line_discounts(&self) -> i128 {
        self.host + self.card + self.rules + self.points
    }
}

impl PointsReading {
    /// What can be spent now or later.
    pub fn left(&self) -> i128 {
        self.spendable + self.pending
    }
}

impl Control {
    /// Adds up a ledger's records, and reads every card that they issued at the last instant.
    pub fn of(journal: &Journal) -> Outcome<Control> {
        let flows = Flows::of(journal)?;
        let mut readings: BTreeMap<String, PointsReading> = BTreeMap::new();
        journal.each_record(&mut |entry| {
            entry.record.effects.iter().try_for_each(|effect| match effect {
                Effect::CardIssued(issued) => {
                    read(journal, &issued.card, flows.last_at, &mut readings)
                }
                _ => Ok(()),
            })
        })?;
        Ok(Control { flows, readings })
    }

    /// Every kind of points with what moved and what is there.
    pub fn points(&self) -> impl Iterator<Item = (&str, PointsFlow, PointsReading)> {
        let ids =
            self.flows.points.keys().chain(
                self.readings.keys().filter(|points| !self.flows.points.contains_key(*points)),
            );
        ids.map(|points| {
            let flow = self.flows.points.get(points).cloned().unwrap_or_default();
            let reading = self.readings.get(points).cloned().unwrap_or_default();
            (points.as_str(), flow, reading)
        })
    }

    /// Whether everything agrees.
    pub fn balances(&self) -> bool {
        let points = self.points().all(|(_, flow, reading)| {
            let (came, went) = sides(&flow, &reading);
            came == went && flow.posted == reading.posted
        });
        points && self.money_balances() && self.flows.unbalanced + self.flows.broken_links == 0
    }

    /// Whether the money of the receipts agrees with that of their lines.
    pub fn money_balances(&self) -> bool {
        let money = &self.flows.money;
        money.line_discounts() == money.discounts && money.lines - money.discounts == money.due
    }
}

/// Adds what is on a card.
fn read(
    journal: &Journal,
    card: &str,
    at: Timestamp,
    readings: &mut BTreeMap<String, PointsReading>,
) -> Outcome<()> {
    let query = CardQuery { card: card.to_owned(), office: true, ..CardQuery::default() };
    let answer = journal.ledger.call(&Request::new(at, Command::Balance(query)))?;
    let Answer::Card(answer) = answer else { return Ok(()) };
    for balance in &answer.card.balances {
        let sum = readings.entry(balance.points.clone()).or_default();
        sum.debt += i128::from(balance.debt.units);
        sum.expired += i128::from(balance.expired.units);
        sum.held += i128::from(balance.held.units);
        sum.spendable += i128::from(balance.spendable.units);
        sum.pending += i128::from(balance.pending.units);
        sum.posted += i128::from(balance.posted.units);
    }
    Ok(())
}

/// The two sides of the identity of points.
pub fn sides(flow: &PointsFlow, reading: &PointsReading) -> (i128, i128) {
    let came = flow.issued + flow.restored + reading.debt;
    let gone = flow.spent + flow.clawed_back + flow.expired;
    (came, gone + reading.expired + reading.held + reading.left())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_point_is_noticed() {
        let flow = PointsFlow { issued: 10, spent: 3, posted: 7, ..PointsFlow::default() };
        let reading = PointsReading { spendable: 7, posted: 7, ..PointsReading::default() };
        let control = |reading: &PointsReading| Control {
            flows: Flows {
                points: BTreeMap::from([("bonus".to_owned(), flow.clone())]),
                ..Flows::default()
            },
            readings: BTreeMap::from([("bonus".to_owned(), reading.clone())]),
        };
        assert!(control(&reading).balances());
        assert!(!control(&PointsReading { spendable: 6, ..reading }).balances());
    }
}
