//! Maintenance: planned windows with their reminders, and emergencies announced on the spot.

mod plan;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::local::{Hours, LocalHours, at_most, checked, in_years, whole};
use crate::document::{Collector, LIST_MAX, choice, document, union};
use crate::error::{Error, ErrorCode};
use crate::program::{Localized, Weekday};
pub(crate) use plan::compile_plans;

/// The most reminders of a plan, and the most notices of an emergency.
const NOTICES_MAX: usize = 20;

choice! {
    /// How people are told.
    pub enum NoticeChannel {
        /// By e-mail.
        Email = "email",
        /// In the application itself.
        InApp = "in_app",
        /// By telephone.
        Phone = "phone",
        /// By SMS.
        Sms = "sms",
        /// On the status page.
        StatusPage = "status_page",
    }
}

document! {
    /// A weekly window of the local clock.
    pub struct WeeklyWindow {
        /// The day of the week on which it begins.
        pub day: Weekday,
        /// When it begins, HH:MM.
        pub from: String,
        /// When it ends, HH:MM or `24:00`; if that is before `from`, on the next day.
        pub to: String,
    }
}

document! {
    /// A single window of the local clock.
    pub struct DatedWindow {
        /// The local date on which it begins.
        pub date: String,
        /// When it begins, HH:MM.
        pub from: String,
        /// When it ends, HH:MM or `24:00`; if that is before `from`, on the next day.
        pub to: String,
    }
}

union! {
    /// When planned maintenance is.
    pub enum MaintenanceTime {
        /// Every week.
        Weekly(WeeklyWindow) = "weekly",
        /// Once.
        Dated(DatedWindow) = "dated",
    }
}

document! {
    /// A local time some days before the day on which a window begins.
    pub struct DaysBefore {
        /// How many days; 0 is the day itself.
        pub days: u32,
        /// The local time, HH:MM.
        pub time: String = "10:00".to_owned(),
    }
}

document! {
    /// A local time on the last such weekday before the day on which a window begins.
    pub struct WeekdayBefore {
        /// The day of the week; if the window begins on such a day, that of the week before.
        pub day: Weekday,
        /// The local time, HH:MM.
        pub time: String = "10:00".to_owned(),
    }
}

union! {
    /// When a reminder is sent.
    pub enum ReminderTime {
        /// On a day of the week before.
        WeekdayBefore(WeekdayBefore) = "weekday_before",
        /// Some days before.
        DaysBefore(DaysBefore) = "days_before",
        /// So many minutes before the window begins; 0 is its beginning.
        MinutesBefore(u32) = "minutes_before",
    }
}

document! {
    /// A reminder of planned maintenance.
    pub struct Reminder {
        /// How.
        pub channel: NoticeChannel,
        /// To whom: a group or an address.
        pub to: Option<String>,
        /// When. One that would fall into the window or after its beginning is sent as it begins.
        pub when: ReminderTime,
    }
}

document! {
    /// Planned maintenance.
    pub struct PlannedMaintenance {
        /// The component that is worked on; all of them if left out.
        pub component: Option<String>,
        /// Its id.
        pub id: String,
        /// What people will notice.
        pub impact: Option<Localized>,
        /// The reminders.
        pub reminders: Vec<Reminder> = Vec::new(),
        /// When it is.
        pub time: MaintenanceTime,
        /// Its time zone; that of the desk if left out.
        pub zone: Option<String>,
    }
}

document! {
    /// Maintenance that could not be planned.
    pub struct EmergencyMaintenance {
        /// When it was announced.
        pub announced_at: Timestamp,
        /// The component that is worked on; all of them if left out.
        pub component: Option<String>,
        /// When it begins.
        pub from: Timestamp,
        /// Its id.
        pub id: String,
        /// When it ends; absent while nobody knows.
        pub to: Option<Timestamp>,
    }
}

document! {
    /// A notice that is sent as soon as an emergency is announced.
    pub struct EmergencyNotice {
        /// How.
        pub channel: NoticeChannel,
        /// Only in these local hours of the desk; at any time if empty. Outside them it is not sent
        /// later either.
        pub hours: Vec<LocalHours> = Vec::new(),
        /// To whom: a group or an address.
        pub to: Option<String>,
    }
}

document! {
    /// A window of maintenance, planned or not. It has its first instant and not its last.
    pub struct MaintenanceWindow {
        /// The component that is worked on; all of them if left out.
        pub component: Option<String>,
        /// When it begins.
        pub from: Timestamp,
        /// The id of the plan or of the emergency.
        pub id: String,
        /// Whether it was planned: only then it does not count against availability.
        pub planned: bool,
        /// When it ends; absent while nobody knows.
        pub to: Option<Timestamp>,
    }
}

