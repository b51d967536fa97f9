//! The three desks of `presets/desks`: whole, with no doubts of the linter but those that they should
//! have, and with every worked example of theirs, under each reading of their rules.

mod cashier;
mod loona;
mod ton18;

use jiff::Timestamp;
use kopilka::desk::{
    Desk, DeskAnswer, DeskQuery, DeskWarningKind, Metric, Promise, TicketEvent, TicketView,
    TimerView, lint_desk,
};
use kopilka::document::from_node;
use kopilka::json::Node;
use serde_json::{Value, json};

const LOONA: &str = include_str!("../../../presets/desks/loona.json");
const TON18: &str = include_str!("../../../presets/desks/ton18.json");
const CASHIER: &str = include_str!("../../../presets/desks/cashier.json");
const DAYS: &str = include_str!("../../../presets/days/ru.json");

/// A preset.
fn desk(text: &str) -> Desk {
    Desk::compile(text).unwrap()
}

/// A preset with one place of its document changed: another reading of the rules.
#[track_caller]
fn desk_with(text: &str, pointer: &str, value: Value) -> Desk {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let (place, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(place).unwrap() {
        Value::Object(object) => {
            object.insert(key.to_owned(), value);
        }
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        other => panic!("{other} has no `{key}`"),
    }
    desk(&document.to_string())
}

/// An instant by Moscow time, which has no changes of the clocks in these years.
fn at(local: &str) -> Timestamp {
    format!("{local}+03:00").parse().unwrap()
}

/// Events by Moscow time.
fn events(all: &[(&str, Value)]) -> Vec<TicketEvent> {
    let event = |(local, event): &(&str, Value)| -> TicketEvent {
        let text = json!({"at": at(local).to_string(), "event": event}).to_string();
        from_node(&Node::parse(&text, 100_000).unwrap()).unwrap()
    };
    all.iter().map(event).collect()
}

/// What is known of a ticket.
#[track_caller]
fn view(desk: &Desk, all: &[(&str, Value)], now: &str) -> TicketView {
    desk.evaluate(&events(all), at(now)).unwrap()
}

/// The last clock of a kind.
#[track_caller]
fn timer(view: &TicketView, metric: Metric, promise: Promise) -> &TimerView {
    let mut timers = view.timers.iter().rev();
    timers.find(|timer| timer.metric == metric && timer.promise == promise).unwrap()
}

/// When the last clock of a kind is due, of what was promised to the customer.
#[track_caller]
fn due(view: &TicketView, metric: Metric) -> Timestamp {
    timer(view, metric, Promise::Customer).due.unwrap()
}

/// When the first reply to a ticket is due that was registered like this.
#[track_caller]
fn first_reply(desk: &Desk, local: &str, registered: Value) -> Timestamp {
    let ticket = [(local, json!({"registered": registered}))];
    due(&view(desk, &ticket, local), Metric::FirstReply)
}

/// What a calendar of a desk says.
#[track_caller]
fn ask(desk: &Desk, query: Value) -> Value {
    let text = json!({"calendar": query}).to_string();
    let query: DeskQuery = from_node(&Node::parse(&text, 100_000).unwrap()).unwrap();
    let DeskAnswer::Calendar(answer) = desk.call(query).unwrap() else { panic!("no answer") };
    serde_json::from_str(&kopilka::document::canonical(&answer)).unwrap()
}

/// What the linter says: kinds and places.
fn doubts(text: &str) -> Vec<(DeskWarningKind, String)> {
    lint_desk(&desk(text)).into_iter().map(|warning| (warning.kind, warning.path)).collect()
}

#[test]
fn each_preset_has_the_production_calendar_as_it_ships() {
    let mut days: Value = serde_json::from_str(DAYS).unwrap();
    // Only a file names its schema.
    days.as_object_mut().unwrap().remove("$schema");
    for text in [LOONA, TON18, CASHIER] {
        let document: Value = serde_json::from_str(text).unwrap();
        assert_eq!(document["days"], json!([days]));
    }
}

#[test]
fn each_preset_says_what_is_its_makers_own() {
    for text in [LOONA, TON18, CASHIER] {
        assert!(desk(text).document().notes.len() >= 10);
    }
}

/// Places of contacts below one another.
fn contacts(places: impl IntoIterator<Item = usize>) -> Vec<(DeskWarningKind, String)> {
    let blank = |place| (DeskWarningKind::ContactBlank, format!("/contacts/{place}"));
    places.into_iter().map(blank).collect()
}

#[test]
fn the_linter_names_the_one_contact_that_loona_lacks() {
    assert_eq!(desk(LOONA).document().contacts[2].id, "head_of_service");
    assert_eq!(doubts(LOONA), contacts([2]));
}

#[test]
fn the_linter_names_six_contacts_and_the_promise_of_a_chat_that_is_not_there_yet() {
    // Everybody but `support`.
    let mut expected = contacts(1..=6);
    let unused = |place| (DeskWarningKind::TargetUnused, format!("/targets/{place}"));
    expected.extend([6, 7].map(unused));
    let desk = desk(TON18);
    assert_eq!(desk.document().targets[6].id, "chat-first");
    assert_eq!(desk.document().targets[7].id, "chat-next");
    assert_eq!(doubts(TON18), expected);
}

#[test]
fn the_linter_names_every_blank_line_of_the_cashiers_and_what_tier_3_cannot_keep() {
    let part = |place: usize, key: &str| {
        (DeskWarningKind::ContactBlank, format!("/contacts/{place}/{key}"))
    };
    // The hotline, then the telephones of tiers 1 and 2, who can be written to.
    let mut expected = contacts([0]);
    expected.extend([part(1, "phone"), part(2, "phone")]);
    // Two managers; a manager, a technical contact and an IT support of each of six stores; 1C, network
    // and hardware.
    expected.extend(contacts([4, 5]));
    expected.extend(contacts(6..24));
    expected.extend(contacts([24, 25, 26]));
    expected.extend([part(27, "name"), part(27, "phone")]);
    // The group of managers, whose invitation is given separately.
    expected.extend(contacts([39]));
    // P0 in 1 hour and P1 in 4 hours, of people who work from 9 to 18.
    let unreachable = |place| (DeskWarningKind::TargetUnreachable, format!("/targets/{place}"));
    expected.extend([9, 10].map(unreachable));
    let desk = desk(CASHIER);
    let contact = |place: usize| desk.document().contacts[place].id.as_str();
    assert_eq!([contact(24), contact(27), contact(39)], ["1c", "security", "managers_group"]);
    assert_eq!(desk.document().targets[9].id, "tier3-p0");
    assert_eq!(doubts(CASHIER), expected);
}
