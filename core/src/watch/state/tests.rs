//! What the events add up to, in whatever order they come.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::event::WatchMark;
use super::super::sampled::{DAY, HOUR, MONDAY, at, cases, event, events, folded, second};
use super::*;
use crate::json::Node;
use crate::key::Key;
use crate::slice::Slice;

fn shuffled<T: Clone>(items: &[T], mut seed: u64) -> Vec<T> {
    let mut items = items.to_vec();
    for place in (1..items.len()).rev() {
        // Knuth's multiplier for 64 bits; only that orders differ matters.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        items.swap(place, (seed >> 33) as usize % (place + 1));
    }
    items
}

fn merged(one: &WatchState, other: &WatchState) -> WatchState {
    let mut both = one.clone();
    both.merge(other);
    both
}

fn said(n: i64, frozen: bool) -> Frozen {
    Frozen { at: at(MONDAY + n / 3), record: format!("a-1-{}", n % 3), frozen, by: None }
}

/// Every state of a subject, with whose it is.
fn all(state: &WatchState) -> Vec<(WatchSubject, &str, &SubjectState)> {
    state.ids().map(|(of, id)| (of, id, state.get(of, id).unwrap())).collect()
}

/// The same through the text that a store keeps.
fn through_texts(state: &WatchState) -> WatchState {
    let mut slice = Slice::default();
    let mut other = Slice::default();
    *slice.watch_state_mut() = state.clone();
    for key in slice.loaded() {
        let text = slice.stored(&key).unwrap();
        other.restore(&key, &text, &[]).unwrap();
        assert_eq!(other.stored(&key), Some(text), "one state has one text");
    }
    other.watch_state().clone()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn events_in_any_order_add_up_to_the_same_state(events in events(60), seed in any::<u64>()) {
        let state = folded(&events);
        prop_assert_eq!(&folded(&shuffled(&events, seed)), &state);
        prop_assert_eq!(folded(events.iter().rev()), state);
    }

    #[test]
    fn events_of_two_ledgers_add_up_to_the_same_state_when_those_are_merged(
        events in events(60), sides in prop::collection::vec(0..3usize, 60), seed in any::<u64>(),
    ) {
        let mut parts: [WatchState; 3] = Default::default();
        for (event, side) in shuffled(&events, seed).iter().zip(&sides) {
            parts[*side].fold(event);
        }
        let [one, other, third] = &parts;
        let whole = folded(&events);
        prop_assert_eq!(&merged(&merged(one, other), third), &whole);
        prop_assert_eq!(&merged(one, &merged(other, third)), &whole);
        prop_assert_eq!(&merged(third, &merged(other, one)), &whole);
        prop_assert_eq!(merged(&WatchState::default(), &whole), whole);
    }

    #[test]
    fn the_last_word_on_freezing_holds_in_any_order(
        words in prop::collection::vec((0..9i64, any::<bool>()), 1..8), seed in any::<u64>(),
    ) {
        let freeze = |words: &[(i64, bool)]| {
            let mut state = WatchState::default();
            for (n, frozen) in words {
                state.freeze(WatchSubject::Card, "1001", said(*n, *frozen));
            }
            state
        };
        let state = freeze(&words);
        prop_assert_eq!(&freeze(&shuffled(&words, seed)), &state);
        let (one, other) = words.split_at(words.len() / 2);
        prop_assert_eq!(&merged(&freeze(other), &freeze(one)), &state);
        let last = words.iter().map(|(n, frozen)| (said(*n, *frozen).at, n % 3, *frozen)).max();
        let known = state.get(WatchSubject::Card, "1001").unwrap().rare.as_ref().unwrap().frozen.as_ref().unwrap();
        prop_assert_eq!(known.frozen, last.unwrap().2);
    }

    #[test]
    fn no_state_keeps_more_than_its_counters_may(events in events(120)) {
        let state = folded(&events);
        for (of, id, subject) in all(&state) {
            for counter in Counter::ALL {
                let spec = counter.spec();
                let cells = subject.cells.iter().filter(|c| c.key >> 56 == *counter as u64);
                let cells: Vec<&Cell> = cells.collect();
                prop_assert!(cells.is_empty() || spec.of == of, "{counter:?} of {of:?} {id}");
                let buckets: BTreeSet<u32> = cells.iter().map(|c| bucket_of(c.key)).collect();
                if let (Some(first), Some(last)) = (buckets.first(), buckets.last()) {
                    prop_assert!(last - first < spec.buckets, "{counter:?} {buckets:?}");
                }
                for bucket in &buckets {
                    let here = cells.iter().filter(|c| bucket_of(c.key) == *bucket);
                    let (others, members): (Vec<&&Cell>, Vec<&&Cell>) =
                        here.partition(|c| member_of(c.key) == OTHERS);
                    prop_assert!(members.len() <= spec.members.max(1), "{counter:?}");
                    prop_assert!(others.len() <= usize::from(spec.members > 0), "{counter:?}");
                }
            }
            prop_assert!(subject.cells.windows(2).all(|pair| pair[0].key < pair[1].key));
            let own = |one: &OwnCounter| (one.counter.clone(), one.bucket_seconds, one.buckets);
            prop_assert!(subject.own().windows(2).all(|pair| own(&pair[0]) < own(&pair[1])));
            for one in subject.own() {
                let (first, last) = (one.cells.first(), one.cells.last());
                if let (Some(first), Some(last)) = (first, last) {
                    prop_assert!(last.0 - first.0 < one.buckets, "{one:?}");
                }
                prop_assert!(one.cells.windows(2).all(|p| (p[0].0, p[0].1) < (p[1].0, p[1].1)));
                let of = |bucket| one.cells.iter().filter(|cell| cell.0 == bucket).count();
                prop_assert!(one.cells.iter().all(|cell| of(cell.0) <= OWN_MEMBERS), "{one:?}");
            }
        }
    }

    #[test]
    fn of_a_card_at_most_sixteen_last_events_are_kept_and_none_is_a_day_older_than_the_last(
        events in events(120),
    ) {
        let state = folded(&events);
        for (of, id, subject) in all(&state) {
            let recent = &subject.recent;
            prop_assert!(recent.len() <= 2 * RECENT_MAX);
            prop_assert!(of == WatchSubject::Card || recent.is_empty());
            let last = recent.last().map_or(0, |one| one.at);
            prop_assert!(recent.iter().all(|one| one.at <= last && last - one.at < DAY as u32));
            // The last of all is always among them.
            let own = events.iter().filter(|e| of == WatchSubject::Card && e.card.as_deref() == Some(id));
            prop_assert_eq!(recent.last().copied(), own.filter_map(Recent::of).max());
        }
    }

    #[test]
    fn a_stored_state_is_read_as_it_was_written(events in events(60), frozen in any::<bool>()) {
        let mut state = folded(&events);
        state.freeze(WatchSubject::Till, "", said(1, frozen));
        prop_assert_eq!(through_texts(&state), state);
    }

    #[test]
    fn states_that_differ_have_texts_that_differ(events in events(20), more in event()) {
        let state = folded(&events);
        let mut grown = state.clone();
        grown.fold(&more);
        let texts = |state: &WatchState| {
            let mut slice = Slice::default();
            *slice.watch_state_mut() = state.clone();
            let keys = slice.loaded().into_iter();
            keys.map(|key| (slice.stored(&key), key)).collect::<Vec<_>>()
        };
        prop_assert_eq!(texts(&state) == texts(&grown), state == grown);
        for (text, key) in texts(&state) {
            prop_assert!(matches!(key, Key::Watch(..)));
            prop_assert!(Node::parse(&text.unwrap(), usize::MAX).is_ok());
        }
    }

    #[test]
    fn an_event_changes_those_whom_it_says_and_nobody_else(events in events(30), more in event()) {
        let before = folded(&events);
        let mut after = before.clone();
        after.fold(&more);
        let named = more.subjects();
        for (of, id, subject) in all(&after) {
            let known = named.contains(&(of, id));
            prop_assert!(known || before.get(of, id) == Some(subject), "{of:?} {id}");
        }
        for (of, id) in named {
            prop_assert!(after.get(of, id).is_some(), "{of:?} {id} is named and not counted");
        }
    }
}

