//! Properties of division as receipts show it: shares, ties, scale, and lines that do not count.

use std::collections::BTreeMap;

use kopilka::*;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::book::cases;
use crate::oracle::{points_money, stage_of};
use crate::order::{Case, case, case_at_home, plain};

proptest! {
    #![proptest_config(cases(400))]

    // 4
    #[test]
    fn without_floors_a_share_is_less_than_one_unit_from_exact(case in case(), amount in 1i64..50_000) {
        let case = plain(case, amount);
        let quote = case.quote();
        let amounts: Vec<i128> = quote.lines.iter().map(|line| line.amount.units.into()).collect();
        let whole: i128 = amounts.iter().sum();
        let given = i128::from(quote.totals.discount.units);
        for (line, amount) in quote.lines.iter().zip(amounts) {
            let off = i128::from(line.discount.units) * whole - given * amount;
            prop_assert!(off.abs() < whole.max(1), "{:?}", quote.lines);
        }
    }

    // 6
    #[test]
    fn lines_in_another_order_give_the_same_receipt_in_that_order(case in case(), turn in 0usize..6) {
        let mut case = case;
        let allocation = &mut case.program.allocation;
        if matches!(allocation.residue, Residue::First | Residue::Last) {
            allocation.residue = Residue::LargestRemainder;
        }
        case.order.tenders.clear();
        let quote = case.quote();
        prop_assume!(!has_ties(&quote));
        let mut turned = case.clone();
        let count = turned.order.lines.len();
        turned.order.lines.rotate_left(turn % count);
        if turn % 2 == 1 {
            turned.order.lines.reverse();
        }
        let other = turned.quote();
        for line in &quote.lines {
            let same = other.lines.iter().find(|other| other.id == line.id).unwrap();
            prop_assert_eq!(line, same);
        }
        prop_assert_eq!(&quote.totals, &other.totals);
        prop_assert_eq!(&quote.points, &other.points);
        prop_assert_eq!(&quote.reasons, &other.reasons);
    }

    // 6
    #[test]
    fn lines_that_tie_share_the_same_sum_in_any_order(case in case(), amount in 1i64..50_000, turn in 0usize..6) {
        let mut case = plain(case, amount);
        for line in &mut case.order.lines {
            line.price = line.price.round().min(3.into());
        }
        let mut turned = case.clone();
        let count = turned.order.lines.len();
        turned.order.lines.rotate_left(turn % count);
        let sums = |case: &Case| {
            let mut sums = BTreeMap::new();
            for line in case.quote().lines {
                *sums.entry(line.amount).or_insert(0) += line.discount.units;
            }
            sums
        };
        prop_assert_eq!(sums(&case), sums(&turned));
    }

    // 8
    #[test]
    fn everything_so_many_times_dearer_keeps_its_proportions(case in case(), amount in 1i64..5_000, times in 2i64..50) {
        let mut case = plain(case, amount);
        // The amounts are multiplied, so none of them may be a rounded product.
        let digits = case.digits();
        for line in &mut case.order.lines {
            (line.price, line.quantity) = (line.price.round_dp(digits), 1.into());
        }
        let mut dearer = case.clone();
        for line in &mut dearer.order.lines {
            line.price *= Decimal::from(times);
        }
        for discount in &mut dearer.order.discounts {
            discount.amount *= Decimal::from(times);
        }
        for (line, dear) in case.quote().lines.iter().zip(&dearer.quote().lines) {
            // Either share is less than one unit from exact.
            let off = dear.discount.units - times * line.discount.units;
            prop_assert!(off.abs() <= times, "{} and {}", line.discount, dear.discount);
        }
    }

    // 9
    #[test]
    fn a_line_that_costs_nothing_changes_nothing_else(mut case in case(), place in 0usize..6) {
        // A condition may ask whether there is a line, whatever it costs.
        for rule in &mut case.program.earning.rules {
            rule.when = rule.when.take().filter(|when| !matches!(when, OrderCondition::Lines(_)));
        }
        if let Some(redemption) = &mut case.program.redemption {
            let when = redemption.when.take();
            redemption.when = when.filter(|when| !matches!(when, OrderCondition::Lines(_)));
        }
        let quote = case.quote();
        let mut more = case.clone();
        let gift = Line { id: "gift".into(), price: 0.into(), quantity: 3.into(), ..Line::default() };
        more.order.lines.insert(place.min(case.order.lines.len()), gift);
        let mut other = more.quote();
        let lines = other.lines.len();
        other.lines.retain(|line| line.id != "gift");
        prop_assert_eq!(other.lines.len() + 1, lines);
        // The explanation says of an exclusion that it cannot be told whether the line is meant.
        let steps = other.explanation.as_mut().unwrap();
        steps.retain_mut(|step| {
            let told = step.reasons.len();
            step.reasons.retain(|why| why.line.as_deref() != Some("gift"));
            told == 0 || !step.reasons.is_empty()
        });
        other.quote_id.clone_from(&quote.quote_id);
        prop_assert_eq!(quote, other);
    }

    // 10
    #[test]
    fn a_line_split_into_pieces_is_no_unit_a_piece_away(case in case(), amount in 1i64..50_000, pieces in 2i64..6) {
        let mut whole = plain(case, amount);
        let line = whole.order.lines.first_mut().unwrap();
        line.quantity = pieces.into();
        let mut split = whole.clone();
        let piece = Line { quantity: 1.into(), ..split.order.lines.remove(0) };
        for number in 0..pieces {
            split.order.lines.push(Line { id: format!("piece-{number}"), ..piece.clone() });
        }
        let one = whole.quote().lines[0].discount.units;
        let quote = split.quote();
        let own = quote.lines.iter().filter(|line| line.id.starts_with("piece"));
        let many: i64 = own.map(|line| line.discount.units).sum();
        prop_assert!((one - many).abs() <= pieces, "{one} and {many} in {pieces} pieces");
    }

    // 21
    #[test]
    fn floor_gives_least_and_ceil_gives_most(mut case in case_at_home()) {
        case.program.redemption = None;
        // What a floor loses hangs on where the last smallest unit falls.
        case.program.allocation.blocked = Blocked::MovesOn;
        let mut given = |rounding| {
            for card in &mut case.program.cards {
                if let Some(discount) = &mut card.discount {
                    discount.rounding = rounding;
                }
            }
            case.quote().totals.discount.units
        };
        let floor = given(Rounding::Floor);
        let halves = [given(Rounding::HalfEven), given(Rounding::HalfUp)];
        let ceil = given(Rounding::Ceil);
        prop_assert!(halves[0] <= halves[1]);
        prop_assert!(halves.iter().all(|half| floor <= *half && *half <= ceil), "{floor} {halves:?} {ceil}");
    }
}

