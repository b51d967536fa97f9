//! The worked examples, numbered as in the reference; expected values come from its table.

use super::*;
use crate::rounding::divide;

const PERCENT: i64 = ONE / 100;
const PLAIN: AllocationPolicy = AllocationPolicy {
    spread: Spread::ByValue,
    residue: Residue::LargestRemainder,
    blocked: Blocked::MovesOn,
};

/// A line of a value with a floor below which it does not fall.
fn part(value: i64, floor: i64) -> Part {
    Part { weight: value, quantity: 1000, capacity: value - floor, eligible: true }
}

fn plain(values: &[i64]) -> Vec<Part> {
    values.iter().map(|&value| part(value, 0)).collect()
}

fn excluded(value: i64) -> Part {
    Part { eligible: false, ..part(value, 0) }
}

fn shares(total: i64, parts: &[Part]) -> Vec<i64> {
    let allocation = allocate(total, parts, &PLAIN);
    assert_eq!(allocation.clipped, 0);
    allocation.shares
}

fn with(policy: AllocationPolicy, total: i64, parts: &[Part]) -> (Vec<i64>, i64) {
    let Allocation { shares, clipped } = allocate(total, parts, &policy);
    (shares, clipped)
}

#[test]
fn a_kopek_over_three_equal_lines_goes_to_the_earliest() {
    assert_eq!(shares(1000, &plain(&[10_000; 3])), [334, 333, 333]); // 1
    assert_eq!(shares(1, &plain(&[3333; 3])), [1, 0, 0]); // 2
    assert_eq!(shares(3, &plain(&[1; 7])), [1, 1, 1, 0, 0, 0, 0]); // 37
}

#[test]
fn a_kopek_over_unequal_lines_goes_to_the_largest_remainder() {
    assert_eq!(shares(1, &plain(&[100, 200, 300])), [0, 0, 1]); // 3
}

#[test]
fn real_receipts_lose_no_kopek() {
    assert_eq!(shares(15_000, &plain(&[45_000, 10_000])), [12_273, 2727]); // 4
    let lines = plain(&[37_240, 450, 52_920, 18_000]); // 5
    assert_eq!(shares(8610, &lines), [2952, 36, 4195, 1427]);
    assert_eq!(shares(18, &plain(&[100_000, 241_718])), [5, 13]); // 35
}

#[test]
fn a_line_of_no_value_takes_nothing_and_shifts_no_index() {
    assert_eq!(shares(1, &plain(&[0, 5000, 5000])), [0, 1, 0]); // 6
}

#[test]
fn a_full_discount_leaves_nothing() {
    assert_eq!(shares(20_000, &plain(&[19_999, 1])), [19_999, 1]); // 7
    assert_eq!(shares(99_900, &plain(&[50_000, 50_000])), [49_950, 49_950]); // 38
}

#[test]
fn what_floors_keep_is_reported_as_clipped() {
    let floor_of_a_kopek = [part(100, 1), part(100, 1), part(2, 1)]; // 8
    assert_eq!(with(PLAIN, 200, &floor_of_a_kopek), (vec![99, 99, 1], 1));
    let smaller_order = [part(5000, 1), part(2500, 1)]; // 9
    assert_eq!(with(PLAIN, 10_000, &smaller_order), (vec![4999, 2499], 2502));
    let a_kopek_a_piece = [part(300, 3), part(200, 2)]; // 39
    assert_eq!(with(PLAIN, 500, &a_kopek_a_piece), (vec![297, 198], 5));
}

#[test]
fn an_excluded_line_is_in_neither_the_base_nor_the_shares() {
    let lines = [excluded(30_600), part(30_000, 0), part(12_345, 0)]; // 10
    let discount = percent_of_sum(10 * PERCENT, &lines, Rounding::HalfUp);
    assert_eq!(discount, 4235);
    assert_eq!(shares(discount, &lines), [0, 3000, 1235]);
    let tenth_free = [excluded(25_000), part(19_900, 0), excluded(19_900)]; // 26
    assert_eq!(shares(19_900, &tenth_free), [0, 19_900, 0]);
    let tenth_for_a_kopek = [excluded(25_000), part(19_900, 1), excluded(19_900)];
    assert_eq!(with(PLAIN, 19_900, &tenth_for_a_kopek), (vec![0, 19_899, 0], 1));
}

#[test]
fn what_a_floor_blocks_moves_to_the_other_lines() {
    assert_eq!(shares(20_000, &[part(45_000, 40_900), part(55_000, 0)]), [4100, 15_900]); // 11
    let passes = [part(10_000, 9500), part(10_000, 9000), part(10_000, 5000), part(70_000, 0)]; // 12
    assert_eq!(shares(50_000, &passes), [500, 1000, 5000, 43_500]);
}

