//! Replays a file of receipts on a ledger.
//!
//! The rules of the replay, which make every verb of a sale work on real receipts:
//!
//! * Lines with one `InvoiceNo` are one receipt, wherever they stand in the file; receipts are
//!   sold in the order in which their numbers first appear, at their `InvoiceDate` in London. The
//!   file's money is taken for the programme's.
//! * A customer gets a card of the same number at first sight. A receipt without a customer is sold
//!   without a card.
//! * A guest with a card wants to spend all that is allowed when the receipt's number is divisible
//!   by five ([`order::spends`]). Such a sale is reserved and then confirmed, as by a till with a
//!   card terminal; every 97th reserved one is cancelled (the printer failed) and sold anew. All
//!   others are sold at once.
//! * Every 101st request to sell or reserve is sent a second time under the same key, as after an
//!   answer lost on the way, and must be answered alike.
//! * A number that begins with `C` is a cancellation. The file does not say of which sale, so it is
//!   a refund of an order that is not linked to any, with its quantities made positive.
//! * What cannot be read is refused here, with a code that begins with `row.`; what cannot be sold
//!   (write-offs with negative quantities, adjustments below zero) is refused by the engine, with
//!   its own code. Nothing stops the run: sold + refunded + refused is all.
//!
//! Receipts are kept a hundred in one transaction, so that not each of them waits for the disk; a run
//! that was cut off and begun again on the same ledger does what is not done yet.
//!
//! How lines become lines of an order is told in [`order`].

use std::collections::{BTreeMap, HashSet};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kopilka::{
    Answer, Cancel, Command, Confirm, Error, ErrorCode, Issue, Order, Program, Refund, Request,
    ReserveOrder, SaleAnswer, SellOrder,
};
use kopilka_store::Together;

use crate::journal::Journal;
use crate::order::{self, Wish};
use crate::page::Language;
use crate::receipts::{Fault, Receipt};
use crate::till::Outcome;

/// Where the receipts were written.
const ZONE: &str = "Europe/London";
/// Every so manieth reserved sale is cancelled.
const CANCEL_EVERY: u64 = 97;
/// Every so manieth request to sell or reserve is sent twice.
const REPEAT_EVERY: u64 = 101;
/// How many receipts are kept in one transaction.
const TOGETHER: usize = 100;

/// What became of the receipts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub sold: Count,
    pub refunded: Count,
    pub refused: Count,
    /// By code.
    pub refusals: BTreeMap<&'static str, Refusal>,
    /// Cards that could not be issued, by code.
    pub cards_refused: BTreeMap<&'static str, Refusal>,
    /// How often each verb succeeded.
    pub verbs: BTreeMap<&'static str, u64>,
    /// Requests that were sent twice, and how many of them were answered alike.
    pub repeated: u64,
    pub answered_alike: u64,
    /// The records of the receipt that is to be explained.
    pub explained: Vec<String>,
}

/// So many receipts with so many lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub receipts: u64,
    pub lines: u64,
}

/// Receipts refused for one reason, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub count: Count,
    pub example: String,
    pub cause: Cause,
}

/// Who refused a receipt, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It could not be read.
    Fault(Fault),
    /// The engine.
    Engine(ErrorCode),
}

impl Cause {
    fn code(self) -> &'static str {
        match self {
            Cause::Fault(fault) => fault.code(),
            Cause::Engine(code) => code.as_str(),
        }
    }

    /// What a cashier would read.
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Cause::Fault(fault) => fault.text(language),
            Cause::Engine(code) => kopilka::texts::error(code, language.engine()),
        }
    }
}

impl Count {
    fn add(&mut self, receipt: &Receipt) {
        self.receipts += 1;
        self.lines += receipt.rows.len() as u64;
    }
}

impl Tally {
    /// All receipts and lines, whatever became of them.
    pub fn all(&self) -> Count {
        let parts = [self.sold, self.refunded, self.refused];
        Count {
            receipts: parts.iter().map(|part| part.receipts).sum(),
            lines: parts.iter().map(|part| part.lines).sum(),
        }
    }

    fn refuse(&mut self, receipt: &Receipt, cause: Cause) {
        self.refused.add(receipt);
        note(&mut self.refusals, receipt, cause);
    }
}

