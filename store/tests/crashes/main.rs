//! The ledger on a disk that loses what was not synced, at every operation of random days.
//!
//! `KOPILKA_CRASH_WORKLOADS` says how many days (2 by default).

mod chores;
mod damage;
mod disk_files;
mod rows;
mod subject;

use kopilka_faults::{Fault, Loss, Run, Workload};
use subject::OnDisk;

/// How many calls a day has.
const CALLS: usize = 30;

fn days() -> u64 {
    let asked = std::env::var("KOPILKA_CRASH_WORKLOADS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(2)
}

/// Every so many operations are tried where each costs many runs; other ones on each day.
fn sampled(run: &Run, seed: u64, step: usize) -> impl Iterator<Item = u64> {
    (seed % step as u64..run.disk().operations()).step_by(step)
}

fn sound<T>(seed: u64, outcome: Result<T, String>) -> T {
    outcome.unwrap_or_else(|wrong| panic!("day {seed}: {wrong}"))
}

/// A day of calls of the engine alone.
fn run(seed: u64) -> Run {
    Run::of::<OnDisk>(&Workload::new(seed, CALLS)).expect("nothing fails on a sound disk")
}

/// A day with uploads, closed shifts and everything else that is done with a till.
fn day(seed: u64) -> Run {
    let workload = Workload::with_chores(seed, CALLS, &chores::ALL);
    sound(seed, Run::of::<OnDisk>(&workload))
}

/// Loss of power that drops, tears or reorders what was not synced, and the death of the process alone,
/// which takes nothing; also between the commit and the answer: the last call is asked again.
#[test]
fn an_acknowledged_call_outlives_a_crash_at_every_operation() {
    let mut images = 0;
    for seed in 0..days() {
        let run = day(seed);
        for operations in 0..=run.disk().operations() {
            let loss = Loss::ALL[(operations + seed) as usize % 4];
            let onwards = operations % 41 == seed % 41;
            sound(seed, run.crash::<OnDisk>(operations, (loss, operations), onwards));
            images += 1;
        }
    }
    println!("{} days, {images} crashes", days());
    assert!(images > 400 * days(), "{images}");
}

#[test]
fn a_crash_in_the_recovery_from_a_crash_loses_nothing_either() {
    let mut images = 0;
    for seed in 0..days() {
        let run = day(seed);
        for operations in sampled(&run, seed, 17) {
            let loss = Loss::ALL[(operations / 17 + seed) as usize % 4];
            images += sound(seed, run.crash_again::<OnDisk>(operations, (loss, operations), 1));
        }
    }
    println!("{} days, {images} crashes in the recovery from a crash", days());
    assert!(images as u64 > 100 * days(), "{images}");
}

fn suffers(fault: Fault, step: usize) {
    let mut came = 0;
    for seed in 0..days() {
        let run = day(seed);
        for operations in sampled(&run, seed, step) {
            came += u64::from(sound(seed, run.suffer::<OnDisk>(operations, fault)));
        }
    }
    println!("{} days, {came} times {fault:?}", days());
    assert!(came * step as u64 > 300 * days(), "{came}");
}

#[test]
fn a_write_or_sync_that_fails_once_fails_one_call_and_no_record() {
    suffers(Fault::Error, 41);
}

#[test]
fn a_sync_that_fails_and_then_succeeds_loses_nothing_that_is_acknowledged_later() {
    suffers(Fault::FailedSync, 23);
}

#[test]
fn a_full_disk_stops_calls_and_loses_none() {
    suffers(Fault::Full, 29);
}
