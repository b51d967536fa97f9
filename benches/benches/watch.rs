//! The watch: all checks of a till on one receipt, and folding events into the state.

use std::hint::black_box;

use benches::CpuTime;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use kopilka::watch::{Watch, WatchEvent, WatchKind, WatchPlace, WatchState, WatchSubject};
use kopilka::{Amount, Presented};

/// All 52 checks with their defaults; two of them need a number of the merchant's own.
fn policy() -> Watch {
    let check = |number: u32| match number {
        5 => r#"{"check": "F05", "parameters": {"step": "1000"}}"#.to_owned(),
        6 => r#"{"check": "F06", "parameters": {"limit": "5000"}}"#.to_owned(),
        number => format!(r#"{{"check": "F{number:02}"}}"#),
    };
    let checks: Vec<String> = (1..=52).map(check).collect();
    let hours = r#"[{"days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
        "sunday"], "from": "08:00", "to": "23:00"}]"#;
    let store = |number: u32| {
        format!(
            r#"{{"id": "s{number}", "city": "c{}", "latitude": "55.{number}", "longitude": "37.6",
                "hours": {hours}}}"#,
            number / 2
        )
    };
    let stores: Vec<String> = (0..6).map(store).collect();
    let text = format!(
        r#"{{"id": "all", "stores": [{}], "checks": [{}]}}"#,
        stores.join(","),
        checks.join(",")
    );
    Watch::compile(&text).expect("the policy compiles")
}

/// The receipt of a number: guests come again, cashiers and tills change.
fn receipt(number: u32) -> WatchEvent {
    let start: Timestamp = "2026-03-02T07:00:00Z".parse().expect("an instant");
    let mix = number.wrapping_mul(2_654_435_761);
    let store = mix % 6;
    let at = start + SignedDuration::from_secs(i64::from(number) * 14);
    let with_card = mix % 10 < 4;
    let amount = |units: i64| Amount { units, digits: 2 };
    WatchEvent {
        amount: amount(20_000 + i64::from(mix % 80_000)),
        at,
        balance: with_card.then(|| amount(30_000)),
        card: with_card.then(|| format!("{:010}", mix % 100_000)),
        cashier: Some(format!("c{}", mix / 7 % 24)),
        earned: amount(if with_card { 1_000 } else { 0 }),
        kind: WatchKind::Sale,
        local_minute: Some(at.as_second().rem_euclid(604_800) as u32 / 60),
        number: with_card.then(|| format!("{:064x}", mix % 100_000)),
        receipt: Some(format!("s{store}/t{}/1/{number}", mix % 18)),
        shift: Some("1".into()),
        spent: amount(if with_card && mix.is_multiple_of(9) { 5_000 } else { 0 }),
        store: Some(format!("s{store}")),
        strength: with_card.then_some(Presented::Static),
        till: Some(format!("t{}", mix % 18)),
        ..WatchEvent::default()
    }
}

fn watch(criterion: &mut Criterion<CpuTime>) {
    let policy = policy();
    let events: Vec<WatchEvent> = (0..200_000).map(receipt).collect();
    let mut state = WatchState::default();
    // Every card was issued under the watch, so that nothing is lacking.
    for number in 0..100_000_u32 {
        let at = "2026-01-15T10:00:00Z".parse().expect("an instant");
        let card = Some(format!("{number:010}"));
        state.fold(&WatchEvent { at, card, kind: WatchKind::Issue, ..WatchEvent::default() });
    }
    events.iter().for_each(|event| state.fold(event));
    for of in [WatchSubject::Card, WatchSubject::Cashier, WatchSubject::Till, WatchSubject::Store] {
        let (count, bytes) = state.bytes(of);
        println!("{}: {count} of {} bytes", of.as_str(), bytes / count.max(1));
    }
    let earning =
        (200_000..).map(receipt).find(|event| event.card.is_some() && event.spent.units == 0);
    let spending = (200_000..).map(receipt).find(|event| event.spent.units > 0);
    let plain = (200_000..).map(receipt).find(|event| event.card.is_none());
    let cases = [("earning", earning), ("spending", spending), ("without a card", plain)];
    for (name, event) in cases {
        let event = event.expect("there is such a receipt");
        criterion.bench_function(&format!("judge/{name}"), |bencher| {
            bencher.iter_batched(
                || event.clone(),
                |event| policy.judge(black_box(&state), WatchPlace::Till, event),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    criterion.bench_function("fold/200000 receipts", |bencher| {
        bencher.iter(|| {
            let mut state = WatchState::default();
            black_box(&events).iter().for_each(|event| state.fold(event));
            state
        });
    });
}

criterion_group! {
    name = group;
    config = Criterion::default().with_measurement(CpuTime).sample_size(20);
    targets = watch
}
criterion_main!(group);
