//! Forms that put units together: sets, groups, pools, positions.

use super::forms::{Deal, How, product};
use super::ware::{Ware, by_choice};
use crate::allocation::{AllocationPolicy, Part, Spread, allocate, percent_of};
use crate::amount::RATE_ONE;
use crate::program::benefit::{BundleRules, BuyGetRules, NForMRules};
use crate::program::{Divide, FreeChoice, PercentMethod, UnitChoice};

/// A part of a set: the lines that it may be taken of, from the first that has units left.
struct Queue {
    need: i64,
    wares: Vec<usize>,
    next: usize,
}

/// Sets of goods for one price. Sets that are made of the same lines are worked out once.
pub(super) fn bundle(deal: Deal<'_>, rules: &BundleRules, wares: &mut [Ware]) -> How {
    let price = deal.order.money_from_program(rules.price);
    let matching = |test: &crate::program::condition::LineTest| -> Vec<usize> {
        let lines = &deal.order.lines;
        let fits = |ware: &Ware| lines.get(ware.line).is_some_and(|line| test.holds(line));
        let picked = wares.iter().enumerate().filter(|(_, ware)| ware.picked > 0 && fits(ware));
        picked.map(|(index, _)| index).collect()
    };
    let queue = |(test, need): &(_, i64)| Queue { need: *need, wares: matching(test), next: 0 };
    let mut queues: Vec<Queue> = rules.parts.iter().map(queue).collect();
    let mut left = rules.times;
    while left > 0 {
        let Some(set) = next_set(&mut queues, wares) else { break };
        let made = make_sets(deal, &set, price, left, wares);
        if made == 0 {
            break;
        }
        left -= made;
    }
    How::Moved
}

/// The lines of the next set, with the units of each; none if a part cannot be had.
fn next_set(queues: &mut [Queue], wares: &mut [Ware]) -> Option<Vec<(usize, i64)>> {
    // While a set is put together, `freed` counts the units that are in it.
    let mut set: Vec<usize> = Vec::new();
    let mut complete = true;
    for queue in queues {
        let mut need = queue.need;
        let mut place = queue.next;
        while need > 0
            && let Some(index) = queue.wares.get(place)
        {
            let Some(ware) = wares.get_mut(*index) else { break };
            if ware.used == ware.picked && place == queue.next {
                queue.next += 1;
            }
            let units = need.min(ware.picked - ware.used - ware.freed);
            if units > 0 && ware.freed == 0 {
                set.push(*index);
            }
            ware.freed += units;
            need -= units;
            place += 1;
        }
        complete &= need == 0;
    }
    let units = |index: &usize| {
        let ware = wares.get_mut(*index)?;
        Some((*index, std::mem::take(&mut ware.freed)))
    };
    let set: Vec<(usize, i64)> = set.iter().filter_map(units).collect();
    complete.then_some(set)
}

/// Makes as many of a set as there are units for, `most` at most; gives how many. None are made if
/// the set would not be cheaper.
fn make_sets(
    deal: Deal<'_>,
    set: &[(usize, i64)],
    price: i64,
    most: i64,
    wares: &mut [Ware],
) -> i64 {
    let mut parts = Vec::with_capacity(set.len());
    let mut count = most;
    for (index, units) in set {
        let Some(ware) = wares.get(*index) else { return 0 };
        count = count.min((ware.picked - ware.used) / units);
        parts.push(whole_part(ware.worth(*units)));
    }
    let sum: i64 = parts.iter().map(|part| part.weight).sum();
    if sum <= price || set.is_empty() {
        return 0;
    }
    let shares = divide_by_value(deal, sum - price, &parts);
    for (((index, units), part), share) in set.iter().zip(&parts).zip(&shares) {
        if let Some(ware) = wares.get_mut(*index) {
            ware.used += units * count;
            ware.taken = ware.used;
            ware.value = ware.value.saturating_add(product(part.weight, count));
            ware.wish = ware.wish.saturating_add(product(*share, count));
        }
    }
    count
}

/// A part that can take all of its value.
fn whole_part(value: i64) -> Part {
    Part { weight: value, quantity: 1, capacity: i64::MAX, eligible: true }
}

fn divide_by_value(deal: Deal<'_>, amount: i64, parts: &[Part]) -> Vec<i64> {
    let policy = AllocationPolicy { spread: Spread::ByValue, ..deal.rules.allocation };
    allocate(amount, parts, &policy).shares
}

/// n units for the price of m.
pub(super) fn n_for_m(rules: NForMRules, wares: &mut [Ware]) -> How {
    let all: i64 = wares.iter().map(|ware| ware.picked).sum();
    let mut left = all - all % rules.n;
    let free = all / rules.n * (rules.n - rules.m);
    for ware in wares.iter_mut() {
        ware.used = ware.picked.min(left);
        left -= ware.used;
        ware.take(ware.used);
    }
    match rules.free {
        FreeChoice::CheapestOfAll => {
            let mut left = free;
            for ware in by_choice(wares, UnitChoice::Cheapest, |ware| ware.used > 0) {
                ware.freed = ware.used.min(left);
                left -= ware.freed;
            }
        }
        FreeChoice::CheapestOfEach => free_in_groups(rules, wares),
    }
    let total: i64 = wares.iter().map(|ware| ware.worth(ware.freed)).sum();
    match rules.divide {
        Divide::FreeUnits => {
            wares.iter_mut().for_each(|ware| ware.wish = ware.worth(ware.freed));
            How::Own
        }
        Divide::AllUnits => {
            // Every unit keeps a part of its price, so that none is free.
            wares.iter_mut().for_each(|ware| ware.freed = 0);
            How::Divided(total, Spread::ByValue)
        }
    }
}

