//! I20 to I33 and I35: keys, chains, merges, time.

use jiff::{SignedDuration, Timestamp};
use kopilka::upload::Merge;
use kopilka::{Error, Opening, Verification};
use kopilka_store::Store;
use serde_json::Value;

use super::{Check, ensure};
use crate::facts::{Fact, Sums, sha256, text};
use crate::world::{Asked, Place};

pub fn i20_one_key_has_one_answer_for_ever(
    asked: &Asked,
    at: usize,
    answer: Result<String, Error>,
) -> Check {
    let name = "i20_one_key_has_one_answer_for_ever";
    let again = answer.map_err(|error| format!("{name}: at {at}: {error}: {}", asked.request))?;
    // What is personal stands in no record: the answer tells what is known of the guest now.
    let plain = |answer: &str| {
        let mut answer: Value = serde_json::from_str(answer).unwrap();
        if let Some(guest) = answer["guest"]["guest"].as_object_mut() {
            guest.retain(|name, _| !matches!(name.as_str(), "erased" | "name" | "phone"));
        }
        answer
    };
    let same = again == asked.answer || plain(&again) == plain(&asked.answer);
    ensure!(same, "{name}: at {at}: {}, then {again}", asked.answer);
    Ok(())
}

pub fn i21_a_key_with_other_content_is_refused(answer: Result<String, Error>) -> Check {
    let name = "i21_a_key_with_other_content_is_refused";
    match answer {
        Err(error) if error.code().as_str() == "key.conflict" => Ok(()),
        other => Err(format!("{name}: {other:?}")),
    }
}

pub fn i23_a_chain_has_no_gaps(before: Option<&Fact>, fact: &Fact) -> Check {
    let expected = before.map_or(1, |before| before.sequence + 1);
    ensure!(fact.sequence == expected, "{} where {expected} was to come", fact.id);
    Ok(())
}

pub fn i24_a_record_is_named_by_its_hash(fact: &Fact) -> Check {
    ensure!(sha256(&fact.text) == fact.hash, "{} is not {}", fact.id, fact.hash);
    Ok(())
}

pub fn i24_a_record_names_the_hash_before_it(before: Option<&Fact>, fact: &Fact) -> Check {
    let expected = before.map_or("0".repeat(64), |before| before.hash.clone());
    let named = text(fact.envelope(), "previous");
    ensure!(named == expected, "{} names {named}, before it is {expected}", fact.id);
    Ok(())
}

pub fn i25_a_record_never_changes(known: &Fact, text: &str) -> Check {
    ensure!(known.text == text, "i25_a_record_never_changes: {} is another now", known.id);
    Ok(())
}

pub fn i25_no_record_is_taken_away(known: u64, head: u64) -> Check {
    ensure!(
        head >= known,
        "i25_no_record_is_taken_away: {known} records were known, {head} are there"
    );
    Ok(())
}

/// I26: the record of an answer is there when the answer is given; that it stays is I25.
pub fn i26_what_was_acknowledged_is_kept(place: &Place, answer: &str) -> Check {
    let name = "i26_what_was_acknowledged_is_kept";
    let answer: Value = serde_json::from_str(answer).unwrap();
    let (_, body) = answer.as_object().and_then(|answer| answer.iter().next()).unwrap();
    let Some(id) = body["record"].as_str() else { return Ok(()) };
    let known = place.records.values().flatten().any(|fact| fact.id == id);
    ensure!(known, "{name}: {id} was answered and is not at {}", place.till);
    let row = kopilka::RecordId::parse(id).map(|id| place.kept.clone().record(&id));
    ensure!(matches!(row, Some(Ok(Some(_)))), "{name}: {id} cannot be read");
    Ok(())
}

