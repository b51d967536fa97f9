//! Who is on call: a rotation by local dates.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::local::{Hours, LocalHours, checked, day_number, day_of, in_years, instant_of, whole};
use crate::document::{Collector, LIST_MAX, document, union};
use crate::error::{Error, ErrorCode};

document! {
    /// People who are on call in turn. Shifts change at a time of the local clock, so that neither
    /// summer time nor its end moves them.
    pub struct OnCallRotation {
        /// How many days a shift has, 1 to 3660.
        pub days: u32 = 7,
        /// The local date of the first shift: the first of the people begins. Before it nobody is on
        /// call.
        pub from: String,
        /// The local time at which shifts change, HH:MM. Where the clock jumps over it, they change
        /// as much later as the jump is long; where it comes twice, the first time.
        pub handover: String = "09:00".to_owned(),
        /// The local hours in which somebody is on call; at all hours if empty.
        pub hours: Vec<LocalHours> = Vec::new(),
        /// Its id.
        pub id: String,
        /// Who stands in for whom. Where several overlap, the last of the list holds.
        pub overrides: Vec<DutyOverride> = Vec::new(),
        /// The people in their order.
        pub people: Vec<String>,
        /// Its time zone; that of the desk if left out.
        pub zone: Option<String>,
    }
}

union! {
    /// Somebody stands in.
    pub enum DutyOverride {
        /// On local dates.
        Dates(DutyDates) = "dates",
        /// From one instant to another.
        Instants(DutyInstants) = "instants",
    }
}

document! {
    /// Somebody stands in on local dates.
    pub struct DutyDates {
        /// The first date: from its handover on.
        pub from: String,
        /// Who.
        pub person: String,
        /// The last date: until the handover of the day after it.
        pub to: String,
    }
}

document! {
    /// Somebody stands in from one instant to another.
    pub struct DutyInstants {
        /// The first instant.
        pub from: Timestamp,
        /// Who.
        pub person: String,
        /// The first instant after it.
        pub to: Timestamp,
    }
}

document! {
    /// Asks who is on call.
    pub struct RotationQuery {
        /// At which instant; it is also the first one of the range.
        pub at: Timestamp,
        /// The rotation.
        pub rotation: OnCallRotation,
        /// The first instant after the range of which shifts are asked; none if left out.
        pub to: Option<Timestamp>,
        /// The time zone of the desk: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// Who is on call.
    pub struct RotationAnswer {
        /// Who is on call at the instant, with the whole shift or override; absent if nobody is.
        pub on_call: Option<Duty>,
        /// The shifts of the range in their order: cut to the range, to the hours, and where
        /// somebody stands in.
        pub shifts: Vec<Duty>,
    }
}

document! {
    /// Somebody is on call for a time, which has its first instant and not its last.
    pub struct Duty {
        /// From when.
        pub from: Timestamp,
        /// Whether it is somebody who stands in.
        pub overridden: bool = false,
        /// Who.
        pub person: String,
        /// Until when.
        pub to: Timestamp,
    }
}

/// Who is on call at an instant, and the shifts of a range.
///
/// # Errors
/// Everything that is wrong with the rotation, instants outside the years of documents, reversed
/// ends, and a range with more than 10,000 shifts or hours.
pub fn answer_rotation(query: &RotationQuery) -> Result<RotationAnswer, Error> {
    let rotation = checked(|collector| {
        let zone = collector.zone(&query.zone, "/zone");
        if query.to.is_some_and(|to| to < query.at) {
            collector.contradiction("/to", "`to` is before `at`");
        }
        Rotation::compile(&query.rotation, &zone, collector, "/rotation")
    })?;
    in_years(query.at, "/at")?;
    let mut answer =
        RotationAnswer { on_call: rotation.on_call(query.at), ..RotationAnswer::default() };
    if let Some(to) = query.to {
        in_years(to, "/to")?;
        answer.shifts = rotation.shifts(query.at, to).ok_or_else(|| {
            let message = format!("the range has more than {LIST_MAX} shifts; ask for less");
            Error::new(ErrorCode::DocumentListTooLong, "/to", message)
        })?;
    }
    Ok(answer)
}

/// A rotation, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    /// How many days a shift has.
    days: i64,
    /// The day of the first shift since 1970-01-01.
    first: i64,
    /// The minute of the day at which shifts change.
    handover: i64,
    hours: Hours,
    overrides: Vec<Duty>,
    people: Vec<String>,
    zone: TimeZone,
}

