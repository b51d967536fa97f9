//! What of a judged world was caught, and whom it bothered.

use std::collections::BTreeMap;

use kopilka::watch::{ScoreThresholds, WatchAction};
use shops::Intensity;

use super::judged::{Part, Row, Run, Score};

/// When a happening is an alarm.
#[derive(Clone, Debug)]
pub enum Rule {
    /// As the policy says.
    Policy(ScoreThresholds),
    /// From so many points on, at which spending is denied; checks that act by themselves count as
    /// many points as the catalogue gives for the same.
    Points(u32),
    /// If one of these checks fires.
    Checks(Vec<u8>),
}

/// What follows from a happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub action: WatchAction,
    pub spending: WatchAction,
    pub earning: WatchAction,
}

const ALLOW: Decision = Decision {
    action: WatchAction::Allow,
    spending: WatchAction::Allow,
    earning: WatchAction::Allow,
};
const DENY: Decision =
    Decision { action: WatchAction::Deny, spending: WatchAction::Deny, earning: WatchAction::Hold };

impl Rule {
    /// What follows from a happening, with one check left out.
    pub fn decide(&self, row: &Row, without: Option<u8>) -> Decision {
        let counts = |part: &&Part| Some(part.check) != without;
        let alarm = match self {
            Rule::Policy(thresholds) => return policy(row, thresholds, without),
            Rule::Points(least) => points(row, without) >= *least,
            Rule::Checks(checks) => {
                row.parts.iter().filter(counts).any(|part| checks.contains(&part.check))
            }
        };
        if alarm { DENY } else { ALLOW }
    }

    /// Whether a challenge that was met already lets it pass.
    fn passes(&self, row: &Row, decision: Decision) -> bool {
        matches!(self, Rule::Policy(_)) && decision.spending == WatchAction::StepUp && row.met
    }
}

/// As the engine closes a verdict: points of one event are added up, and the gravest of all wins.
fn policy(row: &Row, thresholds: &ScoreThresholds, without: Option<u8>) -> Decision {
    let scored = |points: u32| {
        let reached = |least: Option<u32>| least.is_some_and(|least| points >= least);
        match () {
            () if reached(thresholds.deny) => WatchAction::Deny,
            () if reached(thresholds.step_up) => WatchAction::StepUp,
            () if reached(thresholds.hold) => WatchAction::Hold,
            () if reached(thresholds.review) => WatchAction::Review,
            () => WatchAction::Allow,
        }
    };
    let mut whole = ALLOW;
    for event in events(row) {
        let (score, spending, earning) = together(row, event, without);
        let spending = spending.max(scored(score.spending));
        let earning = earning.max(match scored(score.earning) {
            WatchAction::StepUp | WatchAction::Deny => WatchAction::Hold,
            milder => milder,
        });
        let looked_at = scored(score.afterwards).min(WatchAction::Review);
        whole.spending = whole.spending.max(spending);
        whole.earning = whole.earning.max(earning);
        whole.action = whole.action.max(spending).max(earning).max(looked_at);
    }
    whole
}

fn events(row: &Row) -> impl Iterator<Item = u8> {
    0..=row.parts.iter().map(|part| part.event).max().unwrap_or(0)
}

fn together(row: &Row, event: u8, without: Option<u8>) -> (Score, WatchAction, WatchAction) {
    let (mut score, mut spending, mut earning) =
        (Score::default(), WatchAction::Allow, WatchAction::Allow);
    let parts = row.parts.iter();
    for part in parts.filter(|part| part.event == event && Some(part.check) != without) {
        score.spending += part.score.spending;
        score.earning += part.score.earning;
        score.afterwards += part.score.afterwards;
        spending = spending.max(part.spending);
        earning = earning.max(part.earning);
    }
    (score, spending, earning)
}

/// How many points there are against a happening.
pub fn points(row: &Row, without: Option<u8>) -> u32 {
    let worth = |action: WatchAction| match action {
        WatchAction::Allow => 0,
        WatchAction::Review => 20,
        WatchAction::Hold => 30,
        WatchAction::StepUp => 40,
        WatchAction::Deny => 80,
    };
    let of = |event: u8| {
        let (score, spending, earning) = together(row, event, without);
        let spending = score.spending + worth(spending);
        let earning = score.earning + worth(earning);
        spending.max(earning).max(score.afterwards)
    };
    events(row).map(of).max().unwrap_or(0)
}

