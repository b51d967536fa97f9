//! I34 and I36: which programme decided, and what must never be written down.

use std::sync::Arc;

use kopilka_store::Store;

use super::{Check, ensure};
use crate::deeds::{GUESTS, NAMES, PHONES, PIN};
use crate::facts::{Fact, Sums, sha256, text};
use crate::world::Place;

pub fn i34_a_version_is_the_hash_of_its_document(fact: &Fact) -> Check {
    for installed in fact.all("program_installed") {
        // JSON objects are read in the order of their keys, so that this is the canonical text.
        let version = sha256(&installed["document"].to_string());
        ensure!(version == text(installed, "version"), "{} installs {version}", fact.id);
    }
    Ok(())
}

pub fn i34_every_decision_names_a_programme_that_is_known(
    place: &Place,
    new: &[Arc<Fact>],
) -> Check {
    let name = "i34_every_decision_names_a_programme_that_is_known";
    for fact in new {
        let version = text(&fact.envelope()["program"], "version");
        let known = place.sums.programs.contains(version);
        ensure!(known, "{name}: {} was decided by {version}", fact.id);
    }
    Ok(())
}

/// I34: a sale is completed under the version that it began under, whatever was activated since.
pub fn i34_a_sale_keeps_the_programme_that_it_began_under(before: &Sums, fact: &Fact) -> Check {
    let ends = ["sale_confirmed", "sale_regrouped"].into_iter().flat_map(|name| fact.all(name));
    for ended in ends.filter(|_| matches!(fact.verb.as_str(), "bill" | "confirm" | "settle")) {
        let Some(sale) = before.sales.get(text(ended, "sale")) else { continue };
        let version = text(&fact.envelope()["program"], "version");
        // A sale that is only awaited has no version yet.
        let kept = sale.version.is_empty() || sale.version == version;
        ensure!(kept, "{} began under {}, {version} decided", fact.id, sale.version);
    }
    Ok(())
}

pub fn i36_no_secret_stands_in_a_record(fact: &Fact) -> Check {
    let phones = PHONES.iter().map(|phone| &phone[2..]);
    for secret in NAMES.iter().copied().chain(phones).chain([PIN]) {
        ensure!(!fact.text.contains(secret), "{} holds `{secret}`", fact.id);
    }
    Ok(())
}

/// I36: nothing personal stands in what is kept of an erased guest, nor in what is exported then.
pub fn i36_an_erased_guest_is_forgotten(place: &Place, upload: &[u8]) -> Check {
    let name = "i36_an_erased_guest_is_forgotten";
    let erased: Vec<String> = place
        .records
        .values()
        .flatten()
        .flat_map(|fact| fact.all("guest_erased"))
        .map(|erased| text(erased, "guest").to_owned())
        .collect();
    let upload = String::from_utf8_lossy(upload);
    for (guest, (person, phone)) in GUESTS.iter().zip(NAMES.iter().zip(PHONES)) {
        if !erased.iter().any(|id| id == guest) {
            continue;
        }
        ensure!(!upload.contains(person), "{name}: {person} of {guest} goes out of {}", place.till);
        ensure!(
            !upload.contains(&phone[2..]),
            "{name}: {phone} of {guest} goes out of {}",
            place.till
        );
        let profile = place.kept.clone().profile(guest).unwrap();
        let kept = profile.and_then(|profile| profile.personal);
        ensure!(kept.is_none(), "{name}: {} keeps {kept:?}", place.till);
    }
    Ok(())
}

/// I36: where personal data is not asked for, none goes out.
pub fn i36_nothing_personal_goes_out_unasked(upload: &[u8]) -> Check {
    let upload = String::from_utf8_lossy(upload);
    for secret in NAMES.iter().copied().chain(PHONES.iter().map(|phone| &phone[2..])).chain([PIN]) {
        ensure!(!upload.contains(secret), "i36_nothing_personal_goes_out_unasked: {secret}");
    }
    Ok(())
}
