//! Random events and policies for the properties of the watch.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::document::*;
use super::event::{Counted, WatchEvent, WatchKind, WatchMark, WatchSubject};
use super::state::WatchState;
use crate::amount::Amount;
use crate::document::canonical;
use crate::order::{Challenge, Presented};
use crate::reason::ReasonCode;
use crate::record::PresentOutcome;

/// So many cases, the same in every run; or as many as `PROPTEST_CASES` says, others each time.
pub fn cases(quick: u32) -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { ProptestConfig { cases: quick, rng_seed, ..config } }
}

/// Monday, 2 March 2026, at midnight in UTC.
pub const MONDAY: i64 = 1_772_409_600;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Points or money as everyday receipts have them.
fn amount() -> BoxedStrategy<Amount> {
    prop_oneof![
        2 => Just(Amount::default()),
        3 => (1..900i64).prop_map(|units| Amount { units, digits: 0 }),
        3 => (1..90_000i64).prop_map(|units| Amount { units, digits: 2 }),
        1 => (1..90_000i64).prop_map(|units| Amount { units, digits: 3 }),
    ]
    .boxed()
}

/// Any amount, as no till writes it.
fn wild_amount() -> BoxedStrategy<Amount> {
    let units = prop_oneof![
        select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX]),
        any::<i64>(),
        -10_000..10_000i64,
    ];
    (units, prop_oneof![0..4u8, any::<u8>()])
        .prop_map(|(units, digits)| Amount { units, digits })
        .boxed()
}

/// Instants of some months: often within one hour, often on an edge of buckets, often the same.
pub fn second() -> BoxedStrategy<i64> {
    let edge = |length: i64| (0..200 * DAY / length).prop_map(move |n| n * length);
    prop_oneof![
        4 => 0..2 * HOUR,
        4 => 0..2 * DAY,
        2 => (0..48i64).prop_map(|hour| hour * HOUR),
        2 => 0..400 * DAY,
        1 => edge(300),
        1 => edge(HOUR).prop_map(|second| second - 1),
        1 => edge(5 * DAY),
        1 => edge(15 * DAY).prop_map(|second| second - 1),
    ]
    .prop_map(|second| MONDAY + second)
    .boxed()
}

/// Any instant, also where no calendar ends.
fn wild_instant() -> BoxedStrategy<Timestamp> {
    let ends = vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];
    let second = prop_oneof![
        select(vec![-1, 1, 299, 300, i64::from(u32::MAX) - 1, i64::from(u32::MAX), 1 << 32]),
        Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
    ];
    prop_oneof![
        2 => select(ends),
        3 => second.prop_map(at),
        3 => self::second().prop_map(at),
    ]
    .boxed()
}

fn word(prefix: &'static str, most: u32) -> BoxedStrategy<Option<String>> {
    let many = 0..most;
    let few = 0..3u32;
    prop_oneof![
        1 => Just(None),
        6 => few.prop_map(move |n| Some(format!("{prefix}{n}"))),
        3 => many.prop_map(move |n| Some(format!("{prefix}{n}"))),
    ]
    .boxed()
}

/// Any text, the empty one too.
fn wild_word() -> BoxedStrategy<Option<String>> {
    prop_oneof![
        1 => Just(None),
        2 => Just(Some(String::new())),
        2 => word("w", 60),
        1 => ".{0,6}".prop_map(Some),
    ]
    .boxed()
}

fn marks() -> BoxedStrategy<Vec<WatchMark>> {
    prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::sample::subsequence(WatchMark::ALL.to_vec(), 0..4),
    ]
    .boxed()
}

fn counted(wild: bool) -> BoxedStrategy<Vec<Counted>> {
    let seconds = if wild {
        select(vec![0, 1, 60, 3_600, u32::MAX]).boxed()
    } else {
        select(vec![60, 3_600, 86_400]).boxed()
    };
    let buckets = if wild {
        select(vec![0, 1, 2, 400, u32::MAX]).boxed()
    } else {
        select(vec![1, 3, 24]).boxed()
    };
    let value = if wild {
        prop_oneof![select(vec![i64::MIN, -1, 0, 1, i64::MAX]), any::<i64>()].boxed()
    } else {
        (1..50_000i64).boxed()
    };
    let of = select(WatchSubject::ALL);
    let counter = select(vec!["own-1", "own-2", "own-3"]);
    (seconds, buckets, value, of, counter, word("m", 40))
        .prop_map(|(bucket_seconds, buckets, value, of, counter, member)| Counted {
            bucket_seconds,
            buckets,
            counter: counter.to_owned(),
            member,
            of,
            value,
        })
        .prop_flat_map(|one| prop_oneof![Just(Vec::new()), Just(vec![one])])
        .boxed()
}

fn kind() -> BoxedStrategy<WatchKind> {
    prop_oneof![3 => Just(WatchKind::Sale), 2 => select(WatchKind::ALL)].boxed()
}

