//! Local time by one zone, with the zone's changes looked up once.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::desk::local::{date_of as date_of_day, weekday_of};
pub(super) use crate::desk::local::{day_number, second};

/// The seconds of a day without a change of the clocks.
pub(super) const DAY: i64 = 86_400;

/// A zone's offsets between two instants. Instants are seconds since the epoch; local times are
/// seconds too, counted as if the zone were UTC; days are local ones, counted from the epoch.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub zone: TimeZone,
    /// The instants at which the offset changes.
    changes: Vec<i64>,
    /// The first local time after each change that is neither skipped nor repeated by it.
    settled: Vec<i64>,
    /// The offset before the first change, and after each of them.
    offsets: Vec<i64>,
    /// Whether a change skips a whole day or more.
    leaps: bool,
}

/// The instants of local times that come more or less in order: the offset of the last one mostly
/// holds for the next.
pub(super) struct Cursor<'a> {
    local: &'a Local,
    /// The local times for which the offset holds.
    from: i64,
    to: i64,
    offset: i64,
}

impl Cursor<'_> {
    /// As [`Local::instant`].
    #[inline]
    pub fn instant(&mut self, local: i64) -> i64 {
        if local < self.from || local >= self.to {
            let settled = &self.local.settled;
            let place = settled.partition_point(|settled| *settled <= local);
            let last = place.checked_sub(1).and_then(|place| settled.get(place));
            self.from = last.copied().unwrap_or(i64::MIN);
            self.to = settled.get(place).copied().unwrap_or(i64::MAX);
            self.offset = self.local.offset(place);
        }
        local - self.offset
    }
}

impl Local {
    /// The offsets of a zone from `from` to `to`, and a few days on either side.
    pub fn new(zone: &TimeZone, from: i64, to: i64) -> Local {
        let start = Timestamp::from_second(from - 4 * DAY).unwrap_or(Timestamp::MIN);
        let end = to + 4 * DAY;
        let mut before = i64::from(zone.to_offset(start).seconds());
        let mut local = Local {
            zone: zone.clone(),
            changes: Vec::new(),
            settled: Vec::new(),
            offsets: vec![before],
            leaps: false,
        };
        let following = zone
            .following(start)
            .map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds())));
        for (instant, after) in following.take_while(|(instant, _)| *instant < end) {
            if after != before {
                local.changes.push(instant);
                local.settled.push(instant + before.max(after));
                local.offsets.push(after);
                local.leaps |= after - before >= DAY;
            }
            before = after;
        }
        local
    }

    /// The local time at an instant.
    pub fn at(&self, instant: i64) -> i64 {
        instant + self.offset(self.changes.partition_point(|change| *change <= instant))
    }

    /// The instant of a local time: one that is skipped moves forward by as much as the clocks
    /// jump, and one that comes twice is the first of the two.
    pub fn instant(&self, local: i64) -> i64 {
        // Before it has settled, the offset before the change gives both: in a gap it is the
        // smaller one, so that the instant is later; in a fold the larger one, so it is earlier.
        local - self.offset(self.settled.partition_point(|settled| *settled <= local))
    }

    fn offset(&self, place: usize) -> i64 {
        self.offsets.get(place).copied().unwrap_or(0)
    }

    /// The local day of an instant.
    pub fn day(&self, instant: i64) -> i64 {
        self.at(instant).div_euclid(DAY)
    }

    /// The first instant of a local day; for a day that the zone skips, that of the next one.
    pub fn day_start(&self, day: i64) -> i64 {
        self.instant(day * DAY)
    }

    /// Whether the zone skips a day altogether, as Samoa did with 30 December 2011.
    pub fn skips(&self, day: i64) -> bool {
        self.leaps && self.day(self.day_start(day)) != day
    }

    /// A way to look up many local times in order.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { local: self, from: 0, to: 0, offset: 0 }
    }
}

/// The date of a number; the latest or earliest date there is for one that has none.
pub(super) fn date_of(day: i64) -> Date {
    date_of_day(day).unwrap_or(if day > 0 { Date::MAX } else { Date::MIN })
}

/// The place of a day in the week: 0 is Monday.
pub(super) fn weekday(day: i64) -> usize {
    usize::try_from(weekday_of(day)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::find_zone;

    fn local(zone: &str) -> Local {
        Local::new(&find_zone(zone).unwrap(), 946_684_800, 2_871_763_200)
    }

    fn civil(text: &str) -> i64 {
        TimeZone::UTC.to_timestamp(text.parse().unwrap()).unwrap().as_second()
    }

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_time_that_is_skipped_moves_forward_and_one_that_comes_twice_is_the_first() {
        let berlin = local("Europe/Berlin");
        assert_eq!(berlin.instant(civil("2026-03-29T02:30")), at("2026-03-29T03:30+02:00"));
        assert_eq!(berlin.instant(civil("2026-10-25T02:30")), at("2026-10-25T02:30+02:00"));
        let lord_howe = local("Australia/Lord_Howe");
        assert_eq!(lord_howe.instant(civil("2025-10-05T02:10")), at("2025-10-05T02:40+11:00"));
        assert_eq!(lord_howe.instant(civil("2026-04-05T01:45")), at("2026-04-05T01:45+11:00"));
    }

    #[test]
    fn a_day_without_midnight_begins_at_its_first_instant() {
        let cairo = local("Africa/Cairo");
        let day = day_number("2025-04-25".parse().unwrap());
        assert_eq!(cairo.day_start(day), at("2025-04-25T01:00+03:00"));
        assert!(!cairo.skips(day));
    }

    #[test]
    fn a_day_that_a_zone_skips_begins_with_the_next_one() {
        let apia = local("Pacific/Apia");
        let day = day_number("2011-12-30".parse().unwrap());
        assert!(apia.skips(day));
        assert_eq!(apia.day_start(day), apia.day_start(day + 1));
        assert!(!apia.skips(day - 1) && !apia.skips(day + 1));
    }

    #[test]
    fn it_agrees_with_the_zone_around_every_change() {
        for name in [
            "Europe/Moscow",
            "America/Sao_Paulo",
            "Asia/Beirut",
            "Africa/Cairo",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "America/St_Johns",
        ] {
            let local = local(name);
            let mut cursor = local.cursor();
            for change in &local.changes {
                for step in -30..30 {
                    let instant = change + step * 600;
                    let there = Timestamp::from_second(instant).unwrap();
                    let civil = local.zone.to_datetime(there);
                    let seconds = TimeZone::UTC.to_timestamp(civil).unwrap().as_second();
                    assert_eq!(local.at(instant), seconds, "{name} {there}");
                    let back = local.zone.to_timestamp(civil).unwrap().as_second();
                    assert_eq!(local.instant(seconds), back, "{name} {there}");
                    assert_eq!(cursor.instant(seconds), back, "{name} {there}");
                }
            }
        }
    }

    #[test]
    fn days_have_numbers_and_weekdays() {
        let date = "2026-11-21".parse().unwrap();
        assert_eq!(date_of(day_number(date)), date);
        assert_eq!(weekday(day_number(date)), 5);
        assert_eq!(weekday(day_number("1900-01-01".parse().unwrap())), 0);
        assert_eq!(date_of(i64::MAX), Date::MAX);
    }

    #[test]
    fn fractions_of_instants_are_dropped_downwards() {
        assert_eq!(second("1969-12-31T23:59:59.5Z".parse().unwrap()), -1);
        assert_eq!(second("1970-01-01T00:00:01.9Z".parse().unwrap()), 1);
    }
}
