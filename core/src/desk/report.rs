//! Readings of many tickets: how many promises were kept, and what another policy would have said.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::desk::evaluate::{TicketView, TimerState, TimerView};
use crate::desk::policy::{Desk, Metric, Promise};
use crate::desk::share::Share;
use crate::desk::ticket::TicketEvent;
use crate::document::{choice, document};
use crate::error::{Error, Mistake};

document! {
    /// A ticket: its events, in any order.
    pub struct DeskTicket {
        /// What happened to it.
        pub events: Vec<TicketEvent>,
        /// Its number, or whatever tells it from others.
        pub id: String,
    }
}

choice! {
    /// By what a report divides tickets.
    pub enum GroupBy {
        /// By nothing: one group.
        All = "all",
        /// By the agent who had it last.
        Agent = "agent",
        /// By what it was about.
        Category = "category",
        /// By the local day on which it came in.
        Day = "day",
        /// By the local month in which it came in.
        Month = "month",
        /// By priority.
        Priority = "priority",
        /// By the queue that had it last.
        Queue = "queue",
        /// By store.
        Store = "store",
        /// By the local week in which it came in, as 2026-W15.
        Week = "week",
    }
}

document! {
    /// How many promises of one kind were kept, in one group of tickets.
    pub struct AttainmentRow {
        /// Those that were kept, of all that were decided.
        pub attained: Share,
        /// Clocks that ended without what they waited for.
        pub cleared: u32,
        /// The group.
        pub group: String,
        /// Promises whose term is over though they are not kept yet.
        pub late: u32,
        /// Promises that were kept.
        pub met: u32,
        /// What was promised.
        pub metric: Metric,
        /// Promises that were not kept.
        pub missed: u32,
        /// Clocks that run or stand still.
        pub open: u32,
        /// To whom it was promised.
        pub promise: Promise,
        /// The least working time that was left at an end, in seconds; below zero if it was late.
        pub worst_margin_seconds: Option<i64>,
    }
}

document! {
    /// How well promises were kept.
    pub struct Attainment {
        /// A row for each group and promise.
        pub rows: Vec<AttainmentRow>,
        /// How many tickets came in.
        pub tickets: u32,
    }
}

document! {
    /// What differs between two policies for one ticket.
    pub struct TicketDifference {
        /// The clocks that differ.
        pub clocks: Vec<ClockDifference>,
        /// The ticket.
        pub id: String,
        /// Its priority under the policy that was.
        pub priority: Option<String>,
        /// Its priority under the other policy.
        pub priority_then: Option<String>,
    }
}

document! {
    /// What differs between two policies for one clock.
    pub struct ClockDifference {
        /// The how many such clock it is.
        pub cycle: u32,
        /// By when, under the policy that was.
        pub due: Option<Timestamp>,
        /// By when, under the other policy.
        pub due_then: Option<Timestamp>,
        /// What is measured.
        pub metric: Metric,
        /// To whom it is promised.
        pub promise: Promise,
        /// How it stands, under the policy that was; not there if there is no such clock.
        pub state: Option<TimerState>,
        /// How it stands, under the other policy.
        pub state_then: Option<TimerState>,
    }
}

document! {
    /// What tickets would have been under another policy.
    pub struct DeskWhatIf {
        /// How well promises were kept.
        pub attainment: Attainment,
        /// The same under the other policy.
        pub attainment_then: Attainment,
        /// Tickets that differ.
        pub differences: Vec<TicketDifference>,
        /// Tickets that the other policy cannot follow, and why: a word that it does not have, a step
        /// that it does not allow.
        pub refused: Vec<RefusedTicket>,
    }
}

document! {
    /// A ticket that a policy cannot follow.
    pub struct RefusedTicket {
        /// The code of the error.
        pub code: String,
        /// The ticket.
        pub id: String,
        /// Where in its events.
        pub path: String,
    }
}

impl Desk {
    /// How well promises were kept, as it is known at an instant. Tickets that came in later are left
    /// out.
    ///
    /// # Errors
    /// As [`Desk::evaluate`], the mistakes of all tickets at once, each with its place in the list.
    pub fn attainment(
        &self,
        tickets: &[DeskTicket],
        by: GroupBy,
        now: Timestamp,
    ) -> Result<Attainment, Error> {
        let mut tally = Tally::default();
        self.each_view(tickets, now, |_, view| tally.add(self, &view, by))?;
        Ok(tally.told())
    }

