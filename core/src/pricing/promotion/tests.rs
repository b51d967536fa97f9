//! Forms with numbers worked out by hand, and a count of single units to compare with.

use proptest::prelude::*;

use crate::answer::Quote;
use crate::document::from_node;
use crate::json::Node;
use crate::order::Order;
use crate::order::prepare::prepare;
use crate::pricing::Pricing;
use crate::program::Program;
use crate::slice::Slice;

/// The receipt for some lines (as JSON) under a programme with more keys (as JSON).
fn quote(program: &str, lines: &str) -> Quote {
    let document = format!(r#"{{"id":"t","currency":"RUB","zone":"Europe/Moscow",{program}}}"#);
    let program = Program::compile(&document).unwrap();
    let order = Node::parse(&format!(r#"{{"lines":[{lines}]}}"#), usize::MAX).unwrap();
    let order: Order = from_node(&order).unwrap();
    let prepared = prepare(&order, program.rules()).unwrap();
    let slice = Slice::default();
    let at = "2025-10-24T12:00:00+03:00".parse().unwrap();
    Pricing::new(program.rules(), &prepared, &order, &slice, at, true).run().quote()
}

/// Lines of so many pieces at so many roubles; more keys of the promotion follow its `then`.
fn discounts(promotion: &str, lines: &[(u32, u32)]) -> Vec<i64> {
    let line = |(id, (quantity, price)): (usize, &(u32, u32))| {
        format!(
            r#"{{"id":"{id}","sku":"{id}","price":"{price}.00","quantity":"{quantity}","tags":["t{id}"]}}"#
        )
    };
    let lines: Vec<String> = lines.iter().enumerate().map(line).collect();
    let program = format!(r#""promotions":[{{"id":"p",{promotion}}}]"#);
    let quote = quote(&program, &lines.join(","));
    quote.lines.iter().map(|line| line.discount.units).collect()
}

const TABLE: &[(u32, u32)] = &[(1, 300), (1, 200), (1, 100)];

#[test]
fn three_for_two_frees_the_cheapest_or_lowers_all() {
    let free = r#""then":{"n_for_m":{"n":3,"m":2}}"#;
    assert_eq!(discounts(free, TABLE), [0, 0, 10_000]);
    let spread = r#""then":{"n_for_m":{"n":3,"m":2,"divide":"all_units"}}"#;
    assert_eq!(discounts(spread, TABLE), [5000, 3333, 1667]);
}

#[test]
fn the_difference_of_a_set_is_divided_in_proportion_to_value() {
    let bundle = r#""then":{"bundle":{"price":"499.00","parts":[
        {"lines":{"sku":["0"]}},{"lines":{"sku":["1"]}},{"lines":{"sku":["2"]}}]}}"#;
    let lines = [(1, 300), (1, 250), (1, 100)];
    assert_eq!(discounts(bundle, &lines), [6969, 5808, 2323]);
    // Every set is divided by itself.
    let two = [(2, 300), (3, 250), (2, 100)];
    assert_eq!(discounts(bundle, &two), [13_938, 11_616, 4646]);
    // What would cost more than its goods is not made.
    assert_eq!(discounts(bundle, &[(1, 300), (1, 99), (1, 100)]), [0, 0, 0]);
}

#[test]
fn two_parts_of_a_set_may_take_units_of_one_line() {
    let bundle = r#""then":{"bundle":{"price":"150.00","parts":[
        {"lines":{"any":[{"sku":["0"]},{"sku":["1"]}]},"quantity":2},
        {"lines":{"sku":["1"]}}]}}"#;
    // The first set: both units of the first line and one of the second; then two sets of the
    // second line's units alone, which cost as much as their price and are not made.
    assert_eq!(discounts(bundle, &[(2, 100), (7, 50)]), [8000, 2000]);
}

#[test]
fn the_cheapest_of_each_group_are_counted_from_the_dearest_down() {
    let each = r#""then":{"n_for_m":{"n":2,"m":1,"free":"cheapest_of_each"}}"#;
    // Pairs of 400 and 300, 200 and 100.
    let lines = [(1, 100), (1, 400), (1, 200), (1, 300)];
    assert_eq!(discounts(each, &lines), [10_000, 0, 0, 30_000]);
    let all = r#""then":{"n_for_m":{"n":2,"m":1}}"#;
    assert_eq!(discounts(all, &lines), [10_000, 0, 20_000, 0]);
}

#[test]
fn only_units_in_whole_groups_may_be_free() {
    let chosen = r#""then":{"n_for_m":{"n":3,"m":2}},"select":{"order":"dearest"}"#;
    // 500 300 300 | 100: the group of the dearest gives its cheapest.
    assert_eq!(discounts(chosen, &[(1, 100), (2, 300), (1, 500)]), [0, 30_000, 0]);
}

