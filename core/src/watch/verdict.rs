//! Verdicts: which checks fired, what follows, and what would have changed it.

use jiff::{SignedDuration, Timestamp};

use super::check::{About, Act, Check, Level, Seen};
use super::compile::{FOUND_MARKS, Rules};
use super::document::{CheckMode, CounterMeasure, StaffDocument, WatchAction, WatchPlace};
use super::event::{Counted, WatchEvent, WatchKind, WatchMark, WatchSubject, hundredths};
use super::reading::{Readings, is_dormant};
use super::state::WatchState;
use crate::amount::Amount;
use crate::answer::{ProgramVersion, Truth};
use crate::document::document;
use crate::order::{Challenge, Presented};

/// How many reasons are shown to whoever stands at the till.
const SHOWN_MAX: usize = 3;
/// The id under which a frozen subject is told.
pub(crate) const FROZEN: &str = "frozen";

document! {
    /// What a watch makes of an event.
    pub struct Verdict {
        /// The gravest action of all.
        pub action: WatchAction,
        /// What must be met before value leaves the card.
        pub challenge: Challenge = Challenge::None,
        /// What follows for points that are earned or given.
        pub earning: WatchAction = WatchAction::Allow,
        /// The checks that count and could not be evaluated, with what they lack.
        pub errored: Vec<CheckErrored> = Vec::new(),
        /// The checks that fired and count, in the order of the policy.
        pub fired: Vec<CheckFired> = Vec::new(),
        /// What is frozen by it.
        pub freezes: Vec<WatchNamed> = Vec::new(),
        /// Until when points wait that are earned, where they do.
        pub held_until: Option<Timestamp>,
        /// Whether the challenge was met, so that what is spent may be spent.
        pub met: bool = false,
        /// Where it was decided.
        pub place: WatchPlace = WatchPlace::Till,
        /// The policy that decided.
        pub policy: ProgramVersion,
        /// The points of soft checks.
        pub score: WatchScore = WatchScore::default(),
        /// The checks that fired and do not count yet.
        pub shadow: Vec<CheckFired> = Vec::new(),
        /// The gravest checks, at most three: by what follows, then by their points, then as the
        /// policy orders them.
        pub shown: Vec<String> = Vec::new(),
        /// What follows for points that are spent, or for the gift card that pays.
        pub spending: WatchAction = WatchAction::Allow,
    }
}

document! {
    /// Points of soft checks.
    pub struct WatchScore {
        /// Against what is looked at afterwards.
        pub afterwards: u32 = 0,
        /// Against points that are earned.
        pub earning: u32 = 0,
        /// Against points that are spent.
        pub spending: u32 = 0,
    }
}

document! {
    /// Somebody or something that the watch counts of.
    pub struct WatchNamed {
        /// The id.
        pub id: String,
        /// What it is.
        pub of: WatchSubject,
    }
}

document! {
    /// A check that fired.
    pub struct CheckFired {
        /// The check.
        pub check: String,
        /// What follows for points that are earned, of a check that acts by itself.
        pub earning: WatchAction = WatchAction::Allow,
        /// What would have had to stand otherwise: it would not have fired like this if all of these
        /// did. Empty if no reading could have changed it.
        pub instead: Vec<Instead> = Vec::new(),
        /// Its points, of a soft check.
        pub points: u32 = 0,
        /// The readings that it asked, as they stood.
        pub read: Vec<ReadValue> = Vec::new(),
        /// What follows for points that are spent, of a check that acts by itself.
        pub spending: WatchAction = WatchAction::Allow,
    }
}

document! {
    /// A check that could not be evaluated.
    pub struct CheckErrored {
        /// The check.
        pub check: String,
        /// The readings that were lacking.
        pub lacks: Vec<String>,
    }
}

document! {
    /// A reading as a check saw it.
    pub struct ReadValue {
        /// The reading, or the own counter.
        pub reading: String,
        /// How it must stand: `over`, `at_least` or `under` the threshold.
        pub test: String,
        /// The threshold.
        pub threshold: Amount,
        /// The value; absent if data was lacking.
        pub value: Option<Amount>,
    }
}

document! {
    /// How a reading would have had to stand.
    pub struct Instead {
        /// The reading, or the own counter.
        pub reading: String,
        /// The value nearest to what it was.
        pub value: Amount,
    }
}

