//! Random lives of a few cards: every kind of lot, and every call that moves points.

use jiff::{SignedDuration, Timestamp};
use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

use crate::book::card;
use crate::order::opening;
use crate::program::{life, refund, start};

pub const CARDS: [&str; 3] = ["1001", "1002", "1003"];
pub const EVENT: &str = "arrived";

#[derive(Clone, Debug)]
pub enum Step {
    Issue { card: usize, lots: Vec<(i64, Option<i64>, Option<i64>)> },
    Sell { card: usize, price: i64, spend: bool },
    Reserve { card: usize, price: i64 },
    Confirm { sale: usize, fewer: bool },
    Cancel { sale: usize },
    Refund { sale: usize, share: i64 },
    Void { sale: usize },
    Grant { card: usize },
    Transfer { from: usize, to: usize, amount: i64 },
    Activate { card: usize },
    Close { all: bool, card: usize },
    Jump { hours: i64 },
}

pub fn steps() -> BoxedStrategy<Vec<Step>> {
    let card = || 0usize..CARDS.len();
    let lot = (1i64..400, prop::option::of(1i64..90), prop::option::of(1i64..300));
    let lots = prop::collection::vec(lot, 0..3);
    let sale = || 0usize..50;
    let step = prop_oneof![
        1 => (card(), lots).prop_map(|(card, lots)| Step::Issue { card, lots }),
        5 => (card(), 1i64..200_000, any::<bool>())
            .prop_map(|(card, price, spend)| Step::Sell { card, price, spend }),
        3 => (card(), 1i64..200_000).prop_map(|(card, price)| Step::Reserve { card, price }),
        3 => (sale(), any::<bool>()).prop_map(|(sale, fewer)| Step::Confirm { sale, fewer }),
        1 => sale().prop_map(|sale| Step::Cancel { sale }),
        2 => (sale(), 1i64..=1_000).prop_map(|(sale, share)| Step::Refund { sale, share }),
        1 => sale().prop_map(|sale| Step::Void { sale }),
        2 => card().prop_map(|card| Step::Grant { card }),
        3 => (card(), card(), 1i64..200)
            .prop_map(|(from, to, amount)| Step::Transfer { from, to, amount }),
        1 => card().prop_map(|card| Step::Activate { card }),
        2 => (any::<bool>(), card()).prop_map(|(all, card)| Step::Close { all, card }),
        5 => prop_oneof![Just(1i64), 1i64..40, 100i64..1_500].prop_map(|hours| Step::Jump { hours }),
    ];
    let first = CARDS[..2].iter().enumerate().map(|(card, _)| Step::Issue {
        card,
        lots: vec![(200, None, Some(400)), (50, Some(30), None)],
    });
    let first: Vec<Step> = first.collect();
    prop::collection::vec(step, 5..40)
        .prop_map(move |rest| first.iter().cloned().chain(rest).collect())
        .boxed()
}

fn rule() -> BoxedStrategy<EarningRule> {
    let give = prop_oneof![
        (1i64..20).prop_map(|percent| Give::Percent(percent.into())),
        (1i64..100).prop_map(|points| Give::PerVisit(points.into())),
    ];
    let only = prop::option::weighted(0.2, Just(LotOnly::NextOrder));
    let from = select(vec![LifeFrom::Opened, LifeFrom::Earned]);
    (give, delay(), prop::option::of(life()), only, from, any::<bool>())
        .prop_map(|(give, delay, life, only, life_from, rolling)| {
            let lasts = matches!(life, Some(Life::Days(_) | Life::Months(_) | Life::Hours(_)));
            let rolling = rolling && lasts;
            EarningRule { give, delay, life, only, life_from, rolling, ..EarningRule::default() }
        })
        .boxed()
}

fn delay() -> impl Strategy<Value = Option<Start>> {
    let start = prop_oneof![4 => start(), 1 => Just(Start::Event(EVENT.into()))];
    prop::option::of(start)
}

