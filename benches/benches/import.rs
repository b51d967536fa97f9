//! Taking over a million cards with one lot each, from rows in memory.

use benches::CpuTime;
use criterion::{BatchSize, Criterion, SamplingMode, criterion_group, criterion_main};
use jiff::Timestamp;
use kopilka::{Book, ImportRow, Program};
use rust_decimal::Decimal;

const CARDS: usize = 1_000_000;

fn import(criterion: &mut Criterion<CpuTime>) {
    let program = Program::compile(
        r#"{"id": "measured", "currency": "RUB", "zone": "Europe/Moscow",
            "points": [{"id": "bonus"}],
            "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 10}]}]}"#,
    )
    .expect("the programme is sound");
    let mut group = criterion.benchmark_group("import");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    let ends: Timestamp = "2027-01-01T00:00:00+03:00".parse().expect("an instant");
    group.bench_function("1000000", |bencher| {
        bencher.iter_batched(
            || (Book::new("till-1", program.clone()).expect("the till has a name"), rows(ends)),
            |(mut book, rows)| {
                let report = book.import(rows, benches::now(), "file", None, false);
                // Giving the memory back is not measured.
                (book, report.expect("the file is sound"))
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    per_second(&program, ends);
}

/// One more run, told as cards a second.
fn per_second(program: &Program, ends: Timestamp) {
    let mut book = Book::new("till-1", program.clone()).expect("the till has a name");
    let rows = rows(ends);
    let start = cpu_time::ThreadTime::now();
    let report = book.import(rows, benches::now(), "file", None, false).expect("a sound file");
    let millis = start.elapsed().as_millis().max(1);
    assert_eq!(report.cards, 1_000_000);
    let records = report.records.len();
    println!("import: {} cards/s, {records} records", CARDS as u128 * 1_000 / millis);
}

fn rows(ends: Timestamp) -> Vec<ImportRow> {
    let row = |number: usize| ImportRow {
        amount: Some(Decimal::from(number % 1_000 + 1)),
        card: Some(format!("{number:010}")),
        expires_at: Some(ends),
        ..ImportRow::default()
    };
    (0..CARDS).map(row).collect()
}

criterion_group! {
    name = all;
    config = Criterion::default().with_measurement(CpuTime);
    targets = import
}
criterion_main!(all);
