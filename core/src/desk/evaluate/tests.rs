//! What holds for every ticket.

use std::sync::LazyLock;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::desk::policy::{After, Metric};
use crate::desk::ticket::*;
use crate::document::{Reader, from_node};
use crate::json::Node;

/// A desk whose states lead everywhere, with a promise of each kind. `HOLIDAYS` stands for dates.
const DESK: &str = r#"{
    "id": "any", "zone": "Europe/Berlin",
    "calendars": [
        {"id": "work", "holidays": [HOLIDAYS], "weekly": [
            {"days": ["monday", "tuesday", "wednesday", "thursday"], "from": "09:00", "to": "13:00"},
            {"days": ["monday", "tuesday", "wednesday", "thursday"], "from": "14:00", "to": "18:00"},
            {"days": ["friday"], "from": "09:00", "to": "16:30"}]}],
    "priorities": [{"id": "high"}, {"id": "normal"}, {"id": "low"}],
    "queues": [{"id": "first"}, {"id": "second"}],
    "replies": {"next_before_first": true},
    "life": {"reopen": {"to": "open"}, "states": [
        {"id": "new", "kind": "new", "moves": [MOVES]},
        {"id": "open", "kind": "open", "queue": "first", "moves": [MOVES]},
        {"id": "pending", "kind": "pending", "pauses": true, "moves": [MOVES]},
        {"id": "on_hold", "kind": "on_hold", "moves": [MOVES]},
        {"id": "solved", "kind": "solved", "moves": [MOVES]}]},
    "closing": [{"id": "report", "target": {"next_business_day": {"calendar": "work", "days": 2}}}],
    "contacts": [{"id": "chief", "phone": "112"}],
    "ladders": [{"id": "up", "levels": [
        {"id": "one", "after": {}, "contacts": ["chief"], "repeat_minutes": 20, "repeats": 5},
        {"id": "two", "after": {"hours": 3, "calendar": "work"}, "reasons": ["legal"]}]}],
    "targets": [
        {"id": "reply", "metric": "first_reply", "warnings": [{"percent": 75}, {"minutes_before": 90}],
            "target": {"after": {"hours": 6, "calendar": "work"}}},
        {"id": "reply-high", "metric": "first_reply", "when": {"priorities": ["high"]},
            "target": {"after": {"minutes": 45, "calendar": "work"}}},
        {"id": "next", "metric": "next_reply", "target": {"after": {"hours": 3, "calendar": "work"}}},
        {"id": "update", "metric": "periodic_update",
            "target": {"after": {"hours": 9, "calendar": "work"}}},
        {"id": "tier", "metric": "queue_reply", "promise": "tier", "anchor": "assigned",
            "target": {"after": {"hours": 1, "calendar": "work"}}},
        {"id": "stage", "metric": "stage", "when": {"states": ["open"]},
            "target": {"after": {"hours": 2, "calendar": "work"}}},
        {"id": "work", "metric": "agent_work", "when": {"priorities": ["high", "normal"]},
            "target": {"after": {"hours": 12, "calendar": "work"}}},
        {"id": "day", "metric": "resolution",
            "target": {"next_business_day": {"calendar": "work", "days": 3}}},
        {"id": "fix", "metric": "resolution", "when": {"priorities": ["high"]},
            "target": {"earliest": [{"after": {"hours": 10, "calendar": "work"}},
                {"next_business_day": {"calendar": "work", "days": 2, "at": "12:00"}}]}}]
}"#;

const MOVES: &str = r#"{"to": "new"}, {"to": "open"}, {"to": "pending"}, {"to": "on_hold"},
    {"to": "solved"}"#;
const STATES: [&str; 5] = ["new", "open", "pending", "on_hold", "solved"];
const PRIORITIES: [&str; 3] = ["high", "normal", "low"];

fn desk_with(holidays: &str) -> Desk {
    Desk::compile(&DESK.replace("HOLIDAYS", holidays).replace("MOVES", MOVES)).unwrap()
}

fn desk() -> Desk {
    static COMPILED: LazyLock<Desk> = LazyLock::new(|| desk_with(""));
    COMPILED.clone()
}

/// The beginning of Monday, 23 March 2026: the clocks of Berlin change on Sunday the 29th.
const MONDAY: i64 = 1_774_220_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(MONDAY + seconds).unwrap()
}

