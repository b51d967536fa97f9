//! What holds on some order is never called out of reach.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use super::lint;
use crate::answer::{LintCode, Truth};
use crate::program::condition::{Facts, LineSums, LineTest};
use crate::program::{Basis, Program};

const LEAVES: &[&str] = &[
    r#"{"amount": {"from": "1.00"}}"#,
    r#"{"amount": {"to": "1.00"}}"#,
    r#"{"amount": {"from": "0.50", "to": "0.99"}}"#,
    r#"{"store": ["north", "south"]}"#,
    r#"{"store": ["east"]}"#,
    r#"{"city": ["Moscow"]}"#,
    r#"{"city": ["Kazan", "Moscow"]}"#,
    r#"{"group": ["big"]}"#,
    r#"{"group": ["new", "small"]}"#,
    r#"{"till": ["1", "2"]}"#,
    r#"{"till": ["2"]}"#,
    r#"{"tender": ["cash"]}"#,
    r#"{"tender": ["cash", "gift"]}"#,
    r#"{"purchase": {"every": 3}}"#,
    r#"{"purchase": {"from": 2, "to": 4}}"#,
    r#"{"purchase": {"from": 3, "to": 5}}"#,
    r#"{"purchase": {"from": 4}}"#,
    r#"{"dates": {"from": "2026-11-20", "until": "2026-11-22"}}"#,
    r#"{"dates": {"from": "2026-11-22"}}"#,
    r#"{"weekday": ["monday", "sunday"]}"#,
    r#"{"weekday": ["friday"]}"#,
    r#"{"time": {"from": "22:00", "until": "06:00"}}"#,
    r#"{"time": {"from": "06:00", "until": "21:59"}}"#,
    r#"{"lines": {"lines": {"tag": ["a"]}, "quantity": {"from": "1"}}}"#,
];

const STORES: [(&str, Option<&str>, &[&str]); 3] = [
    ("north", Some("Moscow"), &["big"]),
    ("south", Some("Kazan"), &["small"]),
    ("east", None, &["big", "new"]),
];

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(4, 12, 4, |part| {
        let parts = prop::collection::vec(part.clone(), 0..5).prop_map(|parts| parts.join(", "));
        prop_oneof![
            3 => parts.clone().prop_map(|parts| format!(r#"{{"all": [{parts}]}}"#)),
            1 => parts.prop_map(|parts| format!(r#"{{"any": [{parts}]}}"#)),
            1 => part.prop_map(|part| format!(r#"{{"not": {part}}}"#)),
        ]
    })
}

/// An order, as far as the conditions ask for it.
#[derive(Clone, Debug)]
struct Case {
    sum: i64,
    store: usize,
    till: &'static str,
    tenders: Vec<&'static str>,
    purchase: i64,
    day: i8,
    minute: u16,
}

fn case() -> impl Strategy<Value = Case> {
    (
        select(&[49, 50, 99, 100, 101][..]),
        0..3usize,
        select(&["1", "2", "3"][..]),
        prop::sample::subsequence(vec!["cash", "gift", "card"], 0..3),
        1..8i64,
        19..25i8,
        select(&[0, 359, 360, 361, 1319, 1320, 1439][..]),
    )
        .prop_map(|(sum, store, till, tenders, purchase, day, minute)| Case {
            sum,
            store,
            till,
            tenders,
            purchase,
            day,
            minute,
        })
}

/// Every line matches, and all come to the sum.
struct Sum(i64);

impl LineSums for Sum {
    fn amount(&self, _: Option<&LineTest>, _: Basis) -> i64 {
        self.0
    }

    fn quantity(&self, _: &LineTest) -> (usize, i64) {
        (1, self.0)
    }

    fn is_unsure(&self, _: &LineTest) -> bool {
        false
    }
}

fn program(condition: &str) -> Program {
    let stores: Vec<String> = STORES
        .iter()
        .map(|(id, city, groups)| {
            let city = city.map_or_else(String::new, |city| format!(r#""city": "{city}", "#));
            format!(r#"{{"id": "{id}", {city}"groups": {groups:?}}}"#)
        })
        .collect();
    Program::compile(&format!(
        r#"{{"id": "t", "currency": "RUB", "zone": "Europe/Moscow", "stores": [{}],
        "points": [{{"id": "p"}}], "redemption": {{}},
        "cards": [{{"id": "c", "kind": "bonus", "numbers": [{{"length_max": 4}}]}}],
        "earning": {{"rules": [{{"id": "e", "give": {{"percent": "5"}}, "when": {condition}}}]}}}}"#,
        stores.join(", ")
    ))
    .unwrap()
}

fn facts<'a>(program: &'a Program, case: &Case) -> Facts<'a> {
    let rules = program.rules();
    let (symbols, store) = (&rules.symbols, &rules.stores[case.store]);
    let date = jiff::civil::date(2026, 11, case.day);
    Facts {
        store: Some(store.symbol),
        city: store.city,
        groups: Some(&store.groups),
        till: Some(symbols.find(case.till)),
        tenders: Some(case.tenders.iter().map(|tender| symbols.find(tender)).collect()),
        purchase: Some(case.purchase),
        date,
        weekday: u8::try_from(date.weekday().to_monday_zero_offset()).unwrap(),
        minute: case.minute,
        instant: Timestamp::UNIX_EPOCH,
        ..Facts::default()
    }
}

proptest! {
    #[test]
    fn what_holds_on_some_order_is_never_out_of_reach(
        condition in condition(),
        cases in prop::collection::vec(case(), 40),
    ) {
        let program = program(&condition);
        let when = program.rules().earning.rules[0].when.as_ref().unwrap();
        let holds = |case: &Case| {
            when.truth(&facts(&program, case), &Sum(case.sum)) == Truth::True
        };
        let Some(case) = cases.iter().find(|case| holds(case)) else { return Ok(()) };
        let branches = condition.contains("any") || condition.contains("not");
        for finding in lint(&program).findings {
            let dead_branch = branches && finding.code == LintCode::WindowNeverOpens;
            prop_assert!(dead_branch, "{condition} holds on {case:?}, but {finding:?}");
        }
    }
}