/// The most days of a shift: ten years.
const DAYS_MAX: u32 = 3_660;

impl Rotation {
    /// Checks a rotation.
    pub fn compile(
        document: &OnCallRotation,
        zone: &TimeZone,
        collector: &mut Collector,
        path: &str,
    ) -> Rotation {
        collector.id(&document.id, &format!("{path}/id"));
        if !(1..=DAYS_MAX).contains(&document.days) {
            let message = format!("{} is not between 1 and {DAYS_MAX}", document.days);
            collector.mistake(ErrorCode::DocumentRange, &format!("{path}/days"), message);
        }
        if document.people.is_empty() {
            let message = "name at least one person";
            collector.mistake(ErrorCode::DeskEmpty, &format!("{path}/people"), message);
        }
        for (index, person) in document.people.iter().enumerate() {
            collector.id(person, &format!("{path}/people/{index}"));
        }
        let zone = match &document.zone {
            Some(name) => collector.zone(name, &format!("{path}/zone")),
            None => zone.clone(),
        };
        let first = collector.date(Some(&document.from), &format!("{path}/from"));
        let handover = collector.time_of_day(&document.handover, &format!("{path}/handover"));
        let mut rotation = Rotation {
            days: i64::from(document.days.clamp(1, DAYS_MAX)),
            first: first.map_or(0, day_number),
            handover: i64::from(handover),
            hours: Hours::compile(&document.hours, collector, &format!("{path}/hours")),
            overrides: Vec::new(),
            people: document.people.clone(),
            zone,
        };
        for (index, duty) in document.overrides.iter().enumerate() {
            let path = format!("{path}/overrides/{index}/{}", duty.name());
            let duty = rotation.compile_override(duty, collector, &path);
            rotation.overrides.extend(duty);
        }
        rotation
    }

    fn compile_override(
        &self,
        duty: &DutyOverride,
        collector: &mut Collector,
        path: &str,
    ) -> Option<Duty> {
        let (person, from, to) = match duty {
            DutyOverride::Dates(dates) => {
                let from = collector.date(Some(&dates.from), &format!("{path}/from"))?;
                let to = collector.date(Some(&dates.to), &format!("{path}/to"))?;
                let handover = |day| instant_of(day, self.handover, &self.zone);
                (&dates.person, handover(day_number(from))?, handover(day_number(to) + 1)?)
            }
            DutyOverride::Instants(duty) => (&duty.person, whole(duty.from), whole(duty.to)),
        };
        collector.id(person, &format!("{path}/person"));
        if to <= from {
            collector.contradiction(&format!("{path}/to"), "the end is not after the beginning");
            return None;
        }
        Some(Duty { from, overridden: true, person: person.clone(), to })
    }

    /// When a shift begins, the first being number 0.
    fn start(&self, number: i64) -> Option<Timestamp> {
        let day = self.first.checked_add(number.checked_mul(self.days)?)?;
        instant_of(day, self.handover, &self.zone)
    }

    /// The number of the shift that an instant is in; negative before the first.
    fn number(&self, at: Timestamp) -> i64 {
        let guess = (day_of(at, &self.zone) - self.first).div_euclid(self.days);
        // The local date is that of a handover before it has come, and where the clock is put back
        // over midnight the date of the day before comes again after the handover.
        if self.start(guess + 1).is_some_and(|next| next <= at) {
            guess + 1
        } else if self.start(guess).is_some_and(|start| at < start) {
            guess - 1
        } else {
            guess
        }
    }

    fn shift(&self, number: i64) -> Option<Duty> {
        let people = i64::try_from(self.people.len()).ok()?;
        let place = number.checked_rem_euclid(people).filter(|_| number >= 0)?;
        let person = self.people.get(usize::try_from(place).ok()?)?.clone();
        let (from, to) = (self.start(number)?, self.start(number.checked_add(1)?)?);
        Some(Duty { from, overridden: false, person, to })
    }

    /// Who is on call at an instant, with the whole shift or override.
    pub fn on_call(&self, at: Timestamp) -> Option<Duty> {
        if !self.hours.contain(at, &self.zone) {
            return None;
        }
        let stands_in = self.overrides.iter().rfind(|duty| duty.from <= at && at < duty.to);
        stands_in.cloned().or_else(|| self.shift(self.number(at)))
    }

