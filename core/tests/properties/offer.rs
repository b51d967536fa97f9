//! Random promotions and rewards over a random order: every form, selection and way of stacking.

use kopilka::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

use crate::oracle::line_amount;
use crate::order::{Case, case, case_at_home};
use crate::program::{CATEGORIES, condition, kinds, lines, number, percent, rounding};

pub const SKUS: [&str; 3] = ["cup", "mug", "tea"];
/// The last of them is a code that no programme here knows.
pub const CODES: [&str; 4] = ["SPRING", "VIP", "BIRTHDAY", "BOGUS"];
pub const CLASSES: [&str; 2] = ["food", "codes"];

/// A case with promotions.
pub fn promoted() -> BoxedStrategy<Case> {
    (case().boxed(), promotions(), stacking(), goods()).prop_map(build).boxed()
}

/// A case with promotions in the programme's own currency.
pub fn promoted_at_home() -> BoxedStrategy<Case> {
    (case_at_home().boxed(), promotions(), stacking(), goods()).prop_map(build).boxed()
}

/// A case with promotions, rewards, and claims of them.
pub fn rewarded() -> impl Strategy<Value = Case> {
    with_rewards(promoted())
}

/// A case with promotions and rewards in the programme's own currency.
pub fn rewarded_at_home() -> impl Strategy<Value = Case> {
    with_rewards(promoted_at_home())
}

fn with_rewards(cases: impl Strategy<Value = Case>) -> impl Strategy<Value = Case> {
    let claims = prop::collection::vec((0usize..4, 1u32..6), 0..4);
    let gifts = prop::collection::vec((0usize..6, 0usize..4), 0..2);
    let rewards = prop::collection::vec(reward(), 1..4);
    (cases, rewards, claims, gifts).prop_map(|(mut case, rewards, claims, gifts)| {
        let rewards = rewards.into_iter().enumerate();
        let rewards = rewards.map(|(id, reward)| Reward { id: format!("w{id}"), ..reward });
        case.program.rewards = rewards.collect();
        let count = case.program.rewards.len();
        for (reward, times) in claims {
            let reward = format!("w{}", reward % count);
            if case.order.rewards.iter().all(|claim| claim.reward != reward) {
                case.order.rewards.push(Claim { reward, times });
            }
        }
        for (line, reward) in gifts {
            give(&mut case, line, reward);
        }
        case
    })
}

/// Marks a line as the present of one of the rules that give presents to be added.
fn give(case: &mut Case, line: usize, rule: usize) {
    let program = &case.program;
    let promotions = program.promotions.iter().map(|one| (&one.id, &one.then));
    let rewards = program.rewards.iter().map(|one| (&one.id, &one.then));
    fn gift<'a>((id, then): (&'a String, &'a Then)) -> Option<(&'a String, &'a Gift)> {
        match then {
            Then::Gift(gift) if gift.take != GiftTake::Found => Some((id, gift)),
            _ => None,
        }
    }
    let gifts: Vec<(&String, &Gift)> = promotions.chain(rewards).filter_map(gift).collect();
    if gifts.is_empty() {
        return;
    }
    let (rule, gift) = gifts[rule % gifts.len()];
    let (rule, sku) = (rule.clone(), gift.items[0].sku.clone());
    let line = case.order.lines.get_mut(line).filter(|line| line.kind == LineKind::Goods);
    let Some(line) = line else { return };
    let before = std::mem::replace(line, Line { gift: Some(rule), sku: Some(sku), ..line.clone() });
    // An order that goes below zero without its presents is none.
    let paid = case.live_lines().into_iter().filter(|line| line.gift.is_none());
    let total: i64 = paid.map(|line| line_amount(line, case.digits())).sum();
    if total < 0 {
        let line = case.order.lines.iter_mut().find(|line| line.id == before.id);
        line.into_iter().for_each(|line| *line = before.clone());
    }
}

/// The promotions whose effect the receipt shows: a discount, a coupon, an offer, a present.
pub fn applied(case: &Case, quote: &Quote) -> Vec<String> {
    let ids = case.program.promotions.iter().map(|promotion| promotion.id.clone());
    ids.filter(|id| has_effect(case, quote, Stage::Promotion, id)).collect()
}

