//! Random programmes: every policy that a document can name.

use kopilka::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

pub const CATEGORIES: [&str; 3] = ["food", "spirits", "tobacco"];
pub const TAGS: [&str; 2] = ["new", "sale"];
pub const TENDERS: [&str; 2] = ["cash", "gift"];

pub const STAGES: [Stage; 6] =
    [Stage::Host, Stage::Promotion, Stage::Card, Stage::Reward, Stage::Points, Stage::Earning];

pub fn number(units: i64, digits: u32) -> Decimal {
    Decimal::new(units, digits)
}

pub fn rounding() -> impl Strategy<Value = Rounding> {
    select(vec![Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil])
}

/// The kinds of lines that cost anything.
const KINDS: [LineKind; 7] = [
    LineKind::Goods,
    LineKind::Child,
    LineKind::Delivery,
    LineKind::ServiceCharge,
    LineKind::Tip,
    LineKind::StoredValue,
    LineKind::Adjustment,
];

pub fn program() -> impl Strategy<Value = ProgramDocument> {
    let points = prop::collection::vec(points(), 2);
    let cards = (prop::option::of(discount()), prop::option::of(discount()), discount());
    let lines = (exclusions(), floors(), allocation());
    let money = (earning(), prop::option::weighted(0.85, redemption()), refund(), tax());
    (select(vec!["RUB", "RUB", "RUB", "JPY", "KWD"]), points, cards, lines, money).prop_map(
        |(currency, points, cards, lines, money)| {
            let (earning, redemption, refund, tax) = money;
            let (exclusions, floors, allocation) = lines;
            let (bonus, miles, discount) = cards;
            let points = points.into_iter().zip(["bonus", "miles"]);
            let card = |id: &str, discount, prefix: &str, points: Option<&str>| CardKind {
                id: id.into(),
                kind: if points.is_some() { CardUse::Bonus } else { CardUse::Discount },
                discount,
                numbers: vec![NumberRange {
                    length_max: 4,
                    prefix: prefix.into(),
                    ..NumberRange::default()
                }],
                points: points.map(Into::into),
                ..CardKind::default()
            };
            let tier = |id: &str, from: i64| Tier {
                id: id.into(),
                from: Decimal::from(from),
                ..Tier::default()
            };
            ProgramDocument {
                id: "shop".into(),
                currency: currency.into(),
                zone: "Europe/Moscow".into(),
                points: points.map(|(kind, id)| Points { id: id.into(), ..kind }).collect(),
                cards: vec![
                    card("bonus", bonus, "1", Some("bonus")),
                    card("miles", miles, "2", Some("miles")),
                    card("discount", Some(discount), "3", None),
                ],
                tiers: vec![tier("base", 0), tier("gold", 5_000)],
                exclusions,
                floors,
                allocation,
                earning,
                host_discounts: HostDiscounts { kinds: KINDS.to_vec() },
                redemption,
                refund,
                tax,
                ..ProgramDocument::default()
            }
        },
    )
}

fn points() -> impl Strategy<Value = Points> {
    let value = select(vec![(1, 0), (1, 0), (5, 1), (1, 1), (1, 2), (33, 2), (2, 0), (1, 3)]);
    (0u8..=2, value).prop_map(|(digits, (units, decimals))| Points {
        digits,
        value: number(units, decimals),
        ..Points::default()
    })
}

pub fn percent() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (0i64..=100).prop_map(Decimal::from),
        (0i64..=30).prop_map(Decimal::from),
        (0i64..=1_000_000_000).prop_map(|units| number(units, 7)),
    ]
}

pub fn discount() -> impl Strategy<Value = CardDiscount> {
    let size = prop_oneof![
        percent().prop_map(CardPercent::Fixed),
        (percent(), percent()).prop_map(|(base, gold)| CardPercent::ByTier(vec![
            TierPercent { tier: "base".into(), percent: base },
            TierPercent { tier: "gold".into(), percent: gold },
        ])),
        (percent(), percent()).prop_map(|(low, high)| CardPercent::BySpend(vec![
            SpendPercent { from: Decimal::from(100), percent: low },
            SpendPercent { from: Decimal::from(5_000), percent: high },
        ])),
    ];
    let base = select(vec![DiscountBase::Running, DiscountBase::Initial]);
    let method = select(vec![PercentMethod::OfSum, PercentMethod::PerLine]);
    (base, kinds(), lines(), method, size, rounding()).prop_map(
        |(base, kinds, lines, method, percent, rounding)| CardDiscount {
            base,
            kinds,
            lines,
            method,
            percent,
            rounding,
        },
    )
}

pub fn kinds() -> impl Strategy<Value = Vec<LineKind>> {
    let all = vec![LineKind::Goods, LineKind::Child, LineKind::Delivery, LineKind::Tip];
    prop_oneof![
        3 => Just(vec![LineKind::Goods, LineKind::Child]),
        1 => subsequence(all, 1..=4),
    ]
}

/// Which lines a rule is about, mostly all.
pub fn lines() -> impl Strategy<Value = Option<LineCondition>> {
    prop::option::weighted(0.25, condition())
}

