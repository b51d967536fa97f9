//! Calls about bills, disputes and reports, and what a divided bill adds up to.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use kopilka::{
    Amount, BillAction, BillAnswer, BillLine, BillPart, ChangeBill, Command, Dispute,
    DisputeAction, JoinBills, MoveBill, NoDetails, Quote, Report, ReportKind, ShiftReport,
    SplitBill,
};

use crate::calls::{Session, quantity, text};
use crate::wild;

impl Session {
    pub(crate) fn about_bills(&self, input: &mut Unstructured<'_>) -> Result<Command> {
        Ok(match input.int_in_range(0..=9u8)? {
            0..=5 if !self.reserved.is_empty() || wild::rarely(input, 8)? => {
                Command::Bill(self.change_bill(input)?)
            }
            6 | 7 if !self.tokens.is_empty() => Command::Dispute(Dispute {
                action: *wild::pick(input, DisputeAction::ALL)?,
                reason: text(input, &["chargeback"])?,
                store: self.store(input)?,
                token: self.token(input)?,
                ..Dispute::default()
            }),
            _ => Command::Report(Report {
                kind: match input.int_in_range(0..=2u8)? {
                    0 => ReportKind::Campaigns(NoDetails::default()),
                    1 => ReportKind::Liability(NoDetails::default()),
                    _ => ReportKind::Shift(ShiftReport {
                        from: wild::maybe(input, 3, wild::instant)?,
                        store: wild::maybe(input, 4, |input| wild::word(input, &["msk"]))?,
                        till: wild::maybe(input, 4, |input| wild::word(input, &["t1"]))?,
                        until: wild::maybe(input, 3, wild::instant)?,
                        ..ShiftReport::default()
                    }),
                },
            }),
        })
    }

    fn change_bill(&self, input: &mut Unstructured<'_>) -> Result<ChangeBill> {
        let line = |input: &mut Unstructured<'_>| {
            Ok(BillLine {
                line: wild::word(input, &["1", "2", "3", "4"])?,
                quantity: wild::maybe(input, 2, quantity)?,
            })
        };
        let part = |input: &mut Unstructured<'_>| {
            let count = if wild::rarely(input, 24)? { 0 } else { input.int_in_range(1..=2u8)? };
            let lines = (0..count).map(|_| line(input)).collect::<Result<_>>()?;
            Ok(BillPart { lines })
        };
        Ok(ChangeBill {
            action: match input.int_in_range(0..=7u8)? {
                0..=4 => {
                    let count =
                        if wild::rarely(input, 24)? { 0 } else { input.int_in_range(1..=3u8)? };
                    let parts = (0..count).map(|_| part(input)).collect::<Result<_>>()?;
                    BillAction::Split(SplitBill { parts })
                }
                5 | 6 => {
                    let tokens = wild::list(input, 2, |input| self.reserved(input))?;
                    BillAction::Join(JoinBills { tokens })
                }
                _ => BillAction::Move(MoveBill {
                    table: wild::maybe(input, 2, |input| wild::word(input, &["7"]))?,
                    till: text(input, &["t9"])?,
                }),
            },
            store: self.store(input)?,
            token: self.reserved(input)?,
            ..ChangeBill::default()
        })
    }

    /// What was divided or joined adds up to what there was, and the parts are sales from now on.
    pub(crate) fn regrouped(&mut self, change: &ChangeBill, answer: &BillAnswer) {
        let mut before = vec![change.token.clone()];
        match &change.action {
            BillAction::Join(join) => before.extend(join.tokens.iter().cloned()),
            BillAction::Split(_) => {}
            BillAction::Move(_) => return,
        }
        let bills: Vec<(&String, &Quote)> = answer
            .bills
            .iter()
            .filter_map(|bill| bill.token.as_ref().zip(bill.quote.as_ref()))
            .collect();
        let was: Option<Vec<Quote>> =
            before.iter().map(|token| self.quotes.get(token).cloned()).collect();
        if let Some(was) = was {
            let was = sums(&was.iter().collect::<Vec<_>>());
            let now = sums(&bills.iter().map(|(_, quote)| *quote).collect::<Vec<_>>());
            assert_eq!(was, now, "the shares are not the bill: {change:?} {answer:?}");
        }
        self.reserved.retain(|token| !before.contains(token));
        for (token, quote) in bills {
            self.sales.insert(token.clone(), (0, quote.totals.gross.units.into()));
            self.quotes.insert(token.clone(), quote.clone());
            self.reserved.push(token.clone());
            self.tokens.push(token.clone());
        }
    }
}

/// Every number of some receipts, added up.
fn sums(quotes: &[&Quote]) -> BTreeMap<String, i128> {
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut add = |name: String, amount: Amount| {
        if amount.units != 0 {
            *sums.entry(name).or_default() += i128::from(amount.units);
        }
    };
    for quote in quotes {
        let totals = &quote.totals;
        for (name, amount) in [
            ("amount", totals.amount),
            ("counter_provision", totals.counter_provision),
            ("discount", totals.discount),
            ("due", totals.due),
            ("gift", totals.gift),
            ("gross", totals.gross),
            ("net", totals.net),
            ("payable", totals.payable),
            ("rest", totals.rest),
            ("tax", totals.tax),
        ] {
            add(name.to_owned(), amount);
        }
        for line in &quote.lines {
            for (name, amount) in
                [("amount", line.amount), ("discount", line.discount), ("due", line.due)]
            {
                add(format!("line {} {name}", line.id), amount);
            }
            for discount in &line.discounts {
                let name =
                    format!("line {} {} {}", line.id, discount.stage.as_str(), discount.source);
                add(name, discount.amount);
            }
        }
        for entry in &quote.points {
            let of = |what: &str| format!("{} {} {what}", entry.card, entry.points);
            add(of("earned"), entry.earned);
            add(of("spent"), entry.spent);
        }
        for payment in &quote.gift_cards {
            add(format!("gift card {}", payment.card), payment.amount);
        }
        for tax in &quote.taxes {
            add(format!("tax {}", tax.name), tax.tax);
        }
        for load in &quote.loads {
            add(format!("load {}", load.card), load.amount);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}