fn note(table: &mut BTreeMap<&'static str, Refusal>, receipt: &Receipt, cause: Cause) {
    let count = Count::default();
    let first = || Refusal { count, example: receipt.number.clone(), cause };
    table.entry(cause.code()).or_insert_with(first).count.add(receipt);
}

/// When the first receipt was written that can be read.
pub fn first_instant(receipts: &[Receipt]) -> Timestamp {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let read = receipts.iter().find(|receipt| receipt.fault.is_none());
    read.and_then(|receipt| zone.to_timestamp(receipt.at).ok()).unwrap_or_default()
}

/// A replay in progress.
pub struct Replay<'a> {
    journal: &'a Journal,
    program: Program,
    pub tally: Tally,
    /// The number of a receipt whose records are to be found again.
    explain: Option<&'a str>,
    /// The records of the receipt that is being replayed.
    records: Vec<String>,
    zone: TimeZone,
    customers: HashSet<String>,
    reserved: u64,
    requests: u64,
}

impl<'a> Replay<'a> {
    /// On a ledger in which the programme is in force.
    pub fn new(
        journal: &'a Journal,
        program: Program,
        explain: Option<&'a str>,
    ) -> Outcome<Replay<'a>> {
        Ok(Replay {
            journal,
            program,
            tally: Tally::default(),
            explain,
            records: Vec::new(),
            zone: TimeZone::get(ZONE)?,
            customers: HashSet::new(),
            reserved: 0,
            requests: 0,
        })
    }

    /// Replays every receipt, showing how far it has come where somebody looks on.
    pub fn run(&mut self, receipts: &[Receipt], unit: &'static str) -> Outcome<()> {
        // Hidden by itself where the output is no terminal.
        let template = format!("  {{bar:40}} {{human_pos}}/{{human_len}} {unit}, {{eta}}");
        let style = ProgressStyle::with_template(&template);
        let bar = ProgressBar::new(receipts.len() as u64)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        for together in receipts.chunks(TOGETHER) {
            self.journal.ledger.together(|calls| {
                together.iter().for_each(|receipt| self.replay(calls, receipt));
            })?;
            bar.inc(together.len() as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn replay(&mut self, calls: &mut Together<'_>, receipt: &Receipt) {
        if let Some(fault) = receipt.fault {
            self.tally.refuse(receipt, Cause::Fault(fault));
            return;
        }
        let Ok(at) = self.zone.to_timestamp(receipt.at) else {
            self.tally.refuse(receipt, Cause::Fault(Fault::Date));
            return;
        };
        self.records.clear();
        self.issue_card(calls, receipt, at);
        let order = order::order(receipt, &self.program);
        let wish = order::wish(receipt);
        let done = match wish {
            Wish::Return => self.take_back(calls, receipt, order, at),
            Wish::Sale if order::spends(receipt) => self.reserve(calls, receipt, order, at),
            Wish::Sale => self.sell(calls, receipt, order, at, "sell"),
        };
        match (done, wish) {
            (Err(error), _) => self.tally.refuse(receipt, Cause::Engine(error.code())),
            (Ok(()), Wish::Sale) => self.tally.sold.add(receipt),
            (Ok(()), Wish::Return) => self.tally.refunded.add(receipt),
        }
        if self.explain == Some(&receipt.number) {
            self.tally.explained.append(&mut self.records);
        }
    }

    fn issue_card(&mut self, calls: &mut Together<'_>, receipt: &Receipt, at: Timestamp) {
        if receipt.customer.is_empty() || !self.customers.insert(receipt.customer.clone()) {
            return;
        }
        let issue = Issue { card: receipt.customer.clone(), ..Issue::default() };
        let key = format!("card {}", receipt.customer);
        if let Err(error) = self.call(calls, at, key, Command::Issue(issue)) {
            note(&mut self.tally.cards_refused, receipt, Cause::Engine(error.code()));
        }
    }

    fn sell(
        &mut self,
        calls: &mut Together<'_>,
        receipt: &Receipt,
        order: Order,
        at: Timestamp,
        verb: &str,
    ) -> Result<(), Error> {
        let sell = SellOrder { order, expect: None };
        self.request_sale(calls, receipt, at, verb, Command::Sell(sell)).map(|_| ())
    }

    fn reserve(
        &mut self,
        calls: &mut Together<'_>,
        receipt: &Receipt,
        order: Order,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (store, number) = (order.store.clone(), order.receipt.clone());
        let again = order.clone();
        let reserve = ReserveOrder { order, ..ReserveOrder::default() };
        let sale = self.request_sale(calls, receipt, at, "reserve", Command::Reserve(reserve))?;
        let token = sale.and_then(|sale| sale.token).unwrap_or_default();
        self.reserved += 1;
        if self.reserved.is_multiple_of(CANCEL_EVERY) {
            let reason = Some("printer_failed".to_owned());
            let cancel = Cancel { reason, store, token, ..Cancel::default() };
            self.call(calls, at, key(receipt, "cancel"), Command::Cancel(cancel))?;
            return self.sell(calls, receipt, again, at, "sell anew");
        }
        let confirm = Confirm { receipt: number, store, token, ..Confirm::default() };
        self.call(calls, at, key(receipt, "confirm"), Command::Confirm(confirm)).map(|_| ())
    }

    fn take_back(
        &mut self,
        calls: &mut Together<'_>,
        receipt: &Receipt,
        order: Order,
        at: Timestamp,
    ) -> Result<(), Error> {
        let refund = Refund {
            store: order.store.clone(),
            receipt: order.receipt.clone(),
            order: Some(order),
            ..Refund::default()
        };
        self.call(calls, at, key(receipt, "refund"), Command::Refund(refund)).map(|_| ())
    }

    /// Sells or reserves, and asks now and then a second time.
    fn request_sale(
        &mut self,
        calls: &mut Together<'_>,
        receipt: &Receipt,
        at: Timestamp,
        verb: &str,
        command: Command,
    ) -> Result<Option<SaleAnswer>, Error> {
        self.requests += 1;
        let repeated = self.requests.is_multiple_of(REPEAT_EVERY).then(|| command.clone());
        let answer = self.call(calls, at, key(receipt, verb), command)?;
        if let Some(command) = repeated {
            // The answer names its record, so that one more record would be another answer.
            let request = Request::new(at, command).with_key(key(receipt, verb));
            let alike = calls.call(&request).is_ok_and(|second| second == answer);
            self.tally.repeated += 1;
            self.tally.answered_alike += u64::from(alike);
        }
        Ok(match answer {
            Answer::Sale(sale) => Some(*sale),
            _ => None,
        })
    }

    fn call(
        &mut self,
        calls: &mut Together<'_>,
        at: Timestamp,
        key: String,
        command: Command,
    ) -> Result<Answer, Error> {
        let verb = command.name();
        let answer = calls.call(&Request::new(at, command).with_key(key))?;
        if let Answer::Sale(sale) = &answer
            && sale.quote.is_some()
        {
            self.records.push(sale.record.clone());
        }
        *self.tally.verbs.entry(verb).or_default() += 1;
        Ok(answer)
    }
}

fn key(receipt: &Receipt, verb: &str) -> String {
    format!("{verb} {}", receipt.number)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::control::Control;
    use crate::journal::Time;
    use crate::receipts;

    const HEADER: &str =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
    const PROGRAM: &str = include_str!("../../../presets/online-retail.json");

    fn replay(rows: &str) -> (Tally, Control) {
        replay_on(&Journal::open(None, "replay", Time::File).unwrap(), rows)
    }

    fn replay_on(journal: &Journal, rows: &str) -> (Tally, Control) {
        let receipts = receipts::parse(format!("{HEADER}{rows}").as_bytes()).unwrap();
        let program = journal.install(PROGRAM, "2010-12-01T00:00:00Z".parse().unwrap()).unwrap();
        let mut replay = Replay::new(journal, program, Some("536370")).unwrap();
        replay.run(&receipts, "").unwrap();
        (replay.tally, Control::of(journal).unwrap())
    }

    #[test]
    fn odd_rows_are_all_accounted_for() {
        // By hand. 536365: 15.30 + 20.34 = 35.64, nothing to spend yet, earns 35 points.
        // 536370: 18.00 of postage, 90.00 and (further down) 10.20 of goods; 20 % of 118.20 would
        // be 23.64, the card has 35 points worth 0.35; earns on 100.20 − 0.35 = 99.85: 99 points.
        // 536414 costs nothing. 536372: 7 × 0.001 = 0.007, rounded 0.01.
        let (tally, control) = replay(
            "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
             536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom\n\
             536370,POST,POSTAGE,1,2010-12-01 08:45:00,18,17850,France\n\
             536370,22728,CLOCK,24,2010-12-01 08:45:00,3.75,17850,France\n\
             C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527,United Kingdom\n\
             536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom\n\
             536589,21777,,-10,2010-12-01 16:50:00,0,,United Kingdom\n\
             A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom\n\
             536371,22086,CHAIN,abc,2010-12-01 09:00:00,2.55,13748,United Kingdom\n\
             536370,21724,STICKERS,12,2010-12-01 08:46:00,0.85,17850,France\n\
             536372,84969,BOX,7,2010-12-01 09:01:00,0.001,,United Kingdom\n\
             536373,22632\n",
        );
        assert_eq!(tally.sold, Count { receipts: 4, lines: 7 });
        assert_eq!(tally.refunded, Count { receipts: 1, lines: 1 });
        assert_eq!(tally.refused, Count { receipts: 4, lines: 4 });
        let refusals: Vec<(&str, &str)> = tally
            .refusals
            .iter()
            .map(|(code, refusal)| (*code, refusal.example.as_str()))
            .collect();
        let expected = [
            ("order.quantity", "536589"),
            ("order.total", "A563186"),
            ("row.columns", "536373"),
            ("row.quantity", "536371"),
        ];
        assert_eq!(refusals, expected);
        assert_eq!(tally.verbs["issue"], 2);
        assert_eq!(tally.explained.len(), 2, "the receipt as reserved and as confirmed");

        let money = &control.flows.money;
        assert_eq!((money.lines, money.points, money.due), (153_85, 35, 153_50));
        assert_eq!((money.host, money.card, money.refunded), (0, 0, 27_50));
        let points = &control.flows.points["point"];
        assert_eq!((points.issued, points.spent, points.restored), (134, 35, 0));
        let reading = &control.readings["point"];
        assert_eq!((reading.left(), reading.held, reading.debt, reading.expired), (99, 0, 0, 0));
        assert!(control.balances());
    }

    #[test]
    fn the_ninety_seventh_reserved_sale_is_cancelled_and_sold_anew() {
        let rows = (1..=98).fold(String::new(), |mut rows, receipt| {
            let number = 500_000 + receipt * 5;
            writeln!(rows, "{number},22728,CLOCK,1,2010-12-01 08:45:00,10.00,17850,France")
                .unwrap();
            rows
        });
        let (tally, control) = replay(&rows);
        let verbs: Vec<(&str, u64)> = tally.verbs.into_iter().collect();
        let expected = [("cancel", 1), ("confirm", 97), ("issue", 1), ("reserve", 98), ("sell", 1)];
        assert_eq!(verbs, expected);
        // 98 times 10.00; the 101st request does not come about here (99 requests).
        assert_eq!((tally.sold.receipts, tally.repeated), (98, 0));
        assert_eq!(control.flows.money.lines, 980_00);
        assert!(control.balances());
    }

    #[test]
    fn a_request_that_is_sent_twice_is_answered_alike_and_done_once() {
        let rows = (1..=101).fold(String::new(), |mut rows, receipt| {
            let number = 500_000 + receipt * 5 + 1;
            writeln!(rows, "{number},22728,CLOCK,1,2010-12-01 08:45:00,10.00,,France").unwrap();
            rows
        });
        let (tally, control) = replay(&rows);
        assert_eq!((tally.repeated, tally.answered_alike), (1, 1));
        // And the two by which the programme came into force.
        assert_eq!(control.flows.records, 103);
    }

    #[test]
    fn a_replay_that_was_cut_off_goes_on_and_comes_to_the_same() {
        let rows: Vec<String> = (1..=12)
            .map(|receipt| {
                let number = 500_000 + receipt * 5;
                format!("{number},22728,CLOCK,1,2010-12-01 08:45:00,10.00,17850,France\n")
            })
            .collect();
        let (tally, whole) = replay(&rows.concat());
        let journal = Journal::open(None, "replay", Time::File).unwrap();
        replay_on(&journal, &rows[..7].concat());
        let (again, both) = replay_on(&journal, &rows.concat());
        assert_eq!((again.sold, again.verbs), (tally.sold, tally.verbs));
        // The records are the same to the last byte: the head is.
        assert_eq!(both, whole);
    }
}
