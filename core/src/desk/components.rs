//! The status of components: up, degraded, in maintenance or down, and how available they were.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::local::{checked, second, unknown};
use super::maintenance::MaintenanceWindow;
use super::share::Share;
use super::texts;
use crate::document::{Collector, choice, document};
use crate::error::{Error, ErrorCode};
use crate::program::Localized;
use crate::texts::Language;

/// The most that stores times events may come to, so that no query takes long.
const WORK_MAX: usize = 10_000_000;

choice! {
    /// The status of a component, from the best to the worst.
    pub enum ComponentStatus {
        /// It works.
        Up = "up",
        /// It works, but slowly or not always. It counts as available.
        Degraded = "degraded",
        /// It is being worked on and does not serve.
        Maintenance = "maintenance",
        /// It does not work.
        Down = "down",
    }
}

document! {
    /// A store and its name.
    pub struct StoreName {
        /// The store's id.
        pub id: String,
        /// What people call it.
        pub name: Localized,
    }
}

document! {
    /// Something that works or does not: the backend, the database, the link to 1C.
    pub struct Component {
        /// Its id.
        pub id: String,
        /// Its name on the status page.
        pub name: Localized,
        /// The stores that have one each; it is one for all if empty.
        pub stores: Vec<String> = Vec::new(),
    }
}

document! {
    /// A status that a component has from an instant on.
    pub struct ComponentEvent {
        /// From when on.
        pub at: Timestamp,
        /// The component.
        pub component: String,
        /// The status.
        pub status: ComponentStatus,
        /// At which store; at each of them if left out.
        pub store: Option<String>,
        /// The instant at which it ends. If it is left out, the status holds until the next event
        /// without an end for the same component and the same store (or for each store). A status
        /// with an end lies over the others: the worst of all that hold is the component's.
        pub to: Option<Timestamp>,
    }
}

