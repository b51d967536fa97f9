//! A record in the making, with a working copy of the cards that it touches.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::account::Account;
use crate::amount::Amount;
use crate::answer::{Answer, BalanceChange, CardView, TraceStep};
use crate::chance::Chance;
use crate::clock::tell;
use crate::command::Request;
pub(super) use crate::command::{Place, place_of};
use crate::document::LIST_MAX;
use crate::error::{Error, ErrorCode};
use crate::history::Moment;
use crate::pricing::{balance, card_view};
use crate::program::Program;
use crate::program::rules::Rules;
use crate::record::{
    DebtMoved, Effect, Envelope, Lot, LotMove, LotMoved, Posted, Posting, RECORD_FORMAT,
    RULES_VERSION, Record, Watched,
};
use crate::slice::{CardState, LimitReading, Slice, apply_to_cards, apply_to_limits};

/// No balance or counter may leave these bounds, so that sums of many stay exact everywhere.
const BALANCE_MAX: i64 = crate::json::INTEGER_MAX;

pub(super) struct Draft<'a> {
    pub rules: &'a Rules,
    pub slice: &'a Slice,
    pub request: &'a Request,
    /// The book's own time of this record.
    pub at: Timestamp,
    pub id: String,
    /// The local day on which what happens counts.
    pub day: Date,
    pub trace: Vec<TraceStep>,
    read: Vec<CardView>,
    effects: Vec<Effect>,
    /// The touched cards as they are after the effects so far.
    work: Slice,
    lots: usize,
    pub coupons: usize,
    /// The chance that something of this record was made of.
    entropy: Option<String>,
    /// What the watch saw.
    pub watched: Vec<Watched>,
}

impl<'a> Draft<'a> {
    pub fn new(program: &'a Program, slice: &'a Slice, request: &'a Request) -> Draft<'a> {
        let rules = program.rules();
        let at = slice.logical(request.at);
        Draft {
            rules,
            slice,
            request,
            at,
            day: rules.zone.to_datetime(at).date(),
            id: slice.next_id().to_string(),
            trace: Vec::new(),
            read: Vec::new(),
            effects: Vec::new(),
            work: Slice::default(),
            lots: 0,
            coupons: 0,
            entropy: None,
            watched: Vec::new(),
        }
    }

    /// What happens counts at the host's instant, although its clock was suspect.
    pub fn accept_clock(&mut self) {
        self.at = self.request.at;
        self.day = self.rules.zone.to_datetime(self.at).date();
    }

    /// Bytes of chance for one purpose; the record keeps what they are made of.
    pub fn chance(&mut self, purpose: &str) -> Result<Chance, Error> {
        let chance = Chance::new(self.request.entropy.as_ref(), purpose)?;
        self.entropy.clone_from(&self.request.entropy);
        Ok(chance)
    }

    /// Notes that a card is read, and takes a working copy of it.
    pub fn read(&mut self, number: &str) {
        if self.work.card(number).is_some() {
            return;
        }
        if let Some(card) = self.slice.card(number) {
            self.read.push(card_view(self.rules, number, card, self.at));
            self.work.insert_card(number, card.clone());
        }
    }

    pub fn push(&mut self, effect: Effect) {
        let now = Moment { at: self.at, day: self.day };
        apply_to_cards(&mut self.work, &effect, now, now);
        apply_to_limits(&mut self.work, &effect);
        self.effects.push(effect);
    }

    /// The card as it is after the effects so far.
    pub fn card(&self, number: &str) -> Option<&CardState> {
        self.work.card(number)
    }

    /// The numbers of a guest's cards, own and shared, among the cards that were read.
    pub fn cards_of(&self, guest: &str) -> impl Iterator<Item = String> {
        self.work.cards_of(guest).cloned()
    }

    /// What is used of a limit, with what this record counted so far.
    pub fn limit(&self, limit: &str, subject: &str, period: &str) -> LimitReading {
        let mut used = self.slice.limit(limit, subject, period, self.at, None);
        used.add(self.work.limit(limit, subject, period, self.at, None));
        used
    }

    /// The zone of a store; the programme's if it has none of its own or is not known.
    pub fn zone(&self, store: Option<&String>) -> &'a TimeZone {
        self.rules.zone_of(store)
    }

    /// What happens counts on the day of this store.
    pub fn set_day(&mut self, store: Option<&String>) {
        self.day = self.zone(store).to_datetime(self.at).date();
    }

    /// The account as it is after the effects so far.
    pub fn account(&self, card: &str, points: &str) -> Option<&Account> {
        self.work.card(card)?.account(points)
    }

    /// An id for a new lot of this record.
    pub fn new_lot_id(&mut self) -> String {
        self.lots += 1;
        format!("{}/{}", self.id, self.lots)
    }

    /// Moves points between a card and one of the programme's accounts.
    pub fn post(&mut self, card: &str, points: &str, amount: Amount, other: &str) {
        let posting = |account: String, units: i64| Posting {
            account,
            amount: Amount { units, digits: amount.digits },
        };
        self.push(Effect::Posted(Posted {
            points: points.to_owned(),
            postings: vec![
                posting(format!("card:{card}"), amount.units),
                posting(other.to_owned(), -amount.units),
            ],
        }));
    }

