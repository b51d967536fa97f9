//! Properties of a quote: what every stage gives, and what a line may never become.

use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::book::cases;
use crate::oracle::{self, line_amount, points_money, round, scaled, stage_of};
use crate::order::{Case, case, case_at_home, quote_of};

fn argument(reason: &Reason, name: &str) -> i64 {
    let text = reason.args.0.get(name).unwrap();
    text.replace('.', "").parse().unwrap()
}

fn reasons(quote: &Quote, code: ReasonCode) -> impl Iterator<Item = &Reason> {
    quote.reasons.iter().filter(move |reason| reason.code == code)
}

/// The usable card whose discount counts, and its percentage as a count of 10⁻⁹.
fn discount_card(case: &Case) -> Option<(&Issue, &CardDiscount, i128)> {
    let percent = |issue: &Issue, discount: &CardDiscount| {
        let spent = issue.spent.unwrap_or_default();
        let percent = match &discount.percent {
            CardPercent::Fixed(percent) => *percent,
            CardPercent::ByTier(steps) => {
                let tier = if case.is_gold(issue) { "gold" } else { "base" };
                steps
                    .iter()
                    .find(|step| step.tier == tier)
                    .map_or_else(Default::default, |s| s.percent)
            }
            CardPercent::BySpend(steps) => {
                let reached = steps.iter().rev().find(|step| step.spent_from <= spent);
                reached.map_or_else(Default::default, |step| step.percent)
            }
        };
        scaled(percent, 7)
    };
    let mut best: Option<(&Issue, &CardDiscount, i128)> = None;
    for issue in case.usable() {
        let Some(discount) = &case.kind_of(issue).discount else { continue };
        let size = percent(issue, discount);
        if best.as_ref().is_none_or(|(_, _, most)| size > *most) {
            best = Some((issue, discount, size));
        }
    }
    best
}

/// What the card's percentage comes to before anything is trimmed.
fn wished_discount(case: &Case, quote: &Quote) -> i64 {
    let Some((_, discount, percent)) = discount_card(case) else { return 0 };
    let mut bases = Vec::new();
    for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
        if case.takes_part(line, Stage::Card, &discount.kinds, discount.lines.as_ref()) {
            bases.push(match discount.base {
                DiscountBase::Initial => sold.amount.units,
                DiscountBase::Running => sold.amount.units - stage_of(sold, Stage::Host),
            });
        }
    }
    let of = |base: i64| round(i128::from(base) * percent, 1_000_000_000, discount.rounding);
    match discount.method {
        PercentMethod::OfSum => of(bases.iter().sum()),
        PercentMethod::PerLine => bases.into_iter().map(of).sum(),
    }
}

fn check_stages(case: &Case, quote: &Quote) -> TestCaseResult {
    for (number, discount) in case.order.discounts.iter().enumerate() {
        let name = format!("h{number}");
        let of_line = |line: &LineQuote| -> i64 {
            let own = line.discounts.iter().filter(|d| d.source == name && d.stage == Stage::Host);
            own.map(|discount| discount.amount.units).sum()
        };
        let given: i64 = quote.lines.iter().map(of_line).sum();
        let trimmed: i64 = reasons(quote, ReasonCode::HostDiscountTrimmed)
            .filter(|reason| reason.args.0.get("discount") == Some(&name))
            .map(|reason| argument(reason, "trimmed"))
            .sum();
        let wished = scaled(discount.amount, case.digits());
        prop_assert_eq!(i128::from(given + trimmed), wished, "the host's discount {}", name);
    }
    let card: i64 = quote.lines.iter().map(|line| stage_of(line, Stage::Card)).sum();
    let trimmed: i64 =
        reasons(quote, ReasonCode::DiscountTrimmed).map(|reason| argument(reason, "trimmed")).sum();
    prop_assert_eq!(card + trimmed, wished_discount(case, quote), "the card's discount");
    let money: i64 = quote.points.iter().map(|points| points.money.units).sum();
    prop_assert_eq!(quote.lines.iter().map(points_money).sum::<i64>(), money, "points");
    Ok(())
}

