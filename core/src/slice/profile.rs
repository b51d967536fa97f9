//! What is personal of guests. No record holds it: it is kept beside them.

use std::collections::{BTreeMap, HashMap};

use super::{Slice, apply_to_guests};
use crate::answer::{Answer, GuestView};
use crate::command::Personal;
use crate::identify::masked_phone;
use crate::record::{Effect, Entry};

/// What is personal of a guest. The telephone number is in E.164.
pub(crate) type Profile = Personal;

/// The profiles of guests, found by id and by telephone number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profiles {
    by_guest: BTreeMap<String, Profile>,
    by_phone: HashMap<String, String>,
}

impl Profiles {
    pub fn get(&self, guest: &str) -> Option<&Profile> {
        self.by_guest.get(guest)
    }

    /// In the order of the guests' ids.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Profile)> {
        self.by_guest.iter()
    }

    /// The guest who has a telephone number, in E.164.
    pub fn with_phone(&self, phone: &str) -> Option<&str> {
        self.by_phone.get(phone).map(String::as_str)
    }

    /// Keeps a profile in the place of the one before; an empty one is not kept.
    pub fn set(&mut self, guest: &str, profile: Profile) {
        self.remove(guest);
        if profile == Profile::default() {
            return;
        }
        if let Some(phone) = &profile.phone {
            self.by_phone.entry(phone.clone()).or_insert_with(|| guest.to_owned());
        }
        self.by_guest.insert(guest.to_owned(), profile);
    }

    pub fn remove(&mut self, guest: &str) -> Option<Profile> {
        let profile = self.by_guest.remove(guest)?;
        if let Some(phone) = &profile.phone
            && self.with_phone(phone) == Some(guest)
        {
            self.by_phone.remove(phone);
        }
        Some(profile)
    }

    /// One guest was another: what the one who stays lacks is taken over.
    pub fn merge(&mut self, double: &str, guest: &str) {
        if let Some(from) = self.remove(double) {
            let mut profile = self.get(guest).cloned().unwrap_or_default();
            profile.fill(&from);
            self.set(guest, profile);
        }
    }
}

impl Personal {
    /// Takes over what is lacking here.
    pub(crate) fn fill(&mut self, from: &Personal) {
        let lacks = |own: &mut Option<String>, other: &Option<String>| {
            if own.is_none() {
                own.clone_from(other);
            }
        };
        lacks(&mut self.birthday, &from.birthday);
        lacks(&mut self.email, &from.email);
        lacks(&mut self.name, &from.name);
        lacks(&mut self.phone, &from.phone);
        if self.attributes.is_none() {
            self.attributes.clone_from(&from.attributes);
        }
    }

    /// Takes over what is named; an empty text or list takes away what was there.
    pub(crate) fn change(&mut self, by: &Personal) {
        let change = |own: &mut Option<String>, new: &Option<String>| {
            if let Some(new) = new {
                *own = Some(new.clone()).filter(|text| !text.is_empty());
            }
        };
        change(&mut self.birthday, &by.birthday);
        change(&mut self.email, &by.email);
        change(&mut self.name, &by.name);
        change(&mut self.phone, &by.phone);
        if let Some(attributes) = &by.attributes {
            self.attributes = Some(attributes.clone()).filter(|list| !list.is_empty());
        }
    }
}

impl Slice {
    pub(crate) fn profile(&self, guest: &str) -> Option<&Profile> {
        self.profiles.get(guest)
    }

    /// What is personal of a guest, if anything is kept.
    #[must_use]
    pub fn personal(&self, guest: &str) -> Option<&Personal> {
        self.profile(guest)
    }

    pub(crate) fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The guest into whom a guest was merged, if one was. That one may have been merged into another.
    #[must_use]
    pub fn merged_into(&self, guest: &str) -> Option<&str> {
        self.known_guest(guest)?.merged_into.as_deref()
    }

    /// Keeps what is personal of a guest, as it is now. Nothing is kept of a guest who is not
    /// known, who was erased, or who was merged into another.
    ///
    /// [`profiles_of`](crate::profiles_of) says what a record changed.
    pub fn keep_profile(&mut self, guest: &str, profile: Personal) {
        if self.guest(guest).is_some_and(|(stays, known)| stays == guest && !known.erased) {
            self.profiles.set(guest, profile);
        }
    }

