//! Division of integers under a named rounding.

use crate::document::choice;

choice! {
    /// How a fraction of the smallest unit becomes a whole one.
    ///
    /// Both halves mirror around zero: a refund of an amount rounds to the negative of what the sale
    /// rounded to. Floor and ceil are mathematical and do not mirror: the floor of −0.5 is −1.
    pub enum Rounding {
        /// To the nearest unit; exactly half goes away from zero.
        HalfUp = "half_up",
        /// To the nearest unit; exactly half goes to the even neighbour.
        HalfEven = "half_even",
        /// Towards minus infinity.
        Floor = "floor",
        /// Towards plus infinity.
        Ceil = "ceil",
    }
}

/// `numerator / denominator`, rounded; `None` when the denominator is not positive.
pub(crate) fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let (floor, rest) = floor_and_rest(numerator, denominator);
    if rest == 0 {
        return Some(floor);
    }
    // Compared with what is missing rather than doubled, so that no denominator can overflow.
    let half = rest.cmp(&(denominator - rest));
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::Ceil => true,
        Rounding::HalfUp => half.is_gt() || (half.is_eq() && numerator > 0),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && floor & 1 != 0),
    };
    // A rest exists only for denominators of two and more, so the floor is far from the edge.
    floor.checked_add(i128::from(up))
}

/// `divide` for callers whose denominator is positive by construction; the result is held within
/// i64, which amounts inside the engine's bounds never reach.
pub(crate) fn divide_to_amount(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    to_amount(divide(numerator, denominator, rounding).unwrap_or(0))
}

/// The nearest i64.
pub(crate) fn to_amount(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

fn floor_and_rest(numerator: i128, denominator: i128) -> (i128, i128) {
    // Division of 128 bits is a library call; nearly every real product fits 64.
    if let (Ok(narrow), Ok(by)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        (i128::from(narrow.div_euclid(by)), i128::from(narrow.rem_euclid(by)))
    } else {
        (numerator.div_euclid(denominator), numerator.rem_euclid(denominator))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Rounding; 4] =
        [Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil];

    fn by_two(numerator: i128) -> [Option<i128>; 4] {
        ALL.map(|rounding| divide(numerator, 2, rounding))
    }

    #[test]
    fn halves_round_as_their_names_say() {
        assert_eq!(by_two(1), [Some(1), Some(0), Some(0), Some(1)]);
        assert_eq!(by_two(3), [Some(2), Some(2), Some(1), Some(2)]);
        assert_eq!(by_two(5), [Some(3), Some(2), Some(2), Some(3)]);
        assert_eq!(by_two(4), [Some(2); 4]);
    }

    #[test]
    fn negative_halves_mirror_while_floor_and_ceil_do_not() {
        assert_eq!(by_two(-1), [Some(-1), Some(0), Some(-1), Some(0)]);
        assert_eq!(by_two(-3), [Some(-2), Some(-2), Some(-2), Some(-1)]);
        assert_eq!(by_two(-4), [Some(-2); 4]);
    }

    #[test]
    fn half_a_kopek_is_one_kopek_only_when_half_goes_up() {
        let percent = 25_000_000;
        let of = |rounding| divide(20 * percent, 1_000_000_000, rounding);
        assert_eq!(of(Rounding::HalfUp), Some(1));
        assert_eq!(of(Rounding::HalfEven), Some(0));
        assert_eq!(of(Rounding::Floor), Some(0));
    }

    #[test]
    fn a_denominator_of_zero_or_less_has_no_answer() {
        for rounding in ALL {
            assert_eq!(divide(1, 0, rounding), None);
            assert_eq!(divide(1, -1, rounding), None);
        }
    }

    #[test]
    fn the_edges_of_i128_divide_without_overflow() {
        for rounding in ALL {
            assert_eq!(divide(i128::MIN, 1, rounding), Some(i128::MIN));
            assert_eq!(divide(i128::MAX, 1, rounding), Some(i128::MAX));
            assert_eq!(divide(i128::MAX, i128::MAX, rounding), Some(1));
            assert!(divide(i128::MAX, 2, rounding).is_some());
            assert!(divide(i128::MIN, i128::MAX, rounding).is_some());
            assert!(divide(i128::from(i64::MIN), 1, rounding).is_some());
        }
    }

    #[test]
    fn an_amount_outside_i64_stops_at_its_edge() {
        assert_eq!(to_amount(i128::MAX), i64::MAX);
        assert_eq!(to_amount(i128::MIN), i64::MIN);
        assert_eq!(to_amount(-5), -5);
    }

    fn wide() -> impl Strategy<Value = i128> {
        prop_oneof![-50_i128..50, any::<i64>().prop_map(i128::from), any::<i128>()]
    }

    fn positive() -> impl Strategy<Value = i128> {
        prop_oneof![1_i128..20, 1_i128..=i128::from(i64::MAX), 1_i128..=i128::MAX]
    }

    proptest! {
        #[test]
        fn floor_is_least_and_ceil_is_most(numerator in wide(), denominator in positive()) {
            let of = |rounding| divide(numerator, denominator, rounding).unwrap();
            let (floor, ceil) = (of(Rounding::Floor), of(Rounding::Ceil));
            for half in [of(Rounding::HalfUp), of(Rounding::HalfEven)] {
                prop_assert!(floor <= half && half <= ceil);
            }
            prop_assert!(ceil - floor <= 1);
            prop_assert!(numerator < 0 || of(Rounding::HalfEven) <= of(Rounding::HalfUp));
        }

        #[test]
        fn both_halves_mirror_around_zero(numerator in wide(), denominator in positive()) {
            prop_assume!(numerator != i128::MIN);
            for rounding in [Rounding::HalfUp, Rounding::HalfEven] {
                let straight = divide(numerator, denominator, rounding).unwrap();
                prop_assert_eq!(divide(-numerator, denominator, rounding), Some(-straight));
            }
        }

        #[test]
        fn the_result_is_never_a_whole_unit_away(
            numerator in any::<i64>(),
            denominator in 1..=i64::MAX,
        ) {
            let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
            for rounding in ALL {
                let result = divide(numerator, denominator, rounding).unwrap();
                let error = (result * denominator - numerator).abs();
                prop_assert!(error < denominator);
                if matches!(rounding, Rounding::HalfUp | Rounding::HalfEven) {
                    prop_assert!(2 * error <= denominator);
                }
            }
        }
    }
}
