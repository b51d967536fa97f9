//! What holds of every world.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use shops::{FraudPlan, Happening, Kind, Knowledge, PERSONAS, Plan, Truth, World, happenings};

/// 2025-11-10, so that sixty days have the holidays in them.
const FIRST_DAY: i64 = 20_402;

fn plan(seed: u64, days: u32, fraud: FraudPlan) -> Plan {
    Plan { seed, first_day: FIRST_DAY, days, receipts_per_store_day: 120, fraud }
}

fn mixed() -> FraudPlan {
    FraudPlan::Mixed { knowledge: Knowledge::default() }
}

fn digest<'a>(happenings: impl IntoIterator<Item = &'a Happening>) -> u64 {
    let mut hasher = DefaultHasher::new();
    happenings.into_iter().for_each(|happening| happening.hash(&mut hasher));
    hasher.finish()
}

/// Follows the points of each card through a world, and says where they do not agree.
fn follow(world: &World) -> Vec<String> {
    let mut points: HashMap<u32, i64> = world.old_cards().collect();
    let mut wrong = Vec::new();
    for happening in world.happenings() {
        let Happening { kind, offline_since, truth, .. } = &happening;
        let fraud = truth.label.is_some();
        match kind {
            Kind::Sale(sale) => {
                let Some(card) = sale.card else {
                    assert_eq!((sale.earned, sale.spent, sale.balance), (0, 0, 0));
                    continue;
                };
                let known = points.entry(card).or_default();
                // What a till without network believes may be wrong; frauds live on it.
                let believed = fraud && offline_since.is_some();
                if sale.balance != *known && !believed || sale.spent > sale.balance {
                    wrong.push(format!("{known} {happening:?}"));
                }
                let loaded: i64 = sale.loads.iter().map(|(_, money)| money).sum();
                assert_eq!(sale.earned, (sale.due - loaded).max(0) / 2000, "{sale:?}");
                assert!(sale.spent * 100 <= sale.due + 99, "more than half: {sale:?}");
                *known = (*known - sale.spent).max(0) + sale.earned;
            }
            Kind::Refund(back) => {
                let Some(card) = back.card else { continue };
                *points.entry(card).or_default() += back.restored - back.clawed_back;
            }
            Kind::Void(back) => {
                let Some(card) = back.card else { continue };
                *points.entry(card).or_default() += back.restored - back.clawed_back;
            }
            Kind::Issue { card, referrer, welcome, reward, .. } => {
                *points.entry(*card).or_default() += welcome;
                if let Some(referrer) = referrer {
                    *points.entry(*referrer).or_default() += reward;
                }
            }
            Kind::Grant { card, points: granted, .. } => {
                *points.entry(*card).or_default() += granted
            }
            Kind::Transfer { from, to, points: moved } => {
                *points.entry(*from).or_default() -= moved;
                *points.entry(*to).or_default() += moved;
            }
            _ => {}
        }
        if points.values().any(|&left| left < 0) && wrong.is_empty() {
            wrong.push(format!("below zero after {happening:?}"));
        }
    }
    wrong
}

#[test]
fn the_same_plan_makes_the_same_world_and_another_seed_another() {
    let world = |seed| happenings(&plan(seed, 20, mixed())).collect::<Vec<_>>();
    assert_eq!(digest(&world(1)), digest(&world(1)));
    assert_ne!(digest(&world(1)), digest(&world(2)));
}

#[test]
fn happenings_come_in_order_of_time_and_reach_the_centre_later_if_at_all() {
    let mut last = i64::MIN;
    for happening in happenings(&plan(3, 60, mixed())) {
        assert!(last <= happening.at, "{happening:?}");
        assert!(happening.at <= happening.arrives);
        assert!(happening.offline_since.is_none_or(|since| since <= happening.at));
        assert!(happening.offline_since.is_some() == (happening.arrives > happening.at));
        last = happening.at;
    }
}

#[test]
fn points_are_never_made_up_nor_lost() {
    for (seed, fraud) in [(4, FraudPlan::None), (5, mixed())] {
        let wrong = follow(&World::new(plan(seed, 30, fraud)));
        assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong[0]);
    }
}

#[test]
fn the_honest_part_of_a_world_is_the_same_with_and_without_fraud() {
    let honest = |fraud| {
        happenings(&plan(6, 40, fraud)).filter(|it| it.truth.label.is_none()).collect::<Vec<_>>()
    };
    let (without, with) = (honest(FraudPlan::None), honest(mixed()));
    assert_eq!(without.len(), with.len());
    for (one, other) in without.iter().zip(&with) {
        assert_eq!(one, other);
    }
}

#[test]
fn a_world_without_fraud_has_no_label() {
    assert!(happenings(&plan(7, 30, FraudPlan::None)).all(|it| it.truth.label.is_none()));
}

#[test]
fn every_persona_appears_and_all_of_them_are_a_small_part() {
    for days in [20, 60] {
        let (mut seen, mut all, mut theirs) = (HashSet::new(), 0, 0);
        for happening in happenings(&plan(8, days, FraudPlan::None)) {
            all += 1;
            if let Truth { persona: Some(persona), .. } = happening.truth {
                seen.insert(persona);
                theirs += 1;
            }
        }
        let missing: Vec<&str> =
            PERSONAS.iter().map(|persona| persona.id).filter(|id| !seen.contains(id)).collect();
        assert!(missing.is_empty(), "{missing:?} in {days} days");
        assert_eq!(seen.len(), PERSONAS.len());
        assert!(theirs * 8 < all, "{theirs} of {all}");
    }
}

#[test]
fn everyday_life_has_the_shape_of_a_shop() {
    let (mut sales, mut with_card, mut spent, mut refunds, mut voids, mut offline) =
        (0, 0, 0, 0, 0, 0);
    let mut visits: HashMap<u32, i64> = HashMap::new();
    for happening in happenings(&plan(9, 60, FraudPlan::None)) {
        offline += i64::from(happening.offline_since.is_some());
        match happening.kind {
            Kind::Sale(sale) => {
                sales += 1;
                with_card += i64::from(sale.card.is_some());
                spent += i64::from(sale.spent > 0);
                sale.card.into_iter().for_each(|card| *visits.entry(card).or_default() += 1);
            }
            Kind::Refund(_) => refunds += 1,
            Kind::Void(_) => voids += 1,
            _ => {}
        }
    }
    assert!((300..=420).contains(&(with_card * 1000 / sales)), "{with_card} of {sales}");
    assert!((60..=150).contains(&(spent * 1000 / with_card)), "{spent} of {with_card}");
    assert!((10..=20).contains(&(refunds * 1000 / sales)), "{refunds} of {sales}");
    assert!((7..=15).contains(&(voids * 1000 / sales)), "{voids} of {sales}");
    assert!((10..=100).contains(&(offline * 1000 / sales)), "{offline} of {sales}");
    let often = visits.values().filter(|&&visits| visits >= 40).count();
    let once = visits.values().filter(|&&visits| visits <= 2).count();
    assert!(often > 20 && once > 2 * often, "{often} often, {once} seldom");
}