fn check_sums(quote: &Quote) -> TestCaseResult {
    let sum = |of: fn(&LineQuote) -> i64| -> i64 { quote.lines.iter().map(of).sum() };
    let totals = &quote.totals;
    for line in &quote.lines {
        let discounts: i64 = line.discounts.iter().map(|discount| discount.amount.units).sum();
        prop_assert_eq!(line.discount.units, discounts);
        prop_assert_eq!(line.due.units, line.amount.units - line.discount.units);
    }
    prop_assert_eq!(totals.amount.units, sum(|line| line.amount.units));
    prop_assert_eq!(totals.discount.units, sum(|line| line.discount.units));
    prop_assert_eq!(totals.due.units, sum(|line| line.due.units));
    prop_assert_eq!(totals.counter_provision.units, sum(|line| line.counter_provision.units));
    prop_assert_eq!(totals.gross.units, totals.net.units + totals.tax.units);
    prop_assert_eq!(totals.payable.units, totals.gross.units - totals.counter_provision.units);
    for points in &quote.points {
        let of = |list: fn(&LineQuote) -> &Vec<PointsAmount>| -> i64 {
            let all = quote.lines.iter().flat_map(list);
            all.filter(|one| one.points == points.points).map(|one| one.amount.units).sum()
        };
        prop_assert_eq!(of(|line| &line.earned), points.earned.units);
        if points.spent.units > 0 {
            prop_assert_eq!(of(|line| &line.spent), points.spent.units);
        }
        let lots: i64 = points.lots.iter().map(|lot| lot.amount.units).sum();
        prop_assert_eq!(lots, points.earned.units);
    }
    Ok(())
}

/// How much the card and points lowered a line.
fn lowered_by_cards(line: &LineQuote) -> i64 {
    stage_of(line, Stage::Card) + stage_of(line, Stage::Points)
}

