//! The guests whom the rows of an import name.

use std::collections::HashMap;

use super::plan::Plan;
use crate::command::{ImportRow, Personal};
use crate::error::ErrorCode;
use crate::identify::canonical_phone;
use crate::verbs::guest::{canonical_personal, check_personal, region};

/// The guests whom rows name, in the order of the rows.
#[derive(Default)]
pub(crate) struct Guests<'r> {
    all: Vec<PlannedGuest<'r>>,
    places: HashMap<&'r str, usize>,
    /// Whose the telephone numbers of the rows are.
    phones: HashMap<String, &'r str>,
}

/// A guest of a row.
pub(crate) struct PlannedGuest<'r> {
    pub id: &'r str,
    pub is_new: bool,
    /// The language, where none is known.
    pub language: Option<&'r String>,
}

impl<'r> Guests<'r> {
    pub fn iter(&self) -> impl Iterator<Item = &PlannedGuest<'r>> {
        self.all.iter()
    }

    /// How many of them are new.
    pub fn count_new(&self) -> usize {
        self.all.iter().filter(|guest| guest.is_new).count()
    }
}

impl<'r> Plan<'r> {
    /// A row that is about a guest and nothing else.
    pub(super) fn guest_row(&mut self, index: usize, row: &'r ImportRow) {
        self.no_card(index, row);
        if row.coupon.is_some() || row.used != 0 || row.expires_at.or(row.opens_at).is_some() {
            let message = "such a row is about a guest alone; name the card or the code";
            self.mistake(ErrorCode::ImportConflict, index, "guest", message);
        }
        let known = row.guest.as_deref().and_then(|id| self.slice.guest(id));
        if known.is_some_and(|(_, guest)| guest.erased) {
            self.pass_over(index);
        } else {
            self.guest(index, row);
        }
    }

    /// Notes what only a row about a card may say.
    pub(super) fn no_card(&mut self, index: usize, row: &'r ImportRow) {
        let said = [
            ("amount", row.amount.is_some()),
            ("blocked", row.blocked),
            ("kind", row.kind.is_some()),
            ("points", row.points.is_some()),
            ("purchases", row.purchases.is_some()),
            ("spent", row.spent.is_some()),
            ("tier", row.tier.is_some()),
            ("tier_until", row.tier_until.is_some()),
        ];
        for (key, _) in said.iter().filter(|(_, said)| *said) {
            let message = "only a row about a card says this";
            self.mistake(ErrorCode::ImportConflict, index, key, message);
        }
    }

    /// The guest of a row, or the one into whom that one was merged.
    pub(super) fn guest(&mut self, index: usize, row: &'r ImportRow) -> Option<&'r str> {
        let Some(named) = row.guest.as_deref() else {
            if row.personal != Personal::default() || row.language.is_some() {
                let message = "name the guest by the host's id";
                self.mistake(ErrorCode::DocumentKeyMissing, index, "guest", message);
            }
            return None;
        };
        if named.is_empty() {
            let message = "the guest's id must not be empty";
            self.mistake(ErrorCode::DocumentTextEmpty, index, "guest", message);
        }
        let slice = self.slice;
        let (id, known) = slice.guest(named).map_or((named, None), |(id, one)| (id, Some(one)));
        if known.is_some_and(|guest| guest.erased) {
            let message = format!("the guest `{id}` was erased");
            self.mistake(ErrorCode::GuestErased, index, "guest", message);
        }
        let lacks = known.is_none_or(|guest| guest.language.is_none());
        let language = row.language.as_ref().filter(|_| lacks);
        let place = self.guests.places.get(id).copied();
        match place.and_then(|place| self.guests.all.get_mut(place)) {
            Some(guest) => guest.language = guest.language.or(language),
            None if known.is_some() && language.is_none() => {}
            None => {
                self.guests.places.insert(id, self.guests.all.len());
                let is_new = known.is_none();
                self.guests.all.push(PlannedGuest { id, is_new, language });
            }
        }
        self.personal(index, row, id);
        Some(id)
    }

    fn personal(&mut self, index: usize, row: &'r ImportRow, guest: &'r str) {
        if row.personal == Personal::default() {
            return;
        }
        let mut mistakes = Vec::new();
        check_personal(self.rules, &row.personal, "personal", &mut mistakes);
        for mistake in mistakes {
            self.mistake(mistake.code, index, &mistake.path, mistake.message);
        }
        let phone = row.personal.phone.as_ref();
        let Some(phone) = phone.and_then(|text| canonical_phone(text, region(self.rules))) else {
            return;
        };
        let kept = self.slice.profiles().with_phone(&phone);
        let owner = kept.or_else(|| self.guests.phones.get(&phone).copied());
        if owner.is_some_and(|owner| owner != guest) {
            let message = "another guest has this telephone number";
            self.mistake(ErrorCode::GuestExists, index, "personal/phone", message);
        } else if owner.is_none() {
            self.guests.phones.insert(phone, guest);
        }
    }

    /// Notes where a later row of a card says something else of the guest.
    pub(super) fn further_personal(
        &mut self,
        index: usize,
        row: &'r ImportRow,
        first: &'r ImportRow,
    ) {
        if row.personal == Personal::default() || row.personal == first.personal {
            return;
        }
        let mut mistakes = Vec::new();
        check_personal(self.rules, &row.personal, "personal", &mut mistakes);
        for mistake in mistakes {
            self.mistake(mistake.code, index, &mistake.path, mistake.message);
        }
        let [row, first] = [row, first].map(|row| canonical_personal(self.rules, &row.personal));
        let texts = [
            ("personal/birthday", &row.birthday, &first.birthday),
            ("personal/email", &row.email, &first.email),
            ("personal/name", &row.name, &first.name),
            ("personal/phone", &row.phone, &first.phone),
        ];
        let differs = |own: &Option<String>, other: &Option<String>| own.is_some() && own != other;
        let attributes = row.attributes.is_some() && row.attributes != first.attributes;
        let texts = texts.iter().filter(|(_, own, other)| differs(own, other));
        let keys = texts.map(|(key, ..)| *key);
        for key in keys.chain(attributes.then_some("personal/attributes")) {
            let message = "an earlier row of this card says otherwise";
            self.mistake(ErrorCode::ImportConflict, index, key, message);
        }
    }
}
