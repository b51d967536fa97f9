//! How a card got to its tier: what it deserved over time, and when that was lost.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Measure, TieringRules};
use crate::account::AsOf;
use crate::history::Counted;
use crate::program::rules::Rules;
use crate::slice::CardState;
use crate::term::{end_after, last_instant};

/// The tier that a card is in, at the instant up to which its course was followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Course {
    pub tier: usize,
    /// Until when the tier is kept at least.
    pub kept: Option<Timestamp>,
    deserved: usize,
    /// Since when less is deserved than the tier.
    lost: Option<Timestamp>,
}

impl Course {
    /// From an instant on so much is deserved.
    fn meet(&mut self, at: Timestamp, deserved: usize) {
        self.deserved = deserved;
        if deserved < self.tier {
            self.lost = self.lost.or(Some(at));
            return;
        }
        if deserved > self.tier {
            (self.tier, self.kept) = (deserved, None);
        }
        self.lost = None;
    }

    /// When the tier ends; `None` while it is deserved.
    pub fn end(&self, tiering: &TieringRules, zone: &TimeZone) -> Option<Timestamp> {
        let lost = self.lost?;
        let from = self.kept.map_or(lost, |kept| kept.max(lost));
        Some(match &tiering.grace {
            None => from,
            Some(grace) => end_after(from, grace, zone).unwrap_or_else(last_instant),
        })
    }

    /// The tier to which it falls.
    pub fn below(&self, tiering: &TieringRules) -> usize {
        if tiering.one_step { self.tier.saturating_sub(1) } else { self.deserved }
    }

    /// Lets the tier end as often as it does up to an instant.
    fn fall(&mut self, until: Timestamp, tiering: &TieringRules, zone: &TimeZone) {
        while let Some(end) = self.end(tiering, zone)
            && end <= until
            && !tiering.at_period_end
        {
            self.tier = self.below(tiering);
            // A tier fallen to by one step is held from there by the same rules.
            self.kept = tiering.kept_from(end, zone).filter(|_| tiering.one_step);
            self.lost = (self.deserved < self.tier).then_some(end);
        }
    }
}

impl Rules {
    /// Follows a card from the tier that was held last.
    pub(super) fn course(&self, card: &CardState, at: AsOf, zone: &TimeZone) -> Course {
        let held = card.held.as_ref().and_then(|held| {
            let tier = self.tiers.iter().position(|tier| tier.id == held.tier)?;
            Some((tier, held.since, held.until))
        });
        let from = held.map(|(_, since, _)| since);
        let mut course = match held {
            Some((tier, _, kept)) => Course { tier, kept, ..Course::default() },
            None => Course::default(),
        };
        let deserved = |counted| self.tier_for(counted).unwrap_or(0);
        let (first, changes) = self.changes(card, course.tier, from, at, zone);
        course.meet(from.unwrap_or(Timestamp::MIN), deserved(first));
        for (change, counted) in changes {
            course.fall(change, &self.tiering, zone);
            course.meet(change, deserved(counted));
        }
        course.fall(at.now, &self.tiering, zone);
        course
    }

    /// What was counted at an instant (absent for the beginning of time), and from when on after it
    /// how much.
    fn changes(
        &self,
        card: &CardState,
        tier: usize,
        from: Option<Timestamp>,
        at: AsOf,
        zone: &TimeZone,
    ) -> (i64, Vec<(Timestamp, i64)>) {
        if self.tiering.measure == Measure::Balance {
            return self.balance_changes(card, tier, from, at, zone);
        }
        let window = self.tiering.window.as_ref();
        let oldest = window.zip(from).and_then(|(w, from)| from.checked_sub(w.longest()).ok());
        let entries = self.counted(card).map_or(&[][..], |history| history.entries());
        let mut first: i64 = 0;
        let mut steps: Vec<(Timestamp, i64)> = Vec::new();
        let is_young = |entry: &&Counted| oldest.is_none_or(|oldest| entry.of.at >= oldest);
        for entry in entries.iter().filter(is_young) {
            let end = window.and_then(|window| window.end(entry.of, zone));
            let begin = window.map_or(entry.known, |w| w.begin(entry.of, zone).max(entry.known));
            if end.is_some_and(|end| end <= begin) {
                continue;
            }
            let before = |instant: Timestamp| from.is_some_and(|from| instant <= from);
            match before(begin) {
                true if end.is_some_and(before) => continue,
                true => first = first.saturating_add(entry.units),
                false => steps.push((begin, entry.units)),
            }
            steps.extend(end.map(|end| (end, -entry.units)));
        }
        steps.sort_by_key(|(instant, _)| *instant);
        (first, sums(first, &steps, at.now))
    }

    /// A balance has no history: what a card deserved when it was held lasted until its points last
    /// became fewer.
    fn balance_changes(
        &self,
        card: &CardState,
        tier: usize,
        from: Option<Timestamp>,
        at: AsOf,
        zone: &TimeZone,
    ) -> (i64, Vec<(Timestamp, i64)>) {
        let now = self.measured(card, at, zone);
        let points = self.points.get(self.tiering.points);
        let account = points.and_then(|points| card.account(&points.id));
        let lowered = account.and_then(|account| account.lowered(at));
        match from.zip(lowered).filter(|(from, lowered)| lowered > from) {
            Some((_, lowered)) => {
                let held = self.tiers.get(tier).map_or(0, |tier| tier.from);
                (held, vec![(lowered, now)])
            }
            None => (now, Vec::new()),
        }
    }
}

/// Running sums, one for each instant up to the last.
fn sums(first: i64, steps: &[(Timestamp, i64)], until: Timestamp) -> Vec<(Timestamp, i64)> {
    let mut sums: Vec<(Timestamp, i64)> = Vec::with_capacity(steps.len());
    let mut sum = first;
    for (instant, units) in steps.iter().take_while(|(instant, _)| *instant <= until) {
        sum = sum.saturating_add(*units);
        match sums.last_mut().filter(|(last, _)| last == instant) {
            Some((_, last)) => *last = sum,
            None => sums.push((*instant, sum)),
        }
    }
    sums
}
