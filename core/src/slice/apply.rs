//! How records change the states: what a fact adds up to.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::awaited::apply_to_awaited;
use super::coupon::apply_to_coupons;
use super::guest::apply_to_guests;
use super::life::apply_to_life;
use super::presentation::apply_to_attempts;
use super::program::apply_to_programs;
use super::ticket::apply_to_tickets;
use super::watch::apply_to_watch;
use super::{
    CLAWED_BACK, CardState, Head, HeldTier, LOAD, LOAD_BONUS, LineProgress, OPENING, SaleState,
    Slice, TRANSFER, apply_to_limits,
};
use crate::account::{Account, Hold};
use crate::answer::SaleStatus;
use crate::clock::after_foreign;
use crate::document::find_zone;
use crate::history::Moment;
use crate::record::{Effect, Entry, Envelope, Lot, LotMove, Posted, RefundMade, SpendCounted};

/// Adds a record's facts. It reads the effects and the envelope, never the rules.
pub fn apply(slice: &mut Slice, entry: &Arc<Entry>) {
    let envelope = &entry.record.envelope;
    let now = moment_of(entry);
    let came_back = sale_that_came_back(slice, entry).unwrap_or(now);
    let id = envelope.id().to_string();
    for effect in &entry.record.effects {
        apply_to_cards(slice, effect, now, came_back);
        apply_to_attempts(slice, effect, now.at, &id);
        apply_to_coupons(slice, effect);
        apply_to_guests(slice, effect, now.at);
        apply_to_tickets(slice, effect);
        apply_to_limits(slice, effect);
        apply_to_sales(slice, entry, effect);
        apply_to_awaited(slice, entry, effect);
    }
    apply_to_programs(slice, entry);
    apply_to_watch(slice, entry);
    let answers = slice.keys.get(&envelope.key);
    if answers.is_none_or(|known| answers_before(&slice.head.till, envelope, known)) {
        slice.keys.insert(envelope.key.clone(), Arc::clone(entry));
    }
    slice.head.follow(entry);
}

/// Whether a record answers for its key rather than another one: one of the own till, of those the
/// one of the later incarnation, and else the one that stands first.
fn answers_before(till: &str, envelope: &Envelope, known: &Entry) -> bool {
    let rank = |envelope: &Envelope| {
        let own = envelope.till == till;
        let incarnation = if own { envelope.incarnation } else { 0 };
        (Reverse((own, incarnation)), envelope.position())
    };
    rank(envelope) < rank(&known.record.envelope)
}

impl Head {
    /// Goes on after a record. One of another till does not continue this till's chain, but what is
    /// decided after it also stands after it.
    fn follow(&mut self, entry: &Entry) {
        let envelope = &entry.record.envelope;
        let mut least = envelope.logical_at;
        if envelope.till == self.till && envelope.incarnation == self.incarnation {
            self.sequence = envelope.sequence;
            self.hash = entry.hash;
        } else {
            least = after_foreign(least);
        }
        self.logical_at = self.logical_at.max(least);
    }
}

/// When a record was made, by its own local day.
fn moment_of(entry: &Entry) -> Moment {
    let at = entry.record.envelope.logical_at;
    let effects = &entry.record.effects;
    let counted = spend_counted(entry).find(|counted| counted.at == at);
    let day = match counted {
        Some(counted) => day_of(counted),
        // The day is asked of points alone, and of few: the calendar is dear.
        None if effects.iter().any(|effect| matches!(effect, Effect::LotOpened(_))) => {
            let zone = find_zone(&entry.record.envelope.zone).unwrap_or(TimeZone::UTC);
            zone.to_datetime(at).date()
        }
        None => TimeZone::UTC.to_datetime(at).date(),
    };
    Moment { at, day }
}

fn day_of(counted: &SpendCounted) -> Date {
    let day = counted.day.parse();
    day.unwrap_or_else(|_| TimeZone::UTC.to_datetime(counted.at).date())
}

pub(super) fn spend_counted(entry: &Entry) -> impl Iterator<Item = &SpendCounted> {
    entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::SpendCounted(counted) => Some(counted),
        _ => None,
    })
}

/// When the sale was made of which something comes back: points that are taken back lower its day.
fn sale_that_came_back(slice: &Slice, entry: &Entry) -> Option<Moment> {
    let refund = entry.record.effects.iter().find_map(|effect| match effect {
        Effect::RefundMade(refund) => Some(refund),
        _ => None,
    });
    let sale = slice.sale(refund?.sale.as_ref()?)?;
    Some(moment_of(sale.completed()))
}