/// What happened to a fraud, or to all of one kind.
#[derive(Clone, Debug, Default)]
pub struct Caught {
    pub harmful: u64,
    pub alarmed: u64,
    pub runs: u64,
    pub runs_alarmed: u64,
    /// In hundredths of a point: all that could be lost, what was prevented.
    pub loss: i64,
    pub prevented: i64,
    /// What every run took before its first alarm, or all if there was none.
    pub before: Vec<i64>,
}

impl Caught {
    fn add(&mut self, other: &Caught) {
        self.harmful += other.harmful;
        self.alarmed += other.alarmed;
        self.runs += other.runs;
        self.runs_alarmed += other.runs_alarmed;
        self.loss += other.loss;
        self.prevented += other.prevented;
        self.before.extend(&other.before);
    }

    /// Harmful happenings with an alarm, of a million.
    pub fn recall(&self) -> u64 {
        share(self.alarmed, self.harmful)
    }

    pub fn prevented_share(&self) -> u64 {
        share(self.prevented.unsigned_abs(), self.loss.unsigned_abs())
    }

    /// The middle of what was lost before the first alarm.
    pub fn median_before(&self) -> i64 {
        let mut before = self.before.clone();
        before.sort_unstable();
        before.get(before.len() / 2).copied().unwrap_or(0)
    }
}

/// A share in millionths, rounded down.
pub fn share(part: u64, of: u64) -> u64 {
    (u128::from(part) * 1_000_000).checked_div(u128::from(of)).unwrap_or(0) as u64
}

/// What a rule comes to on some worlds.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub caught: BTreeMap<(&'static str, Intensity), Caught>,
    /// Honest receipts by what follows, by the action's place; those of nobody who looks like a
    /// fraud.
    pub honest: [u64; 5],
    pub everyday: [u64; 5],
    /// Other honest happenings with an alarm.
    pub others: u64,
    /// Happenings of frauds with an alarm, whether they do harm or not.
    pub of_frauds: u64,
    /// Honest redemptions that are asked for something, and where it was not there already.
    pub asked: u64,
    pub asked_in_vain: u64,
    /// By persona: receipts that are asked for something or denied.
    pub personas: BTreeMap<&'static str, u64>,
}

impl Measured {
    pub fn of(runs: &[Run], rule: &Rule, without: Option<u8>) -> Measured {
        let mut measured = Measured::default();
        for run in runs {
            measured.add_run(run, rule, without);
        }
        measured
    }

    fn add_run(&mut self, run: &Run, rule: &Rule, without: Option<u8>) {
        let mut actors: BTreeMap<u32, Actor> = BTreeMap::new();
        for row in &run.rows {
            let decision = rule.decide(row, without);
            let alarm = decision.action != WatchAction::Allow;
            match row.label {
                None => self.add_honest(row, rule, decision),
                Some(label) => {
                    self.of_frauds += u64::from(alarm);
                    let actor = actors.entry(label.actor).or_insert_with(|| Actor {
                        key: (label.scenario, label.intensity),
                        ..Actor::default()
                    });
                    actor.act(label.harmful, label.loss, decision, rule.passes(row, decision));
                }
            }
        }
        for actor in actors.into_values() {
            let caught = self.caught.entry(actor.key).or_default();
            caught.add(&actor.caught);
            caught.before.push(actor.before);
            caught.runs += 1;
            caught.runs_alarmed += u64::from(actor.known);
        }
    }

