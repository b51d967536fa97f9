//! The part of the book that a decision needs, and how records change it.

mod apply;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::answer::{Quote, SaleStatus};
use crate::command::Command;
use crate::history::History;
use crate::record::{Entry, LimitCounted, RecordHash, RecordId, SpendCounted};

pub use apply::apply;
use apply::spend_counted;
pub(crate) use apply::{apply_to_cards, apply_to_limits};

/// The rule of points that a card starts with.
pub(crate) const OPENING: &str = "opening";
/// The rule of points that came from another card.
pub(crate) const TRANSFER: &str = "transfer";
/// The programme's account of points that were taken back.
pub(crate) const CLAWED_BACK: &str = "clawed_back";

/// States loaded from a book. A slice that holds everything is the whole book in memory.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    cards: HashMap<String, CardState>,
    coupons: HashMap<String, CouponState>,
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
    pub guest: Option<String>,
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

/// A coupon that was issued.
#[derive(Clone, Debug)]
pub(crate) struct CouponState {
    pub coupon: String,
    pub card: Option<String>,
    pub event: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub opens_at: Option<Timestamp>,
    pub personal: bool,
    pub sale: Option<String>,
    pub used: bool,
    pub voided: bool,
    /// The sale for which it is set aside, and until when.
    pub held: Option<(String, Timestamp)>,
}

/// Why a coupon cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CouponFault {
    Used,
    Ended,
    NotYet,
    Personal,
}

impl CouponState {
    /// What keeps the coupon from being used with some cards, if anything.
    pub fn fault<'c>(
        &self,
        at: Timestamp,
        mut cards: impl Iterator<Item = (&'c str, &'c CardState)>,
        owner: Option<&CardState>,
    ) -> Option<CouponFault> {
        if self.voided || self.expires_at.is_some_and(|end| end <= at) {
            return Some(CouponFault::Ended);
        }
        let held = self.held.as_ref().is_some_and(|(_, until)| *until > at);
        if self.used || held {
            return Some(CouponFault::Used);
        }
        if self.event.is_some() || self.opens_at.is_some_and(|opens| opens > at) {
            return Some(CouponFault::NotYet);
        }
        let guest = owner.and_then(|owner| owner.guest.as_ref());
        let own = |(number, card): (&str, &CardState)| {
            self.card.as_deref() == Some(number)
                || (guest.is_some() && card.guest.as_ref() == guest)
        };
        (self.personal && !cards.any(own)).then_some(CouponFault::Personal)
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
        self.cards.insert(number.to_owned(), card);
    }

    pub(crate) fn cards(&self) -> impl Iterator<Item = (&String, &CardState)> {
        self.cards.iter()
    }

    pub(crate) fn coupon(&self, code: &str) -> Option<&CouponState> {
        self.coupons.get(code).or_else(|| self.coupons.get(&code.to_ascii_uppercase()))
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
    let canonical = match command.order().is_some_and(|order| order.guest.is_some()) {
        true => crate::document::canonical(&command.recorded()),
        false => crate::document::canonical(command),
    };
    RecordHash::of(canonical.as_bytes())
}