pub fn program() -> BoxedStrategy<ProgramDocument> {
    let only = prop::option::weighted(0.2, Just(LotOnly::NextOrder));
    let grant = (1i64..80, delay(), prop::option::of(life()), only).prop_map(
        |(amount, delay, life, only)| Grant {
            amount: amount.into(),
            delay,
            id: "sorry".into(),
            life,
            only,
            ..Grant::default()
        },
    );
    let transfer = prop_oneof![
        Just(TransferPolicy::default()),
        prop::option::of(life()).prop_map(|life| TransferPolicy {
            clock: TransferClock::Restart,
            life,
            ..TransferPolicy::default()
        }),
    ];
    let auto = prop::option::of((30i64..300, prop::option::of(1u32..3)));
    let later = vec![CloseStep::AutoRedemption, CloseStep::Tiers, CloseStep::Expiry];
    let close = subsequence(later, 0..=3).prop_shuffle();
    (prop::collection::vec(rule(), 1..4), grant, transfer, auto, close, tiering(), refund())
        .prop_map(|(rules, grant, transfer, auto, close, tiering, refund)| {
            let rules = rules.into_iter().enumerate();
            let rules = rules.map(|(id, rule)| EarningRule { id: format!("r{id}"), ..rule });
            let auto = auto.map(|(threshold, per_day)| AutoRedemption {
                coupon: "next".into(),
                id: "auto".into(),
                per_day,
                threshold: threshold.into(),
                ..AutoRedemption::default()
            });
            let tier = |id: &str, from: i64| Tier { id: id.into(), from: from.into(), name: None };
            // What became usable counts before any other step, so that nothing waits for a second
            // close.
            let close = std::iter::once(CloseStep::Activation).chain(close).collect();
            ProgramDocument {
                id: "shop".into(),
                currency: "RUB".into(),
                zone: "Europe/Moscow".into(),
                points: vec![Points { id: "bonus".into(), ..Points::default() }],
                cards: vec![CardKind {
                    id: "bonus".into(),
                    numbers: vec![NumberRange { length_max: 4, ..NumberRange::default() }],
                    ..CardKind::default()
                }],
                auto_redemption: auto.into_iter().collect(),
                close,
                coupons: vec![Coupon { id: "next".into(), ..Coupon::default() }],
                earning: Earning { rules: rules.collect(), ..Earning::default() },
                grants: vec![grant],
                redemption: Some(Redemption { percent: 50.into(), ..Redemption::default() }),
                refund,
                tiering,
                tiers: vec![tier("base", 0), tier("silver", 60), tier("gold", 300)],
                transfer: Some(transfer),
                ..ProgramDocument::default()
            }
        })
        .boxed()
}

fn tiering() -> BoxedStrategy<Tiering> {
    let measure = select(vec![Measure::Spend, Measure::Visits, Measure::Earned, Measure::Balance]);
    let downgrade = select(vec![Downgrade::AtOnce, Downgrade::AtPeriodEnd]);
    let step = select(vec![DowngradeStep::Full, DowngradeStep::One]);
    let span = (1u32..40).prop_map(Term::Days);
    let window = prop_oneof![
        Just(None),
        span.clone().prop_map(|span| Some(Window::Rolling(span))),
        Just(Some(Window::Calendar(Period::Month))),
    ];
    (measure, downgrade, step, window, prop::option::of(span), prop::option::of(life()))
        .prop_map(|(measure, downgrade, step, window, grace, kept)| Tiering {
            downgrade,
            grace,
            kept,
            window: window.filter(|_| measure != Measure::Balance),
            measure,
            step,
            ..Tiering::default()
        })
        .boxed()
}

/// A book under random calls; what is refused must change nothing.
pub struct Cards {
    pub book: Book,
    pub program: Program,
    pub now: Timestamp,
    pub tokens: Vec<String>,
    pub keys: usize,
}

impl Cards {
    pub fn new(document: &ProgramDocument) -> Cards {
        let program = Program::compile(&canonical(document)).unwrap();
        let book = Book::new("till-1", program.clone()).unwrap();
        Cards { book, program, now: opening(), tokens: Vec::new(), keys: 0 }
    }

    fn call(&mut self, command: Command) -> Option<Answer> {
        self.keys += 1;
        let request = Request::new(self.now, command).with_key(format!("key-{}", self.keys));
        let before = self.book.slice().head().hash;
        match self.book.call(&request) {
            Ok(answer) => {
                if let Answer::Sale(sale) = &answer {
                    self.tokens.extend(sale.token.clone());
                    self.tokens.dedup();
                }
                Some(answer)
            }
            Err(error) => {
                assert_eq!(self.book.slice().head().hash, before);
                assert_ne!(error.code(), ErrorCode::Internal, "{error}");
                None
            }
        }
    }