    fn add_honest(&mut self, row: &Row, rule: &Rule, decision: Decision) {
        let alarm = decision.action != WatchAction::Allow;
        if !row.receipt {
            self.others += u64::from(alarm);
            return;
        }
        let place = decision.action as usize;
        self.honest[place] += 1;
        if row.persona.is_none() {
            self.everyday[place] += 1;
        }
        if row.redeems && decision.spending == WatchAction::StepUp {
            self.asked += 1;
            self.asked_in_vain += u64::from(!rule.passes(row, decision));
        }
        let bothers = row.redeems && decision.spending >= WatchAction::StepUp
            || decision.earning == WatchAction::Deny;
        if let Some(persona) = row.persona.filter(|_| bothers) {
            *self.personas.entry(persona).or_default() += 1;
        }
    }

    /// Everything caught together.
    pub fn all(&self) -> Caught {
        self.some(|_| true)
    }

    pub fn some(&self, of: impl Fn(&(&'static str, Intensity)) -> bool) -> Caught {
        let mut all = Caught::default();
        self.caught.iter().filter(|(key, _)| of(key)).for_each(|(_, one)| all.add(one));
        all
    }

    /// Honest receipts for which something follows that is at least so grave.
    pub fn honest_from(&self, action: WatchAction) -> u64 {
        self.honest.iter().skip(action as usize).sum()
    }
}

/// One run of a fraud as it goes on.
struct Actor {
    key: (&'static str, Intensity),
    /// Whether there was an alarm, and whether its spending was stopped.
    known: bool,
    stopped: bool,
    before: i64,
    caught: Caught,
}

impl Default for Actor {
    fn default() -> Self {
        Actor {
            key: ("", Intensity::Blatant),
            known: false,
            stopped: false,
            before: 0,
            caught: Caught::default(),
        }
    }
}

impl Actor {
    /// Once its spending is denied, or asked for what it cannot give, all that it does is
    /// prevented; points that it earns are where they are held or denied.
    fn act(&mut self, harmful: bool, loss: i64, decision: Decision, passes: bool) {
        let alarm = decision.action != WatchAction::Allow;
        self.known |= alarm;
        self.stopped |= decision.spending >= WatchAction::StepUp && !passes;
        if !harmful {
            return;
        }
        let held = decision.earning >= WatchAction::Hold;
        self.caught.harmful += 1;
        self.caught.alarmed += u64::from(alarm);
        self.caught.loss += loss;
        if self.stopped || held {
            self.caught.prevented += loss;
        }
        if !self.known {
            self.before += loss;
        }
    }
}

/// The least points at which no more than so many of a million honest receipts are an alarm.
pub fn tuned(runs: &[Run], budget: u64) -> u32 {
    let honest: u64 = runs.iter().map(|run| run.totals.honest).sum();
    let rows = runs.iter().flat_map(|run| &run.rows);
    let mut at: Vec<u32> = rows
        .filter(|row| row.label.is_none() && row.receipt)
        .map(|row| points(row, None))
        .filter(|points| *points > 0)
        .collect();
    at.sort_unstable_by(|one, other| other.cmp(one));
    let allowed = usize::try_from(honest * budget / 1_000_000).unwrap_or(usize::MAX);
    // The first that is one too many, and all with as many points, must not be an alarm.
    at.get(allowed).map_or(1, |points| points + 1)
}

/// Labels dealt anew over all happenings: how many of the harmful ones then meet an alarm, in
/// millionths.
pub fn shuffled(runs: &[Run], rule: &Rule) -> (u64, u64) {
    let (mut hits, mut dealt, mut alarms, mut all) = (0_u64, 0_u64, 0_u64, 0_u64);
    for run in runs {
        let alarmed =
            run.rows.iter().filter(|row| rule.decide(row, None).action != WatchAction::Allow);
        let alarmed = alarmed.count() as u64;
        let harmful = run.rows.iter().filter(|row| row.label.is_some_and(|label| label.harmful));
        let harmful = harmful.count() as u64;
        let mut state = run.seed;
        let (mut left, mut of) = (alarmed, run.totals.happenings);
        for _ in 0..harmful {
            let hit = draw(&mut state) % of.max(1) < left;
            left -= u64::from(hit);
            of -= 1;
            hits += u64::from(hit);
        }
        dealt += harmful;
        alarms += alarmed;
        all += run.totals.happenings;
    }
    (share(hits, dealt), share(alarms, all))
}

/// A step of SplitMix64.
pub fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
