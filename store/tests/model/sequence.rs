//! One sequence of steps, and what is checked of it as a whole.

use std::collections::BTreeMap;

use kopilka_store::{ExportOptions, Ledger, Options};
use proptest::prelude::*;
use serde_json::Value;

use crate::copied;
use crate::deeds::CARDS;
use crate::facts::{amount, list};
use crate::invariants::{self, Check};
use crate::kept::Kept;
use crate::step::Step;
use crate::world::{BACKEND, Keeping, Place, World};

/// How a sequence is played, beside its steps.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub keeping: Keeping,
    /// Whether it is done over with hardly any state held in memory.
    pub is_repeated: bool,
    /// Which place is made anew at the end, and in what order all is taken in by another backend.
    pub turn: usize,
}

pub fn manner() -> impl Strategy<Value = Manner> {
    let keeping = prop_oneof![
        45 => Just(Keeping::Memory),
        2 => Just(Keeping::Disk),
        1 => Just(Keeping::File),
    ];
    (keeping, prop::bool::weighted(0.2), 0usize..12).prop_map(|(keeping, is_repeated, turn)| {
        // A disk is cut elsewhere than between two commits, so that other calls are done.
        Manner { keeping, is_repeated: is_repeated && keeping != Keeping::Disk, turn }
    })
}

/// What came of sequences, by name.
pub type Done = BTreeMap<String, u64>;

pub fn run(steps: &[Step], manner: Manner) -> Result<Done, String> {
    let mut world = play(steps, manner.keeping, true)?;
    finish(&mut world, manner.turn)?;
    if manner.is_repeated {
        let again = play(steps, Keeping::Narrow, false)?;
        for (one, other) in world.places.iter().zip(&again.places) {
            let bytes = |place: &Place| -> Vec<u8> {
                let own = place.records.iter().filter(|(chain, _)| chain.0 == place.till);
                own.flat_map(|(_, chain)| chain.iter().flat_map(|fact| fact.text.bytes())).collect()
            };
            // The meetings at the end of the first world made no records.
            let (own, other) = (bytes(one), bytes(other));
            invariants::i29_the_same_calls_make_the_same_bytes(&own, &other, one.till)?;
        }
    }
    if manner.turn.is_multiple_of(3) {
        copied::check(&mut world)?;
    }
    Ok(world.done)
}

/// Takes the steps one after another.
fn play(steps: &[Step], keeping: Keeping, checked: bool) -> Result<World, String> {
    let mut world = World::new(keeping);
    world.begin()?;
    for (number, step) in steps.iter().enumerate() {
        let told = |why: String| format!("step {number}, {step:?}: {why}");
        world.take(step).map_err(told)?;
        if checked {
            check(&mut world, number).map_err(told)?;
        }
    }
    Ok(world)
}

/// What is asked after every step: all of each place that got records, and where nobody did of one
/// in turn, whose clock may have gone on.
fn check(world: &mut World, number: usize) -> Check {
    let mut changed = std::mem::take(&mut world.changed);
    if changed.is_empty() {
        changed.insert(number % world.places.len());
    }
    for at in changed {
        let now = world.now(at);
        let place = &world.places[at];
        invariants::every_answer(place, now)?;
        for card in CARDS {
            invariants::i03_a_balance_is_what_the_records_add_up_to(place, now, card)?;
        }
        let card = CARDS[number % CARDS.len()];
        invariants::i32_a_clock_that_goes_back_extends_nothing(place, now, card)?;
        if number % 4 == 3 {
            invariants::i03_the_report_is_what_the_records_add_up_to(place, now)?;
        }
        let mut purses = place.sums.lots.keys();
        let time = place.time_at(now);
        if purses.any(|purse| crate::reading::read(&place.sums, purse, time).debt > 0) {
            *world.done.entry("debt".to_owned()).or_default() += 1;
        }
    }
    Ok(())
}

