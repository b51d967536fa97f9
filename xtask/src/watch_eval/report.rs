//! The page: what was found, in tables and plain words.

use std::fmt::Write as _;

use kopilka::watch::WatchAction;
use shops::{PERSONAS, SCENARIOS};

use super::judged::Run;
use super::measures::{Measured, Rule, share, shuffled, tuned};
use super::policy::Policy;
use super::tables::{bounds, count, fine, kind_of_bounds, percent, points, table};
use super::{Options, Worlds, sections, training_seeds};

/// Of a million honest receipts so many may be looked at in vain, and so many be denied.
const REVIEWS: u64 = 500;
const DENIALS: u64 = 100;

/// A rule as it does on the tested worlds.
pub struct Point {
    pub name: String,
    pub rule: Rule,
    /// On worlds with frauds, and on those without.
    pub measured: Measured,
    pub honest: Measured,
}

/// A check left out.
pub struct Ablated {
    pub check: String,
    pub fired: (u64, u64),
    pub errored: u64,
    pub measured: Measured,
    pub honest: Measured,
}

/// What was found.
pub struct Findings {
    pub own: Point,
    pub tills: Point,
    pub review: Point,
    pub deny: Point,
    pub others: Vec<Point>,
    pub ablated: Vec<Ablated>,
    /// Recall with labels dealt anew, and the share of happenings with an alarm.
    pub shuffled: (u64, u64),
    /// Honest receipts tested.
    pub receipts: u64,
    pub everyday: u64,
    pub redemptions: u64,
}

impl Point {
    fn new(name: &str, rule: Rule, mixed: &[Run], honest: &[Run]) -> Point {
        let measured = Measured::of(mixed, &rule, None);
        let honest = Measured::of(honest, &rule, None);
        Point { name: name.to_owned(), rule, measured, honest }
    }

    /// The share of frauds' happenings among those with an alarm, if one happening in ten thousand
    /// is a fraud's.
    fn precision_in_life(&self, frauds: u64, receipts: u64) -> u64 {
        let found = u128::from(share(self.measured.of_frauds, frauds));
        let false_alarms =
            u128::from(share(self.honest.honest_from(WatchAction::Review), receipts));
        let of = found + false_alarms * 9_999;
        u64::try_from((found * 1_000_000).checked_div(of).unwrap_or(0)).unwrap_or(0)
    }
}

impl Findings {
    pub fn new(policy: &Policy, training: &Worlds, tested: &Worlds) -> Findings {
        let own = Rule::Policy(policy.watch.document().score.clone());
        let (mixed, honest) = (&tested.centre, &tested.honest);
        let (review, deny) = (tuned(&training.honest, REVIEWS), tuned(&training.honest, DENIALS));
        let caps = ["F03", "F13", "F14"].iter().filter_map(|name| Some(policy.alone(name)?.0));
        let caps = Rule::Checks(caps.collect());
        let point = |name: &str, rule: Rule| Point::new(name, rule, mixed, honest);
        let sum = |of: fn(&Run) -> u64| honest.iter().map(of).sum::<u64>();
        let ablated = (0_u8..).zip(policy.checks()).map(|(place, check)| {
            let fired = |runs: &[Run], honest: bool| -> u64 {
                let one = |run: &Run| run.totals.fired.get(usize::from(place)).copied();
                let fired = runs.iter().filter_map(one);
                fired.map(|(on_honest, on_fraud)| if honest { on_honest } else { on_fraud }).sum()
            };
            let errored = |run: &Run| run.totals.errored.get(usize::from(place)).copied();
            Ablated {
                check: check.to_owned(),
                fired: (fired(honest, true), fired(mixed, false)),
                errored: honest.iter().filter_map(errored).sum(),
                measured: Measured::of(mixed, &own, Some(place)),
                honest: Measured::of(honest, &own, Some(place)),
            }
        });
        Findings {
            ablated: ablated.collect(),
            shuffled: shuffled(mixed, &own),
            receipts: sum(|run| run.totals.honest),
            everyday: sum(|run| run.totals.everyday),
            redemptions: sum(|run| run.totals.redemptions),
            review: point(&format!("from {review} points (≤ 0.05 %)"), Rule::Points(review)),
            deny: point(&format!("from {deny} points (≤ 0.01 %)"), Rule::Points(deny)),
            tills: Point::new(
                "the policy, at the tills",
                own.clone(),
                &tested.tills,
                &tested.honest_tills,
            ),
            own: point("the policy", own),
            others: vec![point("daily caps only (F03, F13, F14)", caps)],
        }
    }

