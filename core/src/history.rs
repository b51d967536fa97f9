//! What was counted of a card over time, for tiers that look at a window of it.

use jiff::Timestamp;
use jiff::civil::Date;

/// When something happened: the instant, and the day by the calendar of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub at: Timestamp,
    pub day: Date,
}

/// Sums by the moment for which they count and the instant at which they became known: what comes
/// back lowers the day of its sale, but only from when it came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// In the order in which they became known.
    entries: Vec<Counted>,
    pub total: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub known: Timestamp,
    pub of: Moment,
    pub units: i64,
}

impl History {
    pub fn add(&mut self, known: Timestamp, of: Moment, units: i64) {
        if units == 0 {
            return;
        }
        self.total = self.total.saturating_add(units);
        let place = self.entries.partition_point(|entry| entry.known <= known);
        let last = place.checked_sub(1).and_then(|last| self.entries.get_mut(last));
        match last.filter(|last| last.known == known && last.of == of) {
            Some(last) => last.units = last.units.saturating_add(units),
            None => self.entries.insert(place, Counted { known, of, units }),
        }
    }

    pub fn entries(&self) -> &[Counted] {
        &self.entries
    }

    /// The sum of what counts, of that which may have happened at an instant or later.
    pub fn sum(&self, oldest: Timestamp, counts: impl Fn(Moment) -> bool) -> i64 {
        // Nothing is known before it happens, so that older entries need not be looked at.
        let known = self.entries.iter().rev().take_while(|entry| entry.known >= oldest);
        let counted = known.filter(|entry| counts(entry.of));
        counted.fold(0, |sum: i64, entry| sum.saturating_add(entry.units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn of(second: i64) -> Moment {
        Moment { at: at(second), day: Date::ZERO }
    }

    #[test]
    fn what_comes_back_lowers_the_instant_of_its_sale() {
        let mut history = History::default();
        history.add(at(10), of(10), 100);
        history.add(at(20), of(20), 50);
        history.add(at(30), of(10), -100);
        assert_eq!(history.total, 50);
        let since = |start| history.sum(at(start), |moment| moment.at >= at(start));
        assert_eq!([since(0), since(11), since(21)], [50, 50, 0]);
    }

    #[test]
    fn entries_of_one_instant_are_merged_and_kept_in_order() {
        let mut history = History::default();
        history.add(at(20), of(20), 1);
        history.add(at(10), of(10), 2);
        history.add(at(20), of(20), 3);
        history.add(at(20), of(20), 0);
        let entries: Vec<_> = history.entries().iter().map(|e| (e.known, e.units)).collect();
        assert_eq!(entries, [(at(10), 2), (at(20), 4)]);
    }
}
