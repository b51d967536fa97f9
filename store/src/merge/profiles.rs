//! What is personal of guests, where records and uploads change it.

use std::collections::{BTreeMap, BTreeSet};

use kopilka::document::canonical;
use kopilka::upload::UploadProfile;
use kopilka::{Effect, Entry, Key, Personal, Position, Slice, apply, is_till_name};

use super::fold::New;
use super::states::load;
use crate::error::StoreError;
use crate::store::{Chain, Store, StoredProfile};
use crate::upload::write::personal_of;

/// What new records change: who was erased or was another guest has nothing personal any more.
pub(super) fn profiles_after(
    store: &mut dyn Store,
    own: &Chain,
    new: &[New],
) -> Result<Vec<StoredProfile>, StoreError> {
    let mut said: BTreeMap<String, Position> = BTreeMap::new();
    for new in new {
        for guest in guests_of(&new.entry) {
            said.insert(guest.clone(), new.position.clone());
        }
    }
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let mut slice = Slice::new(&own.till, own.incarnation);
    let mut stored = BTreeMap::new();
    for guest in said.keys() {
        load(store, &mut slice, &Key::Guest(guest.clone()))?;
        if let Some(profile) = store.profile(guest)? {
            if let Some(text) = &profile.personal {
                slice.keep_profile(guest, personal_of(text, guest)?);
            }
            stored.insert(guest.clone(), profile);
        }
    }
    let about = new.iter().filter(|new| guests_of(&new.entry).next().is_some());
    about.for_each(|new| apply(&mut slice, &new.entry));
    let profiles = said.into_iter().map(|(guest, position)| {
        let before = stored.get(&guest).map(|profile| profile.position.clone());
        let position = before.map_or(position.clone(), |before| before.max(position));
        profile_of(&slice, guest, position)
    });
    Ok(profiles.collect())
}

/// The guests of whom a record says that they are forgotten, or are another's double.
fn guests_of(entry: &Entry) -> impl Iterator<Item = &String> {
    entry.record.effects.iter().flat_map(|effect| match effect {
        Effect::GuestErased(fact) => vec![&fact.guest],
        Effect::GuestMerged(fact) => vec![&fact.guest, &fact.double],
        _ => Vec::new(),
    })
}

fn profile_of(slice: &Slice, guest: String, position: Position) -> StoredProfile {
    let personal = slice.personal(&guest);
    StoredProfile {
        phone: personal.and_then(|personal| personal.phone.clone()),
        personal: personal.map(canonical),
        guest,
        position,
    }
}

/// The profiles of an upload that are later than what is known, of guests of whom something
/// personal may be kept.
pub(super) fn later_profiles(
    store: &mut dyn Store,
    own: &Chain,
    uploaded: &[UploadProfile],
) -> Result<Vec<StoredProfile>, StoreError> {
    let mut later: BTreeMap<String, StoredProfile> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for upload in uploaded.iter().filter(|upload| is_sound(upload)) {
        let mut slice = Slice::new(&own.till, own.incarnation);
        let known = load(store, &mut slice, &Key::Guest(upload.guest.clone()))?.is_some();
        let position = position_of(upload);
        let record = store.record(&position.id())?;
        if !known || record.is_none_or(|record| record.position != position) {
            continue;
        }
        slice.keep_profile(&upload.guest, upload.personal.clone().unwrap_or_default());
        let profile = profile_of(&slice, upload.guest.clone(), position);
        if profile.personal.is_none() && upload.personal.is_some() {
            // The guest was erased, or is another's double.
            continue;
        }
        let kept = match later.get(&upload.guest) {
            Some(kept) => Some(kept.clone()),
            None if seen.insert(upload.guest.clone()) => store.profile(&upload.guest)?,
            None => None,
        };
        let rank = |profile: &StoredProfile| (profile.position.clone(), profile.personal.clone());
        if kept.is_none_or(|kept| rank(&kept) < rank(&profile)) {
            later.insert(upload.guest.clone(), profile);
        }
    }
    Ok(later.into_values().collect())
}

fn position_of(upload: &UploadProfile) -> Position {
    let UploadProfile { incarnation, logical_at, sequence, till, .. } = upload.clone();
    Position { logical_at, till, incarnation, sequence }
}

/// Whether a profile is one that a ledger may have written.
fn is_sound(upload: &UploadProfile) -> bool {
    let phone = upload.personal.as_ref().and_then(|personal: &Personal| personal.phone.as_ref());
    is_till_name(&upload.till) && phone.is_none_or(|phone| is_e164(phone))
}

fn is_e164(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
