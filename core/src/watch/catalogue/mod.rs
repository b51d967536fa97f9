//! The checks of the catalogue, as one table: what each is about, its thresholds, where it can be
//! decided, and what follows.

mod earning;
mod returning;
mod rights;
mod spending;
mod staff;

use std::collections::BTreeMap;

use super::check::{About, Act, Compare, Level, On, Test};
use super::document::{WatchAction, WatchPlace};
use super::event::WatchSubject;
use super::reading::Reading;
use crate::order::Challenge;

/// Points of a check for which somebody looks at it afterwards.
const REVIEW: u32 = 20;
/// Points of a check for which earned points wait.
const HOLD: u32 = 30;
/// Points of a check for which a challenge must be met.
const STEP_UP: u32 = 40;
/// Points of a check for which no points move.
const DENY: u32 = 80;

const TILL: &[WatchPlace] = &[WatchPlace::Till, WatchPlace::Hub, WatchPlace::Centre];
const HUB: &[WatchPlace] = &[WatchPlace::Hub, WatchPlace::Centre];
const CENTRE: &[WatchPlace] = &[WatchPlace::Centre];

/// A check of the catalogue.
pub(crate) struct Entry {
    pub id: &'static str,
    /// What it looks for, in English and Russian.
    pub name: (&'static str, &'static str),
    pub parameters: &'static [Parameter],
    pub places: &'static [WatchPlace],
    /// What must be met where it asks for a step up.
    pub challenge: Challenge,
    /// What it freezes when it fires.
    pub freezes: Option<WatchSubject>,
    pub levels: fn(&Thresholds<'_>) -> Vec<Level>,
}

/// A threshold of a check.
pub(crate) struct Parameter {
    pub name: &'static str,
    /// In hundredths; absent if the threshold is off where a policy does not give it.
    pub default: Option<i64>,
    /// What it is, for the guide.
    pub doc: &'static str,
}

/// The thresholds of one check as a policy sets them.
pub(crate) struct Thresholds<'a> {
    pub entry: &'a Entry,
    pub given: &'a BTreeMap<&'static str, i64>,
    /// The programme's average redemption, in hundredths.
    pub average: i64,
}

impl Thresholds<'_> {
    /// A threshold in hundredths; more than anything reaches where it is off.
    pub fn of(&self, name: &str) -> i64 {
        self.optional(name).unwrap_or(i64::MAX)
    }

    pub fn optional(&self, name: &str) -> Option<i64> {
        let known = self.entry.parameters.iter().find(|one| one.name == name);
        self.given.get(name).copied().or_else(|| known?.default)
    }

    /// So many average redemptions.
    pub fn averages(&self, name: &str) -> i64 {
        let times = i128::from(self.of(name)) * i128::from(self.average) / 100;
        i64::try_from(times).unwrap_or(i64::MAX)
    }
}

/// Every check, in the order of the ids.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    let families =
        [earning::ENTRIES, spending::ENTRIES, returning::ENTRIES, rights::ENTRIES, staff::ENTRIES];
    families.into_iter().flatten()
}

/// A check by its id.
pub(crate) fn entry(id: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.id == id)
}

/// Shorthand of the tables.
const fn parameter(name: &'static str, default: i64, doc: &'static str) -> Parameter {
    Parameter { name, default: Some(default * 100), doc }
}

const fn fraction(name: &'static str, hundredths: i64, doc: &'static str) -> Parameter {
    Parameter { name, default: Some(hundredths), doc }
}

const fn unset(name: &'static str, doc: &'static str) -> Parameter {
    Parameter { name, default: None, doc }
}

fn over(reading: Reading, bound: i64) -> Test {
    Test::Reading(reading, Compare::Over(bound))
}

fn at_least(reading: Reading, bound: i64) -> Test {
    Test::Reading(reading, Compare::AtLeast(bound))
}

fn under(reading: Reading, bound: i64) -> Test {
    Test::Reading(reading, Compare::Under(bound))
}

fn all<const N: usize>(parts: [Test; N]) -> Test {
    Test::All(parts.into())
}

fn any<const N: usize>(parts: [Test; N]) -> Test {
    Test::Any(parts.into())
}

fn soft(on: On, about: About, points: u32, when: Test) -> Level {
    Level { on, when, act: Act::Soft(about, points) }
}

fn hard(on: On, spending: WatchAction, earning: WatchAction, when: Test) -> Level {
    Level { on, when, act: Act::Hard(spending, earning) }
}

/// What the programme and the ledger see to by themselves, and the watch only tells.
fn told(on: On, when: Test) -> Level {
    hard(on, WatchAction::Allow, WatchAction::Allow, when)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_fifty_two_checks_in_order() {
        let ids: Vec<&str> = entries().map(|entry| entry.id).collect();
        let expected: Vec<String> = (1..=52).map(|number| format!("F{number:02}")).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn the_default_threshold_of_every_check_can_fire() {
        let given = BTreeMap::new();
        for entry in entries() {
            let thresholds = Thresholds { entry, given: &given, average: 20_000 };
            let levels = (entry.levels)(&thresholds);
            assert!(!levels.is_empty(), "{}", entry.id);
        }
    }
}
