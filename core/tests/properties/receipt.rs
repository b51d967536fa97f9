//! Properties of a quote: what every stage gives, and what a line may never become.

use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::book::cases;
use crate::oracle::{self, line_amount, points_money, round, scaled, stage_of};
use crate::order::{Case, case, case_at_home, plain, quote_of};

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
                let reached = steps.iter().rev().find(|step| step.from <= spent);
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

pub fn check_sums(quote: &Quote) -> TestCaseResult {
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
            all.filter(|one| one.is_of(points)).map(|one| one.amount.units).sum()
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

/// How much stages that floors bind lowered a line.
fn lowered_to_floors(line: &LineQuote) -> i64 {
    stage_of(line, Stage::Promotion)
        + stage_of(line, Stage::Card)
        + stage_of(line, Stage::Reward)
        + stage_of(line, Stage::Points)
}

/// No line is below zero or through its floor.
pub fn check_floors(case: &Case, quote: &Quote) -> TestCaseResult {
    for sold in &quote.lines {
        let line = case.order.lines.iter().find(|line| line.id == sold.id).unwrap();
        if sold.amount.units <= 0 {
            prop_assert_eq!(sold.discount.units, 0);
            continue;
        }
        let parts = [sold.due, sold.net, sold.tax, sold.gross, sold.counter_provision];
        prop_assert!(parts.iter().all(|part| part.units >= 0), "{:?}", sold);
        prop_assert!(sold.counter_provision <= sold.due);
        prop_assert!(sold.discounts.iter().all(|discount| discount.amount.units > 0));
        if lowered_to_floors(sold) > 0 && line.gift.is_none() {
            // A floor in another currency is converted and then multiplied.
            let slack = if case.order.rate.is_some() {
                oracle::thousandths(line.quantity) / 1000 + 1
            } else {
                0
            };
            let floor = i128::from(case.floor(line)) - slack;
            prop_assert!(i128::from(sold.due.units) >= floor, "{} < {}", sold.due, floor);
        }
    }
    prop_assert!(quote.totals.due.units >= 0 && quote.totals.payable.units >= 0);
    Ok(())
}

/// Prices times quantities are exactly what is due.
pub fn check_sub_lines(quote: &Quote) -> TestCaseResult {
    for line in &quote.lines {
        let sums: i64 = line.sub_lines.iter().map(|part| part.sum.units).sum();
        prop_assert_eq!(sums, line.due.units);
        let quantities: i128 =
            line.sub_lines.iter().map(|part| oracle::thousandths(part.quantity)).sum();
        prop_assert_eq!(quantities, oracle::thousandths(line.quantity));
        for part in &line.sub_lines {
            let product = i128::from(part.price.units) * oracle::thousandths(part.quantity);
            let sum = round(product, 1000, Rounding::HalfUp);
            prop_assert_eq!(sum, part.sum.units, "{:?}", part);
            prop_assert_eq!(part.price.digits, line.due.digits);
        }
    }
    Ok(())
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

    // 1
    #[test]
    fn at_home_what_each_stage_gives_and_trims_is_what_was_wished(case in case_at_home()) {
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
        check_floors(&case, &case.quote())?;
    }

    // 3
    #[test]
    fn a_floor_of_the_programme_holds_at_the_rate_of_any_currency(
        case in case_at_home(),
        currency in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        rate in 1i64..1_000,
        share in 1i64..100,
    ) {
        let case = with_floor_at_a_rate(case, currency, rate, share);
        let own = u32::from(currency_digits(&case.program.currency).unwrap());
        for (line, sold) in case.live_lines().into_iter().zip(&case.quote().lines) {
            let floor = case.floor(line);
            // Converted to a price of six decimals or to money, and then multiplied.
            let slack = i64::try_from(oracle::thousandths(line.quantity) / 1000 + 1).unwrap();
            if floor < sold.amount.units {
                let off = (sold.due.units - floor).abs();
                prop_assert!(off <= slack, "{} for a floor of {} ({own} decimals)", sold.due, floor);
            } else if floor > sold.amount.units + slack {
                prop_assert_eq!(sold.due, sold.amount);
            }
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

    // 11
    #[test]
    fn sub_lines_multiply_to_exactly_what_is_due(case in case()) {
        check_sub_lines(&case.quote())?;
    }

    #[test]
    fn an_order_prepared_once_quotes_the_same(case in case()) {
        let mut book = case.book();
        let prepared = PreparedOrder::new(book.program().unwrap(), case.order.clone()).unwrap();
        let quote = prepared.quote(book.slice(), crate::order::after(1), true).unwrap();
        prop_assert_eq!(quote, quote_of(&mut book, &case.order));
    }
}

/// A card that takes everything off, down to a floor at a share of the first line's price.
fn with_floor_at_a_rate(mut case: Case, currency: &str, rate: i64, share: i64) -> Case {
    let own = case.program.currency.clone();
    let currency = if own == currency { "RUB" } else { currency };
    let rate = rust_decimal::Decimal::new(rate, 2);
    case = plain(case, 1);
    case.order.discounts.clear();
    case.order.tenders.clear();
    case.order.currency = Some(currency.into());
    case.order.rate = Some(rate);
    let first = case.order.lines.first().unwrap();
    let price = (first.price * rate * rust_decimal::Decimal::new(share, 2)).round_dp(6);
    let price = price.max(rust_decimal::Decimal::new(1, 2));
    let every = LineCondition::All(Vec::new());
    let floor = Floor { id: "least".into(), lines: every, price, ..Floor::default() };
    case.program.floors = vec![floor];
    for line in &mut case.order.lines {
        line.kind = LineKind::Goods;
        line.floor = None;
    }
    let percent = CardPercent::Fixed(100.into());
    let discount = CardDiscount { percent, ..CardDiscount::default() };
    case.program.cards[0].discount = Some(discount);
    case.program.redemption = None;
    case.order.cards = vec!["1001".into()];
    case
}
