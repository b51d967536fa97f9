//! Cards proved by PIN, rotating code or signed token.
//!
//! Whoever guesses learns nothing from an answer: an unknown number and a wrong PIN are answered
//! alike, are counted alike, and take the same time.

use jiff::{SignedDuration, Timestamp};

use super::draft::{Draft, place_of};
use crate::answer::{Answer, CardStatus, PresentAnswer};
use crate::chance::from_hexadecimal;
use crate::command::Present;
use crate::error::{Error, ErrorCode};
use crate::order::Presented;
use crate::pin::is_pin;
use crate::program::PinPolicy;
use crate::program::rules::CardRules;
use crate::reason::{Reason, ReasonCode};
use crate::record::{CardPresented, Effect, PinHash, PresentOutcome, Record};
use crate::rotating::{RotatingToken, step_at};
use crate::scanned::{self, Scanned};
use crate::signed::SignedToken;
use crate::slice::{CardState, Presentation, Slice, subject_of, subject_of_till};
use crate::watch::{WatchEvent, WatchKind, WatchMark};

/// What attempts with the number of a bank card are counted under: not even its hash is kept.
const BANK_CARD: &str = "bank_card";
/// What attempts with something that is no number are counted under.
const UNREADABLE: &str = "unreadable";

pub(super) fn present(mut draft: Draft<'_>, input: &Present) -> Result<Record, Error> {
    let scanned = scanned::read(draft.rules, draft.slice, &input.scan.0);
    let attempt = Attempt::new(&draft, input, &scanned)?;
    let locked_until = attempt.locked_until();
    let proof = match locked_until {
        Some(_) => Proof::failed(PresentOutcome::Locked),
        // Whoever could try without being counted could guess.
        None if draft.request.preview => Proof::failed(PresentOutcome::Refused),
        None => attempt.prove(&scanned),
    };
    let strength = attempt.strength;
    let accepted = proof.outcome == PresentOutcome::Accepted;
    let card = attempt.number.clone().filter(|_| accepted);
    let attempt_number = attempt.number.clone();
    let subject = attempt.subject;
    let watched_subject = subject.clone();
    draft.set_day(input.store.as_ref());
    if let Some(number) = &card {
        draft.read(number);
    }
    draft.push(Effect::CardPresented(CardPresented {
        card: card.clone(),
        expires_at: proof.nonce.as_ref().map(|(_, until)| *until),
        nonce: proof.nonce.map(|(nonce, _)| nonce),
        outcome: proof.outcome,
        step: proof.step,
        strength,
        subject,
        till: input.till.clone(),
    }));
    let known = attempt_number.as_ref().is_some_and(|number| draft.slice.card(number).is_some());
    let shown = card.clone();
    draft.show_watch(&place_of!(input), |base| {
        let mut event = WatchEvent {
            card: shown,
            kind: WatchKind::Present,
            number: Some(watched_subject),
            outcome: Some(proof.outcome),
            strength: Some(strength),
            ..base
        };
        event.marks.extend((!known).then_some(WatchMark::UnknownNumber));
        event
    });
    let mut view = card.and_then(|number| draft.view(&number));
    if let Some(view) = &mut view {
        let asked = scanned.number().filter(|number| *number != view.card);
        view.linked = asked.map(str::to_owned);
    }
    let valid = SignedDuration::from_mins(i64::from(draft.rules.document.presenting.valid_minutes));
    let answer = PresentAnswer {
        accepted,
        card: view,
        expires_at: draft.at.checked_add(valid).ok().filter(|_| accepted),
        locked_until,
        reasons: reason_of(proof.outcome).map(Reason::new).into_iter().collect(),
        record: draft.id.clone(),
        strength,
    };
    draft.finish(Answer::Presented(Box::new(answer)), &place_of!(input))
}

fn reason_of(outcome: PresentOutcome) -> Option<ReasonCode> {
    match outcome {
        PresentOutcome::Accepted => None,
        PresentOutcome::Refused => Some(ReasonCode::PresentRefused),
        PresentOutcome::Locked => Some(ReasonCode::PresentLocked),
        PresentOutcome::Replayed => Some(ReasonCode::PresentReplayed),
        PresentOutcome::OutOfTime => Some(ReasonCode::PresentOutOfTime),
    }
}

/// What came of an attempt, and what must be kept of what was accepted.
struct Proof {
    outcome: PresentOutcome,
    step: Option<i64>,
    /// The mark of a token, and until when it could come again.
    nonce: Option<(String, Timestamp)>,
}

impl Proof {
    fn failed(outcome: PresentOutcome) -> Proof {
        Proof { outcome, step: None, nonce: None }
    }
}

/// One attempt to prove a card.
struct Attempt<'a, 'd> {
    draft: &'a Draft<'d>,
    input: &'a Present,
    /// The card's key for rotating codes.
    secret: Option<Vec<u8>>,
    /// The number that is meant, with links followed, whether there is such a card or not.
    number: Option<String>,
    /// The card, if it can be used.
    card: Option<&'a CardState>,
    subject: String,
    strength: Presented,
}

impl<'a, 'd> Attempt<'a, 'd> {
    fn new(
        draft: &'a Draft<'d>,
        input: &'a Present,
        scanned: &Scanned,
    ) -> Result<Attempt<'a, 'd>, Error> {
        let number = scanned.number().map(|number| draft.slice.resolve(number).to_owned());
        let subject = attempts_subject(draft.slice, scanned);
        // From what was given alone: it must not tell what the card is.
        let strength = match (scanned, &input.pin) {
            (Scanned::Rotating(_), _) => Presented::Rotating,
            (Scanned::Signed(_), _) => Presented::Signed,
            (_, Some(_)) => Presented::Pin,
            (_, None) => Presented::Static,
        };
        let card = number.as_deref().and_then(|number| draft.slice.card(number));
        let link = scanned.number().and_then(|number| draft.slice.card(number));
        let is_active = |card: &CardState| card.life.status(draft.at) == CardStatus::Active;
        let card = card.filter(|card| is_active(card) && link.is_none_or(is_active));
        let secret = secret_of(input)?;
        Ok(Attempt { draft, input, secret, number, card, subject, strength })
    }

