//! What was posted to a card, record by record; and the explanation of one record.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{Answer, Explanation, HistoryAnswer, HistoryEntry};
use crate::command::{Command, Explain, History};
use crate::error::{Error, ErrorCode};
use crate::program::Program;
use crate::record::{Effect, Entry, RecordId, Token, Watched};
use crate::slice::Slice;
use crate::verbs::{Proof, asked_card};

/// The history of a card while it is read: records are added one after another, in the order of
/// their positions, and only as many entries are kept as were asked for.
#[derive(Debug)]
pub struct Statement {
    card: String,
    most: usize,
    /// What was posted so far, by the kind of points.
    posted: HashMap<String, i64>,
    entries: VecDeque<HistoryEntry>,
}

impl Statement {
    /// Begins the history that a request asks for. The slice holds the card that is asked about.
    ///
    /// # Errors
    /// `card.bank_card`, `card.unknown`, or `card.pin_needed` where whoever asks may not know.
    pub fn begin(
        program: &Program,
        slice: &Slice,
        input: &History,
        at: Timestamp,
    ) -> Result<Statement, Error> {
        let number = crate::number::normalise(&input.card);
        if crate::identify::is_bank_card(number) {
            let place = "/command/history/card";
            return Err(Error::new(ErrorCode::CardBankCard, place, crate::verbs::BANK_CARD));
        }
        let (office, presentation) = (input.office, input.presentation.as_deref());
        let proof = Proof { office, presentation };
        let card = asked_card(program.rules(), slice, number, proof, slice.logical(at))
            .map_err(|error| error.under("/command/history"))?;
        Ok(Statement {
            card: card.to_owned(),
            most: usize::try_from(input.limit).unwrap_or(usize::MAX),
            posted: HashMap::new(),
            entries: VecDeque::new(),
        })
    }

    /// The number of the card: the one that the asked number stands for.
    #[must_use]
    pub fn card(&self) -> &str {
        &self.card
    }

    /// Adds what a record posted to the card, if anything.
    pub fn add(&mut self, entry: &Entry) {
        for (points, amount) in posted_to(entry, &self.card) {
            let sum = self.posted.entry(points.to_owned()).or_default();
            *sum = sum.saturating_add(amount.units);
            let posted = Amount { units: *sum, digits: amount.digits };
            self.entries.push_front(history_entry(entry, points, amount, posted));
        }
        self.entries.truncate(self.most);
    }

    /// The answer, the newest entry first.
    #[must_use]
    pub fn answer(self) -> Answer {
        Answer::History(HistoryAnswer { card: self.card, entries: self.entries.into() })
    }
}

/// How the numbers of a record came about, from the record alone.
#[must_use]
pub fn explanation(entry: &Entry) -> Explanation {
    let envelope = &entry.record.envelope;
    let watched = entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::Watched(watched) => Some(watched.clone()),
        _ => None,
    });
    let watched: Vec<Watched> = watched.collect();
    Explanation {
        at: envelope.at,
        program: envelope.program.clone(),
        quote: entry.quote().cloned(),
        record: envelope.id().to_string(),
        steps: entry.record.trace.clone(),
        verb: envelope.verb.clone(),
        watched: Some(watched).filter(|watched| !watched.is_empty()),
    }
}

/// The record that is to be explained.
///
/// # Errors
/// `record.unknown` if the text is neither the id of a record nor a token.
pub fn explained_record(input: &Explain) -> Result<RecordId, Error> {
    let token = Token::parse(&input.record).ok();
    let id = token.map(|token| token.record);
    id.or_else(|| RecordId::parse(&input.record)).ok_or_else(record_unknown)
}

/// Explains the record that [`explained_record`] names, if there is one.
///
/// # Errors
/// `record.unknown` if there is none.
pub fn explained(input: &Explain, entry: Option<&Entry>) -> Result<Answer, Error> {
    let entry = entry.ok_or_else(record_unknown)?;
    let mut explanation = explanation(entry);
    // One record may have opened several sales.
    let token = Token::parse(&input.record).ok();
    if let Some(opened) = token.and_then(|token| entry.opening(&token.sale())) {
        explanation.quote = Some(opened.quote.clone());
    }
    Ok(Answer::Explanation(explanation))
}

fn record_unknown() -> Error {
    let message = "there is no record with this id or token";
    Error::new(ErrorCode::RecordUnknown, "/command/explain/record", message)
}

fn posted_to<'a>(entry: &'a Entry, card: &'a str) -> impl Iterator<Item = (&'a str, Amount)> {
    let posted = entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::Posted(posted) => Some(posted),
        _ => None,
    });
    posted.flat_map(move |posted| {
        let own = posted
            .postings
            .iter()
            .filter(move |posting| posting.account.strip_prefix("card:") == Some(card));
        own.map(|posting| (posted.points.as_str(), posting.amount))
    })
}

fn history_entry(entry: &Entry, points: &str, amount: Amount, posted: Amount) -> HistoryEntry {
    let envelope = &entry.record.envelope;
    HistoryEntry {
        amount,
        at: envelope.at,
        points: points.to_owned(),
        posted,
        receipt: receipt_number(&entry.record.command).cloned(),
        record: envelope.id().to_string(),
        store: envelope.store.clone(),
        verb: envelope.verb.clone(),
    }
}

fn receipt_number(command: &Command) -> Option<&String> {
    match command {
        Command::Confirm(confirm) => confirm.receipt.as_ref(),
        Command::Refund(refund) => refund.receipt.as_ref(),
        Command::Reserve(reserve) => reserve.order.receipt.as_ref(),
        Command::Sell(sell) => sell.order.receipt.as_ref(),
        _ => None,
    }
}