#[test]
fn who_buys_two_gets_the_third_and_what_is_left_over_counts() {
    let third = r#""then":{"buy_get":{"buy":2,"get":1,"give":{"percent":"50"}}}"#;
    assert_eq!(discounts(third, &[(2, 100)]), [0]);
    assert_eq!(discounts(third, &[(3, 100)]), [5000]);
    assert_eq!(discounts(third, &[(6, 100)]), [10_000]);
    let two = r#""then":{"buy_get":{"buy":2,"get":2,"give":{"percent":"100"}}}"#;
    // 4 of 7 give two; of the three that are left over, one is beyond two.
    assert_eq!(discounts(two, &[(7, 100)]), [30_000]);
    let once = r#""then":{"buy_get":{"buy":2,"get":2,"give":{"percent":"100"},"times":1}}"#;
    assert_eq!(discounts(once, &[(7, 100)]), [20_000]);
}

#[test]
fn other_goods_are_given_for_those_bought() {
    let cake = r#""select":{"lines":{"sku":["0"]}},
        "then":{"buy_get":{"buy":2,"get":1,"get_lines":{"tag":["t1","t2"]},"give":{"price":"1.00"}}}"#;
    assert_eq!(discounts(cake, &[(4, 100), (1, 70), (2, 50)]), [0, 0, 9800]);
    let dearest = cake.replace(r#""buy":2"#, r#""target":"dearest","buy":2"#);
    assert_eq!(discounts(&dearest, &[(4, 100), (1, 70), (2, 50)]), [0, 6900, 4900]);
}

#[test]
fn positions_get_their_own_percentages() {
    let schedule = r#""then":{"schedule":[{"from":2,"percent":"50"},{"from":4,"percent":"100"}]}"#;
    // Units 2 and 3 at half price, units 4 and 5 free.
    assert_eq!(discounts(schedule, &[(1, 100), (3, 80), (1, 60)]), [0, 8000 + 8000, 6000]);
}

#[test]
fn the_last_step_that_is_reached_holds_for_everything() {
    let tiered = r#""then":{"tiered":{"by":"quantity","steps":[
        {"from":"2","give":{"percent":"5"}},{"from":"4","give":{"price":"90.00"}}]}}"#;
    assert_eq!(discounts(tiered, &[(1, 100)]), [0]);
    assert_eq!(discounts(tiered, &[(3, 100)]), [1500]);
    assert_eq!(discounts(tiered, &[(3, 100), (1, 95)]), [3000, 500]);
}

#[test]
fn a_new_price_lowers_only_what_costs_more() {
    let price = r#""then":{"price":"80.00"}"#;
    assert_eq!(discounts(price, &[(2, 100), (1, 70)]), [4000, 0]);
    let half = quote(
        r#""promotions":[{"id":"p","then":{"price":"80.00"}}]"#,
        r#"{"id":"1","price":"100.00","quantity":"0.5"}"#,
    );
    assert_eq!(half.totals.due.units, 4000);
}

#[test]
fn what_one_line_cannot_give_of_a_set_moves_on_to_the_others() {
    let program = r#""promotions":[{"id":"p","then":{"bundle":{"price":"100.00","parts":[
        {"lines":{"sku":["a"]}},{"lines":{"sku":["b"]}}]}}}]"#;
    let lines = r#"{"id":"1","sku":"a","price":"100.00","floor":"90.00"},
        {"id":"2","sku":"b","price":"100.00"}"#;
    let quote = quote(program, lines);
    let discounts: Vec<i64> = quote.lines.iter().map(|line| line.discount.units).collect();
    assert_eq!(discounts, [1000, 9000]);
}

#[test]
fn presents_on_the_order_are_found_and_missing_ones_offered() {
    let program = r#""promotions":[{"id":"p","then":{"gift":{
        "items":[{"sku":"cup"}],"quantity":3,"take":"either"}}}]"#;
    let lines = r#"{"id":"1","sku":"cup","price":"50.00"},
        {"id":"2","sku":"cup","price":"60.00","gift":"p"},
        {"id":"3","sku":"hat","price":"9.00","gift":"p"}"#;
    let quote = quote(program, lines);
    let dues: Vec<(&str, i64)> =
        quote.lines.iter().map(|line| (line.id.as_str(), line.due.units)).collect();
    assert_eq!(dues, [("1", 0), ("2", 0)]);
    assert_eq!(quote.offers.iter().map(|offer| offer.quantity).collect::<Vec<_>>(), [1]);
    let codes: Vec<&str> = quote.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["gift.offered", "gift.withdrawn"]);
}

/// The units of lines one by one: their line and price.
fn expand(lines: &[(u32, u32)]) -> Vec<(usize, u32)> {
    let units = lines.iter().enumerate();
    units.flat_map(|(line, (count, price))| (0..*count).map(move |_| (line, *price))).collect()
}

