//! What holds for every verdict, whatever the policy and the event.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;

use super::super::document::*;
use super::super::reading::Reading;
use super::super::sampled::{
    MONDAY, at, cases, event, events, folded, text_of, whole_catalogue, wild_event,
};
use super::super::state::Frozen;
use super::super::{Watch, catalogue};
use super::*;
use crate::document::canonical;
use crate::reason::ReasonCode;

const PLACES: [WatchPlace; 3] = [WatchPlace::Till, WatchPlace::Hub, WatchPlace::Centre];

fn threshold() -> BoxedStrategy<Decimal> {
    prop_oneof![
        4 => (0..20i64).prop_map(Decimal::from),
        2 => (0..100_000i64).prop_map(|units| Decimal::new(units, 2)),
        1 => select(vec![Decimal::new(-1, 2), Decimal::new(crate::amount::AMOUNT_MAX, 2)]),
    ]
    .boxed()
}

/// Bounds of a test: one or two of them.
fn bounds() -> BoxedStrategy<[Option<Decimal>; 3]> {
    (threshold(), threshold(), 0..5u8)
        .prop_map(|(one, other, how)| match how {
            0 => [Some(one), None, None],
            1 => [None, Some(one), None],
            2 => [None, None, Some(one)],
            3 => [Some(one.min(other)), None, Some(one.max(other))],
            _ => [None, Some(one.min(other)), Some(one.max(other))],
        })
        .boxed()
}

fn condition(reads: bool) -> BoxedStrategy<WatchCondition> {
    let reading = (select(Reading::ALL), bounds()).prop_map(|(reading, bounds)| {
        let [at_least, over, under] = bounds;
        let reading = reading.as_str().to_owned();
        WatchCondition::Reading(ReadingTest { at_least, over, reading, under })
    });
    let counter = (select(vec!["a", "b", "c"]), bounds()).prop_map(|(counter, bounds)| {
        let [at_least, over, under] = bounds;
        let counter = counter.to_owned();
        WatchCondition::Counter(CounterTest { at_least, counter, minutes: None, over, under })
    });
    let told = prop_oneof![
        subsequence(WatchKind::ALL.to_vec(), 1..4).prop_map(WatchCondition::Kind),
        subsequence(WatchMark::ALL.to_vec(), 1..4).prop_map(WatchCondition::Mark),
        select(Presented::ALL).prop_map(|one| WatchCondition::Strength(vec![one])),
        select(crate::record::PresentOutcome::ALL)
            .prop_map(|one| WatchCondition::Outcome(vec![one])),
        Just(WatchCondition::Reason(vec![ReasonCode::CodeUnknown])),
    ];
    let leaf = if reads {
        prop_oneof![4 => reading, 2 => counter, 2 => told].boxed()
    } else {
        told.boxed()
    };
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(WatchCondition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(WatchCondition::Any),
            inner.prop_map(|one| WatchCondition::Not(Box::new(one))),
        ]
    })
    .boxed()
}

fn counters() -> BoxedStrategy<Vec<CounterDocument>> {
    let of = select(vec![
        WatchSubject::Card,
        WatchSubject::Cashier,
        WatchSubject::Till,
        WatchSubject::Store,
        WatchSubject::Program,
        WatchSubject::Device,
    ]);
    let one = (
        select(vec![60, 3_600, 86_400]),
        1..30u32,
        select(CounterMeasure::ALL),
        of,
        prop::option::of(condition(false)),
    );
    prop::collection::vec(one, 3)
        .prop_map(|all| {
            let named = all.into_iter().zip(["a", "b", "c"]);
            let counter = named.map(|((bucket_seconds, buckets, counts, of, when), id)| {
                CounterDocument { bucket_seconds, buckets, counts, id: id.to_owned(), of, when }
            });
            counter.collect()
        })
        .boxed()
}

