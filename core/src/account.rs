//! What a card holds of one kind of points, and its readings at an instant.
//!
//! Facts are lots, holds, postings and debts. What can be spent, what is pending and what has
//! expired is never stored: it is read from the facts for the instant that is asked about.

use jiff::{SignedDuration, Timestamp};

use crate::history::History;
use crate::program::LotOnly;
use crate::record::Lot;
use crate::slice::stored::stored;

/// Facts of one card in one kind of points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// In the order of eating: the nearest end first, then the older; without empty lots, but of
    /// those that were written off lately. A lot from which tills that did not know of each other
    /// took more than it held is below zero: that is owed, but for what was written off too often.
    /// So facts add up to the same in whatever order they come in.
    lots: Vec<OpenLot>,
    holds: Vec<Hold>,
    pub posted: i64,
    pub debt: i64,
    /// Points earned with the card, less what was taken back.
    pub earned: History,
    /// When points last left a lot.
    lowered: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct OpenLot {
    pub lot: Lot,
    pub remaining: i64,
    /// What was written off of it as expired, less what was posted back.
    pub written_off: i64,
    /// When anything was last written off of it.
    pub written_off_at: Option<Timestamp>,
}

/// For how long a lot is kept of which nothing is left because it was written off: what a sale held
/// of it may still be taken by then.
const WRITTEN_OFF_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Points reserved for a sale, in the lots that they would be eaten from.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub sale: String,
    pub parts: Vec<(String, i64)>,
    pub until: Timestamp,
}

/// A part of a lot that is to be eaten.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub lot: Lot,
    pub amount: i64,
}

/// A balance read at an instant; the names are those of [`crate::answer::Balance`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub debt: i64,
    pub expired: i64,
    pub expiring: Vec<(Option<Timestamp>, i64)>,
    pub held: i64,
    pub pending: i64,
    pub posted: i64,
    pub spendable: i64,
}

/// As of when lots are read. A step of the close of a period may not see yet what became usable,
/// and still see what has ended; everybody else reads one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsOf {
    /// The instant at which holds are read.
    pub now: Timestamp,
    /// What became usable up to then is seen.
    pub opened: Timestamp,
    /// What ended up to then is not.
    pub ended: Timestamp,
}

impl From<Timestamp> for AsOf {
    fn from(now: Timestamp) -> AsOf {
        AsOf { now, opened: now, ended: now }
    }
}

/// Where a lot is in its life at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Pending,
    Open,
    Expired,
}

stored!(Account { debt, earned, holds, lots, lowered, posted });

stored!(Hold { parts, sale, until });

stored!(OpenLot { lot, remaining, written_off, written_off_at });

impl OpenLot {
    /// What was written off although it was no longer there. Nobody owes it.
    fn excess(&self) -> i64 {
        self.written_off.min(self.remaining.saturating_neg()).max(0)
    }

    /// What was taken otherwise although it was no longer there.
    fn owed(&self) -> i64 {
        self.remaining.saturating_neg().saturating_sub(self.excess()).max(0)
    }

    fn phase(&self, at: AsOf) -> Phase {
        let opens = self.lot.opens_at.unwrap_or(self.lot.earned_at);
        if self.lot.expires_at.is_some_and(|end| end <= at.ended) {
            Phase::Expired
        } else if self.lot.event.is_some() || opens > at.opened {
            Phase::Pending
        } else {
            Phase::Open
        }
    }
}

fn order_of_eating(lot: &Lot) -> (bool, Timestamp, Timestamp, usize, &str) {
    // Points for the next sale only end with it, whatever their date. A longer id of the same till
    // has a higher sequence number, so that length comes first.
    let ends = lot.expires_at.unwrap_or(Timestamp::MAX);
    (lot.only.is_none(), ends, lot.earned_at, lot.id.len(), &lot.id)
}

impl Account {
    /// Puts points into a lot, which is made if it is not there (any more).
    pub fn add(&mut self, lot: &Lot, amount: i64) {
        if let Some(open) = self.lots.iter_mut().find(|open| open.lot.id == lot.id) {
            open.remaining = open.remaining.saturating_add(amount);
        } else {
            self.insert(OpenLot {
                lot: lot.clone(),
                remaining: amount,
                written_off: 0,
                written_off_at: None,
            });
        }
        self.lots.retain(|open| open.remaining != 0 || open.written_off_at.is_some());
    }

