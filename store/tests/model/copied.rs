//! A till's ledger is copied, and both go on under one name: what the backend hears first is taken in,
//! the other branch is kept aside, and both begin anew apart from each other.

use kopilka::upload::Merge;
use kopilka_store::{ExportOptions, Ledger, Options};
use serde_json::json;

use crate::facts::sha256;
use crate::invariants::{self, Check};
use crate::kept::Kept;
use crate::world::{BACKEND, World};

/// The till that is copied.
const COPIED: usize = 0;

/// Sells coffees for cash; how many of them were sold.
fn sell(world: &World, ledger: &Ledger, who: &str, coffees: u32) -> Result<u64, String> {
    let mut sold = 0;
    for number in 0..coffees {
        let line = json!({"id": "coffee", "price": "150.00", "category": "coffee"});
        let request = json!({
            "at": world.now(COPIED).to_string(),
            "command": {"sell": {"order": {"store": "east", "lines": [line],
                "cards": [{"number": "11"}]}}},
            "entropy": sha256(&format!("{who} {number}")),
            "key": format!("{who} {number}"),
        });
        // A card that is closed or unknown buys nothing; then there is nothing to see.
        sold += u64::from(ledger.call_json(&request.to_string()).is_ok());
    }
    Ok(sold)
}

fn export(ledger: &Ledger) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let options = ExportOptions { with_personal: true };
    ledger.export(&[], &mut bytes, &options).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Uploads everything to the backend, which takes the time of the till.
fn upload(world: &World, ledger: &Ledger) -> Result<Merge, String> {
    let now = world.now(BACKEND);
    let merge = world.places[BACKEND].ledger().import(&mut &export(ledger)?[..], now);
    merge.map_err(|error| error.to_string())
}

pub fn check(world: &mut World) -> Check {
    let original = world.places[COPIED].ledger();
    let Some(kept) = world.places[COPIED].kept.copy() else { return Ok(()) };
    let till = world.places[COPIED].till;
    let copy = Ledger::on(Box::new(kept.clone()), till, Options::default());
    let copy = copy.map_err(|error| error.to_string())?;
    let own = sell(world, original, "original", 2)?;
    let others = sell(world, &copy, "copy", 3)?;
    if own == 0 || others == 0 {
        return Ok(());
    }
    let first = upload(world, &copy)?;
    let second = upload(world, original)?;
    let told = upload(world, &copy)?;
    invariants::i35_what_a_copy_wrote_second_is_kept_aside(&first, others, &second, own)?;
    let now = world.now(COPIED);
    for (ledger, merge) in [(original, &second), (&copy, &told)] {
        let told = ledger.acknowledge(&merge.acknowledgement, now);
        told.map_err(|error| error.to_string())?;
    }
    let begun = [original, &copy].map(|ledger| ledger.opening().incarnation);
    invariants::i35_two_copies_go_on_in_chains_of_their_own(begun)?;
    // What they do from then on is taken in, and stands in chains of their own.
    let own = sell(world, original, "original anew", 1)?;
    let others = sell(world, &copy, "copy anew", 1)?;
    let taken = [upload(world, original)?, upload(world, &copy)?].map(|merge| merge.accepted);
    invariants::i35_what_was_begun_anew_is_taken_in(taken, [own, others])?;
    for ledger in [original, &copy, world.places[BACKEND].ledger()] {
        let verified = ledger.verify().map_err(|error| error.to_string())?;
        invariants::i35_a_fork_leaves_every_ledger_whole(&verified)?;
    }
    // The backend's records are one history, whoever takes them in.
    let other = Kept::memory();
    let third = Ledger::on(Box::new(other.clone()), "other", Options::default());
    let third = third.map_err(|error| error.to_string())?;
    let bytes = export(world.places[BACKEND].ledger())?;
    third.import(&mut &bytes[..], world.now(BACKEND)).map_err(|error| error.to_string())?;
    let digest = |kept: &Kept| kept.with(|store| store.count_state_digest()).unwrap().to_string();
    let (one, other) = (digest(&world.places[BACKEND].kept), digest(&other));
    invariants::i28_the_order_of_uploads_does_not_matter(&one, &other, "after a fork")?;
    *world.done.entry("copied till".to_owned()).or_default() += 1;
    Ok(())
}
