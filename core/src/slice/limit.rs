//! What is used of limits: what was counted, and what sales reserve.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Slice;
use crate::record::{Effect, LimitCounted};

/// The states of one limit for one whose it is, by the period.
pub(crate) type LimitPeriods = BTreeMap<String, LimitState>;

/// What was counted under a limit in one period, and what sales reserve of it. It is the same in
/// whatever order facts come in, so that a record that comes late is only added: the limit of a
/// whole programme would else be folded anew from all its records.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitState {
    pub counted: LimitReading,
    /// By the sale.
    pub holds: Vec<LimitHold>,
    /// The sales whose hold ended before it came, or ended at several tills, and how often.
    pub ended: Vec<(String, u32)>,
}

#[derive(Clone, Debug)]
pub(crate) struct LimitHold {
    pub sale: String,
    pub until: Timestamp,
    pub usage: LimitReading,
}

/// What is used of a limit, in the programme's money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitReading {
    pub uses: i64,
    pub money: i64,
    pub points: i64,
}

impl LimitReading {
    fn of(counted: &LimitCounted) -> LimitReading {
        let (money, points) = (counted.money.units, counted.points.units);
        LimitReading { uses: counted.uses, money, points }
    }

    pub fn add(&mut self, more: LimitReading) {
        self.uses = self.uses.saturating_add(more.uses);
        self.money = self.money.saturating_add(more.money);
        self.points = self.points.saturating_add(more.points);
    }
}

impl LimitState {
    /// What is used at an instant, without what one sale reserves.
    fn reading(&self, at: Timestamp, but: Option<&str>) -> LimitReading {
        let mut reading = self.counted;
        let live = self.holds.iter().filter(|hold| hold.until > at);
        live.filter(|hold| Some(hold.sale.as_str()) != but)
            .for_each(|hold| reading.add(hold.usage));
        reading
    }

    fn hold(&mut self, hold: LimitHold) {
        let end = self.ended.iter().position(|(sale, _)| *sale == hold.sale);
        let Some((place, (_, times))) = end.and_then(|at| Some((at, self.ended.get_mut(at)?)))
        else {
            let place = self.holds.partition_point(|other| other.sale <= hold.sale);
            return self.holds.insert(place, hold);
        };
        *times -= 1;
        if *times == 0 {
            self.ended.remove(place);
        }
    }

    fn end(&mut self, sale: &str) {
        if let Some(place) = self.holds.iter().position(|hold| hold.sale == sale) {
            self.holds.remove(place);
            return;
        }
        match self.ended.binary_search_by(|(other, _)| other.as_str().cmp(sale)) {
            Ok(place) => {
                if let Some((_, times)) = self.ended.get_mut(place) {
                    *times = times.saturating_add(1);
                }
            }
            Err(place) => self.ended.insert(place, (sale.to_owned(), 1)),
        }
    }
}

impl Slice {
    /// What is used of a limit at an instant, without what one sale reserves.
    pub(crate) fn limit(
        &self,
        limit: &str,
        subject: &str,
        period: &str,
        at: Timestamp,
        but: Option<&str>,
    ) -> LimitReading {
        if self.limits.is_empty() {
            return LimitReading::default();
        }
        let periods = self.limits.get(&(limit.to_owned(), subject.to_owned()));
        let state = periods.and_then(|periods| periods.get(period));
        state.map_or_else(LimitReading::default, |state| state.reading(at, but))
    }

    /// Whose limit counted anything in a period, or has anything reserved.
    pub(crate) fn limit_subjects<'a>(
        &'a self,
        limit: &'a str,
        period: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let own = self
            .limits
            .iter()
            .filter(move |((id, _), periods)| id == limit && periods.contains_key(period));
        own.map(|((_, subject), _)| subject.as_str())
    }

    /// Whatever was counted under a limit: whose it is, the period, and how many uses.
    pub(crate) fn noted<'a>(
        &'a self,
        limit: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, i64)> {
        let own = self.limits.iter().filter(move |((id, _), _)| id == limit);
        own.flat_map(|((_, subject), periods)| {
            let period = |(period, state): (&'a String, &LimitState)| {
                (subject.as_str(), period.as_str(), state.counted.uses)
            };
            periods.iter().map(period)
        })
    }

    fn limit_mut(&mut self, limit: &str, subject: &str, period: &str) -> &mut LimitState {
        let periods = self.limits.entry((limit.to_owned(), subject.to_owned())).or_default();
        periods.entry(period.to_owned()).or_default()
    }
}

/// Applies what a fact does to limits, if anything.
pub(crate) fn apply_to_limits(slice: &mut Slice, effect: &Effect) {
    match effect {
        Effect::LimitCounted(counted) => {
            let state = slice.limit_mut(&counted.limit, &counted.subject, &counted.period);
            state.counted.add(LimitReading::of(counted));
        }
        Effect::LimitHeld(held) => {
            let usage = &held.usage;
            slice.limit_mut(&usage.limit, &usage.subject, &usage.period).hold(LimitHold {
                sale: held.sale.clone(),
                until: held.until,
                usage: LimitReading::of(usage),
            });
        }
        Effect::LimitHoldEnded(ended) => {
            slice.limit_mut(&ended.limit, &ended.subject, &ended.period).end(&ended.sale);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::record::{LimitHeld, LimitHoldEnded};

    fn held(sale: &str) -> Effect {
        let usage = LimitCounted { limit: "l".into(), uses: 1, ..LimitCounted::default() };
        let until = Timestamp::from_second(100).unwrap();
        Effect::LimitHeld(LimitHeld { sale: sale.into(), until, usage })
    }

    fn ended(sale: &str) -> Effect {
        let (limit, sale) = ("l".into(), sale.into());
        Effect::LimitHoldEnded(LimitHoldEnded { limit, sale, ..LimitHoldEnded::default() })
    }

    fn folded(effects: &[&Effect]) -> (String, i64) {
        let mut slice = Slice::default();
        effects.iter().for_each(|effect| apply_to_limits(&mut slice, effect));
        let uses = slice.limit("l", "", "", Timestamp::from_second(50).unwrap(), None).uses;
        (slice.stored(&Key::Limit("l".into(), String::new())).unwrap(), uses)
    }

    #[test]
    fn it_does_not_matter_whether_a_hold_or_its_end_comes_first() {
        let (a, b) = (held("a.1.1"), held("b.1.1"));
        let end = ended("a.1.1");
        let expected = folded(&[&b]);
        assert_eq!(expected.1, 1);
        for order in [[&a, &b, &end], [&b, &a, &end], [&a, &end, &b], [&end, &a, &b]] {
            assert_eq!(folded(&order), expected);
        }
    }

    #[test]
    fn a_hold_that_two_tills_ended_reserves_nothing_in_any_order() {
        let (hold, end) = (held("a.1.1"), ended("a.1.1"));
        let expected = folded(&[&hold, &end, &end]);
        assert_eq!(expected.1, 0);
        assert_eq!(folded(&[&end, &hold, &end]), expected);
        assert_eq!(folded(&[&end, &end, &hold]), expected);
    }
}