/// Applies what a fact does to cards, if anything. Points that are taken back were earned at
/// `came_back`.
pub(crate) fn apply_to_cards(slice: &mut Slice, effect: &Effect, now: Moment, came_back: Moment) {
    let at = now.at;
    match effect {
        Effect::CardIssued(issued) => {
            let card = slice.cards.entry(issued.card.clone()).or_default();
            card.kind.clone_from(&issued.kind);
            card.guest.clone_from(&issued.guest);
            card.issued_at = at;
            card.life.inactive = issued.inactive;
            card.life.expires_at = issued.expires_at;
            card.seat.clone_from(&issued.seat);
            if let Some(guest) = &issued.guest {
                slice.note_card_of(guest, &issued.card);
            }
        }
        Effect::SpendCounted(counted) => {
            let card = slice.cards.entry(counted.card.clone()).or_default();
            card.spent = card.spent.saturating_add(counted.amount.units);
            card.purchases = card.purchases.saturating_add(counted.purchases);
            let of = Moment { at: counted.at, day: day_of(counted) };
            card.spending.add(at, of, counted.amount.units);
            card.visits.add(at, of, counted.purchases);
        }
        Effect::CouponIssued(issued) => {
            let card = issued.card.as_ref().and_then(|card| slice.cards.get_mut(card));
            if let Some(card) = card {
                card.coupons.push(issued.code.clone());
                if issued.sale.is_none() {
                    card.note_converted(&issued.rule, at);
                }
            }
        }
        Effect::PeriodClosed(closed) => with_card(slice, &closed.card, |card| {
            card.closed_at = Some(closed.at);
        }),
        Effect::Referred(referred) => with_card(slice, &referred.card, |card| {
            card.referred_by = Some(referred.by.clone());
        }),
        Effect::ReferralPaid(paid) => with_card(slice, &paid.card, |card| {
            card.referral_paid = paid.paid;
        }),
        Effect::TierHeld(held) => with_card(slice, &held.card, |card| {
            let (tier, since, until) = (held.tier.clone(), held.since, held.until);
            card.held = Some(HeldTier { tier, since, until });
        }),
        _ => {
            apply_to_life(slice, effect);
            apply_to_accounts(slice, effect, now, came_back);
        }
    }
}