/// What a counter counts of an event, as its name and the catalogue say it.
type Naive = fn(&WatchEvent) -> i64;

fn whole(amount: crate::amount::Amount) -> i64 {
    amount.units * 100 / 10_i64.pow(u32::from(amount.digits))
}

fn sale(event: &WatchEvent) -> bool {
    event.kind == WatchKind::Sale
}

fn spends(event: &WatchEvent) -> bool {
    sale(event) && whole(event.spent) > 0
}

fn one_if(truth: bool) -> i64 {
    i64::from(truth)
}

/// Counters that add up, each with the length of its window in seconds.
const SUMS: &[(Counter, u32, Naive)] = &[
    (Counter::EarnedHours, 24, |e| if sale(e) { whole(e.earned) } else { 0 }),
    (Counter::EarnedDays, 6, |e| if sale(e) { whole(e.earned) } else { 0 }),
    (Counter::SpentHours, 24, |e| if sale(e) { whole(e.spent) } else { 0 }),
    (Counter::Spends, 6, |e| one_if(spends(e))),
    (Counter::OfflineSpends, 6, |e| one_if(spends(e) && e.offline_minutes.is_some())),
    (Counter::LateClaims, 6, |e| one_if(sale(e) && e.has(WatchMark::LateClaim))),
    (Counter::ByCashier, 6, |e| one_if(sale(e) && e.cashier.is_some())),
    (Counter::ByCashierShift, 12, |e| one_if(sale(e) && e.cashier.is_some())),
    (Counter::EarnedAtStore, 2, |e| one_if(sale(e) && whole(e.earned) > 0)),
    (Counter::SpentReturns, 12, |e| {
        one_if(e.kind == WatchKind::Refund && e.has(WatchMark::Shortfall))
    }),
    (Counter::TakenBack, 6, |e| if e.kind == WatchKind::Refund { whole(e.spent) } else { 0 }),
    (Counter::Returns, 6, |e| one_if(e.kind == WatchKind::Refund)),
    (Counter::CardVoids, 6, |e| {
        one_if(matches!(e.kind, WatchKind::Void | WatchKind::Refund) && e.has(WatchMark::HadSpend))
    }),
    (Counter::Sources, 7, |e| one_if(e.kind == WatchKind::Transfer)),
    (Counter::Loaded, 12, |e| if e.kind == WatchKind::Load { whole(e.amount) } else { 0 }),
    (Counter::GiftPaid, 12, |e| if e.kind == WatchKind::GiftSpend { whole(e.amount) } else { 0 }),
    (Counter::Failures, 3, |e| one_if(refused(e))),
    (Counter::FailuresDays, 6, |e| one_if(refused(e))),
    (Counter::Claimed, 1, |e| one_if(sale(e))),
    (Counter::CashierCards, 6, |e| one_if(sale(e) && e.cashier.is_some() && e.card.is_some())),
    (Counter::Grants, 24, |e| one_if(e.kind == WatchKind::Grant)),
    (Counter::Granted, 24, |e| if e.kind == WatchKind::Grant { whole(e.earned) } else { 0 }),
    (Counter::Toggles, 24, |e| one_if(e.kind == WatchKind::Freeze)),
    (Counter::ShiftReceipts, 12, |e| one_if(sale(e))),
    (Counter::ShiftVoids, 12, |e| one_if(e.kind == WatchKind::Void)),
    (Counter::OwnReturns, 6, |e| one_if(e.kind == WatchKind::Refund && e.has(WatchMark::OwnSale))),
    (Counter::WrongCodes, 12, |e| e.wrong_codes.len() as i64),
    (Counter::WrongCodesHours, 24, |e| e.wrong_codes.len() as i64),
    (Counter::TillLoads, 12, |e| if sale(e) { i64::from(e.gifts) } else { 0 }),
    (Counter::Presented, 12, |e| one_if(e.kind == WatchKind::Present)),
    (Counter::Turnover, 7, |e| if sale(e) && e.cashier.is_some() { whole(e.amount) } else { 0 }),
    (Counter::Voids, 6, |e| one_if(e.kind == WatchKind::Void)),
    (Counter::Baskets, 6, |e| one_if(sale(e) && whole(e.amount) > 0)),
    (Counter::Prefixes, 2, |e| e.wrong_codes.len() as i64),
];

