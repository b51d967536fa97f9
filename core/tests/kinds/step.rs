//! Random sequences of calls.

use proptest::prelude::*;

use crate::naive::CARDS;
use crate::receipt::GOODS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardDeed {
    Block,
    Unblock,
    Close { forfeit: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponDeed {
    Block,
    Unblock,
    Void,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeDeed {
    Open,
    Release,
    ClawBack,
}

/// An order in short.
#[derive(Clone, Debug)]
pub struct Order {
    /// How many of each of the goods.
    pub pieces: [i64; GOODS.len()],
    pub bonus: Option<usize>,
    pub discount: bool,
    pub stamp: bool,
    pub code: Option<usize>,
    /// Points wished.
    pub spend: i64,
    /// Which gift cards pay: none, the first, the second, both, both the other way round.
    pub paying: usize,
    /// A ticket that is sold, a gift card that is loaded and with how much.
    pub ticket: Option<usize>,
    pub load: Option<(usize, i64)>,
}

impl Order {
    pub fn goods(&self) -> Vec<((&'static str, i64, &'static str), i64)> {
        let goods = GOODS.into_iter().zip(self.pieces);
        goods.filter(|(_, pieces)| *pieces > 0).collect()
    }

    /// By card, the line that loads it: its id and its price.
    pub fn loads(&self) -> Vec<(usize, (String, i64))> {
        let ticket = self.ticket.map(|card| (card, (format!("ticket{}", CARDS[card].0), 0)));
        let load = self.load.map(|(card, price)| (card, (format!("load{}", CARDS[card].0), price)));
        ticket.into_iter().chain(load).collect()
    }

    pub fn cards(&self) -> Vec<usize> {
        let discount = self.discount.then_some(2);
        self.bonus.into_iter().chain(discount).chain(self.stamp.then_some(5)).collect()
    }

    pub fn gifts(&self) -> Vec<usize> {
        match self.paying {
            0 => vec![3],
            1 => vec![4],
            2 => vec![3, 4],
            3 => vec![4, 3],
            _ => Vec::new(),
        }
    }
}

/// One step; numbers of sales, lines and calls are taken modulo how many there are.
#[derive(Clone, Debug)]
pub enum Step {
    Issue { card: usize, units: i64 },
    Sell { order: Order },
    Reserve { order: Order },
    Confirm { sale: usize, points: Option<i64>, gift: Option<i64> },
    Cancel { sale: usize },
    Refund { sale: usize, lines: Vec<(usize, i64)> },
    Void { sale: usize },
    Split { sale: usize, parts: Vec<Vec<(usize, i64)>> },
    Join { sales: Vec<usize> },
    Move { sale: usize },
    Dispute { sale: usize, deed: DisputeDeed },
    Card { card: usize, deed: CardDeed },
    Coupon { coupon: usize, deed: CouponDeed },
    Transfer { from: usize, to: usize, units: i64 },
    Admit { card: usize, entries: i64 },
    Repeat { call: usize },
    Conflict { call: usize },
    Jump { minutes: i64 },
}

fn orders() -> impl Strategy<Value = Order> {
    let pieces = [0i64..4, 0i64..3, 0i64..4, 0i64..3];
    let bonus = prop_oneof![4 => Just(Some(0usize)), 1 => Just(Some(1)), 1 => Just(None)];
    let flags = (any::<bool>(), prop::bool::weighted(0.7));
    let code = prop::option::weighted(0.5, 0usize..2);
    let spend = prop_oneof![1 => Just(0i64), 2 => 0i64..1_000];
    let ticket = prop::option::weighted(0.2, 6usize..8);
    let load = prop::option::weighted(0.15, (3usize..5, (1i64..12).prop_map(|n| n * 10_000)));
    (pieces, bonus, flags, code, spend, 0usize..6, ticket, load).prop_map(
        |(pieces, bonus, (discount, stamp), code, spend, paying, ticket, load)| {
            let mut order =
                Order { pieces, bonus, discount, stamp, code, spend, paying, ticket, load };
            if order.goods().is_empty() && order.loads().is_empty() {
                order.pieces[0] = 1;
            }
            order
        },
    )
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let sale = || prop_oneof![3 => (0usize..4).prop_map(|back| 1_000_000 - back), 2 => 0usize..100];
    let share = || prop_oneof![1 => 0i64..=1_050, 1 => Just(1_000)];
    let jump = prop_oneof![5 => 0i64..12, 1 => 0i64..100, 1 => -100i64..0];
    let lines = || {
        let lines = prop::collection::btree_map(0usize..6, 1i64..4, 1..4);
        lines.prop_map(|lines| lines.into_iter().collect::<Vec<_>>())
    };
    let deed = prop_oneof![
        3 => Just(CardDeed::Block),
        4 => Just(CardDeed::Unblock),
        1 => Just(CardDeed::Close { forfeit: false }),
        1 => Just(CardDeed::Close { forfeit: true }),
    ];
    let coupon = prop_oneof![
        3 => Just(CouponDeed::Block),
        4 => Just(CouponDeed::Unblock),
        1 => Just(CouponDeed::Void),
    ];
    let dispute = prop_oneof![
        3 => Just(DisputeDeed::Open),
        1 => Just(DisputeDeed::Release),
        1 => Just(DisputeDeed::ClawBack),
    ];
    let step = prop_oneof![
        1 => (0usize..CARDS.len(), 0i64..5).prop_map(|(card, units)| Step::Issue { card, units }),
        5 => orders().prop_map(|order| Step::Sell { order }),
        9 => orders().prop_map(|order| Step::Reserve { order }),
        8 => (sale(), prop::option::weighted(0.3, share()), prop::option::weighted(0.3, share()))
            .prop_map(|(sale, points, gift)| Step::Confirm { sale, points, gift }),
        2 => sale().prop_map(|sale| Step::Cancel { sale }),
        6 => (sale(), lines()).prop_map(|(sale, lines)| Step::Refund { sale, lines }),
        3 => sale().prop_map(|sale| Step::Refund { sale, lines: Vec::new() }),
        3 => sale().prop_map(|sale| Step::Void { sale }),
        8 => (sale(), prop::collection::vec(lines(), 1..3))
            .prop_map(|(sale, parts)| Step::Split { sale, parts }),
        5 => prop::collection::vec(sale(), 2..4).prop_map(|sales| Step::Join { sales }),
        1 => sale().prop_map(|sale| Step::Move { sale }),
        4 => (sale(), dispute).prop_map(|(sale, deed)| Step::Dispute { sale, deed }),
        2 => (0usize..CARDS.len(), deed).prop_map(|(card, deed)| Step::Card { card, deed }),
        1 => (0usize..2, coupon).prop_map(|(coupon, deed)| Step::Coupon { coupon, deed }),
        2 => (3usize..5, 3usize..5, 1i64..60_000)
            .prop_map(|(from, to, units)| Step::Transfer { from, to, units }),
        3 => (6usize..8, 1i64..3).prop_map(|(card, entries)| Step::Admit { card, entries }),
        2 => (0usize..100).prop_map(|call| Step::Repeat { call }),
        1 => (0usize..100).prop_map(|call| Step::Conflict { call }),
        4 => jump.prop_map(|minutes| Step::Jump { minutes }),
    ];
    let first = [(0, 500), (2, 0), (3, 40_000), (4, 100_000), (5, 2)];
    let first = first.map(|(card, units)| Step::Issue { card, units });
    prop::collection::vec(step, 1..40)
        .prop_map(move |rest| first.iter().cloned().chain(rest).collect())
}