pub fn condition() -> impl Strategy<Value = LineCondition> {
    let words = |words: &[&'static str]| {
        let words: Vec<String> = words.iter().map(|&word| word.into()).collect();
        subsequence(words.clone(), 1..=words.len())
    };
    let leaf = prop_oneof![
        words(&CATEGORIES).prop_map(LineCondition::Category),
        words(&TAGS).prop_map(LineCondition::Tag),
        Just(LineCondition::Kind(vec![LineKind::Goods])),
        (0i64..5_000).prop_map(|from| LineCondition::UnitPrice(Between {
            from: Some(number(from, 1)),
            to: None
        })),
    ];
    prop_oneof![
        3 => leaf.clone(),
        1 => leaf.clone().prop_map(|part| LineCondition::Not(Box::new(part))),
        1 => prop::collection::vec(leaf, 0..3).prop_map(LineCondition::Any),
    ]
}

fn exclusions() -> impl Strategy<Value = Vec<Exclusion>> {
    let stages = STAGES.to_vec();
    let unknown = select(vec![UnknownLine::Spared, UnknownLine::Excluded]);
    let one = (condition(), subsequence(stages, 1..=STAGES.len()), unknown);
    let one = one.prop_map(|(lines, from, unknown)| Exclusion {
        from,
        lines,
        unknown,
        ..Exclusion::default()
    });
    prop::collection::vec(one, 0..2).prop_map(|list| {
        let list = list.into_iter().enumerate();
        list.map(|(id, one)| Exclusion { id: format!("e{id}"), ..one }).collect()
    })
}

fn floors() -> impl Strategy<Value = Vec<Floor>> {
    let dates = select(vec![
        (None, None),
        (None, None),
        (Some("2025-10-24"), None),
        (None, Some("2025-10-24")),
        (Some("2025-10-25"), Some("2025-10-26")),
    ]);
    let price = prop_oneof![(1i64..60_000, Just(2)), (1i64..60_000_000, Just(6))];
    let floor =
        (condition(), price, dates).prop_map(|(lines, (units, digits), (from, until))| Floor {
            lines,
            price: number(units, digits),
            from: from.map(str::to_owned),
            until: until.map(str::to_owned),
            ..Floor::default()
        });
    prop::collection::vec(floor, 0..3).prop_map(|list| {
        let list = list.into_iter().enumerate();
        list.map(|(id, floor)| Floor { id: format!("f{id}"), ..floor }).collect()
    })
}

pub fn allocation() -> impl Strategy<Value = Allocation> {
    (
        select(vec![Blocked::MovesOn, Blocked::Lost]),
        select(vec![Residue::LargestRemainder, Residue::First, Residue::Last, Residue::Largest]),
        select(vec![Spread::ByValue, Spread::ByQuantity, Spread::Equally]),
        select(vec![UnitOrder::First, UnitOrder::Last]),
        any::<bool>(),
    )
        .prop_map(|(blocked, residue, spread, units, zero_price)| Allocation {
            blocked,
            residue,
            spread,
            units,
            zero_price,
        })
}

fn earning() -> impl Strategy<Value = Earning> {
    let stages = STAGES[..5].to_vec();
    let lowered_by = prop_oneof![2 => Just(stages.clone()), 1 => subsequence(stages, 0..=5)];
    let tenders = prop::option::weighted(0.3, Just(vec!["gift".to_owned()]));
    let matching = select(vec![Matching::Sum, Matching::Best, Matching::First, Matching::Newest]);
    (kinds(), lowered_by, tenders, matching, prop::collection::vec(earning_rule(), 0..4)).prop_map(
        |(kinds, lowered_by, tenders, matching, rules)| Earning {
            kinds,
            lowered_by,
            lowered_by_tenders: tenders.unwrap_or_default(),
            matching,
            rules: rules
                .into_iter()
                .enumerate()
                .map(|(id, rule)| EarningRule { id: format!("r{id}"), ..rule })
                .collect(),
            ..Earning::default()
        },
    )
}

