//! A ledger in a file, against a plain SQLite loop that writes the same rows under the same pragmas.
//!
//! Time is wall-clock time: most of it is the medium's.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::ledgers::{Raw, Rows, all, sale, six_stores};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};

/// Of the rounds in which ratios are taken; one in a trial run.
const ROUNDS: usize = 30;

fn commits(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for a while");
    let sample = folder.path().join("sample.ledger");
    let ledger = six_stores(&sample);
    all(&ledger, &(1..=2_000).map(sale).collect::<Vec<_>>());
    ledger.checkpoint().expect("there is room");
    drop(ledger);
    let rows = Rows::of_last_sale(&sample);
    println!("one sale writes a record of {} bytes, {:?}", rows.record, rows.states);
    let mut group = criterion.benchmark_group("ledger");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    for together in [1, 100] {
        let ledger = six_stores(&folder.path().join(format!("{together}.ledger")));
        let mut next = 0;
        group.bench_function(BenchmarkId::new("sales", together), |bencher| {
            bencher.iter(|| {
                let requests: Vec<_> = (next + 1..=next + together).map(sale).collect();
                next += together;
                black_box(ledger.call_all(&requests))
            });
        });
        let path = folder.path().join(format!("{together}.raw"));
        let mut raw = Raw::begin(&path, rows.clone());
        group.bench_function(BenchmarkId::new("rows", together), |bencher| {
            bencher.iter(|| raw.write(together));
        });
    }
    group.finish();
    let rounds = if std::env::args().any(|word| word == "--test") { 1 } else { ROUNDS };
    for together in [1, 100] {
        ratio(folder.path(), &rows, together, rounds);
    }
}

/// Both sides in turns, so that whatever else the machine does slows both.
fn ratio(folder: &std::path::Path, rows: &Rows, together: u64, rounds: usize) {
    let ledger = six_stores(&folder.join(format!("ratio-{together}.ledger")));
    let mut raw = Raw::begin(&folder.join(format!("ratio-{together}.raw")), rows.clone());
    let commits = if together == 1 { 20 } else { 2 };
    let mut next = 0;
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let requests: Vec<Vec<_>> = (0..commits)
            .map(|commit| {
                let first = next + commit * together;
                (first + 1..=first + together).map(sale).collect()
            })
            .collect();
        next += commits * together;
        let begun = Instant::now();
        requests.iter().for_each(|requests| all(&ledger, requests));
        let ours = begun.elapsed();
        let begun = Instant::now();
        (0..commits).for_each(|_| raw.write(together));
        measured.push((ours, begun.elapsed()));
        // Neither side pays for its log while it is measured.
        ledger.checkpoint().expect("there is room");
        raw.checkpoint();
    }
    let each = |side: fn(&(Duration, Duration)) -> Duration| {
        let of = |pair| side(pair).as_secs_f64() * 1e3 / commits as f64;
        median(measured.iter().map(of).collect())
    };
    let ratios = measured.iter().map(|(ours, raw)| raw.as_secs_f64() / ours.as_secs_f64());
    let ratios: Vec<f64> = ratios.collect();
    let spread = median(ratios.iter().map(|one| (one - median(ratios.clone())).abs()).collect());
    println!(
        "{together} sales per commit: ledger {:.2} ms, rows {:.2} ms a commit; ratio {:.2} (median \
         of {rounds}, median deviation {spread:.2})",
        each(|pair| pair.0),
        each(|pair| pair.1),
        median(ratios.clone()),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

criterion_group!(benches, commits);
criterion_main!(benches);