document! {
    /// Asks how components are, and how available they were in a period.
    pub struct ComponentsQuery {
        /// At which instant; events after it do not count for the status.
        pub at: Timestamp,
        /// The components; those of the desk if left out.
        pub components: Vec<Component> = Vec::new(),
        /// What happened, in any order. Of several events of one instant for the same component and
        /// store the worst counts.
        pub events: Vec<ComponentEvent>,
        /// The first instant of the period of which availability is told; together with `to`.
        pub from: Option<Timestamp>,
        /// The language of the status page.
        pub language: Language = Language::Russian,
        /// Maintenance: its components are in maintenance meanwhile. Planned maintenance is left out
        /// of availability, emergency maintenance is not.
        pub maintenance: Vec<MaintenanceWindow> = Vec::new(),
        /// The names of the stores, for the status page; those of the desk if left out.
        pub stores: Vec<StoreName> = Vec::new(),
        /// The first instant after the period.
        pub to: Option<Timestamp>,
        /// The time zone of the status page: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// How components are.
    pub struct ComponentsAnswer {
        /// How available each was, in the order of the components and their stores; empty without a
        /// period.
        pub availability: Vec<Availability>,
        /// Each component, in the order of the query.
        pub components: Vec<ComponentState>,
        /// The status page, a line each.
        pub lines: Vec<String>,
        /// The worst status of all.
        pub status: ComponentStatus,
    }
}

document! {
    /// How a component is.
    pub struct ComponentState {
        /// The component.
        pub component: String,
        /// The worst status of its stores.
        pub status: ComponentStatus,
        /// Its stores, in their order; empty if it is one for all.
        pub stores: Vec<StoreState>,
    }
}

document! {
    /// How a component is at a store.
    pub struct StoreState {
        /// Its status there.
        pub status: ComponentStatus,
        /// The store.
        pub store: String,
    }
}

document! {
    /// How available a component was in a period, in whole seconds.
    pub struct Availability {
        /// The seconds in which it worked, degraded or not, of those outside planned maintenance.
        pub available: Share,
        /// The component.
        pub component: String,
        /// Seconds in which it was degraded; they count as available.
        pub degraded_seconds: u64,
        /// Seconds in which it was down.
        pub down_seconds: u64,
        /// Seconds in which it was in maintenance that was not planned; not available.
        pub maintenance_seconds: u64,
        /// Seconds of planned maintenance, whatever else happened; not counted at all.
        pub planned_seconds: u64,
        /// The store, if each has its own.
        pub store: Option<String>,
        /// Seconds in which it was up.
        pub up_seconds: u64,
    }
}

/// The status of components at an instant, their availability in a period, and a status page.
///
/// # Errors
/// Components, stores or windows that are not known or wrong, and a period without one of its ends
/// or with reversed ones; more than 10 million stores times events.
pub fn answer_components(query: &ComponentsQuery) -> Result<ComponentsAnswer, Error> {
    checked(|collector| check_query(query, collector))?;
    let history = History::of(query);
    let mut answer = ComponentsAnswer::default();
    for component in &query.components {
        let states = component.places().map(|store| {
            let timeline = history.timeline(&component.id, store);
            (store, timeline.status(second(query.at)), timeline)
        });
        let mut state = ComponentState { component: component.id.clone(), ..Default::default() };
        for (store, status, timeline) in states {
            state.status = state.status.max(status);
            let named = store.map(|store| StoreState { status, store: store.to_owned() });
            state.stores.extend(named);
            if let (Some(from), Some(to)) = (query.from, query.to) {
                let measured = timeline.availability(second(from), second(to));
                let (component, store) = (component.id.clone(), store.map(str::to_owned));
                answer.availability.push(Availability { component, store, ..measured });
            }
        }
        answer.status = answer.status.max(state.status);
        answer.components.push(state);
    }
    answer.lines = texts::status_page(query, &answer);
    Ok(answer)
}

impl Component {
    /// The stores that have one each, or once `None` if it is one for all.
    fn places(&self) -> impl Iterator<Item = Option<&str>> {
        let whole = self.stores.is_empty().then_some(None);
        whole.into_iter().chain(self.stores.iter().map(|store| Some(store.as_str())))
    }
}

/// Checks components.
pub(crate) fn check_components(list: &[Component], collector: &mut Collector, path: &str) {
    collector.unique(list.iter().map(|component| &component.id), path);
    for (index, component) in list.iter().enumerate() {
        let mut seen = std::collections::BTreeSet::new();
        for (place, store) in component.stores.iter().enumerate() {
            if !seen.insert(store) {
                let message = format!("the store `{store}` is named twice");
                let path = format!("{path}/{index}/stores/{place}");
                collector.mistake(ErrorCode::DeskDuplicate, &path, message);
            }
        }
    }
}

fn check_query(query: &ComponentsQuery, collector: &mut Collector) {
    collector.zone(&query.zone, "/zone");
    check_components(&query.components, collector, "/components");
    let known: BTreeMap<&str, &Component> =
        query.components.iter().map(|component| (component.id.as_str(), component)).collect();
    let ids: Vec<&str> = query.components.iter().map(|component| component.id.as_str()).collect();
    let late = "the end is not after the beginning";
    for (index, event) in query.events.iter().enumerate() {
        let path = format!("/events/{index}");
        match (known.get(event.component.as_str()), &event.store) {
            (None, _) => {
                let path = format!("{path}/component");
                unknown(collector, &event.component, &ids, "component", &path);
            }
            (Some(component), Some(store)) if !component.stores.contains(store) => {
                let stores: Vec<&str> = component.stores.iter().map(String::as_str).collect();
                unknown(collector, store, &stores, "store", &format!("{path}/store"));
            }
            _ => {}
        }
        if event.to.is_some_and(|to| to <= event.at) {
            collector.contradiction(&format!("{path}/to"), late);
        }
    }
    for (index, window) in query.maintenance.iter().enumerate() {
        let path = format!("/maintenance/{index}");
        if let Some(component) =
            window.component.as_ref().filter(|it| !known.contains_key(it.as_str()))
        {
            unknown(collector, component, &ids, "component", &format!("{path}/component"));
        }
        if window.to.is_some_and(|to| to <= window.from) {
            collector.contradiction(&format!("{path}/to"), late);
        }
    }
    let places: usize =
        query.components.iter().map(|component| component.stores.len().max(1)).sum();
    let stretches = query.events.len().saturating_add(query.maintenance.len());
    if places.saturating_mul(stretches) > WORK_MAX {
        let message = "too many stores with too many events; ask for fewer of them at once";
        collector.mistake(ErrorCode::DocumentListTooLong, "/events", message);
    }
    match (query.from, query.to) {
        (Some(from), Some(to)) if to < from => {
            collector.contradiction("/to", "`to` is before `from`");
        }
        (Some(_), None) => collector.contradiction("/to", "say `to` together with `from`"),
        (None, Some(_)) => collector.contradiction("/from", "say `from` together with `to`"),
        _ => {}
    }
}

/// A stretch of time and what held in it.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: i64,
    to: i64,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Is(ComponentStatus),
    Planned,
}

/// What a component and a store of it went through, or each of its stores.
type Place<'a> = (&'a str, Option<&'a str>);

/// The stretches of each component and store, made once.
struct History<'a> {
    of_place: BTreeMap<Place<'a>, Vec<Stretch>>,
    /// Maintenance of everything.
    of_all: Vec<Stretch>,
}