    /// Writes points of a lot off as expired (below zero), or takes that back.
    pub fn write_off(&mut self, lot: &Lot, amount: i64, at: Timestamp) {
        // It must be there to be marked, whatever is left of it.
        if !self.lots.iter().any(|open| open.lot.id == lot.id) {
            self.insert(OpenLot {
                lot: lot.clone(),
                remaining: 0,
                written_off: 0,
                written_off_at: None,
            });
        }
        if let Some(open) = self.lots.iter_mut().find(|open| open.lot.id == lot.id) {
            open.remaining = open.remaining.saturating_add(amount);
            open.written_off = open.written_off.saturating_sub(amount);
            open.written_off_at = open.written_off_at.max(Some(at));
        }
        self.forget_written_off(at);
    }

    /// Forgets empty lots that were written off long ago.
    fn forget_written_off(&mut self, now: Timestamp) {
        let kept = |at: Timestamp| now.duration_since(at) < WRITTEN_OFF_KEPT;
        self.lots.retain(|open| open.remaining != 0 || open.written_off_at.is_some_and(kept));
    }

    /// The lots of which more was written off than was left, and how much more.
    pub fn written_off_twice(&self) -> Vec<Part> {
        let part = |open: &OpenLot| Part { lot: open.lot.clone(), amount: open.excess() };
        self.lots.iter().map(part).filter(|part| part.amount > 0).collect()
    }

    /// How much of a lot was taken although it was no longer there, besides what was written off.
    pub fn owed_of(&self, lot: &str) -> i64 {
        self.lots.iter().find(|open| open.lot.id == lot).map_or(0, OpenLot::owed)
    }

    /// How much was taken of all lots although it was no longer there.
    fn overdrawn(&self) -> i64 {
        self.lots.iter().fold(0, |sum: i64, open| sum.saturating_add(open.owed()))
    }

    fn insert(&mut self, open: OpenLot) {
        let key = order_of_eating(&open.lot);
        let place = self.lots.partition_point(|other| order_of_eating(&other.lot) <= key);
        self.lots.insert(place, open);
    }

    /// Gives a lot other dates, if anything is left of it.
    pub fn date(&mut self, lot: &Lot) {
        if let Some(place) = self.lots.iter().position(|open| open.lot.id == lot.id) {
            let open = self.lots.remove(place);
            self.insert(OpenLot { lot: lot.clone(), ..open });
        }
    }

    /// Notes that points left a lot.
    pub fn lower(&mut self, at: Timestamp) {
        self.lowered = self.lowered.max(Some(at));
        self.forget_written_off(at);
    }

    /// When what can be spent was last lowered, by a movement or by an end.
    pub fn lowered(&self, at: AsOf) -> Option<Timestamp> {
        let ended = self.lots.iter().filter(|open| open.remaining > 0);
        let ended = ended.filter_map(|open| open.lot.expires_at);
        self.lowered.max(ended.filter(|end| *end <= at.ended).max())
    }

    pub fn place_hold(&mut self, hold: Hold) {
        self.holds.push(hold);
    }

    pub fn end_hold(&mut self, sale: &str) {
        self.holds.retain(|hold| hold.sale != sale);
    }

    /// The parts that a hold reserves, with their lots as they are now. What another till wrote off
    /// meanwhile is reserved all the same.
    pub fn held_parts(&self, sale: &str) -> Vec<Part> {
        let parts = self.holds.iter().filter(|hold| hold.sale == sale).flat_map(|hold| &hold.parts);
        let part = |(id, amount): &(String, i64)| {
            let open = self.lots.iter().find(|open| open.lot.id == *id)?;
            let there = open.remaining.saturating_add(open.written_off.max(0));
            Some(Part { lot: open.lot.clone(), amount: (*amount).min(there.max(0)) })
        };
        parts.filter_map(part).collect()
    }

    /// How much of a lot is reserved at an instant.
    fn held_of(&self, lot: &str, at: Timestamp) -> i64 {
        let live = self.holds.iter().filter(|hold| hold.until > at).flat_map(|hold| &hold.parts);
        let amounts = live.filter(|(id, _)| id == lot).map(|(_, amount)| *amount);
        // Records of others may say anything.
        amounts.fold(0, i64::saturating_add).max(0)
    }

