//! Properties of the doors: whatever the engine journals it can read back, and no float gets in.

use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::*;
use proptest::prelude::*;

use crate::book::cases;
use crate::order::{Case, case};

fn long() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..50_000, any::<u32>()].prop_map(|units| units.max(1))
}

fn date() -> impl Strategy<Value = String> {
    let year = prop_oneof![1900i32..2200, 2025i32..2028];
    (year, 1u8..=12, 1u8..=28)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn life() -> impl Strategy<Value = Life> {
    let period = prop::sample::select(vec![Period::Month, Period::Quarter, Period::Year]);
    prop_oneof![
        long().prop_map(Life::Days),
        long().prop_map(Life::Months),
        long().prop_map(Life::Hours),
        (long(), period).prop_map(|(more, period)| Life::EndOf(EndOf { more, period })),
        date().prop_map(Life::Date),
    ]
}

fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        long().prop_map(Start::Days),
        long().prop_map(Start::Months),
        long().prop_map(Start::Hours),
        date().prop_map(Start::Date),
        Just(Start::Event("arrived".into())),
    ]
}

fn check_readable(book: &Book) {
    for entry in book.entries() {
        let text = canonical(&entry.record);
        let node = Node::parse(&text, usize::MAX).unwrap();
        if let Err(error) = from_node::<Record>(&node) {
            panic!("the record cannot be read back: {error}");
        }
    }
}

fn earning(case: Case, life: Life, delay: Option<Start>) -> Case {
    let mut case = case;
    let give = Give::Percent(100.into());
    let life = Some(life);
    let points = Some("bonus".into());
    let rule =
        EarningRule { id: "all".into(), give, life, delay, points, ..EarningRule::default() };
    case.program.earning = Earning { rules: vec![rule], ..Earning::default() };
    case
}

proptest! {
    #![proptest_config(cases(150))]

    // 19
    #[test]
    fn a_record_of_points_with_any_life_can_be_read_back(case in case(), life in life(), delay in prop::option::of(start())) {
        let case = earning(case, life, delay);
        let mut book = case.book();
        // Refusing the sale or the programme is fine; writing what cannot be read is not.
        let _ = book.call(&case.sell());
        check_readable(&book);
    }

    // 19
    #[test]
    fn a_record_of_a_request_with_any_texts_can_be_read_back(case in case(), text in ".{0,20}", times in 1usize..200) {
        let mut case = case;
        let text = text.repeat(times);
        case.order.receipt = Some(text.clone());
        case.order.lines[0].name = Some(text);
        let mut book = case.book();
        let _ = book.call(&case.sell());
        check_readable(&book);
    }

    // 19
    #[test]
    fn a_record_of_any_instant_can_be_read_back(case in case(), seconds in -377_705_023_201i64..253_402_207_200, nanoseconds in 0i32..1_000_000_000) {
        let mut case = case;
        let instant = jiff::Timestamp::new(seconds, nanoseconds);
        prop_assume!(instant.is_ok());
        case.order.paid_at = instant.ok();
        let mut book = case.book();
        let _ = book.call(&case.sell());
        check_readable(&book);
    }

    // 22
    #[test]
    fn an_amount_written_as_a_number_is_refused(case in case(), whole in 0i64..1_000, fraction in prop::option::of(0u8..100)) {
        let text = canonical(&case.sell());
        let mut book = case.book();
        let price = format!("\"price\":\"{}\"", case.order.lines[0].price.normalize());
        let number = fraction.map_or(whole.to_string(), |fraction| format!("{whole}.{fraction}"));
        let float = text.replacen(&price, &format!("\"price\":{number}"), 1);
        prop_assume!(float != text);
        let before = book.entries().len();
        let error = book.call_json(&float).unwrap_err();
        prop_assert_eq!(error.code(), ErrorCode::AmountNotText);
        prop_assert_eq!(book.entries().len(), before);
    }

    // 22
    #[test]
    fn no_answer_has_a_number_that_is_not_whole(case in case()) {
        fn whole(node: &Node) -> bool {
            match node {
                Node::Null | Node::Fraction => false,
                Node::List(items) => items.iter().all(whole),
                Node::Map(entries) => entries.iter().all(|(_, value)| whole(value)),
                _ => true,
            }
        }
        let mut book = case.book();
        let answer = book.call(&case.sell()).unwrap();
        prop_assert!(whole(&Node::parse(&canonical(&answer), usize::MAX).unwrap()));
        for entry in book.entries() {
            prop_assert!(whole(&Node::parse(&canonical(&entry.record), usize::MAX).unwrap()));
        }
    }

    // 19
    #[test]
    fn a_card_is_found_by_its_number_with_white_space_around_it(case in case()) {
        // What `touches` names is what a host loads: the number as the engine reads it.
        let command = Command::Balance(CardQuery { card: " 1001 ".into(), ..CardQuery::default() });
        let book = case.book();
        let touched = |command: &Command| touches(book.program().unwrap(), book.slice(), command, None);
        prop_assert_eq!(touched(&command), [Key::Card("1001".into())]);
        let command = Command::Issue(Issue { card: " 1003 ".into(), ..Issue::default() });
        prop_assert_eq!(touched(&command), [Key::Card("1003".into())]);
    }
}