fn amount(units: i64) -> Amount {
    Amount { units, digits: 2 }
}

/// What came of the checks so far.
struct Tally<'r> {
    rules: &'r Rules,
    spending: WatchAction,
    earning: WatchAction,
    afterwards: WatchAction,
    score: WatchScore,
    challenge: Challenge,
    verdict: Verdict,
    /// The checks that fired, with how grave they are.
    ranks: Vec<(usize, u32, usize)>,
}

/// Judges an event that is counted as it stands.
pub(super) fn judge(
    rules: &Rules,
    place: WatchPlace,
    state: &WatchState,
    event: &WatchEvent,
) -> Verdict {
    let readings = Readings::new(state, event, &rules.places);
    let mut tally = Tally::new(rules, place);
    tally.frozen(state, event);
    for check in rules.checks.iter().filter(|check| check.places.contains(&place)) {
        tally.check(check, &readings);
    }
    tally.close(event)
}

/// The same event with what the policy finds of it: the marks that depend on thresholds, and what its
/// own counters count.
pub(super) fn seen(rules: &Rules, state: &WatchState, mut event: WatchEvent) -> WatchEvent {
    event.marks.retain(|mark| !FOUND_MARKS.contains(mark));
    event.counted.clear();
    let money = hundredths(event.amount);
    let within = |range: Option<(i64, i64)>| {
        range.is_some_and(|(least, most)| (least..=most).contains(&money))
    };
    let sale = event.kind == WatchKind::Sale;
    let late = event.receipt_at.is_some_and(|made| {
        let seconds = event.at.as_second() - made.as_second();
        seconds.saturating_mul(100) > rules.marks.late_hours.saturating_mul(3_600)
    });
    let dormant = is_dormant(state, &event, rules.marks.dormant_days);
    let staff = is_staff_card(&rules.document.staff, &event);
    let found = [
        (sale && dormant, WatchMark::Dormant),
        (sale && late, WatchMark::LateClaim),
        (sale && within(rules.marks.near_limit), WatchMark::NearLimit),
        (sale && within(rules.marks.near_step), WatchMark::NearStep),
        (staff && !event.has(WatchMark::StaffCard), WatchMark::StaffCard),
    ];
    event.marks.extend(found.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark));
    event.marks.sort_unstable();
    event.marks.dedup();
    if !rules.counters.is_empty() {
        let readings = Readings::new(state, &event, &rules.places);
        let counted = rules.counters.iter().filter_map(|own| {
            let counts = own.when.as_ref().is_none_or(|when| when.truth(&readings) == Truth::True);
            let document = &own.document;
            let (value, member) = measured(document.counts, &event).filter(|_| counts)?;
            Some(Counted {
                bucket_seconds: document.bucket_seconds,
                buckets: document.buckets,
                counter: document.id.clone(),
                member,
                of: document.of,
                value,
            })
        });
        event.counted = counted.collect();
    }
    event
}

fn is_staff_card(staff: &[StaffDocument], event: &WatchEvent) -> bool {
    let pair = event.cashier.as_ref().zip(event.card.as_ref());
    pair.is_some_and(|(cashier, card)| {
        staff.iter().any(|one| one.cashier == *cashier && one.cards.contains(card))
    })
}

/// What an own counter counts of an event, and which member of it.
fn measured(counts: CounterMeasure, event: &WatchEvent) -> Option<(i64, Option<String>)> {
    let one = |member: &Option<String>| Some((100, Some(member.clone()?)));
    let some = |value: i64| (value > 0).then_some((value, None));
    match counts {
        CounterMeasure::Events => Some((100, None)),
        CounterMeasure::Amount => some(hundredths(event.amount)),
        CounterMeasure::Earned => some(hundredths(event.earned)),
        CounterMeasure::Spent => some(hundredths(event.spent)),
        CounterMeasure::Stamps => some(hundredths(event.stamps)),
        CounterMeasure::Cards => one(&event.card),
        CounterMeasure::Cashiers => one(&event.cashier),
        CounterMeasure::Tills => one(&event.till),
        CounterMeasure::Stores => one(&event.store),
    }
}

