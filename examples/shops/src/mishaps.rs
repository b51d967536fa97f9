//! Outages and wrong clocks: arithmetic of a seed, so that whoever asks gets the same answer.

use crate::chain::{Chain, DAY};
use crate::dice::{mark, mark_below};

const OUTAGES: u64 = 101;
const CLOCKS: u64 = 102;

/// When a store was without network on a day, from and until.
pub(crate) fn outage(chain: &Chain, seed: u64, store: u32, day: i64) -> Option<(i64, i64)> {
    let place = chain.store(store);
    let midnight = day * DAY - place.city.zone_offset();
    let drawn = |who: u64, one_in: i64| {
        let path = |draw| [OUTAGES, who, day.cast_unsigned(), draw];
        (mark_below(seed, &path(0), one_in) == 0).then(|| {
            let from = midnight + 9 * 3600 + mark_below(seed, &path(1), 8 * 3600);
            (from, from + 3600 + mark_below(seed, &path(2), 5 * 3600))
        })
    };
    // A whole city at times, else a store.
    drawn(1000 + place.city as u64, 12).or_else(|| drawn(u64::from(store), 15))
}

/// The till whose clock is three hours fast, and the days on which it is.
pub(crate) fn wrong_till(chain: &Chain, seed: u64, first_day: i64) -> (u32, [i64; 2]) {
    let till = 1 + mark_below(seed, &[CLOCKS, 1], i64::from(chain.tills()));
    (u32::try_from(till).unwrap_or(1), [first_day + 3, first_day + 6])
}

/// By how many seconds the clock of a till is ahead on a day.
pub(crate) fn clock_offset(chain: &Chain, seed: u64, first_day: i64, till: u32, day: i64) -> i64 {
    let (wrong, [from, to]) = wrong_till(chain, seed, first_day);
    if till == wrong && (from..=to).contains(&day) {
        return 3 * 3600;
    }
    let path = [CLOCKS, 2, u64::from(till), day.div_euclid(10).cast_unsigned()];
    if mark(seed, &path).is_multiple_of(15) { mark_below(seed, &path, 841) - 420 } else { 0 }
}

/// What is wrong on one day, for quick look-up.
pub(crate) struct Mishaps {
    outages: Vec<Option<(i64, i64)>>,
    clocks: Vec<i64>,
}

impl Mishaps {
    pub(crate) fn of(chain: &Chain, seed: u64, first_day: i64, day: i64) -> Self {
        let outages = chain.stores.iter().map(|store| outage(chain, seed, store.id, day)).collect();
        let clocks = (1..=chain.tills())
            .map(|till| clock_offset(chain, seed, first_day, till, day))
            .collect();
        Self { outages, clocks }
    }

    /// The outage of a store that a moment falls into.
    pub(crate) fn outage(&self, store: u32, at: i64) -> Option<(i64, i64)> {
        let outage = *self.outages.get((store as usize).wrapping_sub(1))?;
        outage.filter(|(from, until)| (*from..*until).contains(&at))
    }

    /// By how many seconds the clock of a till is ahead.
    pub(crate) fn clock(&self, till: u32) -> i64 {
        self.clocks.get((till as usize).wrapping_sub(1)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_has_outages_of_hours_and_most_days_have_none() {
        let chain = Chain::new();
        for store in 1..=6 {
            let outages: Vec<(i64, i64)> =
                (20_000..20_200).filter_map(|day| outage(&chain, 5, store, day)).collect();
            assert!((8..70).contains(&outages.len()), "{}", outages.len());
            assert!(outages.iter().all(|(from, to)| (3600..6 * 3600).contains(&(to - from))));
        }
    }

    #[test]
    fn one_clock_is_three_hours_fast_for_four_days() {
        let chain = Chain::new();
        let (till, _) = wrong_till(&chain, 5, 20_000);
        let days = (20_000..20_020)
            .filter(|&day| clock_offset(&chain, 5, 20_000, till, day) == 3 * 3600)
            .count();
        assert_eq!(days, 4);
    }
}