/// Frees the cheapest of each group; groups are made from the dearest unit down. Units of one price
/// may stand in either group, so that of all that are free at that price the first listed are.
fn free_in_groups(rules: NForMRules, wares: &mut [Ware]) {
    let mut grouped = by_choice(wares, UnitChoice::Dearest, |ware| ware.used > 0);
    let free_before = |position: i64| {
        position / rules.n * (rules.n - rules.m) + (position % rules.n - rules.m).max(0)
    };
    let mut position = 0;
    for equals in grouped.chunk_by_mut(|one, other| one.price == other.price) {
        let next = position + equals.iter().map(|ware| ware.used).sum::<i64>();
        let mut left = free_before(next) - free_before(position);
        for ware in equals {
            ware.freed = ware.used.min(left);
            left -= ware.freed;
        }
        position = next;
    }
}

/// Chooses what is given to who buys: the target units are what the form is about.
pub(super) fn choose_targets(rules: &BuyGetRules, wares: &mut [Ware]) {
    let bought: i64 = wares.iter().map(|ware| ware.picked).sum();
    if rules.get_lines.is_some() {
        let full = (bought / rules.buy).min(rules.times);
        let given = take_targets(rules, product(full, rules.get), wares, |ware| {
            if ware.target && ware.picked == 0 { ware.open } else { 0 }
        });
        // What is bought for nothing that could be given stays open to other promotions.
        let sets = given / rules.get + i64::from(given % rules.get > 0);
        close_bought(product(sets, rules.buy), wares);
        return;
    }
    let group = rules.buy + rules.get;
    let full = (bought / group).min(rules.times);
    let rest = if full < rules.times { bought - full * group } else { 0 };
    let more = (rest - rules.buy).clamp(0, rules.get);
    take_targets(rules, full * rules.get + more, wares, |ware| ware.picked);
    close_bought((full + i64::from(more > 0)) * rules.buy, wares);
}

/// Takes units of the lines in the order of `target`; gives how many there were.
fn take_targets(
    rules: &BuyGetRules,
    most: i64,
    wares: &mut [Ware],
    units: impl Fn(&Ware) -> i64,
) -> i64 {
    let mut left = most;
    for ware in by_choice(wares, rules.target, |ware| units(ware) > 0) {
        ware.take(units(ware).min(left));
        ware.used = ware.taken;
        left -= ware.taken;
    }
    most - left
}

/// Closes the units that were bought, the first in the order of `select`.
fn close_bought(units: i64, wares: &mut [Ware]) {
    let mut left = units;
    for ware in wares {
        let bought = (ware.picked - ware.used).clamp(0, left);
        ware.used += bought;
        left -= bought;
    }
}

/// A percentage by the position of the unit.
pub(super) fn schedule(deal: Deal<'_>, steps: &[(i64, i64)], wares: &mut [Ware]) -> How {
    let mut position = 0;
    // While steps are gone through, `share` is the position of a line's first unit.
    for ware in wares.iter_mut() {
        ware.share = position;
        ware.used = ware.picked;
        position += ware.picked;
    }
    let ends = steps.iter().skip(1).map(|(from, _)| from - 1).chain([i64::MAX]);
    for ((from, percent), end) in steps.iter().zip(ends) {
        let begin = from - 1;
        let first = wares.partition_point(|ware| ware.share + ware.picked <= begin);
        let last = wares.partition_point(|ware| ware.share < end);
        if let Some(reached) = wares.get_mut(first..last)
            && *percent > 0
        {
            lower_step(deal, *percent, (begin, end), reached);
        }
    }
    wares.iter_mut().for_each(|ware| ware.share = 0);
    match deal.benefit.method {
        PercentMethod::OfSum => How::Moved,
        PercentMethod::PerLine => How::Own,
    }
}

/// The percentage of one step off the units whose positions lie in a range.
fn lower_step(deal: Deal<'_>, percent: i64, (begin, end): (i64, i64), wares: &mut [Ware]) {
    let rounding = deal.benefit.rounding;
    let mut parts = Vec::with_capacity(wares.len());
    for ware in wares.iter_mut() {
        let units = end.min(ware.share + ware.picked) - begin.max(ware.share);
        let value = ware.worth(units.max(0));
        parts.push(whole_part(value));
        ware.taken += units.max(0);
        ware.value += value;
        if percent == RATE_ONE {
            ware.freed += units.max(0);
        }
    }
    let shares = match deal.benefit.method {
        PercentMethod::OfSum => {
            let sum = parts.iter().map(|part| part.weight).sum();
            divide_by_value(deal, percent_of(percent, sum, rounding), &parts)
        }
        PercentMethod::PerLine => {
            parts.iter().map(|part| percent_of(percent, part.weight, rounding)).collect()
        }
    };
    for (ware, share) in wares.iter_mut().zip(shares) {
        ware.wish += share;
    }
}