fn event(seconds: i64, fact: TicketFact) -> TicketEvent {
    TicketEvent { at: at(seconds), event: fact, ..TicketEvent::default() }
}

fn moved(seconds: i64, to: &str) -> TicketEvent {
    event(seconds, TicketFact::State(StateChange { to: to.to_owned() }))
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn message() -> impl Strategy<Value = TicketFact> {
    let author = prop_oneof![Just(Author::Customer), Just(Author::Agent), Just(Author::Bot)];
    let stops = prop::option::weighted(
        0.1,
        prop::collection::vec(prop_oneof![Just(Metric::FirstReply), Just(Metric::NextReply)], 0..2),
    );
    (author, prop::bool::weighted(0.1), prop::bool::weighted(0.9), stops).prop_map(
        |(author, automatic, public, stops)| {
            TicketFact::Message(Message { author, automatic, public, stops })
        },
    )
}

fn metric() -> impl Strategy<Value = Metric> {
    prop::sample::select(Metric::ALL)
}

/// Anything that may happen; not all of it is allowed everywhere.
fn fact() -> impl Strategy<Value = TicketFact> {
    let none = || crate::command::NoDetails::default();
    let estimate = (0..20u32, any::<bool>()).prop_map(|(hours, promised)| {
        let after = After { hours, calendar: Some("work".to_owned()), ..After::default() };
        TicketFact::Estimate(Estimate { after, promised })
    });
    let manual = (metric(), prop::option::of(0..20 * DAY))
        .prop_map(|(metric, due)| TicketFact::ManualDue(ManualDue { due: due.map(at), metric }));
    prop_oneof![
        6 => message(),
        5 => word(&STATES).prop_map(|to| TicketFact::State(StateChange { to })),
        3 => word(&PRIORITIES).prop_map(|to| TicketFact::Priority(PriorityChange { to })),
        2 => word(&["first", "second"]).prop_map(|queue| {
            TicketFact::Assignment(Assignment { queue: Some(queue), agent: None })
        }),
        1 => Just(TicketFact::Acknowledged(none())),
        1 => Just(TicketFact::Escalated(Escalated { reason: "legal".to_owned() })),
        1 => Just(TicketFact::Reopened(none())),
        1 => Just(TicketFact::Installed(none())),
        1 => Just(TicketFact::Done(StepDone { step: "report".to_owned() })),
        1 => any::<bool>().prop_map(|passed| TicketFact::TestResult(TestResult { passed })),
        1 => estimate,
        1 => manual,
    ]
}

const DAY: i64 = 86_400;

/// When things happen: often within one hour, and often in the same second.
fn instants() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..14 * DAY,
        (0..14 * 24i64).prop_map(|hour| hour * 3_600),
        9 * 3_600..10 * 3_600i64
    ]
}

/// A ticket that the desk allows: what it refuses is left out.
fn ticket() -> impl Strategy<Value = Vec<TicketEvent>> {
    let later = prop::collection::vec((instants(), fact()), 0..12);
    (prop::option::of(word(&PRIORITIES)), later).prop_map(|(priority, mut later)| {
        later.sort_by_key(|(at, _)| *at);
        let registered = Registered { priority, ..Registered::default() };
        let mut events = vec![event(0, TicketFact::Registered(registered))];
        for (seconds, fact) in later {
            events.push(event(seconds, fact));
            if desk().evaluate(&events, at(30 * DAY)).is_err() {
                events.pop();
            }
        }
        events
    })
}

/// The clocks that ended.
fn finished(view: &TicketView) -> Vec<&TimerView> {
    view.timers.iter().filter(|timer| timer.finished_at.is_some()).collect()
}

