//! The part of the book that a decision needs, and how records change it.

mod apply;
mod coupon;
mod guest;
mod life;
mod presentation;
mod profile;
mod ticket;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::answer::{Quote, SaleStatus};
use crate::command::Command;
use crate::history::History;
use crate::order::{Challenge, Order};
use crate::record::{
    DisputeState, Effect, Entry, LimitCounted, PinHash, RecordHash, RecordId, SaleOpened,
    SpendCounted, Token,
};

pub use apply::apply;
use apply::spend_counted;
pub(crate) use apply::{apply_to_cards, apply_to_limits};
pub(crate) use coupon::{CouponFault, CouponState, Presenter};
pub(crate) use guest::{GuestState, apply_to_guests};
pub(crate) use life::CardLife;
pub(crate) use presentation::{
    Attempts, Presentation, presentation_of, subject_of, subject_of_till,
};
use profile::Profiles;
pub(crate) use ticket::Scan;

/// The rule of points that a card starts with.
pub(crate) const OPENING: &str = "opening";
/// The programme's account of money that was put on cards.
pub(crate) const LOADED: &str = "loaded";
/// The rule of points that came from another card.
pub(crate) const TRANSFER: &str = "transfer";
/// The programme's account of points that were turned into coupons.
pub(crate) const CONVERTED: &str = "converted";
/// The rule of what a sale loaded onto a card.
pub(crate) const LOAD: &str = "load";
/// The rule of what was added to a load as a present.
pub(crate) const LOAD_BONUS: &str = "load_bonus";
/// The programme's account of what gift cards paid.
pub(crate) const TENDERED: &str = "tendered";
/// The programme's account of points that were taken back.
pub(crate) const CLAWED_BACK: &str = "clawed_back";

/// States loaded from a book. A slice that holds everything is the whole book in memory.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    cards: HashMap<String, CardState>,
    coupons: HashMap<String, CouponState>,
    guests: HashMap<String, GuestState>,
    /// The numbers of a guest's cards, own and shared, by the guest's id.
    cards_of: HashMap<String, BTreeSet<String>>,
    /// What is personal of guests. No record holds it: it is kept beside them.
    profiles: Profiles,
    /// Failed attempts to prove a card, by the hash of its number or by `till:` and the till.
    attempts: HashMap<String, Attempts>,
    /// By the limit, whose it is, and the period.
    limits: HashMap<(String, String, String), LimitState>,
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
    pub life: CardLife,
    pub guest: Option<String>,
    /// Further guests who may use it.
    pub shared: Vec<String>,
    /// The number of the card that this number stands for.
    pub linked: Option<String>,
    /// The numbers that stand for this card.
    pub links: Vec<String>,
    /// The number whose place it took.
    pub replaces: Option<String>,
    pub seat: Option<String>,
    pub pin: Option<PinHash>,
    /// What must be met before value leaves it, where that is not what its kind says.
    pub demands: Option<Challenge>,
    /// Presentations that were accepted, the newest last.
    pub presentations: Vec<Presentation>,
    /// Admissions of a ticket, in the order of their clocks.
    pub scans: Vec<Scan>,
    pub issued_at: Timestamp,
    pub spent: i64,
    pub purchases: i64,
    /// The same over time.
    pub spending: History,
    pub visits: History,
    pub held: Option<HeldTier>,
    /// When a period was last closed for it.
    pub closed_at: Option<Timestamp>,
    pub referred_by: Option<String>,
    pub referral_paid: bool,
    /// The codes of the coupons that were issued to it.
    pub coupons: Vec<String>,
    /// The coupons that were issued to it without a sale within the last days: the rule, and when.
    pub converted: Vec<(String, Timestamp)>,
    /// One for each kind of points, by its id.
    accounts: Vec<(String, Account)>,
}

/// A tier that a sale or a close found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldTier {
    pub tier: String,
    pub since: Timestamp,
    /// Until when it is kept at least.
    pub until: Option<Timestamp>,
}

