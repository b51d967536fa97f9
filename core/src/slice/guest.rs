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
    /// The guest into whom this one was merged, who may have been merged into another since.
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
            // Whoever was merged into the double before follows: that is read, never stored. What is
            // personal stands with the one who stays.
            let stays =
                slice.guest(&fact.guest).map_or(&*fact.guest, |(stays, _)| stays).to_owned();
            for guest in [&fact.double, &fact.guest].into_iter().filter(|guest| **guest != stays) {
                slice.profiles.merge(guest, &stays);
            }
        }
        Effect::GuestErased(fact) => {
            slice.guests.entry(fact.guest.clone()).or_default().erased = true;
            slice.profiles.remove(&fact.guest);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{GuestMerged, GuestRegistered};

    fn merged(merges: &[(&str, &str)]) -> Slice {
        let mut slice = Slice::default();
        for guest in ["anna", "boris", "clara"] {
            let known = Effect::GuestRegistered(GuestRegistered { guest: guest.into() });
            apply_to_guests(&mut slice, &known, Timestamp::UNIX_EPOCH);
        }
        for (double, guest) in merges {
            let (double, guest) = ((*double).to_owned(), (*guest).to_owned());
            let fact = Effect::GuestMerged(GuestMerged { double, guest });
            apply_to_guests(&mut slice, &fact, Timestamp::UNIX_EPOCH);
        }
        slice
    }

    fn stays(slice: &Slice) -> [Option<&str>; 3] {
        ["anna", "boris", "clara"].map(|id| slice.guest(id).map(|(stays, _)| stays))
    }

    #[test]
    fn whoever_was_merged_into_a_double_follows_it_in_any_order() {
        let merges = [("anna", "boris"), ("boris", "clara")];
        assert_eq!(stays(&merged(&merges)), [Some("clara"); 3]);
        assert_eq!(stays(&merged(&[merges[1], merges[0]])), [Some("clara"); 3]);
    }

    #[test]
    fn of_guests_who_were_merged_in_a_circle_the_first_by_id_stays() {
        let circle = [("boris", "clara"), ("clara", "boris"), ("anna", "clara")];
        assert_eq!(stays(&merged(&circle)), [Some("boris"); 3]);
    }

    #[test]
    fn what_is_personal_goes_with_the_guest_who_stays() {
        let mut slice = merged(&[("boris", "clara")]);
        let named = crate::Personal { name: Some("Анна".into()), ..Default::default() };
        slice.keep_profile("boris", named.clone());
        assert_eq!(slice.personal("boris"), None);
        slice.keep_profile("anna", named.clone());
        let (double, guest) = ("anna".to_owned(), "boris".to_owned());
        let fact = Effect::GuestMerged(GuestMerged { double, guest });
        apply_to_guests(&mut slice, &fact, Timestamp::UNIX_EPOCH);
        assert_eq!(slice.personal("clara"), Some(&named));
        assert_eq!(slice.personal("anna"), None);
    }
}
