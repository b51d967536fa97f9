//! What holds for any order.

use proptest::prelude::*;

use super::*;

const MOST: i64 = 900_000_000_000_000;

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![0_i64..12, 0_i64..1000, 0_i64..10_000_000, 0..=MOST]
}

fn part() -> impl Strategy<Value = Part> {
    let quantity = prop_oneof![Just(1000_i64), 0_i64..5000];
    (amount(), quantity, 0_i64..=100, prop::bool::weighted(0.85)).prop_map(
        |(weight, quantity, open, eligible)| {
            // Half of the lines have no floor.
            let open = i128::from(open.saturating_mul(2).min(100));
            let capacity = i64::try_from(i128::from(weight) * open / 100).unwrap();
            Part { weight, quantity, capacity, eligible }
        },
    )
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(part(), 0..14)
}

fn uncapped() -> impl Strategy<Value = Vec<Part>> {
    let line = part().prop_map(|part| Part { capacity: part.weight, eligible: true, ..part });
    prop::collection::vec(line, 1..14)
}

fn policy() -> impl Strategy<Value = AllocationPolicy> {
    let spreads = [Spread::ByValue, Spread::ByQuantity, Spread::Equally];
    let residues = [Residue::LargestRemainder, Residue::First, Residue::Last, Residue::Largest];
    (
        prop::sample::select(spreads.to_vec()),
        prop::sample::select(residues.to_vec()),
        prop::sample::select(vec![Blocked::MovesOn, Blocked::Lost]),
    )
        .prop_map(|(spread, residue, blocked)| AllocationPolicy { spread, residue, blocked })
}

fn sum(parts: &[Part]) -> i64 {
    parts.iter().map(|part| part.weight).sum()
}

/// A fraction of the whole value, so that nothing is capped.
fn fraction(parts: &[Part], thousandths: i64) -> i64 {
    i64::try_from(i128::from(sum(parts)) * i128::from(thousandths) / 1000).unwrap()
}

