//! Batches of coupons.

use std::collections::HashSet;

use jiff::Timestamp;

use super::draft::{Draft, place_of};
use crate::answer::{Answer, BatchAnswer};
use crate::code::make_code;
use crate::command::MakeBatch;
use crate::document::{OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode, Mistake};
use crate::identify::is_bank_card;
use crate::number::normalise;
use crate::program::rules::CouponRules;
use crate::program::{CODE_MAX, USES_MAX};
use crate::record::{BatchIssued, Effect, Record};
use crate::term::life_end;

/// The most coupons of one batch.
const BATCH_MAX: usize = 10_000;
/// How many made codes in a row that cannot be taken are passed over.
const ATTEMPTS_MAX: u32 = 1_000;

pub(super) fn batch(mut draft: Draft<'_>, input: &MakeBatch) -> Result<Record, Error> {
    let mut mistakes = Vec::new();
    let kind = draft.rules.coupons.iter().find(|kind| kind.id == input.coupon);
    if kind.is_none() {
        let message = format!("the programme has no coupon `{}`", input.coupon);
        mistakes.push(Mistake::new(ErrorCode::CouponKindUnknown, "/coupon", message));
    }
    check_numbers(input, &mut mistakes);
    check_codes(&draft, input, &mut mistakes);
    check_instants(input, &mut mistakes);
    let card = input.card.as_ref().map(|card| normalise(card));
    let card = card.map(|card| draft.slice.resolve(card));
    if let Some(card) = card.filter(|card| draft.slice.card(card).is_none()) {
        let message = format!("there is no card `{card}`");
        mistakes.push(Mistake::new(ErrorCode::CardUnknown, "/card", message));
    }
    let Some(kind) = kind.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes.into());
    };
    let codes = all_codes(&mut draft, kind, input)?;
    let place = place_of!(input);
    let dates = Validity::of(&draft, kind, input);
    if dates.opens_at.zip(dates.expires_at).is_some_and(|(opens, end)| end <= opens) {
        let message = "the coupons end before they become usable";
        return Err(Error::new(ErrorCode::ProgramContradiction, "/expires_at", message));
    }
    card.into_iter().for_each(|card| draft.read(card));
    let name = input.batch.clone().unwrap_or_else(|| draft.id.clone());
    draft.push(Effect::BatchIssued(BatchIssued {
        batch: name.clone(),
        card: card.map(str::to_owned),
        codes: codes.clone(),
        coupon: kind.id.clone(),
        event: dates.event,
        expires_at: dates.expires_at,
        guest: input.guest.clone(),
        opens_at: dates.opens_at,
        // Without a card there is nobody whose alone they could be.
        personal: kind.personal && card.is_some(),
        used: 0,
        uses: input.uses.unwrap_or(kind.uses),
    }));
    let answer = Answer::Batch(BatchAnswer {
        batch: name,
        codes,
        coupon: kind.id.clone(),
        expires_at: dates.expires_at,
        opens_at: dates.opens_at,
        record: draft.id.clone(),
    });
    draft.finish(answer, &place)
}

fn check_numbers(input: &MakeBatch, mistakes: &mut Vec<Mistake>) {
    let count = usize::try_from(input.count).unwrap_or(usize::MAX);
    if !(1..=BATCH_MAX).contains(&count.saturating_add(input.codes.len())) {
        let message = format!("a batch has 1 to {BATCH_MAX} codes, given and made together");
        mistakes.push(Mistake::new(ErrorCode::DocumentRange, "/count", message));
    }
    if input.uses.is_some_and(|uses| !(1..=USES_MAX).contains(&uses)) {
        let message = format!("a coupon is used 1 to {USES_MAX} times");
        mistakes.push(Mistake::new(ErrorCode::DocumentRange, "/uses", message));
    }
    if input.batch.as_ref().is_some_and(String::is_empty) {
        let message = "name the batch, or leave `batch` out";
        mistakes.push(Mistake::new(ErrorCode::DocumentTextEmpty, "/batch", message));
    }
}

fn check_codes(draft: &Draft<'_>, input: &MakeBatch, mistakes: &mut Vec<Mistake>) {
    let mut seen = HashSet::new();
    for (index, code) in input.codes.iter().enumerate() {
        let code = written(code);
        let mut mistake = |kind, message: String| {
            mistakes.push(Mistake::new(kind, format!("/codes/{index}"), message));
        };
        if code.is_empty() || code.len() > CODE_MAX {
            mistake(ErrorCode::CouponCode, format!("a code has 1 to {CODE_MAX} bytes"));
        } else if !seen.insert(code.clone()) {
            mistake(ErrorCode::CouponCode, format!("the code `{code}` is listed twice"));
        } else if draft.slice.coupon(&code).is_some() {
            mistake(ErrorCode::CouponExists, format!("there is a coupon `{code}` already"));
        }
    }
}

fn check_instants(input: &MakeBatch, mistakes: &mut Vec<Mistake>) {
    for (key, instant) in [("expires_at", input.expires_at), ("opens_at", input.opens_at)] {
        if instant.is_some_and(|instant| !is_in_range(instant)) {
            mistakes.push(Mistake::new(ErrorCode::TimeRange, format!("/{key}"), OUT_OF_RANGE));
        }
    }
}

/// A code as it is kept: orders are compared with it without regard to case.
pub(super) fn written(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// The given codes and those that are made; one that exists already is passed over, and so is one
/// that holds the number of a bank card: orders refuse it.
fn all_codes(
    draft: &mut Draft<'_>,
    kind: &CouponRules,
    input: &MakeBatch,
) -> Result<Vec<String>, Error> {
    let mut codes: Vec<String> = input.codes.iter().map(|code| written(code)).collect();
    if input.count == 0 {
        return Ok(codes);
    }
    let mut chance = draft.chance("batch")?;
    let mut known: HashSet<String> = codes.iter().cloned().collect();
    let wanted = codes.len() + usize::try_from(input.count).unwrap_or(0);
    let mut attempts = 0;
    while codes.len() < wanted {
        if attempts > ATTEMPTS_MAX {
            let message = "nearly all codes of this format are taken or those of bank cards";
            return Err(Error::new(ErrorCode::CouponCode, "/count", message));
        }
        attempts += 1;
        let code = make_code(&kind.codes, &mut chance);
        let free = draft.slice.coupon(&code).is_none() && !is_bank_card(&code);
        if free && known.insert(code.clone()) {
            codes.push(code);
            attempts = 0;
        }
    }
    Ok(codes)
}

/// When coupons of a batch can be used.
struct Validity {
    event: Option<String>,
    expires_at: Option<Timestamp>,
    opens_at: Option<Timestamp>,
}

impl Validity {
    /// What the batch says, else what the kind says; a life is counted from when they open.
    fn of(draft: &Draft<'_>, kind: &CouponRules, input: &MakeBatch) -> Validity {
        let zone = draft.zone(input.store.as_ref());
        let dates = kind.dates.dates(draft.at, None, zone);
        let own = kind.dates.life.as_ref();
        let (event, opens_at, expires_at) = match input.opens_at {
            Some(opens) => (None, Some(opens), own.and_then(|life| life_end(opens, life, zone))),
            None => (dates.event, dates.opens_at, dates.expires_at),
        };
        Validity {
            event,
            expires_at: input.expires_at.or(expires_at),
            opens_at: opens_at.filter(|opens| *opens > draft.at),
        }
    }
}