    fn token(&self, sale: usize) -> String {
        self.tokens.get(sale % self.tokens.len().max(1)).cloned().unwrap_or_default()
    }

    fn order(card: usize, price: i64, spend: bool) -> Order {
        let mode = if spend { SpendMode::Max } else { SpendMode::None };
        Order {
            cards: vec![CARDS[card].into()],
            lines: vec![Line::new("1", Decimal::new(price, 2))],
            spend: Spend { mode, points: None },
            ..Order::default()
        }
    }

    fn command(&self, step: &Step) -> Command {
        match step {
            Step::Issue { card, lots } => {
                let hours = |hours: i64| self.now + SignedDuration::from_hours(hours);
                let lot = |(amount, opens, lives): &(i64, Option<i64>, Option<i64>)| OpeningLot {
                    amount: (*amount).into(),
                    expires_at: lives.map(|lives| hours(opens.unwrap_or(0) + lives)),
                    opens_at: opens.map(hours),
                    points: None,
                };
                let opening = lots.iter().map(lot).collect();
                Command::Issue(Issue { card: CARDS[*card].into(), opening, ..Issue::default() })
            }
            Step::Sell { card, price, spend } => {
                let order = Self::order(*card, *price, *spend);
                Command::Sell(SellOrder { order, ..SellOrder::default() })
            }
            Step::Reserve { card, price } => {
                let order = Self::order(*card, *price, true);
                Command::Reserve(ReserveOrder { order, ..ReserveOrder::default() })
            }
            Step::Confirm { sale, fewer } => {
                let points = fewer.then_some(Decimal::ZERO);
                Command::Confirm(Confirm { token: self.token(*sale), points, ..Confirm::default() })
            }
            Step::Cancel { sale } => {
                Command::Cancel(Cancel { token: self.token(*sale), ..Cancel::default() })
            }
            Step::Refund { sale, share } => {
                let amount = (*share < 1_000).then(|| Decimal::new(*share, 2));
                let token = Some(self.token(*sale));
                Command::Refund(Refund { amount, token, ..Refund::default() })
            }
            Step::Void { sale } => {
                Command::Void(Void { token: self.token(*sale), ..Void::default() })
            }
            Step::Grant { card } => Command::Grant(GrantPoints {
                card: CARDS[*card].into(),
                grant: "sorry".into(),
                ..GrantPoints::default()
            }),
            Step::Transfer { from, to, amount } => Command::Transfer(Transfer {
                amount: (*amount).into(),
                from: CARDS[*from].into(),
                to: CARDS[*to].into(),
                ..Transfer::default()
            }),
            Step::Activate { card } => Command::Activate(Activate {
                card: CARDS[*card].into(),
                event: EVENT.into(),
                ..Activate::default()
            }),
            Step::Close { all, card } => {
                let cards = if *all { Vec::new() } else { vec![CARDS[*card].into()] };
                Command::ClosePeriod(ClosePeriod { cards, ..ClosePeriod::default() })
            }
            Step::Jump { .. } => Command::Balance(CardQuery::default()),
        }
    }

    /// Takes a step; whether it was not refused.
    pub fn take(&mut self, step: &Step) -> Option<Answer> {
        if let Step::Jump { hours } = step {
            self.now += SignedDuration::from_hours(*hours);
            return None;
        }
        self.call(self.command(step))
    }

    pub fn views(&mut self, hours: i64) -> Vec<CardView> {
        let at = self.now + SignedDuration::from_hours(hours);
        let known = self.book.slice().card_numbers();
        known.iter().map(|number| card(&mut self.book, at, number)).collect()
    }

    /// What is owed by the records, whether it is covered by now or not.
    pub fn debt(&self) -> i64 {
        let effects = self.book.entries().iter().flat_map(|entry| &entry.record.effects);
        let moved = effects.filter_map(|effect| match effect {
            Effect::DebtMoved(one) => Some(one.amount.units),
            _ => None,
        });
        moved.sum()
    }

    pub fn balances(&mut self, hours: i64) -> Vec<Balance> {
        self.views(hours).into_iter().flat_map(|view| view.balances).collect()
    }
}
