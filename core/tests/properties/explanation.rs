//! Properties of explanations: every number of a receipt is told by its record.

use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::cases;
use crate::oracle::stage_of;
use crate::order::{after, case, case_at_home, sold};

proptest! {
    #![proptest_config(cases(150))]

    // 20
    #[test]
    fn the_explanation_tells_every_stage_that_gave_and_everything_trimmed(case in case(), reserved in any::<bool>()) {
        let mut book = case.book();
        let request = if reserved { case.reserve() } else { case.sell() };
        let sale = sold(&mut book, &request);
        check_explanation(&book, book.entries().last().unwrap(), sale.quote.as_ref().unwrap())?;
    }

    // 20
    #[test]
    fn the_explanation_tells_every_stage_where_nothing_is_lost(mut case in case_at_home()) {
        case.program.allocation.blocked = Blocked::MovesOn;
        let mut book = case.book();
        let sale = sold(&mut book, &case.sell());
        check_explanation(&book, book.entries().last().unwrap(), sale.quote.as_ref().unwrap())?;
    }

    // 20
    #[test]
    fn the_explanation_of_a_confirm_tells_every_stage_of_its_receipt(case in case(), fewer in any::<bool>()) {
        let mut book = case.book();
        let held = sold(&mut book, &case.reserve());
        let points = fewer.then_some(Decimal::ZERO);
        let confirm = Confirm { token: held.token.unwrap(), points, ..Confirm::default() };
        let request = Request::new(after(1), Command::Confirm(confirm)).with_key("confirm");
        let sale = sold(&mut book, &request);
        check_explanation(&book, book.entries().last().unwrap(), sale.quote.as_ref().unwrap())?;
    }
}

fn check_explanation(book: &Book, entry: &Entry, quote: &Quote) -> TestCaseResult {
    let told = explanation(entry);
    let record = entry.record.envelope.id().to_string();
    let mut asked = book.clone();
    let question = Explain { record };
    let answer = asked.call(&Request::new(after(1), Command::Explain(question))).unwrap();
    prop_assert_eq!(&answer, &Answer::Explanation(told.clone()));
    prop_assert_eq!(told.quote.as_ref(), Some(quote));
    let steps = |stage: Stage| told.steps.iter().filter(move |step| step.stage == stage);
    let sum = |stage| steps(stage).map(|step| step.amount.units).sum::<i64>();
    for stage in [Stage::Host, Stage::Card] {
        let given: i64 = quote.lines.iter().map(|line| stage_of(line, stage)).sum();
        prop_assert_eq!(sum(stage), given, "{:?}", stage);
    }
    let spent: i64 = quote.points.iter().map(|points| points.spent.units).sum();
    prop_assert_eq!(sum(Stage::Points), spent, "points of {:?}", quote.points);
    for points in &quote.points {
        for lot in &points.lots {
            let own = steps(Stage::Earning).find(|step| step.rule == lot.rule);
            prop_assert_eq!(own.map(|step| step.amount), Some(lot.amount));
        }
    }
    for reason in &quote.reasons {
        let trims = matches!(
            reason.code,
            ReasonCode::HostDiscountTrimmed
                | ReasonCode::DiscountTrimmed
                | ReasonCode::RedemptionTrimmed
                | ReasonCode::RedemptionStep
                | ReasonCode::RedemptionBelowMinimum
                | ReasonCode::EarningCap
                | ReasonCode::EarningBelowMinimum
        );
        let mut all = told.steps.iter().flat_map(|step| &step.reasons);
        prop_assert!(!trims || all.any(|one| one == reason), "{:?}", reason);
    }
    // A wish that was not met has a reason.
    let order = match &entry.record.command {
        Command::Sell(sell) => Some(&sell.order),
        Command::Reserve(reserve) => Some(&reserve.order),
        _ => None,
    };
    let wished = order.and_then(|order| order.spend.points);
    let paid: Decimal = quote.points.iter().map(|points| points.spent.decimal()).sum();
    if wished.is_some_and(|wished| wished > paid) {
        let said = |reason: &Reason| {
            let unknown = reason.code == ReasonCode::ConditionUnknown;
            let own = reason.args.0.get("rule").is_some_and(|rule| rule == "redemption");
            reason.code.as_str().starts_with("redemption.") || (unknown && own)
        };
        prop_assert!(quote.reasons.iter().any(said), "wished {:?}, spent {}", wished, paid);
    }
    Ok(())
}