pub fn has_effect(case: &Case, quote: &Quote, stage: Stage, id: &str) -> bool {
    let present = |line: &LineQuote| {
        case.order.lines.iter().any(|own| own.id == line.id && own.gift.as_deref() == Some(id))
    };
    given_by(quote, stage, id) > 0
        || quote.coupons.iter().any(|coupon| coupon.rule == id)
        || quote.offers.iter().any(|offer| offer.rule == id)
        || quote.lines.iter().any(present)
}

/// The money that a rule took off all lines.
pub fn given_by(quote: &Quote, stage: Stage, id: &str) -> i64 {
    let discounts = quote.lines.iter().flat_map(|line| &line.discounts);
    let own = discounts.filter(|discount| discount.stage == stage && discount.source == id);
    own.map(|discount| discount.amount.units).sum()
}

/// What tells lines and order apart beyond a plain case: skus, codes, presents.
#[derive(Clone, Debug)]
struct Goods {
    skus: Vec<Option<&'static str>>,
    codes: Vec<&'static str>,
    gifts: Vec<(usize, usize)>,
    kept: bool,
}

fn goods() -> impl Strategy<Value = Goods> {
    let skus = prop::collection::vec(prop::option::weighted(0.7, select(SKUS.to_vec())), 6);
    let codes = subsequence(CODES.to_vec(), 0..=3).prop_shuffle();
    let gifts = prop::collection::vec((0usize..6, 0usize..5), 0..3);
    (skus, codes, gifts, any::<bool>()).prop_map(|(skus, codes, gifts, kept)| Goods {
        skus,
        codes,
        gifts,
        kept,
    })
}

fn build((mut case, promotions, stacking, goods): (Case, Vec<Promotion>, Stacking, Goods)) -> Case {
    let promotions = promotions.into_iter().enumerate();
    let promotions = promotions.map(|(id, one)| Promotion { id: format!("p{id}"), ..one });
    case.program.promotions = promotions.collect();
    case.program.stacking = stacking;
    case.program.coupons = vec![Coupon { id: "next".into(), ..Coupon::default() }];
    if goods.kept {
        case.program.tax.fixed = FixedTax::Kept;
    }
    for (line, sku) in case.order.lines.iter_mut().zip(goods.skus) {
        line.sku = sku.map(Into::into);
    }
    case.order.codes = goods.codes.into_iter().map(Into::into).collect();
    for (line, promotion) in goods.gifts {
        give(&mut case, line, promotion);
    }
    case
}

pub fn promotions() -> BoxedStrategy<Vec<Promotion>> {
    prop::collection::vec(promotion(), 1..5).boxed()
}

pub fn promotion() -> BoxedStrategy<Promotion> {
    let class = prop::option::weighted(0.4, select(CLASSES.to_vec()));
    let cap = prop::option::weighted(0.3, 1i64..200);
    let of = prop_oneof![4 => Just(Basis::Price), 1 => Just(Basis::Net), 1 => Just(Basis::Gross)];
    let method = select(vec![PercentMethod::OfSum, PercentMethod::PerLine]);
    let exclusive = prop::bool::weighted(0.1);
    let when = prop::option::weighted(0.5, when());
    (cap, class, exclusive, (method, of, rounding()), -1i64..2, selection(), then(), when)
        .prop_map(
            |(cap, class, exclusive, (method, of, rounding), priority, select, then, when)| {
                Promotion {
                    cap: cap.map(Decimal::from),
                    class: class.map(Into::into),
                    exclusive,
                    method,
                    of,
                    priority,
                    rounding,
                    select,
                    then,
                    when,
                    ..Promotion::default()
                }
            },
        )
        .boxed()
}

