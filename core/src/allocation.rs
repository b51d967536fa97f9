//! An amount spread over the lines of an order: capped largest remainder.
//!
//! Every share is a whole number of smallest units, no share passes its line's capacity, and the
//! shares and the clipped rest add up to the amount exactly. Nothing depends on hash order.

use crate::document::choice;
use std::cmp::Ordering;

use crate::rounding::{Rounding, divide_to_amount, to_amount};

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;

/// One whole as a count of 10⁻⁹: 10 % is 100 000 000.
pub(crate) const ONE: i64 = 1_000_000_000;

/// One line as allocation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The line's value in smallest units; below zero counts as zero.
    pub weight: i64,
    /// The line's quantity in thousandths.
    pub quantity: i64,
    /// The most the line can take: its value above its floor. A surcharge passes `i64::MAX`.
    ///
    /// A line of some value with no capacity is blocked by its floor: its share moves on or is
    /// lost as the policy says. A line that is out of the count altogether is not `eligible`.
    pub capacity: i64,
    /// Whether the line takes part at all.
    pub eligible: bool,
}

choice! {
    /// What the lines' shares are proportional to.
    pub enum Spread {
        /// The value of each line.
        ByValue = "by_value",
        /// The quantity of each line.
        ByQuantity = "by_quantity",
        /// Nothing: every line has an equal share.
        Equally = "equally",
    }
}

choice! {
    /// Who takes the smallest units that are left when every exact share has been cut to a whole one.
    ///
    /// No line takes more than one of them.
    pub enum Residue {
        /// Lines that lost the larger fraction; among equals the line of larger value, then the
        /// earlier one.
        LargestRemainder = "largest_remainder",
        /// Lines from the first on.
        First = "first",
        /// Lines from the last back.
        Last = "last",
        /// Lines of larger value; among equals the earlier one.
        Largest = "largest",
    }
}

choice! {
    /// What becomes of the part of a share that the line's floor does not let through.
    pub enum Blocked {
        /// It moves to the lines that can still take it, in proportion.
        MovesOn = "moves_on",
        /// It is lost, and reported as clipped.
        Lost = "lost",
    }
}

/// The named choices of one allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllocationPolicy {
    pub spread: Spread,
    pub residue: Residue,
    pub blocked: Blocked,
}

/// Shares in the order of the lines, and what no line could take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocation {
    pub shares: Vec<i64>,
    pub clipped: i64,
}

/// Buffers of an allocation, worth keeping between calls.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    claims: Vec<Claim>,
}

#[derive(Debug)]
struct Claim {
    index: usize,
    value: i64,
    /// The line's measure under the policy's spread, never zero.
    measure: u64,
    capacity: u64,
    share: u64,
    remainder: u128,
}

impl Claim {
    fn new(index: usize, part: &Part, spread: Spread) -> Option<Self> {
        // A line without value and capacity (a gift) is inert under every policy: it neither
        // takes a share nor loses one.
        if !part.eligible || (part.weight <= 0 && part.capacity <= 0) {
            return None;
        }
        let measure = match spread {
            Spread::ByValue => part.weight,
            Spread::ByQuantity => part.quantity,
            Spread::Equally => 1,
        };
        let capacity = part.capacity.max(0).unsigned_abs();
        (measure > 0).then_some(Self {
            index,
            value: part.weight,
            measure: measure.unsigned_abs(),
            capacity,
            share: 0,
            remainder: 0,
        })
    }

    fn has_room(&self) -> bool {
        self.share < self.capacity
    }

    fn is_over(&self) -> bool {
        self.share > self.capacity || (self.share == self.capacity && self.remainder > 0)
    }

    /// Takes the exact quota `rest × measure / whole`, with `measure ≤ whole` and `whole > 0`.
    fn take_quota(&mut self, rest: u64, whole: u128) {
        if let (Some(product), Ok(whole)) = (rest.checked_mul(self.measure), u64::try_from(whole)) {
            self.share = product / whole;
            self.remainder = u128::from(product % whole);
        } else {
            // Two u64 factors cannot overflow u128, and the quotient is at most `rest`.
            let product = u128::from(rest) * u128::from(self.measure);
            self.share = u64::try_from(product / whole).unwrap_or(rest);
            self.remainder = product % whole;
        }
    }
}

/// Spreads `total`, which is not negative, over the parts.
///
/// A surcharge is spread with unlimited capacities and its sign flipped by the caller. When no
/// eligible line has any weight, nothing is allocated and all of it is clipped.
pub(crate) fn allocate(total: i64, parts: &[Part], policy: &AllocationPolicy) -> Allocation {
    let mut shares = Vec::with_capacity(parts.len());
    let mut scratch = Scratch { claims: Vec::with_capacity(parts.len()) };
    let clipped = allocate_into(total, parts, policy, &mut scratch, &mut shares);
    Allocation { shares, clipped }
}