document! {
    /// Asks for maintenance and what people are to be told about it.
    pub struct MaintenanceQuery {
        /// The instant, and the first one of the range.
        pub at: Timestamp,
        /// The emergencies.
        pub emergencies: Vec<EmergencyMaintenance> = Vec::new(),
        /// What is sent when an emergency is announced; as the desk says if left out.
        pub notices: Vec<EmergencyNotice> = Vec::new(),
        /// The plans; those of the desk if left out.
        pub plans: Vec<PlannedMaintenance> = Vec::new(),
        /// The first instant after the range of reminders and windows; only `at` if left out.
        pub to: Option<Timestamp>,
        /// The time zone of the desk: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// Maintenance and what people are to be told about it.
    pub struct MaintenanceAnswer {
        /// The windows that `at` is in.
        pub current: Vec<MaintenanceWindow>,
        /// The first window of each plan and emergency that begins after `at`, the earliest first.
        pub next: Vec<MaintenanceWindow>,
        /// What is to be sent in the range, the earliest first.
        pub reminders: Vec<DueReminder>,
        /// The windows that have a part in the range, whole, the earliest first.
        pub windows: Vec<MaintenanceWindow>,
    }
}

document! {
    /// Something to be sent.
    pub struct DueReminder {
        /// When.
        pub at: Timestamp,
        /// How.
        pub channel: NoticeChannel,
        /// To whom: a group or an address.
        pub to: Option<String>,
        /// The window that it is about.
        pub window: MaintenanceWindow,
    }
}

/// Windows of maintenance around an instant, and the reminders of a range.
///
/// # Errors
/// Everything that is wrong with the plans, and a range with more than 10,000 windows.
pub fn answer_maintenance(query: &MaintenanceQuery) -> Result<MaintenanceAnswer, Error> {
    let (plans, notices, zone) = checked(|collector| {
        let zone = collector.zone(&query.zone, "/zone");
        let plans = compile_plans(&query.plans, &zone, collector, "/plans");
        check_emergencies(&query.emergencies, collector);
        at_most(NOTICES_MAX, query.notices.len(), collector, "/notices");
        let hours = |(index, notice): (usize, &EmergencyNotice)| {
            Hours::compile(&notice.hours, collector, &format!("/notices/{index}/hours"))
        };
        let notices: Vec<Hours> = query.notices.iter().enumerate().map(hours).collect();
        if query.to.is_some_and(|to| to < query.at) {
            collector.contradiction("/to", "`to` is before `at`");
        }
        (plans, notices, zone)
    })?;
    in_years(query.at, "/at")?;
    let to = query.to.unwrap_or(query.at);
    in_years(to, "/to")?;
    let mut answer = MaintenanceAnswer::default();
    for plan in &plans {
        answer.current.extend(plan.current(query.at));
        answer.next.extend(plan.next(query.at));
        answer.windows.extend(plan.windows(query.at, to));
        answer.reminders.extend(plan.reminders(query.at, to));
        if answer.windows.len().max(answer.reminders.len()) > LIST_MAX {
            let message = format!("the range has more than {LIST_MAX} windows; ask for less");
            return Err(Error::new(ErrorCode::DocumentListTooLong, "/to", message));
        }
    }
    add_emergencies(query, &notices, &zone, to, &mut answer);
    for list in [&mut answer.current, &mut answer.next, &mut answer.windows] {
        list.sort_by_key(|window| window.from);
    }
    answer.reminders.sort_by_key(|reminder| reminder.at);
    Ok(answer)
}

fn check_emergencies(list: &[EmergencyMaintenance], collector: &mut Collector) {
    collector.unique(list.iter().map(|emergency| &emergency.id), "/emergencies");
    for (index, emergency) in list.iter().enumerate() {
        if emergency.to.is_some_and(|to| to <= emergency.from) {
            let path = format!("/emergencies/{index}/to");
            collector.contradiction(&path, "the end is not after the beginning");
        }
    }
}

fn add_emergencies(
    query: &MaintenanceQuery,
    notices: &[Hours],
    zone: &TimeZone,
    to: Timestamp,
    answer: &mut MaintenanceAnswer,
) {
    for emergency in &query.emergencies {
        let window = MaintenanceWindow {
            component: emergency.component.clone(),
            from: whole(emergency.from),
            id: emergency.id.clone(),
            planned: false,
            to: emergency.to.map(whole),
        };
        let ended = |at: Timestamp| window.to.is_some_and(|to| to <= at);
        if window.from > query.at {
            answer.next.push(window.clone());
        } else if !ended(query.at) {
            answer.current.push(window.clone());
        }
        if window.from < to && !ended(query.at) {
            answer.windows.push(window.clone());
        }
        let at = whole(emergency.announced_at);
        for (notice, hours) in query.notices.iter().zip(notices) {
            if query.at <= at && at < to && hours.contain(at, zone) {
                let (channel, to, window) = (notice.channel, notice.to.clone(), window.clone());
                answer.reminders.push(DueReminder { at, channel, to, window });
            }
        }
    }
}

#[cfg(test)]
mod tests;