impl<'a> History<'a> {
    fn of(query: &'a ComponentsQuery) -> History<'a> {
        let mut lasting: BTreeMap<Place<'a>, Vec<(i64, ComponentStatus)>> = BTreeMap::new();
        let mut history = History { of_place: BTreeMap::new(), of_all: Vec::new() };
        for event in &query.events {
            let place = (event.component.as_str(), event.store.as_deref());
            let (from, what) = (second(event.at), What::Is(event.status));
            match event.to.map(second) {
                None => lasting.entry(place).or_default().push((from, event.status)),
                Some(to) => {
                    history.of_place.entry(place).or_default().push(Stretch { from, to, what });
                }
            }
        }
        for (place, mut events) in lasting {
            // The worst of one instant comes last and the others hold for no time at all.
            events.sort_unstable();
            let ends = events.iter().skip(1).map(|(at, _)| *at).chain([i64::MAX]);
            let stretches = events.iter().zip(ends).map(|((from, status), to)| Stretch {
                from: *from,
                to,
                what: What::Is(*status),
            });
            history.of_place.entry(place).or_default().extend(stretches);
        }
        for window in &query.maintenance {
            let (from, to) = (second(window.from), window.to.map_or(i64::MAX, second));
            let under = Stretch { from, to, what: What::Is(ComponentStatus::Maintenance) };
            let planned = Stretch { what: What::Planned, ..under };
            let stretches = [Some(under), Some(planned).filter(|_| window.planned)];
            let list = match window.component.as_deref() {
                Some(component) => history.of_place.entry((component, None)).or_default(),
                None => &mut history.of_all,
            };
            list.extend(stretches.into_iter().flatten());
        }
        history
    }

    fn timeline(&self, component: &str, store: Option<&str>) -> Timeline {
        let everywhere = self.of_place.get(&(component, None));
        let here = store.and_then(|store| self.of_place.get(&(component, Some(store))));
        let own = [everywhere, here].into_iter().flatten().flatten();
        Timeline(own.chain(&self.of_all).copied().collect())
    }
}

/// The stretches of one component at one store.
struct Timeline(Vec<Stretch>);

impl Timeline {
    fn status(&self, at: i64) -> ComponentStatus {
        let holds = self.0.iter().filter(|stretch| stretch.from <= at && at < stretch.to);
        let statuses = holds.filter_map(|stretch| match stretch.what {
            What::Is(status) => Some(status),
            What::Planned => None,
        });
        statuses.max().unwrap_or_default()
    }

    /// Goes once over the ends of all stretches and counts what holds between two of them.
    fn availability(&self, from: i64, to: i64) -> Availability {
        let mut ends = Vec::new();
        for stretch in &self.0 {
            let (begin, end) = (stretch.from.max(from), stretch.to.min(to));
            if begin < end {
                ends.push((begin, stretch.what, true));
                ends.push((end, stretch.what, false));
            }
        }
        ends.sort_unstable_by_key(|(at, ..)| *at);
        let mut open = Open::default();
        let mut measured = Availability::default();
        let mut reached = from;
        for (at, what, begins) in ends {
            open.measure(at - reached, &mut measured);
            reached = at;
            open.change(what, begins);
        }
        open.measure(to - reached, &mut measured);
        let available = measured.up_seconds + measured.degraded_seconds;
        let counted = available + measured.down_seconds + measured.maintenance_seconds;
        Availability { available: Share::new(available, counted), ..measured }
    }
}

/// How many stretches of each kind hold at the moment.
#[derive(Default)]
struct Open {
    degraded: usize,
    down: usize,
    maintenance: usize,
    planned: usize,
}

impl Open {
    fn change(&mut self, what: What, begins: bool) {
        let counter = match what {
            What::Is(ComponentStatus::Up) => return,
            What::Is(ComponentStatus::Degraded) => &mut self.degraded,
            What::Is(ComponentStatus::Maintenance) => &mut self.maintenance,
            What::Is(ComponentStatus::Down) => &mut self.down,
            What::Planned => &mut self.planned,
        };
        // Every stretch begins before it ends, so that this never goes below nothing.
        *counter = if begins { counter.saturating_add(1) } else { counter.saturating_sub(1) };
    }

    fn measure(&self, seconds: i64, into: &mut Availability) {
        let counter = if self.planned > 0 {
            &mut into.planned_seconds
        } else if self.down > 0 {
            &mut into.down_seconds
        } else if self.maintenance > 0 {
            &mut into.maintenance_seconds
        } else if self.degraded > 0 {
            &mut into.degraded_seconds
        } else {
            &mut into.up_seconds
        };
        *counter += u64::try_from(seconds).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
