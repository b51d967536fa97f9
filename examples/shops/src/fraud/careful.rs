//! How a fraud that knows the limits uses one card.

use std::collections::BTreeMap;

use crate::Knowledge;
use crate::chain::{Chain, DAY, Place};
use crate::knowledge::{Pace, below};

/// Half a day: longer than any shift.
const SHIFT: i64 = 43_200;

/// Keeps the use of one card below every limit that is known.
pub(super) struct Careful {
    know: Knowledge,
    receipts: Pace,
    points: Pace,
    redemptions: Pace,
    spent: Pace,
    with: BTreeMap<Option<u32>, Pace>,
    last: Option<(i64, u32)>,
}

impl Careful {
    pub(super) fn new(know: Knowledge) -> Self {
        Self {
            know,
            receipts: Pace::below(&[(know.earns_per_30_minutes, 1800), (know.earns_per_day, DAY)]),
            points: Pace::below(&[(know.points_earned_per_30_days, 30 * DAY)]),
            redemptions: Pace::below(&[
                (know.redemptions_per_15_minutes, 900),
                (know.redemptions_per_day, DAY),
            ]),
            spent: Pace::below(&[(know.points_spent_per_day, DAY)]),
            with: BTreeMap::new(),
            last: None,
        }
    }

    /// How many points may still be spent at a moment.
    pub(super) fn spendable(&self, at: i64) -> i64 {
        self.spent.room(at).max(0)
    }

    /// Whether a receipt with so many points stays below every limit; if so, it counts. Ask in order of time.
    pub(super) fn may(
        &mut self,
        chain: &Chain,
        at: i64,
        place: Place,
        earned: i64,
        spent: i64,
    ) -> bool {
        let know = self.know;
        let with = self.with.entry(place.cashier).or_insert_with(|| {
            Pace::below(&[
                (know.receipts_with_cashier_per_shift, SHIFT),
                (know.receipts_with_cashier_per_30_days, 30 * DAY),
            ])
        });
        let arrived = self.last.is_none_or(|(when, store)| {
            // A minute more than the road takes.
            let road = chain.kilometres(store, place.store) * 3600;
            road == 0 || road < below(know.travel_km_per_hour) * (at - when - 60)
        });
        let spends = i64::from(spent > 0);
        let fits = arrived
            && with.room(at) >= 1
            && self.receipts.room(at) >= 1
            && self.points.room(at) >= earned
            && self.redemptions.room(at) >= spends
            && self.spent.room(at) >= spent;
        if fits {
            with.take(at, 1);
            self.receipts.take(at, 1);
            self.points.take(at, earned);
            self.redemptions.take(at, spends);
            self.spent.take(at, spent);
            self.last = Some((at, place.store));
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_careful_card_never_reaches_a_limit() {
        let (chain, know) = (Chain::new(), Knowledge::default());
        let mut card = Careful::new(know);
        let from = chain.store(1).opening(20_000).0;
        let mut done = Vec::new();
        for minute in 0..600 {
            let at = from + minute * 60;
            let till = chain.store(1).tills[(minute % 3) as usize];
            if card.may(&chain, at, chain.place(till, at), 10, 100) {
                done.push(at);
            }
        }
        assert_eq!(done.len(), 3, "four spendings a day are the limit");
        assert!(done.windows(2).all(|pair| pair[1] - pair[0] > 900));
    }

    #[test]
    fn a_careful_card_does_not_fly() {
        let (chain, know) = (Chain::new(), Knowledge::default());
        let mut card = Careful::new(know);
        let at = chain.store(1).opening(20_000).0;
        let (moscow, kazan) = (chain.store(1).tills[0], chain.store(4).tills[0]);
        assert!(card.may(&chain, at, chain.place(moscow, at), 1, 0));
        assert!(!card.may(&chain, at + 4 * 3600, chain.place(kazan, at + 4 * 3600), 1, 0));
        assert!(card.may(&chain, at + 6 * 3600, chain.place(kazan, at + 6 * 3600), 1, 0));
    }
}