/// Water-filling as the reference tells it: pass after pass, all lines over at once.
fn filled_by_passes(total: i64, parts: &[Part]) -> Vec<Option<i64>> {
    let mut full = vec![None; parts.len()];
    let (mut rest, mut whole) = (i128::from(total), i128::from(sum(parts)));
    loop {
        let over: Vec<usize> = (0..parts.len())
            .filter(|&i| full[i].is_none() && parts[i].weight > 0)
            .filter(|&i| rest * i128::from(parts[i].weight) > whole * i128::from(parts[i].capacity))
            .collect();
        if over.is_empty() {
            return full;
        }
        for i in over {
            full[i] = Some(parts[i].capacity);
            rest -= i128::from(parts[i].capacity);
            whole -= i128::from(parts[i].weight);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn shares_and_the_clipped_rest_add_up(
        total in amount(), parts in parts(), policy in policy(),
    ) {
        let allocation = allocate(total, &parts, &policy);
        prop_assert_eq!(allocation.shares.len(), parts.len());
        prop_assert_eq!(allocation.shares.iter().sum::<i64>() + allocation.clipped, total);
        prop_assert!(allocation.clipped >= 0);
    }

    #[test]
    fn no_share_passes_its_capacity_and_excluded_lines_get_nothing(
        total in amount(), parts in parts(), policy in policy(),
    ) {
        let allocation = allocate(total, &parts, &policy);
        for (part, share) in parts.iter().zip(allocation.shares) {
            let most = if part.eligible { part.capacity } else { 0 };
            prop_assert!((0..=most).contains(&share));
        }
    }

    #[test]
    fn no_line_falls_below_its_floor(
        total in amount(), parts in parts(), policy in policy(), percent in 0..=2 * ONE,
    ) {
        let spread = allocate(total, &parts, &policy).shares;
        let per_line = percent_per_line(percent, &parts, Rounding::Ceil).shares;
        for shares in [spread, per_line] {
            for (part, share) in parts.iter().zip(shares) {
                let floor = part.weight - part.capacity;
                prop_assert!(part.weight - share >= floor && floor >= 0);
            }
        }
    }

    #[test]
    fn nothing_is_clipped_while_a_line_has_room(
        total in amount(), parts in parts(), mut policy in policy(),
    ) {
        policy.blocked = Blocked::MovesOn;
        policy.spread = Spread::ByValue;
        let room: i64 = parts.iter().filter(|p| p.eligible).map(|p| p.capacity).sum();
        prop_assert_eq!(allocate(total, &parts, &policy).clipped, (total - room).max(0));
    }

    #[test]
    fn shares_are_within_a_unit_of_proportion(
        parts in uncapped(), thousandths in 0_i64..=1000, mut policy in policy(),
    ) {
        policy.spread = Spread::ByValue;
        let total = fraction(&parts, thousandths);
        let whole = i128::from(sum(&parts));
        for (part, share) in parts.iter().zip(allocate(total, &parts, &policy).shares) {
            let exact = i128::from(total) * i128::from(part.weight);
            let error = (i128::from(share) * whole - exact).abs();
            // Only the largest remainder never gives a unit to a share that was whole already.
            let strict = policy.residue == Residue::LargestRemainder;
            prop_assert!(error < whole || (!strict && error == whole) || whole == 0);
        }
    }

    #[test]
    fn lines_are_filled_as_by_repeated_passes(total in amount(), parts in parts()) {
        let open: Vec<Part> = parts.into_iter().map(|p| Part { eligible: true, ..p }).collect();
        let shares = allocate(total, &open, &AllocationPolicy::default()).shares;
        for (expected, share) in filled_by_passes(total, &open).into_iter().zip(shares) {
            if let Some(full) = expected {
                prop_assert_eq!(share, full);
            }
        }
    }

    #[test]
    fn the_same_arguments_and_used_buffers_give_the_same_answer(
        total in amount(), parts in parts(), others in parts(), policy in policy(),
    ) {
        let fresh = allocate(total, &parts, &policy);
        let (mut scratch, mut shares) = (Scratch::default(), Vec::new());
        allocate_into(total, &others, &policy, &mut scratch, &mut shares);
        let clipped = allocate_into(total, &parts, &policy, &mut scratch, &mut shares);
        prop_assert_eq!(fresh, Allocation { shares, clipped });
    }

    #[test]
    fn reordered_lines_keep_their_shares_but_for_ties(
        total in amount(), parts in parts(), mut policy in policy(), turn in 0..14_usize,
    ) {
        policy.residue = Residue::LargestRemainder;
        let mut turned = parts.clone();
        turned.rotate_left(turn.min(parts.len()));
        if turn % 2 == 1 {
            turned.reverse();
        }
        // Lines that tie are alike in value and measure, so in all that decides their shares
        // except capacity, which a quota that reaches the residue does not meet unless lost.
        let by_kind = |parts: &[Part]| {
            let shares = allocate(total, parts, &policy).shares;
            let mut kinds: Vec<_> = parts.iter().zip(shares)
                .map(|(p, share)| ((p.weight, p.quantity, p.capacity, p.eligible), share))
                .collect();
            kinds.sort_unstable();
            kinds
        };
        let distinct = |parts: &[Part]| {
            let mut values: Vec<i64> = parts.iter().map(|part| part.weight).collect();
            values.sort_unstable();
            values.windows(2).all(|pair| pair[0] != pair[1])
        };
        let alike = |parts: &[Part]| {
            let kinds: Vec<_> = parts.iter().map(|p| (p.quantity, p.capacity, p.eligible)).collect();
            kinds.windows(2).all(|pair| pair[0] == pair[1])
        };
        if distinct(&parts) || alike(&parts) {
            prop_assert_eq!(by_kind(&parts), by_kind(&turned));
        }
    }

    #[test]
    fn equal_lines_trade_only_the_residue_when_reordered(
        total in 0_i64..100_000, values in prop::collection::vec(1_i64..6, 1..14), turn in 0..14_usize,
    ) {
        let line = |&weight: &i64| Part { weight, quantity: 1000, capacity: weight, eligible: true };
        let sums = |values: &[i64]| {
            let parts: Vec<Part> = values.iter().map(line).collect();
            let shares = allocate(total % (sum(&parts) + 1), &parts, &AllocationPolicy::default());
            let mut sums = [0; 6];
            values.iter().zip(shares.shares).for_each(|(&v, s)| sums[usize::try_from(v).unwrap()] += s);
            sums
        };
        let mut turned = values.clone();
        turned.rotate_left(turn.min(values.len()));
        prop_assert_eq!(sums(&values), sums(&turned));
    }

    #[test]
    fn larger_amounts_keep_the_proportions(
        lines in prop::collection::vec(1_i64..100_000, 1..14),
        thousandths in 0_i64..=1000,
        scale in 1_i64..10_000,
    ) {
        let scaled = |by: i64| -> Vec<Part> {
            let line = |&v: &i64| {
                Part { weight: v * by, quantity: 1000, capacity: v * by, eligible: true }
            };
            lines.iter().map(line).collect()
        };
        let policy = AllocationPolicy::default();
        let total = fraction(&scaled(1), thousandths);
        let small = allocate(total, &scaled(1), &policy).shares;
        let large = allocate(total * scale, &scaled(scale), &policy).shares;
        for (small, large) in small.into_iter().zip(large) {
            // The small share is off by less than one, `scale` times over, and the large by one.
            prop_assert!((small * scale - large).abs() < scale + 1);
        }
    }

    #[test]
    fn lines_of_no_value_are_inert(
        total in amount(), parts in parts(), policy in policy(), at in 0..14_usize,
        eligible in any::<bool>(),
    ) {
        let at = at.min(parts.len());
        let mut longer = parts.clone();
        longer.insert(at, Part { weight: 0, quantity: 1000, capacity: 0, eligible });
        let mut shorter = allocate(total, &longer, &policy);
        prop_assert_eq!(shorter.shares.remove(at), 0);
        prop_assert_eq!(shorter, allocate(total, &parts, &policy));
    }

    #[test]
    fn a_split_line_changes_by_at_most_its_parts(
        parts in uncapped(), thousandths in 0_i64..=1000, pieces in 1_i64..8,
    ) {
        let mut parts = parts;
        parts[0].weight = parts[0].weight / pieces * pieces;
        parts[0].capacity = parts[0].weight;
        let total = fraction(&parts, thousandths);
        let policy = AllocationPolicy::default();
        let together = allocate(total, &parts, &policy).shares[0];
        let piece = parts[0].weight / pieces;
        let mut split = vec![Part { weight: piece, capacity: piece, ..parts[0] }; usize::try_from(pieces).unwrap()];
        let count = split.len();
        split.extend_from_slice(&parts[1..]);
        let apart: i64 = allocate(total, &split, &policy).shares[..count].iter().sum();
        prop_assert!((apart - together).abs() <= pieces);
    }

    #[test]
    fn a_percent_rounds_between_its_floor_and_its_ceil(
        parts in parts(), percent in 0..=ONE,
    ) {
        let of = |rounding| percent_of_sum(percent, &parts, rounding);
        let (floor, ceil) = (of(Rounding::Floor), of(Rounding::Ceil));
        let (up, even) = (of(Rounding::HalfUp), of(Rounding::HalfEven));
        prop_assert!(floor <= even && even <= up && up <= ceil && ceil <= floor + 1);
    }
}

#[test]
fn ten_thousand_lines_at_the_bounds_do_not_overflow() {
    let line = |i: i64| Part {
        weight: MOST - i,
        quantity: MOST - i,
        capacity: if i % 3 == 0 { MOST - i } else { i },
        eligible: i % 7 != 0,
    };
    let parts: Vec<Part> = (0..10_000).map(line).collect();
    for residue in [Residue::LargestRemainder, Residue::First, Residue::Last, Residue::Largest] {
        for blocked in [Blocked::MovesOn, Blocked::Lost] {
            let policy = AllocationPolicy { spread: Spread::ByValue, residue, blocked };
            let Allocation { shares, clipped } = allocate(MOST, &parts, &policy);
            assert_eq!(shares.iter().sum::<i64>() + clipped, MOST);
        }
    }
}