impl CardState {
    /// The guest as limits name one: all cards of a guest share a limit, a card without a guest has
    /// its own.
    pub fn guest_or_card(&self, number: &str) -> String {
        self.guest.clone().unwrap_or_else(|| format!("card:{number}"))
    }

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

    /// Notes a coupon that points were turned into. How many a local day may see is asked of the
    /// present one only, whatever the zone.
    fn note_converted(&mut self, rule: &str, at: Timestamp) {
        let near = at.checked_sub(SignedDuration::from_hours(50)).unwrap_or(Timestamp::MIN);
        self.converted.retain(|(_, earlier)| *earlier >= near);
        self.converted.push((rule.to_owned(), at));
    }
}

/// What was counted under a limit, and what sales reserve of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitState {
    counted: LimitReading,
    holds: Vec<LimitHold>,
}

#[derive(Clone, Debug)]
struct LimitHold {
    sale: String,
    until: Timestamp,
    usage: LimitReading,
}

/// What is used of a limit, in the programme's money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitReading {
    pub uses: i64,
    pub money: i64,
    pub points: i64,
}

impl LimitReading {
    fn of(counted: &LimitCounted) -> LimitReading {
        let (money, points) = (counted.money.units, counted.points.units);
        LimitReading { uses: counted.uses, money, points }
    }