/// [`allocate`] into the caller's buffers; returns what was clipped.
pub(crate) fn allocate_into(
    total: i64,
    parts: &[Part],
    policy: &AllocationPolicy,
    scratch: &mut Scratch,
    shares: &mut Vec<i64>,
) -> i64 {
    shares.clear();
    shares.resize(parts.len(), 0);
    let Ok(mut rest) = u64::try_from(total) else {
        return total;
    };
    if rest == 0 {
        return 0;
    }
    let claims = &mut scratch.claims;
    claims.clear();
    let claim = |(index, part)| Claim::new(index, part, policy.spread);
    claims.extend(parts.iter().enumerate().filter_map(claim));
    let mut whole = claims.iter().map(|claim| u128::from(claim.measure)).sum();
    let mut given = take_quotas(claims, rest, whole);
    let moves_on = policy.blocked == Blocked::MovesOn;
    if moves_on && claims.iter().any(Claim::is_over) {
        fill_the_small(claims, &mut rest, &mut whole, shares);
        given = take_quotas(claims, rest, whole);
    }
    // The quotas' floors sum to at most the rest, and fall short by less than one per claim.
    let left = usize::try_from(rest.saturating_sub(given)).unwrap_or(0);
    if left > 0 && !claims.is_empty() {
        give_residue(claims, left, policy.residue, moves_on);
    }
    for claim in claims.iter() {
        if let Some(share) = shares.get_mut(claim.index) {
            *share = claim.share.min(claim.capacity).cast_signed();
        }
    }
    // Shares sum to at most the total.
    total - shares.iter().sum::<i64>()
}

fn take_quotas(claims: &mut [Claim], rest: u64, whole: u128) -> u64 {
    let mut given = 0;
    for claim in claims {
        claim.take_quota(rest, whole);
        given += claim.share;
    }
    given
}

/// Fills to the brim every line whose quota passes its capacity, and leaves the others as claims.
///
/// Filling one such line raises the quotas of all others, so the lines to fill are a prefix of
/// the order by capacity per measure, whatever the order of filling.
fn fill_the_small(claims: &mut Vec<Claim>, rest: &mut u64, whole: &mut u128, shares: &mut [i64]) {
    claims.sort_unstable_by(|a, b| {
        let left = u128::from(a.capacity) * u128::from(b.measure);
        let right = u128::from(b.capacity) * u128::from(a.measure);
        left.cmp(&right).then(a.index.cmp(&b.index))
    });
    let mut filled = 0;
    for claim in claims.iter_mut() {
        claim.take_quota(*rest, *whole);
        if !claim.is_over() {
            break;
        }
        if let Some(share) = shares.get_mut(claim.index) {
            *share = claim.capacity.cast_signed();
        }
        // The quota passes the capacity, so the rest does too; the whole holds every measure left.
        *rest -= claim.capacity;
        *whole -= u128::from(claim.measure);
        filled += 1;
    }
    claims.drain(..filled);
    claims.sort_unstable_by_key(|claim| claim.index);
}

/// Adds one unit to each of `left` claims.
///
/// Every claim with a fraction has room, because its quota is within its capacity, and there are
/// more such claims than units left; so one round is enough even when full lines are passed over.
fn give_residue(claims: &mut [Claim], left: usize, residue: Residue, pass_over_full: bool) {
    let takes = |claim: &Claim| !pass_over_full || claim.has_room();
    match residue {
        Residue::First => add_one(claims.iter_mut().filter(|claim| takes(claim)).take(left)),
        Residue::Last => add_one(claims.iter_mut().rev().filter(|claim| takes(claim)).take(left)),
        Residue::LargestRemainder => {
            let order = |a: &Claim, b: &Claim| b.remainder.cmp(&a.remainder).then(by_value(a, b));
            add_one(foremost(claims, left, order));
        }
        Residue::Largest => {
            let order = |a: &Claim, b: &Claim| takes(b).cmp(&takes(a)).then_with(|| by_value(a, b));
            add_one(foremost(claims, left, order));
        }
    }
}

fn add_one<'a>(claims: impl Iterator<Item = &'a mut Claim>) {
    claims.for_each(|claim| claim.share += 1);
}

fn by_value(a: &Claim, b: &Claim) -> Ordering {
    b.value.cmp(&a.value).then(a.index.cmp(&b.index))
}

/// The first `count` claims of a total order, themselves in no order.
fn foremost(
    claims: &mut [Claim],
    count: usize,
    order: impl FnMut(&Claim, &Claim) -> Ordering,
) -> impl Iterator<Item = &mut Claim> {
    if count < claims.len() {
        claims.select_nth_unstable_by(count, order);
    }
    claims.iter_mut().take(count)
}

/// The percent (a count of 10⁻⁹) of each eligible line, rounded line by line; what passes a
/// line's capacity is clipped and never moves on.
pub(crate) fn percent_per_line(percent: i64, parts: &[Part], rounding: Rounding) -> Allocation {
    let mut clipped: i64 = 0;
    let share = |part: &Part| {
        let wanted = if part.eligible { percent_of(percent, part.weight, rounding) } else { 0 };
        let share = wanted.min(part.capacity.max(0));
        clipped = clipped.saturating_add(wanted - share);
        share
    };
    let shares = parts.iter().map(share).collect();
    Allocation { shares, clipped }
}

/// The percent (a count of 10⁻⁹) of the sum of eligible lines, rounded once, to be spread by
/// [`allocate`].
pub(crate) fn percent_of_sum(percent: i64, parts: &[Part], rounding: Rounding) -> i64 {
    let eligible = parts.iter().filter(|part| part.eligible);
    let sum: i128 = eligible.map(|part| i128::from(part.weight.max(0))).sum();
    percent_of(percent, to_amount(sum), rounding)
}

/// The percent (a count of 10⁻⁹) of an amount.
pub(crate) fn percent_of(percent: i64, amount: i64, rounding: Rounding) -> i64 {
    let product = i128::from(percent.max(0)) * i128::from(amount.max(0));
    divide_to_amount(product, i128::from(ONE), rounding)
}
