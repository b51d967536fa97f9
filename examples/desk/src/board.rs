//! What people read: a board, what is due next, a report, and why.

use std::error::Error;
use std::io::Write;

use comfy_table::{CellAlignment, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kopilka::desk::{
    ActionKind, Desk, DeskTicket, GroupBy, Metric, NextAction, Skipped, TicketView, TimerState,
    TimerView,
};

type Shown = Result<(), Box<dyn Error>>;

/// Tickets as a desk sees them at an instant.
pub struct Board<'a> {
    desk: &'a Desk,
    tickets: &'a [DeskTicket],
    views: Vec<(&'a str, TicketView)>,
    now: Timestamp,
    zone: TimeZone,
}

impl<'a> Board<'a> {
    /// Reads the tickets; the time that did not count only if `explain` asks for it.
    pub fn new(
        desk: &'a Desk,
        tickets: &'a [DeskTicket],
        now: Timestamp,
        explain: bool,
    ) -> Result<Board<'a>, Box<dyn Error>> {
        let mut views = Vec::with_capacity(tickets.len());
        for ticket in tickets {
            // A ticket that is registered later is not there yet.
            if ticket.events.iter().all(|event| event.at > now) {
                continue;
            }
            let view = desk.evaluate_with(&[], &ticket.events, now, explain);
            let view = view.map_err(|error| format!("the ticket {}: {error}", ticket.id))?;
            views.push((ticket.id.as_str(), view));
        }
        let zone = TimeZone::get(&desk.document().zone)?;
        Ok(Board { desk, tickets, views, now, zone })
    }

    /// A line for each ticket.
    pub fn show(&self, out: &mut dyn Write) -> Shown {
        let name = &self.desk.document().name;
        let name = if name.is_empty() { self.desk.id() } else { name };
        writeln!(out, "{name}, {}\n", self.full(self.now))?;
        let mut table =
            table(&["Ticket", "Priority", "Store", "State", "Queue", "Level", "Reply", "Solution"]);
        for (id, view) in &self.views {
            let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
            let level = view.ladder.as_ref().and_then(|ladder| ladder.level.clone());
            table.add_row([
                (*id).to_owned(),
                word(&view.priority),
                word(&view.store),
                view.state.clone(),
                word(&view.queue),
                word(&level),
                self.clock(view, &[Metric::NextReply, Metric::FirstReply]),
                self.clock(view, &[Metric::Resolution]),
            ]);
        }
        writeln!(out, "{table}\n")?;
        Ok(())
    }

    /// The newest of some clocks in a few words.
    fn clock(&self, view: &TicketView, metrics: &[Metric]) -> String {
        let newest = |metric: &Metric| {
            let mut timers = view.timers.iter().rev();
            timers.find(|timer| timer.metric == *metric && timer.state != TimerState::Cleared)
        };
        let Some(timer) = metrics.iter().find_map(newest) else { return "-".to_owned() };
        let due = || timer.due.map_or_else(String::new, |due| format!(" {}", self.short(due)));
        match timer.state {
            TimerState::Running if timer.due.is_none() => "running".to_owned(),
            TimerState::Running if timer.warned => format!("by{} !", due()),
            TimerState::Running => format!("by{}", due()),
            TimerState::Late => format!("LATE, by{}", due()),
            TimerState::Paused => "paused".to_owned(),
            // What nobody promised is told by the clock on the wall.
            TimerState::Met if timer.due.is_none() => {
                let end = timer.finished_at.unwrap_or(self.now);
                format!("in {}", length(end.duration_since(timer.started_at).as_secs()))
            }
            TimerState::Met => format!("in {}", length(timer.worked_seconds)),
            TimerState::Missed => match timer.margin_seconds {
                Some(margin) => format!("{} too late", length(-margin)),
                None => "too late".to_owned(),
            },
            TimerState::Cleared => "-".to_owned(),
        }
    }

    /// What is to be done next, the first first.
    pub fn upcoming(&self, out: &mut dyn Write) -> Shown {
        let mut all: Vec<(&str, &NextAction)> = Vec::new();
        all.extend(self.views.iter().filter_map(|(id, view)| Some((*id, view.next.as_ref()?))));
        all.sort_by_key(|(id, action)| (action.at, *id));
        writeln!(out, "Next\n")?;
        let mut table = table(&["When", "Ticket", "What"]);
        for (id, action) in all {
            let late = if action.at < self.now { " (over)" } else { "" };
            table.add_row([
                format!("{}{late}", self.short(action.at)),
                id.to_owned(),
                what(action),
            ]);
        }
        writeln!(out, "{table}\n")?;
        Ok(())
    }

    /// How promises were kept, by priority.
    pub fn report(&self, out: &mut dyn Write) -> Shown {
        let report = self.desk.attainment(self.tickets, GroupBy::Priority, self.now)?;
        writeln!(out, "Promises kept, {} tickets\n", report.tickets)?;
        let columns = ["Priority", "Promise", "To", "Kept", "Missed", "Late", "Open", "Kept, %"];
        let mut table = table(&columns);
        for column in 3..columns.len() {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for row in report.rows {
            table.add_row([
                if row.group.is_empty() { "-".to_owned() } else { row.group },
                metric(row.metric),
                row.promise.as_str().to_owned(),
                row.met.to_string(),
                row.missed.to_string(),
                row.late.to_string(),
                row.open.to_string(),
                row.attained.percent.unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        writeln!(out, "{table}")?;
        Ok(())
    }

    /// Every clock of a ticket, and the time that did not count.
    pub fn explain(&self, out: &mut dyn Write, id: &str) -> Shown {
        let found = self.views.iter().find(|(known, _)| *known == id);
        let (_, view) = found.ok_or_else(|| format!("there is no ticket `{id}`"))?;
        writeln!(out, "{id}, {}, registered {}\n", view.state, self.full(view.registered_at))?;
        for timer in &view.timers {
            self.explain_timer(out, timer)?;
        }
        for missing in &view.missing {
            let state = missing.for_state.as_ref();
            let state = state.map(|state| format!(" (for {state})")).unwrap_or_default();
            writeln!(out, "missing: {}{state}", missing.what)?;
        }
        if !view.moves.is_empty() {
            writeln!(out, "may go to: {}", view.moves.join(", "))?;
        }
        Ok(())
    }

    fn explain_timer(&self, out: &mut dyn Write, timer: &TimerView) -> Shown {
        let subject = timer.subject.as_ref().map(|word| format!(" {word}")).unwrap_or_default();
        let rule = timer.rule.as_ref().map(|rule| format!(", by the promise {rule}"));
        writeln!(
            out,
            "{}{subject} {}: {}, worked {}{}",
            metric(timer.metric),
            timer.cycle,
            timer.state.as_str(),
            length(timer.worked_seconds),
            rule.unwrap_or_default()
        )?;
        let due = timer.due.map(|due| format!(", due {}", self.full(due))).unwrap_or_default();
        writeln!(out, "    began {}{due}", self.full(timer.started_at))?;
        for skipped in &timer.skipped {
            writeln!(
                out,
                "    not counted: {} to {}, {}",
                self.full(skipped.from),
                self.full(skipped.to),
                reason(skipped)
            )?;
        }
        Ok(())
    }

    /// What another policy would have changed.
    pub fn what_if(&self, out: &mut dyn Write, other: &Desk) -> Shown {
        let answer = self.desk.what_if(other, self.tickets, GroupBy::All, self.now)?;
        writeln!(out, "\nUnder {} instead\n", other.id())?;
        let mut table = table(&["Ticket", "Promise", "Due", "Due then", "State", "State then"]);
        for difference in &answer.differences {
            for clock in &difference.clocks {
                let due =
                    |due: Option<Timestamp>| due.map_or("-".to_owned(), |due| self.short(due));
                let state = |state: Option<TimerState>| state.map_or("-", TimerState::as_str);
                table.add_row([
                    difference.id.clone(),
                    metric(clock.metric),
                    due(clock.due),
                    due(clock.due_then),
                    state(clock.state).to_owned(),
                    state(clock.state_then).to_owned(),
                ]);
            }
        }
        writeln!(out, "{table}")?;
        for refused in &answer.refused {
            writeln!(out, "{}: {} at {}", refused.id, refused.code, refused.path)?;
        }
        Ok(())
    }

    fn short(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %d.%m %H:%M").to_string()
    }

    fn full(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %d.%m.%Y %H:%M").to_string()
    }
}

fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(columns);
    table
}

fn metric(metric: Metric) -> String {
    metric.as_str().replace('_', " ")
}

fn what(action: &NextAction) -> String {
    let subject = action.subject.as_deref().unwrap_or_default();
    let clock = action.metric.map(metric).unwrap_or_default();
    match action.kind {
        ActionKind::Warning => format!("warn: {clock} {subject}"),
        ActionKind::Due => format!("{clock} {subject}"),
        ActionKind::Level => format!("goes up to {subject}"),
        ActionKind::Repeat => format!("tell {subject} again"),
        ActionKind::Move => format!("becomes {subject} by itself"),
        ActionKind::Closing => format!("{subject} is due"),
    }
    .trim_end()
    .to_owned()
}

/// A length of time in words.
fn length(seconds: i64) -> String {
    let minutes = seconds / 60;
    match (minutes / 60, minutes % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Why some time did not count.
fn reason(skipped: &Skipped) -> String {
    let arguments: Vec<String> = skipped
        .args
        .0
        .iter()
        .map(|(name, value)| format!("{} {value}", name.replace('_', " ")))
        .collect();
    let because = skipped.because.as_str().replace('_', " ");
    if arguments.is_empty() { because } else { format!("{because} ({})", arguments.join(", ")) }
}
