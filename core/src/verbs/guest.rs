//! Guests: register, update, consent, merge, erase. Nothing personal gets into a record.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::draft::{Draft, place_of};
use crate::answer::{Answer, CardStatus, GuestAnswer, GuestView};
use crate::command::{ChangeGuest, Consent, GuestAction, GuestDetails, Personal, Registration};
use crate::document::find_zone;
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::identify::canonical_phone;
pub(super) use crate::identify::phone_region as region;
use crate::number::normalise;
use crate::program::rules::Rules;
use crate::reason::{Reason, ReasonCode};
use crate::record::{
    CardBound, CardShared, ConsentGiven, Effect, GuestChanged, GuestErased, GuestMerged,
    GuestRegistered, Record,
};
use crate::slice::{GuestState, Slice, apply_to_guests};

/// The one whom a call is about, with a working copy of what records say.
struct Subject<'a> {
    draft: Draft<'a>,
    id: String,
    work: Slice,
}

pub(super) fn change(draft: Draft<'_>, input: &ChangeGuest) -> Result<Record, Error> {
    let mut subject = Subject { draft, id: String::new(), work: Slice::default() };
    let mut reasons = Vec::new();
    match &input.action {
        GuestAction::Register(registration) => subject.register(registration, input)?,
        action => {
            let double = subject.find(action, input)?;
            if let Some(named) = input.guest.as_ref().filter(|named| **named != subject.id) {
                let reason = Reason::new(ReasonCode::GuestMerged);
                reasons.push(reason.with("guest", named).with("into", &subject.id));
            }
            match (action, double) {
                (GuestAction::Consent(consent), _) => subject.consent(consent),
                (GuestAction::Update(details), _) => subject.tell_details(details),
                (GuestAction::Merge(merge), Some(double)) => subject.merge(&merge.double, double),
                _ => subject.erase(),
            }
        }
    }
    let record = subject.draft.id.clone();
    let answer = GuestAnswer { guest: subject.view(), reasons, record };
    subject.draft.finish(Answer::Guest(answer), &place_of!(input))
}

/// The guest whom a call names, or the one into whom that one was merged.
fn stays<'s>(slice: &'s Slice, input: &ChangeGuest) -> Result<(&'s str, &'s GuestState), Mistake> {
    let Some(id) = &input.guest else {
        let message = "name the guest by the host's id";
        return Err(Mistake::new(ErrorCode::DocumentKeyMissing, "/guest", message));
    };
    match slice.guest(id) {
        None => Err(unknown(id, "/guest")),
        Some((_, guest)) if guest.erased => Err(erased(id, "/guest")),
        Some(found) => Ok(found),
    }
}

/// The double of a merge, if there is one to be merged.
fn check_double<'s>(
    slice: &'s Slice,
    id: &str,
    stays: Option<&str>,
    mistakes: &mut Vec<Mistake>,
) -> Option<&'s GuestState> {
    const PLACE: &str = "/action/merge/double";
    let mistake = match slice.known_guest(id) {
        None => unknown(id, PLACE),
        Some(double) if double.merged_into.is_some() => {
            let message = format!("the guest `{id}` was merged into another already");
            Mistake::new(ErrorCode::GuestExists, PLACE, message)
        }
        Some(double) if double.erased => erased(id, PLACE),
        Some(_) if stays == Some(id) => {
            let message = "a guest is no double of itself; name another";
            Mistake::new(ErrorCode::GuestExists, PLACE, message)
        }
        double => return double,
    };
    mistakes.push(mistake);
    None
}

fn unknown(id: &str, place: &str) -> Mistake {
    let message = format!("there is no guest `{id}`; register them first");
    Mistake::new(ErrorCode::GuestUnknown, place, message)
}

fn erased(id: &str, place: &str) -> Mistake {
    Mistake::new(ErrorCode::GuestErased, place, format!("the guest `{id}` was erased"))
}