    fn points(&self) -> [&Point; 4] {
        [&self.own, &self.tills, &self.review, &self.deny]
    }
}

/// The whole page.
pub fn page(options: &Options, policy: &Policy, tested: &Worlds, findings: &Findings) -> String {
    let mut text = head(options, policy, tested, findings);
    text.push_str(&false_alarms(tested, findings));
    text.push_str(&recall(options, tested, findings));
    text.push_str(&sections::scenarios(findings));
    text.push_str(&sections::controls(tested, findings));
    text.push_str(&sections::personas(tested, findings));
    text.push_str(&sections::ablation(findings));
    text.push_str(&sections::failures(tested, findings));
    text
}

fn head(options: &Options, policy: &Policy, tested: &Worlds, findings: &Findings) -> String {
    let Options { seeds, days, receipts, policy: file, .. } = options;
    let personas: u64 = tested.honest.iter().flat_map(|run| run.totals.personas.values()).sum();
    let all: u64 = tested.centre.iter().map(|run| run.totals.happenings).sum();
    format!(
        "# How good the watch is\n\n\
         Made by `cargo xtask watch-eval --seeds {seeds} --days {days} --receipts {receipts} \
         --policy {} --write`; do not edit. Tested on seeds 1 to {seeds}, tuned on seeds {:?}.\n\n\
         The policy is `{}`. The worlds are those of `examples/shops`: six stores of a coffee and \
         grocery chain, {days} days each, {} honest receipts in all ({} of them by {} kinds of \
         honest people who look like frauds, far more than in life), {} scenarios of fraud in \
         three intensities, {} happenings. Every seed makes two worlds with the same honest life: \
         one with every fraud, from which recall comes, and one with none, from which false \
         alarms come, so that nobody is called honest who stands at the till of a thief.\n\n\
         **Read it with doubt.** Worlds and checks come of one project. A share of frauds found \
         here says little of frauds in life; it shows what a check misses, whom it bothers, and \
         whether a change made it worse. Nothing that happens heeds a verdict: a fraud that is \
         denied goes on as planned, and everything is counted as it was meant. What happened \
         before a world begins is one receipt of each card.\n\n\
         How it is judged: *at the centre* everything is known at once, by all checks. *At the \
         tills* every store knows its own tills, and the others as far as records have arrived, \
         and only checks that a till can decide are asked. An *alarm* is every action but \
         `allow`. *Recall* is the share of harmful happenings that are alarms themselves. A \
         harmful happening is *prevented* from the first verdict on that denies spending to its \
         actor or asks for a challenge that was not met, or if the points that it earns are held \
         or denied itself; a review prevents nothing. A cashier whom F51 freezes stays so for a \
         day, a card for good.\n",
        file.display(),
        training_seeds(options),
        policy.id,
        count(findings.receipts),
        count(personas),
        PERSONAS.len(),
        SCENARIOS.len(),
        count(all),
    )
}