fn add_up(lines: &[(u32, u32)], free: impl IntoIterator<Item = (usize, u32)>) -> Vec<i64> {
    let mut sums = vec![0; lines.len()];
    free.into_iter().for_each(|(line, price)| sums[line] += i64::from(price) * 100);
    sums
}

fn some_lines() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((1_u32..6, 1_u32..5), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn free_units_are_those_that_are_found_by_counting_one_by_one(
        lines in some_lines(),
        n in 2_usize..5,
        paid in 1_usize..4,
        each in any::<bool>(),
    ) {
        let m = paid.min(n - 1);
        let mut units = expand(&lines);
        units.truncate(units.len() / n * n);
        let mut prices: Vec<u32> = units.iter().map(|(_, price)| *price).collect();
        prices.sort_unstable_by(|a, b| b.cmp(a));
        let groups = units.len() / n;
        let free_prices: Vec<u32> = if each {
            prices.chunks(n).flat_map(|group| group[m..].to_vec()).collect()
        } else {
            prices[prices.len() - groups * (n - m)..].to_vec()
        };
        // Of equal units the first listed are free.
        let mut left = units.clone();
        let free: Vec<(usize, u32)> = free_prices
            .iter()
            .map(|price| {
                let first = left.iter().position(|(_, other)| other == price).unwrap();
                left.remove(first)
            })
            .collect();
        let word = if each { "cheapest_of_each" } else { "cheapest_of_all" };
        let then = format!(r#""then":{{"n_for_m":{{"n":{n},"m":{m},"free":"{word}"}}}}"#);
        prop_assert_eq!(discounts(&then, &lines), add_up(&lines, free));
    }

    #[test]
    fn units_are_selected_as_if_counted_one_by_one(
        lines in some_lines(),
        every in 1_usize..4,
        per_line in 1_usize..5,
        per_receipt in 1_usize..9,
        skip in 0_usize..4,
        order in 0_usize..3,
    ) {
        let mut units = expand(&lines);
        let word = ["as_listed", "cheapest", "dearest"][order];
        match order {
            1 => units.sort_by_key(|(_, price)| *price),
            2 => units.sort_by_key(|(_, price)| std::cmp::Reverse(*price)),
            _ => {}
        }
        let mut seen = vec![0; lines.len()];
        units.retain(|(line, _)| {
            seen[*line] += 1;
            seen[*line] <= per_line
        });
        let stay = units.into_iter().skip(skip).skip(every - 1).step_by(every).take(per_receipt);
        let select = format!(
            r#""select":{{"every":{every},"per_line":{per_line},"per_receipt":{per_receipt},
            "skip":{skip},"order":"{word}"}},"then":{{"percent":"100"}}"#
        );
        prop_assert_eq!(discounts(&select, &lines), add_up(&lines, stay));
    }

    #[test]
    fn a_set_takes_the_units_that_are_found_one_by_one(
        lines in prop::collection::vec((1_u32..9, 1_u32..5), 3..4),
        first in 1_usize..4,
        second in 1_usize..3,
    ) {
        // The parts overlap in the line in the middle; sets are free, so that all of a unit counts.
        let parts = [(first, [true, true, false]), (second, [false, true, true])];
        let mut left = expand(&lines);
        let mut taken = Vec::new();
        'sets: loop {
            let mut set = Vec::new();
            let mut rest = left.clone();
            for (need, matches) in parts {
                for _ in 0..need {
                    let Some(place) = rest.iter().position(|(line, _)| matches[*line]) else {
                        break 'sets;
                    };
                    set.push(rest.remove(place));
                }
            }
            left = rest;
            taken.extend(set);
        }
        let bundle = format!(
            r#""then":{{"bundle":{{"price":"0.00","parts":[
            {{"lines":{{"sku":["0","1"]}},"quantity":{first}}},
            {{"lines":{{"sku":["1","2"]}},"quantity":{second}}}]}}}}"#
        );
        prop_assert_eq!(discounts(&bundle, &lines), add_up(&lines, taken));
    }
}

