//! Random sequences of calls.

use proptest::prelude::*;

use crate::naive::Wish;

/// One step; numbers of sales, lines and calls are taken modulo how many there are.
#[derive(Clone, Debug)]
pub enum Step {
    Issue { card: usize, lots: Vec<(i64, Option<i64>, Option<i64>)> },
    Sell { card: usize, lines: Vec<(i64, i64)>, wish: Wish },
    Reserve { card: usize, lines: Vec<(i64, i64)>, wish: Wish },
    Confirm { sale: usize, points: Option<i64> },
    Cancel { sale: usize },
    Refund { sale: usize, lines: Vec<(usize, i64)> },
    RefundAmount { sale: usize, share: i64 },
    Rest { sale: usize },
    Void { sale: usize },
    Repeat { call: usize },
    Conflict { call: usize },
    Jump { minutes: i64 },
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let card = || prop_oneof![8 => 0usize..2, 1 => Just(2usize)];
    let sale = || 0usize..100;
    let share = || prop_oneof![1 => 0i64..=1_100, 1 => Just(1_000)];
    let term = || prop::option::of(1i64..2_000);
    let lots = prop::collection::vec((0i64..400, term(), term()), 0..4);
    let price = prop_oneof![3 => 0i64..100_000, 1 => 0i64..10];
    let order = || {
        let lines = prop::collection::vec((price.clone(), 1i64..5), 1..4);
        let wish = prop_oneof![
            1 => Just(Wish::Nothing),
            3 => Just(Wish::Most),
            1 => (0i64..300).prop_map(Wish::Exactly),
        ];
        (card(), lines, wish)
    };
    let pieces = prop::collection::btree_map(0usize..3, 1i64..4, 1..3);
    let jump = prop_oneof![4 => 0i64..40, 2 => 0i64..1_000, 1 => -500i64..0];
    let step = prop_oneof![
        2 => (card(), lots).prop_map(|(card, lots)| Step::Issue { card, lots }),
        4 => order().prop_map(|(card, lines, wish)| Step::Sell { card, lines, wish }),
        5 => order().prop_map(|(card, lines, wish)| Step::Reserve { card, lines, wish }),
        4 => (sale(), prop::option::weighted(0.3, share()))
            .prop_map(|(sale, points)| Step::Confirm { sale, points }),
        2 => sale().prop_map(|sale| Step::Cancel { sale }),
        4 => (sale(), pieces)
            .prop_map(|(sale, lines)| Step::Refund { sale, lines: lines.into_iter().collect() }),
        3 => (sale(), share()).prop_map(|(sale, share)| Step::RefundAmount { sale, share }),
        2 => sale().prop_map(|sale| Step::Rest { sale }),
        3 => sale().prop_map(|sale| Step::Void { sale }),
        2 => sale().prop_map(|call| Step::Repeat { call }),
        1 => sale().prop_map(|call| Step::Conflict { call }),
        6 => jump.prop_map(|minutes| Step::Jump { minutes }),
    ];
    let first = Just(Step::Issue { card: 0, lots: vec![(200, None, None), (100, None, Some(90))] });
    (first, prop::collection::vec(step, 1..40)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}
