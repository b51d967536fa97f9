//! Readings against what can be counted naively from the events.

use proptest::prelude::*;

use super::super::place::Place;
use super::super::sampled::{DAY, HOUR, MONDAY, at, cases, events, folded, wild_event};
use super::*;
use crate::amount::Amount;

fn points(units: i64) -> Amount {
    Amount { units, digits: 0 }
}

fn read(state: &WatchState, event: &WatchEvent, reading: Reading) -> Option<i64> {
    Readings::new(state, event, &Places::default()).value(reading)
}

/// A receipt of one card.
#[derive(Clone, Copy, Debug)]
struct Receipt {
    second: i64,
    earned: i64,
    spent: i64,
    cashier: usize,
    card: usize,
}

impl Receipt {
    fn event(&self) -> WatchEvent {
        WatchEvent {
            at: at(MONDAY + self.second),
            card: Some(format!("100{}", self.card)),
            cashier: Some(format!("cashier-{}", self.cashier)),
            earned: points(self.earned),
            spent: points(self.spent),
            store: Some("pushkin".into()),
            till: Some("pushkin-1".into()),
            ..WatchEvent::default()
        }
    }
}

/// Instants of a day and a bit, often close together and often on the edge of a window.
fn seconds() -> BoxedStrategy<i64> {
    let edge = |length: i64, of: i64| {
        (0..of, -1..2i64).prop_map(move |(n, off)| (n * length + off).max(0))
    };
    prop_oneof![
        3 => 26 * HOUR - 40 * 60..26 * HOUR,
        2 => 0..26 * HOUR,
        2 => edge(900, 104),
        1 => edge(HOUR, 26),
    ]
    .boxed()
}

fn receipts(
    most: usize,
    earned: BoxedStrategy<i64>,
    spent: BoxedStrategy<i64>,
) -> BoxedStrategy<Vec<Receipt>> {
    let one = (seconds(), earned, spent).prop_map(|(second, earned, spent)| Receipt {
        second,
        earned,
        spent,
        cashier: 0,
        card: 1,
    });
    let day = prop::collection::vec(one, 1..most);
    day.prop_map(|mut day| {
        day.sort_by_key(|one| one.second);
        day
    })
    .boxed()
}

fn maybe(most: i64) -> BoxedStrategy<i64> {
    prop_oneof![Just(0), 1..most].boxed()
}

/// The last of them is being decided, the others are known.
fn decided(day: &[Receipt]) -> (WatchState, WatchEvent) {
    let (last, known) = day.split_last().unwrap();
    let known: Vec<WatchEvent> = known.iter().map(Receipt::event).collect();
    (folded(&known), last.event())
}