impl<'a> Subject<'a> {
    /// Finds the guest whom a call is about and, for a merge, the double.
    fn find(
        &mut self,
        action: &GuestAction,
        input: &ChangeGuest,
    ) -> Result<Option<&'a GuestState>, Error> {
        let (slice, rules) = (self.draft.slice, self.draft.rules);
        let mut mistakes = Vec::new();
        let stays = stays(slice, input).map_err(|mistake| mistakes.push(mistake)).ok();
        let id = stays.map(|(id, _)| id);
        let mut double = None;
        match action {
            GuestAction::Consent(consent) => {
                check_consent(consent, "/action/consent", &mut mistakes);
            }
            GuestAction::Merge(merge) => {
                double = check_double(slice, &merge.double, id, &mut mistakes);
            }
            GuestAction::Update(details) => {
                check_details(rules, details, "/action/update", &mut mistakes);
                let (phone, place) = (&details.personal.phone, "/action/update/personal/phone");
                let owned = |id| check_owner(&self.draft, phone.as_ref(), id, place);
                mistakes.extend(id.and_then(owned));
            }
            GuestAction::Erase(_) | GuestAction::Register(_) => {}
        }
        match stays {
            Some((id, guest)) if mistakes.is_empty() => {
                id.clone_into(&mut self.id);
                self.work.insert_guest(id, guest.clone());
                Ok(double)
            }
            _ => Err(mistakes.into()),
        }
    }

    fn push(&mut self, effect: Effect) {
        apply_to_guests(&mut self.work, &effect, self.draft.at);
        self.draft.push(effect);
    }

    fn register(&mut self, input: &Registration, call: &ChangeGuest) -> Result<(), Error> {
        let id = call.guest.clone().unwrap_or_else(|| self.draft.id.clone());
        let mut mistakes = Vec::new();
        if id.is_empty() {
            let message = "the guest's id must not be empty";
            mistakes.push(Mistake::new(ErrorCode::DocumentTextEmpty, "/guest", message));
        }
        if self.draft.slice.known_guest(&id).is_some() {
            let message = format!("the guest `{id}` exists already");
            mistakes.push(Mistake::new(ErrorCode::GuestExists, "/guest", message));
        }
        let place = "/action/register/details";
        check_details(self.draft.rules, &input.details, place, &mut mistakes);
        let phone = input.details.personal.phone.as_ref();
        let place = "/action/register/details/personal/phone";
        mistakes.extend(check_owner(&self.draft, phone, &id, place));
        for (index, consent) in input.consents.iter().enumerate() {
            let place = format!("/action/register/consents/{index}");
            check_consent(consent, &place, &mut mistakes);
        }
        let mut cards = Vec::with_capacity(input.cards.len());
        for (index, number) in input.cards.iter().enumerate() {
            let asked = normalise(number);
            let number = self.draft.slice.resolve(asked).to_owned();
            let place = format!("/action/register/cards/{index}");
            // Of a link only its own state matters: the guest is the one of its card.
            let of_link = self.check_card(asked, &id, &place);
            let of_link = of_link.filter(|mistake| mistake.code != ErrorCode::GuestExists);
            match of_link.or_else(|| self.check_card(&number, &id, &place)) {
                Some(mistake) => mistakes.push(mistake),
                None => cards.push(number),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        self.id.clone_from(&id);
        self.push(Effect::GuestRegistered(GuestRegistered { guest: id }));
        self.tell_details(&input.details);
        for consent in &input.consents {
            self.consent(consent);
        }
        for number in cards {
            self.bind(&number);
        }
        Ok(())
    }

    /// What keeps a card from becoming the guest's, if anything.
    fn check_card(&self, number: &str, guest: &str, place: &str) -> Option<Mistake> {
        let Some(card) = self.draft.slice.card(number) else {
            let message = format!("there is no card `{number}`");
            return Some(Mistake::new(ErrorCode::CardUnknown, place, message));
        };
        let (code, message) = match card.life.status(self.draft.at) {
            CardStatus::Closed => (ErrorCode::CardClosed, "was closed"),
            CardStatus::Expired => (ErrorCode::CardExpired, "has expired"),
            _ if card.guest.as_deref().is_some_and(|owner| owner != guest) => {
                (ErrorCode::GuestExists, "belongs to another guest")
            }
            _ => return None,
        };
        Some(Mistake::new(code, place, format!("the card `{number}` {message}")))
    }

    /// Makes a card the guest's.
    fn bind(&mut self, number: &str) {
        self.draft.read(number);
        let own = self.draft.card(number).and_then(|card| card.guest.as_ref());
        if own != Some(&self.id) {
            let (card, guest) = (number.to_owned(), Some(self.id.clone()));
            self.push(Effect::CardBound(CardBound { card, guest }));
        }
    }

    /// Tells what is not personal; what is stands beside the record.
    fn tell_details(&mut self, details: &GuestDetails) {
        let GuestDetails { language, plan, staff, zone, .. } = details.clone();
        if language.is_some() || plan.is_some() || staff.is_some() || zone.is_some() {
            let guest = self.id.clone();
            self.push(Effect::GuestChanged(GuestChanged { guest, language, plan, staff, zone }));
        }
    }

    fn consent(&mut self, consent: &Consent) {
        let at = consent.at.or(Some(self.draft.at));
        let consent = Consent { at, ..consent.clone() };
        self.push(Effect::ConsentGiven(ConsentGiven { consent, guest: self.id.clone() }));
    }

    /// Another guest was this one: cards, consents and what is lacking are taken over.
    fn merge(&mut self, double: &str, state: &GuestState) {
        let numbers: Vec<String> = self.draft.slice.cards_of(double).cloned().collect();
        for number in &numbers {
            self.draft.read(number);
            let card = self.draft.card(number);
            if card.is_some_and(|card| card.guest.as_deref() == Some(double)) {
                self.bind(number);
            }
            self.share_instead(number, double);
        }
        let guest = self.work.known_guest(&self.id).cloned().unwrap_or_default();
        for consent in &state.consents {
            if !guest.consents.iter().any(|own| own.kind == consent.kind) {
                self.consent(consent);
            }
        }
        let lacks =
            |own: &Option<String>, other: &Option<String>| other.clone().filter(|_| own.is_none());
        self.tell_details(&GuestDetails {
            language: lacks(&guest.language, &state.language),
            personal: Personal::default(),
            plan: lacks(&guest.plan, &state.plan),
            staff: Some(true).filter(|_| state.staff && !guest.staff),
            zone: lacks(&guest.zone, &state.zone),
        });
        let (double, guest) = (double.to_owned(), self.id.clone());
        self.push(Effect::GuestMerged(GuestMerged { double, guest }));
    }

    /// What a double might use, the guest may; an own card needs not be shared.
    fn share_instead(&mut self, number: &str, double: &str) {
        let Some(card) = self.draft.card(number) else { return };
        if !card.shared.iter().any(|guest| guest == double) {
            return;
        }
        let has = card.guest.as_ref() == Some(&self.id) || card.shared.contains(&self.id);
        let share = |guest: &str, shared| {
            let (card, guest) = (number.to_owned(), guest.to_owned());
            Effect::CardShared(CardShared { card, guest, shared })
        };
        self.push(share(double, false));
        if !has {
            let effect = share(&self.id, true);
            self.push(effect);
        }
    }

    fn erase(&mut self) {
        let guest = self.work.known_guest(&self.id).cloned().unwrap_or_default();
        for consent in guest.consents.into_iter().filter(|consent| consent.given) {
            self.consent(&Consent { at: None, given: false, source: None, ..consent });
        }
        self.push(Effect::GuestErased(GuestErased { guest: self.id.clone() }));
    }

    /// The guest as it is after the effects so far.
    fn view(&self) -> GuestView {
        let guest = self.work.known_guest(&self.id).cloned().unwrap_or_default();
        let mut view = guest_view(self.draft.slice, &self.id, &guest);
        let cards: BTreeSet<String> =
            view.cards.into_iter().chain(self.draft.cards_of(&self.id)).collect();
        view.cards = cards.into_iter().collect();
        view
    }
}

/// What records say of a guest. What is personal is masked when the book answers.
pub(super) fn guest_view(slice: &Slice, id: &str, guest: &GuestState) -> GuestView {
    GuestView {
        cards: slice.cards_of(id).cloned().collect(),
        consents: guest.consents.iter().filter(|consent| consent.given).cloned().collect(),
        erased: guest.erased,
        guest: id.to_owned(),
        language: guest.language.clone(),
        name: None,
        phone: None,
        plan: guest.plan.clone(),
        staff: guest.staff,
        zone: guest.zone.clone(),
    }
}

fn check_consent(consent: &Consent, place: &str, mistakes: &mut Vec<Mistake>) {
    if consent.kind.is_empty() {
        let message = "say what the guest agrees to";
        let place = format!("{place}/kind");
        mistakes.push(Mistake::new(ErrorCode::DocumentTextEmpty, place, message));
    }
    if consent.at.is_some_and(|at| !is_in_range(at)) {
        mistakes.push(Mistake::new(ErrorCode::TimeRange, format!("{place}/at"), OUT_OF_RANGE));
    }
}

fn check_details(rules: &Rules, details: &GuestDetails, place: &str, mistakes: &mut Vec<Mistake>) {
    if let Some(plan) = &details.plan
        && !rules.document.plans.is_empty()
        && !rules.document.plans.contains(plan)
    {
        let message = format!("the programme has no plan `{plan}`");
        mistakes.push(Mistake::new(ErrorCode::GuestPlan, format!("{place}/plan"), message));
    }
    if let Some(zone) = details.zone.as_ref().filter(|zone| find_zone(zone).is_none()) {
        let message = format!("`{zone}` is no IANA time zone such as `Europe/Moscow`");
        mistakes.push(Mistake::new(ErrorCode::TimeZone, format!("{place}/zone"), message));
    }
    check_personal(rules, &details.personal, &format!("{place}/personal"), mistakes);
}

/// Notes what is wrong with what is personal. An empty text takes away what was there.
pub(super) fn check_personal(
    rules: &Rules,
    personal: &Personal,
    place: &str,
    mistakes: &mut Vec<Mistake>,
) {
    let named = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    if let Some(text) = named(&personal.birthday) {
        let date = text.trim().parse::<Date>().ok();
        if date.is_none_or(|date| date.to_string() != text.trim()) {
            let message = "this is no date such as 2000-01-31";
            mistakes.push(Mistake::new(ErrorCode::TimeDate, format!("{place}/birthday"), message));
        }
    }
    if let Some(text) = named(&personal.phone)
        && canonical_phone(&text, region(rules)).is_none()
    {
        let message = "this is no telephone number such as +7 993 697-10-05";
        mistakes.push(Mistake::new(ErrorCode::GuestPhone, format!("{place}/phone"), message));
    }
    for (index, one) in personal.attributes.iter().flatten().enumerate() {
        if one.name.is_empty() {
            let place = format!("{place}/attributes/{index}/name");
            let message = "name the attribute";
            mistakes.push(Mistake::new(ErrorCode::DocumentTextEmpty, place, message));
        }
    }
}

/// A telephone number that another guest has.
fn check_owner(
    draft: &Draft<'_>,
    phone: Option<&String>,
    guest: &str,
    place: &str,
) -> Option<Mistake> {
    let phone = canonical_phone(phone?, region(draft.rules))?;
    let owner = draft.slice.profiles().with_phone(&phone);
    owner.filter(|owner| *owner != guest).map(|_| {
        let message = "another guest has this telephone number; look for them";
        Mistake::new(ErrorCode::GuestExists, place, message)
    })
}

/// What is personal as it is kept: without white space around it, the telephone number in E.164.
pub(super) fn canonical_personal(rules: &Rules, personal: &Personal) -> Personal {
    let trimmed = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
    let phone = personal.phone.as_ref().map(|phone| phone.trim());
    Personal {
        attributes: personal.attributes.clone(),
        birthday: trimmed(&personal.birthday),
        email: trimmed(&personal.email),
        name: trimmed(&personal.name),
        phone: phone.map(|phone| canonical_phone(phone, region(rules)).unwrap_or_default()),
    }
}

/// The texts of a call, to be looked at one by one.
pub(super) fn texts(input: &ChangeGuest) -> Vec<&String> {
    let mut texts: Vec<&String> = [&input.guest, &input.reason].into_iter().flatten().collect();
    let consents = match &input.action {
        GuestAction::Register(registration) => registration.consents.as_slice(),
        GuestAction::Consent(consent) => std::slice::from_ref(consent),
        _ => &[],
    };
    texts.extend(consents.iter().flat_map(|one| [Some(&one.kind), one.source.as_ref()]).flatten());
    let details = match &input.action {
        GuestAction::Register(registration) => {
            texts.extend(&registration.cards);
            Some(&registration.details)
        }
        GuestAction::Update(details) => Some(details),
        GuestAction::Merge(merge) => {
            texts.push(&merge.double);
            None
        }
        _ => None,
    };
    if let Some(details) = details {
        texts.extend([&details.language, &details.plan, &details.zone].into_iter().flatten());
        texts.extend(personal_texts(&details.personal));
    }
    texts
}

pub(super) fn personal_texts(personal: &Personal) -> impl Iterator<Item = &String> {
    let Personal { attributes, birthday, email, name, phone } = personal;
    let plain = [birthday, email, name, phone].into_iter().flatten();
    plain.chain(attributes.iter().flatten().flat_map(|one| [&one.name, &one.value]))
}