    /// Until when nothing is looked at, for the number or for the till.
    fn locked_until(&self) -> Option<Timestamp> {
        let presenting = &self.draft.rules.document.presenting;
        let locked = |subject: &str, most: u32| {
            let attempts = self.draft.slice.attempts(subject)?;
            attempts.locked_until(most, presenting.lock_minutes, self.draft.at)
        };
        let number = locked(&self.subject, presenting.attempts);
        let till = self.input.till.as_ref().map(|till| subject_of_till(till));
        number.max(till.and_then(|till| locked(&till, presenting.till_attempts)))
    }

    fn prove(&self, scanned: &Scanned) -> Proof {
        match scanned {
            Scanned::Rotating(token) => self.prove_rotating(token),
            Scanned::Signed(token) => self.prove_signed(token),
            _ => Proof { outcome: self.prove_number(), step: None, nonce: None },
        }
    }

    /// The kind of the card; where there is none, the kind that such a number would have, so that
    /// both are judged by the same rules.
    fn kind(&self) -> Option<&'d CardRules> {
        let rules = self.draft.rules;
        match self.card {
            Some(card) => rules.card_named(&card.kind),
            None => rules.card_of_number(self.number.as_deref()?).ok(),
        }
    }

    fn presentations(&self) -> &'a [Presentation] {
        self.card.map_or(&[], |card| card.presentations.as_slice())
    }

    fn prove_rotating(&self, token: &RotatingToken) -> Proof {
        let Some(policy) = self.kind().and_then(|kind| kind.rotating.as_ref()) else {
            return Proof::failed(PresentOutcome::Refused);
        };
        let distance = token.step.abs_diff(step_at(self.draft.at, policy));
        if distance > u64::from(policy.skew) {
            return Proof::failed(PresentOutcome::OutOfTime);
        }
        let last = self.presentations().iter().filter_map(|earlier| earlier.step).max();
        if last.is_some_and(|last| token.step <= last) {
            return Proof::failed(PresentOutcome::Replayed);
        }
        // The key is the host's: without it nothing can be checked.
        let secret = self.secret.as_deref();
        let right = secret.is_some_and(|secret| token.is_right(secret, policy.digits));
        match right && self.card.is_some() {
            true => {
                Proof { outcome: PresentOutcome::Accepted, step: Some(token.step), nonce: None }
            }
            false => Proof::failed(PresentOutcome::Refused),
        }
    }

    fn prove_signed(&self, token: &SignedToken) -> Proof {
        let mut signers = self.draft.rules.signers.iter();
        let signer = signers.find(|(id, _)| *id == token.signer);
        if !signer.is_some_and(|(_, key)| token.is_signed_by(key)) {
            return Proof::failed(PresentOutcome::Refused);
        }
        let until = Timestamp::from_second(token.ends()).ok();
        let Some(until) = until.filter(|_| token.is_in_time(self.draft.at.as_second())) else {
            return Proof::failed(PresentOutcome::OutOfTime);
        };
        let same = |earlier: &Presentation| {
            earlier.nonce.as_ref().is_some_and(|(nonce, _)| *nonce == token.nonce)
        };
        if self.presentations().iter().any(same) {
            return Proof::failed(PresentOutcome::Replayed);
        }
        match self.card {
            Some(_) => Proof {
                outcome: PresentOutcome::Accepted,
                step: None,
                nonce: Some((token.nonce.clone(), until)),
            },
            None => Proof::failed(PresentOutcome::Refused),
        }
    }

    fn prove_number(&self) -> PresentOutcome {
        let kept = self.card.and_then(|card| card.pin.as_ref());
        let right = match &self.input.pin {
            None => self.card.is_some() && kept.is_none(),
            Some(pin) => {
                // Where there is nothing to compare with, it takes as long as if there were.
                let right = is_pin(pin, kept.unwrap_or(&self.nobodys_pin()));
                right && kept.is_some()
            }
        };
        if right { PresentOutcome::Accepted } else { PresentOutcome::Refused }
    }

    fn nobodys_pin(&self) -> PinHash {
        let policy = self.kind().and_then(|kind| kind.pin.as_ref());
        let iterations = policy.map_or(PinPolicy::default().iterations, |policy| policy.iterations);
        PinHash { hash: "0".repeat(64), iterations, salt: "0".repeat(32) }
    }
}

/// What attempts with a scan are counted under: the hash of the number, with links followed, so that
/// two numbers of one card are no two chances.
pub(crate) fn attempts_subject(slice: &Slice, scanned: &Scanned) -> String {
    match (scanned, scanned.number()) {
        (_, Some(number)) => subject_of(slice.resolve(number)),
        (Scanned::BankCard, None) => BANK_CARD.to_owned(),
        (_, None) => UNREADABLE.to_owned(),
    }
}

fn secret_of(input: &Present) -> Result<Option<Vec<u8>>, Error> {
    let Some(text) = &input.secret else { return Ok(None) };
    let secret = from_hexadecimal(text).filter(|secret| !secret.is_empty());
    let message = "give the card's key in hexadecimal, two digits for each byte";
    secret.map(Some).ok_or_else(|| Error::new(ErrorCode::DocumentType, "/secret", message))
}

#[cfg(test)]
mod tests;
