//! The sections of the page that go scenario by scenario, guest by guest and check by check.

use std::fmt::Write as _;

use kopilka::watch::WatchAction;
use shops::{Intensity, PERSONAS, SCENARIOS};

use super::Worlds;
use super::judged::Run;
use super::measures::{Caught, Measured, share};
use super::report::{Findings, Point};
use super::tables::{count, fine, percent, points, table};

/// A scenario of which less is found is one that the watch fails at.
const FAILS: u64 = 200_000;
const INTENSITIES: [Intensity; 3] = [Intensity::Blatant, Intensity::Moderate, Intensity::Patient];

/// Three intensities in one cell.
fn three(measured: &Measured, scenario: &str, of: impl Fn(&Caught) -> String) -> String {
    let cell = |intensity: &Intensity| {
        let own = |key: &(&'static str, Intensity)| key.0 == scenario && key.1 == *intensity;
        of(&measured.some(own))
    };
    INTENSITIES.iter().map(cell).collect::<Vec<_>>().join(" / ")
}

pub fn scenarios(findings: &Findings) -> String {
    let whole = |millionths: u64| ((millionths + 5_000) / 10_000).to_string();
    let rows = SCENARIOS.iter().map(|scenario| {
        let of = |point: &Point| three(&point.measured, scenario.id, |one| whole(one.recall()));
        let own = &findings.own.measured;
        vec![
            scenario.id.to_owned(),
            of(&findings.own),
            of(&findings.tills),
            of(&findings.review),
            of(&findings.deny),
            three(own, scenario.id, |one| whole(share(one.runs_alarmed, one.runs))),
            three(own, scenario.id, |one| whole(one.prevented_share())),
            three(own, scenario.id, |one| points(one.median_before())),
        ]
    });
    let head = [
        "scenario",
        "recall, %",
        "at the tills",
        &findings.review.name,
        &findings.deny.name,
        "runs found",
        "loss prevented",
        "points lost before",
    ];
    format!(
        "\n## Scenario by scenario\n\nBlatant / moderate / patient, in percent. Those that begin \
         with `careful` know the limits of this policy that are about one card, cashier or till, \
         and stay at nine tenths of each, and at least one below.\n\n{}",
        table(&head, &rows.collect::<Vec<_>>()),
    )
}

pub fn controls(tested: &Worlds, findings: &Findings) -> String {
    let (dealt, alarms) = findings.shuffled;
    let seeds = tested.centre.len();
    let runs = || tested.centre.iter().chain(&tested.tills).chain(&tested.honest);
    let rows = || runs().flat_map(|run| &run.rows);
    let same = rows().filter(|row| findings.own.rule.decide(row, None).action == row.verdict);
    let alarms_of = |runs: &[Run]| count(runs.iter().map(|run| run.alarms.len() as u64).sum());
    format!(
        "\n## Controls\n\n- Labels dealt anew over all happenings of {seeds} worlds: recall falls \
         to {}; {} of all happenings are alarms. The two must be about the same.\n\
         - To deny everything finds every fraud, and denies all {} honest receipts; to deny \
         nothing finds none. Daily caps stand in the table above.\n\
         - What is reckoned of single checks agrees with the engine's own verdict for {} of {} \
         happenings of which something was said.\n\
         - Alarms in all: {} in worlds with frauds, {} in those without.\n",
        percent(dealt),
        percent(alarms),
        count(findings.receipts),
        count(same.count() as u64),
        count(rows().count() as u64),
        alarms_of(&tested.centre),
        alarms_of(&tested.honest),
    )
}

pub fn personas(tested: &Worlds, findings: &Findings) -> String {
    let rows = PERSONAS.iter().map(|persona| {
        let receipts: u64 =
            tested.honest.iter().filter_map(|run| run.totals.personas.get(persona.id)).sum();
        let of = |one: &Measured| one.personas.get(persona.id).copied().unwrap_or(0);
        let cell = |one: &Measured| percent(share(of(one), receipts));
        vec![
            persona.id.to_owned(),
            count(receipts),
            cell(&findings.own.honest),
            cell(&findings.tills.honest),
        ]
    });
    format!(
        "\n## The honest who look like frauds\n\nOf their receipts, how many are denied or ask \
        for something.\n\n{}",
        table(&["who", "receipts", "centre", "tills"], &rows.collect::<Vec<_>>()),
    )
}

pub fn ablation(findings: &Findings) -> String {
    let (all, honest) = (findings.own.measured.all(), &findings.own.honest);
    let less = |whole: u64, part: u64| {
        let sign = if part > whole {
            "+"
        } else if part < whole {
            "−"
        } else {
            ""
        };
        format!("{sign}{}", part.abs_diff(whole))
    };
    let rows = findings.ablated.iter().map(|one| {
        let without = one.measured.all();
        let recall = without.recall().abs_diff(all.recall());
        let sign = if without.alarmed < all.alarmed { "−" } else { "" };
        vec![
            one.check.clone(),
            count(one.fired.1),
            count(one.fired.0),
            count(one.errored),
            format!("{sign}{}", fine(recall)),
            less(
                honest.honest_from(WatchAction::Review),
                one.honest.honest_from(WatchAction::Review),
            ),
            less(
                honest.honest[WatchAction::Deny as usize],
                one.honest.honest[WatchAction::Deny as usize],
            ),
        ]
    });
    let head = [
        "check",
        "fired on frauds",
        "fired on the honest",
        "lacked data",
        "recall without it",
        "false alarms without it",
        "denials without it",
    ];
    format!(
        "\n## Every check left out in turn\n\nScores are reckoned anew of the checks that fired; \
         nothing is counted anew, so that marks and freezes of other checks stay. At the centre, \
         at the policy's own thresholds.\n\n{}",
        table(&head, &rows.collect::<Vec<_>>()),
    )
}

pub fn failures(tested: &Worlds, findings: &Findings) -> String {
    let mut text = String::from("\n## What it fails at\n\n");
    let names =
        |names: Vec<String>| if names.is_empty() { "none".into() } else { names.join(", ") };
    let weak = findings.own.measured.caught.iter().filter(|(_, one)| one.recall() < FAILS);
    let weak = weak.map(|((scenario, intensity), one)| {
        format!(
            "{scenario} {} ({})",
            format!("{intensity:?}").to_lowercase(),
            percent(one.recall())
        )
    });
    let _ = writeln!(
        text,
        "- **Scenarios of which less than 20 % is found:** {}.",
        names(weak.collect())
    );
    let unfound = findings.own.measured.caught.iter().filter(|(_, one)| one.runs_alarmed == 0);
    let unfound = unfound.map(|((scenario, intensity), _)| {
        format!("{scenario} {}", format!("{intensity:?}").to_lowercase())
    });
    let _ = writeln!(text, "- **Never an alarm in any run:** {}.", names(unfound.collect()));
    let suffering = findings.own.honest.personas.iter().filter_map(|(persona, bothered)| {
        let receipts: u64 =
            tested.honest.iter().filter_map(|run| run.totals.personas.get(persona)).sum();
        let of = share(*bothered, receipts);
        (of >= 50_000).then(|| format!("{persona} ({})", percent(of)))
    });
    let _ = writeln!(
        text,
        "- **Honest people who suffer** (5 % of their receipts or more ask for something or are \
        denied): {}.",
        names(suffering.collect())
    );
    let never = findings.ablated.iter().filter(|one| one.fired == (0, 0));
    let never = never.map(|one| one.check.clone());
    let _ = writeln!(
        text,
        "- **Checks that never fired:** {}. The worlds have nothing for them, or lack what they \
         ask: approvals, links of cards to cashiers, and payment cards or devices that show who \
         brought himself.",
        names(never.collect())
    );
    let (alarmed, honest) = (findings.own.measured.all().alarmed, &findings.own.honest);
    let idle = findings.ablated.iter().filter(|one| {
        one.fired != (0, 0)
            && one.measured.all().alarmed == alarmed
            && one.honest.honest == honest.honest
            && one.honest.others == honest.others
            && one.measured.of_frauds == findings.own.measured.of_frauds
            && one.measured.all().prevented == findings.own.measured.all().prevented
    });
    let _ = writeln!(
        text,
        "- **Checks that fired, and whose removal changes nothing:** {}. Some of them only tell \
         what the programme saw to.",
        names(idle.map(|one| one.check.clone()).collect())
    );
    text
}
