//! Planned maintenance, ready for use: its windows and reminders around any instant.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{
    DueReminder, MaintenanceTime, MaintenanceWindow, NOTICES_MAX, NoticeChannel,
    PlannedMaintenance, Reminder, ReminderTime,
};
use crate::desk::local::{
    DAY, at_most, day_number, day_of, instant_of, minutes_of, place_in_week, weekday_of,
};
use crate::document::{Collector, LIST_MAX};
use crate::error::ErrorCode;

/// The most days or minutes before a window at which a reminder may be sent.
const LEAD_DAYS_MAX: u32 = 366;
const LEAD_MINUTES_MAX: u32 = LEAD_DAYS_MAX * 1_440;

/// Planned maintenance, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    component: Option<String>,
    /// The day on which it begins: of the week, Monday being 0, or since 1970-01-01.
    day: PlanDay,
    from: i64,
    id: String,
    reminders: Vec<(Lead, NoticeChannel, Option<String>)>,
    to: i64,
    zone: TimeZone,
}

#[derive(Clone, Copy, Debug)]
enum PlanDay {
    OfWeek(i64),
    Single(i64),
}

#[derive(Clone, Copy, Debug)]
enum Lead {
    /// So many days before, at a minute of the day.
    Days(i64, i64),
    Minutes(i64),
    /// On the last such day of the week before, at a minute of the day.
    Weekday(i64, i64),
}

/// Checks plans; what comes back stands in their order.
pub(crate) fn compile_plans(
    list: &[PlannedMaintenance],
    zone: &TimeZone,
    collector: &mut Collector,
    path: &str,
) -> Vec<Plan> {
    collector.unique(list.iter().map(|plan| &plan.id), path);
    let compile = |(index, plan): (usize, &PlannedMaintenance)| {
        plan.compile(zone, collector, &format!("{path}/{index}"))
    };
    list.iter().enumerate().map(compile).collect()
}

impl PlannedMaintenance {
    fn compile(&self, zone: &TimeZone, collector: &mut Collector, path: &str) -> Plan {
        let zone = match &self.zone {
            Some(name) => collector.zone(name, &format!("{path}/zone")),
            None => zone.clone(),
        };
        let place = format!("{path}/time/{}", self.time.name());
        let (day, (from, to)) = match &self.time {
            MaintenanceTime::Weekly(window) => (
                PlanDay::OfWeek(place_in_week(window.day)),
                minutes_of(collector, &window.from, &window.to, &place),
            ),
            MaintenanceTime::Dated(window) => {
                let date = collector.date(Some(&window.date), &format!("{place}/date"));
                let minutes = minutes_of(collector, &window.from, &window.to, &place);
                (PlanDay::Single(date.map_or(0, day_number)), minutes)
            }
        };
        if from == to {
            collector.contradiction(&format!("{place}/to"), "the window is empty");
        }
        at_most(NOTICES_MAX, self.reminders.len(), collector, &format!("{path}/reminders"));
        let lead = |(index, reminder): (usize, &Reminder)| {
            let path = format!("{path}/reminders/{index}/when");
            let lead = reminder.when.compile(collector, &path);
            (lead, reminder.channel, reminder.to.clone())
        };
        let reminders = self.reminders.iter().enumerate().map(lead).collect();
        Plan {
            component: self.component.clone(),
            day,
            from,
            id: self.id.clone(),
            reminders,
            to,
            zone,
        }
    }
}

impl ReminderTime {
    fn compile(&self, collector: &mut Collector, path: &str) -> Lead {
        let path = format!("{path}/{}", self.name());
        match self {
            ReminderTime::WeekdayBefore(before) => {
                let minute = collector.time_of_day(&before.time, &format!("{path}/time"));
                Lead::Weekday(place_in_week(before.day), i64::from(minute))
            }
            ReminderTime::DaysBefore(before) => {
                let minute = collector.time_of_day(&before.time, &format!("{path}/time"));
                if before.days > LEAD_DAYS_MAX {
                    let message = format!("more than {LEAD_DAYS_MAX} days before");
                    let path = format!("{path}/days");
                    collector.mistake(ErrorCode::DocumentRange, &path, message);
                }
                Lead::Days(i64::from(before.days.min(LEAD_DAYS_MAX)), i64::from(minute))
            }
            ReminderTime::MinutesBefore(minutes) => {
                if *minutes > LEAD_MINUTES_MAX {
                    let message = format!("more than {LEAD_MINUTES_MAX} minutes before");
                    collector.mistake(ErrorCode::DocumentRange, &path, message);
                }
                Lead::Minutes(i64::from((*minutes).min(LEAD_MINUTES_MAX)))
            }
        }
    }
}