fn earning_rule() -> impl Strategy<Value = EarningRule> {
    let per = (1i64..300, 1i64..20, any::<bool>()).prop_map(|(amount, points, whole)| {
        Give::Per(PerAmount {
            amount: Decimal::from(amount),
            count: if whole { Count::Whole } else { Count::Proportional },
            points: Decimal::from(points),
        })
    });
    let by_tier = (percent(), percent()).prop_map(|(base, gold)| {
        Give::PercentByTier(vec![
            TierPercent { tier: "gold".into(), percent: gold },
            TierPercent { tier: "base".into(), percent: base },
        ])
    });
    let fixed = prop_oneof![
        (1i64..30).prop_map(|points| Give::PerUnit(Decimal::from(points))),
        (1i64..300).prop_map(|points| Give::PerVisit(Decimal::from(points))),
    ];
    let give = prop_oneof![percent().prop_map(Give::Percent), by_tier, per, fixed];
    let terms = (prop::option::weighted(0.4, start()), prop::option::weighted(0.6, life()));
    let limits = (
        prop::option::weighted(0.2, (1i64..100, select(vec![CapMode::Trim, CapMode::Reject]))),
        prop::option::weighted(0.2, 0i64..500),
        prop::option::weighted(0.4, select(vec!["2025-01-01", "2025-10-24", "2025-10-25"])),
    );
    let when = prop::option::weighted(0.2, order_condition());
    let points = select(vec!["bonus", "bonus", "miles"]);
    (give, terms, limits, lines(), rounding(), when, points).prop_map(
        |(give, (delay, life), (cap, minimum, since), lines, rounding, when, points)| EarningRule {
            give,
            delay,
            life,
            cap: cap.map(|(cap, _)| Decimal::from(cap)),
            cap_mode: cap.map_or(CapMode::Trim, |(_, mode)| mode),
            since: since.map(Into::into),
            minimum: minimum.map(Decimal::from),
            lines,
            rounding,
            when,
            points: Some(points.into()),
            ..EarningRule::default()
        },
    )
}

fn order_condition() -> impl Strategy<Value = OrderCondition> {
    prop_oneof![
        (0i64..2_000).prop_map(|from| OrderCondition::Amount(AmountBetween {
            from: Some(Decimal::from(from)),
            ..AmountBetween::default()
        })),
        Just(OrderCondition::Card(vec!["discount".into()])),
        Just(OrderCondition::Tender(vec!["cash".into()])),
        Just(OrderCondition::Not(Box::new(OrderCondition::Tier(vec!["gold".into()])))),
        Just(OrderCondition::Not(Box::new(OrderCondition::Tender(vec!["cash".into()])))),
        (leaf(), leaf(), any::<bool>()).prop_map(|(one, two, all)| {
            let parts = vec![one, two];
            if all { OrderCondition::All(parts) } else { OrderCondition::Any(parts) }
        }),
        condition().prop_map(|lines| {
            OrderCondition::Lines(LinesTotal { lines, ..LinesTotal::default() })
        }),
    ]
}

/// Conditions that may be unknown.
fn leaf() -> impl Strategy<Value = OrderCondition> {
    select(vec![
        OrderCondition::Tender(vec!["gift".into()]),
        OrderCondition::Tier(vec!["base".into()]),
        OrderCondition::Card(vec!["miles".into()]),
        OrderCondition::Channel(vec!["delivery".into()]),
    ])
}

pub fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        (0u32..5).prop_map(Start::Days),
        (0u32..3).prop_map(Start::Months),
        (0u32..100).prop_map(Start::Hours),
        select(vec!["2025-10-20", "2025-10-24", "2025-10-27"])
            .prop_map(|date| Start::Date(date.into())),
    ]
}

pub fn life() -> impl Strategy<Value = Life> {
    let period = select(vec![Period::Month, Period::Quarter, Period::Year]);
    prop_oneof![
        (1u32..5).prop_map(Life::Days),
        (1u32..3).prop_map(Life::Months),
        (1u32..100).prop_map(Life::Hours),
        (0u32..3, period).prop_map(|(more, period)| Life::EndOf(EndOf { more, period })),
        select(vec!["2025-10-23", "2025-10-24", "2025-12-31"])
            .prop_map(|date| Life::Date(date.into())),
    ]
}

fn redemption() -> impl Strategy<Value = Redemption> {
    let limits = (
        prop::option::weighted(0.25, 0i64..500),
        prop::option::weighted(0.25, 1i64..50),
        prop::option::weighted(0.25, 1i64..20),
    );
    let of = select(vec![PercentOf::Receipt, PercentOf::EligibleLines]);
    let presentation = select(vec![Presentation::Discount, Presentation::CounterProvision]);
    let when = prop::option::weighted(0.1, order_condition());
    (kinds(), lines(), limits, percent(), of, presentation, when).prop_map(
        |(kinds, lines, (maximum, minimum, step), percent, of, presentation, when)| Redemption {
            kinds,
            lines,
            maximum: maximum.map(Decimal::from),
            minimum_points: minimum.map(Decimal::from),
            step: step.map(Decimal::from),
            percent,
            percent_of: of,
            points: Some("bonus".into()),
            presentation,
            when,
            ..Redemption::default()
        },
    )
}

pub fn refund() -> impl Strategy<Value = RefundPolicy> {
    (
        select(vec![Clawback::Debt, Clawback::Debt, Clawback::Balance, Clawback::Pending]),
        select(vec![Expired::Lost, Expired::Renewed]),
        select(vec![Unlinked::NoPoints, Unlinked::ClawBack]),
    )
        .prop_map(|(clawback, expired, unlinked)| RefundPolicy {
            clawback,
            expired,
            unlinked,
            ..RefundPolicy::default()
        })
}

fn tax() -> impl Strategy<Value = TaxPolicy> {
    (select(vec![TaxScope::PerLine, TaxScope::PerReceipt]), rounding())
        .prop_map(|(per, rounding)| TaxPolicy { per, rounding, ..TaxPolicy::default() })
}
