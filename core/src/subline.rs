//! Unit prices that multiply back: a line's sum as sub-lines whose price × quantity, rounded half
//! up, is exactly their sum.
//!
//! Two sub-lines are always enough. With `p = ⌊1000·T / q⌋` the sum `T` is exactly `a` thousandths
//! at `p + 1` and `q − a` at `p`, where `a = 1000·T − p·q`. The two exact sums add to an integer,
//! so their fractions are both zero, or `f` and `1 − f`; rounded half up they add to `T` unless
//! both are one half. Then `a − 1` serves: counted from the halves, the dearer sum falls by
//! `m/1000 + 1/1000` and the cheaper rises by `m/1000` (with `m = p mod 1000`; the whole units of
//! `p` cancel out), which takes one unit from the first rounded sum and none from the second.
//! And `a − 1` is never zero: with `a = 1` the price `p` alone would have served.

use crate::document::choice;
use crate::rounding::{Rounding, divide_to_amount};

/// Thousandths in one unit of quantity.
const UNIT: i64 = 1000;

/// The largest total whose price for a thousandth of a unit is still an i64.
const MOST: i64 = i64::MAX / UNIT;

choice! {
    /// Which of two sub-lines comes first, and so is refunded first.
    pub enum UnitOrder {
        /// The dearer units come first.
        First = "first",
        /// The dearer units come last.
        Last = "last",
    }
}

/// Units of one price within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SubLine {
    /// Thousandths.
    pub quantity: i64,
    /// Smallest money units for one unit of quantity.
    pub unit_price: i64,
    /// Smallest money units.
    pub sum: i64,
}

/// The sub-lines of a line that costs `total` (not negative) for `quantity` thousandths (more
/// than zero): one, or two whose prices are one smallest unit apart.
///
/// The price is the nearest to `total / quantity`. Several prices of a small weight can round to
/// the same sum, so a line that was not discounted should show the price it came with instead.
/// Arguments out of range (a total above nine quadrillion too) come back as one line with the
/// sum and no price: still exact.
pub(crate) fn sub_lines(total: i64, quantity: i64, order: UnitOrder) -> Vec<SubLine> {
    if !(0..=MOST).contains(&total) || quantity <= 0 {
        return vec![SubLine { quantity, unit_price: 0, sum: total }];
    }
    let ideal = i128::from(total) * i128::from(UNIT);
    // The step between prices is the quantity itself, so only the nearest price can serve, and
    // for one unit or less it always does.
    let nearest = divide_to_amount(ideal, i128::from(quantity), Rounding::HalfUp);
    if price_times(nearest, quantity) == total {
        return vec![SubLine { quantity, unit_price: nearest, sum: total }];
    }
    let low = divide_to_amount(ideal, i128::from(quantity), Rounding::Floor);
    let high = low + 1;
    // The rest of a division by the quantity: at least 0 and below the quantity.
    let mut dear = ideal_rest(ideal, quantity);
    if i128::from(high) * i128::from(dear) % i128::from(UNIT) == i128::from(UNIT / 2) {
        dear -= 1;
    }
    let dear_sum = price_times(high, dear);
    let dearer = SubLine { quantity: dear, unit_price: high, sum: dear_sum };
    let cheaper = SubLine { quantity: quantity - dear, unit_price: low, sum: total - dear_sum };
    match order {
        UnitOrder::First => vec![dearer, cheaper],
        UnitOrder::Last => vec![cheaper, dearer],
    }
}

/// What the first `quantity` thousandths cost, in the order of the sub-lines.
///
/// A sub-line taken in part gives the floor of its proportion. The whole quantity gives the whole
/// sum, so refunds of "prefix up to here − refunded so far" add up exactly however they are cut.
pub(crate) fn prefix_sum(lines: &[SubLine], quantity: i64) -> i64 {
    let mut left = quantity.max(0);
    let mut sum: i64 = 0;
    for line in lines {
        if left >= line.quantity {
            sum = sum.saturating_add(line.sum);
            left -= line.quantity.max(0);
        } else {
            let part = i128::from(line.sum) * i128::from(left);
            let floor = divide_to_amount(part, i128::from(line.quantity), Rounding::Floor);
            return sum.saturating_add(floor);
        }
    }
    sum
}