fn refused(event: &WatchEvent) -> bool {
    event.kind == WatchKind::Present
        && event.outcome.unwrap_or_default() == crate::record::PresentOutcome::Refused
}

/// How many seconds one bucket of a counter holds, as the catalogue's windows are divided.
fn naive_bucket(counter: Counter) -> i64 {
    use Counter::*;
    match counter {
        EarnedHours | SpentHours | ByCashierShift | Grants | Granted | Toggles | ShiftReceipts
        | ShiftVoids | WrongCodesHours => HOUR,
        Loaded | GiftPaid | Failures | WrongCodes | TillLoads | Presented => 300,
        Sources | Turnover => DAY,
        EarnedDays | SpentReturns | TakenBack | Returns => 15 * DAY,
        EarnedAtStore => 365 * DAY,
        Prefixes => 1_800,
        Claimed => i64::MAX,
        _ => 5 * DAY,
    }
}

fn is_named(event: &WatchEvent, of: WatchSubject, id: &str) -> bool {
    let named = match of {
        WatchSubject::Card => &event.card,
        WatchSubject::Cashier => &event.cashier,
        WatchSubject::Till => &event.till,
        WatchSubject::Store => &event.store,
        WatchSubject::Number => &event.number,
        WatchSubject::Device => &event.device,
        WatchSubject::Receipt => &event.receipt,
        WatchSubject::Program => return id.is_empty(),
    };
    named.as_deref() == Some(id)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_sum_of_a_window_is_what_its_events_come_to(
        events in prop::collection::vec(event(), 1..80), later in prop_oneof![Just(0), 0..8 * DAY],
    ) {
        let state = folded(&events);
        let newest = events.iter().map(|e| e.at.as_second()).max().unwrap();
        let now = newest + later;
        for (of, id, subject) in all(&state) {
            for (counter, buckets, naive) in SUMS.iter().filter(|one| one.0.spec().of == of) {
                let bucket = naive_bucket(*counter);
                let within = |e: &&WatchEvent| {
                    is_named(e, of, id)
                        && e.at.as_second() / bucket > now / bucket - i64::from(*buckets)
                };
                let expected: i64 = events.iter().filter(within).map(naive).sum();
                let cells = subject.window(*counter, u32::try_from(now).unwrap(), *buckets);
                let found: i64 = cells.iter().map(|cell| cell.value).sum();
                prop_assert_eq!(found, expected, "{:?} of {:?} {}", counter, of, id);
            }
        }
    }

    #[test]
    fn members_are_told_apart_up_to_the_bound_and_the_rest_is_kept_together(
        events in prop::collection::vec(event(), 1..150),
    ) {
        type Member = fn(&WatchEvent) -> Option<&String>;
        let tables: [(Counter, Member, Naive); 4] = [
            (Counter::Claimed, |e| e.card.as_ref(), |e| one_if(sale(e))),
            (Counter::CashierCards, |e| e.card.as_ref(), |e| one_if(sale(e) && e.card.is_some())),
            (Counter::Voids, |e| e.cashier.as_ref(), |e| one_if(e.kind == WatchKind::Void)),
            (Counter::Sources, |e| e.from.as_ref(), |e| one_if(e.kind == WatchKind::Transfer)),
        ];
        let state = folded(&events);
        for (of, id, subject) in all(&state) {
            for (counter, named, naive) in tables.iter().filter(|one| one.0.spec().of == of) {
                let bucket = naive_bucket(*counter);
                let own = || events.iter().filter(|e| is_named(e, of, id) && naive(e) > 0);
                let Some(last) = own().map(|e| e.at.as_second() / bucket).max() else { continue };
                if i64::from(subject.newest) / bucket - last >= i64::from(counter.spec().buckets) {
                    // A later event of the same subject has pushed that bucket out.
                    let kept = subject.cells.iter().any(|cell| cell.key >> 56 == *counter as u64);
                    prop_assert!(!kept, "{counter:?} of {id}");
                    continue;
                }
                let here = own().filter(|e| e.at.as_second() / bucket == last);
                let mut members: Vec<(u32, i64)> = Vec::new();
                for event in here {
                    // Whoever is not named is one of them all the same.
                    let one = named(event).map_or(0, |word| member(word));
                    match members.iter_mut().find(|(known, _)| *known == one) {
                        Some((_, times)) => *times += 1,
                        None => members.push((one, 1)),
                    }
                }
                members.sort_unstable();
                let kept = members.len().min(counter.spec().members);
                let rest: i64 = members[kept..].iter().map(|(_, times)| times).sum();
                let second = u32::try_from(if bucket == i64::MAX { 0 } else { last * bucket });
                let second = second.unwrap();
                let cells = subject.window(*counter, second, 1);
                let cells = cells.iter().map(|cell| (member_of(cell.key), cell.value));
                let (others, found): (Vec<_>, Vec<_>) =
                    cells.partition(|(one, _)| *one == OTHERS);
                prop_assert_eq!(&found[..], &members[..kept], "{:?} of {}", counter, id);
                let others: i64 = others.iter().map(|(_, value)| value).sum();
                prop_assert_eq!(others, rest, "{:?} of {}", counter, id);
            }
        }
    }

    #[test]
    fn instants_are_the_latest_and_the_earliest(events in prop::collection::vec(event(), 1..60)) {
        type Is = fn(&WatchEvent) -> bool;
        let tables: [(Counter, bool, Is); 6] = [
            (Counter::IssuedAt, false, |e| e.kind == WatchKind::Issue),
            (Counter::SeenAt, true, |e| {
                use WatchKind::*;
                matches!(e.kind, Sale | GiftSpend | Issue | Load)
            }),
            (Counter::LastSpentAt, true, spends),
            (Counter::CredentialAt, true, |e| e.kind == WatchKind::Credential),
            (Counter::MemberAt, true, |e| e.kind == WatchKind::Share),
            (Counter::TransferAt, true, |e| e.kind == WatchKind::Transfer),
        ];
        let state = folded(&events);
        for (_, id, subject) in all(&state).into_iter().filter(|one| one.0 == WatchSubject::Card) {
            for (counter, latest, is) in &tables {
                let own = events.iter().filter(|e| e.card.as_deref() == Some(id) && is(e));
                let own = own.map(|e| e.at.as_second());
                let expected = if *latest { own.max() } else { own.min() };
                prop_assert_eq!(subject.instant(*counter), expected, "{:?} of {}", counter, id);
            }
        }
    }

    #[test]
    fn an_own_counter_adds_up_what_its_window_holds(
        added in prop::collection::vec((second(), 1..1_000i64), 1..60),
    ) {
        let counted = |value| Counted {
            bucket_seconds: 3_600,
            buckets: 24,
            counter: "own".into(),
            member: None,
            of: WatchSubject::Card,
            value,
        };
        let mut state = SubjectState::default();
        for (second, value) in &added {
            state.count(u32::try_from(*second).unwrap(), &counted(*value));
        }
        let newest = added.iter().map(|(second, _)| second / HOUR).max().unwrap();
        let within = added.iter().filter(|(second, _)| second / HOUR > newest - 24);
        let expected: i64 = within.map(|(_, value)| value).sum();
        let found: i64 = state.own()[0].cells.iter().map(|(_, _, value)| value).sum();
        prop_assert_eq!(found, expected);
    }
}

