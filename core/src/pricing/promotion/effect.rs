//! What a benefit gives: what its form wishes, cut to what lines, receipt, cap and limits let through.

use super::forms::{Deal, How, wish};
use super::ware::{Ware, select};
use crate::allocation::{AllocationPolicy, Blocked, Part, Spread, allocate};

/// What a benefit would do to the receipt as it stands.
#[derive(Debug)]
pub(crate) struct Effect {
    pub wares: Vec<Ware>,
    /// What it is taken of.
    pub base: i64,
    pub wished: i64,
    pub given: i64,
    /// The cap, where it was met.
    pub cap: Option<i64>,
    pub percent: Option<i64>,
    /// The presents that may still be added.
    pub missing: i64,
    how: How,
}

impl Effect {
    /// Works out a benefit. `most` bounds the units, where each must be paid for; the lines give no
    /// more than `payable` together.
    pub(super) fn new(
        deal: Deal<'_>,
        mut wares: Vec<Ware>,
        most: Option<i64>,
        payable: i64,
    ) -> Effect {
        select(&mut wares, &deal.benefit.select, most);
        let wished = wish(deal, &mut wares);
        let mut effect = Effect {
            base: wares.iter().fold(0, |sum, ware| sum.saturating_add(ware.value)),
            wished: 0,
            given: 0,
            cap: None,
            percent: wished.percent,
            missing: wished.missing,
            how: wished.how,
            wares,
        };
        // Presents were added for this benefit and lower nothing else; those that it does not take
        // make no room for others.
        let presents = effect.wares.iter().filter(|ware| ware.present && ware.taken > 0);
        let room = payable + presents.map(|ware| ware.wish.min(ware.capacity)).sum::<i64>();
        effect.give_shares(deal, room);
        effect.lower_to(room);
        let cap = deal.benefit.cap.map(|cap| deal.in_prices(cap, &effect.wares));
        if let Some(cap) = cap.filter(|cap| *cap < effect.given) {
            effect.cap = Some(cap);
            effect.lower_to(cap);
        }
        effect
    }

    fn give_shares(&mut self, deal: Deal<'_>, room: i64) {
        let policy = deal.rules.allocation;
        match self.how {
            How::Own => self.give_own(),
            How::Divided(total, spread) => {
                self.wished = total;
                self.divide(total.min(room), &AllocationPolicy { spread, ..policy });
            }
            How::Moved => {
                self.give_own();
                if self.given < self.wished && policy.blocked == Blocked::MovesOn {
                    let wished = self.wished.min(room);
                    self.divide(wished, &AllocationPolicy { spread: Spread::ByValue, ..policy });
                }
            }
        }
        self.add_up();
    }

    fn give_own(&mut self) {
        for ware in &mut self.wares {
            ware.share = ware.wish.min(ware.capacity);
        }
        self.wished = self.wares.iter().fold(0, |sum, ware| sum.saturating_add(ware.wish));
        self.add_up();
    }

    fn divide(&mut self, amount: i64, policy: &AllocationPolicy) {
        let part = |ware: &Ware| Part {
            weight: ware.value,
            quantity: ware.quantity(ware.taken),
            capacity: ware.capacity,
            eligible: ware.taken > 0,
        };
        let parts: Vec<Part> = self.wares.iter().map(part).collect();
        let shares = allocate(amount, &parts, policy).shares;
        self.wares.iter_mut().zip(shares).for_each(|(ware, share)| ware.share = share);
    }

    /// Cuts what is given, in proportion to what the lines would have got.
    pub fn lower_to(&mut self, most: i64) {
        if self.given <= most {
            return;
        }
        let part = |ware: &Ware| Part {
            weight: ware.share,
            quantity: 1,
            capacity: ware.share,
            eligible: true,
        };
        let parts: Vec<Part> = self.wares.iter().map(part).collect();
        let shares = allocate(most.max(0), &parts, &AllocationPolicy::default()).shares;
        self.wares.iter_mut().zip(shares).for_each(|(ware, share)| ware.share = share);
        self.add_up();
    }

    fn add_up(&mut self) {
        self.given = self.wares.iter().map(|ware| ware.share).sum();
    }

    /// Whether it lowers a price or gives a present, be it one that costs nothing.
    pub fn gives(&self) -> bool {
        self.given > 0 || self.wares.iter().any(|ware| ware.present && ware.taken > 0)
    }

    /// What lines or receipt could not give, besides what the cap held back.
    pub fn trimmed(&self) -> i64 {
        if self.cap.is_some() { 0 } else { self.wished - self.given }
    }

    /// The units that it lowers.
    pub fn lowered_units(&self) -> i64 {
        self.wares.iter().filter(|ware| ware.share > 0).map(|ware| ware.taken).sum()
    }

    /// How many of so many times over would have given the same.
    pub fn times_needed(&self, times: i64) -> i64 {
        let needed = |share: i64, wish: i64| -> i64 {
            let exact = i128::from(share) * i128::from(times);
            let whole = i128::from(wish.max(1));
            crate::rounding::divide_to_amount(exact, whole, crate::rounding::Rounding::Ceil)
        };
        match self.how {
            How::Divided(total, _) => needed(self.given, total),
            How::Own | How::Moved => {
                self.wares.iter().map(|ware| needed(ware.share, ware.wish)).max().unwrap_or(0)
            }
        }
    }

    /// The lines that got one smallest unit more than their exact share rounded down.
    pub fn residue(&self) -> Vec<usize> {
        let How::Divided(..) = self.how else { return Vec::new() };
        let whole: i128 = self.wares.iter().map(|ware| i128::from(ware.value)).sum();
        let more = |ware: &&Ware| {
            i128::from(ware.share) * whole > i128::from(self.given) * i128::from(ware.value)
        };
        let mut lines: Vec<usize> = self.wares.iter().filter(more).map(|ware| ware.line).collect();
        lines.sort_unstable();
        lines
    }
}