/// I27: what was cut off is there as a whole, and then its answer is, or not at all.
pub fn i27_what_was_cut_off_is_whole_or_absent(
    place: &Place,
    new: usize,
    answered: bool,
    request: &Value,
) -> Check {
    let name = "i27_what_was_cut_off_is_whole_or_absent";
    ensure!(new <= 1, "{name}: {new} records of {request}");
    let verified = place.ledger().verify().map_err(|error| format!("{name}: {error}"))?;
    ensure!(verified.found.is_empty(), "{name}: {:?} after {request}", verified.found);
    ensure!(new == 1 || !answered, "i26_what_was_acknowledged_is_kept: it is gone: {request}");
    Ok(())
}

/// I27 after a cut: asked again, what was done is answered, and what was not done is done once.
pub fn i27_what_was_cut_off_is_done_once(before: usize, again: usize, is_ok: bool) -> Check {
    let name = "i27_what_was_cut_off_is_done_once";
    ensure!(before + again <= 1, "{name}: {before} records, and {again} more when asked again");
    ensure!(before == 0 || is_ok, "{name}: it was done and is refused now");
    Ok(())
}

pub fn i27_what_was_refused_left_nothing(new: usize, same: bool, request: &Value) -> Check {
    let name = "i27_what_was_refused_left_nothing";
    ensure!(new == 0 && same, "{name}: {new} records of {request}");
    Ok(())
}

/// I28, the part that each merge shows: what it says it took in is what is new.
pub fn i28_a_merge_says_what_it_took_in(merge: &Merge, new: usize) -> Check {
    let name = "i28_a_merge_says_what_it_took_in";
    ensure!(
        merge.accepted == new as u64,
        "{name}: {} were accepted, {new} are new",
        merge.accepted
    );
    ensure!(merge.quarantined == 0, "{name}: a record was kept aside, and no chain has a fork");
    Ok(())
}

/// I28: the same records add up to the same, in whatever order, parts and repetitions they came.
pub fn i28_the_order_of_uploads_does_not_matter(one: &str, other: &str, how: &str) -> Check {
    let name = "i28_the_order_of_uploads_does_not_matter";
    ensure!(one == other, "{name}: {how}: {one} is not {other}");
    Ok(())
}

/// I29: the same calls make the same records, byte by byte, however the ledger is kept.
pub fn i29_the_same_calls_make_the_same_bytes(one: &[u8], other: &[u8], till: &str) -> Check {
    let name = "i29_the_same_calls_make_the_same_bytes";
    ensure!(one == other, "{name}: {till} wrote other records");
    Ok(())
}

/// I30: states and index as they were kept are those that the records add up to.
pub fn i30_what_is_made_anew_is_what_was_kept(place: &Place) -> Check {
    let name = "i30_what_is_made_anew_is_what_was_kept";
    let verified = place.ledger().verify().map_err(|error| format!("{name}: {error}"))?;
    ensure!(verified.found.is_empty(), "{name}: at {}: {:?}", place.till, verified.found);
    ensure!(verified.records == place.count() as u64, "{name}: {} records", verified.records);
    let digest = || place.kept.with(|store| store.count_state_digest()).unwrap().to_string();
    let kept = digest();
    let count = place.ledger().rebuild().map_err(|error| format!("{name}: {error}"))?;
    ensure!(count == place.count() as u64, "{name}: {count} records were folded");
    let anew = digest();
    ensure!(kept == anew, "{name}: at {}: {kept} was kept, {anew} made anew", place.till);
    Ok(())
}

pub fn i31_time_never_goes_back_in_a_chain(before: Option<&Fact>, fact: &Fact) -> Check {
    let back = before.is_some_and(|before| before.logical > fact.logical);
    ensure!(!back, "{} is at {}, before the one before it", fact.id, fact.logical);
    Ok(())
}

pub fn i31_a_till_decides_after_all_that_it_knows(before: &Sums, fact: &Fact) -> Check {
    let back = before.newest.is_some_and(|newest| newest > fact.logical);
    ensure!(!back, "{} is at {}, and {:?} was known", fact.id, fact.logical, before.newest);
    // Nor does it run ahead of a host whose clock goes on.
    let ahead = fact.logical > fact.at
        && before.newest.is_none_or(|newest| fact.logical > newest + SignedDuration::from_nanos(1));
    ensure!(!ahead, "{} is at {} by a clock of {}", fact.id, fact.logical, fact.at);
    Ok(())
}

