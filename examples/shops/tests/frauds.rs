//! What holds of every fraud.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;

use shops::{
    FraudPlan, Happening, Intensity, Kind, Knowledge, Outcome, Plan, SCENARIOS, World, happenings,
};

const FIRST_DAY: i64 = 20_402;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn plan(seed: u64, days: u32, knowledge: Knowledge) -> Plan {
    let fraud = FraudPlan::Mixed { knowledge };
    Plan { seed, first_day: FIRST_DAY, days, receipts_per_store_day: 60, fraud }
}

#[test]
fn every_scenario_and_intensity_does_harm_in_every_world() {
    for (seed, days) in [(1, 60), (2, 60), (3, 60), (4, 20), (5, 180)] {
        let mut harmed = HashSet::new();
        for happening in happenings(&plan(seed, days, Knowledge::default())) {
            let Some(label) = happening.truth.label else { continue };
            if label.harmful {
                harmed.insert((label.scenario, label.intensity));
            }
        }
        for scenario in SCENARIOS {
            for intensity in scenario.intensities {
                let harm = harmed.contains(&(scenario.id, *intensity));
                assert!(harm, "{} {intensity:?} in {days} days of seed {seed}", scenario.id);
            }
        }
    }
}

#[test]
fn what_does_harm_loses_something_and_nothing_else_does() {
    let ids: HashSet<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
    for happening in happenings(&plan(6, 60, Knowledge::default())) {
        let Some(label) = happening.truth.label else { continue };
        assert_eq!(label.harmful, label.loss > 0, "{happening:?}");
        assert!(label.loss >= 0 && label.actor > 0 && ids.contains(label.scenario));
        assert!(happening.truth.persona.is_none());
    }
}

#[test]
fn frauds_are_a_small_part_of_a_world() {
    let fraud = FraudPlan::All { intensity: Intensity::Patient, knowledge: Knowledge::default() };
    let plan = Plan { seed: 7, first_day: FIRST_DAY, days: 60, receipts_per_store_day: 600, fraud };
    let (mut all, mut theirs) = (0, 0);
    for happening in happenings(&plan) {
        all += 1;
        theirs += i64::from(happening.truth.label.is_some());
    }
    assert!(theirs * 40 < all, "{theirs} of {all}");
}

#[test]
fn only_the_wanted_scenarios_are_played_as_often_as_wanted() {
    let fraud = FraudPlan::Only {
        scenarios: vec!["own-card", "takeover"],
        intensity: Intensity::Blatant,
        knowledge: Knowledge::default(),
        runs: 3,
    };
    let plan = Plan { seed: 8, first_day: FIRST_DAY, days: 30, receipts_per_store_day: 60, fraud };
    let actors: HashSet<(&str, u32)> = happenings(&plan)
        .filter_map(|happening| happening.truth.label)
        .map(|label| (label.scenario, label.actor))
        .collect();
    let of = |wanted| actors.iter().filter(|(scenario, _)| *scenario == wanted).count();
    assert_eq!((of("own-card"), of("takeover"), actors.len()), (3, 3, 6));
}

/// The most of anything in any span of time, by whose it is.
#[derive(Default)]
struct Counts(BTreeMap<String, Vec<(i64, i64)>>);

impl Counts {
    fn add(&mut self, who: impl Debug, at: i64, much: i64) {
        self.0.entry(format!("{who:?}")).or_default().push((at, much));
    }

    fn most(&self, span: i64) -> i64 {
        let within = |all: &Vec<(i64, i64)>, from: i64| -> i64 {
            let inside = all.iter().filter(|(at, _)| (from..=from + span).contains(at));
            inside.map(|(_, much)| much).sum()
        };
        let each = |all: &Vec<(i64, i64)>| all.iter().map(|&(from, _)| within(all, from)).max();
        self.0.values().filter_map(each).max().unwrap_or(0)
    }
}

fn micro_radians(degrees: i64) -> f64 {
    (degrees as f64 / 1e6).to_radians()
}

