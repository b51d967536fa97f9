//! Sums of fractions, exact until they are rounded.

use crate::rounding::{Rounding, divide, to_amount};

/// An exact sum of fractions: one numerator for each denominator, in the order of denominators.
#[derive(Clone, Debug, Default)]
pub(super) struct Fractions {
    terms: Vec<(i128, i128)>,
}

impl Fractions {
    /// Beyond this a common denominator is not sought.
    const MOST: i128 = 1 << 80;

    pub(super) fn add(&mut self, numerator: i128, denominator: i128) {
        match self.terms.binary_search_by_key(&denominator, |&(denominator, _)| denominator) {
            Ok(at) => {
                if let Some((_, sum)) = self.terms.get_mut(at) {
                    *sum = sum.saturating_add(numerator);
                }
            }
            Err(at) => self.terms.insert(at, (denominator, numerator)),
        }
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for &(denominator, numerator) in &other.terms {
            self.add(numerator, denominator);
        }
    }

    /// The sum, rounded.
    ///
    /// Exact for any sets of rates whose common denominator is below 2⁸⁰, which takes several
    /// unlike sets around one tax to pass; then a further fraction is cut to the denominator
    /// reached, an error of less than 10⁻⁹ of the smallest unit, the same in any order of lines.
    pub(super) fn rounded(&self, rounding: Rounding) -> i64 {
        let (mut units, mut top, mut bottom) = (0_i128, 0_i128, 1_i128);
        for &(denominator, numerator) in &self.terms {
            units = units.saturating_add(numerator.div_euclid(denominator));
            let rest = numerator.rem_euclid(denominator);
            let shared = greatest_common(rest, denominator);
            let (rest, denominator) = (rest / shared, denominator / shared);
            let factor = denominator / greatest_common(bottom, denominator);
            match bottom.checked_mul(factor).filter(|&common| common <= Self::MOST) {
                Some(common) => {
                    top = top * factor + rest * (common / denominator);
                    bottom = common;
                }
                None => top += rest.saturating_mul(bottom) / denominator,
            }
            units = units.saturating_add(top / bottom);
            top %= bottom;
        }
        let fraction = divide(top, bottom, rounding).unwrap_or(0);
        // Half to even looks at the units too, which the fraction alone does not know.
        let even_tie = rounding == Rounding::HalfEven && top * 2 == bottom;
        let fraction = if even_tie { units & 1 } else { fraction };
        to_amount(units.saturating_add(fraction))
    }
}

fn greatest_common(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[(i128, i128)], rounding: Rounding) -> i64 {
        let mut fractions = Fractions::default();
        terms.iter().for_each(|&(numerator, denominator)| fractions.add(numerator, denominator));
        fractions.rounded(rounding)
    }

    #[test]
    fn unlike_fractions_meet_exactly() {
        // 1/3 + 1/6 is a half, a hair less is not, and 1/2 + 1/3 + 1/6 is one with no rest.
        assert_eq!(sum(&[(1, 3), (1, 6)], Rounding::HalfUp), 1);
        assert_eq!(sum(&[(1, 3), (166_666_666, 1_000_000_000)], Rounding::HalfUp), 0);
        assert_eq!(sum(&[(1, 2), (1, 3), (1, 6)], Rounding::Ceil), 1);
        assert_eq!(sum(&[(1, 2), (1, 3), (1, 6)], Rounding::Floor), 1);
    }

    #[test]
    fn half_to_even_sees_the_whole_units() {
        assert_eq!(sum(&[(1, 2)], Rounding::HalfEven), 0);
        assert_eq!(sum(&[(1, 2), (5, 1)], Rounding::HalfEven), 6);
        assert_eq!(sum(&[(1, 2), (6, 1)], Rounding::HalfEven), 6);
    }

    #[test]
    fn too_many_unlike_denominators_stay_within_a_hair() {
        let primes = [1_000_000_007, 1_000_000_009, 1_000_000_021, 1_000_000_033];
        let terms = primes.map(|prime| (prime / 4 * 3, prime));
        for turn in 0..4 {
            let mut turned = terms;
            turned.rotate_left(turn);
            assert_eq!(sum(&turned, Rounding::HalfUp), 3);
            assert_eq!(sum(&turned, Rounding::Floor), 2);
        }
    }
}
