use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn named(ru: &str, en: &str) -> Localized {
    Localized { en: en.into(), ru: ru.into() }
}

fn component(id: &str, stores: &[&str]) -> Component {
    Component {
        id: id.into(),
        name: named("Связь с 1С", "1C link"),
        stores: stores.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn event(
    component: &str,
    store: Option<&str>,
    from: &str,
    to: Option<&str>,
    status: ComponentStatus,
) -> ComponentEvent {
    ComponentEvent {
        at: at(from),
        component: component.into(),
        status,
        store: store.map(str::to_owned),
        to: to.map(at),
    }
}

fn window(from: &str, to: &str, planned: bool) -> MaintenanceWindow {
    MaintenanceWindow {
        component: None,
        from: at(from),
        id: "sunday".into(),
        planned,
        to: Some(at(to)),
    }
}

fn query(components: Vec<Component>, events: Vec<ComponentEvent>) -> ComponentsQuery {
    ComponentsQuery {
        at: at("2026-02-15T12:00:00+03:00"),
        components,
        events,
        zone: "Europe/Moscow".into(),
        ..ComponentsQuery::default()
    }
}

#[test]
fn a_status_holds_until_the_next_one() {
    use ComponentStatus::{Degraded, Down, Up};
    let events = vec![
        event("backend", None, "2026-02-15T11:00:00+03:00", None, Up),
        event("backend", None, "2026-02-15T10:00:00+03:00", None, Down),
        event("backend", None, "2026-02-15T10:30:00+03:00", None, Degraded),
    ];
    let mut query = query(vec![component("backend", &[])], events);
    for (instant, status) in [
        ("2026-02-15T09:59:59+03:00", Up),
        ("2026-02-15T10:00:00+03:00", Down),
        ("2026-02-15T10:30:00+03:00", Degraded),
        ("2026-02-15T11:00:00+03:00", Up),
    ] {
        query.at = at(instant);
        assert_eq!(answer_components(&query).unwrap().status, status, "{instant}");
    }
}

#[test]
fn the_worst_of_the_stores_is_the_components_and_the_worst_component_the_whole() {
    use ComponentStatus::{Degraded, Down};
    let events = vec![
        event("1c", Some("rubin"), "2026-02-15T10:00:00+03:00", None, Degraded),
        event(
            "1c",
            Some("almaz"),
            "2026-02-15T11:00:00+03:00",
            Some("2026-02-15T12:00:01+03:00"),
            Down,
        ),
    ];
    let components = vec![component("backend", &[]), component("1c", &["rubin", "almaz", "topaz"])];
    let answer = answer_components(&query(components, events)).unwrap();
    assert_eq!(answer.status, Down);
    assert_eq!(answer.components[0].status, ComponentStatus::Up);
    let stores: Vec<_> = answer.components[1].stores.iter().map(|it| it.status).collect();
    assert_eq!(stores, [Degraded, Down, ComponentStatus::Up]);
}

#[test]
fn planned_maintenance_is_left_out_of_availability_and_emergency_is_not() {
    use ComponentStatus::{Degraded, Down};
    // The day of 2026-02-15 in Moscow. Planned 02:00 to 04:00; down 03:00 to 05:00, of which the
    // hour after 04:00 counts; emergency 10:00 to 10:30; degraded 10:15 to 11:00, of which the
    // half hour after 10:30 is not hidden by the maintenance.
    let events = vec![
        event(
            "backend",
            None,
            "2026-02-15T03:00:00+03:00",
            Some("2026-02-15T05:00:00+03:00"),
            Down,
        ),
        event(
            "backend",
            None,
            "2026-02-15T10:15:00+03:00",
            Some("2026-02-15T11:00:00+03:00"),
            Degraded,
        ),
    ];
    let mut query = query(vec![component("backend", &[])], events);
    query.from = Some(at("2026-02-15T00:00:00+03:00"));
    query.to = Some(at("2026-02-16T00:00:00+03:00"));
    query.maintenance = vec![
        window("2026-02-15T02:00:00+03:00", "2026-02-15T04:00:00+03:00", true),
        window("2026-02-15T10:00:00+03:00", "2026-02-15T10:30:00+03:00", false),
    ];
    let measured = answer_components(&query).unwrap().availability.remove(0);
    assert_eq!(measured.planned_seconds, 7_200);
    assert_eq!(measured.down_seconds, 3_600);
    assert_eq!(measured.maintenance_seconds, 1_800);
    assert_eq!(measured.degraded_seconds, 1_800);
    // 86,400 − 7,200 − 3,600 − 1,800 − 1,800 = 72,000; 73,800 of 79,200 are 93.1818 %.
    assert_eq!(measured.up_seconds, 72_000);
    assert_eq!(measured.available, Share::new(73_800, 79_200));
    assert_eq!(measured.available.percent.as_deref(), Some("93.181"));
}

#[test]
fn a_whole_day_of_planned_maintenance_has_no_percentage() {
    let mut query = query(vec![component("backend", &[])], Vec::new());
    query.from = Some(at("2026-02-15T02:00:00+03:00"));
    query.to = Some(at("2026-02-15T03:00:00+03:00"));
    query.maintenance =
        vec![window("2026-02-15T02:00:00+03:00", "2026-02-15T04:00:00+03:00", true)];
    let measured = answer_components(&query).unwrap().availability.remove(0);
    assert_eq!((measured.planned_seconds, measured.available.percent), (3_600, None));
}

#[test]
fn the_status_page_reads_well_in_both_languages() {
    use ComponentStatus::Down;
    let events = vec![event("1c", Some("rubin"), "2026-02-15T10:00:00+03:00", None, Down)];
    let mut backend = component("backend", &[]);
    backend.name = named("Сервер", "Backend");
    let mut query = query(vec![backend, component("1c", &["rubin", "almaz"])], events);
    query.stores = vec![StoreName { id: "rubin".into(), name: named("Рубин", "Rubin") }];
    query.maintenance =
        vec![window("2026-02-22T02:00:00+03:00", "2026-02-22T04:00:00+03:00", true)];
    assert_eq!(
        answer_components(&query).unwrap().lines,
        [
            "Есть неполадки: часть сервисов не работает",
            "По состоянию на 15.02.2026 12:00",
            "",
            "Сервер: работает",
            "Связь с 1С: не работает",
            "  Рубин: не работает",
            "  almaz: работает",
            "",
            "Плановые работы: 22.02.2026 02:00 — 22.02.2026 04:00",
        ]
    );
    query.language = Language::English;
    assert_eq!(
        answer_components(&query).unwrap().lines,
        [
            "Some services are down",
            "As of 15 Feb 2026 12:00",
            "",
            "Backend: up",
            "1C link: down",
            "  Rubin: down",
            "  almaz: up",
            "",
            "Planned maintenance: 22 Feb 2026 02:00 – 22 Feb 2026 04:00",
        ]
    );
}

#[test]
fn what_names_nothing_or_ends_before_it_begins_is_refused() {
    use ComponentStatus::Down;
    let now = "2026-02-15T10:00:00+03:00";
    let mut query = query(
        vec![component("1c", &["rubin", "rubin"])],
        vec![event("1s", None, now, None, Down), event("1c", Some("rubim"), now, Some(now), Down)],
    );
    query.from = Some(at(now));
    query.maintenance = vec![window(now, now, true)];
    let error = answer_components(&query).unwrap_err();
    let found: Vec<_> =
        error.mistakes().iter().map(|it| (it.path.as_str(), it.code.as_str())).collect();
    assert_eq!(
        found,
        [
            ("/components/0/stores/1", "desk.duplicate"),
            ("/events/0/component", "desk.reference"),
            ("/events/1/store", "desk.reference"),
            ("/events/1/to", "desk.contradiction"),
            ("/maintenance/0/to", "desk.contradiction"),
            ("/to", "desk.contradiction"),
        ]
    );
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

proptest! {
    #[test]
    fn availability_agrees_with_asking_for_every_second(
        events in proptest::collection::vec(
            (0i64..60, proptest::option::of(1i64..30), 0usize..4, any::<bool>()), 0..10),
        windows in proptest::collection::vec((0i64..60, 1i64..20, any::<bool>()), 0..4),
        from in 0i64..60,
        length in 0i64..60,
    ) {
        let event = |(from, length, status, at_store): &(i64, Option<i64>, usize, bool)| {
            ComponentEvent {
                at: moment(*from),
                component: "1c".into(),
                status: ComponentStatus::ALL[*status],
                store: at_store.then(|| "rubin".into()),
                to: length.map(|length| moment(from + length)),
            }
        };
        let window = |(from, length, planned): &(i64, i64, bool)| MaintenanceWindow {
            component: None,
            from: moment(*from),
            id: String::new(),
            planned: *planned,
            to: Some(moment(from + length)),
        };
        let mut query = ComponentsQuery {
            components: vec![component("1c", &["rubin"])],
            events: events.iter().map(event).collect(),
            from: Some(moment(from)),
            maintenance: windows.iter().map(window).collect(),
            to: Some(moment(from + length)),
            zone: "UTC".into(),
            ..ComponentsQuery::default()
        };
        let measured = answer_components(&query).unwrap().availability.remove(0);
        let mut naive = Availability {
            component: "1c".into(),
            store: Some("rubin".into()),
            ..Availability::default()
        };
        for second in from..from + length {
            query.at = moment(second);
            let is_planned = |(from, length, planned): &(i64, i64, bool)| {
                *planned && *from <= second && second < from + length
            };
            let counter = match answer_components(&query).unwrap().status {
                _ if windows.iter().any(is_planned) => &mut naive.planned_seconds,
                ComponentStatus::Up => &mut naive.up_seconds,
                ComponentStatus::Degraded => &mut naive.degraded_seconds,
                ComponentStatus::Maintenance => &mut naive.maintenance_seconds,
                ComponentStatus::Down => &mut naive.down_seconds,
            };
            *counter += 1;
        }
        let available = naive.up_seconds + naive.degraded_seconds;
        let counted = available + naive.down_seconds + naive.maintenance_seconds;
        naive.available = Share::new(available, counted);
        prop_assert_eq!(measured, naive);
    }
}

#[test]
fn thousands_of_unknown_names_are_refused_without_delay() {
    let long = |index: usize| format!("{index:0>64}");
    let components = (0..10_000).map(|index| component(&long(index), &[])).collect();
    let now = "2026-02-15T10:00:00+03:00";
    let unknown =
        |index: usize| event(&long(index + 20_000), None, now, None, ComponentStatus::Down);
    let query = query(components, (0..10_000).map(unknown).collect());
    let error = answer_components(&query).unwrap_err();
    assert_eq!(error.path(), "/events/0/component");
}