/// How many receipts of a day are within some seconds of the last one, and such.
fn naive(day: &[Receipt], within: i64, is: impl Fn(&Receipt) -> bool) -> i64 {
    let now = day.last().unwrap().second;
    let count = day.iter().filter(|one| now - one.second < within && is(one)).count();
    100 * (count as i64).min(8)
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn f03_counts_the_receipts_that_earned(day in receipts(30, maybe(50), Just(0).boxed())) {
        let (state, event) = decided(&day);
        let earns = |one: &Receipt| one.earned > 0;
        let half_an_hour = naive(&day, 1_800, earns);
        prop_assert_eq!(read(&state, &event, Reading::CardEarns30m), Some(half_an_hour));
        let day = naive(&day, DAY, earns);
        prop_assert_eq!(read(&state, &event, Reading::CardEarns24h), Some(day));
    }

    #[test]
    fn f13_counts_redemptions_and_no_receipts_between_hide_them(
        day in receipts(40, maybe(50), maybe(50)),
    ) {
        let (state, event) = decided(&day);
        let spends = |one: &Receipt| one.spent > 0;
        let quarter = naive(&day, 900, spends);
        prop_assert_eq!(read(&state, &event, Reading::CardSpends15m), Some(quarter));
        let day = naive(&day, DAY, spends);
        prop_assert_eq!(read(&state, &event, Reading::CardSpends24h), Some(day));
    }

    #[test]
    fn f14_adds_up_what_was_spent_in_the_present_hour_and_the_23_before_it(
        day in receipts(60, maybe(50), maybe(500)),
    ) {
        let (state, event) = decided(&day);
        let now = (MONDAY + day.last().unwrap().second) / HOUR;
        let within = day.iter().filter(|one| now - (MONDAY + one.second) / HOUR < 24);
        let expected: i64 = within.map(|one| one.spent * 100).sum();
        prop_assert_eq!(read(&state, &event, Reading::CardSpent24h), Some(expected));
    }

    #[test]
    fn f19_measures_from_the_store_where_the_card_was_last_seen(
        stops in prop::collection::vec((0..4usize, 1..20 * HOUR, any::<bool>()), 2..20),
    ) {
        // On one meridian a degree is 111.195 km.
        const LATITUDES: [i64; 4] = [55_000_000, 55_500_000, 56_000_000, 59_938_000];
        let place = |latitude: &i64| {
            let at = Some((*latitude, 37_600_000));
            (format!("store-{latitude}"), Place { at, ..Place::default() })
        };
        let places = Places::new(LATITUDES.iter().map(place).collect());
        let mut now = MONDAY;
        let mut state = WatchState::default();
        let mut last: Option<(i64, i64)> = None;
        for (store, later, earns) in &stops {
            now += later;
            let latitude = LATITUDES[*store];
            let event = WatchEvent {
                at: at(now),
                card: Some("1001".into()),
                earned: points(i64::from(*earns)),
                store: Some(format!("store-{latitude}")),
                ..WatchEvent::default()
            };
            let readings = Readings::new(&state, &event, &places);
            let found = (Reading::CardTravelKm, Reading::CardTravelKmh);
            let found = (readings.value(found.0), readings.value(found.1));
            if let Some((from, since)) = last {
                let metres = (from - latitude).abs() * 111_195 / 1_000_000;
                prop_assert_eq!(found.0, Some(metres / 10));
                // Hundredths of a kilometre an hour: metres × 3,600 ÷ 10 for each second.
                prop_assert_eq!(found.1, Some(metres * 360 / (now - since)));
            } else if state.get(WatchSubject::Card, "1001").is_some() {
                prop_assert_eq!(found, (Some(0), Some(0)));
            } else {
                prop_assert_eq!(found, (None, None));
            }
            state.fold(&event);
            // A receipt that moves no points tells of no place.
            last = if *earns { Some((latitude, now)) } else { last };
        }
    }

    #[test]
    fn f48_counts_a_card_with_its_cashier_and_against_the_other_cards(
        weeks in prop::collection::vec((0..40 * DAY, 0..4usize, 0..10usize), 1..120),
    ) {
        let mut weeks = weeks;
        weeks.sort_unstable();
        let receipt = |(second, cashier, card): &(i64, usize, usize)| Receipt {
            second: *second,
            earned: 5,
            spent: 0,
            cashier: *cashier,
            card: *card,
        };
        let all: Vec<Receipt> = weeks.iter().map(receipt).collect();
        let (state, event) = decided(&all);
        let last = *all.last().unwrap();
        let bucket = |second: i64, length: i64| (MONDAY + second) / length;
        let within = |one: &&Receipt, length: i64, buckets: i64| {
            bucket(last.second, length) - bucket(one.second, length) < buckets
        };
        let same = |one: &&Receipt| one.card == last.card && one.cashier == last.cashier;
        let shift = all.iter().filter(|one| within(one, HOUR, 12) && same(one)).count() as i64;
        let month: Vec<&Receipt> = all.iter().filter(|one| within(one, 5 * DAY, 6)).collect();
        let own = month.iter().filter(|one| same(one)).count() as i64;
        let card = month.iter().filter(|one| one.card == last.card).count() as i64;
        let read = |reading| read(&state, &event, reading);
        prop_assert_eq!(read(Reading::CardCashierShift), Some(shift * 100));
        prop_assert_eq!(read(Reading::CardCashier30d), Some(own * 100));
        prop_assert_eq!(read(Reading::CardCashierPercent), Some(own * 10_000 / card));
        let with = |card: usize| {
            month.iter().filter(|one| one.card == card && one.cashier == last.cashier).count()
        };
        let others = (0..10).filter(|card| *card != last.card).map(|card| with(card) as i64);
        let others: Vec<i64> = others.filter(|count| *count > 0).collect();
        prop_assert_eq!(read(Reading::CardCashierSigma), naive_sigma(own, &others));
    }

    #[test]
    fn no_reading_of_anything_overflows_and_none_passes_its_maximum(
        events in events(40), event in wild_event(),
    ) {
        let state = folded(&events);
        let places = Places::new(vec![("w1".into(), Place::default())]);
        for event in events.iter().chain([&event]) {
            let readings = Readings::new(&state, event, &places);
            for reading in Reading::ALL {
                let value = readings.value(*reading);
                if let Some((value, most)) = value.zip(reading.maximum()) {
                    prop_assert!((0..=most).contains(&value), "{reading:?} {value}");
                }
            }
        }
    }
}

/// The largest number of hundredths of a standard deviation that fits into the excess over the mean.
fn naive_sigma(value: i64, others: &[i64]) -> Option<i64> {
    let n = others.len() as i64;
    if n < 3 {
        return None;
    }
    let sum: i64 = others.iter().sum();
    let squares: i64 = others.iter().map(|one| one * one).sum();
    let excess = n * value - sum;
    // Cards of which each came as often as the others are taken to spread by one.
    let variance = (n * squares - sum * sum).max(n * n);
    let mut sigma = 0;
    while excess > 0 && (sigma + 1) * (sigma + 1) * variance <= 10_000 * excess * excess {
        sigma += 1;
    }
    Some(sigma)
}

#[test]
fn a_degree_on_the_sixtieth_parallel_is_half_of_one_on_the_equator() {
    let place = |at| Place { at: Some(at), ..Place::default() };
    let stores = [("a", (60_000_000, 30_000_000)), ("b", (60_000_000, 31_000_000))];
    let stores = stores.map(|(id, at)| (id.to_owned(), place(at)));
    let places = Places::new(stores.into());
    let event = |second: i64, store: &str| WatchEvent {
        at: at(MONDAY + second),
        card: Some("1001".into()),
        earned: points(1),
        store: Some(store.to_owned()),
        ..WatchEvent::default()
    };
    let state = folded([&event(0, "a")]);
    let late = event(HOUR, "b");
    let readings = Readings::new(&state, &late, &places);
    assert_eq!(readings.value(Reading::CardTravelKm), Some(5559));
    assert_eq!(readings.value(Reading::CardTravelKmh), Some(5559));
}

#[test]
fn what_was_spent_before_is_no_less_for_an_event_that_is_no_sale() {
    let sale = |kind, spent| WatchEvent {
        at: at(MONDAY),
        balance: Some(points(100)),
        card: Some("1001".into()),
        kind,
        spent: points(spent),
        ..WatchEvent::default()
    };
    let state = folded([&sale(WatchKind::Sale, 30)]);
    let balance = |kind| read(&state, &sale(kind, 20), Reading::CardBalance);
    // A day ago there were the 100 that are there now and the 30 that were spent since.
    assert_eq!(balance(WatchKind::Sale), Some(13_000));
    assert_eq!(balance(WatchKind::Refund), Some(13_000));
}
