//! The cards that there are when the world begins.

use crate::chain::DAY;
use crate::dice::mark_below;
use crate::stage::Stage;

/// How often a card comes on average, once in so many days, and its part of all visits in hundredths.
const TIERS: [(u32, u32); 4] = [(1, 16), (6, 36), (30, 30), (180, 18)];

/// For how long a guest has stayed away at any moment, against the time between two visits, in
/// hundredths: the middles of sixteen parts of those who come at random.
const AWAY: [i64; 16] = [3, 10, 17, 25, 33, 42, 52, 63, 76, 90, 107, 127, 152, 186, 237, 347];

/// How many cards are left of the fraud's own for each world.
const ROOM: u32 = 1 << 18;

/// Which cards there are when the world begins.
#[derive(Clone, Debug)]
pub(crate) struct Cards {
    /// The first card and the number of cards of each store and tier.
    tiers: Vec<[(u32, u32); 4]>,
    /// Cards whose owners stay away; those of the second half may come back.
    dormant: (u32, u32),
}

impl Cards {
    pub(crate) fn new(stores: usize, receipts_per_store_day: u32) -> Self {
        let mut next = 1;
        let mut block = |count: u32| {
            next += count;
            (next - count, count)
        };
        let visits = receipts_per_store_day * 35 / 100;
        let tiers = (0..stores)
            .map(|_| TIERS.map(|(days, part)| block((visits * part * days / 100).max(4))))
            .collect();
        let dormant = block((visits * 40).max(12_000));
        Self { tiers, dormant }
    }

    /// The first card of the fraud's own.
    pub(crate) fn room(&self) -> u32 {
        self.dormant.0 + self.dormant.1
    }

    /// The first card that is issued or that a persona has.
    pub(crate) fn fresh(&self) -> u32 {
        self.room() + ROOM
    }

    /// The store of a guest's card.
    pub(crate) fn store(&self, card: u32) -> Option<u32> {
        let within = |&(first, count): &(u32, u32)| (first..first + count).contains(&card);
        let place = self.tiers.iter().position(|tiers| tiers.iter().any(within))?;
        u32::try_from(place + 1).ok()
    }

    /// For how many seconds nobody had come with a card when the world began; none if it is no card of
    /// a guest.
    pub(crate) fn away(&self, seed: u64, card: u32) -> Option<i64> {
        let drawn =
            |least: i64, most: i64| least + mark_below(seed, &[81, card.into()], most - least);
        let within = |(first, count): (u32, u32)| (first..first + count).contains(&card);
        if within(self.dormant) {
            return Some(drawn(200 * DAY, 700 * DAY));
        }
        let tier = self.tiers.iter().find_map(|tiers| tiers.iter().position(|&one| within(one)))?;
        let days = i64::from(TIERS.get(tier)?.0);
        let part = usize::try_from(drawn(0, 16)).unwrap_or(0);
        let jitter = mark_below(seed, &[82, card.into()], DAY);
        Some(days * AWAY.get(part)? * DAY / 100 + jitter)
    }

    /// A card whose owner stays away; each number gives another, until they are all used.
    pub(crate) fn dormant(&self, index: u32) -> u32 {
        self.dormant.0 + index % (self.dormant.1 / 2)
    }

    /// A card whose owner stayed away and comes back.
    pub(crate) fn returning(&self, stage: &mut Stage<'_>) -> u32 {
        let (first, count) = self.dormant;
        Self::any((first + count / 2, count - count / 2), stage)
    }

    /// A card of a store that comes now and then.
    pub(crate) fn rare(&self, store: u32, stage: &mut Stage<'_>) -> u32 {
        Self::any(self.tiers[store as usize - 1][3], stage)
    }

    fn any((first, count): (u32, u32), stage: &mut Stage<'_>) -> u32 {
        first + u32::try_from(stage.dice.below(i64::from(count))).unwrap_or(0)
    }

    /// A card of a store, the more often it comes the likelier.
    pub(crate) fn guest(&self, store: u32, stage: &mut Stage<'_>) -> (u32, usize) {
        let tiers = &self.tiers[store as usize - 1];
        let tier = match stage.dice.below(100) {
            0..16 => 0,
            16..52 => 1,
            52..82 => 2,
            _ => 3,
        };
        (Self::any(tiers[tier], stage), tier)
    }

    /// The points of each card as the world begins, from card zero, which there is not.
    pub(crate) fn openings(&self, seed: u64) -> Vec<i64> {
        let mut balances = vec![0; self.fresh() as usize];
        let mut open = |(first, count): (u32, u32), least: i64, most: i64| {
            for card in first..first + count {
                let drawn = mark_below(seed, &[79, u64::from(card)], (most - least) * 10);
                // Many have little, few have much.
                balances[card as usize] = least + drawn * drawn / ((most - least) * 100);
            }
        };
        for tiers in &self.tiers {
            open(tiers[0], 10, 400);
            open(tiers[1], 0, 900);
            open(tiers[2], 0, 700);
            open(tiers[3], 0, 400);
        }
        open(self.dormant, 150, 2_500);
        balances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_cards_do_not_overlap() {
        let cards = Cards::new(6, 1_000);
        let mut blocks: Vec<(u32, u32)> = cards.tiers.iter().flatten().copied().collect();
        blocks.push(cards.dormant);
        blocks.push((cards.room(), ROOM));
        blocks.push((cards.fresh(), 1));
        assert!(blocks.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0));
        assert_eq!(blocks[0].0, 1);
    }

    #[test]
    fn daily_guests_were_there_days_ago_and_sleeping_cards_more_than_half_a_year() {
        let cards = Cards::new(6, 100);
        let (daily, rare) = (cards.tiers[0][0], cards.tiers[0][3]);
        let away = |card| cards.away(5, card).unwrap() / DAY;
        assert!((daily.0..daily.0 + daily.1).all(|card| away(card) <= 5));
        let silent = (rare.0..rare.0 + rare.1).filter(|&card| away(card) > 180).count();
        assert!((rare.1 as usize / 4..rare.1 as usize / 2).contains(&silent), "{silent}");
        let (first, count) = cards.dormant;
        assert!((first..first + count).all(|card| away(card) >= 200));
        assert_eq!(cards.away(5, cards.room()), None);
    }

    #[test]
    fn who_may_come_back_is_never_taken_by_a_fraud() {
        let cards = Cards::new(6, 100);
        let (first, count) = cards.dormant;
        assert!((0..count * 2).all(|index| cards.dormant(index) < first + count / 2));
    }

    #[test]
    fn sleeping_cards_have_points_and_most_cards_have_few() {
        let cards = Cards::new(6, 100);
        let openings = cards.openings(5);
        let (first, count) = cards.dormant;
        assert!((first..first + count).all(|card| openings[card as usize] >= 150));
        let (first, count) = cards.tiers[0][2];
        let mut some = openings[first as usize..(first + count) as usize].to_vec();
        some.sort_unstable();
        assert!(some[some.len() / 2] < 350 && some.iter().all(|points| (0..700).contains(points)));
    }
}
