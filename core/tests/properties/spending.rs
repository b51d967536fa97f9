//! Properties of points spent and earned.

use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::cases;
use crate::oracle::{self, round, scaled, stage_of};
use crate::order::{Case, case, case_at_home};

proptest! {
    #![proptest_config(cases(400))]

    // 16
    #[test]
    fn points_spent_keep_within_every_limit(case in case()) {
        let quote = case.quote();
        check_spending(&case, &quote)?;
    }

    // 16
    #[test]
    fn at_home_points_keep_within_every_limit_where_nothing_is_lost(mut case in case_at_home()) {
        case.program.allocation.blocked = Blocked::MovesOn;
        let quote = case.quote();
        check_spending(&case, &quote)?;
    }

    // 16
    #[test]
    fn points_lost_to_floors_leave_no_fewer_than_the_least(
        mut case in case_at_home(),
        least in 1i64..40,
        wished in 1i64..60,
        kept in 1i64..100,
    ) {
        case.program.allocation.blocked = Blocked::Lost;
        case.program.cards.iter_mut().for_each(|card| card.discount = None);
        case.program.cards[2].discount = Some(CardDiscount::default());
        let minimum_points = Some(least.into());
        let points = Some("bonus".into());
        case.program.redemption = Some(Redemption { minimum_points, points, ..Redemption::default() });
        case.order.cards = vec!["1001".into()];
        case.order.spend = Spend { mode: SpendMode::Exact, points: Some(wished.into()) };
        case.order.discounts.clear();
        case.order.lines.retain(|line| line.kind != LineKind::Adjustment);
        prop_assume!(!case.order.lines.is_empty());
        let line = &mut case.order.lines[0];
        line.floor = Some((line.price.abs() * Decimal::new(kept, 2)).round_dp(6));
        let quote = case.quote();
        check_spending(&case, &quote)?;
    }

    // 16
    #[test]
    fn the_most_that_can_be_spent_is_the_most(mut case in case_at_home()) {
        case.program.allocation.blocked = Blocked::MovesOn;
        case.order.spend = Spend { mode: SpendMode::Max, points: None };
        let quote = case.quote();
        let spent: i64 = quote.points.iter().map(|points| points.spent.units).sum();
        if let Some(spendable) = &quote.spendable {
            prop_assert_eq!(spent, spendable.maximum.units);
            let redemption = case.program.redemption.as_ref().unwrap();
            let step = least_step(&case, redemption);
            let room = room(&case, &quote, redemption);
            let more = worth(&case, spent + step);
            let minimum = redemption.minimum_points.unwrap_or_default();
            let digits = u32::from(case.points("bonus").digits);
            let below = i128::from(spent + step) <= scaled(minimum, digits);
            let balance = balance(&quote, &spendable.card);
            prop_assert!(more.0 > i128::from(room) * more.1 || spent + step > balance || (spent == 0 && below)
                || (spent == 0 && too_few(&case, room, balance)), "{step} more than {spent} would fit {room} and {balance}");
        } else {
            prop_assert_eq!(spent, 0);
        }
    }

    // 16
    #[test]
    fn the_points_debited_are_worth_exactly_the_money_given(case in case_at_home()) {
        for points in case.quote().points {
            let (over, under) = worth(&case, points.spent.units);
            if points.spent.units > 0 {
                prop_assert_eq!(over, i128::from(points.money.units) * under);
            }
        }
    }

    // 17
    #[test]
    fn what_is_earned_is_what_the_document_says(case in case()) {
        let quote = case.quote();
        let expected = oracle::matching(&case, &oracle::rules_give(&case, &quote));
        let lots = quote.points.iter().flat_map(|points| &points.lots);
        let given: Vec<(String, i64)> =
            lots.map(|lot| (lot.rule.clone(), lot.amount.units)).collect();
        for (rule, expected) in case.program.earning.rules.iter().zip(expected) {
            let own = given.iter().find(|(id, _)| *id == rule.id).map(|(_, units)| *units);
            prop_assert_eq!(own, expected, "rule {}", rule.id);
        }
    }

    // 17
    #[test]
    fn spending_points_never_earns_more(mut case in case()) {
        case.program.earning.lowered_by = vec![Stage::Host, Stage::Card, Stage::Points];
        case.program.earning.lowered_by_tenders.clear();
        case.program.earning.matching = Matching::Sum;
        let spending = case.quote();
        case.order.spend = Spend::default();
        let saving = case.quote();
        let earned = |quote: &Quote, points: &str| -> i64 {
            let own = quote.points.iter().filter(|one| one.points == points);
            own.map(|one| one.earned.units).sum()
        };
        for points in ["bonus", "miles"] {
            prop_assert!(earned(&spending, points) <= earned(&saving, points));
        }
    }
}