proptest! {
    #![proptest_config(cases(400))]

    // 1
    #[test]
    fn what_each_stage_gives_and_trims_is_what_was_wished(case in case()) {
        let quote = case.quote();
        check_stages(&case, &quote)?;
        check_sums(&quote)?;
    }

    // 2
    #[test]
    fn a_line_kept_out_of_a_stage_is_untouched_by_it(case in case()) {
        let quote = case.quote();
        let redemption = case.program.redemption.clone().unwrap_or_default();
        let discount = discount_card(&case).map(|(_, discount, _)| discount.clone());
        for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
            prop_assert_eq!(&line.id, &sold.id);
            prop_assert_eq!(sold.amount.units, line_amount(line, case.digits()));
            if case.is_excluded(line, Stage::Host) || line.kind == LineKind::Void {
                prop_assert_eq!(stage_of(sold, Stage::Host), 0);
            }
            let takes = discount.as_ref().is_some_and(|discount| {
                case.takes_part(line, Stage::Card, &discount.kinds, discount.lines.as_ref())
            });
            if !takes {
                prop_assert_eq!(stage_of(sold, Stage::Card), 0);
            }
            let lines = redemption.lines.as_ref();
            if !case.takes_part(line, Stage::Points, &redemption.kinds, lines) {
                prop_assert_eq!(points_money(sold), 0);
                prop_assert!(sold.spent.is_empty());
            }
            let earning = &case.program.earning;
            if !case.takes_part(line, Stage::Earning, &earning.kinds, None) {
                prop_assert!(sold.earned.is_empty());
            }
        }
    }

    // 2, 3
    #[test]
    fn no_line_falls_below_zero_or_through_its_floor(case in case()) {
        let quote = case.quote();
        for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
            if sold.amount.units <= 0 {
                prop_assert_eq!(sold.discount.units, 0);
                continue;
            }
            let parts = [sold.due, sold.net, sold.tax, sold.gross, sold.counter_provision];
            prop_assert!(parts.iter().all(|part| part.units >= 0), "{:?}", sold);
            prop_assert!(sold.counter_provision <= sold.due);
            prop_assert!(sold.discounts.iter().all(|discount| discount.amount.units > 0));
            if lowered_by_cards(sold) > 0 {
                // A floor in another currency is converted and then multiplied.
                let slack = if case.order.rate.is_some() { oracle::thousandths(line.quantity) / 1000 + 1 } else { 0 };
                let floor = i128::from(case.floor(line)) - slack;
                prop_assert!(i128::from(sold.due.units) >= floor, "{} < {}", sold.due, floor);
            }
        }
        prop_assert!(quote.totals.due.units >= 0 && quote.totals.payable.units >= 0);
    }

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

    // 5
    #[test]
    fn two_fresh_books_answer_with_the_same_bytes(case in case()) {
        let answer = |request: &Request| {
            let mut book = case.book();
            let text = kopilka::document::canonical(request);
            let answer = book.call_json(&text);
            let hashes: Vec<_> = book.entries().iter().map(|entry| entry.hash).collect();
            (answer, hashes)
        };
        for request in [case.sell(), case.reserve()] {
            prop_assert_eq!(answer(&request), answer(&request));
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
            let mut sums = std::collections::BTreeMap::new();
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
        let case = plain(case, amount);
        let mut dearer = case.clone();
        for line in &mut dearer.order.lines {
            line.price *= rust_decimal::Decimal::from(times);
        }
        for discount in &mut dearer.order.discounts {
            discount.amount *= rust_decimal::Decimal::from(times);
        }
        for (line, dear) in case.quote().lines.iter().zip(&dearer.quote().lines) {
            // Either share is less than one unit from exact.
            let off = dear.discount.units - times * line.discount.units;
            prop_assert!(off.abs() <= times, "{} and {}", line.discount, dear.discount);
        }
    }

    // 9
    #[test]
    fn a_line_that_costs_nothing_changes_nothing_else(case in case(), place in 0usize..6) {
        let quote = case.quote();
        let mut more = case.clone();
        let gift = Line { id: "gift".into(), price: 0.into(), quantity: 3.into(), ..Line::default() };
        more.order.lines.insert(place.min(case.order.lines.len()), gift);
        let mut other = more.quote();
        let lines = other.lines.len();
        other.lines.retain(|line| line.id != "gift");
        prop_assert_eq!(other.lines.len() + 1, lines);
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

    // 11
    #[test]
    fn sub_lines_multiply_to_exactly_what_is_due(case in case()) {
        for line in case.quote().lines {
            let sums: i64 = line.sub_lines.iter().map(|part| part.sum.units).sum();
            prop_assert_eq!(sums, line.due.units);
            let quantities: i128 = line.sub_lines.iter().map(|p| oracle::thousandths(p.quantity)).sum();
            prop_assert_eq!(quantities, oracle::thousandths(line.quantity));
            for part in &line.sub_lines {
                let product = i128::from(part.price.units) * oracle::thousandths(part.quantity);
                prop_assert_eq!(round(product, 1000, Rounding::HalfUp), part.sum.units, "{:?}", part);
                prop_assert_eq!(part.price.digits, line.due.digits);
            }
        }
    }

    // 16
    #[test]
    fn points_spent_keep_within_every_limit(case in case()) {
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

    // 18
    #[test]
    fn taxes_of_lines_and_of_the_receipt_are_less_than_a_unit_apart_for_each(mut case in case()) {
        case.program.tax.per = TaxScope::PerReceipt;
        let quote = case.quote();
        let mut tolerance = 0;
        let mut shown = 0;
        let mut exact = true;
        for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
            let taxes: i64 = sold.taxes.iter().map(|tax| tax.amount.units).sum();
            prop_assert_eq!(sold.tax.units, taxes);
            prop_assert_eq!(sold.net.units + taxes, sold.gross.units);
            if sold.due.units > 0 {
                tolerance += i64::try_from(line.taxes.len()).unwrap();
                shown += taxes;
            }
            exact = exact && line.taxes.is_empty();
        }
        let apart = (shown - quote.totals.tax.units).abs();
        prop_assert!(if tolerance == 0 { apart == 0 } else { apart < tolerance }, "{apart} of {tolerance}");
    }

    // 18
    #[test]
    fn taxes_rounded_on_lines_add_up_to_the_receipt(mut case in case()) {
        case.program.tax.per = TaxScope::PerLine;
        let quote = case.quote();
        let sum = |of: fn(&LineQuote) -> i64| -> i64 { quote.lines.iter().map(of).sum() };
        prop_assert_eq!(sum(|line| line.tax.units), quote.totals.tax.units);
        prop_assert_eq!(sum(|line| line.net.units), quote.totals.net.units);
        prop_assert_eq!(sum(|line| line.gross.units), quote.totals.gross.units);
        let taxes: i64 = quote.taxes.iter().map(|tax| tax.tax.units).sum();
        prop_assert_eq!(taxes, quote.totals.tax.units);
    }

    // 3, 18
    #[test]
    fn a_full_discount_leaves_nothing_anywhere(mut case in case()) {
        case.program.exclusions.clear();
        case.order.lines.retain(|line| line.kind != LineKind::Adjustment);
        prop_assume!(!case.live_lines().is_empty());
        for line in &mut case.order.lines {
            line.excluded_from.clear();
        }
        case.program.allocation.blocked = Blocked::MovesOn;
        let amount = rust_decimal::Decimal::from(1_000_000_000);
        case.order.discounts = vec![HostDiscount { amount, line: None, name: "h0".into() }];
        let quote = case.quote();
        for line in &quote.lines {
            let left = [line.due, line.net, line.tax, line.gross, line.counter_provision];
            prop_assert!(left.iter().all(|left| left.units == 0), "{:?}", line);
            prop_assert!(line.taxes.iter().all(|tax| tax.amount.units == 0));
        }
        let totals = quote.totals;
        let left = [totals.due, totals.net, totals.tax, totals.gross, totals.payable];
        prop_assert!(left.iter().all(|left| left.units == 0));
        for tax in quote.taxes {
            prop_assert_eq!((tax.net.units, tax.tax.units, tax.gross.units), (0, 0, 0));
        }
    }

    // 21
    #[test]
    fn floor_gives_least_and_ceil_gives_most(mut case in case_at_home()) {
        case.program.redemption = None;
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

    #[test]
    fn an_order_prepared_once_quotes_the_same(case in case()) {
        let mut book = case.book();
        let prepared = PreparedOrder::new(book.program(), case.order.clone()).unwrap();
        let quote = prepared.quote(book.slice(), crate::order::after(1), true);
        prop_assert_eq!(quote, quote_of(&mut book, &case.order));
    }
}

/// Only lines and one discount of the host on all of them, so that nothing binds.
fn plain(mut case: Case, amount: i64) -> Case {
    case.program.exclusions.clear();
    case.program.allocation = Allocation::default();
    case.order.cards.clear();
    case.order.spend = Spend::default();
    case.order.lines.retain(|line| !matches!(line.kind, LineKind::Adjustment | LineKind::Void));
    for line in &mut case.order.lines {
        line.excluded_from.clear();
    }
    if case.order.lines.is_empty() {
        case.order.lines.push(Line::new("only", 7.into()));
    }
    let amount = rust_decimal::Decimal::new(amount, case.digits());
    case.order.discounts = vec![HostDiscount { amount, line: None, name: "h0".into() }];
    case
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
            let (over, under) = case.from_own();
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