    pub fn move_lot(&mut self, card: &str, points: &str, lot: Lot, amount: Amount, why: LotMove) {
        self.push(Effect::LotMoved(LotMoved {
            amount,
            card: card.to_owned(),
            lot,
            points: points.to_owned(),
            why,
        }));
    }

    pub fn move_debt(&mut self, card: &str, points: &str, amount: Amount) {
        self.push(Effect::DebtMoved(DebtMoved {
            amount,
            card: card.to_owned(),
            points: points.to_owned(),
        }));
    }

    /// The balances that the effects changed.
    pub fn balance_changes(&self) -> Vec<BalanceChange> {
        let mut changes = Vec::new();
        let read = self.read.iter().map(|view| view.card.clone());
        let mut numbers: Vec<String> = read.collect();
        // A card that this record issues held nothing before.
        let issued = self.work.card_numbers();
        numbers.extend(issued.into_iter().filter(|card| self.slice.card(card).is_none()));
        let known = |number: &String| self.read.iter().find(|view| view.card == *number);
        for number in &numbers {
            let Some(card) = self.work.card(number) else {
                continue;
            };
            let view = known(number).cloned().unwrap_or_default();
            let now = card_view(self.rules, number, card, self.at);
            for after in now.balances {
                let earlier = view.balances.iter().find(|before| before.points == after.points);
                let digits = after.posted.digits;
                let none = || balance(&after.points, digits, &crate::account::Reading::default());
                let before = earlier.cloned().unwrap_or_else(none);
                if before != after {
                    changes.push(BalanceChange { after, before, card: number.clone() });
                }
            }
        }
        changes
    }

    /// The card as it is after the effects so far.
    pub fn view(&self, number: &str) -> Option<CardView> {
        Some(card_view(self.rules, number, self.work.card(number)?, self.at))
    }

    /// The record, if nothing left the bounds of the engine.
    pub fn finish(mut self, mut answer: Answer, place: &Place<'_>) -> Result<Record, Error> {
        self.push_watched();
        // A record by which the clock is accepted stands at the host's instant.
        if self.at < self.request.at {
            tell(&mut answer, self.slice.suspicion(self.request.at));
        }
        self.check_bounds()?;
        self.check_length(&answer)?;
        let head = self.slice.head();
        let zone = place
            .store
            .and_then(|id| self.rules.document.stores.iter().position(|store| store.id == *id));
        let zone = zone.and_then(|store| self.rules.stores.get(store));
        let envelope = Envelope {
            at: self.request.at,
            cashier: place.cashier.cloned(),
            correlation: self.request.correlation.clone(),
            entropy: self.entropy.clone(),
            format: RECORD_FORMAT,
            incarnation: head.incarnation,
            key: self.request.key.clone().unwrap_or_default(),
            logical_at: self.at,
            offline_since: self.request.offline_since,
            previous: head.hash.to_string(),
            program: self.rules.version.clone(),
            rules_version: RULES_VERSION,
            sequence: head.sequence + 1,
            shift: place.shift.cloned(),
            store: place.store.cloned(),
            till: head.till.clone(),
            verb: self.request.command.name().to_owned(),
            workplace: place.till.cloned(),
            zone: zone.map_or(&self.rules.document.zone, |store| &store.zone_name).clone(),
        };
        Ok(Record {
            answer,
            command: self.request.command.recorded(),
            read: unquoted(self.read, &self.effects),
            effects: self.effects,
            envelope,
            trace: self.trace,
        })
    }

    /// A record that is longer than a list may be could not be read again.
    fn check_length(&self, answer: &Answer) -> Result<(), Error> {
        let reasons = match answer {
            Answer::Changed(changed) => changed.reasons.len(),
            Answer::Program(program) => program.reasons.len(),
            Answer::Refund(refund) => refund.reasons.len(),
            Answer::Sale(sale) => sale.reasons.len(),
            Answer::Settled(settled) => settled.reasons.len(),
            _ => 0,
        };
        let lists = [self.effects.len(), self.read.len(), self.trace.len(), reasons];
        if lists.iter().all(|length| *length <= LIST_MAX) {
            return Ok(());
        }
        let message = format!("no record holds more than {LIST_MAX} facts; do it in smaller parts");
        Err(Error::new(ErrorCode::DocumentListTooLong, "", message))
    }

    fn check_bounds(&self) -> Result<(), Error> {
        for (number, card) in self.work.cards() {
            let within = |value: i64| value.unsigned_abs() <= BALANCE_MAX.unsigned_abs();
            let accounts = || card.accounts().map(|(_, account)| account);
            let sound = within(card.spent)
                && accounts().all(|account| within(account.posted) && within(account.debt));
            if !sound {
                let message = format!("a balance of card `{number}` would become too large");
                return Err(Error::new(ErrorCode::BalanceRange, "", message));
            }
        }
        Ok(())
    }
}

/// The cards that do not stand in a receipt of the record anyway.
fn unquoted(mut read: Vec<CardView>, effects: &[Effect]) -> Vec<CardView> {
    let quoted = effects.iter().find_map(|effect| match effect {
        Effect::SaleOpened(opened) => Some(&opened.quote),
        Effect::SaleConfirmed(confirmed) => confirmed.quote.as_ref(),
        _ => None,
    });
    let cards = quoted.map_or(&[][..], |quote| &quote.cards);
    read.retain(|view| !cards.iter().any(|card| card.card == view.card));
    read
}