#[test]
fn what_a_floor_blocks_is_lost_when_the_policy_says_so() {
    let lost = AllocationPolicy { blocked: Blocked::Lost, ..PLAIN };
    let spirits = [part(45_000, 40_900), part(55_000, 0)];
    assert_eq!(with(lost, 20_000, &spirits), (vec![4100, 11_000], 4900));
    let at_its_floor = [part(100, 100), part(100, 0)];
    assert_eq!(with(lost, 100, &at_its_floor), (vec![0, 50], 50));
}

#[test]
fn percent_of_lines_and_percent_of_the_sum_differ() {
    let lines = plain(&[7; 10]); // 13
    let per_line = percent_per_line(10 * PERCENT, &lines, Rounding::HalfUp);
    assert_eq!((per_line.shares, per_line.clipped), (vec![1; 10], 0));
    let total = percent_of_sum(10 * PERCENT, &lines, Rounding::HalfUp);
    assert_eq!(shares(total, &lines), [1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
}

#[test]
fn a_percent_per_line_stops_at_the_floor() {
    let lines = [part(1000, 950), part(1000, 0), excluded(1000)];
    let allocation = percent_per_line(10 * PERCENT, &lines, Rounding::HalfUp);
    assert_eq!((allocation.shares, allocation.clipped), (vec![50, 100, 0], 50));
}

#[test]
fn half_a_kopek_of_percent_rounds_as_named() {
    let of = |rounding| percent_of_sum(25_000_000, &plain(&[20]), rounding); // 14
    assert_eq!(of(Rounding::HalfUp), 1);
    assert_eq!(of(Rounding::HalfEven), 0);
    assert_eq!(of(Rounding::Floor), 0);
    assert_eq!(percent_of_sum(5 * PERCENT, &plain(&[31_227]), Rounding::HalfUp), 1561); // 15
}

#[test]
fn points_are_spread_like_money() {
    let lines = plain(&[33_333, 33_333, 33_334]);
    let limit = percent_of_sum(20 * PERCENT, &lines, Rounding::Floor);
    assert_eq!(shares(limit.min(500_000), &lines), [6667, 6666, 6667]); // 19
    assert_eq!(shares(limit.min(15_000), &lines), [5000, 5000, 5000]); // 20
    assert_eq!(shares(limit.min(7700), &lines), [2567, 2566, 2567]); // 21
    let lines = plain(&[49_999, 50_000]); // 22
    let fifth = i128::from(20 * PERCENT) * 99_999;
    let whole_points = divide(fifth, i128::from(ONE) * 100, Rounding::Floor).unwrap();
    assert_eq!(whole_points, 199);
    assert_eq!(shares(19_900, &lines), [9950, 9950]);
    let earned = percent_of_sum(5 * PERCENT, &plain(&[26_667, 26_667, 26_666]), Rounding::Floor);
    assert_eq!(earned, 4000); // 41: forty points
    assert_eq!(shares(40, &plain(&[26_667, 26_667, 26_666])), [14, 13, 13]);
}

#[test]
fn a_second_stage_sees_the_net_of_the_first() {
    let gross = plain(&[60_000, 40_000]); // 23
    let card = shares(percent_of_sum(10 * PERCENT, &gross, Rounding::HalfUp), &gross);
    assert_eq!(card, [6000, 4000]);
    let net = plain(&[54_000, 36_000]);
    let points = shares(percent_of_sum(20 * PERCENT, &net, Rounding::Floor), &net);
    assert_eq!(points, [10_800, 7200]);
}

#[test]
fn a_promotion_is_spread_over_all_its_lines() {
    assert_eq!(shares(10_000, &plain(&[30_000, 20_000, 10_000])), [5000, 3333, 1667]); // 24
    assert_eq!(shares(15_100, &plain(&[30_000, 25_000, 10_000])), [6969, 5808, 2323]); // 25
}

#[test]
fn a_surcharge_is_spread_without_capacities() {
    let charged = |value| Part { capacity: i64::MAX, ..part(value, 0) }; // 27
    let lines = [charged(12_345), charged(6789), charged(111)];
    let charge = percent_of_sum(10 * PERCENT, &lines, Rounding::HalfUp);
    assert_eq!(charge, 1925);
    assert_eq!(shares(charge, &lines), [1235, 679, 11]);
    assert_eq!(shares(1000, &[charged(0), charged(100)]), [0, 1000]);
}

#[test]
fn a_refund_is_spread_over_tenders() {
    assert_eq!(shares(40_000, &plain(&[30_000, 70_000])), [12_000, 28_000]); // 29
}

#[test]
fn taxed_lines_share_a_discount_by_value() {
    assert_eq!(shares(2320, &plain(&[12_200, 11_000])), [1220, 1100]); // 30
}

#[test]
fn currencies_of_no_and_of_three_decimals_need_nothing_special() {
    assert_eq!(shares(100, &plain(&[333, 333, 334])), [33, 33, 34]); // 33
    assert_eq!(shares(100, &plain(&[1000, 2000])), [33, 67]); // 34
}

#[test]
fn huge_values_do_not_overflow() {
    let lines = plain(&[999_999_999_999, 1]); // 36
    assert_eq!(shares(500_000_000_000, &lines), [500_000_000_000, 0]);
    let most = [Part { quantity: i64::MAX, ..part(i64::MAX, 0) }; 5];
    for blocked in [Blocked::MovesOn, Blocked::Lost] {
        let policy = AllocationPolicy { blocked, ..PLAIN };
        let (shares, clipped) = with(policy, i64::MAX, &most);
        assert_eq!(shares.iter().sum::<i64>() + clipped, i64::MAX);
        let (shares, clipped) = with(policy, i64::MAX, &[most[0], part(i64::MAX, 5)]);
        assert_eq!(shares.iter().sum::<i64>() + clipped, i64::MAX);
        let small = [part(i64::MAX, i64::MAX - 7); 5];
        assert_eq!(with(policy, i64::MAX, &small), (vec![7; 5], i64::MAX - 35));
    }
    percent_per_line(i64::MAX, &most, Rounding::Ceil);
    percent_of_sum(i64::MAX, &most, Rounding::Ceil);
}

#[test]
fn nothing_to_do_does_nothing() {
    assert_eq!(shares(0, &plain(&[100, 200])), [0, 0]); // 28, 42
    assert_eq!(with(PLAIN, 0, &[]), (vec![], 0));
    assert_eq!(with(PLAIN, 5, &[]), (vec![], 5));
}

#[test]
fn lines_without_weight_take_nothing() {
    let weightless = [Part { capacity: 100, ..part(0, 0) }; 2];
    assert_eq!(with(PLAIN, 10, &weightless), (vec![0, 0], 10));
    let weighty_is_full = [weightless[0], part(4, 0)];
    assert_eq!(with(PLAIN, 10, &weighty_is_full), (vec![0, 4], 6));
}

#[test]
fn residue_goes_where_its_name_says() {
    // Quotas 2.4, 4.8 and 4.8: one for 10 + 20 + 20 leaves two kopeks over.
    let lines = plain(&[10, 20, 20]);
    let of = |residue| with(AllocationPolicy { residue, ..PLAIN }, 12, &lines).0;
    assert_eq!(of(Residue::LargestRemainder), [2, 5, 5]);
    assert_eq!(of(Residue::First), [3, 5, 4]);
    assert_eq!(of(Residue::Last), [2, 5, 5]);
    assert_eq!(of(Residue::Largest), [2, 5, 5]);
    let of = |residue| with(AllocationPolicy { residue, ..PLAIN }, 1, &plain(&[5, 9, 9, 2])).0;
    assert_eq!(of(Residue::First), [1, 0, 0, 0]);
    assert_eq!(of(Residue::Last), [0, 0, 0, 1]);
    assert_eq!(of(Residue::Largest), [0, 1, 0, 0]);
}

#[test]
fn residue_passes_over_a_line_that_is_full() {
    // Quotas 5, 5.5 and 5.5 against a capacity of five in the first line.
    let lines = [part(10, 5), part(11, 0), part(11, 0)];
    let first = AllocationPolicy { residue: Residue::First, ..PLAIN };
    assert_eq!(with(first, 16, &lines), (vec![5, 6, 5], 0));
}

#[test]
fn residue_keeps_the_order_of_lines_after_some_were_filled() {
    // The last line is full at once; its neighbours differ in room per value, not in the order.
    let lines = [part(10, 0), part(10, 3), part(10, 2), part(10, 9)];
    let of = |residue| with(AllocationPolicy { residue, ..PLAIN }, 12, &lines);
    assert_eq!(of(Residue::First), (vec![4, 4, 3, 1], 0));
    assert_eq!(of(Residue::Last), (vec![3, 4, 4, 1], 0));
}

#[test]
fn quantity_and_equality_are_bases_too() {
    let line = |value, quantity| Part { quantity, ..part(value, 0) };
    let lines = [line(1000, 1000), line(1000, 2000), line(500, 250)];
    let of = |spread| with(AllocationPolicy { spread, ..PLAIN }, 130, &lines).0;
    assert_eq!(of(Spread::ByValue), [52, 52, 26]);
    assert_eq!(of(Spread::ByQuantity), [40, 80, 10]);
    assert_eq!(of(Spread::Equally), [44, 43, 43]);
    let capped = [line(10, 1000), line(1000, 1000), line(0, 1000)];
    let equally = AllocationPolicy { spread: Spread::Equally, ..PLAIN };
    assert_eq!(with(equally, 100, &capped), (vec![10, 90, 0], 0));
}
