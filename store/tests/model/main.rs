//! Several ledgers under random steps: two tills of one store, a till of another and a backend, with
//! everything that moves value, clocks that go wrong, and uploads that are cut, late and repeated.
//! After every step the invariants are checked over what can be seen from outside.
//!
//! The steps are a plain list whose numbers are taken modulo what there is, so that it shrinks by
//! itself; that needs no crate for state machines. `KOPILKA_MODEL_SEQUENCES` says how many sequences
//! there are, `KOPILKA_MODEL_SEED` another seed, `KOPILKA_MODEL_TELL` has what came about told.
//!
//! A failure names the seed of its batch: with that as `KOPILKA_MODEL_SEED` the batch is the first.
//!
//! Which check is which invariant of the list stands in `invariants`.

mod answers;
mod copied;
mod crashes;
mod deeds;
#[path = "../crashes/disk_files.rs"]
mod disk_files;
mod facts;
mod invariants;
mod kept;
mod lies;
mod meetings;
mod mutations;
mod programs;
mod reading;
mod sequence;
mod step;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use sequence::{Done, Manner, manner};
use step::{Step, steps};

/// How many sequences there are if nothing is said.
const SEQUENCES: u32 = 2_000;
/// How many have one seed.
const BATCH: u32 = 25;
/// From how many on everything of `DONE` must have come about.
const ENOUGH: u32 = 400;
/// What must have come about at least once in so many sequences, or the steps are not what they are
/// for.
const DONE: [&str; 50] = [
    "admit",
    "batch",
    "cancel",
    "card",
    "clock",
    "close_period",
    "confirm",
    "conflict",
    "coupon",
    "grant",
    "guest",
    "issue",
    "program",
    "rebuild",
    "refund",
    "reopen",
    "reserve",
    "retry",
    "sell",
    "settle",
    "too much refused",
    "transfer",
    "upload",
    "void",
    "bill",
    "bill divided or joined",
    "confirm after the hold",
    "confirm before its sale",
    "confirm under an older programme",
    "copied till",
    "coupon used",
    "crash after a refusal",
    "crash after an upload",
    "crash after it was kept",
    "crash after the answer",
    "crash before it was kept",
    "crash in an upload",
    "debt",
    "gift card",
    "hold that ran out",
    "let in",
    "limit",
    "maintenance",
    "not let in",
    "offline",
    "paper",
    "points that expired",
    "points turned into a coupon",
    "settled",
    "stamps",
];

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().unwrap())
}

/// A failing sequence, one step a line.
fn told(failure: TestError<(Vec<Step>, Manner)>) -> String {
    match failure {
        TestError::Abort(why) => why.to_string(),
        TestError::Fail(why, (steps, manner)) => {
            let steps: Vec<String> = steps.iter().map(|step| format!("  {step:?}")).collect();
            format!("{why}\n{manner:?}\n{}", steps.join("\n"))
        }
    }
}

/// One batch of sequences after another, until there are enough or one fails.
fn work(
    cases: u32,
    next: &AtomicU32,
    steps_taken: &AtomicUsize,
    done: &Mutex<Done>,
) -> Result<(), String> {
    let first = asked("KOPILKA_MODEL_SEED").unwrap_or(2_026);
    loop {
        let batch = next.fetch_add(1, Ordering::Relaxed);
        let begun = batch.saturating_mul(BATCH);
        if begun >= cases {
            return Ok(());
        }
        let seed = first + u64::from(batch);
        let config = Config {
            cases: BATCH.min(cases - begun),
            failure_persistence: None,
            max_shrink_iters: 400,
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        };
        let mut runner = TestRunner::new(config);
        let outcome = runner.run(&(steps(), manner().no_shrink()), |(steps, manner)| {
            let came = sequence::run(&steps, manner).map_err(TestCaseError::fail)?;
            steps_taken.fetch_add(steps.len(), Ordering::Relaxed);
            let mut done = done.lock().unwrap();
            for (name, count) in came {
                *done.entry(name).or_default() += count;
            }
            Ok(())
        });
        if let Err(failure) = outcome {
            // The others end with the batch that they are at.
            next.store(u32::MAX / BATCH, Ordering::Relaxed);
            return Err(format!("KOPILKA_MODEL_SEED={seed}: {}", told(failure)));
        }
    }
}

#[test]
fn several_ledgers_keep_all_invariants_after_every_step() {
    let cases = asked("KOPILKA_MODEL_SEQUENCES").map_or(SEQUENCES, |number| number as u32);
    let done: Mutex<Done> = Mutex::default();
    let (next, taken, begun) = (AtomicU32::new(0), AtomicUsize::new(0), Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| work(cases, &next, &taken, &done))).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap().err()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let done = done.into_inner().unwrap();
    if std::env::var_os("KOPILKA_MODEL_TELL").is_some() {
        let (steps, seconds) = (taken.into_inner(), begun.elapsed().as_secs());
        println!("{done:#?}\n{cases} sequences, {steps} steps, {seconds} s");
    }
    if cases >= ENOUGH {
        let missing: Vec<&&str> = DONE.iter().filter(|name| !done.contains_key(**name)).collect();
        assert!(missing.is_empty(), "never done: {missing:?}");
    }
}
