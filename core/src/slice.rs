//! The part of the book that a decision needs, and how records change it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::account::{Account, Hold};
use crate::answer::{Quote, SaleStatus};
use crate::command::Command;
use crate::number::normalise;
use crate::record::{Effect, Entry, Lot, RecordHash, RecordId, Token};

/// What must be loaded before a command can be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A card, by its number.
    Card(String),
    /// What was answered under a command's key.
    Command(String),
    /// A sale, by the id of the record that opened it.
    Sale(String),
}

/// States loaded from a book. A slice that holds everything is the whole book in memory.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    cards: HashMap<String, CardState>,
    sales: HashMap<String, SaleState>,
    keys: HashMap<String, Arc<Entry>>,
    pub(crate) head: Head,
}

/// The end of the chain.
#[derive(Clone, Debug)]
pub struct Head {
    /// The till that keeps the book.
    pub till: String,
    /// How many times its book was begun anew.
    pub incarnation: u32,
    /// The number of the last record; 0 if there is none.
    pub sequence: u64,
    /// The hash of the last record; zeros if there is none.
    pub hash: RecordHash,
    /// The book's own time.
    pub logical_at: Timestamp,
}

impl Default for Head {
    fn default() -> Self {
        Head {
            till: "till".into(),
            incarnation: 1,
            sequence: 0,
            hash: RecordHash::default(),
            logical_at: Timestamp::MIN,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct CardState {
    pub kind: String,
    pub guest: Option<String>,
    pub spent: i64,
    pub purchases: i64,
    /// One for each kind of points, by its id.
    accounts: Vec<(String, Account)>,
}

impl CardState {
    pub fn account(&self, points: &str) -> Option<&Account> {
        self.accounts.iter().find(|(id, _)| id == points).map(|(_, account)| account)
    }

    fn account_mut(&mut self, points: &str) -> Option<&mut Account> {
        if self.account(points).is_none() {
            self.accounts.push((points.to_owned(), Account::default()));
        }
        self.accounts.iter_mut().find(|(id, _)| id == points).map(|(_, account)| account)
    }

    pub fn accounts(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.accounts.iter().map(|(id, account)| (id.as_str(), account))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SaleState {
    pub status: SaleStatus,
    pub opened: Arc<Entry>,
    /// The record that completed the sale.
    pub confirmed: Option<Arc<Entry>>,
    /// What came back of each line of the receipt.
    pub lines: Vec<LineProgress>,
    /// What moved of each entry of the receipt's points: restored, clawed back.
    pub points: Vec<(i64, i64)>,
    pub refunded: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineProgress {
    /// Thousandths that came back.
    pub quantity: i64,
    /// Money that was given back.
    pub money: i64,
    /// The part of it that was given back by amount.
    pub by_amount: i64,
}

impl SaleState {
    /// The receipt as it stands.
    pub fn quote(&self) -> Option<&Quote> {
        let confirmed = self.confirmed.as_ref().and_then(|entry| entry.quote());
        confirmed.or_else(|| self.opened.quote())
    }
}

impl Slice {
    /// An empty book for a till.
    #[must_use]
    pub fn new(till: &str, incarnation: u32) -> Slice {
        let head = Head { till: till.to_owned(), incarnation, ..Head::default() };
        Slice { head, ..Slice::default() }
    }

    /// The end of the chain.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The numbers of all cards that were loaded, in order.
    #[must_use]
    pub fn card_numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = self.cards.keys().cloned().collect();
        numbers.sort();
        numbers
    }

    pub(crate) fn card(&self, number: &str) -> Option<&CardState> {
        self.cards.get(number)
    }

    pub(crate) fn insert_card(&mut self, number: &str, card: CardState) {
        self.cards.insert(number.to_owned(), card);
    }

    pub(crate) fn cards(&self) -> impl Iterator<Item = (&String, &CardState)> {
        self.cards.iter()
    }

    pub(crate) fn sale(&self, id: &str) -> Option<&SaleState> {
        self.sales.get(id)
    }

    pub(crate) fn answered(&self, key: &str) -> Option<&Arc<Entry>> {
        self.keys.get(key)
    }

    /// The next record's id.
    pub(crate) fn next_id(&self) -> RecordId {
        let Head { till, incarnation, sequence, .. } = &self.head;
        RecordId { till: till.clone(), incarnation: *incarnation, sequence: sequence + 1 }
    }

    /// The book's own time for something that happens at `at` by the host's clock.
    pub(crate) fn logical(&self, at: Timestamp) -> Timestamp {
        at.max(self.head.logical_at)
    }
}

/// The keys that must be loaded before a command can be decided. A sale names its cards, so ask
/// again after loading until nothing new is named.
#[must_use]
pub fn touches(slice: &Slice, command: &Command, key: Option<&str>) -> Vec<Key> {
    let mut keys: Vec<Key> = key.map(|key| Key::Command(key.to_owned())).into_iter().collect();
    let token = match command {
        Command::Cancel(cancel) => Some(&cancel.token),
        Command::Confirm(confirm) => Some(&confirm.token),
        Command::Refund(refund) => refund.token.as_ref(),
        Command::Void(void) => Some(&void.token),
        _ => None,
    };
    let order = match command {
        Command::Quote(quote) => Some(&quote.order),
        Command::Reserve(reserve) => Some(&reserve.order),
        Command::Sell(sell) => Some(&sell.order),
        Command::Refund(refund) => refund.order.as_ref(),
        _ => None,
    };
    let number = match command {
        Command::Balance(query) => Some(&query.card),
        Command::History(history) => Some(&history.card),
        Command::Identify(identify) => Some(&identify.scan),
        Command::Issue(issue) => Some(&issue.card),
        _ => None,
    };
    let presented = order.into_iter().flat_map(|order| &order.cards).map(|card| &card.number);
    let numbers = number.into_iter().chain(presented).map(|number| normalise(number));
    keys.extend(numbers.map(|number| Key::Card(number.to_owned())));
    if let Some(token) = token.and_then(|token| Token::parse(token).ok()) {
        let id = token.record.to_string();
        let quote = slice.sale(&id).and_then(SaleState::quote);
        let cards = quote.into_iter().flat_map(|quote| &quote.cards);
        keys.extend(cards.map(|card| Key::Card(card.card.clone())));
        keys.push(Key::Sale(id));
    }
    keys
}

/// Adds a record's facts. It reads the effects and the envelope, never the rules.
pub fn apply(slice: &mut Slice, entry: &Arc<Entry>) {
    let envelope = &entry.record.envelope;
    for effect in &entry.record.effects {
        apply_to_cards(slice, effect);
        apply_to_sales(slice, entry, effect);
    }
    slice.keys.insert(envelope.key.clone(), Arc::clone(entry));
    slice.head.sequence = envelope.sequence;
    slice.head.hash = entry.hash;
    slice.head.logical_at = slice.head.logical_at.max(envelope.logical_at);
}

/// What is compared when a key comes again: the command, but neither key, instant nor entropy.
pub(crate) fn command_content(command: &Command) -> RecordHash {
    RecordHash::of(crate::document::canonical(command).as_bytes())
}

/// Applies what a fact does to cards, if anything.
pub(crate) fn apply_to_cards(slice: &mut Slice, effect: &Effect) {
    match effect {
        Effect::CardIssued(issued) => {
            let card = slice.cards.entry(issued.card.clone()).or_default();
            card.kind.clone_from(&issued.kind);
            card.guest.clone_from(&issued.guest);
        }
        Effect::SpendCounted(counted) => {
            let card = slice.cards.entry(counted.card.clone()).or_default();
            card.spent = card.spent.saturating_add(counted.amount.units);
            card.purchases = card.purchases.saturating_add(counted.purchases);
        }
        Effect::Posted(posted) => {
            for posting in &posted.postings {
                if let Some(number) = posting.account.strip_prefix("card:") {
                    let units = posting.amount.units;
                    with_account(slice, number, &posted.points, |account| {
                        account.posted = account.posted.saturating_add(units);
                    });
                }
            }
        }
        Effect::DebtMoved(moved) => with_account(slice, &moved.card, &moved.points, |account| {
            account.debt = account.debt.saturating_add(moved.amount.units);
        }),
        Effect::LotOpened(opened) => {
            add_lot(slice, &opened.card, &opened.points, &opened.lot, opened.amount.units);
        }
        Effect::LotMoved(moved) => {
            add_lot(slice, &moved.card, &moved.points, &moved.lot, moved.amount.units);
        }
        Effect::HoldPlaced(placed) => {
            let part = |part: &crate::record::LotPart| (part.lot.clone(), part.amount.units);
            let hold = Hold {
                sale: placed.sale.clone(),
                parts: placed.parts.iter().map(part).collect(),
                until: placed.until,
            };
            with_account(slice, &placed.card, &placed.points, |account| account.place_hold(hold));
        }
        Effect::HoldEnded(ended) => {
            with_account(slice, &ended.card, &ended.points, |account| {
                account.end_hold(&ended.sale)
            });
        }
        _ => {}
    }
}

/// Applies what a fact does to sales, if anything.
fn apply_to_sales(slice: &mut Slice, entry: &Arc<Entry>, effect: &Effect) {
    match effect {
        Effect::SaleOpened(opened) => {
            let state = SaleState {
                status: SaleStatus::Reserved,
                opened: Arc::clone(entry),
                confirmed: None,
                lines: vec![LineProgress::default(); opened.quote.lines.len()],
                points: vec![(0, 0); opened.quote.points.len()],
                refunded: false,
            };
            slice.sales.insert(opened.sale.clone(), state);
        }
        Effect::SaleConfirmed(confirmed) => {
            if let Some(sale) = slice.sales.get_mut(&confirmed.sale) {
                sale.status = SaleStatus::Confirmed;
                sale.confirmed = Some(Arc::clone(entry));
                let points = sale.quote().map_or(0, |quote| quote.points.len());
                sale.points = vec![(0, 0); points];
            }
        }
        Effect::SaleCancelled(ended) => end_sale(slice, &ended.sale, SaleStatus::Cancelled),
        Effect::SaleVoided(ended) => end_sale(slice, &ended.sale, SaleStatus::Voided),
        Effect::RefundMade(refund) => {
            let sale = refund.sale.as_ref().and_then(|id| slice.sales.get_mut(id));
            if let Some(sale) = sale {
                apply_refund(sale, refund);
            }
        }
        _ => {}
    }
}

fn apply_refund(sale: &mut SaleState, refund: &crate::record::RefundMade) {
    sale.refunded = true;
    let receipt = sale.confirmed.clone().unwrap_or_else(|| Arc::clone(&sale.opened));
    let Some(quote) = receipt.quote().or_else(|| sale.opened.quote()) else {
        return;
    };
    let lines = quote.lines.iter().zip(&mut sale.lines);
    let mut by_id: HashMap<&str, &mut LineProgress> =
        lines.map(|(line, progress)| (line.id.as_str(), progress)).collect();
    for returned in &refund.lines {
        if let Some(line) = by_id.get_mut(returned.line.as_str()) {
            line.quantity = line.quantity.saturating_add(returned.quantity);
            line.money = line.money.saturating_add(returned.money.units);
            line.by_amount = line.by_amount.saturating_add(returned.by_amount.units);
        }
    }
    for returned in &refund.points {
        let same = |entry: &crate::answer::PointsQuote| {
            entry.card == returned.card && entry.points == returned.points
        };
        let place = quote.points.iter().position(same);
        if let Some((restored, taken)) = place.and_then(|place| sale.points.get_mut(place)) {
            *restored = restored.saturating_add(returned.restored.units);
            *taken = taken.saturating_add(returned.clawed_back.units);
        }
    }
}

fn end_sale(slice: &mut Slice, id: &str, status: SaleStatus) {
    if let Some(sale) = slice.sales.get_mut(id) {
        sale.status = status;
    }
}

fn with_account(slice: &mut Slice, card: &str, points: &str, change: impl FnOnce(&mut Account)) {
    let account = slice.cards.get_mut(card).and_then(|card| card.account_mut(points));
    if let Some(account) = account {
        change(account);
    }
}

fn add_lot(slice: &mut Slice, card: &str, points: &str, lot: &Lot, amount: i64) {
    with_account(slice, card, points, |account| account.add(lot, amount));
}
