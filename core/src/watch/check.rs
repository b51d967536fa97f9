//! Checks as they are evaluated: trees of tests with three truth values, and what follows.

use super::document::WatchAction;
use super::document::{CheckMode, WatchPlace};
use super::event::{WatchEvent, WatchKind, WatchMark, WatchSubject, hundredths};
use super::reading::{Reading, Readings};
use crate::answer::Truth;
use crate::order::{Challenge, Presented};
use crate::reason::ReasonCode;
use crate::record::PresentOutcome;

/// A test of a check.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Reading(Reading, Compare),
    Own(OwnTest, Compare),
    Kind(Vec<WatchKind>),
    Mark(Vec<WatchMark>),
    Outcome(Vec<PresentOutcome>),
    Reason(Vec<ReasonCode>),
    Strength(Vec<Presented>),
    /// The ledger has no word from the backend.
    Offline,
    /// The event names who brought the guest.
    Brought,
}

/// How a value must stand, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Over(i64),
    AtLeast(i64),
    Under(i64),
}

impl Compare {
    pub fn holds(self, value: i64) -> bool {
        match self {
            Compare::Over(bound) => value > bound,
            Compare::AtLeast(bound) => value >= bound,
            Compare::Under(bound) => value < bound,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Compare::Over(_) => "over",
            Compare::AtLeast(_) => "at_least",
            Compare::Under(_) => "under",
        }
    }

    pub fn bound(self) -> i64 {
        match self {
            Compare::Over(bound) | Compare::AtLeast(bound) | Compare::Under(bound) => bound,
        }
    }

    /// The value nearest to the bound with which a test would come out otherwise than it did, where
    /// values go by steps.
    pub fn otherwise(self, held: bool, step: i64) -> i64 {
        match (self, held) {
            (Compare::Over(bound), true) => bound,
            (Compare::Over(bound), false) => bound.saturating_add(step),
            (Compare::AtLeast(bound), true) => bound.saturating_sub(step),
            (Compare::AtLeast(bound), false) => bound,
            (Compare::Under(bound), true) => bound,
            (Compare::Under(bound), false) => bound.saturating_sub(step),
        }
    }
}

/// A test of an own counter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OwnTest {
    pub counter: String,
    pub of: WatchSubject,
    pub bucket_seconds: u32,
    pub buckets: u32,
    /// How many buckets are asked, the present one with them.
    pub window: u32,
    /// Whether it counts different ones.
    pub different: bool,
    /// Whether it counts whole things, and does not measure.
    pub counts: bool,
}

/// Which events a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// Any receipt.
    Sale,
    /// A receipt with a card.
    Carded,
    /// A receipt that gives stamps.
    Stamping,
    /// A receipt with codes that nothing knows.
    WrongCodes,
    /// A receipt that sells or loads gift cards.
    Gifts,
    /// A receipt that earns with a card.
    Earning,
    /// A receipt that spends points of a card.
    Spending,
    /// Points or a gift card pay.
    Paying,
    /// Events of one kind.
    Kind(WatchKind),
    /// Everything.
    Everything,
}

impl On {
    pub fn meets(self, event: &WatchEvent) -> bool {
        let sale = event.kind == WatchKind::Sale;
        let spends = sale && hundredths(event.spent) > 0;
        match self {
            On::Sale => sale,
            On::Stamping => sale && hundredths(event.stamps) > 0,
            On::WrongCodes => sale && !event.wrong_codes.is_empty(),
            On::Gifts => sale && event.gifts > 0,
            On::Carded => sale && event.card.is_some(),
            On::Earning => sale && hundredths(event.earned) > 0,
            On::Spending => spends,
            On::Paying => spends || event.kind == WatchKind::GiftSpend,
            On::Kind(kind) => event.kind == kind,
            On::Everything => true,
        }
    }
}

/// What a level is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The points that are spent, or the gift card that pays.
    Spending,
    /// The points that are earned or given.
    Earning,
    /// Both.
    Both,
    /// Neither: somebody is to look at it.
    Afterwards,
}

/// What follows from a level of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It acts by itself: for what is spent, and for what is earned.
    Hard(WatchAction, WatchAction),
    /// It adds points to a score.
    Soft(About, u32),
}

/// One level of a check: of several the first that fires holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    pub on: On,
    pub when: Test,
    pub act: Act,
}

/// A check as compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    pub id: String,
    pub levels: Vec<Level>,
    pub mode: CheckMode,
    pub places: Vec<WatchPlace>,
    pub challenge: Challenge,
    /// What it freezes when it fires.
    pub freezes: Option<WatchSubject>,
}