/// Something that a promotion may give.
fn some_form() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..=100).prop_map(|percent| format!(r#"{{"percent":"{percent}"}}"#)),
        (1_u32..9, 0_usize..3).prop_map(|(amount, each)| {
            let each = ["selection", "line", "unit"][each];
            format!(r#"{{"amount":{{"amount":"{amount}.05","each":"{each}"}}}}"#)
        }),
        (0_u32..5).prop_map(|price| format!(r#"{{"price":"{price}.555"}}"#)),
        (0_u32..9).prop_map(|price| format!(
            r#"{{"bundle":{{"price":"{price}.00","parts":[
            {{"lines":{{"tag":["a"]}},"quantity":2}},{{"lines":{{"tag":["b","a"]}}}}]}}}}"#
        )),
        (0_usize..2, 0_usize..2).prop_map(|(divide, free)| {
            let divide = ["free_units", "all_units"][divide];
            let free = ["cheapest_of_all", "cheapest_of_each"][free];
            format!(r#"{{"n_for_m":{{"n":3,"m":2,"divide":"{divide}","free":"{free}"}}}}"#)
        }),
        any::<bool>().prop_map(|others| {
            let others = if others { r#""get_lines":{"tag":["b"]},"# } else { "" };
            format!(r#"{{"buy_get":{{"buy":2,{others}"give":{{"percent":"100"}}}}}}"#)
        }),
        Just(r#"{"schedule":[{"from":2,"percent":"33.3"},{"from":3,"percent":"100"}]}"#.to_owned()),
        Just(r#"{"gift":{"items":[{"sku":"g"}],"quantity":2,"take":"either"}}"#.to_owned()),
    ]
}

fn some_promotion() -> impl Strategy<Value = String> {
    let keys = prop::sample::subsequence(
        vec![
            r#""cap":"3.33""#,
            r#""class":"c""#,
            r#""exclusive":true"#,
            r#""method":"per_line""#,
            r#""of":"net""#,
            r#""of":"gross""#,
            r#""priority":1"#,
            r#""select":{"lines":{"tag":["a"]},"per_line":2,"order":"dearest"}"#,
            r#""when":{"amount":{"from":"9.00"}}"#,
        ],
        0..4,
    );
    (some_form(), keys).prop_map(|(then, mut keys)| {
        keys.dedup_by_key(|key| key.split(':').next());
        format!(r#""then":{then}{}"#, keys.iter().map(|key| format!(",{key}")).collect::<String>())
    })
}

fn some_line() -> impl Strategy<Value = String> {
    let quantity = prop_oneof![Just("1"), Just("2"), Just("3"), Just("7"), Just("0.345")];
    let extra = prop_oneof![
        4 => Just(r#","tags":["a"]"#),
        2 => Just(r#","tags":["b"]"#),
        1 => Just(r#","tags":["a","b"],"floor":"1.50""#),
        1 => Just(r#","taxes":[{"name":"v","size":{"percent":"20"}},{"name":"d","size":{"per_unit":"0.10"}}]"#),
        1 => Just(r#","sku":"g""#),
        1 => Just(r#","sku":"g","gift":"p0""#),
        1 => Just(r#","excluded_from":["promotion"]"#),
    ];
    (300_u32..600, quantity, extra).prop_map(|(price, quantity, extra)| {
        format!(r#""price":"{}.{:02}","quantity":"{quantity}"{extra}"#, price / 100, price % 100)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn promotions_add_up_and_stay_within_what_is_due(
        promotions in prop::collection::vec(some_promotion(), 1..5),
        lines in prop::collection::vec(some_line(), 1..6),
        adjustment in 1_u32..100,
        stacking in prop::sample::subsequence(
            vec![
                r#""base":"initial""#,
                r#""free_units":"touched""#,
                r#""judged_on":"running""#,
                r#""together":"best""#,
                r#""units":"once""#,
            ],
            0..5,
        ),
        zero_price in any::<bool>(),
    ) {
        let promotions: Vec<String> = promotions
            .iter()
            .enumerate()
            .map(|(id, promotion)| format!(r#"{{"id":"p{id}",{promotion}}}"#))
            .collect();
        // Only a promotion that gives presents may be named by one.
        let gives = promotions[0].contains(r#""gift""#);
        let lines: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(id, line)| format!(r#"{{"id":"{id}",{line}}}"#))
            .map(|line| if gives { line } else { line.replace(r#","gift":"p0""#, "") })
            .collect();
        let stacking: String = stacking.iter().map(|key| format!(",{key}")).collect();
        let program = format!(
            r#""promotions":[{}],"allocation":{{"zero_price":{zero_price}}},"tax":{{"fixed":"kept"}},
            "stacking":{{"classes":[{{"id":"c","keep":"best"}}]{stacking}}}"#,
            promotions.join(",")
        );
        let lines = format!(
            r#"{{"id":"y","price":"5.00"}},{},{{"id":"x","kind":"adjustment","price":"-0.{adjustment:02}"}}"#,
            lines.join(",")
        );
        let quote = quote(&program, &lines);
        for line in &quote.lines {
            let given: i64 = line.discounts.iter().map(|discount| discount.amount.units).sum();
            prop_assert_eq!(line.amount.units - given, line.due.units);
            prop_assert_eq!(line.discount.units, given);
            prop_assert!(line.discounts.iter().all(|discount| discount.amount.units > 0));
            prop_assert!(line.id == "x" || line.due.units >= 0);
        }
        prop_assert!(quote.totals.due.units >= 0);
    }
}