    /// What is left of a lot that has not ended, and not reserved.
    pub fn free_of(&self, lot: &str, at: Timestamp) -> i64 {
        let alive = |open: &&OpenLot| open.phase(at.into()) != Phase::Expired;
        let open = self.lots.iter().filter(alive).find(|open| open.lot.id == lot);
        open.map_or(0, |open| open.remaining.saturating_sub(self.held_of(lot, at)).max(0))
    }

    /// What is usable, reserved or not usable yet, by when it was earned: lot by lot what
    /// [`Account::read`] sums.
    pub fn outstanding(&self, at: Timestamp) -> Vec<(Timestamp, i64)> {
        let mut debt = self.debt.saturating_add(self.overdrawn());
        let mut outstanding = Vec::with_capacity(self.lots.len());
        for open in self.lots.iter().filter(|open| open.remaining > 0) {
            let held = self.held_of(&open.lot.id, at).min(open.remaining);
            let free = open.remaining - held;
            let left = match open.phase(at.into()) {
                Phase::Pending => open.remaining,
                Phase::Open => {
                    let owed = free.min(debt);
                    debt = debt.saturating_sub(owed);
                    open.remaining.saturating_sub(owed)
                }
                Phase::Expired => held,
            };
            outstanding.push((open.lot.earned_at, left));
        }
        outstanding
    }

    pub fn read(&self, at: impl Into<AsOf>) -> Reading {
        let at = at.into();
        let debt = self.debt.saturating_add(self.overdrawn());
        let mut reading = Reading { debt, posted: self.posted, ..Reading::default() };
        for open in self.lots.iter().filter(|open| open.remaining > 0) {
            let held = self.held_of(&open.lot.id, at.now).min(open.remaining);
            let free = open.remaining - held;
            reading.held = reading.held.saturating_add(held);
            let mut left = open.remaining;
            match open.phase(at) {
                Phase::Pending => reading.pending = reading.pending.saturating_add(free),
                Phase::Open => {
                    let owed = free.min(reading.debt);
                    reading.debt = reading.debt.saturating_sub(owed);
                    let spendable = free.saturating_sub(owed);
                    reading.spendable = reading.spendable.saturating_add(spendable);
                    left = left.saturating_sub(owed);
                }
                Phase::Expired => {
                    reading.expired = reading.expired.saturating_add(free);
                    left = held;
                }
            }
            reading.schedule(open.lot.expires_at, left);
        }
        reading
    }

    /// Free points that are usable at an instant, in the order of eating, up to `wanted`.
    pub fn take(&self, wanted: i64, at: impl Into<AsOf>) -> Vec<Part> {
        self.parts(wanted, at.into(), |_, phase| phase == Phase::Open)
    }

    /// Free usable points that are not bound to the next sale.
    pub fn movable(&self, wanted: i64, at: Timestamp) -> Vec<Part> {
        self.parts(wanted, at.into(), |lot, phase| phase == Phase::Open && lot.only.is_none())
    }

    /// Free usable points that were for one sale only.
    pub fn for_next_order(&self, at: Timestamp) -> Vec<Part> {
        let bound = |lot: &Lot| lot.only == Some(LotOnly::NextOrder);
        self.parts(i64::MAX, at.into(), |lot, phase| phase == Phase::Open && bound(lot))
    }

    /// Free points that have ended.
    pub fn ended(&self, at: Timestamp) -> Vec<Part> {
        self.parts(i64::MAX, at.into(), |_, phase| phase == Phase::Expired)
    }

