//! What was counted of a card over time, for tiers that look at a window of it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::json::{Node, Writer};
use crate::slice::stored::Stored;

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

/// A history is stored as one short text, because every sale writes it anew: its entries with a
/// space between them, each of them four numbers with commas between them. These are the nanoseconds
/// from the entry before (from 1970 for the first) to when it became known, from then to when it
/// happened, the days from that day in UTC to the day for which it counts, and the units. A zero
/// is left out.
impl Stored for History {
    fn store(&self, writer: &mut Writer) {
        let mut text = String::with_capacity(self.entries.len() * 24);
        let mut before = Timestamp::UNIX_EPOCH;
        for entry in &self.entries {
            if !text.is_empty() {
                text.push(' ');
            }
            let [known, of] = [(before, entry.known), (entry.known, entry.of.at)]
                .map(|(from, to)| to.duration_since(from).as_nanos());
            let days = utc_day(entry.of.at).until(entry.of.day).map_or(0, |span| span.get_days());
            let numbers = [known, of, i128::from(days), i128::from(entry.units)];
            for (place, number) in numbers.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                if number != 0 {
                    text.push_str(&number.to_string());
                }
            }
            before = entry.known;
        }
        writer.text(&text);
    }

    fn load(node: &Node) -> Option<History> {
        let mut history = History::default();
        let mut before = Timestamp::UNIX_EPOCH;
        for text in node.text()?.split(' ') {
            let entry = counted(text, before)?;
            before = entry.known;
            history.total = history.total.saturating_add(entry.units);
            history.entries.push(entry);
        }
        history.entries.is_sorted_by_key(|entry| entry.known).then_some(history)
    }

    fn is_blank(&self) -> bool {
        self.entries.is_empty()
    }

    fn blank() -> Option<History> {
        Some(History::default())
    }
}

fn utc_day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// Reads one entry of a stored history.
fn counted(text: &str, before: Timestamp) -> Option<Counted> {
    let mut numbers = text.split(',').map(|number| match number {
        "" => Some(0),
        written => written.parse::<i128>().ok(),
    });
    let mut next = || numbers.next().flatten();
    let (known, of, days, units) = (next()?, next()?, next()?, next()?);
    let later = |from: Timestamp, nanoseconds: i128| {
        let seconds = i64::try_from(nanoseconds.div_euclid(NANOSECONDS)).ok()?;
        let rest = i32::try_from(nanoseconds.rem_euclid(NANOSECONDS)).ok()?;
        from.checked_add(SignedDuration::new(seconds, rest)).ok()
    };
    let known = later(before, known)?;
    let at = later(known, of)?;
    let days = SignedDuration::from_hours(i64::try_from(days).ok()?.checked_mul(24)?);
    let day = utc_day(at).checked_add(days).ok()?;
    let entry = Counted { known, of: Moment { at, day }, units: i64::try_from(units).ok()? };
    numbers.next().is_none().then_some(entry)
}

/// In a second.
const NANOSECONDS: i128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_history_tells_what_is_not_zero_by_how_much_it_differs() {
        let day = |day| Date::new(1970, 1, day).unwrap();
        let first = Moment { at: at(86_400), day: day(2) };
        let evening = Moment { at: at(86_400), day: day(3) };
        let mut history = History::default();
        history.add(at(86_400), first, 5);
        history.add(at(86_400), evening, 7);
        history.add(at(86_401), first, -5);
        let mut writer = Writer::default();
        history.store(&mut writer);
        let text = writer.finish();
        assert_eq!(text, r#""86400000000000,,,5 ,,1,7 1000000000,-1000000000,,-5""#);
        let read = History::load(&Node::parse(&text, 1_000).unwrap()).unwrap();
        assert_eq!((read.entries(), read.total), (history.entries(), 7));
        for wrong in ["", " ", "1,2,3", "1,2,3,4,5", "1,,,x", "1,,,1 -1,,,1"] {
            assert!(History::load(&Node::Text(wrong.into())).is_none(), "{wrong}");
        }
    }

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