/// Applies what a fact does to what cards hold, if anything.
fn apply_to_accounts(slice: &mut Slice, effect: &Effect, now: Moment, came_back: Moment) {
    let at = now.at;
    match effect {
        Effect::Posted(posted) => apply_posted(slice, posted, at, came_back),
        Effect::DebtMoved(moved) => with_account(slice, &moved.card, &moved.points, |account| {
            account.debt = account.debt.saturating_add(moved.amount.units);
        }),
        Effect::LotDated(dated) => {
            with_account(slice, &dated.card, &dated.points, |account| account.date(&dated.lot));
        }
        Effect::LotOpened(opened) => {
            let units = opened.amount.units;
            add_lot(slice, &opened.card, &opened.points, &opened.lot, units);
            // What was paid for or brought along is not earned.
            if ![OPENING, TRANSFER, LOAD, LOAD_BONUS].contains(&opened.rule.as_str()) {
                with_account(slice, &opened.card, &opened.points, |account| {
                    account.earned.add(at, now, units);
                });
            }
        }
        Effect::LotMoved(moved) => {
            let units = moved.amount.units;
            with_account(slice, &moved.card, &moved.points, |account| match moved.why {
                LotMove::Expired => account.write_off(&moved.lot, units, at),
                _ => account.add(&moved.lot, units),
            });
            if moved.amount.units < 0 && moved.why != LotMove::Repaid {
                with_account(slice, &moved.card, &moved.points, |account| account.lower(at));
            }
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

fn apply_posted(slice: &mut Slice, posted: &Posted, at: Timestamp, came_back: Moment) {
    let taken_back = posted.postings.iter().any(|posting| posting.account == CLAWED_BACK);
    for posting in &posted.postings {
        if let Some(number) = posting.account.strip_prefix("card:") {
            let units = posting.amount.units;
            with_account(slice, number, &posted.points, |account| {
                account.posted = account.posted.saturating_add(units);
                if taken_back {
                    account.earned.add(at, came_back, units);
                }
            });
        }
    }
}

/// Applies what a fact does to sales, if anything.
fn apply_to_sales(slice: &mut Slice, entry: &Arc<Entry>, effect: &Effect) {
    match effect {
        Effect::SaleOpened(opened) => {
            let state = SaleState {
                id: opened.sale.clone(),
                status: SaleStatus::Reserved,
                opened: Arc::clone(entry),
                confirmed: None,
                lines: vec![LineProgress::default(); opened.quote.lines.len()],
                points: vec![(0, 0); opened.quote.points.len()],
                refunded: false,
                tenders: vec![0; opened.quote.gift_cards.len()],
                dispute: None,
                till: None,
                table: None,
                into: Vec::new(),
            };
            slice.sales.insert(opened.sale.clone(), state);
        }
        Effect::SaleConfirmed(confirmed) => {
            // Of two tills that confirmed it the first stands: what came back since is not forgotten.
            let sale = slice.sales.get_mut(&confirmed.sale);
            if let Some(sale) = sale.filter(|sale| !is_complete(sale.status)) {
                sale.status = SaleStatus::Confirmed;
                sale.confirmed = Some(Arc::clone(entry));
                let points = sale.quote().map_or(0, |quote| quote.points.len());
                sale.points = vec![(0, 0); points];
                let tenders = sale.quote().map_or(0, |quote| quote.gift_cards.len());
                sale.tenders = vec![0; tenders];
            }
        }
        Effect::SaleCancelled(ended) => give_up_sale(slice, &ended.sale),
        Effect::SaleVoided(ended) => end_sale(slice, &ended.sale, SaleStatus::Voided),
        Effect::SaleRegrouped(ended) => {
            end_sale(slice, &ended.sale, SaleStatus::Regrouped);
            if let Some(sale) = slice.sales.get_mut(&ended.sale) {
                sale.into.clone_from(&ended.into);
            }
        }
        Effect::SaleDisputed(disputed) => {
            if let Some(sale) = slice.sales.get_mut(&disputed.sale) {
                sale.dispute = Some(disputed.state);
            }
        }
        Effect::BillMoved(moved) => {
            if let Some(sale) = slice.sales.get_mut(&moved.sale) {
                sale.till = moved.till.clone().or(sale.till.take());
                sale.table = moved.table.clone().or(sale.table.take());
            }
        }
        Effect::RefundMade(refund) => {
            let sale = refund.sale.as_ref().and_then(|id| slice.sales.get_mut(id));
            if let Some(sale) = sale {
                apply_refund(sale, refund);
            }
        }
        _ => {}
    }
}

fn apply_refund(sale: &mut SaleState, refund: &RefundMade) {
    // A dispute that is lost takes back what was earned, and nothing else.
    sale.refunded |= !refund.lines.is_empty();
    let receipt = sale.confirmed.clone();
    let (opened, id) = (Arc::clone(&sale.opened), sale.id.clone());
    let confirmed = receipt.as_ref().and_then(|entry| entry.quote());
    let Some(quote) = confirmed.or_else(|| opened.opening(&id).map(|opened| &opened.quote)) else {
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
    apply_tenders(&mut sale.tenders, quote, refund);
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

/// Adds what gift cards got back to what they had got before.
fn apply_tenders(tenders: &mut [i64], quote: &crate::answer::Quote, refund: &RefundMade) {
    for returned in &refund.tenders {
        let place = quote.gift_cards.iter().position(|paid| paid.card == returned.card);
        if let Some(sum) = place.and_then(|place| tenders.get_mut(place)) {
            *sum = sum.saturating_add(returned.amount.units);
        }
    }
}

/// Whether a sale was confirmed, whatever became of it since.
fn is_complete(status: SaleStatus) -> bool {
    matches!(status, SaleStatus::Confirmed | SaleStatus::Voided)
}

/// Goods that left the store stay sold, also where another till gave the sale up.
fn give_up_sale(slice: &mut Slice, id: &str) {
    if slice.sale(id).is_some_and(|sale| !is_complete(sale.status)) {
        end_sale(slice, id, SaleStatus::Cancelled);
    }
}

fn end_sale(slice: &mut Slice, id: &str, status: SaleStatus) {
    if let Some(sale) = slice.sales.get_mut(id) {
        sale.status = status;
    }
}

fn with_card(slice: &mut Slice, card: &str, change: impl FnOnce(&mut CardState)) {
    if let Some(card) = slice.cards.get_mut(card) {
        change(card);
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