/// A check of the catalogue, as it stands or otherwise.
fn catalogued() -> BoxedStrategy<CheckEntry> {
    let entries: Vec<usize> = (0..52).collect();
    let act = prop_oneof![
        4 => Just((None, None, None)),
        1 => (1..100u32).prop_map(|points| (Some(points), None, None)),
        1 => (select(WatchAction::ALL), select(WatchAction::ALL))
            .prop_map(|(action, earning)| (None, Some(action), Some(earning))),
    ];
    let mode = prop_oneof![6 => Just(CheckMode::Live), 1 => select(CheckMode::ALL)];
    let given = prop::option::weighted(0.3, (any::<prop::sample::Index>(), threshold()));
    let places = prop_oneof![2 => Just(Vec::new()), 1 => subsequence(PLACES.to_vec(), 1..3)];
    (select(entries), act, mode, given, places)
        .prop_map(|(index, (points, action, earning), mode, given, places)| {
            let mut entry = whole_catalogue().checks.remove(index);
            let known = catalogue::entry(&entry.check).unwrap().parameters;
            if let Some((index, value)) = given.filter(|_| !known.is_empty()) {
                entry.parameters.0.insert(index.get(known).name.to_owned(), value.abs());
            }
            CheckEntry { action, earning, mode, places, points, ..entry }
        })
        .boxed()
}

fn own_check() -> BoxedStrategy<CheckEntry> {
    let act = prop_oneof![
        (1..100u32).prop_map(|points| (Some(points), None, None)),
        (select(WatchAction::ALL), select(WatchAction::ALL)).prop_map(|(action, earning)| (
            None,
            Some(action),
            Some(earning)
        )),
    ];
    (act, condition(true), prop::option::of(select(Challenge::ALL)))
        .prop_map(|((points, action, earning), when, challenge)| CheckEntry {
            action,
            challenge,
            earning,
            points,
            when: Some(when),
            ..CheckEntry::default()
        })
        .boxed()
}

/// A policy that may have mistakes.
fn document() -> BoxedStrategy<WatchDocument> {
    let checks = prop::collection::vec(catalogued(), 0..12);
    let own = prop::collection::vec(own_check(), 0..4);
    (checks, own, counters(), select(WatchAction::ALL), 1..30u32)
        .prop_map(|(mut checks, own, counters, errored, hold_days)| {
            checks.sort_by(|one, other| one.check.cmp(&other.check));
            checks.dedup_by(|one, other| one.check == other.check);
            let own = own.into_iter().enumerate();
            checks.extend(own.map(|(n, one)| CheckEntry { check: format!("own-{n}"), ..one }));
            WatchDocument { checks, counters, errored, hold_days, ..whole_catalogue() }
        })
        .boxed()
}

/// A sound policy: what is unsound in it is left out.
fn sound() -> BoxedStrategy<WatchDocument> {
    document()
        .prop_map(|mut document| {
            while let Err(error) = Watch::compile(&text_of(&document)) {
                let path = error.path();
                let place = path.strip_prefix("/checks/").and_then(|rest| rest.split('/').next());
                match place.and_then(|place| place.parse::<usize>().ok()) {
                    Some(place) => {
                        document.checks.remove(place);
                    }
                    None => panic!("{error}"),
                }
            }
            document
        })
        .boxed()
}

fn compiled(document: &WatchDocument) -> Watch {
    Watch::compile(&text_of(document)).unwrap()
}

fn gravity(action: WatchAction) -> usize {
    WatchAction::ALL.iter().position(|one| *one == action).unwrap()
}