pub fn reward() -> BoxedStrategy<Reward> {
    let cost = 1i64..60;
    let by_block = (0u8..3, 1i64..60).prop_map(|(each, amount)| {
        let each = [Each::Selection, Each::Line, Each::Unit][usize::from(each)];
        Then::Amount(AmountOff { amount: Decimal::from(amount), each })
    });
    let by_unit = prop_oneof![
        percent().prop_map(Then::Percent),
        (0i64..50).prop_map(|price| Then::Price(Decimal::from(price))),
        (1i64..50).prop_map(|amount| Then::Amount(AmountOff {
            amount: Decimal::from(amount),
            each: Each::Unit,
        })),
    ];
    let bought = prop_oneof![
        (cost.clone(), then()).prop_map(|(cost, then)| (Cost::Flat(cost.into()), then)),
        (cost.clone(), by_block).prop_map(|(cost, then)| (Cost::PerBlock(cost.into()), then)),
        (cost, by_unit).prop_map(|(cost, then)| (Cost::PerUnit(cost.into()), then)),
    ];
    let points = select(vec!["bonus", "bonus", "miles"]);
    let cap = prop::option::weighted(0.2, 1i64..100);
    let when = prop::option::weighted(0.2, when());
    (bought, selection(), points, cap, when, rounding())
        .prop_map(|((cost, then), select, points, cap, when, rounding)| Reward {
            cap: cap.map(Decimal::from),
            cost,
            points: Some(points.into()),
            rounding,
            select,
            then,
            when,
            ..Reward::default()
        })
        .boxed()
}

fn choice() -> impl Strategy<Value = UnitChoice> {
    select(vec![UnitChoice::AsListed, UnitChoice::Cheapest, UnitChoice::Dearest])
}

fn selection() -> BoxedStrategy<Selection> {
    let units = prop_oneof![
        3 => Just((None, None, None, 0u32)),
        1 => (1u32..4).prop_map(|every| (Some(every), None, None, 0)),
        1 => (1u32..4).prop_map(|most| (None, Some(most), None, 0)),
        1 => (1u32..6).prop_map(|most| (None, None, Some(most), 0)),
        1 => (1u32..3, 1u32..4, 1u32..5, 0u32..3)
            .prop_map(|(every, line, all, skip)| (Some(every), Some(line), Some(all), skip)),
    ];
    (units, kinds(), lines(), choice())
        .prop_map(|((every, per_line, per_receipt, skip), kinds, lines, order)| Selection {
            every,
            kinds,
            lines,
            order,
            per_line,
            per_receipt,
            skip,
        })
        .boxed()
}

fn unit_give() -> BoxedStrategy<UnitGive> {
    prop_oneof![
        percent().prop_map(UnitGive::Percent),
        Just(UnitGive::Percent(Decimal::ONE_HUNDRED)),
        (1i64..100).prop_map(|amount| UnitGive::Amount(amount.into())),
        (0i64..100).prop_map(|price| UnitGive::Price(price.into())),
    ]
    .boxed()
}