fn false_alarms(tested: &Worlds, findings: &Findings) -> String {
    let days: u64 = tested.honest.iter().map(|run| run.totals.store_days).sum();
    let mut rows = Vec::new();
    let (own, tills) = (&findings.own.honest, &findings.tills.honest);
    for (action, budget) in [
        (WatchAction::Review, fine(REVIEWS)),
        (WatchAction::Hold, "—".into()),
        (WatchAction::StepUp, "—".into()),
        (WatchAction::Deny, fine(DENIALS)),
    ] {
        let place = action as usize;
        rows.push(vec![
            action.as_str().to_owned(),
            budget,
            fine(share(own.honest[place], findings.receipts)),
            fine(share(own.everyday[place], findings.everyday)),
            fine(share(tills.honest[place], findings.receipts)),
            fine(share(tills.everyday[place], findings.everyday)),
        ]);
    }
    let head =
        ["gravest action", "budget", "centre", "centre, everyday", "tills", "tills, everyday"];
    let per_mille = |one: u64| share(one, findings.redemptions) / 100;
    let alarms = |one: &Measured| one.honest_from(WatchAction::Review) + one.others;
    let tenths = |number: u64| format!("{}.{}", number / 10, number % 10);
    let a_day = |one: &Measured| tenths(alarms(one) * 10 / days.max(1));
    let asked = |one: &Measured| {
        format!(
            "{} ({} not met already)",
            tenths(per_mille(one.asked)),
            tenths(per_mille(one.asked_in_vain))
        )
    };
    let mut text = format!(
        "\n## False alarms\n\nShares of {} honest receipts, and of the {} *everyday* ones among \
         them, of people who do not look like frauds, in worlds without frauds.\n\n{}",
        count(findings.receipts),
        count(findings.everyday),
        table(&head, &rows),
    );
    let spent: i64 = tested.honest.iter().map(|run| run.totals.spent).sum();
    let mean = spent / i64::try_from(findings.redemptions.max(1)).unwrap_or(1);
    let _ = write!(
        text,
        "\n- step-ups per 1,000 honest redemptions: {} at the centre, {} at the tills\n\
         - false alarms per store and day, those of other happenings than receipts with them: {} \
         at the centre, {} at the tills\n\
         - of the budgets, review is {} and deny is {} at the centre\n\
         - an honest redemption is of {mean} points on average\n",
        asked(own),
        asked(tills),
        a_day(own),
        a_day(tills),
        kept(own.honest[WatchAction::Review as usize], findings.receipts, REVIEWS),
        kept(own.honest[WatchAction::Deny as usize], findings.receipts, DENIALS),
    );
    text
}

fn kept(alarms: u64, of: u64, budget: u64) -> &'static str {
    if share(alarms, of) <= budget { "kept" } else { "**broken**" }
}

fn recall(options: &Options, tested: &Worlds, findings: &Findings) -> String {
    let frauds: u64 = tested
        .centre
        .iter()
        .flat_map(|run| &run.rows)
        .map(|row| u64::from(row.label.is_some()))
        .sum();
    let mut rows = Vec::new();
    for point in findings.points().into_iter().chain(&findings.others) {
        let runs =
            if std::ptr::eq(point, &findings.tills) { &tested.tills } else { &tested.centre };
        let seeds: Vec<(u64, u64)> = runs
            .iter()
            .map(|run| Measured::of(std::slice::from_ref(run), &point.rule, None).all())
            .map(|caught| (caught.alarmed, caught.harmful))
            .collect();
        let (least, most) = bounds(&seeds);
        let all = point.measured.all();
        rows.push(vec![
            point.name.clone(),
            percent(all.recall()),
            format!("{}–{}", percent(least), percent(most)),
            percent(share(all.runs_alarmed, all.runs)),
            percent(all.prevented_share()),
            points(all.median_before()),
            fine(share(point.honest.honest_from(WatchAction::Review), findings.receipts)),
            percent(share(
                point.measured.of_frauds,
                point.measured.of_frauds
                    + point.honest.honest_from(WatchAction::Review)
                    + point.honest.others,
            )),
            percent(point.precision_in_life(frauds, findings.receipts)),
        ]);
    }
    let head = [
        "operating point",
        "recall",
        "interval",
        "runs found",
        "loss prevented",
        "lost before first alarm, median points",
        "honest receipts with an alarm",
        "precision here",
        "precision if 1 in 10,000 is a fraud's",
    ];
    format!(
        "\n## What is found\n\nAll scenarios together. Thresholds of points were tuned on the \
         training seeds alone: the least for which no more than 0.05 % (or 0.01 %) of honest \
         receipts are alarms, where a check that acts by itself counts as many points as its \
         action (review 20, hold 30, step up 40, deny 80). Intervals are {}. Precision here is \
         that of worlds full of fraud; the last column reckons with one happening in ten \
         thousand. At a threshold of points every alarm denies.\n\n{}",
        kind_of_bounds(usize::try_from(options.seeds).unwrap_or(0)),
        table(&head, &rows),
    )
}
