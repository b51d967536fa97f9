//! Runs vectors that ask a watch.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kopilka::Error;
use kopilka::document::{Reader, canonical, from_node, to_node};
use kopilka::json::Node;
use kopilka::watch::{Verdict, Watch, WatchEvent, WatchPlace, WatchState};

use crate::conformance::{Failure, check_keys, compiled, judge, preset};

/// The watch of a vector.
pub fn load(vector: &Node) -> Result<Watch, String> {
    Watch::from_node(&document(vector)?).map_err(|error| error.to_string())
}

/// Its policy: the name of a file in `presets/watch` or a document.
pub fn document(vector: &Node) -> Result<Node, String> {
    match vector.get("watch") {
        Some(Node::Text(name)) => preset(&format!("watch/{name}")),
        Some(document) => Ok(document.clone()),
        None => Err("missing".into()),
    }
}

/// The events of a step as they are written, one for each time.
pub fn turns(step: &Node) -> Vec<Node> {
    let number = |key: &str, absent: i64| match step.get(key) {
        Some(Node::Integer(value)) => *value,
        _ => absent,
    };
    let event = step.get("event").cloned().unwrap_or_default();
    let first = event.get("at").and_then(|at| at.text()?.parse::<Timestamp>().ok());
    let turn = |turn: i64| {
        let mut event = event.clone();
        let every = SignedDuration::from_secs(number("every_seconds", 60) * turn);
        let at = first.and_then(|first| first.checked_add(every).ok());
        if let (Node::Map(entries), Some(at)) = (&mut event, at)
            && let Some((_, value)) = entries.iter_mut().find(|(key, _)| key == "at")
        {
            *value = Node::Text(at.to_string());
        }
        event
    };
    (0..number("times", 1)).map(turn).collect()
}

/// What a vector did so far: the state, and every event as it was folded.
#[derive(Default)]
struct Course {
    state: WatchState,
    folded: Vec<WatchEvent>,
}

/// Runs the steps of a vector. At the end the same events in the other order, and the states of two
/// halves merged, must come to the same state.
pub fn run(watch: &Watch, steps: &[Node]) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut course = Course::default();
    let mut answers = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        let place = format!("step {}", number + 1);
        let known = [
            "name",
            "event",
            "times",
            "every_seconds",
            "place",
            "compile",
            "expect",
            "error",
            "errors",
        ];
        check_keys(step, &known, &place, &mut failures);
        let outcome = match step.get("compile") {
            Some(document) => {
                Watch::from_node(document).map(|watch| compiled(watch.id(), watch.version()))
            }
            None => events(watch, step, &mut course, &mut failures),
        };
        let expects = ["expect", "error", "errors"].iter().any(|key| step.get(key).is_some());
        match outcome {
            Ok(_) if !expects => {}
            outcome => judge(step, place, outcome, "", &mut answers, &mut failures),
        }
    }
    failures.extend(check_orders(&course));
    failures
}

/// Judges and folds an event, as often as a step says; the verdict of the last one.
fn events(
    watch: &Watch,
    step: &Node,
    course: &mut Course,
    failures: &mut Vec<Failure>,
) -> Result<Node, Error> {
    let place = step.get("place").map(from_node::<WatchPlace>).transpose()?.unwrap_or_default();
    let mut verdict = Verdict::default();
    for event in turns(step) {
        let (seen, found) = watch.judge(&course.state, place, from_node(&event)?);
        verdict = found;
        check_round_trip(&seen, &verdict, failures);
        course.state.fold(&seen);
        course.folded.push(seen);
    }
    Ok(to_node(&verdict))
}

/// Every event and verdict of every vector must survive being written and read again.
fn check_round_trip(event: &WatchEvent, verdict: &Verdict, failures: &mut Vec<Failure>) {
    let again = |text: &str| Node::parse(text, usize::MAX).unwrap_or_default();
    let (event_text, verdict_text) = (canonical(event), canonical(verdict));
    let (second_event, mistakes) = Reader::recorded::<WatchEvent>(&again(&event_text));
    let (second_verdict, more) = Reader::recorded::<Verdict>(&again(&verdict_text));
    let same = canonical(&second_event) == event_text && canonical(&second_verdict) == verdict_text;
    if !same || !mistakes.is_empty() || !more.is_empty() {
        failures.push(Failure {
            place: "written and read again".into(),
            field: String::new(),
            expected: format!("{event_text} {verdict_text}"),
            actual: format!("{mistakes:?} {more:?}"),
        });
    }
}

fn check_orders(course: &Course) -> Option<Failure> {
    let fold = |events: &mut dyn Iterator<Item = &WatchEvent>| {
        let mut state = WatchState::default();
        events.for_each(|event| state.fold(event));
        state
    };
    let mut merged = fold(&mut course.folded.iter().step_by(2));
    merged.merge(&fold(&mut course.folded.iter().skip(1).step_by(2)));
    let reversed = fold(&mut course.folded.iter().rev());
    let same = reversed == course.state && merged == course.state;
    (!same).then(|| Failure {
        place: "events in another order".into(),
        field: String::new(),
        expected: "the same state".into(),
        actual: format!("reversed {}, merged {}", reversed == course.state, merged == course.state),
    })
}