fn earned(second: i64) -> WatchEvent {
    WatchEvent {
        at: at(second),
        card: Some("1001".into()),
        earned: crate::amount::Amount { units: 10, digits: 0 },
        ..WatchEvent::default()
    }
}

fn hours_kept(state: &WatchState) -> usize {
    let card = state.get(WatchSubject::Card, "1001").unwrap();
    card.cells.iter().filter(|c| c.key >> 56 == Counter::EarnedHours as u64).count()
}

#[test]
fn an_event_older_than_the_window_counts_in_it_no_more_and_in_longer_ones_still() {
    let mut state = folded([&earned(MONDAY + 30 * HOUR)]);
    let before = state.clone();
    state.fold(&earned(MONDAY + 7 * HOUR));
    assert_eq!(hours_kept(&state), 2, "the 24th hour back is in the window");
    state = before;
    state.fold(&earned(MONDAY + 7 * HOUR - 1));
    assert_eq!(hours_kept(&state), 1, "the 25th is not");
    let card = state.get(WatchSubject::Card, "1001").unwrap();
    let second = u32::try_from(MONDAY + 30 * HOUR).unwrap();
    let days: i64 = card.window(Counter::EarnedDays, second, 6).iter().map(|c| c.value).sum();
    assert_eq!(days, 2_000);
}