/// Whether any two lines are equal in something by which an amount is divided.
fn has_ties(quote: &Quote) -> bool {
    let twice = |values: Vec<i64>| {
        let mut values: Vec<i64> = values.into_iter().filter(|&value| value > 0).collect();
        let count = values.len();
        values.sort_unstable();
        values.dedup();
        values.len() < count
    };
    let of = |of: &dyn Fn(&LineQuote) -> i64| twice(quote.lines.iter().map(of).collect());
    let host = |line: &LineQuote, count: usize| -> i64 {
        let host = |d: &&LineDiscount| {
            d.stage == Stage::Host && d.source[1..].parse::<usize>().unwrap() < count
        };
        line.discounts.iter().filter(host).map(|discount| discount.amount.units).sum()
    };
    let stages = |line: &LineQuote| {
        [stage_of(line, Stage::Host), stage_of(line, Stage::Card), points_money(line)]
    };
    (0..5).any(|count| of(&|line| line.amount.units - host(line, count)))
        || of(&points_money)
        || (0..8).any(|mask| {
            of(&|line| {
                let lowered = stages(line).into_iter().enumerate();
                let lowered = lowered.filter(|(bit, _)| mask >> bit & 1 == 1);
                line.amount.units - lowered.map(|(_, units)| units).sum::<i64>()
            })
        })
}