/// What one adaptive actor does, measured as a check would.
fn measures(world: &World, deeds: &[Happening], know: &Knowledge) -> Vec<(&'static str, i64, i64)> {
    let [mut earns, mut earned, mut redemptions, mut spent, mut with] =
        [(); 5].map(|()| Counts::default());
    let [mut voids, mut refunds, mut wrong, mut claims, mut loads] =
        [(); 5].map(|()| Counts::default());
    let [mut grants, mut granted, mut referees, mut devices, mut moved] =
        [(); 5].map(|()| Counts::default());
    let mut stamps = Counts::default();
    let mut places: BTreeMap<u32, (i64, u32)> = BTreeMap::new();
    let mut fastest = 0;
    for Happening { at, store, till, cashier, kind, .. } in deeds {
        let at = *at;
        match kind {
            Kind::Sale(sale) => {
                wrong.add(till, at, sale.wrong_codes.len() as i64);
                loads.add(cashier, at, sale.loads.len() as i64);
                let Some(card) = sale.card else { continue };
                earns.add(card, at, i64::from(sale.earned > 0));
                earned.add(card, at, sale.earned);
                redemptions.add(card, at, i64::from(sale.spent > 0));
                spent.add(card, at, sale.spent);
                with.add((card, cashier), at, 1);
                claims.add(card, at, i64::from(sale.receipt_at < at));
                stamps.add(card, at, sale.stamps);
                if let Some((when, there)) = places.insert(card, (at, *store))
                    && there != *store
                {
                    let [one, other] = [there, *store].map(|id| &world.stores()[id as usize - 1]);
                    let (a, b) = (micro_radians(one.latitude), micro_radians(other.latitude));
                    let turn = micro_radians(one.longitude - other.longitude).cos();
                    let far =
                        6_371.0 * (a.sin() * b.sin() + a.cos() * b.cos() * turn).min(1.0).acos();
                    fastest = fastest.max((far * 3_600.0 / (at - when).max(1) as f64) as i64);
                }
            }
            Kind::Void(back) => voids.add(cashier, at, i64::from(back.had_spend)),
            Kind::Refund(back) => refunds.add(back.card, at, 1),
            Kind::Present { outcome: Outcome::Refused, .. } => wrong.add(till, at, 1),
            Kind::Grant { card, points, by } => {
                grants.add(by, at, 1);
                granted.add(card, at, *points);
            }
            Kind::Issue { referrer, device, .. } => {
                referees.add(referrer, at, 1);
                devices.add(device, at, 1);
            }
            Kind::Transfer { to, .. } => moved.add(to, at, 1),
            _ => {}
        }
    }
    vec![
        ("earns in 30 minutes", earns.most(30 * MINUTE), know.earns_per_30_minutes),
        ("earns in a day", earns.most(DAY), know.earns_per_day),
        ("points earned", earned.most(30 * DAY), know.points_earned_per_30_days),
        (
            "redemptions in 15 minutes",
            redemptions.most(15 * MINUTE),
            know.redemptions_per_15_minutes,
        ),
        ("redemptions in a day", redemptions.most(DAY), know.redemptions_per_day),
        ("points spent", spent.most(DAY), know.points_spent_per_day),
        ("with a cashier in a shift", with.most(DAY / 2), know.receipts_with_cashier_per_shift),
        ("with a cashier", with.most(30 * DAY), know.receipts_with_cashier_per_30_days),
        ("voids", voids.most(30 * DAY), know.voids_after_spend_per_30_days),
        ("refunds", refunds.most(30 * DAY), know.refunds_per_30_days),
        ("wrong codes", wrong.most(10 * MINUTE), know.wrong_codes_per_10_minutes),
        ("late claims", claims.most(30 * DAY), know.late_claims_per_30_days),
        ("grants", grants.most(DAY), know.grants_per_day),
        ("points granted", granted.most(30 * DAY), know.points_granted_per_30_days),
        ("referees", referees.most(7 * DAY), know.referees_per_7_days),
        ("cards of a device", devices.most(30 * DAY), know.cards_per_device),
        ("transfers", moved.most(30 * DAY), know.transfers_in_per_30_days),
        ("stamps", stamps.most(DAY), know.stamps_per_day),
        ("gift loads", loads.most(DAY), know.gift_loads_per_day),
        ("travel", fastest, know.travel_km_per_hour),
    ]
}

#[test]
fn frauds_that_know_the_limits_stay_at_nine_tenths_of_each_and_still_do_harm() {
    let usual = Knowledge::default();
    let strict = Knowledge {
        earns_per_30_minutes: 2,
        earns_per_day: 3,
        points_earned_per_30_days: 300,
        redemptions_per_day: 2,
        points_spent_per_day: 300,
        receipts_with_cashier_per_shift: 3,
        receipts_with_cashier_per_30_days: 4,
        voids_after_spend_per_30_days: 2,
        refunds_per_30_days: 2,
        late_claims_per_30_days: 2,
        stamps_per_day: 200,
        ..usual
    };
    for (seed, know) in [(9, usual), (10, usual), (11, strict)] {
        let world = World::new(plan(seed, 90, know));
        let mut deeds: BTreeMap<(u32, &str, Intensity), Vec<Happening>> = BTreeMap::new();
        for happening in world.happenings() {
            let Some(label) = happening.truth.label else { continue };
            if SCENARIOS.iter().any(|it| it.id == label.scenario && it.adaptive) {
                let actor = (label.actor, label.scenario, label.intensity);
                deeds.entry(actor).or_default().push(happening);
            }
        }
        for (actor, deeds) in deeds {
            for (what, most, limit) in measures(&world, &deeds, &know) {
                let allowed = (limit * 9 / 10).min(limit - 1);
                assert!(most <= allowed, "{actor:?}: {what}: {most} of {limit}, seed {seed}");
            }
            let harm = deeds.iter().any(|it| it.truth.label.is_some_and(|label| label.harmful));
            assert!(harm, "{actor:?} of seed {seed}");
        }
    }
}

#[test]
fn a_fraud_acts_for_days_or_for_weeks_by_its_intensity() {
    let mut spans: BTreeMap<Intensity, Vec<i64>> = BTreeMap::new();
    let mut actors: BTreeMap<u32, (Intensity, i64, i64)> = BTreeMap::new();
    for happening in happenings(&plan(12, 90, Knowledge::default())) {
        let Some(label) = happening.truth.label.filter(|label| label.harmful) else { continue };
        let at = happening.at;
        actors.entry(label.actor).or_insert((label.intensity, at, at)).2 = at;
    }
    for (intensity, from, to) in actors.into_values() {
        spans.entry(intensity).or_default().push((to - from) / DAY);
    }
    let middle: Vec<i64> = spans
        .into_values()
        .map(|mut spans| {
            spans.sort_unstable();
            spans[spans.len() / 2]
        })
        .collect();
    assert!(middle[0] <= 3 && (4..=14).contains(&middle[1]) && middle[2] >= 20, "{middle:?}");
}