#[test]
fn an_event_from_far_ahead_empties_windows_and_one_from_far_behind_changes_none() {
    let mut state = folded([&earned(MONDAY), &earned(MONDAY + HOUR)]);
    let known = state.clone();
    // A clock that stood at 1970 or before it: its events are older than every window.
    for second in [0, -1, 5_000] {
        let before = hours_kept(&state);
        state.fold(&earned(second));
        assert_eq!(hours_kept(&state), before);
    }
    let last = |state: &WatchState| {
        let card = state.get(WatchSubject::Card, "1001").unwrap();
        (card.recent.clone(), card.instant(Counter::SeenAt))
    };
    assert_eq!(last(&state), last(&known));
    state.fold(&earned(MONDAY + 10 * 365 * DAY));
    assert_eq!(hours_kept(&state), 1);
    assert_eq!(last(&state).0.len(), 1);
}

#[test]
fn a_bucket_at_the_end_of_all_seconds_overflows_nothing() {
    let mut state = SubjectState::default();
    let counted = |bucket_seconds, buckets| Counted {
        bucket_seconds,
        buckets,
        counter: "own".into(),
        member: None,
        of: WatchSubject::Card,
        value: i64::MAX,
    };
    for (seconds, buckets) in [(1, 1), (1, u32::MAX), (0, 1), (1, 0), (u32::MAX, 2)] {
        state.count(u32::MAX, &counted(seconds, buckets));
        state.count(u32::MAX - 1, &counted(seconds, buckets));
        state.count(0, &counted(seconds, buckets));
    }
    let one = state.own().iter().find(|one| (one.bucket_seconds, one.buckets) == (1, 1)).unwrap();
    assert_eq!(one.cells, [(u32::MAX, 0, i64::MAX)]);
}