    /// The guests whom a record is about, as they are after it, with what is personal of them.
    pub(crate) fn guests_of(&self, entry: &Entry) -> Slice {
        let mut after = Slice::default();
        let ids = entry.record.effects.iter().flat_map(|effect| match effect {
            Effect::GuestChanged(fact) => vec![&fact.guest],
            Effect::ConsentGiven(fact) => vec![&fact.guest],
            Effect::GuestMerged(fact) => vec![&fact.guest, &fact.double],
            Effect::GuestErased(fact) => vec![&fact.guest],
            _ => Vec::new(),
        });
        let answered = match &entry.record.answer {
            Answer::Guest(answer) => Some(&answer.guest.guest),
            _ => None,
        };
        for id in ids.chain(answered) {
            if let Some(guest) = self.known_guest(id) {
                after.insert_guest(id, guest.clone());
            }
            if let Some(profile) = self.profile(id) {
                after.profiles.set(id, profile.clone());
            }
        }
        for effect in &entry.record.effects {
            apply_to_guests(&mut after, effect, entry.record.envelope.logical_at);
        }
        after
    }

    /// The answer as the caller gets it: with what is personal, masked. Records hold none of it.
    #[must_use]
    pub fn with_masks(&self, mut answer: Answer) -> Answer {
        match &mut answer {
            Answer::Guest(changed) => self.mask(&mut changed.guest),
            Answer::Found(found) => found.guests.iter_mut().for_each(|guest| self.mask(guest)),
            _ => {}
        }
        answer
    }

    fn mask(&self, view: &mut GuestView) {
        let profile = self.profile(&view.guest);
        view.name = profile.and_then(|profile| profile.name.as_deref()).map(masked_name);
        view.phone = profile.and_then(|profile| profile.phone.as_deref()).map(masked_phone);
    }
}

/// The first word of a name, and of each further word its first letter.
fn masked_name(name: &str) -> String {
    let mut words = name.split_whitespace();
    let mut shown = words.next().unwrap_or("").to_owned();
    for letter in words.filter_map(|word| word.chars().next()) {
        shown.push_str(&format!(" {letter}."));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, phone: &str) -> Profile {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Profile { name: text(name), phone: text(phone), ..Profile::default() }
    }

    #[test]
    fn a_name_is_shown_by_its_first_word_and_letters() {
        assert_eq!(masked_name("Анна Ким"), "Анна К.");
        assert_eq!(masked_name("  Анна   Мария Ким "), "Анна М. К.");
        assert_eq!(masked_name("Анна"), "Анна");
    }

    #[test]
    fn a_telephone_number_is_found_until_it_changes() {
        let mut profiles = Profiles::default();
        profiles.set("a", named("Анна", "+79936971005"));
        assert_eq!(profiles.with_phone("+79936971005"), Some("a"));
        profiles.set("a", named("Анна", "+79936971006"));
        assert_eq!(profiles.with_phone("+79936971005"), None);
        assert_eq!(profiles.with_phone("+79936971006"), Some("a"));
        profiles.set("a", Profile::default());
        assert_eq!((profiles.with_phone("+79936971006"), profiles.get("a")), (None, None));
    }

    #[test]
    fn the_one_who_stays_takes_over_what_is_lacking_only() {
        let mut profiles = Profiles::default();
        profiles.set("a", named("Анна", ""));
        profiles.set("b", named("Аня", "+79936971005"));
        profiles.merge("b", "a");
        assert_eq!(profiles.get("a"), Some(&named("Анна", "+79936971005")));
        assert_eq!((profiles.get("b"), profiles.with_phone("+79936971005")), (None, Some("a")));
    }

    #[test]
    fn an_empty_text_takes_away_what_was_there() {
        let mut profile = named("Анна", "+79936971005");
        profile.change(&Profile { phone: Some(String::new()), ..Profile::default() });
        assert_eq!(profile, named("Анна", ""));
    }
}
