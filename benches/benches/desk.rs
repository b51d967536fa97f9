//! Business time, in a calendar with a thousand exceptions in a zone whose clocks change, and what is
//! known of a ticket.

use std::fmt::Write;
use std::hint::black_box;

use benches::CpuTime;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kopilka::desk::{Calendar, CalendarDocument, Desk, Edge, Interval, TicketEvent};

/// Twenty years of an office in Berlin, with two windows a day and a thousand exceptions: holidays,
/// dates with hours of their own, and exclusions, one a week.
fn document() -> CalendarDocument {
    let mut lists = [String::new(), String::new(), String::new()];
    for count in 0..1_000_i64 {
        let day = date(2010, 1, 4).saturating_add((count * 7 + count % 5).days());
        let [dates, exclusions, holidays] = &mut lists;
        let written = match count % 3 {
            0 => write!(holidays, r#"{{"date": "{day}"}},"#),
            1 => write!(
                dates,
                r#"{{"date": "{day}", "windows": [{{"from": "10:00", "to": "15:00"}}]}},"#
            ),
            _ => write!(
                exclusions,
                r#"{{"dated": {{"date": "{day}", "from": "11:00", "to": "12:00"}}}},"#
            ),
        };
        written.expect("a string takes everything");
    }
    let [dates, exclusions, holidays] = lists.map(|list| list.trim_end_matches(',').to_owned());
    let days = r#"["monday", "tuesday", "wednesday", "thursday", "friday"]"#;
    let text = format!(
        r#"{{"id": "office", "zone": "Europe/Berlin", "years": {{"from": 2010, "to": 2029}},
            "dates": [{dates}], "exclusions": [{exclusions}], "holidays": [{holidays}],
            "weekly": [{{"days": {days}, "from": "09:00", "to": "13:00"}},
                       {{"days": {days}, "from": "14:00", "to": "18:00"}}]}}"#
    );
    serde_json::from_str(&text).expect("a calendar")
}

/// Instants all over nineteen years, so that no two questions in a row look at the same place.
fn instants() -> Vec<Timestamp> {
    let first: Timestamp = "2010-01-15T09:00:00Z".parse().expect("an instant");
    let step = |count: i64| SignedDuration::from_secs(count * 7_919_731 % 570_000_000);
    (0..1_024).map(|count| first.checked_add(step(count)).expect("an instant")).collect()
}

fn later(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(seconds)).expect("an instant")
}

fn calendar(criterion: &mut Criterion<CpuTime>) {
    let document = document();
    let calendar = Calendar::compile(&document, &[]).expect("a sound calendar");
    let instants = instants();
    let mut group = criterion.benchmark_group("calendar");
    group.bench_function("compile-20-years", |bencher| {
        bencher.iter(|| Calendar::compile(black_box(&document), &[]));
    });
    let mut each = |name: &str, ask: &dyn Fn(Timestamp) -> bool| {
        let mut next = instants.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| ask(black_box(*next.next().expect("a cycle has no end"))));
        });
    };
    for hours in [1, 100, 1_000] {
        each(&format!("add-{hours}-hours"), &|start| {
            calendar.add(start, hours * 3_600, &[], Edge::Closing).is_ok()
        });
    }
    for days in [7, 365] {
        each(&format!("between-{days}-days"), &|from| {
            calendar.between(from, later(from, days * 86_400), &[]).is_ok()
        });
    }
    let paused = |start: Timestamp| {
        [1, 4, 9].map(|day| {
            let from = later(start, day * 86_400);
            Interval { from, to: later(from, 50_000) }
        })
    };
    each("add-100-hours-3-pauses", &|start| {
        calendar.add(start, 360_000, &paused(start), Edge::Closing).is_ok()
    });
    each("is_open", &|at| calendar.is_open(at).is_ok());
    each("next_open", &|at| calendar.next_open(at).is_ok());
    each("shift-5-business-days", &|at| calendar.shift_business_days(at, 5).is_ok());
    group.finish();
}

/// A ticket of twenty events at the desk of the cashiers: questions and answers, three pauses, two
/// queues, a higher priority.
fn events() -> Vec<TicketEvent> {
    let text = include_str!("ticket.json");
    serde_json::from_str(text).expect("a list of events")
}

fn ticket(criterion: &mut Criterion<CpuTime>) {
    let text = include_str!("../../presets/desks/cashier.json");
    let desk = Desk::compile(text).expect("a sound policy");
    let events = events();
    assert_eq!(events.len(), 20);
    let now = later(events.last().expect("an event").at, 3_600);
    let mut group = criterion.benchmark_group("ticket");
    group.bench_function("evaluate-20-events", |bencher| {
        bencher.iter(|| desk.evaluate(black_box(&events), now).expect("a sound ticket"));
    });
    group.bench_function("compile-cashier", |bencher| {
        bencher.iter(|| Desk::compile(black_box(text)).expect("a sound policy"));
    });
    group.finish();
}

criterion_group! {
    name = desk;
    config = Criterion::default().with_measurement(CpuTime);
    targets = calendar, ticket
}
criterion_main!(desk);
