//! What is known of a ticket at an instant: a pure reading of its policy and its events.

mod classify;
mod clock;
mod events;
mod fold;
mod ladder;
mod reading;
#[cfg(test)]
mod tests;
mod view;

use jiff::Timestamp;

use crate::desk::policy::Desk;
use crate::desk::ticket::{TicketEvent, TicketFact};
use crate::document::canonical;
use crate::error::{Error, ErrorCode};
use fold::Fold;

pub use view::{
    ActionKind, ClosingView, LadderView, Missing, MissingKind, NextAction, RuleDue, StageView,
    TicketView, TimerState, TimerView,
};

/// The most states that one ticket may go through.
pub(crate) const STAGES_MAX: usize = 1_000;
/// The most events of one ticket.
pub const EVENTS_MAX: usize = 10_000;

impl Desk {
    /// What is known of a ticket at an instant. Events count in the order of their instants, however
    /// they are given; those after `now` do not count yet.
    ///
    /// # Errors
    /// `ticket.not_registered` if the first event is no registration, `ticket.reference` for words that
    /// the policy does not know, `ticket.transition` for a step that is not allowed, with those that
    /// are, `ticket.merged` for what comes after a merge, `calendar.years` for terms that end outside
    /// the years of a calendar. The place is that of the event in the list as it was given.
    ///
    /// # Examples
    /// ```
    /// use kopilka::desk::{Desk, Message, Registered, TicketEvent, TicketFact};
    ///
    /// let desk = Desk::compile(r#"{
    ///     "id": "corner-shop", "zone": "Europe/Moscow",
    ///     "calendars": [{"id": "work", "weekly": [
    ///         {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    ///          "from": "10:00", "to": "19:00"}]}],
    ///     "life": {"states": [{"id": "open", "kind": "open"}]},
    ///     "targets": [{"id": "reply", "metric": "first_reply",
    ///         "target": {"after": {"hours": 4, "calendar": "work"}}}]
    /// }"#)?;
    /// let registered = TicketEvent {
    ///     at: "2026-04-10T17:00:00+03:00".parse().unwrap(),
    ///     event: TicketFact::Registered(Registered::default()),
    ///     ..TicketEvent::default()
    /// };
    /// let view = desk.evaluate(&[registered], "2026-04-10T18:00:00+03:00".parse().unwrap())?;
    /// // Two hours on Friday, two on Monday.
    /// let due = "2026-04-13T12:00:00+03:00".parse().unwrap();
    /// let reply = view.timers.iter().find(|timer| timer.rule.is_some()).unwrap();
    /// assert_eq!(reply.due, Some(due));
    /// # Ok::<(), kopilka::Error>(())
    /// ```
    pub fn evaluate(&self, events: &[TicketEvent], now: Timestamp) -> Result<TicketView, Error> {
        self.evaluate_with(&[], events, now, false)
    }

    /// The same with other policies that events may name, and with the time that did not count if
    /// `explain` asks for it.
    ///
    /// # Errors
    /// As [`Desk::evaluate`], and `desk.unknown` for a policy that was not given.
    pub fn evaluate_with(
        &self,
        others: &[&Desk],
        events: &[TicketEvent],
        now: Timestamp,
        explain: bool,
    ) -> Result<TicketView, Error> {
        let mut desks = vec![self];
        desks.extend(others);
        folded(self, &desks, events, now)?.view(now, explain)
    }
}

/// Reads the events of a ticket up to an instant.
fn folded<'a>(
    desk: &'a Desk,
    desks: &'a [&'a Desk],
    events: &'a [TicketEvent],
    now: Timestamp,
) -> Result<Fold<'a>, Error> {
    if events.len() > EVENTS_MAX {
        let message = format!("a ticket has at most {EVENTS_MAX} events");
        return Err(Error::new(ErrorCode::DocumentListTooLong, "/events", message));
    }
    let ordered = in_order(events);
    let mut known = ordered.iter().filter_map(|place| Some((*place, events.get(*place)?)));
    let first = known.next();
    let Some((place, TicketEvent { at, event: TicketFact::Registered(registered), .. })) = first
    else {
        let place = first.map_or(String::new(), |(place, _)| format!("/{place}"));
        let message = "the first event of a ticket is its registration";
        let path = format!("/events{place}");
        return Err(Error::new(ErrorCode::TicketNotRegistered, path, message));
    };
    if *at > now {
        let message = "the ticket is registered later than that";
        let path = format!("/events/{place}/at");
        return Err(Error::new(ErrorCode::TicketNotRegistered, path, message));
    }
    let mut fold = Fold::new(desk, desks, registered, *at, place);
    for (place, event) in known.take_while(|(_, event)| event.at <= now) {
        fold.place = place;
        fold.read(event)?;
    }
    if fold.mistakes.is_empty() { Ok(fold) } else { Err(fold.mistakes.into()) }
}

/// The places of events in the order of their instants. What happened in one instant is in the order
/// of what it is, so that the order in which events are given says nothing.
fn in_order(events: &[TicketEvent]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..events.len()).collect();
    let key = |place: &usize| events.get(*place).map(|event| (event.at, rank(&event.event)));
    if !places.is_sorted_by(|one, other| key(one) < key(other)) {
        let text = |place: &usize| events.get(*place).map(canonical);
        places.sort_by(|one, other| {
            key(one).cmp(&key(other)).then_with(|| text(one).cmp(&text(other)))
        });
    }
    places
}

/// What comes first within one instant.
fn rank(fact: &TicketFact) -> u8 {
    match fact {
        TicketFact::Registered(_) => 0,
        TicketFact::Policy(_) => 1,
        TicketFact::Category(_) => 2,
        TicketFact::Priority(_) => 3,
        TicketFact::Assignment(_) => 4,
        TicketFact::Acknowledged(_) => 5,
        TicketFact::Escalated(_) => 6,
        TicketFact::Reopened(_) => 7,
        TicketFact::Message(_) => 8,
        TicketFact::Approval(_) => 9,
        TicketFact::Estimate(_) => 10,
        TicketFact::TestResult(_) => 11,
        TicketFact::Installed(_) => 12,
        TicketFact::Confirmed(_) => 13,
        TicketFact::Done(_) => 14,
        TicketFact::ManualDue(_) => 15,
        TicketFact::State(_) => 16,
        TicketFact::Merge(_) => 17,
    }
}