    /// Hands the reading of each ticket that came in by then to `visit`.
    fn each_view(
        &self,
        tickets: &[DeskTicket],
        now: Timestamp,
        mut visit: impl FnMut(&DeskTicket, TicketView) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut mistakes: Vec<Mistake> = Vec::new();
        for (place, ticket) in tickets.iter().enumerate() {
            if is_later(ticket, now) {
                continue;
            }
            match self.evaluate(&ticket.events, now) {
                Ok(view) => visit(ticket, view)?,
                Err(error) => {
                    let error = error.under(&format!("/tickets/{place}"));
                    mistakes.extend_from_slice(error.mistakes());
                }
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
    }

    /// What tickets would have been under another policy. Those that it cannot follow are told, and
    /// left out of its attainment.
    ///
    /// # Errors
    /// As [`Desk::attainment`], for the policy that was.
    pub fn what_if(
        &self,
        other: &Desk,
        tickets: &[DeskTicket],
        by: GroupBy,
        now: Timestamp,
    ) -> Result<DeskWhatIf, Error> {
        let (mut tally, mut then) = (Tally::default(), Tally::default());
        let (mut differences, mut refused) = (Vec::new(), Vec::new());
        // What is wrong with the tickets themselves is told first.
        let mut failed = None;
        self.each_view(tickets, now, |ticket, was| {
            tally.add(self, &was, by)?;
            match other.evaluate(&ticket.events, now) {
                Ok(is) => {
                    failed = failed.take().or(then.add(other, &is, by).err());
                    differences.extend(difference(&ticket.id, &was, &is));
                }
                Err(error) => refused.push(RefusedTicket {
                    code: error.code().as_str().to_owned(),
                    id: ticket.id.clone(),
                    path: error.path().to_owned(),
                }),
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let (attainment, attainment_then) = (tally.told(), then.told());
        Ok(DeskWhatIf { attainment, attainment_then, differences, refused })
    }

    /// The group of a ticket.
    fn group(&self, view: &TicketView, by: GroupBy) -> Result<String, Error> {
        let date = self.rules().always.date_of(view.registered_at)?;
        let named = |word: &Option<String>| word.clone().unwrap_or_default();
        Ok(match by {
            GroupBy::All => String::new(),
            GroupBy::Agent => named(&view.agent),
            GroupBy::Category => named(&view.category),
            GroupBy::Day => date.to_string(),
            GroupBy::Month => format!("{:04}-{:02}", date.year(), date.month()),
            GroupBy::Priority => named(&view.priority),
            GroupBy::Queue => named(&view.queue),
            GroupBy::Store => named(&view.store),
            GroupBy::Week => {
                let week = date.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
        })
    }
}

/// Whether a ticket came in after an instant.
fn is_later(ticket: &DeskTicket, now: Timestamp) -> bool {
    let first = ticket.events.iter().map(|event| event.at).min();
    first.is_some_and(|first| first > now)
}

#[derive(Default)]
struct Tally {
    tickets: u32,
    rows: BTreeMap<(String, Metric, Promise), Counts>,
}

#[derive(Default)]
struct Counts {
    met: u32,
    missed: u32,
    late: u32,
    cleared: u32,
    open: u32,
    worst: Option<i64>,
}

impl Tally {
    fn add(&mut self, desk: &Desk, view: &TicketView, by: GroupBy) -> Result<(), Error> {
        self.tickets = self.tickets.saturating_add(1);
        let group = desk.group(view, by)?;
        let promised = |timer: &&TimerView| timer.due.is_some() || timer.breached_at.is_some();
        for timer in view.timers.iter().filter(promised) {
            let key = (group.clone(), timer.metric, timer.promise);
            self.rows.entry(key).or_default().add(timer);
        }
        Ok(())
    }

    fn told(self) -> Attainment {
        let rows = self.rows.into_iter().map(|((group, metric, promise), counts)| {
            let decided = u64::from(counts.met) + u64::from(counts.missed) + u64::from(counts.late);
            AttainmentRow {
                attained: Share::new(u64::from(counts.met), decided),
                cleared: counts.cleared,
                group,
                late: counts.late,
                met: counts.met,
                metric,
                missed: counts.missed,
                open: counts.open,
                promise,
                worst_margin_seconds: counts.worst,
            }
        });
        Attainment { rows: rows.collect(), tickets: self.tickets }
    }
}

impl Counts {
    fn add(&mut self, timer: &TimerView) {
        let number = match timer.state {
            // What was late once is not kept, however its term was changed afterwards.
            TimerState::Running | TimerState::Paused | TimerState::Cleared
                if timer.breached_at.is_some() =>
            {
                &mut self.late
            }
            TimerState::Running | TimerState::Paused => &mut self.open,
            TimerState::Late => &mut self.late,
            TimerState::Met => &mut self.met,
            TimerState::Missed => &mut self.missed,
            TimerState::Cleared => &mut self.cleared,
        };
        *number = number.saturating_add(1);
        if matches!(timer.state, TimerState::Met | TimerState::Missed) {
            let least = |known: i64, margin: i64| known.min(margin);
            self.worst = match (self.worst, timer.margin_seconds) {
                (Some(known), Some(margin)) => Some(least(known, margin)),
                (known, margin) => known.or(margin),
            };
        }
    }
}

/// What differs, if anything does.
fn difference(id: &str, was: &TicketView, is: &TicketView) -> Option<TicketDifference> {
    type Key = (Metric, Promise, u32, Option<String>);
    let key = |timer: &TimerView| -> Key {
        (timer.metric, timer.promise, timer.cycle, timer.subject.clone())
    };
    let mut pairs: BTreeMap<Key, (Option<&TimerView>, Option<&TimerView>)> = BTreeMap::new();
    for timer in &was.timers {
        pairs.entry(key(timer)).or_default().0 = Some(timer);
    }
    for timer in &is.timers {
        pairs.entry(key(timer)).or_default().1 = Some(timer);
    }
    let mut clocks = Vec::new();
    for ((metric, promise, cycle, _), (one, other)) in pairs {
        let due = |timer: Option<&TimerView>| timer.and_then(|timer| timer.due);
        let state = |timer: Option<&TimerView>| timer.map(|timer| timer.state);
        // Where neither promises anything, nothing differs that anybody asked about.
        if due(one) == due(other) && (state(one) == state(other) || due(one).is_none()) {
            continue;
        }
        clocks.push(ClockDifference {
            cycle,
            due: due(one),
            due_then: due(other),
            metric,
            promise,
            state: state(one),
            state_then: state(other),
        });
    }
    let differs = !clocks.is_empty() || was.priority != is.priority;
    differs.then(|| TicketDifference {
        clocks,
        id: id.to_owned(),
        priority: was.priority.clone(),
        priority_then: is.priority.clone(),
    })
}