pub fn then() -> BoxedStrategy<Then> {
    let amount = (1i64..300, select(vec![Each::Selection, Each::Line, Each::Unit]))
        .prop_map(|(amount, each)| Then::Amount(AmountOff { amount: amount.into(), each }));
    let part = (condition(), 1u32..3).prop_map(|(lines, quantity)| BundlePart { lines, quantity });
    let times = || prop::option::of(1u32..4);
    let bundle = (prop::collection::vec(part, 1..3), 1i64..500, times()).prop_map(
        |(parts, price, times)| Then::Bundle(Bundle { parts, price: price.into(), times }),
    );
    let divide = select(vec![Divide::FreeUnits, Divide::AllUnits]);
    let free = select(vec![FreeChoice::CheapestOfAll, FreeChoice::CheapestOfEach]);
    let n_for_m = (1u32..3, 1u32..3, divide, free)
        .prop_map(|(m, more, divide, free)| Then::NForM(NForM { divide, free, m, n: m + more }));
    let get = prop::option::weighted(0.4, condition());
    let buy_get = (1u32..3, 1u32..3, get, unit_give(), choice(), times()).prop_map(
        |(buy, get, get_lines, give, target, times)| {
            Then::BuyGet(BuyGet { buy, get, get_lines, give, target, times })
        },
    );
    let by = select(vec![TieredBy::Amount, TieredBy::Quantity]);
    let steps = prop::collection::btree_map(1i64..400, unit_give(), 1..4);
    let tiered = (by, steps).prop_map(|(by, steps)| {
        let steps = steps.into_iter().map(|(from, give)| TieredStep { from: from.into(), give });
        Then::Tiered(Tiered { by, steps: steps.collect() })
    });
    let schedule = prop::collection::btree_map(1u32..6, percent(), 1..4).prop_map(|steps| {
        let step = |(from, percent)| PositionPercent { from, percent };
        Then::Schedule(steps.into_iter().map(step).collect())
    });
    let take = select(vec![GiftTake::Added, GiftTake::Added, GiftTake::Found, GiftTake::Either]);
    let gift =
        (subsequence(SKUS.to_vec(), 1..=2), 1u32..4, take).prop_map(|(skus, quantity, take)| {
            let item = |sku: &str| GiftItem { sku: sku.into(), name: None };
            Then::Gift(Gift { items: skus.into_iter().map(item).collect(), quantity, take })
        });
    prop_oneof![
        4 => prop_oneof![percent(), Just(Decimal::ONE_HUNDRED)].prop_map(Then::Percent),
        3 => amount,
        2 => (0i64..500).prop_map(|price| Then::Price(price.into())),
        2 => bundle,
        3 => n_for_m,
        3 => buy_get,
        2 => tiered,
        2 => schedule,
        3 => gift,
        1 => Just(Then::Coupon("next".into())),
    ]
    .boxed()
}

fn when() -> BoxedStrategy<OrderCondition> {
    let code = select(CODES[..3].to_vec()).prop_map(|code| OrderCondition::Code(vec![code.into()]));
    let amount = (0i64..1_000, any::<bool>()).prop_map(|(bound, from)| {
        let bound = Some(Decimal::from(bound));
        let (from, to) = if from { (bound, None) } else { (None, bound) };
        OrderCondition::Amount(AmountBetween { from, to, ..AmountBetween::default() })
    });
    let food = LineCondition::Category(vec![CATEGORIES[0].into()]);
    let lines = (1i64..5).prop_map(move |least| {
        let quantity = Some(Between { from: Some(number(least, 0)), to: None });
        OrderCondition::Lines(LinesTotal { amount: None, lines: food.clone(), quantity })
    });
    let leaf = prop_oneof![
        3 => code,
        2 => amount,
        1 => lines,
        1 => Just(OrderCondition::Tender(vec!["cash".into()])),
        1 => Just(OrderCondition::Card(vec!["bonus".into()])),
    ];
    prop_oneof![
        4 => leaf.clone(),
        1 => leaf.clone().prop_map(|part| OrderCondition::Not(Box::new(part))),
        1 => prop::collection::vec(leaf, 2).prop_map(OrderCondition::All),
    ]
    .boxed()
}

pub fn stacking() -> BoxedStrategy<Stacking> {
    let keep = || select(vec![Keep::FirstByDocument, Keep::FirstByRequest, Keep::Best]);
    let classes = (keep(), keep(), 1u32..3, 1u32..3).prop_map(|(food, codes, one, two)| {
        let class = |id: &str, keep, most| StackingClass { id: id.into(), keep, most };
        vec![class(CLASSES[0], food, one), class(CLASSES[1], codes, two)]
    });
    let bases = select(vec![DiscountBase::Running, DiscountBase::Initial]);
    let policies = (
        select(vec![CodePolicy::Each, CodePolicy::Each, CodePolicy::AllOrNothing]),
        select(vec![FreeUnits::Untouched, FreeUnits::Touched]),
        select(vec![JudgedOn::Initial, JudgedOn::Running]),
        select(vec![Together::All, Together::All, Together::Best]),
        select(vec![UnitUse::Again, UnitUse::Once]),
    );
    (bases, classes, policies)
        .prop_map(|(base, classes, (codes, free_units, judged_on, together, units))| Stacking {
            base,
            classes,
            codes,
            free_units,
            judged_on,
            together,
            units,
        })
        .boxed()
}
