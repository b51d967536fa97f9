//! Random numbers: a stream of its own for whoever draws, so that none disturbs another.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Mixes a number so that near ones come to be far apart. One to one.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One number of a seed and a path.
pub(crate) fn mark(seed: u64, path: &[u64]) -> u64 {
    path.iter().fold(mix(seed), |so_far, &step| mix(so_far ^ mix(step.wrapping_add(1))))
}

/// A number of a seed and a path, from 0 to below `bound`.
pub(crate) fn mark_below(seed: u64, path: &[u64], bound: i64) -> i64 {
    let bound = u64::try_from(bound.max(1)).unwrap_or(1);
    i64::try_from(mark(seed, path) % bound).unwrap_or(0)
}

/// A stream of random numbers.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed and a path.
    pub(crate) fn of(seed: u64, path: &[u64]) -> Self {
        Self(ChaCha8Rng::seed_from_u64(mark(seed, path)))
    }

    /// From 0 to below `bound`.
    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        self.0.random_range(0..bound.max(1))
    }

    /// From `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(most - least + 1)
    }

    /// True so many times in ten thousand.
    pub(crate) fn chance(&mut self, in_ten_thousand: u32) -> bool {
        self.0.random_range(0..10_000_u32) < in_ten_thousand
    }

    /// One of several, each as likely.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }

    /// Any number.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_path_gives_the_same_stream_and_another_path_another() {
        let stream = |path: &[u64]| {
            let mut dice = Dice::of(7, path);
            (0..8).map(|_| dice.between(1, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(stream(&[1, 2]), stream(&[1, 2]));
        assert_ne!(stream(&[1, 2]), stream(&[2, 1]));
        assert_ne!(stream(&[1]), stream(&[1, 0]));
    }

    #[test]
    fn draws_stay_between_their_bounds() {
        let mut dice = Dice::of(1, &[]);
        let drawn: Vec<i64> = (0..1000).map(|_| dice.between(3, 5)).collect();
        assert!(drawn.iter().all(|draw| (3..=5).contains(draw)));
        assert!([3, 4, 5].iter().all(|number| drawn.contains(number)));
        assert!(!dice.chance(0) && dice.chance(10_000));
    }
}
