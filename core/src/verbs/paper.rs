//! Receipts that were written by hand: entered late, and each once.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::draft::Draft;
use crate::amount::Amount;
use crate::answer::{LimitUse, Quote};
use crate::error::{Error, ErrorCode};
use crate::order::{Order, PaperReceipt};
use crate::program::GiveBack;

/// Under which id a number is noted; whose it is tells the store, the period the day and the record.
pub(crate) const PAPER_NUMBER: &str = "paper:number";
/// Under which id a sum is noted, by the card, or the store where there is none; the period tells
/// the minute, the sum and the record.
pub(crate) const PAPER_SUM: &str = "paper:sum";

/// Refuses a hand-written receipt where an order is not sold at once.
pub(super) fn refuse(order: &Order) -> Result<(), Error> {
    if order.paper.is_none() {
        return Ok(());
    }
    let message = "a hand-written receipt was paid already: enter it with `sell`";
    Err(Error::new(ErrorCode::PaperVerb, "/order/paper", message))
}

impl Draft<'_> {
    /// Notes a hand-written receipt in what the sale counts, unless it was entered before.
    pub fn enter_paper(&self, order: &Order, quote: &mut Quote) -> Result<(), Error> {
        let Some(paper) = &order.paper else { return Ok(()) };
        if paper.at > self.at {
            let message = format!("the receipt's time is later than now, {}; correct it", self.at);
            return Err(Error::new(ErrorCode::PaperTime, "/order/paper/at", message));
        }
        let number = Number::of(paper, order, self.zone(order.store.as_ref()));
        if let Some(record) = self.entered(PAPER_NUMBER, &number.subject, &number.day) {
            let message = format!(
                "the receipt `{}` of this day was entered already, as record {record}; correct the \
                 number, or leave it out",
                paper.number.trim()
            );
            return Err(Error::new(ErrorCode::PaperDuplicate, "/order/paper/number", message));
        }
        quote.limits.push(self.noted(PAPER_NUMBER, number.subject, &number.day));
        if paper.distinct {
            return Ok(());
        }
        let subject = payer(quote.cards.first().map(|card| card.card.as_str()), order);
        let sum = format!("{} {} {}", minute(paper.at), quote.totals.payable, quote.currency);
        if let Some(record) = self.entered(PAPER_SUM, &subject, &sum) {
            let message = format!(
                "record {record} has the same card, sum and minute; say `distinct` if it is \
                 another receipt, or leave it out"
            );
            return Err(Error::new(ErrorCode::PaperDuplicate, "/order/paper/distinct", message));
        }
        quote.limits.push(self.noted(PAPER_SUM, subject, &sum));
        Ok(())
    }

    /// The record that noted the same, if one did: the first by its id where several tills did.
    fn entered(&self, limit: &str, subject: &str, what: &str) -> Option<String> {
        let of_it = |(_, period, uses): (&str, &str, i64)| {
            let (noted, record) = period.rsplit_once(' ')?;
            (noted == what && uses > 0).then(|| record.to_owned())
        };
        let noted = self.slice.noted(limit).filter(|(whose, _, _)| *whose == subject);
        noted.filter_map(of_it).min()
    }

    fn noted(&self, limit: &str, subject: String, what: &str) -> LimitUse {
        LimitUse {
            give_back: GiveBack { cancel: true, refund: false, void: true },
            limit: limit.to_owned(),
            money: Amount { units: 0, digits: self.rules.currency_digits },
            period: format!("{what} {}", self.id),
            points: Amount { units: 0, digits: 0 },
            subject,
            uses: 1,
        }
    }
}

/// The number of a receipt as it is compared.
struct Number {
    subject: String,
    /// The receipt's local day: numbers begin anew with each pad.
    day: String,
}

impl Number {
    fn of(paper: &PaperReceipt, order: &Order, zone: &TimeZone) -> Number {
        let day = zone.to_datetime(paper.at).date().to_string();
        Number { subject: number_subject(order.store.as_ref(), &paper.number), day }
    }
}

/// Whose a number is: the store's, whose length keeps the two apart.
pub(crate) fn number_subject(store: Option<&String>, number: &str) -> String {
    let store = store.map_or("", String::as_str);
    format!("{}:{store}:{}", store.len(), number.trim())
}

/// The store and the number of which [`number_subject`] was made.
pub(crate) fn number_parts(subject: &str) -> Option<(&str, &str)> {
    let (length, rest) = subject.split_once(':')?;
    let length: usize = length.parse().ok()?;
    Some((rest.get(..length)?, rest.get(length..)?.strip_prefix(':')?))
}

/// Whose a sum is: a card's, or of receipts without one the store's.
pub(crate) fn payer(card: Option<&str>, order: &Order) -> String {
    match card {
        Some(card) => format!("card:{card}"),
        None => format!("store:{}", order.store.as_deref().unwrap_or("")),
    }
}

/// The minute in which an instant is, in UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_and_a_number_are_kept_apart() {
        let store = |name: &str| Some(name.to_owned());
        let one = number_subject(store("a:1").as_ref(), "2");
        let other = number_subject(store("a").as_ref(), "1:2");
        assert_ne!(one, other);
        assert_eq!(number_parts(&one), Some(("a:1", "2")));
        assert_eq!(number_parts(&other), Some(("a", "1:2")));
        assert_eq!(number_parts(&number_subject(None, " 7 ")), Some(("", "7")));
        assert_eq!(number_parts("9:short:1"), None);
    }

    #[test]
    fn seconds_do_not_tell_two_receipts_apart() {
        let at = |text: &str| minute(text.parse().unwrap());
        assert_eq!(at("2026-11-21T10:05:59+03:00"), "2026-11-21T07:05Z");
        assert_eq!(at("2026-11-21T07:05:00Z"), "2026-11-21T07:05Z");
    }
}
