//! A card of the model: lots, holds and a debt.

/// The end of a lot that never ends.
pub const NEVER: i64 = i64::MAX;

#[derive(Clone, Debug)]
pub struct Lot {
    pub earned: i64,
    pub opens: i64,
    pub ends: i64,
    pub left: i64,
}

/// Points reserved for a sale: of which lot, how many.
#[derive(Clone, Debug)]
pub struct Hold {
    pub sale: usize,
    pub parts: Vec<(usize, i64)>,
    pub until: i64,
}

#[derive(Clone, Debug, Default)]
pub struct Card {
    /// In the order in which they were made.
    pub lots: Vec<Lot>,
    pub holds: Vec<Hold>,
    pub debt: i64,
    pub issued: i64,
    pub spent: i64,
    pub restored: i64,
    pub clawed: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub spendable: i64,
    pub held: i64,
    pub pending: i64,
    pub expired: i64,
    pub debt: i64,
    pub posted: i64,
}

impl Card {
    /// The lots in the order of eating: the nearest end first, then the older.
    fn eating(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|&lot| (self.lots[lot].ends, self.lots[lot].earned, lot));
        order
    }

    fn free(&self, lot: usize, now: i64) -> i64 {
        let live = self.holds.iter().filter(|hold| hold.until > now);
        let held = live.flat_map(|hold| &hold.parts).filter(|(id, _)| *id == lot);
        self.lots[lot].left - held.map(|(_, units)| units).sum::<i64>()
    }

    fn is_open(&self, lot: usize, now: i64) -> bool {
        self.lots[lot].opens <= now && now < self.lots[lot].ends
    }

    fn is_pending(&self, lot: usize, now: i64) -> bool {
        now < self.lots[lot].opens && now < self.lots[lot].ends
    }

    pub fn read(&self, now: i64) -> Reading {
        let posted = self.issued + self.restored - self.spent - self.clawed;
        let mut reading = Reading { posted, debt: self.debt, ..Reading::default() };
        for lot in 0..self.lots.len() {
            let free = self.free(lot, now);
            reading.held += self.lots[lot].left - free;
            if self.is_open(lot, now) {
                reading.spendable += free;
            } else if self.is_pending(lot, now) {
                reading.pending += free;
            } else {
                reading.expired += free;
            }
        }
        let paid = reading.spendable.min(reading.debt);
        reading.spendable -= paid;
        reading.debt -= paid;
        reading
    }

    /// Free usable points, up to so many.
    pub fn choose(&self, wanted: i64, now: i64) -> Vec<(usize, i64)> {
        let open = self.eating().into_iter().filter(|&lot| self.is_open(lot, now)).collect();
        self.from(open, wanted, now)
    }

    fn from(&self, lots: Vec<usize>, wanted: i64, now: i64) -> Vec<(usize, i64)> {
        let mut left = wanted;
        let mut parts = Vec::new();
        for lot in lots {
            let units = self.free(lot, now).min(left);
            if units > 0 {
                left -= units;
                parts.push((lot, units));
            }
        }
        parts
    }

    pub fn eat(&mut self, parts: &[(usize, i64)]) -> i64 {
        for (lot, units) in parts {
            self.lots[*lot].left -= units;
        }
        parts.iter().map(|(_, units)| units).sum()
    }

    /// New points pay the debt first. Whether they did.
    pub fn earn(&mut self, lot: Lot) -> bool {
        let paid = lot.left.min(self.debt);
        self.issued += lot.left;
        self.debt -= paid;
        self.lots.push(Lot { left: lot.left - paid, ..lot });
        paid > 0
    }

    /// Takes earned points back: the sale's own lot, then usable ones, then pending ones, then
    /// debt. Whether something is owed now.
    pub fn claw(&mut self, units: i64, own: Option<usize>, now: i64) -> bool {
        let order = self.eating();
        let open = order.iter().copied().filter(|&lot| self.is_open(lot, now));
        let pending = order.iter().copied().filter(|&lot| self.is_pending(lot, now));
        let others = open.chain(pending).filter(|lot| Some(*lot) != own);
        let parts = self.from(own.into_iter().chain(others).collect(), units, now);
        let missing = units - self.eat(&parts);
        self.clawed += units;
        self.debt += missing;
        missing > 0
    }
}