    pub fn add(&mut self, more: LimitReading) {
        self.uses = self.uses.saturating_add(more.uses);
        self.money = self.money.saturating_add(more.money);
        self.points = self.points.saturating_add(more.points);
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SaleState {
    pub id: String,
    pub status: SaleStatus,
    pub opened: Arc<Entry>,
    /// The record that completed the sale.
    pub confirmed: Option<Arc<Entry>>,
    /// What came back of each line of the receipt.
    pub lines: Vec<LineProgress>,
    /// What moved of each entry of the receipt's points: restored, clawed back.
    pub points: Vec<(i64, i64)>,
    pub refunded: bool,
    /// What came back to gift cards, in the order in which they had paid.
    pub tenders: Vec<i64>,
    pub dispute: Option<DisputeState>,
    /// Where the bill moved to: a till, a table.
    pub till: Option<String>,
    pub table: Option<String>,
    /// The sales that hold its lines now.
    pub into: Vec<String>,
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
    /// The fact that opened it.
    pub fn opening(&self) -> Option<&SaleOpened> {
        self.opened.opening(&self.id)
    }

    /// The order: that of its fact, or of the command that opened it.
    pub fn order(&self) -> Option<&Order> {
        let own = self.opening().and_then(|opened| opened.order.as_ref());
        own.or_else(|| self.opened.record.command.order())
    }

    pub fn token(&self) -> Token {
        self.opened.token_of(&self.id)
    }

    /// The receipt as it stands.
    pub fn quote(&self) -> Option<&Quote> {
        let confirmed = self.confirmed.as_ref().and_then(|entry| entry.quote());
        confirmed.or_else(|| Some(&self.opening()?.quote))
    }

    /// Until when what it holds is reserved.
    pub fn hold_until(&self) -> Option<Timestamp> {
        self.opened.record.effects.iter().find_map(|effect| match effect {
            Effect::SaleOpened(opened) => opened.hold_until,
            _ => None,
        })
    }

    /// The record that moved the points and counted the purchase.
    pub fn completed(&self) -> &Arc<Entry> {
        self.confirmed.as_ref().unwrap_or(&self.opened)
    }

    /// What it counted with each card.
    pub fn spend_counted(&self) -> impl Iterator<Item = &SpendCounted> {
        spend_counted(self.completed())
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
        for guest in card.guest.iter().chain(&card.shared) {
            self.cards_of.entry(guest.clone()).or_default().insert(number.to_owned());
        }
        self.cards.insert(number.to_owned(), card);
    }

    /// The numbers of a guest's cards, own and shared, in order.
    pub(crate) fn cards_of(&self, guest: &str) -> impl Iterator<Item = &String> {
        self.cards_of.get(guest).into_iter().flatten()
    }

    /// Notes whether a card is, or is no longer, a guest's own or shared.
    fn note_card_of(&mut self, guest: &str, number: &str) {
        let card = self.cards.get(number);
        let has = card.is_some_and(|card| {
            card.guest.as_deref() == Some(guest) || card.shared.iter().any(|one| one == guest)
        });
        if has {
            self.cards_of.entry(guest.to_owned()).or_default().insert(number.to_owned());
        } else if let Some(numbers) = self.cards_of.get_mut(guest) {
            numbers.remove(number);
        }
    }

    pub(crate) fn cards(&self) -> impl Iterator<Item = (&String, &CardState)> {
        self.cards.iter()
    }

    pub(crate) fn coupon(&self, code: &str) -> Option<&CouponState> {
        self.coupons.get(code).or_else(|| self.coupons.get(&code.to_ascii_uppercase()))
    }

    /// The card that a number stands for: itself, unless it was linked to another.
    pub(crate) fn resolve<'a>(&'a self, number: &'a str) -> &'a str {
        let linked = self.card(number).and_then(|card| card.linked.as_deref());
        linked.unwrap_or(number)
    }

    /// A guest, or the one into whom the guest was merged.
    pub(crate) fn guest(&self, id: &str) -> Option<(&str, &GuestState)> {
        let (id, guest) = self.guests.get_key_value(id)?;
        match &guest.merged_into {
            None => Some((id, guest)),
            Some(into) => self.guests.get_key_value(into).map(|(id, guest)| (id.as_str(), guest)),
        }
    }

    /// What records say under a guest's own id, also of a double.
    pub(crate) fn known_guest(&self, id: &str) -> Option<&GuestState> {
        self.guests.get(id)
    }

    pub(crate) fn insert_guest(&mut self, id: &str, guest: GuestState) {
        self.guests.insert(id.to_owned(), guest);
    }

    /// Failed attempts at a number (by its hash) or at a till (`till:` and its name).
    pub(crate) fn attempts(&self, subject: &str) -> Option<&Attempts> {
        self.attempts.get(subject)
    }

    pub(crate) fn coupons(&self) -> impl Iterator<Item = (&String, &CouponState)> {
        self.coupons.iter()
    }

    pub(crate) fn sales(&self) -> impl Iterator<Item = (&String, &SaleState)> {
        self.sales.iter()
    }

    /// What is used of a limit at an instant, without what one sale reserves.
    pub(crate) fn limit(
        &self,
        limit: &str,
        subject: &str,
        period: &str,
        at: Timestamp,
        but: Option<&str>,
    ) -> LimitReading {
        if self.limits.is_empty() {
            return LimitReading::default();
        }
        let key = (limit.to_owned(), subject.to_owned(), period.to_owned());
        let Some(state) = self.limits.get(&key) else {
            return LimitReading::default();
        };
        let mut reading = state.counted;
        let live = state.holds.iter().filter(|hold| hold.until > at);
        live.filter(|hold| Some(hold.sale.as_str()) != but)
            .for_each(|hold| reading.add(hold.usage));
        reading
    }

    /// Whose limit counted anything in a period, or has anything reserved.
    pub(crate) fn limit_subjects<'a>(
        &'a self,
        limit: &'a str,
        period: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let own = self.limits.keys().filter(move |(id, _, when)| id == limit && when == period);
        own.map(|(_, subject, _)| subject.as_str())
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

/// What is compared when a key comes again: the command, but neither key, instant nor entropy.
pub(crate) fn command_content(command: &Command) -> RecordHash {
    let canonical = match command.has_secrets() {
        true => crate::document::canonical(&command.recorded()),
        false => crate::document::canonical(command),
    };
    RecordHash::of(canonical.as_bytes())
}
