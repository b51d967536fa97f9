//! Guests: what records say of them.

use jiff::Timestamp;

use super::Slice;
use crate::command::Consent;
use crate::record::Effect;

/// What records say of a guest: nothing personal.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuestState {
    pub registered_at: Timestamp,
    pub language: Option<String>,
    pub plan: Option<String>,
    pub staff: bool,
    pub zone: Option<String>,
    /// The last word on each kind of consent.
    pub consents: Vec<Consent>,
    /// The guest into whom this one was merged.
    pub merged_into: Option<String>,
    pub erased: bool,
}

/// Applies what a fact does to guests, if anything. Cards of a merged guest become the other's by
/// facts of their own.
pub(crate) fn apply_to_guests(slice: &mut Slice, effect: &Effect, at: Timestamp) {
    match effect {
        Effect::GuestRegistered(fact) => {
            let guest = slice.guests.entry(fact.guest.clone()).or_default();
            guest.registered_at = at;
        }
        Effect::GuestChanged(fact) => {
            let guest = slice.guests.entry(fact.guest.clone()).or_default();
            let keep = |now: &mut Option<String>, new: &Option<String>| {
                if new.is_some() {
                    now.clone_from(new);
                }
            };
            keep(&mut guest.language, &fact.language);
            keep(&mut guest.plan, &fact.plan);
            keep(&mut guest.zone, &fact.zone);
            guest.staff = fact.staff.unwrap_or(guest.staff);
        }
        Effect::ConsentGiven(fact) => {
            let guest = slice.guests.entry(fact.guest.clone()).or_default();
            guest.consents.retain(|consent| consent.kind != fact.consent.kind);
            guest.consents.push(fact.consent.clone());
        }
        Effect::GuestMerged(fact) => {
            let double = slice.guests.entry(fact.double.clone()).or_default();
            double.merged_into = Some(fact.guest.clone());
            slice.profiles.merge(&fact.double, &fact.guest);
            // Whoever was merged into the double before follows.
            for guest in slice.guests.values_mut() {
                if guest.merged_into.as_ref() == Some(&fact.double) {
                    guest.merged_into = Some(fact.guest.clone());
                }
            }
        }
        Effect::GuestErased(fact) => {
            slice.guests.entry(fact.guest.clone()).or_default().erased = true;
            slice.profiles.remove(&fact.guest);
        }
        _ => {}
    }
}