fn balance(quote: &Quote, card: &str) -> i64 {
    let view = quote.cards.iter().find(|view| view.card == card).unwrap();
    let own = view.balances.iter().find(|balance| balance.points == "bonus");
    own.map_or(0, |balance| balance.spendable.units)
}

/// What so many smallest units of points are worth in the programme's money: over, under.
fn worth(case: &Case, units: i64) -> (i128, i128) {
    let points = case.points("bonus");
    let own = u32::from(currency_digits(&case.program.currency).unwrap());
    let over = i128::from(units) * scaled(points.value, 9) * 10i128.pow(own);
    (over, 10i128.pow(9 + u32::from(points.digits)))
}

/// The fewest points in whole steps that are worth whole units of money.
fn least_step(case: &Case, redemption: &Redemption) -> i64 {
    let digits = u32::from(case.points("bonus").digits);
    let step = redemption.step.map_or(1, |step| i64::try_from(scaled(step, digits)).unwrap());
    let whole = |times: &i64| {
        let (over, under) = worth(case, step * times);
        over % under == 0
    };
    step * (1..).find(whole).unwrap()
}

/// The most money that points may pay, without the balance.
fn room(case: &Case, quote: &Quote, redemption: &Redemption) -> i64 {
    let left = |line: &LineQuote| line.due.units + stage_of(line, Stage::Points);
    let payable = quote.lines.iter().map(left).sum::<i64>().max(0);
    let (mut eligible, mut lines) = (0, 0);
    for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
        if case.takes_part(line, Stage::Points, &redemption.kinds, redemption.lines.as_ref()) {
            eligible += left(sold);
            let lowers = redemption.presentation == Presentation::Discount;
            let floor = if lowers { case.floor(line) } else { 0 };
            lines += (left(sold) - floor).max(0);
        }
    }
    let base = match redemption.percent_of {
        PercentOf::Receipt => payable,
        PercentOf::EligibleLines => eligible,
    };
    let share = i128::from(base) * scaled(redemption.percent, 7);
    let share = round(share, 1_000_000_000, Rounding::Floor);
    let own = u32::from(currency_digits(&case.program.currency).unwrap());
    let maximum = redemption.maximum.map_or(i128::MAX, |maximum| match case.order.rate {
        None => scaled(maximum, own),
        Some(_) => {
            let (over, under) = case.rate_of_own();
            let product = scaled(maximum, own) * over * 10i128.pow(case.digits());
            i128::from(round(product, under * 10i128.pow(own), Rounding::HalfUp))
        }
    });
    let maximum = i64::try_from(maximum.min(i128::from(i64::MAX))).unwrap();
    share.min(maximum).min(lines).min(payable)
}

/// Whether the most that fits is below the least that may be spent.
fn too_few(case: &Case, room: i64, balance: i64) -> bool {
    let redemption = case.program.redemption.as_ref().unwrap();
    let digits = u32::from(case.points("bonus").digits);
    let Some(minimum) = redemption.minimum_points else { return false };
    let minimum = i64::try_from(scaled(minimum, digits)).unwrap();
    let step = least_step(case, redemption);
    let first = (minimum + step - 1) / step * step;
    let (over, under) = worth(case, first);
    over > i128::from(room) * under || first > balance
}

fn check_spending(case: &Case, quote: &Quote) -> TestCaseResult {
    let spent: Vec<_> = quote.points.iter().filter(|points| points.spent.units > 0).collect();
    prop_assert!(spent.len() <= 1);
    let Some(spent) = spent.first() else { return Ok(()) };
    let redemption = case.program.redemption.as_ref();
    prop_assert!(redemption.is_some() && case.order.spend.mode != SpendMode::None);
    let redemption = redemption.unwrap();
    prop_assert_eq!(&spent.card, &case.holder("bonus").unwrap().card);
    prop_assert!(spent.spent.units <= balance(quote, &spent.card));
    prop_assert!(spent.money.units > 0, "{} points for nothing", spent.spent);
    let floors_are_exact = case.order.rate.is_none();
    if floors_are_exact || case.program.floors.is_empty() {
        prop_assert!(spent.money.units <= room(case, quote, redemption), "{:?}", spent);
    }
    let digits = u32::from(case.points("bonus").digits);
    let units = i128::from(spent.spent.units);
    if let Some(wished) = case.order.spend.points {
        prop_assert!(units <= scaled(wished, digits));
    }
    if let Some(step) = redemption.step {
        prop_assert_eq!(units % scaled(step, digits), 0);
    }
    if let Some(minimum) = redemption.minimum_points {
        prop_assert!(units >= scaled(minimum, digits), "{} is below {}", spent.spent, minimum);
    }
    Ok(())
}