fn reasons() -> BoxedStrategy<Vec<ReasonCode>> {
    let some = vec![
        ReasonCode::CodeUnknown,
        ReasonCode::CouponUsed,
        ReasonCode::EarningNoLines,
        ReasonCode::RefundDebt,
    ];
    prop::sample::subsequence(some, 0..2).boxed()
}

fn events_of(wild: bool) -> BoxedStrategy<WatchEvent> {
    let money = if wild { wild_amount } else { amount };
    let when = if wild { wild_instant() } else { second().prop_map(at).boxed() };
    let name = move |prefix, most| if wild { wild_word() } else { word(prefix, most) };
    let card = || word("100", 40);
    let who = (name("100", 40), name("cashier-", 40), name("till-", 12), name("store-", 20));
    let what = (money(), money(), money(), money(), prop::option::of(money()), kind());
    let codes = prop::collection::vec("[AB]{2}:[0-9]{2}", 0..3);
    let more = (card(), name("device-", 4), name("receipt-", 6), word("number-", 6), codes);
    let how = (
        marks(),
        select(Challenge::ALL),
        prop::option::of(select(Presented::ALL)),
        prop::option::of(select(PresentOutcome::ALL)),
        reasons(),
        counted(wild),
    );
    let minutes = if wild { any::<u32>().boxed() } else { (0..10_080u32).boxed() };
    let offline = if wild { any::<u32>().boxed() } else { (0..5_000u32).boxed() };
    let gifts = if wild { any::<u32>().boxed() } else { (0..4u32).boxed() };
    let made = if wild { wild_instant() } else { second().prop_map(at).boxed() };
    let rest = (
        prop::option::of(minutes),
        prop::option::weighted(0.3, offline),
        gifts,
        prop::option::weighted(0.2, made),
        word("shift-", 3),
        when,
    );
    (who, what, more, how, rest)
        .prop_map(|(who, what, more, how, rest)| {
            let (card, cashier, till, store) = who;
            let (amount, earned, spent, stamps, balance, kind) = what;
            let (from, device, receipt, number, wrong_codes) = more;
            let (marks, confirmed, strength, outcome, reasons, counted) = how;
            let (local_minute, offline_minutes, gifts, receipt_at, shift, at) = rest;
            WatchEvent {
                amount,
                at,
                balance,
                card,
                cashier,
                confirmed,
                counted,
                device,
                earned,
                from: from.filter(|_| kind != WatchKind::Refund),
                gifts,
                kind,
                local_minute,
                marks,
                number,
                offline_minutes,
                outcome,
                reasons,
                receipt,
                receipt_at,
                shift,
                spent,
                stamps,
                store,
                strength,
                till,
                wrong_codes,
            }
        })
        .boxed()
}

/// An event as tills tell it.
pub fn event() -> BoxedStrategy<WatchEvent> {
    events_of(false)
}

/// An event as no till tells it: amounts of any size and sign, instants of any year, any words.
pub fn wild_event() -> BoxedStrategy<WatchEvent> {
    events_of(true)
}

/// Events as tills tell them, among them some as nobody does.
pub fn events(most: usize) -> BoxedStrategy<Vec<WatchEvent>> {
    prop_oneof![
        3 => prop::collection::vec(event(), 0..most),
        2 => prop::collection::vec(prop_oneof![event(), wild_event()], 0..most),
        1 => prop::collection::vec(wild_event(), 0..most),
    ]
    .boxed()
}

/// The state that events add up to.
pub fn folded<'e>(events: impl IntoIterator<Item = &'e WatchEvent>) -> WatchState {
    let mut state = WatchState::default();
    events.into_iter().for_each(|event| state.fold(event));
    state
}

/// A policy of the whole catalogue as it stands, with the limits that it cannot know.
pub fn whole_catalogue() -> WatchDocument {
    let checks = super::catalogue::entries().map(|entry| {
        let mut parameters = Parameters::default();
        if let Some(name) = [("F05", "step"), ("F06", "limit")].iter().find(|one| one.0 == entry.id)
        {
            parameters.0.insert(name.1.to_owned(), 300.into());
        }
        CheckEntry { check: entry.id.to_owned(), parameters, ..CheckEntry::default() }
    });
    let store = |n: i64| WatchStore {
        id: format!("store-{n}"),
        city: Some(format!("city-{}", n / 2)),
        latitude: Some(rust_decimal::Decimal::new(557_500 + n * 2_500, 4)),
        longitude: Some(rust_decimal::Decimal::new(376_100 + n * 1_700, 4)),
        ..WatchStore::default()
    };
    WatchDocument {
        id: "all".into(),
        checks: checks.collect(),
        stores: (0..5).map(store).collect(),
        staff: vec![StaffDocument { cashier: "cashier-0".into(), cards: vec!["1000".into()] }],
        ..WatchDocument::default()
    }
}

pub fn text_of(document: &WatchDocument) -> String {
    canonical(document)
}