/// I32: a clock that goes back brings nothing back that has ended, here and in answers.
pub fn i32_a_clock_that_goes_back_extends_nothing(
    place: &Place,
    at: Timestamp,
    card: &str,
) -> Check {
    let Some(newest) = place.newest else { return Ok(()) };
    let early = newest.min(at) - SignedDuration::from_hours(24 * 400);
    let (then, now) = (place.balance(early, card), place.balance(newest, card));
    ensure!(
        then == now,
        "i32_a_clock_that_goes_back_extends_nothing: {card} at {early}: {then:?}, at {newest}: {now:?}"
    );
    Ok(())
}

/// I33 within one version: what was closed opens without a finding, with the same records. There is
/// no second format yet to be opened by a first one.
pub fn i33_a_ledger_opens_as_it_was_closed(opening: &Opening, place: &Place) -> Check {
    let name = "i33_a_ledger_opens_as_it_was_closed";
    ensure!(opening.found.is_empty() && opening.missing.is_empty(), "{name}: {opening:?}");
    let last =
        place.records.keys().filter(|chain| chain.0 == place.till).map(|chain| chain.1).max();
    let same = u64::from(opening.incarnation) == last.unwrap_or(1);
    ensure!(!opening.states_rebuilt && same, "{name}: {opening:?}");
    let newest = place.records.values().map(|chain| chain[0].body["envelope"]["format"].as_u64());
    ensure!(newest.into_iter().all(|format| format == Some(1)), "{name}: another format");
    Ok(())
}

/// I35 without leases: what a till had in one incarnation ends with it.
pub fn i35_a_chain_ends_where_the_next_begins(before: &Sums, fact: &Fact) -> Check {
    let chains = before.chains.iter().filter(|chain| chain.0 == fact.chain.0);
    let later = chains.filter(|chain| chain.1 > fact.chain.1).count();
    ensure!(later == 0, "{} was added to a chain that had ended", fact.id);
    Ok(())
}

/// I35: of two ledgers under one name the branch that came first is taken in, the other is kept
/// aside as a whole and told to everybody.
pub fn i35_what_a_copy_wrote_second_is_kept_aside(
    first: &Merge,
    of_first: u64,
    second: &Merge,
    of_second: u64,
) -> Check {
    let name = "i35_what_a_copy_wrote_second_is_kept_aside";
    let taken = (first.accepted, first.quarantined, first.acknowledgement.forks.len());
    ensure!(taken == (of_first, 0, 0), "{name}: the first: {first:?}");
    let aside = (second.accepted, second.quarantined, second.acknowledgement.forks.len());
    ensure!(aside == (0, of_second, 1), "{name}: the second: {second:?}");
    Ok(())
}

pub fn i35_two_copies_go_on_in_chains_of_their_own(begun: [u32; 2]) -> Check {
    let name = "i35_two_copies_go_on_in_chains_of_their_own";
    ensure!(begun[0] > 1 && begun[1] > 1 && begun[0] != begun[1], "{name}: {begun:?}");
    Ok(())
}

pub fn i35_what_was_begun_anew_is_taken_in(taken: [u64; 2], sold: [u64; 2]) -> Check {
    let name = "i35_what_was_begun_anew_is_taken_in";
    ensure!(taken == sold, "{name}: {taken:?} of {sold:?} were taken in");
    Ok(())
}

pub fn i35_a_fork_leaves_every_ledger_whole(verified: &Verification) -> Check {
    let name = "i35_a_fork_leaves_every_ledger_whole";
    ensure!(verified.found.is_empty(), "{name}: {:?}", verified.found);
    Ok(())
}
