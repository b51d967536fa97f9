//! What must hold of the evaluation, and of the policies that are shipped.

use super::*;
use kopilka::watch::{Watch, WatchAction};
use shops::Intensity;

fn quick() -> (report::Findings, String) {
    evaluate(&Options::quick(crate::root().join("presets/watch/standard-restaurant.json"))).unwrap()
}

fn preset(name: &str) -> String {
    fs::read_to_string(crate::root().join(format!("presets/watch/{name}.json"))).unwrap()
}

const PRESETS: [&str; 6] = [
    "strict-restaurant",
    "strict-retail",
    "standard-restaurant",
    "standard-retail",
    "generous-restaurant",
    "generous-retail",
];

#[test]
fn a_quick_run_is_the_same_twice_and_finds_what_is_blatant() {
    let (findings, text) = quick();
    assert_eq!(text, quick().1);
    let own = &findings.own;
    let blatant = own.measured.some(|(_, intensity)| *intensity == Intensity::Blatant);
    assert!(blatant.recall() >= 500_000, "{}", blatant.recall());
    let denied = own.honest.honest[WatchAction::Deny as usize];
    assert!(measures::share(denied, findings.receipts) <= 1_000, "{denied}");
    let (dealt, alarms) = findings.shuffled;
    assert!(dealt.abs_diff(alarms) <= 30_000, "{dealt} {alarms}");
    let recall = own.measured.all().recall();
    assert!(recall > dealt + 100_000, "{recall} {dealt}");
}

#[test]
fn what_is_reckoned_of_single_checks_is_what_the_engine_says() {
    let policy =
        Policy::new(&preset("standard-restaurant"), &World::new(judged::plan(1, 20, 10, None)))
            .unwrap();
    let rule = measures::Rule::Policy(policy.watch.document().score.clone());
    for view in [View::Centre, View::Tills] {
        let run = judged::run(&judged::plan(5, 20, 60, Some(policy.knowledge())), &policy, view);
        assert!(run.rows.len() > 500);
        for row in &run.rows {
            assert_eq!(rule.decide(row, None).action, row.verdict, "{row:?}");
        }
    }
}

#[test]
fn every_preset_names_every_check_with_every_threshold() {
    for name in PRESETS {
        let watch = Watch::compile(&preset(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(watch.id(), name);
        let checks: Vec<&str> = watch.document().checks.iter().map(|one| &*one.check).collect();
        let expected: Vec<String> = (1..=52).map(|n| format!("F{n:02}")).collect();
        assert_eq!(checks, expected, "{name}");
        assert!(watch.document().notes.len() >= 3, "{name}");
    }
}

#[test]
fn strict_is_an_alarm_wherever_standard_is_and_standard_wherever_generous_is() {
    let plan = judged::plan(9, 20, 60, Some(shops::Knowledge::default()));
    let world = World::new(plan.clone());
    for trade in ["restaurant", "retail"] {
        let alarms = ["strict", "standard", "generous"].map(|level| {
            let policy = Policy::new(&preset(&format!("{level}-{trade}")), &world).unwrap();
            let run = judged::run(&plan, &policy, View::Centre);
            run.alarms.into_iter().collect::<std::collections::BTreeSet<_>>()
        });
        let [strict, standard, generous] = alarms;
        let missed = |more: &std::collections::BTreeSet<_>,
                      less: &std::collections::BTreeSet<_>| {
            less.difference(more).count() * 1_000 / less.len().max(1)
        };
        assert!(missed(&strict, &standard) <= 10, "{trade}");
        assert!(missed(&standard, &generous) <= 10, "{trade}");
        assert!(strict.len() > standard.len() && standard.len() > generous.len());
    }
}