    /// Every lot that something is left of.
    pub fn lots(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|open| open.remaining > 0).map(|open| &open.lot)
    }

    /// Everything that no live hold reserves, whatever its dates.
    pub fn everything(&self, at: Timestamp) -> Vec<Part> {
        self.parts(i64::MAX, at.into(), |_, _| true)
    }

    /// Takes over what was counted of the account of a card that this one replaces.
    pub fn take_over(&mut self, old: &Account) {
        self.earned.clone_from(&old.earned);
        self.lowered = self.lowered.max(old.lowered);
    }

    /// The lots that have not ended.
    pub fn alive(&self, at: Timestamp) -> impl Iterator<Item = &Lot> {
        let alive =
            move |open: &&OpenLot| open.remaining != 0 && open.phase(at.into()) != Phase::Expired;
        self.lots.iter().filter(alive).map(|open| &open.lot)
    }

    /// Free points for taking back: of the lots named first, pending or not, then usable ones, then
    /// pending ones.
    pub fn take_back(
        &self,
        wanted: i64,
        at: Timestamp,
        own: &[&str],
        scope: TakeBack,
    ) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut left = wanted;
        let is_own = |open: &OpenLot| own.contains(&open.lot.id.as_str());
        let own_lots = self.lots.iter().filter(|open| is_own(open));
        let others = |phase| {
            let rest = self.lots.iter().filter(|open| !is_own(open));
            rest.filter(move |open| open.phase(at.into()) == phase)
        };
        for open in own_lots.chain(others(Phase::Open)).chain(others(Phase::Pending)) {
            let phase = open.phase(at.into());
            let in_scope = match scope {
                TakeBack::OwnPending => is_own(open) && phase == Phase::Pending,
                TakeBack::Anything => true,
            };
            let held = self.held_of(&open.lot.id, at);
            let amount = open.remaining.saturating_sub(held).clamp(0, left);
            if in_scope && amount > 0 {
                left -= amount;
                parts.push(Part { lot: open.lot.clone(), amount });
            }
        }
        parts
    }

    /// Free points of the lots named, whatever their dates.
    pub fn free_parts_of(&self, lots: &[&str], at: Timestamp) -> Vec<Part> {
        self.parts(i64::MAX, at.into(), |lot, _| lots.contains(&lot.id.as_str()))
    }

    /// Free usable points, those of the lots named first, up to `wanted`.
    pub fn take_usable(&self, wanted: i64, at: Timestamp, first: &[&str]) -> Vec<Part> {
        let named = |lot: &Lot| first.contains(&lot.id.as_str());
        let mut parts =
            self.parts(wanted, at.into(), |lot, phase| phase == Phase::Open && named(lot));
        let left = wanted - parts.iter().map(|part| part.amount).sum::<i64>();
        parts.extend(self.parts(left, at.into(), |lot, phase| phase == Phase::Open && !named(lot)));
        parts
    }

    /// Whether nothing stands in it or is held of it.
    pub fn is_empty(&self) -> bool {
        self.lots.iter().all(|open| open.remaining == 0) && self.holds.is_empty()
    }

    /// Free points of the lots that fit, in the order of eating, up to `wanted`.
    fn parts(&self, wanted: i64, at: AsOf, fits: impl Fn(&Lot, Phase) -> bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut left = wanted;
        for open in self.lots.iter().filter(|open| fits(&open.lot, open.phase(at))) {
            let free = open.remaining.saturating_sub(self.held_of(&open.lot.id, at.now));
            let amount = free.clamp(0, left);
            if amount > 0 {
                left -= amount;
                parts.push(Part { lot: open.lot.clone(), amount });
            }
        }
        parts
    }
}

/// How far taking back reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakeBack {
    Anything,
    OwnPending,
}