fn cases() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if asked { config } else { ProptestConfig { cases: 300, ..config } }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_order_in_which_events_are_given_says_nothing(
        events in ticket(), turned in any::<prop::sample::Index>(), now in 0..20 * DAY,
    ) {
        let expected = desk().evaluate(&events, at(now)).unwrap();
        let mut other = events.clone();
        other.reverse();
        prop_assert_eq!(&desk().evaluate(&other, at(now)).unwrap(), &expected);
        other.rotate_left(turned.index(events.len()));
        prop_assert_eq!(&desk().evaluate(&other, at(now)).unwrap(), &expected);
    }

    #[test]
    fn a_pause_wholly_outside_hours_changes_no_clock_but_that_of_the_stage(
        events in ticket(), wait in 0..3 * DAY, length in 1..11 * 3_600i64,
    ) {
        let desk = desk();
        let last = events.last().unwrap().at;
        let view = desk.evaluate(&events, last).unwrap();
        if ["pending", "solved"].contains(&view.state.as_str()) {
            return Ok(());
        }
        // From 20:00 of an evening on, until before 09:00.
        let day = (last.as_second() - MONDAY).div_euclid(DAY) + 1;
        let from = day * DAY + 20 * 3_600;
        let now = at(from + length + wait);
        let without = desk.evaluate(&events, now).unwrap();
        let mut events = events.clone();
        events.extend([moved(from, "pending"), moved(from + length, &view.state)]);
        let with = desk.evaluate(&events, now).unwrap();
        let clocks = |view: &TicketView| -> Vec<TimerView> {
            let timers = view.timers.iter();
            // `open` has a queue, whose clock begins anew when the ticket comes back to it.
            let kept = |timer: &&TimerView| !matches!(timer.metric, Metric::Stage | Metric::QueueReply);
            timers.filter(kept).cloned().collect()
        };
        prop_assert_eq!(clocks(&with), clocks(&without));
    }

    #[test]
    fn a_holiday_never_makes_a_term_earlier(
        events in ticket(), now in 0..20 * DAY, days in prop::collection::btree_set(0..25i64, 1..5),
    ) {
        let holiday = |day: &i64| {
            let date = at(day * DAY + DAY / 2).to_string();
            format!(r#"{{"date": "{}"}}"#, &date[..10])
        };
        let holidays: Vec<String> = days.iter().map(holiday).collect();
        let without = desk().evaluate(&events, at(now)).unwrap();
        let with = desk_with(&holidays.join(",")).evaluate(&events, at(now)).unwrap();
        prop_assert_eq!(without.timers.len(), with.timers.len());
        // A business day is named by its date: a ticket that comes in on a holiday has less working
        // time until then, and a pause moves that time, not the date.
        let paused = without.stages.iter().any(|stage| stage.state == "pending");
        for (before, after) in without.timers.iter().zip(&with.timers) {
            if paused && before.metric == Metric::Resolution {
                continue;
            }
            prop_assert!(before.due <= after.due, "{:?} and {:?}", before, after);
            prop_assert!(before.worked_seconds >= after.worked_seconds);
        }
    }

    #[test]
    fn what_ended_stays_as_it_was_whatever_comes_later(
        events in ticket(), first in 0..15 * DAY, second in 0..15 * DAY,
    ) {
        let desk = desk();
        let (early, late) = (at(first.min(second)), at(first.max(second)));
        let known = desk.evaluate(&events, early).unwrap();
        let later = desk.evaluate(&events, late).unwrap();
        for timer in finished(&known) {
            prop_assert!(finished(&later).contains(&timer), "{:?} in {:?}", timer, later.timers);
        }
        // A term that passed is never forgotten either, unless it turns out that a program's answer
        // had solved the ticket before.
        for (known, later) in known.timers.iter().zip(&later.timers) {
            let Some(breached) = known.breached_at else { continue };
            let answered = later.finished_at.is_some_and(|ended| ended <= breached);
            prop_assert!(answered || later.breached_at == Some(breached), "{:?}", later);
        }
    }

    #[test]
    fn another_policy_changes_nothing_that_had_ended(events in ticket(), change in 0..15 * DAY) {
        let (desk, other) = (desk(), desk_with(r#"{"date": "2026-03-24"}"#));
        let now = at(20 * DAY);
        let known = desk.evaluate(&events, at(change)).unwrap();
        let version = other.version().to_owned();
        let fact = TicketFact::Policy(PolicyChange { version, ..PolicyChange::default() });
        let mut events = events.clone();
        events.push(event(change + 1, fact));
        let Ok(changed) = desk.evaluate_with(&[&other], &events, now, false) else { return Ok(()) };
        prop_assert_eq!(&changed.policy, other.version());
        for timer in finished(&known) {
            prop_assert!(finished(&changed).contains(&timer), "{:?}", timer);
        }
    }

    #[test]
    fn working_time_is_what_was_worked_and_what_is_left(events in ticket(), now in 0..20 * DAY) {
        let view = desk().evaluate(&events, at(now)).unwrap();
        for timer in &view.timers {
            prop_assert!(timer.worked_seconds >= 0);
            prop_assert_eq!(timer.due.is_some(), timer.margin_seconds.is_some());
            let ended = timer.finished_at.unwrap_or(at(now));
            if let (Some(due), Some(margin)) = (timer.due, timer.margin_seconds) {
                let agrees = if ended <= due { margin >= 0 } else { margin <= 0 };
                prop_assert!(agrees, "{:?}", timer);
            }
            if let Some(breached) = timer.breached_at {
                prop_assert!(breached < ended);
            }
        }
        let stages: i64 = view.stages.iter().map(|stage| stage.worked_seconds).sum();
        let whole = desk().calendar("work").unwrap().between(view.registered_at, at(now), &[]);
        prop_assert_eq!(stages, whole.unwrap());
    }

    #[test]
    fn whatever_happened_is_answered_or_refused_in_its_place(
        later in prop::collection::vec((any::<i64>(), fact()), 0..30), now: i64, explain: bool,
    ) {
        let far = |seconds: i64| {
            // Mostly within a century, now and then anywhere.
            let seconds = if seconds % 7 == 0 { seconds } else { seconds % (50 * 366 * DAY) };
            let found = Timestamp::from_second(seconds).ok();
            found.unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
        };
        let registered = TicketFact::Registered(Registered::default());
        let facts = std::iter::once((0, registered)).chain(later);
        let events: Vec<TicketEvent> = facts
            .map(|(seconds, fact)| TicketEvent { at: far(seconds), event: fact, by: None })
            .collect();
        for desk in desks() {
            if let Err(error) = desk.evaluate_with(&[], &events, far(now), explain) {
                prop_assert!(!error.mistakes().is_empty());
                for mistake in error.mistakes() {
                    let path = &mistake.path;
                    prop_assert!(path.is_empty() || path.starts_with('/'), "{}", path);
                    prop_assert_ne!(mistake.code, ErrorCode::Internal);
                }
            }
        }
    }
}

/// The desk of these tests and the shipped ones.
fn desks() -> &'static [Desk] {
    static COMPILED: LazyLock<Vec<Desk>> = LazyLock::new(|| {
        let shipped = [
            include_str!("../../../../presets/desks/loona.json"),
            include_str!("../../../../presets/desks/ton18.json"),
            include_str!("../../../../presets/desks/cashier.json"),
        ];
        let shipped = shipped.iter().map(|text| Desk::compile(text).unwrap());
        std::iter::once(desk()).chain(shipped).collect()
    });
    &COMPILED
}

#[test]
fn a_ticket_has_a_limit_of_events() {
    let note = |seconds| event(seconds, TicketFact::Message(Message::default()));
    let mut events = vec![event(0, TicketFact::Registered(Registered::default()))];
    events.extend((1..EVENTS_MAX as i64).map(note));
    assert!(desk().evaluate(&events, at(DAY)).is_ok());
    events.push(note(DAY));
    let error = desk().evaluate(&events, at(DAY)).unwrap_err();
    assert_eq!((error.code(), error.path()), (ErrorCode::DocumentListTooLong, "/events"));
}

#[test]
fn a_ticket_has_a_limit_of_states() {
    let mut events = vec![event(0, TicketFact::Registered(Registered::default()))];
    for second in 1..=i64::try_from(STAGES_MAX).unwrap() + 1 {
        events.push(moved(second, STATES[usize::try_from(second % 2).unwrap()]));
    }
    let error = desk().evaluate(&events, at(DAY)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TicketTransition);
}

#[test]
fn an_evaluation_is_a_document_that_reads_back() {
    let events = [
        event(0, TicketFact::Registered(Registered::default())),
        event(
            10 * 3_600,
            TicketFact::Message(Message { author: Author::Agent, ..Message::default() }),
        ),
    ];
    let view = desk().evaluate_with(&[], &events, at(DAY), true).unwrap();
    let node = Node::parse(&canonical(&view), 1 << 20).unwrap();
    assert_eq!(from_node::<TicketView>(&node).unwrap(), view);
    assert!(Reader::document::<TicketView>(&node).1.is_empty());
}

#[test]
fn the_week_of_these_tests_begins_on_a_monday_in_berlin() {
    assert_eq!(at(0), "2026-03-23T00:00:00+01:00".parse().unwrap());
    let change = at(6 * DAY + 2 * 3_600);
    assert_eq!(change, "2026-03-29T03:00:00+02:00".parse().unwrap());
    assert_eq!(change.duration_since(at(0)), SignedDuration::from_hours(146));
}