fn price_times(price: i64, quantity: i64) -> i64 {
    let product = i128::from(price) * i128::from(quantity);
    divide_to_amount(product, i128::from(UNIT), Rounding::HalfUp)
}

fn ideal_rest(ideal: i128, quantity: i64) -> i64 {
    i64::try_from(ideal.rem_euclid(i128::from(quantity))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(quantity: i64, unit_price: i64, sum: i64) -> SubLine {
        SubLine { quantity, unit_price, sum }
    }

    /// Independent of the code under test: half up, written out.
    fn register_sum(price: i64, quantity: i64) -> i128 {
        (i128::from(price) * i128::from(quantity) + 500).div_euclid(1000)
    }

    fn holds(total: i64, quantity: i64, order: UnitOrder) -> Result<(), String> {
        let lines = sub_lines(total, quantity, order);
        let fail = |what: &str| Err(format!("{what}: {total} for {quantity}: {lines:?}"));
        if lines.is_empty() || lines.len() > 2 {
            return fail("one or two sub-lines");
        }
        if lines.iter().map(|l| i128::from(l.sum)).sum::<i128>() != i128::from(total) {
            return fail("sums add up");
        }
        if lines.iter().map(|l| i128::from(l.quantity)).sum::<i128>() != i128::from(quantity) {
            return fail("quantities add up");
        }
        let wrong = |l: &&SubLine| {
            l.quantity <= 0
                || l.unit_price < 0
                || register_sum(l.unit_price, l.quantity) != i128::from(l.sum)
        };
        if lines.iter().find(wrong).is_some() {
            return fail("price × quantity is the sum");
        }
        if let [first, second] = lines[..] {
            let step = first.unit_price - second.unit_price;
            if step != if order == UnitOrder::First { 1 } else { -1 } {
                return fail("adjacent prices in order");
            }
            if quantity % 1000 == 0 && first.quantity % 1000 != 0 {
                return fail("pieces stay whole");
            }
        }
        Ok(())
    }

    #[test]
    fn the_discounted_weight_of_one_unit_or_less_has_one_price() {
        assert_eq!(sub_lines(29_666, 347, UnitOrder::First), [line(347, 85_493, 29_666)]);
        assert_eq!(sub_lines(0, 347, UnitOrder::First), [line(347, 0, 0)]);
        assert_eq!(sub_lines(7, 1000, UnitOrder::First), [line(1000, 7, 7)]);
    }

    #[test]
    fn a_weight_that_no_price_reaches_is_split_in_two() {
        let expected = [line(35_600, 2199, 78_284), line(12_200, 2198, 26_816)];
        assert_eq!(sub_lines(105_100, 47_800, UnitOrder::First), expected);
        let expected = [line(600, 9024, 5414), line(3200, 9023, 28_874)];
        assert_eq!(sub_lines(34_288, 3800, UnitOrder::First), expected);
    }

    #[test]
    fn a_weight_that_a_price_reaches_is_not_split() {
        assert_eq!(sub_lines(105_112, 47_800, UnitOrder::First), [line(47_800, 2199, 105_112)]);
    }

    #[test]
    fn pieces_split_into_two_prices_a_kopek_apart() {
        let split = |total, pieces: i64| sub_lines(total, pieces * 1000, UnitOrder::First);
        assert_eq!(split(2990, 3), [line(2000, 997, 1994), line(1000, 996, 996)]);
        assert_eq!(split(9000, 7), [line(5000, 1286, 6430), line(2000, 1285, 2570)]);
        assert_eq!(split(48_725, 6), [line(5000, 8121, 40_605), line(1000, 8120, 8120)]);
        assert_eq!(split(3000, 3), [line(3000, 1000, 3000)]);
        assert_eq!(split(1, 3), [line(1000, 1, 1), line(2000, 0, 0)]);
    }

    #[test]
    fn the_dearer_pieces_come_last_when_asked() {
        let expected = [line(1000, 996, 996), line(2000, 997, 1994)];
        assert_eq!(sub_lines(2990, 3000, UnitOrder::Last), expected);
    }

    #[test]
    fn two_halves_would_round_to_one_too_many_and_do_not() {
        // 1.500 at 3 kopeks is 4.5 and 1.250 at 2 is 2.5: five and three make eight, not seven.
        assert_eq!(sub_lines(7, 2750, UnitOrder::First), [line(1499, 3, 4), line(1251, 2, 3)]);
    }

    #[test]
    fn refunds_of_single_pieces_give_back_each_its_price() {
        let lines = sub_lines(2990, 3000, UnitOrder::First);
        let prefixes = [0, 1000, 2000, 3000].map(|quantity| prefix_sum(&lines, quantity));
        assert_eq!(prefixes, [0, 997, 1994, 2990]);
    }

    #[test]
    fn a_prefix_stays_between_nothing_and_everything() {
        let lines = sub_lines(2990, 3000, UnitOrder::First);
        assert_eq!(prefix_sum(&lines, -1), 0);
        assert_eq!(prefix_sum(&lines, 999), 996);
        assert_eq!(prefix_sum(&lines, i64::MAX), 2990);
        assert_eq!(prefix_sum(&[], 1000), 0);
    }

    #[test]
    fn arguments_out_of_range_keep_their_sum() {
        assert_eq!(sub_lines(5, 0, UnitOrder::First), [line(0, 0, 5)]);
        assert_eq!(sub_lines(-5, 1000, UnitOrder::First), [line(1000, 0, -5)]);
        assert_eq!(prefix_sum(&sub_lines(5, 0, UnitOrder::First), 0), 5);
        assert_eq!(sub_lines(i64::MAX, 2001, UnitOrder::First), [line(2001, 0, i64::MAX)]);
        for quantity in [1, 999, 1001, i64::MAX] {
            holds(MOST, quantity, UnitOrder::First).unwrap();
        }
    }

    #[test]
    fn every_small_total_and_quantity_is_representable() {
        let quantities = (1..=3100).chain((3101..20_000).step_by(37));
        for quantity in quantities {
            for total in 0..=130 {
                holds(total, quantity, UnitOrder::First).unwrap();
            }
        }
    }

    fn totals() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..1000, 0_i64..10_000_000, 0_i64..=900_000_000_000_000]
    }

    fn quantities() -> impl Strategy<Value = i64> {
        prop_oneof![1_i64..=1000, 1_i64..100_000, 1_i64..=900_000_000_000_000]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn every_sub_line_multiplies_back_to_its_sum(
            total in totals(),
            quantity in quantities(),
            last in any::<bool>(),
        ) {
            let order = if last { UnitOrder::Last } else { UnitOrder::First };
            holds(total, quantity, order).map_err(TestCaseError::fail)?;
        }

        #[test]
        fn whole_pieces_stay_whole(total in totals(), pieces in 1_i64..1_000_000) {
            holds(total, pieces * 1000, UnitOrder::First).map_err(TestCaseError::fail)?;
        }

        #[test]
        fn any_sequence_of_refunds_adds_up_to_the_line(
            total in totals(),
            quantity in quantities(),
            cuts in prop::collection::vec(0_i64..=1000, 0..8),
        ) {
            let lines = sub_lines(total, quantity, UnitOrder::First);
            let thousandth = |cut: i64| i128::from(cut) * i128::from(quantity) / 1000;
            let mut cuts: Vec<i64> =
                cuts.into_iter().map(|cut| i64::try_from(thousandth(cut)).unwrap()).collect();
            cuts.sort_unstable();
            cuts.push(quantity);
            let mut refunded = 0;
            for cut in cuts {
                let refund = prefix_sum(&lines, cut) - refunded;
                prop_assert!(refund >= 0);
                refunded += refund;
            }
            prop_assert_eq!(refunded, total);
        }
    }
}