/// A reading as it was found while a test was evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen<'t> {
    pub name: &'t str,
    pub value: Option<i64>,
    pub compare: Compare,
    /// The value nearest to the bound with which the test would have come out otherwise.
    pub otherwise: i64,
}

impl Test {
    /// Whether it holds; what lacks data is unknown.
    pub fn truth(&self, readings: &Readings<'_>) -> Truth {
        match self {
            Test::All(parts) => {
                let mut all = Truth::True;
                for part in parts {
                    match part.truth(readings) {
                        Truth::False => return Truth::False,
                        Truth::Unknown => all = Truth::Unknown,
                        Truth::True => {}
                    }
                }
                all
            }
            Test::Any(parts) => {
                let mut any = Truth::False;
                for part in parts {
                    match part.truth(readings) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => any = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                any
            }
            Test::Not(part) => match part.truth(readings) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Unknown => Truth::Unknown,
            },
            Test::Reading(reading, compare) => compared(readings.value(*reading), *compare),
            Test::Own(own, compare) => compared(readings.own_counter(own), *compare),
            Test::Kind(kinds) => Truth::of(kinds.contains(&readings.event().kind)),
            Test::Mark(marks) => Truth::of(marks.iter().any(|mark| readings.event().has(*mark))),
            Test::Outcome(outcomes) => match readings.event().outcome {
                None if readings.event().kind == WatchKind::Present => Truth::Unknown,
                outcome => Truth::of(outcome.is_some_and(|one| outcomes.contains(&one))),
            },
            Test::Reason(reasons) => {
                Truth::of(readings.event().reasons.iter().any(|one| reasons.contains(one)))
            }
            Test::Strength(ways) => match readings.event().strength {
                None if readings.event().card.is_some() => Truth::Unknown,
                strength => Truth::of(strength.is_some_and(|one| ways.contains(&one))),
            },
            Test::Offline => Truth::of(readings.event().is_offline()),
            Test::Brought => Truth::of(readings.event().from.is_some()),
        }
    }

    /// Every reading and counter that it asks, in order, as they stand.
    pub fn seen<'t>(&'t self, readings: &Readings<'_>, into: &mut Vec<Seen<'t>>) {
        let mut see = |name: &'t str, value: Option<i64>, compare: Compare, counts: bool| {
            let held = value.is_some_and(|value| compare.holds(value));
            let otherwise = compare.otherwise(held, if counts { 100 } else { 1 });
            into.push(Seen { name, value, compare, otherwise });
        };
        match self {
            Test::All(parts) | Test::Any(parts) => {
                parts.iter().for_each(|part| part.seen(readings, into));
            }
            Test::Not(part) => part.seen(readings, into),
            Test::Reading(reading, compare) => {
                let value = readings.value(*reading);
                see(reading.as_str(), value, *compare, reading.is_count());
            }
            Test::Own(own, compare) => {
                see(&own.counter, readings.own_counter(own), *compare, own.counts);
            }
            Test::Outcome(_) if readings.event().outcome.is_none() => {
                see("outcome", None, Compare::AtLeast(100), true);
            }
            Test::Strength(_) if readings.event().strength.is_none() => {
                see("strength", None, Compare::AtLeast(100), true);
            }
            _ => {}
        }
    }

    /// How many readings and counters it may ask.
    pub fn leaves(&self) -> usize {
        match self {
            Test::All(parts) | Test::Any(parts) => parts.iter().map(Test::leaves).sum(),
            Test::Not(part) => part.leaves(),
            _ => 1,
        }
    }

    /// What would have to stand otherwise for it not to hold: of every branch that holds, the first
    /// reading that could. Empty if no reading could change it.
    pub fn instead<'t>(&'t self, readings: &Readings<'_>) -> Vec<Seen<'t>> {
        match self {
            Test::Any(parts) => {
                let held = parts.iter().filter(|part| part.truth(readings) == Truth::True);
                let ways: Vec<Vec<Seen<'t>>> = held.map(|part| part.instead(readings)).collect();
                match ways.iter().any(Vec::is_empty) {
                    true => Vec::new(),
                    false => ways.into_iter().flatten().collect(),
                }
            }
            Test::Not(part) if matches!(**part, Test::Reading(..) | Test::Own(..)) => {
                part.instead(readings)
            }
            Test::All(parts) => {
                let ways = parts.iter().map(|part| part.instead(readings));
                ways.into_iter().find(|way| !way.is_empty()).unwrap_or_default()
            }
            Test::Reading(..) | Test::Own(..) => {
                let mut seen = Vec::new();
                self.seen(readings, &mut seen);
                seen
            }
            _ => Vec::new(),
        }
    }
}

fn compared(value: Option<i64>, compare: Compare) -> Truth {
    value.map_or(Truth::Unknown, |value| Truth::of(compare.holds(value)))
}
