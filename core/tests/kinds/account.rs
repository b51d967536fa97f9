//! What a card of the model holds of its one asset: lots without dates, holds and a debt.

#[derive(Clone, Debug)]
pub struct Hold {
    /// The sale, or the dispute of a sale.
    pub owner: Owner,
    /// Of which lot, how much.
    pub parts: Vec<(usize, i64)>,
    pub until: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Sale(usize),
    Dispute(usize),
}

#[derive(Clone, Debug, Default)]
pub struct Account {
    /// What is left of each lot, in the order in which they were made: the order of eating.
    pub lots: Vec<i64>,
    pub holds: Vec<Hold>,
    pub debt: i64,
    pub posted: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub spendable: i64,
    pub held: i64,
    pub debt: i64,
    pub posted: i64,
}

/// What was taken from which lots, and what was not there.
#[derive(Clone, Debug, Default)]
pub struct Eaten {
    pub parts: Vec<(usize, i64)>,
    pub owed: i64,
    pub given_back: i64,
}

impl Account {
    pub fn free(&self, lot: usize, now: i64) -> i64 {
        let live = self.holds.iter().filter(|hold| hold.until > now);
        let held = live.flat_map(|hold| &hold.parts).filter(|(id, _)| *id == lot);
        self.lots[lot] - held.map(|(_, units)| units).sum::<i64>()
    }

    pub fn read(&self, now: i64) -> Reading {
        let free: i64 = (0..self.lots.len()).map(|lot| self.free(lot, now)).sum();
        let paid = free.min(self.debt);
        Reading {
            spendable: free - paid,
            held: self.lots.iter().sum::<i64>() - free,
            debt: self.debt - paid,
            posted: self.posted,
        }
    }

    /// Free units, up to so many, of these lots.
    fn from(&self, lots: impl Iterator<Item = usize>, wanted: i64, now: i64) -> Vec<(usize, i64)> {
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

    /// Free units, up to so many.
    pub fn choose(&self, wanted: i64, now: i64) -> Vec<(usize, i64)> {
        self.from(0..self.lots.len(), wanted, now)
    }

    pub fn hold(&mut self, owner: Owner, parts: Vec<(usize, i64)>, until: i64) {
        self.holds.push(Hold { owner, parts, until });
    }

    pub fn release(&mut self, owner: Owner) -> Vec<(usize, i64)> {
        let place = self.holds.iter().position(|hold| hold.owner == owner);
        place.map_or_else(Vec::new, |place| self.holds.remove(place).parts)
    }

    pub fn eat(&mut self, parts: &[(usize, i64)]) -> i64 {
        parts.iter().for_each(|(lot, units)| self.lots[*lot] -= units);
        parts.iter().map(|(_, units)| units).sum()
    }

    /// Spends what was held, then what is free; the rest is owed.
    pub fn spend(&mut self, units: i64, held: Vec<(usize, i64)>, now: i64) -> Eaten {
        let mut left = units;
        let mut parts = Vec::new();
        for (lot, units) in held {
            parts.push((lot, units.min(left)));
            left -= units.min(left);
        }
        self.eat(&parts);
        let more = self.choose(left, now);
        left -= self.eat(&more);
        parts.extend(more);
        self.posted -= units;
        self.debt += left;
        Eaten { parts, owed: left, given_back: 0 }
    }

    /// A new lot, which pays the debt first.
    pub fn earn(&mut self, units: i64) -> usize {
        let paid = units.min(self.debt);
        self.posted += units;
        self.debt -= paid;
        self.lots.push(units - paid);
        self.lots.len() - 1
    }

    /// Takes units back: from these lots first, then from all others; the rest is owed.
    pub fn claw(&mut self, units: i64, own: &[usize], now: i64) {
        let others = (0..self.lots.len()).filter(|lot| !own.contains(lot));
        let parts = self.from(own.iter().copied().chain(others), units, now);
        let missing = units - self.eat(&parts);
        self.posted -= units;
        self.debt += missing;
    }

    /// Gives back so much of what was spent: what was owed is forgiven first, then the lots get
    /// theirs, the one eaten last first.
    pub fn restore(&mut self, eaten: &mut Eaten, units: i64) {
        let mut skip = eaten.given_back;
        let mut left = units;
        eaten.given_back += units;
        self.posted += units;
        let forgiven = (eaten.owed - skip).clamp(0, left);
        skip = (skip - eaten.owed).max(0);
        left -= forgiven;
        let unpaid = forgiven.min(self.debt);
        self.debt -= unpaid;
        if forgiven > unpaid {
            self.lots.push(forgiven - unpaid);
        }
        for (lot, units) in eaten.parts.iter().rev() {
            let skipped = skip.min(*units);
            skip -= skipped;
            let back = (units - skipped).min(left);
            left -= back;
            self.lots[*lot] += back;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lots.iter().all(|left| *left == 0) && self.holds.is_empty()
    }
}