impl<'r> Tally<'r> {
    fn new(rules: &'r Rules, place: WatchPlace) -> Tally<'r> {
        let policy =
            ProgramVersion { id: rules.document.id.clone(), version: rules.version.clone() };
        Tally {
            rules,
            spending: WatchAction::Allow,
            earning: WatchAction::Allow,
            afterwards: WatchAction::Allow,
            score: WatchScore::default(),
            challenge: Challenge::None,
            verdict: Verdict { place, policy, ..Verdict::default() },
            ranks: Vec::new(),
        }
    }

    /// How grave an action is by the policy's order.
    fn gravity(&self, action: WatchAction) -> usize {
        self.rules.gravity.iter().position(|one| *one == action).unwrap_or(0)
    }

    fn graver(&self, one: WatchAction, other: WatchAction) -> WatchAction {
        if self.gravity(other) > self.gravity(one) { other } else { one }
    }

    /// Nothing leaves what is frozen, and what it earns waits.
    fn frozen(&mut self, state: &WatchState, event: &WatchEvent) {
        const SUBJECTS: [WatchSubject; 4] =
            [WatchSubject::Card, WatchSubject::Cashier, WatchSubject::Till, WatchSubject::Program];
        let is_frozen =
            |of: &WatchSubject| event.subject(*of).is_some_and(|id| state.is_frozen(*of, id));
        let frozen: Vec<&WatchSubject> = SUBJECTS.iter().filter(|of| is_frozen(of)).collect();
        if frozen.is_empty() {
            return;
        }
        let read = frozen.iter().map(|of| ReadValue {
            reading: format!("frozen_{}", of.as_str()),
            test: "at_least".into(),
            threshold: amount(100),
            value: Some(amount(100)),
        });
        let fired = CheckFired {
            check: FROZEN.into(),
            earning: WatchAction::Hold,
            read: read.collect(),
            spending: WatchAction::Deny,
            ..CheckFired::default()
        };
        self.act(Act::Hard(WatchAction::Deny, WatchAction::Hold), Challenge::None);
        self.rank(&fired);
        self.verdict.fired.push(fired);
    }

    fn check(&mut self, check: &Check, readings: &Readings<'_>) {
        let mut lacking: Option<&Level> = None;
        let here = check.levels.iter().filter(|level| level.on.meets(readings.event()));
        for level in here {
            match level.when.truth(readings) {
                Truth::True => return self.fire(check, level, readings),
                Truth::Unknown if lacking.is_none() => lacking = Some(level),
                _ => {}
            }
        }
        let Some(level) = lacking else { return };
        if check.mode == CheckMode::Shadow {
            return;
        }
        let mut seen = Vec::new();
        level.when.seen(readings, &mut seen);
        let lacks = seen.iter().filter(|one| one.value.is_none());
        let mut lacks: Vec<String> = lacks.map(|one| one.name.to_owned()).collect();
        lacks.dedup();
        self.verdict.errored.push(CheckErrored { check: check.id.clone(), lacks });
        let about_spending = match level.act {
            Act::Hard(spending, _) => spending != WatchAction::Allow,
            Act::Soft(about, _) => matches!(about, About::Spending | About::Both),
        };
        if about_spending && self.rules.document.errored != WatchAction::Allow {
            self.spending = self.graver(self.spending, self.rules.document.errored);
            self.demand(check.challenge);
        }
    }

    fn fire(&mut self, check: &Check, level: &Level, readings: &Readings<'_>) {
        let mut seen = Vec::new();
        level.when.seen(readings, &mut seen);
        let read = seen.iter().map(|one| ReadValue {
            reading: one.name.to_owned(),
            test: one.compare.word().into(),
            threshold: amount(one.compare.bound()),
            value: one.value.map(amount),
        });
        let otherwise =
            |one: Seen<'_>| Instead { reading: one.name.to_owned(), value: amount(one.otherwise) };
        let (spending, earning, points) = match level.act {
            Act::Hard(spending, earning) => (spending, earning, 0),
            Act::Soft(_, points) => (WatchAction::Allow, WatchAction::Allow, points),
        };
        let fired = CheckFired {
            check: check.id.clone(),
            earning,
            instead: level.when.instead(readings).into_iter().map(otherwise).collect(),
            points,
            read: read.collect(),
            spending,
        };
        if check.mode == CheckMode::Shadow {
            return self.verdict.shadow.push(fired);
        }
        self.act(level.act, check.challenge);
        self.rank(&fired);
        self.verdict.fired.push(fired);
        let subject = check.freezes.and_then(|of| Some((of, readings.event().subject(of)?)));
        if let Some((of, id)) = subject {
            self.verdict.freezes.push(WatchNamed { id: id.to_owned(), of });
        }
    }

    fn rank(&mut self, fired: &CheckFired) {
        let gravest = self.gravity(self.graver(fired.spending, fired.earning));
        self.ranks.push((gravest, fired.points, self.verdict.fired.len()));
    }

    fn act(&mut self, act: Act, challenge: Challenge) {
        match act {
            Act::Hard(spending, earning) => {
                self.spending = self.graver(self.spending, spending);
                self.earning = self.graver(self.earning, earning);
                if spending == WatchAction::StepUp {
                    self.demand(challenge);
                }
            }
            Act::Soft(about, points) => {
                let WatchScore { afterwards, earning, spending } = &mut self.score;
                if matches!(about, About::Spending | About::Both) {
                    *spending = spending.saturating_add(points);
                }
                if matches!(about, About::Earning | About::Both) {
                    *earning = earning.saturating_add(points);
                }
                if about == About::Afterwards {
                    *afterwards = afterwards.saturating_add(points);
                }
                if matches!(about, About::Spending | About::Both) {
                    self.demand(challenge);
                }
            }
        }
    }

    /// Of several challenges the hardest is put.
    fn demand(&mut self, challenge: Challenge) {
        self.challenge = self.challenge.max(challenge);
    }

    /// What a score leads to.
    fn scored(&self, score: u32) -> WatchAction {
        let thresholds = &self.rules.document.score;
        let actions = [
            (thresholds.review, WatchAction::Review),
            (thresholds.hold, WatchAction::Hold),
            (thresholds.step_up, WatchAction::StepUp),
            (thresholds.deny, WatchAction::Deny),
        ];
        let reached = actions.iter().filter(|(least, _)| least.is_some_and(|least| score >= least));
        reached.fold(WatchAction::Allow, |gravest, (_, action)| self.graver(gravest, *action))
    }

    fn close(mut self, event: &WatchEvent) -> Verdict {
        let spending = self.scored(self.score.spending);
        self.spending = self.graver(self.spending, spending);
        // Of points that are earned a score takes no more than their time.
        let earning = match self.scored(self.score.earning) {
            WatchAction::StepUp | WatchAction::Deny => WatchAction::Hold,
            milder => milder,
        };
        self.earning = self.graver(self.earning, earning);
        if self.score.afterwards >= self.rules.document.score.review.unwrap_or(u32::MAX) {
            self.afterwards = WatchAction::Review;
        }
        let steps_up = self.spending == WatchAction::StepUp;
        let challenge = match self.challenge {
            Challenge::None => Challenge::Manager,
            known => known,
        };
        let action = self.graver(self.graver(self.spending, self.earning), self.afterwards);
        let days = i64::from(self.rules.document.hold_days);
        let held_until = event.at.checked_add(SignedDuration::from_hours(24 * days)).ok();
        self.ranks.sort_by(|one, other| other.0.cmp(&one.0).then(other.1.cmp(&one.1)));
        let fired = &self.verdict.fired;
        let shown = self.ranks.iter().take(SHOWN_MAX).filter_map(|(.., place)| fired.get(*place));
        let shown = shown.map(|one| one.check.clone()).collect();
        Verdict {
            action,
            challenge: if steps_up { challenge } else { Challenge::None },
            earning: self.earning,
            held_until: held_until.filter(|_| self.earning == WatchAction::Hold),
            met: steps_up && is_met(challenge, event),
            score: self.score,
            shown,
            spending: self.spending,
            ..self.verdict
        }
    }
}

/// Whether a challenge was met: by a presentation with the PIN, or by what the host says that it put.
fn is_met(challenge: Challenge, event: &WatchEvent) -> bool {
    match challenge {
        Challenge::None => true,
        Challenge::Pin => {
            event.strength == Some(Presented::Pin) || event.confirmed == Challenge::Manager
        }
        Challenge::Code => matches!(event.confirmed, Challenge::Code | Challenge::Manager),
        Challenge::Manager => event.confirmed == Challenge::Manager,
        Challenge::Online => matches!(event.confirmed, Challenge::Online | Challenge::Manager),
    }
}

#[cfg(test)]
mod tests;
