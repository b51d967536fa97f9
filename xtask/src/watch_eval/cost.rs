//! What the watch costs: time for an event, and bytes for whoever it counts.

use std::fmt::Write as _;

use kopilka::watch::{WatchPlace, WatchState, WatchSubject};
use shops::World;

use super::Worlds;
use super::judged::{Run, plan};
use super::policy::Policy;
use super::told::Teller;

/// A world with more than 100,000 active cards: seed, days, receipts of a store on a day.
const LARGE: (u64, u32, u32) = (77, 60, 3_000);
/// What 100,000 cards may take, in bytes.
const BUDGET: u64 = 25_000_000;

/// The section of the page.
pub fn section(policy: &Policy, tested: &Worlds) -> String {
    let mut text = String::from("\n## What it costs\n\n");
    let runs = || tested.centre.iter().chain(&tested.honest);
    let events: u64 = runs().map(|run| run.totals.events).sum();
    let per = |of: fn(&Run) -> std::time::Duration| {
        let nanos: u128 = runs().map(|run| of(run).as_nanos()).sum();
        u64::try_from(nanos / u128::from(events.max(1))).unwrap_or(u64::MAX)
    };
    let (judging, folding) = (per(|run| run.totals.judging), per(|run| run.totals.folding));
    let a_second = 1_000_000_000_u64.checked_div(judging + folding).unwrap_or(0);
    let cost = policy.watch.cost(WatchPlace::Centre);
    let _ = writeln!(
        text,
        "Times are of the machine that made this page, one thread, and differ from run to run.\n\n\
         - judging one event by all {} checks takes {}.{} µs on average, folding it {}.{} µs: \
         {a_second} events a second",
        cost.checks,
        judging / 1_000,
        judging % 1_000 / 100,
        folding / 1_000,
        folding % 1_000 / 100,
    );
    let (cards, bytes) = large(&mut text);
    let hundred_thousand = bytes * 100_000 / cards.max(1);
    let verdict = if hundred_thousand <= BUDGET { "within" } else { "ABOVE" };
    let _ = writeln!(
        text,
        "- 100,000 active cards at that size take {}.{} MB: {verdict} the budget of 25 MB",
        hundred_thousand / 1_000_000,
        hundred_thousand % 1_000_000 / 100_000,
    );
    let _ = writeln!(
        text,
        "- at most, by the policy: {} bytes a card, {} a cashier, {} a till, {} a store",
        cost.card_bytes, cost.cashier_bytes, cost.till_bytes, cost.store_bytes
    );
    text
}

/// Folds a large world, and says what everybody takes in it.
fn large(text: &mut String) -> (u64, u64) {
    let (seed, days, receipts) = LARGE;
    let world = World::new(plan(seed, days, receipts, None));
    let (mut teller, mut state, mut events) = (Teller::new(&world), WatchState::default(), 0_u64);
    for happening in world.happenings() {
        for step in teller.tell(&happening) {
            state.fold(&step.event);
            events += 1;
        }
    }
    let _ = writeln!(
        text,
        "- a world of {days} days with {receipts} receipts a day in each store ({events} events, \
         seed {seed}) leaves these states, with the names and places of the table:\n\n\
         | of | how many | bytes of one | all, kB |\n|---|--:|--:|--:|"
    );
    let mut cards = (0, 0);
    for of in WatchSubject::ALL {
        let (count, bytes) = state.bytes(*of);
        let (count, bytes) = (count as u64, bytes as u64);
        if *of == WatchSubject::Card {
            cards = (count, bytes);
        }
        let one = bytes.checked_div(count).unwrap_or(0);
        let _ = writeln!(text, "| {} | {count} | {one} | {} |", of.as_str(), bytes / 1_000);
    }
    text.push('\n');
    cards
}
