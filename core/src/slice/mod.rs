//! The part of the book that a decision needs, and how records change it.

mod apply;
mod awaited;
mod coupon;
mod guest;
mod life;
mod limit;
mod owed;
mod presentation;
mod profile;
mod program;
pub(crate) mod stored;
mod ticket;
mod watch;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::answer::{OpenHold, Quote, SaleStatus};
use crate::command::Command;
use crate::history::History;
use crate::order::{Challenge, Order};
use crate::record::{
    DisputeState, Effect, Entry, PinHash, RecordHash, RecordId, SaleOpened, SpendCounted, Token,
};
use crate::watch::WatchPlace;
use watch::Watches;

pub use apply::apply;
pub(crate) use apply::apply_to_cards;
use apply::spend_counted;
pub(crate) use coupon::{CouponFault, CouponState, Presenter};
pub(crate) use guest::{GuestState, apply_to_guests};
pub(crate) use life::CardLife;
use limit::LimitPeriods;
pub(crate) use limit::{LimitReading, apply_to_limits};
pub(crate) use presentation::{
    Attempts, Presentation, presentation_of, subject_of, subject_of_till,
};
use profile::Profiles;
use program::Programs;
pub use program::{ProgramActivation, Schedule};
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
/// The programme's account of points that ended.
pub(crate) const EXPIRED: &str = "expired";
/// The programme's account of points that were taken back.
pub(crate) const CLAWED_BACK: &str = "clawed_back";

/// States loaded from a book. A slice that holds everything is the whole book in memory.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    cards: HashMap<String, CardState>,
    coupons: HashMap<String, CouponState>,
    guests: HashMap<String, GuestState>,
    /// The numbers of all cards that ever were a guest's own or shared, by the guest's id. The card
    /// tells whether it still is: so a fact that takes it away changes nothing here.
    cards_of: HashMap<String, BTreeSet<String>>,
    /// What is personal of guests. No record holds it: it is kept beside them.
    profiles: Profiles,
    /// What was installed and activated by record.
    programs: Programs,
    /// The policies of the watch and what it counts.
    watches: Watches,
    /// Failed attempts to prove a card, by the hash of its number or by `till:` and the till.
    attempts: HashMap<String, Attempts>,
    /// By the limit and whose it is.
    limits: HashMap<(String, String), LimitPeriods>,
    sales: HashMap<String, SaleState>,
    /// The records whose confirm or cancel waits for a sale, by the sale's id: it may be known here
    /// by now, or not.
    awaited: HashMap<String, Vec<Arc<Entry>>>,
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
    /// The book's own time: no record of this till is before it. A record of another till moves it
    /// on to just after that.
    pub logical_at: Timestamp,
    /// Whether the host's clock is suspect when it is more than 24 hours ahead of the book's own
    /// time. It is a setting of the ledger and stands in no record: a record that was made under a
    /// suspect clock shows it by [`Envelope::suspected_clock`](crate::Envelope::suspected_clock).
    pub guards_clock: bool,
    /// Where the checks of the watch are evaluated: at the till, a hub or the centre. It is a setting
    /// of the ledger; each verdict in a record names it.
    pub watch_place: WatchPlace,
}

impl Default for Head {
    fn default() -> Self {
        Head {
            till: "till".into(),
            incarnation: 1,
            sequence: 0,
            hash: RecordHash::default(),
            logical_at: Timestamp::MIN,
            guards_clock: false,
            watch_place: WatchPlace::Till,
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
    /// The numbers that ever stood for this card, those that were linked last at the end. Each of
    /// them tells whether it still does: so a fact that links it elsewhere changes nothing here.
    links: Vec<String>,
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

    /// Drops every state before all are made anew; what is personal stays.
    pub(crate) fn clear(&mut self) {
        let empty = Slice::new(&self.head.till, self.head.incarnation);
        let before = std::mem::replace(self, empty);
        self.profiles = before.profiles;
        self.head.guards_clock = before.head.guards_clock;
        self.head.watch_place = before.head.watch_place;
    }

    /// The end of the chain.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Puts the end of the chain as a store has it, before anything is decided.
    pub fn set_head(&mut self, head: Head) {
        self.head = head;
    }

    /// Says whether the host's clock is guarded: see [`Head::guards_clock`].
    pub fn guard_clock(&mut self, guards: bool) {
        self.head.guards_clock = guards;
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
        self.ever_cards_of(guest).filter(move |number| {
            let card = self.cards.get(number.as_str());
            card.is_some_and(|card| {
                card.guest.as_deref() == Some(guest) || card.shared.iter().any(|one| one == guest)
            })
        })
    }

    /// The numbers of all cards that ever were a guest's own or shared, in order.
    pub fn ever_cards_of(&self, guest: &str) -> impl Iterator<Item = &String> {
        self.cards_of.get(guest).into_iter().flatten()
    }

    /// Notes that a card is, or was, a guest's own or shared.
    fn note_card_of(&mut self, guest: &str, number: &str) {
        self.cards_of.entry(guest.to_owned()).or_default().insert(number.to_owned());
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

    /// The numbers that stand for a card.
    pub(crate) fn links_of(&self, number: &str) -> impl Iterator<Item = &String> {
        let links = self.ever_links_of(number);
        links.filter(move |link| {
            self.card(link).and_then(|card| card.linked.as_deref()) == Some(number)
        })
    }

    /// The numbers that ever stood for a card.
    pub(crate) fn ever_links_of(&self, number: &str) -> impl Iterator<Item = &String> {
        self.card(number).into_iter().flat_map(|card| &card.links)
    }

    /// A guest, or the one into whom the guest was merged.
    pub(crate) fn guest(&self, id: &str) -> Option<(&str, &GuestState)> {
        let (mut id, mut guest) = self.guests.get_key_value(id)?;
        let mut passed: Vec<&String> = Vec::new();
        while let Some(into) = &guest.merged_into {
            if let Some(start) = passed.iter().position(|before| *before == id) {
                // Tills that did not know of each other merged them in a circle: the first stays.
                id = passed.split_off(start).into_iter().min()?;
                return self.guests.get_key_value(id).map(|(id, guest)| (id.as_str(), guest));
            }
            passed.push(id);
            (id, guest) = self.guests.get_key_value(into)?;
        }
        Some((id, guest))
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

    /// A sale that is reserved and neither confirmed nor cancelled, by the id of the sale.
    #[must_use]
    pub fn open_hold(&self, sale: &str) -> Option<OpenHold> {
        let sale = self.sale(sale)?;
        let hold_until = sale.opening()?.hold_until;
        let reserved = sale.status == SaleStatus::Reserved;
        reserved.then(|| OpenHold { hold_until, token: sale.token().to_string() })
    }

    /// The receipt of a sale as it stands, by the id of the sale.
    #[must_use]
    pub fn receipt(&self, sale: &str) -> Option<&Quote> {
        self.sale(sale)?.quote()
    }

    /// The token of a sale, by the id of the sale.
    #[must_use]
    pub fn sale_token(&self, sale: &str) -> Option<Token> {
        self.sale(sale).map(SaleState::token)
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
}

/// What is compared when a key comes again: the command, but neither key, instant nor entropy.
pub(crate) fn command_content(command: &Command) -> RecordHash {
    let canonical = match command.has_secrets() {
        true => crate::document::canonical(&command.recorded()),
        false => crate::document::canonical(command),
    };
    RecordHash::of(canonical.as_bytes())
}