    /// The shifts of a range; `None` if there are too many for a list.
    pub fn shifts(&self, from: Timestamp, to: Timestamp) -> Option<Vec<Duty>> {
        let duties = self.duties(from, to)?;
        if self.hours.is_unlimited() {
            return Some(duties);
        }
        let open = self.open(from, to)?;
        let mut shifts = Vec::new();
        let mut rest = open.as_slice();
        for duty in &duties {
            while rest.first().is_some_and(|(_, end)| *end <= duty.from) {
                rest = rest.get(1..).unwrap_or_default();
            }
            for (begin, end) in rest.iter().take_while(|(begin, _)| *begin < duty.to) {
                let (from, to) = (duty.from.max(*begin), duty.to.min(*end));
                shifts.push(Duty { from, to, ..duty.clone() });
            }
        }
        Some(shifts).filter(|shifts| shifts.len() <= LIST_MAX)
    }

    /// The hours of a range, joined where they touch; `None` if there are too many.
    fn open(&self, from: Timestamp, to: Timestamp) -> Option<Vec<(Timestamp, Timestamp)>> {
        let mut open = Vec::new();
        for day in day_of(from, &self.zone) - 2..=day_of(to, &self.zone) + 1 {
            let spans = self.hours.spans(day, &self.zone);
            open.extend(spans.into_iter().filter(|(begin, end)| *begin < to && from < *end));
            if open.len() > LIST_MAX {
                return None;
            }
        }
        open.sort_unstable();
        let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (begin, end) in open {
            match joined.last_mut() {
                Some((_, last)) if begin <= *last => *last = end.max(*last),
                _ => joined.push((begin, end)),
            }
        }
        Some(joined)
    }

    /// Who is on call in a range at any hour; `None` if there are too many shifts.
    fn duties(&self, from: Timestamp, to: Timestamp) -> Option<Vec<Duty>> {
        let mut edges = Vec::new();
        for (index, duty) in self.overrides.iter().enumerate() {
            if duty.from < to && from < duty.to {
                edges.push((duty.from.max(from), Edge::Begins(index)));
                edges.push((duty.to.min(to), Edge::Ends(index)));
            }
        }
        let mut number = self.number(from).max(0);
        while let Some(shift) = self.shift(number).filter(|shift| shift.from < to) {
            edges.push((shift.from.max(from), Edge::Shift(number)));
            number += 1;
            if edges.len() > 3 * LIST_MAX {
                return None;
            }
        }
        // Stable: of shifts that begin together, where a date is left out, the last one holds.
        edges.sort_by_key(|(at, _)| *at);
        let duties = self.between_edges(&edges, to);
        Some(duties).filter(|duties| duties.len() <= LIST_MAX)
    }

    fn between_edges(&self, edges: &[(Timestamp, Edge)], to: Timestamp) -> Vec<Duty> {
        let mut standing_in = BTreeSet::new();
        let mut shift = None;
        let mut held = None;
        let mut duties: Vec<Duty> = Vec::new();
        for (index, (at, edge)) in edges.iter().enumerate() {
            match edge {
                Edge::Begins(place) => _ = standing_in.insert(*place),
                Edge::Ends(place) => _ = standing_in.remove(place),
                Edge::Shift(number) => shift = Some(*number),
            }
            if edges.get(index + 1).is_some_and(|(next, _)| next == at) {
                continue;
            }
            let holds = match standing_in.last() {
                Some(place) => Some(Edge::Begins(*place)),
                None => shift.map(Edge::Shift),
            };
            if holds == held {
                continue;
            }
            if let Some(last) = duties.last_mut().filter(|_| held.is_some()) {
                last.to = *at;
            }
            let duty = match holds {
                Some(Edge::Begins(place)) => self.overrides.get(place).cloned(),
                Some(Edge::Shift(number)) => self.shift(number),
                _ => None,
            };
            duties.extend(duty.filter(|_| *at < to).map(|duty| Duty { from: *at, to, ..duty }));
            held = holds;
        }
        duties
    }
}

/// Where it may change who is on call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Edge {
    /// Somebody begins to stand in.
    Begins(usize),
    Ends(usize),
    Shift(i64),
}

#[cfg(test)]
mod tests;