/// What every verdict is.
fn check(watch: &Watch, event: &WatchEvent, verdict: &Verdict) {
    let gravest = [verdict.spending, verdict.earning].map(gravity).into_iter().max().unwrap();
    let afterwards = usize::from(verdict.action == WatchAction::Review);
    assert_eq!(gravity(verdict.action), gravest.max(afterwards), "{verdict:?}");
    let steps_up = verdict.spending == WatchAction::StepUp;
    assert_eq!(verdict.challenge != Challenge::None, steps_up, "{verdict:?}");
    assert!(steps_up || !verdict.met, "{verdict:?}");
    assert!(!steps_up || verdict.met || event.confirmed != Challenge::Manager, "{verdict:?}");
    let holds = verdict.earning == WatchAction::Hold;
    assert!(holds || verdict.held_until.is_none(), "{verdict:?}");
    if let Some(until) = verdict.held_until {
        let days = i64::from(watch.document().hold_days);
        assert_eq!(until.as_second() - event.at.as_second(), days * 86_400);
    }
    let fired: Vec<&str> = verdict.fired.iter().map(|one| one.check.as_str()).collect();
    assert_eq!(verdict.shown.len(), fired.len().min(3));
    assert!(verdict.shown.iter().all(|shown| fired.contains(&shown.as_str())));
    // A check fires, is told as shadow or as not evaluated: one of them, once.
    let shadow = verdict.shadow.iter().map(|one| one.check.as_str());
    let errored = verdict.errored.iter().map(|one| one.check.as_str());
    let mut told: Vec<&str> = fired.iter().copied().chain(shadow).chain(errored).collect();
    let many = told.len();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), many, "{verdict:?}");
    for one in &verdict.errored {
        assert!(!one.lacks.is_empty(), "{one:?}");
    }
    let hard = |one: &CheckFired| [one.spending, one.earning].map(gravity).into_iter().max();
    let hard = verdict.fired.iter().filter_map(hard).max().unwrap_or(0);
    assert!(gravity(verdict.action) >= hard, "{verdict:?}");
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn a_policy_compiles_or_tells_a_place_for_every_mistake(document in document()) {
        let text = text_of(&document);
        match Watch::compile(&text) {
            Ok(watch) => {
                prop_assert_eq!(watch.document(), &document);
                let again = Watch::compile(&canonical(watch.document())).unwrap();
                prop_assert_eq!(again.version(), watch.version());
            }
            Err(error) => {
                for mistake in error.mistakes() {
                    prop_assert!(mistake.path.starts_with('/'), "{mistake:?}");
                    prop_assert!(!mistake.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn anything_is_judged_and_every_verdict_agrees_with_itself(
        document in sound(), events in events(30), more in prop_oneof![event(), wild_event()],
    ) {
        let watch = compiled(&document);
        let mut state = WatchState::default();
        for event in events.into_iter().chain([more]) {
            for place in PLACES {
                let (event, verdict) = watch.judge(&state, place, event.clone());
                check(&watch, &event, &verdict);
            }
            let (event, _) = watch.judge(&state, WatchPlace::Till, event);
            state.fold(&event);
        }
    }

    #[test]
    fn the_same_policy_state_and_event_give_the_same_bytes(
        document in sound(), events in events(30), more in event(),
    ) {
        let watch = compiled(&document);
        let turned: Vec<&WatchEvent> = events.iter().rev().collect();
        let again = compiled(watch.document());
        for place in PLACES {
            let (event, verdict) = watch.judge(&folded(&events), place, more.clone());
            let (same_event, same) = again.judge(&folded(turned.clone()), place, more.clone());
            prop_assert_eq!(canonical(&event), canonical(&same_event));
            prop_assert_eq!(canonical(&verdict), canonical(&same));
            // What a record keeps of an event is judged as the event was.
            let (kept, verdict_of_kept) = watch.judge(&folded(&events), place, event.clone());
            prop_assert_eq!(kept, event);
            prop_assert_eq!(verdict_of_kept, verdict);
        }
    }

    #[test]
    fn a_verdict_and_its_event_are_read_as_they_were_written(
        document in sound(), events in events(20), more in event(),
    ) {
        let watch = compiled(&document);
        let (event, verdict) = watch.judge(&folded(&events), WatchPlace::Centre, more);
        let watched = crate::record::Watched { event, verdict: Some(verdict) };
        let text = canonical(&watched);
        let node = crate::json::Node::parse(&text, usize::MAX).unwrap();
        let (read, mistakes) = crate::document::Reader::recorded(&node);
        prop_assert!(mistakes.is_empty(), "{mistakes:?}");
        prop_assert_eq!(watched, read);
    }

    #[test]
    fn checks_in_the_shadow_fire_as_live_ones_do_and_nothing_follows(
        document in sound(), events in events(30), more in event(),
    ) {
        let mode = |mode: CheckMode| {
            let live = document.checks.iter().filter(|one| one.mode != CheckMode::Off);
            let checks = live.map(|one| CheckEntry { mode, ..one.clone() }).collect();
            compiled(&WatchDocument { checks, ..document.clone() })
        };
        let state = folded(&events);
        for place in PLACES {
            let (_, live) = mode(CheckMode::Live).judge(&state, place, more.clone());
            let (_, shadow) = mode(CheckMode::Shadow).judge(&state, place, more.clone());
            prop_assert_eq!(live.fired, shadow.shadow);
            prop_assert_eq!(shadow.action, WatchAction::Allow);
            prop_assert!(shadow.fired.is_empty() && shadow.freezes.is_empty());
            prop_assert!(shadow.errored.is_empty() && shadow.score == WatchScore::default());
        }
    }

    #[test]
    fn a_policy_with_fewer_checks_is_never_graver(
        document in sound(), events in events(30), more in event(), kept in any::<u64>(),
    ) {
        let few = document.checks.iter().enumerate().filter(|(n, _)| kept >> (n % 64) & 1 == 1);
        let few: Vec<CheckEntry> = few.map(|(_, one)| one.clone()).collect();
        let state = folded(&events);
        let (_, whole) = compiled(&document).judge(&state, WatchPlace::Centre, more.clone());
        let part = WatchDocument { checks: few, ..document };
        let (_, part) = compiled(&part).judge(&state, WatchPlace::Centre, more);
        prop_assert!(gravity(part.action) <= gravity(whole.action));
        prop_assert!(gravity(part.spending) <= gravity(whole.spending));
        prop_assert!(gravity(part.earning) <= gravity(whole.earning));
        prop_assert!(part.score.spending <= whole.score.spending);
    }

    #[test]
    fn nothing_is_spent_from_what_is_frozen_until_it_is_thawed(
        document in sound(), events in events(20), more in event(),
    ) {
        let watch = compiled(&document);
        let mut state = folded(&events);
        let said = |seconds, frozen| Frozen {
            at: at(MONDAY + seconds),
            record: "a-1-1".into(),
            frozen,
            by: None,
        };
        let judge = |state: &WatchState| watch.judge(state, WatchPlace::Till, more.clone()).1;
        let before = judge(&state);
        let Some(cashier) = more.cashier.clone() else { return Ok(()) };
        state.freeze(WatchSubject::Cashier, &cashier, said(1, true));
        let frozen = judge(&state);
        prop_assert_eq!(frozen.spending, WatchAction::Deny);
        prop_assert!(gravity(frozen.earning) >= gravity(WatchAction::Hold));
        prop_assert_eq!(frozen.fired.first().map(|one| one.check.as_str()), Some(FROZEN));
        // An earlier word that comes late changes nothing; a later one does.
        state.freeze(WatchSubject::Cashier, &cashier, said(0, false));
        prop_assert_eq!(judge(&state), frozen);
        state.freeze(WatchSubject::Cashier, &cashier, said(2, false));
        prop_assert_eq!(judge(&state), before);
    }
}

#[test]
fn the_whole_catalogue_judges_the_ends_of_everything() {
    let watch = compiled(&whole_catalogue());
    let amounts = [i64::MIN, -1, 0, 1, i64::MAX].map(|units| Amount { units, digits: 0 });
    let mut state = WatchState::default();
    for kind in WatchKind::ALL {
        for amount in amounts {
            for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                let some = Some(String::new());
                let event = WatchEvent {
                    amount,
                    at,
                    balance: Some(amount),
                    card: some.clone(),
                    cashier: some.clone(),
                    device: some.clone(),
                    earned: amount,
                    from: some.clone(),
                    gifts: u32::MAX,
                    kind: *kind,
                    local_minute: Some(u32::MAX),
                    marks: WatchMark::ALL.to_vec(),
                    number: some.clone(),
                    offline_minutes: Some(u32::MAX),
                    reasons: vec![ReasonCode::CodeUnknown],
                    receipt: some.clone(),
                    receipt_at: Some(Timestamp::MIN),
                    spent: amount,
                    stamps: amount,
                    store: some.clone(),
                    till: some,
                    wrong_codes: vec![String::new(), ":".into()],
                    ..WatchEvent::default()
                };
                let (event, verdict) = watch.judge(&state, WatchPlace::Centre, event);
                check(&watch, &event, &verdict);
                state.fold(&event);
            }
        }
    }
}