/// A state in which every counter is full.
fn full(of: WatchSubject) -> SubjectState {
    let mut state = SubjectState::default();
    for counter in Counter::ALL.iter().filter(|counter| counter.spec().of == of) {
        let spec = counter.spec();
        for bucket in 0..spec.buckets {
            for member in 0..=u32::try_from(spec.members).unwrap() {
                state.add(*counter, 20 * spec.seconds + bucket * spec.seconds, member, 1);
            }
        }
    }
    for n in 0..20 {
        let what = [Recent::SALE | Recent::SPENT, Recent::SALE | Recent::EARNED][n as usize % 2];
        let recent = Recent { at: n, store: n, till: n, what, amount: 1 };
        if of == WatchSubject::Card {
            state.note(recent);
        }
    }
    state.freeze(said(1, true));
    state
}

#[test]
fn no_state_is_larger_than_its_policy_tells_before_it_runs() {
    let watch = super::super::Watch::compile(r#"{"id": "t", "checks": []}"#).unwrap();
    let cost = watch.cost(super::super::WatchPlace::Till);
    let told = [
        (WatchSubject::Card, cost.card_bytes),
        (WatchSubject::Cashier, cost.cashier_bytes),
        (WatchSubject::Program, cost.program_bytes),
        (WatchSubject::Store, cost.store_bytes),
        (WatchSubject::Till, cost.till_bytes),
    ];
    for (of, bytes) in told {
        let state = full(of);
        assert!(state.bytes() as u64 <= bytes, "{of:?}: {} {bytes}", state.bytes());
    }
}