impl Reading {
    fn schedule(&mut self, at: Option<Timestamp>, amount: i64) {
        match self.expiring.last_mut() {
            Some((last, sum)) if *last == at => *sum = sum.saturating_add(amount),
            _ if amount > 0 => self.expiring.push((at, amount)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lot(id: &str, earned: i64, opens: Option<i64>, expires: Option<i64>) -> Lot {
        Lot {
            earned_at: at(earned),
            expires_at: expires.map(at),
            id: id.into(),
            opens_at: opens.map(at),
            ..Lot::default()
        }
    }

    fn eaten(account: &Account, wanted: i64, second: i64) -> Vec<(String, i64)> {
        account.take(wanted, at(second)).into_iter().map(|p| (p.lot.id, p.amount)).collect()
    }

    #[test]
    fn the_lot_that_ends_first_is_eaten_first_and_the_endless_one_last() {
        let mut account = Account::default();
        account.add(&lot("endless", 0, None, None), 10);
        account.add(&lot("late", 1, None, Some(900)), 10);
        account.add(&lot("soon-young", 3, None, Some(500)), 10);
        account.add(&lot("soon-old", 2, None, Some(500)), 10);
        let expected = [("soon-old", 10), ("soon-young", 10), ("late", 10), ("endless", 5)];
        let expected: Vec<_> = expected.map(|(id, n)| (id.to_owned(), n)).into();
        assert_eq!(eaten(&account, 35, 100), expected);
    }

    #[test]
    fn a_lot_opens_and_ends_exactly_at_its_instants() {
        let mut account = Account::default();
        account.add(&lot("a", 0, Some(100), Some(200)), 7);
        let spendable = |second| account.read(at(second)).spendable;
        assert_eq!([spendable(99), spendable(100), spendable(199), spendable(200)], [0, 7, 7, 0]);
        assert_eq!(account.read(at(99)).pending, 7);
        assert_eq!(account.read(at(200)).expired, 7);
    }

    #[test]
    fn a_hold_reserves_until_its_deadline_and_keeps_its_lot_from_expiring() {
        let mut account = Account::default();
        account.add(&lot("a", 0, None, Some(100)), 10);
        let parts = vec![("a".to_owned(), 6)];
        account.place_hold(Hold { sale: "s".into(), parts, until: at(150) });
        let reading = account.read(at(120));
        assert_eq!((reading.held, reading.expired, reading.spendable), (6, 4, 0));
        let reading = account.read(at(150));
        assert_eq!((reading.held, reading.expired, reading.spendable), (0, 10, 0));
    }

    #[test]
    fn the_schedule_adds_up_to_what_is_left() {
        let mut account = Account { debt: 3, ..Account::default() };
        account.add(&lot("a", 0, None, Some(100)), 10);
        account.add(&lot("b", 0, Some(50), Some(100)), 5);
        account.add(&lot("c", 0, None, None), 2);
        let reading = account.read(at(10));
        let sum: i64 = reading.expiring.iter().map(|(_, amount)| amount).sum();
        assert_eq!(sum, reading.spendable + reading.held + reading.pending);
        assert_eq!((reading.spendable, reading.pending, reading.debt), (9, 5, 0));
    }

    #[test]
    fn what_two_tills_took_of_one_lot_is_owed_whatever_the_order() {
        let ticket = lot("a", 0, None, None);
        let mut account = Account::default();
        account.add(&ticket, 1);
        account.add(&ticket, -1);
        account.add(&ticket, -1);
        assert_eq!((account.read(at(10)).debt, account.read(at(10)).spendable), (1, 0));
        assert_eq!(account.lots().count(), 0);
        assert!(account.take(5, at(10)).is_empty());
        // A new lot pays what is owed; the old one is even once one of the two comes back.
        account.add(&lot("b", 5, None, None), 3);
        assert_eq!((account.read(at(10)).debt, account.read(at(10)).spendable), (0, 2));
        account.add(&ticket, 1);
        assert_eq!((account.read(at(10)).debt, account.read(at(10)).spendable), (0, 3));
    }

    #[test]
    fn what_was_written_off_too_often_is_owed_by_nobody_whatever_the_order() {
        // 10 earned, 6 spent at each of two tills, 10 written off at a third.
        let ended = lot("a", 0, None, Some(100));
        for order in [[1, 2, 3], [3, 1, 2], [1, 3, 2]] {
            let mut account = Account::default();
            account.add(&ended, 10);
            for fact in order {
                match fact {
                    3 => account.write_off(&ended, -10, at(100)),
                    _ => account.add(&ended, -6),
                }
            }
            assert_eq!(account.read(at(200)).debt, 2, "{order:?}");
            assert_eq!(account.owed_of("a"), 2);
            let twice = account.written_off_twice();
            assert_eq!(twice.iter().map(|part| part.amount).collect::<Vec<_>>(), [10]);
            // Once that is posted back, expired + spent + remaining = 0 + 12 - 2 = 10.
            account.write_off(&ended, 10, at(200));
            assert!(account.written_off_twice().is_empty());
            assert_eq!((account.read(at(200)).debt, account.read(at(200)).expired), (2, 0));
        }
    }

    #[test]
    fn a_second_write_off_is_known_as_such_however_much_later() {
        let ended = lot("a", 0, None, Some(100));
        let mut account = Account::default();
        account.add(&ended, 10);
        account.write_off(&ended, -10, at(100));
        assert_eq!((account.is_empty(), account.alive(at(50)).count()), (true, 0));
        // A year later the first one is forgotten, the second one stands for itself.
        account.write_off(&ended, -10, at(31_536_100));
        assert_eq!(account.written_off_twice().len(), 1);
        assert_eq!(account.read(at(31_536_100)).debt, 0);
    }

    #[test]
    fn a_lot_that_was_written_off_is_kept_for_eight_days() {
        let mut account = Account::default();
        account.add(&lot("a", 0, None, Some(100)), 10);
        account.write_off(&lot("a", 0, None, Some(100)), -10, at(100));
        let parts = vec![("a".to_owned(), 4)];
        account.place_hold(Hold { sale: "s".into(), parts, until: at(150) });
        let held =
            |account: &Account| account.held_parts("s").iter().map(|p| p.amount).sum::<i64>();
        let eight_days = 8 * 86_400;
        account.lower(at(100 + eight_days - 1));
        assert_eq!(held(&account), 4);
        account.lower(at(100 + eight_days));
        assert_eq!(held(&account), 0);
    }

    #[test]
    fn what_is_outstanding_adds_up_to_what_is_read_where_lots_are_overdrawn() {
        let mut account = Account::default();
        account.add(&lot("a", 0, None, None), -4);
        account.add(&lot("b", 5, None, None), 10);
        let sum: i64 = account.outstanding(at(10)).iter().map(|(_, units)| units).sum();
        assert_eq!((sum, account.read(at(10)).spendable), (6, 6));
    }

    #[test]
    fn a_lot_that_awaits_an_event_is_pending_until_it_is_dated_anew() {
        let mut account = Account::default();
        let waiting = Lot { event: Some("delivered".into()), ..lot("a", 0, None, None) };
        account.add(&waiting, 7);
        account.add(&lot("b", 0, None, Some(900)), 1);
        assert_eq!(account.read(at(500)).pending, 7);
        account.date(&Lot { expires_at: Some(at(600)), ..lot("a", 0, Some(500), None) });
        assert_eq!((account.read(at(500)).spendable, account.read(at(600)).expired), (8, 7));
        // It ends before the other one now.
        assert_eq!(eaten(&account, 8, 500), [("a".to_owned(), 7), ("b".to_owned(), 1)]);
    }

    #[test]
    fn a_lot_that_ended_while_it_was_awaited_is_expired() {
        let mut account = Account::default();
        let waiting = Lot { event: Some("delivered".into()), ..lot("a", 0, None, Some(100)) };
        account.add(&waiting, 7);
        assert_eq!((account.read(at(99)).pending, account.read(at(100)).expired), (7, 7));
    }

    #[test]
    fn a_step_of_the_close_sees_lots_as_they_were_at_the_last_one() {
        let mut account = Account::default();
        account.add(&lot("opened", 0, Some(150), None), 1);
        account.add(&lot("earned", 120, None, None), 2);
        account.add(&lot("ended", 0, None, Some(180)), 4);
        account.add(&lot("ended-before", 0, None, Some(90)), 8);
        let spendable = |opened, ended| {
            account.read(AsOf { now: at(200), opened: at(opened), ended: at(ended) }).spendable
        };
        // The last close was at 100, this one is at 200.
        assert_eq!([spendable(100, 100), spendable(200, 100), spendable(200, 200)], [4, 7, 3]);
    }

    #[test]
    fn points_for_the_next_order_can_be_spent_but_do_not_move() {
        let mut account = Account::default();
        account.add(&Lot { only: Some(LotOnly::NextOrder), ..lot("bound", 0, None, None) }, 5);
        account.add(&lot("free", 0, None, None), 3);
        assert_eq!(account.read(at(1)).spendable, 8);
        let sum = |parts: Vec<Part>| parts.iter().map(|part| part.amount).sum::<i64>();
        assert_eq!(sum(account.movable(i64::MAX, at(1))), 3);
        assert_eq!(sum(account.for_next_order(at(1))), 5);
    }

    #[test]
    fn what_can_be_spent_is_lowered_by_movements_and_by_ends() {
        let mut account = Account::default();
        account.add(&lot("a", 0, None, Some(100)), 10);
        assert_eq!(account.lowered(at(50).into()), None);
        account.lower(at(60));
        account.lower(at(40));
        assert_eq!(account.lowered(at(99).into()), Some(at(60)));
        assert_eq!(account.lowered(at(100).into()), Some(at(100)));
    }
}