/// What is checked at the end: everybody meets, and what came of it hangs on no order.
fn finish(world: &mut World, turn: usize) -> Check {
    // Twice, so that what one till told of another has come round.
    world.meet()?;
    world.meet()?;
    for at in 0..world.places.len() {
        let now = world.now(at);
        let place = &world.places[at];
        invariants::every_answer(place, now)?;
        invariants::i03_the_report_is_what_the_records_add_up_to(place, now)?;
        invariants::i36_an_erased_guest_is_forgotten(place, &world.export(at, None)?)?;
        let mut plain = Vec::new();
        let written = place.ledger().export(&[], &mut plain, &ExportOptions::default());
        written.map_err(|error| error.to_string())?;
        invariants::i36_nothing_personal_goes_out_unasked(&plain)?;
        if at == turn % world.places.len() {
            world.rebuild(at)?;
        }
    }
    let digest = |kept: &Kept| kept.with(|store| store.count_state_digest()).unwrap().to_string();
    let expected = digest(&world.places[BACKEND].kept);
    for at in 0..BACKEND {
        let own = digest(&world.places[at].kept);
        let till = world.places[at].till;
        invariants::i28_the_order_of_uploads_does_not_matter(&expected, &own, till)?;
    }
    let turn = turn % 3;
    let own = digest(&taken_in(world, turn)?);
    let how = format!("by another backend, in order {turn}");
    invariants::i28_the_order_of_uploads_does_not_matter(&expected, &own, &how)?;
    tell(world);
    Ok(())
}

/// What came about, as the records tell it.
fn tell(world: &mut World) {
    let mut told: Vec<String> = Vec::new();
    let place = &world.places[BACKEND];
    let any = |values: &[Value], name: &str| values.iter().any(|value| amount(&value[name]) > 0);
    for fact in place.records.values().flatten() {
        let mut tell = |name: &str| told.push(name.to_owned());
        if !fact.envelope()["offline_since"].is_null() {
            tell("offline");
        }
        if fact.verb == "sell" && fact.text.contains("\"paper\":") {
            tell("paper");
        }
        for (name, body) in fact.effects() {
            match name {
                "lot_moved" if body["why"] == "expired" => tell("points that expired"),
                "coupon_moved" if body["why"] == "used" => tell("coupon used"),
                "coupon_issued" => tell("points turned into a coupon"),
                "ticket_scanned" if body["admitted"] == true => tell("let in"),
                "ticket_scanned" => tell("not let in"),
                "match_awaited" => tell("confirm before its sale"),
                "match_settled" => tell("settled"),
                "sale_confirmed" if body["late"] == true => tell("confirm after the hold"),
                "sale_regrouped" => tell("bill divided or joined"),
                "limit_counted" => tell("limit"),
                "sale_opened" => {
                    let quote = &body["quote"];
                    if any(list(quote, "gift_cards"), "amount") {
                        tell("gift card");
                    }
                    let stamps = list(quote, "points").iter();
                    if stamps
                        .filter(|one| one["points"] == "stamp")
                        .any(|one| amount(&one["spent"]) > 0)
                    {
                        tell("stamps");
                    }
                }
                _ => {}
            }
        }
    }
    let newest = place.newest;
    for hold in place.sums.holds.values() {
        if hold.placed > hold.ended && newest.is_some_and(|newest| !hold.is_live(newest)) {
            told.push("hold that ran out".to_owned());
        }
    }
    for name in told {
        *world.done.entry(name).or_default() += 1;
    }
}

/// Another backend that takes in what all have: in another order of places, one turn cut in the
/// middle and repeated.
fn taken_in(world: &World, turn: usize) -> Result<Kept, String> {
    let kept = Kept::memory();
    let ledger = Ledger::on(Box::new(kept.clone()), "other", Options::default());
    let ledger = ledger.map_err(|error| error.to_string())?;
    let places = world.places.len();
    for place in 0..places {
        let from = if turn == 1 { places - 1 - place } else { (place + turn) % places };
        let whole = world.export(from, None)?;
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let middle = first + (whole.len() - first) / 2;
        let parts: &[&[u8]] =
            if turn == 2 { &[&whole[..middle], &whole, &whole] } else { &[&whole] };
        for part in parts {
            let merge = ledger.import(&mut &part[..], world.now(BACKEND));
            merge.map_err(|error| error.to_string())?;
        }
    }
    Ok(kept)
}