impl Plan {
    /// The window that begins on a local day; `None` if the clock jumps over all of it.
    fn window(&self, day: i64) -> Option<MaintenanceWindow> {
        let from = instant_of(day, self.from, &self.zone)?;
        let to = instant_of(day, self.to, &self.zone).filter(|to| from < *to)?;
        let (component, id) = (self.component.clone(), self.id.clone());
        Some(MaintenanceWindow { component, from, id, planned: true, to: Some(to) })
    }

    /// The days on which windows begin, of some days in a row.
    fn days(&self, first: i64, last: i64) -> impl Iterator<Item = i64> {
        let (start, step) = match self.day {
            PlanDay::OfWeek(day) => (first + (day - weekday_of(first)).rem_euclid(7), 7),
            PlanDay::Single(day) if day >= first => (day, usize::MAX),
            PlanDay::Single(_) => (last + 1, 1),
        };
        (start..=last).step_by(step)
    }

    /// The window that an instant is in.
    pub fn current(&self, at: Timestamp) -> Option<MaintenanceWindow> {
        let today = day_of(at, &self.zone);
        let mut windows = self.days(today - 2, today + 1).filter_map(|day| self.window(day));
        windows.find(|window| window.from <= at && window.to.is_some_and(|to| at < to))
    }

    /// The first window that begins after an instant.
    pub fn next(&self, at: Timestamp) -> Option<MaintenanceWindow> {
        let today = day_of(at, &self.zone);
        // A window may vanish in a gap, but not for two weeks in a row.
        let last = match self.day {
            PlanDay::OfWeek(_) => today + 22,
            PlanDay::Single(day) => day,
        };
        let mut windows = self.days(today - 1, last).filter_map(|day| self.window(day));
        windows.find(|window| window.from > at)
    }

    /// The windows that have a part in a range.
    pub fn windows(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = MaintenanceWindow> {
        let (first, last) = (day_of(from, &self.zone) - 2, day_of(to, &self.zone) + 1);
        let windows = self.days(first, last).filter_map(|day| self.window(day));
        windows.filter(move |window| window.from < to && window.to.is_some_and(|end| from < end))
    }

    /// What is to be sent in a range.
    pub fn reminders(&self, from: Timestamp, to: Timestamp) -> Vec<DueReminder> {
        let ahead = self.reminders.iter().map(|(lead, ..)| match lead {
            Lead::Days(days, _) => *days,
            Lead::Minutes(minutes) => minutes / DAY + 1,
            Lead::Weekday(..) => 7,
        });
        let ahead = ahead.max().unwrap_or(0) + 2;
        let (first, last) = (day_of(from, &self.zone) - 2, day_of(to, &self.zone) + ahead);
        let mut due = Vec::new();
        for day in self.days(first, last) {
            if due.len() > LIST_MAX {
                break;
            }
            let Some(window) = self.window(day) else { continue };
            for (lead, channel, whom) in &self.reminders {
                let Some(at) = self.instant(lead, day, &window) else { continue };
                if from <= at && at < to {
                    let (to, window) = (whom.clone(), window.clone());
                    due.push(DueReminder { at, channel: *channel, to, window });
                }
            }
        }
        due
    }

    fn instant(&self, lead: &Lead, day: i64, window: &MaintenanceWindow) -> Option<Timestamp> {
        let at = match lead {
            Lead::Days(days, minute) => instant_of(day - days, *minute, &self.zone)?,
            Lead::Minutes(minutes) => {
                Timestamp::from_second(window.from.as_second() - minutes * 60).ok()?
            }
            Lead::Weekday(weekday, minute) => {
                let back = (weekday_of(day) - weekday - 1).rem_euclid(7) + 1;
                instant_of(day - back, *minute, &self.zone)?
            }
        };
        Some(at.min(window.from))
    }
}
