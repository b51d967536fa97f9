//! What a card holds of one kind of points, and its readings at an instant.
//!
//! Facts are lots, holds, postings and debts. What can be spent, what is pending and what has
//! expired is never stored: it is read from the facts for the instant that is asked about.

use jiff::Timestamp;

use crate::record::Lot;

/// Facts of one card in one kind of points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// In the order of eating: the nearest end first, then the older; without empty lots.
    lots: Vec<OpenLot>,
    holds: Vec<Hold>,
    pub posted: i64,
    pub debt: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct OpenLot {
    pub lot: Lot,
    pub remaining: i64,
}

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

/// Where a lot is in its life at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Pending,
    Open,
    Expired,
}

impl OpenLot {
    fn phase(&self, at: Timestamp) -> Phase {
        if self.lot.expires_at.is_some_and(|end| end <= at) {
            Phase::Expired
        } else if self.lot.opens_at.is_some_and(|start| start > at) {
            Phase::Pending
        } else {
            Phase::Open
        }
    }
}

fn order_of_eating(lot: &Lot) -> (Timestamp, Timestamp, usize, &str) {
    // A longer id of the same till has a higher sequence number, so that length comes first.
    (lot.expires_at.unwrap_or(Timestamp::MAX), lot.earned_at, lot.id.len(), &lot.id)
}

impl Account {
    /// Puts points into a lot, which is made if it is not there (any more).
    pub fn add(&mut self, lot: &Lot, amount: i64) {
        if let Some(open) = self.lots.iter_mut().find(|open| open.lot.id == lot.id) {
            open.remaining = open.remaining.saturating_add(amount);
        } else {
            let key = order_of_eating(lot);
            let place = self.lots.partition_point(|open| order_of_eating(&open.lot) <= key);
            self.lots.insert(place, OpenLot { lot: lot.clone(), remaining: amount });
        }
        self.lots.retain(|open| open.remaining > 0);
    }

    pub fn place_hold(&mut self, hold: Hold) {
        self.holds.push(hold);
    }

    pub fn end_hold(&mut self, sale: &str) {
        self.holds.retain(|hold| hold.sale != sale);
    }

    /// The parts that a hold reserves, with their lots as they are now.
    pub fn held_parts(&self, sale: &str) -> Vec<Part> {
        let parts = self.holds.iter().filter(|hold| hold.sale == sale).flat_map(|hold| &hold.parts);
        let part = |(id, amount): &(String, i64)| {
            let open = self.lots.iter().find(|open| open.lot.id == *id)?;
            Some(Part { lot: open.lot.clone(), amount: (*amount).min(open.remaining) })
        };
        parts.filter_map(part).collect()
    }

    /// How much of a lot is reserved at an instant.
    fn held_of(&self, lot: &str, at: Timestamp) -> i64 {
        let live = self.holds.iter().filter(|hold| hold.until > at).flat_map(|hold| &hold.parts);
        live.filter(|(id, _)| id == lot).map(|(_, amount)| *amount).sum()
    }

    pub fn read(&self, at: Timestamp) -> Reading {
        let mut reading = Reading { debt: self.debt, posted: self.posted, ..Reading::default() };
        for open in &self.lots {
            let held = self.held_of(&open.lot.id, at).min(open.remaining);
            let free = open.remaining - held;
            reading.held += held;
            let mut left = open.remaining;
            match open.phase(at) {
                Phase::Pending => reading.pending += free,
                Phase::Open => {
                    let owed = free.min(reading.debt);
                    reading.debt -= owed;
                    reading.spendable += free - owed;
                    left -= owed;
                }
                Phase::Expired => {
                    reading.expired += free;
                    left = held;
                }
            }
            reading.schedule(open.lot.expires_at, left);
        }
        reading
    }

    /// Free points that are usable at an instant, in the order of eating, up to `wanted`.
    pub fn take(&self, wanted: i64, at: Timestamp) -> Vec<Part> {
        self.parts(wanted, at, |phase| phase == Phase::Open)
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
            rest.filter(move |open| open.phase(at) == phase)
        };
        for open in own_lots.chain(others(Phase::Open)).chain(others(Phase::Pending)) {
            let phase = open.phase(at);
            let in_scope = match scope {
                TakeBack::OwnPending => is_own(open) && phase == Phase::Pending,
                TakeBack::Anything => true,
            };
            let held = self.held_of(&open.lot.id, at);
            let amount = (open.remaining - held).clamp(0, left);
            if in_scope && amount > 0 {
                left -= amount;
                parts.push(Part { lot: open.lot.clone(), amount });
            }
        }
        parts
    }

    fn parts(&self, wanted: i64, at: Timestamp, fits: impl Fn(Phase) -> bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut left = wanted;
        for open in self.lots.iter().filter(|open| fits(open.phase(at))) {
            let free = open.remaining - self.held_of(&open.lot.id, at);
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
            Some((last, sum)) if *last == at => *sum += amount,
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
}
